"""`outcry history rebuild`: history anew from the journal, into a file of its own that then takes the place of the old.

The rows are those that the keeper has written or would have written.  Until the last of them is in the new file the old
one stays as it is; the venue has to be stopped, because its keeper would write into the file that is replaced.
"""

import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from outcry.app.settings import Files
from outcry.engine.engine import Engine
from outcry.history import HistoryError, Store
from outcry.history.batches import Standing
from outcry.history.fold import Fold
from outcry.journal.files import sync_folder
from outcry.journal.frames import Frame
from outcry.journal.reading import read_frames, read_genesis
from outcry.node.replica import Replica

Progress = Callable[[int], None]
BATCH_ROWS = 20_000
BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a file while it is open."""


class Rebuilt(msgspec.Struct, frozen=True):
    """What was made."""

    sequence: int
    rows: int
    seconds: float


def rebuild(files: Files, progress: Progress) -> Rebuilt:
    """Make history anew.  Raises `HistoryError` while a venue runs on the folder, `JournalError`, `ReplicaDiverged`."""
    with held(files):
        new = files.history.with_suffix(".new")
        remove(new)
        made = write(files.journal, new, progress)
        remove(files.history)
        new.replace(files.history)
        sync_folder(files.folder)
    return made


def write(journal: Path, path: Path, progress: Progress) -> Rebuilt:
    """All of a journal's history into a new file."""
    started, rows = time.monotonic(), 0
    engine = Engine()
    replica = Replica(engine)
    genesis = read_genesis(journal)
    replica.begin(genesis.hash)
    with contextlib.closing(Store(path)) as store:
        fold = Fold(engine, store.found(), 0)
        last: Frame | None = None

        def settle(frame: Frame) -> int:
            batch = fold.take(Standing(frame.last_sequence, engine.time_ns, genesis.hash, frame.hash))
            store.write(batch)
            return batch.rows

        for frame in read_frames(journal):
            for entry, events in replica.apply(frame):
                fold.observe(entry, events)
            last = frame
            if fold.rows >= BATCH_ROWS:
                rows += settle(frame)
            progress(frame.last_sequence)
        if last is not None and store.sequence != last.last_sequence:
            rows += settle(last)
        return Rebuilt(store.sequence, rows, time.monotonic() - started)


@contextlib.contextmanager
def held(files: Files) -> Iterator[None]:
    """The data folder, taken as a venue takes it.  Raises `HistoryError` when one has it."""
    lock = os.open(files.lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as problem:
            raise HistoryError(f"a venue runs on {files.folder}: stop it first") from problem
        yield
    finally:
        os.close(lock)


def remove(path: Path) -> None:
    """A database with what belongs to it."""
    for one in (path, *(path.with_name(path.name + ending) for ending in BESIDE)):
        one.unlink(missing_ok=True)
