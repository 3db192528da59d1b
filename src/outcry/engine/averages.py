"""Indices minute by minute, and the mean of their last 30 minutes, by which contracts settle (SET-01).

At each minute's tick, after sources were judged, the value of every index in which a source counts is kept; a minute in
which none does, or whose value is older than a pause, has no sample.  Only the last minutes are kept, so a mean can be
asked for as long as its minutes are there.
"""

import cython

if not cython.compiled:
    from outcry.protocol.layout import (
        AVERAGE_MINUTES,
        MINUTE_NS,
        MINUTES_KEPT,
        IndexMinuteRow,
        TableNumber,
        Tables,
        flag,
        i64,
        index_minutes_at,
        indices_at,
        new_average_moved,
        pools_at,
        wide,
    )
    from outcry.rules.settlement import mean_units


def note_minutes(tables: Tables, minute_ns: i64) -> None:
    """A minute's tick: keep the value of every index, and say whose mean has changed."""
    index: i64
    for index in range(1, pools_at(tables, TableNumber.INDICES_TABLE).high + 1):
        note_minute(tables, index, minute_ns)


def note_minute(tables: Tables, index: i64, minute_ns: i64) -> None:
    """Keep the value of an index at a minute's tick, and its mean of the minutes up to this one."""
    own = indices_at(tables, index)
    row = minute_row(tables, index, minute_ns)
    row.minute_ns = minute_ns
    row.value_units = own.value_units if is_worth_noting(tables, index) else 0
    samples: i64 = samples_until(tables, index, minute_ns)
    average: i64 = average_until(tables, index, minute_ns)
    if samples == own.average_samples and average == own.average_units:
        return
    own.average_samples = samples
    own.average_units = average
    moved = new_average_moved(tables)
    moved.index = index
    moved.samples = samples
    moved.average_units = average


def minute_row(tables: Tables, index: i64, minute_ns: i64) -> IndexMinuteRow:
    """The row in which a minute of an index is kept; it may hold an older one."""
    place: i64 = minute_ns // MINUTE_NS % MINUTES_KEPT
    return index_minutes_at(tables, MINUTES_KEPT * index + place)


def is_worth_noting(tables: Tables, index: i64) -> flag:
    """Whether an index has a value now: a source counts in it, and after a pause it has been seen anew (CMD-04)."""
    own = indices_at(tables, index)
    if own.value_units == 0 or own.active == 0:
        return False
    return tables.venue.cancel_only == 0 or own.value_time_ns >= tables.venue.resumed_ns


def is_kept(row: IndexMinuteRow, minute_ns: i64) -> flag:
    """Whether a row holds a value of this minute."""
    return row.minute_ns == minute_ns and row.value_units > 0


def samples_until(tables: Tables, index: i64, last_ns: i64) -> i64:
    """How many of the 30 minutes up to a whole minute have a value that is kept."""
    found: i64 = 0
    at: i64
    for at in range(AVERAGE_MINUTES):
        if is_kept(minute_row(tables, index, last_ns - at * MINUTE_NS), last_ns - at * MINUTE_NS):
            found += 1
    return found


def average_until(tables: Tables, index: i64, last_ns: i64) -> i64:
    """Mean of them, half up; 0 without any."""
    total = wide(0)
    at: i64
    for at in range(AVERAGE_MINUTES):
        row = minute_row(tables, index, last_ns - at * MINUTE_NS)
        if is_kept(row, last_ns - at * MINUTE_NS):
            total += row.value_units
    return mean_units(total, samples_until(tables, index, last_ns))
