"""Whether a reference has reached the trigger of an order that waits (ORD-14, ORD-16).

Asked whenever mark, index or last price have moved, and when trading goes on.  Only says that there is work, and how
far the reference has come; `firing` does it.  A price that comes back before the work is done changes nothing for what
was reached.
"""

import cython

if not cython.compiled:
    from outcry.engine.conditions import call_triggers
    from outcry.engine.equity import can_trade
    from outcry.engine.rungs import venue_trades
    from outcry.engine.trigger_sets import (
        all_waiting,
        for_trading,
        is_upward,
        nearest,
        set_number,
        set_reference,
    )
    from outcry.protocol.layout import (
        Tables,
        conditions_at,
        flag,
        i64,
        instruments_at,
        trigger_sets_at,
    )
    from outcry.rules.triggers import further, has_reached


def may_fire(tables: Tables, number: i64) -> flag:
    """Whether orders of an instrument may be triggered now: where they could trade at once (ORD-14)."""
    return venue_trades(tables) and can_trade(instruments_at(tables, number))


def note_work(tables: Tables, number: i64) -> None:
    """There is work on an instrument's waiting orders: the work under way begins there if it was past it."""
    if tables.venue.trigger_instrument == 0 or number < tables.venue.trigger_instrument:
        tables.venue.trigger_instrument = number
    call_triggers(tables)


def judge_set(tables: Tables, number: i64, place: i64) -> None:
    """Whether the reference of one set of triggers has reached the nearest of them."""
    row = trigger_sets_at(tables, set_number(number, place))
    if row.orders == 0:
        return
    reference: i64 = set_reference(instruments_at(tables, number), place)
    if reference == 0:
        return
    rising: flag = is_upward(place)
    if row.reached_subticks != 0:
        row.reached_subticks = further(row.reached_subticks, reference, rising)
        return
    trigger: i64 = conditions_at(tables, nearest(tables, set_number(number, place))).trigger_subticks
    if has_reached(reference, trigger, rising):
        row.reached_subticks = reference
        note_work(tables, number)


def judge(tables: Tables, number: i64) -> None:
    """Mark or index have moved, or the instrument trades again: all its sets of triggers, and who waited for that."""
    place: i64
    if all_waiting(tables, number).orders == 0 or not may_fire(tables, number):
        return
    row = trigger_sets_at(tables, for_trading(number))
    if row.orders != 0 and row.reached_subticks == 0:
        row.reached_subticks = 1
        note_work(tables, number)
    for place in range(8):
        judge_set(tables, number, place)


def judge_last(tables: Tables, number: i64) -> None:
    """The last price has moved, in the middle of matching: the sets that look at it."""
    if all_waiting(tables, number).orders == 0 or not may_fire(tables, number):
        return
    judge_set(tables, number, 2)
    judge_set(tables, number, 3)
    judge_set(tables, number, 6)
    judge_set(tables, number, 7)
