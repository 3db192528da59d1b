"""State files of a clean stop: a cache beside the journal that shortens the start and decides nothing.

A file is magic, format, length and the head of the chain it belongs to (sequence, frame hash, events digest, genesis
hash), then the engine's snapshot, then SHA-256 of all that.  It appears whole and durable or not at all.
What cannot be used is refused with a sentence (`SnapshotUnusable`) and the next older one, or the journal, serves.
"""

import hashlib
import struct
from dataclasses import dataclass, field
from pathlib import Path

from outcry.journal.files import write_whole
from outcry.journal.frames import Head
from outcry.protocol.records import FORMAT_VERSION

SUFFIX = ".snapshot"
MAGIC = b"OOsnap\0\0"
PREFIX = struct.Struct("<8sI4xqq32s32s32s")
HASH_BYTES = 32


class SnapshotUnusable(Exception):
    """This file cannot be started from; the message says why."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An engine's state and where in which chain it belongs."""

    head: Head
    genesis_hash: bytes
    data: bytes = field(repr=False)


def write_snapshot(folder: Path, snapshot: Snapshot, kept: int) -> Path:
    """Write a snapshot durably, then remove all but the newest few."""
    head = snapshot.head
    prefix = PREFIX.pack(
        MAGIC,
        FORMAT_VERSION,
        len(snapshot.data),
        head.sequence,
        head.frame_hash,
        head.events_digest,
        snapshot.genesis_hash,
    )
    body = prefix + snapshot.data
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{head.sequence:020d}{SUFFIX}"
    write_whole(path, body + hashlib.sha256(body).digest())
    for old in list_snapshots(folder)[max(1, kept) :]:
        old.unlink()
    return path


def list_snapshots(folder: Path) -> list[Path]:
    """The snapshot files, newest first."""
    return sorted(folder.glob("*" + SUFFIX), reverse=True)


def read_snapshot(path: Path, genesis_hash: bytes) -> Snapshot:
    """Read a snapshot of this chain.  Raises `SnapshotUnusable`."""
    whole = path.read_bytes()
    body = whole[:-HASH_BYTES]
    if len(whole) < PREFIX.size + HASH_BYTES or hashlib.sha256(body).digest() != whole[-HASH_BYTES:]:
        raise SnapshotUnusable(f"{path.name} fails its checksum")
    magic, version, length, sequence, frame_hash, events_digest, its_genesis = PREFIX.unpack_from(body)
    if magic != MAGIC or version != FORMAT_VERSION:
        raise SnapshotUnusable(f"{path.name} has format {version}, this program reads format {FORMAT_VERSION}")
    if its_genesis != genesis_hash:
        raise SnapshotUnusable(f"{path.name} belongs to another journal")
    if len(body) != PREFIX.size + length:
        raise SnapshotUnusable(f"{path.name} has a wrong length")
    return Snapshot(Head(sequence, frame_hash, events_digest), its_genesis, body[PREFIX.size :])
