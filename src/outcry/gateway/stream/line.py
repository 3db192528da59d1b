"""A client's socket: WebSocket frames in and out, on the port that serves HTTP.

uvicorn hands a connection over here when it asks to become a WebSocket.  `websockets` does the handshake, reads frames
and answers pings and closes; what the hub sends are whole frames already and go straight to the transport, which sends
at once whatever the system takes (its high-water mark is 0) and tells us when something had to wait and when that has
gone.  No frame is compressed, because each serves all clients.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, cast

from websockets.datastructures import Headers
from websockets.frames import Frame, Opcode
from websockets.http11 import Request, Response
from websockets.protocol import State
from websockets.server import ServerProtocol

from outcry.gateway.answers import Refusal
from outcry.gateway.forwarded import HEADER as FORWARDED_FOR
from outcry.gateway.forwarded import Forwarded
from outcry.gateway.parting import Parting
from outcry.gateway.stream.hub import BROKEN, Hub
from outcry.gateway.stream.operations import Arrival, Operations, Waiting
from outcry.gateway.stream.session import Session

log = logging.getLogger("outcry.gateway")
DATA = frozenset({Opcode.TEXT, Opcode.BINARY, Opcode.CONT})
RESTARTING, GONE_KEY, UNHEARD = 1012, 1008, 1011
CLOSE_SECONDS = 5.0
"""How long a client has to answer a close."""


class Lines:
    """All sockets of one gateway, in one event loop."""

    def __init__(self, hub: Hub, forwarded: Forwarded | None = None) -> None:
        self.hub = hub
        self.forwarded = forwarded or Forwarded()
        self.operations = Operations(hub)
        self.open: dict[StreamLine, None] = {}
        self._loop = asyncio.get_running_loop()
        self._sweep: asyncio.TimerHandle | None = None
        hub.wake = self._wake
        hub.wake_after = self._wake_after

    def _wake(self) -> None:
        # What waits for the frame that is being applied is called later than this, because callbacks keep their order.
        self._loop.call_soon(self.hub.flush)

    def _wake_after(self, seconds: float) -> None:
        self._loop.call_later(seconds, self.hub.flush_books)

    def line(self, *, server_state: Any, **_: Any) -> "StreamLine":
        """A protocol for a connection that asks to become a WebSocket; uvicorn names what it hands in."""
        if self._sweep is None:
            self._schedule()
        return StreamLine(self, server_state.connections)

    def stop(self) -> None:
        """No more sweeps."""
        if self._sweep is not None:
            self._sweep.cancel()

    def _schedule(self) -> None:
        self._sweep = self._loop.call_later(self.hub.settings.silence_seconds / 2, self._look_after)

    def _look_after(self) -> None:
        """Ping the silent, cut off the dead, and those whose key is not good any more."""
        self._schedule()
        now, silence = self._loop.time(), self.hub.settings.silence_seconds
        for line in list(self.open):
            session = line.session
            if session is None:
                continue
            if session.key is not None and not self._is_good(session.key.id):
                session.close(GONE_KEY, "This key is disabled.")
            elif now - line.heard > 2 * silence:
                session.close(UNHEARD, "Nothing was heard of you")
            elif now - line.heard > silence:
                line.ping()

    def _is_good(self, key_id: str) -> bool:
        key = self.hub.venue.people.key(key_id)
        return key is not None and key.enabled


class StreamLine(asyncio.Protocol):
    """One socket."""

    def __init__(self, lines: Lines, connections: set[Any]) -> None:
        self.session: Session | None = None
        self.heard = 0.0
        self._lines = lines
        self._connections = connections
        self._loop = asyncio.get_running_loop()
        self._websocket = ServerProtocol(max_size=lines.hub.settings.message_bytes_max, logger=log)
        self._transport: asyncio.Transport = cast(asyncio.Transport, None)
        self._pieces: list[bytes] = []
        self._inbox: deque[bytes] = deque()
        self._work: asyncio.Task[None] | None = None
        self._is_reading = True
        self._parting: Parting | None = None

    # What the transport calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection over."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_protocol(self)
        self._transport.set_write_buffer_limits(high=0)
        self._connections.add(self)
        self._lines.open[self] = None
        self.heard = self._loop.time()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        self._connections.discard(self)
        self._lines.open.pop(self, None)
        self._inbox.clear()
        if self._parting is not None:
            self._parting.over()
        if self.session is not None:
            self._lines.hub.leave(self.session)
        # What refers to itself would wait for the collector, which seldom comes, with all that was read and written.
        self._websocket.parser.close()
        self.session = None

    def data_received(self, data: bytes) -> None:
        """Take a piece."""
        if self._parting is not None:
            self._parting.throw_away(data)
            return
        self.heard = self._loop.time()
        self._websocket.receive_data(data)
        events = self._websocket.events_received()
        self._send_own()
        for event in events:
            if isinstance(event, Request):
                self._shake_hands(event)
            elif isinstance(event, Frame) and event.opcode in DATA:
                if event.data:
                    # Fragments without content are not kept, because the limit of a message would not count them.
                    self._pieces.append(bytes(event.data))
                if event.fin:
                    message, self._pieces = b"".join(self._pieces), []
                    self._take(message)

    def eof_received(self) -> bool:
        """The client sends no more; then it gets no more."""
        return False

    def pause_writing(self) -> None:
        """Something written has to wait."""
        if self.session is not None:
            self.session.is_behind = True

    def resume_writing(self) -> None:
        """Everything written has gone."""
        if self.session is not None and not self.session.is_closed:
            self._lines.hub.drained(self.session)

    # The handshake.

    def _shake_hands(self, request: Request) -> None:
        response = self._websocket.accept(request)
        arrival: Arrival | None = None
        peer = str((self._transport.get_extra_info("peername") or ("",))[0])
        said = request.headers.get_all(FORWARDED_FOR.decode())
        address = self._lines.forwarded.client_of(peer, said[-1].encode("latin-1", "replace") if said else None)
        if response.status_code == HTTPStatus.SWITCHING_PROTOCOLS:
            headers = {
                name.lower().encode("latin-1"): value.encode("latin-1", "surrogateescape")
                for name, value in request.headers.raw_items()
            }
            try:
                arrival = self._lines.operations.admit(request.path, headers, address)
            except Refusal as refusal:
                response = refused(refusal)
        self._websocket.send_response(response)
        self._send_own()
        if arrival is not None:
            self.session = self._lines.hub.join(self, address)
            self._work_on(self._lines.operations.begin(self.session, arrival))

    # Messages.

    def _take(self, message: bytes) -> None:
        if self.session is None or self.session.is_closed:
            return
        self._inbox.append(message)
        self._work_off()

    def _work_off(self) -> None:
        """Carry out what has come in, in order, until something has to be waited for."""
        while self._inbox and self._work is None and self.session is not None and not self.session.is_closed:
            self._work_on(self._lines.operations.receive(self.session, self._inbox.popleft()))
        is_full = len(self._inbox) > self._lines.hub.settings.messages_waiting_max
        if is_full and self._is_reading:
            self._is_reading = False
            self._transport.pause_reading()
        elif not self._inbox and not self._is_reading:
            self._is_reading = True
            self._transport.resume_reading()

    def _work_on(self, waiting: Waiting | None) -> None:
        if waiting is not None:
            self._work = self._loop.create_task(waiting)
            self._work.add_done_callback(self._worked)

    def _worked(self, work: "asyncio.Task[None]") -> None:
        self._work = None
        problem = None if work.cancelled() else work.exception()
        if problem is not None:
            if self.session is not None:
                self.session.close(BROKEN, "Server Error")
            self._loop.call_exception_handler({"message": "an operation of the stream failed", "exception": problem})
        self._work_off()

    # What the hub and the server call.

    def write(self, data: bytes) -> None:
        """Send frames."""
        if self._websocket.state is State.OPEN:
            self._transport.write(data)

    def waiting_bytes(self) -> int:
        """How much of what was written waits here."""
        return self._transport.get_write_buffer_size()

    def ping(self) -> None:
        """Ask whether the client is still there."""
        if self._websocket.state is State.OPEN:
            self._websocket.send_ping(b"")
            self._send_own()

    def close(self, code: int, reason: str) -> None:
        """Say why and end it; at once where the client does not read."""
        if self._websocket.state is State.OPEN:
            self._websocket.send_close(code, reason)
            self._send_own()
        if self.session is not None and self.session.is_behind:
            self._transport.abort()
        else:
            self._loop.call_later(CLOSE_SECONDS, self._transport.abort)

    def shutdown(self) -> None:
        """The server stops."""
        if self.session is not None:
            self.session.close(RESTARTING, "The venue is restarting")
        self._transport.close()

    def _send_own(self) -> None:
        """Send what the handshake, a ping or a close has to answer."""
        for data in self._websocket.data_to_send():
            if data:
                self._transport.write(data)
            elif self._parting is None and not self._transport.is_closing():
                self._part()
        if self.waiting_bytes() > self._lines.hub.settings.hard_bytes:
            # Who pings and does not read the answers.
            self._transport.abort()

    def _part(self) -> None:
        """End the line; a client that is still sending, a message that is too long perhaps, reads why."""
        self._parting = Parting(self._transport, self._loop)
        if self.session is not None:
            # After the messages that came in one piece with the end.
            self._loop.call_soon(self._lines.hub.leave, self.session)


def refused(refusal: Refusal) -> Response:
    """A refusal as the answer to a request for a WebSocket."""
    status, body = HTTPStatus(refusal.status), refusal.body()
    headers = Headers(
        [
            ("Connection", "close"),
            ("Content-Length", str(len(body))),
            ("Content-Type", "application/json; charset=utf-8"),
            *((name.decode(), value.decode()) for name, value in refusal.headers),
        ]
    )
    return Response(status.value, status.phrase, headers, body)


LineFactory = Callable[..., StreamLine]
