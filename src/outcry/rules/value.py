"""What contracts are worth in settlement currency (docs/rules: VAL-01, VAL-02).

Every type rounds the value of one lot half up and then multiplies by the lots, so that value is additive over lots.
The sign is the account's cost: buying an inverse contract costs a negative amount, buying any other a positive one.
"""

import cython

if not cython.compiled:
    from outcry.protocol.layout import FaultRow, InstrumentRow, Side, Valuation, flag, i64
    from outcry.rules.arith import mul_div_half_up, times


def lot_value_minor(instrument: InstrumentRow, subticks: i64, fault: FaultRow) -> i64:
    """Magnitude of the value of one lot at a price > 0 in sub-ticks, half up (VAL-01)."""
    if instrument.valuation == Valuation.INVERSE:
        return mul_div_half_up(instrument.value_numerator, 1, subticks, fault)
    return mul_div_half_up(subticks, instrument.value_numerator, instrument.value_denominator, fault)


def value_minor(instrument: InstrumentRow, quantity: i64, subticks: i64, fault: FaultRow) -> i64:
    """Magnitude of the value of a quantity >= 0 of whole lots, capped at the bound of totals (VAL-02)."""
    lots: i64 = quantity // instrument.lot
    return times(lots, lot_value_minor(instrument, subticks, fault))


def subticks_of(instrument: InstrumentRow, price_ticks: i64) -> i64:
    """A price in ticks as sub-ticks."""
    return price_ticks * instrument.subticks_per_tick


def cost_of_side(instrument: InstrumentRow, side: i64, value: i64) -> i64:
    """The signed cost to who trades on this side, given the magnitude of the value (VAL-01)."""
    buys: flag = side == Side.BUY
    inverse: flag = instrument.valuation == Valuation.INVERSE
    return value if buys != inverse else -value


def signed_value_minor(instrument: InstrumentRow, quantity: i64, lot_minor: i64) -> i64:
    """Signed value of a signed quantity, given the magnitude of a lot's value; capped at the bound of totals."""
    lots: i64 = (quantity if quantity >= 0 else -quantity) // instrument.lot
    size: i64 = times(lots, lot_minor)
    inverse: flag = instrument.valuation == Valuation.INVERSE
    return size if (quantity >= 0) != inverse else -size
