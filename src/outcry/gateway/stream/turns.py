"""Whose turn it is to be written to first: a rotation, so that no session always is.

Sessions that are written to together are a *group*, in the order in which they came.  Each time a group is written to,
the next of it is first and the others follow round the circle; after a whole circle the direction turns, so that of two
neighbours neither is always before the other.  Over any number of messages to a group of K each is first one time in K,
to within one.  A group's turn depends on nobody else's messages: who subscribes to less or more gains nothing by it.
Turns of the groups unheard of for longest are forgotten; a group that is new begins where the last new one did not.
"""

from collections.abc import Hashable, Sequence
from typing import Protocol, TypeVar

GROUPS_KEPT = 1_024


class Numbered(Protocol):
    """Somebody with a number of his own, which tells when he came."""

    @property
    def number(self) -> int:
        """Never given twice."""
        ...


One = TypeVar("One", bound=Numbered)


class Turns:
    """The turns of all groups."""

    def __init__(self, groups_kept: int = GROUPS_KEPT) -> None:
        self._groups_kept = groups_kept
        self._turns: dict[Hashable, int] = {}
        self._new = 0

    def order(self, group: Sequence[One]) -> list[One]:
        """The group in the order of its next turn."""
        if len(group) < 2:
            return list(group)
        circle = sorted(group, key=_number)
        # Two groups with one hash would share their turns, which harms neither.
        name = hash(tuple([one.number for one in circle]))
        turn = self._turns.pop(name, None)
        if turn is None:
            turn = self._new
            self._new += 1
            if len(self._turns) >= self._groups_kept:
                del self._turns[next(iter(self._turns))]
        self._turns[name] = turn + 1
        rounds, first = divmod(turn, len(circle))
        if rounds & 1:
            circle.reverse()
            first = len(circle) - 1 - first
        return circle[first:] + circle[:first]


def _number(one: Numbered) -> int:
    return one.number
