"""A client's line with limits for the head of each request, and an end that lets the client read what it was told.

A head (request line and headers) is refused when it is longer than `HEAD_BYTES_MAX`, has more headers than
`HEADERS_MAX` or is not whole after `HEAD_SECONDS_MAX`, and the line is closed; what is kept of it until then is
bounded.  So is what cannot be parsed.  Requests that came before on the same line are answered first.  Bodies are the
gateway's to limit.  Known limit: only the system limits how many lines there are.
"""

import asyncio
import weakref
from http import HTTPStatus
from typing import cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from outcry.gateway.answers import Refusal
from outcry.gateway.parting import Parting

HEAD_BYTES_MAX = 64 << 10
HEADERS_MAX = 100
HEAD_SECONDS_MAX = 30.0


class LimitedProtocol(HttpToolsProtocol):
    """A client's line, with limits for the head of each request."""

    _heads_begun = 0
    _head_bytes = 0
    """Received of the head that is coming in, without the piece in which it began."""
    _in_head = False
    _refused = False
    """Nothing more is taken."""
    _farewell = b""
    """Is said before the end."""
    _parting: Parting | None = None
    _deadline: asyncio.TimerHandle | None = None
    _piece_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin, and expect a head."""
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Over."""
        self._expect_no_head()
        if self._parting is not None:
            self._parting.over()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """The server stops, and does not wait for who is only being parted from."""
        if self._parting is not None:
            self.transport.close()
        else:
            super().shutdown()

    def data_received(self, data: bytes) -> None:
        """Take a piece; the parser calls the methods below."""
        if self._parting is not None:
            self._parting.throw_away(data)
            return
        if self._refused:
            # Said when what came before has been answered; until then the rest need not come.
            self.flow.pause_reading()
            return
        begun = self._heads_begun
        self._piece_bytes = len(data)
        super().data_received(data)
        if self._refused or self.transport.is_closing() or self.transport.get_protocol() is not self:
            # Over, or no line for requests any more.
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
        self.begin_asgi()
        self.note_head()

    def begin_asgi(self) -> None:
        """Make ready for a request that goes through ASGI."""
        super().on_message_begin()

    def note_head(self) -> None:
        """A head begins, of whatever request."""
        self._heads_begun += 1
        self._head_bytes = 0
        self._in_head = True

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._in_head = False
        self._expect_no_head()
        length = 0
        if self._head_bytes or self._piece_bytes > HEAD_BYTES_MAX:
            # A head that came in one piece is no longer than the piece.
            length = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if self._refused or length > HEAD_BYTES_MAX or len(self.headers) > HEADERS_MAX:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        else:
            self.accept_head()

    def accept_head(self) -> None:
        """The head is whole and within its limits."""
        super().on_headers_complete()
        if isinstance(self.cycle, RequestResponseCycle):
            self.cycle.transport = cast(asyncio.Transport, AsgiTransport(self, self.cycle))

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

    def send_400_response(self, msg: str) -> None:
        """What came is no request, or no body of one."""
        self._refuse(HTTPStatus.BAD_REQUEST)

    def _refuse(self, status: HTTPStatus) -> None:
        """Take no more, say why once everything asked for before has been answered, and close."""
        if self._refused:
            return
        self._refused = True
        self._expect_no_head()
        body = Refusal(status, SENTENCES[status]).body()
        head = f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: application/json; charset=utf-8\r\n"
        head += f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        self._farewell = head.encode() + body
        if self._idle or self._is_given_up():
            self.take_leave()

    def _is_given_up(self) -> bool:
        """Whether nothing has to be answered before; a request whose body will never be whole is not."""
        last = self.cycle
        if not last.more_body:
            return False
        if self.pipeline and self.pipeline[0][0] is last:
            self.pipeline.popleft()
            return False
        if last.response_started:
            # It is being answered without the rest of its body, and the line ends with that answer.
            return False
        last.disconnected = True
        last.message_event.set()
        return True

    def take_leave(self) -> None:
        """Everything has been answered: say what there is to say, and part."""
        self.transport.write(self._farewell)
        self.part()

    def part(self) -> None:
        """End the line so that the client can read what it was sent, though it may still be sending."""
        if self._parting is None and not self.transport.is_closing():
            self._refused = True
            self._expect_no_head()
            self.pipeline.clear()
            self._parting = Parting(self.transport, self.loop)

    def end(self, more_body: bool) -> None:
        """End the line after an answer; `more_body` says that its request was not whole."""
        if more_body or self.pipeline or self._refused:
            self.part()
        else:
            self.transport.close()

    @property
    def is_over(self) -> bool:
        """Whether nothing more is written on this line."""
        return self._parting is not None or self.transport.is_closing()


class AsgiTransport:
    """The transport as a cycle of uvicorn's uses it: what closes it parts from a client that may be sending."""

    def __init__(self, protocol: LimitedProtocol, cycle: RequestResponseCycle) -> None:
        self._protocol = protocol
        # The cycle has this transport: what is to go with the line must not hold itself.
        self._cycle = weakref.ref(cycle)

    def write(self, data: bytes) -> None:
        """Write, while there is somebody to read."""
        if not self._protocol.is_over:
            self._protocol.transport.write(data)

    def is_closing(self) -> bool:
        """Whether nothing more is written."""
        return self._protocol.is_over

    def close(self) -> None:
        """End the line."""
        cycle = self._cycle()
        self._protocol.end(cycle is not None and cycle.more_body)


SENTENCES = {
    HTTPStatus.BAD_REQUEST: "This is not an HTTP request",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: (
        f"A request's headers have at most {HEAD_BYTES_MAX} bytes in {HEADERS_MAX} lines"
    ),
    HTTPStatus.REQUEST_TIMEOUT: f"A request's headers have to come within {HEAD_SECONDS_MAX:.0f} seconds",
}
