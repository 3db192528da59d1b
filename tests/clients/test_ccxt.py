"""ccxt 4.5.83 against a running venue: the calls that its users make, by a program that none of us wrote.

The first test is the plan for ccxt in the reference (its stop and trailing lines come with those order types).  The
others look at the shapes and values that ccxt derives from our rows.
"""

import json
import time
from collections.abc import Callable
from typing import Any, TypeVar

import ccxt
import pytest

from tests.venue import Venue, outcry

pytestmark = pytest.mark.venue

SYMBOL = "BTC/USD:BTC"
LINEAR = "BTC/USDT:USDT"
T = TypeVar("T")


@pytest.fixture(scope="module")
def exchange(venue: Venue) -> Any:
    return exchange_of(venue, 0)


def exchange_of(venue: Venue, place: int) -> Any:
    user = venue.users[place]
    urls = {"api": {"public": venue.url, "private": venue.url}}
    made = ccxt.bitmex({"apiKey": user.key, "secret": user.secret, "urls": urls})
    made.load_markets()
    return made


def soon(ask: Callable[[], T], wanted: Callable[[T], bool], seconds: float = 60) -> T:
    """Ask until the answer is as wanted: the makers need a moment after `ready`."""
    until_s = time.monotonic() + seconds
    while True:
        answer = ask()
        if wanted(answer):
            return answer
        assert time.monotonic() < until_s, f"still {answer!r} after {seconds} s"
        time.sleep(0.5)


@pytest.fixture(scope="module")
def quoted(exchange: Any) -> Any:
    return soon(lambda: exchange.fetch_ticker(SYMBOL), lambda t: bool(t["bid"] and t["ask"] and t["last"]))


def test_the_plan(exchange: Any, quoted: Any) -> None:
    assert exchange.fetch_balance()["BTC"]["total"] > 0
    price = exchange.fetch_ticker(SYMBOL)["bid"] * 0.9
    name = f"t-{time.time_ns()}"
    order = exchange.create_order(SYMBOL, "limit", "buy", 100, price, {"postOnly": True, "clientOrderId": name})
    assert (order["status"], order["clientOrderId"], order["postOnly"]) == ("open", name, True)
    edited = exchange.edit_order(order["id"], SYMBOL, "limit", "buy", 200, order["price"])
    assert edited["id"] == order["id"]
    assert [row["id"] for row in exchange.fetch_open_orders(SYMBOL)] == [order["id"]]
    assert exchange.cancel_order(order["id"], SYMBOL)["status"] == "canceled"

    taken = exchange.create_order(SYMBOL, "market", "buy", 100)
    assert taken["status"] == "closed"
    fills = exchange.fetch_my_trades(SYMBOL)
    assert fills[-1]["order"] == taken["id"]
    position = exchange.fetch_positions([SYMBOL])[0]
    assert (position["side"], position["contracts"]) == ("long", 100)
    exchange.close_position(SYMBOL, "sell")
    assert exchange.fetch_positions([SYMBOL])[0]["contracts"] == 0
    exchange.cancel_all_orders(SYMBOL)
    assert exchange.fetch_open_orders(SYMBOL) == []
    assert len(exchange.fetch_ohlcv(SYMBOL, "1m", limit=5)) >= 1
    exchange.set_leverage(5, SYMBOL)
    exchange.set_margin_mode("cross", SYMBOL)


def test_what_must_be_refused_is_refused(exchange: Any, quoted: Any) -> None:
    before = exchange.fetch_balance()["info"]
    with pytest.raises(ccxt.BaseError) as huge:
        exchange.create_order(SYMBOL, "limit", "buy", 10**9, 1000.0)
    assert isinstance(huge.value, ccxt.InsufficientFunds | ccxt.ExchangeError)
    off_tick = {"symbol": "XBTUSD", "side": "Buy", "orderQty": 100, "price": 1000.01}
    with pytest.raises(ccxt.BaseError, match="tickSize"):
        exchange.private_post_order(off_tick)
    with pytest.raises(ccxt.BaseError, match="lot size"):
        exchange.private_post_order({"symbol": "XBTUSD", "side": "Buy", "orderQty": 150, "price": 1000})
    with pytest.raises(ccxt.BaseError):
        exchange.private_post_order({"symbol": "NOSUCH", "side": "Buy", "orderQty": 100, "price": 1000})
    assert exchange.fetch_open_orders(SYMBOL) == []
    assert balances(exchange.fetch_balance()["info"]) == balances(before)


def balances(rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(row["currency"], row["walletBalance"]) for row in rows]


def test_a_client_id_acts_once(exchange: Any, quoted: Any) -> None:
    name = f"once-{time.time_ns()}"
    order = exchange.create_order(SYMBOL, "limit", "buy", 100, 1000.0, {"clientOrderId": name})
    with pytest.raises(ccxt.InvalidOrder):
        exchange.create_order(SYMBOL, "limit", "buy", 100, 1000.0, {"clientOrderId": name})
    assert exchange.cancel_order(order["id"], SYMBOL)["status"] == "canceled"
    with pytest.raises(ccxt.InvalidOrder):
        exchange.create_order(SYMBOL, "limit", "buy", 100, 1000.0, {"clientOrderId": name})


def test_strangers_are_turned_away(venue: Venue) -> None:
    user = venue.users[0]
    urls = {"api": {"public": venue.url, "private": venue.url}}
    wrong = ccxt.bitmex({"apiKey": user.key, "secret": "wrong", "urls": urls})
    with pytest.raises(ccxt.AuthenticationError):
        wrong.fetch_balance()
    unknown = ccxt.bitmex({"apiKey": "nobody", "secret": user.secret, "urls": urls})
    with pytest.raises(ccxt.AuthenticationError):
        unknown.fetch_balance()


def test_markets(exchange: Any) -> None:
    markets = {market["id"]: market for market in exchange.fetch_markets()}
    inverse, quanto, linear = markets["XBTUSD"], markets["ETHUSD"], markets["XBTUSDT"]
    assert (inverse["symbol"], inverse["inverse"], inverse["settle"]) == (SYMBOL, True, "BTC")
    assert (quanto["symbol"], quanto["settle"]) == ("ETH/USD:BTC", "BTC")
    assert (linear["symbol"], linear["linear"], linear["contractSize"]) == (LINEAR, True, 1e-6)
    assert inverse["precision"]["price"] == 0.1
    assert inverse["precision"]["amount"] == 100
    assert inverse["limits"]["leverage"]["max"] == 250
    assert {"ETHUSDT", "SOLUSDT", "DOGEUSDT"} <= markets.keys()


def test_tickers_and_books(exchange: Any, quoted: Any) -> None:
    tickers = exchange.fetch_tickers()
    assert tickers[SYMBOL]["bid"] < tickers[SYMBOL]["ask"]
    book = exchange.fetch_order_book(SYMBOL)
    assert len(book["bids"]) >= 5
    assert len(book["asks"]) >= 5
    assert book["bids"] == sorted(book["bids"], reverse=True)
    assert book["asks"] == sorted(book["asks"])
    assert book["bids"][0][0] < book["asks"][0][0]
    assert len(exchange.fetch_order_book(SYMBOL, 1)["bids"]) == 1


def test_public_trades_and_funding(exchange: Any, quoted: Any) -> None:
    trades = exchange.fetch_trades(SYMBOL, limit=5)
    assert trades
    assert all(trade["price"] > 0 and trade["side"] in ("buy", "sell") for trade in trades)
    rates = exchange.fetch_funding_rates()
    assert isinstance(rates[SYMBOL]["fundingRate"], float)


def test_the_index_and_the_mark_move(exchange: Any, quoted: Any) -> None:
    first = exchange.fetch_ticker(SYMBOL)["info"]["markPrice"]
    soon(lambda: exchange.fetch_ticker(SYMBOL)["info"]["markPrice"], lambda mark: mark != first)


def test_an_order_from_birth_to_history(exchange: Any, quoted: Any) -> None:
    placed = exchange.create_order(LINEAR, "limit", "sell", 1000, round(quoted["ask"] * 1.05), {"postOnly": True})
    fetched = exchange.fetch_order(placed["id"], LINEAR)
    assert (fetched["status"], fetched["side"], fetched["filled"]) == ("open", "sell", 0)
    exchange.cancel_order(placed["id"], LINEAR)
    with pytest.raises(ccxt.OrderNotFound):
        exchange.cancel_order(placed["id"], LINEAR)
    taken = exchange.create_order(LINEAR, "market", "sell", 1000)
    closed = {order["id"]: order for order in exchange.fetch_closed_orders(LINEAR)}
    assert closed[taken["id"]]["filled"] == 1000
    fill = exchange.fetch_my_trades(LINEAR)[-1]
    assert (fill["side"], fill["amount"], fill["takerOrMaker"]) == ("sell", 1000, "taker")
    assert fill["fee"]["currency"] == "USDT"
    assert fill["fee"]["cost"] > 0
    position = exchange.fetch_positions([LINEAR])[0]
    assert (position["side"], position["contracts"], position["marginMode"]) == ("short", 1000, "cross")
    assert position["entryPrice"] == pytest.approx(fill["price"])
    # 1,000 contracts are a thousandth of a bitcoin.
    assert abs(position["notional"]) == pytest.approx(float(position["info"]["markPrice"]) / 1000, rel=1e-3)
    exchange.close_position(LINEAR, "buy")
    assert exchange.fetch_positions([LINEAR])[0]["contracts"] == 0


def test_post_only_and_immediate(exchange: Any, quoted: Any) -> None:
    crossing = quoted["ask"] * 1.02
    name = {"postOnly": True}
    assert exchange.create_order(SYMBOL, "limit", "buy", 100, crossing, name)["status"] == "canceled"
    away = exchange.create_order(SYMBOL, "limit", "buy", 100, 1000.0, {"timeInForce": "ImmediateOrCancel"})
    assert away["status"] == "canceled"
    assert exchange.fetch_open_orders(SYMBOL) == []


def test_margin_mode(exchange: Any) -> None:
    exchange.set_margin_mode("isolated", "ETH/USD:BTC")
    exchange.set_margin_mode("cross", "ETH/USD:BTC")


def test_balance_shapes(exchange: Any) -> None:
    balance = exchange.fetch_balance()
    for code in ("BTC", "USDT"):
        assert balance[code]["total"] >= balance[code]["free"] > 0


def test_two_users_are_two_accounts(venue: Venue, exchange: Any) -> None:
    other = exchange_of(venue, 1)
    mine = exchange.create_order(SYMBOL, "limit", "buy", 100, 1000.0)
    with pytest.raises(ccxt.BaseError):
        other.cancel_order(mine["id"], SYMBOL)
    assert exchange.cancel_order(mine["id"], SYMBOL)["status"] == "canceled"
    assert other.fetch_balance()["info"][0]["account"] != exchange.fetch_balance()["info"][0]["account"]


def test_the_page_and_the_books(venue: Venue, exchange: Any) -> None:
    now = exchange.fetch(f"{venue.url}/page/now.json")
    assert {"XBTUSD", ".BXBT", "DOGEUSDT"} <= {row["symbol"] for row in now["instruments"]}
    law = exchange.fetch(f"{venue.url}/outcry/v1/law")
    assert law["adds_up"]
    assert {row["currency"] for row in law["currencies"]} == {"XBt", "USDt"}
    assert all(row["quantity"] == 0 for row in law["instruments"])


def test_the_dead_man_switch_cancels_what_is_open(venue: Venue, quoted: Any) -> None:
    exchange = exchange_of(venue, 1)
    exchange.create_order(SYMBOL, "limit", "buy", 100, 1000.0)
    # ccxt divides by 1,000 what the wire wants in milliseconds.
    told = exchange.cancel_all_orders_after(60_000 * 1000)
    assert told["cancelTime"] > told["now"]
    assert len(exchange.fetch_open_orders(SYMBOL)) == 1
    exchange.cancel_all_orders_after(1000)
    soon(lambda: exchange.fetch_open_orders(SYMBOL), lambda rows: rows == [])
    closed = exchange.fetch_closed_orders(SYMBOL)[-1]
    assert closed["status"] == "canceled"


def test_money_is_moved_to_a_sub_account_of_ones_own_and_to_no_other(venue: Venue) -> None:
    exchange = exchange_of(venue, 1)
    name = f"sub-{time.time_ns()}"
    owner = venue.users[1].name
    assert outcry("user", "subaccount", owner, name, "--data", str(venue.data)).returncode == 0
    shown = json.loads(outcry("key", "add", name, "--data", str(venue.data), "--json").stdout)
    accounts = exchange.private_get_user_getwallettransferaccounts()
    number = next(row["accountId"] for row in accounts if row["accountName"] == name)
    asked = {"currency": "XBt", "amount": 12_345, "targetAccountId": number}
    assert exchange.private_post_user_wallettransfer(asked)["transactStatus"] == "Completed"
    sub = ccxt.bitmex({"apiKey": shown["key"], "secret": shown["secret"], "urls": exchange.urls})
    sub.load_markets()
    assert sub.fetch_balance()["BTC"]["total"] == 0.00012345
    with pytest.raises(ccxt.PermissionDenied):
        exchange_of(venue, 0).private_post_user_wallettransfer(asked)
