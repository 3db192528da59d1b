"""A venue whose prices are the operator's: a position at 100x is opened with ccxt and liquidated.

All accounts of it have to agree: REST, WebSocket, wallet, insurance fund, and what `outcry explain` says.
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

from tests.venue import DemoUser, Venue, outcry

pytestmark = pytest.mark.venue

SYMBOL, RAW = "BTC/USD:BTC", "XBTUSD"
CONTRACTS = 1_000
SOON_S = 60.0
TOPICS = "position,execution,wallet,transact,liquidation,insurance,margin"
T = TypeVar("T")


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Venue]:
    """The test profile: one maker, nobody who takes, and prices that stand still."""
    running = Venue(tmp_path_factory.mktemp("quiet") / "data", ["--profile", "test"])
    running.start()
    yield running
    if running.is_running():
        assert running.stop() == 0


def client(venue: Venue, place: int) -> Any:
    user = venue.users[place]
    urls = {"api": {"public": venue.url, "private": venue.url}}
    made = ccxt.bitmex({"apiKey": user.key, "secret": user.secret, "urls": urls, "enableRateLimit": False})
    made.load_markets()
    return made


def stream(venue: Venue, user: DemoUser) -> ClientConnection:
    expires = int(time.time()) + 3_600
    signature = hmac.new(user.secret.encode(), f"GET/realtime{expires}".encode(), hashlib.sha256).hexdigest()
    headers = {"api-key": user.key, "api-expires": str(expires), "api-signature": signature}
    return connect(venue.url.replace("http", "ws") + f"/realtime?subscribe={TOPICS}", additional_headers=headers)


def soon(ask: Callable[[], T], wanted: Callable[[T], bool]) -> T:
    until_s = time.monotonic() + SOON_S
    while not wanted(answer := ask()):
        assert time.monotonic() < until_s, f"still {answer!r}"
        time.sleep(0.1)
    return answer


def index(venue: Venue, *arguments: str) -> Any:
    told = outcry("index", *arguments, "--data", str(venue.data), "--json")
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)


def value(told: dict[str, Any], name: str) -> Any:
    return next(term for term in told["terms"] if term["name"] == name)


def explain(venue: Venue, *arguments: str) -> Any:
    told = outcry("explain", *arguments, "--data", str(venue.data), "--json")
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)


def received(line: ClientConnection, seconds: float = 1.0) -> list[dict[str, Any]]:
    """What the stream has to say until it is silent for a while."""
    found: list[dict[str, Any]] = []
    try:
        while True:
            found.append(json.loads(line.recv(seconds)))
    except TimeoutError:
        return found


def rows_of(messages: list[dict[str, Any]], table: str) -> list[dict[str, Any]]:
    return [row for one in messages if one.get("table") == table for row in one["data"]]


def test_the_operator_moves_an_index_and_a_source_alone_may_be_believed_or_not(quiet: Venue) -> None:
    (told,) = index(quiet, "show", ".BETH")
    assert [part["title"] for part in told["parts"]] == ["alpha", "beta", "gamma", "delta"]
    (told,) = index(quiet, "set", ".BETH", "2400")
    # Further than the tolerance allows in one jump: it went there in steps, and every source is believed.
    assert (value(told, "value_units")["text"], value(told, "active")["value"]) == ("2400.00", 4)
    (told,) = index(quiet, "set", ".BETH", "1200", "--source", "delta")
    assert value(told, "value_units")["text"] == "2400.00"
    states = {part["title"]: value(part, "state")["text"] for part in told["parts"]}
    assert states == dict.fromkeys(("alpha", "beta", "gamma"), "SOURCE_ACTIVE") | {"delta": "SOURCE_EXCLUDED"}
    wrong = outcry("index", "set", ".BETH", "2400", "--source", "omega", "--data", str(quiet.data))
    assert (wrong.returncode, "omega" in wrong.stderr) == (1, True)


def test_one_is_liquidated_and_everything_agrees_about_it(quiet: Venue) -> None:
    exchange = client(quiet, 0)
    soon(lambda: exchange.fetch_ticker(SYMBOL), lambda ticker: bool(ticker["bid"] and ticker["ask"]))
    start = int(exchange.fetch_balance()["info"][0]["walletBalance"])
    with stream(quiet, quiet.users[0]) as line:
        exchange.set_leverage(100, SYMBOL)
        assert exchange.create_order(SYMBOL, "market", "buy", CONTRACTS)["status"] == "closed"
        (held,) = exchange.private_get_position({"filter": json.dumps({"symbol": RAW})})
        assert (held["currentQty"], held["crossMargin"]) == (CONTRACTS, False)
        liquidation_price = float(held["liquidationPrice"])
        assert 59_000 < float(held["bankruptPrice"]) < liquidation_price < 60_000
        (before,) = (one for one in explain(quiet, "margin", "--account", "alice", "--currency", "XBt"))
        part = before["parts"][0]
        assert value(part, "margin_minor")["value"] == held["posMargin"]
        assert value(part, "maintenance_minor")["value"] == held["posMaint"]
        # Just above the price at which it fails nothing happens, and below it is gone.
        index(quiet, "set", ".BXBT", f"{liquidation_price + 20:.2f}")
        assert position(exchange)["currentQty"] == CONTRACTS
        index(quiet, "set", ".BXBT", "58000")
        soon(lambda: position(exchange), lambda row: row["currentQty"] == 0)
        messages = received(line)

    (told,) = explain(quiet, "liquidation", "--account", "alice")
    assert all(check["holds"] for one in (told, *told["parts"]) for check in one["checks"])
    realised, reserve = value(told, "realised_minor")["value"], value(told, "reserve_minor")["value"]
    assert 0 < value(told, "prevented_by_minor")["value"] < -realised * 10
    # The wallet: REST, WebSocket and the explanation know one balance; the owner has lost his own margin and no more.
    balance = value(told, "balance_minor")["value"]
    assert int(exchange.fetch_balance()["info"][0]["walletBalance"]) == balance < start
    assert rows_of(messages, "margin")[-1]["walletBalance"] == balance
    assert realised < 0 <= reserve
    history = exchange.private_get_user_wallethistory({"currency": "XBt", "reverse": True})
    assert int(history[0]["walletBalance"]) == balance
    # While it was not closed the takeover stood in public.
    shown = rows_of(messages, "liquidation")
    assert {row["symbol"] for row in shown} == {RAW}
    assert exchange.public_get_liquidation({"symbol": RAW}) == []
    # The position and its closing execution.
    last = [row for row in rows_of(messages, "position") if row["symbol"] == RAW][-1]
    assert last["currentQty"] == 0
    closing = [row for row in rows_of(messages, "execution") if row.get("text") == "Liquidation"]
    executions = exchange.private_get_execution_tradehistory({"reverse": True, "symbol": RAW})
    assert [row["execID"] for row in closing][-1:] == [executions[0]["execID"]]
    assert executions[0]["side"] == "Sell"
    # The insurance fund got what was left of his margin, and says so in both places.
    funds = {row["currency"]: int(row["walletBalance"]) for row in exchange.public_get_insurance({"reverse": True})}
    assert funds["XBt"] > 10 * 10**8
    assert {row["currency"]: row["walletBalance"] for row in rows_of(messages, "insurance")}["XBt"] == funds["XBt"]
    # REST explains the same to its owner, and to nobody else.
    assert explained(exchange) == told
    with pytest.raises(ccxt.BaseError):
        explained(client(quiet, 1))


def position(exchange: Any) -> Any:
    return exchange.private_get_position({"filter": json.dumps({"symbol": RAW})})[0]


def explained(exchange: Any) -> Any:
    """What REST says of the account's liquidations."""
    exchange.urls["api"]["ours"] = exchange.urls["api"]["private"]
    path = "/outcry/v1/explain/liquidation"
    expires = str(int(time.time()) + 60)
    signature = hmac.new(exchange.secret.encode(), f"GET{path}{expires}".encode(), hashlib.sha256).hexdigest()
    headers = {"api-key": exchange.apiKey, "api-expires": expires, "api-signature": signature}
    (told,) = exchange.fetch(exchange.urls["api"]["private"] + path, "GET", headers)
    return told
