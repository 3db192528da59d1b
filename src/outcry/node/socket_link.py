"""A process's line to the node over its Unix socket: `Link` with a connection that comes again by itself."""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from outcry.journal.errors import FrameDamaged
from outcry.journal.frames import decode_frame
from outcry.node.connection import Connection, SocketAddress
from outcry.node.link import Link
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
from outcry.node.settings import LinkSettings

log = logging.getLogger("outcry.node")


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
