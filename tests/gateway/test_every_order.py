"""Every kind of order over the wire against the engine: what the row says at once, and what comes of it."""

from typing import Any

from outcry.protocol.layout import EventKind, SetPriceLimits
from tests.engine.worlds import listing
from tests.gateway.streams import StreamClient
from tests.gateway.venues import Venue

Row = dict[str, Any]


def now(venue: Venue, row: Row) -> Row:
    """The order as it stands."""
    (found,) = venue.alice.ok("GET", "/order", {"filter": {"orderID": row["orderID"]}})
    assert isinstance(found, dict)
    return found


def fills(venue: Venue) -> list[Row]:
    return [row for row in venue.alice.ok("GET", "/execution") if row["execType"] == "Trade"]


def book(venue: Venue) -> list[tuple[str, float, int]]:
    return [(row["side"], row["price"], row["size"]) for row in venue.get("/orderBook/L2", symbol="XBTUSD", depth=0)]


def test_an_iceberg_shows_its_part_and_pays_for_the_rest(venue: Venue) -> None:
    client = StreamClient(venue, venue.alice)
    client.subscribe("order", "execution", "orderBookL2:XBTUSD", "quote:XBTUSD", "instrument:XBTUSD")
    ice = venue.alice.order("Sell", 500, 60_010, displayQty=200)
    assert (ice["displayQty"], ice["leavesQty"], ice["workingIndicator"]) == (200, 500, True)
    assert book(venue) == [("Sell", 60_010, 200)]
    client.news()
    assert [row["size"] for row in client.rows("orderBookL2")] == [200]
    venue.bob.order("Buy", 300, 60_010)
    assert book(venue) == [("Sell", 60_010, 200)]
    shown, hidden = fills(venue)
    assert (shown["lastQty"], shown["lastLiquidityInd"], shown["commission"]) == (200, "AddedLiquidity", 0.0002)
    assert (hidden["lastQty"], hidden["lastLiquidityInd"], hidden["commission"]) == (100, "RemovedLiquidity", 0.0005)
    assert hidden["execComm"] > shown["execComm"]
    client.news()
    assert client.rows("order") == [now(venue, ice)]
    assert [row["lastQty"] for row in client.rows("execution") if row["execType"] == "Trade"] == [200, 100]


def test_a_hidden_order_is_nowhere_and_trades(venue: Venue) -> None:
    client = StreamClient(venue, venue.alice)
    client.subscribe("orderBookL2:XBTUSD", "quote:XBTUSD", "instrument:XBTUSD", "order")
    venue.alice.order("Buy", 100, 59_000)
    hidden = venue.alice.order("Buy", 300, 59_500, displayQty=0)
    assert hidden["displayQty"] == 0
    client.news()
    assert book(venue) == [("Buy", 59_000, 100)]
    assert [(row["price"], row["size"]) for row in client.rows("orderBookL2")] == [(59_000, 100)]
    (instrument,) = venue.get("/instrument", symbol="XBTUSD")
    assert (instrument["bidPrice"], instrument["askPrice"]) == (59_000, None)
    assert [row["bidPrice"] for row in client.rows("quote")] == [59_000]
    venue.bob.order("Sell", 300, 59_400)
    assert now(venue, hidden)["ordStatus"] == "Filled"
    assert [(row["lastPx"], row["lastLiquidityInd"]) for row in fills(venue)] == [(59_500, "RemovedLiquidity")]


def test_a_visible_part_is_whole_lots_within_the_quantity(venue: Venue) -> None:
    words = "Invalid displayQty: it is 0 or whole lots within orderQty"
    for display in (50, 600):
        asked = {"symbol": "XBTUSD", "orderQty": 500, "price": 59_000, "displayQty": display}
        assert venue.alice.refused("POST", "/order", asked) == (400, words)


def test_pegs_are_priced_once(venue: Venue) -> None:
    venue.bob.order("Buy", 100, 59_990)
    venue.bob.order("Sell", 100, 60_010)
    peg = {"pegOffsetValue": -5, "execInst": "Fixed"}
    primary = venue.alice.order("Buy", 100, pegPriceType="PrimaryPeg", **peg)
    assert (primary["ordType"], primary["price"], primary["pegOffsetValue"]) == ("Pegged", 59_985, -5)
    assert (primary["pegPriceType"], primary["execInst"], primary["workingIndicator"]) == ("PrimaryPeg", "Fixed", True)
    assert primary["triggered"] is None
    market = venue.alice.order("Buy", 100, pegPriceType="MarketPeg", **peg)
    assert market["price"] == 60_005
    venue.bob.order("Buy", 100, 59_995)
    assert now(venue, primary)["price"] == 59_985
    empty = {"symbol": "ETHUSD", "orderQty": 1, "pegPriceType": "PrimaryPeg", **peg}
    assert venue.alice.refused("POST", "/order", empty) == (400, "Invalid pegPriceType: there is no price to peg to")


def test_what_happens_when_one_meets_oneself(venue: Venue) -> None:
    own = "/outcry/v1/account"
    assert venue.alice.ok("GET", own)["selfTrade"] == "ExpireTaker"
    assert venue.alice.refused("POST", own, {"selfTrade": "Whatever"})[0] == 400
    assert venue.alice.refused("POST", own, {}) == (400, "'selfTrade' is a required arg.")
    client = StreamClient(venue, venue.alice)
    client.subscribe("account", "order")
    resting = venue.alice.order("Sell", 100, 60_000)
    assert venue.alice.order("Buy", 100, 60_000)["ordStatus"] == "Canceled"
    taker = venue.alice.order("Buy", 100, 60_000, selfTrade="ExpireMaker")
    assert (taker["ordStatus"], now(venue, resting)["ordStatus"]) == ("New", "Canceled")
    assert "same account" in now(venue, resting)["text"]
    assert venue.alice.ok("POST", own, {"selfTrade": "ExpireBoth"})["selfTrade"] == "ExpireBoth"
    client.news()
    assert [row["selfTrade"] for row in client.rows("account")] == ["ExpireBoth"]
    both = venue.alice.order("Sell", 100, 60_000)
    assert (both["ordStatus"], now(venue, taker)["ordStatus"]) == ("Canceled", "Canceled")
    assert venue.bob.ok("GET", own)["selfTrade"] == "ExpireTaker"
    assert venue.ask("GET", own).status_code == 401


def test_a_filled_order_is_revived(venue: Venue) -> None:
    client = StreamClient(venue, venue.alice)
    client.subscribe("order")
    row = venue.alice.order("Buy", 100, 60_000, clOrdID="again")
    venue.bob.order("Sell", 100, 60_000)
    assert now(venue, row)["ordStatus"] == "Filled"
    asked = {"origClOrdID": "again", "leavesQty": 200}
    revived = venue.alice.ok("PUT", "/order", asked)
    assert (revived["orderID"], revived["ordStatus"]) == (row["orderID"], "PartiallyFilled")
    assert (revived["orderQty"], revived["leavesQty"], revived["cumQty"], revived["avgPx"]) == (300, 200, 100, 60_000)
    client.news()
    assert client.rows("order") == [revived]
    venue.bob.order("Sell", 200, 60_000)
    assert (now(venue, row)["ordStatus"], now(venue, row)["cumQty"]) == ("Filled", 300)
    venue.world.wait(61)
    assert venue.alice.refused("PUT", "/order", asked) == (400, "Invalid ordStatus")


def test_price_limits_are_shown(venue: Venue) -> None:
    client = StreamClient(venue)
    client.subscribe("instrument:XBTUSD")
    (before,) = venue.get("/instrument", symbol="XBTUSD")
    assert (before["limitDownPrice"], before["limitUpPrice"], before["minPrice"]) == (None, None, 0.1)
    events = venue.world.send(SetPriceLimits(instrument=1, lowest_ticks=590_000, highest_ticks=610_000))
    assert [event.head.kind for event in events] == [EventKind.PRICE_LIMITS_SET]
    client.news()
    (row,) = client.rows("instrument")
    assert (row["limitDownPrice"], row["limitUpPrice"], row["maxPrice"]) == (59_000, 61_000, 1_000_000)
    words = "Order price is beyond the contract's limitUpPrice or limitDownPrice"
    asked = {"symbol": "XBTUSD", "orderQty": 100, "price": 58_999}
    assert venue.alice.refused("POST", "/order", asked) == (400, words)


def test_many_small_orders_are_hidden_and_their_owner_is_told(venue: Venue) -> None:
    venue.world.send(listing("SMALL", small_order_minor=10**6))
    client = StreamClient(venue, venue.alice)
    client.subscribe("account", "order")
    own = "/outcry/v1/account"
    assert venue.alice.ok("GET", own)["smallOrdersUntil"] is None
    rows = [venue.alice.order("Buy", 100, 59_000 - number, symbol="SMALL") for number in range(12)]
    assert [row["displayQty"] for row in rows] == [None] * 11 + [0]
    until = venue.alice.ok("GET", own)["smallOrdersUntil"]
    assert until == "2023-11-15T22:13:20.000Z"
    client.news()
    assert client.rows("account")[0]["smallOrdersUntil"] == until
    asked = {"symbol": "SMALL", "orderQty": 100, "price": 58_000, "execInst": "ParticipateDoNotInitiate"}
    words = "Account has too many small orders to post one more"
    assert venue.alice.refused("POST", "/order", asked) == (400, words)


def test_as_many_orders_and_stops_as_the_contract_says(venue: Venue) -> None:
    venue.world.send(listing("FEW", orders_max=3, stops_max=2))
    stop = {"symbol": "FEW", "side": "Sell", "orderQty": 100, "stopPx": 50_000}
    venue.alice.ok("POST", "/order", stop)
    venue.alice.ok("POST", "/order", stop)
    words = "Too many stop orders in this contract"
    assert venue.alice.refused("POST", "/order", stop) == (400, words)
    venue.alice.order("Buy", 100, 59_000, symbol="FEW")
    asked = {"symbol": "FEW", "orderQty": 100, "price": 59_000}
    words = "Too many open orders in this contract"
    assert venue.alice.refused("POST", "/order", asked) == (400, words)
