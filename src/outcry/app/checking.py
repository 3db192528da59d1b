"""`outcry replay` and `outcry verify`: a journal through a fresh engine, without or with every check there is.

Both check the chain and its checksums, compare the digest of every frame's events and every state root that stands in
the journal with what is made here, and end with the same figures of the same state; so both name the first frame of
which other rules would have made something else.  Of the last frame's events no frame after it attests the digest.
`verify` also checks numbers, times, Merkle root and signature of every frame, that nothing handed out is missing at the
end, that a crash explains what is not whole there, and at the end every numbered invariant over all rows.  A thread
reads and checks the next frames while the engine applies this one.
`replay` may end after any entry and begin at a snapshot.  A pruned journal is checked from the oldest snapshot that its
roots vouch for; what is said begins with that.  Reads only; a running venue may be checked.
"""

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Set
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty, Queue
from threading import Event

import msgspec

from outcry.app.halting import Halt, halt_in
from outcry.app.stretches import Stretch, check_stretch
from outcry.engine.breaches import Breach
from outcry.engine.engine import Engine
from outcry.engine.invariants import breaches
from outcry.engine.sums import LawSums, law_sums
from outcry.journal.errors import RESTORE, FrameDamaged, JournalDamaged, JournalError, JournalPruned, JournalUpgraded
from outcry.journal.frames import Frame, Head, check_entries, cut_frame
from outcry.journal.reading import beginning_of, read_frames, read_genesis
from outcry.journal.signing import Signatures
from outcry.journal.tails import check_end, end_of, seen_of
from outcry.journal.upgraded import upgraded_at
from outcry.node.hashing import HashingThread
from outcry.node.recovery import SNAPSHOTS_NAME, Shelf, restored
from outcry.node.replica import Replica, ReplicaDiverged, RootDiffers
from outcry.node.roots import RootBook
from outcry.node.snapshots import Snapshot
from outcry.protocol.layout import EventKind, InstrumentState
from outcry.protocol.wire import events_among
from outcry.views.directory import Directory
from outcry.views.explaining.words import price_text

Progress = Callable[[int], None]
FRAMES_AHEAD = 64
DRAIN_SECONDS = 0.05
HALTS = frozenset({EventKind.HALTED})


class OutOfRange(Exception):
    """The entry that was asked for is not in this journal; the message says which are."""


class Market(msgspec.Struct, frozen=True):
    """An instrument at the end of what was applied."""

    symbol: str
    state: str
    mark: str
    """As decimal text; empty before the first."""
    index: str
    last: str
    open_interest: int


class Checked(msgspec.Struct, frozen=True):
    """What a journal leads to."""

    begins_after: int
    """0, or the sequence of the snapshot from which it was checked."""
    pruned: bool
    """Whether that was because what is before was removed."""
    sequence: int
    journal_sequence: int
    """The last one in the journal."""
    time_ns: int
    entries: int
    frames: int
    seconds: float
    processor_seconds: float
    """Of all threads, which others on the machine change less than the clock."""
    halted: bool
    halted_sequence: int
    """The entry that broke a law, 0 if none did."""
    halt: str
    """What the venue said then, with both numbers; empty if it did not halt."""
    root: str
    """Of the state, hexadecimal; the same for everybody who has the same journal."""
    head: str
    """Hash of the last frame, hexadecimal; empty where only a part of it was applied."""
    roots_journaled: int
    """State roots that replicas have put into the journal."""
    roots_checked: int
    """Those of them that were made again here, and agreed."""
    law: LawSums
    markets: list[Market]
    breaches: list[Breach] = []
    """Invariants that do not hold at the end; only `verify` looks for them."""
    upgraded: int = 0
    """The upgrade from an older format behind which it was applied, 0 if there is none."""
    stretch: Stretch | None = None
    """What is before that; only `verify` checks it."""
    torn_bytes: int = 0
    """Of a frame that a crash has left unfinished at the end; only `verify` looks for it."""

    @property
    def entries_per_second(self) -> int:
        """How fast it went."""
        return round(self.entries / self.seconds) if self.seconds > 0 else 0

    @property
    def sound(self) -> bool:
        """Whether nothing was found that should not be."""
        return self.law.adds_up and not self.breaches


def replay(
    journal: Path,
    progress: Progress,
    false_roots: Set[int] = frozenset(),
    *,
    to: int = 0,
    from_snapshot: bool = False,
) -> Checked:
    """Apply the journal up to entry `to`, 0 for all of it, from its beginning or the newest snapshot before that.

    Raises `OutOfRange`, `JournalError`, or `ReplicaDiverged` with the first frame of which something else is made here.
    """
    last_sequence = end_of(journal)
    check_range(to, last_sequence)
    engine, head = start(journal, (to or last_sequence) if from_snapshot else 0)
    if 0 < to < head.sequence:
        why = "upgraded from an older format" if upgraded_at(journal) else "pruned"
        raise OutOfRange(
            f"this journal was {why}: it can be replayed to sequence {head.sequence:,} and later, not to {to:,}"
        )
    return _through(journal, engine, head, progress, false_roots, last_sequence, to)


def verify(journal: Path, progress: Progress, false_roots: Set[int] = frozenset()) -> Checked:
    """Apply the whole journal and check everything.  Raises `JournalError` or `ReplicaDiverged`."""
    genesis = read_genesis(journal)
    # Noted before the journal is read, so that what is handed out meanwhile is there.
    seen_sequence = max(seen_of(journal), Shelf(journal, journal.parent / SNAPSHOTS_NAME, []).last_sequence())
    last_ns = genesis.time_ns
    signatures = Signatures(genesis)

    def check(frame: Frame) -> Frame:
        nonlocal last_ns
        try:
            last_ns = check_entries(frame, last_ns)
        except FrameDamaged as problem:
            raise JournalDamaged(
                problem.sequence or frame.first_sequence,
                f"frame of sequence {frame.first_sequence} to {frame.last_sequence}: {problem}. {RESTORE}",
            ) from problem
        if not signatures.hold(frame):
            raise JournalDamaged(
                frame.first_sequence,
                f"frame of sequence {frame.first_sequence} to {frame.last_sequence}: the key that the genesis names "
                f"has not signed it. {RESTORE}",
            )
        return frame

    stretch = check_stretch(journal, check, progress)
    engine, head = start(journal)
    last_ns = max(genesis.time_ns, engine.time_ns)
    checked = _through(journal, engine, head, progress, false_roots, end_of(journal), 0, check)
    torn_bytes = check_end(journal, seen_sequence)
    return msgspec.structs.replace(checked, breaches=breaches(engine.tables), torn_bytes=torn_bytes, stretch=stretch)


def check_range(to: int, last_sequence: int) -> None:
    """Whether an entry is in a journal that ends there; 0 is.  Raises `OutOfRange`."""
    if not 0 <= to <= last_sequence:
        held = f"sequences 1 to {last_sequence:,}" if last_sequence else "no entry"
        raise OutOfRange(f"there is no sequence {to:,} in this journal: it has {held}")


def start(journal: Path, near: int = 0) -> tuple[Engine, Head]:
    """An engine to begin with: empty at the genesis, or in the state of a snapshot whose root stands in the journal.

    With `near` that is the newest one not after it, if there is one.  For a pruned journal it is otherwise the oldest
    one that serves; raises `JournalPruned` if none does, `JournalDamaged`.  For one that was upgraded from an older
    format it is the state after the upgrade; raises `JournalUpgraded`, `JournalOutdated`.
    """
    genesis, first_sequence, upgraded = (
        read_genesis(journal),
        beginning_of(journal).first_sequence,
        upgraded_at(journal),
    )
    if near:
        found = _restored_among(snapshot for snapshot in _rooted(journal) if snapshot.head.sequence <= near)
        if found is not None:
            return found
    if first_sequence == 1 and not upgraded:
        return Engine(rules_version=genesis.rules_version), Head.at_genesis(genesis.hash)
    least = max(first_sequence - 1, upgraded)
    serving = [snapshot for snapshot in _rooted(journal) if snapshot.head.sequence >= least]
    found = _restored_among(reversed(serving))
    if found is None and upgraded >= first_sequence:
        raise JournalUpgraded(upgraded + 1)
    if found is None:
        raise JournalPruned(first_sequence)
    return found


def _rooted(journal: Path) -> Iterator[Snapshot]:
    notes: list[str] = []
    return Shelf(journal, journal.parent / SNAPSHOTS_NAME, notes).rooted()


def _restored_among(snapshots: Iterable[Snapshot]) -> tuple[Engine, Head] | None:
    """The first that can be restored."""
    for snapshot in snapshots:
        with contextlib.suppress(ValueError):
            engine = restored(Engine, snapshot)
            assert isinstance(engine, Engine)
            return engine, snapshot.head
    return None


def read_ahead(frames: Iterable[Frame], check: Callable[[Frame], Frame]) -> Iterator[Frame]:
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


def _unchecked(frame: Frame) -> Frame:
    return frame


def _through(
    journal: Path,
    engine: Engine,
    head: Head,
    progress: Progress,
    false_roots: Set[int],
    last_sequence: int,
    to: int,
    check: Callable[[Frame], Frame] = _unchecked,
) -> Checked:
    genesis = read_genesis(journal)
    frames, whole = 0, True
    halt: Halt | None = None
    started, begun = time.perf_counter(), time.process_time()
    with contextlib.closing(HashingThread(wait=True)) as hashing:
        roots = RootBook(genesis.roots_due_every, hashing, frozenset(false_roots))
        replica = Replica(engine, head, roots=roots)
        try:
            frames_left = read_frames(journal, head.sequence + 1) if to == 0 or to > head.sequence else ()
            for frame in read_ahead(frames_left, check):
                part = frame if to == 0 or frame.last_sequence <= to else cut_frame(frame, to)
                events = replica.advance(part)
                if engine.halted and halt is None:
                    halt = halt_in(list(events_among(events, HALTS)))
                frames, whole = frames + 1, part is frame
                progress(engine.sequence)
                if engine.sequence == to:
                    break
        except (ReplicaDiverged, JournalError) as problem:
            # A false root before that, whose hash was not known yet, is the first thing that is wrong.
            if not isinstance(problem, RootDiffers) and (difference := roots.settle(wait=True)) is not None:
                raise RootDiffers(*difference) from problem
            raise
        replica.settle_roots()
    seconds, processor_seconds = time.perf_counter() - started, time.process_time() - begun
    assert replica.head is not None
    return Checked(
        begins_after=head.sequence,
        pruned=beginning_of(journal).first_sequence > 1,
        upgraded=upgraded_at(journal),
        sequence=engine.sequence,
        journal_sequence=last_sequence,
        time_ns=engine.time_ns,
        entries=engine.sequence - head.sequence,
        frames=frames,
        seconds=seconds,
        processor_seconds=processor_seconds,
        halted=engine.halted,
        halted_sequence=halt.sequence if halt is not None else 0,
        halt=str(halt) if halt is not None else "",
        root=engine.roots()[2].hex(),
        head=replica.head.frame_hash.hex() if whole else "",
        roots_journaled=roots.journaled,
        roots_checked=roots.compared,
        law=law_sums(engine.tables),
        markets=list(_markets(engine)),
    )


def _markets(engine: Engine) -> Iterator[Market]:
    """All instruments as they stand."""
    for listing in Directory(engine).listings():
        row = engine.tables.instruments[listing.number]
        prices = (row.mark_subticks, row.index_subticks, row.last_price_ticks * listing.subticks_per_tick)
        mark, index, last = (price_text(subticks, listing) if subticks else "" for subticks in prices)
        state = InstrumentState(row.state).name.removeprefix("INSTRUMENT_").lower()
        yield Market(listing.symbol, state, mark, index, last, row.open_interest)
