"""The listing files: what they come to in the engine's units, that the engine takes them, and what is refused."""

import shutil
from pathlib import Path

import pytest

from outcry.app import listings
from outcry.app.listings import ListingError
from outcry.engine.engine import Engine
from outcry.protocol import layout, wire
from outcry.protocol.layout import DeleveragePolicy, EventKind, InstrumentType, MarkMethod, Valuation


def applied(engine: Engine, records: list[listings.Record]) -> list[wire.Event]:
    """Apply the records one after the other."""
    first = engine.sequence + 1
    entries = (
        wire.encode_entry(record, sequence=number, time_ns=10**18 + number, origin=1, origin_sequence=number)
        for number, record in enumerate(records, first)
    )
    return list(wire.events_of(engine.apply(b"".join(entries))))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy to change."""
    return Path(shutil.copytree(listings.FOLDER, tmp_path / "listings"))


def change(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1))


def test_xbtusd_has_the_terms_of_the_design() -> None:
    record = next(r for r in listings.load().commands() if isinstance(r, layout.List))
    assert wire.text_of(record.symbol) == "XBTUSD"
    assert (record.instrument_type, record.valuation) == (InstrumentType.PERPETUAL, Valuation.INVERSE)
    assert (record.tick_units, record.price_decimals, record.subticks_per_tick, record.lot) == (1, 1, 10, 100)
    assert (record.initial_margin_ppm, record.maintenance_margin_ppm) == (4_000, 2_000)
    assert (record.risk_limit_minor, record.risk_step_minor) == (200 * 10**8, 150 * 10**8)
    assert (record.maker_fee_ppm, record.taker_fee_ppm, record.settlement_fee_ppm) == (200, 500, 0)
    assert (record.quantity_max, record.price_ticks_max) == (10**9, 10**7)
    assert (record.multiplier_minor, record.contracts_per_underlying) == (10**8, 0)
    hour_ns = 3600 * 10**9
    assert record.funding_rate_ppb == 100_000
    assert (record.funding_interval_ns, record.funding_offset_ns) == (8 * hour_ns, 4 * hour_ns)
    assert (record.mark_method, record.usd_index, record.expiry_ns) == (MarkMethod.MARK_FUNDING, 1, 0)
    assert (record.interest_quote_ppb, record.interest_base_ppb) == (600_000, 300_000)
    assert (record.impact_notional_minor, record.deleverage_policy) == (2 * 10**8, DeleveragePolicy.RANKED)


def test_indices_are_protected_and_every_perpetual_measures_its_rate() -> None:
    records = listings.load().commands()
    assert {r.tolerance_ppm for r in records if isinstance(r, layout.ListIndex)} == {100_000}
    instruments = [r for r in records if isinstance(r, layout.List)]
    assert all(r.impact_notional_minor > 0 for r in instruments)
    assert [r.usd_index for r in instruments] == [1, 1, 0, 0, 0, 0]
    # The bands of liquidation are kept in a trie over so many sub-ticks.
    assert all(r.price_ticks_max * r.subticks_per_tick < layout.SUBTICKS_BOUND for r in instruments)


FUNDED = """funding_rate = "0.01 %"
funding_interval = "8 h"
funding_offset = "4 h"  # 04:00, 12:00 and 20:00 UTC
"""


@pytest.mark.parametrize(
    ("words", "kind", "mark", "policy", "expiry_ns"),
    [
        (("future", "impact", "queue", "2027-03-26T12:00:00Z"), 2, 2, 2, 1_806_062_400 * 10**9),
        (("future", "protected", "ranked", "2027-03-26T13:00:00+01:00"), 2, 3, 1, 1_806_062_400 * 10**9),
        (("pre-launch", "last", "pro rata", ""), 5, 4, 3, 0),
    ],
)
def test_futures_can_be_listed(
    folder: Path, words: tuple[str, str, str, str], kind: int, mark: int, policy: int, expiry_ns: int
) -> None:
    change(folder, "XBTUSD.toml", FUNDED, f"expiry = {words[3]}\n" if words[3] else "")
    change(folder, "XBTUSD.toml", 'type = "perpetual"', f'type = "{words[0]}"\ndeleveraging = "{words[2]}"')
    change(folder, "XBTUSD.toml", 'mark = "funding"', f'mark = "{words[1]}"')
    records = listings.load(folder).commands()
    record = next(r for r in records if isinstance(r, layout.List))
    assert (record.instrument_type, record.mark_method, record.deleverage_policy) == (kind, mark, policy)
    assert (record.expiry_ns, record.funding_interval_ns, record.funding_rate_ppb) == (expiry_ns, 0, 0)
    assert [e for e in applied(Engine(), records) if e.head.kind == EventKind.REFUSED] == []


def test_the_issues_currencies_indices_and_instruments_are_listed_in_order() -> None:
    terms = listings.load()
    assert [c.symbol for c in terms.currencies] == ["XBt", "USDt"]
    assert [i.symbol for i in terms.indices] == [".BXBT", ".BETH", ".BSOL", ".BDOGE"]
    assert [(i.symbol, i.valuation) for i in terms.instruments] == [
        ("XBTUSD", "inverse"),
        ("ETHUSD", "quanto"),
        ("XBTUSDT", "linear"),
        ("ETHUSDT", "linear"),
        ("SOLUSDT", "linear"),
        ("DOGEUSDT", "linear"),
    ]
    assert all(3 <= len(index.constituents) <= 5 for index in terms.indices)


def test_the_engine_takes_every_listing_and_then_none_is_outstanding() -> None:
    engine, terms = Engine(), listings.load()
    records = listings.outstanding(terms, engine.tables)
    assert [bytes(record) for record in records] == [bytes(record) for record in terms.commands()]
    events = applied(engine, records)
    assert [event for event in events if event.head.kind == EventKind.REFUSED] == []
    assert listings.listed_names(engine.tables, "instruments") == [i.symbol for i in terms.instruments]
    assert listings.outstanding(terms, engine.tables) == []


@pytest.mark.parametrize("done", [0, 1, 2, 5, 13, 21, 24, 26])
def test_listing_goes_on_where_a_crash_cut_it_off(done: int) -> None:
    engine, terms = Engine(), listings.load()
    applied(engine, terms.commands()[:done])
    applied(engine, listings.outstanding(terms, engine.tables))
    whole = Engine()
    applied(whole, terms.commands())
    assert engine.roots() == whole.roots()


def test_a_venue_that_has_listed_something_else_is_refused(folder: Path) -> None:
    engine = Engine()
    applied(engine, listings.load().commands())
    change(folder, "order.toml", '"XBTUSD.toml",\n    "ETHUSD.toml"', '"ETHUSD.toml",\n    "XBTUSD.toml"')
    with pytest.raises(ListingError, match="instrument number 1 of this data folder is 'XBTUSD'"):
        listings.outstanding(listings.load(folder), engine.tables)


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("XBTUSD.toml", "0.02 %", "0.00001 %", "XBTUSD: maker_fee: '0.00001'"),
        ("XBTUSD.toml", "0.02 %", "0.02", "XBTUSD: maker_fee: '0.02' should be a number and '%'"),
        ("XBTUSD.toml", "200 XBT", "200 USDT", "XBTUSD: risk_limit: '200 USDT' should be a number and 'XBT'"),
        ("XBTUSD.toml", '"0.1"', '"much"', "XBTUSD: tick: 'much' is not a number"),
        ("XBTUSD.toml", '"0.1"', '"0.0"', "XBTUSD: tick must be positive"),
        ("XBTUSD.toml", '"0.1"', '"NaN"', "XBTUSD: tick: 'NaN' is not a number"),
        ("XBTUSD.toml", '"1000000"', '"1000000.05"', "XBTUSD: price_max: '1000000.05'"),
        ("ETHUSD.toml", '"1000000"', '"1000000.01"', "not a whole number of ticks"),
        ("XBTUSD.toml", '"inverse"', '"reverse"', "valuation: 'reverse' should be one of inverse, linear, quanto"),
        ("XBTUSD.toml", ".BXBT", ".BNONE", "there is no index '.BNONE'; there are .BXBT"),
        ("XBTUSD.toml", "lot = 100", "lott = 100", "unknown field `lott`"),
        ("XBTUSD.toml", "lot = 100", 'lot = "100"', "Expected `int`, got `str`"),
        ("XBTUSD.toml", "lot = 100", "lot = ", "XBTUSD.toml"),
        ("XBTUSD.toml", 'symbol = "XBTUSD"', 'symbol = "ETHUSD"', "ETHUSD is listed twice"),
        ("XBTUSD.toml", 'mark = "funding"', 'mark = "fair"', "mark: 'fair' should be one of funding, impact"),
        ("XBTUSD.toml", 'mark = "funding"', "", "missing required field `mark`"),
        ("XBTUSD.toml", 'usd_index = ".BXBT"', 'usd_index = ".BTC"', "there is no index '.BTC'"),
        ("XBTUSD.toml", '"2 XBT"', '"2 BTC"', "XBTUSD: impact_notional: '2 BTC' should be a number and 'XBT'"),
        ("XBTUSD.toml", '"0.06 %"', '"0.06"', "XBTUSD: interest_quote: '0.06' should be a number and '%'"),
        ("XBTUSD.toml", 'mark = "funding"', 'mark = "funding"\nexpiry = 2027-03-26T12:00:00', "needs a time zone"),
        ("XBTUSD.toml", 'mark = "funding"', 'mark = "funding"\ndeleveraging = "all"', "one of ranked, queue, pro rata"),
        ("indices.toml", 'tolerance = "10 %"', 'tolerance = "much"', ".BXBT: tolerance: 'much' should be a number"),
        ("XBTUSD.toml", 'quote = "USD"', 'quote = "DOLLARS-US"', "XBTUSD: 'DOLLARS-US' is longer than 8 bytes"),
        ("indices.toml", "35 %", "36 %", ".BXBT: the weights add up to 101 %, not 100 %"),
        ("indices.toml", '"60000"', '"-1"', ".BXBT: simulated_start must be positive"),
        ("order.toml", "DOGEUSDT.toml", "PEPEUSDT.toml", "PEPEUSDT.toml: there is no such file"),
    ],
)
def test_a_wrong_file_is_refused_by_name_and_reason(folder: Path, file: str, old: str, new: str, message: str) -> None:
    change(folder, file, old, new)
    with pytest.raises(ListingError) as refused:
        listings.load(folder)
    assert message in str(refused.value)
