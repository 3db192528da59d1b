"""What the first due tick of a minute does with prices, in this order: sources are judged; then, instrument by
instrument, what has expired is paused, the own book is looked at, anchors and marks move, the premium is sampled.

Bounded by the number of sources and instruments.  Funding comes before all of it, so that it is at the mark as it
stood; the first sample of a period is the one at its beginning.
"""

import cython

if not cython.compiled:
    from outcry.engine.indices import judge_all
    from outcry.engine.marks import mark_instrument
    from outcry.engine.premiums import look_at_book, take_sample
    from outcry.protocol.layout import (
        InstrumentState,
        MarkMethod,
        TableNumber,
        Tables,
        i64,
        instruments_at,
        new_instrument_state_set,
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
    number: i64
    for number in range(1, pools_at(tables, TableNumber.INSTRUMENTS_TABLE).high + 1):
        pause_expired(tables, number)
        look_at_book(tables, number)
        if instruments_at(tables, number).mark_method == MarkMethod.MARK_PROTECTED:
            instruments_at(tables, number).anchor_subticks = instruments_at(tables, number).mark_subticks
        instruments_at(tables, number).minute_mark_subticks = instruments_at(tables, number).mark_subticks
        instruments_at(tables, number).minute_index_subticks = instruments_at(tables, number).index_subticks
        mark_instrument(tables, number)
        take_sample(tables, number)


def pause_expired(tables: Tables, number: i64) -> None:
    """What is past its expiry trades no more; it waits for its settlement (CMD-06)."""
    instrument = instruments_at(tables, number)
    if instrument.expiry_ns == 0 or tables.venue.time_ns < instrument.expiry_ns:
        return
    if instrument.state != InstrumentState.INSTRUMENT_OPEN and instrument.state != InstrumentState.INSTRUMENT_REDUCING:
        return
    instrument.state = InstrumentState.INSTRUMENT_PAUSED
    changed = new_instrument_state_set(tables)
    changed.instrument = number
    changed.state = instrument.state
