"""Prices of calendar spreads and of their legs (SPR-02): pure functions of marks, ticks and a shift.

A spread's ticks are a difference plus the origin, so they are never negative; a leg's ticks are its own.  First how a
price is written, then what its legs trade at, then the band.
"""

import cython

if not cython.compiled:
    from outcry.protocol.layout import PPM, FaultRow, i64
    from outcry.rules.arith import mul_div_floor


def difference_ticks(price_ticks: i64, origin_ticks: i64) -> i64:
    """What a price in a spread's book means: ticks by which the far leg is dearer, negative if it is cheaper."""
    return price_ticks - origin_ticks


def near_ticks(mark_subticks: i64, subticks_per_tick: i64) -> i64:
    """Where the near leg of a spread trades: its mark to the nearest tick, halves up, at least one tick."""
    return max(1, (mark_subticks + subticks_per_tick // 2) // subticks_per_tick)


def far_ticks(near: i64, price_ticks: i64, origin_ticks: i64) -> i64:
    """Where the far leg trades: the near leg's price plus the difference; it may come to nothing, which is no price."""
    return near + difference_ticks(price_ticks, origin_ticks)


def mark_subticks(far: i64, near: i64, origin_subticks: i64, highest: i64) -> i64:
    """Mark of a spread: the legs' difference, shifted, held within what its book can say (MRK-08)."""
    return max(1, min(highest, far - near + origin_subticks))


def reach_ticks(near: i64, band_ppm: i64, fault: FaultRow) -> i64:
    """How far through its mark an order in a spread may go: the band's share of the near leg's price, down."""
    return mul_div_floor(near, band_ppm, PPM, fault)
