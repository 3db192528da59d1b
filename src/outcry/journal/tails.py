"""Where a journal ends, and whether what stands behind its last whole frame can be what a crash has left there.

A start cuts whatever *might* be a torn write and was handed to nobody.  Who checks a journal wants to know more: a torn
write leaves the beginning of a frame, or a frame some of whose disk sectors were not written, and nothing else; a
changed byte looks like neither.  First the end, then where a sequence lies, then the tail.  Never writes; where another
process writes, what is not whole is looked at again until it stays as it is.
Known limits: the last frame of a journal that nobody signs, ends in zeros and has lost its mark of what was handed out
may be taken for torn when it was changed; damage that leaves exactly what a torn write leaves cannot be told from one.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from outcry.journal import files
from outcry.journal.errors import RESTORE, FrameDamaged, JournalDamaged
from outcry.journal.files import list_segments
from outcry.journal.frames import HEADER_BYTES, MAGIC, Frame, decode_header
from outcry.journal.reading import SegmentWalk, Tail, length_used

SECTOR_BYTES = 512
"""What a disk writes whole or not at all."""
WRITTEN_BYTES_MIN = 4
"""A sector that holds a part of a frame has at least so many bytes other than zero: every entry has a random salt, and
a trailer ends with a checksum and its complement."""
LOOK_SECONDS = 0.2
CLEARED = "Nothing whole is lost with them: the next start clears them. Find out what wrote into that file."


class Place(NamedTuple):
    """Where a frame lies: its file's name, the byte at which it begins, its first and last sequence."""

    file: str
    offset: int
    first_sequence: int
    last_sequence: int


def end_of(folder: Path) -> int:
    """The last sequence of the last whole frame, found from the end.  Raises `JournalDamaged`."""
    segments = list_segments(folder)
    for segment in reversed(segments):
        last = 0
        for frame in SegmentWalk(segment, None).frames():
            last = frame.last_sequence
        if last:
            return last
    return segments[0].first_sequence - 1 if segments else 0


def place_of(folder: Path, sequence: int) -> Place | None:
    """Where the frame of this sequence lies, if what is before it in its file can be read."""
    offset = 0
    held = [found for found in list_segments(folder) if found.first_sequence <= sequence]
    if not held:
        return None
    for frame in _readable(held[-1]):
        if frame.last_sequence >= sequence:
            return Place(held[-1].path.name, offset, frame.first_sequence, frame.last_sequence)
        offset += len(frame.data)
    return None


def _readable(segment: files.SegmentFile) -> Iterator[Frame]:
    try:
        yield from SegmentWalk(segment, None).frames()
    except (JournalDamaged, OSError):
        return


def seen_of(folder: Path) -> int:
    """The highest sequence that was handed to anybody, as the mark says; 0 without one.

    Raises `JournalDamaged` for a mark that is not whole, which a start takes for none.
    """
    found = files.read_seen(folder)
    path = folder / files.SEEN_NAME
    if not found and path.exists() and any(path.read_bytes()):
        # Who writes the mark at this moment is done with it in the next.
        time.sleep(LOOK_SECONDS)
        found = files.read_seen(folder)
        if not found:
            raise JournalDamaged(
                end_of(folder) + 1,
                f"{path.name} is not whole, so nobody knows whether what was handed out behind the journal's end is "
                f"missing. Compare the end with a replica or a backup, then remove {path}.",
                path.name,
                0,
            )
    return found


def check_end(folder: Path, seen_sequence: int) -> int:
    """Check that nothing handed out is missing at the end, and that a torn write explains what is not a whole frame.

    Returns how many bytes such a write has left there.  Raises `JournalDamaged`.
    """
    walk = _at_the_end(folder)
    if walk is None:
        if seen_sequence:
            raise JournalDamaged(1, f"sequence {seen_sequence} has been handed out, but there is no entry. {RESTORE}")
        return 0
    if seen_sequence >= walk.expected_sequence:
        raise walk.damaged(
            f"{walk.reason}; but sequence {seen_sequence} has been handed out, so the journal has been cut off or this "
            f"frame was changed since. {RESTORE}"
        )
    before = None
    while walk is not None and walk.tail is not Tail.CLEAN and walk.rest != before:
        # Another process may be writing it.
        before = walk.rest
        time.sleep(LOOK_SECONDS)
        walk = _at_the_end(folder)
    if walk is None or walk.tail is Tail.CLEAN:
        return 0
    problem = not_torn(walk.rest, walk.offset)
    if problem:
        raise walk.damaged(f"behind the last whole frame stand {length_used(walk.rest)} bytes: {problem}. {CLEARED}")
    return length_used(walk.rest)


def _at_the_end(folder: Path) -> SegmentWalk | None:
    """A walk to the end of the newest segment, if there is one."""
    segments = list_segments(folder)
    walk = SegmentWalk(segments[-1], None) if segments else None
    for _ in walk.frames() if walk is not None else ():
        pass
    return walk


def not_torn(rest: bytes, offset: int) -> str:
    """Why these bytes, which stand at an offset behind the last whole frame, are not left by a torn write, or nothing.

    A torn write leaves the frame's beginning, or all of it but for whole sectors.
    """
    used = length_used(rest)
    begun = rest.startswith(MAGIC[: min(used, len(MAGIC))])
    try:
        extent = decode_header(rest).frame_bytes
    except FrameDamaged:
        extent = 0
    if begun and used <= (extent - WRITTEN_BYTES_MIN if extent else HEADER_BYTES):
        return ""
    pieces = list(_sectors(rest, offset, extent or used))
    if not extent and any(pieces[0]) and not begun:
        return "no frame begins there"
    if not extent and all(any(piece) for piece in _sectors(rest, offset, HEADER_BYTES)):
        return "a frame's header stands there and fails its checksum"
    if any(len(piece) == SECTOR_BYTES and 0 < SECTOR_BYTES - piece.count(0) < WRITTEN_BYTES_MIN for piece in pieces):
        return "they are no part of a frame"
    if all(any(piece) for piece in pieces):
        return "every part of a frame was written, and yet it fails its checksum"
    return ""


def _sectors(rest: bytes, offset: int, length: int) -> Iterator[bytes]:
    """The first bytes, divided as the sectors of the file divide them; a sector that is begun is given whole."""
    place = 0
    while place < length:
        end = place + SECTOR_BYTES - (offset + place) % SECTOR_BYTES
        yield rest[place:end]
        place = end
