"""The door of the benchmark: the stream, the bare book, the floor and the engine's own step, with a clock beside them.

The engine knows no clock, so what reads one is here, above it: this door calls the step that `engine.machine` exports,
one entry at a time, and stamps how long it took.  The clock is read once a command and its cost is in every stamp
(`clock_ns` tells it).  Compiled like the engine's door; uncompiled it is the same source, and its times mean nothing.
"""

import time

import cython

from outcry.engine.blocks import zeroed
from outcry.protocol import layout as shapes

if cython.compiled:
    from cython.cimports.posix.time import CLOCK_MONOTONIC, clock_gettime, timespec

if not cython.compiled:
    from outcry.app.bench.bare import apply_bare
    from outcry.app.bench.drawing import draw_command
    from outcry.app.bench.floor import note_after, note_before, read_command, touch_trace
    from outcry.app.bench.words import put_least, put_number
    from outcry.engine.machine import Machine, step
    from outcry.engine.pools import take_node
    from outcry.protocol.layout import (
        EVENT_ROOM_BYTES,
        CommandKind,
        Tables,
        entry_at,
        event_at,
        flag,
        i64,
        instruments_at,
        memory_of,
        pools_at,
        tables_of,
    )

COMPILED: bool = cython.compiled


def now_ns() -> i64:
    """A clock that only goes forward."""
    if cython.compiled:
        spec: timespec = timespec(0, 0)
        clock_gettime(CLOCK_MONOTONIC, cython.address(spec))
        spent: i64 = spec.tv_sec * 1_000_000_000 + spec.tv_nsec
        return spent
    else:  # noqa: RET505 (Cython leaves out the branch that does not hold, and only as a branch)
        return time.perf_counter_ns()


def make_room(tables: Tables) -> None:
    """Events are overwritten when the buffer is full: nobody reads them here."""
    if tables.venue.events_room_bytes - tables.venue.events_bytes < EVENT_ROOM_BYTES:
        tables.venue.events_bytes = 0


def clock_ns(count: int) -> int:
    """What reading the clock so many times takes."""
    last: i64 = count
    begun: i64 = now_ns()
    at: i64 = 0
    while at < last:
        now_ns()
        at += 1
    return now_ns() - begun


def count_kind(events: memoryview, length: int, kind: int) -> int:
    """How many events of a kind there are in a buffer."""
    memory = memory_of(events)
    last: i64 = length
    wanted: i64 = kind
    offset: i64 = 0
    size: i64 = 0
    found: i64 = 0
    while offset < last:
        head = event_at(memory, offset)
        found += 1 if head.kind == wanted else 0
        size = head.record_bytes
        offset += 32 + size
    return found


def stamp_machine(machine: Machine, entries: memoryview, end: int, events: memoryview, stamps: memoryview) -> None:
    """Apply entries with every rule and keep in `stamps` the shortest time seen of each."""
    tables = machine.tables
    memory = memory_of(entries)
    words = memory_of(stamps)
    tables.events = memory_of(events)
    tables.venue.events_bytes = 0
    tables.venue.events_room_bytes = events.nbytes
    offset: i64 = 0
    last: i64 = end
    index: i64 = 0
    size: i64 = 0
    with cython.nogil:
        before: i64 = now_ns()
        while offset < last:
            entry = entry_at(memory, offset)
            make_room(tables)
            step(tables, entry)
            while tables.venue.pending_order != 0 or tables.venue.pending_kind != 0:
                make_room(tables)
                step(tables, entry)
            size = entry.record_bytes
            offset += 56 + size
            after: i64 = now_ns()
            put_least(words, index, after - before)
            index += 1
            before = after


class Track:
    """An order book of its own, as trie or as ladder, that the stream is drawn from or run over."""

    held: dict[str, memoryview]
    frame: memoryview
    tables: Tables
    dense: flag

    def __init__(self, rows: dict[str, int], dense: bool, start_ticks: int, lot: int) -> None:
        """Empty; `rows` enlarges tables, those with buckets to a power of two and one."""
        sizes = {name: (record, rows.get(name, count)) for name, (record, count, _) in shapes.TABLE_ROWS.items()}
        self.held = {name: zeroed(count * shapes.SIZES[record]) for name, (record, count) in sizes.items()}
        self.frame = memoryview(bytearray(8 * (len(self.held) + 1)))
        self.tables = tables_of(self.frame, self.held)
        self.dense = dense
        for number, (record, count) in enumerate(sizes.values()):
            if record != "PoolRow" and count > 1:
                pools_at(self.tables, number).rows = count
        self.tables.venue.next_order_id = 1
        instruments_at(self.tables, 1).bid_root = take_node(self.tables)
        instruments_at(self.tables, 1).ask_root = take_node(self.tables)
        instruments_at(self.tables, 1).mark_subticks = start_ticks
        instruments_at(self.tables, 1).lot = lot

    def memory(self) -> dict[str, memoryview]:
        """The tables' memory by name."""
        return self.held

    def draw(
        self,
        offsets: memoryview,
        numbers: tuple[int, int, int],
        window: tuple[int, int, int, int],
        buffers: tuple[memoryview, memoryview, memoryview, memoryview],
    ) -> tuple[int, int]:
        """Draw commands and apply them here; returns the bytes of the entries and how many traces were noted.

        `numbers`: seed, commands that fill the book, accounts.  `window`: first command, how many, the entries'
        sequence and time before it.  `buffers`: zeroed entries, kinds, traces, events to be overwritten.
        """
        tables = self.tables
        seed: i64 = numbers[0]
        warm: i64 = numbers[1]
        accounts: i64 = numbers[2]
        first: i64 = window[0]
        count: i64 = window[1]
        sequence: i64 = window[2]
        time_ns: i64 = window[3]
        quantiles = memory_of(offsets)
        entries = memory_of(buffers[0])
        kinds = memory_of(buffers[1])
        traces = memory_of(buffers[2])
        tables.events = memory_of(buffers[3])
        tables.venue.events_bytes = 0
        tables.venue.events_room_bytes = buffers[3].nbytes
        place_bytes: i64 = shapes.SIZES["Place"]
        cancel_bytes: i64 = shapes.SIZES["Cancel"]
        amend_bytes: i64 = shapes.SIZES["Amend"]
        offset: i64 = 0
        noted: i64 = 0
        size: i64 = 0
        at: i64 = 0
        with cython.nogil:
            while at < count:
                entry = entry_at(entries, offset)
                put_number(kinds, at, draw_command(tables, quantiles, entry, seed, first + at, warm, accounts))
                at += 1
                size = amend_bytes
                if entry.kind == CommandKind.PLACE:
                    size = place_bytes
                elif entry.kind == CommandKind.CANCEL:
                    size = cancel_bytes
                entry.sequence = sequence + at
                entry.time_ns = time_ns + at
                entry.origin = 1
                entry.origin_sequence = sequence + at
                entry.record_bytes = size
                offset += 56 + size
                make_room(tables)
                noted = note_before(tables, traces, noted, entry)
                apply_bare(tables, False, entry)
                noted = note_after(tables, traces, noted, entry)
        return offset, noted

    def run(self, entries: memoryview, start: int, end: int, events: memoryview) -> tuple[int, int]:
        """Apply entries until the end or until the event buffer is nearly full; where to go on, and bytes written."""
        tables = self.tables
        memory = memory_of(entries)
        tables.events = memory_of(events)
        tables.venue.events_bytes = 0
        room: i64 = events.nbytes - EVENT_ROOM_BYTES
        offset: i64 = start
        last: i64 = end
        size: i64 = 0
        with cython.nogil:
            while offset < last and tables.venue.events_bytes <= room:
                entry = entry_at(memory, offset)
                apply_bare(tables, self.dense, entry)
                size = entry.record_bytes
                offset += 56 + size
        return offset, tables.venue.events_bytes

    def touch(self, entries: memoryview, traces: memoryview, count: int, events: memoryview) -> None:
        """The floor of the same commands: the lines that they need, touched."""
        tables = self.tables
        memory = memory_of(entries)
        words = memory_of(traces)
        tables.events = memory_of(events)
        tables.venue.events_bytes = 0
        tables.venue.events_room_bytes = events.nbytes
        last: i64 = count
        offset: i64 = 0
        at: i64 = 0
        said: i64 = 0
        with cython.nogil:
            for at in range(last):
                make_room(tables)
                said = touch_trace(tables, words, at)
                if said != 0 and said != 9:
                    offset = read_command(tables, memory, offset)

    def stamp(self, entries: memoryview, end: int, events: memoryview, stamps: memoryview) -> None:
        """Apply entries and keep in `stamps` the shortest time seen of each."""
        tables = self.tables
        memory = memory_of(entries)
        words = memory_of(stamps)
        tables.events = memory_of(events)
        tables.venue.events_bytes = 0
        tables.venue.events_room_bytes = events.nbytes
        offset: i64 = 0
        last: i64 = end
        index: i64 = 0
        size: i64 = 0
        with cython.nogil:
            before: i64 = now_ns()
            while offset < last:
                entry = entry_at(memory, offset)
                make_room(tables)
                apply_bare(tables, self.dense, entry)
                size = entry.record_bytes
                offset += 56 + size
                after: i64 = now_ns()
                put_least(words, index, after - before)
                index += 1
                before = after
