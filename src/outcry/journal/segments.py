"""The one writer of a journal: open (or begin) it, append frames, make them durable, look after its files.

`open` takes the lock, finds the last whole frame, and decides what to do with a tail: zeros are the end; a torn frame
that nobody can have seen is cut; anything else is refused with a sentence saying where and what to do.  `append`
writes into preallocated zeros, but never before the frame in front of it is durable, so that of all frames only the
last can be torn; `sync` makes durable what was appended, and only then may `mark_seen` say that frames were handed
out.  A disk that has failed once is asked nothing more: a second sync would say that all is well and mean only what was
written since, so whoever wants to go on opens the journal again, and `open` writes the last frame once more before it
counts, because it may stand in the system's memory only.  A frame never spans segments.

`upkeep` (spare file, compression) touches no file that is written and may run in another thread than the rest, which
belongs to one thread at a time.
Never cuts a whole frame, nor writes another in its place.
"""

import contextlib
import errno
import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from outcry.journal import files
from outcry.journal.disk import SYSTEM_DISK, Disk
from outcry.journal.errors import RESTORE, DiskFailed, DiskNearlyFull, JournalDamaged, SecondWriter
from outcry.journal.files import SegmentFile, list_segments, read_beginning, segment_path
from outcry.journal.frames import Frame, Genesis
from outcry.journal.reading import (
    SegmentWalk,
    Tail,
    check_beginning,
    check_joint,
    length_used,
    read_frames,
    read_genesis,
)


@dataclass(frozen=True, slots=True)
class SegmentSettings:
    """Sizes of a journal's files, and what disk space is left alone."""

    segment_bytes: int = 16 << 20
    """Length to which a segment is preallocated; a frame that is longer gets a segment of its own."""
    reserve_bytes: int = 64 << 20
    """Appending stops when the disk has less free space than this."""
    compress: bool = True
    """Whether closed segments are compressed."""

    def __post_init__(self) -> None:
        """Refuse a reserve into which making a segment could run, and a segment that nobody would read."""
        if not 0 < self.segment_bytes <= min(self.reserve_bytes, files.SEGMENT_BYTES_MAX):
            raise ValueError("the reserve must be at least as large as a segment, and that no longer than 1 GiB")


class Segments:
    """A journal open for writing.  Use `Segments.open`."""

    def __init__(self, folder: Path, settings: SegmentSettings, genesis: Genesis, lock: int, disk: Disk) -> None:
        self.folder = folder
        self.disk = disk
        """What is under it."""
        self._failed = ""
        """What the disk said when it failed; nothing is asked of it after that."""
        self.settings = settings
        self.genesis = genesis
        self._beginning = read_beginning(folder, genesis.hash)
        self.last_sequence = self._beginning.first_sequence - 1
        self.last_hash = self._beginning.previous_hash
        self.upkeep_due = True
        """Whether `upkeep` has something to do."""
        self._lock = lock
        self._segment: SegmentFile | None = None
        self._file = -1
        self._offset = 0
        self._length = 0
        self._synced = True
        self._spare_ready = False
        """Whether the spare file is known to be zeros: made or looked through since the journal was opened."""
        self._seen = os.open(folder / files.SEEN_NAME, os.O_RDWR | os.O_CREAT, 0o644)

    @classmethod
    def open(
        cls,
        folder: Path,
        genesis: Genesis,
        settings: SegmentSettings | None = None,
        *,
        seen_sequence: int = 0,
        disk: Disk = SYSTEM_DISK,
    ) -> "Segments":
        """Open the journal, or begin it with this genesis if there is none.

        `seen_sequence` is the highest sequence that the caller knows somebody to have seen (a snapshot, a replica); a
        torn frame that holds it is not cut.  Raises `SecondWriter`, `JournalDamaged`, `DiskFailed`.
        """
        folder.mkdir(parents=True, exist_ok=True)
        lock = take_lock(folder)
        try:
            journal = cls(folder, settings or SegmentSettings(), _genesis_of(folder, genesis, disk), lock, disk)
        except BaseException:
            os.close(lock)
            raise
        try:
            journal._recover(max(seen_sequence, files.read_seen(folder)))
        except BaseException:
            journal.close()
            raise
        return journal

    def append(self, frame: Frame) -> None:
        """Write a frame behind the last one, which is synced first; `sync` makes this one durable.

        Raises `DiskNearlyFull` and writes nothing, or `DiskFailed`: then it is unknown what of it is there.
        """
        if frame.first_sequence != self.last_sequence + 1 or frame.header.previous_hash != self.last_hash:
            raise ValueError(f"frame {frame.first_sequence} does not follow sequence {self.last_sequence}")
        rolling = self._file < 0 or self._offset + len(frame.data) > self._length
        if rolling and not self._spare_fits(len(frame.data)) and self._free_bytes() < self.settings.reserve_bytes:
            # What is admitted already is still written where there is a place for it, however full the disk has become.
            raise DiskNearlyFull(
                f"{self.folder} has less than {self.settings.reserve_bytes} bytes free; free some space, then go on"
            )
        # What is behind a torn frame is zeros: that is how a torn frame is told from a damaged one (`judge_tail`).
        self.sync()
        if rolling:
            with self._asking(f"a new segment for sequence {frame.first_sequence}", "be made", frame.first_sequence):
                self._roll(frame.first_sequence, len(frame.data))
        self._write(frame.data, self._offset, frame.first_sequence)
        self._offset += len(frame.data)
        self.last_sequence, self.last_hash = frame.last_sequence, frame.hash
        self._synced = False

    def begin_segment(self) -> None:
        """Have the next frame begin a segment of its own."""
        self._offset = self._length

    def sync(self) -> None:
        """Make what was appended durable.  After `DiskFailed` nothing is known of it: stop and open again."""
        if not self._synced:
            with self._asking(f"sequence {self.last_sequence}", "be made durable", self.last_sequence):
                self.disk.make_durable(self._file)
            self._synced = True

    def mark_seen(self, sequence: int) -> None:
        """Note that durable frames up to here are handed out (not synced: losing it makes `open` less strict)."""
        with self._asking(f"the mark of sequence {sequence}", "be written", sequence):
            self.disk.write_at(self._seen, memoryview(files.encode_seen(sequence)), 0)

    def has_room(self) -> bool:
        """Whether another segment still fits above the reserve; the node turns submissions away when it does not."""
        return self._free_bytes() >= self.settings.reserve_bytes + self.settings.segment_bytes

    def frames(self, first_sequence: int = 1, last_sequence: int | None = None) -> Iterator[Frame]:
        """Frames from the one that holds `first_sequence` on."""
        return read_frames(self.folder, first_sequence, last_sequence)

    def upkeep(self) -> None:
        """Have a spare segment ready and closed segments compressed.  May run in a thread of its own.

        Nothing depends on it: who gets an `OSError` can go on, and call it again later.
        """
        self.upkeep_due = False
        spare = self.folder / files.SPARE_NAME
        if not self._spare_ready and spare.exists() and length_used(spare.read_bytes()):
            # Left by an earlier writer and damaged since; frames written into it would be followed by that.
            self.disk.remove(spare)
        if not spare.exists() and self.has_room():
            files.make_zeroed(spare, self.settings.segment_bytes, self.disk)
        self._spare_ready = spare.exists()
        if self.settings.compress:
            for segment in list_segments(self.folder)[:-1]:
                if not segment.compressed:
                    files.compress(segment, self.disk)

    def close(self) -> None:
        """Release files and lock.  Syncs nothing that `sync` was not asked for."""
        for descriptor in (self._file, self._seen, self._lock):
            if descriptor >= 0:
                os.close(descriptor)
        self._file = self._seen = self._lock = -1

    def _free_bytes(self) -> int:
        return self.disk.free_bytes(self.folder)

    @contextlib.contextmanager
    def _asking(self, what: str, verb: str, sequence: int) -> Iterator[None]:
        """Ask something of the disk, unless it has failed before.  Raises `DiskFailed`."""
        if self._failed:
            raise DiskFailed(sequence, self._failed)
        try:
            yield
        except OSError as problem:
            self._failed = (
                f"{self.folder}: {what} could not {verb} ({problem.strerror or problem}). Nobody was told of it. "
                "See to the disk, then start again: what was answered is there."
            )
            raise DiskFailed(sequence, self._failed) from problem

    def _write(self, data: bytes, offset: int, sequence: int) -> None:
        """Write all of it there, however little the disk takes at a time.  Raises `DiskFailed`."""
        view = memoryview(data)
        with self._asking(f"sequence {sequence}", "be written", sequence):
            while view:
                written = self.disk.write_at(self._file, view, offset)
                if written <= 0:
                    raise OSError(errno.EIO, "the disk takes no bytes and does not say why")
                view, offset = view[written:], offset + written

    def _roll(self, first_sequence: int, frame_bytes: int) -> None:
        """Go on in a new segment; all of the one before is durable."""
        length = max(self.settings.segment_bytes, frame_bytes)
        path, spare = segment_path(self.folder, first_sequence), self.folder / files.SPARE_NAME
        if self._spare_fits(frame_bytes):
            self._spare_ready = False
            self.disk.rename(spare, path)
            self.disk.sync_folder(self.folder)
        else:
            files.make_zeroed(path, length, self.disk)
        if self._file >= 0:
            os.close(self._file)
        self._open_file(SegmentFile(first_sequence, path), 0)
        self.upkeep_due = True

    def _spare_fits(self, frame_bytes: int) -> bool:
        """Whether the spare file can become the segment of this frame, which takes no space of the disk."""
        spare, length = self.folder / files.SPARE_NAME, max(self.settings.segment_bytes, frame_bytes)
        return self._spare_ready and spare.exists() and spare.stat().st_size == length

    def _open_file(self, segment: SegmentFile, offset: int) -> None:
        self._segment = segment
        self._file = os.open(segment.path, os.O_RDWR)
        self._length = os.fstat(self._file).st_size
        self._offset = offset

    def _recover(self, seen_sequence: int) -> None:
        """Find the last whole frame and settle what follows it."""
        files.clear_temporary(self.folder, disk=self.disk)
        segments = list_segments(self.folder)
        check_beginning(segments, self._beginning)
        for place in range(len(segments) - 1, -1, -1):
            walk = self._walk(segments, place)
            if walk.last is not None or place == 0:
                break
        if segments:
            if walk.last is not None:
                self.last_sequence, self.last_hash = walk.last.last_sequence, walk.last.hash
            if place < len(segments) - 1:
                walk = self._walk(segments, len(segments) - 1, walk)
            self._settle_tail(walk, seen_sequence)
        if seen_sequence > self.last_sequence:
            raise JournalDamaged(
                self.last_sequence + 1,
                f"sequence {seen_sequence} has been handed out, but the journal ends at {self.last_sequence}. "
                f"{RESTORE} "
                f"To accept the loss, stop every replica and remove {self.folder / files.SEEN_NAME}, and snapshots, "
                "saved states and history beside it that go further.",
            )
        if segments and not segments[-1].compressed:
            self._open_file(segments[-1], walk.offset)
            if walk.last is not None:
                # Whoever wrote it may have been killed before its sync, or its sync may have failed, after which the
                # system believes the pages to be clean: so it is written anew, and told of only once it is synced.
                self._write(walk.last.data, walk.offset - len(walk.last.data), walk.last.first_sequence)
                self._synced = False
                self.sync()

    def _walk(self, segments: list[SegmentFile], place: int, before: SegmentWalk | None = None) -> SegmentWalk:
        """Walk through a segment; one that is followed by others has to end where the next begins."""
        segment = segments[place]
        known = before.previous_hash if before is not None else None
        is_first = segment.first_sequence == self._beginning.first_sequence
        walk = SegmentWalk(segment, self._beginning.previous_hash if is_first else known)
        for _ in walk.frames():
            pass
        if place < len(segments) - 1:
            check_joint(walk, segments[place + 1])
        return walk

    def _settle_tail(self, walk: SegmentWalk, seen_sequence: int) -> None:
        """Cut a torn frame that nobody has seen; refuse anything else that is not zeros."""
        if walk.tail is Tail.CLEAN:
            return
        if walk.tail is Tail.DAMAGED or walk.segment.compressed:
            raise walk.damaged(f"{walk.reason}. {RESTORE}")
        if seen_sequence >= walk.expected_sequence:
            raise walk.damaged(
                f"{walk.reason}; but sequence {seen_sequence} has been handed out, so this frame was durable and its "
                f"file has been damaged since. {RESTORE}"
            )
        self._open_file(walk.segment, walk.offset)
        self._write(bytes(length_used(walk.rest)), walk.offset, walk.expected_sequence)
        self._synced = False
        self.sync()
        os.close(self._file)
        self._file = -1


def take_lock(folder: Path) -> int:
    """Become the one who may change this journal; the lock's descriptor, to be closed.  Raises `SecondWriter`."""
    lock = os.open(folder / files.LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as problem:
        holder = b""
        with contextlib.suppress(OSError):
            holder = os.pread(lock, 32, 0)
        os.close(lock)
        raise SecondWriter(
            f"{folder} is being written by process {holder.decode() or 'unknown'}; stop it first, or use another folder"
        ) from problem
    os.truncate(lock, 0)
    os.pwrite(lock, str(os.getpid()).encode(), 0)
    return lock


def _genesis_of(folder: Path, genesis: Genesis, disk: Disk) -> Genesis:
    """The journal's genesis; written now if the journal is new."""
    if not (folder / files.GENESIS_NAME).exists() and not list_segments(folder):
        files.write_whole(folder / files.GENESIS_NAME, genesis.encode(), disk)
    return read_genesis(folder)
