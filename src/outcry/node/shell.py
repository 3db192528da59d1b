"""The node as a process: the writer behind a Unix socket, and `run_node`, which the command line calls.

A client says HELLO with its origin and the sequence from which it wants frames; it is told how far its origin has come
and gets durable frames from there on, first from the journal's files, then from memory, then as they happen; it may
then submit.  One line per origin.  ADMIN requests are JSON: `{"ask": "status"}`, `"law"` (the sums of Law 3,
added up anew from all rows, so not for asking often), `"stop"`, `"snapshot"`.
A replica that reads slowly is served from the journal at its own pace and holds nobody up.
"""

import asyncio
import contextlib
import json
import logging
import os
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from outcry.engine.contract_stated import contract_stated
from outcry.engine.engine import Engine, Halted
from outcry.engine.stated import states
from outcry.engine.sums import law_sums
from outcry.journal.errors import JournalError
from outcry.journal.frames import Frame
from outcry.node.connection import Connection, SocketAddress
from outcry.node.core import NODE_ORIGIN, TurnedAway
from outcry.node.machine import MachineClass
from outcry.node.messages import (
    BadMessage,
    MessageKind,
    Welcome,
    decode_hello,
    encode,
    encode_turned_away,
    encode_welcome,
)
from outcry.node.recovery import recover
from outcry.node.settings import NodeSettings
from outcry.node.writer import Writer

log = logging.getLogger("outcry.node")

SOCKET_NAME = "node.sock"
FRAMES_AT_ONCE = 64
FRAME_OVERHEAD_BYTES = 600
"""What a frame kept in memory takes beside its bytes; of small ones, the rule on a quiet venue, that is the most."""


class RecentFrames:
    """The newest durable frames, up to so many bytes of memory."""

    def __init__(self, bytes_max: int) -> None:
        self._frames: deque[Frame] = deque()
        self._bytes = 0
        self._bytes_max = bytes_max

    def add(self, frame: Frame) -> None:
        """Keep a frame, and let go of the oldest."""
        self._frames.append(frame)
        self._bytes += len(frame.data) + FRAME_OVERHEAD_BYTES
        while self._bytes > self._bytes_max and len(self._frames) > 1:
            self._bytes -= len(self._frames.popleft().data) + FRAME_OVERHEAD_BYTES

    def since(self, sequence: int) -> list[Frame] | None:
        """The frames from the one that holds this sequence on; None if it is not kept any more."""
        if not self._frames or self._frames[0].first_sequence > sequence:
            return None
        found = []
        for frame in reversed(self._frames):
            if frame.last_sequence < sequence:
                break
            found.append(frame)
        return found[::-1]


class Session:
    """One client's line, and how far it has been served."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.origin = -1
        self.next_sequence = 0
        """First sequence not sent yet; 0 if it wants no frames."""
        self.catching_up: asyncio.Task[None] | None = None

    def send_frames(self, frames: Sequence[Frame]) -> None:
        """Send frames and note how far that is."""
        for frame in frames:
            if frame.last_sequence >= self.next_sequence:
                self.connection.send(encode(MessageKind.FRAME, frame.data))
                self.next_sequence = frame.last_sequence + 1

    def goodbye(self, sentence: str) -> None:
        """Refuse the line."""
        self.connection.send(encode(MessageKind.GOODBYE, sentence.encode()))
        self.connection.close()


class NodeServer:
    """Serves a writer on a socket."""

    def __init__(self, writer: Writer, socket_path: Path) -> None:
        self.stop_asked = asyncio.Event()
        self.writer = self._writer = writer
        self._path = socket_path
        self._recent = RecentFrames(writer.settings.cache_bytes)
        self._sessions: dict[Connection, Session] = {}
        self._server: asyncio.AbstractServer | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen."""
        self._writer.frames_listeners.append(self._published)
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()
        loop = asyncio.get_running_loop()
        with SocketAddress(self._path) as address:
            self._server = await loop.create_unix_server(lambda: self._session().connection, address)
        os.chmod(self._path, 0o600)

    async def stop(self) -> None:
        """Hang up on everybody, after what has been sent."""
        if self._server is not None:
            self._server.close()
            with contextlib.suppress(FileNotFoundError):
                self._path.unlink()
        for session in list(self._sessions.values()):
            session.connection.close()
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _session(self) -> Session:
        session = Session(Connection(self._received, self._lost))
        self._sessions[session.connection] = session
        return session

    def _lost(self, connection: Connection) -> None:
        session = self._sessions.pop(connection)
        if session.origin > NODE_ORIGIN:
            del self._writer.turned_away_listeners[session.origin]
        if session.catching_up is not None:
            session.catching_up.cancel()

    def _received(self, connection: Connection, messages: list[tuple[MessageKind, bytes]]) -> None:
        session = self._sessions[connection]
        for kind, body in messages:
            if kind is MessageKind.SUBMIT and session.origin > NODE_ORIGIN:
                self._writer.submit(session.origin, body)
            elif kind is MessageKind.HELLO and session.origin < 0:
                self._greet(session, body)
            elif kind is MessageKind.ADMIN:
                self._spawn(self._administer(connection, body))
            elif connection.open:
                session.goodbye(f"{kind.name} is not expected here")

    def _greet(self, session: Session, body: bytes) -> None:
        """Answer HELLO, and begin to send frames."""
        writer = self._writer
        try:
            hello = decode_hello(body)
        except BadMessage as problem:
            session.goodbye(str(problem))
            return
        if hello.origin in writer.turned_away_listeners:
            session.goodbye(f"origin {hello.origin} is connected already; every process needs an origin of its own")
            return
        session.origin = hello.origin
        if hello.origin > NODE_ORIGIN:

            def turned_away(item: TurnedAway) -> None:
                session.connection.send(encode_turned_away(item.origin_sequence, item.why))

            writer.turned_away_listeners[hello.origin] = turned_away
        session.next_sequence = hello.first_sequence
        last_admitted = writer.core.last_admitted(hello.origin) if hello.origin else 0
        welcome = Welcome(last_admitted, writer.durable_sequence, writer.journal.genesis)
        session.connection.send(encode_welcome(welcome))
        if session.next_sequence:
            self._serve(session)

    def _published(self, frames: Sequence[Frame]) -> None:
        """Durable now: keep, and send to those who are up to date."""
        for frame in frames:
            self._recent.add(frame)
        for session in self._sessions.values():
            if session.next_sequence and session.catching_up is None:
                if session.connection.unsent_bytes < self._writer.settings.session_bytes:
                    session.send_frames(frames)
                else:
                    self._serve(session)

    def _serve(self, session: Session) -> None:
        """Let a session catch up by itself."""
        session.catching_up = self._spawn(self._catch_up(session))

    async def _catch_up(self, session: Session) -> None:
        """Send what is durable at the session's own pace; a journal that cannot be read ends the line, saying so."""
        try:
            await self._send_durable(session)
        except (JournalError, OSError) as problem:
            log.error("sequence %d cannot be served: %s", session.next_sequence, problem)
            session.goodbye(f"the journal cannot be read: {problem}")

    async def _send_durable(self, session: Session) -> None:
        """Send frames until the session has all; then those that happen are sent to it directly."""
        loop, journal = asyncio.get_running_loop(), self._writer.journal
        while session.connection.open and session.next_sequence <= self._writer.durable_sequence:
            frames = self._recent.since(session.next_sequence)
            if frames is not None:
                for start in range(0, len(frames), FRAMES_AT_ONCE):
                    session.send_frames(frames[start : start + FRAMES_AT_ONCE])
                    await session.connection.drain()
                continue
            source = journal.frames(session.next_sequence, self._writer.durable_sequence)
            while session.connection.open:
                piece = await loop.run_in_executor(None, _take, source)
                if not piece:
                    break
                session.send_frames(piece)
                await session.connection.drain()
        session.catching_up = None

    async def _administer(self, connection: Connection, body: bytes) -> None:
        """Answer one admin request."""
        try:
            asked = json.loads(body)
            ask = asked.get("ask") if isinstance(asked, dict) else None
        except ValueError:
            ask = None
        answer: dict[str, Any]
        if ask == "status":
            answer = self.status()
        elif ask == "law":
            answer = msgspec.to_builtins(law_sums(self._writer.engine.tables))
        elif ask == "states":
            answer = self.states(asked)
        elif ask == "contract":
            answer = self.contract(asked)
        elif ask == "stop":
            answer = {"stopping": True}
            self.stop_asked.set()
        elif ask == "snapshot":
            try:
                answer = {"snapshot_sequence": await self._writer.snapshot()}
            except Halted as problem:
                answer = {"error": str(problem)}
        else:
            answer = {"error": 'ask for {"ask": "status"}, "law", "states", "contract", "stop" or "snapshot"'}
        connection.send(encode(MessageKind.ADMIN_ANSWER, json.dumps(answer).encode()))

    def status(self) -> dict[str, Any]:
        """Where the node stands, and up to where it has sent frames to whom."""
        writer = self._writer
        return {
            "sequence": writer.engine.sequence,
            "durable_sequence": writer.durable_sequence,
            "time_ns": writer.engine.time_ns,
            "halted": writer.engine.halted,
            "frame_hash": writer.core.head.frame_hash.hex(),
            "origins": sorted(session.origin for session in self._sessions.values() if session.origin > NODE_ORIGIN),
            "sent": {
                str(session.origin): session.next_sequence - 1
                for session in self._sessions.values()
                if session.next_sequence
            },
            "room_left": writer.room_left,
        }

    def states(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Which states hold, of one account too if it is asked for, and how far the asking origin has come."""
        engine, account, origin = self._writer.engine, asked.get("account", 0), asked.get("origin", 0)
        return {
            "durable_sequence": self._writer.durable_sequence,
            "origin_sequence": engine.origin_sequence(origin) if isinstance(origin, int) else 0,
            "halted": engine.halted,
            "states": msgspec.to_builtins(states(engine.tables, account if isinstance(account, int) else 0)),
        }

    def contract(self, asked: dict[str, Any]) -> dict[str, Any]:
        """How the contract of a symbol stands."""
        found = contract_stated(self._writer.engine.tables, str(asked.get("symbol")))
        if found is None:
            return {"error": f"there is no {asked.get('symbol')}"}
        told: dict[str, Any] = msgspec.to_builtins(found)
        return told

    def unsent(self) -> dict[int, tuple[int, int]]:
        """How far behind each replica is in entries, and how many bytes wait for it, by its origin."""
        durable = self._writer.durable_sequence
        return {
            session.origin: (durable - session.next_sequence + 1, session.connection.unsent_bytes)
            for session in self._sessions.values()
            if session.next_sequence
        }

    def _spawn(self, work: Any) -> "asyncio.Task[None]":
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _take(source: Iterator[Frame]) -> list[Frame]:
    return list(islice(source, FRAMES_AT_ONCE))


async def run_node(
    data_folder: Path,
    settings: NodeSettings | None = None,
    *,
    machines: MachineClass = Engine,
    clock_ns: Callable[[], int] = time.time_ns,
    ready: Callable[[], None] | None = None,
    progress: Callable[[int], None] | None = None,
    serving: Callable[[NodeServer], None] | None = None,
) -> None:
    """Recover, serve DATA/node.sock until asked to stop, then stop cleanly (the snapshot included).

    `serving` is given the server before it starts; `ready` is called once the socket is there; `progress` after each
    frame replayed before that, in another thread, and what it raises ends the node.  Raises `JournalError` or
    `ReplicaDiverged` when the journal cannot be started from, and what ended the writer if that was not in order.
    """
    settings = settings or NodeSettings()
    loop = asyncio.get_running_loop()
    recovered = await loop.run_in_executor(None, recover, data_folder, machines, clock_ns(), settings, progress)
    for note in recovered.notes:
        log.warning("%s", note)
    sequence, snapshot = recovered.head.sequence, recovered.snapshot_sequence
    fields = {"sequence": sequence, "snapshot_sequence": snapshot}
    log.info("recovered: the journal stands at sequence %d (snapshot %d)", sequence, snapshot, extra=fields)
    writer = Writer(recovered, settings, clock_ns=clock_ns)
    server = NodeServer(writer, data_folder / SOCKET_NAME)
    if serving is not None:
        serving(server)
    await server.start()
    if settings.handle_signals:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, server.stop_asked.set)
    writer.start()
    if ready is not None:
        ready()
    asked, finished = asyncio.create_task(server.stop_asked.wait()), asyncio.create_task(writer.wait_finished())
    try:
        await asyncio.wait([asked, finished], return_when=asyncio.FIRST_COMPLETED)
    finally:
        asked.cancel()
        try:
            await writer.stop()
        finally:
            await server.stop()
            await asyncio.gather(finished, return_exceptions=True)
            if settings.handle_signals:
                for number in (signal.SIGINT, signal.SIGTERM):
                    loop.remove_signal_handler(number)


async def ask_admin(socket_path: Path, request: dict[str, Any]) -> dict[str, Any]:
    """One admin request to a running node.  Raises `OSError` if none runs there."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[dict[str, Any]] = loop.create_future()

    def received(_: Connection, messages: list[tuple[MessageKind, bytes]]) -> None:
        for kind, body in messages:
            if kind is MessageKind.ADMIN_ANSWER and not answer.done():
                answer.set_result(json.loads(body))

    def lost(_: Connection) -> None:
        if not answer.done():
            answer.set_exception(ConnectionResetError("the node hung up"))

    with SocketAddress(socket_path) as address:
        _, connection = await loop.create_unix_connection(lambda: Connection(received, lost), address)
    connection.send(encode(MessageKind.ADMIN, json.dumps(request).encode()))
    try:
        return await answer
    finally:
        connection.close()
