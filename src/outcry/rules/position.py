"""Cost accounting of a position (PNL-01 to PNL-05): average cost, whole lots, no mark involved.

A fill first closes what it opposes, at the average cost of what is held, and then opens the rest at its own cost.
"""

import cython

if not cython.compiled:
    from outcry.protocol.layout import PPM, FaultRow, i64
    from outcry.rules.arith import magnitude, mul_div_ceil, mul_div_floor, mul_div_half_up, signed_like


def closing_quantity(held: i64, traded: i64) -> i64:
    """How much of a signed trade closes a signed position; a magnitude."""
    if held == 0 or (held > 0) == (traded > 0):
        return 0
    return min(magnitude(held), magnitude(traded))


def cost_of_part(cost_minor: i64, part: i64, whole: i64, fault: FaultRow) -> i64:
    """The share of a cost that belongs to part of a quantity, magnitudes, half up; all of it for the whole (PNL-02)."""
    if part == whole:
        return cost_minor
    return signed_like(mul_div_half_up(magnitude(cost_minor), part, whole, fault), cost_minor)


def unrealised_minor(value_signed_minor: i64, cost_minor: i64) -> i64:
    """Unrealised PnL: value at the mark less cost (PNL-03)."""
    return value_signed_minor - cost_minor


def break_even_minor(cost_minor: i64, realised_minor: i64, fees_minor: i64, taker_ppm: i64, fault: FaultRow) -> i64:
    """The signed value at which closing as the taker leaves nothing won and nothing lost (PNL-05), rounded up.

    Counted is all since the position was last flat: what it has realised, and its fees with funding among them.  0 if
    there is no such value: the position has won or lost more than any price can undo.
    """
    needed: i64 = cost_minor + fees_minor - realised_minor
    if needed == 0 or (needed > 0) != (cost_minor > 0):
        return 0
    if needed > 0:
        return mul_div_ceil(needed, PPM, PPM - taker_ppm, fault)
    return -mul_div_floor(-needed, PPM, PPM + taker_ppm, fault)
