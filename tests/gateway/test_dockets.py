"""A prediction market in a venue: an outcome is proposed, disputed by a trader with a bond, decided, and settled."""

import hashlib

import pytest

from outcry.protocol import layout, wire
from outcry.protocol.layout import EventKind, InstrumentType, MarkMethod, Valuation
from tests.engine.worlds import listing, one
from tests.gateway.endings import go_on
from tests.gateway.streams import StreamClient
from tests.gateway.venues import Venue

QUESTION = "P_ETFZ24"
BOND = 50_000_000
SOURCE, OTHER = (hashlib.sha256(words).digest() for words in (b"a filing", b"a newer filing"))


@pytest.fixture
def venue() -> Venue:
    """Alice holds 100 contracts of yes, bob of no, at 40; a point is 0.01 USDT."""
    made = Venue()
    record = listing(
        QUESTION, instrument_type=InstrumentType.PREDICTION, index=0, currency=2, valuation=Valuation.LINEAR,
        price_decimals=2, lot=1, multiplier_minor=10_000, quantity_max=10**6, price_ticks_max=100_00,
        initial_margin_ppm=10**6, maintenance_margin_ppm=10**6, risk_limit_minor=10**12, risk_step_minor=0,
        maker_fee_ppm=0, taker_fee_ppm=0, mark_method=MarkMethod.MARK_LAST, opening_subticks=40_000, band_ppm=999_999,
        funding_rate_ppb=0, funding_interval_ns=0, funding_offset_ns=0, dispute_ns=7_200 * 10**9, bond_minor=BOND,
        expiry_ns=1_735_689_600 * 10**9,
    )  # fmt: skip
    wire.put_text(record.underlying, "ETF")
    made.world.send(record)
    made.bob.order("Sell", 100, 40, symbol=QUESTION)
    made.alice.order("Buy", 100, 40, symbol=QUESTION)
    return made


def say(venue: Venue, kind: type[layout.ProposeOutcome] | type[layout.DecideOutcome], subticks: int) -> None:
    record = kind(instrument=4, outcome_subticks=subticks)
    wire.put_bytes(record.source_hash, SOURCE)
    one(venue.world.send(record), EventKind.DOCKET_CHANGED)


def test_a_question_is_disputed_decided_and_paid(venue: Venue) -> None:
    client = StreamClient(venue, venue.alice)
    client.subscribe("dockets", "wallet", "settlement", "execution")
    row = venue.get("/instrument", symbol=QUESTION)[0]
    assert (row["typ"], row["state"], row["capped"], row["rootSymbol"]) == ("FFICSX", "Open", True, "P_ETF")
    asked = {"symbol": QUESTION, "sourceHash": OTHER.hex()}
    assert venue.alice.ask("POST", "/outcry/v1/dispute", asked).status_code == 400
    say(venue, layout.ProposeOutcome, 0)
    assert venue.get("/outcry/v1/dockets")[0]["stage"] == "Proposed"
    before = venue.alice.ok("GET", "/user/margin", {"currency": "USDt"})["availableMargin"]
    answer = venue.alice.ok("POST", "/outcry/v1/dispute", asked)
    assert (answer["stage"], answer["outcome"], answer["bond"]) == ("Disputed", 0, BOND)
    wallet = venue.alice.ok("GET", "/user/wallet", {"currency": "USDt"})
    assert wallet["pendingDebit"] == BOND
    assert venue.alice.ok("GET", "/user/margin", {"currency": "USDt"})["availableMargin"] == before - BOND
    assert venue.bob.refused("POST", "/outcry/v1/dispute", asked)[0] == 400
    client.news()
    assert {row["currency"]: row["pendingDebit"] for row in client.rows("wallet")}["USDt"] == BOND
    say(venue, layout.DecideOutcome, 100_000)
    go_on(venue.world, 2)
    client.news()
    (docket,) = client.rows("dockets")
    assert (docket["stage"], docket["outcome"]) == ("Decided", 100)
    assert [row["settledPrice"] for row in client.rows("settlement")] == [100]
    settled = [row for row in client.rows("execution") if row["execType"] == "Settlement"]
    assert [(row["side"], row["lastPx"], row["lastQty"]) for row in settled] == [("Sell", 100, 100)]
    # 100 contracts from 40 to 100, and the bond is hers again.
    after = venue.alice.ok("GET", "/user/wallet", {"currency": "USDt"})
    assert (after["amount"], after["pendingDebit"]) == (wallet["amount"] + 60_000_000, 0)
    lost = venue.bob.ok("GET", "/user/walletHistory", {"currency": "USDt", "count": 1})[0]
    assert (lost["amount"], lost["address"]) == (-60_000_000, QUESTION)
    assert venue.get("/instrument", symbol=QUESTION)[0]["state"] == "Settled"


def test_who_was_wrong_loses_his_bond(venue: Venue) -> None:
    say(venue, layout.ProposeOutcome, 0)
    venue.alice.ok("POST", "/outcry/v1/dispute", {"symbol": QUESTION, "sourceHash": OTHER.hex()})
    say(venue, layout.DecideOutcome, 0)
    go_on(venue.world, 2)
    rows = venue.alice.ok("GET", "/user/walletHistory", {"currency": "USDt", "count": 2})
    told = {row["text"]: row["amount"] for row in rows}
    assert told == {"The bond of a dispute was lost": -BOND, None: -40_000_000}
