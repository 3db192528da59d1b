"""Random histories: the compiled engine, the uncompiled one and the plain model agree after every command.

Three contracts (inverse, linear, quanto), five traders, every flag.  After each command: the fills, positions, wallets
and fees of the model; the same bytes of events in both modes; all invariants of `invariants.check`; at the end the same
root, and the root of a snapshot restored.  The counts at the end keep the histories from becoming vacuous.
"""

import ctypes
import random
from collections import Counter

import pytest

from outcry.engine import reading
from outcry.engine.engine import Engine
from outcry.protocol import layout, wire
from outcry.protocol.layout import EndReason, EventKind
from tests.engine.plain import plain_engine
from tests.engine.worlds import BUY, SELL, World, of_kind, one, place
from tests.laws import invariants
from tests.laws.contracts import list_contracts, terms_of_contracts
from tests.laws.model import Model, Order

HISTORIES = 12
COMMANDS = 200
FORCES = {"gtc": 1, "ioc": 2, "fok": 3}
MARK = 10_000


class Pair:
    """Two engines fed with the same bytes, and the model."""

    def __init__(self, seed: int, plain: Engine | None = None) -> None:
        self.chance = random.Random(seed)
        self.world = World()
        self.plain = plain or plain_engine()
        self.counts: Counter[str] = Counter()
        list_contracts(self.world, 2**52)
        self.world.price(1, MARK * 100)
        self.traders = [self.world.trader(n, 10**15) for n in range(1, 6)]
        self.model = Model(
            terms=terms_of_contracts(),
            marks=dict.fromkeys((1, 2, 3), MARK * 100),
        )
        self.model.wallets = dict.fromkeys(self.traders, 10**15)
        self.known: list[tuple[int, int]] = []
        self.replay()

    def replay(self) -> bytes:
        """Hand the uncompiled engine what it has not seen yet; its events."""
        body = b"".join(self.world.journal)
        self.world.journal.clear()
        return self.plain.apply(body)

    def send(self, record: ctypes.LittleEndianStructure) -> list[wire.Event]:
        events = self.world.send(record)
        own = b"".join(bytes(event.head) + bytes(event.record) for event in events)
        assert self.replay().endswith(own)
        self.counts.update(EndReason(record.reason).name for record in of_kind(events, EventKind.ENDED))
        return events

    def step(self) -> None:
        """One random command, to engines and model; now and then the compiled one goes on from a snapshot."""
        if self.chance.random() < 0.03:
            self.world.restart()
        choice = self.chance.random()
        if choice < 0.72 or not self.known:
            self.place()
        elif choice < 0.86:
            self.amend()
        elif choice < 0.99:
            self.cancel()
        else:
            self.fall_silent()
        self.compare()

    def place(self) -> None:
        chance = self.chance
        account, instrument = chance.choice(self.traders), chance.choice((1, 2, 3))
        buys, force = chance.random() < 0.5, chance.choices(list(FORCES), (8, 1, 1))[0]
        market = chance.random() < 0.1
        lot = self.model.terms[instrument].lot
        quantity = lot * chance.randint(1, 20)
        ticks = 0 if market else MARK * 10 + chance.randint(-12, 12)
        flags = chance.choices(["", "post_only", "reduce_only", "close"], (7, 1, 2, 1))[0]
        record = place(
            account,
            BUY if buys else SELL,
            quantity,
            ticks,
            instrument=instrument,
            time_in_force=FORCES[force],
            **({flags: True} if flags else {}),
        )
        force = "ioc" if market and force == "gtc" else force
        events = self.send(record)
        reduces = flags in ("reduce_only", "close")
        placed = of_kind(events, EventKind.PLACED)
        number = placed[0].order_id if placed else 0
        order = Order(
            number,
            account,
            instrument,
            buys,
            quantity,
            quantity,
            ticks,
            flags == "post_only",
            reduces,
            flags == "close",
        )
        if market:
            order.ticks = self.model.edge(instrument, buys)
        if reduces and not self.model.reducible(order):
            assert one(events, EventKind.REFUSED).code == layout.Code.REDUCE_ONLY_NO_POSITION
            self.counts["refused"] += 1
            return
        self.counts[self.model.place(order, force)] += 1
        assert placed, wire.event_name(events[0].head.kind) + str(events[0].record.code)
        self.known.append((number, account))

    def amend(self) -> None:
        number, account = self.chance.choice(self.known)
        order = self.model.find(number)
        if order is None:
            record = layout.Amend()
            record.account, record.order_id, record.quantity, record.leaves_quantity = account, number, 100, -1
            self.refused_as_ended(self.send(record))
            return
        lot = self.model.terms[order.instrument].lot
        quantity = self.chance.choice((order.quantity, lot * self.chance.randint(1, 20)))
        ticks = self.chance.choice((order.ticks, MARK * 10 + self.chance.randint(-12, 12)))
        record = layout.Amend()
        record.account, record.order_id, record.leaves_quantity = account, number, -1
        record.quantity, record.price_ticks = quantity, ticks
        events = self.send(record)
        if (quantity, ticks) == (order.quantity, order.ticks):
            assert one(events, EventKind.REFUSED).code == layout.Code.AMEND_UNCHANGED
            return
        self.counts["amend " + self.model.amend(number, quantity, ticks)] += 1

    def cancel(self) -> None:
        number, account = self.chance.choice(self.known)
        record = layout.Cancel()
        record.account, record.order_id = account, number
        events = self.send(record)
        if self.model.cancel(number):
            assert one(events, EventKind.ENDED).reason == EndReason.ENDED_CANCELED
            self.counts["cancelled"] += 1
        else:
            self.refused_as_ended(events)

    def fall_silent(self) -> None:
        """One account's dead-man switch goes off."""
        account = self.chance.choice(self.traders)
        record = layout.CancelAllAfter()
        record.account, record.timeout_ns = account, 10**9
        self.send(record)
        self.world.wait(1)
        self.send(layout.Tick())
        ended = of_kind(self.send(layout.Continue(units_max=layout.WORK_UNITS_MAX)), EventKind.ENDED)
        own = [o.number for book in self.model.books.values() for o in book if o.account == account]
        assert [record.order_id for record in ended] == sorted(own, reverse=True)
        for number in own:
            self.model.cancel(number)

    def refused_as_ended(self, events: list[wire.Event]) -> None:
        assert one(events, EventKind.REFUSED).code == layout.Code.ORDER_ENDED
        self.counts["refused"] += 1

    def compare(self) -> None:
        """Books, positions, wallets, fees; then the invariants."""
        tables = self.world.engine.tables
        invariants.check(tables)
        for instrument in (1, 2, 3):
            for buys, side in ((True, BUY), (False, SELL)):
                ours = [(o.number, o.leaves, o.ticks) for o in self.model.book(instrument, buys)]
                rows = [tables.orders[slot] for slot in reading.queue(tables, instrument, side)]
                assert [(row.order_id, row.leaves_quantity, row.price_ticks) for row in rows] == ours
        for (account, instrument), position in self.model.positions.items():
            row = self.world.position(account, instrument)
            assert (row.quantity, row.cost_minor, row.lifetime_cost_minor) == (
                position.quantity,
                position.cost,
                position.lifetime,
            )
        for account, amount in self.model.wallets.items():
            assert self.world.balance(account) == amount
        assert self.world.balance(layout.Role.FEES) == self.model.fees


@pytest.mark.parametrize("seed", range(HISTORIES))
def test_both_modes_and_the_model_agree(seed: int) -> None:
    pair = Pair(seed)
    for _ in range(COMMANDS):
        pair.step()
    assert pair.world.engine.roots() == pair.plain.roots()
    assert Engine.restore(pair.world.engine.snapshot()).roots() == pair.world.engine.roots()
    assert len(pair.model.fills) > COMMANDS // 10
    assert pair.counts["refused"]
    assert pair.counts["cancelled"]


def test_the_histories_reach_every_outcome() -> None:
    """Over all seeds, with a second compiled engine for the uncompiled one, every way an order can end is reached."""
    counts: Counter[str] = Counter()
    for seed in range(HISTORIES):
        pair = Pair(seed, Engine())
        for _ in range(COMMANDS):
            pair.step()
        counts += pair.counts
    unreached = {EndReason.ENDED_BY_VENUE}
    for reason in set(EndReason) - unreached:
        assert counts[reason.name], reason.name
    for outcome in ("amend keeps", "amend rests", "amend filled", "amend nothing left", "amend post only"):
        assert counts[outcome], outcome


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1_000, 1_200))
def test_two_hundred_long_histories(seed: int) -> None:
    pair = Pair(seed)
    for _ in range(500):
        pair.step()
    assert pair.world.engine.roots() == pair.plain.roots()
