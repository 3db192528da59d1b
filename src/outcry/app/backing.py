"""`outcry backup`: a venue's folder copied while it runs; `restoring` brings it back.

What is copied, in this order, so that each part fits those after it: snapshots and history (which never go beyond the
journal), the journal up to the last durable frame, then users and keys (which know everybody the journal knows), then
the venue's own keys.  Closed segments are copied once; everything else is kept under its name and the beginning of its
hash, and the manifest, which names every file with its hash, is replaced last: a backup that is cut off leaves the one
before whole.  A folder that holds a backup takes only what goes on from it: one journal, one chain.
Known limit: a backup is as secret as the folder it was made of, because the venue's keys are in it.
"""

import asyncio
import contextlib
import hashlib
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from outcry.app import compose
from outcry.app.settings import Files, Settings
from outcry.journal import files as names
from outcry.journal.errors import JournalPruned
from outcry.journal.files import SegmentFile, list_segments, segment_path, write_whole
from outcry.journal.reading import read_frames, read_genesis
from outcry.node.snapshots import FORMER, UPGRADED, list_rooted

MANIFEST = "manifest.json"
VERSION = 1
SMALL = ("venue.key", "signing.key", "false-roots", "broken-law", "disputed-root", "fork.json", "prices.json")
"""Copied where they are there: keys, what forbids a start, and what kind of venue it is."""
TRIES = 5


class BackupFailed(Exception):
    """Nothing was backed up or restored; the message says why."""


class Kept(msgspec.Struct, frozen=True):
    """A file of a backup: what it is called in a data folder, where it lies here, its length and SHA-256."""

    name: str
    stored: str
    length: int
    sha256: str
    closed: bool = False
    """A segment that will not change any more, so it is copied once."""


class Manifest(msgspec.Struct, frozen=True):
    """What a backup holds."""

    version: int
    genesis: str
    sequence: int
    head: str
    """Hash of the frame that ends there."""
    files: list[Kept]
    copied_bytes: int
    """By the last backup into this folder; the rest was there."""


def backup(data: Path, into: Path, with_history: bool, with_snapshot: bool) -> Manifest:
    """Copy a venue, running or not.  Raises `BackupFailed`, `JournalError`, `OSError`."""
    files = Files(data)
    if not (files.journal / names.GENESIS_NAME).exists() or not files.identity.exists():
        raise BackupFailed(f"there is no venue in {data}: name its data folder")
    into.mkdir(parents=True, exist_ok=True, mode=0o700)
    genesis = read_genesis(files.journal).hash.hex()
    before = read_manifest(into) if (into / MANIFEST).exists() else None
    if before is not None and before.genesis != genesis:
        raise BackupFailed(f"{into} is a backup of another venue: choose another folder")
    if before is None and any(into.iterdir()):
        raise BackupFailed(f"{into} is not empty and no backup: choose another folder")
    if before is not None:
        check_goes_on(files.journal, into, before)
    copying = Copying(into, before)
    pruned = (files.journal / names.PRUNED_NAME).exists()
    if with_snapshot or pruned:
        for path in sorted(list_rooted(files.snapshots))[:: 1 if pruned else -1][: None if pruned else 1]:
            copying.take(f"snapshots/{path.name}", path.read_bytes())
    for path in sorted(files.snapshots.glob("*")):
        if path.suffix in (FORMER, UPGRADED):
            # Nothing that this program knows leads over an upgrade but these.
            copying.take(f"snapshots/{path.name}", path.read_bytes())
    upgraded = any(path.suffix == UPGRADED for path in files.snapshots.glob("*"))
    if (with_history or pruned or upgraded) and files.history.exists():
        copying.take("history.db", database(files.history))
    status = asyncio.run(compose.node_status(Settings(data=data)))
    head = copy_journal(files.journal, copying, None if status is None else int(status["durable_sequence"]))
    copying.take("identity.db", database(files.identity))
    for name in SMALL:
        if (data / name).exists():
            copying.take(name, (data / name).read_bytes())
    manifest = Manifest(VERSION, genesis, *head, copying.kept, copying.copied_bytes)
    write_whole(into / MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)) + b"\n")
    wanted = {one.stored for one in manifest.files}
    for path in [*(into / "state").glob("*"), *(into / "journal").glob("*")]:
        if str(path.relative_to(into)) not in wanted:
            path.unlink()
    return manifest


def check_goes_on(journal: Path, into: Path, before: Manifest) -> None:
    """Whether this journal goes on from what an earlier backup ends with.

    The chain says so: of the same frame everything before it is the same.  Raises `BackupFailed`, `JournalError`.
    """
    if not before.sequence:
        return
    try:
        frame = next(read_frames(journal, before.sequence), None)
    except JournalPruned as pruned:
        raise BackupFailed(
            f"{into} ends at sequence {before.sequence:,}, which this journal has no more, so it cannot be told "
            "whether it goes on from there: choose another folder"
        ) from pruned
    if frame is None or (frame.last_sequence, frame.hash.hex()) != (before.sequence, before.head):
        raise BackupFailed(
            f"{into} is a backup of what this venue is not: at sequence {before.sequence:,}, where that ends, this "
            f"journal has {'nothing' if frame is None else 'another frame'}; one of the two is a restored copy that "
            "went on by itself. Choose another folder, and keep this one"
        )


class Copying:
    """A backup under way."""

    def __init__(self, into: Path, before: Manifest | None) -> None:
        self.kept: list[Kept] = []
        self.copied_bytes = 0
        self._into = into
        self._closed = {one.name: one for one in (before.files if before is not None else ()) if one.closed}
        for folder in ("journal", "state"):
            (into / folder).mkdir(exist_ok=True, mode=0o700)

    def take(self, name: str, data: bytes, closed: bool = False) -> None:
        """Keep these bytes."""
        sha256 = hashlib.sha256(data).hexdigest()
        stored = name if closed else f"state/{name.replace('/', '_')}.{sha256[:16]}"
        if not (self._into / stored).exists() or closed:
            write_whole(self._into / stored, data)
            self.copied_bytes += len(data)
        self.kept.append(Kept(name, stored, len(data), sha256, closed))

    def has(self, segment: SegmentFile) -> bool:
        """Whether a closed segment was copied by an earlier backup, compressed or not; then it is kept."""
        for suffix in (names.SEGMENT, names.COMPRESSED):
            found = self._closed.get(f"journal/{segment_path(Path(), segment.first_sequence, suffix).name}")
            if found is not None and (self._into / found.stored).exists():
                self.kept.append(found)
                return True
        return False


def copy_journal(journal: Path, copying: Copying, durable_sequence: int | None) -> tuple[int, str]:
    """Copy what is durable; returns the sequence and the frame's hash where that ends."""
    for name in (names.GENESIS_NAME, names.PRUNED_NAME):
        if (journal / name).exists():
            copying.take(f"journal/{name}", (journal / name).read_bytes())
    segments = list_segments(journal)
    for segment in segments[:-1]:
        if not copying.has(segment):
            data, found = _closed(journal, segment)
            copying.take(f"journal/{found.path.name}", data, closed=True)
    if not segments or durable_sequence == 0:
        return 0, read_genesis(journal).hash.hex()
    newest = segments[-1].first_sequence
    # A frame that had just begun to be written when this was read is not durable, and is not taken.
    last = durable_sequence
    frames = [
        frame
        for frame in read_frames(journal, newest, last)
        if frame.first_sequence >= newest and (last is None or frame.last_sequence <= last)
    ]
    if not frames:
        raise BackupFailed(f"nothing durable was found in the newest segment of {journal}: try again")
    copying.take(f"journal/{segment_path(journal, newest).name}", b"".join(frame.data for frame in frames))
    return frames[-1].last_sequence, frames[-1].hash.hex()


def _closed(journal: Path, segment: SegmentFile) -> tuple[bytes, SegmentFile]:
    """A closed segment's file, which may just be being compressed."""
    for _ in range(TRIES):
        found = next(one for one in list_segments(journal) if one.first_sequence == segment.first_sequence)
        with contextlib.suppress(FileNotFoundError):
            return found.path.read_bytes(), found
    raise BackupFailed(f"{segment.path} cannot be read: try again")


def database(path: Path) -> bytes:
    """A SQLite database as it stands, through SQLite's own backup, also while somebody writes to it."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        with (
            contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as source,
            contextlib.closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)
        return copy.read_bytes()


def read_manifest(folder: Path) -> Manifest:
    """What a backup says of itself.  Raises `BackupFailed`."""
    try:
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError) as problem:
        raise BackupFailed(
            f"{folder} has no manifest that can be read, so it is no whole backup: {problem}"
        ) from problem
    if manifest.version != VERSION:
        raise BackupFailed(f"{folder} is a backup of version {manifest.version}, this program reads {VERSION}")
    return manifest


def lines(manifest: Manifest) -> Iterator[str]:
    """What was backed up, for people."""
    yield f"sequence  {manifest.sequence:,}"
    yield f"head      {manifest.head}"
    yield f"files     {len(manifest.files)}, {manifest.copied_bytes:,} bytes of them copied now"
