"""Fundings, insurance funds, takeovers and deleveragings as REST and stream show them, from events made by hand."""

from typing import Any

import pytest

from outcry.protocol import layout
from outcry.protocol.layout import EndReason, MoveReason, OrderFlag, Side, TakeoverStage
from tests.engine.worlds import BUY, SELL, listing
from tests.gateway.streams import StreamClient
from tests.gateway.venues import Venue

HOUR_S = 3600
NO_ORDER = "00000000-0000-0000-0000-000000000000"


def funding_fixed(epoch: int = 1, rate_ppb: int = 100_000, instrument: int = 1) -> layout.FundingFixed:
    return layout.FundingFixed(
        instrument=instrument, epoch=epoch, rate_ppb=rate_ppb, lot_minor=166_667, mark_subticks=6_000_000
    )


def funded(account: int, quantity: int, amount_minor: int, epoch: int = 1) -> layout.Funded:
    return layout.Funded(account=account, instrument=1, epoch=epoch, quantity=quantity, amount_minor=amount_minor)


def taken_over(account: int, order_id: int = 777, quantity: int = 1_000) -> layout.TakenOver:
    """A long of so many contracts at 60,000, taken over at 59,800.1 within the tick."""
    return layout.TakenOver(
        account=account, instrument=1, side=Side.SELL, takeover=1, order_id=order_id, quantity=quantity,
        price_ticks=598_001, mark_subticks=5_985_000, position_quantity=quantity, position_cost_minor=-1_666_670,
        bankrupt_minor=-1_672_240, realised_minor=-5_570, reserve_minor=836,
    )  # fmt: skip


def changed(leaves_quantity: int, stage: int = TakeoverStage.TAKEOVER_RESTING, takeover: int = 1) -> Any:
    return layout.TakeoverChanged(
        instrument=1, stage=stage, takeover=takeover, leaves_quantity=leaves_quantity, price_ticks=598_001
    )


def fund_moved(amount_minor: int, fund_minor: int, currency: int = 1) -> layout.FundMoved:
    return layout.FundMoved(
        currency=currency, instrument=1, reason=MoveReason.MOVED_SURPLUS, amount_minor=amount_minor,
        fund_minor=fund_minor,
    )  # fmt: skip


def deleveraged(account: int) -> layout.Deleveraged:
    return layout.Deleveraged(
        account=account, instrument=1, side=Side.BUY, takeover=1, quantity=500, value_minor=836_120,
        mark_subticks=5_985_000, rank=1, eligible=3, realised_minor=2_785, position_quantity=-500,
    )  # fmt: skip


# Fundings.


def later(venue: Venue, hours: float) -> None:
    """Let time pass, and the engine do what is due and what it makes of itself."""
    venue.world.wait(hours * HOUR_S)
    venue.world.send(layout.Tick())
    while venue.world.engine.work_waiting:
        venue.world.carry_on()


def test_fundings_are_listed_at_their_stamps(venue: Venue) -> None:
    assert venue.get("/funding") == []
    # It is 22:13:20, and the stamps are at 04:00, 12:00 and 20:00.
    later(venue, 6)
    later(venue, 8)
    rows = venue.get("/funding", symbol="XBTUSD")
    assert rows[0] == {
        "timestamp": "2023-11-15T04:00:00.000Z",
        "symbol": "XBTUSD",
        "fundingInterval": "2000-01-01T08:00:00.000Z",
        "fundingRate": 0.0001,
        "fundingRateDaily": 0.0003,
    }
    assert [row["timestamp"] for row in rows[1:]] == ["2023-11-15T12:00:00.000Z"]
    assert len(venue.get("/funding")) == 2 * 3
    assert [row["timestamp"] for row in venue.get("/funding", reverse="true")] == [
        *["2023-11-15T12:00:00.000Z"] * 3, *["2023-11-15T04:00:00.000Z"] * 3,
    ]  # fmt: skip
    assert len(venue.get("/funding", startTime="2023-11-15T05:00", count=2)) == 2
    assert venue.get("/funding", symbol="XBTUSD", columns="fundingRate", count=1) == [
        {"timestamp": "2023-11-15T04:00:00.000Z", "symbol": "XBTUSD", "fundingRate": 0.0001}
    ]
    assert {row["symbol"] for row in venue.get("/funding", filter='{"symbol":["XBTUSDT","ETHUSD"]}')} == {
        "XBTUSDT", "ETHUSD",
    }  # fmt: skip
    assert venue.get("/funding", symbol=".BXBT") == []
    assert venue.get("/instrument", symbol="XBTUSD")[0]["fundingTimestamp"] == "2023-11-15T20:00:00.000Z"


def test_the_funding_topic(venue: Venue) -> None:
    later(venue, 6)
    client = StreamClient(venue)
    client.subscribe("funding", "instrument:XBTUSD")
    assert client.rows("funding") == venue.get("/funding")
    later(venue, 8)
    news = [one for one in client.news() if one["table"] == "funding"]
    assert [one["action"] for one in news] == ["insert"] * 3
    assert client.rows("funding") == venue.get("/funding")
    assert client.rows("instrument")[0]["fundingTimestamp"] == "2023-11-15T20:00:00.000Z"
    one = StreamClient(venue)
    one.subscribe("funding:XBTUSDT")
    assert one.rows("funding") == venue.get("/funding", symbol="XBTUSDT", reverse="true", count=1)


def test_both_sides_of_a_funding_and_their_wallets(venue: Venue) -> None:
    """The engine's own: what one pays the other gets but for rounding, and histories are the wallets."""
    venue.bob.order("Sell", 1_000, 60_000)
    venue.alice.order("Buy", 1_000, 60_000)
    client = StreamClient(venue, venue.alice)
    client.subscribe("execution", "wallet", "position")
    later(venue, 6)
    client.news()
    paid, got = (who.ok("GET", "/execution/tradeHistory")[-1] for who in (venue.alice, venue.bob))
    assert (paid["execType"], paid["commission"], got["commission"]) == ("Funding", 0.0001, -0.0001)
    assert (paid["lastQty"], paid["foreignNotional"], got["foreignNotional"]) == (1_000, -1_000, 1_000)
    assert 0 <= paid["execComm"] + got["execComm"] <= 1
    assert paid["execComm"] > 0 > got["execComm"]
    assert paid["lastPx"] == venue.world.recent.risk.fundings[1][-1].mark_subticks / 100
    assert client.rows("execution")[-1] == paid
    position = venue.alice.ok("GET", "/position")[0]
    assert client.rows("position") == [position]
    assert position["currentComm"] == 833 + paid["execComm"]
    for who in (venue.alice, venue.bob):
        wallet = who.ok("GET", "/user/wallet")["amount"]
        assert wallet == venue.world.balance(who.account)
        history = who.ok("GET", "/user/walletHistory")
        assert history[0]["walletBalance"] == wallet == sum(row["amount"] for row in history)
    assert client.rows("wallet")[0]["amount"] == venue.world.balance(venue.alice.account)


def test_what_a_position_pays_is_an_execution(venue: Venue) -> None:
    client = StreamClient(venue, venue.alice)
    client.subscribe("execution", "order", "position", "margin", "wallet")
    venue.world.tell(funding_fixed(), funded(venue.alice.account, 1_000, 167), funded(venue.bob.account, -1_000, -166))
    (mine,) = venue.alice.ok("GET", "/execution/tradeHistory")
    (theirs,) = venue.bob.ok("GET", "/execution/tradeHistory")
    wanted = {
        "execType": "Funding", "ordType": "Limit", "timeInForce": "GoodTillCancel", "ordStatus": "Filled",
        "orderID": NO_ORDER, "clOrdID": None, "side": None, "lastQty": 1_000, "lastPx": 60_000, "price": 60_000,
        "avgPx": 60_000, "cumQty": 1_000, "leavesQty": 0, "commission": 0.0001, "execComm": 167,
        "execCost": -1_666_670, "homeNotional": 0.0166667, "foreignNotional": -1_000, "text": "Funding",
        "lastLiquidityInd": None, "tradePublishIndicator": "DoNotPublishTrade", "feeType": "Funding",
    }  # fmt: skip
    assert {name: mine[name] for name in wanted} == wanted
    assert (theirs["commission"], theirs["execComm"], theirs["execCost"]) == (-0.0001, -166, 1_666_670)
    assert len(mine) == len(venue.alice.ok("GET", "/execution")[0])
    assert venue.alice.ok("GET", "/order") == []
    client.news()
    assert client.rows("execution") == [mine]
    assert client.rows("order") == []
    assert venue.get("/trade") == []
    (day,) = venue.alice.ok("GET", "/user/walletHistory")[:1]
    assert (day["transactType"], day["address"], day["amount"]) == ("RealisedPNL", "XBTUSD", -167)
    assert day["walletBalance"] == 10**9 - 167


# Insurance funds.


def test_a_fund_has_a_row_for_every_noon_and_one_for_now(venue: Venue) -> None:
    client = StreamClient(venue)
    client.subscribe("insurance")
    listed = "2023-11-14T22:13:20.000Z"
    assert venue.get("/insurance") == [
        {"currency": "XBt", "timestamp": listed, "walletBalance": 0},
        {"currency": "USDt", "timestamp": listed, "walletBalance": 0},
    ]
    assert sorted(client.rows("insurance"), key=str) == sorted(venue.get("/insurance"), key=str)
    venue.world.wait(60)
    venue.world.tell(fund_moved(5_000, 5_000))
    assert [row["walletBalance"] for row in venue.get("/insurance")] == [0, 5_000]
    client.news()
    venue.world.wait(24 * HOUR_S)
    venue.world.deposit(layout.Role.INSURANCE, 1_000)
    shown = venue.get("/insurance", filter='{"currency":"XBt"}')
    noon = {"currency": "XBt", "timestamp": "2023-11-15T12:00:00.000Z", "walletBalance": 5_000}
    assert shown[0] == noon
    client.news()
    told = [row for row in client.rows("insurance") if row["currency"] == "XBt"]
    assert [row["walletBalance"] for row in told][:3] == [0, 5_000, 5_000]
    assert told[2:] == shown
    venue.world.wait(48 * HOUR_S)
    venue.world.tell(fund_moved(-1, 4_999, 2), fund_moved(2, 5_001, 2))
    rows = venue.get("/insurance", reverse="true")
    assert rows[0]["walletBalance"] == 5_001
    assert len(rows) == 2 * 3 + 1
    client.news()
    assert sorted(map(str, client.rows("insurance")[-5:])) == sorted(map(str, rows[:5]))


def test_two_changes_in_a_millisecond_are_one_row(venue: Venue) -> None:
    client = StreamClient(venue)
    client.subscribe("insurance")
    venue.world.wait(1)
    for balance in (10, 20):
        venue.world.tell(fund_moved(10, balance))
        client.news()
    assert [row["walletBalance"] for row in client.rows("insurance") if row["currency"] == "XBt"] == [0, 20]


# Takeovers.


def test_a_takeover_comes_shrinks_and_goes(venue: Venue) -> None:
    client = StreamClient(venue)
    client.subscribe("liquidation:XBTUSD")
    assert client.rows("liquidation") == []
    venue.world.tell(taken_over(venue.alice.account), changed(1_000))
    (row,) = venue.get("/liquidation")
    assert (row["symbol"], row["side"], row["price"], row["leavesQty"]) == ("XBTUSD", "Sell", 59_800.1, 1_000)
    (order,) = venue.alice.ok("GET", "/order")
    assert row["orderID"] == order["orderID"]
    client.news()
    assert client.rows("liquidation") == [row]
    late = StreamClient(venue)
    late.subscribe("liquidation")
    venue.world.tell(changed(400))
    assert venue.get("/liquidation", symbol="XBTUSD")[0]["leavesQty"] == 400
    assert venue.get("/liquidation", symbol="ETHUSD") == []
    venue.world.tell(changed(0, TakeoverStage.TAKEOVER_CLOSED))
    for one in (client, late):
        assert [news["action"] for news in one.news() if news["table"] == "liquidation"] in (
            ["update", "delete"],
            [],
        )
        assert one.rows("liquidation") == []
    assert venue.get("/liquidation") == []
    assert "account" not in row


def test_the_victim_is_told_of_his_order_and_its_fill(venue: Venue) -> None:
    venue.bob.order("Sell", 1_000, 60_000)
    venue.alice.order("Buy", 1_000, 60_000)
    client = StreamClient(venue, venue.alice)
    client.subscribe("execution", "order", "position", "wallet", "margin")
    client.news()
    venue.world.tell(
        layout.LiquidationStep(account=venue.alice.account, instrument=1, step=layout.LadderStep.STEP_TAKEOVER),
        taken_over(venue.alice.account),
    )
    # What the takeover does with its own order under that number is not the victim's.
    placed = layout.Placed(account=3, instrument=1, order_id=777, side=SELL, quantity=1_000, leaves_quantity=1_000)
    fill = layout.Fill(
        instrument=1, taker_side=SELL, price_ticks=598_010, quantity=400, value_minor=668_884, taker_account=3,
        maker_account=venue.bob.account, taker_order_id=777, maker_order_id=1, taker_leaves_quantity=600,
    )  # fmt: skip
    ended = layout.Ended(account=3, instrument=1, order_id=777, reason=EndReason.ENDED_FILLED)
    venue.world.tell(placed, fill, ended)
    client.news()
    born, filled = client.rows("execution")
    assert [one["execType"] for one in (born, filled)] == ["New", "Trade"]
    wanted = {
        "ordType": "Limit", "side": "Sell", "text": "Liquidation", "lastPx": 59_800.1, "lastQty": 1_000,
        "ordStatus": "Filled", "execComm": 836, "execCost": 1_672_240, "commission": 0.00049993, "clOrdID": None,
        "tradePublishIndicator": "DoNotPublishTrade", "cumQty": 1_000, "leavesQty": 0, "avgPx": 59_800.1,
    }  # fmt: skip
    assert {name: filled[name] for name in wanted} == wanted
    order = venue.alice.ok("GET", "/order", {"filter": {"orderID": filled["orderID"]}})[0]
    assert client.rows("order") == [order]
    assert (order["ordStatus"], order["text"], order["cumQty"]) == ("Filled", "Liquidation", 1_000)
    assert venue.alice.ok("GET", "/execution")[-2:] == [born, filled]
    assert venue.alice.ok("GET", "/execution/tradeHistory")[-1] == filled
    day = venue.alice.ok("GET", "/user/walletHistory", {"count": 1})[0]
    assert day["amount"] == -833 - 5_570 - 836


def test_who_is_deleveraged_is_told(venue: Venue) -> None:
    resting = venue.bob.order("Sell", 100, 61_000)
    client = StreamClient(venue, venue.bob)
    client.subscribe("execution", "order")
    order_id = next(iter(venue.world.recent.account(venue.bob.account).open))
    venue.world.tell(
        layout.Ended(
            account=venue.bob.account, instrument=1, order_id=order_id, reason=EndReason.ENDED_DELEVERAGED,
            unfilled_quantity=100,
        ),
        deleveraged(venue.bob.account),
    )  # fmt: skip
    client.news()
    cancelled, reduced = client.rows("execution")
    assert (cancelled["orderID"], cancelled["ordStatus"]) == (resting["orderID"], "Canceled")
    assert cancelled["text"].startswith("Canceled: Position was auto-deleveraged\n")
    wanted = {
        "execType": "Trade", "text": "ADL", "side": "Buy", "orderID": NO_ORDER, "lastQty": 500, "lastPx": 59_800.03,
        "execComm": 0, "commission": 0, "execCost": -836_120,
    }  # fmt: skip
    assert {name: reduced[name] for name in wanted} == wanted
    assert venue.bob.ok("GET", "/user/walletHistory", {"count": 1})[0]["amount"] == 2_785


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (EndReason.ENDED_LIQUIDATION, "Position was in liquidation"),
        (EndReason.ENDED_BANKRUPTCY, "Order had ordType of Market and reached the bankruptcy price of the account"),
    ],
)
def test_orders_that_a_liquidation_ends_say_so(venue: Venue, reason: EndReason, words: str) -> None:
    venue.alice.order("Buy", 100, 59_000)
    order_id = next(iter(venue.world.recent.account(venue.alice.account).open))
    venue.world.tell(layout.Ended(account=venue.alice.account, instrument=1, order_id=order_id, reason=reason))
    assert venue.alice.ok("GET", "/order")[0]["text"] == f"Canceled: {words}\nSubmitted via API."


def test_an_order_of_the_venue_for_its_owner_says_liquidation(venue: Venue) -> None:
    placed = layout.Placed(
        account=venue.alice.account, instrument=1, order_id=900, side=BUY, quantity=100, leaves_quantity=100,
        order_type=1, time_in_force=3, flags=OrderFlag.BY_VENUE, price_ticks=600_000, display_quantity=-1,
    )  # fmt: skip
    venue.world.tell(placed)
    row = venue.alice.ok("GET", "/order")[0]
    assert (row["text"], row["execInst"], row["timeInForce"]) == ("Liquidation", None, "FillOrKill")


# Risk limits.


def test_a_risk_limit_is_chosen(venue: Venue) -> None:
    client = StreamClient(venue, venue.alice)
    client.subscribe("position")
    row = venue.alice.ok("POST", "/position/riskLimit", {"symbol": "XBTUSD", "riskLimit": 350 * 10**8})
    assert row["riskLimit"] == 350 * 10**8
    client.news()
    assert client.rows("position") == [row]
    assert venue.alice.ok("GET", "/position")[0]["riskLimit"] == 350 * 10**8


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"symbol": "XBTUSD"}, "'riskLimit' is a required arg."),
        ({"riskLimit": 1}, "'symbol' is a required arg."),
        ({"symbol": "NOPE", "riskLimit": 1}, "symbol is invalid"),
        ({"symbol": "XBTUSD", "riskLimit": -1}, "Invalid riskLimit"),
        ({"symbol": "XBTUSD", "riskLimit": 1.5}, "Invalid riskLimit"),
        ({"symbol": "XBTUSD", "riskLimit": "x"}, "Invalid riskLimit"),
        ({"symbol": "XBTUSD", "riskLimit": 201 * 10**8}, "Invalid riskLimit"),
        ({"symbol": "XBTUSD", "riskLimit": 100 * 10**8}, "Invalid riskLimit"),
    ],
)
def test_a_risk_limit_that_is_none(venue: Venue, asked: dict[str, Any], message: str) -> None:
    assert venue.alice.refused("POST", "/position/riskLimit", asked) == (400, message)


def test_a_risk_limit_below_what_is_held(venue: Venue) -> None:
    venue.alice.ok("POST", "/position/riskLimit", {"symbol": "XBTUSD", "riskLimit": 350 * 10**8})
    for _ in range(3):
        venue.world.deposit(venue.alice.account, 10 * 10**8)
        venue.alice.order("Buy", 5_000_000, 59_999)
    words = "Value of position and orders exceeds position Risk Limit"
    assert venue.alice.refused("POST", "/position/riskLimit", {"symbol": "XBTUSD", "riskLimit": 200 * 10**8}) == (
        400, words,
    )  # fmt: skip


# A restart.


def test_a_dump_carries_risk_over(venue: Venue) -> None:
    recent = venue.world.recent
    venue.world.tell(funding_fixed(), taken_over(venue.alice.account), fund_moved(7, 7))
    before = [venue.get(path) for path in ("/funding", "/insurance", "/liquidation")]
    recent.load(recent.dump())
    again = type(recent)(venue.world.engine)
    again.load(recent.dump())
    assert again.risk.dump() == recent.risk.dump()
    assert before[2]


# Fees and impact prices.


def test_fees_are_those_of_the_tier(venue: Venue) -> None:
    listed = {"makerFee": 0.0002, "takerFee": 0.0005, "settlementFee": 0}
    assert venue.alice.ok("GET", "/user/commission")["XBTUSD"] == listed
    assert venue.alice.ok("GET", "/user/tradingVolume") == [{"advUsd": 0, "advUsdSpot": 0, "advUsdContract": 0}]
    venue.bob.order("Sell", 1_000, 60_000, symbol="XBTUSDT")
    venue.alice.order("Buy", 1_000, 60_000, symbol="XBTUSDT")
    later(venue, 24)
    # 60 dollars yesterday are 2 a day on the average of 30.
    assert venue.alice.ok("GET", "/user/tradingVolume")[0]["advUsd"] == 2
    venue.world.engine.tables.accounts[venue.alice.account].fee_tier = 3
    fees = venue.alice.ok("GET", "/user/commission")["XBTUSD"]
    assert (fees["takerFee"], fees["makerFee"]) == (0.000233, 0)
    assert venue.bob.ok("GET", "/user/commission")["XBTUSD"] == listed


def test_the_rate_of_an_execution_is_the_one_that_was_charged(venue: Venue) -> None:
    fill = layout.Fill(
        instrument=1, taker_side=BUY, price_ticks=600_000, quantity=100_000, value_minor=166_667_000,
        taker_account=venue.alice.account, maker_account=venue.bob.account, taker_order_id=1, maker_order_id=2,
        taker_fee_minor=38_833, maker_fee_minor=33_333,
    )  # fmt: skip
    placed = [
        layout.Placed(
            account=account, instrument=1, order_id=number, side=side, order_type=1, time_in_force=1,
            quantity=100_000, leaves_quantity=100_000, price_ticks=600_000, display_quantity=-1,
        )
        for number, side, account in ((1, BUY, venue.alice.account), (2, SELL, venue.bob.account))
    ]  # fmt: skip
    venue.world.tell(*placed, fill)
    assert venue.alice.ok("GET", "/execution/tradeHistory")[0]["commission"] == 0.000233
    assert venue.bob.ok("GET", "/execution/tradeHistory")[0]["commission"] == 0.0002


def test_impact_prices_are_those_of_the_last_minute(venue: Venue) -> None:
    """A contract whose funding rate is measured: its look at the book, in REST and as changes of the stream."""
    terms = {"impact_notional_minor": 300_000, "interest_quote_ppb": 600_000, "interest_base_ppb": 300_000}
    venue.world.send(listing("XBTMEASURED", **terms))
    venue.world.price(1, 60_000_00, 1)
    client = StreamClient(venue)
    client.subscribe("instrument:XBTMEASURED")
    (row,) = client.rows("instrument")
    assert (row["impactBidPrice"], row["impactMidPrice"], row["impactAskPrice"]) == (None, None, None)
    for who, side, price in ((venue.bob, "Sell", 60_010), (venue.alice, "Buy", 59_995)):
        who.order(side, 1_000, price, symbol="XBTMEASURED")
    later(venue, 0.02)
    client.news()
    (row,) = client.rows("instrument")
    assert (row["impactBidPrice"], row["impactMidPrice"], row["impactAskPrice"]) == (59_995, 60_002.5, 60_010)
    assert (row["hasLiquidity"], row["fairMethod"], row["markMethod"]) == (True, "FundingRate", "FairPrice")
    assert row["fundingRate"] == 0.0001
    assert {**row, "timestamp": 0} == {**venue.get("/instrument", symbol="XBTMEASURED")[0], "timestamp": 0}
    venue.bob.ok("DELETE", "/order/all")
    venue.bob.order("Sell", 1_000, 61_000, symbol="XBTMEASURED")
    later(venue, 0.02)
    client.news()
    (row,) = client.rows("instrument")
    assert (row["impactAskPrice"], row["hasLiquidity"]) == (61_000, False)


@pytest.mark.parametrize(
    ("method", "fair", "marked"),
    [(1, "FundingRate", "FairPrice"), (3, "LastPrice", "LastPrice"), (4, "LastPrice", "LastPrice")],
)
def test_how_it_is_marked(venue: Venue, method: int, fair: str, marked: str) -> None:
    venue.world.send(listing("XBTM", mark_method=method))
    row = venue.get("/instrument", symbol="XBTM")[0]
    assert (row["fairMethod"], row["markMethod"]) == (fair, marked)
