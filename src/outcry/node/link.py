"""A process's line to the node: commands out, durable frames in, answers from one's own frames.

`Link` is what every line does: it numbers commands, keeps them pending, applies durable frames to the local replica,
tells the observers of every entry in order, and then resolves the pending command that this entry is.  `NodeLink` does
it over the node's socket, `local.LocalLink` inside the node's process.

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
from pathlib import Path
from typing import Any, NamedTuple

from outcry.journal.errors import FrameDamaged
from outcry.journal.frames import Frame, decode_frame
from outcry.node.connection import Connection, SocketAddress
from outcry.node.core import Why
from outcry.node.messages import (
    BadMessage,
    MessageKind,
    Welcome,
    decode_turned_away,
    decode_welcome,
    encode,
    encode_hello,
)
from outcry.node.replica import Replica, ReplicaDiverged
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
        seconds_max = self.settings.behind_seconds_max
        if self.replica is None or (self._clock_ns() - self.replica.engine.time_ns) / SECOND_NS <= seconds_max:
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
        loop = asyncio.get_running_loop()
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
        number = max(self._last_number + 1, self._clock_ns() // 1000)
        entry = wire.encode_entry(record, payload, origin=self.origin, origin_sequence=number)
        if len(entry) > ENTRY_BYTES_MAX:
            raise ValueError(f"an entry of {len(entry)} bytes is too long")
        if is_shed_first(entry):
            self._check_may_order(pending)
        self._last_number = number
        self._send(entry)
        return number

    def _check_may_order(self, pending: int) -> None:
        """Whether a new order or an amendment may still be sent.  Raises `Overloaded`."""
        if pending >= self.settings.pending_orders_max:
            raise self._refuse("SHED_PENDING", "no new orders are taken: too many commands wait")
        if self._unsent_bytes() >= self.settings.unsent_orders_bytes_max:
            raise self._refuse("SHED_UNSENT", "no new orders are taken: too much is on its way")
        if self.is_behind:
            raise self._refuse("SHED_BEHIND", f"{self.behind_seconds:.1f} s behind, so no new orders are taken")

    def _refuse(self, reason: str, message: str) -> Overloaded:
        self.refused_counts[reason] += 1
        self._shedding.refused(message, self._clock_ns())
        return Overloaded(message)

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
        for entry, events in self.replica.apply(frame):
            for observer in self._observers:
                observer(entry, events)
            if entry.head.origin == self.origin:
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
            future.set_result(Outcome(head.origin, number, head.sequence, head.time_ns, events, entry.payload))

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
                future.set_exception(NoAnswer(self.origin, number))

    def _give_up(self) -> None:
        """No frames will come any more: everything pending is without an answer."""
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None
        for number, (waiting, _) in self._pending.items():
            if not waiting.done():
                waiting.set_exception(NoAnswer(self.origin, number))
        for _, future in self._waiting_for:
            future.cancel()
        self._waiting_for = []


class NodeLink(Link):
    """The line over the node's Unix socket; connects again by itself."""

    def __init__(
        self,
        socket_path: Path,
        origin: int,
        replica: Replica | None,
        settings: LinkSettings | None = None,
        *,
        clock_ns: Callable[[], int] = time.time_ns,
        below: Callable[[int], int] = secrets.randbelow,
    ) -> None:
        super().__init__(origin, replica, settings, clock_ns=clock_ns, below=below)
        self.goodbye = ""
        """The last sentence with which the node refused this line."""
        self._socket_path = socket_path
        self._connection: Connection | None = None
        self._welcome: asyncio.Future[Welcome] | None = None
        self._lost = asyncio.Event()
        self._failure: BaseException | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Connect (trying until the node is there) and catch up with what is durable then.

        Raises `ReplicaDiverged` if the node's journal is not the one followed.
        """
        first_welcome: asyncio.Future[Welcome] = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._run(first_welcome))
        await _first_of(self._task, first_welcome)
        if first_welcome.done() and self.replica is not None:
            caught_up = asyncio.create_task(self.wait_for(first_welcome.result().durable_sequence))
            await _first_of(self._task, caught_up)
            caught_up.cancel()
        if self._task.done():
            await self._task

    async def wait_finished(self) -> None:
        """Wait until the line has ended for good.  Raises `ReplicaDiverged` if that is why."""
        if self._task is not None:
            await asyncio.wait({self._task})
            if not self._task.cancelled():
                self._task.result()

    async def stop(self) -> None:
        """Hang up."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
        if self._connection is not None:
            self._connection.close()
        self._give_up()

    def _can_send(self) -> bool:
        return (
            self._connection is not None
            and self._connection.open
            and self._welcome is not None
            and self._welcome.done()
            and self._unsent_bytes() < self.settings.unsent_bytes_max
        )

    def _unsent_bytes(self) -> int:
        return 0 if self._connection is None else self._connection.unsent_bytes

    def _send(self, entry: bytes) -> None:
        assert self._connection is not None
        self._connection.send(encode(MessageKind.SUBMIT, entry))

    async def _run(self, first_welcome: "asyncio.Future[Welcome]") -> None:
        """Connect, serve, connect again."""
        backoff = self.settings.backoff_seconds
        try:
            while self._failure is None:
                if await self._connect():
                    assert self._welcome is not None
                    if self._welcome.done() and not first_welcome.done():
                        first_welcome.set_result(self._welcome.result())
                    await self._lost.wait()
                    if self._welcome.done():
                        backoff = self.settings.backoff_seconds
                if self._failure is None:
                    await asyncio.sleep(backoff)
                    backoff = min(2 * backoff, self.settings.backoff_seconds_max)
            raise self._failure
        finally:
            self._give_up()

    async def _connect(self) -> bool:
        """One try; True once there was a line, whether or not the node has welcomed it."""
        loop = asyncio.get_running_loop()
        self._lost.clear()
        self._welcome = loop.create_future()
        try:
            with SocketAddress(self._socket_path) as address:
                _, connection = await loop.create_unix_connection(
                    lambda: Connection(self._received, self._hung_up), address
                )
        except OSError:
            return False
        self._connection = connection
        connection.send(encode_hello(self.origin, self.sequence + 1 if self.replica is not None else 0))
        lost = asyncio.create_task(self._lost.wait())
        await _first_of(self._welcome, lost)
        lost.cancel()
        return True

    def _hung_up(self, _: Connection) -> None:
        self._lost.set()

    def _received(self, connection: Connection, messages: list[tuple[MessageKind, bytes]]) -> None:
        try:
            for kind, body in messages:
                self._receive(kind, body)
        except (BadMessage, FrameDamaged, ReplicaDiverged) as problem:
            self._fail(problem, connection)
        except BaseException as problem:
            # An observer has missed an entry, so nothing that it shows from here on would be right.
            self._fail(problem, connection)
            raise

    def _fail(self, problem: BaseException, connection: Connection) -> None:
        """End the line for good."""
        self._failure = problem
        connection.close()

    def _receive(self, kind: MessageKind, body: bytes) -> None:
        if self._failure is not None:
            return
        if kind is MessageKind.FRAME:
            self._deliver(decode_frame(body))
        elif kind is MessageKind.TURNED_AWAY:
            self._turned_away(*decode_turned_away(body))
        elif kind is MessageKind.WELCOME:
            self._welcomed(decode_welcome(body))
        elif kind is MessageKind.GOODBYE:
            goodbye = body.decode(errors="replace")
            if goodbye != self.goodbye:
                log.warning("the node refuses the line of origin %d: %s", self.origin, goodbye)
            self.goodbye = goodbye
        else:
            raise BadMessage(f"{kind.name} is not for this end")

    def _welcomed(self, welcome: Welcome) -> None:
        """Check that it is the same journal and not a shorter one."""
        if self.replica is not None:
            self.replica.begin(welcome.genesis.hash)
            if welcome.durable_sequence < self.sequence:
                raise ReplicaDiverged(
                    welcome.durable_sequence + 1, f"the node's journal ends before sequence {self.sequence} seen here"
                )
        self._number_from(welcome.last_admitted)
        if self._welcome is not None and not self._welcome.done():
            self._welcome.set_result(welcome)


async def _first_of(*futures: "asyncio.Future[Any]") -> None:
    """Wait until one of them is done."""
    await asyncio.wait(futures, return_when=asyncio.FIRST_COMPLETED)
