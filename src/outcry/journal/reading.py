"""Reading a journal: frames from a sequence on, what the tail is, and the check of everything.

Any process may read while another one writes.  Every frame that is yielded has passed its checksums and hangs on the
one before it; what follows the last whole frame is judged once, by `judge_tail`.  Never writes.
Known limit: where reading starts inside the journal, the first frame's link to the segment before is not checked here
(a replica checks it against its own head, `verify` starts at the genesis).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from outcry.journal.errors import RESTORE, FrameDamaged, JournalDamaged, JournalPruned
from outcry.journal.files import GENESIS_NAME, Beginning, SegmentFile, list_segments, load, read_beginning
from outcry.journal.frames import (
    FRAME_BYTES_MAX,
    MAGIC,
    Frame,
    Genesis,
    check_entries,
    decode_header,
    frame_at,
)

ZEROS = bytes(1 << 16)


class Tail(Enum):
    """What stands behind the last whole frame."""

    CLEAN = "nothing but zeros"
    TORN = "the beginning of a frame, and nothing but zeros after it"
    DAMAGED = "bytes that a torn write does not explain"


@dataclass(frozen=True, slots=True)
class Verified:
    """What `verify` found in order."""

    genesis: Genesis
    frames: int
    entries: int
    head_hash: bytes
    last_sequence: int
    torn_bytes: int
    first_sequence: int = 1
    """Later in a journal that was pruned."""


def read_genesis(folder: Path) -> Genesis:
    """The record the chain starts from.  Raises `JournalDamaged`."""
    path = folder / GENESIS_NAME
    if not path.exists():
        raise JournalDamaged(0, f"{path} is missing, so the chain has no beginning. {RESTORE}")
    try:
        return Genesis.decode(path.read_bytes())
    except FrameDamaged as problem:
        raise JournalDamaged(0, f"{path}: {problem}. {RESTORE}") from problem


def length_used(data: bytes) -> int:
    """How many bytes there are before the zeros at the end; piece by piece, which is ten times as fast as stripping."""
    end = len(data)
    while end > 0:
        start = max(0, end - len(ZEROS))
        piece = data[start:end]
        if piece != ZEROS[: end - start]:
            return start + len(piece.rstrip(b"\0"))
        end = start
    return 0


def judge_tail(rest: bytes, expected_sequence: int, previous_hash: bytes | None) -> tuple[Tail, str]:
    """What these bytes, which begin where a frame should, are; and a sentence saying why.

    A frame is synced before the next one is written, so a torn write leaves at most one frame, some of whose parts may
    still be zero, and never a later frame.
    """
    used = length_used(rest)
    if not used:
        return Tail.CLEAN, "nothing but zeros follows"
    try:
        header = decode_header(rest)
        extent = header.frame_bytes
        if header.first_sequence != expected_sequence or previous_hash not in (None, header.previous_hash):
            return Tail.DAMAGED, f"a frame with first sequence {header.first_sequence} stands there out of its chain"
        problem = "its body is not whole"
    except FrameDamaged as trouble:
        extent, problem = FRAME_BYTES_MAX, str(trouble)
    if used > extent:
        return Tail.DAMAGED, f"{problem}, and bytes other than zero follow it"
    later = _later_header(rest, expected_sequence)
    if later:
        return Tail.DAMAGED, f"{problem}, but frame {later} follows it"
    return Tail.TORN, f"{problem}, and nothing but zeros follows"


def _later_header(rest: bytes, expected_sequence: int) -> int:
    """First sequence of a whole header of a later frame, 0 if there is none."""
    place = rest.find(MAGIC, 1)
    while place >= 0:
        if place % 8 == 0:
            try:
                header = decode_header(rest, place)
            except FrameDamaged:
                header = None
            if header is not None and header.first_sequence > expected_sequence:
                return header.first_sequence
        place = rest.find(MAGIC, place + 1)
    return 0


class SegmentWalk:
    """Goes through one segment's frames; where it stopped and why can be asked afterwards."""

    def __init__(self, segment: SegmentFile, previous_hash: bytes | None) -> None:
        self.segment = segment
        self.expected_sequence = segment.first_sequence
        self.previous_hash = previous_hash
        self.offset = 0
        self.last: Frame | None = None
        self.tail = Tail.CLEAN
        self.reason = ""
        self.rest = b""

    def frames(self) -> Iterator[Frame]:
        """The whole frames from where it stands on; may be called again when the writer has gone on."""
        data, place = load(self.segment, self.offset), 0
        while True:
            try:
                frame = frame_at(data, place)
            except FrameDamaged:
                break
            if frame.first_sequence != self.expected_sequence or self.previous_hash not in (
                None,
                frame.header.previous_hash,
            ):
                break
            place += len(frame.data)
            self.offset += len(frame.data)
            self.expected_sequence = frame.last_sequence + 1
            self.previous_hash = frame.hash
            self.last = frame
            yield frame
        self.rest = data[place:]
        self.tail, self.reason = judge_tail(self.rest, self.expected_sequence, self.previous_hash)

    def damaged(self, sentence: str) -> JournalDamaged:
        """The error to raise for what this walk stopped at."""
        where = f"{self.segment.path.name}, byte {self.offset}, frame of sequence {self.expected_sequence}"
        return JournalDamaged(self.expected_sequence, f"{where}: {sentence}", self.segment.path.name, self.offset)


def read_frames(folder: Path, first_sequence: int = 1, last_sequence: int | None = None) -> Iterator[Frame]:
    """Frames from the one that holds `first_sequence` on, until zeros, or until the one that holds `last_sequence`.

    Raises `JournalPruned` if what was asked for has been removed, `JournalDamaged` for anything wrong before the end; a
    torn or half-written frame at the end of the newest segment is the end, unless `last_sequence` says that more is
    there.
    """
    beginning = beginning_of(folder)
    segments = list_segments(folder)
    check_beginning(segments, beginning)
    if max(1, first_sequence) < beginning.first_sequence:
        raise JournalPruned(beginning.first_sequence)
    started = [segment for segment in segments if segment.first_sequence <= max(1, first_sequence)]
    segment = started[-1] if started else None
    previous = beginning.previous_hash if len(started) == 1 else None
    while segment is not None:
        walk = SegmentWalk(segment, previous)
        segment = None
        for frame in _current_frames(folder, walk):
            if frame.last_sequence >= first_sequence:
                yield frame
            if last_sequence is not None and frame.last_sequence >= last_sequence:
                return
        # The list is taken before the walk goes on, so whatever the writer put before a later segment is seen.
        later = [found for found in list_segments(folder) if found.first_sequence > walk.segment.first_sequence]
        if not later:
            _check_end(walk, last_sequence)
            return
        for frame in _current_frames(folder, walk):
            if frame.last_sequence >= first_sequence:
                yield frame
            if last_sequence is not None and frame.last_sequence >= last_sequence:
                return
        check_joint(walk, later[0])
        segment, previous = later[0], walk.previous_hash


def beginning_of(folder: Path) -> Beginning:
    """Where the journal begins: at its genesis, or where it was pruned to.  Raises `JournalDamaged`."""
    return read_beginning(folder, read_genesis(folder).hash)


def check_beginning(segments: Sequence[SegmentFile], beginning: Beginning) -> None:
    """Check that the first segment is the one that the journal begins with.  Raises `JournalDamaged`."""
    expected = beginning.first_sequence
    if segments and segments[0].first_sequence != expected:
        found = segments[0].first_sequence
        raise JournalDamaged(expected, f"the journal begins at sequence {found}, not at {expected}. {RESTORE}")
    if not segments and expected > 1:
        raise JournalDamaged(expected, f"the segment of sequence {expected} is missing. {RESTORE}")


def check_joint(walk: SegmentWalk, following: SegmentFile) -> None:
    """Check that a walked segment ends where the following one begins.  Raises `JournalDamaged`."""
    if walk.tail is not Tail.CLEAN:
        raise walk.damaged(f"{walk.reason}, yet later segments exist. {RESTORE}")
    if following.first_sequence != walk.expected_sequence:
        raise walk.damaged(f"frames are missing until segment {following.path.name}. {RESTORE}")


def _check_end(walk: SegmentWalk, last_sequence: int | None) -> None:
    """Check that the journal may end where the walk did.  Raises `JournalDamaged`."""
    if walk.tail is Tail.DAMAGED:
        raise walk.damaged(f"{walk.reason}. {RESTORE}")
    if last_sequence is not None and last_sequence >= walk.expected_sequence:
        raise walk.damaged(f"the journal should reach sequence {last_sequence}, but {walk.reason}. {RESTORE}")


def _current_frames(folder: Path, walk: SegmentWalk) -> Iterator[Frame]:
    """The frames from where the walk stands on, also when the segment has been compressed since it was listed."""
    try:
        yield from walk.frames()
    except FileNotFoundError:
        walk.segment = _named(folder, walk.segment.first_sequence)
        yield from walk.frames()


def _named(folder: Path, first_sequence: int) -> SegmentFile:
    for segment in list_segments(folder):
        if segment.first_sequence == first_sequence:
            return segment
    raise JournalDamaged(first_sequence, f"the segment of sequence {first_sequence} has disappeared. {RESTORE}")


def verify(folder: Path, progress: Callable[[int], None] | None = None) -> Verified:
    """Check chain, checksums, sequences, times and Merkle roots of the whole journal, or what was left of it.

    `progress` is called with the last sequence checked after every frame.  Raises `JournalDamaged` with the first
    sequence that is not in order.  A torn tail is no damage; its length is in the answer.
    """
    genesis, beginning = read_genesis(folder), beginning_of(folder)
    first_sequence = beginning.first_sequence
    head_hash, frames, entries, time_ns = beginning.previous_hash, 0, 0, genesis.time_ns
    for frame in read_frames(folder, first_sequence):
        try:
            time_ns = check_entries(frame, time_ns)
        except FrameDamaged as problem:
            sentence = f"frame of sequence {frame.first_sequence}: {problem}. {RESTORE}"
            raise JournalDamaged(frame.first_sequence, sentence) from problem
        head_hash, frames, entries = frame.hash, frames + 1, entries + frame.header.entries
        if progress is not None:
            progress(frame.last_sequence)
    last_sequence = first_sequence - 1 + entries
    return Verified(genesis, frames, entries, head_hash, last_sequence, _torn_bytes(folder), first_sequence)


def _torn_bytes(folder: Path) -> int:
    segments = list_segments(folder)
    if not segments:
        return 0
    walk = SegmentWalk(segments[-1], None)
    for _ in walk.frames():
        pass
    return length_used(walk.rest) if walk.tail is Tail.TORN else 0
