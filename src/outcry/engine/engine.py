"""The engine as the rest of the house uses it: whole entries in, their events out; snapshot, restore, roots.

Plain Python around the door.  It loops while the event buffer fills, carries out `Grow` between runs, and after a
breach leaves the breaching entry with its one `Halted` event only.  Deterministic: no clock, no chance, no files.
"""

from outcry.engine import snapshot
from outcry.engine.blocks import zeroed
from outcry.engine.figures import Figures
from outcry.engine.growing import GROWING, may_have, rows_bound
from outcry.engine.machine import BUFFER_FULL, WANTS_GROW, Machine
from outcry.protocol import digests, layout, wire
from outcry.protocol.layout import TableNumber

EVENT_BUFFER_BYTES = 1 << 20


class Halted(RuntimeError):
    """A halted state has no snapshot: the journal before the breach is the last good state."""


class Engine:
    """The venue's state and the rules that change it."""

    def __init__(self, machine: Machine | None = None, *, rules_version: int = layout.RULES_VERSION) -> None:
        """In the state of a machine, or before the first entry of a journal that begins under these rules."""
        self._machine = machine or Machine(None, rules_version)
        self._events = memoryview(bytearray(EVENT_BUFFER_BYTES))
        self.tables = self._view()
        self.figures = Figures(self._machine.memory())
        """What follows from positions and balances, for who is shown it."""

    def _view(self) -> layout.Tables:
        return layout.tables_of(memoryview(b""), self._machine.memory())

    @property
    def sequence(self) -> int:
        """Last entry applied."""
        return self.tables.venue.sequence

    @property
    def time_ns(self) -> int:
        """Its time."""
        return self.tables.venue.time_ns

    @property
    def next_due_ns(self) -> int:
        """A tick must come before an entry of this time; 0 for never."""
        return self.tables.venue.next_due_ns

    @property
    def work_waiting(self) -> bool:
        """Whether the engine has work of its own to do; the node journals `Continue` for it (CMD-10)."""
        return self.tables.venue.tasks_made > self.tables.venue.tasks_done

    @property
    def halted(self) -> bool:
        """Whether the books stopped adding up."""
        return bool(self.tables.venue.halted)

    @property
    def root_sequence(self) -> int:
        """The last sequence whose state root was journaled, 0 if none was."""
        return self.tables.venue.root_sequence

    def origin_sequence(self, origin: int) -> int:
        """The origin's last number applied, 0 if none."""
        rows = self.tables.origins
        high = self.tables.pools[TableNumber.ORIGINS_TABLE].high
        return next((rows[at].origin_sequence for at in range(1, high + 1) if rows[at].origin == origin), 0)

    def apply(self, body: bytes | memoryview) -> bytes:
        """Apply whole entries in sequence; returns the bytes of all their events.

        Raises `wire.Malformed`, having applied none, if they are not whole: the compiled loop relies on their lengths.
        """
        entries, offset, grown = memoryview(body), 0, 0
        if len(entries) and not digests.whole_entries(entries):
            raise wire.Malformed("the engine was handed something other than whole entries of known kinds")
        out: list[bytes] = []
        was_halted = self.halted
        while offset < len(entries):
            offset, written, status = self._machine.run(entries, offset, len(entries), self._events, grown)
            if written:
                out.append(bytes(self._events[:written]))
            if status == WANTS_GROW:
                grown = self._grow(wire.entry_of(entries, offset))
            elif status == BUFFER_FULL and not written:
                raise AssertionError("a step of the engine wrote more than EVENT_ROOM_BYTES")
        buffer = b"".join(out)
        return _without_breaching(buffer) if self.halted and not was_halted else buffer

    def _grow(self, entry: wire.Entry) -> int:
        """Carry out a Grow that is possible; the handler refuses one that was not.  Returns its sequence."""
        names = GROWING.get(entry.record.table)
        rows = entry.record.rows
        table = entry.record.table
        if not self._will_admit(entry.head):
            return int(entry.head.sequence)
        if names and not self.halted and self.tables.pools[table].rows < rows and may_have(table, rows):
            self._machine.grow(names, entry.record.table, rows)
            self.tables = self._view()
            self.figures = Figures(self._machine.memory())
        return int(entry.head.sequence)

    def _will_admit(self, head: layout.EntryHead) -> bool:
        """Whether the entry gets as far as its handler: what `dispatch.begin` refuses must not have grown anything."""
        in_time = self.time_ns <= head.time_ns and not 0 < self.next_due_ns <= head.time_ns
        is_new = head.origin == 0 or head.origin_sequence > self.origin_sequence(head.origin)
        return in_time and is_new

    def wants_grow(self) -> list[tuple[int, int]]:
        """Tables more than three quarters full, with twice their rows."""
        pools = self.tables.pools
        full = (table for table in GROWING if 4 * pools[table].live > 3 * pools[table].rows)
        wanted = ((int(table), 2 * (pools[table].rows - 1) + 1) for table in full)
        return [(table, rows) for table, rows in wanted if rows <= rows_bound(table)]

    def snapshot(self) -> bytes:
        """The state as bytes.  Raises `Halted` after a breach."""
        if self.halted:
            raise Halted(f"the venue is halted at sequence {self.sequence}; there is no snapshot of a broken state")
        return snapshot.pack(self._machine.memory())

    @classmethod
    def restore(cls, data: bytes, door: type[Machine] = Machine) -> "Engine":
        """An engine in the state of a snapshot.  Raises `SnapshotUnusable`."""
        memory = snapshot.unpack(data)
        by_number, by_priority = snapshot.order_slots(memory)
        machine = door(memory)
        by_place = snapshot.condition_slots(memory)
        machine.rebuild(memoryview(by_number), memoryview(by_priority), memoryview(by_place))
        return cls(machine)

    def copy(self, over: "Engine | None" = None) -> "Engine":
        """The same logical rows in memory of their own, for a thread to hash or pack while this engine goes on.

        Nothing derived is copied, so no entry may be applied to it.  An earlier copy that nobody needs any more may be
        written over, which is a good deal cheaper than fresh memory.
        """
        held = self._machine.memory()
        room = over._machine.memory() if over is not None else {}
        if over is None or {name: len(block) for name, block in room.items()} != {
            name: len(block) for name, block in held.items()
        }:
            room = {name: zeroed(len(block)) for name, block in held.items()}
            over = Engine(type(self._machine)(room))
        for number, (name, (record, rows, logical)) in enumerate(layout.TABLE_ROWS.items()):
            if logical or name == "pools":
                used = (self.tables.pools[number].high + 1) * layout.SIZES[record] if rows > 1 and logical else None
                room[name][:used] = held[name][:used]
        return over

    def whole_copy(self) -> "Engine":
        """All that is in the tables, derived rows too, in memory of its own: for every invariant to be checked over.

        Written for a thread to read; no entry may be applied to it.
        """
        held, pools = self._machine.memory(), self.tables.pools
        room = {name: zeroed(len(block)) for name, block in held.items()}
        for number, (name, (record, rows, logical)) in enumerate(layout.TABLE_ROWS.items()):
            used = len(held[name])
            if rows > 1 and (logical or name in ("nodes", "leaves")):
                used = (pools[number].high + 1) * layout.SIZES[record]
            elif name == "levels":
                used = 64 * (pools[TableNumber.LEAVES_TABLE].high + 1) * layout.SIZES[record]
            room[name][:used] = held[name][:used]
        return Engine(type(self._machine)(room))

    def roots(self) -> tuple[bytes, bytes, bytes]:
        """Public root, private root, root."""
        return snapshot.roots(self._machine.memory())


def _without_breaching(buffer: bytes) -> bytes:
    """Of the entry that broke a law only the Halted event stays, also where its events fill several buffers."""
    events = list(wire.event_slices(buffer))
    breach = next(head.sequence for head, _ in events if head.kind == layout.EventKind.HALTED)
    kept = (
        bytes(head) + bytes(piece)
        for head, piece in events
        if head.sequence != breach or head.kind == layout.EventKind.HALTED
    )
    return b"".join(kept)
