"""The files of a journal's folder: their names, how they are made, loaded and compressed.

    genesis                        the record the chain starts from
    00000000000000000001.segment   frames from that sequence on, then zeros up to the preallocated length
    00000000000000000001.segment.zst   the same, closed and compressed
    spare                          a zeroed file that becomes the next segment
    seen                           highest sequence that was handed to anyone (written, never synced)
    lock                           held by the one writer
    pruned                         where the journal begins now that older segments were removed, if they were

A file appears under its name only when it is whole and synced: it is made as `*.tmp` and renamed, and the folder is
synced after.  Knows nothing of what is inside a segment.
"""

import os
import struct
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import zstandard

from outcry.journal.disk import SYSTEM_DISK, Disk
from outcry.journal.errors import RESTORE, JournalDamaged

SEGMENT, COMPRESSED, TEMPORARY = ".segment", ".segment.zst", ".tmp"
GENESIS_NAME, SPARE_NAME, SEEN_NAME, LOCK_NAME, PRUNED_NAME = "genesis", "spare", "seen", "lock", "pruned"
SEGMENT_BYTES_MAX = 1 << 30
"""No segment is longer."""
ZERO_PIECE = bytes(1 << 20)
SEEN = struct.Struct("<qq")
PRUNED = struct.Struct("<q32sI")


class SegmentFile(NamedTuple):
    """A segment: the sequence in its name, and where it is."""

    first_sequence: int
    path: Path

    @property
    def compressed(self) -> bool:
        """Whether it is closed and compressed."""
        return self.path.name.endswith(COMPRESSED)


class Beginning(NamedTuple):
    """Where a journal begins: its first sequence, and the hash of what stands before that."""

    first_sequence: int
    previous_hash: bytes


def segment_path(folder: Path, first_sequence: int, suffix: str = SEGMENT) -> Path:
    """Where the segment that begins with this sequence is."""
    return folder / f"{first_sequence:020d}{suffix}"


def write_beginning(folder: Path, beginning: Beginning) -> None:
    """Say that the journal begins there: what is older counts as gone from now on, whether or not it still is there."""
    data = PRUNED.pack(*beginning, zlib.crc32(PRUNED.pack(*beginning, 0)))
    write_whole(folder / PRUNED_NAME, data)


def read_beginning(folder: Path, genesis_hash: bytes) -> Beginning:
    """Where the journal begins.  Raises `JournalDamaged`."""
    path = folder / PRUNED_NAME
    if not path.exists():
        return Beginning(1, genesis_hash)
    data = path.read_bytes()
    if len(data) == PRUNED.size:
        first_sequence, previous_hash, crc = PRUNED.unpack(data)
        if zlib.crc32(PRUNED.pack(first_sequence, previous_hash, 0)) == crc:
            return Beginning(first_sequence, previous_hash)
    raise JournalDamaged(1, f"{path} fails its checksum, so it is not known where the journal begins. {RESTORE}")


def list_segments(folder: Path) -> list[SegmentFile]:
    """The segments in order, without those that have been pruned."""
    first_sequence = read_beginning(folder, b"").first_sequence
    return [segment for segment in list_all_segments(folder) if segment.first_sequence >= first_sequence]


def list_all_segments(folder: Path) -> list[SegmentFile]:
    """The segments in order; where a compressed twin stands beside the file it was made from, the file."""
    found: dict[int, SegmentFile] = {}
    for name in sorted(os.listdir(folder), reverse=True):
        digits, dot, rest = name.partition(".")
        if dot and digits.isdigit() and "." + rest in (SEGMENT, COMPRESSED):
            found[int(digits)] = SegmentFile(int(digits), folder / name)
    return [found[first] for first in sorted(found)]


def load(segment: SegmentFile, offset: int = 0) -> bytes:
    """A segment's bytes from an offset on.  Raises `JournalDamaged`, or `FileNotFoundError` if just compressed."""
    if segment.compressed:
        packed = segment.path.read_bytes()
        try:
            # One flipped bit can make the length that it claims so large that there is no memory for it.
            if not 0 <= zstandard.frame_content_size(packed) <= SEGMENT_BYTES_MAX:
                raise zstandard.ZstdError("it says an impossible length")
            return zstandard.ZstdDecompressor().decompress(packed)[offset:]
        except zstandard.ZstdError as problem:
            sentence = f"{segment.path} cannot be decompressed: {problem}. {RESTORE}"
            raise JournalDamaged(segment.first_sequence, sentence) from problem
    with open(segment.path, "rb") as file:
        file.seek(offset)
        return file.read()


def sync_folder(folder: Path, disk: Disk = SYSTEM_DISK) -> None:
    """Make names in the folder durable."""
    disk.sync_folder(folder)


def write_whole(path: Path, data: bytes, disk: Disk = SYSTEM_DISK, mode: int = 0o666) -> None:
    """Write a file so that it is there whole and durable, or not at all; `mode` as the umask leaves it."""
    _write_pieces(path, (data,), disk, mode)


def make_zeroed(path: Path, length: int, disk: Disk = SYSTEM_DISK) -> None:
    """Make a file of so many written zeros (not holes, so that a later fdatasync has no metadata to write)."""
    _write_pieces(path, (ZERO_PIECE[: length - start] for start in range(0, length, len(ZERO_PIECE))), disk)


def _write_pieces(path: Path, pieces: Iterable[bytes], disk: Disk, mode: int = 0o666) -> None:
    temporary = path.with_name(path.name + TEMPORARY)
    try:
        with open(temporary, "wb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            disk.make_file_durable(file.fileno())
        disk.rename(temporary, path)
    except BaseException:
        # On a full disk the half-written file would keep what little space there is.
        disk.remove(temporary)
        raise
    disk.sync_folder(path.parent)


def clear_temporary(folder: Path, suffix: str = "", disk: Disk = SYSTEM_DISK) -> None:
    """Remove what a crash has left half-written, in a folder in which nobody else writes files of that suffix now."""
    for path in folder.glob("*" + suffix + TEMPORARY):
        disk.remove(path)


def compress(segment: SegmentFile, disk: Disk = SYSTEM_DISK) -> None:
    """Put the compressed twin in the segment's place."""
    packer = zstandard.ZstdCompressor(level=6, write_checksum=True, write_content_size=True)
    twin = segment_path(segment.path.parent, segment.first_sequence, COMPRESSED)
    write_whole(twin, packer.compress(load(segment)), disk)
    disk.remove(segment.path)
    disk.sync_folder(segment.path.parent)


def encode_seen(sequence: int) -> bytes:
    """The mark's bytes: the number and its complement, so that a half-written one is recognised."""
    return SEEN.pack(sequence, ~sequence)


def read_seen(folder: Path) -> int:
    """The mark's number, 0 if there is none or it is not whole."""
    path = folder / SEEN_NAME
    data = path.read_bytes() if path.exists() else b""
    if len(data) != SEEN.size:
        return 0
    sequence, complement = SEEN.unpack(data)
    return int(sequence) if complement == ~sequence else 0
