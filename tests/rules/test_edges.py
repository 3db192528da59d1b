"""Rules at their exact edges: the value at which an answer changes, and one unit to each side of it.

First roundings and bounds, then prices of closing and of bands against a search through all marks, then margins, fees,
funding, indices, marks and rankings.
"""

from itertools import product

import pytest

from outcry.protocol.layout import (
    CLAMP_PPB,
    DAY_NS,
    MINUTE_NS,
    PPB,
    PPM,
    STALE_NS,
    SUBTICKS_BOUND,
    TOTAL_BOUND,
    FaultRow,
    InstrumentRow,
    PositionRow,
    Side,
    Valuation,
)
from outcry.rules import (
    arith,
    closing,
    fees,
    funding,
    index,
    liquidation,
    margin,
    marks,
    position,
    ranking,
    stamps,
    value,
)

FAULT = FaultRow()


def contract(valuation: int, numerator: int, denominator: int = 1, **terms: int) -> InstrumentRow:
    row = InstrumentRow(lot=1, subticks_per_tick=1, price_ticks_max=1_000, **terms)
    row.valuation, row.value_numerator, row.value_denominator = valuation, numerator, denominator
    return row


def test_what_is_capped_is_the_bound_itself() -> None:
    for number in (TOTAL_BOUND - 1, TOTAL_BOUND, TOTAL_BOUND + 1):
        assert arith.capped(number) == ranking.held_at(number) == min(number, TOTAL_BOUND)
    assert arith.times(TOTAL_BOUND // 4, 4) == TOTAL_BOUND
    assert arith.times(TOTAL_BOUND // 4, 5) == TOTAL_BOUND


def test_the_highest_price_of_a_book_is_a_price() -> None:
    row = contract(Valuation.LINEAR, 1)
    assert closing.closing_ticks(row, 1, 1_000) == 1_000
    assert closing.closing_ticks(row, 1, 1_001) == 0


@pytest.mark.parametrize("valuation", [Valuation.INVERSE, Valuation.LINEAR, Valuation.QUANTO])
def test_no_value_has_no_price(valuation: int) -> None:
    row = contract(valuation, 1_000)
    assert closing.closing_ticks(row, 1, 0) == closing.closing_ticks(row, -1, 0) == 0


@pytest.mark.parametrize("valuation", [Valuation.INVERSE, Valuation.LINEAR])
@pytest.mark.parametrize(("numerator", "denominator"), [(97, 7), (1_000, 1), (5, 3), (8, 4)])
def test_a_band_is_found_again_by_looking_at_every_mark(valuation: int, numerator: int, denominator: int) -> None:
    row = contract(valuation, numerator * (7 if valuation == Valuation.INVERSE else 1), denominator)
    if valuation == Valuation.INVERSE:
        row.value_denominator = 1
    last = 600
    lots = {mark: value.lot_value_minor(row, mark, FAULT) for mark in range(1, last)}
    for quantity, target in product((1, 2, 3, -1, -2, -3), range(-40, 41)):
        worths = {mark: value.signed_value_minor(row, quantity, lot) for mark, lot in lots.items()}
        passed = [mark for mark, worth in worths.items() if worth <= target]
        found = liquidation.passed_subticks(row, quantity, target)
        if not passed:
            assert found == 0 or found >= last
        elif quantity > 0:
            # The highest of them; if all of them are it lies above everything looked at.
            assert found == passed[-1] or (passed[-1] == last - 1 and found >= last - 1)
        else:
            assert found == passed[0]


def test_a_band_is_reached_at_its_mark() -> None:
    assert [liquidation.has_passed(mark, 100, True) for mark in (99, 100, 101)] == [True, True, False]
    assert [liquidation.has_passed(mark, 100, False) for mark in (99, 100, 101)] == [False, True, True]
    assert not liquidation.has_passed(1, 0, True)


def test_no_mark_is_as_high_as_the_bound() -> None:
    above = [liquidation.within_subticks(number) for number in (SUBTICKS_BOUND - 2, SUBTICKS_BOUND - 1, SUBTICKS_BOUND)]
    assert above == [SUBTICKS_BOUND - 2, SUBTICKS_BOUND - 1, SUBTICKS_BOUND - 1]
    linear, inverse = contract(Valuation.LINEAR, 1), contract(Valuation.INVERSE, 10**12)
    # A short that no possible mark can bring so far has no band.
    assert liquidation.passed_subticks(linear, -1, -SUBTICKS_BOUND) == 0
    assert liquidation.passed_subticks(linear, -1, -(SUBTICKS_BOUND - 2)) == SUBTICKS_BOUND - 2
    assert liquidation.passed_subticks(inverse, -1, 0) == 0


def test_shares_of_less_than_nothing_are_rounded_against_their_owner() -> None:
    assert [liquidation.share_minor(equity, 1, 3, FAULT) for equity in (10, -10)] == [3, -4]
    assert liquidation.floor_share(-7, 2) == -4
    assert liquidation.floor_share(7, 2) == 3
    assert liquidation.price_subticks(contract(Valuation.LINEAR, 1), 1, 0, True) == 0
    assert [liquidation.reserve_minor(5, behind) for behind in (-1, 0, 4, 5, 6)] == [0, 0, 4, 5, 5]
    assert liquidation.bankrupt_minor(100, 30, 5) == 75
    assert [liquidation.kept_quantity(contract(Valuation.LINEAR, 1), limit, 10) for limit in (99, 100, 109)] == [
        9,
        10,
        10,
    ]


def test_the_cost_of_a_lot_is_rounded_up_whatever_its_sign() -> None:
    row = contract(Valuation.LINEAR, 1, taker_fee_ppm=500)
    # A lot sold for 1,000 with a fee of 0.5, of two that cost 2,003 together.
    assert closing.lot_loss_minor(row, 2, 2_003, 1_000, FAULT) == 1_002 - 1_000 + 1
    assert closing.lot_loss_minor(row, -2, -2_003, 1_000, FAULT) == -1_001 + 1_000 + 1
    assert [closing.affordable_lots(fund, 10, 5) for fund in (-1, 0, 9, 10, 49, 50, 99)] == [0, 0, 0, 1, 4, 5, 5]
    assert closing.affordable_lots(0, 0, 5) == closing.affordable_lots(0, -1, 5) == 5


def test_a_limit_met_exactly_needs_no_step_more() -> None:
    row = InstrumentRow(risk_limit_minor=100, risk_step_minor=10)
    assert [margin.steps_needed(row, worth) for worth in (99, 100, 101, 110, 111, 120)] == [0, 0, 1, 1, 2, 2]


def test_margins_are_rounded_up_and_an_inverse_short_backed_whole_keeps_nothing() -> None:
    row = contract(Valuation.INVERSE, 1, initial_margin_ppm=4_000, maintenance_margin_ppm=2_000, taker_fee_ppm=500)
    assert [margin.initial_minor(row, 0, worth, 0, FAULT) for worth in (249, 250, 251)] == [1, 1, 2]
    assert [margin.initial_minor(row, 0, 1_001, leverage, FAULT) for leverage in (100, 1_000)] == [1_001, 101]
    assert margin.backed_whole(row, 100, 100)
    assert not margin.backed_whole(row, 100, 99)
    assert not margin.backed_whole(row, -100, 100)
    assert margin.maintenance_minor(row, 0, 0, 100, 100, FAULT) == 0
    assert margin.maintenance_minor(row, 0, 0, -1_001, 0, FAULT) == 3 + 1


@pytest.mark.parametrize("rate_ppb", [-400_000, 0, 400_000])
@pytest.mark.parametrize("valuation", [Valuation.INVERSE, Valuation.LINEAR])
def test_rates_say_that_initial_margin_is_more_only_where_it_is(valuation: int, rate_ppb: int) -> None:
    """And they do say it where a whole unit lies between the two."""
    row = contract(valuation, 1, initial_margin_ppm=4_000, maintenance_margin_ppm=3_500, taker_fee_ppm=500)
    row.funding_rate_ppb = rate_ppb
    said = set()
    for steps, cost in product((0, 3), (*range(-30_000, 30_001, 7), 10**9, -(10**9))):
        more = margin.position_margin_minor(row, steps, 0, cost, 0, FAULT) > margin.maintenance_minor(
            row, steps, 0, cost, 0, FAULT
        )
        surely = margin.exceeds_maintenance(row, steps, cost)
        said.add(surely)
        assert more or not surely
        is_long = (cost > 0) != (valuation == Valuation.INVERSE)
        apart = (PPB // PPM) * 500 - margin.adverse_ppb(rate_ppb, is_long)
        assert surely == (abs(cost) * apart >= PPB)
    assert said == {True, False}


def test_fees_paid_stay_rounded_down_and_only_what_opens_adds() -> None:
    assert margin.loss_after_minor(7, 100, 3, 1, 1, FAULT) == 4
    assert margin.loss_after_minor(7, 100, 3, 3, 3, FAULT) == 0
    assert margin.loss_after_minor(7, 101, 3, 3, 5, FAULT) == 40
    assert margin.loss_after_minor(-7, 0, 3, 1, 1, FAULT) == -4


def test_what_reduces_is_free_as_far_as_nothing_else_will() -> None:
    row = PositionRow(sell_quantity=10, sell_margin_minor=1_000, sell_dearest_minor=100)
    assert margin.orders_margin_minor(row, 10, 1) == 0
    row.sell_reduce_quantity = 4
    assert margin.orders_margin_minor(row, 10, 1) == 400
    row.sell_reduce_quantity, row.sell_premium_minor = 0, 33
    assert margin.orders_margin_minor(row, 10, 1) == 33
    assert margin.orders_margin_minor(row, -10, 1) == 1_000
    assert margin.adverse_ppb(5, True) == margin.adverse_ppb(-5, False) == 5
    assert margin.adverse_ppb(-5, True) == margin.adverse_ppb(5, False) == 0


def test_a_tier_begins_with_its_dollars() -> None:
    for tier in range(1, 10):
        cents = fees.tier_dollars(tier) * 30 * 100
        assert [fees.tier_of(cents - 1), fees.tier_of(cents)] == [tier - 1, tier]
    assert [fees.tier_maker_ppm(tier) for tier in range(10)] == [200, 100, 0, 0, 0, 0, -30, -50, -80, -100]
    row = InstrumentRow(taker_fee_ppm=500, maker_fee_ppm=-150)
    # 500 * 175 / 750 is less than the rebate.
    assert fees.lowest_taker_ppm(row, FAULT) == fees.taker_ppm(row, 9, FAULT) == 150
    row.maker_fee_ppm = 200
    assert (fees.lowest_taker_ppm(row, FAULT), fees.taker_ppm(row, 9, FAULT)) == (117, 117)
    assert [fees.maker_ppm(row, tier, FAULT) for tier in (0, 1, 9)] == [200, 100, -100]
    # A rebate is held at the lowest taker rate, 116.7 of the listing's 500.
    row.maker_fee_ppm = 100
    assert [fees.maker_ppm(row, tier, FAULT) for tier in (6, 7, 8, 9)] == [-117] * 4


def test_cents_are_the_same_in_short_and_in_long() -> None:
    for worth, units in ((2**53 - 1, 1), (2**53 - 1, 10**7), (10**8, 5 * 10**6), (1, 1), (0, 7)):
        for denominator in (1, 10**6, 10**10):
            assert fees.cents_of(worth, units, denominator) == min(TOTAL_BOUND, 100 * units * worth // denominator)


def test_premiums_and_means_round_half_up_and_stay_within_one_whole() -> None:
    # Ten of three is 3.33.. times a whole: held at one.
    assert funding.premium_ppb(13, 0, 3, 3, 7) == PPB + 7
    assert funding.premium_ppb(4, 0, 3, 2, 0) == PPB // 2
    assert funding.premium_ppb(2, 0, 3, 3, 0) == 0
    assert funding.premium_ppb(3, 2, 3, 3, 0) == -(PPB // 3)
    assert funding.premium_ppb(5, 0, 3, 3, 0) == 666_666_667
    assert funding.premium_ppb(5, 1, 3, 2, 0) == 0
    assert [funding.mean_ppb(total, 4) for total in (5, 6, 7, -5, -6, -7)] == [1, 2, 2, -1, -2, -2]
    day = DAY_NS
    assert [funding.interest_ppb(quote, 0, day // 4) for quote in (5, 6, 7)] == [1, 2, 2]
    assert funding.interest_ppb(0, 6, day // 4) == -2
    assert funding.rate_ppb(0, 2 * CLAMP_PPB) == CLAMP_PPB
    row = InstrumentRow(initial_margin_ppm=10_000, maintenance_margin_ppm=4_000, funding_rate_ppb=100)
    assert funding.capped_rate_ppb(row, 10**9) == 100 + 750 * 4_000
    row.initial_margin_ppm = 5_000
    assert funding.capped_rate_ppb(row, 10**9) == 750 * 1_000
    assert funding.capped_rate_ppb(row, -(10**9)) == -750 * 1_000
    assert funding.capped_rate_ppb(row, 99) == 99


def test_who_pays_rounds_up_and_who_receives_rounds_down() -> None:
    row = contract(Valuation.LINEAR, 1)
    pays = [stamps.payment_minor(row, quantity, 1_001, 1_000_000, FAULT) for quantity in (1, -1)]
    assert pays == [2, -1]
    assert [stamps.payment_minor(row, quantity, 1_001, -1_000_000, FAULT) for quantity in (1, -1)] == [-1, 2]
    assert stamps.stamp_after_ns(1_000, 100, 0) == 1_100
    assert stamps.stamp_after_ns(1_001, 100, 0) == 1_100
    assert stamps.stamp_after_ns(1_000, 100, 1) == 1_001


def test_sources_at_the_edge_of_age_distance_and_number() -> None:
    assert index.weighted_mean(7, 2, FAULT) == 4
    assert [index.middle(3, upper) for upper in (3, 4, 5)] == [3, 4, 4]
    assert [index.is_fresh(1, 0, STALE_NS + late) for late in (0, 1)] == [True, False]
    assert not index.is_fresh(0, 0, 0)
    assert [index.stands_off(price, 1_000, 10_000, 1) for price in (991, 990, 1_009, 1_010)] == [False, True] * 2
    assert [index.stands_off(price, 1_000, 10_000, 2) for price in (996, 995)] == [False, True]
    assert [index.is_near(price, 1_000, 250_000) for price in (1_020, 1_021, 980, 979)] == [True, False] * 2
    assert not index.is_near(1_010, 1_000, 10_000)
    # Two that are as far from their middle as half the tolerance.
    assert [index.is_held(2, lower, 1_004, 1_000, 10_000) for lower in (996, 995)] == [False, True]
    assert [index.is_held(1, price, price, 1_000, 10_000) for price in (1_009, 1_010)] == [False, True]
    assert index.is_held(0, 0, 0, 1, 0)
    assert not index.is_held(0, 0, 0, 0, 0)
    assert not index.is_held(3, 1, 10**6, 1, 1)


def test_marks_round_half_up_and_a_protected_one_comes_back_by_itself() -> None:
    row = contract(Valuation.LINEAR, 1, index_numerator=1, index_denominator=2, maintenance_margin_ppm=10_000)
    assert [marks.index_subticks(row, units) for units in (4, 5, 6)] == [2, 3, 3]
    assert marks.impact_subticks(7, 2) == 4
    # 10,000 ppm of a mean of 10,050 are 100.5: a hundred apart is tight and a hundred and one is not.
    assert [marks.impact_is_tight(row, 10_000, ask) for ask in (10_100, 10_101)] == [True, False]
    assert [marks.impact_is_tight(row, 10, ask) for ask in (13, 14)] == [True, False]
    assert [marks.impact_is_tight(row, 199, 201), marks.impact_is_tight(row, 1_990, 2_010)] == [True, False]
    assert not marks.impact_is_tight(row, 0, 10)
    row.anchor_subticks = 399
    assert marks.half_band_subticks(row, FAULT) == 1
    # Above the band it follows the last price down, and never up; below it the other way round.
    assert [marks.protected_subticks(120, last, 90, 110) for last in (125, 115, 105)] == [120, 115, 105]
    assert [marks.protected_subticks(100, last, 90, 110) for last in (125, 110, 90, 85)] == [110, 110, 90, 90]
    assert [marks.protected_subticks(80, last, 90, 110) for last in (75, 85, 95)] == [80, 85, 95]
    assert marks.protected_subticks(0, 85, 90, 110) == 90
    assert marks.minutes_to_expiry(MINUTE_NS + 1, 3 * MINUTE_NS) == 2
    assert marks.minutes_to_expiry(3 * MINUTE_NS, 3 * MINUTE_NS) == 0
    assert marks.minutes_to_funding(5 * MINUTE_NS, 5 * MINUTE_NS, 0) == 5
    assert [marks.carry_subticks(10_000, rate, 525_600) for rate in (49_999, 50_000, -50_000)] == [0, 1, -1]
    # 1 of 200 in a whole year is half a per cent, which is rounded up; 1 of 201 is less.
    assert marks.fair_basis_ppb(201, 201, 200, 525_600) == 10**7
    assert marks.fair_basis_ppb(202, 202, 201, 525_600) == 0


def test_what_nothing_is_won_and_lost_at_is_rounded_towards_winning() -> None:
    assert position.break_even_minor(1_000, 0, 1, 500, FAULT) == 1_002
    assert position.break_even_minor(-1_000, 0, 1, 500, FAULT) == -998
    assert position.break_even_minor(1_000, 1_000, 0, 500, FAULT) == 0
    assert position.break_even_minor(1_000, 1_001, 0, 500, FAULT) == 0


def test_rankings_at_their_edges() -> None:
    assert [ranking.profit_ppb(gain, 3) for gain in (1, -1)] == [333_333_333, -333_333_333]
    assert [ranking.leverage_ppm(10, cushion) for cushion in (-1, 0, 3)] == [TOTAL_BOUND, TOTAL_BOUND, 3_333_333]
    assert ranking.leverage_ppm(0, 5) == 1
    assert ranking.score_ppb(0, 10, 10, 5) == 0
    assert ranking.score_ppb(-5, 10, 10, 5) == -(PPB // 2) * PPM // 2_000_000
    assert [ranking.in_turn(5, before, 8) for before in (0, 3, 4, 8, 9)] == [5, 5, 4, 0, 0]
    assert [ranking.in_proportion(10, need, 30, 1) for need in (3, 4, 29, 30, 31)] == [1, 2, 10, 10, 10]
    assert ranking.in_proportion(10, 1, 30, 5) == 5
    assert [ranking.quintile(before, 1, 5) for before in range(5)] == [1, 2, 3, 4, 5]
    assert ranking.quintile(0, 2, 5) == 2


@pytest.mark.parametrize("side", [Side.BUY, Side.SELL])
def test_a_premium_is_what_is_lost_at_once(side: int) -> None:
    dearer = 10 if side == Side.BUY else -10
    assert margin.premium_minor(side, 100 + dearer, 100, True) == 10
    assert margin.premium_minor(side, 100 - dearer, 100, True) == 0
    assert margin.premium_minor(side, 100 - dearer, 100, False) == 10
