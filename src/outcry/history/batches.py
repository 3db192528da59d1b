"""Rows on their way to the database: what is new and what has changed since the last batch, as plain values.

`Gathered` keeps rows of one table by their key while they change; `Batch` is what one transaction writes, with the
entry that everything stands at.  A row is changed in memory until a batch takes a copy, so a busy row is written once.
"""

from collections.abc import Hashable
from typing import Any, Generic, TypeVar

import msgspec

Values = dict[str, Any]
Key = TypeVar("Key", bound=Hashable)
Line = TypeVar("Line", bound=msgspec.Struct)


class Standing(msgspec.Struct, frozen=True):
    """How far history goes: the last entry in it, which is the last of its frame."""

    sequence: int
    time_ns: int
    genesis_hash: bytes
    frame_hash: bytes


class Changes(msgspec.Struct, frozen=True):
    """Rows of one table: to insert, and to update by their key."""

    inserts: list[Values]
    updates: list[Values]


class Batch(msgspec.Struct, frozen=True):
    """What one transaction writes."""

    standing: Standing
    changes: dict[str, Changes]

    @property
    def rows(self) -> int:
        """How many there are."""
        return sum(len(one.inserts) + len(one.updates) for one in self.changes.values())


class Gathered(Generic[Key, Line]):
    """Rows of one table that are not in the database as they are here."""

    def __init__(self) -> None:
        self._new: dict[Key, Line] = {}
        self._changed: dict[Key, Line] = {}

    def __len__(self) -> int:
        return len(self._new) + len(self._changed)

    def add(self, key: Key, line: Line) -> None:
        """A row that was not there before."""
        self._new[key] = line

    def touch(self, key: Key, line: Line) -> None:
        """A row has changed."""
        if key not in self._new:
            self._changed[key] = line

    def lines(self) -> list[Line]:
        """The rows themselves."""
        return [*self._new.values(), *self._changed.values()]

    def take(self) -> Changes:
        """Everything, as it is now; from here on all of it is in the database."""
        taken = Changes(
            [msgspec.structs.asdict(one) for one in self._new.values()],
            [msgspec.structs.asdict(one) for one in self._changed.values()],
        )
        self._new.clear()
        self._changed.clear()
        return taken
