"""Files of an engine's state: caches of clean stops, and the snapshots that state roots vouch for.

    00000000000000065536.rooted      taken at a due sequence by a keeper; its root stands in the journal
    00000000000000065536.candidate   the same before its root stood there
    00000000000000070000.upgraded    of the state after an `Upgrade`, whose entry says its root; never removed
    00000000000000069999.former      the state before it in its own, older format; only checked, never removed
    00000000000000070000.snapshot    of a clean stop: a cache that decides nothing

A file is magic, formats, length, the head of the chain it belongs to (sequence, frame hash, events digest, genesis
hash), public root and root (zeros in a cache), then the engine's snapshot with the origins in it, then SHA-256 of all
that.  It appears whole and durable or not at all.  What cannot be used is refused with a sentence (`SnapshotUnusable`)
and the next older one, or the journal, serves.  Whether a root stands in the journal is for `recovery` to find.
"""

import hashlib
import struct
from dataclasses import dataclass, field
from pathlib import Path

from outcry.journal.disk import SYSTEM_DISK, Disk
from outcry.journal.files import write_whole
from outcry.journal.frames import Head
from outcry.node.roots import StateRoot
from outcry.protocol.records import FORMAT_VERSION

CACHE, ROOTED, CANDIDATE, UPGRADED = ".snapshot", ".rooted", ".candidate", ".upgraded"
FORMER = ".former"
MAGIC = b"OOsnap\0\0"
SNAPSHOT_FORMAT = 2
"""Of this file's own head; the first one knew no roots and had zeros here."""
PREFIX = struct.Struct("<8sIIqq32s32s32s32s32s")
HASH_BYTES = 32
NO_ROOT = bytes(HASH_BYTES)


class SnapshotUnusable(Exception):
    """This file cannot be started from; the message says why."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An engine's state and where in which chain it belongs."""

    head: Head
    genesis_hash: bytes
    data: bytes = field(repr=False)
    root: StateRoot | None = None
    """Of the state; none in a cache."""


def write_snapshot(folder: Path, snapshot: Snapshot, kept: int, disk: Disk = SYSTEM_DISK) -> Path:
    """Write the cache of a clean stop durably, then remove all but the newest few."""
    path = _write(folder, snapshot, CACHE, disk)
    for old in _listed(folder, CACHE)[max(1, kept) :]:
        disk.remove(old)
    return path


def write_upgraded(folder: Path, snapshot: Snapshot, disk: Disk = SYSTEM_DISK) -> Path:
    """Write the state after an upgrade durably; it is kept for good, because nothing leads there from before."""
    return _write(folder, snapshot, UPGRADED, disk)


def write_candidate(folder: Path, snapshot: Snapshot, disk: Disk = SYSTEM_DISK) -> Path:
    """Write a snapshot durably whose root does not stand in the journal yet."""
    return _write(folder, snapshot, CANDIDATE, disk)


def make_usable(folder: Path, sequence: int, kept: int, disk: Disk = SYSTEM_DISK) -> Path:
    """The root of a candidate stands in the journal: give it its name, then remove all rooted but the newest few."""
    path = _path(folder, sequence, ROOTED)
    disk.rename(_path(folder, sequence, CANDIDATE), path)
    disk.sync_folder(folder)
    for old in list_rooted(folder)[max(1, kept) :]:
        disk.remove(old)
    return path


def drop_rooted(folder: Path, sequence: int) -> None:
    """Remove a snapshot whose root has turned out to be false, if it is there."""
    drop_candidate(folder, sequence)
    _path(folder, sequence, ROOTED).unlink(missing_ok=True)


def drop_candidate(folder: Path, sequence: int, disk: Disk = SYSTEM_DISK) -> None:
    """Remove a candidate, if it is there."""
    disk.remove(_path(folder, sequence, CANDIDATE))


def list_snapshots(folder: Path) -> list[Path]:
    """The files one may start from, newest first."""
    return sorted([*list_vouched(folder), *_listed(folder, CACHE)], key=sequence_of, reverse=True)


def list_rooted(folder: Path) -> list[Path]:
    """The snapshots of a keeper whose roots stood in the journal, newest first."""
    return _listed(folder, ROOTED)


def list_vouched(folder: Path) -> list[Path]:
    """Those whose roots stand in the journal, as roots or in an upgrade, newest first."""
    return sorted([*_listed(folder, ROOTED), *_listed(folder, UPGRADED)], key=sequence_of, reverse=True)


def list_candidates(folder: Path) -> list[Path]:
    """The snapshots of a keeper that wait for their roots, newest first."""
    return _listed(folder, CANDIDATE)


def sequence_of(path: Path) -> int:
    """The sequence in a file's name."""
    return int(path.name.partition(".")[0])


def read_snapshot(path: Path, genesis_hash: bytes, its_format: int = FORMAT_VERSION) -> Snapshot:
    """Read a snapshot of this chain, of this format or a former one.  Raises `SnapshotUnusable`."""
    try:
        whole = memoryview(path.read_bytes())
    except OSError as problem:
        raise SnapshotUnusable(f"{path.name} cannot be read: {problem.strerror}") from problem
    body = whole[:-HASH_BYTES]
    if len(whole) < PREFIX.size + HASH_BYTES or hashlib.sha256(body).digest() != whole[-HASH_BYTES:]:
        raise SnapshotUnusable(f"{path.name} fails its checksum")
    magic, version, own, length, sequence, *hashes = PREFIX.unpack_from(body)
    if magic != MAGIC or (version, own) != (its_format, SNAPSHOT_FORMAT):
        raise SnapshotUnusable(
            f"{path.name} has format {version}.{own}, this program reads format {its_format}.{SNAPSHOT_FORMAT}"
        )
    frame_hash, events_digest, its_genesis, public_root, root = hashes
    if its_genesis != genesis_hash:
        raise SnapshotUnusable(f"{path.name} belongs to another journal")
    if len(body) != PREFIX.size + length or sequence_of(path) != sequence:
        raise SnapshotUnusable(f"{path.name} is not what its name and head say")
    rooted = StateRoot(sequence, public_root, root) if root != NO_ROOT else None
    if rooted is None and path.suffix not in (CACHE, FORMER):
        raise SnapshotUnusable(f"{path.name} says no state root")
    return Snapshot(Head(sequence, frame_hash, events_digest), its_genesis, bytes(body[PREFIX.size :]), rooted)


def _write(folder: Path, snapshot: Snapshot, suffix: str, disk: Disk) -> Path:
    head, root = snapshot.head, snapshot.root
    prefix = PREFIX.pack(
        MAGIC,
        FORMAT_VERSION,
        SNAPSHOT_FORMAT,
        len(snapshot.data),
        head.sequence,
        head.frame_hash,
        head.events_digest,
        snapshot.genesis_hash,
        root.public_root if root is not None else NO_ROOT,
        root.root if root is not None else NO_ROOT,
    )
    body = prefix + snapshot.data
    folder.mkdir(parents=True, exist_ok=True)
    path = _path(folder, head.sequence, suffix)
    write_whole(path, body + hashlib.sha256(body).digest(), disk)
    return path


def _path(folder: Path, sequence: int, suffix: str) -> Path:
    return folder / f"{sequence:020d}{suffix}"


def _listed(folder: Path, suffix: str) -> list[Path]:
    """The files of a kind, newest first; what has no number as its name is nobody's snapshot."""
    found = (path for path in folder.glob("*" + suffix) if path.name.removesuffix(suffix).isdigit())
    return sorted(found, key=sequence_of, reverse=True)
