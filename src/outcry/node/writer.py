"""Core, journal, clock and snapshots in one event loop: everything a node does but talk to other processes.

Submissions of one pass of the loop go into one step of the core.  Appending and syncing run in a thread, so the loop
goes on meanwhile; published frames are marked as seen and handed to the listeners in order.  The shell puts a socket
around this, `LocalLink` a line inside the process.  An error of the disk ends the writer at once: what was not known
to be durable is never published, and the next start finds out what is there.
"""

import asyncio
import logging
import secrets
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from outcry.journal.errors import DiskFailed, JournalError
from outcry.journal.frames import Frame
from outcry.node.core import Held, Input, NodeCore, Room, Submission, Synced, TurnedAway, Why, number_of
from outcry.node.recovery import Recovered
from outcry.node.settings import SECOND_NS, NodeSettings
from outcry.node.shedding_log import SheddingLog
from outcry.node.snapshots import Snapshot, write_snapshot

log = logging.getLogger("outcry.node")

CLOCK_TOLERANCE_NS = SECOND_NS
"""A clock that is behind the last entry by no more than this is being adjusted, which nobody need be told."""
RUSHES = {
    Why.CROWDED: "more waits for the disk than there is room for",
    Why.SHED: "no new orders are taken, because too much waits for the disk",
}
"""Why commands are turned away that could be taken at another time."""
FramesListener = Callable[[Sequence[Frame]], None]
TurnedAwayListener = Callable[[TurnedAway], None]
SyncListener = Callable[[int, float], None]
"""Is told how many bytes were appended and synced together, and how many seconds that took."""


class Writer:
    """The one writer, running in the current event loop once started."""

    def __init__(
        self,
        recovered: Recovered,
        settings: NodeSettings | None = None,
        *,
        clock_ns: Callable[[], int] = time.time_ns,
        salts: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self.settings = settings or NodeSettings()
        self.engine = recovered.engine
        self.journal = recovered.journal
        self._root_every = recovered.journal.genesis.roots_due_every
        self.core = NodeCore(
            recovered.engine, recovered.head, salts, self.settings.core, self._root_every, recovered.sign
        )
        self._root_due_sequence = 0
        """The last due sequence whose root was looked for in the journal."""
        self.frames_listeners: list[FramesListener] = []
        self.sync_listeners: list[SyncListener] = []
        """Called from the journal's thread."""
        self._shedding = SheddingLog()
        self.turned_away_counts: Counter[Why] = Counter()
        """Since the start."""
        self.turned_away_listeners: dict[int, TurnedAwayListener] = {}
        """By origin."""
        self.room_left = True
        """Whether submissions are taken, as far as the disk is concerned."""
        self._snapshots_folder = recovered.snapshots_folder
        self._snapshot_sequence = recovered.snapshot_sequence
        self._clock_ns = clock_ns
        self._clock_behind = False
        self._loop = asyncio.get_running_loop()
        self._finished: asyncio.Future[None] = self._loop.create_future()
        self._inbox: list[Submission] = []
        self._holds = 0
        self._stopping = False
        self._pump_due = False
        self._quiet = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._disk = ThreadPoolExecutor(1, "journal")
        self._upkeep = ThreadPoolExecutor(1, "upkeep")
        self._upkeep_task: asyncio.Future[None] | None = None

    @property
    def durable_sequence(self) -> int:
        """Last entry that is durable and has been published."""
        return self.core.durable_sequence

    def start(self) -> None:
        """Begin to keep time."""
        self._pump()
        self._look_after()

    def submit(self, origin: int, entry: bytes) -> None:
        """Hand in an entry; its fate shows in the frames, or in the origin's `turned_away_listeners`."""
        self._inbox.append(Submission(origin, entry))
        if not self._pump_due:
            self._pump_due = True
            self._loop.call_soon(self._pump)

    async def snapshot(self) -> int:
        """Write a snapshot of the durable state; returns its sequence.  Raises what the engine raises when halted."""
        self._hold()
        try:
            await self._until_quiet()
            snapshot = Snapshot(self.core.head, self.journal.genesis.hash, self.engine.snapshot())
        finally:
            self._release()
        await self._loop.run_in_executor(
            self._upkeep,
            write_snapshot,
            self._snapshots_folder,
            snapshot,
            self.settings.snapshots_kept,
            self.journal.disk,
        )
        self._snapshot_sequence = snapshot.head.sequence
        return snapshot.head.sequence

    async def wait_finished(self) -> None:
        """Wait until the writer has stopped.  Raises what stopped it, if it did not stop in order."""
        await asyncio.shield(self._finished)

    async def stop(self) -> None:
        """Turn further submissions away, finish what is under way, write a snapshot, close the journal."""
        if self._stopping:
            await self.wait_finished()
            return
        self._stopping = True
        try:
            if not self._finished.done():
                self._hold()
                await self._until_quiet()
                if not self.engine.halted and self.core.head.sequence > self._snapshot_sequence:
                    try:
                        await self.snapshot()
                    except OSError as problem:
                        sentence = (
                            f"no snapshot was written ({problem}): nothing is missing, the next start takes longer"
                        )
                        raise DiskFailed(self.core.head.sequence, sentence) from problem
        except BaseException as problem:
            self._fail(problem)
            raise
        finally:
            self._close()
        if not self._finished.done():
            self._finished.set_result(None)
        await self.wait_finished()

    def _hold(self) -> None:
        self._holds += 1
        self._pump(Held(True))

    def _release(self) -> None:
        self._holds -= 1
        if not self._holds and not self._finished.done():
            self._pump(Held(False))

    async def _until_quiet(self) -> None:
        while not self.core.quiet and not self._finished.done():
            self._quiet.clear()
            await self._quiet.wait()
        if self._finished.done():
            self._finished.result()

    def _pump(self, *before: Input) -> None:
        """One step of the core; whatever goes wrong in it ends the writer."""
        self._pump_due = False
        if self._finished.done():
            return
        try:
            self._step(before)
        except JournalError as problem:
            # Whoever waits for the writer's end is told; nobody waits for a step.
            self._fail(problem)
        except BaseException as problem:
            self._fail(problem)
            raise

    def _step(self, before: Sequence[Input]) -> None:
        """One step of the core with everything that has come in, and what follows from it."""
        if self._stopping:
            self._turn_away([TurnedAway(item.origin, number_of(item.entry), Why.STOPPING) for item in self._inbox])
            self._inbox = []
        inputs: list[Input] = [*before, self._look_for_room()]
        if not self._holds:
            inputs += self._inbox
            self._inbox = []
        now_ns = self._clock_ns()
        self._look_at_clock(now_ns)
        self._shedding.look(now_ns)
        outputs = self.core.step(inputs, now_ns)
        if outputs.append:
            task = self._loop.run_in_executor(self._disk, self._commit, outputs.append)
            task.add_done_callback(self._committed)
        self._turn_away(outputs.turned_away)
        if outputs.publish:
            self.journal.mark_seen(self.core.durable_sequence)
            self._look_for_root()
            for listener in list(self.frames_listeners):
                listener(outputs.publish)
        if self.core.quiet:
            self._quiet.set()
        if self._timer is not None:
            self._timer.cancel()
        if outputs.wake_ns:
            # Never longer than a second or so: a clock that went back may go forward again at any moment.
            wait_ns = min(max(0, outputs.wake_ns - now_ns), self.settings.core.idle_tick_ns)
            self._timer = self._loop.call_later(wait_ns / SECOND_NS, self._pump)

    def _look_at_clock(self, now_ns: int) -> None:
        """Say it, once, when the clock has jumped: time in the journal never goes back, and a jump ahead is a pause."""
        ahead_ns = now_ns - self.engine.time_ns
        behind = -ahead_ns > CLOCK_TOLERANCE_NS
        if behind and not self._clock_behind:
            log.warning(
                "the clock went back by %.1f seconds: the venue's time stands still until the clock has caught up",
                -ahead_ns / SECOND_NS,
            )
        elif self._clock_behind and not behind:
            log.warning("the clock has caught up with the venue's time")
        self._clock_behind = behind
        going_on = self.engine.sequence and self.room_left and not self._holds and not self.engine.halted
        if going_on and ahead_ns > self.settings.core.resume_after_ns:
            log.warning(
                "%.1f seconds have passed without an entry: only cancels are taken until prices are fresh",
                ahead_ns / SECOND_NS,
            )

    def _look_for_root(self) -> None:
        """Say it, once for every due sequence, when the root of the one before has not been journaled meanwhile.

        The node does nothing else about it: roots are for replicas to compute, and no command waits for them.
        """
        due = self.core.durable_sequence // self._root_every * self._root_every
        if due > self._root_due_sequence:
            missing = due - self._root_every
            if self._root_due_sequence and self.engine.root_sequence < missing and not self.engine.halted:
                log.warning("the state root of sequence %d has not been journaled: no replica proposed it", missing)
            self._root_due_sequence = due

    def _look_for_room(self) -> Room:
        """Whether the disk has room; what has changed is said once, because clients only hear that they are refused."""
        left = self.journal.has_room()
        if left != self.room_left:
            self.room_left = left
            if left:
                log.warning("there is room on the disk again: submissions are taken")
            else:
                log.warning(
                    "the disk of %s is nearly full: submissions are turned away until space is freed",
                    self.journal.folder,
                )
        return Room(left)

    def _commit(self, frames: list[Frame]) -> int:
        """Append and sync, each frame before the next is written; runs in the journal's thread."""
        begun_s = time.perf_counter()
        for frame in frames:
            self.journal.append(frame)
        self.journal.sync()
        for listener in self.sync_listeners:
            listener(sum(len(frame.data) for frame in frames), time.perf_counter() - begun_s)
        return frames[-1].last_sequence

    def _committed(self, task: "asyncio.Future[int]") -> None:
        if self._finished.done():
            return
        try:
            sequence = task.result()
        except (OSError, JournalError) as problem:
            self._fail(problem)
            return
        self._pump(Synced(sequence))
        self._look_after()

    def _look_after(self) -> None:
        """Let the journal tidy its files in the background."""
        if self.journal.upkeep_due and self._upkeep_task is None and not self._stopping:
            self._upkeep_task = self._loop.run_in_executor(self._upkeep, self.journal.upkeep)
            self._upkeep_task.add_done_callback(self._looked_after)

    def _looked_after(self, task: "asyncio.Future[None]") -> None:
        self._upkeep_task = None
        problem = task.exception()
        if isinstance(problem, OSError):
            log.warning("the journal's files could not be tidied, which is tried again later: %s", problem)
        elif problem is not None:
            self._fail(problem)

    def _turn_away(self, turned_away: list[TurnedAway]) -> None:
        for item in turned_away:
            self.turned_away_counts[item.why] += 1
            if item.why in RUSHES:
                self._shedding.refused(RUSHES[item.why], self._clock_ns())
            listener = self.turned_away_listeners.get(item.origin)
            if listener is not None:
                listener(item)

    def _fail(self, problem: BaseException) -> None:
        """End at once: nothing more is published."""
        if not self._finished.done():
            log.error("the writer stops at once: %r", problem)
            self._finished.set_exception(problem)
            self._finished.exception()
        self._quiet.set()

    def _close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._disk.shutdown()
        self._upkeep.shutdown()
        self.journal.close()
