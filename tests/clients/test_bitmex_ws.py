"""bitmex-ws as its users run it, against a running venue (section 6.C of the wire reference).

It signs in the headers of the request, names its topics in the address, and is only there once every partial has come.
What it cannot take it logs, so its log has to stay empty.
"""

import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

import ccxt
import pytest
from bitmex_websocket import BitMEXWebsocket

from tests.venue import Venue

pytestmark = pytest.mark.venue

SYMBOL = "XBTUSD"
SOON_S = 60.0


@pytest.fixture
def watcher(venue: Venue) -> Iterator[Any]:
    user = venue.users[0]
    endpoint = venue.url.replace("http", "ws") + "/realtime"
    made = BitMEXWebsocket(endpoint=endpoint, symbol=SYMBOL, api_key=user.key, api_secret=user.secret)
    yield made
    made.exit()


@pytest.fixture
def trader(venue: Venue) -> Iterator[Any]:
    user = venue.users[0]
    urls = {"api": {"public": venue.url, "private": venue.url}}
    made = ccxt.bitmex({"apiKey": user.key, "secret": user.secret, "urls": urls, "enableRateLimit": False})
    made.load_markets()
    yield made
    made.cancel_all_orders()


def soon(wanted: Callable[[], bool]) -> None:
    until_s = time.monotonic() + SOON_S
    while not wanted():
        assert time.monotonic() < until_s
        time.sleep(0.02)


def test_the_plan(watcher: Any, trader: Any, caplog: pytest.LogCaptureFixture) -> None:
    assert watcher.get_instrument()["tickLog"] == 1
    # The makers need a moment after `ready`, and the client takes each table in from a frame of its own.
    soon(lambda: all(watcher.get_ticker().values()) and len(watcher.market_depth()) >= 10)
    ticker = watcher.get_ticker()
    assert 0 < ticker["buy"] < ticker["sell"]
    assert ticker["last"] > 0
    assert watcher.funds()["currency"] == "XBt"
    assert watcher.funds()["marginBalance"] > 0
    assert watcher.open_orders("") == []
    assert [row for row in watcher.positions() if row["currentQty"]] == []
    assert watcher.recent_trades()
    assert caplog.records == []


def test_an_order_and_a_position_come_and_go(watcher: Any, trader: Any, caplog: pytest.LogCaptureFixture) -> None:
    name = f"ws-{time.time_ns()}"
    resting = trader.create_order("BTC/USD:BTC", "limit", "buy", 100, 1000.0, {"clientOrderId": name})
    soon(lambda: [row["orderID"] for row in watcher.open_orders(name)] == [resting["id"]])
    # The margin is a frame of its own, which the client's thread takes in after the order's.
    soon(lambda: watcher.funds()["initMargin"] > 0)
    trader.edit_order(resting["id"], "BTC/USD:BTC", "limit", "buy", 200, 1000.0)
    soon(lambda: [row["leavesQty"] for row in watcher.open_orders(name)] == [200])
    trader.cancel_order(resting["id"], "BTC/USD:BTC")
    soon(lambda: watcher.open_orders(name) == [])
    soon(lambda: watcher.funds()["initMargin"] == 0)

    def held() -> list[int]:
        return [row["currentQty"] for row in watcher.positions() if row["symbol"] == SYMBOL]

    trader.create_order("BTC/USD:BTC", "market", "buy", 100)
    soon(lambda: held() == [100])
    trader.close_position("BTC/USD:BTC", "sell")
    soon(lambda: held() == [0])
    soon(lambda: watcher.open_orders("") == [])
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_the_book_is_kept_while_it_moves(watcher: Any, trader: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Every change fits what is kept: an update or a deletion of a level it does not have would be logged."""

    def is_a_book() -> bool:
        # A copy, because the client's thread goes on; between two frames of one change the sides may still cross.
        rows = [*watcher.market_depth()]
        keys = [(row["side"], row["id"]) for row in rows]
        bids = [row["price"] for row in rows if row["side"] == "Buy"]
        asks = [row["price"] for row in rows if row["side"] == "Sell"]
        return len(keys) == len(set(keys)) and bool(bids and asks) and max(bids) < min(asks)

    time.sleep(3)
    soon(is_a_book)
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []
