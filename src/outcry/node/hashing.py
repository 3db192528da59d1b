"""State roots made in a thread, so that a process with others to serve is held up only while the state is copied.

One at a time: a root that falls due while the one before is still being hashed is left out (`wait=False`), or waits
for it (`wait=True`, for who only checks).  Known limit: the copy, which is kept and written over, needs as much memory
again as the state.
"""

from concurrent.futures import ThreadPoolExecutor

from outcry.node.machine import Machine
from outcry.node.roots import Hashed, root_of


class HashingThread:
    """A `roots.Hashing` with a thread of its own; `close` it when done."""

    def __init__(self, *, wait: bool = False) -> None:
        self._wait = wait
        self._thread = ThreadPoolExecutor(1, "hashing")
        self._last: Hashed | None = None
        self._copy: Machine | None = None

    def __call__(self, engine: Machine) -> Hashed | None:
        """Copy the state and begin to hash it."""
        if self._last is not None and not self._last.done():
            if not self._wait:
                return None
            self._last.result()
        self._copy = engine.copy(self._copy)
        self._last = self._thread.submit(root_of, self._copy)
        return self._last

    def close(self) -> None:
        """Let go of the thread; what it is at is finished."""
        self._thread.shutdown()
