"""The door of the engine: owns the tables' memory, runs entries over them.

The only compiled module of the engine; the rooms are inlined into it.  Uncompiled it is the same source over ctypes.
Holds no decision: how long a run may be, when a table grows and what becomes of the events is `engine.Engine`'s.
"""

import cython

from outcry.engine.blocks import zeroed
from outcry.protocol import layout as shapes

if not cython.compiled:
    from outcry.engine.ahead import entry_end, look_ahead
    from outcry.engine.dispatch import apply, halt
    from outcry.engine.events import speaks_at_length
    from outcry.engine.listing import open_roles
    from outcry.engine.lookup import reindex
    from outcry.engine.rebuilding import rebuild_derived
    from outcry.protocol.layout import (
        EVENT_ROOM_BYTES,
        CommandKind,
        EntryHead,
        Fault,
        Tables,
        entry_at,
        i64,
        memory_of,
        pools_at,
        tables_of,
    )

COMPILED: bool = cython.compiled

DONE = 0
BUFFER_FULL = 1
WANTS_GROW = 2


def step(tables: Tables, entry: EntryHead) -> None:
    """One entry, or what is left of one that was pending; after a breach one event instead of its own."""
    before: i64 = tables.venue.events_bytes
    apply(tables, entry)
    if tables.fault.code != Fault.NO_FAULT:
        tables.venue.events_bytes = before
        halt(tables)


class Machine:
    """The state, and the loop that applies entries to it."""

    held: dict[str, memoryview]
    frame: memoryview
    tables: Tables

    def __init__(self, memory: dict[str, memoryview] | None = None, rules_version: int = shapes.RULES_VERSION) -> None:
        """An empty venue under these rules with its roles, or the state held by the given tables' memory."""
        fresh = memory is None
        if memory is None:
            memory = {
                name: zeroed(rows * shapes.SIZES[record]) for name, (record, rows, _) in shapes.TABLE_ROWS.items()
            }
        # A view of each: the compiled side looks into nothing else.
        self.held = {name: memoryview(block) for name, block in memory.items()}
        self.frame = memoryview(bytearray(8 * (len(self.held) + 1)))
        self.tables = tables_of(self.frame, self.held)
        if fresh:
            for number, (record, rows, _) in enumerate(shapes.TABLE_ROWS.values()):
                if record != "PoolRow" and rows > 1:
                    pools_at(self.tables, number).rows = rows
            self.tables.venue.next_order_id = 1
            self.tables.venue.rules_version = rules_version
            open_roles(self.tables)

    def memory(self) -> dict[str, memoryview]:
        """The tables' memory by name; it changes when a table grows."""
        return self.held

    def run(self, entries: memoryview, start: int, end: int, events: memoryview, grown: int) -> tuple[int, int, int]:
        """Apply entries from byte `start` to `end`; `grown` is the sequence of a Grow already carried out.

        Returns where to go on, how many bytes of events were written, and DONE, BUFFER_FULL (call again) or WANTS_GROW.
        """
        tables = self.tables
        memory = memory_of(entries)
        tables.events = memory_of(events)
        tables.venue.events_bytes = 0
        tables.venue.events_room_bytes = events.nbytes
        offset: i64 = start
        last: i64 = end
        done_grow: i64 = grown
        status: i64 = DONE
        first: i64 = entry_end(memory, offset) if offset < last else last
        second: i64 = entry_end(memory, first) if first < last else last
        third: i64 = entry_end(memory, second) if second < last else last
        with cython.nogil:
            while offset < last:
                entry = entry_at(memory, offset)
                if entry.kind == CommandKind.GROW and entry.sequence != done_grow:
                    status = 2
                    break
                if tables.venue.events_room_bytes - tables.venue.events_bytes < EVENT_ROOM_BYTES:
                    status = 1
                    break
                if tables.venue.events_bytes > 0 and speaks_at_length(entry.kind):
                    status = 1
                    break
                if cython.compiled:
                    look_ahead(tables, memory, first, second, third, last)
                step(tables, entry)
                if tables.venue.pending_order != 0 or tables.venue.pending_kind != 0:
                    status = 1
                    break
                offset = first
                first = second
                second = third
                third = entry_end(memory, third) if third < last else last
        return offset, tables.venue.events_bytes, status

    def rebuild(self, by_number: memoryview, by_priority: memoryview, by_place: memoryview) -> None:
        """Make anew what is derived, given the slots of the open orders by number and by priority and those of the
        conditions by place, 64 bits each."""
        first = memory_of(by_number)
        second = memory_of(by_priority)
        third = memory_of(by_place)
        count: i64 = len(by_number)
        conditions: i64 = len(by_place)
        rebuild_derived(self.tables, first, second, count, third, conditions)

    def grow(self, names: list[str], number: int, rows: int) -> None:
        """Enlarge tables that belong together; the first is the numbered one, of which buckets and notes follow."""
        table: i64 = number
        wanted: i64 = rows
        memory = {}
        for name in names:
            size = shapes.SIZES[shapes.TABLE_ROWS[name][0]]
            if name.endswith("_buckets"):
                memory[name] = zeroed((rows - 1) * size)
                continue
            width = 64 * size if name == "levels" else size
            memory[name] = zeroed(rows * width)
            used = (pools_at(self.tables, table).high + 1) * width
            memory[name][:used] = self.held[name][:used]
        self.held = {name: memory.get(name, block) for name, block in self.held.items()}
        self.tables = tables_of(self.frame, self.held)
        for follower, (name, (_, _, logical)) in enumerate(shapes.TABLE_ROWS.items()):
            if name in names and logical:
                pools_at(self.tables, follower).rows = wanted
        pools_at(self.tables, table).rows = wanted
        for name in names:
            if name.endswith("_buckets"):
                reindex(self.tables, table)
