"""What the rungs of the halt ladder mean: what the states of venue and instrument allow, asked by everybody else.

Reads states only; `states` sets them, and `known` turns them into refusals.
"""

import cython

if not cython.compiled:
    from outcry.protocol.layout import (
        InstrumentRow,
        InstrumentState,
        OrderType,
        Tables,
        TimeInForce,
        VenueState,
        flag,
        i64,
    )


def venue_trades(tables: Tables) -> flag:
    """Whether everybody can at least close a position now: only then the engine's own work trades (CMD-12, LIQ-01)."""
    state: i64 = tables.venue.state
    return tables.venue.cancel_only == 0 and (state == VenueState.VENUE_OPEN or state == VenueState.VENUE_REDUCING)


def is_collecting(instrument: InstrumentRow) -> flag:
    """Whether orders are collected and nothing trades (AUC-01)."""
    state: i64 = instrument.state
    return state == InstrumentState.INSTRUMENT_PRE_OPEN or state == InstrumentState.INSTRUMENT_AUCTION


def has_ended(instrument: InstrumentRow) -> flag:
    """Whether a contract is over: its settlement price is fixed, and nothing marks or trades it any more (SET-03)."""
    state: i64 = instrument.state
    return state == InstrumentState.INSTRUMENT_SETTLING or state == InstrumentState.INSTRUMENT_SETTLED


def is_market(state: i64) -> flag:
    """Whether the book of an instrument in this state is one in which orders meet as they come: it is never crossed."""
    return (
        state == InstrumentState.INSTRUMENT_OPEN
        or state == InstrumentState.INSTRUMENT_REDUCING
        or state == InstrumentState.INSTRUMENT_POSTING
    )


def is_collected(order_type: i64, time_in_force: i64, posts: flag) -> flag:
    """Whether an auction takes an order like this: a limit order that rests, or one that waits for its trigger."""
    if order_type >= OrderType.STOP and order_type <= OrderType.LIMIT_IF_TOUCHED:
        return True
    rests: flag = time_in_force == TimeInForce.GOOD_TILL_CANCEL or time_in_force == TimeInForce.DAY
    return order_type == OrderType.LIMIT and rests and not posts
