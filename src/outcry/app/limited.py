"""A client's line with limits for the head of each request.

A head (request line and headers) is refused when it is longer than `HEAD_BYTES_MAX`, has more headers than
`HEADERS_MAX` or is not whole after `HEAD_SECONDS_MAX`, and the line is closed; what is kept of it until then is
bounded.  Bodies are the gateway's to limit.  Known limit: only the system limits how many lines there are.
"""

import asyncio
from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from outcry.gateway.answers import Refusal

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
    _deadline: asyncio.TimerHandle | None = None
    _piece_bytes = 0

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
