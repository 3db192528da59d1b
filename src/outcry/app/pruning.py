"""`outcry prune`: which part of a journal may go, by one rule, and then its removal.

The rule: a closed segment may go when all of it lies before the oldest of the K newest usable snapshots (3 unless told
otherwise), and before everything that somebody still has to follow: what the gateway and the keeper have saved, and
history.  A snapshot counts only if its root stands in the journal and its restored state has that root, checked here
and now.  Nothing is ever removed by itself, nothing while the venue runs, and nothing without being told so twice.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from outcry.app import saved
from outcry.app.settings import Files
from outcry.engine.engine import Engine
from outcry.history import Reader
from outcry.journal.pruning import Prunable, prunable, prune
from outcry.journal.reading import read_genesis
from outcry.node.recovery import Shelf, restored


class CannotPrune(Exception):
    """Nothing may be removed; the message says why."""


class Pruned(msgspec.Struct, frozen=True):
    """What was removed, or would be."""

    done: bool
    before_sequence: int
    """The rule allows everything before it to go."""
    held_by: str
    """Whose need that is."""
    begins_at: int
    """Where the journal begins without the segments."""
    segments: list[str]
    bytes: int


class Need(NamedTuple):
    """Somebody who has to be able to go on from after this sequence."""

    sequence: int
    who: str


def run(data: Path, snapshots: int, archive: Path | None, really: bool) -> Pruned:
    """Find what may go, and remove it if `really`.  Raises `CannotPrune`, `JournalError`, `OSError`."""
    files = Files(data)
    if not (files.journal / "genesis").exists():
        raise CannotPrune(f"there is no journal in {data}: name a venue's data folder")
    if files.disputed_root.exists():
        raise CannotPrune(f"a state root is disputed ({files.disputed_root}): settle that first")
    vouched = _oldest_vouched(files, snapshots)
    need = min([vouched, *_needs(files), _history(files, vouched)])
    before = need.sequence + 1
    found: Prunable = prune(files.journal, before, archive) if really else prunable(files.journal, before)
    length = 0 if really else found.length
    return Pruned(
        done=really,
        before_sequence=before,
        held_by=need.who,
        begins_at=found.first_sequence,
        segments=[segment.path.name for segment in found.segments],
        bytes=length,
    )


def _oldest_vouched(files: Files, wanted: int) -> Need:
    """The oldest of so many newest snapshots that one could start from."""
    if wanted < 1:
        raise CannotPrune("at least one snapshot has to stay usable")
    notes: list[str] = []
    oldest, count = Need(0, ""), 0
    for snapshot in Shelf(files.journal, files.snapshots, notes).rooted():
        try:
            restored(Engine, snapshot)
        except ValueError as problem:
            notes.append(f"the snapshot of sequence {snapshot.head.sequence} cannot be used: {problem}")
            continue
        oldest, count = Need(snapshot.head.sequence, f"the snapshot of sequence {snapshot.head.sequence}"), count + 1
        if count == wanted:
            return oldest
    raise CannotPrune("; ".join([f"there are {count} usable snapshots, and {wanted} are wanted", *notes]))


def _needs(files: Files) -> Iterator[Need]:
    """What saved states still have to follow from."""
    genesis_hash = read_genesis(files.journal).hash
    for path in files.states:
        state = saved.read(path, genesis_hash)
        if state is not None:
            yield Need(state.sequence, path.name)


def _history(files: Files, vouched: Need) -> Need:
    """What the keeper has to follow from, so that history gets no hole.

    It goes on from its own state or from a snapshot, neither of them beyond where history ends.
    """
    with contextlib.closing(Reader(files.history)) as reader:
        standing = reader.standing()
    if standing is None:
        return Need(0, f"{files.history.name}, which is not there,")
    saved_state = saved.read(files.keeper_state, read_genesis(files.journal).hash)
    if saved_state is None and standing.sequence < vouched.sequence:
        return Need(0, f"{files.history.name}, which ends before that snapshot,")
    return Need(standing.sequence, files.history.name)


def lines(pruned: Pruned) -> Iterator[str]:
    """The result for people."""
    what = "removed" if pruned.done else "could be removed"
    yield f"rule      what is before sequence {pruned.before_sequence:,} may go; {pruned.held_by} holds the rest"
    yield f"segments  {len(pruned.segments)} {what}{'' if pruned.done else f', {pruned.bytes:,} bytes'}"
    yield f"journal   begins at sequence {pruned.begins_at:,}{'' if pruned.done else ' then'}"
    if pruned.segments and not pruned.done:
        yield "nothing was changed: say --yes to remove them, and --archive FOLDER to keep a copy elsewhere"
