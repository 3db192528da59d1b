"""A venue that has halted itself: doors that command say so in BitMEX's words, doors that read read on."""

from typing import Any

import pytest

from outcry.protocol.layout import EventKind
from tests.gateway.streams import StreamClient
from tests.gateway.venues import Caller, Venue

HALTED = (503, "Service unavailable: the venue has halted.")
ORDER = {"symbol": "XBTUSD", "side": "Buy", "orderQty": 100, "price": 50_000}


@pytest.fixture
def resting(venue: Venue) -> str:
    """The id of an order that rests when the venue halts."""
    return str(venue.alice.order("Buy", 100, 50_000)["orderID"])


def halt(venue: Venue) -> None:
    """A position in memory is half a lot too large: the engine halts at the next command that trades it."""
    venue.bob.order("Sell", 200, 60_000)
    venue.alice.order("Buy", 100, 60_000)
    venue.world.position(venue.alice.account).quantity += 50
    assert venue.alice.refused("POST", "/order", {**ORDER, "price": 60_000}) == HALTED
    assert venue.world.told[-1].head.kind == EventKind.HALTED
    assert venue.world.engine.halted


@pytest.fixture
def halted(venue: Venue, resting: str) -> Venue:
    halt(venue)
    return venue


def wallets(venue: Venue) -> bytes:
    return bytes(venue.world.engine.tables.wallets)


COMMANDS: list[tuple[str, str, Any]] = [
    ("POST", "/order", ORDER),
    ("PUT", "/order", {"orderID": "RESTING", "price": 49_000}),
    ("DELETE", "/order/all", {}),
    ("POST", "/order/cancelAllAfter", {"timeout": 60_000}),
    ("POST", "/order/closePosition", {"symbol": "XBTUSD"}),
    ("POST", "/position/leverage", {"symbol": "XBTUSD", "leverage": 5}),
    ("POST", "/position/isolate", {"symbol": "XBTUSD", "enabled": True}),
    ("POST", "/position/riskLimit", {"symbol": "XBTUSD", "riskLimit": 35_000_000_000}),
    ("POST", "/position/transferMargin", {"symbol": "XBTUSD", "amount": 1_000}),
    ("DELETE", "/order", {"orderID": "RESTING"}),
    ("POST", "/order/bulk", {"orders": [ORDER, ORDER]}),
    ("PUT", "/order/bulk", {"orders": [{"orderID": "RESTING", "price": 49_000}]}),
]


@pytest.mark.parametrize(("verb", "path", "asked"), COMMANDS, ids=[f"{verb} {path}" for verb, path, _ in COMMANDS])
def test_every_command_is_refused(halted: Venue, resting: str, verb: str, path: str, asked: Any) -> None:
    asked = {name: resting if value == "RESTING" else value for name, value in asked.items()}
    if "orders" in asked:
        asked["orders"] = [
            {name: resting if value == "RESTING" else value for name, value in one.items()} for one in asked["orders"]
        ]
    before = wallets(halted)
    answer = halted.alice.ask(verb, path, asked)
    assert (answer.status_code, answer.json()["error"]["message"]) == HALTED, answer.text
    assert wallets(halted) == before


def test_money_does_not_move(venue: Venue) -> None:
    sub = venue.member("alice-hedge")
    venue.people.owners[sub.key.user.id] = venue.alice.key.user.id
    halt(venue)
    asked = {"currency": "XBt", "amount": 1, "targetAccountId": sub.account}
    assert venue.alice.refused("POST", "/user/walletTransfer", asked) == HALTED


def test_who_has_no_account_yet_gets_none(halted: Venue) -> None:
    key = halted.people.add("carol")
    assert Caller(halted, key, 0).refused("GET", "/position") == HALTED


def test_the_stream_says_that_everything_is_closed(venue: Venue) -> None:
    client = StreamClient(venue)
    client.subscribe("instrument")
    assert {row["state"] for row in client.rows("instrument")} == {"Open", "Unlisted"}
    halt(venue)
    venue.app.stream.flush()
    client.news()
    assert {row["state"] for row in client.rows("instrument")} == {"Closed", "Unlisted"}
    assert {row["state"] for row in venue.get("/instrument/active")} == {"Closed"}


def test_reads_read_on(halted: Venue, resting: str) -> None:
    for path in ("/instrument/active", "/orderBook/L2?symbol=XBTUSD", "/trade?symbol=XBTUSD", "/wallet/assets"):
        assert halted.get(path)
    alice = halted.alice
    assert [row["orderID"] for row in alice.ok("GET", "/order", {"filter": {"open": True}})] == [resting]
    for path in ("/position", "/user/margin", "/user/wallet", "/user/walletHistory", "/execution", "/user"):
        assert alice.ask("GET", path).status_code == 200, path
