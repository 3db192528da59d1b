"""What a follower keeps for its next start: its replica's engine and what its views know of late, at one sequence.

Written at a clean stop and every `SAVE_EVERY` entries, though not more often than every `SAVE_SECONDS`, so that a
killed gateway or keeper has only a few seconds to follow again.  It decides nothing: a file that is missing, damaged,
of another journal or of another version is left aside, and instead a keeper's snapshot is begun from (its books and
open orders are whole; what ended or traded before is not known here then), or the whole journal is followed from its
beginning.  A disk that does not take it is a warning.  Known limit: copying the state holds the process up, about a
millisecond for every thousand open orders; packing and writing it is done in a thread that lets others have their turn.
"""

import hashlib
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import msgspec

from outcry.app import allocating
from outcry.engine.engine import Engine
from outcry.journal.files import write_whole
from outcry.journal.frames import Head
from outcry.node.recovery import restored
from outcry.node.replica import Replica
from outcry.node.roots import RootBook
from outcry.node.snapshots import Snapshot
from outcry.protocol.layout import RULES_VERSION
from outcry.protocol.wire import Entry, Event

log = logging.getLogger("outcry.app")

SAVE_EVERY = 50_000
"""Some two seconds of following."""
SAVE_SECONDS = 30.0
DIGEST_BYTES = 32
DIFFERS = ".differs"
"""Behind the name of a file that is not started from any more."""


class Saved(msgspec.Struct, array_like=True):
    """The file's content."""

    genesis_hash: bytes
    sequence: int
    frame_hash: bytes
    events_digest: bytes
    engine: bytes
    views: bytes


class Reached(msgspec.Struct, array_like=True):
    """How the content begins."""

    genesis_hash: bytes
    sequence: int


class Views(Protocol):
    """What is kept beside an engine."""

    def taken(self) -> Callable[[], bytes]:
        """What makes bytes of the present state, whenever it is called and in whatever thread."""
        ...

    def load(self, data: bytes) -> None:
        """From bytes.  Raises `ValueError`."""
        ...

    def adopt(self, sequence: int, time_ns: int) -> None:
        """Begin with an engine that stands there already."""
        ...


class NoViews:
    """Of a follower whose observers keep their own."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def taken(self) -> Callable[[], bytes]:
        """Nothing."""
        return bytes

    def load(self, data: bytes) -> None:
        """Of nothing."""
        if data:
            raise ValueError("there are views in this state")

    def adopt(self, sequence: int, time_ns: int) -> None:
        """There is nothing to begin with."""


Kind = TypeVar("Kind", bound=Views)


@dataclass(slots=True)
class Follower(Generic[Kind]):
    """A replica with its views."""

    engine: Engine
    replica: Replica
    recent: Kind


@dataclass(slots=True)
class Taken:
    """A state that has been copied and that nobody changes any more."""

    genesis_hash: bytes
    head: Head
    engine: Engine
    views: Callable[[], bytes]

    def packed(self) -> Saved:
        """As it is written."""
        return Saved(self.genesis_hash, *self.head, self.engine.snapshot(), self.views())


def nothing_first() -> None:
    """Where nothing has to be durable before the state is."""


class Saving:
    """An observer that saves now and then, between two frames; the writing is done in a thread of its own."""

    def __init__(
        self,
        path: Path,
        genesis_hash: bytes,
        follower: Follower[Kind],
        first: Callable[[], None] = nothing_first,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`first` is called before each copy, so that what must never be behind the state is not."""
        self._path = path
        self._genesis_hash = genesis_hash
        self._follower = follower
        self._first = first
        self._clock = clock
        self._sequence = follower.replica.sequence
        self._seconds = clock()
        self._thread = ThreadPoolExecutor(1, "saving")
        self._writing: Future[None] | None = None
        self._copy: Engine | None = None
        """Its memory is used again for the next copy."""

    def observe(self, entry: Entry, events: Sequence[Event]) -> None:
        """An entry has been applied, and the views know it."""
        sequence = entry.head.sequence
        # Only after the last entry of a frame do engine, chain and views stand at the same one.
        if sequence - self._sequence < SAVE_EVERY or sequence != self._follower.replica.sequence:
            return
        if self._clock() - self._seconds >= SAVE_SECONDS and (self._writing is None or self._writing.done()):
            self._sequence, self._seconds = sequence, self._clock()
            if self._writing is not None:
                # What went wrong there, other than the disk, is an error of our own.
                self._writing.result()
            self._first()
            taken = take(self._genesis_hash, self._follower, self._copy)
            if taken is not None:
                self._copy = taken.engine
                self._writing = self._thread.submit(write_taken, self._path, taken)

    def finish(self) -> None:
        """Save where everything stands now, after whatever is being written."""
        self._thread.shutdown()
        if self._writing is not None:
            self._writing.result()
        self._first()
        state = copy_of(self._genesis_hash, self._follower)
        if state is not None:
            write(self._path, state)


def take(genesis_hash: bytes, follower: Follower[Kind], over: Engine | None = None) -> Taken | None:
    """Copy the state as it is now, if there is one to save: there is none before the first entry or after a breach.

    An earlier copy that nobody needs any more may be written over.
    """
    head = follower.replica.head
    if head is None or not head.sequence or follower.engine.halted:
        return None
    return Taken(genesis_hash, head, follower.engine.copy(over), follower.recent.taken())


def copy_of(genesis_hash: bytes, follower: Follower[Kind]) -> Saved | None:
    """What would be written now."""
    taken = take(genesis_hash, follower)
    return None if taken is None else taken.packed()


def write_taken(path: Path, taken: Taken) -> None:
    """Pack and write it, in a thread."""
    write(path, taken.packed())
    # What that took is several times the file.
    allocating.give_back()


def write(path: Path, state: Saved) -> None:
    """Write the file, or say why not: the venue goes on without it, and the next start takes longer."""
    content = msgspec.msgpack.encode(state)
    try:
        write_whole(path, hashlib.sha256(content).digest() + content)
    except OSError as problem:
        log.warning("%s was not written, so the next start takes longer: %s", path, problem)


def load(
    path: Path,
    genesis_hash: bytes,
    views: Callable[[Engine], Kind],
    last_sequence: int | None = None,
    *,
    roots: RootBook | None = None,
    snapshots: Iterable[Snapshot] = (),
    rules_version: int = RULES_VERSION,
) -> Follower[Kind]:
    """A follower as far as the file goes, or as one of these snapshots, or at the journal's beginning.

    What goes beyond `last_sequence` is not used; the journal begins under those rules.
    """
    saved = read(path, genesis_hash)
    if saved is not None and (last_sequence is None or saved.sequence <= last_sequence):
        head = Head(saved.sequence, saved.frame_hash, saved.events_digest)
        try:
            engine = Engine.restore(saved.engine)
            recent = views(engine)
            recent.load(saved.views)
            return Follower(engine, Replica(engine, head, roots=roots), recent)
        except ValueError as problem:
            log.warning("%s was not used: %s", path, problem)
    follower = begin(snapshots, views, roots, last_sequence)
    if follower is None:
        engine = Engine(rules_version=rules_version)
        follower = Follower(engine, Replica(engine, roots=roots), views(engine))
    else:
        log.warning("what is known here begins with the snapshot of sequence %d", follower.replica.sequence)
    return follower


def begin(
    snapshots: Iterable[Snapshot],
    views: Callable[[Engine], Kind],
    roots: RootBook | None,
    last_sequence: int | None = None,
) -> Follower[Kind] | None:
    """A follower in the state of the first of these snapshots that can be used, if there is one."""
    for snapshot in snapshots:
        sequence = snapshot.head.sequence
        if last_sequence is not None and sequence > last_sequence:
            continue
        try:
            machine = restored(Engine, snapshot)
        except ValueError as problem:
            log.warning("the snapshot of sequence %d was not used: %s", sequence, problem)
            continue
        assert isinstance(machine, Engine)
        recent = views(machine)
        recent.adopt(sequence, machine.time_ns)
        return Follower(machine, Replica(machine, snapshot.head, roots=roots), recent)
    return None


def set_aside(path: Path) -> None:
    """Keep the file for looking at, but do not start from it any more: the replica that wrote it differs."""
    if path.exists():
        path.replace(path.with_name(path.name + DIFFERS))


def reached(path: Path, genesis_hash: bytes) -> int:
    """The entry at which a file stands that is whole and of this journal, else 0."""
    try:
        whole = path.read_bytes()
        told = msgspec.msgpack.decode(memoryview(whole)[DIGEST_BYTES:], type=Reached)
    except (OSError, msgspec.DecodeError):
        return 0
    is_whole = hashlib.sha256(memoryview(whole)[DIGEST_BYTES:]).digest() == whole[:DIGEST_BYTES]
    return told.sequence if is_whole and told.genesis_hash == genesis_hash else 0


def read(path: Path, genesis_hash: bytes) -> Saved | None:
    """The file's content if it is there, whole and of this journal."""
    if not path.exists():
        return None
    whole = path.read_bytes()
    digest, content = whole[:DIGEST_BYTES], whole[DIGEST_BYTES:]
    if hashlib.sha256(content).digest() != digest:
        log.warning("%s was not used: it fails its checksum", path)
        return None
    try:
        saved = msgspec.msgpack.decode(content, type=Saved)
    except msgspec.DecodeError as problem:
        log.warning("%s was not used: %s", path, problem)
        return None
    if saved.genesis_hash != genesis_hash:
        log.warning("%s was not used: it belongs to another journal", path)
        return None
    return saved
