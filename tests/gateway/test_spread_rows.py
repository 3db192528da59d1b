"""A spread's prices are differences: they go in and out with their sign, and its trades show in its legs."""

import msgspec
import pytest

from outcry.protocol.layout import Fill, LevelChanged, Side
from tests.gateway.endings import future, spread
from tests.gateway.streams import StreamClient
from tests.gateway.venues import Venue

SPREAD = "XBTZ23H24"


@pytest.fixture
def venue() -> Venue:
    made = Venue()
    near, far = future(made.world), future(made.world, "XBTH24")
    spread(made.world, near, far)
    return made


def number(venue: Venue, symbol: str = SPREAD) -> int:
    found = venue.world.recent.directory.listing_named(symbol)
    assert found is not None
    return found.number


def quoted(venue: Venue) -> None:
    """A bid at -5, asks at -4.9 and 0."""
    levels = ((Side.BUY, 9_950, 200), (Side.SELL, 9_951, 300), (Side.SELL, 10_000, 100))
    venue.world.tell(
        *(
            LevelChanged(instrument=number(venue), side=side, price_ticks=ticks, quantity=quantity)
            for side, ticks, quantity in levels
        )
    )


def traded(venue: Venue) -> None:
    """300 contracts at -5: two lots at 60,000 and 59,995 in the legs, then the spread's own."""
    who = {"taker_account": venue.alice.account, "maker_account": venue.bob.account, "quantity": 300}
    venue.world.tell(
        Fill(
            instrument=number(venue, "XBTZ23"), spread=number(venue), taker_side=Side.SELL, price_ticks=600_000,
            value_minor=500_000, taker_fee_minor=250, maker_fee_minor=100, **who,
        ),
        Fill(
            instrument=number(venue, "XBTH24"), spread=number(venue), taker_side=Side.BUY, price_ticks=599_950,
            value_minor=500_042, taker_fee_minor=250, maker_fee_minor=100, **who,
        ),
        Fill(instrument=number(venue), taker_side=Side.BUY, price_ticks=9_950, value_minor=3 * 9_950, **who),
    )  # fmt: skip


def test_prices_below_nothing_go_out(venue: Venue) -> None:
    client = StreamClient(venue)
    client.subscribe(f"quote:{SPREAD}", f"orderBook10:{SPREAD}")
    quoted(venue)
    client.news()
    row = venue.get("/instrument", symbol=SPREAD)[0]
    assert (row["bidPrice"], row["askPrice"], row["midPrice"]) == (-5, -4.9, -4.95)
    quote = venue.get("/quote", symbol=SPREAD, reverse="true", count=1)[0]
    assert (quote["bidPrice"], quote["askPrice"], quote["askSize"]) == (-5, -4.9, 300)
    assert client.rows("quote")[-1]["bidPrice"] == -5
    assert client.rows("orderBook10")[0]["asks"] == [[-4.9, 300], [0, 100]]


def test_prices_below_nothing_come_in(venue: Venue) -> None:
    for words, ticks in (("-5", 9_950), ("0", 10_000), ("-999.9", 1), ("12.3", 10_123), ("-4.90000000001", 9_951)):
        body = f'{{"symbol":"{SPREAD}","side":"Buy","orderQty":100,"price":{words}}}'.encode()
        venue.alice.ask("POST", "/order", raw=body)
        assert venue.exchange.commands[-1].price_ticks == ticks
    for price, message in ((-1_000, "Invalid price"), (-5.05, "Invalid price tickSize")):
        asked = {"symbol": SPREAD, "side": "Buy", "orderQty": 100, "price": price}
        assert venue.alice.refused("POST", "/order", asked) == (400, message)
    asked = {"symbol": "XBTUSD", "side": "Buy", "orderQty": 100, "price": -5}
    assert venue.alice.refused("POST", "/order", asked) == (400, "Invalid price")


def test_a_trade_is_on_the_spreads_tape_and_in_the_legs_of_both(venue: Venue) -> None:
    client = StreamClient(venue, venue.alice)
    client.subscribe("execution", f"trade:{SPREAD}", "trade:XBTZ23")
    traded(venue)
    client.news()
    trade = venue.get("/trade", symbol=SPREAD)[0]
    assert (trade["price"], trade["size"], trade["grossValue"], trade["homeNotional"]) == (-5, 300, 0, 0)
    assert venue.get("/trade", symbol="XBTZ23") == venue.get("/trade", symbol="XBTH24") == []
    assert [row["price"] for row in client.rows("trade")] == [-5]
    mine = venue.alice.ok("GET", "/execution/tradeHistory")
    assert [(row["symbol"], row["side"], row["lastPx"], row["execCost"], row["execComm"]) for row in mine] == [
        ("XBTZ23", "Sell", 60_000, 500_000, 250), ("XBTH24", "Buy", 59_995, -500_042, 250),
    ]  # fmt: skip
    assert {row["text"] for row in mine} == {"Spread"}
    assert {row["execType"] for row in mine} == {"Trade"}
    assert [row["side"] for row in venue.bob.ok("GET", "/execution/tradeHistory")] == ["Buy", "Sell"]
    assert [row["lastLiquidityInd"] for row in client.rows("execution")] == ["RemovedLiquidity"] * 2
    row = venue.get("/instrument", symbol=SPREAD)[0]
    assert (row["highPrice"], row["vwap"], row["volume24h"], row["turnover24h"]) == (-5, -5, 300, 0)


def test_candles_below_nothing(venue: Venue) -> None:
    traded(venue)
    venue.world.wait(60)
    venue.world.carry_on(1)
    found = venue.get("/trade/bucketed", symbol=SPREAD, reverse="true", count=1, binSize="1m", partial="true")
    candle = venue.get("/trade/bucketed", symbol=SPREAD, count=1)[0]
    assert [candle[name] for name in ("open", "high", "low", "close", "vwap", "turnover")] == [-5, -5, -5, -5, -5, 0]
    assert found[0]["open"] == -5
    assert msgspec.json.decode(msgspec.json.encode(candle["open"])) == -5
