"""From a data folder to an engine that stands where the journal ends.

The newest usable snapshot and the frames after it, or else all frames: every frame's digest of the events before it is
compared with the events made here, so a wrong snapshot or a changed rule is noticed.  What was not used, and why, is in
`Recovered.notes`.  Begins a new journal in an empty folder.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from outcry.journal.files import GENESIS_NAME, clear_temporary
from outcry.journal.frames import Genesis, Head
from outcry.journal.reading import read_frames, read_genesis
from outcry.journal.segments import Segments
from outcry.node.machine import Machine, MachineClass
from outcry.node.replica import Replica, ReplicaDiverged
from outcry.node.settings import NodeSettings
from outcry.node.snapshots import Snapshot, SnapshotUnusable, list_snapshots, read_snapshot

JOURNAL_NAME, SNAPSHOTS_NAME = "journal", "snapshots"


@dataclass(frozen=True, slots=True)
class Recovered:
    """An engine at the end of an open journal."""

    engine: Machine
    head: Head
    journal: Segments
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
    snapshots = list(_usable(folder, snapshots_folder, notes))
    journal = Segments.open(
        folder,
        Genesis(settings.rules_version, now_ns, settings.root_every),
        settings.segments,
        seen_sequence=max((snapshot.head.sequence for snapshot in snapshots), default=0),
    )
    try:
        clear_temporary(snapshots_folder)
        for snapshot in snapshots:
            try:
                replica = Replica(machines.restore(snapshot.data), snapshot.head)
                _follow(replica, journal, progress)
            except (ValueError, ReplicaDiverged) as problem:
                notes.append(f"the snapshot at sequence {snapshot.head.sequence} was not used: {problem}")
                continue
            return _recovered(replica, journal, snapshots_folder, snapshot.head.sequence, notes)
        replica = Replica(machines())
        replica.begin(journal.genesis.hash)
        _follow(replica, journal, progress)
        return _recovered(replica, journal, snapshots_folder, 0, notes)
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
    replica = Replica(machines(), check_roots=check_roots)
    replica.begin(read_genesis(folder).hash)
    for frame in read_frames(folder):
        replica.advance(frame)
        if progress is not None:
            progress(replica.sequence)
    return replica


def latest_snapshot(data_folder: Path) -> Snapshot | None:
    """The newest usable snapshot, for a replica that wants to begin there instead of at the genesis."""
    return next(_usable(data_folder / JOURNAL_NAME, data_folder / SNAPSHOTS_NAME, []), None)


def _usable(folder: Path, snapshots_folder: Path, notes: list[str]) -> Iterator[Snapshot]:
    """Whole snapshots of this journal, newest first."""
    if not (folder / GENESIS_NAME).exists():
        return
    genesis_hash = read_genesis(folder).hash
    for path in list_snapshots(snapshots_folder):
        try:
            yield read_snapshot(path, genesis_hash)
        except SnapshotUnusable as problem:
            notes.append(f"{problem}; it was not used")


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
    replica: Replica, journal: Segments, snapshots_folder: Path, snapshot_sequence: int, notes: list[str]
) -> Recovered:
    assert replica.head is not None
    return Recovered(replica.engine, replica.head, journal, snapshots_folder, snapshot_sequence, notes)
