"""When fundings are due, and what a position pays at one (FND-04, FND-06).

A stamp is a time at which a funding period ends: the offset and whole intervals after it, counted from 1970.  What the
rate is has rules of its own.
"""

import cython

if not cython.compiled:
    from outcry.protocol.layout import PPB, FaultRow, InstrumentRow, i64
    from outcry.rules.arith import magnitude, mul_div_ceil, mul_div_floor, times


def stamp_after_ns(time_ns: i64, interval_ns: i64, offset_ns: i64) -> i64:
    """The first stamp later than a time; the interval is more than 0 and the offset no more than it."""
    since: i64 = (time_ns + interval_ns - offset_ns) % interval_ns
    return time_ns - since + interval_ns


def payment_minor(instrument: InstrumentRow, quantity: i64, lot_minor: i64, rate_ppb: i64, fault: FaultRow) -> i64:
    """What a signed quantity pays at a stamp, negative if it receives (FND-04).

    The magnitude of its value times that of the rate; who pays rounds up and who receives rounds down, so that what is
    paid in is never less than what is paid out.  At a positive rate the longs pay.
    """
    value: i64 = times(magnitude(quantity) // instrument.lot, lot_minor)
    if (quantity > 0) == (rate_ppb > 0):
        return mul_div_ceil(value, magnitude(rate_ppb), PPB, fault)
    return -mul_div_floor(value, magnitude(rate_ppb), PPB, fault)
