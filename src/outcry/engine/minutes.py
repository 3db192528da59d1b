"""What the first due tick of a minute does with prices, in this order: sources are judged, indices are noted for their
means, what has expired ends; then, instrument by instrument, the own book is looked at, anchors and marks move, the
premium is sampled.

Bounded by the number of sources and instruments.  Funding comes before all of it, so that it is at the mark as it
stood; the first sample of a period is the one at its beginning.
"""

import cython

if not cython.compiled:
    from outcry.engine.averages import note_minutes
    from outcry.engine.expiring import expire_all
    from outcry.engine.indices import judge_all
    from outcry.engine.marks import mark_instrument
    from outcry.engine.prelaunch import pass_own_minute, set_hourly_limits
    from outcry.engine.premiums import look_at_book, take_sample
    from outcry.engine.rungs import has_ended
    from outcry.protocol.layout import (
        MarkMethod,
        TableNumber,
        Tables,
        i64,
        instruments_at,
        pools_at,
    )
    from outcry.rules.marks import minute_of


def pass_minute(tables: Tables) -> None:
    """The work of a minute, if it has not been done; minutes that were jumped over are not made up for."""
    minute: i64 = minute_of(tables.venue.time_ns)
    if minute <= tables.venue.minute_ns:
        return
    tables.venue.minute_ns = minute
    judge_all(tables)
    note_minutes(tables, minute)
    expire_all(tables)
    number: i64
    for number in range(1, pools_at(tables, TableNumber.INSTRUMENTS_TABLE).high + 1):
        instrument = instruments_at(tables, number)
        if has_ended(instrument):
            continue
        look_at_book(tables, number)
        if instrument.mark_method == MarkMethod.MARK_PROTECTED:
            instrument.anchor_subticks = instrument.mark_subticks
        instrument.minute_mark_subticks = instrument.mark_subticks
        instrument.minute_index_subticks = instrument.index_subticks
        pass_own_minute(tables, number)
        mark_instrument(tables, number)
        set_hourly_limits(tables, number)
        take_sample(tables, number)
