"""One frame of a journal, found by the sequence of an entry in it, while the journal is written.

`read_frames` checks everything on its way; who wants one old frame would wait for a whole segment.  Here only headers
are looked at, from the nearest place that is known already, and the frame that was asked for is read whole with its
checksums.  The places of a segment's frames are remembered, of the few segments that were asked about last.
Never writes, never checks the chain, and belongs to one thread at a time.  Known limit: a compressed segment is
unpacked whole for each frame of it that is asked for.
"""

import bisect
import contextlib
from collections import OrderedDict
from pathlib import Path

from outcry.journal.errors import FrameDamaged, JournalDamaged, JournalPruned
from outcry.journal.files import SegmentFile, list_segments, load
from outcry.journal.frames import FRAME_BYTES_MAX, HEADER_BYTES, Frame, decode_header, frame_at
from outcry.journal.reading import beginning_of

SEGMENTS_KEPT = 8
TRIES = 3


class _Places:
    """Where the frames of one segment begin, as far as it has been walked."""

    def __init__(self) -> None:
        self.firsts: list[int] = []
        self.offsets: list[int] = []
        self.end_offset = 0
        self.end_sequence = 0
        """The first sequence that has not been walked past; 0 before the first frame."""


class Finder:
    """Finds frames in one journal's folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._places: OrderedDict[int, _Places] = OrderedDict()

    def frame_of(self, sequence: int) -> Frame | None:
        """The frame that holds this entry; None while the journal has not got so far.

        Raises `JournalPruned`, `JournalDamaged`, `OSError`.
        """
        beginning = beginning_of(self._folder).first_sequence
        if sequence < beginning:
            raise JournalPruned(beginning)
        for _ in range(TRIES):
            # Between the list and the reading a segment may be compressed, and is then there by its other name.
            with contextlib.suppress(FileNotFoundError):
                segments = [one for one in list_segments(self._folder) if one.first_sequence <= sequence]
                return self._in_segment(segments[-1], sequence) if segments else None
        return None

    def _in_segment(self, segment: SegmentFile, sequence: int) -> Frame | None:
        places = self._places.setdefault(segment.first_sequence, _Places())
        self._places.move_to_end(segment.first_sequence)
        while len(self._places) > SEGMENTS_KEPT:
            self._places.popitem(last=False)
        if segment.compressed:
            data = load(segment)
            _walk(places, data, 0, sequence)
            offset = _offset_of(places, sequence)
            return None if offset is None else _whole(segment, data, offset)
        if sequence >= places.end_sequence:
            start = places.end_offset
            _walk(places, load(segment, start), start, sequence)
        offset = _offset_of(places, sequence)
        if offset is None:
            return None
        with open(segment.path, "rb") as file:
            file.seek(offset)
            return _whole(segment, file.read(FRAME_BYTES_MAX), 0)


def _walk(places: _Places, data: bytes, start: int, sequence: int) -> None:
    """Go from header to header, as far as the frame of that sequence; `data` begins at byte `start` of the segment."""
    view = memoryview(data)
    while places.end_sequence <= sequence and len(view) - (places.end_offset - start) >= HEADER_BYTES:
        try:
            header = decode_header(view, places.end_offset - start)
        except FrameDamaged:
            # Zeros, or a frame that is just being written: the journal ends here for now.
            return
        if places.end_sequence and header.first_sequence != places.end_sequence:
            return
        places.firsts.append(header.first_sequence)
        places.offsets.append(places.end_offset)
        places.end_offset += header.frame_bytes
        places.end_sequence = header.first_sequence + header.entries


def _offset_of(places: _Places, sequence: int) -> int | None:
    """Where the frame of that sequence begins, if it has been walked past."""
    if sequence >= places.end_sequence:
        return None
    return places.offsets[bisect.bisect_right(places.firsts, sequence) - 1]


def _whole(segment: SegmentFile, data: bytes, offset: int) -> Frame:
    """The frame that begins there.  Raises `JournalDamaged`."""
    try:
        return frame_at(data, offset)
    except FrameDamaged as problem:
        sentence = f"{segment.path.name}, a frame that was whole when it was written: {problem}"
        raise JournalDamaged(segment.first_sequence, sentence) from problem
