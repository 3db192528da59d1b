"""What a funding rate is measured from (FND-01 to FND-03): samples of premium, interest, clamp and caps.

Rates are ppb of value for one interval.  Divisions act on magnitudes; averages and interest round half up.
"""

import cython

if not cython.compiled:
    from outcry.protocol.layout import CLAMP_PPB, DAY_NS, PPB, InstrumentRow, i64, wide
    from outcry.rules.arith import magnitude, signed_like


def clamped(number: i64, most: i64) -> i64:
    """The number held between minus and plus the most."""
    return max(-most, min(most, number))


def premium_ppb(bid: i64, ask: i64, mark: i64, index: i64, rate_ppb: i64) -> i64:
    """One sample: how far the impact prices stand beyond the mark, of the index, and the current rate (FND-01).

    An impact price of 0 says that its side is too thin, which counts as no premium.  Half up, held at one whole.
    """
    beyond: i64 = max(0, bid - mark)
    if ask > 0:
        beyond -= max(0, mark - ask)
    share = (wide(magnitude(beyond)) * PPB + index // 2) // index
    size: i64 = PPB
    if share < PPB:
        size = share
    return signed_like(size, beyond) + rate_ppb


def interest_ppb(quote_ppb: i64, base_ppb: i64, interval_ns: i64) -> i64:
    """Interest of one interval: what the quote side costs a day more than the base side, half up (FND-02)."""
    difference: i64 = quote_ppb - base_ppb
    share = (wide(magnitude(difference)) * interval_ns + DAY_NS // 2) // DAY_NS
    size: i64 = share
    return signed_like(size, difference)


def mean_ppb(total_ppb: i64, samples: i64) -> i64:
    """The mean of the samples, half up; 0 if there were none (FND-02)."""
    if samples == 0:
        return 0
    return signed_like((magnitude(total_ppb) + samples // 2) // samples, total_ppb)


def rate_ppb(premium: i64, interest: i64) -> i64:
    """Mean premium, pulled towards the interest by at most the clamp (FND-02)."""
    return premium + clamped(interest - premium, CLAMP_PPB)


def capped_rate_ppb(instrument: InstrumentRow, rate: i64) -> i64:
    """The rate no further from the current one than 75 % of the maintenance margin, and then no larger than 75 % of
    what initial margin is more than that (FND-03).  Margins are ppm, so 75 % of them in ppb is 750 times as many."""
    current: i64 = instrument.funding_rate_ppb
    step: i64 = 750 * instrument.maintenance_margin_ppm
    most: i64 = 750 * (instrument.initial_margin_ppm - instrument.maintenance_margin_ppm)
    return clamped(current + clamped(rate - current, step), most)


def measured_rate_ppb(instrument: InstrumentRow) -> i64:
    """The rate of the period that would begin if the one under way ended now (FND-02, FND-03).

    Without an impact notional nothing is measured and the rate stays as it is.
    """
    if instrument.impact_notional_minor == 0 or instrument.funding_interval_ns == 0:
        return instrument.funding_rate_ppb
    interest: i64 = interest_ppb(
        instrument.interest_quote_ppb, instrument.interest_base_ppb, instrument.funding_interval_ns
    )
    premium: i64 = mean_ppb(instrument.premium_sum_ppb, instrument.premium_samples)
    return capped_rate_ppb(instrument, rate_ppb(premium, interest))
