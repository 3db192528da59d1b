"""What closing a takeover costs, at random: no sequence of fills costs more than was reckoned (LIQ-06, LIQ-07)."""

import random
from fractions import Fraction

import pytest

from outcry.protocol.layout import FaultRow, InstrumentRow, Valuation
from outcry.rules import closing, fees, position, ranking, value


def contract(chance: random.Random, valuation: int) -> InstrumentRow:
    row = InstrumentRow()
    row.valuation, row.lot = valuation, chance.choice([1, 10, 100])
    row.subticks_per_tick, row.price_ticks_max = chance.choice([1, 10]), 10**7
    row.taker_fee_ppm = chance.choice([0, 500, 750, 2_500])
    row.value_numerator = row.lot * chance.choice([100, 10**8, 10**10])
    row.value_denominator = 1
    if valuation == Valuation.INVERSE:
        row.value_numerator *= 10**4
    else:
        row.value_denominator = chance.choice([100, 10**6])
    return row


@pytest.mark.parametrize("valuation", [Valuation.INVERSE, Valuation.LINEAR])
@pytest.mark.parametrize("sign", [1, -1])
def test_no_sequence_of_fills_at_a_price_loses_more_than_its_lots_were_reckoned_at(valuation: int, sign: int) -> None:
    chance, fault, losses = random.Random(1), FaultRow(), 0
    for _ in range(400):
        row = contract(chance, valuation)
        lots = chance.randrange(1, 60)
        ticks = chance.randrange(1_000, 200_000)
        lot = value.lot_value_minor(row, value.subticks_of(row, ticks), fault)
        cost = value.signed_value_minor(row, sign * lots * row.lot, lot)
        cost += chance.randrange(-abs(cost) // 10 - 5, abs(cost) // 10 + 6)
        quantity, held, side = sign * lots * row.lot, lots * row.lot, closing.closing_side(sign)
        reckoned = closing.lot_loss_minor(row, quantity, cost, lot, fault)
        done = lost = 0
        while held:
            part = chance.randrange(1, held // row.lot + 1) * row.lot
            worth = part // row.lot * lot
            share = position.cost_of_part(cost, part, held, fault)
            lost += share + value.cost_of_side(row, side, worth) + fees.fee_minor(worth, row.taker_fee_ppm, fault)
            cost, held, done = cost - share, held - part, done + part // row.lot
            assert lost <= done * reckoned
        losses += lost > 0
        fund = chance.randrange(0, 10**9)
        paid = closing.affordable_lots(fund, reckoned, lots)
        assert paid == lots or (reckoned > 0 and paid * reckoned <= fund < (paid + 1) * reckoned)
    assert losses > 50
    assert fault.code == 0


@pytest.mark.parametrize("valuation", [Valuation.INVERSE, Valuation.LINEAR])
@pytest.mark.parametrize("sign", [1, -1])
def test_the_limit_is_the_first_tick_that_loses_nothing(valuation: int, sign: int) -> None:
    chance = random.Random(2)
    for _ in range(500):
        row = contract(chance, valuation)
        lots = chance.randrange(1, 10**6)
        ticks = Fraction(chance.randrange(10, 10**8), chance.randrange(1, 50))
        exact = lots * Fraction(row.value_numerator, row.value_denominator) * ticks * row.subticks_per_tick
        if valuation == Valuation.INVERSE:
            exact = lots * row.value_numerator / (ticks * row.subticks_per_tick)
        size = max(1, int(exact))
        bankrupt = size if (sign > 0) != (valuation == Valuation.INVERSE) else -size
        limit = closing.closing_ticks(row, sign * lots * row.lot, bankrupt)
        unit = Fraction(row.value_numerator * lots, row.value_denominator) * row.subticks_per_tick
        price = size / unit
        if valuation == Valuation.INVERSE:
            price = Fraction(row.value_numerator * lots, size) / row.subticks_per_tick
        expected = -(-price.numerator // price.denominator) if sign > 0 else price.numerator // price.denominator
        assert limit == (expected if expected <= row.price_ticks_max else 0)
        assert closing.closing_ticks(row, sign * lots * row.lot, -bankrupt) == 0


def test_each_policy_takes_all_that_is_needed_and_never_more_than_there_is() -> None:
    chance = random.Random(3)
    for _ in range(500):
        lot = chance.choice([1, 100])
        sizes = [chance.randrange(1, 500) * lot for _ in range(chance.randrange(1, 30))]
        total, need = sum(sizes), chance.randrange(1, 9_000) * lot
        befores = [sum(sizes[:at]) for at in range(len(sizes))]
        turns = [ranking.in_turn(size, before, need) for size, before in zip(sizes, befores, strict=True)]
        parts = [ranking.in_proportion(size, need, total, lot) for size in sizes]
        assert sum(turns) == min(need, total)
        assert sum(parts) >= min(need, total)
        assert all(0 <= part <= size and part % lot == 0 for part, size in zip(parts, sizes, strict=True))
        # No more than a lot above what is exactly one's share.
        assert all(part * total < size * need + lot * total for part, size in zip(parts, sizes, strict=True))
        fifths = [ranking.quintile(before, size, total) for size, before in zip(sizes, befores, strict=True)]
        assert fifths == sorted(fifths)
        assert fifths[-1] == 5


def test_scores_stay_within_their_bounds_and_keep_their_sign() -> None:
    edges = (0, 1, -1, 10**6, -(10**6), 2**53, -(2**53), 2**62, -(2**62))
    for gain in edges:
        for worth in edges:
            for cushion in edges:
                score = ranking.score_ppb(gain, 10**6, worth, cushion)
                assert abs(score) <= 2**62
                assert (score > 0) <= (gain > 0)
                assert (score < 0) <= (gain < 0)
