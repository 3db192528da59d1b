"""Decimal text to ticks with snapping, numbers that come out as they were meant, UUIDs and back."""

import uuid
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcry.gateway.answers import Refusal
from outcry.gateway.dialect.ids import IdKind, Ids
from outcry.gateway.dialect.prices import average_or_none, of_subticks, of_ticks, ratio, rounded, ticks_of
from outcry.gateway.dialect.times import span_text, time_ns_of, time_text
from outcry.gateway.parameters import as_number
from outcry.protocol.layout import Valuation
from outcry.views.directory import Currency, Listing

XBT = Currency(1, "XBt", 8)


def terms(decimals: int, units: int, **more: int) -> Listing:
    standard = {
        "number": 1, "instrument_type": 1, "valuation": Valuation.INVERSE, "index": 1, "subticks_per_tick": 10,
        "lot": 100, "multiplier_minor": 10**8, "contracts_per_underlying": 0, "quantity_max": 10**9,
        "price_ticks_max": 10**7, "funding_interval_ns": 0, "funding_offset_ns": 0, "expiry_ns": 0, "listed_ns": 0,
        "listed_sequence": 1,
    }  # fmt: skip
    return Listing(
        symbol="X", underlying="XBT", quote="USD", currency=XBT, price_decimals=decimals, tick_units=units,
        **{**standard, **more},
    )  # fmt: skip


TENTH, HALF, TINY = terms(1, 1), terms(1, 5), terms(8, 1)


@pytest.mark.parametrize(
    ("price", "listing", "ticks"),
    [
        ("60000.1", TENTH, 600_001),
        ("60000.99999999999", TENTH, 600_010),
        ("60000.10000000000582", TENTH, 600_001),
        ("60000.5", HALF, 120_001),
        ("1.23e-6", TINY, 123),
        ("60000.1000001", TENTH, 600_001),
        ("60000.0999999", TENTH, 600_001),
    ],
)
def test_snapping(price: str, listing: Listing, ticks: int) -> None:
    assert ticks_of(Decimal(price), listing, "price") == ticks


@pytest.mark.parametrize(
    ("price", "listing"), [("60000.15", TENTH), ("60000.1", HALF), ("60000.1000002", TENTH), ("1e-9", TINY)]
)
def test_off_tick(price: str, listing: Listing) -> None:
    with pytest.raises(Refusal, match="Invalid price tickSize"):
        ticks_of(Decimal(price), listing, "price")


@pytest.mark.parametrize(
    "price", ["1e999", "-1e999", "107374182.4", "NaN", "sNaN", "Infinity", "0e999999", "6" + "0" * 90 + "e-90"]
)
def test_out_of_range(price: str) -> None:
    with pytest.raises(Refusal, match=r"Invalid price$"):
        ticks_of(as_number(Decimal(price), "price"), TENTH, "price")


@given(st.integers(1, 2**30 - 1), st.sampled_from([TENTH, HALF, TINY, terms(2, 5), terms(5, 1)]))
def test_every_tick_survives_json_both_ways(ticks: int, listing: Listing) -> None:
    text = msgspec.json.encode(of_ticks(ticks, listing)).decode()
    assert ticks_of(Decimal(text), listing, "price") == ticks
    # A client that computed in floats and lost the last digits is still understood.
    assert ticks_of(Decimal(float(text) * 3 / 3), listing, "price") == ticks


def test_numbers_as_they_were_meant() -> None:
    assert msgspec.json.encode([of_ticks(600_001, TENTH), of_ticks(600_000, TENTH)]) == b"[60000.1,60000]"
    assert msgspec.json.encode([of_subticks(6_000_123, TENTH), ratio(2, 10_000)]) == b"[60001.23,0.0002]"
    assert rounded(-15, 1000, 2) == -0.02
    assert rounded(5, -3, 0) == -2


def test_average_of_equal_prices_is_that_price() -> None:
    # 100 contracts at 60,000.1 are 166,666 sat, which by itself would say 60,000.24.
    assert average_or_none(100, 166_666, TENTH, 600_001, 600_001) == 60000.1
    assert average_or_none(100, 166_666, TENTH, 0, 0) == 60000.24
    assert average_or_none(0, 0, TENTH, 0, 0) is None


@given(
    st.sampled_from(IdKind), st.integers(0, 2**63 - 1), st.integers(0, 2**32 - 1), st.binary(min_size=1, max_size=32)
)
def test_ids_round_trip(kind: IdKind, sequence: int, index: int, key: bytes) -> None:
    ids = Ids(key)
    text = ids.encode(kind, sequence, index)
    assert str(uuid.UUID(text)) == text
    assert ids.decode(kind, text) == (sequence, index)
    for other in IdKind:
        if other != kind:
            assert ids.decode(other, text) is None
    assert Ids(key + b"x").decode(kind, text) is None


def test_ids_that_are_none() -> None:
    ids = Ids(b"key")
    assert ids.order_id(str(uuid.UUID(int=0))) is None
    with pytest.raises(ValueError, match="badly formed"):
        ids.order_id("not a uuid")
    assert ids.order_id(ids.order(7)) == 7


def test_times() -> None:
    assert time_text(1_518_064_236_123_456_789) == "2018-02-08T04:30:36.123Z"
    assert span_text(8 * 3600 * 10**9) == "2000-01-01T08:00:00.000Z"
    moment = 1_518_064_236 * 10**9
    for text in ("2018-02-08T04:30:36Z", "2018-02-08T04:30:36.000+00:00", "2018-02-08T05:30:36+01:00", 1518064236000):
        assert time_ns_of(text, "startTime") == moment
    assert time_ns_of("2018-02-08", "startTime") == moment - (4 * 3600 + 30 * 60 + 36) * 10**9
    assert (
        time_ns_of("2026", "startTime") == time_ns_of("2026-01-01", "startTime") == time_ns_of("20260101", "startTime")
    )
    wrong: tuple[object, ...] = (
        "0",
        "26",
        "202",
        "0000",
        "20261301",
        "yesterday",
        True,
        -1,
        10**30,
        [],
        "2018-13-01",
        "9" * 20,
    )
    for broken in wrong:
        with pytest.raises(Refusal, match="Invalid startTime"):
            time_ns_of(broken, "startTime")
