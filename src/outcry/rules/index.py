"""Which sources of an index are to be trusted, and what they come to (IDX-01 to IDX-06).

Pure integers: ages, medians, distances, the weighted mean.  Distances are compared as products, so nothing is rounded
on the way.  Which sources there are, and in which order they are judged, is the engine's (engine/indices.py).
"""

import cython

if not cython.compiled:
    from outcry.protocol.layout import PPM, REINTRODUCTION_PPM, STALE_NS, FaultRow, flag, i64, i128, wide
    from outcry.rules.arith import magnitude, narrow


def weighted_mean(total: i128, weight: i64, fault: FaultRow) -> i64:
    """Weighted sum over weights > 0, to the nearest unit, halves up (IDX-01)."""
    return narrow((total + weight // 2) // weight, fault)


def middle(lower: i64, upper: i64) -> i64:
    """The median of prices whose middle two are these, half up; of an odd number both are the middle one (IDX-03)."""
    return (lower + upper + 1) // 2


def is_fresh(price_units: i64, seen_ns: i64, now_ns: i64) -> flag:
    """Whether there is a price and it is not older than 15 minutes (IDX-02)."""
    return price_units > 0 and now_ns - seen_ns <= STALE_NS


def stands_off(price_units: i64, against_units: i64, tolerance_ppm: i64, parts: i64) -> flag:
    """Whether a price is a tolerance, or that part of it, or more away from what it is held against (IDX-03 to -05).

    `parts` is 1 for the whole tolerance and 2 for half of it; without a tolerance nothing stands off.
    """
    if tolerance_ppm == 0:
        return False
    distance: i64 = magnitude(price_units - against_units)
    return wide(distance) * (PPM * parts) >= wide(tolerance_ppm) * against_units


def is_near(price_units: i64, median_units: i64, tolerance_ppm: i64) -> flag:
    """Whether an excluded source is near enough for its time to run: within 2 %, and within the tolerance (IDX-06)."""
    distance: i64 = magnitude(price_units - median_units)
    close: flag = wide(distance) * PPM <= wide(REINTRODUCTION_PPM) * median_units
    return close and not stands_off(price_units, median_units, tolerance_ppm, 1)


def is_held(active: i64, lower: i64, upper: i64, value_units: i64, tolerance_ppm: i64) -> flag:
    """Whether an index stays at its last value: too few sources, and they cannot be trusted (IDX-04, IDX-05).

    `lower` and `upper` are the middle two prices of the active sources, so with two of them they are both of them.  The
    first price of an index that has no value yet is believed.
    """
    if active == 0:
        return value_units > 0
    if active == 1:
        return value_units > 0 and stands_off(lower, value_units, tolerance_ppm, 1)
    if active == 2:
        median: i64 = middle(lower, upper)
        return stands_off(lower, median, tolerance_ppm, 2) or stands_off(upper, median, tolerance_ppm, 2)
    return False
