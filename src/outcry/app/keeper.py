"""The keeper: a replica whose observers write down what is asked for later.

A part of it observes every entry and can be told to flush, which makes everything up to the last frame durable; the
first is history, and what else replicas have to keep is one more in the list.  The keeper's own state is saved after
all parts have been flushed, so no part is ever behind it; a part that is ahead passes over what it has.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from outcry.app import saved
from outcry.history import HistoryUnusable, Recorder, Store
from outcry.node.link import Link
from outcry.protocol.wire import Entry, Event

Following = saved.Follower[saved.NoViews]


class Part(Protocol):
    """Something that the keeper keeps."""

    def observe(self, entry: Entry, events: Sequence[Event]) -> None:
        """An entry has been applied, and these are its events."""
        ...

    def flush(self) -> None:
        """Make everything up to the last frame durable."""
        ...

    def finish(self) -> None:
        """The same for the last time."""
        ...


class Keeper:
    """Parts that follow a line to the node, and the saved state of its replica."""

    def __init__(self, parts: Sequence[Part], state: Path, genesis_hash: bytes, follower: Following) -> None:
        self._parts = parts
        self._saving = saved.Saving(state, genesis_hash, follower, self.flush)

    def follow(self, link: Link) -> None:
        """Observe it from now on."""
        for part in self._parts:
            link.observe(part.observe)
        link.observe(self._saving.observe)

    def flush(self) -> None:
        """Settle all parts."""
        for part in self._parts:
            part.flush()

    def finish(self) -> None:
        """Settle all parts and save the state."""
        for part in self._parts:
            part.finish()
        self._saving.finish()


def recorder_of(store: Store, follower: saved.Follower[saved.Kind], genesis_hash: bytes) -> Recorder:
    """History as a part.  Raises `HistoryUnusable` when the file is of another journal."""

    def head() -> tuple[int, bytes]:
        known = follower.replica.head
        return (known.sequence, known.frame_hash) if known is not None else (0, genesis_hash)

    return Recorder(store, follower.engine, head, genesis_hash)


def check_not_ahead(store: Store, sequence: int) -> None:
    """Raises `HistoryUnusable` when history knows entries that the journal, followed to its end, does not have."""
    if store.sequence > sequence:
        raise HistoryUnusable(
            f"{store.path} goes to entry {store.sequence:,}, the journal to {sequence:,} only; if the journal was "
            "restored from a backup, stop the venue and run `outcry history rebuild` on its data folder"
        )
