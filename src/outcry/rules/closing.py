"""What closing a position or a takeover needs: its side and limit price (LIQ-04 to LIQ-06), and how many lots the
insurance fund can pay for (LIQ-07).

Quantities, costs and values of a takeover are signed like those of a position; a loss is positive.
"""

import cython

if not cython.compiled:
    from outcry.protocol.layout import FaultRow, InstrumentRow, Side, Valuation, flag, i64, wide
    from outcry.rules.arith import magnitude
    from outcry.rules.backing import opening_lot_minor
    from outcry.rules.value import cost_of_side


def closing_side(quantity: i64) -> i64:
    """The side of the order that closes a signed quantity."""
    return Side.SELL if quantity > 0 else Side.BUY


def closing_ticks(instrument: InstrumentRow, quantity: i64, value_minor: i64) -> i64:
    """The price at which a signed quantity is worth a signed value, in ticks; 0 if there is none (LIQ-04, LIQ-06).

    Rounded in favour of who closes: a long is sold at that price or above, a short bought at that price or below.
    """
    inverse: flag = instrument.valuation == Valuation.INVERSE
    size: i64 = value_minor if (quantity > 0) != inverse else -value_minor
    if size <= 0:
        return 0
    lots: i64 = magnitude(quantity) // instrument.lot
    above = wide(size) * instrument.value_denominator
    below = wide(lots) * instrument.value_numerator
    if inverse:
        above = below
        below = wide(size)
    below = below * instrument.subticks_per_tick
    ticks = (above + below - 1) // below if quantity > 0 else above // below
    if ticks > instrument.price_ticks_max:
        return 0
    return ticks


def lot_loss_minor(instrument: InstrumentRow, quantity: i64, cost_minor: i64, lot_minor: i64, fault: FaultRow) -> i64:
    """What closing one lot loses, the taker fee included, when a lot is worth so much; rounded up (LIQ-07).

    0 or less if nothing is lost.  The cost of a lot, its value and its fee are each rounded so that the loss is never
    less than what a lot of any number of fills loses.
    """
    lots: i64 = magnitude(quantity) // instrument.lot
    cost: i64 = (cost_minor + lots - 1) // lots if cost_minor >= 0 else -(-cost_minor // lots)
    fee: i64 = opening_lot_minor(instrument, lot_minor, fault)
    return cost + cost_of_side(instrument, closing_side(quantity), lot_minor) + fee


def affordable_lots(fund_minor: i64, lot_loss: i64, lots: i64) -> i64:
    """How many of so many lots a fund can pay for at a loss a lot; all of them if they lose nothing (LIQ-07)."""
    if lot_loss <= 0:
        return lots
    return min(lots, max(0, fund_minor) // lot_loss)
