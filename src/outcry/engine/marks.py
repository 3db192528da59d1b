"""The mark of every instrument by its method (MRK-01 to MRK-06), and what happens whenever one has moved.

An instrument is marked when it is listed, when its index moves, at each minute's tick, and, if its mark follows the
last price, when matching is done.  `mark_moved` is the one place where anything that waits for marks is told.
"""

import cython

if not cython.compiled:
    from outcry.engine.alarms import sound_alarm
    from outcry.engine.reaching import judge
    from outcry.engine.rungs import has_ended
    from outcry.engine.spreads import legs_mark
    from outcry.protocol.layout import (
        InstrumentRow,
        MarkMethod,
        TableNumber,
        Tables,
        i64,
        indices_at,
        instruments_at,
        new_mark_moved,
        pools_at,
    )
    from outcry.rules.marks import (
        basis_subticks,
        carry_subticks,
        half_band_subticks,
        index_subticks,
        minutes_to_expiry,
        minutes_to_funding,
        protected_subticks,
    )
    from outcry.rules.prelaunch import held_to_mean
    from outcry.rules.value import lot_value_minor


def mark_instrument(tables: Tables, number: i64) -> None:
    """Mark an instrument anew; a mark that cannot be one is not taken, and the last one stays (MRK-02)."""
    instrument = instruments_at(tables, number)
    if has_ended(instrument) or instrument.mark_method == MarkMethod.MARK_MODEL:
        # What has ended keeps its price, and a model's mark comes with the feed's command (SET-03, OPT-02).
        return
    if instrument.near_instrument != 0:
        mark_spread(tables, number)
        return
    units: i64 = indices_at(tables, instrument.index).value_units
    highest: i64 = instrument.price_ticks_max * instrument.subticks_per_tick
    index: i64 = index_subticks(instrument, units)
    if index <= 0 or index > 2 * highest:
        index = 0
    mark: i64 = mark_by_method(tables, instrument, index)
    if mark <= 0 or mark > highest:
        return
    if index == 0:
        index = instrument.index_subticks
    if mark == instrument.mark_subticks and index == instrument.index_subticks:
        return
    moved: i64 = mark - instrument.mark_subticks
    instrument.index_subticks = index
    instrument.mark_subticks = mark
    if instrument.anchor_subticks == 0 and instrument.mark_method == MarkMethod.MARK_PROTECTED:
        instrument.anchor_subticks = mark
    if instrument.minute_mark_subticks == 0:
        instrument.minute_mark_subticks = mark
        instrument.minute_index_subticks = index
    say_mark(tables, number)
    if moved != 0:
        mark_moved(tables, number)
    else:
        judge(tables, number)


def mark_spread(tables: Tables, number: i64) -> None:
    """Mark a spread anew by its legs, which were listed and so are marked before it (MRK-08)."""
    spread = instruments_at(tables, number)
    mark: i64 = legs_mark(tables, spread)
    if mark == 0 or mark == spread.mark_subticks:
        return
    spread.mark_subticks = mark
    if spread.minute_mark_subticks == 0:
        spread.minute_mark_subticks = mark
    say_mark(tables, number)
    mark_moved(tables, number)


def mark_by_method(tables: Tables, instrument: InstrumentRow, index: i64) -> i64:
    """What the method gives at this index, 0 if nothing; an index of 0 is none."""
    now: i64 = tables.venue.time_ns
    if instrument.mark_method < MarkMethod.MARK_PROTECTED:
        if index == 0:
            return 0
        if instrument.mark_method == MarkMethod.MARK_FUNDING:
            return index + basis_subticks(instrument, index, now, tables.fault)
        left: i64 = minutes_to_expiry(now, instrument.expiry_ns)
        return index + carry_subticks(index, instrument.basis_rate_ppb, left)
    last: i64 = instrument.last_price_ticks * instrument.subticks_per_tick
    if last == 0:
        return index if instrument.opening_subticks == 0 else instrument.opening_subticks
    if instrument.mark_method == MarkMethod.MARK_LAST or instrument.anchor_subticks == 0:
        return last
    half: i64 = half_band_subticks(instrument, tables.fault)
    anchor: i64 = instrument.anchor_subticks
    mark: i64 = protected_subticks(instrument.mark_subticks, last, anchor - half, anchor + half)
    return mark if instrument.opening_subticks == 0 else held_to_mean(instrument, mark, tables.fault)


def say_mark(tables: Tables, number: i64) -> None:
    """The mark as it is now, and what it was made of."""
    instrument = instruments_at(tables, number)
    now: i64 = tables.venue.time_ns
    moved = new_mark_moved(tables)
    moved.instrument = number
    moved.mark_subticks = instrument.mark_subticks
    moved.index_subticks = instrument.index_subticks
    moved.method = instrument.mark_method
    if instrument.index != 0:
        moved.basis_subticks = instrument.mark_subticks - instrument.index_subticks
        moved.index_age_ns = now - indices_at(tables, instrument.index).value_time_ns
    if instrument.mark_method == MarkMethod.MARK_IMPACT:
        moved.minutes_left = minutes_to_expiry(now, instrument.expiry_ns)
        moved.rate_ppb = instrument.basis_rate_ppb
    elif instrument.mark_method == MarkMethod.MARK_FUNDING and instrument.funding_interval_ns != 0:
        moved.minutes_left = minutes_to_funding(now, instrument.funding_interval_ns, instrument.funding_offset_ns)
        moved.rate_ppb = instrument.funding_rate_ppb


def mark_moved(tables: Tables, number: i64) -> None:
    """An instrument's mark is another than before: what follows from it, and who waits for it."""
    instrument = instruments_at(tables, number)
    instrument.mark_sequence = tables.venue.sequence
    instrument.mark_lot_minor = lot_value_minor(instrument, instrument.mark_subticks, tables.fault)
    sound_alarm(tables, number)


def mark_all(tables: Tables) -> None:
    """All marks at the current time."""
    number: i64
    for number in range(1, pools_at(tables, TableNumber.INSTRUMENTS_TABLE).high + 1):
        mark_instrument(tables, number)
