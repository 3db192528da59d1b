"""`outcry prune`: which part of a journal may go, by one rule, and then its removal.

The rule: a closed segment may go when all of it lies before the oldest of the K newest usable snapshots (3 unless told
otherwise), and before everything that somebody still has to follow: what the gateway and the keeper have saved, and
history.  A snapshot counts only if its root stands in the journal and its restored state has that root, checked here
and now.  Nothing is ever removed by itself, nothing while the venue runs, and nothing without being told so twice.
"""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from outcry.app import saved
from outcry.app.settings import Files
from outcry.engine.engine import Engine
from outcry.history import Store
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
    """Find what may go, and remove it if `really`.  Raises `CannotPrune`, `HistoryError`, `JournalError`, `OSError`."""
    files = Files(data)
    if not (files.journal / "genesis").exists():
        raise CannotPrune(f"there is no journal in {data}: name a venue's data folder")
    if files.disputed_root.exists():
        raise CannotPrune(f"a state root is disputed ({files.disputed_root}): settle that first")
    vouched = _vouched(files, snapshots)
    states = list(_states(files))
    need = min([*vouched, *states, *_of_history(files, [*vouched, *states])])
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


def _vouched(files: Files, wanted: int) -> list[Need]:
    """So many newest snapshots that one could start from."""
    if wanted < 1:
        raise CannotPrune("at least one snapshot has to stay usable")
    notes: list[str] = []
    found: list[Need] = []
    for snapshot in Shelf(files.journal, files.snapshots, notes).rooted():
        sequence = snapshot.head.sequence
        try:
            restored(Engine, snapshot)
        except ValueError as problem:
            notes.append(f"the snapshot of sequence {sequence} cannot be used: {problem}")
            continue
        found.append(Need(sequence, f"the snapshot of sequence {sequence}"))
        if len(found) == wanted:
            return found
    raise CannotPrune("; ".join([f"there are {len(found)} usable snapshots, and {wanted} are wanted", *notes]))


def _states(files: Files) -> Iterator[Need]:
    """What saved states still have to follow from."""
    genesis_hash = read_genesis(files.journal).hash
    for path in files.states:
        state = saved.read(path, genesis_hash)
        if state is not None:
            yield Need(state.sequence, path.name)


def _of_history(files: Files, beginnings: Sequence[Need]) -> Iterator[Need]:
    """The latest place to begin from that is not beyond what history has."""
    if not files.history.exists():
        return
    with contextlib.closing(Store(files.history)) as store:
        sequence = store.sequence
    reached = [need.sequence for need in beginnings if need.sequence <= sequence]
    if not reached:
        raise CannotPrune(
            f"history goes to entry {sequence:,} only, before every snapshot: start the venue and stop it again, so "
            "that history has caught up"
        )
    yield Need(max(reached), files.history.name)


def lines(pruned: Pruned) -> Iterator[str]:
    """The result for people."""
    what = "removed" if pruned.done else "could be removed"
    yield f"rule      what is before sequence {pruned.before_sequence:,} may go; {pruned.held_by} holds the rest"
    yield f"segments  {len(pruned.segments)} {what}{'' if pruned.done else f', {pruned.bytes:,} bytes'}"
    yield f"journal   begins at sequence {pruned.begins_at:,}{'' if pruned.done else ' then'}"
    if pruned.segments and not pruned.done:
        yield "nothing was changed: say --yes to remove them, and --archive FOLDER to keep a copy elsewhere"
