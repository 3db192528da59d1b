"""The API's requests answered straight from the parser to the transport, without ASGI between them.

ASGI costs a request about a third of what it costs in all (a task, an event, a scope and five messages), so what the
front answers itself goes this way, and pages, sockets and anything unusual the other, through the class below.  What a
client sees is the same on both ways; `tests/app` holds them to it.

The handler of an order route is driven by hand, from the parser's callback to the first future that it waits for and on
from that future's: it may await futures and coroutines, but nothing that asks for the current task.  All others run in
a task.  Answers leave in the order of requests, one at a time, and not while the client is slow to read.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from outcry.app.limited import LimitedProtocol
from outcry.gateway.app import Asked, Front, Reply, answers_to, route_of
from outcry.gateway.forwarded import HEADER as FORWARDED_FOR
from outcry.gateway.parameters import BODY_BYTES_MAX

KEEP_ALIVE_S = 75
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Unheard:
    """An event for which nobody waits."""

    def set(self) -> None:
        """Nothing follows from it."""


class Exchange:
    """One request and its answer.  To uvicorn's protocol it is a cycle like its own, as far as it asks."""

    message_event: asyncio.Event = cast(asyncio.Event, Unheard())
    """uvicorn sets it when the line is lost."""

    response_complete = False
    disconnected = False
    more_body = True
    _length = 0
    _is_next = False
    _wants_continue = False
    _coroutine: Coroutine[Any, Any, None] | None = None

    def __init__(self, protocol: "DirectProtocol", asked: Asked, keep_alive: bool) -> None:
        self.keep_alive = keep_alive
        self._protocol = protocol
        self._asked = asked
        self._reply = Reply()

    def announce(self, wants_continue: bool) -> None:
        """The head has come, the body has not: as much of it is waited for as is taken."""
        self._wants_continue = wants_continue
        self._pieces: list[bytes] = []
        announced = self._asked.headers.get(b"content-length", b"0")
        if announced.isdigit() and int(announced) > BODY_BYTES_MAX:
            self._asked.body = None

    @property
    def response_started(self) -> bool:
        """Whether it is being answered."""
        return self._coroutine is not None

    def take(self, piece: bytes) -> None:
        """A piece of the body; beyond the bound nothing is kept."""
        self._length += len(piece)
        if self._asked.body is None or self._length > BODY_BYTES_MAX:
            self._asked.body = None
            self._pieces = []
            self._begin()
        else:
            self._pieces.append(piece)

    def complete(self) -> None:
        """The body is whole."""
        self.more_body = False
        if self._asked.body is not None:
            self._asked.body = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        self._begin()

    def turn(self) -> None:
        """Everything asked for earlier on this line has been answered."""
        self._is_next = True
        if self._wants_continue and not self._protocol.is_over:
            self._protocol.transport.write(CONTINUE)
        self._begin()

    def _begin(self) -> None:
        """Answer, once it is this request's turn and it is whole, or known to be too long."""
        if not self._is_next or self._coroutine is not None or (self.more_body and self._asked.body is not None):
            return
        protocol = self._protocol
        route = route_of(self._asked.verb, self._asked.path)
        self._coroutine = protocol.front.answer(self._asked, self._reply)
        if route is not None and route.is_order:
            self._step()
        else:
            task = protocol.loop.create_task(self._coroutine)
            protocol.tasks.add(task)
            task.add_done_callback(self._ended)

    def _step(self, waited: "asyncio.Future[Any] | None" = None) -> None:
        """Go on to the next future, as a task would."""
        assert self._coroutine is not None
        try:
            future = self._coroutine.send(None)
        except StopIteration:
            self._send()
        except BaseException as problem:
            self._fail(problem)
        else:
            if future is None:
                self._protocol.loop.call_soon(self._step)
            else:
                future._asyncio_future_blocking = False
                future.add_done_callback(self._step)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._protocol.tasks.discard(task)
        problem = None if task.cancelled() else task.exception()
        if problem is None:
            self._send()
        else:
            self._fail(problem)

    def _fail(self, problem: BaseException) -> None:
        """An error of our own: it is logged, and the reply says 500 still."""
        self._send()
        self._protocol.loop.call_exception_handler(
            {"message": f"answering {self._asked.verb} {self._asked.path}", "exception": problem}
        )

    def _send(self) -> None:
        """Write the answer, unless nobody is there to read it or does not read yet."""
        if self.disconnected:
            self.response_complete = True
        elif self._protocol.flow.write_paused:
            self._protocol.stalled = self
        else:
            self.write()

    def write(self) -> None:
        """Write the answer, and say that it is written."""
        reply, protocol = self._reply, self._protocol
        if self.more_body:
            # What is left of the body would be taken for the next request's head.
            self.keep_alive = False
        content = [STATUS_LINE[reply.status], b"content-length: %d\r\n" % len(reply.body)]
        for name, value in reply.kind, *protocol.server_state.default_headers, *reply.headers:
            content += name, b": ", value, b"\r\n"
        if not self.keep_alive:
            content.append(b"connection: close\r\n")
        content.append(b"\r\n")
        if self._asked.verb != "HEAD":
            content.append(reply.body)
        protocol.transport.write(b"".join(content))
        self.response_complete = True
        if not self.keep_alive:
            protocol.end(self.more_body)
        protocol.on_response_complete()


class DirectProtocol(LimitedProtocol):
    """A client's line that knows the front."""

    front: Front
    address = ""
    stalled: Exchange | None = None
    """Has an answer that the client is too slow for."""
    _idle_since = 0.0
    _idle_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin."""
        super().connection_made(transport)
        # The application that `serve` was given.
        self.front = self.app
        self.address = self.client[0] if self.client else ""

    def connection_lost(self, exc: Exception | None) -> None:
        """Over."""
        self._stop_idle_timer()
        super().connection_lost(exc)
        # The two know each other, and the collector seldom comes.
        self.cycle = None  # type: ignore[assignment]

    def handle_websocket_upgrade(self) -> None:
        """Give the line away; how long it may be idle is no business of this protocol any more."""
        self._stop_idle_timer()
        super().handle_websocket_upgrade()
        # uvicorn lets go of the parser, which knows this protocol, when the line is lost; nobody tells this one of it.
        self.parser = None  # type: ignore[assignment]

    def on_message_begin(self) -> None:
        """A request begins; the scope is only made for those that go through ASGI."""
        self.note_head()
        self.url = b""
        self.expect_100_continue = False
        self.headers = []

    def accept_head(self) -> None:
        """The head is whole and within its limits."""
        target = self.url
        path, _, query = target.partition(b"?")
        if (
            b"%" in path
            or b"#" in target
            or not target.isascii()
            or not answers_to(path.decode())
            or (self.parser.should_upgrade() and self._should_upgrade())
        ):
            self._through_asgi()
            return
        existing = self.cycle
        keep_alive = self.parser.get_http_version() != "1.0" and self.parser.should_keep_alive()
        verb = self.parser.get_method().decode("ascii")
        headers = dict(self.headers)
        address = self.front.forwarded.client_of(self.address, headers.get(FORWARDED_FOR))
        exchange = Exchange(self, Asked(verb, path.decode(), target, query, headers, b"", address), keep_alive)
        exchange.announce(self.expect_100_continue)
        self.cycle = exchange  # type: ignore[assignment]  # a cycle as far as uvicorn asks
        if existing is None or existing.response_complete:
            exchange.turn()
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((exchange, self.app))  # type: ignore[arg-type]

    def _through_asgi(self) -> None:
        url, headers, expects = self.url, self.headers, self.expect_100_continue
        self.begin_asgi()
        self.url, self.expect_100_continue = url, expects
        self.headers.extend(headers)
        super().accept_head()

    def on_body(self, body: bytes) -> None:
        """A piece of a body."""
        if not isinstance(self.cycle, Exchange):
            super().on_body(body)
        elif not self._refused and not self.cycle.response_complete:
            self.cycle.take(body)

    def on_message_complete(self) -> None:
        """The request is whole."""
        if not isinstance(self.cycle, Exchange):
            super().on_message_complete()
        elif not self._refused and not self.cycle.response_complete:
            self.cycle.complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        if isinstance(cycle, Exchange):
            # Not at once: answers that need not wait would call each other as deep as requests are waiting.
            self.loop.call_soon(cycle.turn)
        else:
            super()._start_asgi_task(cycle, app)

    def on_response_complete(self) -> None:
        """An answer is written; the next request's turn, or none for a while."""
        self.server_state.total_requests += 1
        if self.is_over:
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
            return
        if self._refused:
            self.take_leave()
            return
        self._idle_since = self.loop.time()
        if self._idle_timer is None:
            self._idle_timer = self.loop.call_later(KEEP_ALIVE_S, self._look_whether_idle)

    def _stop_idle_timer(self) -> None:
        if self._idle_timer is not None:
            self._idle_timer.cancel()

    def _look_whether_idle(self) -> None:
        """Close a line on which nothing has been asked for long.  One timer a line, not one a request."""
        left = self._idle_since + KEEP_ALIVE_S - self.loop.time()
        if not self._idle:
            left = KEEP_ALIVE_S
        if left <= 0:
            self.timeout_keep_alive_handler()
        else:
            self._idle_timer = self.loop.call_later(left, self._look_whether_idle)

    def resume_writing(self) -> None:
        """The client has read most of what was sent."""
        super().resume_writing()
        stalled, self.stalled = self.stalled, None
        if stalled is not None and not stalled.disconnected:
            stalled.write()
