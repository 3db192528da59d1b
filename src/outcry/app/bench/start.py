"""`outcry bench start`: how long a venue with many commands behind it takes to start from its last snapshot.

First the journal of a stream is written, with the snapshot and the root a keeper would leave at the last due sequence;
then the start is timed as the node makes it (`recover`) and part by part.  Beside it what a due root costs a replica:
the copy that holds it up, and the hashing in its thread, on a book with many resting orders.
Known limits: the journal is written anew each time, which takes longer than the measuring; files just written are
still in the system's memory; a gateway's views are not part of this.
"""

import itertools
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from outcry.app.bench.figures import Figure, Options, Report, at_most, plain, report
from outcry.app.bench.memory import ORDERS_PER_ACCOUNT, resting, with_accounts
from outcry.app.bench.stream import BATCH, ORIGIN, Stream
from outcry.engine.engine import Engine
from outcry.journal.frames import Genesis, Head, build_frame
from outcry.journal.reading import read_frames
from outcry.journal.segments import Segments
from outcry.node.recovery import JOURNAL_NAME, SNAPSHOTS_NAME, find_root, recover, restored
from outcry.node.replica import Replica
from outcry.node.roots import StateRoot, root_of
from outcry.node.snapshots import Snapshot, list_rooted, make_usable, read_snapshot, write_candidate
from outcry.protocol import wire
from outcry.protocol.layout import RULES_VERSION

COMMANDS = 1_000_000
ORDERS, ORDERS_SMALL = 200_000, 3_000
BUDGET_S = 3
MILLION = 10**6


def run(options: Options) -> Report:
    """Measure.  Raises `TooSlow` uncompiled unless small."""
    commands = options.count(COMMANDS)
    with tempfile.TemporaryDirectory() as folder:
        entries = write_venue(Path(folder), Stream(commands, options.seed))
        rows = [*start_rows(Path(folder), entries), *root_rows(ORDERS_SMALL if options.small else ORDERS)]
    return report("start", commands, options.seed, rows, ["the figures of parts are of one more start"])


class Chain:
    """A journal that is written frame by frame, and the engine that applies it."""

    def __init__(self, journal: Segments) -> None:
        self.engine = Engine()
        self.head = Head.at_genesis(journal.genesis.hash)
        self._journal = journal

    def add(self, body: bytes | memoryview, count: int) -> None:
        """One more frame."""
        frame = build_frame(self.head.sequence + 1, count, bytes(body), self.head.frame_hash, self.head.events_digest)
        self._journal.append(frame)
        self.head = Head(frame.last_sequence, frame.hash, wire.events_digest(self.engine.apply(body)))


def write_venue(folder: Path, stream: Stream) -> int:
    """A data folder as a venue leaves it that was killed after these commands; how many entries it has."""
    genesis = Genesis(RULES_VERSION, stream.begin_ns)
    opening = [(body, sum(1 for _ in wire.entry_slices(body))) for body in stream.opening]
    every = genesis.roots_due_every
    due = (sum(count for _, count in opening) + stream.commands) // every * every
    journal = Segments.open(folder / JOURNAL_NAME, genesis)
    root: StateRoot | None = None
    try:
        chain = Chain(journal)
        drawn = ((bytes(chunk.entries[: chunk.length]), chunk.count) for chunk in stream.chunks(BATCH))
        for body, count in itertools.chain(opening, drawn):
            for piece, entries in cut(body, count, due - chain.head.sequence):
                chain.add(piece, entries)
                if chain.head.sequence == due:
                    root = root_of(chain.engine)
                    data = chain.engine.snapshot()
                    write_candidate(folder / SNAPSHOTS_NAME, Snapshot(chain.head, genesis.hash, data, root))
        if root is not None:
            chain.add(_entry(root, chain.engine), 1)
            make_usable(folder / SNAPSHOTS_NAME, due, 1)
        journal.sync()
    finally:
        journal.close()
    return chain.head.sequence


def cut(body: bytes, count: int, entries: int) -> Iterator[tuple[memoryview, int]]:
    """A body with how many entries it has, in two where so many have to be a frame's last ones."""
    whole = memoryview(body)
    if 0 < entries < count:
        offset = 0
        for _ in range(entries):
            offset += wire.entry_bytes(whole, offset)
        yield whole[:offset], entries
        yield whole[offset:], count - entries
    else:
        yield whole, count


class Watch:
    """Times what happened since it was last looked at."""

    def __init__(self) -> None:
        self._seconds = time.perf_counter()

    def seconds(self) -> float:
        """Since the last look."""
        before, self._seconds = self._seconds, time.perf_counter()
        return self._seconds - before

    def row(self, name: str, factor: float = 1.0) -> Figure:
        """The same as a row, in milliseconds times a factor."""
        return plain(name, 1000 * factor * self.seconds(), "ms")


def start_rows(folder: Path, entries: int) -> Iterator[Figure]:
    """The start as the node makes it, then its parts."""
    watch = Watch()
    recovered = recover(folder, Engine, 0)
    yield at_most("start from the last snapshot", watch.seconds(), "s", BUDGET_S)
    recovered.journal.close()
    if recovered.notes or recovered.head.sequence != entries:
        raise AssertionError(f"the start came to sequence {recovered.head.sequence} of {entries}: {recovered.notes}")
    genesis, journal = recovered.journal.genesis, folder / JOURNAL_NAME
    for path in list_rooted(folder / SNAPSHOTS_NAME):
        watch.seconds()
        snapshot = read_snapshot(path, genesis.hash)
        yield watch.row(f"  snapshot of {len(snapshot.data):,} bytes read, checksum")
        find_root(journal, snapshot.head.sequence)
        yield watch.row("  its root found in the journal")
        replica = Replica(restored(Engine, snapshot), snapshot.head)
        yield watch.row("  state restored, derived rows rebuilt, root compared")
        frames = list(read_frames(journal, replica.sequence + 1))
        yield watch.row(f"  the {entries - replica.sequence:,} entries after it read")
        for frame in frames:
            replica.advance(frame)
        yield watch.row("  and applied, event digests compared")


def root_rows(orders: int) -> Iterator[Figure]:
    """What a root costs a replica with so many resting orders with client ids, told for a million of them."""
    accounts, factor = max(1, orders // ORDERS_PER_ACCOUNT), MILLION / orders
    venue = with_accounts(accounts)
    venue.apply(resting(orders, accounts, named=True))
    watch = Watch()
    copy = venue.engine.copy()
    yield watch.row("a million orders: first copy", factor)
    venue.engine.copy(copy)
    yield watch.row("a million orders: each later copy, a replica's pause at a root", factor)
    copy.roots()
    yield watch.row("a million orders: root hashed, in a thread", factor)
    data = copy.snapshot()
    yield watch.row("a million orders: snapshot packed, in a thread", factor)
    Engine.restore(data)
    yield watch.row("a million orders: snapshot restored", factor)


def _entry(root: StateRoot, engine: Engine) -> bytes:
    """The journal's entry of a root, as a keeper would have proposed it."""
    sequence = engine.sequence + 1
    return wire.encode_entry(
        root.command(), sequence=sequence, time_ns=engine.time_ns, origin=ORIGIN, origin_sequence=sequence
    )
