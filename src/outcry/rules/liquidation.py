"""When a position can no longer be held, and what it is worth then (LIQ-01, LIQ-05).

First the mark at which a signed value is reached, exact to the sub-tick and with the rounding of a lot's value taken
into account, then bankruptcy values and their prices.  Knows one position; what an account holds together is the
engine's to add up.
"""

import cython

if not cython.compiled:
    from outcry.protocol.layout import SUBTICKS_BOUND, FaultRow, InstrumentRow, Valuation, flag, i64, i128, wide
    from outcry.rules.arith import magnitude, mul_div_ceil, mul_div_floor


def rises_with_price(instrument: InstrumentRow, quantity: i64) -> flag:
    """Whether the signed value of a position is positive: a long's if it is not inverse, a short's if it is."""
    return (quantity > 0) != (instrument.valuation == Valuation.INVERSE)


def floor_share(value_minor: i64, lots: i64) -> i64:
    """A signed value over lots > 0, rounded down."""
    if value_minor >= 0:
        return value_minor // lots
    return -((-value_minor + lots - 1) // lots)


def within_subticks(subticks: i128) -> i64:
    """A sub-tick no higher than any mark can be."""
    if subticks >= SUBTICKS_BOUND:
        return SUBTICKS_BOUND - 1
    return subticks


def lowest_subticks_from(instrument: InstrumentRow, lot_minor: i64) -> i64:
    """The lowest sub-tick at which a lot of a contract that is not inverse is worth at least so much > 0."""
    denominator: i64 = instrument.value_denominator
    numerator: i64 = instrument.value_numerator
    least = wide(lot_minor) * denominator - denominator // 2
    return within_subticks((least + numerator - 1) // numerator)


def highest_subticks_to(instrument: InstrumentRow, lot_minor: i64) -> i64:
    """The highest sub-tick at which a lot of a contract that is not inverse is worth at most so much >= 0."""
    denominator: i64 = instrument.value_denominator
    most = wide(lot_minor + 1) * denominator - denominator // 2 - 1
    return within_subticks(most // instrument.value_numerator)


def passed_subticks(instrument: InstrumentRow, quantity: i64, value_minor: i64) -> i64:
    """The mark from which on a position's signed value is no more than the given one: going down for a long, going up
    for a short; exact.

    For a long the highest such mark, 0 if there is none; for a short the lowest, 0 if no possible mark reaches it.
    """
    lots: i64 = magnitude(quantity) // instrument.lot
    is_long: flag = quantity > 0
    lot_minor: i64 = 0
    if rises_with_price(instrument, quantity):
        lot_minor = floor_share(value_minor, lots)
        if lot_minor < 0:
            return 0
        if is_long:
            return highest_subticks_to(instrument, lot_minor)
        lowest: i64 = within_subticks(wide(2) * instrument.value_numerator // (2 * lot_minor + 1) + 1)
        return 0 if lowest == SUBTICKS_BOUND - 1 else lowest
    lot_minor = -floor_share(value_minor, lots)
    if is_long:
        if lot_minor <= 0:
            return SUBTICKS_BOUND - 1
        return within_subticks(wide(2) * instrument.value_numerator // (2 * lot_minor - 1))
    if lot_minor <= 0:
        return 1
    highest: i64 = lowest_subticks_from(instrument, lot_minor)
    return 0 if highest == SUBTICKS_BOUND - 1 else max(1, highest)


def has_passed(mark_subticks: i64, band_subticks: i64, is_long: flag) -> flag:
    """Whether a mark has reached a band; 0 is no band."""
    if band_subticks == 0:
        return False
    return mark_subticks <= band_subticks if is_long else mark_subticks >= band_subticks


def share_minor(equity_minor: i64, part_minor: i64, whole_minor: i64, fault: FaultRow) -> i64:
    """What of a cross account's equity belongs to one position: by maintenance margin, rounded down (LIQ-05)."""
    if part_minor == whole_minor:
        return equity_minor
    if equity_minor >= 0:
        return mul_div_floor(equity_minor, part_minor, whole_minor, fault)
    return -mul_div_ceil(-equity_minor, part_minor, whole_minor, fault)


def reserve_minor(closing_fee: i64, behind_minor: i64) -> i64:
    """The closing fee as far as what stands behind a position pays for it (LIQ-05)."""
    return min(closing_fee, max(0, behind_minor))


def bankrupt_minor(worth_minor: i64, behind_minor: i64, reserve: i64) -> i64:
    """Signed value at which what stands behind a position is gone, its reserve kept back (LIQ-05).

    `worth_minor` is the value from which that is counted: the cost of an isolated position, a cross one's at the mark.
    """
    return worth_minor - behind_minor + reserve


def kept_quantity(instrument: InstrumentRow, limit_minor: i64, lot_minor: i64) -> i64:
    """The most contracts in whole lots that fit a risk limit (LIQ-04)."""
    return limit_minor // max(1, lot_minor) * instrument.lot


def price_numerator(instrument: InstrumentRow, quantity: i64) -> i128:
    """Lots times the numerator of a lot's value; with it a value becomes a price."""
    return wide(magnitude(quantity) // instrument.lot) * instrument.value_numerator


def price_subticks(instrument: InstrumentRow, quantity: i64, value_minor: i64, up: flag) -> i64:
    """The price in sub-ticks at which a position is worth a signed value, rounded up or down; 0 if there is none.

    A value of the wrong sign, or 0 for an inverse contract, is reached at no price.
    """
    size: i64 = value_minor if rises_with_price(instrument, quantity) else -value_minor
    if size < 0 or (size == 0 and instrument.valuation == Valuation.INVERSE):
        return 0
    whole = price_numerator(instrument, quantity)
    if instrument.valuation == Valuation.INVERSE:
        return within_subticks((whole + size - 1) // size if up else whole // size)
    scaled = wide(size) * instrument.value_denominator
    return within_subticks((scaled + whole - 1) // whole if up else scaled // whole)
