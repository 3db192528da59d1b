"""A chain in a venue: marked by its model, traded both ways, exercised; what holders and everybody are shown."""

from typing import Any

import pytest

from outcry.gateway.dialect.tables import CHAIN, EXECUTION, POSITION
from outcry.protocol import layout, wire
from outcry.protocol.layout import EventKind, InstrumentType, MarkMethod, Valuation
from tests.engine.worlds import listing, one
from tests.gateway.endings import expiry_of, go_on
from tests.gateway.test_contract_rows import check_types
from tests.gateway.venues import Venue

CALL, PUT = "XBT-14NOV23-60000-C", "XBT-14NOV23-60000-P"


def list_option(venue: Venue, symbol: str, kind: int) -> int:
    """On a tenth of a bitcoin, premium in XBT to 0.0001, strike 60,000; it ends in 40 minutes."""
    record = listing(
        symbol, instrument_type=kind, valuation=Valuation.LINEAR, price_decimals=4, lot=1, multiplier_minor=10**7,
        contracts_per_underlying=10, quantity_max=10**6, price_ticks_max=100_000, initial_margin_ppm=150_000,
        floor_margin_ppm=100_000, maintenance_margin_ppm=75_000, maker_fee_ppm=0, taker_fee_ppm=0,
        settlement_fee_ppm=0, mark_method=MarkMethod.MARK_MODEL, funding_rate_ppb=0, funding_interval_ns=0,
        funding_offset_ns=0, fee_cap_ppm=125_000, strike_units=60_000_00, expiry_ns=expiry_of(venue.world),
    )  # fmt: skip
    wire.put_text(record.quote, "XBT")
    return int(one(venue.world.send(record), EventKind.LISTED).instrument)


def mark(venue: Venue, number: int, subticks: int, delta_ppm: int) -> None:
    record = layout.SetOptionMark(
        instrument=number, mark_subticks=subticks, forward_units=60_000_00, volatility_ppm=600_000,
        delta_ppm=delta_ppm, gamma_ppb=40, vega_ppm=20_000_000, theta_ppm=-90_000_000, seen_ns=venue.world.now_ns,
    )  # fmt: skip
    one(venue.world.send(record), EventKind.OPTION_MARKED)


@pytest.fixture
def venue() -> Venue:
    """Alice has bought 10 calls at 0.02 from bob, the market is 60,000."""
    made = Venue()
    call, put = list_option(made, CALL, InstrumentType.CALL), list_option(made, PUT, InstrumentType.PUT)
    mark(made, call, 2_000, 500_000)
    mark(made, put, 2_000, -500_000)
    made.bob.order("Sell", 10, 0.02, symbol=CALL)
    made.alice.order("Buy", 10, 0.02, symbol=CALL)
    return made


def position(venue: Venue, name: str) -> Any:
    rows = getattr(venue, name).ok("GET", "/position", {"filter": f'{{"symbol":"{CALL}"}}'})
    return rows[0]


def test_what_holders_are_shown(venue: Venue) -> None:
    long, short = position(venue, "alice"), position(venue, "bob")
    for row in (long, short):
        check_types(row, POSITION)
    assert (long["currentQty"], long["avgEntryPrice"], long["markValue"]) == (10, 0.02, 2_000_000)
    assert (long["homeNotional"], short["homeNotional"], short["markValue"]) == (1, -1, -2_000_000)
    # Who buys has paid for all he can lose.
    assert (long["liquidationPrice"], long["unrealisedPnl"]) == (None, 0)
    assert short["liquidationPrice"] is None or short["liquidationPrice"] > 0.02
    margins = {name: getattr(venue, name).ok("GET", "/user/margin")["availableMargin"] for name in ("alice", "bob")}
    assert margins["alice"] == 10 * 10**8 - 2_000_000
    # 15 % of one bitcoin.
    assert margins["bob"] <= 10 * 10**8 - 15_000_000
    fill = venue.alice.ok("GET", "/execution/tradeHistory", {"reverse": True, "count": 1})[0]
    check_types(fill, EXECUTION)
    assert (fill["lastPx"], fill["execCost"], fill["homeNotional"]) == (0.02, 2_000_000, 1)


def test_what_everybody_is_shown(venue: Venue) -> None:
    chain = venue.get("/outcry/v1/chain", underlying="XBT")
    for row in chain:
        check_types(row, CHAIN)
    assert [(row["symbol"], row["delta"], row["markPrice"]) for row in chain] == [(CALL, 0.5, 0.02), (PUT, -0.5, 0.02)]
    assert (chain[0]["openInterest"], chain[0]["volume24h"], chain[0]["lastPrice"]) == (10, 10, 0.02)
    row = venue.get("/instrument", symbol=PUT)[0]
    assert (row["typ"], row["state"], row["optionStrikePrice"], row["tickSize"]) == ("OPECCS", "Open", 60_000, 0.0001)
    assert row["indicativeSettlePrice"] is None


def test_a_call_in_the_money_pays_and_a_put_is_worth_nothing(venue: Venue) -> None:
    before = venue.alice.ok("GET", "/user/wallet")["amount"]
    go_on(venue.world, 42, 64_000)
    venue.now = venue.world.now_ns / 1e9
    rows = {row["symbol"]: row for row in venue.get("/settlement")}
    assert (rows[CALL]["settledPrice"], rows[CALL]["optionUnderlyingPrice"]) == (0.0625, 64_000)
    assert (rows[PUT]["settledPrice"], rows[PUT]["optionStrikePrice"]) == (0, 60_000)
    # 10 tenths of a bitcoin at 0.0625, bought at 0.02.
    assert venue.alice.ok("GET", "/user/wallet")["amount"] == before + 4_250_000
    last = venue.alice.ok("GET", "/execution/tradeHistory", {"reverse": True, "count": 1})[0]
    check_types(last, EXECUTION)
    assert (last["execType"], last["lastPx"], last["side"]) == ("Settlement", 0.0625, "Sell")
    assert last["execCost"] == -6_250_000
    assert venue.get("/outcry/v1/chain") == []
    assert position(venue, "alice")["currentQty"] == 0
