"""What is listed ahead: when contracts end, what they are called, which strikes, and never one of them twice."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from outcry.app import listings, products, series
from outcry.app.listings import ListingError
from outcry.app.products import Product, Series, ends_after
from outcry.protocol import layout, wire
from tests.app.every_product import every_product

NOW = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
VALUES = {1: 6_012_345, 2: 300_000}


def test_what_the_venue_lists_is_in_the_order_of_all() -> None:
    listed = [one.symbol for one in listings.load().products]
    assert listed == [one.symbol for one in every_product().products if one.symbol in listed]
    assert listed[:2] == ["XBT{code}", "ETHUSDT{code}"]


def ns(time: datetime) -> int:
    return int(time.timestamp()) * 10**9


def product(symbol: str, **changes: Any) -> Product:
    found = next(one for one in every_product().products if one.symbol == symbol)
    return msgspec.structs.replace(found, **changes)


def all_listed(time: datetime, values: dict[int, int] | None = None) -> dict[str, int]:
    """Everything, as numbers come by the order of listing."""
    terms, listed = every_product(), dict[str, int]()
    while found := series.wanted(terms, terms.products, ns(time), VALUES if values is None else values, listed):
        for one in found:
            assert one.terms.symbol not in listed
            listed[one.terms.symbol] = len(listed) + 1
    return listed


def days(ends: list[datetime]) -> list[str]:
    return [f"{end:%Y-%m-%d %H}" for end in ends]


def test_contracts_end_at_noon_of_fridays() -> None:
    assert days(ends_after("weekly", NOW, 2)) == ["2026-11-27 12", "2026-12-04 12"]
    assert days(ends_after("monthly", NOW, 3)) == ["2026-11-27 12", "2026-12-25 12", "2027-01-29 12"]
    assert days(ends_after("quarterly", NOW, 3)) == ["2026-12-25 12", "2027-03-26 12", "2027-06-25 12"]
    noon = datetime(2026, 11, 27, 12, tzinfo=UTC)
    # What ends now has ended.
    assert days(ends_after("weekly", noon, 1)) == ["2026-12-04 12"]
    assert days(ends_after("weekly", noon - timedelta(seconds=1), 1)) == ["2026-11-27 12"]
    assert days(ends_after("monthly", noon, 1)) == ["2026-12-25 12"]


def test_every_last_friday_of_twenty_years_is_one() -> None:
    end = NOW
    for _ in range(240):
        (end,) = ends_after("monthly", end, 1)
        assert (end.weekday(), end.hour, (end + timedelta(days=7)).month != end.month) == (4, 12, True)
    assert end.year == 2046


def test_the_symbols_of_a_chain_and_its_records() -> None:
    listed = all_listed(NOW)
    chain = [symbol for symbol in listed if symbol.startswith("XBT-04DEC26-")]
    assert chain[:2] == ["XBT-04DEC26-57000-C", "XBT-04DEC26-57000-P"]
    assert chain[-1] == "XBT-04DEC26-63000-P"
    assert len(chain) == 14
    terms = every_product()
    found = {one.terms.symbol: one for one in series.wanted(terms, terms.products, ns(NOW), VALUES, {})}
    record = found["XBT-04DEC26-63000-P"].record
    assert isinstance(record, layout.List)
    assert (record.instrument_type, record.strike_units, record.valuation) == (4, 6_300_000, 2)
    assert record.expiry_ns == ns(datetime(2026, 12, 4, 12, tzinfo=UTC))
    assert (record.initial_margin_ppm, record.floor_margin_ppm, record.fee_cap_ppm) == (150_000, 100_000, 125_000)
    question = found["P_XBT100KZ26"].payload.decode()
    assert "before 2026-12-25 12:00 UTC" in question
    prelaunch = found["NOVAUSDT"].record
    assert isinstance(prelaunch, layout.List)
    assert (prelaunch.index, prelaunch.expiry_ns, prelaunch.opening_subticks) == (0, 0, 50_000)


def test_a_spread_waits_for_its_legs_and_names_their_numbers() -> None:
    terms = every_product()
    first = series.wanted(terms, terms.products, ns(NOW), VALUES, {})
    assert "XBTZ26-XBTH27" not in [one.terms.symbol for one in first]
    (spread,) = series.wanted(terms, terms.products[-1:], ns(NOW), VALUES, {"XBTZ26": 8, "XBTH27": 9})
    record = spread.record
    assert isinstance(record, layout.List)
    assert wire.text_of(record.symbol) == "XBTZ26-XBTH27"
    assert (record.near_instrument, record.far_instrument, record.origin_ticks) == (8, 9, 100_000)
    assert record.price_ticks_max == 200_000


def test_options_wait_for_a_price_and_everything_else_does_not() -> None:
    listed = all_listed(NOW, {})
    assert sorted(listed) == sorted(
        ["XBTX26", "XBTZ26", "XBTH27", "ETHUSDTZ26", "ETHUSDTH27", "NOVAUSDT", "P_XBT100KZ26", "XBTZ26-XBTH27"]
    )


def test_a_price_that_moves_adds_strikes_and_takes_none_away() -> None:
    terms, listed = every_product(), all_listed(NOW)
    more = series.wanted(terms, terms.products, ns(NOW), {**VALUES, 1: 6_160_000}, listed)
    assert [one.terms.symbol for one in more if "04DEC26" in one.terms.symbol] == [
        "XBT-04DEC26-64000-C",
        "XBT-04DEC26-64000-P",
        "XBT-04DEC26-65000-C",
        "XBT-04DEC26-65000-P",
    ]


def test_there_is_always_the_next_and_a_day_before() -> None:
    time = NOW
    for _ in range(400):
        time += timedelta(hours=23)
        terms = every_product() if time == NOW else TERMS
        found = series.wanted(terms, terms.products[:1], ns(time), {}, {})
        ends = [one.terms.expiry for one in found if one.terms.expiry is not None]
        assert len(ends) >= 3
        assert min(ends) > time + timedelta(days=1)


TERMS = every_product()


@pytest.mark.parametrize(
    ("symbol", "yes", "no"),
    [
        ("XBT{code}", ["XBTZ26", "XBTF31"], ["XBTUSD", "XBTZ2", "XBTA26", "XBTZ26-XBTH27"]),
        ("XBT-{date}-{strike}-{kind}", ["XBT-25DEC26-70000-C", "XBT-04DEC26-0.5-P"], ["XBT-25DEC26-70000-X"]),
        ("XBT{code}-XBT{next}", ["XBTZ26-XBTH27"], ["XBTZ26"]),
        ("NOVAUSDT", ["NOVAUSDT"], ["NOVAUSDTZ"]),
    ],
)
def test_a_product_knows_its_names(symbol: str, yes: list[str], no: list[str]) -> None:
    one = product(symbol)
    assert [name for name in yes + no if one.names(name)] == yes


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"series": ()}, "without series"),
        ({"series": (Series("daily", 1),)}, "cadence: 'daily' should be one of weekly"),
        ({"series": (Series("weekly", 0),)}, "at least one ahead"),
        ({"series": (Series("weekly", 1, 5),)}, "strike_step"),
        ({"floor_margin": "10"}, "floor_margin: '10' should be a number and '%'"),
        ({"bond": "5 XBT", "currency": "USDt"}, "should be a number and 'USDT'"),
        ({"opening_price": "0.00005"}, "opening_price"),
    ],
)
def test_what_a_product_may_not_say(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ListingError, match=message):
        product("XBT-{date}-{strike}-{kind}", **changes).check(TERMS)


def test_an_unknown_key_is_refused(tmp_path: Path) -> None:
    text = (listings.FOLDER / listings.PRODUCTS / "XBT.toml").read_text()
    with pytest.raises(msgspec.ValidationError, match="unknown field `sries`"):
        msgspec.toml.decode(text.replace("[[series]]", "[[sries]]", 1), type=products.Product)
