"""The ASGI application: a bare front for the API, Starlette behind it for pages and sockets.

Every API request goes the same way: body (bounded), signature, limit, route, permission, parameters, account, handler,
answer; each step either goes on or raises `Refusal`.  Whatever happens inside, the answer has BitMEX's shape and the
limit's headers; an error in our own code answers 500 and is raised on, so that the server logs it.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request as PageRequest
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from outcry.gateway.answers import (
    CSV_TYPE,
    JSON_TYPE,
    NOT_FOUND,
    OCTETS_TYPE,
    Octets,
    Refusal,
    as_csv,
    bad,
    encode,
    overloaded,
)
from outcry.gateway.auth import authenticate
from outcry.gateway.door import Exchange, Journal, Key, NoAnswer, Overloaded, People, Receipts
from outcry.gateway.forwarded import HEADER as FORWARDED_FOR
from outcry.gateway.forwarded import Forwarded
from outcry.gateway.limits import Limiter, Limits
from outcry.gateway.noting import Noting
from outcry.gateway.parameters import BODY_BYTES_MAX, Parameters, read_parameters, text, too_large, whole
from outcry.gateway.past import Past
from outcry.gateway.requests import Requests
from outcry.gateway.routes.table import API, OURS, ROUTES
from outcry.gateway.stream.hub import Hub
from outcry.gateway.stream.settings import StreamSettings
from outcry.gateway.venue import Request, Route, Venue
from outcry.history import Reader
from outcry.views.directory import State
from outcry.views.recent import Recent

Header = tuple[bytes, bytes]
OURS_NAMES = (
    *("dockets", "averages", "chain", "dispute"),
    *("account", "auction", "command", "explain/", "frame"),
    *("journal", "key", "receipt", "session", "states"),
)
OURS_HERE = (
    f"{API}/",
    *(f"{OURS}/{name}" for name in OURS_NAMES),
)
REACH_SECONDS = 1.0
"""How long a read waits for the entry that it wants to have seen."""
SEQUENCE_MAX = 2**63 - 1
SEQUENCE_HEADER = b"outcry-sequence"
"""The last entry applied here when the answer was made; what another gateway may be asked for as `min_sequence`."""
OK = 200
READING = frozenset({"GET", "HEAD"})
"""Verbs of requests that hand nothing in."""


class Disconnected(Exception):
    """The client went away before its request was whole."""


class Asked(msgspec.Struct):
    """A request as it came: `target` is path and query exactly as they were sent, no body one too long to take."""

    verb: str
    path: str
    target: bytes
    query: bytes
    headers: dict[bytes, bytes]
    body: bytes | None
    address: str


class Reply(msgspec.Struct):
    """What has been decided about the answer so far."""

    status: int = 500
    body: bytes = Refusal(500, "Server Error").body()
    headers: list[Header] = msgspec.field(default_factory=list)
    kind: Header = JSON_TYPE

    def refuse(self, refusal: Refusal) -> None:
        """Answer with a refusal."""
        self.status = refusal.status
        self.body = refusal.body()
        names = {name for name, _ in refusal.headers}
        self.headers = [*(one for one in self.headers if one[0] not in names), *refusal.headers]


class Front:
    """Answers what is under /api/v1, and of ours what belongs to an account, and hands everything else on."""

    def __init__(
        self,
        venue: Venue,
        limits: Limits,
        streaming: StreamSettings,
        behind: ASGIApp,
        forwarded: Forwarded | None = None,
    ) -> None:
        self.venue = venue
        self.forwarded = forwarded or Forwarded()
        self.behind = behind
        self._limiter = Limiter(limits)
        self.requests = Requests(ROUTES)
        self.stream = Hub(venue, self._limiter, streaming)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, socket or lifespan."""
        if scope["type"] != "http" or not answers_to(scope["path"]):
            await self.behind(scope, receive, send)
            return
        target = scope["raw_path"]
        if scope["query_string"]:
            target += b"?" + scope["query_string"]
        headers: dict[bytes, bytes] = dict(scope["headers"])
        peer = scope["client"][0] if scope.get("client") else ""
        address = self.forwarded.client_of(peer, headers.get(FORWARDED_FOR))
        try:
            body = await read_body(headers, receive)
        except Disconnected:
            return
        asked = Asked(scope["method"], scope["path"], target, scope["query_string"], headers, body, address)
        reply = Reply()
        try:
            await self.answer(asked, reply)
        finally:
            # An error of our own passes through here: the reply still says 500, and the error goes on to the server.
            await send_reply(send, reply, with_body=asked.verb != "HEAD")

    async def answer(self, asked: Asked, reply: Reply) -> None:
        """Decide the reply to one request for which `answers_to` holds.  Raises errors of our own only."""
        # Every order comes through here, and each coroutine within a coroutine costs it a microsecond.
        begun_ns = time.perf_counter_ns()
        noting: Noting | None = None
        try:
            now = self.venue.clock()
            self._limiter.check(asked.address, now)
            route = route_of(asked.verb, asked.path)
            key, body = self._admit(asked, route, reply, now)
            if route is None:
                raise Refusal(404, NOT_FOUND)
            if route.private:
                check_permission(route, key)
            parameters = read_parameters(asked.query, asked.headers.get(b"content-type", b""), body)
            is_read = asked.verb in READING
            as_table = is_read and is_csv(parameters)
            if not route.is_order:
                await self._reach(whole(parameters, "min_sequence", 0, SEQUENCE_MAX) or 0)
            account = 0
            if route.private and route.of_account and key is not None:
                account = self.venue.known_account(key.user) or await self.venue.account(key.user)
            venue = self.venue
            if not is_read:
                noting = Noting(venue.exchange)
                venue = venue.through(noting)
            charge = partial(self._charge, key, reply)
            self._put(await route.handler(venue, Request(parameters, key, account, charge)), as_table, reply)
        except Refusal as refusal:
            reply.refuse(refusal)
        except NoAnswer as silence:
            reply.refuse(unanswered(silence))
        except Overloaded:
            reply.refuse(overloaded())
        finally:
            if noting is not None:
                # A refused command has its entry, and its receipt, too.
                noting.tell(reply.headers)
            if reply.status == OK:
                reply.headers.append((SEQUENCE_HEADER, b"%d" % self.venue.recent.sequence))
            else:
                self._limiter.note(asked.address, reply.status, self.venue.clock())
            self.requests.note(asked.verb, asked.path, reply.status, time.perf_counter_ns() - begun_ns)

    def _put(self, found: Any, as_table: bool, reply: Reply) -> None:
        """What a handler has found becomes the reply."""
        if as_table and isinstance(found, list):
            reply.kind, reply.body = CSV_TYPE, as_csv(found)
        elif isinstance(found, Octets):
            reply.kind, reply.body = OCTETS_TYPE, found.body
            reply.headers.extend(found.headers)
        else:
            reply.body = encode(found)
        reply.status = OK

    def _charge(self, key: Key | None, reply: Reply, cost: int) -> None:
        """Count what a request costs beyond one, in the reply's headers too.  Raises `Refusal` with 429."""
        if key is not None and cost > 0:
            changed = self._limiter.charge(key, cost, self.venue.clock())
            names = {name for name, _ in changed}
            reply.headers = [*(one for one in reply.headers if one[0] not in names), *changed]

    async def _reach(self, sequence: int) -> None:
        """Wait a little until this entry is applied here.  Raises `Refusal` with 503, saying where this gateway is."""
        if self.venue.recent.sequence >= sequence:
            return
        try:
            async with asyncio.timeout(REACH_SECONDS):
                await self.venue.exchange.wait_for(sequence)
        except TimeoutError as slow:
            here = self.venue.recent.sequence
            message = f"Service unavailable: this gateway has seen sequence {here}, not {sequence} yet. Ask again."
            raise Refusal(503, message, extra={"sequence": here}) from slow

    def _admit(self, asked: Asked, route: Route | None, reply: Reply, now: float) -> tuple[Key | None, bytes]:
        """Who asks, within the limits, and the whole body."""
        body = asked.body
        try:
            if body is None:
                raise too_large()
            key = authenticate(self.venue.people, asked.headers, asked.verb.encode(), asked.target, body, now)
        except Refusal:
            # A request that fails to prove who it is counts as its address's.
            reply.headers = self._limiter.admit(None, asked.address, is_order=False, now=now)
            raise
        is_order = route is not None and route.is_order
        reply.headers = self._limiter.admit(key, asked.address, is_order, now)
        return key, body


def route_of(verb: str, path: str) -> Route | None:
    """What answers this address; HEAD is answered as GET is."""
    return ROUTES.get((verb, path)) or ROUTES.get(("GET" if verb == "HEAD" else verb, path.rstrip("/")))


def is_csv(parameters: Parameters) -> bool:
    """Whether a table is wanted as CSV.  Raises `Refusal` for other formats than that and JSON."""
    wanted = text(parameters, "_format") or "json"
    if wanted not in ("json", "csv"):
        raise bad("Invalid _format: json or csv")
    return wanted == "csv"


def answers_to(path: str) -> bool:
    """Whether an address is the API's, known or not; of ours what belongs to an account, proofs, and explanations."""
    return path == API or path.startswith(OURS_HERE)


def check_permission(route: Route, key: Key | None) -> None:
    """Raises `Refusal` when nobody signed for a private route, or the key may not do this."""
    if key is None:
        raise Refusal(401, "Authorization Required")
    if route.permissions and not route.permissions & key.permissions:
        raise Refusal(403, "Access Denied")


async def read_body(headers: dict[bytes, bytes], receive: Receive) -> bytes | None:
    """The whole body, or nothing as soon as it is known to be too long.  Raises `Disconnected`."""
    announced = headers.get(b"content-length", b"0")
    if announced.isdigit() and int(announced) > BODY_BYTES_MAX:
        return None
    pieces: list[bytes] = []
    length = 0
    while True:
        message: Message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        piece = message.get("body", b"")
        length += len(piece)
        if length > BODY_BYTES_MAX:
            return None
        pieces.append(piece)
        if not message.get("more_body", False):
            return b"".join(pieces)


def unanswered(silence: NoAnswer) -> Refusal:
    """The 503 of a command that may still act, with what to ask for its fate."""
    where = f"{OURS}/command?origin={silence.origin}&originSequence={silence.origin_sequence}"
    message = f"Service unavailable: no answer in time, and the command may still act. Its fate: GET {where}"
    extra = {"origin": silence.origin, "originSequence": silence.origin_sequence}
    return Refusal(503, message, extra=extra)


async def not_found(request: PageRequest, error: Exception) -> Response:
    """The same answer for every address that nobody has, whoever looked for it."""
    return Response(Refusal(404, NOT_FOUND).body(), 404, media_type="application/json")


async def send_reply(send: Send, reply: Reply, with_body: bool) -> None:
    """Send it whole, or what would stand before the body."""
    headers = [reply.kind, (b"content-length", b"%d" % len(reply.body)), *reply.headers]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body if with_body else b""})


def create_app(
    exchange: Exchange,
    state: State,
    recent: Recent,
    people: People,
    *,
    venue_key: bytes,
    limits: Limits | None = None,
    streaming: StreamSettings | None = None,
    extra_routes: Sequence[BaseRoute] = (),
    history: Reader | None = None,
    receipts: Receipts | None = None,
    journal: Journal | None = None,
    trusted_proxies: Sequence[str] = (),
    clock: Callable[[], float] = time.time,
) -> Front:
    """The application.  `state` is the replica's engine, `recent` its observer, `extra_routes` pages and sockets.

    Without `history` nothing older than what is recent can be asked for, without `receipts` no receipt;
    `trusted_proxies` are believed.
    """
    venue = Venue(exchange, state, recent, people, venue_key, clock, Past(history), receipts, journal)
    pages = Starlette(routes=list(extra_routes), exception_handlers={404: not_found, 405: not_found})
    forwarded = Forwarded(trusted_proxies)
    return Front(venue, limits or Limits(), streaming or StreamSettings(), pages, forwarded)
