"""What the first due tick of a minute does with prices, in this order: sources are judged; then, instrument by
instrument, what has expired is paused, the own book is looked at, anchors and marks move, the premium is sampled.

Bounded by the number of sources and instruments.  Funding comes before all of it, so that it is at the mark as it
stood; the first sample of a period is the one at its beginning.
"""

import cython

if not cython.compiled:
    from outcry.engine.equity import can_trade
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
        instrument = instruments_at(tables, number)
        pause_expired(tables, number)
        look_at_book(tables, number)
        if instrument.mark_method == MarkMethod.MARK_PROTECTED:
            instrument.anchor_subticks = instrument.mark_subticks
        instrument.minute_mark_subticks = instrument.mark_subticks
        instrument.minute_index_subticks = instrument.index_subticks
        mark_instrument(tables, number)
        take_sample(tables, number)


def pause_expired(tables: Tables, number: i64) -> None:
    """What is past its expiry trades no more; it waits for its settlement (CMD-06)."""
    instrument = instruments_at(tables, number)
    if instrument.expiry_ns == 0 or tables.venue.time_ns < instrument.expiry_ns or not can_trade(instrument):
        return
    instrument.state = InstrumentState.INSTRUMENT_PAUSED
    changed = new_instrument_state_set(tables)
    changed.instrument = number
    changed.state = instrument.state
