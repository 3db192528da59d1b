"""Orders that wait, follow, are linked or show only a part, told event by event: rows over REST and on the stream."""

import ctypes
from typing import Any

import pytest

from outcry.gateway.dialect.errors import words_of
from outcry.protocol import wire
from outcry.protocol.layout import (
    Amended,
    Code,
    Conditioned,
    ConditionStage,
    Contingency,
    Ended,
    EndReason,
    Fill,
    OrderFlag,
    OrderType,
    PegKind,
    Placed,
    Side,
    TimeInForce,
    Trailed,
    Triggered,
    TriggerReference,
)
from outcry.views.recent import Recent
from tests.gateway.streams import StreamClient
from tests.gateway.venues import Venue

NUMBER = 9_001
Row = dict[str, Any]
Record = ctypes.LittleEndianStructure


def placed(venue: Venue, number: int = NUMBER, **more: Any) -> Placed:
    record = Placed(
        account=venue.alice.account,
        instrument=1,
        order_id=number,
        side=Side.SELL,
        order_type=OrderType.STOP,
        time_in_force=TimeInForce.IMMEDIATE_OR_CANCEL,
        quantity=300,
        leaves_quantity=300,
        display_quantity=-1,
    )
    wire.put_client_id(record.client_id, more.pop("client_id", ""))
    for name, value in more.items():
        setattr(record, name, value)
    return record


def conditioned(venue: Venue, number: int = NUMBER, **more: Any) -> Conditioned:
    record = Conditioned(
        account=venue.alice.account,
        instrument=1,
        order_id=number,
        stage=ConditionStage.STAGE_ARMED,
        trigger_reference=TriggerReference.ON_MARK,
        trigger_subticks=5_900_000,
    )
    wire.put_client_id(record.link_id, more.pop("link_id", ""))
    for name, value in more.items():
        setattr(record, name, value)
    return record


def triggered(venue: Venue, number: int = NUMBER, **more: Any) -> Triggered:
    known = {"stage": ConditionStage.STAGE_LIVE, "trigger_reference": TriggerReference.ON_MARK}
    terms = {"trigger_subticks": 5_900_000, "reached_subticks": 5_899_000, **known, **more}
    return Triggered(account=venue.alice.account, instrument=1, order_id=number, **terms)


def ended(venue: Venue, reason: EndReason, number: int = NUMBER, code: int = 0) -> Ended:
    return Ended(
        account=venue.alice.account, instrument=1, order_id=number, reason=reason, code=code, unfilled_quantity=300
    )


def filled(venue: Venue, number: int = NUMBER, **more: Any) -> Fill:
    record = Fill(
        instrument=1,
        taker_side=Side.SELL,
        price_ticks=589_990,
        quantity=300,
        value_minor=508_560,
        taker_account=venue.alice.account,
        maker_account=venue.bob.account,
        taker_order_id=number,
        maker_order_id=8_001,
        taker_fee_minor=254,
        maker_fee_minor=102,
    )
    for name, value in more.items():
        setattr(record, name, value)
    return record


def order(venue: Venue, number: int = NUMBER) -> Row:
    wire_id = venue.app.venue.ids.order(number)
    (row,) = venue.alice.ok("GET", "/order", {"filter": {"orderID": wire_id}})
    assert isinstance(row, dict)
    return row


def executions(venue: Venue) -> list[Row]:
    rows = venue.alice.ok("GET", "/execution")
    assert isinstance(rows, list)
    return rows


def test_a_stop_from_its_birth_to_its_fill(venue: Venue) -> None:
    client = StreamClient(venue, venue.alice)
    client.subscribe("order", "execution")
    venue.world.tell(placed(venue), conditioned(venue))
    waiting = order(venue)
    wanted = {
        "ordStatus": "New",
        "workingIndicator": False,
        "triggered": "",
        "stopPx": 59000,
        "execInst": "MarkPrice",
        "ordType": "Stop",
        "price": None,
        "leavesQty": 300,
    }
    assert {name: waiting[name] for name in wanted} == wanted
    (born,) = executions(venue)
    assert (born["execType"], born["workingIndicator"], born["triggered"]) == ("New", False, "")
    client.news()
    assert client.rows("order") == [waiting]
    venue.world.tell(triggered(venue), filled(venue), ended(venue, EndReason.ENDED_FILLED))
    told = client.news()
    done = order(venue)
    assert (done["ordStatus"], done["triggered"], done["workingIndicator"]) == ("Filled", "StopOrderTriggered", False)
    assert [row["execType"] for row in executions(venue)] == ["New", "TriggeredOrActivatedBySystem", "Trade"]
    went = executions(venue)[1]
    assert (went["triggered"], went["workingIndicator"], went["ordStatus"]) == ("StopOrderTriggered", True, "New")
    assert client.rows("order") == [done]
    assert [one["table"] for one in told][:2] == ["execution", "order"]
    assert [row["execType"] for row in client.rows("execution")] == ["New", "TriggeredOrActivatedBySystem", "Trade"]


def test_what_cannot_go_live_is_rejected_with_the_refusals_words(venue: Venue) -> None:
    venue.world.tell(placed(venue), conditioned(venue))
    venue.world.tell(triggered(venue), ended(venue, EndReason.ENDED_REFUSED, code=Code.BALANCE_INSUFFICIENT))
    row = order(venue)
    words = "Account has insufficient Available Balance"
    assert (row["ordStatus"], row["ordRejReason"], row["leavesQty"]) == ("Rejected", words, 0)
    assert row["text"].startswith(f"Rejected: {words}")
    last = executions(venue)[-1]
    assert (last["execType"], last["ordRejReason"]) == ("Rejected", words)


@pytest.mark.parametrize("code", [one for one in Code if one])
def test_every_refusal_has_words_without_numbers(code: Code) -> None:
    words = words_of(code)
    assert words
    assert "{" not in words
    assert not words.startswith("Order could not")


def test_a_code_that_is_not_known_here_has_words_too() -> None:
    assert words_of(65_535) == "Order could not go live"


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (EndReason.ENDED_LINKED, "OneCancelsTheOther"),
        (EndReason.ENDED_PRIMARY, "primary ended unfilled"),
        (EndReason.ENDED_DAY, "timeInForce of Day"),
        (EndReason.ENDED_AUCTION, "auction"),
    ],
)
def test_an_end_says_why(venue: Venue, reason: EndReason, words: str) -> None:
    venue.world.tell(placed(venue), conditioned(venue), ended(venue, reason))
    row = order(venue)
    assert (row["ordStatus"], row["ordRejReason"], row["workingIndicator"]) == ("Canceled", None, False)
    assert row["text"].startswith("Canceled: Order ")
    assert words in row["text"]


def test_a_child_is_dormant_then_armed_then_live(venue: Venue) -> None:
    link: dict[str, Any] = {"contingency": Contingency.ONE_TRIGGERS_OTHER, "link_id": "bracket"}
    venue.world.tell(placed(venue), conditioned(venue, stage=ConditionStage.STAGE_DORMANT, **link))
    dormant = order(venue)
    assert (dormant["clOrdLinkID"], dormant["contingencyType"]) == ("bracket", "OneTriggersTheOther")
    assert (dormant["ordStatus"], dormant["workingIndicator"], dormant["triggered"]) == ("New", False, "")
    # Its primary was filled: it waits for its own trigger from here on.
    venue.world.tell(triggered(venue, stage=ConditionStage.STAGE_ARMED, trigger_reference=0, reached_subticks=0))
    armed = order(venue)
    assert (armed["workingIndicator"], armed["triggered"], armed["stopPx"]) == (False, "", 59000)
    assert executions(venue)[-1]["execType"] == "TriggeredOrActivatedBySystem"
    venue.world.tell(triggered(venue))
    assert (order(venue)["workingIndicator"], order(venue)["triggered"]) == (True, "StopOrderTriggered")


def test_a_child_without_a_trigger_is_live_when_its_primary_is_filled(venue: Venue) -> None:
    plain = {"trigger_reference": 0, "trigger_subticks": 0}
    limit = placed(venue, order_type=OrderType.LIMIT, price_ticks=610_000, time_in_force=TimeInForce.GOOD_TILL_CANCEL)
    venue.world.tell(limit, conditioned(venue, stage=ConditionStage.STAGE_DORMANT, **plain))
    assert (order(venue)["workingIndicator"], order(venue)["triggered"]) == (False, None)
    venue.world.tell(triggered(venue, reached_subticks=0, **plain))
    assert (order(venue)["workingIndicator"], order(venue)["triggered"]) == (True, None)


def test_a_trailing_stop_follows(venue: Venue) -> None:
    trail = {"peg_kind": PegKind.PEG_TRAILING, "peg_offset_subticks": -10_000}
    venue.world.tell(placed(venue), conditioned(venue, **trail))
    row = order(venue)
    assert (row["pegPriceType"], row["pegOffsetValue"], row["stopPx"]) == ("TrailingStopPeg", -100, 59000)
    client = StreamClient(venue, venue.alice)
    client.subscribe("order", "execution")
    venue.world.tell(
        Trailed(
            account=venue.alice.account,
            instrument=1,
            order_id=NUMBER,
            trigger_subticks=5_910_000,
            reference_subticks=5_920_000,
        )
    )
    client.news()
    assert (order(venue)["stopPx"], order(venue)["triggered"]) == (59100, "")
    assert client.rows("order") == [order(venue)]
    assert [row["execType"] for row in client.rows("execution")] == ["Replaced"]
    # What was reported before says what was so then.
    assert [row["stopPx"] for row in executions(venue)] == [59000, 59100]


@pytest.mark.parametrize(
    ("order_type", "side", "shown"),
    [
        (OrderType.STOP, Side.SELL, 59498.5),
        (OrderType.STOP, Side.BUY, 59498.6),
        (OrderType.MARKET_IF_TOUCHED, Side.SELL, 59498.6),
        (OrderType.LIMIT_IF_TOUCHED, Side.BUY, 59498.5),
    ],
)
def test_a_trigger_between_ticks_is_shown_where_it_has_been_reached(
    venue: Venue, order_type: OrderType, side: Side, shown: float
) -> None:
    """A trail's trigger is 59,498.56 with a tick of 0.1: what a program reads is whole ticks away from the market."""
    row = placed(venue, order_type=order_type, side=side)
    venue.world.tell(row, conditioned(venue, peg_kind=PegKind.PEG_TRAILING, trigger_subticks=5_949_856))
    assert order(venue)["stopPx"] == shown


def test_what_traded_unseen_pays_as_a_taker(venue: Venue) -> None:
    resting = {"order_type": OrderType.LIMIT, "price_ticks": 589_990, "side": Side.SELL}
    venue.world.tell(placed(venue, time_in_force=TimeInForce.GOOD_TILL_CANCEL, display_quantity=0, **resting))
    assert order(venue)["displayQty"] == 0
    sides = {"taker_account": venue.bob.account, "maker_account": venue.alice.account}
    numbers = {"taker_order_id": 8_001, "maker_order_id": NUMBER, "taker_side": Side.BUY}
    venue.world.tell(filled(venue, maker_hidden=1, maker_fee_minor=254, maker_leaves_quantity=100, **sides, **numbers))
    venue.world.tell(filled(venue, maker_fee_minor=102, maker_leaves_quantity=0, **sides, **numbers))
    hidden, shown = [row for row in executions(venue) if row["execType"] == "Trade"]
    assert (hidden["lastLiquidityInd"], hidden["commission"], hidden["execComm"]) == ("RemovedLiquidity", 0.0005, 254)
    assert (shown["lastLiquidityInd"], shown["commission"], shown["execComm"]) == ("AddedLiquidity", 0.0002, 102)


def amended(venue: Venue, **more: Any) -> Amended:
    first = placed(venue, **more)
    names = [name for name, *_ in Placed._fields_ if name in {one for one, *_ in Amended._fields_}]
    record = Amended()
    for name in names:
        setattr(record, name, getattr(first, name))
    return record


def test_a_filled_order_that_is_opened_again_is_the_same_order(venue: Venue) -> None:
    terms: dict[str, Any] = {"order_type": OrderType.LIMIT, "price_ticks": 589_990, "client_id": "mine"}
    venue.world.tell(placed(venue, **terms), filled(venue), ended(venue, EndReason.ENDED_FILLED))
    assert (order(venue)["ordStatus"], order(venue)["cumQty"]) == ("Filled", 300)
    venue.world.tell(amended(venue, quantity=500, leaves_quantity=200, **terms))
    row = order(venue)
    assert (row["ordStatus"], row["orderQty"], row["leavesQty"], row["cumQty"]) == ("PartiallyFilled", 500, 200, 300)
    assert venue.alice.ok("GET", "/order", {"filter": {"open": True, "clOrdID": "mine"}}) == [row]
    again = Recent(venue.world.engine)
    again.load(venue.world.recent.dump())
    assert [one.order_id for one in again.account(venue.alice.account).open.values()] == [NUMBER]
    venue.world.tell(filled(venue, quantity=200, value_minor=339_040), ended(venue, EndReason.ENDED_FILLED))
    row = order(venue)
    assert (row["ordStatus"], row["cumQty"], row["avgPx"]) == ("Filled", 500, 58999)
    assert len(venue.alice.ok("GET", "/order")) == 1


def test_one_that_was_forgotten_is_opened_again_too(venue: Venue) -> None:
    venue.world.tell(amended(venue, order_type=OrderType.LIMIT, price_ticks=589_990, quantity=500, leaves_quantity=200))
    row = order(venue)
    assert (row["ordStatus"], row["cumQty"], row["leavesQty"], row["avgPx"]) == ("PartiallyFilled", 300, 200, None)


def test_flags_of_ours_are_no_instructions(venue: Venue) -> None:
    flags = OrderFlag.TRIGGERED_ONCE | OrderFlag.HELD_BACK | OrderFlag.LAST_WITHIN_MARK
    venue.world.tell(placed(venue, flags=flags), conditioned(venue, trigger_reference=TriggerReference.ON_LAST))
    assert order(venue)["execInst"] == "LastWithinMark,LastPrice"
