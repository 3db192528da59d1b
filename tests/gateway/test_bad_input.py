"""What a venue is asked by mistake or malice: BitMEX's error, and nothing changed.

Refused at the door, the engine hears nothing: same sequence, same root.  Refused by the engine, there is one entry with
one `Refused` event, and orders, positions and wallets are as they were.
"""

from typing import Any

import pytest

from outcry.gateway.dialect.entry import NO_ALL_OR_NONE
from tests.gateway.venues import Venue

ENDED_PEG = "Invalid pegPriceType: {} ended on 16 December 2019. Use PrimaryPeg or MarketPeg."
GOOD = {"symbol": "XBTUSD", "side": "Buy", "orderQty": 100, "price": 59000, "clOrdID": "taken"}

WITHIN_MARK = "Invalid execInst: LastWithinMark needs LastPrice and ordType Stop or StopLimit"
AT_THE_DOOR: list[tuple[dict[str, Any], str]] = [
    ({"symbol": "NOPE"}, "symbol is invalid"),
    ({"symbol": ".BXBT"}, "symbol is invalid"),
    ({"symbol": ""}, "'symbol' is a required arg."),
    ({"symbol": None}, "'symbol' is a required arg."),
    ({"symbol": ["XBTUSD"]}, "Invalid symbol"),
    ({"symbol": {"a": 1}}, "Invalid symbol"),
    ({"price": 59000.05}, "Invalid price tickSize"),
    ({"price": "59000.00001"}, "Invalid price tickSize"),
    ({"price": 0}, "Invalid price"),
    ({"price": -59000}, "Invalid price"),
    ({"price": 1e-30}, "Invalid price"),
    ({"price": 2**30}, "Invalid price"),
    ({"price": 10**40}, "Invalid price"),
    ({"price": "1e400"}, "Invalid price"),
    ({"price": "NaN"}, "Invalid price"),
    ({"price": "Infinity"}, "Invalid price"),
    ({"price": "cheap"}, "Invalid price"),
    ({"price": True}, "Invalid price"),
    ({"price": [59000]}, "Invalid price"),
    ({"price": None}, "Invalid price"),
    ({"price": "59000; drop table"}, "Invalid price"),
    ({"orderQty": 0}, "Invalid orderQty"),
    ({"orderQty": None}, "Invalid orderQty"),
    ({"orderQty": 100.5}, "Invalid orderQty"),
    ({"orderQty": 2**31}, "Invalid orderQty"),
    ({"orderQty": 10**30}, "Invalid orderQty"),
    ({"orderQty": "1e30"}, "Invalid orderQty"),
    ({"orderQty": "NaN"}, "Invalid orderQty"),
    ({"orderQty": "-Infinity"}, "Invalid orderQty"),
    ({"orderQty": "many"}, "Invalid orderQty"),
    ({"orderQty": True}, "Invalid orderQty"),
    ({"orderQty": {}}, "Invalid orderQty"),
    ({"orderQty": -100}, "Invalid orderQty: it is negative but side is Buy"),
    ({"side": "Long"}, "Invalid side"),
    ({"side": 1}, "Invalid side"),
    ({"ordType": "Limited"}, "Invalid ordType"),
    ({"ordType": "Market"}, "Invalid price for ordType"),
    ({"ordType": "Limit", "stopPx": 58000}, "Invalid stopPx for ordType"),
    ({"ordType": "StopLimit"}, "Invalid stopPx for ordType"),
    ({"stopPx": 58000.05}, "Invalid stopPx tickSize"),
    ({"timeInForce": "Forever"}, "Invalid timeInForce"),
    ({"execInst": "AllOrNone"}, NO_ALL_OR_NONE),
    ({"execInst": "ParticipateDoNotInitiate,Nothing"}, "Invalid execInst"),
    ({"execInst": "LastPrice,MarkPrice"}, "Invalid execInst"),
    ({"execInst": "LastPrice"}, "Invalid execInst"),
    ({"execInst": "LastWithinMark"}, WITHIN_MARK),
    ({"stopPx": 58000, "execInst": "LastWithinMark"}, WITHIN_MARK),
    ({"stopPx": 58000, "ordType": "LimitIfTouched", "execInst": "LastPrice,LastWithinMark"}, WITHIN_MARK),
    ({"execInst": 7}, "Invalid execInst"),
    ({"contingencyType": "OneTwoThree"}, "Invalid contingencyType"),
    ({"pegPriceType": "MidPricePeg"}, ENDED_PEG.format("MidPricePeg")),
    ({"ordType": "Pegged", "pegPriceType": "LastPeg", "pegOffsetValue": 1}, ENDED_PEG.format("LastPeg")),
    ({"ordType": "Pegged"}, "Invalid pegPriceType"),
    ({"pegOffsetValue": 5}, "Invalid pegPriceType"),
    ({"ordType": "Pegged", "pegPriceType": "SomePeg"}, "Invalid pegPriceType"),
    ({"ordType": "Pegged", "pegPriceType": "TrailingStopPeg"}, "Invalid pegPriceType for ordType"),
    ({"ordType": "StopLimit", "stopPx": 1, "pegPriceType": "MarketPeg"}, "Invalid pegPriceType for ordType"),
    (
        {"ordType": "Pegged", "pegPriceType": "PrimaryPeg"},
        "Invalid execInst: a peg is priced once, so ordType Pegged needs execInst Fixed",
    ),
    ({"ordType": "Pegged", "pegPriceType": "PrimaryPeg", "execInst": "Fixed"}, "Invalid price for ordType"),
    ({"ordType": "Stop", "stopPx": 58000}, "Invalid price for ordType"),
    ({"selfTrade": "ExpireNobody"}, "Invalid selfTrade: ExpireTaker, ExpireMaker, ExpireBoth"),
    ({"displayQty": -1}, "Invalid displayQty"),
    ({"simpleOrderQty": 1}, "simpleOrderQty is not supported, use orderQty."),
    ({"clOrdID": "x" * 37}, "'clOrdID' must be at most 36 characters"),
    ({"clOrdID": "é" * 19}, "'clOrdID' must be at most 36 characters"),
    ({"clOrdID": ["a"]}, "Invalid clOrdID"),
    ({"clOrdLinkID": "x" * 37}, "'clOrdLinkID' must be at most 36 characters"),
    ({"text": "x" * 513}, "'text' must be at most 512 bytes"),
    ({"text": {"a": 1}}, "Invalid text"),
]

BY_THE_ENGINE: list[tuple[dict[str, Any], int, str]] = [
    ({"orderQty": 150, "clOrdID": None}, 400, "Order quantity must be a multiple of lot size: 100"),
    ({"orderQty": 1_000_000_100, "clOrdID": None}, 400, "Invalid orderQty"),
    ({"price": 1_000_000.1, "clOrdID": None}, 400, "Invalid price"),
    ({}, 400, "Duplicate clOrdID"),
    ({"price": 80_000, "clOrdID": None}, 400, "Limit price is too far from the mark price"),
    (
        {"execInst": "ReduceOnly", "clOrdID": None},
        400,
        "Order had execInst of Close or ReduceOnly but current position is 0",
    ),
    ({"orderQty": 10**9, "clOrdID": None}, 400, "Account has insufficient Available Balance"),
    ({"displayQty": 50, "clOrdID": None}, 400, "Invalid displayQty"),
    ({"stopPx": 1_000_000, "ordType": "StopLimit", "orderQty": 150, "clOrdID": None}, 400, "Order quantity must be"),
    ({"clOrdLinkID": "alone", "clOrdID": None}, 400, "Invalid clOrdLinkID"),
    ({"contingencyType": "OneCancelsTheOther", "clOrdID": None}, 400, "Invalid clOrdLinkID"),
    (
        {"ordType": "StopLimit", "pegPriceType": "TrailingStopPeg", "pegOffsetValue": -5, "clOrdID": None},
        400,
        "Invalid pegOffsetValue",
    ),
    ({"execInst": "Fixed", "clOrdID": None}, 400, "Invalid"),
]


def seen(venue: Venue) -> list[Any]:
    """Everything that an order could change, as both users see it."""
    paths = ("/order", "/execution", "/position", "/user/wallet", "/user/margin")
    return [who.ok("GET", path) for who in (venue.alice, venue.bob) for path in paths]


@pytest.mark.parametrize(("wrong", "words"), AT_THE_DOOR, ids=[str(wrong)[:60] for wrong, _ in AT_THE_DOOR])
def test_refused_at_the_door(venue: Venue, wrong: dict[str, Any], words: str) -> None:
    before = venue.state
    assert venue.alice.refused("POST", "/order", {**GOOD, **wrong}) == (400, words)
    assert venue.state == before


@pytest.mark.parametrize(("wrong", "status", "words"), BY_THE_ENGINE, ids=[str(row[0]) for row in BY_THE_ENGINE])
def test_refused_by_the_engine(venue: Venue, wrong: dict[str, Any], status: int, words: str) -> None:
    venue.alice.ok("POST", "/order", GOOD)
    before, sequence = seen(venue), venue.world.engine.sequence
    answer = venue.alice.refused("POST", "/order", {**GOOD, **wrong})
    assert answer[0] == status
    assert answer[1].startswith(words)
    assert seen(venue) == before
    assert venue.world.engine.sequence == sequence + 1


def test_the_missing_balance_is_named(venue: Venue) -> None:
    asked = {"symbol": "XBTUSD", "orderQty": 500_000_000, "price": 60000}
    answer = venue.alice.ask("POST", "/order", asked)
    error = answer.json()["error"]
    assert error["name"] == "ValidationError"
    number = error["message"].removeprefix("Account has insufficient Available Balance, ").removesuffix(" XBt required")
    assert int(number) > 0
    asked = {"symbol": "XBTUSDT", "orderQty": 2_000_000_000 // 1000 * 1000, "price": 60000}
    answer = venue.alice.ask("POST", "/order", {**asked, "orderQty": 999_999_000})
    assert answer.status_code in (200, 400)
    if answer.status_code == 400:
        assert "USDt" in answer.json()["error"]["message"] or "Risk Limit" in answer.json()["error"]["message"]


@pytest.mark.parametrize("leverage", [-1, 10_001, "NaN", "lots", True, None, 1.234, 251, "1e30"])
def test_leverage(venue: Venue, leverage: Any) -> None:
    before = seen(venue)
    status, _ = venue.alice.refused("POST", "/position/leverage", {"symbol": "XBTUSD", "leverage": leverage})
    assert status == 400
    assert seen(venue) == before


def test_a_wrong_signature_places_nothing(venue: Venue) -> None:
    before = venue.state
    body = b'{"symbol":"XBTUSD","orderQty":100,"price":59000}'
    headers = {"content-type": "application/json", **venue.alice.headers("POST", "/order", body)}
    for spoiled in ({"api-signature": "0" * 64}, {"api-expires": str(int(venue.now) - 10)}, {"api-key": "nobody"}):
        assert venue.ask("POST", "/order", body, {**headers, **spoiled}).status_code == 401
    assert venue.ask("POST", "/order", body + b" ", headers).status_code == 401
    assert venue.ask("POST", "/order", body, {"content-type": "application/json"}).status_code == 401
    assert venue.state == before


def test_a_halted_venue_says_so(venue: Venue) -> None:
    venue.world.engine.tables.venue.halted = 1
    status, message = venue.alice.refused("POST", "/order", {**GOOD, "clOrdID": None})
    assert (status, message) == (503, "Service unavailable: the venue has halted.")
