"""The compiled engine and the uncompiled one, handed the same entries and looked at after each, without a plain model.

`send` journals one command as a node would (after the tick it needs, and after a `Continue` while work waits) and
asserts: the same bytes of events in both modes, every numbered invariant, what the auditor hears, and that what is
settled adds up.  `finish` compares roots, snapshots and the auditor's books.
Known limit: whether a command is refused, and how an order is margined or matched, is the word of the engine, of the
invariants and of the auditor here; the trio's plain model does not know contracts that end (trio.py).
"""

import ctypes
from collections import Counter
from collections.abc import Callable
from enum import IntEnum

from outcry.engine.engine import Engine
from outcry.protocol import layout, wire
from outcry.protocol.layout import (
    BondStage,
    Code,
    DocketStage,
    EndReason,
    EventKind,
    InstrumentState,
    InstrumentType,
    MarginMethod,
    MarkMethod,
    Role,
    SettlementKind,
    SettlementPhase,
    StateCause,
    TaskKind,
)
from outcry.protocol.records import UNIT_EVENTS
from outcry.simulation.auditor import Auditor
from outcry.simulation.auditor_compared import compare
from tests.engine.plain import plain_engine
from tests.engine.worlds import START_NS, number_words
from tests.laws import commands, invariants

NAMED: dict[EventKind, dict[str, type[IntEnum]]] = {
    EventKind.SETTLEMENT_FIXED: {"kind": SettlementKind},
    EventKind.DOCKET_CHANGED: {"stage": DocketStage},
    EventKind.BOND_CHANGED: {"stage": BondStage},
    EventKind.MARK_MOVED: {"method": MarkMethod},
    EventKind.INSTRUMENT_STATE_SET: {"state": InstrumentState, "cause": StateCause},
    EventKind.ENDED: {"reason": EndReason},
    EventKind.REFUSED: {"code": Code},
}
"""Events whose members of enumerations are counted by their names."""


class Books:
    """What has been settled of an instrument, and at what."""

    def __init__(self, fixed: layout.SettlementFixed) -> None:
        self.kind, self.lot_minor = SettlementKind(fixed.kind), int(fixed.lot_minor)
        self.positions = self.quantity = self.value = 0


class Pair:
    """Two venues that must not differ."""

    def __init__(self, twin: Engine | None = None) -> None:
        self.engine = Engine()
        self.twin = twin or plain_engine()
        self.auditor = Auditor()
        self.now_ns = START_NS
        self.sent = 0
        self.counts: Counter[str] = Counter()
        self.journal: list[tuple[int, ctypes.LittleEndianStructure]] = []
        """Times and commands, as they were handed in."""
        self.restarted = False
        self.idle = False
        """Whether the engine's own work is left waiting, as no node would."""
        self.units: Callable[[], int] = lambda: layout.WORK_UNITS_MAX
        self.settling: dict[int, Books] = {}
        """By instrument, from its settlement price to its end."""

    def restart(self) -> None:
        """The compiled engine goes on from a snapshot; the other one does not notice."""
        self.engine = Engine.restore(self.engine.snapshot())
        self.restarted = True

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now_ns += int(seconds * 10**9)

    def row(self, number: int) -> layout.InstrumentRow:
        """An instrument."""
        return self.engine.tables.instruments[number]

    def send(self, record: ctypes.LittleEndianStructure) -> list[wire.Event]:
        """One command at the present time."""
        own_entry = isinstance(record, (layout.Tick, layout.Continue, layout.Resume))
        if 0 < self.engine.next_due_ns <= self.now_ns and not isinstance(record, (layout.Tick, layout.Resume)):
            self.send(layout.Tick())
        if self.engine.work_waiting and not self.idle and not own_entry:
            self.send(commands.carry_on(self.units()))
        self.sent += 1
        entry = wire.encode_entry(
            record,
            sequence=self.engine.sequence + 1,
            time_ns=self.now_ns,
            origin=1,
            origin_sequence=self.sent,
            salt=number_words(self.sent, 16),
        )
        self.journal.append((self.now_ns, record))
        task, phase = self.task(), self.engine.tables.venue.settlement_phase
        self.counts[SettlementPhase(phase).name] += isinstance(record, layout.Continue)
        own = self.engine.apply(entry)
        assert self.twin.apply(entry) == own, "the modes differ"
        self.auditor.hear(entry, own)
        events = list(wire.events_of(own))
        invariants.check(self.engine.tables)
        assert not self.engine.tables.venue.halted
        if task == TaskKind.TASK_SETTLEMENT and isinstance(record, layout.Continue) and record.units_max == 1:
            self.a_unit(events)
        for event in events:
            self.count(event)
            self.settle(event)
        return events

    def task(self) -> int:
        """The kind of the engine's own work whose turn it is, 0 for none."""
        venue = self.engine.tables.venue
        if venue.tasks_done == venue.tasks_made:
            return 0
        return int(self.engine.tables.tasks[1 + venue.tasks_done % layout.TASKS].kind)

    def a_unit(self, events: list[wire.Event]) -> None:
        """A unit of a settlement says no more than there is always room for (CMD-10)."""
        told = Counter(EventKind(one.head.kind).name for one in events if one.head.kind != EventKind.CONTINUED)
        most = UNIT_EVENTS["TASK_SETTLEMENT"]
        assert all(number <= most.get(name, 0) for name, number in told.items()), told
        self.counts["units of settlements"] += 1

    def count(self, event: wire.Event) -> None:
        """What has been met."""
        kind, record = EventKind(event.head.kind), event.record
        self.counts[f"event {kind.name}"] += 1
        for name, of in NAMED.get(kind, {}).items():
            if getattr(record, name):
                self.counts[of(getattr(record, name)).name] += 1
        if kind == EventKind.PLACED:
            self.counts["orders"] += 1
        elif kind == EventKind.FILL:
            row = self.row(record.instrument)
            self.counts["fills"] += 1
            self.counts[f"traded {InstrumentType(row.instrument_type).name}"] += 1
            self.counts[MarginMethod(row.margin_method).name] += 1
            self.counts["legs"] += bool(record.spread)
        elif kind == EventKind.TAKEN_OVER:
            self.counts[f"taken over {InstrumentType(self.row(record.instrument).instrument_type).name}"] += 1
        elif kind == EventKind.CONVERTED:
            self.counts[f"converted to {InstrumentType(record.instrument_type).name}"] += 1
        task = self.task()
        if task:
            self.counts[TaskKind(task).name] += 1

    def settle(self, event: wire.Event) -> None:
        """Everybody is paid the same for a lot, and all of them together nothing (SET-03)."""
        kind, record = event.head.kind, event.record
        if kind == EventKind.SETTLEMENT_FIXED:
            assert record.instrument not in self.settling
            self.settling[record.instrument] = Books(record)
        elif kind == EventKind.SETTLED:
            row, books = self.row(record.instrument), self.settling[record.instrument]
            sign = -1 if row.valuation == layout.Valuation.INVERSE else 1
            assert record.quantity % row.lot == 0
            assert record.value_minor == sign * record.quantity // row.lot * books.lot_minor
            books.positions += 1
            books.quantity += record.quantity
            books.value += record.value_minor
            name = InstrumentType(row.instrument_type).name
            self.counts[f"settled {name} {books.kind.name}"] += 1
            self.counts["settled takeovers"] += record.account == Role.TAKEOVER
            self.counts[f"settled {name} at nothing"] += books.lot_minor == 0
            self.counts["settlement fees"] += record.fee_minor > 0
        elif kind == EventKind.SETTLEMENT_SWEPT:
            if self.row(record.instrument).instrument_type == InstrumentType.SPREAD:
                assert record.positions == 0
                assert record.instrument not in self.settling
                self.counts["spreads over"] += 1
                return
            books = self.settling.pop(record.instrument)
            assert (books.quantity, books.value) == (0, 0)
            assert books.positions == record.positions

    def finish(self) -> None:
        """The same logical rows and root in both modes and after a restart; the same derived rows if there was none."""
        compare(self.auditor.books, self.engine.tables)
        root, data = self.engine.roots(), self.engine.snapshot()
        assert self.twin.roots() == root
        assert self.twin.snapshot() == data
        assert Engine.restore(data).roots() == root
        for name in () if self.restarted else layout.TABLE_ROWS:
            assert bytes(getattr(self.engine.tables, name)) == bytes(getattr(self.twin.tables, name)), name
