"""A queue of the latest that tells what it has forgotten, so that who asks for more knows where history must begin."""

from collections import deque
from typing import TypeVar

Item = TypeVar("Item")


class Bounded(deque[Item]):
    """A deque whose oldest go first; `forgotten` is the newest of those that have gone, None while all are there."""

    forgotten: Item | None = None

    def append(self, item: Item) -> None:
        """Keep one more."""
        if self.maxlen is not None and len(self) == self.maxlen:
            self.forgotten = self[0]
        super().append(item)

    def popleft(self) -> Item:
        """Forget the oldest."""
        self.forgotten = super().popleft()
        return self.forgotten

    def restore(self, items: "list[Item]") -> None:
        """Take over what another has written down; what it had forgotten is no longer known, so the oldest counts."""
        self.extend(items)
        self.forgotten = items[0] if items else None
