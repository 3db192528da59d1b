"""Where a journal that began in an older format goes over to the format of now.

A program of a format appends frames of that format only, and an upgrade begins a segment of its own with one frame that
holds nothing but the `Upgrade`.  So formats never go back from segment to segment, and the first segment of now is
found in a few looks.  Reads only.
"""

import contextlib
from pathlib import Path

import zstandard

from outcry.journal.errors import FrameDamaged, JournalOutdated
from outcry.journal.files import SegmentFile, list_segments
from outcry.journal.frames import HEADER_BYTES, Frame, decode_header
from outcry.journal.reading import beginning_of, read_frames, read_genesis
from outcry.protocol import wire
from outcry.protocol.layout import CommandKind, Upgrade
from outcry.protocol.records import FORMAT_VERSION

KIND = 4
"""Its place among the numbers of an entry's head."""


def format_of(segment: SegmentFile) -> int:
    """The format of a segment's first frame, 0 where none can be read."""
    opened = segment.path.open("rb")
    with opened as file, contextlib.suppress(FrameDamaged, zstandard.ZstdError):
        if not segment.compressed:
            return decode_header(file.read(HEADER_BYTES)).format
        with zstandard.ZstdDecompressor().stream_reader(file) as plain:
            return decode_header(plain.read(HEADER_BYTES)).format
    return 0


def upgraded_at(folder: Path) -> int:
    """The sequence of the `Upgrade` with which the format of now begins; 0 if all that is there is of now.

    Raises `JournalOutdated` if nothing is, `JournalDamaged`.
    """
    genesis = read_genesis(folder)
    if genesis.format == FORMAT_VERSION:
        return 0
    segments = list_segments(folder)
    if segments and not format_of(segments[-1]):
        # Begun by an upgrade that did not come to its frame; or damaged, which reading it will tell of.
        segments.pop()
    low, high = 0, len(segments)
    while low < high:
        middle = (low + high) // 2
        if format_of(segments[middle]) in (0, FORMAT_VERSION):
            high = middle
        else:
            low = middle + 1
    if low == len(segments):
        raise JournalOutdated(folder.parent if folder.name == "journal" else folder, genesis.format, FORMAT_VERSION)
    first_sequence = segments[low].first_sequence
    return first_sequence if upgrade_at(folder, first_sequence) is not None else 0


def applied_from(folder: Path) -> int:
    """The first sequence of this journal that this program can apply.  Raises `JournalOutdated`, `JournalDamaged`."""
    upgraded = upgraded_at(folder)
    return upgraded + 1 if upgraded else beginning_of(folder).first_sequence


def upgrade_in(frame: Frame) -> Upgrade | None:
    """The `Upgrade` that a frame is made of, if it is.  Raises `wire.Malformed`."""
    if frame.header.entries != 1 or len(frame.body) < wire.ENTRY_HEAD_BYTES:
        return None
    if wire.ENTRY_SHAPE.unpack_from(frame.body)[KIND] != CommandKind.UPGRADE:
        return None
    record: Upgrade = wire.entry_of(frame.body).record
    return record


def upgrade_at(folder: Path, sequence: int) -> Upgrade | None:
    """The `Upgrade` of that sequence, if it is one.  Raises `JournalDamaged`, `JournalPruned`."""
    for frame in read_frames(folder, sequence):
        return upgrade_in(frame) if frame.first_sequence == sequence else None
    return None
