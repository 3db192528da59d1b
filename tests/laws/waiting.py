"""Random histories of orders that wait: stops, touched and trailing ones, linked orders, brackets, orders for a day.

`Waiting(seed)` is a history of the whole vocabulary in which prices move enough to reach what waits.
"""

from collections.abc import Callable

from outcry.protocol import layout, wire
from outcry.protocol.layout import Contingency, OrderFlag, OrderType, PegKind, Side, TimeInForce, TriggerReference
from tests.engine.worlds import place
from tests.laws import commands
from tests.laws.condition_model import MARKETS, STOPS, Condition, rises
from tests.laws.history import History
from tests.laws.model import Order
from tests.laws.vocabulary import STOPS_MAX, VOCABULARY, Vocabulary

TYPES = (OrderType.STOP, OrderType.STOP_LIMIT, OrderType.MARKET_IF_TOUCHED, OrderType.LIMIT_IF_TOUCHED)
REFERENCES = (0, *TriggerReference)
OCO, OTO = Contingency.ONE_CANCELS_OTHER, Contingency.ONE_TRIGGERS_OTHER


class Waiting(Vocabulary):
    """Five traders who wait."""

    @property
    def actions(self) -> dict[Callable[..., None], int]:
        return WAITING

    def open_with(self) -> None:
        """More stops than one may have waiting, and a primary whose members go on one by one."""
        trio, account, ticks = self.trio, self.traders[-1], self.ticks(1, 0)
        for _ in range(STOPS_MAX + 1):
            record = self.conditional(account, 1, order_type=OrderType.STOP, price_ticks=0, time_in_force=2, flags=0)
            record.trigger_subticks = 15 * ticks if rises(OrderType.STOP, record.side == Side.BUY) else 5 * ticks
            record.trigger_reference, record.quantity = 0, 100
            trio.send(record)
        trio.send(commands.cancel_all(account))
        trio.send(self.linked("opening", OTO, place(account, Side.BUY, 100, ticks - 9)))
        for away in (5, 6):
            trio.send(self.linked("opening", OCO, place(account, Side.SELL, 100, ticks + away)))
        trio.idle = True
        trio.send(place(self.traders[-2], Side.SELL, 100, ticks - 9))
        trio.send(commands.carry_on(1))
        trio.idle = False
        trio.send(place(account, Side.BUY, 100, ticks - 900, time_in_force=TimeInForce.DAY))
        self.midnight()

    def refresh(self) -> None:
        """Prices move, now and then far, and every index by itself."""
        chance = self.chance
        step = chance.choice((1, 1, 2, 5, 30))
        self.mark = max(9_000, min(11_000, self.mark + chance.randint(-step, step)))
        for index, source in chance.sample(((1, 1), (1, 2), (2, 3)), chance.choice((1, 3, 3))):
            self.trio.send(commands.price(index, source, self.mark * 100 + chance.randint(-9, 9)))

    def conditional(self, account: int = 0, instrument: int = 0, **more: int) -> layout.Place:
        """An order that waits near the prices of now, on either side of them."""
        chance = self.chance
        instrument = instrument or chance.choice(self.priced)
        kind = chance.choice(TYPES)
        limit = 0 if kind in MARKETS else self.ticks(instrument)
        side = chance.choice((Side.BUY, Side.SELL))
        record = place(account or self.trader(), side, self.lots(instrument, 9), limit, instrument=instrument)
        record.order_type, record.trigger_reference = kind, chance.choice(REFERENCES)
        record.time_in_force = chance.choice((1, 1, 1, 2, 3, 4)) if limit else chance.choice((1, 2))
        record.trigger_subticks = 10 * self.ticks(instrument, 0) + chance.randint(-300, 300)
        if kind in STOPS and record.trigger_reference == TriggerReference.ON_LAST and chance.random() < 0.4:
            record.flags |= OrderFlag.LAST_WITHIN_MARK
        record.flags |= chance.choice((0, 0, 0, 0, OrderFlag.REDUCE_ONLY, OrderFlag.CLOSE))
        record.flags |= chance.choice((0, 0, 0, OrderFlag.POST_ONLY)) if limit else 0
        record.display_quantity = chance.choice((-1, -1, -1, 0))
        if record.flags & OrderFlag.CLOSE and chance.random() < 0.6:
            record.quantity = 0
        if chance.random() < 0.2:
            wire.put_client_id(record.client_id, f"w{self.trio.sent}")
        for name, number in more.items():
            setattr(record, name, number)
        return record

    def stop(self) -> None:
        """One that waits; one in ten is wrong in some way."""
        record, chance = self.conditional(), self.chance
        if chance.random() < 0.1:
            wrong = chance.choice(
                (
                    {"trigger_subticks": 0},
                    {"trigger_subticks": -5},
                    {"trigger_subticks": 2**40},
                    {"trigger_reference": 4},
                    {"flags": int(OrderFlag.LAST_WITHIN_MARK), "trigger_reference": 1},
                    {"flags": int(OrderFlag.FIXED_PEG)},
                    {"peg_offset_subticks": 50},
                    {"peg_kind": 1, "peg_offset_subticks": 50},
                    {"peg_kind": 3},
                    {"contingency": 1},
                    {"contingency": 1, "order_type": 1, "trigger_subticks": 0, "trigger_reference": 0},
                    {"order_type": 1},
                    {"order_type": 2, "price_ticks": 0},
                    {"price_ticks": 77, "order_type": 3},
                    {"display_quantity": 7},
                    {"quantity": 0, "flags": 0},
                    {"flags": 64},
                )
            )
            for name, number in wrong.items():
                setattr(record, name, number)
        self.trio.send(record)

    def trail(self) -> None:
        """One that trails, mostly on the right side."""
        chance, record = self.chance, self.conditional()
        record.trigger_subticks = chance.choice((0, 0, 0, 0, 0, 500))
        record.peg_kind = PegKind.PEG_TRAILING
        away = chance.choice((100, 300, 300, 1_000, 2**40))
        rising = rises(record.order_type, record.side == Side.BUY)
        record.peg_offset_subticks = away if rising != (chance.random() < 0.1) else -away
        self.trio.send(record)

    def strayed(self) -> None:
        """Trailing ones in what has never traded, and with what is wrong beside it."""
        record = self.conditional(instrument=self.chance.choice((3, 4)))
        record.trigger_subticks, record.peg_kind = 0, PegKind.PEG_TRAILING
        record.trigger_reference = TriggerReference.ON_LAST
        record.peg_offset_subticks = 300 if rises(record.order_type, record.side == Side.BUY) else -300
        record.contingency = self.chance.choice((0, 0, 1))
        self.trio.send(record)

    def seconds(self) -> None:
        """Some seconds pass, with ticks and prices, so that what trails follows."""
        for _ in range(self.chance.choice((1, 3, 5))):
            self.trio.wait(self.chance.choice((0.4, 1, 1)))
            self.trio.send(layout.Tick())
            if self.chance.random() < 0.6:
                self.refresh()

    def gap(self) -> None:
        """All indices jump, and perhaps back, before any work is done."""
        size = self.chance.choice((0.002, 0.005, 0.02))
        self.trio.idle = self.chance.random() < 0.6
        for _ in range(self.chance.choice((1, 2, 3))):
            self.mark = max(9_000, min(11_000, int(self.mark * (1 + size * self.chance.choice((-1, 1))))))
            for index, source in ((1, 1), (1, 2), (2, 3)):
                self.trio.send(commands.price(index, source, self.mark * 100))
            if self.trio.idle and self.chance.random() < 0.5:
                self.trio.send(self.conditional())
        self.trio.idle = False
        self.trio.send(layout.Tick())

    def linked(self, name: str, contingency: int, record: layout.Place) -> layout.Place:
        record.contingency = contingency
        wire.put_client_id(record.link_id, name)
        return record

    def pair(self) -> None:
        """Two or three of which one cancels the others; some rest and some wait."""
        account, instrument, name = self.trader(), self.chance.choice(self.priced), f"p{self.trio.sent}"
        for _ in range(self.chance.choice((2, 2, 3))):
            instrument = instrument if self.chance.random() < 0.8 else self.chance.choice(self.priced)
            if self.chance.random() < 0.5:
                record = self.some(instrument, account=account, display_quantity=self.chance.choice((-1, -1, 0)))
            else:
                record = self.conditional(account, instrument)
            self.trio.send(self.linked(name, OCO if self.chance.random() < 0.95 else OTO, record))

    def bracket(self) -> None:
        """A primary, and what follows it: a profit and a stop, one of which cancels the other, or other orders."""
        chance, account, instrument = self.chance, self.trader(), self.chance.choice(self.priced)
        name = f"b{self.trio.sent}"
        side, lots = chance.choice((Side.BUY, Side.SELL)), self.lots(instrument, 9)
        primary = place(account, side, lots, self.ticks(instrument), instrument=instrument)
        if chance.random() < 0.2:
            primary = self.conditional(account, instrument)
        primary.time_in_force = chance.choice((1, 1, 1, 2, 4))
        self.trio.send(self.linked(name, OTO, primary))
        other = Side.BUY + Side.SELL - side
        for _ in range(chance.choice((1, 2, 2, 3))):
            child = self.conditional(account, instrument, side=other)
            draw = chance.random()
            if draw < 0.4:
                child = place(account, other, lots, self.ticks(instrument), instrument=instrument)
                child.flags = chance.choice((0, OrderFlag.REDUCE_ONLY, OrderFlag.POST_ONLY))
            elif draw < 0.6:
                child.trigger_subticks, child.peg_kind = 0, PegKind.PEG_TRAILING
                child.peg_offset_subticks = 300 if rises(child.order_type, other == Side.BUY) else -300
            elif draw < 0.65:
                child.order_type, child.price_ticks = OrderType.PEGGED, 0
            self.trio.send(self.linked(name, chance.choice((OCO, OCO, OTO)), child))

    def many_linked(self) -> None:
        """More linked orders than a group may have."""
        account, instrument, name = self.trader(), self.chance.choice((2, 3)), f"m{self.trio.sent}"
        for _ in range(layout.LINKED_ORDERS + 1):
            low = self.ticks(instrument) - 40
            record = place(account, Side.BUY, self.lots(instrument, 1), low, instrument=instrument)
            self.trio.send(self.linked(name, OCO, record))

    def waiter(self) -> Condition | None:
        waiting = [one for one in self.trio.model.conditions.values() if one.stage != layout.ConditionStage.STAGE_LIVE]
        return self.chance.choice(waiting) if waiting else None

    def amend_waiting(self) -> None:
        """Another trigger, offset, price, quantity or name of one that waits."""
        known, chance = self.waiter(), self.chance
        if known is None:
            return
        order, fields = known.order, dict[str, int]()
        if chance.random() < 0.6 and not known.trails:
            fields["trigger_subticks"] = known.trigger + chance.choice((0, -50, 50, 300, -300))
        if chance.random() < (0.6 if known.trails else 0.1):
            fields["peg_offset_subticks"] = known.offset + chance.choice((0, 100, -100))
        if chance.random() < 0.3:
            fields["price_ticks"] = self.ticks(order.instrument)
        draw = chance.random()
        if draw < 0.3:
            fields["quantity"] = self.lots(order.instrument, 9)
        elif draw < 0.4:
            fields["leaves_quantity"] = chance.choice((0, self.lots(order.instrument, 9)))
        name = f"v{self.trio.sent}" if chance.random() < 0.2 else ""
        self.trio.send(commands.amend(order.account, order.number, "", name, **fields))

    def cancel_waiting(self) -> None:
        known = self.waiter()
        if known is not None:
            self.trio.send(commands.cancel(known.order.account, known.order.number))

    def cross(self) -> None:
        """Somebody trades through what rests, so that last prices move."""
        chance, instrument = self.chance, self.chance.choice(self.priced)
        book: list[Order] = self.trio.model.book(instrument, chance.random() < 0.5)
        if book:
            worst = chance.choice(book)
            side = Side.SELL if worst.buys else Side.BUY
            lots = sum(order.leaves for order in book if order.leaves <= worst.leaves)
            record = place(self.trader(), side, lots, worst.ticks, instrument=instrument)
            record.self_trade = chance.choice((0, 2))
            self.trio.send(record)

    def for_a_day(self) -> None:
        """One that rests until midnight."""
        self.trio.send(self.some(time_in_force=TimeInForce.DAY))

    def midnight(self) -> None:
        """The day is over."""
        trio = self.trio
        trio.now_ns = (trio.now_ns // layout.DAY_NS + 1) * layout.DAY_NS + self.chance.choice((0, 10**9))
        trio.send(layout.Tick())
        self.refresh()


WAITING: dict[Callable[..., None], int] = {
    **{action: max(1, weight // 3) for action, weight in VOCABULARY.items()},
    Waiting.refresh: 12,
    Waiting.stop: 40,
    Waiting.trail: 15,
    Waiting.strayed: 1,
    Waiting.seconds: 8,
    Waiting.gap: 4,
    Waiting.pair: 10,
    Waiting.bracket: 10,
    Waiting.many_linked: 1,
    Waiting.amend_waiting: 14,
    Waiting.cancel_waiting: 3,
    Waiting.cross: 25,
    Waiting.for_a_day: 3,
    Waiting.midnight: 1,
    History.place: 10,
}
"""What it does, and how often."""
