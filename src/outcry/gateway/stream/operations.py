"""What clients send: one message in, replies out, in order; and who may connect at all.

`admit` decides about a line before it is a WebSocket; `receive` carries one message out.  An operation that has to wait
for the node comes back as a coroutine, and the line hands in no further message until it has ended.  Whatever is
malformed, unknown or not allowed is told in an error and changes nothing.
"""

import math
from collections.abc import Coroutine, Mapping
from decimal import Decimal, InvalidOperation
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from outcry.gateway.answers import NOT_FOUND, Refusal, bad, overloaded
from outcry.gateway.auth import authenticate
from outcry.gateway.dialect import messages
from outcry.gateway.dialect.tables import OPERATIONS, SESSION_OPERATION
from outcry.gateway.door import Key, NoAnswer, Overloaded
from outcry.gateway.parameters import as_whole, number
from outcry.gateway.stream.hub import Hub
from outcry.gateway.stream.session import Session
from outcry.gateway.stream.topics import read_topic
from outcry.protocol.layout import DEAD_MAN_NS_MAX, CancelAllAfter

Waiting = Coroutine[Any, Any, None]
PATHS = frozenset({"/realtime", "/realtimePlatform"})
SIGNED_TARGET = b"/realtime"
"""What is signed, whatever address and query were connected to (API 1.3)."""
GRACE_SECONDS = 30.0
"""Clients sign a moment that has passed when it arrives: ccxt.pro its own clock, others a nonce."""
CREDENTIALS = (b"api-key", b"api-signature", b"api-expires")
KEY_ARGUMENTS = 3
MILLISECOND_NS = 10**6
MAY_CANCEL = frozenset({"order", "orderCancel"})
QUERY_FIELDS_MAX = 100
CHARACTERS_SHOWN = 64
ECHO_BYTES_MAX = 4 << 10
"""A longer request with many topics is not echoed whole in the reply to each of them."""
_decoder = msgspec.json.Decoder(float_hook=Decimal)


class Arrival(msgspec.Struct, frozen=True):
    """A line that may be opened: who proved to be at its other end, and the topics its address names."""

    key: Key | None
    topics: list[str]


class Operations:
    """Carries out what clients ask for."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._venue = hub.venue

    # Before it is a WebSocket.

    def admit(self, target: str, headers: Mapping[bytes, bytes], address: str) -> Arrival:
        """Whether the line may be opened.  Raises `Refusal`."""
        path, _, query = target.partition("?")
        if path.rstrip("/") not in PATHS:
            raise Refusal(404, NOT_FOUND)
        now = self._venue.clock()
        self._hub.arrivals.admit(address, len(self._hub.sessions), now)
        try:
            asked = dict(parse_qsl(query.encode("ascii").decode(), errors="strict", max_num_fields=QUERY_FIELDS_MAX))
        except ValueError as error:
            raise bad("Malformed parameters: not valid URL-encoded UTF-8.") from error
        claims = {name: headers[name] for name in (*CREDENTIALS, b"api-nonce") if name in headers}
        claims = claims or {name: asked[name.decode()].encode() for name in CREDENTIALS if name.decode() in asked}
        key = authenticate(self._venue.people, claims, b"GET", SIGNED_TARGET, b"", now - GRACE_SECONDS)
        return Arrival(key, [one for one in asked.get("subscribe", "").split(",") if one])

    def begin(self, session: Session, arrival: Arrival) -> Waiting | None:
        """Give a line that was just opened what its address asked for."""
        if arrival.key is None:
            self._subscribe_first(session, arrival)
            return None
        return self._begin_signed(session, arrival, arrival.key)

    async def _begin_signed(self, session: Session, arrival: Arrival, key: Key) -> None:
        try:
            await self._identify(session, key)
        except (Refusal, NoAnswer, Overloaded) as problem:
            self._fail(session, problem, {"op": "authKeyExpires", "args": []})
        self._subscribe_first(session, arrival)

    def _subscribe_first(self, session: Session, arrival: Arrival) -> None:
        if arrival.topics:
            self._subscribe(session, arrival.topics, {"op": "subscribe", "args": arrival.topics})
        self._hub.deliver()

    # Messages.

    def receive(self, session: Session, message: bytes) -> Waiting | None:
        """Carry out one message; what is returned is yet to be awaited."""
        waiting = None
        request: Any = {}
        try:
            self._charge(session, 1)
            if message.strip() == b"ping":
                self._hub.say(session, messages.PONG)
            else:
                request, operation, arguments = read_request(message)
                waiting = self._carry_out(session, operation, arguments, request)
        except Refusal as refusal:
            self._fail(session, refusal, request)
        self._hub.deliver()
        return waiting

    def _charge(self, session: Session, cost: int) -> None:
        if not session.bucket.take(cost, self._venue.clock()):
            seconds = max(1, math.ceil(session.bucket.wait_seconds(cost)))
            raise Refusal(429, f"Rate limit exceeded, retry in {seconds} seconds.", extra={"retryAfter": seconds})

    def _carry_out(self, session: Session, operation: str, arguments: list[Any], request: Any) -> Waiting | None:
        if operation in ("help", "usage"):
            self._hub.say(session, messages.helped())
        elif operation == SESSION_OPERATION:
            self._hub.say(session, messages.served(session.told(), request))
        elif operation == "ping":
            self._hub.say(session, messages.PONG)
        elif operation in ("subscribe", "unsubscribe"):
            topics = [one for one in arguments if isinstance(one, str)]
            if len(topics) != len(arguments) or not topics:
                raise bad(f"Invalid args: {operation} takes topics.")
            if operation == "subscribe":
                self._subscribe(session, topics, request)
            else:
                self._unsubscribe(session, topics, request)
        elif operation in ("authKey", "authKeyExpires"):
            return self._guarded(session, self._log_in(session, self._key_in(arguments), request), request)
        elif operation == "cancelAllAfter":
            return self._guarded(session, self._cancel_all_after(session, arguments, request), request)
        return None

    async def _guarded(self, session: Session, work: Waiting, request: Any) -> None:
        """Await it, and tell what went wrong."""
        try:
            await work
        except (Refusal, NoAnswer, Overloaded) as problem:
            self._fail(session, problem, request)
        self._hub.deliver()

    def _fail(self, session: Session, problem: Refusal | NoAnswer | Overloaded, request: Any) -> None:
        if isinstance(problem, NoAnswer):
            problem = Refusal(503, f"Service unavailable: no answer in time, and it may still act ({problem})")
        elif isinstance(problem, Overloaded):
            problem = overloaded()
        self._hub.say(session, messages.failed(problem, request))

    # Topics.

    def _subscribe(self, session: Session, topics: list[str], request: Any) -> None:
        # What happened before belongs to the partials, and would be told twice otherwise.
        self._hub.flush()
        for text in topics:
            echo = echo_of(request, "subscribe", text)
            try:
                self._charge(session, 1)
                topic = read_topic(text, self._venue.directory, session.account)
                self._hub.subscribe(session, topic, messages.subscribed(text, echo))
            except Refusal as refusal:
                self._fail(session, refusal, echo)
                if refusal.status == HTTPStatus.TOO_MANY_REQUESTS:
                    break

    def _unsubscribe(self, session: Session, topics: list[str], request: Any) -> None:
        for text in topics:
            echo = echo_of(request, "unsubscribe", text)
            try:
                self._charge(session, 1)
                topic = read_topic(text, self._venue.directory, session.account)
                if not self._hub.unsubscribe(session, topic):
                    raise bad(f"You are not subscribed to this topic: {text[:CHARACTERS_SHOWN]}.")
                self._hub.say(session, messages.unsubscribed(text, echo))
            except Refusal as refusal:
                self._fail(session, refusal, echo)
                if refusal.status == HTTPStatus.TOO_MANY_REQUESTS:
                    break

    # Accounts.

    def _key_in(self, arguments: list[Any]) -> Key:
        """Whose key the arguments of authKey or authKeyExpires prove."""
        if len(arguments) != KEY_ARGUMENTS or any(isinstance(one, dict | list | bool) for one in arguments):
            raise bad("Invalid args: expected [apiKey, expires, signature].")
        key_id, expires, signature = (str(one).encode() for one in arguments)
        claims = {b"api-key": key_id, b"api-expires": expires, b"api-signature": signature}
        now = self._venue.clock() - GRACE_SECONDS
        key = authenticate(self._venue.people, claims, b"GET", SIGNED_TARGET, b"", now)
        if key is None:
            raise Refusal(401, "Authorization Required")
        return key

    async def _log_in(self, session: Session, key: Key, request: Any) -> None:
        if session.key is not None and session.key.user.id != key.user.id:
            raise bad("This line belongs to another user already; open a new one.")
        await self._identify(session, key)
        self._hub.say(session, messages.succeeded(request))

    async def _identify(self, session: Session, key: Key) -> None:
        session.account = await self._venue.account(key.user)
        session.key = key

    async def _cancel_all_after(self, session: Session, arguments: list[Any], request: Any) -> None:
        """The dead-man switch: milliseconds, 0 puts it out."""
        key = session.key
        if key is None:
            raise Refusal(401, "Authorization Required")
        if not MAY_CANCEL & key.permissions:
            raise Refusal(403, "Access Denied")
        timeout = number({"timeout": arguments[0]}, "timeout") if len(arguments) == 1 else None
        if timeout is None:
            raise bad("Invalid args: cancelAllAfter takes a timeout in milliseconds.")
        timeout_ns = as_whole(timeout, "timeout", 0, DEAD_MAN_NS_MAX // MILLISECOND_NS) * MILLISECOND_NS
        self._hub.limiter.admit(key, session.address, is_order=True, now=self._venue.clock())
        outcome = await self._venue.execute(CancelAllAfter(account=session.account, timeout_ns=timeout_ns))
        ends_ns = outcome.time_ns + timeout_ns if timeout_ns else 0
        self._hub.say(session, messages.timer_set(outcome.time_ns, ends_ns, request))


def read_request(message: bytes) -> tuple[Any, str, list[Any]]:
    """The request to be echoed, its operation and its arguments as a list.  Raises `Refusal`."""
    try:
        found = _decoder.decode(message)
    except (msgspec.MsgspecError, RecursionError, InvalidOperation) as error:
        raise bad(messages.UNRECOGNISED) from error
    if not isinstance(found, dict) or not isinstance(found.get("op"), str):
        raise bad(messages.UNRECOGNISED)
    operation = found["op"]
    if operation not in OPERATIONS:
        # The request is not echoed, because it was not understood.
        raise bad(f"Unknown op: {operation[:CHARACTERS_SHOWN]}. {messages.UNRECOGNISED}")
    arguments = found.get("args")
    listed = arguments if isinstance(arguments, list) else [] if arguments is None else [arguments]
    # As it was sent: numbers keep their text, and a client finds its own message again.
    return msgspec.Raw(message), operation, listed


def echo_of(request: Any, operation: str, topic: str) -> Any:
    """The request as the reply to one of its topics shows it."""
    if isinstance(request, msgspec.Raw) and len(request) > ECHO_BYTES_MAX:
        return {"op": operation, "args": [topic]}
    return request
