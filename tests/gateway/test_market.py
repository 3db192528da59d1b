"""Public rows: all columns, integers as integers, BitMEX's order and formulas."""

import pytest

from outcry.gateway.dialect.columns import INSTRUMENT_COLUMNS
from tests.gateway.venues import Venue

INTEGERS = (
    "maxOrderQty lotSize multiplier underlyingToPositionMultiplier underlyingToSettleMultiplier "
    "quoteToSettleMultiplier riskLimit riskStep totalVolume volume volume24h prevTotalTurnover totalTurnover "
    "turnover turnover24h openInterest openValue"
)


def test_root_says_who_and_when(venue: Venue) -> None:
    wanted = {"name": "BitMEX API", "version": "2.0.0", "timestamp": int(venue.now * 1000)}
    assert venue.get("") == wanted
    assert venue.get("/") == wanted


def test_the_list_begins_with_an_index_and_only_grows(venue: Venue) -> None:
    """LST-02."""
    rows = venue.get("/instrument")
    assert [row["symbol"] for row in rows] == [".BXBT", ".BETH", "XBTUSD", "ETHUSD", "XBTUSDT"]
    assert [row["typ"] for row in rows] == ["MRCXXX", "MRCXXX", "FFWCSX", "FFWCSX", "FFWCSX"]
    assert [row["symbol"] for row in venue.get("/instrument/active")] == ["XBTUSD", "ETHUSD", "XBTUSDT"]
    assert [row["symbol"] for row in venue.get("/instrument/indices")] == [".BXBT", ".BETH"]
    assert len(venue.get("/instrument/activeAndIndices")) == 5
    assert venue.get("/instrument", filter='{"typ":"FFWCSX"}', count=500)[0]["symbol"] == "XBTUSD"


def test_every_column_is_there_and_integers_are_integers(venue: Venue) -> None:
    venue.bob.order("Sell", 200, 60000.1)
    venue.alice.order("Buy", 100, 60000.1)
    assert len(INSTRUMENT_COLUMNS) == len(set(INSTRUMENT_COLUMNS)) == 89 + 19 + 5
    for row in venue.get("/instrument"):
        assert set(row) == set(INSTRUMENT_COLUMNS)
        assert "" not in row.values()
        for name in INTEGERS.split():
            assert row[name] is None or type(row[name]) is int, (row["symbol"], name, row[name])


def test_terms_as_clients_compute_with_them(venue: Venue) -> None:
    inverse, quanto, linear = venue.get("/instrument/active")
    assert (inverse["isInverse"], inverse["multiplier"], inverse["underlyingToSettleMultiplier"]) == (
        True, -100_000_000, -100_000_000,
    )  # fmt: skip
    assert (inverse["positionCurrency"], inverse["settlCurrency"], inverse["tickSize"]) == ("USD", "XBt", 0.1)
    assert (inverse["initMargin"], inverse["takerFee"], inverse["maxPrice"]) == (0.004, 0.0005, 1_000_000)
    assert (quanto["isQuanto"], quanto["multiplier"], quanto["tickSize"]) == (True, 100, 0.05)
    assert (linear["underlyingToPositionMultiplier"], linear["quoteToSettleMultiplier"]) == (1_000_000, 1_000_000)
    assert (linear["isInverse"], linear["isQuanto"], linear["settlCurrency"]) == (False, False, "USDt")
    assert inverse["fundingInterval"] == "2000-01-01T08:00:00.000Z"
    assert inverse["fundingTimestamp"] == "2023-11-15T04:00:00.000Z"
    assert inverse["fairMethod"], inverse["markMethod"] == ("FundingRate", "FairPrice")


def test_numbers_of_a_traded_instrument(venue: Venue) -> None:
    venue.bob.order("Sell", 300, 60000.1)
    venue.alice.order("Buy", 100, 60000.1)
    venue.alice.order("Buy", 200, 59000)
    row = venue.get("/instrument", symbol="XBTUSD")[0]
    wanted = {
        "lastPrice": 60000.1, "bidPrice": 59000, "askPrice": 60000.1, "midPrice": 59500.05, "hasLiquidity": True,
        "highPrice": 60000.1, "lowPrice": 60000.1, "vwap": 60000.1, "volume24h": 100, "totalVolume": 100,
        "turnover24h": 166_666, "homeNotional24h": 0.00166666, "foreignNotional24h": 100, "openInterest": 100,
        "lastTickDirection": "PlusTick",
    }  # fmt: skip
    assert {name: row[name] for name in wanted} == wanted


def test_prices_are_text_as_they_were_meant(venue: Venue) -> None:
    venue.bob.order("Sell", 100, 60000.1)
    text = venue.ask("GET", "/orderBook/L2?symbol=XBTUSD").text
    assert '"price":60000.1,' in text
    assert '"size":100,' in text


def test_the_book(venue: Venue) -> None:
    for price in (60001, 60002, 60003):
        venue.bob.order("Sell", 100, price)
    for price in (59999, 59998):
        venue.alice.order("Buy", 200, price)
    rows = venue.get("/orderBook/L2", symbol="XBTUSD", depth=2)
    assert [(row["side"], row["price"], row["size"]) for row in rows] == [
        ("Sell", 60002, 100), ("Sell", 60001, 100), ("Buy", 59999, 200), ("Buy", 59998, 200),
    ]  # fmt: skip
    # The formula that H decodes: 10^8 times the place in /instrument, less the price in ticks.
    assert [row["id"] for row in rows] == [2 * 10**8 - round(row["price"] * 10) for row in rows]
    assert len(venue.get("/orderBook/L2", symbol="XBTUSD", depth=0)) == 5
    assert len(venue.get("/orderBook/L2", symbol="XBTUSD", limit=1000)) == 5
    for wrong in ("", "?symbol=NOPE", "?symbol=XBTUSD&depth=-1", "?symbol=XBTUSD&depth=x", "?symbol=.BXBT"):
        assert venue.ask("GET", f"/orderBook/L2{wrong}").status_code == 400


def test_trades_of_every_valuation(venue: Venue) -> None:
    for symbol, quantity, price in (("XBTUSD", 100, 60000), ("ETHUSD", 10, 3000), ("XBTUSDT", 1000, 60000)):
        venue.bob.order("Sell", quantity, price, symbol=symbol)
        venue.alice.order("Buy", quantity, price, symbol=symbol)
    inverse, quanto, linear = venue.get("/trade")
    assert (inverse["grossValue"], inverse["homeNotional"], inverse["foreignNotional"]) == (166_667, 0.00166667, 100)
    # 10 contracts at 3,000 are 3,000,000 sat, 0.03 XBT, 1,800 USD at the index, and 0.6 ETH.
    assert (quanto["grossValue"], quanto["homeNotional"], quanto["foreignNotional"]) == (3_000_000, 0.6, 1800)
    assert (linear["grossValue"], linear["homeNotional"], linear["foreignNotional"]) == (60_000_000, 0.001, 60)
    assert {row["trdType"] for row in (inverse, quanto, linear)} == {"Regular"}
    assert {row["tickDirection"] for row in (inverse, quanto, linear)} == {"PlusTick"}


def test_candles(venue: Venue) -> None:
    for price in (60000, 60010, 59990):
        venue.bob.order("Sell", 100, price)
        venue.alice.order("Buy", 100, price)
    venue.world.wait(125)
    venue.bob.order("Sell", 100, 60005)
    rows = venue.get("/trade/bucketed", symbol="XBTUSD", binSize="1m")
    assert [row["timestamp"][11:19] for row in rows] == ["22:14:00", "22:15:00"]
    shape = [(row["open"], row["high"], row["low"], row["close"], row["trades"], row["volume"]) for row in rows]
    assert shape == [(60000, 60010, 59990, 59990, 3, 300), (59990, 59990, 59990, 59990, 0, 0)]
    assert rows[1]["vwap"] is None
    assert len(venue.get("/trade/bucketed", symbol="XBTUSD", partial="true")) == 3
    assert venue.get("/trade/bucketed", symbol="XBTUSD", binSize="1h") == []
    assert len(venue.get("/trade/bucketed", symbol="XBTUSD", binSize="1d", partial="true")) == 1
    newest = venue.get("/trade/bucketed", symbol="XBTUSD", reverse="true", count=1)
    assert newest == [rows[1]]
    assert venue.ask("GET", "/trade/bucketed?binSize=2m").status_code == 400


def test_quotes(venue: Venue) -> None:
    venue.bob.order("Sell", 100, 60001)
    venue.alice.order("Buy", 100, 59999)
    venue.alice.ok("DELETE", "/order/all")
    touches = [(row["bidPrice"], row["askPrice"], row["bidSize"]) for row in venue.get("/quote", symbol="XBTUSD")]
    assert touches == [(None, 60001, None), (59999, 60001, 100), (None, 60001, None)]


def test_indices_and_assets(venue: Venue) -> None:
    rows = venue.get("/instrument/compositeIndex")
    assert [(row["reference"], row["weight"], row["lastPrice"]) for row in rows] == [
        ("alpha", 0.6, 60000), ("beta", 0.4, 60000), ("OUTCRY", None, 60000),
    ]  # fmt: skip
    assert venue.get("/instrument/compositeIndex", symbol=".BETH")[0]["lastPrice"] == 3000
    assert venue.ask("GET", "/instrument/compositeIndex?symbol=XBTUSD").status_code == 400
    assets = venue.get("/wallet/assets")
    assert [(row["asset"], row["currency"], row["scale"]) for row in assets] == [("XBT", "XBt", 8), ("USDT", "USDt", 6)]
    assert [row["currency"] for row in venue.get("/wallet/networks")] == ["XBt", "USDt"]
    intervals = venue.get("/instrument/activeIntervals")
    assert intervals == {"intervals": ["XBT:perpetual", "ETH:perpetual"], "symbols": ["XBTUSD", "ETHUSD"]}


@pytest.mark.parametrize("path", ["/funding", "/liquidation", "/settlement"])
def test_what_has_never_happened(venue: Venue, path: str) -> None:
    assert venue.get(path, symbol="XBTUSD", count=10) == []


def test_an_empty_venue_answers_too() -> None:
    from outcry.gateway.app import create_app
    from tests.gateway.venues import FREE, FakeExchange, FakePeople, ObservedWorld

    venue = Venue()
    world = ObservedWorld()
    venue.app = create_app(
        FakeExchange(world), world.engine, world.recent, FakePeople(), venue_key=b"k", limits=FREE, clock=lambda: 0.0
    )
    for path in (
        "/instrument",
        "/instrument/active",
        "/trade",
        "/quote",
        "/wallet/assets",
        "/instrument/compositeIndex",
    ):
        assert venue.get(path) == []
