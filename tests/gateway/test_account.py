"""Positions, margin, wallet, user: every column, worked figures of mechanics 2 and 3.2."""

from typing import Any

import pytest

from outcry.gateway.dialect.positions import entry_price, price_of_value
from tests.gateway.test_prices import terms
from tests.gateway.venues import Venue


def held(venue: Venue, symbol: str = "XBTUSD", quantity: int = 1000, price: float = 60000) -> tuple[Any, Any]:
    """Alice's long and Bob's short position."""
    venue.bob.order("Sell", quantity, price, symbol=symbol)
    venue.alice.order("Buy", quantity, price, symbol=symbol)
    asked = {"filter": {"symbol": symbol}}
    return venue.alice.ok("GET", "/position", asked)[0], venue.bob.ok("GET", "/position", asked)[0]


def test_signs_of_an_inverse_position(venue: Venue) -> None:
    long, short = held(venue)
    assert (long["currentQty"], short["currentQty"]) == (1000, -1000)
    assert long["posCost"] == long["unrealisedCost"] == -1_666_670
    assert long["markValue"] < 0 < short["markValue"]
    assert long["homeNotional"] > 0 > long["foreignNotional"] == -1000
    assert short["homeNotional"] < 0 < short["foreignNotional"] == 1000
    assert (long["avgEntryPrice"], long["leverage"], long["crossMargin"], long["isOpen"]) == (60000, 250, True, True)
    assert long["unrealisedPnl"] == long["markValue"] - long["posCost"] == -short["unrealisedPnl"]
    assert long["realisedPnl"] == -long["currentComm"] == -833
    assert (long["execBuyQty"], short["execBuyQty"]) == (1000, 0)


@pytest.mark.parametrize(("symbol", "quantity", "price"), [("ETHUSD", 100, 3000), ("XBTUSDT", 10_000, 60000)])
def test_signs_of_the_others(venue: Venue, symbol: str, quantity: int, price: float) -> None:
    long, short = held(venue, symbol, quantity, price)
    assert long["posCost"] > 0 > short["posCost"]
    assert long["homeNotional"] > 0 > long["foreignNotional"]
    assert short["homeNotional"] < 0 < short["foreignNotional"]
    assert long["avgEntryPrice"] == short["avgEntryPrice"] == price


def test_integers_are_integers_and_nothing_is_empty_text(venue: Venue) -> None:
    names = (
        "riskLimit prevRealisedPnl openingQty openOrderBuyQty openOrderBuyCost currentQty currentCost currentComm "
        "realisedCost unrealisedCost markValue riskValue posCost posCross posComm posLoss posMargin posMaint "
        "initMargin maintMargin realisedPnl unrealisedPnl"
    )
    row, _ = held(venue)
    for name in names.split():
        assert type(row[name]) is int, name
    assert "" not in row.values()
    assert len(row) == 54 + 6
    for path in ("/user/margin", "/user/wallet"):
        answer = venue.alice.ok("GET", path)
        assert "" not in answer.values()
        floats = {"marginLeverage", "marginUsedPcnt"}
        assert all(
            type(value) is int for name, value in answer.items() if isinstance(value, float) and name not in floats
        )


def test_isolated_liquidation_lies_between_entry_and_bankruptcy(venue: Venue) -> None:
    for who in (venue.alice, venue.bob):
        row = who.ok("POST", "/position/leverage", {"symbol": "XBTUSD", "leverage": 10})
        assert (row["leverage"], row["crossMargin"], row["initMarginReq"]) == (10, False, 0.1)
        assert (row["isOpen"], row["liquidationPrice"], row["avgEntryPrice"]) == (False, None, None)
    long, short = held(venue)
    assert 54_000 < long["bankruptPrice"] < long["liquidationPrice"] < 60_000
    assert 60_000 < short["liquidationPrice"] < short["bankruptPrice"] < 67_000
    assert long["breakEvenPrice"] > 60_000 > short["breakEvenPrice"]
    assert long["posInit"] == 166_667
    assert (long["posLoss"], long["posMargin"]) == (833, long["posInit"] + long["posComm"] - 833)


def test_cross_and_isolated(venue: Venue) -> None:
    isolated = venue.alice.ok("POST", "/position/isolate", {"symbol": "XBTUSD"})
    assert isolated["crossMargin"] is False
    crossed = venue.alice.ok("POST", "/position/isolate", {"symbol": "XBTUSD", "enabled": False})
    assert crossed["crossMargin"] is True
    assert venue.alice.ok("POST", "/position/leverage", {"symbol": "XBTUSD", "leverage": "2.5"})["leverage"] == 2.5
    assert venue.alice.ok("POST", "/position/leverage", {"symbol": "XBTUSD", "leverage": 0})["crossMargin"] is True
    assert venue.alice.refused("POST", "/position/leverage", {"symbol": "NOPE", "leverage": 1}) == (
        400, "symbol is invalid",
    )  # fmt: skip


def test_a_captured_position() -> None:
    """MRG-03: short 20 at 10x; the captured liquidation and bankruptcy prices, floored to half-dollar ticks."""
    listing = terms(1, 5, lot=1, price_ticks_max=2 * 10**6)
    margin, maintenance, fee = 59_161, 5_718, 493
    assert entry_price(-20, 597_100, listing) == 3349.5
    assert price_of_value(-20, 597_100 - margin + maintenance, 597_100, listing) == 3678.5
    assert price_of_value(-20, 597_100 - margin + fee, 597_100, listing) == 3714
    assert price_of_value(-20, 0, 597_100, listing) is None
    assert price_of_value(-20, -5, 597_100, listing) is None


def test_entry_price_of_a_captured_position() -> None:
    """PNL-03: 735 contracts at 13,613 sat each show 7346."""
    listing = terms(1, 5, lot=1)
    assert entry_price(735, -10_005_555, listing) == 7346


@pytest.mark.parametrize("price", [60000.1, 60125.9, 59990.3])
def test_the_entry_price_of_a_single_fill_is_its_price(venue: Venue, price: float) -> None:
    for row in held(venue, "XBTUSD", 100, price):
        assert (row["avgEntryPrice"], row["avgCostPrice"]) == (price, price)
    # More at another price is an average again, and a fill that closes part of it does not change it.
    for row in held(venue, "XBTUSD", 100, 60200):
        assert price < row["avgEntryPrice"] < 60200
    average = venue.alice.ok("GET", "/position")[0]["avgEntryPrice"]
    venue.bob.order("Buy", 100, price)
    venue.alice.order("Sell", 100, price)
    assert abs(venue.alice.ok("GET", "/position")[0]["avgEntryPrice"] - average) < 0.5


def test_margin_and_wallet(venue: Venue) -> None:
    held(venue)
    venue.alice.order("Buy", 100, 59000)
    margin = venue.alice.ok("GET", "/user/margin")
    wallet = venue.alice.ok("GET", "/user/wallet")
    assert margin["walletBalance"] == margin["amount"] == wallet["amount"] == 10**9 - 833
    assert margin["marginBalance"] == margin["walletBalance"] + margin["unrealisedPnl"]
    loss = max(0, -margin["unrealisedPnl"])
    assert margin["availableMargin"] == margin["walletBalance"] - loss - margin["initMargin"] - margin["maintMargin"]
    assert wallet["deposited"] == 10**9
    for path in ("/user/margin", "/user/wallet"):
        rows = venue.alice.ok("GET", path, {"currency": "all"})
        assert [row["currency"] for row in rows] == ["XBt", "USDt"]
        assert venue.alice.ok("GET", path, {"currency": "USDt"})["currency"] == "USDt"
        assert venue.alice.refused("GET", path, {"currency": "DOGE"}) == (400, "Invalid currency")


def test_user_and_commission(venue: Venue) -> None:
    assert venue.alice.ok("GET", "/user")["username"] == "alice"
    fees = venue.alice.ok("GET", "/user/commission")
    assert fees["XBTUSDT"] == {"makerFee": -0.0001, "takerFee": 0.00075, "settlementFee": 0}


def test_positions_are_filtered(venue: Venue) -> None:
    assert venue.alice.ok("GET", "/position") == []
    held(venue)
    held(venue, "XBTUSDT", 1000)
    assert [row["symbol"] for row in venue.alice.ok("GET", "/position")] == ["XBTUSD", "XBTUSDT"]
    assert len(venue.alice.ok("GET", "/position", {"filter": {"isOpen": True}})) == 2
    assert set(venue.alice.ok("GET", "/position", {"columns": "currentQty"})[0]) == {"account", "symbol", "currentQty"}


def test_margin_is_moved_into_an_isolated_position_and_back(venue: Venue) -> None:
    ask = {"symbol": "XBTUSD", "amount": 5000}
    assert venue.alice.refused("POST", "/position/transferMargin", ask)[0] == 400
    venue.alice.ok("POST", "/position/leverage", {"symbol": "XBTUSD", "leverage": 10})
    held(venue)
    assert venue.alice.ok("POST", "/position/transferMargin", ask)["posCross"] == 5000
    assert venue.alice.ok("POST", "/position/transferMargin", {**ask, "amount": "-1000"})["posCross"] == 4000
    for wrong in (0, 1.5, 2**60, "x", None):
        assert venue.alice.refused("POST", "/position/transferMargin", {"symbol": "XBTUSD", "amount": wrong})[0] == 400


def test_what_is_available_is_what_the_columns_leave(venue: Venue) -> None:
    venue.alice.ok("POST", "/position/leverage", {"symbol": "XBTUSD", "leverage": 10})
    held(venue, price=60_100)
    venue.alice.order("Buy", 500, 59_000)
    for who in (venue.alice, venue.bob):
        row = who.ok("GET", "/user/margin")
        spendable = row["marginBalance"] - max(0, row["unrealisedPnl"] if who is venue.bob else 0)
        assert row["availableMargin"] == spendable - row["maintMargin"] - row["initMargin"]
        assert row["excessMargin"] == row["marginBalance"] - row["maintMargin"]
