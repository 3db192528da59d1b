"""A process's line to the node: commands out, durable frames in, answers from one's own frames.

`Link` is what every line does: it numbers commands, keeps them pending, applies durable frames to the local replica,
tells the observers of every entry in order, and then resolves the pending command that this entry is.
`socket_link.NodeLink` does it over the node's socket, `local.LocalLink` inside the node's process.

The fate of a command is only ever read from a frame.  Nothing is sent twice; after a broken line pending commands wait
on, because they may have been admitted.  Own numbers begin above what the node has admitted and above the clock in
microseconds, so that a number lost in a crash is not given to another command; where the clock was set back behind what
was admitted, they begin anywhere in the next `NUMBERS_APART`.  Without a replica a link can submit but not execute.
Known limit: a clock set back by less than that may hand out a lost number again, if it shows that very microsecond.
"""

import asyncio
import ctypes
import logging
import secrets
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from outcry.journal.frames import Frame
from outcry.node.core import Why
from outcry.node.replica import Replica
from outcry.node.settings import ENTRY_BYTES_MAX, SECOND_NS, LinkSettings
from outcry.node.shedding import is_shed_first
from outcry.node.shedding_log import SheddingLog
from outcry.protocol import wire
from outcry.protocol.wire import Entry, Event

log = logging.getLogger("outcry.node")

Observer = Callable[[Entry, Sequence[Event]], None]
NOBODY: tuple[None, float] = (None, 0.0)
NUMBERS_APART = 1 << 36
"""So far above what was admitted may numbers begin: two processes do not meet, and all stay below 2^53 for JSON."""


class NoAnswer(Exception):
    """No durable frame in time: the command may still happen; ask later for this origin and number."""

    def __init__(self, origin: int, origin_sequence: int) -> None:
        super().__init__(f"command {origin_sequence} of origin {origin} has no durable fate yet")
        self.origin = origin
        self.origin_sequence = origin_sequence


class Overloaded(Exception):
    """The command was not taken and nothing has changed."""


class Outcome(NamedTuple):
    """What a command became."""

    origin: int
    origin_sequence: int
    sequence: int
    time_ns: int
    events: Sequence[Event]
    payload: bytes


class Link(ABC):
    """What every line to the node does.  Lives in one event loop."""

    def __init__(
        self,
        origin: int,
        replica: Replica | None,
        settings: LinkSettings | None = None,
        *,
        clock_ns: Callable[[], int] = time.time_ns,
        below: Callable[[int], int] = secrets.randbelow,
    ) -> None:
        if origin < 1:
            raise ValueError("origin 0 is the node itself")
        self.origin = origin
        self.replica = replica
        self.settings = settings or LinkSettings()
        self._clock_ns = clock_ns
        self._below = below
        self._observers: list[Observer] = []
        self._after_frames: list[Callable[[], None]] = []
        self._last_number = 0
        self._pending: dict[int, tuple[asyncio.Future[Outcome], float]] = {}
        """Who waits for a command by its number, and until when; in the order of both."""
        self._waiting_for: list[tuple[int, asyncio.Future[None]]] = []
        self._sweep: asyncio.TimerHandle | None = None
        self._shedding = SheddingLog()
        self._loop: asyncio.AbstractEventLoop | None = None
        self.no_answer = NoAnswer
        self.overloaded = Overloaded
        """What it raises; who has errors of his own puts subclasses here."""
        self.refused_counts: Counter[str] = Counter()
        """Commands that were refused with Overloaded, by the reason, since this process began."""

    @property
    def sequence(self) -> int:
        """Last entry applied here."""
        return self.replica.sequence if self.replica is not None else 0

    @property
    def connected(self) -> bool:
        """Whether commands can be sent now."""
        return self._can_send()

    @property
    def pending(self) -> int:
        """Commands handed in and not answered yet."""
        return len(self._pending)

    @property
    def behind_seconds(self) -> float:
        """The age of the last entry applied here, 0 where age means nothing: nothing applied yet, or halted."""
        if self.replica is None or not (engine := self.replica.engine).sequence or engine.halted:
            return 0.0
        return max(0.0, (self._clock_ns() - engine.time_ns) / SECOND_NS)

    @property
    def is_behind(self) -> bool:
        """Whether this replica lags so far that new orders and amendments are refused."""
        return self._is_behind(self._clock_ns())

    def _is_behind(self, now_ns: int) -> bool:
        seconds_max = self.settings.behind_seconds_max
        if self.replica is None or (now_ns - self.replica.engine.time_ns) / SECOND_NS <= seconds_max:
            # Every order asks, and nearly always the time alone says no.
            return False
        return self.behind_seconds > seconds_max

    def observe(self, observer: Observer) -> None:
        """Call it for every entry applied from now on, in order, before the entry's own command is answered."""
        self._observers.append(observer)

    def after_frames(self, observer: Callable[[], None]) -> None:
        """Call it after every frame applied from now on: then engine, chain and observers stand at the same entry."""
        self._after_frames.append(observer)

    async def execute(self, record: ctypes.LittleEndianStructure, payload: bytes = b"") -> Outcome:
        """Hand in a command and wait for its durable fate.  Raises `NoAnswer`, `Overloaded`."""
        return await self.hand_in(record, payload)

    def hand_in(self, record: ctypes.LittleEndianStructure, payload: bytes = b"") -> "asyncio.Future[Outcome]":
        """Hand in a command; its durable fate, or `NoAnswer` or `Overloaded`, will be the future's.

        Raises `Overloaded` when it could not be sent.
        """
        if self.replica is None:
            raise ValueError("a link without a replica can submit, not execute")
        number = self._submit(record, payload, len(self._pending))
        loop = self._loop
        if loop is None:
            loop = self._loop = asyncio.get_running_loop()
        future: asyncio.Future[Outcome] = loop.create_future()
        self._pending[number] = future, loop.time() + self.settings.answer_seconds
        if self._sweep is None:
            self._sweep = loop.call_later(self.settings.answer_seconds, self._sweep_pending)
        return future

    def submit(self, record: ctypes.LittleEndianStructure, payload: bytes = b"") -> int:
        """Hand in a command without waiting; returns its number, which observers see again.  Raises `Overloaded`."""
        return self._submit(record, payload, 0)

    def _submit(self, record: ctypes.LittleEndianStructure, payload: bytes, pending: int) -> int:
        if pending >= self.settings.pending_max:
            raise self._refuse("PENDING", f"{pending} commands are waiting for their answers")
        if not self._can_send():
            raise self._refuse("UNSENT", "the node cannot be reached, or takes nothing at the moment")
        now_ns = self._clock_ns()
        number = max(self._last_number + 1, now_ns // 1000)
        entry = wire.encode_entry(record, payload, origin=self.origin, origin_sequence=number)
        if len(entry) > ENTRY_BYTES_MAX:
            raise ValueError(f"an entry of {len(entry)} bytes is too long")
        if is_shed_first(entry):
            self._check_may_order(pending, now_ns)
        self._last_number = number
        self._send(entry)
        return number

    def _check_may_order(self, pending: int, now_ns: int) -> None:
        """Whether a new order or an amendment may still be sent.  Raises `Overloaded`."""
        if pending >= self.settings.pending_orders_max:
            raise self._refuse("SHED_PENDING", "no new orders are taken: too many commands wait")
        if self._unsent_bytes() >= self.settings.unsent_orders_bytes_max:
            raise self._refuse("SHED_UNSENT", "no new orders are taken: too much is on its way")
        if self._is_behind(now_ns):
            raise self._refuse("SHED_BEHIND", f"{self.behind_seconds:.1f} s behind, so no new orders are taken")

    def _refuse(self, reason: str, message: str) -> Overloaded:
        self.refused_counts[reason] += 1
        self._shedding.refused(message, self._clock_ns())
        return self.overloaded(message)

    async def wait_for(self, sequence: int) -> None:
        """Wait until this entry has been applied here."""
        if self.sequence < sequence:
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            waiting = sequence, future
            self._waiting_for.append(waiting)
            try:
                await future
            finally:
                # Who waits no longer must not be kept for an entry that may never come.
                if waiting in self._waiting_for:
                    self._waiting_for.remove(waiting)

    @abstractmethod
    def _can_send(self) -> bool:
        """Whether an entry can be sent now."""

    def _unsent_bytes(self) -> int:
        """What is on its way to the node and not taken by the system yet."""
        return 0

    @abstractmethod
    def _send(self, entry: bytes) -> None:
        """Send an entry."""

    def _number_from(self, last_admitted: int) -> None:
        """Own numbers go on above all that this process or one before may have given out, whatever the clock says."""
        if last_admitted > self._last_number or not self._last_number:
            now = self._clock_ns() // 1000
            self._last_number = max(last_admitted, now)
            if now <= last_admitted:
                self._last_number += self._below(NUMBERS_APART)

    def _deliver(self, frame: Frame) -> None:
        """Apply a durable frame, tell the observers, resolve what is pending.  Raises `ReplicaDiverged`."""
        self._shedding.look(self._clock_ns())
        if self.replica is None:
            return
        origin, observers = self.origin, self._observers
        for entry, events in self.replica.apply(frame):
            for observer in observers:
                observer(entry, events)
            if entry.head.origin == origin:
                self._resolve(entry, events)
        for after in self._after_frames:
            after()
        reached = [future for sequence, future in self._waiting_for if sequence <= self.sequence]
        if reached:
            self._waiting_for = [waiting for waiting in self._waiting_for if waiting[0] > self.sequence]
            for future in reached:
                if not future.done():
                    future.set_result(None)

    def _resolve(self, entry: Entry, events: Sequence[Event]) -> None:
        head = entry.head
        number = head.origin_sequence
        future, _ = self._pending.pop(number, NOBODY)
        if future is not None and not future.done():
            outcome = head.origin, number, head.sequence, head.time_ns, events, entry.payload
            future.set_result(wire.new_tuple(Outcome, outcome))

    def _turned_away(self, origin_sequence: int, why: Why) -> None:
        """The node did not admit it.  A repeated number has been admitted before, so its fate is still awaited."""
        if why is Why.REPEATED:
            return
        future, _ = self._pending.pop(origin_sequence, NOBODY)
        if future is None or future.done():
            return
        if why is Why.MALFORMED:
            future.set_exception(ValueError("the node found the command malformed"))
        else:
            future.set_exception(self._refuse(why.name, f"the node does not take commands now: {why.name}"))

    def _sweep_pending(self) -> None:
        """Answer what has waited too long with `NoAnswer`."""
        loop = asyncio.get_running_loop()
        now, self._sweep = loop.time(), None
        for number, (future, deadline) in list(self._pending.items()):
            if deadline > now:
                self._sweep = loop.call_at(deadline, self._sweep_pending)
                return
            del self._pending[number]
            if not future.done():
                future.set_exception(self.no_answer(self.origin, number))

    def _give_up(self) -> None:
        """No frames will come any more: everything pending is without an answer."""
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None
        for number, (waiting, _) in self._pending.items():
            if not waiting.done():
                waiting.set_exception(self.no_answer(self.origin, number))
        for _, future in self._waiting_for:
            future.cancel()
        self._waiting_for = []
