"""Bytes that are cut, flipped and missing: what is done to a stopped venue's files, each as a function of its own.

A function takes the files and a chance, changes something and leaves the rest to the start that follows.  Where frames
lie is found by walking through the segments as a start does.  Knows nothing of what is expected.
"""

import hashlib
import itertools
import shutil
import sqlite3
import struct
import zlib
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from random import Random
from typing import NamedTuple

from outcry.app.settings import Files
from outcry.identity.sealing import FILE_NAME as VENUE_KEY
from outcry.journal.files import GENESIS_NAME, PRUNED_NAME, SEEN_NAME, SPARE_NAME, SegmentFile, list_segments
from outcry.journal.frames import HEADER_BYTES
from outcry.journal.reading import SegmentWalk
from outcry.journal.signing import FILE_NAME as SIGNING_KEY
from outcry.node.snapshots import list_rooted, list_snapshots, sequence_of

Damage = Callable[[Files, Random], None]
OTHER_FORMAT = 99
VERSION_BYTES = struct.Struct("<I")
GENESIS_VERSION_AT, FRAME_VERSION_AT, SNAPSHOT_VERSION_AT = 8, 4, 8
DIGEST_BYTES = 32
BEHIND_BYTES = 4_000


class NothingThere(Exception):
    """The files have not got what should be damaged, such as a frame in a segment that has just been begun."""


class Lies(NamedTuple):
    """Where a frame lies in its segment."""

    offset: int
    length: int
    first_sequence: int


def frames_in(segment: SegmentFile) -> list[Lies]:
    """The whole frames of a segment."""
    walk = SegmentWalk(segment, None)
    return [Lies(walk.offset - len(frame.data), len(frame.data), frame.first_sequence) for frame in walk.frames()]


def newest(files: Files, frames_min: int = 1) -> tuple[SegmentFile, list[Lies]]:
    """The segment that is written, and its frames.  Raises `NothingThere` if they are too few."""
    segment = list_segments(files.journal)[-1]
    frames = frames_in(segment)
    if len(frames) < frames_min:
        raise NothingThere(f"{segment.path} has {len(frames)} frames")
    return segment, frames


def one_of(segments: Sequence[SegmentFile], chance: Random) -> SegmentFile:
    """Any of them.  Raises `NothingThere` if there is none."""
    if not segments:
        raise NothingThere("there is no such segment")
    return chance.choice(segments)


def closed(files: Files) -> list[SegmentFile]:
    """The compressed segments."""
    return [segment for segment in list_segments(files.journal)[:-1] if segment.compressed]


def unread(files: Files) -> list[SegmentFile]:
    """Those of them that lie before the newest snapshot with a root, from which a start goes on."""
    rooted = list_rooted(files.snapshots)
    newest_sequence = sequence_of(rooted[0]) if rooted else 0
    segments = list_segments(files.journal)
    return [
        segment
        for segment, following in itertools.pairwise(segments)
        if segment.compressed and following.first_sequence <= newest_sequence
    ]


def flip(path: Path, place: int, chance: Random) -> None:
    """Change some bits of a byte."""
    with path.open("r+b") as file:
        file.seek(place)
        (old,) = file.read(1)
        file.seek(place)
        file.write(bytes([old ^ chance.randrange(1, 256)]))


def flip_anywhere(path: Path, chance: Random) -> None:
    """Change some bits of any byte."""
    flip(path, chance.randrange(path.stat().st_size), chance)


def cut(path: Path, chance: Random) -> None:
    """Cut off the end of a file."""
    with path.open("r+b") as file:
        file.truncate(chance.randrange(path.stat().st_size))


def flip_genesis(files: Files, chance: Random) -> None:
    """Any byte of the genesis that means something."""
    flip_anywhere(files.journal / GENESIS_NAME, chance)


def cut_genesis(files: Files, chance: Random) -> None:
    """A part of the genesis."""
    cut(files.journal / GENESIS_NAME, chance)


def remove_genesis(files: Files, chance: Random) -> None:
    """All of it."""
    (files.journal / GENESIS_NAME).unlink()


def remove_journal(files: Files, chance: Random) -> None:
    """All of it, and what else would know that there was one; the venue's keys stay."""
    remove_snapshots(files, chance)
    shutil.rmtree(files.journal)


def flip_last_frame(files: Files, chance: Random) -> None:
    """A byte of the frame that was written last."""
    segment, frames = newest(files)
    flip(segment.path, frames[-1].offset + chance.randrange(frames[-1].length), chance)


def flip_earlier_frame(files: Files, chance: Random) -> None:
    """A byte of a frame before it, in the same segment."""
    segment, frames = newest(files, 2)
    lies = chance.choice(frames[:-1])
    flip(segment.path, lies.offset + chance.randrange(lies.length), chance)


def cut_newest(files: Files, chance: Random) -> None:
    """The newest segment, somewhere in its frames."""
    segment, frames = newest(files)
    end = frames[-1].offset + frames[-1].length
    with segment.path.open("r+b") as file:
        file.truncate(chance.randrange(end))


def cut_zeros(files: Files, chance: Random) -> None:
    """The newest segment, behind its frames."""
    segment, frames = newest(files)
    end = frames[-1].offset + frames[-1].length
    with segment.path.open("r+b") as file:
        file.truncate(chance.randrange(end, segment.path.stat().st_size))


def remove_newest(files: Files, chance: Random) -> None:
    """The newest segment."""
    newest(files)[0].path.unlink()


def tear(files: Files, chance: Random) -> None:
    """Bytes behind the last frame, as of a frame that was being written."""
    segment, frames = newest(files)
    end = frames[-1].offset + frames[-1].length
    with segment.path.open("r+b") as file:
        file.seek(end)
        file.write(chance.randbytes(chance.randrange(1, BEHIND_BYTES)))


def flip_closed(files: Files, chance: Random) -> None:
    """A byte of a compressed segment that a start does not read, or a part of it."""
    path = one_of(unread(files), chance).path
    (flip_anywhere if chance.randrange(2) else cut)(path, chance)


def remove_closed(files: Files, chance: Random) -> None:
    """One of those, but not the first, so that the journal has a gap."""
    one_of(unread(files)[1:], chance).path.unlink()


def flip_closed_and_forget(files: Files, chance: Random) -> None:
    """The same where nothing is left that could be started from but the journal."""
    flip_anywhere(one_of(closed(files), chance).path, chance)
    for path in [*list_snapshots(files.snapshots), *files.states]:
        path.unlink(missing_ok=True)


def spoil_pruned(files: Files, chance: Random) -> None:
    """A mark of where the journal begins that is none."""
    (files.journal / PRUNED_NAME).write_bytes(chance.randbytes(44))


def spoil_seen(files: Files, chance: Random) -> None:
    """The mark of what was handed out."""
    flip_anywhere(files.journal / SEEN_NAME, chance)


def spoil_spare(files: Files, chance: Random) -> None:
    """A byte of the file that becomes the next segment."""
    flip_anywhere(files.journal / SPARE_NAME, chance)


def flip_snapshot(files: Files, chance: Random) -> None:
    """A byte of each snapshot."""
    for path in list_snapshots(files.snapshots):
        flip_anywhere(path, chance)


def cut_snapshot(files: Files, chance: Random) -> None:
    """A part of each."""
    for path in list_snapshots(files.snapshots):
        cut(path, chance)


def remove_snapshots(files: Files, chance: Random) -> None:
    """All snapshots and saved states."""
    for path in [*list_snapshots(files.snapshots), *files.states]:
        path.unlink(missing_ok=True)


def flip_gateway_state(files: Files, chance: Random) -> None:
    """A byte of it."""
    flip_anywhere(files.gateway_state, chance)


def cut_gateway_state(files: Files, chance: Random) -> None:
    """A part of it."""
    cut(files.gateway_state, chance)


def flip_keeper_state(files: Files, chance: Random) -> None:
    """A byte of it."""
    flip_anywhere(files.keeper_state, chance)


def cut_keeper_state(files: Files, chance: Random) -> None:
    """A part of it."""
    cut(files.keeper_state, chance)


def other_state(files: Files, chance: Random) -> None:
    """States of another program: whole, and not to be understood."""
    for path in files.states:
        content = chance.randbytes(100)
        path.write_bytes(hashlib.sha256(content).digest() + content)


def flip_history_head(files: Files, chance: Random) -> None:
    """A byte of what says that it is a database."""
    flip(files.history, chance.randrange(16), chance)


def cut_history(files: Files, chance: Random) -> None:
    """A part of it, but not all."""
    with files.history.open("r+b") as file:
        file.truncate(chance.randrange(1, files.history.stat().st_size))


def overwrite_history(files: Files, chance: Random) -> None:
    """One of its pages, with anything."""
    (page_bytes,) = struct.unpack_from(">H", files.history.read_bytes(), 16)
    pages = files.history.stat().st_size // page_bytes
    with files.history.open("r+b") as file:
        file.seek(page_bytes * chance.randrange(1, pages))
        file.write(chance.randbytes(page_bytes))


def flip_history_row(files: Files, chance: Random) -> None:
    """A number in a row, so that the file holds together as before."""
    with closing(sqlite3.connect(files.history)) as connection, connection:
        (count,) = connection.execute("select count(*) from trades").fetchone()
        place = [chance.randrange(count)]
        key = connection.execute("select sequence, ordinal from trades limit 1 offset ?", place).fetchone()
        connection.execute("update trades set quantity = quantity + 1 where sequence = ? and ordinal = ?", key)


def newer_history(files: Files, chance: Random) -> None:
    """History of a later program."""
    with closing(sqlite3.connect(files.history)) as connection, connection:
        connection.execute("update alembic_version set version_num = '9999'")


def flip_identity_head(files: Files, chance: Random) -> None:
    """A byte of what says that it is a database."""
    flip(files.identity, chance.randrange(16), chance)


def cut_venue_key(files: Files, chance: Random) -> None:
    """A part of it."""
    cut(files.folder / VENUE_KEY, chance)


def cut_signing_key(files: Files, chance: Random) -> None:
    """A part of it."""
    cut(files.folder / SIGNING_KEY, chance)


def flip_signing_key(files: Files, chance: Random) -> None:
    """Any byte of it."""
    flip_anywhere(files.folder / SIGNING_KEY, chance)


def remove_signing_key(files: Files, chance: Random) -> None:
    """All of it."""
    (files.folder / SIGNING_KEY).unlink()


def other_genesis(files: Files, chance: Random) -> None:
    """A genesis that says another format."""
    path = files.journal / GENESIS_NAME
    data = bytearray(path.read_bytes())
    VERSION_BYTES.pack_into(data, GENESIS_VERSION_AT, chance.choice((1, OTHER_FORMAT)))
    path.write_bytes(data)


def other_frame(files: Files, chance: Random) -> None:
    """A last frame that says another format, with a checksum that fits."""
    segment, frames = newest(files)
    offset = frames[-1].offset
    with segment.path.open("r+b") as file:
        file.seek(offset)
        header = bytearray(file.read(HEADER_BYTES))
        VERSION_BYTES.pack_into(header, FRAME_VERSION_AT, OTHER_FORMAT)
        VERSION_BYTES.pack_into(header, HEADER_BYTES - 4, zlib.crc32(header[:-4]))
        file.seek(offset)
        file.write(header)


def other_snapshot(files: Files, chance: Random) -> None:
    """Snapshots that say another format, with a checksum that fits."""
    for path in list_snapshots(files.snapshots):
        body = bytearray(path.read_bytes()[:-DIGEST_BYTES])
        VERSION_BYTES.pack_into(body, SNAPSHOT_VERSION_AT, chance.choice((1, OTHER_FORMAT)))
        path.write_bytes(bytes(body) + hashlib.sha256(body).digest())
