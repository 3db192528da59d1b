"""Mark prices by each method (MRK-01 to MRK-06): pure functions of an instrument's terms and the prices handed in.

First what all share, then funding basis, then impact prices and the fair basis of futures, then protected last prices.
All prices are sub-ticks.  A basis that is out of all proportion is held at the bound of totals, where no mark is taken.
"""

import cython

if not cython.compiled:
    from outcry.protocol.layout import (
        BASIS_RATE_STEP_PPB,
        MINUTE_NS,
        PPB,
        PPM,
        YEAR_MINUTES,
        FaultRow,
        InstrumentRow,
        flag,
        i64,
        i128,
        wide,
    )
    from outcry.rules.arith import capped, magnitude, mul_div_floor, mul_div_half_up, signed_like


def index_subticks(instrument: InstrumentRow, value_units: i64) -> i64:
    """An index value in the instrument's sub-ticks, half up; capped at the bound of totals, where no mark is taken."""
    half: i64 = instrument.index_denominator // 2
    return capped((wide(value_units) * instrument.index_numerator + half) // instrument.index_denominator)


def minute_of(time_ns: i64) -> i64:
    """The start of the running minute."""
    return time_ns // MINUTE_NS * MINUTE_NS


def minutes_to_funding(time_ns: i64, interval_ns: i64, offset_ns: i64) -> i64:
    """Minutes from the running minute's start to the next funding; a whole interval at the stamp itself (MRK-01)."""
    since: i64 = (minute_of(time_ns) + interval_ns - offset_ns) % interval_ns
    return (interval_ns - since) // MINUTE_NS


def basis_subticks(instrument: InstrumentRow, index: i64, time_ns: i64, fault: FaultRow) -> i64:
    """Funding basis: index * rate * time left / interval, half up on the magnitude (MRK-01)."""
    if instrument.funding_interval_ns == 0:
        return 0
    left: i64 = minutes_to_funding(time_ns, instrument.funding_interval_ns, instrument.funding_offset_ns)
    rate: i64 = instrument.funding_rate_ppb
    whole: i64 = instrument.funding_interval_ns // MINUTE_NS
    return signed_like(mul_div_half_up(index, magnitude(rate) * left, PPB * whole, fault), rate)


def minutes_to_expiry(time_ns: i64, expiry_ns: i64) -> i64:
    """Whole minutes from the running minute's start to expiry; 0 when it is past or there is none (MRK-04)."""
    left: i64 = expiry_ns - minute_of(time_ns)
    return left // MINUTE_NS if left > 0 else 0


def impact_subticks(weighted: i128, notional_minor: i64) -> i64:
    """Average price, given the sum of value * price over the values that add up to the notional, half up (MRK-03)."""
    return capped((weighted + notional_minor // 2) // notional_minor)


def impact_is_tight(instrument: InstrumentRow, bid: i64, ask: i64) -> flag:
    """Whether impact prices are close enough to be believed: less than a maintenance margin, or 3 ticks (MRK-04)."""
    if bid == 0 or ask == 0:
        return False
    apart: i64 = ask - bid
    within: flag = wide(apart) * (2 * PPM) < wide(bid + ask) * instrument.maintenance_margin_ppm
    return within or apart <= 3 * instrument.subticks_per_tick


def fair_basis_ppb(bid: i64, ask: i64, index: i64, minutes_left: i64) -> i64:
    """A year's fair basis of the impact mid, rounded half up on its magnitude to whole percents (MRK-04)."""
    twice: i64 = bid + ask - 2 * index
    steps_a_year = wide(magnitude(twice)) * (PPB // BASIS_RATE_STEP_PPB) * YEAR_MINUTES
    divisor = wide(2 * index) * minutes_left
    steps = (steps_a_year + divisor // 2) // divisor
    return signed_like(capped(steps * BASIS_RATE_STEP_PPB), twice)


def carry_subticks(index: i64, rate_ppb: i64, minutes_left: i64) -> i64:
    """What a year's basis is worth for the time left: index * rate * time / year, half up on the magnitude (MRK-04)."""
    product = wide(magnitude(rate_ppb)) * index * minutes_left
    year = wide(PPB) * YEAR_MINUTES
    return signed_like(capped((product + year // 2) // year), rate_ppb)


def half_band_subticks(instrument: InstrumentRow, fault: FaultRow) -> i64:
    """How far a protected mark may be from its anchor: half the maintenance margin of it, down (MRK-05)."""
    return mul_div_floor(instrument.anchor_subticks, instrument.maintenance_margin_ppm, 2 * PPM, fault)


def protected_subticks(mark: i64, last: i64, low: i64, high: i64) -> i64:
    """The last price where it is inside the band, else the band's edge (MRK-05).

    A mark that a moved band has left outside stays there; it follows the last price towards the band, never away.
    """
    if last > high:
        return min(mark, last) if mark > high else high
    if last < low:
        return max(mark, last) if 0 < mark < low else low
    return last
