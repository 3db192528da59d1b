"""The client against a scripted venue: what it sends, what it makes of answers, what it sends again."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from decimal import Decimal
from typing import Any, TypeVar
from urllib.parse import parse_qs

import httpx
import pytest

from outcry.client import (
    BadRequest,
    Credentials,
    NotFound,
    Overloaded,
    Placing,
    RateLimited,
    Unauthorised,
    Unintelligible,
    Unreachable,
    VenueClient,
    VenueError,
)
from outcry.client.signing import signature

T = TypeVar("T")
ORDER = {"orderID": "4f5ad9e4-0000-0000-0000-000000000001", "symbol": "XBTUSD", "side": "Buy", "price": 60000.1}


class Scripted:
    """Answers one after the other and keeps the requests; the last answer repeats."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []
        self.pauses_s: list[float] = []

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def pause(self, seconds: float) -> None:
        self.pauses_s.append(seconds)

    def run(self, call: Callable[[VenueClient], Coroutine[Any, Any, T]]) -> T:
        async def body() -> T:
            client = VenueClient(
                "http://venue.test",
                Credentials("KEY", "SECRET"),
                clock_s=lambda: 1_000.9,
                pause=self.pause,
                transport=httpx.MockTransport(self.handle),
            )
            async with client:
                return await call(client)

        return asyncio.run(body())


def error(status: int, message: str, **headers: str) -> httpx.Response:
    return httpx.Response(status, json={"error": {"message": message, "name": "HTTPError"}}, headers=headers)


def test_what_is_signed_is_what_is_sent() -> None:
    venue = Scripted(httpx.Response(200, json=[]))
    venue.run(lambda client: client.orders("XBTUSD", only_open=True))
    request = venue.requests[0]
    assert request.headers["api-expires"] == "1010"
    assert request.headers["api-signature"] == signature("SECRET", "GET", request.url.raw_path, 1010, b"")
    query = parse_qs(request.url.query.decode())
    assert json.loads(query["filter"][0]) == {"open": True}
    assert query["reverse"] == ["true"]


def test_an_order_is_sent_with_exact_numbers_and_without_what_is_unset() -> None:
    venue = Scripted(httpx.Response(200, json=ORDER))
    row = venue.run(lambda client: client.place("XBTUSD", "Buy", 100, price=Decimal("60000.10"), client_id="a/b+c"))
    request = venue.requests[0]
    assert request.content == (
        b'{"symbol":"XBTUSD","side":"Buy","orderQty":100,"ordType":"Limit","price":60000.10,"clOrdID":"a/b+c"}'
    )
    assert request.headers["api-signature"] == signature("SECRET", "POST", b"/api/v1/order", 1010, request.content)
    assert row.price == Decimal("60000.1")


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, BadRequest), (401, Unauthorised), (404, NotFound), (503, Overloaded), (500, VenueError)],
)
def test_an_error_has_status_name_and_message(status: int, kind: type[BadRequest]) -> None:
    with pytest.raises(kind, match="No sense") as caught:
        Scripted(error(status, "No sense")).run(lambda client: client.place("XBTUSD", "Buy", 100))
    assert (caught.value.status, caught.value.name, caught.value.message) == (status, "HTTPError", "No sense")


def test_a_get_is_sent_again_after_503_and_gives_up_in_the_end() -> None:
    venue = Scripted(error(503, "overloaded"), httpx.Response(200, json=[]))
    assert venue.run(lambda client: client.positions()) == []
    assert venue.pauses_s == [0.5]
    venue = Scripted(error(503, "overloaded"))
    with pytest.raises(Overloaded):
        venue.run(lambda client: client.positions())
    assert len(venue.requests) == 4


def test_a_write_is_not_sent_again_after_503() -> None:
    venue = Scripted(error(503, "overloaded"))
    with pytest.raises(Overloaded):
        venue.run(lambda client: client.place("XBTUSD", "Buy", 100))
    assert len(venue.requests) == 1


def test_429_is_waited_out_as_asked() -> None:
    limited = error(429, "Rate limit exceeded, retry in 2 seconds.", **{"retry-after": "2"})
    venue = Scripted(limited, httpx.Response(200, json=ORDER))
    assert venue.run(lambda client: client.place("XBTUSD", "Buy", 100)).order_id == ORDER["orderID"]
    assert venue.pauses_s == [2]
    with pytest.raises(RateLimited):
        Scripted(error(429, "no idea when")).run(lambda client: client.positions())


def test_no_answer_and_nonsense_are_told_apart() -> None:
    with pytest.raises(Unreachable):
        Scripted(httpx.ConnectError("refused")).run(lambda client: client.positions())
    with pytest.raises(Unintelligible):
        Scripted(httpx.Response(200, text="<html>")).run(lambda client: client.positions())
    with pytest.raises(Overloaded, match="Service Unavailable"):
        Scripted(httpx.Response(503, text="<html>")).run(lambda client: client.cancel_all())


def test_limits_are_noted() -> None:
    venue = Scripted(httpx.Response(200, json=[], headers={"x-ratelimit-limit": "120", "x-ratelimit-remaining": "7"}))

    async def call(client: VenueClient) -> tuple[int | None, int | None]:
        await client.margins()
        return client.limits.limit, client.limits.remaining

    assert venue.run(call) == (120, 7)


def test_an_order_of_any_kind_is_sent_in_the_apis_words() -> None:
    venue = Scripted(httpx.Response(200, json={**ORDER, "ordType": "Stop", "stopPx": 59000.5, "triggered": ""}))
    more = Placing(
        order_type="StopLimit",
        stop_price=Decimal("59000.5"),
        peg="TrailingStopPeg",
        peg_offset=Decimal("-5"),
        display_quantity=0,
        link_id="pair",
        contingency="OneCancelsTheOther",
        self_trade="ExpireMaker",
    )
    row = venue.run(lambda client: client.place("XBTUSD", "Sell", 100, price=Decimal(58000), more=more))
    assert json.loads(venue.requests[0].content) == {
        "symbol": "XBTUSD",
        "side": "Sell",
        "orderQty": 100,
        "ordType": "StopLimit",
        "price": 58000,
        "stopPx": 59000.5,
        "pegPriceType": "TrailingStopPeg",
        "pegOffsetValue": -5,
        "displayQty": 0,
        "clOrdLinkID": "pair",
        "contingencyType": "OneCancelsTheOther",
        "selfTrade": "ExpireMaker",
    }
    assert (row.order_type, row.stop_price, row.triggered) == ("Stop", Decimal("59000.5"), "")


def test_an_amendment_says_what_changes() -> None:
    venue = Scripted(httpx.Response(200, json=ORDER))
    venue.run(lambda client: client.amend("x", leaves_quantity=300, stop_price=Decimal(1), peg_offset=Decimal(-2)))
    assert json.loads(venue.requests[0].content) == {
        "orderID": "x", "leavesQty": 300, "stopPx": 1, "pegOffsetValue": -2,
    }  # fmt: skip
