"""`VenueClient`: the public REST API, one method a call; asynchronous, for any number of tasks of one loop.

First the market's calls, then orders, then the account's, then receipts, then how a request is sent.  A request is
built, signed over the bytes that will travel, and sent; a GET that meets 503 and any request that meets 429 is sent
again after the pause the venue asks for, at most `attempts` times.  A write is never repeated after a 503 or a lost
connection, because it may have been carried out: its fate is asked for by client id.  Known limit: no WebSocket.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from decimal import Decimal
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import urlencode

import httpx
import msgspec

from outcry.client.answers import (
    ErrorAnswer,
    Instrument,
    Limits,
    Margin,
    Order,
    Position,
    PriceLevel,
    Trade,
    Wallet,
)
from outcry.client.errors import RateLimited, Refused, Unintelligible, Unreachable, refusal
from outcry.client.placing import PLAIN, Placing
from outcry.client.receipt_book import VenueKey
from outcry.client.receipts import Receipt, ShownFrame, SignedFrame
from outcry.client.signing import Credentials, signed_headers

API = "/api/v1"
OURS = "/outcry/v1"
EXPIRES_AFTER_S = 10
OVERLOAD_PAUSE_S = 0.5
RETRY_AFTER_S_MAX = 30


_Row = TypeVar("_Row")
_ENCODER = msgspec.json.Encoder(decimal_format="number")


class VenueClient:
    """A connection to one venue, with or without a key.  Use as an asynchronous context manager, or call `close`."""

    def __init__(
        self,
        url: str,
        credentials: Credentials | None = None,
        *,
        attempts: int = 4,
        timeout_s: float = 10,
        clock_s: Callable[[], float] = time.time,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.limits = Limits()
        self._credentials = credentials
        self._attempts = attempts
        self._clock_s = clock_s
        self._pause = pause
        self._http = httpx.AsyncClient(base_url=url.rstrip("/"), timeout=timeout_s, transport=transport)

    async def __aenter__(self) -> Self:
        """The client itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes the connection."""
        await self.close()

    async def close(self) -> None:
        """Close the connection."""
        await self._http.aclose()

    # The market.

    async def instruments(self, *, with_indices: bool = False, with_all_kinds: bool = False) -> list[Instrument]:
        """What can be traded, and the indices if asked for; with options and spreads only if asked for all kinds."""
        if with_all_kinds:
            return await self._get("/instrument", {"filter": {"state": "Open"}, "count": 500}, list[Instrument])
        route = "/instrument/activeAndIndices" if with_indices else "/instrument/active"
        return await self._get(route, {}, list[Instrument])

    async def instrument(self, symbol: str) -> Instrument | None:
        """One instrument or index, or None."""
        rows = await self._get("/instrument", {"symbol": symbol}, list[Instrument])
        return rows[0] if rows else None

    async def book(self, symbol: str, depth: int = 25) -> list[PriceLevel]:
        """Levels of the book, sells from the highest price down, then buys; depth 0 is all of it."""
        return await self._get("/orderBook/L2", {"symbol": symbol, "depth": depth}, list[PriceLevel])

    async def trades(self, symbol: str, count: int = 100) -> list[Trade]:
        """The last trades, newest first."""
        return await self._get("/trade", {"symbol": symbol, "count": count, "reverse": True}, list[Trade])

    # Orders.

    async def place(
        self,
        symbol: str,
        side: str,
        quantity: int | None,
        *,
        price: Decimal | None = None,
        client_id: str | None = None,
        instructions: Sequence[str] = (),
        time_in_force: str | None = None,
        more: Placing = PLAIN,
    ) -> Order:
        """A limit order, or a market order if it has no price; `more` makes it one of the others.

        `side` is Buy or Sell.
        """
        body: dict[str, object] = {
            "symbol": symbol,
            "side": side,
            "orderQty": quantity,
            "ordType": more.order_type or ("Market" if price is None else "Limit"),
            "price": price,
            "clOrdID": client_id,
            "execInst": ",".join(instructions) or None,
            "timeInForce": time_in_force,
            "stopPx": more.stop_price,
            "pegPriceType": more.peg,
            "pegOffsetValue": more.peg_offset,
            "displayQty": more.display_quantity,
            "clOrdLinkID": more.link_id,
            "contingencyType": more.contingency,
            "selfTrade": more.self_trade,
        }
        return await self._write("POST", "/order", body, Order)

    async def amend(
        self,
        order_id: str,
        *,
        quantity: int | None = None,
        leaves_quantity: int | None = None,
        price: Decimal | None = None,
        stop_price: Decimal | None = None,
        peg_offset: Decimal | None = None,
    ) -> Order:
        """Change the price, the trigger, or the quantity: the total (filled part included) or what is open.

        What is None stays.
        """
        body: dict[str, object] = {
            "orderID": order_id,
            "orderQty": quantity,
            "leavesQty": leaves_quantity,
            "price": price,
            "stopPx": stop_price,
            "pegOffsetValue": peg_offset,
        }
        return await self._write("PUT", "/order", body, Order)

    async def cancel(self, *, order_ids: Sequence[str] = (), client_ids: Sequence[str] = ()) -> list[Order]:
        """Cancel orders; a row carries `error` where there was nothing to cancel any more."""
        body = {"orderID": list(order_ids) or None, "clOrdID": list(client_ids) or None}
        return await self._write("DELETE", "/order", body, list[Order])

    async def cancel_all(self, symbol: str | None = None) -> list[Order]:
        """Cancel all open orders, of one instrument or of all."""
        return await self._write("DELETE", "/order/all", {"symbol": symbol}, list[Order])

    async def orders(
        self,
        symbol: str | None = None,
        *,
        only_open: bool = False,
        client_ids: Sequence[str] = (),
        count: int = 500,
        start: int = 0,
    ) -> list[Order]:
        """The account's orders, newest first."""
        wanted: dict[str, object] = {}
        if only_open:
            wanted["open"] = True
        if client_ids:
            wanted["clOrdID"] = list(client_ids)
        query = {"symbol": symbol, "filter": wanted or None, "count": count, "start": start or None, "reverse": True}
        return await self._get("/order", query, list[Order])

    # The account.

    async def positions(self) -> list[Position]:
        """The account's positions."""
        return await self._get("/position", {"count": 500}, list[Position])

    async def position(self, symbol: str) -> Position | None:
        """The position in one instrument, or None if there never was one."""
        rows = await self._get("/position", {"filter": {"symbol": symbol}}, list[Position])
        return next((row for row in rows if row.symbol == symbol), None)

    async def set_leverage(self, symbol: str, leverage: Decimal) -> Position:
        """Isolate the position at this leverage; 0 puts it into cross margin."""
        return await self._write("POST", "/position/leverage", {"symbol": symbol, "leverage": leverage}, Position)

    async def margins(self) -> list[Margin]:
        """What stands behind the positions, one row a currency."""
        return await self._get("/user/margin", {"currency": "all"}, list[Margin])

    async def wallets(self) -> list[Wallet]:
        """Settled money, one row a currency."""
        return await self._get("/user/wallet", {"currency": "all"}, list[Wallet])

    # What the venue signed.

    async def key(self) -> VenueKey:
        """Under which key the venue signs, and the genesis that names it; nothing is checked here."""
        return _decode(await self._send("GET", f"{OURS}/key", b""), VenueKey)

    async def receipt(self, sequence: int | None = None, *, order_id: str = "", client_id: str = "") -> Receipt:
        """The receipt of an entry, or of an order's placing, refused ones too; nothing is checked here.

        Raises `NotFound` where there is no such entry of this account.
        """
        named = {"sequence": sequence, "orderID": order_id or None, "clOrdID": client_id or None}
        query = urlencode({name: value for name, value in named.items() if value is not None})
        return _decode(await self._send("GET", f"{OURS}/receipt?{query}", b""), Receipt)

    async def frame(self, sequence: int) -> SignedFrame:
        """The signed frame that holds an entry, anybody's; nothing is checked here."""
        return _decode(await self._send("GET", f"{OURS}/frame?sequence={sequence}", b""), ShownFrame).frame

    # How a request is sent.

    async def _get(self, route: str, query: Mapping[str, object], shape: type[_Row]) -> _Row:
        present = {name: _query_text(value) for name, value in query.items() if value is not None}
        target = f"{API}{route}?{urlencode(present)}" if present else f"{API}{route}"
        return _decode(await self._send("GET", target, b""), shape)

    async def _write(self, verb: str, route: str, body: Mapping[str, object], shape: type[_Row]) -> _Row:
        present = {name: value for name, value in body.items() if value is not None}
        return _decode(await self._send(verb, f"{API}{route}", _ENCODER.encode(present)), shape)

    async def _send(self, verb: str, target: str, body: bytes) -> bytes:
        left = self._attempts
        while True:
            left -= 1
            try:
                return await self._send_once(verb, target, body)
            except Refused as error:
                pause_s = _pause_before_retry_s(verb, error)
                if pause_s is None or left <= 0:
                    raise
            await self._pause(pause_s)

    async def _send_once(self, verb: str, target: str, body: bytes) -> bytes:
        request = self._http.build_request(verb, target, content=body or None)
        if body:
            request.headers["content-type"] = "application/json"
        if self._credentials is not None:
            expires = int(self._clock_s()) + EXPIRES_AFTER_S
            # httpx may normalise what it is given, so what is signed is what it will send.
            request.headers.update(signed_headers(self._credentials, verb, request.url.raw_path, expires, body))
        try:
            response = await self._http.send(request)
        except httpx.TransportError as error:
            raise Unreachable(f"{verb} {target}: {type(error).__name__} {error}".rstrip()) from error
        self._note_limits(response.headers)
        if response.status_code != 200:
            raise _refusal_of(response)
        return response.content

    def _note_limits(self, headers: Mapping[str, str]) -> None:
        limit, remaining = headers.get("x-ratelimit-limit"), headers.get("x-ratelimit-remaining")
        if limit is not None and remaining is not None and limit.isdecimal() and remaining.isdecimal():
            self.limits = Limits(int(limit), int(remaining))


def _pause_before_retry_s(verb: str, error: Refused) -> float | None:
    """How long to wait before the same request is sent again, or None if it must not be."""
    if isinstance(error, RateLimited) and error.retry_after_s is not None:
        return min(error.retry_after_s, RETRY_AFTER_S_MAX)
    if error.status == 503 and verb == "GET":
        return OVERLOAD_PAUSE_S
    return None


def _query_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping | list | tuple):
        return json.dumps(value, separators=(",", ":"))
    return str(value)


def _decode(content: bytes, shape: type[_Row]) -> _Row:
    try:
        return msgspec.json.decode(content, type=shape)
    except msgspec.DecodeError as error:
        raise Unintelligible(str(error)) from error


def _refusal_of(response: httpx.Response) -> Refused:
    after = response.headers.get("retry-after", "")
    retry_after_s = int(after) if after.isdecimal() else None
    try:
        said = msgspec.json.decode(response.content, type=ErrorAnswer).error
    except msgspec.DecodeError:
        return refusal(response.status_code, "HTTPError", response.reason_phrase, retry_after_s)
    return refusal(response.status_code, said.name, said.message, retry_after_s)
