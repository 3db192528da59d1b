"""A queue of the latest that tells what it has forgotten, so that who asks for more knows where history must begin.

Behind it, a bound for many such queues together.
"""

from collections import deque
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

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


class Together(Generic[Item]):
    """Many queues that hold so many items together; beyond that, the queue whose turn is oldest forgets its oldest.

    Every item has a turn.  One that comes into a full queue takes over the turn of the one that goes, so turns are in
    the order of time only as far as queues are not full.  The last item of a queue stays when its turn has come,
    without one: an empty queue could not tell after a restart that it has forgotten anything.  So beside those with a
    turn there is at most one item a queue.
    """

    def __init__(self, most: int, forget: Callable[[Bounded[Item]], object] = Bounded.popleft) -> None:
        """`forget` takes the oldest item from a queue."""
        self._most = most
        self._forget = forget
        self._turns: deque[Bounded[Item]] = deque()

    def __len__(self) -> int:
        return len(self._turns)

    def keep(self, queue: Bounded[Item], item: Item, most: int) -> None:
        """Keep one more in a queue that holds so many itself."""
        if len(queue) < most:
            self._turns.append(queue)
        else:
            self._forget(queue)
        if queue.maxlen is None or len(queue) < queue.maxlen:
            # There is room, so nothing is forgotten by it.
            deque.append(queue, item)
        else:
            queue.append(item)
        if len(self._turns) > self._most:
            self._see_to_it()

    def take(self, queue: Bounded[Item], item: Item) -> None:
        """An item leaves its queue for something else than being forgotten, with the oldest turn of the queue."""
        queue.remove(item)
        for place, one in enumerate(self._turns):
            if one is queue:
                del self._turns[place]
                return

    def begin(self, queues: Iterable[Bounded[Item]], number_of: Callable[[Item], int]) -> None:
        """Take over queues as they are; `number_of` says at which entry an item came."""
        found = list(queues)
        turns = sorted((number_of(item), place) for place, queue in enumerate(found) for item in queue)
        self._turns.extend(found[place] for _, place in turns)
        self._see_to_it()

    def _see_to_it(self) -> None:
        while len(self._turns) > self._most:
            queue = self._turns.popleft()
            if len(queue) > 1:
                self._forget(queue)
