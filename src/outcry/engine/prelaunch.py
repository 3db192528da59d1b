"""Contracts without an index: the mean of their own marks, and price limits that move each hour (PRE-01, PRE-02).

Both are done by the minute's tick, the mean before the mark of that minute and the limits after it.  Moves no money.
Known limit: minutes that were jumped over are not made up for, so after a pause the mean stands where it stood.
"""

import cython

if not cython.compiled:
    from outcry.engine.rungs import has_ended
    from outcry.protocol.layout import (
        HOUR_NS,
        PPM,
        MarkMethod,
        Tables,
        flag,
        i64,
        instruments_at,
        new_price_limits_set,
    )
    from outcry.rules.prelaunch import capped_mean, lower_limit_ticks, mean_after, upper_limit_ticks


def begin_own_prices(tables: Tables, number: i64) -> None:
    """A new instrument without an index: its mean begins with the opening mark (PRE-01)."""
    instrument = instruments_at(tables, number)
    instrument.mean_mark_subticks = instrument.opening_subticks


def prices_itself(tables: Tables, number: i64) -> flag:
    """Whether an instrument has no index and has not ended."""
    instrument = instruments_at(tables, number)
    return instrument.opening_subticks != 0 and not has_ended(instrument)


def pass_own_minute(tables: Tables, number: i64) -> None:
    """At a minute's tick, before the mark is made anew: the mark as it stands goes into the mean (PRE-01)."""
    if not prices_itself(tables, number):
        return
    instrument = instruments_at(tables, number)
    mean: i64 = instrument.mean_mark_subticks * PPM + instrument.mean_mark_rest_ppm
    mean = mean_after(mean, instrument.mark_subticks, tables.fault)
    if instrument.mark_method == MarkMethod.MARK_PROTECTED:
        mean = capped_mean(mean, instrument.opening_subticks)
    instrument.mean_mark_subticks = mean // PPM
    instrument.mean_mark_rest_ppm = mean % PPM


def set_hourly_limits(tables: Tables, number: i64) -> None:
    """At a minute's tick, after the mark: at a whole hour the price limits go around it anew (PRE-02)."""
    instrument = instruments_at(tables, number)
    if instrument.next_band_ns == 0 or tables.venue.time_ns < instrument.next_band_ns:
        return
    if prices_itself(tables, number):
        limit_hour(tables, number)


def limit_hour(tables: Tables, number: i64) -> None:
    """Price limits around the mark, until the next whole hour; nothing if the listing wants none (PRE-02)."""
    instrument = instruments_at(tables, number)
    if instrument.hourly_band_ppm == 0:
        return
    instrument.next_band_ns = (tables.venue.time_ns // HOUR_NS + 1) * HOUR_NS
    lowest: i64 = lower_limit_ticks(instrument, tables.fault)
    highest: i64 = upper_limit_ticks(instrument, tables.fault)
    if lowest != instrument.lowest_ticks or highest != instrument.highest_ticks:
        limit_prices(tables, number, lowest, highest)


def limit_prices(tables: Tables, number: i64, lowest_ticks: i64, highest_ticks: i64) -> None:
    """From here orders outside of these prices are refused; what rests there stays (ORD-22)."""
    instrument = instruments_at(tables, number)
    instrument.lowest_ticks = lowest_ticks
    instrument.highest_ticks = highest_ticks
    limits = new_price_limits_set(tables)
    limits.instrument = number
    limits.lowest_ticks = lowest_ticks
    limits.highest_ticks = highest_ticks
