"""Rows of contracts of every kind in every state: each column with its type, and what is particular to the kind."""

from typing import Any

import pytest

from outcry.engine import reading
from outcry.gateway.dialect.columns import INSTRUMENT_COLUMNS
from outcry.gateway.dialect.tables import CHAIN, DOCKETS, INSTRUMENT, SETTLEMENT
from outcry.protocol.layout import (
    BondChanged,
    BondStage,
    DocketChanged,
    DocketStage,
    InstrumentState,
    InstrumentType,
    Moved,
    MoveReason,
    OptionMarked,
    Role,
    SettlementFixed,
    SettlementKind,
)
from outcry.protocol.wire import put_bytes
from tests.gateway.endings import become, future, in_state, option, prediction, prelaunch, spread
from tests.gateway.streams import StreamClient
from tests.gateway.venues import Venue

LETTERS = {"y": str, "s": str, "g": str, "t": str, "p": str, "l": int, "b": bool}
SOURCE = bytes(range(32))


def check_types(row: dict[str, Any], columns: str) -> None:
    """Every column is there, and what is not null has the type that partials tell."""
    wanted = dict(one.split(":") for one in columns.split())
    assert set(row) == set(wanted)
    for name, value in row.items():
        assert value != "", name
        if value is not None:
            kinds = (int, float) if wanted[name] == "f" else (LETTERS[wanted[name]],)
            assert type(value) in kinds, (row["symbol"], name, value)


@pytest.fixture
def every() -> tuple[Venue, dict[str, int]]:
    """A venue with a contract of every kind, and their numbers."""
    venue = Venue()
    world = venue.world
    numbers = {"XBTZ23": future(world), "XBTH24": future(world, "XBTH24")}
    numbers["XBT-29DEC23-65000-C"] = option(world)
    numbers["XBT-29DEC23-55000-P"] = option(world, "XBT-29DEC23-55000-P", 55_000, instrument_type=InstrumentType.PUT)
    numbers["ETFZ23"] = prediction(world)
    numbers["XBTZ23H24"] = spread(world, numbers["XBTZ23"], numbers["XBTH24"])
    numbers["NEWZ23"] = prelaunch(world)
    return venue, numbers


Every = tuple[Venue, dict[str, int]]


def row_of(venue: Venue, symbol: str) -> Any:
    return venue.get("/instrument", symbol=symbol)[0]


@pytest.mark.parametrize("state", [*InstrumentState])
def test_every_column_of_every_kind_in_every_state(every: Every, state: InstrumentState) -> None:
    venue, numbers = every
    over = state in (InstrumentState.INSTRUMENT_SETTLING, InstrumentState.INSTRUMENT_SETTLED)
    for number in numbers.values():
        settled = {"settlement_kind": SettlementKind.BY_AVERAGE, "settlement_subticks": 120_000} if over else {}
        in_state(venue.world, number, state, **settled)
    names = {
        InstrumentState.INSTRUMENT_OPEN: "Open",
        InstrumentState.INSTRUMENT_REDUCING: "Open",
        InstrumentState.INSTRUMENT_POSTING: "Open",
        InstrumentState.INSTRUMENT_UNLISTED: "Unlisted",
        InstrumentState.INSTRUMENT_SETTLED: "Settled",
    }
    for row in venue.get("/instrument"):
        assert set(row) == set(INSTRUMENT_COLUMNS)
        check_types(row, INSTRUMENT)
        if row["symbol"] in numbers:
            assert row["state"] == names.get(state, "Closed")
            assert (row["settledPrice"] is not None) is over
    active = {row["symbol"] for row in venue.get("/instrument/active")} & set(numbers)
    shown = {"XBTZ23", "XBTH24", "ETFZ23", "NEWZ23"}
    assert active == (set() if names.get(state) in ("Unlisted", "Settled") else shown)


def test_type_codes_and_what_is_particular(every: Every) -> None:
    venue, _ = every
    rows = {row["symbol"]: row for row in venue.get("/instrument")}
    codes = {symbol: row["typ"] for symbol, row in rows.items()}
    assert codes == {
        ".BXBT": "MRCXXX", ".BETH": "MRCXXX", "XBTUSD": "FFWCSX", "ETHUSD": "FFWCSX", "XBTUSDT": "FFWCSX",
        "XBTZ23": "FFCCSX", "XBTH24": "FFCCSX", "XBT-29DEC23-65000-C": "OCECCS", "XBT-29DEC23-55000-P": "OPECCS",
        "ETFZ23": "FFICSX", "XBTZ23H24": "FFMCSX", "NEWZ23": "FFCCSX", ".BXBT30M": "MRCXXX",
    }  # fmt: skip
    call, spread_row, question, new = (rows[one] for one in ("XBT-29DEC23-65000-C", "XBTZ23H24", "ETFZ23", "NEWZ23"))
    assert (call["optionStrikePrice"], call["optionMultiplier"], call["tickSize"]) == (65_000, 0.1, 0.0001)
    assert (call["settlCurrency"], call["quoteCurrency"], call["markMethod"]) == ("XBt", "XBT", "FairPrice")
    assert call["fairBasis"] is None
    assert rows["XBTZ23"]["optionStrikePrice"] is None
    # Ticks of 0.1 above an origin of 1,000.
    assert (spread_row["minPrice"], spread_row["maxPrice"], spread_row["tickSize"]) == (-999.9, 1_000, 0.1)
    assert (spread_row["nearLegSymbol"], spread_row["farLegSymbol"]) == ("XBTZ23", "XBTH24")
    assert spread_row["markPrice"] == -5
    assert (question["capped"], question["maxPrice"], question["minPrice"]) == (True, 100, 0.01)
    assert (question["rootSymbol"], question["underlying"], question["initMargin"]) == ("ETF", "ETF", 1)
    assert (question["referenceSymbol"], question["settlCurrency"]) == (None, "USDt")
    assert (new["limitDownPrice"], new["limitUpPrice"], new["lastPriceProtected"]) == (800, 1_200, 1_000)


def test_a_settlement_row_of_every_kind(every: Every) -> None:
    venue, numbers = every
    for number in numbers.values():
        if number == numbers["XBTZ23H24"]:
            continue
        fixed = SettlementFixed(
            instrument=number, kind=SettlementKind.BY_AVERAGE, samples=30, average_units=6_100_000, price_subticks=0
        )
        venue.world.tell(fixed)
    rows = {row["symbol"]: row for row in venue.get("/settlement")}
    assert len(rows) == 6
    for row in rows.values():
        check_types(row, SETTLEMENT)
        # An option that is worth nothing settles at a price, which is 0.
        assert (row["settlementType"], row["settledPrice"]) == ("Settlement", 0)
    put = rows["XBT-29DEC23-55000-P"]
    assert (put["optionStrikePrice"], put["optionUnderlyingPrice"]) == (55_000, 61_000)
    assert rows["XBTZ23"]["optionStrikePrice"] is None


def test_a_chain_with_what_its_model_says(every: Every) -> None:
    venue, numbers = every
    number = numbers["XBT-29DEC23-65000-C"]
    client = StreamClient(venue)
    client.subscribe("chain")
    before = venue.get("/outcry/v1/chain", underlying="XBT")
    assert [row["strike"] for row in before] == [55_000, 65_000]
    assert before == client.rows("chain")
    assert before[1]["delta"] is None
    become(
        venue.world, number, model_seen_ns=venue.world.now_ns, forward_units=6_012_300, volatility_ppm=550_000,
        delta_ppm=315_000, gamma_ppb=25, vega_ppm=52_000_000, theta_ppm=-41_500_000, mark_subticks=345,
    )  # fmt: skip
    venue.world.tell(OptionMarked(instrument=number))
    client.news()
    after = venue.get("/outcry/v1/chain", underlying="xbt", expiry=before[0]["expiry"])
    assert {row["symbol"]: row for row in after} == {row["symbol"]: row for row in client.rows("chain")} | {
        row["symbol"]: row for row in after if row["strike"] == 55_000
    }
    row = after[1]
    check_types(row, CHAIN)
    assert (row["volatility"], row["delta"], row["gamma"], row["vega"], row["theta"]) == (
        0.55, 0.315, 0.000000025, 52, -41.5,
    )  # fmt: skip
    assert (row["markPrice"], row["forwardPrice"], row["typ"]) == (0.00345, 60_123, "OCECCS")
    assert row_of(venue, row["symbol"])["optionUnderlyingPrice"] == 60_123
    assert venue.get("/outcry/v1/chain", expiry="2030-01-01T00:00:00.000Z") == []
    in_state(venue.world, number, InstrumentState.INSTRUMENT_SETTLED)
    venue.world.tell(SettlementFixed(instrument=number, kind=SettlementKind.BY_AVERAGE))
    client.news()
    assert [one["strike"] for one in client.rows("chain")] == [55_000]


def test_a_question_and_its_answer(every: Every) -> None:
    venue, numbers = every
    number = numbers["ETFZ23"]
    client = StreamClient(venue)
    client.subscribe("dockets")
    before = venue.get("/outcry/v1/dockets")[0]
    check_types(before, DOCKETS)
    assert (before["stage"], before["outcome"], before["sourceHash"]) == (None, None, None)
    assert (before["bond"], before["bondCurrency"], before["disputeSeconds"]) == (5_000_000, "USDt", 7_200)
    tables = venue.world.engine.tables
    row = tables.dockets[1]
    row.instrument, row.stage, row.outcome_subticks = number, DocketStage.DOCKET_PROPOSED, 100_000
    row.until_ns = venue.world.now_ns + 7_200 * 10**9
    put_bytes(row.source_hash, SOURCE)
    become(venue.world, number, docket=1)
    venue.world.tell(DocketChanged(instrument=number, docket=1))
    client.news()
    after = venue.get("/outcry/v1/dockets", symbol="ETFZ23")[0]
    check_types(after, DOCKETS)
    assert (after["stage"], after["outcome"], after["sourceHash"]) == ("Proposed", 100, SOURCE.hex())
    assert after["disputableUntil"].startswith("2023-11-15T00:13")
    assert client.rows("dockets") == [after]
    row.voided = 1
    assert venue.get("/outcry/v1/dockets")[0]["outcome"] is None


def test_a_bond_shows_in_the_wallet(every: Every) -> None:
    venue, numbers = every
    client = StreamClient(venue, venue.alice)
    client.subscribe("wallet", "transact")
    account, tables = venue.alice.account, venue.world.engine.tables
    slot = reading.find_wallet(tables, account, 2)
    tables.wallets[slot].held_minor = 5_000_000
    venue.world.tell(
        BondChanged(account=account, instrument=numbers["ETFZ23"], stage=BondStage.BOND_HELD, amount_minor=5_000_000)
    )
    client.news()
    held = {row["currency"]: row["pendingDebit"] for row in client.rows("wallet")}
    assert held == {"XBt": 0, "USDt": 5_000_000}
    assert venue.alice.ok("GET", "/user/wallet", {"currency": "USDt"})["pendingDebit"] == 5_000_000
    lost = Moved(
        from_account=account, to_account=Role.INSURANCE, currency=2, reason=MoveReason.MOVED_BOND,
        amount_minor=5_000_000, from_balance_minor=10**12 - 5_000_000,
    )  # fmt: skip
    venue.world.tell(lost)
    client.news()
    row = client.rows("transact")[0]
    assert (row["transactType"], row["amount"], row["text"]) == (
        "RealisedPNL", -5_000_000, "The bond of a dispute was lost",
    )  # fmt: skip
    assert venue.alice.ok("GET", "/user/walletHistory", {"currency": "USDt", "count": 1})[0] == row


def test_who_disputes_names_his_source(every: Every) -> None:
    venue, _ = every
    asked = {"symbol": "ETFZ23", "sourceHash": SOURCE.hex()}
    assert venue.alice.refused("POST", "/outcry/v1/dispute", {**asked, "sourceHash": "abc"})[1].startswith(
        "Invalid sourceHash"
    )
    assert venue.alice.refused("POST", "/outcry/v1/dispute", {**asked, "symbol": "XBTZ23"}) == (
        400, "symbol is no prediction market's",
    )  # fmt: skip
    before = len(venue.exchange.commands)
    # Nothing has been proposed: the engine refuses it.
    assert venue.alice.ask("POST", "/outcry/v1/dispute", asked).status_code == 400
    command = venue.exchange.commands[before]
    assert (command.account, bytes(command.source_hash)) == (venue.alice.account, SOURCE)


def test_series_stand_for_the_nearest_that_has_not_ended(every: Every) -> None:
    venue, numbers = every
    become(venue.world, numbers["XBTH24"], expiry_ns=1_711_713_600 * 10**9)
    assert row_of(venue, "XBT")["symbol"] == "XBTUSD"
    assert row_of(venue, "XBT:perpetual")["symbol"] == "XBTUSD"
    assert row_of(venue, "xbt:monthly")["symbol"] == "XBTZ23"
    assert row_of(venue, "XBT:quarterly")["symbol"] == "XBTH24"
    assert row_of(venue, "NEW")["symbol"] == "NEWZ23"
    intervals = venue.get("/instrument/activeIntervals")
    named = dict(zip(intervals["intervals"], intervals["symbols"], strict=True))
    assert (named["XBT:monthly"], named["XBT:quarterly"]) == ("XBTZ23", "XBTH24")
    in_state(venue.world, numbers["XBTZ23"], InstrumentState.INSTRUMENT_SETTLED)
    answer = venue.ask("GET", "/instrument?symbol=XBT:monthly")
    assert (answer.status_code, answer.json()["error"]["message"]) == (400, "symbol is invalid")


def test_groups_of_the_stream(every: Every) -> None:
    venue, _ = every
    client = StreamClient(venue)
    client.subscribe("instrument:CONTRACTS")
    assert not {"XBT-29DEC23-65000-C", "XBTZ23H24", ".BXBT30M"} & {row["symbol"] for row in client.rows("instrument")}
    other = StreamClient(venue)
    other.subscribe("instrument:DERIVATIVES")
    assert {"XBT-29DEC23-65000-C", "XBTZ23H24"} <= {row["symbol"] for row in other.rows("instrument")}
