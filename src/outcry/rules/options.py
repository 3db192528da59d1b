"""What an option is worth at least and at most, and what it pays in the end (OPT-01, OPT-02).

Prices of the underlying and strikes are in units of the index; premiums are in sub-ticks of the option.  An option
whose quote is its underlying itself (XBT for XBT) pays in it, so that a call is never worth more than one; any other
pays in what its underlying is priced in.
"""

import cython

if not cython.compiled:
    from outcry.protocol.layout import InstrumentRow, InstrumentType, flag, i64, i128, wide
    from outcry.rules.arith import capped


def is_option(instrument: InstrumentRow) -> flag:
    """Whether it is a call or a put."""
    return instrument.instrument_type == InstrumentType.CALL or instrument.instrument_type == InstrumentType.PUT


def is_call(instrument: InstrumentRow) -> flag:
    """Whether it is a call; of an option else a put."""
    return instrument.instrument_type == InstrumentType.CALL


def is_in_underlying(instrument: InstrumentRow) -> flag:
    """Whether premium and payoff are in the underlying itself: quote and underlying are the same (OPT-01)."""
    place: i64
    for place in range(8):  # noqa: SIM110 (a generator is no C loop)
        if instrument.quote[place] != instrument.underlying[place]:
            return False
    return True


def premium_subticks(instrument: InstrumentRow, worth_units: i64, forward_units: i64) -> i64:
    """So many units of quote as a premium, at this price of the underlying, half up; capped at the bound of totals."""
    scaled: i128 = wide(worth_units) * instrument.index_numerator
    divisor: i128 = wide(instrument.index_denominator)
    if is_in_underlying(instrument):
        # The price of the underlying takes the place of the index's own unit.
        divisor = wide(forward_units) * instrument.tick_units
    return capped((scaled + divisor // 2) // divisor)


def payoff_subticks(instrument: InstrumentRow, price_units: i64) -> i64:
    """What an option pays when its underlying costs so many units > 0, half up; also the least it is worth at a forward
    of that price (OPT-02, SET-02)."""
    strike: i64 = instrument.strike_units
    inner: i64 = price_units - strike if is_call(instrument) else strike - price_units
    if inner <= 0:
        return 0
    return premium_subticks(instrument, inner, price_units)


def highest_subticks(instrument: InstrumentRow, forward_units: i64) -> i64:
    """The most an option can be worth at this forward: a call its underlying, a put its strike (OPT-02)."""
    strike: i64 = instrument.strike_units
    return premium_subticks(instrument, forward_units if is_call(instrument) else strike, forward_units)
