"""The runners against a small scripted venue: quoting, recovery after 503, taking over what rests, leaving cleanly."""

import asyncio
import json
from itertools import count
from typing import Any

import httpx

from outcry.bots.market_maker import MakerSettings
from outcry.bots.pace import Pace
from outcry.bots.runners import Listed, MakerRunner, TakerRunner
from outcry.bots.taker import TakerSettings
from outcry.client import Credentials, VenueClient

INSTRUMENT = {
    "symbol": "XBTUSDT",
    "state": "Open",
    "lotSize": 1000,
    "tickSize": 0.1,
    "multiplier": 1,
    "settlCurrency": "USDt",
    "isInverse": False,
    "maxOrderQty": 10**9,
    "markPrice": 60000.05,
}


class SmallVenue:
    """Keeps orders in a list; answers 503 as often as `failures` says."""

    def __init__(self) -> None:
        self.orders: dict[str, dict[str, Any]] = {}
        self.instrument: dict[str, Any] = dict(INSTRUMENT)
        self.failures = 0
        self.placed: list[dict[str, Any]] = []
        self.ids = count(1)

    def client(self) -> VenueClient:
        async def no_pause(_: float) -> None:
            return

        return VenueClient(
            "http://venue.test",
            Credentials("K", "S"),
            pause=no_pause,
            transport=httpx.MockTransport(self.handle),
        )

    def handle(self, request: httpx.Request) -> httpx.Response:
        route, body = request.url.path.removeprefix("/api/v1"), json.loads(request.content or b"{}")
        if self.failures > 0 and request.method != "GET":
            self.failures -= 1
            return httpx.Response(503, json={"error": {"message": "overloaded", "name": "HTTPError"}})
        answers = {
            "/instrument/active": lambda: [self.instrument],
            "/position": lambda: [{"symbol": "XBTUSDT", "currentQty": 0}],
            "/order": lambda: self.on_order(request.method, body),
            "/order/all": self.on_cancel_all,
        }
        return httpx.Response(200, json=answers[route]())

    def on_order(self, verb: str, body: dict[str, Any]) -> Any:
        if verb == "GET":
            return list(self.orders.values())
        if verb == "DELETE":
            return [self.orders.pop(name) | {"leavesQty": 0} for name in body["orderID"]]
        if verb == "PUT":
            self.orders[body["orderID"]] |= {"price": body["price"]}
            return self.orders[body["orderID"]]
        self.placed.append(body)
        name = f"00000000-0000-0000-0000-{next(self.ids):012d}"
        row = body | {"orderID": name, "leavesQty": body["orderQty"], "cumQty": 0}
        if body["ordType"] == "Limit":
            self.orders[name] = row
        return row

    def on_cancel_all(self) -> Any:
        gone = list(self.orders.values())
        self.orders.clear()
        return gone


def maker_of(venue: SmallVenue) -> MakerRunner:
    return MakerRunner(venue.client(), Listed(["XBTUSDT"], {"USDt": MakerSettings(levels=4)}), 1, Pace(600_000, 1_000))


def test_it_quotes_and_takes_over_what_rests() -> None:
    venue = SmallVenue()

    async def body() -> None:
        await maker_of(venue).quote_once()
        assert len(venue.orders) == 8
        assert len({order["clOrdID"] for order in venue.placed}) == 8
        # Another runner of the same account, as after a restart: everything stands already.
        await maker_of(venue).quote_once()
        assert len(venue.placed) == 8

    asyncio.run(body())


def test_it_survives_503_and_leaves_nothing_behind() -> None:
    venue = SmallVenue()
    venue.failures = 2

    async def body() -> None:
        stop = asyncio.Event()
        task = asyncio.create_task(maker_of(venue).run(stop))
        while len(venue.orders) < 8:
            await asyncio.sleep(0.02)
        stop.set()
        await task

    asyncio.run(asyncio.wait_for(body(), 20))
    assert venue.orders == {}


def test_the_taker_makes_the_first_trade() -> None:
    venue = SmallVenue()

    async def body() -> None:
        runner = TakerRunner(
            venue.client(),
            Listed(["XBTUSDT"], {"USDt": MakerSettings()}),
            {"USDt": TakerSettings()},
            1,
            Pace(600_000, 1_000),
        )
        await runner.trade_once()
        assert venue.placed == []
        venue.instrument |= {"bidPrice": 60000.0, "askPrice": 60000.1}
        await runner.trade_once()

    asyncio.run(body())
    assert [(order["ordType"], order["side"], order["orderQty"]) for order in venue.placed] == [("Market", "Buy", 1000)]


def test_the_pace_follows_the_venue() -> None:
    async def body() -> float:
        pace = Pace(600_000, burst=1)
        pace.follow(1_500)
        started_s = asyncio.get_running_loop().time()
        for _ in range(5):
            await pace.wait()
        return asyncio.get_running_loop().time() - started_s

    # 80 % of 1,500 a minute are 20 a second: four of them after the first take 0.2 s.
    assert asyncio.run(body()) > 0.19
