"""When contracts end: at their expiry, by the operator's price, and how the operator moves that time (SET-02, SET-04).

What has expired trades no more from the first tick on.  It settles at the mean of its index there and then, unless
samples are missing: then it waits, paused, for `DeclareSettlement`.
"""

import cython

if not cython.compiled:
    from outcry.engine.averages import average_until, samples_until
    from outcry.engine.events import refuse
    from outcry.engine.funding import is_due
    from outcry.engine.pending import plan_next
    from outcry.engine.rungs import has_ended
    from outcry.engine.settling import end_instrument, fix_settlement
    from outcry.engine.states import enter_state
    from outcry.protocol.layout import (
        AVERAGE_MINUTES,
        MINUTE_NS,
        Code,
        EntryHead,
        InstrumentState,
        InstrumentType,
        SettlementKind,
        StateCause,
        TableNumber,
        Tables,
        declare_settlement_of,
        flag,
        i64,
        instruments_at,
        new_expiry_set,
        pools_at,
        set_expiry_of,
    )
    from outcry.rules.options import is_option
    from outcry.rules.settlement import settlement_subticks


def is_over(tables: Tables, number: i64) -> flag:
    """Whether an instrument is past its expiry and has not ended yet."""
    instrument = instruments_at(tables, number)
    past: flag = instrument.expiry_ns != 0 and tables.venue.time_ns >= instrument.expiry_ns
    return past and not has_ended(instrument)


def expire_all(tables: Tables) -> None:
    """At a minute's tick, before marks move: every instrument that is past its expiry ends, or waits (SET-02)."""
    number: i64
    for number in range(1, pools_at(tables, TableNumber.INSTRUMENTS_TABLE).high + 1):
        if is_over(tables, number):
            expire(tables, number)


def expire(tables: Tables, number: i64) -> None:
    """An instrument past its expiry: it settles by its index, or stands still until it can.

    A prediction market waits for its outcome; a funding that is due and waits for the sweep of the one before comes
    first; what has no mean of its index waits for the operator.  A spread has no price of its own.
    """
    instrument = instruments_at(tables, number)
    kind: i64 = instrument.instrument_type
    if kind == InstrumentType.SPREAD:
        end_instrument(tables, number)
        return
    if kind == InstrumentType.PREDICTION or is_due(tables, instrument):
        stand_still(tables, number, StateCause.CAUSE_SCHEDULE)
        return
    price: i64 = price_of_index(tables, number)
    if price < 0:
        stand_still(tables, number, StateCause.CAUSE_TECHNICAL)
        return
    fixed = fix_settlement(tables, number, SettlementKind.BY_AVERAGE, price)
    fixed.samples = samples_until(tables, instrument.index, instrument.expiry_ns)
    fixed.average_units = average_until(tables, instrument.index, instrument.expiry_ns)


def price_of_index(tables: Tables, number: i64) -> i64:
    """The settlement price by the mean of the index over the minutes up to expiry; -1 if too few of them are there."""
    instrument = instruments_at(tables, number)
    index: i64 = instrument.index
    if index == 0 or 2 * samples_until(tables, index, instrument.expiry_ns) < AVERAGE_MINUTES:
        return -1
    return settlement_subticks(instrument, average_until(tables, index, instrument.expiry_ns))


def stand_still(tables: Tables, number: i64, cause: i64) -> None:
    """What is past its expiry trades no more, in whatever state it was (CMD-06)."""
    instrument = instruments_at(tables, number)
    paused: flag = instrument.state == InstrumentState.INSTRUMENT_PAUSED and instrument.state_until_ns == 0
    if not paused or instrument.state_cause != cause:
        enter_state(tables, number, InstrumentState.INSTRUMENT_PAUSED, cause, 0, 0)


def declare_settlement(tables: Tables, entry: EntryHead) -> Code:
    """The operator's price for what has expired and has none of its index (SET-02)."""
    asked = declare_settlement_of(entry)
    number: i64 = asked.instrument
    price: i64 = asked.price_subticks
    if number <= 0 or number > pools_at(tables, TableNumber.INSTRUMENTS_TABLE).high:
        return refuse(tables, entry, Code.INSTRUMENT_UNKNOWN, 0, number, 0, 0)
    instrument = instruments_at(tables, number)
    if has_ended(instrument):
        return refuse(tables, entry, Code.INSTRUMENT_CLOSED, 0, number, 0, 0)
    if not is_awaited(tables, number):
        return refuse(tables, entry, Code.SETTLEMENT_NOT_AWAITED, 0, number, instrument.expiry_ns, tables.venue.time_ns)
    highest: i64 = instrument.price_ticks_max * instrument.subticks_per_tick
    lowest: i64 = 0 if is_option(instrument) else 1
    if price < lowest or price > highest:
        return refuse(tables, entry, Code.PARAMETER_INVALID, 0, number, price, highest)

    # From here the instrument ends.
    fix_settlement(tables, number, SettlementKind.BY_DECLARATION, price)
    return Code.OK


def is_awaited(tables: Tables, number: i64) -> flag:
    """Whether an instrument stands still because it has no price of its index: that is known from its tick on."""
    instrument = instruments_at(tables, number)
    waits: flag = (
        instrument.state == InstrumentState.INSTRUMENT_PAUSED and tables.venue.minute_ns >= instrument.expiry_ns
    )
    if not waits or not is_over(tables, number) or is_due(tables, instrument):
        return False
    return instrument.instrument_type != InstrumentType.PREDICTION


def set_expiry(tables: Tables, entry: EntryHead) -> Code:
    """The operator sets when an instrument ends: earlier, later, or at all (SET-04).  A spread ends with its legs."""
    asked = set_expiry_of(entry)
    number: i64 = asked.instrument
    expiry: i64 = asked.expiry_ns
    if number <= 0 or number > pools_at(tables, TableNumber.INSTRUMENTS_TABLE).high:
        return refuse(tables, entry, Code.INSTRUMENT_UNKNOWN, 0, number, 0, 0)
    instrument = instruments_at(tables, number)
    if has_ended(instrument):
        return refuse(tables, entry, Code.INSTRUMENT_CLOSED, 0, number, expiry, tables.venue.time_ns)
    whole: flag = expiry % MINUTE_NS == 0 and expiry > max(tables.venue.time_ns, instrument.opens_ns)
    if not whole or instrument.instrument_type == InstrumentType.SPREAD:
        return refuse(tables, entry, Code.PARAMETER_INVALID, 0, number, expiry, tables.venue.time_ns)

    # From here it ends then.
    instrument.expiry_ns = expiry
    said = new_expiry_set(tables)
    said.instrument = number
    said.expiry_ns = expiry
    move_spreads(tables, number)
    plan_next(tables)
    return Code.OK


def move_spreads(tables: Tables, leg: i64) -> None:
    """A leg's end has moved: every spread of it ends with the first of its legs (SPR-05)."""
    number: i64
    for number in range(1, pools_at(tables, TableNumber.INSTRUMENTS_TABLE).high + 1):
        spread = instruments_at(tables, number)
        if (spread.near_instrument != leg and spread.far_instrument != leg) or has_ended(spread):
            continue
        near: i64 = instruments_at(tables, spread.near_instrument).expiry_ns
        first: i64 = min(near, instruments_at(tables, spread.far_instrument).expiry_ns)
        if first == spread.expiry_ns:
            continue
        spread.expiry_ns = first
        moved = new_expiry_set(tables)
        moved.instrument = number
        moved.expiry_ns = first
