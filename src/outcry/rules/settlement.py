"""What a contract that has ended settles at, and what settling pays (SET-01 to SET-03).

First the mean of an index, then prices by type of contract, then how much of a takeover's loss a fund pays for.  Pure
integer arithmetic on what it is handed; knows neither when something ends nor who holds it.
"""

import cython

if not cython.compiled:
    from outcry.protocol.layout import InstrumentRow, InstrumentType, flag, i64, i128, wide
    from outcry.rules.arith import capped, magnitude
    from outcry.rules.marks import index_subticks


def mean_units(total: i128, samples: i64) -> i64:
    """Mean of so many index values that add up to the total, half up (SET-01); 0 without any."""
    return capped((total + samples // 2) // samples) if samples > 0 else 0


def is_option(instrument: InstrumentRow) -> flag:
    """Whether the contract pays by a strike."""
    kind: i64 = instrument.instrument_type
    return kind == InstrumentType.CALL or kind == InstrumentType.PUT


def pays_underlying(instrument: InstrumentRow) -> flag:
    """Whether an option is quoted and paid in its own underlying: its texts for both are the same (SET-02)."""
    place: i64
    for place in range(8):  # noqa: SIM110 (a generator is no C loop)
        if instrument.underlying[place] != instrument.quote[place]:
            return False
    return True


def in_the_money_units(instrument: InstrumentRow, price_units: i64) -> i64:
    """By how much an option is in the money at a price of the underlying, in the index's units; 0 if it is not."""
    above: i64 = price_units - instrument.strike_units
    if instrument.instrument_type == InstrumentType.PUT:
        above = -above
    return max(0, above)


def payoff_subticks(instrument: InstrumentRow, price_units: i64, unit: i64) -> i64:
    """What an option is worth at its end, in sub-ticks, half up (SET-02); the price of the underlying is more than 0.

    `unit` is how many units of the index are one whole of its quote.  An option paid in the underlying pays the
    distance to the strike over the price, any other the distance itself.
    """
    won: i64 = in_the_money_units(instrument, price_units)
    if not pays_underlying(instrument):
        return index_subticks(instrument, won)
    numerator = wide(won) * instrument.index_numerator
    divisor = wide(price_units) * (instrument.index_denominator // unit)
    return capped((numerator + divisor // 2) // divisor)


def settlement_subticks(instrument: InstrumentRow, price_units: i64, unit: i64) -> i64:
    """The settlement price that follows from the mean of the index, in sub-ticks; -1 if it is none (SET-02).

    It is none if it is higher than any price of the instrument, or 0 of a contract that is no option.
    """
    if price_units <= 0:
        return -1
    highest: i64 = instrument.price_ticks_max * instrument.subticks_per_tick
    price: i64 = 0
    if is_option(instrument):
        price = payoff_subticks(instrument, price_units, unit)
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
