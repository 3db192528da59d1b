"""What the worked figures of docs/rules/triggers.md say, played out in a real engine (ORD-14 to ORD-18, ORD-24).

Prices of the page are hundreds of dollars for ORD-14 and ORD-15, so that every one of them is a price of XBTUSD.
"""

from collections.abc import Callable
from typing import Any

from outcry.protocol import layout
from outcry.protocol.layout import DAY_NS, Contingency, EventKind, OrderType, TimeInForce, TriggerReference
from outcry.rules import triggers
from tests.engine.conditioned import ended, linked, order_id, stop, trailing, triggered, work
from tests.engine.worlds import BUY, SELL, World, of_kind, one, place, xbtusd

Figures = dict[str, Any]
STEP = 1_000
SIDES = {"buy": BUY, "sell": SELL}
TYPES = {"stop": OrderType.STOP}
OCO, OTO = Contingency.ONE_CANCELS_OTHER, Contingency.ONE_TRIGGERS_OTHER


def at(price: int) -> World:
    """A venue whose mark is at a price of the page, and three who trade."""
    world = xbtusd(price * STEP // 10)
    for number in (1, 2, 3):
        world.trader(number, 10**13)
    return world


def go(world: World, price: int) -> list[Any]:
    """The mark goes to a price of the page, and a second passes."""
    events = world.price(1, price * STEP * 10) + work(world)
    world.wait(1)
    return events + world.send(layout.Tick()) + work(world)


def fires(make: Callable[[], tuple[World, int]], price: int) -> bool:
    """Whether an order fires when the mark goes there."""
    world, number = make()
    return number in triggered(go(world, price))


def ord_14(given: Figures) -> Figures:
    side, waits = SIDES[given["side"]], triggers.is_rising(TYPES[given["type"]], SIDES[given["side"]])

    def make() -> tuple[World, int]:
        world = at(given["last"])
        record = stop(10, side, 100, given["trigger"] * STEP, trigger_reference=TriggerReference.ON_MARK)
        events = world.send(record)
        at_once.append(bool(triggered(events)))
        return world, order_id(events)

    at_once: list[bool] = []
    first = (
        next(price for price in range(1, 100) if fires(make, price if waits else 100 - price)) if not_now(make) else 0
    )
    found: Figures = {"fires_at_once": at_once[0]}
    if first:
        price = first if waits else 100 - first
        found |= {"fires_at": price, "not_at": price - 1 if waits else price + 1}
    return found


def not_now(make: Callable[[], tuple[World, int]]) -> bool:
    """Whether an order waits once it is placed."""
    world, number = make()
    return any(row.order_id == number for row in world.engine.tables.orders[1:5])


def ord_15(given: Figures) -> Figures:
    side = SIDES[given["side"]]

    def make() -> tuple[World, int]:
        world = at(given["way"][0])
        record = trailing(10, side, 100, given["offset"] * STEP, trigger_reference=TriggerReference.ON_MARK)
        number = order_id(world.send(record))
        for price in given["way"][1:]:
            assert triggered(go(world, price)) == []
        return world, number

    world, _ = make()
    trigger = world.engine.tables.conditions[1].trigger_subticks // (10 * STEP)
    near = 1 if side == SELL else -1
    assert fires(make, trigger)
    assert not fires(make, trigger + near)
    return {"trigger": trigger, "fires_at": trigger, "not_at": trigger + near}


def ord_16(given: Figures) -> Figures:
    mark = given["mark"]
    return {
        "sells_down_to": next(last for last in range(mark) if triggers.is_within_mark(last, mark, False)),
        "buys_up_to": next(last for last in range(2 * mark, 0, -1) if triggers.is_within_mark(last, mark, True)),
    }


def ord_18(given: Figures) -> Figures:
    if "pauses" in given:
        return ord_18_paused(given)
    world = at(100)
    world.send(linked(place(10, BUY, given["primary"], 99_950), "b", OTO))
    world.send(linked(place(10, SELL, given["primary"], 100_100), "b", OCO))
    world.send(linked(stop(10, SELL, given["primary"], 99_900, trigger_reference=1), "b", OCO))
    released = []
    for quantity in given["fills"]:
        world.place(8, SELL, quantity, 99_950)
        released.append(len(of_kind(work(world), EventKind.TRIGGERED)))
    reason = ended(world.place(9, BUY, 100, 100_100))[0][1]
    return {"released_after": released, "ended_when_profit_trades": reason}


def ord_18_paused(given: Figures) -> Figures:
    world = at(100)
    world.send(linked(place(10, BUY, given["primary"], 99_950), "b", OTO))
    world.send(linked(place(10, SELL, given["primary"], 100_100), "b", OCO))
    world.place(8, SELL, given["primary"], 99_950)
    world.send(layout.SetInstrumentState(instrument=1, state=layout.InstrumentState.INSTRUMENT_PAUSED))
    paused = one(work(world), EventKind.TRIGGERED)
    world.send(layout.SetInstrumentState(instrument=1, state=layout.InstrumentState.INSTRUMENT_OPEN))
    work(world)
    best = world.engine.tables.instruments[1].best_ask_ticks
    return {"while_paused": layout.ConditionStage(paused.stage).name, "rests_at_once_when_opened": best // 10}


def ord_24(given: Figures) -> Figures:
    world = at(100)
    midnight = (world.now_ns // DAY_NS + 1) * DAY_NS
    numbers, over = [], list[int]()
    for seconds in given["seconds_before_midnight"]:
        world.now_ns = midnight - seconds * 10**9
        events = world.place(10, BUY, 100, 99_000, time_in_force=TimeInForce.DAY)
        numbers.append(one(events, EventKind.PLACED).order_id)
        over += [number for number, _ in ended(work(world))]
    return {"ended": [number in over for number in numbers]}


TRIGGERED: dict[str, Callable[[Figures], Figures]] = {
    "ORD-14": ord_14,
    "ORD-15": ord_15,
    "ORD-16": ord_16,
    "ORD-18": ord_18,
    "ORD-24": ord_24,
}
