"""From a data folder to an engine that stands where the journal ends.

The newest usable snapshot and the frames after it, or else all frames: every frame's digest of the events before it is
compared with the events made here, so a wrong snapshot or a changed rule is noticed.  A keeper's snapshot is usable
only if its root stands in the journal and the restored state has that root; it is preferred to the cache of a clean
stop, which nobody vouches for, unless the cache is far ahead.  What was not used, and why, is in `Recovered.notes`.
Begins a new journal in an empty folder.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from outcry.journal.errors import JournalUpgraded
from outcry.journal.files import GENESIS_NAME, clear_temporary, list_segments
from outcry.journal.frames import Genesis, Head, Sign
from outcry.journal.reading import beginning_of, read_frames, read_genesis
from outcry.journal.segments import Segments
from outcry.journal.signing import offer_signer, sign_of
from outcry.journal.upgraded import upgrade_at, upgraded_at
from outcry.node.machine import Machine, MachineClass
from outcry.node.replica import Replica, ReplicaDiverged
from outcry.node.roots import StateRoot, root_of, said_roots
from outcry.node.settings import NodeSettings
from outcry.node.snapshots import (
    CACHE,
    UPGRADED,
    Snapshot,
    SnapshotUnusable,
    list_snapshots,
    list_vouched,
    read_snapshot,
    sequence_of,
)

JOURNAL_NAME, SNAPSHOTS_NAME = "journal", "snapshots"
CACHE_AHEAD = 4
"""A cache that nobody vouches for is preferred to a rooted snapshot if so many roots fell due between them."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """An engine at the end of an open journal."""

    engine: Machine
    head: Head
    journal: Segments
    sign: Sign
    """How its frames are signed."""
    snapshots_folder: Path
    snapshot_sequence: int
    """Where the snapshot stood that was used, 0 if none was."""
    notes: list[str]


def recover(
    data_folder: Path,
    machines: MachineClass,
    now_ns: int,
    settings: NodeSettings | None = None,
    progress: Callable[[int], None] | None = None,
) -> Recovered:
    """Open the journal and bring an engine to its end.

    `progress` is called with the sequence after each frame replayed.  Raises `JournalError`, or `ReplicaDiverged` if
    replaying the whole journal does not lead there.
    """
    settings = settings or NodeSettings()
    folder, snapshots_folder = data_folder / JOURNAL_NAME, data_folder / SNAPSHOTS_NAME
    notes: list[str] = []
    shelf = Shelf(folder, snapshots_folder, notes)
    genesis = Genesis(settings.rules_version, now_ns, settings.root_every)
    if is_new(folder):
        genesis = replace(genesis, signing_key=offer_signer(data_folder, settings.draw_key).public_key)
    else:
        # What only an upgrade can go on with is not touched.
        upgraded_at(folder)
    journal = Segments.open(
        folder,
        genesis,
        settings.segments,
        seen_sequence=max(shelf.last_sequence(), settings.seen_sequence),
        disk=settings.disk,
    )
    try:
        sign = sign_of(data_folder, journal.genesis)
        clear_temporary(snapshots_folder, CACHE, settings.disk)
        for snapshot in shelf.usable():
            try:
                replica = Replica(restored(machines, snapshot), snapshot.head)
                _follow(replica, journal, progress)
            except (ValueError, ReplicaDiverged) as problem:
                notes.append(f"the snapshot at sequence {snapshot.head.sequence} was not used: {problem}")
                continue
            return _recovered(replica, journal, sign, snapshots_folder, snapshot.head.sequence, notes)
        check_applied(folder)
        replica = Replica(machines(rules_version=journal.genesis.rules_version))
        replica.begin(journal.genesis.hash)
        _follow(replica, journal, progress)
        return _recovered(replica, journal, sign, snapshots_folder, 0, notes)
    except BaseException:
        journal.close()
        raise


def replay(
    data_folder: Path,
    machines: MachineClass,
    progress: Callable[[int], None] | None = None,
    *,
    check_roots: bool = False,
) -> Replica:
    """An engine taken through the whole journal from its genesis, only reading, also while a node writes.

    Raises `JournalDamaged`, or `ReplicaDiverged` at the first sequence whose events cannot be made again.
    """
    folder = data_folder / JOURNAL_NAME
    check_applied(folder)
    genesis = read_genesis(folder)
    replica = Replica(machines(rules_version=genesis.rules_version), check_roots=check_roots)
    replica.begin(genesis.hash)
    for frame in read_frames(folder):
        replica.advance(frame)
        if progress is not None:
            progress(replica.sequence)
    return replica


def check_applied(folder: Path) -> None:
    """Whether the journal can be applied from its beginning.  Raises `JournalUpgraded`, `JournalOutdated`."""
    upgraded = upgraded_at(folder)
    if upgraded:
        raise JournalUpgraded(upgraded + 1)


def is_new(folder: Path) -> bool:
    """Whether no journal has been begun there."""
    return not folder.exists() or not ((folder / GENESIS_NAME).exists() or list_segments(folder))


class Shelf:
    """The snapshots of one journal; each is read when it is asked for, and what is wrong with one is noted once."""

    def __init__(self, journal: Path, folder: Path, notes: list[str]) -> None:
        self._journal = journal
        self._folder = folder
        self._notes = notes
        self._genesis = read_genesis(journal) if (journal / GENESIS_NAME).exists() else None
        self._read: dict[Path, Snapshot | None] = {}

    def last_sequence(self) -> int:
        """The highest sequence that a whole snapshot of this journal has seen, 0 if there is none."""
        for path in list_snapshots(self._folder):
            # One of an upgrade is there before its entry is.
            snapshot = self._load(path) if path.suffix != UPGRADED else None
            if snapshot is not None:
                return snapshot.head.sequence
        return 0

    def usable(self) -> Iterator[Snapshot]:
        """What the node may start from, best first: rooted ones, and caches that are well ahead of them."""
        ahead = CACHE_AHEAD * self._genesis.roots_due_every if self._genesis is not None else 0
        paths = list_snapshots(self._folder)
        paths.sort(key=lambda path: sequence_of(path) + (0 if path.suffix == CACHE else ahead), reverse=True)
        return self._vouched(paths)

    def rooted(self) -> Iterator[Snapshot]:
        """Those whose root stands in the journal, newest first: what a replica may start from."""
        return self._vouched(list_vouched(self._folder))

    def _vouched(self, paths: list[Path]) -> Iterator[Snapshot]:
        for path in paths:
            snapshot = self._load(path)
            if snapshot is None or self._genesis is None:
                continue
            if path.suffix == UPGRADED:
                if not self._is_of_upgrade(snapshot):
                    self._notes.append(f"{path.name} was not used: no upgrade in the journal says its state root")
                    continue
            elif snapshot.root is not None:
                journaled = find_root(self._journal, snapshot.head.sequence)
                if journaled != snapshot.root:
                    why = "is not in the journal" if journaled is None else "is another one in the journal"
                    self._notes.append(f"{path.name} was not used: its state root {why}")
                    continue
            yield snapshot

    def _is_of_upgrade(self, snapshot: Snapshot) -> bool:
        sequence = snapshot.head.sequence
        if sequence < beginning_of(self._journal).first_sequence:
            return False
        upgrade = upgrade_at(self._journal, sequence)
        return upgrade is not None and snapshot.root is not None and bytes(upgrade.root_after) == snapshot.root.root

    def _load(self, path: Path) -> Snapshot | None:
        if path not in self._read and self._genesis is not None:
            try:
                self._read[path] = read_snapshot(path, self._genesis.hash)
            except SnapshotUnusable as problem:
                self._notes.append(f"{problem}; it was not used")
                self._read[path] = None
        return self._read.get(path)


def restored(machines: MachineClass, snapshot: Snapshot) -> Machine:
    """An engine in a snapshot's state.  Raises `ValueError` if it cannot be made or has not the snapshot's root."""
    engine = machines.restore(snapshot.data)
    if snapshot.root is not None and root_of(engine) != snapshot.root:
        raise ValueError(f"its state has the root {root_of(engine).root.hex()}, not {snapshot.root.root.hex()}")
    return engine


def find_root(journal: Path, at_sequence: int) -> StateRoot | None:
    """The first root of that sequence that the journal's entries say, if they are there and say one.

    However late it comes, because whoever hashed it may have been slow; only one that comes after the root of a later
    sequence was refused by the engine and vouches for nothing, so the search ends there.  Raises `JournalDamaged`.
    """
    if at_sequence + 1 < beginning_of(journal).first_sequence:
        return None
    for frame in read_frames(journal, at_sequence + 1):
        for head, root in said_roots(frame):
            if root.at_sequence == at_sequence:
                return root
            if at_sequence < root.at_sequence < head.sequence:
                return None
    return None


def _follow(replica: Replica, journal: Segments, progress: Callable[[int], None] | None) -> None:
    """Apply the frames after the replica's head, to the journal's end."""
    for frame in journal.frames(replica.sequence + 1, journal.last_sequence):
        replica.advance(frame)
        if progress is not None:
            progress(replica.sequence)
    if replica.head is None or (replica.sequence, replica.head.frame_hash) != (
        journal.last_sequence,
        journal.last_hash,
    ):
        raise ReplicaDiverged(replica.sequence, f"the journal ends at sequence {journal.last_sequence} elsewhere")


def _recovered(
    replica: Replica, journal: Segments, sign: Sign, snapshots_folder: Path, snapshot_sequence: int, notes: list[str]
) -> Recovered:
    assert replica.head is not None
    return Recovered(replica.engine, replica.head, journal, sign, snapshots_folder, snapshot_sequence, notes)
