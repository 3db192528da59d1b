"""Risk as users' own programs see it: ccxt and bitmex-ws against a venue whose prices the operator moves.

ccxt chooses a risk limit and leverage, buys, and is liquidated; bitmex-ws, subscribed to the risk tables too, keeps
what it is told without a word in its log; both say what the wallet's history says.
"""

import logging
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import ccxt
import pytest
from bitmex_websocket import BitMEXWebsocket

from tests.venue import DemoUser, Venue, outcry

pytestmark = pytest.mark.venue

SYMBOL = "BTC/USD:BTC"
SOON_S = 60.0
QUANTITY = 10_000
T = TypeVar("T")


@pytest.fixture(scope="module")
def operated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Venue]:
    """A venue of its own, because it is not the same afterwards."""
    running = Venue(tmp_path_factory.mktemp("operated") / "data", ["--profile", "test", "--seed", "3"])
    running.start()
    yield running
    if running.is_running():
        assert running.stop() == 0


def exchange_of(venue: Venue, user: DemoUser) -> Any:
    urls = {"api": {"public": venue.url, "private": venue.url}}
    made = ccxt.bitmex({"apiKey": user.key, "secret": user.secret, "urls": urls, "enableRateLimit": False})
    made.load_markets()
    return made


def soon(ask: Callable[[], T], wanted: Callable[[T], bool]) -> T:
    until_s = time.monotonic() + SOON_S
    while True:
        answer = ask()
        if wanted(answer):
            return answer
        assert time.monotonic() < until_s, f"still {answer!r} after {SOON_S} s"
        time.sleep(0.1)


def set_index(venue: Venue, price: float) -> None:
    done = outcry("index", "set", ".BXBT", f"{price:.2f}", "--data", str(venue.data))
    assert done.returncode == 0, done.stderr


@pytest.fixture
def watcher(operated: Venue, caplog: pytest.LogCaptureFixture) -> Iterator[Any]:
    user = operated.users[0]
    endpoint = operated.url.replace("http", "ws") + "/realtime"
    made = BitMEXWebsocket(endpoint=endpoint, symbol="XBTUSD", api_key=user.key, api_secret=user.secret)
    made._BitMEXWebsocket__send_command("subscribe", ["funding:XBTUSD", "liquidation:XBTUSD", "insurance", "wallet"])
    soon(lambda: set(made.data), lambda told: told >= {"funding", "liquidation", "insurance", "wallet"})
    yield made
    made.exit()


def test_a_risk_limit_over_ccxt(operated: Venue) -> None:
    exchange = exchange_of(operated, operated.users[1])
    terms = exchange.market(SYMBOL)["info"]
    base, step = int(terms["riskLimit"]), int(terms["riskStep"])
    row = exchange.private_post_position_risklimit({"symbol": "XBTUSD", "riskLimit": base + 2 * step})
    assert int(row["riskLimit"]) == base + 2 * step
    assert float(row["maintMarginReq"]) == 3 * float(terms["maintMargin"])
    with pytest.raises(ccxt.BadRequest, match="Invalid riskLimit"):
        exchange.private_post_position_risklimit({"symbol": "XBTUSD", "riskLimit": base + 1})
    row = exchange.private_post_position_risklimit({"symbol": "XBTUSD", "riskLimit": base})
    assert int(row["riskLimit"]) == base


def test_fundings_over_ccxt(operated: Venue) -> None:
    exchange = exchange_of(operated, operated.users[1])
    rates = exchange.fetch_funding_rates()[SYMBOL]
    assert isinstance(rates["fundingRate"], float)
    assert rates["fundingTimestamp"] > time.time() * 1000
    assert isinstance(exchange.fetch_funding_rate_history(SYMBOL), list)


def test_a_liquidation_over_ccxt_and_bitmex_ws(operated: Venue, watcher: Any, caplog: pytest.LogCaptureFixture) -> None:
    exchange = exchange_of(operated, operated.users[0])
    soon(lambda: exchange.fetch_ticker(SYMBOL), lambda told: bool(told["ask"]))
    exchange.set_leverage(100, SYMBOL)
    exchange.create_order(SYMBOL, "market", "buy", QUANTITY)
    (position,) = exchange.fetch_positions([SYMBOL])
    liquidation, bankrupt = position["liquidationPrice"], float(position["info"]["bankruptPrice"])
    margin = int(position["info"]["posMargin"])
    assert 0.98 * position["entryPrice"] < liquidation < position["entryPrice"]
    shown = soon(
        lambda: [row for row in watcher.positions() if row["symbol"] == "XBTUSD"],
        lambda rows: bool(rows) and rows[0]["currentQty"] == QUANTITY,
    )
    assert shown[0]["liquidationPrice"] == liquidation
    before = exchange.fetch_balance()["BTC"]["total"]

    set_index(operated, liquidation * 0.999)
    soon(lambda: exchange.fetch_positions([SYMBOL])[0]["contracts"], lambda left: left == 0)
    trade = exchange.fetch_my_trades(SYMBOL)[-1]
    assert (trade["info"]["text"], trade["side"], trade["amount"]) == ("Liquidation", "sell", QUANTITY)
    assert trade["price"] == bankrupt
    assert exchange.fetch_order(trade["order"], SYMBOL)["status"] == "closed"

    # The same over the socket, and the wallet's history is the wallet.
    soon(lambda: [row["currentQty"] for row in watcher.positions() if row["symbol"] == "XBTUSD"], lambda q: q == [0])
    executions = soon(lambda: watcher.data["execution"], lambda rows: any(row["text"] == "Liquidation" for row in rows))
    told = [row for row in executions if row["execType"] == "Trade"][-1]
    assert (told["execID"], told["orderID"]) == (trade["info"]["execID"], trade["order"])
    wallet = exchange.private_get_user_wallet({"currency": "XBt"})
    history = exchange.private_get_user_wallethistory({"currency": "XBt"})
    assert int(wallet["amount"]) == sum(int(row["amount"]) for row in history) == int(history[0]["walletBalance"])
    soon(
        lambda: [row["amount"] for row in watcher.data["wallet"] if row["currency"] == "XBt"],
        lambda amounts: amounts == [int(wallet["amount"])],
    )
    after = exchange.fetch_balance()["BTC"]["total"]
    assert before - after >= 0.7 * margin / 1e8

    # What was taken over is bought by the maker sooner or later, and the fund has what that brought.
    soon(lambda: exchange.fetch_liquidations(SYMBOL), lambda rows: rows == [])
    soon(lambda: watcher.data["liquidation"], lambda rows: rows == [])
    fund = exchange.public_get_insurance({"filter": '{"currency":"XBt"}', "reverse": "true", "count": 1})[0]
    soon(
        lambda: [row for row in watcher.data["insurance"] if row["currency"] == "XBt"][-1]["walletBalance"],
        lambda balance: balance == int(fund["walletBalance"]),
    )
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []
