"""`outcry replay` and `outcry verify`: a journal through a fresh engine, without or with every check there is.

`replay` trusts the chain's checksums and is as fast as the engine; `verify` checks sequences, times, chain, CRCs,
Merkle roots and the digest of every frame's events but the last one's, which no frame after it attests, and at the end
every numbered invariant over all rows.  A thread reads and checks the next frames while the engine applies this one.
Both compare every state root that stands in the journal with their own, and both end with the same figures of the
same state.  A pruned journal is checked from the oldest snapshot that its roots vouch for, and what is said begins with
that.  Reads only; a running venue may be checked.
"""

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Set
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty, Queue
from threading import Event

import msgspec

from outcry.engine.breaches import Breach
from outcry.engine.engine import Engine
from outcry.engine.invariants import breaches
from outcry.engine.sums import LawSums, law_sums
from outcry.journal.errors import FrameDamaged, JournalDamaged, JournalPruned
from outcry.journal.frames import Frame, Head, check_entries
from outcry.journal.reading import beginning_of, read_frames, read_genesis
from outcry.node.hashing import HashingThread
from outcry.node.recovery import SNAPSHOTS_NAME, Shelf, restored
from outcry.node.replica import Replica, ReplicaDiverged
from outcry.node.roots import Difference, RootBook

Progress = Callable[[int], None]
FRAMES_AHEAD = 64
DRAIN_SECONDS = 0.05


class Checked(msgspec.Struct, frozen=True):
    """What a journal leads to."""

    begins_after: int
    """0, or in a pruned journal the sequence of the snapshot from which it was checked."""
    sequence: int
    entries: int
    frames: int
    seconds: float
    processor_seconds: float
    """Of all threads, which others on the machine change less than the clock."""
    halted: bool
    root: str
    """Of the state, hexadecimal; the same for everybody who has the same journal."""
    head: str
    """Hash of the last frame, hexadecimal."""
    roots_journaled: int
    """State roots that replicas have put into the journal."""
    roots_checked: int
    """Those of them that were made again here, and agreed."""
    law: LawSums
    breaches: list[Breach] = []
    """Invariants that do not hold at the end; only `verify` looks for them."""

    @property
    def entries_per_second(self) -> int:
        """How fast it went."""
        return round(self.entries / self.seconds) if self.seconds > 0 else 0


def replay(journal: Path, progress: Progress, false_roots: Set[int] = frozenset()) -> Checked:
    """Apply the whole journal.  Raises `JournalError`, or `ReplicaDiverged` for a state root that differs."""
    engine, head = start(journal)

    def apply(frame: Frame, roots: RootBook) -> None:
        events = roots.apply(engine, frame)
        _agree(roots.compare(engine, frame, events))

    return _through(journal, engine, head, apply, progress, false_roots)


def verify(journal: Path, progress: Progress, false_roots: Set[int] = frozenset()) -> Checked:
    """Apply the whole journal and check everything.  Raises `JournalError` or `ReplicaDiverged`."""
    engine, head = start(journal)
    replica = Replica(engine, head)
    last_ns = max(read_genesis(journal).time_ns, engine.time_ns)

    def check(frame: Frame) -> Frame:
        nonlocal last_ns
        try:
            last_ns = check_entries(frame, last_ns)
        except FrameDamaged as problem:
            raise JournalDamaged(
                frame.first_sequence, f"frame of sequence {frame.first_sequence}: {problem}"
            ) from problem
        return frame

    def apply(frame: Frame, roots: RootBook) -> None:
        replica.roots = roots
        replica.advance(frame)

    checked = _through(journal, engine, head, apply, progress, false_roots, check)
    return msgspec.structs.replace(checked, breaches=breaches(engine.tables))


def start(journal: Path) -> tuple[Engine, Head]:
    """An empty engine at the genesis; for a pruned journal one in the state of the oldest snapshot that serves.

    Raises `JournalPruned` if none does, `JournalDamaged`.
    """
    genesis_hash, first_sequence = read_genesis(journal).hash, beginning_of(journal).first_sequence
    if first_sequence == 1:
        return Engine(), Head.at_genesis(genesis_hash)
    notes: list[str] = []
    for snapshot in reversed(list(Shelf(journal, journal.parent / SNAPSHOTS_NAME, notes).rooted())):
        if snapshot.head.sequence >= first_sequence - 1:
            with contextlib.suppress(ValueError):
                engine = restored(Engine, snapshot)
                assert isinstance(engine, Engine)
                return engine, snapshot.head
    raise JournalPruned(first_sequence)


def _checked_ahead(frames: Iterable[Frame], check: Callable[[Frame], Frame]) -> Iterator[Frame]:
    """The frames, each after its check; one thread reads and checks them in order, a few ahead of who takes them."""
    ahead: Queue[Frame | None] = Queue(FRAMES_AHEAD)
    left = Event()

    def go_ahead() -> None:
        try:
            for frame in frames:
                if left.is_set():
                    return
                ahead.put(check(frame))
        finally:
            ahead.put(None)

    with ThreadPoolExecutor(1, "checking") as thread:
        reading = thread.submit(go_ahead)
        try:
            while (frame := ahead.get()) is not None:
                yield frame
            reading.result()
        finally:
            # Whoever takes no more must not leave the thread waiting for room.
            left.set()
            while not reading.done():
                with contextlib.suppress(Empty):
                    ahead.get(timeout=DRAIN_SECONDS)


def _through(
    journal: Path,
    engine: Engine,
    head: Head,
    apply: Callable[[Frame, RootBook], object],
    progress: Progress,
    false_roots: Set[int],
    check: Callable[[Frame], Frame] | None = None,
) -> Checked:
    genesis = read_genesis(journal)
    head_hash, frames = head.frame_hash, 0
    started, begun = time.perf_counter(), time.process_time()
    with contextlib.closing(HashingThread(wait=True)) as hashing:
        roots = RootBook(genesis.roots_due_every, hashing, frozenset(false_roots))
        roots.begin(engine)
        found = read_frames(journal, head.sequence + 1)
        for frame in found if check is None else _checked_ahead(found, check):
            if not frames and frame.header.previous_hash != head_hash:
                raise ReplicaDiverged(frame.first_sequence, "the frame does not hang on the snapshot's frame")
            apply(frame, roots)
            head_hash, frames = frame.hash, frames + 1
            progress(frame.last_sequence)
        _agree(roots.settle(wait=True))
    seconds, processor_seconds = time.perf_counter() - started, time.process_time() - begun
    return Checked(
        begins_after=head.sequence,
        sequence=engine.sequence,
        entries=engine.sequence - head.sequence,
        frames=frames,
        seconds=seconds,
        processor_seconds=processor_seconds,
        halted=engine.halted,
        root=engine.roots()[2].hex(),
        head=head_hash.hex(),
        roots_journaled=roots.journaled,
        roots_checked=roots.compared,
        law=law_sums(engine.tables),
    )


def _agree(difference: Difference | None) -> None:
    if difference is not None:
        raise ReplicaDiverged(*difference)
