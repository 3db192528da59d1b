"""Time and what happens in it: one heap of events, a trace of what happened, and the first thing that went wrong.

`World.at` puts something on the heap, `run` takes it off in the order of time and of being put there, so a world
without chance of its own does the same every time.  `pass_time` runs what is due while somebody, in a thread of his,
waits for the disk: so everybody else goes on meanwhile, although there is one thread.  All chance comes from `chance`,
by name, so that drawing more of one leaves the others as they were.
Known limit: who waits inside somebody's wait ends first, so waits that cross take longer than they were drawn.
"""

import hashlib
import heapq
import random
from collections import Counter
from collections.abc import Callable

SECOND_NS = 10**9
MILLISECOND_NS = 10**6


class Failure(Exception):
    """Something that must hold does not; `law` is its short name, the same whenever it is the same that is wrong."""

    def __init__(self, law: str, message: str) -> None:
        # With both, because a failure travels between processes, which make it anew from its arguments.
        super().__init__(law, message)
        self.law = law
        self.message = message

    def __str__(self) -> str:
        return f"{self.law}: {self.message}"


class Crashed(BaseException):
    """A process has ended in the middle of what it did; nothing that it does after this has any effect."""


class World:
    """Time, events, chance, and what has been noticed."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.now_ns = 0
        """Since the world's beginning; it never goes back and no process can see it."""
        self.counts: Counter[str] = Counter()
        """How often each kind of thing happened."""
        self.failure: Failure | None = None
        """The first thing that went wrong; nothing happens after it."""
        self._events: list[tuple[int, int, Callable[[], None]]] = []
        self._put = 0
        self._trace = hashlib.sha256()
        self._lines: list[str] | None = None

    def chance(self, name: str) -> random.Random:
        """A source of chance of its own for this name; the same seed and name give the same."""
        return random.Random(f"{self.seed}/{name}")

    def at(self, time_ns: int, call: Callable[[], None]) -> None:
        """Do it then, after what was put there for the same time."""
        self._put += 1
        heapq.heappush(self._events, (max(time_ns, self.now_ns), self._put, call))

    def after(self, wait_ns: int, call: Callable[[], None]) -> None:
        """Do it so much later."""
        self.at(self.now_ns + wait_ns, call)

    def run(self, until_ns: int) -> None:
        """Let happen what happens until then, or until something is wrong."""
        events = self._events
        while events and events[0][0] <= until_ns and self.failure is None:
            time_ns, _, call = heapq.heappop(events)
            self.now_ns = max(self.now_ns, time_ns)
            try:
                call()
            except Failure as failure:
                self.fail(failure)
        self.now_ns = max(self.now_ns, until_ns)

    def pass_time(self, wait_ns: int) -> None:
        """Let everybody else go on for so long, then return."""
        self.run(self.now_ns + wait_ns)

    def fail(self, failure: Failure) -> None:
        """Something is wrong; the first one counts."""
        if self.failure is None:
            self.failure = failure
            self.note("failure", failure.law)

    def keep_lines(self) -> None:
        """Keep the trace's lines too, for looking at."""
        self._lines = []

    def note(self, what: str, detail: str = "") -> None:
        """Write into the trace that this happened now."""
        line = f"{self.now_ns} {what} {detail}\n"
        self._trace.update(line.encode())
        if self._lines is not None:
            self._lines.append(line)

    def count(self, what: str) -> None:
        """Count and write down that this happened."""
        self.counts[what] += 1
        self.note(what)

    @property
    def trace(self) -> str:
        """Hash of everything that was noted so far."""
        return self._trace.hexdigest()

    @property
    def lines(self) -> list[str]:
        """The trace, if it was kept."""
        return self._lines or []
