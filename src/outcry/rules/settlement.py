"""What a contract that has ended settles at, and what settling pays (SET-01 to SET-03).

First the mean of an index, then prices by type of contract, then how much of a takeover's loss a fund pays for.  Pure
integer arithmetic on what it is handed; knows neither when something ends nor who holds it.
"""

import cython

if not cython.compiled:
    from outcry.protocol.layout import InstrumentRow, i64, i128
    from outcry.rules.arith import capped, magnitude
    from outcry.rules.marks import index_subticks
    from outcry.rules.options import is_option, payoff_subticks


def mean_units(total: i128, samples: i64) -> i64:
    """Mean of so many index values that add up to the total, half up (SET-01); 0 without any."""
    return capped((total + samples // 2) // samples) if samples > 0 else 0


def settlement_subticks(instrument: InstrumentRow, price_units: i64) -> i64:
    """The settlement price that follows from the mean of the index, in sub-ticks; -1 if it is none (SET-02).

    It is none if it is higher than any price of the instrument, or 0 of a contract that is no option.
    """
    if price_units <= 0:
        return -1
    highest: i64 = instrument.price_ticks_max * instrument.subticks_per_tick
    price: i64 = 0
    if is_option(instrument):
        price = payoff_subticks(instrument, price_units)
    else:
        price = index_subticks(instrument, price_units)
        if price == 0:
            return -1
    return price if price <= highest else -1


def lots_paid(fund_minor: i64, loss_minor: i64, lots: i64) -> i64:
    """How many of a takeover's lots a fund can settle, given what all of them lose (SET-03): all if they lose nothing.

    The loss of a lot is rounded up, so that a part never loses more than is counted for it.
    """
    if loss_minor <= 0 or fund_minor >= loss_minor:
        return lots
    lot_loss: i64 = (loss_minor + lots - 1) // lots
    return max(0, fund_minor) // lot_loss


def whole_lots(instrument: InstrumentRow, quantity: i64) -> i64:
    """Lots of a signed quantity."""
    return magnitude(quantity) // instrument.lot
