"""The web server as the venue wants it (uvicorn): no signal handlers, no headers believed, bounded heads of requests.

First the protocol with its limits, then the server.  A head (request line and headers) is refused when it is longer
than `HEAD_BYTES_MAX`, has more headers than `HEADERS_MAX` or is not whole after `HEAD_SECONDS_MAX`, and the line is
closed; what is kept of it until then is bounded.  Headers of a proxy in front are not believed, because anybody can
send them.  Bodies are the gateway's to limit.  Known limit: only the system limits how many lines there are.
"""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from outcry.gateway.answers import Refusal
from outcry.gateway.app import Front
from outcry.gateway.stream.hub import Hub
from outcry.gateway.stream.line import Lines

HEAD_BYTES_MAX = 64 << 10
HEADERS_MAX = 100
HEAD_SECONDS_MAX = 30.0
KEEP_ALIVE_S = 75
GRACE_S = 5


class LimitedProtocol(HttpToolsProtocol):
    """A client's line, with limits for the head of each request."""

    _heads_begun = 0
    _head_bytes = 0
    """Received of the head that is coming in, without the piece in which it began."""
    _in_head = False
    _refused = False
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin, and expect a head."""
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Over."""
        self._expect_no_head()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take a piece; the parser calls the methods below."""
        if self._refused:
            return
        begun = self._heads_begun
        super().data_received(data)
        if self._refused or self.transport.is_closing() or self.transport.get_protocol() is not self:
            # Over, or a WebSocket from now on.
            return
        if self._in_head and self._heads_begun == begun:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES_MAX:
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
                return
        if self._deadline is None and (self._in_head or self._idle):
            self._expect_head()

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self._heads_begun += 1
        self._head_bytes = 0
        self._in_head = True

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._in_head = False
        self._expect_no_head()
        length = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if self._refused or length > HEAD_BYTES_MAX or len(self.headers) > HEADERS_MAX:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        else:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of a body."""
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is whole."""
        if not self._refused:
            super().on_message_complete()

    @property
    def _idle(self) -> bool:
        """Whether no request is being answered."""
        return self.cycle is None or self.cycle.response_complete

    def _expect_head(self) -> None:
        self._deadline = self.loop.call_later(HEAD_SECONDS_MAX, self._too_late)

    def _expect_no_head(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_late(self) -> None:
        self._deadline = None
        if self._in_head:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)
        elif self._idle:
            self.transport.close()

    def _refuse(self, status: HTTPStatus) -> None:
        """Say why and close; only close where an earlier request on the line is still being answered."""
        if self._refused:
            return
        self._refused = True
        self._expect_no_head()
        if self._idle:
            body = Refusal(status, SENTENCES[status]).body()
            head = f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: application/json; charset=utf-8\r\n"
            head += f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
            self.transport.write(head.encode() + body)
        self.transport.close()


SENTENCES = {
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: (
        f"A request's headers have at most {HEAD_BYTES_MAX} bytes in {HEADERS_MAX} lines"
    ),
    HTTPStatus.REQUEST_TIMEOUT: f"A request's headers have to come within {HEAD_SECONDS_MAX:.0f} seconds",
}


class Server(uvicorn.Server):
    """uvicorn without signal handlers of its own: who composes says when to stop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone."""
        yield


async def serve(app: Front, listener: socket.socket, stop: asyncio.Event, stream: Hub | None = None) -> None:
    """Answer on a bound socket until told to stop, then finish what is being answered.

    Without a stream no connection becomes a WebSocket.
    """
    lines = None if stream is None else Lines(stream)
    config = uvicorn.Config(
        app,
        http=LimitedProtocol,
        # uvicorn asks for a class and only ever calls it.
        ws="none" if lines is None else cast(Any, lines.line),
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=GRACE_S,
    )
    server = Server(config)
    serving = asyncio.get_running_loop().create_task(server.serve(sockets=[listener]))
    asked = asyncio.get_running_loop().create_task(stop.wait())
    await asyncio.wait([serving, asked], return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    asked.cancel()
    if lines is not None:
        lines.stop()
    await serving
