"""The state of an instrument: who may do what in it, why, and for how long (CMD-06)."""

import cython

if not cython.compiled:
    from outcry.engine.alarms import sound_alarm
    from outcry.engine.events import refuse
    from outcry.protocol.layout import (
        Code,
        EntryHead,
        InstrumentState,
        TableNumber,
        Tables,
        i64,
        instruments_at,
        new_instrument_state_set,
        pools_at,
        set_instrument_state_of,
    )


def set_instrument_state(tables: Tables, entry: EntryHead) -> Code:
    """Open, pause or restrict an instrument; one past its expiry stays paused for its settlement (CMD-06)."""
    asked = set_instrument_state_of(entry)
    number: i64 = asked.instrument
    if number <= 0 or number > pools_at(tables, TableNumber.INSTRUMENTS_TABLE).high:
        return refuse(tables, entry, Code.INSTRUMENT_UNKNOWN, 0, number, 0, 0)
    expiry: i64 = instruments_at(tables, number).expiry_ns
    if expiry != 0 and expiry <= tables.venue.time_ns and asked.state != InstrumentState.INSTRUMENT_PAUSED:
        return refuse(tables, entry, Code.INSTRUMENT_CLOSED, 0, number, expiry, tables.venue.time_ns)
    if asked.state < InstrumentState.INSTRUMENT_OPEN or asked.state > InstrumentState.INSTRUMENT_REDUCING:
        return refuse(tables, entry, Code.PARAMETER_INVALID, 0, number, asked.state, 0)

    # From here the state holds.
    instruments_at(tables, number).state = asked.state
    changed = new_instrument_state_set(tables)
    changed.instrument = number
    changed.state = asked.state
    if asked.state != InstrumentState.INSTRUMENT_PAUSED:
        # Its marks may have moved while nobody could be examined for it.
        sound_alarm(tables, number)
    return Code.OK
