"""States of instruments, accounts and the venue: who sets them, why, and when they are over (CMD-06, CMD-07, CMD-12).

First the three commands, then what a tick does with states that are over by themselves, then what follows from a
change.  What a state allows is said by `rungs` and `known`, not here.
"""

import cython

if not cython.compiled:
    from outcry.engine.alarms import call_auction, sound_alarm, sound_all
    from outcry.engine.auctions import forget_price
    from outcry.engine.book import is_crossed
    from outcry.engine.events import refuse
    from outcry.engine.known import known_account
    from outcry.engine.pending import plan_next
    from outcry.engine.rungs import has_ended, is_market, venue_trades
    from outcry.engine.timers import set_timer
    from outcry.protocol.layout import (
        AccountState,
        Code,
        EntryHead,
        InstrumentRow,
        InstrumentState,
        StateCause,
        TableNumber,
        Tables,
        VenueState,
        accounts_at,
        flag,
        i64,
        instruments_at,
        new_account_state_set,
        new_instrument_state_set,
        new_venue_state_set,
        pools_at,
        set_account_state_of,
        set_instrument_state_of,
        set_venue_state_of,
    )


def cause_holds(cause: i64) -> flag:
    """Whether a command may give this cause; 0 is the operator's decision, and the last two are the engine's own."""
    return cause <= StateCause.CAUSE_COMPLIANCE


def given_cause(cause: i64) -> i64:
    """The cause of a command that may have given none."""
    return cause if cause != 0 else StateCause.CAUSE_OPERATOR


def until_holds(tables: Tables, until_ns: i64) -> flag:
    """Whether a state may be over at this time: still to come, or 0 for never."""
    return until_ns == 0 or until_ns > tables.venue.time_ns


def set_venue_state(tables: Tables, entry: EntryHead) -> Code:
    """Put the whole venue on a rung, or open it again (CMD-12); an open venue has no end."""
    asked = set_venue_state_of(entry)
    state: i64 = asked.state
    ends: flag = until_holds(tables, asked.until_ns) and (asked.until_ns == 0 or state != VenueState.VENUE_OPEN)
    if state > VenueState.VENUE_STOPPED or not cause_holds(asked.cause) or not ends:
        return refuse(tables, entry, Code.PARAMETER_INVALID, 0, 0, state, 0)

    # From here the state holds.
    enter_venue_state(tables, state, given_cause(asked.cause), asked.until_ns)
    plan_next(tables)
    return Code.OK


def set_account_state(tables: Tables, entry: EntryHead) -> Code:
    """Put an account on a rung, or open it again (CMD-07); an open account has no end."""
    asked = set_account_state_of(entry)
    account: i64 = asked.account
    state: i64 = asked.state
    code: Code = known_account(tables, account)
    ends: flag = until_holds(tables, asked.until_ns) and (asked.until_ns == 0 or state != AccountState.ACCOUNT_OPEN)
    known: flag = AccountState.ACCOUNT_OPEN <= state <= AccountState.ACCOUNT_CANCELLING
    if code == Code.OK and not (known and cause_holds(asked.cause) and ends):
        code = Code.PARAMETER_INVALID
    if code != Code.OK:
        return refuse(tables, entry, code, account, 0, state, 0)

    # From here the state holds.
    enter_account_state(tables, account, state, given_cause(asked.cause), asked.until_ns)
    plan_next(tables)
    return Code.OK


def set_instrument_state(tables: Tables, entry: EntryHead) -> Code:
    """Open, pause or restrict an instrument; one past its expiry stays paused for its settlement (CMD-06)."""
    asked = set_instrument_state_of(entry)
    number: i64 = asked.instrument
    state: i64 = asked.state
    if number <= 0 or number > pools_at(tables, TableNumber.INSTRUMENTS_TABLE).high:
        return refuse(tables, entry, Code.INSTRUMENT_UNKNOWN, 0, number, 0, 0)
    if has_ended(instruments_at(tables, number)):
        return refuse(tables, entry, Code.INSTRUMENT_CLOSED, 0, number, state, 0)
    expiry: i64 = instruments_at(tables, number).expiry_ns
    stays: flag = state == InstrumentState.INSTRUMENT_PAUSED and asked.until_ns == 0
    if expiry != 0 and expiry <= tables.venue.time_ns and not stays:
        return refuse(tables, entry, Code.INSTRUMENT_CLOSED, 0, number, expiry, tables.venue.time_ns)
    if spread_collects(instruments_at(tables, number), state, asked.next_state):
        return refuse(tables, entry, Code.PARAMETER_INVALID, 0, number, state, asked.next_state)
    if not may_be_set(state) or not cause_holds(asked.cause) or not until_holds(tables, asked.until_ns):
        return refuse(tables, entry, Code.PARAMETER_INVALID, 0, number, state, 0)
    if is_market(state) and asked.until_ns != 0 and is_crossed(instruments_at(tables, number)):
        # What is reached by way of an auction's trades has no end of its own.
        return refuse(tables, entry, Code.PARAMETER_INVALID, 0, number, state, 0)
    if asked.next_state != 0 and (asked.until_ns == 0 or not may_be_set(asked.next_state)):
        return refuse(tables, entry, Code.PARAMETER_INVALID, 0, number, asked.next_state, 0)

    # From here the state holds.
    following: i64 = asked.next_state
    if asked.until_ns != 0 and following == 0:
        following = InstrumentState.INSTRUMENT_OPEN
    change_state(tables, number, state, given_cause(asked.cause), following, asked.until_ns)
    plan_next(tables)
    return Code.OK


def may_be_set(state: i64) -> flag:
    """Whether a command may ask for this state of an instrument; the others come about by themselves."""
    return (
        is_market(state)
        or state == InstrumentState.INSTRUMENT_PRE_OPEN
        or state == InstrumentState.INSTRUMENT_AUCTION
        or state == InstrumentState.INSTRUMENT_PAUSED
        or state == InstrumentState.INSTRUMENT_SHUT
    )


def is_collection(state: i64) -> flag:
    """Whether orders are collected in this state."""
    return state == InstrumentState.INSTRUMENT_PRE_OPEN or state == InstrumentState.INSTRUMENT_AUCTION


def spread_collects(instrument: InstrumentRow, state: i64, next_state: i64) -> flag:
    """Whether this would collect orders of a spread, which has no auction (SPR-05)."""
    return instrument.near_instrument != 0 and (is_collection(state) or is_collection(next_state))


def enter_venue_state(tables: Tables, state: i64, cause: i64, until_ns: i64) -> None:
    """The venue is on this rung; if it trades again, everybody who waited for that is told."""
    venue = tables.venue
    traded: flag = venue_trades(tables)
    venue.state = state
    venue.state_cause = cause
    venue.state_until_ns = until_ns
    said = new_venue_state_set(tables)
    said.state = state
    said.cause = cause
    said.until_ns = until_ns
    if not traded:
        sound_all(tables)


def enter_account_state(tables: Tables, account: i64, state: i64, cause: i64, until_ns: i64) -> None:
    """The account is on this rung."""
    row = accounts_at(tables, account)
    row.state = state
    row.state_cause = cause
    row.state_until_ns = until_ns
    row.state_sequence = tables.venue.sequence if until_ns != 0 else 0
    set_timer(tables, account)
    said = new_account_state_set(tables)
    said.account = account
    said.state = state
    said.cause = cause
    said.until_ns = until_ns


def enter_state(tables: Tables, number: i64, state: i64, cause: i64, next_state: i64, until_ns: i64) -> None:
    """The instrument is in this state, and it is said; nothing else follows yet."""
    instrument = instruments_at(tables, number)
    forget_price(instrument)
    instrument.state = state
    instrument.state_cause = cause
    instrument.next_state = next_state
    instrument.state_until_ns = until_ns
    said = new_instrument_state_set(tables)
    said.instrument = number
    said.state = state
    said.cause = cause
    said.next_state = next_state
    said.until_ns = until_ns
    count_states(tables)


def change_state(tables: Tables, number: i64, state: i64, cause: i64, next_state: i64, until_ns: i64) -> None:
    """The instrument goes over into this state; its mark may have moved while nobody could be examined for it.

    Where the book is crossed and orders are to meet as they come, those that are there meet first: uncrossing (AUC-06).
    """
    if is_market(state) and is_crossed(instruments_at(tables, number)):
        enter_state(tables, number, InstrumentState.INSTRUMENT_UNCROSSING, cause, state, 0)
        call_auction(tables, number)
        return
    enter_state(tables, number, state, cause, next_state, until_ns)
    if is_market(state):
        sound_alarm(tables, number)


def open_account_again(tables: Tables, account: i64) -> None:
    """The time of an account's state is over (CMD-07); called by the engine's own work."""
    enter_account_state(tables, account, AccountState.ACCOUNT_OPEN, StateCause.CAUSE_EXPIRED, 0)


def expire_states(tables: Tables) -> None:
    """At a tick: the venue's state and those of instruments whose time is over go over (CMD-06, CMD-12)."""
    venue = tables.venue
    now: i64 = venue.time_ns
    if venue.state_until_ns != 0 and venue.state_until_ns <= now:
        enter_venue_state(tables, VenueState.VENUE_OPEN, StateCause.CAUSE_EXPIRED, 0)
    if venue.states_due_ns == 0 or venue.states_due_ns > now:
        return
    number: i64
    for number in range(1, pools_at(tables, TableNumber.INSTRUMENTS_TABLE).high + 1):
        instrument = instruments_at(tables, number)
        if instrument.state_until_ns != 0 and instrument.state_until_ns <= now:
            change_state(tables, number, instrument.next_state, StateCause.CAUSE_EXPIRED, 0, 0)


def count_states(tables: Tables) -> None:
    """What `plan_next` goes by, from the instruments' rows: the first end of a state, and auctions to be indicated."""
    venue = tables.venue
    venue.states_due_ns = 0
    venue.collecting = 0
    number: i64
    for number in range(1, pools_at(tables, TableNumber.INSTRUMENTS_TABLE).high + 1):
        instrument = instruments_at(tables, number)
        until: i64 = instrument.state_until_ns
        if until != 0 and (venue.states_due_ns == 0 or until < venue.states_due_ns):
            venue.states_due_ns = until
        if instrument.state == InstrumentState.INSTRUMENT_AUCTION:
            venue.collecting += 1
