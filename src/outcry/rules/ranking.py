"""Who is deleveraged and how much of it: pure functions of what a ranking knows (ADL-01 to ADL-03).

A policy says of each ranked position how much of it would be taken, given what all takeovers of the round need; which
of them is followed is a term of the listing.  All quantities are magnitudes in contracts.
"""

import cython

if not cython.compiled:
    from outcry.protocol.layout import PPB, PPM, TOTAL_BOUND, DeleveragePolicy, i64, i128, wide
    from outcry.rules.arith import magnitude


def held_at(number: i128) -> i64:
    """A quotient of magnitudes, held at the bound of totals."""
    if number > TOTAL_BOUND:
        return TOTAL_BOUND
    return number


def profit_ppb(unrealised_minor: i64, cost_minor: i64) -> i64:
    """Unrealised profit as a part of the cost, signed, in ppb; rounded down on the magnitude (ADL-01)."""
    size: i64 = held_at(wide(magnitude(unrealised_minor)) * PPB // max(1, magnitude(cost_minor)))
    return size if unrealised_minor >= 0 else -size


def leverage_ppm(value_minor: i64, cushion_minor: i64) -> i64:
    """Effective leverage in ppm, rounded down: value over what it is from bankruptcy; the highest if it is there.

    Never 0, because profits are divided by it.
    """
    if cushion_minor <= 0:
        return TOTAL_BOUND
    return max(1, held_at(wide(magnitude(value_minor)) * PPM // cushion_minor))


def score_ppb(unrealised_minor: i64, cost_minor: i64, value_minor: i64, cushion_minor: i64) -> i64:
    """Profit times leverage, or loss over leverage; the highest is deleveraged first (ADL-01).

    `cushion_minor` is signed value less bankruptcy value.
    """
    profit: i64 = profit_ppb(unrealised_minor, cost_minor)
    leverage: i64 = leverage_ppm(value_minor, cushion_minor)
    if profit > 0:
        return held_at(wide(profit) * leverage // PPM)
    return -held_at(wide(-profit) * PPM // leverage)


def policy_key(policy: i64, score: i64, position: i64) -> i64:
    """The key by which a policy orders, larger first; a position's slot is its age."""
    return score if policy == DeleveragePolicy.RANKED else -position


def in_turn(quantity: i64, before: i64, need: i64) -> i64:
    """What is taken of a position if others with so many contracts come first and are taken whole (ADL-03)."""
    return min(quantity, max(0, need - before))


def in_proportion(quantity: i64, need: i64, total: i64, lot: i64) -> i64:
    """What is taken of a position if all give in proportion to what they hold, whole lots, rounded up (ADL-03)."""
    if need >= total:
        return quantity
    lots: i64 = (wide(quantity) * need + wide(total) * lot - 1) // (wide(total) * lot)
    return min(quantity, lots * lot)


def quintile(before: i64, quantity: i64, total: i64) -> i64:
    """In which fifth of the ranked contracts a position ends, from 1 for the first to be taken to 5 (ADL-01)."""
    return min(5, max(1, (wide(5) * (before + quantity) + total - 1) // max(1, total)))
