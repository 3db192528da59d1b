"""Every refusal of the engine has BitMEX's status, words and name."""

import pytest

from outcry.gateway.dialect.errors import WORDS, Subject, refusal_of
from outcry.gateway.dialect.names import END_TEXTS
from outcry.gateway.door import NoAnswer, Overloaded
from outcry.protocol.codes import REFUSALS
from outcry.protocol.layout import Code, CommandKind, EndReason, Refused
from outcry.views.directory import Listing
from tests.gateway.venues import Venue

EXACT = {
    Code.CLIENT_ID_DUPLICATE: "Duplicate clOrdID",
    Code.ORDER_ENDED: "Invalid ordStatus",
    Code.QUANTITY_INVALID: "Invalid orderQty",
    Code.QUANTITY_NOT_LOTS: "Order quantity must be a multiple of lot size: 100",
    Code.PRICE_INVALID: "Invalid price",
    Code.BALANCE_INSUFFICIENT: "Account has insufficient Available Balance, 21251123 XBt required",
    Code.ACCOUNT_FROZEN: "Account is restricted",
    Code.INSTRUMENT_CLOSED: "Instrument is closed",
    Code.INSTRUMENT_UNKNOWN: "symbol is invalid",
    Code.RISK_LIMIT_EXCEEDED: "Value of position and orders exceeds position Risk Limit",
}


def refused(code: int, kind: CommandKind = CommandKind.PLACE) -> Refused:
    record = Refused()
    record.code, record.command_kind, record.wanted, record.limit = code, kind, 21251123, 0
    return record


@pytest.fixture
def listing(venue: Venue) -> Listing:
    return venue.world.recent.directory.listing(1)


def test_no_code_is_without_words() -> None:
    assert set(WORDS) == {refusal.number for refusal in REFUSALS}


@pytest.mark.parametrize("code", [refusal.number for refusal in REFUSALS])
def test_every_code_becomes_an_error(code: int, listing: Listing) -> None:
    refusal = refusal_of(Subject(refused(code), listing))
    assert refusal.status in (400, 403, 404, 503)
    assert refusal.name in ("HTTPError", "ValidationError")
    assert refusal.message


@pytest.mark.parametrize(("code", "words"), EXACT.items())
def test_words_that_clients_look_for(code: int, words: str, listing: Listing) -> None:
    assert refusal_of(Subject(refused(code), listing)).message == words


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (CommandKind.PLACE, "Executing at order price would lead to immediate liquidation"),
        (CommandKind.AMEND, "Executing at order price would lead to immediate liquidation"),
        (CommandKind.SET_LEVERAGE, "This change would lead to immediate liquidation"),
        (CommandKind.SET_RISK_LIMIT, "This change would lead to immediate liquidation"),
    ],
)
def test_a_change_of_margining_is_no_order(kind: CommandKind, words: str) -> None:
    assert refusal_of(Subject(refused(Code.LIQUIDATION_IMMEDIATE, kind))).message == words


def test_an_unknown_order() -> None:
    amend = refused(Code.ORDER_UNKNOWN, CommandKind.AMEND)
    assert refusal_of(Subject(amend)).message == "Invalid orderID"
    assert refusal_of(Subject(amend, by_client_id=True)).message == "Invalid origClOrdID"
    assert refusal_of(Subject(refused(Code.ORDER_UNKNOWN, CommandKind.CANCEL))).message == "Not Found"


def test_every_end_has_a_text() -> None:
    by_owner_or_fill = {EndReason.ENDED_FILLED, EndReason.ENDED_CANCELED}
    assert set(END_TEXTS) == set(EndReason) - by_owner_or_fill


def test_unknown_routes(venue: Venue) -> None:
    for verb, path in (("GET", "/nowhere"), ("PATCH", "/order"), ("GET", "/outcry/v1/nowhere"), ("POST", "/trade")):
        answer = venue.ask(verb, path)
        assert answer.status_code == 404
        assert answer.json() == {"error": {"message": "Not Found", "name": "HTTPError"}}
    assert venue.ask("GET", "/trade/").status_code == 200


def test_silence_tells_what_to_ask_for(venue: Venue) -> None:
    order = {"symbol": "XBTUSD", "orderQty": 100, "price": 59000}
    venue.exchange.silence = NoAnswer(3, 17)
    answer = venue.alice.ask("POST", "/order", order)
    assert answer.status_code == 503
    error = answer.json()["error"]
    assert (error["origin"], error["originSequence"]) == (3, 17)
    assert "/outcry/v1/command?origin=3&originSequence=17" in error["message"]
    assert "overloaded" not in error["message"]
    venue.exchange.silence = Overloaded()
    answer = venue.alice.ask("POST", "/order", order)
    assert (answer.status_code, answer.json()["error"]["message"]) == (
        503,
        "The system is currently overloaded. Please try again later.",
    )
    assert answer.headers["retry-after"] == "1"
    assert answer.json()["error"]["acted"] is False
    assert "has no sequence and will never act" in answer.json()["error"]["detail"]
    assert "x-ratelimit-remaining" in answer.headers


def test_the_fate_of_a_command(venue: Venue) -> None:
    row = venue.alice.order("Buy", 100, 59000)
    asked = {"origin": 1, "originSequence": venue.world.sent}
    fate = venue.alice.ok("GET", "/outcry/v1/command", asked)
    assert (fate["fate"], fate["orderID"], fate["command"]) == ("applied", row["orderID"], "PLACE")
    assert fate["sequence"] == venue.world.engine.sequence
    assert venue.bob.ok("GET", "/outcry/v1/command", asked)["fate"] == "never"
    assert venue.alice.refused("POST", "/order", {"symbol": "XBTUSD", "orderQty": 7, "price": 59000})[0] == 400
    asked["originSequence"] += 1
    refused_fate = venue.alice.ok("GET", "/outcry/v1/command", asked)
    assert (refused_fate["fate"], refused_fate["code"]) == ("refused", "QUANTITY_NOT_LOTS")
    asked["originSequence"] += 1
    assert venue.alice.ok("GET", "/outcry/v1/command", asked)["fate"] == "waiting"
    # The number is passed over, as when the node turned the command away, and then it can never act any more.
    venue.world.sent += 1
    venue.bob.order("Buy", 100, 59000)
    assert venue.alice.ok("GET", "/outcry/v1/command", asked)["fate"] == "never"
    venue.world.recent.fates.miss()
    assert venue.alice.ok("GET", "/outcry/v1/command", asked)["fate"] == "forgotten"
    for wrong in ({}, {"origin": 1}, {"origin": "x", "originSequence": 1}, {"origin": 1, "originSequence": 2**64}):
        assert venue.alice.refused("GET", "/outcry/v1/command", wrong)[0] == 400
    assert venue.ask("GET", "/outcry/v1/command?origin=1&originSequence=1").status_code == 401


def test_an_error_of_ours_is_a_500_in_the_same_shape(venue: Venue) -> None:
    venue.exchange.silence = ZeroDivisionError("ours")
    with pytest.raises(ZeroDivisionError):
        venue.alice.ask("POST", "/order", {"symbol": "XBTUSD", "orderQty": 100, "price": 59000})
