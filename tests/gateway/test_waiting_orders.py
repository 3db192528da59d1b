"""Stops, touched and trailing orders, groups and orders for a day over the wire, against the engine."""

from typing import Any

import pytest

from outcry.engine.engine import Engine
from outcry.protocol import wire
from outcry.views.recent import Recent
from tests.gateway.streams import StreamClient
from tests.gateway.venues import Caller, Venue

Row = dict[str, Any]
BORN, WENT, TRADED = "New", "TriggeredOrActivatedBySystem", "Trade"


def move(venue: Venue, price: int) -> None:
    """The index, and with it the mark, goes there; then the venue's own work is done."""
    world = venue.world
    for constituent in (1, 2):
        world.price(1, price * 100, constituent)
    world.wait(1)
    world.carry_on()
    world.carry_on()


def quoted(venue: Venue) -> None:
    venue.bob.order("Buy", 10_000, 59_000)
    venue.bob.order("Sell", 10_000, 61_000)


def now(who: Caller, row: Row) -> Row:
    (found,) = who.ok("GET", "/order", {"filter": {"orderID": row["orderID"]}})
    assert isinstance(found, dict)
    return found


def life(who: Caller, row: Row) -> list[str]:
    rows = who.ok("GET", "/execution", {"filter": {"orderID": row["orderID"]}})
    return [one["execType"] for one in rows]


@pytest.mark.parametrize(
    ("kind", "side", "trigger", "not_yet", "goes_at"),
    [
        ("Stop", "Buy", 60_500, 60_480, 60_500),
        ("Stop", "Sell", 59_500, 59_510, 59_490),
        ("MarketIfTouched", "Buy", 59_500, 59_510, 59_490),
        ("MarketIfTouched", "Sell", 60_500, 60_480, 60_500),
    ],
)
def test_a_trigger_is_reached(venue: Venue, kind: str, side: str, trigger: int, not_yet: int, goes_at: int) -> None:
    """The mark is the index and some four dollars of funding basis."""
    quoted(venue)
    client = StreamClient(venue, venue.alice)
    client.subscribe("order", "execution")
    row = venue.alice.order(side, 100, ordType=kind, stopPx=trigger)
    assert (row["ordStatus"], row["workingIndicator"], row["triggered"]) == ("New", False, "")
    assert (row["stopPx"], row["price"], row["execInst"]) == (trigger, None, "MarkPrice")
    assert row["timeInForce"] == "ImmediateOrCancel"
    client.news()
    assert client.rows("order") == [row]
    move(venue, not_yet)
    assert life(venue.alice, row) == [BORN]
    move(venue, goes_at)
    assert life(venue.alice, row) == [BORN, WENT, TRADED]
    done = now(venue.alice, row)
    assert (done["ordStatus"], done["triggered"], done["cumQty"]) == ("Filled", "StopOrderTriggered", 100)
    client.news()
    assert client.rows("order") == [done]
    assert [one["execType"] for one in client.rows("execution")] == [BORN, WENT, TRADED]


def test_one_that_is_reached_already_goes_at_once(venue: Venue) -> None:
    quoted(venue)
    row = venue.alice.order("Sell", 100, stopPx=60_500)
    assert (row["ordType"], row["ordStatus"], row["triggered"]) == ("Stop", "Filled", "StopOrderTriggered")
    assert life(venue.alice, row) == [BORN, WENT, TRADED]
    assert row == now(venue.alice, row)


def test_a_stop_limit_rests_once_it_goes(venue: Venue) -> None:
    row = venue.alice.order("Buy", 100, 60_300, stopPx=60_500)
    assert (row["ordType"], row["timeInForce"], row["workingIndicator"]) == ("StopLimit", "GoodTillCancel", False)
    assert venue.get("/orderBook/L2", symbol="XBTUSD") == []
    move(venue, 60_600)
    live = now(venue.alice, row)
    assert (live["ordStatus"], live["workingIndicator"], live["triggered"]) == ("New", True, "StopOrderTriggered")
    assert [level["price"] for level in venue.get("/orderBook/L2", symbol="XBTUSD")] == [60_300]


def test_the_same_after_a_restart(venue: Venue) -> None:
    """What is read from the engine's tables, and what was written down, is what was observed."""
    link = {"clOrdLinkID": "pair", "contingencyType": "OneCancelsTheOther"}
    venue.alice.order("Buy", 100, 60_300, stopPx=60_500, **link)
    venue.alice.order("Buy", 100, 59_000, **link)
    venue.alice.order("Sell", 100, pegPriceType="TrailingStopPeg", pegOffsetValue=-100)
    rows = venue.alice.ok("GET", "/order")
    observed = list(venue.world.recent.account(venue.alice.account).open.values())
    adopted = Recent(venue.world.engine)
    adopted.adopt(venue.world.engine.sequence, venue.world.engine.time_ns)
    for before, after in zip(observed, adopted.account(venue.alice.account).open.values(), strict=True):
        for name in ("order_id", "stage", "trigger_subticks", "trigger_reference", "peg_kind", "peg_offset_subticks",
                     "contingency", "link_id", "quantity", "leaves_quantity", "waits"):  # fmt: skip
            assert getattr(after, name) == getattr(before, name), name
    written = Recent(venue.world.engine)
    written.load(venue.world.recent.dump())
    assert list(written.account(venue.alice.account).open.values()) == observed
    assert len(rows) == 3
    assert isinstance(venue.world.engine, Engine)


def test_what_cannot_go_live_is_rejected(venue: Venue) -> None:
    quoted(venue)
    row = venue.alice.order("Buy", 100_000_000, 60_900, stopPx=60_500)
    move(venue, 60_500)
    done = now(venue.alice, row)
    assert (done["ordStatus"], done["triggered"]) == ("Rejected", "StopOrderTriggered")
    assert done["ordRejReason"] in (
        "Account has insufficient Available Balance",
        "Value of position and orders exceeds position Risk Limit",
    )
    assert life(venue.alice, row) == [BORN, WENT, "Rejected"]


def test_a_trailing_stop(venue: Venue) -> None:
    quoted(venue)
    row = venue.alice.order("Sell", 100, pegPriceType="TrailingStopPeg", pegOffsetValue=-500)
    assert (row["ordType"], row["pegOffsetValue"]) == ("Stop", -500)
    assert row["stopPx"] == pytest.approx(59_500, abs=5)
    client = StreamClient(venue, venue.alice)
    client.subscribe("order")
    move(venue, 60_400)
    client.news()
    followed = now(venue.alice, row)
    assert followed["stopPx"] == pytest.approx(59_900, abs=5)
    assert client.rows("order") == [followed]
    move(venue, 60_100)
    assert now(venue.alice, row)["stopPx"] == followed["stopPx"]
    move(venue, 59_800)
    assert life(venue.alice, row) == [BORN, "Replaced", WENT, TRADED]
    words = "Invalid pegOffsetValue: it is missing, on the wrong side, or the pegPriceType does not go with the ordType"
    asked = {"symbol": "XBTUSD", "side": "Sell", "orderQty": 100, "pegPriceType": "TrailingStopPeg"}
    assert venue.alice.refused("POST", "/order", {**asked, "pegOffsetValue": 500}) == (400, words)


def test_amending_what_waits(venue: Venue) -> None:
    row = venue.alice.order("Sell", 100, stopPx=59_500)
    changed = venue.alice.ok("PUT", "/order", {"orderID": row["orderID"], "stopPx": 59_000, "orderQty": 200})
    assert (changed["stopPx"], changed["orderQty"], changed["leavesQty"]) == (59_000, 200, 200)
    assert (changed["workingIndicator"], changed["triggered"], changed["ordStatus"]) == (False, "", "New")
    assert now(venue.alice, row) == changed
    assert life(venue.alice, row) == [BORN, "Replaced"]
    trail = venue.alice.order("Sell", 100, pegPriceType="TrailingStopPeg", pegOffsetValue=-500)
    nearer = venue.alice.ok("PUT", "/order", {"orderID": trail["orderID"], "pegOffsetValue": -400})
    assert nearer["pegOffsetValue"] == -400
    assert nearer["stopPx"] - trail["stopPx"] == pytest.approx(100)
    asked = {"orderID": trail["orderID"], "pegOffsetValue": 0}
    assert venue.alice.refused("PUT", "/order", asked) == (400, "Invalid pegOffsetValue")
    asked = {"orderID": row["orderID"], "stopPx": 59_000}
    assert venue.alice.refused("PUT", "/order", asked)[1].startswith("Invalid amend: ")


def test_one_cancels_the_other(venue: Venue) -> None:
    quoted(venue)
    link = {"clOrdLinkID": "pair", "contingencyType": "OneCancelsTheOther"}
    low = venue.alice.order("Sell", 200, 60_900, **link)
    stop = venue.alice.order("Sell", 200, stopPx=59_500, **link)
    assert (stop["clOrdLinkID"], stop["contingencyType"]) == ("pair", "OneCancelsTheOther")
    client = StreamClient(venue, venue.alice)
    client.subscribe("order")
    venue.bob.order("Buy", 100, 60_900)
    assert now(venue.alice, low)["ordStatus"] == "PartiallyFilled"
    ended = now(venue.alice, stop)
    assert (ended["ordStatus"], ended["text"].split("\n")[0]) == (
        "Canceled", "Canceled: Order had contingencyType of OneCancelsTheOther",
    )  # fmt: skip
    client.news()
    assert sorted(row["ordStatus"] for row in client.rows("order")) == ["Canceled", "PartiallyFilled"]


def test_a_bracket(venue: Venue) -> None:
    link = {"clOrdLinkID": "b"}
    orders = [
        {"symbol": "XBTUSD", "side": "Buy", "orderQty": 100, "price": 59_900, "contingencyType": "OneTriggersTheOther"},
        {"symbol": "XBTUSD", "side": "Sell", "orderQty": 100, "price": 62_000, "contingencyType": "OneCancelsTheOther"},
        {
            "symbol": "XBTUSD",
            "side": "Sell",
            "orderQty": 100,
            "stopPx": 58_000,
            "contingencyType": "OneCancelsTheOther",
        },
    ]
    primary, profit, loss = venue.alice.ok("POST", "/order/bulk", {"orders": [{**one, **link} for one in orders]})
    assert [row["workingIndicator"] for row in (primary, profit, loss)] == [True, False, False]
    assert [row["triggered"] for row in (primary, profit, loss)] == [None, None, ""]
    venue.bob.order("Sell", 100, 59_900)
    venue.world.carry_on()
    assert now(venue.alice, primary)["ordStatus"] == "Filled"
    assert (now(venue.alice, profit)["workingIndicator"], now(venue.alice, profit)["triggered"]) == (True, None)
    assert (now(venue.alice, loss)["workingIndicator"], now(venue.alice, loss)["triggered"]) == (False, "")
    assert life(venue.alice, profit) == [BORN, WENT]
    venue.bob.order("Buy", 100, 62_000)
    assert now(venue.alice, profit)["ordStatus"] == "Filled"
    assert now(venue.alice, loss)["ordStatus"] == "Canceled"


def test_an_order_without_its_primary(venue: Venue) -> None:
    link = {"clOrdLinkID": "o", "contingencyType": "OneTriggersTheOther"}
    primary = venue.alice.order("Buy", 100, 59_900, **link)
    child = venue.alice.order("Sell", 100, 61_000, **link)
    venue.alice.ok("DELETE", "/order", {"orderID": primary["orderID"]})
    assert now(venue.alice, child)["text"].startswith(
        "Canceled: Order had contingencyType of OneTriggersTheOther and its primary ended unfilled"
    )


def test_what_cannot_be_linked(venue: Venue) -> None:
    for link in ({"clOrdLinkID": "x"}, {"contingencyType": "OneCancelsTheOther"}):
        asked = {"symbol": "XBTUSD", "orderQty": 100, "price": 59_000, **link}
        assert venue.alice.refused("POST", "/order", asked)[1].startswith("Invalid clOrdLinkID")


def test_for_a_day(venue: Venue) -> None:
    limit = venue.alice.order("Buy", 100, 59_000, timeInForce="Day")
    stop = venue.alice.order("Sell", 100, stopPx=58_000, timeInForce="Day")
    stays = venue.alice.order("Buy", 100, 58_900)
    assert (limit["timeInForce"], stop["timeInForce"]) == ("Day", "Day")
    venue.world.wait(86_400)
    venue.world.carry_on()
    venue.world.carry_on()
    for row in (limit, stop):
        assert now(venue.alice, row)["text"].startswith("Canceled: Order had timeInForce of Day")
    assert now(venue.alice, stays)["ordStatus"] == "New"


def test_a_closing_stop_without_a_quantity(venue: Venue) -> None:
    quoted(venue)
    venue.alice.order("Buy", 300, ordType="Market")
    row = venue.alice.ok("POST", "/order", {"symbol": "XBTUSD", "stopPx": 59_500, "execInst": "Close"})
    assert (row["side"], row["ordType"], row["orderQty"], row["execInst"]) == ("Sell", "Stop", 0, "Close,MarkPrice")
    move(venue, 59_400)
    done = now(venue.alice, row)
    assert (done["ordStatus"], done["orderQty"], done["cumQty"]) == ("Filled", 300, 300)
    assert venue.alice.ok("GET", "/position")[0]["currentQty"] == 0


def test_a_trigger_must_be_a_price(venue: Venue) -> None:
    asked = {
        "symbol": "XBTUSD",
        "orderQty": 100,
        "stopPx": 60_500,
        "pegPriceType": "TrailingStopPeg",
        "pegOffsetValue": 1,
    }
    assert venue.alice.refused("POST", "/order", asked)[0] == 400
    within = {"symbol": "XBTUSD", "side": "Sell", "orderQty": 100, "stopPx": 59_000, "execInst": "LastWithinMark"}
    assert venue.alice.refused("POST", "/order", within)[0] == 400
    row = venue.alice.order("Sell", 100, stopPx=59_000, execInst="LastPrice,LastWithinMark")
    assert row["execInst"] == "LastWithinMark,LastPrice"
    assert wire.client_id_of(venue.exchange.commands[-1].client_id) == ""


def test_a_stop_limit_that_shows_a_part(venue: Venue) -> None:
    row = venue.alice.order("Buy", 500, 60_300, stopPx=60_500, displayQty=100)
    assert (row["displayQty"], row["workingIndicator"]) == (100, False)
    move(venue, 60_600)
    assert now(venue.alice, row)["workingIndicator"] is True
    assert [level["size"] for level in venue.get("/orderBook/L2", symbol="XBTUSD")] == [100]
