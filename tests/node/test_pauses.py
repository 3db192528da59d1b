"""What a real engine does when its clock jumps: nothing at old prices, nothing twice, and everything is listed."""

from pathlib import Path

import pytest

from outcry.engine.reading import orders_of, used
from outcry.node.settings import CoreSettings
from outcry.protocol import layout, wire
from outcry.protocol.layout import Code, CommandKind, EventKind, TableNumber
from tests.app import recorded
from tests.app.recorded import Recorder

SECOND_NS = 10**9
HOUR_NS = 3_600 * SECOND_NS
SILENT = {
    *(EventKind.FUNDING_FIXED, EventKind.FUNDED, EventKind.LIQUIDATION_STEP, EventKind.TAKEN_OVER),
    *(EventKind.DELEVERAGED, EventKind.FILL),
}
"""What nobody may suffer at prices as old as a pause."""


class Paused:
    """A venue in the middle of a crisis whose clock is ours, and what it has said since."""

    def __init__(self, folder: Path) -> None:
        steps = recorded.played()
        self.recorder = Recorder(folder, steps[0][0] - 1, 64, recorded.SMALL, 1)
        # As a node is set: five seconds are a pause, which the crisis before was not asked about.
        for time_ns, command in steps[:200]:
            self.recorder.hand_in(command, time_ns)
            self.recorder.synced(time_ns)
        self.recorder.core._settings = CoreSettings()
        self.core, self.engine = self.recorder.core, self.recorder.engine
        self.now_ns = self.engine.time_ns
        self._apply = self.engine.apply
        self.said: list[tuple[CommandKind, wire.Event]] = []
        self.engine.apply = self.watched  # type: ignore[method-assign]  # to hear what the writer's engine says

    def watched(self, body: bytes | memoryview) -> bytes:
        events = self._apply(body)
        kind = CommandKind(next(wire.entries_of(body)).head.kind)
        self.said += [(kind, event) for event in wire.events_of(events)]
        return events

    def wait(self, nanoseconds: int) -> list[tuple[CommandKind, wire.Event]]:
        """Let the clock move, forward or back, and the node look at it; what it said."""
        self.said = []
        self.now_ns += nanoseconds
        self.recorder._step([], self.now_ns)
        self.recorder.synced(self.now_ns)
        return self.said

    def send(self, record: object) -> list[tuple[CommandKind, wire.Event]]:
        """One command now; what was said with it."""
        self.said = []
        self.recorder.hand_in(record, self.now_ns)  # type: ignore[arg-type]  # any record
        self.recorder.synced(self.now_ns)
        return self.said

    def place(self) -> Code:
        """Whether an order far from the market is taken."""
        owner = next(at for at in used(self.engine.tables, TableNumber.ACCOUNTS_TABLE) if at >= layout.ROLES)
        record = layout.Place(account=owner, instrument=1, side=layout.Side.BUY, quantity=10**9, price_ticks=1)
        told = [event for _, event in self.send(record) if event.head.kind == EventKind.REFUSED]
        return Code(told[-1].record.code) if told else Code.OK

    def prices(self) -> list[tuple[CommandKind, wire.Event]]:
        """Every source says again what it said last."""
        told = []
        rows = self.engine.tables.constituents
        for slot in used(self.engine.tables, TableNumber.CONSTITUENTS_TABLE):
            if rows[slot].price_units:
                told += self.send(
                    layout.ConstituentPrice(
                        index=rows[slot].index, constituent=slot, price_units=rows[slot].price_units
                    )
                )
        return told


@pytest.fixture
def paused(tmp_path: Path) -> Paused:
    venue = Paused(tmp_path / "journal")
    venue.prices()
    assert venue.engine.tables.venue.cancel_only == 0
    return venue


def kinds(told: list[tuple[CommandKind, wire.Event]]) -> set[int]:
    return {event.head.kind for _, event in told}


def test_a_long_pause_lists_what_it_missed_and_does_nothing_at_old_prices(paused: Paused) -> None:
    tables = paused.engine.tables
    resting = {at: list(orders_of(tables, at)) for at in used(tables, TableNumber.ACCOUNTS_TABLE) if at >= layout.ROLES}
    stamped = {
        at: tables.instruments[at].funding_interval_ns
        for at in used(tables, TableNumber.INSTRUMENTS_TABLE)
        if tables.instruments[at].next_funding_ns
    }
    told = paused.wait(17 * HOUR_NS)
    assert next(kind for kind, _ in told) == CommandKind.RESUME
    skipped = [event.record for _, event in told if event.head.kind == EventKind.FUNDING_SKIPPED]
    assert {record.instrument for record in skipped} == set(stamped)
    assert all(record.stamps >= 17 * HOUR_NS // stamped[record.instrument] for record in skipped)
    for _ in range(5):
        told += paused.wait(SECOND_NS)
    assert paused.place() == Code.VENUE_CANCEL_ONLY
    assert not SILENT & kinds(told)
    # Dead-man switches that ran out are cancels; nobody else loses an order.
    assert EventKind.ENDED not in {event.head.kind for kind, event in told if kind == CommandKind.RESUME}
    survivors = [at for at, orders in resting.items() if orders and list(orders_of(tables, at)) == orders]
    assert survivors
    owner = survivors[0]
    told = paused.send(layout.CancelAll(account=owner))
    assert [event.head.kind for _, event in told].count(EventKind.ENDED) == len(resting[owner])
    assert tables.venue.cancel_only == 1
    paused.prices()
    assert tables.venue.cancel_only == 0
    assert paused.place() != Code.VENUE_CANCEL_ONLY


def test_a_jump_forward_while_running_is_a_pause_and_several_are_several(paused: Paused) -> None:
    assert EventKind.RESUMED not in kinds(paused.wait(5 * SECOND_NS))
    for _ in range(3):
        told = paused.wait(5 * SECOND_NS + 1)
        assert [kind for kind, event in told if event.head.kind == EventKind.RESUMED] == [CommandKind.RESUME]
        assert paused.place() == Code.VENUE_CANCEL_ONLY
    told = paused.prices()
    assert [event.record.cancel_only for _, event in told if event.head.kind == EventKind.RESUMED] == [0]
    assert paused.place() != Code.VENUE_CANCEL_ONLY


def test_half_of_the_prices_open_nothing_and_a_pause_meanwhile_begins_anew(paused: Paused) -> None:
    paused.wait(10 * SECOND_NS)
    rows = paused.engine.tables.constituents
    first = layout.ConstituentPrice(index=1, constituent=1, price_units=rows[1].price_units)
    paused.send(first)
    assert paused.place() == Code.VENUE_CANCEL_ONLY
    paused.wait(10 * SECOND_NS)
    for slot in used(paused.engine.tables, TableNumber.CONSTITUENTS_TABLE):
        if rows[slot].index == 2 and rows[slot].price_units:
            paused.send(layout.ConstituentPrice(index=2, constituent=slot, price_units=rows[slot].price_units))
    # The first index was fresh before the second pause only.
    assert paused.place() == Code.VENUE_CANCEL_ONLY
    paused.prices()
    assert paused.place() != Code.VENUE_CANCEL_ONLY


def test_a_clock_that_goes_back_stands_still_until_it_is_there_again(paused: Paused) -> None:
    before_ns = paused.engine.time_ns
    assert not kinds(paused.wait(-HOUR_NS)) - {EventKind.CONTINUED}
    assert paused.place() != Code.VENUE_CANCEL_ONLY
    assert paused.engine.time_ns == before_ns
    told = paused.wait(HOUR_NS + SECOND_NS)
    assert EventKind.RESUMED not in kinds(told)
    assert paused.engine.time_ns == before_ns + SECOND_NS
