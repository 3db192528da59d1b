"""`Recorder`: the observer that writes history, in batches and in a thread of its own.

A batch ends with a frame, because there the replica's engine stands at the same entry; it is written when it has
`ROWS_MAX` rows or is `SECONDS_MAX` old.  While one is being written the next one gathers; with `WAITING_ROWS_MAX`
waiting, the observer waits too, so memory is bounded and a slow disk slows the keeper and nobody else.
Entries that are in the database already are passed over; at the last of them the engine stands where the rows do.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from outcry.history.batches import Standing
from outcry.history.fold import Fold, HistoryMisplaced
from outcry.history.revivals import revivable
from outcry.history.store import REBUILD, HistoryError, HistoryUnusable, Store
from outcry.history.terms import State
from outcry.protocol.wire import Entry, Event

ROWS_MAX = 2_000
WAITING_ROWS_MAX = 50_000
SECONDS_MAX = 0.2

Head = Callable[[], tuple[int, bytes]]
"""The last entry of the last frame applied, and that frame's hash."""


class Recorder:
    """Writes what it observes.  Raises `HistoryError` where it is used when something could not be written."""

    def __init__(self, store: Store, state: State, head: Head, genesis_hash: bytes) -> None:
        """`state` is the replica's engine, which may stand anywhere up to where the store does."""
        standing = store.standing
        if standing is not None and standing.genesis_hash != genesis_hash:
            raise HistoryUnusable(f"{store.path} belongs to another journal: {REBUILD}")
        sequence, _ = head()
        if sequence > store.sequence:
            raise HistoryUnusable(f"{store.path} ends at entry {store.sequence:,}, before {sequence:,}: {REBUILD}")
        self._store = store
        self._state = state
        self._head = head
        self._genesis_hash = genesis_hash
        self._fold: Fold | None = None
        self._standing = standing
        self._time_ns = 0
        self._thread = ThreadPoolExecutor(1, "history")
        self._writing: Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._problem: HistoryError | None = None
        if sequence == store.sequence:
            self._begin()

    @property
    def sequence(self) -> int:
        """The last entry that is in the database."""
        return self._store.sequence

    def observe(self, entry: Entry, events: Sequence[Event]) -> None:
        """An entry has been applied, and these are its events."""
        if self._problem is not None:
            raise self._problem
        sequence, _ = self._head()
        if self._fold is None:
            if entry.head.sequence == self._store.sequence == sequence:
                self._begin()
            elif entry.head.sequence > self._store.sequence:
                raise HistoryUnusable(f"{self._store.path} does not end with a frame of this journal: {REBUILD}")
            return
        self._fold.observe(entry, events)
        self._time_ns = entry.head.time_ns
        if entry.head.sequence == sequence:
            self._frame_ended(self._fold)

    def flush(self) -> None:
        """Wait until everything up to the last frame is in the database."""
        self._wait()
        if self._fold is not None:
            self._hand_over(self._fold)
            self._wait()

    def finish(self) -> None:
        """Write what is left and let go of the thread; the store stays open."""
        try:
            self.flush()
        finally:
            self._thread.shutdown()

    def _begin(self) -> None:
        """The engine stands where the database does."""
        standing = self._standing
        sequence, frame_hash = self._head()
        if standing is not None and standing.frame_hash != frame_hash:
            raise HistoryUnusable(
                f"entry {sequence:,} of the journal is not the one {self._store.path} was written from: {REBUILD}"
            )
        try:
            self._fold = Fold(
                self._state,
                self._store.found(revivable(self._state.tables)),
                standing.time_ns if standing is not None else 0,
            )
        except HistoryMisplaced as problem:
            raise HistoryUnusable(f"{self._store.path} does not fit the journal: {problem}; {REBUILD}") from problem

    def _frame_ended(self, fold: Fold) -> None:
        writing = self._writing
        if writing is not None and writing.done():
            self._wait()
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(SECONDS_MAX, self._due)
        if fold.rows >= WAITING_ROWS_MAX:
            self._wait()
        if fold.rows >= ROWS_MAX and self._writing is None:
            self._hand_over(fold)

    def _due(self) -> None:
        """The oldest row that waits has waited long enough."""
        self._timer = None
        if self._writing is not None and not self._writing.done():
            self._timer = asyncio.get_running_loop().call_later(SECONDS_MAX, self._due)
        elif self._fold is not None:
            try:
                self._wait()
            except HistoryError as problem:
                # Nobody hears a timer; the next entry is told, and comes within a second.
                self._problem = problem
            else:
                self._hand_over(self._fold)

    def _hand_over(self, fold: Fold) -> None:
        """Give the thread everything up to the last frame."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        sequence, frame_hash = self._head()
        if self._standing is None or self._standing.sequence != sequence:
            self._standing = Standing(sequence, self._time_ns, self._genesis_hash, frame_hash)
            self._writing = self._thread.submit(self._store.write, fold.take(self._standing))

    def _wait(self) -> None:
        """Until the thread has written what it was given.  Raises what went wrong with it."""
        writing, self._writing = self._writing, None
        if writing is not None:
            writing.result()
