"""A venue with contracts that end: an index that ticks minute by minute, a future, and words for what becomes of it."""

from outcry.engine.engine import Engine
from outcry.protocol import layout, wire
from outcry.protocol.layout import (
    EventKind,
    InstrumentType,
    MarkMethod,
    Role,
    TaskKind,
)
from outcry.protocol.records import UNIT_EVENTS
from outcry.simulation.auditor import Auditor
from outcry.simulation.auditor_compared import compare
from tests.engine.plain import plain_engine
from tests.engine.worlds import BUY, SELL, World, of_kind
from tests.laws import invariants

MINUTE_NS = layout.MINUTE_NS
XBT = 10**8
MARK = 100_000
"""Ticks of 0.1 at 10,000 dollars."""
FUTURE = {
    "instrument_type": InstrumentType.FUTURE,
    "mark_method": MarkMethod.MARK_IMPACT,
    "funding_rate_ppb": 0,
    "funding_interval_ns": 0,
    "funding_offset_ns": 0,
}
OPTION = {
    "valuation": layout.Valuation.LINEAR,
    "mark_method": MarkMethod.MARK_LAST,
    "funding_rate_ppb": 0,
    "funding_interval_ns": 0,
    "funding_offset_ns": 0,
    "price_decimals": 4,
    "tick_units": 5,
    "subticks_per_tick": 50,
    "lot": 1,
    "multiplier_minor": XBT,
}


class Ending(World):
    """XBT margined contracts on `.BXBT`, which is 10,000.00 dollars; `FUTURE` ends in an hour."""

    def __init__(self, engine: Engine | None = None, minutes: int = 60, **terms: int) -> None:
        super().__init__(engine)
        self.currency("XBt", 8)
        self.index(".BXBT")
        self.now_ns = self.now_ns // MINUTE_NS * MINUTE_NS + MINUTE_NS
        self.begun_ns = self.now_ns
        self.expiry_ns = self.now_ns + minutes * MINUTE_NS
        self.price(1, 1_000_000)
        self.future = self.instrument("XBTZ23", **{**FUTURE, "expiry_ns": self.expiry_ns, **terms})

    def minutes(self, count: int, *prices: int) -> list[wire.Event]:
        """So many minutes pass; in each the index has a price just before the tick, the last one again and again."""
        said: list[wire.Event] = []
        for at in range(count):
            self.now_ns = self.now_ns // MINUTE_NS * MINUTE_NS + MINUTE_NS - 1
            price = prices[min(at, len(prices) - 1)] if prices else 1_000_000
            said += self.price(1, price)
            self.now_ns += 1
            said += self.send(layout.Tick())
        return said

    def until_expiry(self, *prices: int) -> list[wire.Event]:
        """The minutes that are left; the last prices given are those of the last minutes."""
        left = (self.expiry_ns - self.now_ns) // MINUTE_NS
        first = [1_000_000] * (left - len(prices)) if prices else []
        return self.minutes(left, *first, *prices)

    def trade(self, buyer: int, seller: int, quantity: int, price: int = MARK, instrument: int = 1) -> None:
        """So many contracts from the one to the other."""
        self.place(seller, SELL, quantity, price, instrument=instrument)
        events = self.place(buyer, BUY, quantity, price, instrument=instrument)
        assert sum(fill.quantity for fill in of_kind(events, EventKind.FILL)) == quantity

    def work(self, units: int = layout.WORK_UNITS_MAX, most: int = 100_000) -> list[wire.Event]:
        """All work of the engine's own, in Continues of so many units; every state on the way is sound."""
        said: list[wire.Event] = []
        while self.engine.work_waiting and most:
            said += self.carry_on(units)
            invariants.check(self.engine.tables)
            most -= 1
        assert not self.engine.work_waiting
        return said

    def unit_by_unit(self) -> list[wire.Event]:
        """The same, one unit a Continue; no unit of a settlement says more than it may."""
        said: list[wire.Event] = []
        while self.engine.work_waiting:
            venue = self.engine.tables.venue
            task = self.engine.tables.tasks[1 + venue.tasks_done % layout.TASKS].kind
            events = self.carry_on(1)
            invariants.check(self.engine.tables)
            if task == TaskKind.TASK_SETTLEMENT:
                told = [EventKind(one.head.kind).name for one in events if one.head.kind != EventKind.CONTINUED]
                most = UNIT_EVENTS["TASK_SETTLEMENT"]
                assert all(told.count(name) <= most.get(name, 0) for name in told), told
            said += events
        return said

    def row(self, number: int = 1) -> layout.InstrumentRow:
        """An instrument."""
        return self.engine.tables.instruments[number]

    def money(self, currency: int = 1) -> int:
        """Everybody's money, the fund's and the fees' too, with no position open."""
        tables = self.engine.tables
        pots = (Role.OUTSIDE, Role.UNREALISED, Role.IN_FLIGHT, Role.EPOCHS)
        rows = [tables.wallets[at] for at in range(1, tables.pools[layout.TableNumber.WALLETS_TABLE].high + 1)]
        return sum(row.balance_minor for row in rows if row.currency == currency and row.account not in pots)

    def declare(self, number: int, price_subticks: int) -> list[wire.Event]:
        """The operator's settlement price."""
        return self.send(layout.DeclareSettlement(instrument=number, price_subticks=price_subticks))

    def set_expiry(self, number: int, expiry_ns: int) -> list[wire.Event]:
        """When it ends."""
        return self.send(layout.SetExpiry(instrument=number, expiry_ns=expiry_ns))


def heard_again(world: World) -> None:
    """The journal once more, in the uncompiled engine: the same events and roots, and the auditor hears them all."""
    twin, compiled, auditor = plain_engine(), Engine(), Auditor()
    for entry in world.journal:
        events = compiled.apply(entry)
        assert twin.apply(entry) == events
        auditor.hear(entry, events)
    assert twin.roots() == compiled.roots() == world.engine.roots()
    compare(auditor.books, compiled.tables)
