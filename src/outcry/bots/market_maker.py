"""The market maker's strategy: a pure, seeded core, `MarketMaker.decide(observation) -> actions`.

It keeps a ladder of orders on both sides of a centre, which is the mark moved against the position held.  An order
that stands within half a step of a rung is left alone, however it came there; so a centre that drifts by one step
costs one amendment a side, and a mark that moves less than the tolerance costs nothing.  What is out of place is
amended rather than cancelled and placed again.  In order: cancels, then the side the market moves away from,
then the other; never an action that would cross an order of its own.  No I/O, no clock, integers only.

Known limit: it quotes by the mark alone and does not look at other people's orders; post-only keeps it from taking.
"""

import random
from dataclasses import dataclass, replace

from outcry.bots.market import BUY, MILLI, SELL, Action, Amend, Cancel, Place, Resting, Terms

PPM = 10**6


@dataclass(frozen=True, slots=True)
class MakerSettings:
    """How a maker quotes; distances are shares of the mark, sizes are values in settlement minor units."""

    levels: int = 10
    half_spread_ppm: int = 60
    step_ppm: int = 100
    level_value_minor: int = 25_000_000_000
    position_value_max_minor: int = 500_000_000_000
    skew_ppm: int = 200
    """How far the centre moves when the position is at its maximum."""
    actions_max: int = 12
    """At most so many actions a pass; the most urgent come first and the rest wait for the next pass."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What the maker sees: the mark in thousandths of a tick, its position and orders, and the value of a lot."""

    mark_milliticks: int
    lot_value_minor: int
    position: int
    orders: tuple[Resting, ...]


@dataclass(frozen=True, slots=True)
class _Rung:
    ticks: int
    tolerance: int


class MarketMaker:
    """Quotes one instrument.  The seed decides the sizes, so that books of several makers do not look alike."""

    def __init__(self, terms: Terms, settings: MakerSettings, seed: int) -> None:
        self.terms = terms
        self._settings = settings
        self._random = random.Random(seed)

    def decide(self, observation: Observation) -> tuple[Action, ...]:
        """The next actions; an empty tuple when everything stands where it should."""
        if observation.mark_milliticks <= 0:
            return ()
        room = self._room_lots(observation)
        wanted = {side: self._rungs(observation, side) if room[side] > 0 else [] for side in (BUY, SELL)}
        cancels: list[Action] = []
        moves: dict[str, list[Action]] = {BUY: [], SELL: []}
        for side in (BUY, SELL):
            own = [order for order in observation.orders if order.side == side]
            free_orders, free_rungs = _match(own, wanted[side])
            surplus = free_orders[len(free_rungs) :]
            cancels.extend(Cancel(order.order_id) for order in surplus)
            moves[side] = self._fill_rungs(side, free_orders, free_rungs, observation, room[side])
            moves[side].extend(self._top_ups(own, {order.order_id for order in free_orders}, observation, room[side]))
        first, second = (SELL, BUY) if self._is_rising(observation, wanted) else (BUY, SELL)
        actions = [*cancels, *moves[first], *moves[second]]
        return tuple(_without_own_crossing(actions, observation.orders))[: self._settings.actions_max]

    def _room_lots(self, observation: Observation) -> dict[str, int]:
        """How many more lots each side may take on before the position is at its maximum."""
        most = max(1, self._settings.position_value_max_minor // observation.lot_value_minor)
        held = observation.position // self.terms.lot
        return {BUY: most - held, SELL: most + held}

    def _rungs(self, observation: Observation, side: str) -> list[_Rung]:
        """The ladder of one side, nearest first, on different ticks and never below one."""
        mark, settings = observation.mark_milliticks, self._settings
        most = max(1, settings.position_value_max_minor // observation.lot_value_minor) * self.terms.lot
        skew = mark * settings.skew_ppm * observation.position // (most * PPM)
        centre = mark - skew
        step = max(MILLI, mark * settings.step_ppm // PPM)
        rungs: list[_Rung] = []
        for level in range(settings.levels):
            distance = max(1, mark * settings.half_spread_ppm // PPM) + level * step
            ticks = (centre - distance) // MILLI if side == BUY else -((-centre - distance) // MILLI)
            if ticks >= 1:
                rungs.append(_Rung(ticks, step // (2 * MILLI)))
        return rungs

    def _is_rising(self, observation: Observation, wanted: dict[str, list[_Rung]]) -> bool:
        """Whether the ladder has to move up, judged by the nearest orders; then the sells must make way first."""
        own = [order.ticks for order in observation.orders if order.side == SELL]
        return bool(own and wanted[SELL]) and min(own) < wanted[SELL][0].ticks

    def _fill_rungs(
        self, side: str, orders: list[Resting], rungs: list[_Rung], observation: Observation, room_lots: int
    ) -> list[Action]:
        """Amend what is out of place onto empty rungs, then place what is missing."""
        actions: list[Action] = []
        for place, rung in enumerate(rungs):
            lots = self._lots(observation, room_lots)
            if place < len(orders):
                order = orders[place]
                quantity = (
                    order.filled + lots * self.terms.lot if self._is_small(order, observation, room_lots) else None
                )
                actions.append(Amend(order.order_id, side, rung.ticks, quantity))
            else:
                actions.append(Place(side, rung.ticks, lots * self.terms.lot))
        return actions

    def _top_ups(self, own: list[Resting], moved: set[str], observation: Observation, room_lots: int) -> list[Action]:
        """Bring orders that have been eaten into back to size where they stand."""
        return [
            Amend(order.order_id, order.side, None, order.filled + self._lots(observation, room_lots) * self.terms.lot)
            for order in own
            if order.order_id not in moved and self._is_small(order, observation, room_lots)
        ]

    def _level_lots(self, observation: Observation) -> int:
        return max(1, self._settings.level_value_minor // observation.lot_value_minor)

    def _is_small(self, order: Resting, observation: Observation, room_lots: int) -> bool:
        """Whether less than a quarter of what there could be is left: near its limit a position leaves little room."""
        return order.leaves * 4 < min(self._level_lots(observation), max(1, room_lots)) * self.terms.lot

    def _lots(self, observation: Observation, room_lots: int) -> int:
        """A size between half and one and a half times the level's, within the room and the instrument's maximum."""
        level = self._level_lots(observation)
        lots = level // 2 + self._random.randrange(level + 1)
        return max(1, min(lots, room_lots, self.terms.lots_max))


def _match(orders: list[Resting], rungs: list[_Rung]) -> tuple[list[Resting], list[_Rung]]:
    """What is left of both after every rung has taken the nearest order within its tolerance; orders to move first.

    Orders are left in the order in which they should be used: those nearest to the market stand most in the way.
    """
    left = list(orders)
    empty: list[_Rung] = []
    for rung in rungs:
        near = [order for order in left if abs(order.ticks - rung.ticks) <= rung.tolerance]
        if near:
            left.remove(min(near, key=lambda order: (abs(order.ticks - rung.ticks), order.order_id)))
        else:
            empty.append(rung)
    left.sort(key=lambda order: (-order.ticks if order.side == BUY else order.ticks, order.order_id))
    return left, empty


def _without_own_crossing(actions: list[Action], orders: tuple[Resting, ...]) -> list[Action]:
    """The actions that cross no own order, given those before them; the others wait for the next pass."""
    standing = {order.order_id: order for order in orders}
    safe: list[Action] = []
    for action in actions:
        if isinstance(action, Cancel):
            standing.pop(action.order_id, None)
        elif action.ticks is not None:
            if _crosses(action.side, action.ticks, standing):
                continue
            if isinstance(action, Amend):
                standing[action.order_id] = replace(standing[action.order_id], ticks=action.ticks)
            else:
                # Its real id comes later; any name that no order has will do here.
                standing[f"new {len(safe)}"] = Resting("", action.side, action.ticks, action.quantity, 0)
        safe.append(action)
    return safe


def _crosses(side: str, ticks: int, standing: dict[str, Resting]) -> bool:
    others = [order.ticks for order in standing.values() if order.side != side]
    if not others:
        return False
    return ticks >= min(others) if side == BUY else ticks <= max(others)
