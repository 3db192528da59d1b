"""Impact prices of the own book, the minute's samples, and the funding rate that is measured from them."""

import random
from fractions import Fraction
from math import floor

import pytest

from outcry.engine import premiums
from outcry.protocol import layout, wire
from outcry.protocol.layout import EventKind, Valuation
from tests.engine.twins import agree
from tests.engine.worlds import BUY, SELL, World, of_kind, one

MINUTE_NS = layout.MINUTE_NS
STAMP_NS = 1_700_020_800 * 10**9
"""04:00 UTC, a funding stamp."""
INVERSE = {"lot": 100, "multiplier_minor": 10**8}
LINEAR = {"valuation": Valuation.LINEAR, "lot": 7, "multiplier_minor": 31}


def venue(**terms: int) -> World:
    """A perpetual at 10,000.00 one second after a stamp, with a rich maker 8."""
    world = World()
    world.now_ns = STAMP_NS + 10**9
    world.currency("XBt", 8)
    world.index(".B")
    standard = {"impact_notional_minor": 10**8, "interest_quote_ppb": 600_000, "interest_base_ppb": 300_000}
    margins = {"initial_margin_ppm": 10_000, "maintenance_margin_ppm": 5_000, "risk_limit_minor": 10**15}
    world.instrument("X", **{**standard, **margins, **terms})
    world.price(1, 1_000_000)
    world.trader(1, 2**50)
    return world


def row(world: World) -> layout.InstrumentRow:
    return world.engine.tables.instruments[1]


def minute(world: World) -> list[wire.Event]:
    """The next minute's tick."""
    world.now_ns = (world.now_ns // MINUTE_NS + 1) * MINUTE_NS
    return world.send(layout.Tick())


def nearest(number: Fraction) -> int:
    """Half up on the magnitude."""
    size = floor(abs(number) + Fraction(1, 2))
    return size if number >= 0 else -size


@pytest.mark.parametrize("terms", [INVERSE, LINEAR])
@pytest.mark.parametrize("side", [BUY, SELL])
def test_an_impact_price_is_the_value_weighted_mean_of_what_is_taken(terms: dict[str, int], side: int) -> None:
    world, chance = venue(**terms), random.Random(side)
    lot, inverse = terms["lot"], terms is INVERSE
    book: dict[int, int] = {}
    for _ in range(40):
        ticks, quantity = 100_000 + (1 if side == SELL else -1) * chance.randint(1, 900), lot * chance.randint(1, 400)
        world.place(8, side, quantity, ticks)
        book[ticks] = book.get(ticks, 0) + quantity
    levels = sorted(book.items(), reverse=side == BUY)
    for notional in (1, 10**5, 10**7, 3 * 10**7, 10**12):
        row(world).impact_notional_minor = notional
        left, weighted = notional, 0
        for ticks, quantity in levels:
            worth = Fraction(lot * 10**9, ticks) if inverse else Fraction(ticks * lot * 31, 10)
            taken = min(left, nearest(worth) * (quantity // lot))
            weighted, left = weighted + taken * ticks * 10, left - taken
        expected = 0 if left else nearest(Fraction(weighted, notional))
        assert premiums.impact_price(world.engine.tables, row(world), side) == expected
    assert expected == 0


def test_an_impact_price_is_looked_for_on_256_levels() -> None:
    world = venue(impact_notional_minor=255 * 10**5 + 1, price_ticks_max=10**7)
    for level in range(256):
        world.place(8, BUY, 100, 50_000 - level)
    assert premiums.impact_price(world.engine.tables, row(world), BUY) > 0
    row(world).impact_notional_minor = 2**50
    assert premiums.impact_price(world.engine.tables, row(world), BUY) == 0
    whole = sum(nearest(Fraction(100 * 10**9, 50_000 - level)) for level in range(256))
    row(world).impact_notional_minor = whole
    assert premiums.impact_price(world.engine.tables, row(world), BUY) > 0
    world.place(8, BUY, 100, 40_000)
    row(world).impact_notional_minor = whole + 1
    assert premiums.impact_price(world.engine.tables, row(world), BUY) == 0


def test_a_sample_is_taken_once_a_minute_and_never_made_up_for() -> None:
    world = venue(funding_rate_ppb=100_000)
    world.place(8, BUY, 1_000_000, 100_300)
    events = minute(world)
    sampled = one(events, EventKind.PREMIUM_SAMPLED)
    mark = row(world).mark_subticks
    premium = nearest(Fraction((1_003_000 - mark) * 10**9, 1_000_000)) + 100_000
    assert (sampled.samples, sampled.impact_bid_subticks, sampled.impact_ask_subticks) == (1, 1_003_000, 0)
    assert (sampled.premium_ppb, sampled.basis_rate_ppb) == (premium, 0)
    assert sampled.indicative_rate_ppb == premium - 500_000
    assert (row(world).premium_sum_ppb, row(world).sampled_ns) == (premium, world.now_ns)
    world.account(5)
    world.cancel_all_after(9, 1)
    world.wait(2)
    assert not of_kind(world.send(layout.Tick()), EventKind.PREMIUM_SAMPLED)
    world.wait(3 * 60)
    assert one(world.send(layout.Tick()), EventKind.PREMIUM_SAMPLED).samples == 2
    agree(world)


@pytest.mark.parametrize("terms", [{"impact_notional_minor": 0}, {"funding_interval_ns": 0, "funding_offset_ns": 0}])
def test_without_an_impact_notional_or_funding_nothing_is_measured(terms: dict[str, int]) -> None:
    world = venue(**terms)
    world.place(8, BUY, 1_000_000, 101_000)
    assert not of_kind(minute(world), EventKind.PREMIUM_SAMPLED)
    assert row(world).indicative_rate_ppb == row(world).funding_rate_ppb == 100_000
    agree(world)


def test_before_there_is_a_mark_nothing_is_sampled() -> None:
    world = World()
    world.currency("XBt", 8)
    world.index(".B")
    world.instrument("X", impact_notional_minor=10**8)
    assert not of_kind(minute(world), EventKind.PREMIUM_SAMPLED)


@pytest.mark.parametrize(("bid", "ask"), [(100_400, 100_600), (99_500, 99_700), (99_900, 100_100)])
def test_the_rate_of_a_period_is_what_the_period_before_has_measured(bid: int, ask: int) -> None:
    """480 samples with quotes that stand still while the mark drifts with its basis; then the next period has none."""
    world = venue(funding_rate_ppb=100_000)
    world.place(8, BUY, 1_000_000, bid)
    world.place(8, SELL, 1_000_000, ask)
    premiums_seen = []
    for _ in range(479):
        premiums_seen.append(one(minute(world), EventKind.PREMIUM_SAMPLED).premium_ppb)
        if len(premiums_seen) % 10 == 0:
            world.price(1, 1_000_000)
    expected = nearest(Fraction(sum(premiums_seen), 479))
    expected += max(-500_000, min(500_000, 100_000 - expected))
    expected = max(-3_650_000, min(3_750_000, expected))
    assert row(world).indicative_rate_ppb == expected
    events = minute(world)
    fixed = one(events, EventKind.FUNDING_FIXED)
    assert (fixed.rate_ppb, fixed.next_rate_ppb) == (100_000, expected)
    assert row(world).funding_rate_ppb == expected
    sampled = one(events, EventKind.PREMIUM_SAMPLED)
    assert (sampled.samples, row(world).premium_sum_ppb) == (1, sampled.premium_ppb)
    assert (expected == 100_000) == (bid < 100_000 < ask)
    invariants_hold(world)


def invariants_hold(world: World) -> None:
    """Too long for the other mode; a snapshot comes to the same root."""
    root = world.engine.roots()
    world.restart()
    assert world.engine.roots() == root


def test_a_rate_far_off_is_capped_in_change_and_then_in_size() -> None:
    """1 % and 0.5 %: 0.375 % either way.  A premium of 3 % for two periods, then of -3 %."""
    world = venue(funding_rate_ppb=0, interest_quote_ppb=0, interest_base_ppb=0)
    world.place(8, BUY, 10_000_000, 103_000)
    rates = []
    for period in range(4):
        if period == 2:
            world.cancel_all(8)
            world.place(8, SELL, 10_000_000, 97_000)
        world.now_ns = STAMP_NS + (period + 1) * 8 * 60 * MINUTE_NS - 20 * MINUTE_NS
        for _ in range(20):
            minute(world)
        rates.append(row(world).funding_rate_ppb)
        world.carry_on()
        world.price(1, 1_000_000)
    assert rates == [3_750_000, 3_750_000, 0, -3_750_000]
