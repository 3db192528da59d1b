"""`outcry history rebuild` and `check`: history anew from the journal, to take the place of the old or to compare.

The rows are those that the keeper has written or would have written.  Until the last of them is in the new file the old
one stays as it is; the venue has to be stopped, because its keeper would write into the file that is replaced.
"""

import contextlib
import fcntl
import itertools
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
from sqlalchemy import Table, select
from sqlalchemy.exc import DatabaseError

from outcry.app.settings import Files
from outcry.engine.engine import Engine
from outcry.history import HistoryError, HistoryUnusable, Store
from outcry.history.batches import Standing
from outcry.history.fold import Fold
from outcry.history.store import REBUILD, check_shape
from outcry.history.tables import EVERY
from outcry.journal.files import sync_folder
from outcry.journal.frames import Frame
from outcry.journal.reading import read_frames, read_genesis
from outcry.node.recovery import check_applied
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
        return renew(files, progress)


def renew(files: Files, progress: Progress) -> Rebuilt:
    """The same for who has the folder already."""
    new = files.history.with_suffix(".new")
    remove(new)
    made = write(files.journal, new, progress)
    remove(files.history)
    new.replace(files.history)
    sync_folder(files.folder)
    return made


def check(files: Files, progress: Progress) -> Rebuilt:
    """Compare history with what the journal makes.

    Raises `HistoryUnusable` at the first row that differs, `HistoryError` while a venue runs on the folder, and what
    reading the journal raises.
    """
    with held(files):
        return compare(files, progress)


def compare(files: Files, progress: Progress) -> Rebuilt:
    """The same for who has the folder already."""
    if not files.history.exists():
        raise HistoryError(f"there is no {files.history} to check")
    made_anew = files.history.with_suffix(".check")
    remove(made_anew)
    try:
        with contextlib.closing(Store(files.history)) as old:
            made = write(files.journal, made_anew, progress, old.sequence)
            with contextlib.closing(Store(made_anew)) as new:
                if new.sequence != old.sequence:
                    ends = f"goes to entry {old.sequence:,}, at which no frame of the journal ends"
                    raise HistoryUnusable(f"{files.history} {ends}: {REBUILD}")
                try:
                    with old.engine.connect() as connection:
                        check_shape(connection, files.history, whole=True)
                    for table in EVERY:
                        _compare_table(old, new, table)
                except DatabaseError as problem:
                    raise HistoryUnusable(f"{files.history} cannot be used ({problem.orig}): {REBUILD}") from problem
        return made
    finally:
        remove(made_anew)


def _compare_table(old: Store, new: Store, table: Table) -> None:
    """Row by row, in the order of the key.  Raises `HistoryUnusable`."""
    keys = [column.name for column in table.primary_key]
    statement = select(table).order_by(*table.primary_key)
    with old.engine.connect() as left, new.engine.connect() as right:
        for found, made in itertools.zip_longest(left.execute(statement), right.execute(statement)):
            if found != made:
                row = made if found is None or made is not None else found
                key = ", ".join(f"{name} {getattr(row, name)}" for name in keys)
                raise HistoryUnusable(f"{old.path} is not what the journal makes: table {table.name}, {key}: {REBUILD}")


def write(journal: Path, path: Path, progress: Progress, last_sequence: int | None = None) -> Rebuilt:
    """All of a journal's history into a new file, or up to an entry."""
    started, rows = time.monotonic(), 0
    check_applied(journal)
    genesis = read_genesis(journal)
    engine = Engine(rules_version=genesis.rules_version)
    replica = Replica(engine)
    replica.begin(genesis.hash)
    with contextlib.closing(Store(path)) as store:
        fold = Fold(engine, store.found(), 0)
        last: Frame | None = None

        def settle(frame: Frame) -> int:
            batch = fold.take(Standing(frame.last_sequence, engine.time_ns, genesis.hash, frame.hash))
            store.write(batch)
            return batch.rows

        for frame in read_frames(journal):
            if last_sequence is not None and frame.last_sequence > last_sequence:
                break
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
