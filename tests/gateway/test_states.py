"""States of venue, instruments and accounts, and auctions, as they are shown over REST and told on the stream."""

from typing import Any

import pytest

from outcry.protocol import layout
from outcry.protocol.layout import (
    AccountState,
    InstrumentState,
    SetAccountState,
    SetInstrumentState,
    SetVenueState,
    StateCause,
    VenueState,
)
from outcry.views.states import ACCOUNT_WORDS, INSTRUMENT_WORDS, VENUE_WORDS
from tests.gateway.streams import StreamClient
from tests.gateway.venues import Venue

Row = dict[str, Any]
STATES, AUCTION, ACCOUNT = "/outcry/v1/states", "/outcry/v1/auction", "/outcry/v1/account"


def enter(venue: Venue, state: int, number: int = 1, **more: int) -> None:
    cause = more.pop("cause", StateCause.CAUSE_OPERATOR)
    venue.world.send(SetInstrumentState(instrument=number, state=state, cause=cause, **more))


def state_of(venue: Venue, subject: str = "XBTUSD") -> Row:
    (row,) = [one for one in venue.get(STATES) if one["subject"] == subject]
    assert isinstance(row, dict)
    return row


def shown(venue: Venue, symbol: str = "XBTUSD") -> Row:
    (row,) = venue.get("/instrument", symbol=symbol)
    assert isinstance(row, dict)
    return row


def bare(rows: list[Row]) -> list[Row]:
    return sorted(({**row, "timestamp": None} for row in rows), key=lambda row: str(row))


def work(venue: Venue) -> None:
    for _ in range(3):
        venue.world.carry_on()


def test_words() -> None:
    assert INSTRUMENT_WORDS[InstrumentState.INSTRUMENT_PRE_OPEN] == "PreOpen"
    assert (VENUE_WORDS[0], ACCOUNT_WORDS[1]) == ("Open", "Open")


@pytest.mark.parametrize(
    ("state", "word", "name"),
    [
        (InstrumentState.INSTRUMENT_OPEN, "Open", "Open"),
        (InstrumentState.INSTRUMENT_POSTING, "Posting", "Open"),
        (InstrumentState.INSTRUMENT_REDUCING, "Reducing", "Open"),
        (InstrumentState.INSTRUMENT_PRE_OPEN, "PreOpen", "Closed"),
        (InstrumentState.INSTRUMENT_AUCTION, "Auction", "Closed"),
        (InstrumentState.INSTRUMENT_PAUSED, "Paused", "Closed"),
        (InstrumentState.INSTRUMENT_SHUT, "Shut", "Closed"),
    ],
)
def test_an_instruments_rung(venue: Venue, state: InstrumentState, word: str, name: str) -> None:
    client = StreamClient(venue)
    client.subscribe("states", "instrument:XBTUSD")
    until_ns = venue.world.now_ns + 60 * 10**9
    enter(venue, state, until_ns=0 if state == InstrumentState.INSTRUMENT_OPEN else until_ns)
    client.news()
    row = state_of(venue)
    assert (row["state"], row["cause"], shown(venue)["state"]) == (word, "Operator", name)
    if state != InstrumentState.INSTRUMENT_OPEN:
        assert row["until"] == "2023-11-14T22:14:20.000Z"
        assert row["nextState"] == "Open"
    assert bare(client.rows("states")) == bare(venue.get(STATES))
    assert client.rows("instrument")[0]["state"] == name
    assert "XBTUSD" in [one["symbol"] for one in venue.get("/instrument/active")]
    assert [one["subject"] for one in venue.get(STATES, symbol="XBTUSD")] == ["venue", "XBTUSD"]
    assert venue.ask("GET", f"{STATES}?symbol=NOPE").status_code == 400


def test_a_rung_that_is_over_by_itself(venue: Venue) -> None:
    enter(venue, InstrumentState.INSTRUMENT_PAUSED, until_ns=venue.world.now_ns + 60 * 10**9)
    venue.world.wait(61)
    venue.world.carry_on(1)
    assert (state_of(venue)["state"], state_of(venue)["cause"], state_of(venue)["until"]) == ("Open", "Expired", None)


@pytest.mark.parametrize("rung", list(VenueState))
def test_the_venues_rung(venue: Venue, rung: VenueState) -> None:
    client = StreamClient(venue)
    client.subscribe("states", "instrument:ETHUSD")
    alone = StreamClient(venue)
    alone.subscribe("states:ETHUSD")
    venue.world.send(SetVenueState(state=rung, cause=StateCause.CAUSE_TECHNICAL))
    client.news()
    row = state_of(venue, "venue")
    assert (row["state"], row["symbol"]) == (VENUE_WORDS[rung], None)
    assert bare(client.rows("states")) == bare(venue.get(STATES))
    assert bare(alone.rows("states")) == bare([state_of(venue, "ETHUSD")])
    assert alone.news() == []
    held = rung >= VenueState.VENUE_CANCELLING
    assert shown(venue, "ETHUSD")["state"] == ("Closed" if held else "Open")
    assert client.rows("instrument")[0]["state"] == ("Closed" if held else "Open")


def test_what_a_held_venue_says(venue: Venue) -> None:
    order = {"symbol": "XBTUSD", "orderQty": 100, "price": 59_000}
    said = {}
    for rung in VenueState:
        if rung != VenueState.VENUE_OPEN:
            venue.world.send(SetVenueState(state=rung, cause=StateCause.CAUSE_OPERATOR))
            said[rung.name] = venue.alice.refused("POST", "/order", order)
    held = (503, "Service unavailable: the operator lets only cancels through.")
    assert said == {
        "VENUE_POSTING": (400, "The venue takes only orders with execInst of ParticipateDoNotInitiate"),
        "VENUE_REDUCING": (400, "The venue takes only orders that reduce positions"),
        "VENUE_CANCELLING": held,
        "VENUE_WITHDRAWING": held,
        "VENUE_STOPPED": held,
    }
    transfer = {"currency": "XBt", "amount": 1, "targetAccountId": venue.bob.account}
    assert venue.alice.ask("POST", "/user/walletTransfer", transfer).status_code in (403, 503)


def test_an_accounts_rung(venue: Venue) -> None:
    client = StreamClient(venue, venue.alice)
    client.subscribe("account")
    assert client.rows("account") == [venue.alice.ok("GET", ACCOUNT)]
    until_ns = venue.world.now_ns + 60 * 10**9
    record = SetAccountState(account=venue.alice.account, cause=StateCause.CAUSE_COMPLIANCE, until_ns=until_ns)
    record.state = AccountState.ACCOUNT_POSTING
    venue.world.send(record)
    row = venue.alice.ok("GET", ACCOUNT)
    assert (row["state"], row["cause"], row["until"]) == ("Posting", "Compliance", "2023-11-14T22:14:20.000Z")
    client.news()
    assert bare(client.rows("account")) == bare([row])
    order = {"symbol": "XBTUSD", "orderQty": 100, "price": 59_000}
    assert venue.alice.refused("POST", "/order", order) == (403, "Account is restricted")
    assert venue.bob.ok("GET", ACCOUNT)["state"] == "Open"


def test_an_auction(venue: Venue) -> None:
    client = StreamClient(venue, venue.alice)
    client.subscribe(
        "auction", "auction:XBTUSD", "instrument:XBTUSD", "order", "execution", "orderBookL2:XBTUSD", "trade:XBTUSD"
    )
    assert (venue.get(AUCTION), client.rows("auction")) == ([], [])
    enter(venue, InstrumentState.INSTRUMENT_AUCTION)
    client.news()
    begun = {"symbol": "XBTUSD", "price": None, "volume": 0, "surplus": 0, "fixed": False, "timestamp": None}
    assert bare(client.rows("auction")) == bare(venue.get(AUCTION)) == [begun]
    words = "Instrument is closed: an auction takes only limit orders that rest"
    asked = {"symbol": "XBTUSD", "side": "Buy", "orderQty": 100, "ordType": "Market"}
    assert venue.alice.refused("POST", "/order", asked) == (400, words)
    mine = venue.alice.order("Buy", 300, 60_020)
    assert (mine["ordStatus"], mine["workingIndicator"]) == ("New", True)
    venue.bob.order("Sell", 200, 60_000)
    venue.world.wait(1)
    venue.world.send(layout.Tick())
    client.news()
    (row,) = venue.get(AUCTION, symbol="XBTUSD")
    assert (row["volume"], row["surplus"], row["fixed"]) == (200, 100, False)
    assert 60_000 <= row["price"] <= 60_020
    assert bare(client.rows("auction")) == bare([row])
    instrument = shown(venue)
    assert (instrument["indicativeAuctionPrice"], instrument["indicativeAuctionVolume"]) == (row["price"], 200)
    assert (client.rows("instrument")[0]["indicativeAuctionPrice"], instrument["state"]) == (row["price"], "Closed")
    # While orders are collected the book may be crossed.
    assert (instrument["bidPrice"], instrument["askPrice"]) == (60_020, 60_000)
    late = StreamClient(venue)
    late.subscribe("auction:XBTUSD")
    assert bare(late.rows("auction")) == bare([row])
    enter(venue, InstrumentState.INSTRUMENT_OPEN)
    work(venue)
    told = client.news()
    assert state_of(venue)["state"] == "Open"
    changes = [(one["action"], one["data"][0].get("fixed")) for one in told if one["table"] == "auction"]
    assert changes[-1] == ("delete", None)
    assert ("update", True) in changes
    assert (client.rows("auction"), venue.get(AUCTION)) == ([], [])
    (done,) = venue.alice.ok("GET", "/order")
    assert (done["cumQty"], done["leavesQty"], done["avgPx"]) == (200, 100, row["price"])
    assert client.rows("order") == [done]
    assert [one["price"] for one in client.rows("trade")] == [row["price"]]
    assert shown(venue)["indicativeAuctionPrice"] is None
    levels = [(one["side"], one["price"], one["size"]) for one in venue.get("/orderBook/L2", symbol="XBTUSD")]
    assert [(one["side"], one["price"], one["size"]) for one in client.rows("orderBookL2")] == levels


def test_who_asks_for_all(venue: Venue) -> None:
    enter(venue, InstrumentState.INSTRUMENT_AUCTION, 1)
    enter(venue, InstrumentState.INSTRUMENT_AUCTION, 2)
    assert [row["symbol"] for row in venue.get(AUCTION)] == ["XBTUSD", "ETHUSD"]
    assert [row["symbol"] for row in venue.get(AUCTION, symbol="ETHUSD")] == ["ETHUSD"]
    client = StreamClient(venue)
    client.subscribe("auction:ETHUSD")
    enter(venue, InstrumentState.INSTRUMENT_OPEN, 1)
    work(venue)
    client.news()
    assert [row["symbol"] for row in client.rows("auction")] == ["ETHUSD"]
