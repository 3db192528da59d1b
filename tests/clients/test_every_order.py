"""Every order that ccxt 4.5.83 can send, and its life on the stream: what happens to it is told step by step.

The venue's prices are the operator's (`outcry index set`), so that triggers are reached when the test says so.  The
stream is read beside ccxt with a plain socket.
"""

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import ccxt
import pytest
from websockets.sync.client import ClientConnection, connect

from tests.venue import Venue, outcry

pytestmark = pytest.mark.venue

BTC, ETH, LINEAR = "BTC/USD:BTC", "ETH/USD:BTC", "SOL/USDT:USDT"
INDEX = {BTC: ".BXBT", ETH: ".BETH", LINEAR: ".BSOL"}
SOON_S = 60.0
SHARED = ("ordStatus", "triggered", "workingIndicator", "leavesQty", "cumQty", "price", "stopPx", "transactTime")
"""Columns of an execution that say how it has left its order."""
Row = dict[str, Any]
T = TypeVar("T")


class Life:
    """What the stream tells of an account's orders."""

    def __init__(self, line: ClientConnection) -> None:
        self.line = line
        self.executions: list[Row] = []
        self.orders: dict[str, list[Row]] = {}
        self.partials = 0

    def read(self, seconds: float) -> None:
        """Take in what comes within that time."""
        try:
            message = json.loads(self.line.recv(seconds))
        except TimeoutError:
            return
        self.partials += message.get("action") == "partial"
        if message.get("table") == "execution":
            self.executions += message["data"]
        elif message.get("table") == "order":
            for row in message["data"]:
                if message["action"] != "partial":
                    assert (message["action"] == "insert") == (row["orderID"] not in self.orders), row
                self.orders.setdefault(row["orderID"], []).append(row)

    def told(self, order: Row) -> list[str]:
        """What was executed of an order, in order."""
        return [row["execType"] for row in self.executions if row["orderID"] == order["id"]]

    def last(self, order: Row) -> Row:
        """Its row as it was told last."""
        return self.orders[order["id"]][-1]

    def until(self, order: Row, *wanted: str) -> Row:
        """Read until exactly this was executed of it; its row then."""
        until_s = time.monotonic() + SOON_S
        while self.told(order)[: len(wanted)] != list(wanted):
            assert time.monotonic() < until_s, (wanted, self.told(order), self.orders.get(order["id"]))
            self.read(0.5)
        # Orders are told after their executions.
        while not self.orders.get(order["id"]) or not self.is_told(order):
            assert time.monotonic() < until_s
            self.read(0.5)
        return self.last(order)

    def is_told(self, order: Row) -> bool:
        """Whether its row says what its last execution does."""
        last = [row for row in self.executions if row["orderID"] == order["id"]][-1]
        return all(self.last(order)[name] == last[name] for name in SHARED)


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Venue]:
    """One maker, nobody who takes, and prices that stand still."""
    running = Venue(tmp_path_factory.mktemp("orders") / "data", ["--profile", "test"])
    running.start()
    yield running
    if running.is_running():
        assert running.stop() == 0


@pytest.fixture(scope="module")
def exchange(quiet: Venue) -> Any:
    user = quiet.users[0]
    urls = {"api": {"public": quiet.url, "private": quiet.url}}
    made = ccxt.bitmex({"apiKey": user.key, "secret": user.secret, "urls": urls, "enableRateLimit": False})
    made.load_markets()
    for symbol in INDEX:
        soon(lambda symbol=symbol: made.fetch_ticker(symbol), lambda t: bool(t["bid"] and t["ask"]))  # type: ignore[misc]
    return made


def stream(venue: Venue) -> Any:
    user = venue.users[0]
    expires = int(time.time()) + 3_600
    signature = hmac.new(user.secret.encode(), f"GET/realtime{expires}".encode(), hashlib.sha256).hexdigest()
    headers = {"api-key": user.key, "api-expires": str(expires), "api-signature": signature}
    url = venue.url.replace("http", "ws") + "/realtime?subscribe=order,execution"
    return connect(url, additional_headers=headers)


@pytest.fixture
def life(quiet: Venue, exchange: Any) -> Iterator[Life]:
    with stream(quiet) as line:
        found = Life(line)
        while found.partials < 2:
            found.read(5)
        yield found
    for symbol in INDEX:
        exchange.cancel_all_orders(symbol)
    for position in exchange.fetch_positions():
        if position["contracts"]:
            exchange.close_position(position["symbol"], "sell" if position["side"] == "long" else "buy")


def soon(ask: Callable[[], T], wanted: Callable[[T], bool]) -> T:
    until_s = time.monotonic() + SOON_S
    while not wanted(answer := ask()):
        assert time.monotonic() < until_s, f"still {answer!r}"
        time.sleep(0.1)
    return answer


def move(venue: Venue, symbol: str, price: float) -> None:
    """The index, and with it the mark, goes there."""
    told = outcry("index", "set", INDEX[symbol], str(price), "--data", str(venue.data), "--json")
    assert told.returncode == 0, told.stderr


def mark(exchange: Any, symbol: str) -> float:
    return float(exchange.fetch_ticker(symbol)["info"]["markPrice"])


def rounded(exchange: Any, symbol: str, price: float) -> float:
    return float(exchange.price_to_precision(symbol, price))


def test_a_limit_order(exchange: Any, life: Life) -> None:
    order = exchange.create_order(BTC, "limit", "buy", 100, rounded(exchange, BTC, mark(exchange, BTC) * 0.9))
    row = life.until(order, "New")
    assert (row["ordStatus"], row["workingIndicator"], row["triggered"]) == ("New", True, None)
    exchange.edit_order(order["id"], BTC, "limit", "buy", 200, row["price"])
    assert life.until(order, "New", "Replaced")["orderQty"] == 200
    exchange.cancel_order(order["id"], BTC)
    row = life.until(order, "New", "Replaced", "Canceled")
    assert (row["ordStatus"], row["leavesQty"], row["workingIndicator"]) == ("Canceled", 0, False)


def test_a_market_order_and_a_closing_one(exchange: Any, life: Life) -> None:
    order = exchange.create_order(BTC, "market", "buy", 300)
    assert life.until(order, "New", "Trade")["ordStatus"] in ("Filled", "PartiallyFilled")
    closing = exchange.create_order(BTC, "market", "sell", 300, None, {"execInst": "Close"})
    assert (closing["status"], closing["reduceOnly"]) == ("closed", True)
    assert life.until(closing, "New", "Trade")["execInst"] == "Close"
    assert exchange.fetch_positions([BTC])[0]["contracts"] == 0


@pytest.mark.parametrize(
    ("params", "through", "told"),
    [
        ({"postOnly": True}, 0.98, ["New"]),
        ({"postOnly": True}, 1.02, ["Canceled"]),
        ({"timeInForce": "ImmediateOrCancel"}, 0.98, ["New", "Canceled"]),
        ({"timeInForce": "ImmediateOrCancel"}, 1.02, ["New", "Trade"]),
        ({"timeInForce": "FillOrKill"}, 0.98, ["New", "Canceled"]),
        ({"timeInForce": "FillOrKill"}, 1.02, ["New", "Trade"]),
        ({"timeInForce": "Day"}, 0.98, ["New"]),
        ({"displayQty": 100}, 0.98, ["New"]),
        ({"displayQty": 0}, 0.98, ["New"]),
    ],
    ids=str,
)
def test_what_a_limit_order_may_say(exchange: Any, life: Life, params: Row, through: float, told: list[str]) -> None:
    price = rounded(exchange, BTC, mark(exchange, BTC) * through)
    order = exchange.create_order(BTC, "limit", "buy", 500, price, dict(params))
    row = life.until(order, *told)
    if told == ["Canceled"]:
        # One that must not take is told once, as cancelled.
        assert [one["ordStatus"] for one in life.orders[order["id"]]] == ["Canceled"]
    for name, value in params.items():
        if name != "postOnly":
            assert row[name] == value
    if "displayQty" in params:
        shown = [level[1] for level in exchange.fetch_order_book(BTC)["bids"] if level[0] == price]
        assert shown == ([params["displayQty"]] if params["displayQty"] else [])


def test_reduce_only(exchange: Any, life: Life) -> None:
    with pytest.raises(ccxt.BaseError, match="current position is 0"):
        exchange.create_order(
            BTC, "limit", "sell", 100, rounded(exchange, BTC, mark(exchange, BTC) * 1.02), {"reduceOnly": True}
        )
    exchange.create_order(BTC, "market", "buy", 200)
    order = exchange.create_order(
        BTC, "limit", "sell", 200, rounded(exchange, BTC, mark(exchange, BTC) * 1.02), {"reduceOnly": True}
    )
    assert life.until(order, "New")["execInst"] == "ReduceOnly"
    part = exchange.create_order(BTC, "market", "sell", 100, None, {"reduceOnly": True})
    assert part["status"] == "closed"
    # What is left of the position is all that it may still sell.
    assert life.until(order, "New", "Replaced")["leavesQty"] == 100


TRIGGERED = ("New", "TriggeredOrActivatedBySystem")


def test_every_trigger_in_both_directions(quiet: Venue, exchange: Any, life: Life) -> None:
    """ccxt's eight: limit and market, buy and sell, above and below."""
    base = mark(exchange, ETH)
    wanted = {
        ("market", "buy", "above"): "Stop",
        ("market", "sell", "above"): "MarketIfTouched",
        ("limit", "buy", "above"): "StopLimit",
        ("limit", "sell", "above"): "LimitIfTouched",
        ("market", "buy", "below"): "MarketIfTouched",
        ("market", "sell", "below"): "Stop",
        ("limit", "buy", "below"): "LimitIfTouched",
        ("limit", "sell", "below"): "StopLimit",
    }
    placed: dict[tuple[str, str, str], Row] = {}
    for kind, side, direction in wanted:
        trigger = rounded(exchange, ETH, base * (1.01 if direction == "above" else 0.99))
        price = trigger if kind == "limit" else None
        params = {"triggerPrice": trigger, "triggerDirection": direction}
        # The venue takes ten orders a second of a user, and those of the test before count too.
        time.sleep(0.15)
        order = placed[kind, side, direction] = exchange.create_order(ETH, kind, side, 10, price, params)
        assert (order["status"], order["triggerPrice"]) == ("open", trigger)
        row = life.until(order, "New")
        assert row["ordType"] == wanted[kind, side, direction]
        assert (row["ordStatus"], row["workingIndicator"], row["triggered"]) == ("New", False, "")
        assert row["execInst"] == "MarkPrice"
    assert {row["id"] for row in exchange.fetch_open_orders(ETH)} == {one["id"] for one in placed.values()}
    move(quiet, ETH, round(base * 1.015, 2))
    for key, order in placed.items():
        if key[2] == "above":
            row = life.until(order, *TRIGGERED)
            assert row["triggered"] == "StopOrderTriggered"
            if key[0] == "market":
                assert life.until(order, *TRIGGERED, "Trade")["ordStatus"] in ("Filled", "PartiallyFilled")
    assert all(life.told(order) == ["New"] for key, order in placed.items() if key[2] == "below")
    move(quiet, ETH, round(base * 0.985, 2))
    for key, order in placed.items():
        if key[2] == "below":
            assert life.until(order, *TRIGGERED)["triggered"] == "StopOrderTriggered"


def test_a_stop_that_is_edited_and_cancelled(exchange: Any, life: Life) -> None:
    base = mark(exchange, BTC)
    params = {"triggerPrice": rounded(exchange, BTC, base * 0.9), "triggerDirection": "below"}
    order = exchange.create_order(BTC, "market", "sell", 100, None, params)
    life.until(order, "New")
    other = rounded(exchange, BTC, base * 0.85)
    exchange.edit_order(order["id"], BTC, "market", "sell", 200, None, {"stopPx": other})
    row = life.until(order, "New", "Replaced")
    assert (row["stopPx"], row["orderQty"], row["triggered"], row["workingIndicator"]) == (other, 200, "", False)
    exchange.cancel_order(order["id"], BTC)
    assert life.until(order, "New", "Replaced", "Canceled")["ordStatus"] == "Canceled"
    fetched = exchange.fetch_order(order["id"], BTC)
    assert (fetched["status"], fetched["triggerPrice"], fetched["type"]) == ("canceled", other, "stop")


def test_a_stop_whose_price_is_reached_already_goes_at_once(exchange: Any, life: Life) -> None:
    params = {"triggerPrice": rounded(exchange, BTC, mark(exchange, BTC) * 1.01), "triggerDirection": "below"}
    order = exchange.create_order(BTC, "market", "sell", 100, None, params)
    assert order["status"] == "closed"
    assert life.until(order, *TRIGGERED, "Trade")["ordStatus"] == "Filled"


@pytest.mark.parametrize("reference", ["LastPrice", "IndexPrice", "MarkPrice"])
def test_what_a_stop_looks_at(exchange: Any, life: Life, reference: str) -> None:
    trigger = rounded(exchange, BTC, mark(exchange, BTC) * 0.9)
    params = {"triggerPrice": trigger, "triggerDirection": "below", "execInst": reference}
    order = exchange.create_order(BTC, "market", "sell", 100, None, params)
    row = life.until(order, "New")
    assert (row["execInst"], row["workingIndicator"]) == (reference, False)


def test_a_trailing_stop_follows_and_goes(quiet: Venue, exchange: Any, life: Life) -> None:
    base = mark(exchange, LINEAR)
    away = rounded(exchange, LINEAR, base * 0.02)
    params = {"trailingAmount": away, "triggerDirection": "below"}
    order = exchange.create_order(LINEAR, "market", "sell", 1000, None, params)
    row = life.until(order, "New")
    assert (row["ordType"], row["pegPriceType"], row["pegOffsetValue"]) == ("Stop", "TrailingStopPeg", -away)
    assert row["stopPx"] == pytest.approx(base - away, rel=1e-3)
    move(quiet, LINEAR, round(base * 1.01, 2))
    higher = life.until(order, "New", "Replaced")
    assert row["stopPx"] < higher["stopPx"] <= base * 1.01 - away * 0.99
    move(quiet, LINEAR, round(base * 0.985, 2))
    until_s = time.monotonic() + SOON_S
    while "Trade" not in life.told(order):
        assert time.monotonic() < until_s, life.told(order)
        life.read(0.5)
    told = life.told(order)
    assert (told[0], set(told[1:-2]), told[-2:]) == ("New", {"Replaced"}, ["TriggeredOrActivatedBySystem", "Trade"])


def test_one_cancels_the_other(exchange: Any, life: Life) -> None:
    base, link = mark(exchange, BTC), f"oco-{time.time_ns()}"
    params = {"clOrdLinkID": link, "contingencyType": "OneCancelsTheOther"}
    low = exchange.create_order(BTC, "limit", "buy", 100, rounded(exchange, BTC, base * 0.95), dict(params))
    stop = {"triggerPrice": rounded(exchange, BTC, base * 1.1), "triggerDirection": "above", **params}
    high = exchange.create_order(BTC, "market", "buy", 100, None, stop)
    assert life.until(high, "New")["clOrdLinkID"] == link
    exchange.edit_order(low["id"], BTC, "limit", "buy", 100, rounded(exchange, BTC, base * 1.01))
    assert life.until(low, "New", "Replaced", "Trade")["ordStatus"] == "Filled"
    row = life.until(high, "New", "Canceled")
    assert "OneCancelsTheOther" in row["text"]


def test_one_triggers_the_other(exchange: Any, life: Life) -> None:
    base, link = mark(exchange, BTC), f"oto-{time.time_ns()}"
    params = {"clOrdLinkID": link, "contingencyType": "OneTriggersTheOther"}
    primary = exchange.create_order(BTC, "limit", "buy", 100, rounded(exchange, BTC, base * 0.95), dict(params))
    child = exchange.create_order(BTC, "limit", "sell", 100, rounded(exchange, BTC, base * 1.03), dict(params))
    assert life.until(primary, "New")["workingIndicator"] is True
    assert life.until(child, "New")["workingIndicator"] is False
    exchange.edit_order(primary["id"], BTC, "limit", "buy", 100, rounded(exchange, BTC, base * 1.01))
    life.until(primary, "New", "Replaced", "Trade")
    row = life.until(child, *TRIGGERED)
    assert (row["workingIndicator"], row["ordStatus"], row["triggered"]) == (True, "New", None)


def test_a_peg(exchange: Any, life: Life) -> None:
    params = {"pegPriceType": "PrimaryPeg", "pegOffsetValue": -5, "execInst": "Fixed"}
    order = exchange.create_order(BTC, "pegged", "buy", 100, None, params)
    row = life.until(order, "New")
    assert (row["ordType"], row["pegPriceType"], row["workingIndicator"]) == ("Pegged", "PrimaryPeg", True)
    assert row["price"] < exchange.fetch_ticker(BTC)["bid"]


def test_what_is_not_taken_says_why(exchange: Any, life: Life) -> None:
    price = rounded(exchange, BTC, mark(exchange, BTC) * 0.9)
    with pytest.raises(ccxt.BadRequest, match="AllOrNone is not taken"):
        exchange.create_order(BTC, "limit", "buy", 100, price, {"execInst": "AllOrNone"})
    with pytest.raises(ccxt.BadRequest, match="ended on 16 December 2019"):
        exchange.create_order(BTC, "pegged", "buy", 100, None, {"pegPriceType": "LastPeg", "pegOffsetValue": 1})
    with pytest.raises(ccxt.BaseError, match="Invalid stopPx for ordType"):
        exchange.create_order(BTC, "Stop", "buy", 100)
    assert exchange.fetch_open_orders(BTC) == []


@pytest.mark.slow
def test_a_restart_changes_nothing_of_what_was_told(quiet: Venue, exchange: Any, life: Life) -> None:
    trigger = rounded(exchange, BTC, mark(exchange, BTC) * 0.9)
    waiting = exchange.create_order(
        BTC, "limit", "sell", 100, trigger, {"triggerPrice": trigger, "triggerDirection": "below"}
    )
    hidden = exchange.create_order(BTC, "limit", "buy", 100, trigger, {"displayQty": 0, "selfTrade": "ExpireBoth"})
    reached = {"triggerPrice": rounded(exchange, BTC, mark(exchange, BTC) * 1.01), "triggerDirection": "below"}
    gone = exchange.create_order(BTC, "market", "sell", 100, None, reached)
    life.until(gone, *TRIGGERED, "Trade")
    asked = {
        "count": 500,
        "reverse": True,
        "filter": json.dumps({"orderID": [one["id"] for one in (waiting, hidden, gone)]}),
    }
    orders, executions = exchange.private_get_order(asked), exchange.private_get_execution(asked)
    assert [row["orderID"] for row in orders] == [gone["id"], hidden["id"], waiting["id"]]
    assert quiet.stop() == 0
    quiet.start()
    assert exchange.private_get_order(asked) == orders
    assert exchange.private_get_execution(asked) == executions
    wanted = {**asked, "filter": json.dumps({"execType": "TriggeredOrActivatedBySystem", "orderID": gone["id"]})}
    assert len(exchange.private_get_execution(wanted)) == 1
    assert [row["id"] for row in exchange.fetch_open_orders(BTC)] == [waiting["id"], hidden["id"]]
    soon(lambda: exchange.fetch_ticker(BTC), lambda ticker: bool(ticker["bid"] and ticker["ask"]))
