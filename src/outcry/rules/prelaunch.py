"""Prices of a contract that has no index: the mean of its own marks, the bands around mean and mark (PRE-01 to PRE-03).

Pure functions of the numbers handed in.  A mean is kept in millionths of a sub-tick: one more minute moves it by a
five-hundredth of what the mark is off, and in whole sub-ticks a mean of a low price would never move at all.
"""

import cython

if not cython.compiled:
    from outcry.protocol.layout import MEAN_PART_PPB, MEAN_TIMES, PPB, PPM, FaultRow, InstrumentRow, flag, i64, wide
    from outcry.rules.arith import magnitude, mul_div_ceil, mul_div_floor, mul_div_half_up, signed_like


def mean_after(mean_millionths: i64, mark_subticks: i64, fault: FaultRow) -> i64:
    """The mean with one more minute: mean + (mark - mean) * (1 - e^(-1/480)), half up on the magnitude (PRE-01)."""
    apart: i64 = mark_subticks * PPM - mean_millionths
    return mean_millionths + signed_like(mul_div_half_up(magnitude(apart), MEAN_PART_PPB, PPB, fault), apart)


def capped_mean(mean_millionths: i64, opening_subticks: i64) -> i64:
    """That mean, at most so many times the opening mark (PRE-01)."""
    most: i64 = opening_subticks * MEAN_TIMES * PPM
    return min(mean_millionths, most)


def held_to_mean(instrument: InstrumentRow, mark_subticks: i64, fault: FaultRow) -> i64:
    """The mark, no further from the mean than the initial margin of it; the band's edges are inside it (PRE-01)."""
    mean: i64 = instrument.mean_mark_subticks
    rate: i64 = instrument.initial_margin_ppm
    highest: i64 = mul_div_floor(mean, PPM + rate, PPM, fault)
    lowest: i64 = max(1, mul_div_ceil(mean, PPM - rate, PPM, fault))
    return max(lowest, min(mark_subticks, highest))


def lower_limit_ticks(instrument: InstrumentRow, fault: FaultRow) -> i64:
    """The lowest price of the hour: mark less the band, up to a tick, but a tick below the mark if there is one
    (PRE-02)."""
    tick: i64 = instrument.subticks_per_tick
    lowest: i64 = mul_div_ceil(instrument.mark_subticks, PPM - instrument.hourly_band_ppm, PPM * tick, fault)
    return max(1, min(lowest, instrument.mark_subticks // tick - 1))


def upper_limit_ticks(instrument: InstrumentRow, fault: FaultRow) -> i64:
    """The highest price of the hour: mark and the band, down to a tick, but a tick above the mark; at most the
    instrument's maximum (PRE-02)."""
    tick: i64 = instrument.subticks_per_tick
    highest: i64 = mul_div_floor(instrument.mark_subticks, PPM + instrument.hourly_band_ppm, PPM * tick, fault)
    highest = max(highest, (instrument.mark_subticks + tick - 1) // tick + 1)
    return min(instrument.price_ticks_max, highest)


def is_near_mark(instrument: InstrumentRow, index: i64) -> flag:
    """Whether an index is no further from the mark than the maintenance margin of the mark (PRE-03)."""
    apart: i64 = magnitude(index - instrument.mark_subticks)
    return wide(apart) * PPM <= wide(instrument.mark_subticks) * instrument.maintenance_margin_ppm
