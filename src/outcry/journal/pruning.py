"""Removing the oldest segments of a journal on purpose, so that everybody who reads it knows.

Only whole closed segments before a given sequence go, and never the newest one.  First it is written down, durably,
where the journal begins from now on and which hash stands before that; from then on the older segments count as gone,
so a crash half-way is nothing but some disk space, which the next pruning frees.  What may be removed is not decided
here.  Takes the writer's lock, so nobody writes meanwhile.
"""

import os
import shutil
from pathlib import Path
from typing import NamedTuple

from outcry.journal.files import (
    Beginning,
    SegmentFile,
    list_all_segments,
    list_segments,
    sync_folder,
    write_beginning,
)
from outcry.journal.reading import SegmentWalk, beginning_of, check_joint
from outcry.journal.segments import take_lock


class Prunable(NamedTuple):
    """Segments that may go, and where the journal begins without them."""

    segments: list[SegmentFile]
    first_sequence: int

    @property
    def length(self) -> int:
        """Their bytes on the disk."""
        return sum(segment.path.stat().st_size for segment in self.segments)


def prunable(folder: Path, before_sequence: int) -> Prunable:
    """The segments that hold nothing from this sequence on, also those that an earlier pruning has left behind."""
    kept = list_segments(folder)
    while len(kept) > 1 and kept[1].first_sequence <= before_sequence:
        kept = kept[1:]
    first_sequence = kept[0].first_sequence if kept else 1
    gone = [segment for segment in list_all_segments(folder) if segment.first_sequence < first_sequence]
    return Prunable(gone, first_sequence)


def prune(folder: Path, before_sequence: int, archive: Path | None = None) -> Prunable:
    """Remove them, after copying them into the archive folder if there is one; returns what was removed.

    Raises `SecondWriter`, `JournalDamaged` if the last of them does not lead to what stays, `OSError`.
    """
    lock = take_lock(folder)
    try:
        found = prunable(folder, before_sequence)
        before = beginning_of(folder)
        if found.first_sequence > before.first_sequence:
            beginning = Beginning(found.first_sequence, _hash_before(folder, found.first_sequence))
            if archive is not None:
                _keep(found.segments, archive)
            write_beginning(folder, beginning)
        for segment in found.segments:
            segment.path.unlink()
        sync_folder(folder)
        return found
    finally:
        os.close(lock)


def _hash_before(folder: Path, first_sequence: int) -> bytes:
    """Hash of the frame before that segment."""
    segments = list_segments(folder)
    place = next(place for place, segment in enumerate(segments) if segment.first_sequence == first_sequence)
    walk = SegmentWalk(segments[place - 1], None)
    for _ in walk.frames():
        pass
    check_joint(walk, segments[place])
    assert walk.previous_hash is not None
    return walk.previous_hash


def _keep(segments: list[SegmentFile], archive: Path) -> None:
    """Copy segments so that the copies are durable before the originals go."""
    archive.mkdir(parents=True, exist_ok=True)
    for segment in segments:
        copy = archive / segment.path.name
        shutil.copyfile(segment.path, copy)
        with open(copy, "rb") as file:
            os.fsync(file.fileno())
    sync_folder(archive)
