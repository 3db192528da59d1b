"""How fast the stream goes: matching by trie and by ladder, the floor, and every rule; in bulk and command by command.

All take the same chunks in turn, so that a busy machine is busy for all of them; of each chunk the shortest of several
runs counts (the whole stream is drawn and applied so many times, from empty books).  Bulk times are the thread's CPU
time.  Stamps are a clock's, of each command: once as they came, and each command's least over all runs, which leaves
out what the machine did meanwhile.  Caches are disturbed by the neighbours at every turn.
"""

import time
from collections import Counter

import msgspec

from outcry.app.bench import stopwatch
from outcry.app.bench.stopwatch import Track
from outcry.app.bench.stream import CHUNK, LOT, START_TICKS, Chunk, Stream, opened
from outcry.engine.engine import Engine
from outcry.protocol.layout import EventKind

BUFFER_BYTES = 1 << 20
TRIE, LADDER, FLOOR, RULES = "trie", "ladder", "floor", "rules"
BULK = (TRIE, LADDER, FLOOR, RULES)
STAMPED = (TRIE, RULES)
KINDS = {1: "limit", 2: "cancel", 3: "amendment", 4: "taker"}
CLOCK_READS = 10_000


class Speeds(msgspec.Struct):
    """Nanoseconds a command in bulk; trades; stamps of one run and the least of all; kinds of the commands."""

    commands: int
    bulk: dict[str, float]
    trades: dict[str, int]
    refused: int
    single: dict[str, list[int]]
    least: dict[str, list[int]]
    kinds: bytes
    clock_ns: float


class Lap:
    """One run of the whole stream: fresh books, and the events buffer that all of them overwrite."""

    def __init__(self, stream: Stream, stamps: dict[str, memoryview], count: bool) -> None:
        self._events = memoryview(bytearray(BUFFER_BYTES))
        self._stamps = stamps
        self._count = count
        self.counts: Counter[tuple[str, int]] = Counter()
        self._tracks = {name: Track({}, name == LADDER, START_TICKS, LOT) for name in (TRIE, LADDER, FLOOR)}
        self._stamped = Track({}, False, START_TICKS, LOT)
        self.machines = [opened(stream) for _ in STAMPED]

    def bulk_ns(self, name: str, chunk: Chunk) -> int:
        """Time of a chunk; the contestant's state has moved on."""
        if name == FLOOR:
            begun = time.thread_time_ns()
            self._tracks[FLOOR].touch(chunk.entries, chunk.traces, chunk.noted, self._events)
            return time.thread_time_ns() - begun
        offset, spent = 0, 0
        while offset < chunk.length:
            begun = time.thread_time_ns()
            if name == RULES:
                machine = self.machines[0]
                offset, written, _ = machine.run(chunk.entries, offset, chunk.length, self._events, 0)
            else:
                offset, written = self._tracks[name].run(chunk.entries, offset, chunk.length, self._events)
            spent += time.thread_time_ns() - begun
            if self._count:
                for kind in (EventKind.FILL, EventKind.REFUSED):
                    self.counts[name, kind] += stopwatch.count_kind(self._events, written, kind)
        return spent

    def stamp(self, chunk: Chunk) -> None:
        """Each command's time, into the stamps."""
        begin, end = 8 * chunk.first, 8 * (chunk.first + chunk.count)
        self._stamped.stamp(chunk.entries, chunk.length, self._events, self._stamps[TRIE][begin:end])
        stopwatch.stamp_machine(
            self.machines[1], chunk.entries, chunk.length, self._events, self._stamps[RULES][begin:end]
        )


def measure(stream: Stream, laps: int) -> Speeds:
    """Run the stream so many times.  Raises `AssertionError` if two ways to apply it come to different ends."""
    least: dict[tuple[str, int], int] = {}
    stamps = {name: memoryview(bytearray(8 * stream.commands)) for name in STAMPED}
    single: dict[str, list[int]] = {}
    counts: Counter[tuple[str, int]] = Counter()
    kinds = bytearray(stream.commands)
    for number in range(laps):
        lap = Lap(stream, stamps, count=number == 0)
        for chunk in stream.chunks(min(CHUNK, stream.commands)):
            turn = (number + chunk.first // CHUNK) % len(BULK)
            for name in BULK[turn:] + BULK[:turn]:
                spent = lap.bulk_ns(name, chunk)
                least[name, chunk.first] = min(spent, least.get((name, chunk.first), spent))
            lap.stamp(chunk)
            kinds[chunk.first : chunk.first + chunk.count] = bytes(chunk.kinds[::8])
        same = [Engine(machine).roots() for machine in lap.machines]
        if same[0] != same[1]:
            raise AssertionError("two engines that applied one stream differ")
        if number == 0:
            counts = lap.counts
            single = {name: stamps[name].cast("q").tolist() for name in STAMPED}
    sums: Counter[str] = Counter()
    for (name, _), spent in least.items():
        sums[name] += spent
    return Speeds(
        commands=stream.commands,
        bulk={name: max(1, sums[name]) / stream.commands for name in BULK},
        trades={name: counts[name, EventKind.FILL] for name in (TRIE, LADDER, RULES)},
        refused=counts[RULES, EventKind.REFUSED],
        single=single,
        least={name: stamps[name].cast("q").tolist() for name in STAMPED},
        kinds=bytes(kinds),
        clock_ns=min(stopwatch.clock_ns(CLOCK_READS) for _ in range(5)) / CLOCK_READS,
    )


def percentiles(stamps: list[int]) -> dict[str, int]:
    """p50 to p99.99 and the largest."""
    known = sorted(stamps)
    last = len(known) - 1
    found = {f"p{share:g}": known[round(share / 100 * last)] for share in (50, 90, 99, 99.9, 99.99)}
    return found | {"max": known[-1]}


def by_kind(speeds: Speeds, name: str, skipped: int) -> dict[str, float]:
    """Mean of the least stamps of each kind of command, the clock's own time taken off."""
    sums: Counter[int] = Counter()
    seen: Counter[int] = Counter()
    for kind, spent in zip(speeds.kinds[skipped:], speeds.least[name][skipped:], strict=True):
        sums[kind] += spent
        seen[kind] += 1
    return {KINDS[kind]: max(0.0, sums[kind] / seen[kind] - speeds.clock_ns) for kind in sorted(seen)}
