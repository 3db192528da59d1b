"""A keeper at work: the core of `keeper` between a line to the node, a thread and a folder of snapshots.

First it settles what a crash has left; then it is the `Hashing` of its replica's `RootBook`, and looks about after
every frame.  The replica is held up while its state is copied; hashing, packing and writing are done in a thread, one
after the other, and what falls due meanwhile is left out.  A disk that takes no snapshot is a warning: roots are
proposed all the same.  Any process with a replica can be the keeper, exactly one should.
Known limit: the journal's files must be at hand here, to settle candidates at the start.
"""

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path

from outcry.journal.disk import SYSTEM_DISK, Disk
from outcry.journal.files import clear_temporary
from outcry.journal.frames import Genesis
from outcry.node.keeper import Candidate, Input, KeeperCore, KeeperSettings, Known, Noted, NotStored, Stored, Taken
from outcry.node.link import Link, Overloaded
from outcry.node.machine import Machine
from outcry.node.recovery import find_root
from outcry.node.roots import Hashed, StateRoot, root_of
from outcry.node.snapshots import (
    CANDIDATE,
    Snapshot,
    SnapshotUnusable,
    drop_candidate,
    list_candidates,
    make_usable,
    read_snapshot,
    sequence_of,
    write_candidate,
)
from outcry.protocol.layout import CommandKind, EventKind
from outcry.protocol.wire import Entry, Event

log = logging.getLogger("outcry.keeper")


class Keeping:
    """Proposes roots over a link and keeps snapshots in a folder."""

    def __init__(
        self,
        folder: Path,
        journal: Path,
        genesis: Genesis,
        settings: KeeperSettings | None = None,
        clock: Callable[[], float] = time.monotonic,
        *,
        disk: Disk = SYSTEM_DISK,
        thread: Executor | None = None,
    ) -> None:
        """`thread` does one thing after the other; it is the keeper's own unless another one is handed in."""
        self._folder = folder
        self._genesis = genesis
        self._settings = settings or KeeperSettings()
        self._clock = clock
        self._core = KeeperCore(self._settings)
        self._disk = disk
        self._thread = thread or ThreadPoolExecutor(1, "keeper")
        self._copy: Machine | None = None
        self._hashing: Hashed | None = None
        self._due_sequence = 0
        """Of the copy, as long as it has not been taken for a snapshot."""
        self._storing: dict[int, Future[Path]] = {}
        self._inputs: list[Input] = []
        self._link: Link | None = None
        self._settle(journal)

    def hash(self, engine: Machine) -> Hashed | None:
        """The `Hashing` of the replica's `RootBook`: copies the state and begins to hash it, unless it is busy."""
        if self._hashing is not None or self._storing or self._core.holds_state:
            log.warning("the state root of sequence %d is left out: the one before is not done", engine.sequence)
            return None
        self._copy = engine.copy(self._copy)
        self._hashing = self._thread.submit(root_of, self._copy)
        self._due_sequence = engine.sequence
        return self._hashing

    def attach(self, link: Link) -> None:
        """Follow this link's replica and propose over it."""
        self._link = link
        link.observe(self._observe)
        link.after_frames(self.look)

    def close(self) -> None:
        """Finish what the thread is at; a candidate that waits for its root is settled at the next start."""
        self._thread.shutdown()
        self._collect()
        self._act()

    def look(self) -> None:
        """A frame has been applied: see what is due, done and noted."""
        link, copy = self._link, self._copy
        replica = link.replica if link is not None else None
        if self._due_sequence and replica is not None and replica.head is not None and copy is not None:
            if replica.head.sequence == self._due_sequence:
                self._inputs.append(Taken(replica.head, copy))
            self._due_sequence = 0
        self._collect()
        self._act()

    def _observe(self, entry: Entry, events: Sequence[Event]) -> None:
        """Look for roots: those that were noted, and those that contradict."""
        if entry.head.kind != CommandKind.ROOT:
            return
        said = StateRoot.said_by(entry.record)
        if any(event.head.kind == EventKind.ROOT_NOTED for event in events):
            self._inputs.append(Noted(said))
            return
        roots = self._link.replica.roots if self._link is not None and self._link.replica is not None else None
        agreed = roots.agreed(said.at_sequence) if roots is not None else None
        if agreed is not None and agreed != said:
            log.error(
                "origin %d says the state root of sequence %d is %s, while the journal and this replica have %s: "
                "what runs there is in a wrong state",
                entry.head.origin,
                said.at_sequence,
                said.root.hex(),
                agreed.root.hex(),
            )

    def _collect(self) -> None:
        """What the thread has done."""
        if self._hashing is not None and self._hashing.done():
            self._inputs.append(Known(self._hashing.result()))
            self._hashing = None
        for sequence, storing in list(self._storing.items()):
            if storing.done():
                del self._storing[sequence]
                problem = storing.exception()
                if problem is None:
                    self._inputs.append(Stored(sequence))
                elif isinstance(problem, OSError):
                    log.warning("the snapshot of sequence %d was not written: %s", sequence, problem)
                    self._inputs.append(NotStored(sequence))
                else:
                    raise problem

    def _act(self) -> None:
        """A step of the core, and what follows from it."""
        inputs, self._inputs = self._inputs, []
        outputs = self._core.step(inputs, self._clock())
        for root in outputs.propose:
            self._propose(root)
        for candidate in outputs.store:
            self._storing[candidate.head.sequence] = self._thread.submit(self._write, candidate)
        try:
            for sequence in outputs.make_usable:
                make_usable(self._folder, sequence, self._settings.snapshots_kept, self._disk)
            for sequence, why in outputs.drop:
                log.warning("the snapshot of sequence %d is dropped: %s", sequence, why)
                drop_candidate(self._folder, sequence, self._disk)
        except OSError as problem:
            log.warning("the folder of snapshots is not in order: %s", problem)

    def _propose(self, root: StateRoot) -> None:
        """Hand it in; what is not taken now is repeated by the core."""
        try:
            if self._link is not None:
                self._link.submit(root.command())
        except Overloaded as problem:
            log.info("the state root of sequence %d waits: %s", root.at_sequence, problem)

    def _write(self, candidate: Candidate) -> Path:
        """Pack and write; runs in the thread."""
        assert candidate.state is not None
        assert candidate.root is not None
        data = candidate.state.snapshot()
        snapshot = Snapshot(candidate.head, self._genesis.hash, data, candidate.root)
        return write_candidate(self._folder, snapshot, self._disk)

    def _settle(self, journal: Path) -> None:
        """Candidates of before a crash: usable if their root stands in the journal by now, else of no use."""
        clear_temporary(self._folder, CANDIDATE, self._disk)
        for path in list_candidates(self._folder):
            sequence = sequence_of(path)
            try:
                root = read_snapshot(path, self._genesis.hash).root
            except SnapshotUnusable as problem:
                log.warning("%s; it was removed", problem)
                self._disk.remove(path)
                continue
            if root is not None and find_root(journal, sequence) == root:
                make_usable(self._folder, sequence, self._settings.snapshots_kept, self._disk)
            else:
                log.warning("the snapshot of sequence %d is dropped: its root is not in the journal", sequence)
                self._disk.remove(path)
