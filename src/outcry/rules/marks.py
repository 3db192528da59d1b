"""Index and mark prices (IDX-01, MRK-01).

Until funding rates are measured the rate is the fixed one of the listing; the form of the mark is the final one.
"""

import cython

if not cython.compiled:
    from outcry.protocol.layout import MINUTE_NS, PPB, FaultRow, InstrumentRow, i64, i128, wide
    from outcry.rules.arith import capped, magnitude, mul_div_half_up, narrow, signed_like


def weighted_mean(total: i128, weight: i64, fault: FaultRow) -> i64:
    """Weighted sum over weights > 0, to the nearest unit, halves up (IDX-01)."""
    return narrow((total + weight // 2) // weight, fault)


def index_subticks(instrument: InstrumentRow, value_units: i64) -> i64:
    """An index value in the instrument's sub-ticks, half up; capped at the bound of totals, where no mark is taken."""
    half: i64 = instrument.index_denominator // 2
    return capped((wide(value_units) * instrument.index_numerator + half) // instrument.index_denominator)


def minutes_to_funding(time_ns: i64, interval_ns: i64, offset_ns: i64) -> i64:
    """Minutes from the running minute's start to the next funding; a whole interval at the stamp itself (MRK-01)."""
    minute: i64 = time_ns // MINUTE_NS * MINUTE_NS
    since: i64 = (minute + interval_ns - offset_ns) % interval_ns
    return (interval_ns - since) // MINUTE_NS


def basis_subticks(instrument: InstrumentRow, index: i64, time_ns: i64, fault: FaultRow) -> i64:
    """Funding basis: index * rate * time left / interval, half up on the magnitude (MRK-01)."""
    if instrument.funding_interval_ns == 0:
        return 0
    left: i64 = minutes_to_funding(time_ns, instrument.funding_interval_ns, instrument.funding_offset_ns)
    rate: i64 = instrument.funding_rate_ppb
    whole: i64 = instrument.funding_interval_ns // MINUTE_NS
    return signed_like(mul_div_half_up(index, magnitude(rate) * left, PPB * whole, fault), rate)
