"""The sets in which orders wait for prices: a trie of triggers each, and a queue at every price (ORD-14 to ORD-16).

Set k of instrument n is row 16 n + k.  Sets 0 to 7 hold triggers: of mark, last price, index, and of last price within
the mark, each first those it has to rise to and then those it has to fall to.  Sets 8 to 13 hold trailing orders by the
price at which they follow, in the same order of references, those that follow a rise first.  Of row 14 only the count
is used: all armed orders of the instrument.  Set 15 holds those that wait for no price, only for the instrument
to trade: their queue is at 0, and that it trades again is noted as reached.  A queue is in the order of places; the
first one's `previous` is the last, so that joining costs the same however long it is.
"""

import cython

if not cython.compiled:
    from outcry.engine.pools import give_node, take_node
    from outcry.engine.tries import drop_price, first_at, first_of_all, put_first
    from outcry.protocol.layout import (
        TRIGGER_SETS,
        ConditionRow,
        InstrumentRow,
        OrderFlag,
        Tables,
        TriggerReference,
        TriggerSetRow,
        conditions_at,
        flag,
        i64,
        nodes_at,
        orders_at,
        trigger_sets_at,
    )
    from outcry.rules.triggers import follows_at, is_within_mark


def set_number(number: i64, place: i64) -> i64:
    """The row of an instrument's set."""
    return TRIGGER_SETS * number + place


def all_waiting(tables: Tables, number: i64) -> TriggerSetRow:
    """The row whose count is of all orders of an instrument that are armed."""
    return trigger_sets_at(tables, set_number(number, 14))


def for_trading(number: i64) -> i64:
    """The set of an instrument's orders that wait for it to trade (ORD-18)."""
    return set_number(number, 15)


def trigger_set(tables: Tables, condition: ConditionRow) -> i64:
    """The row of the set in which an armed order waits for its trigger, or for its instrument to trade."""
    order = orders_at(tables, condition.order)
    reference: i64 = condition.trigger_reference
    if reference == 0:
        return for_trading(order.instrument)
    if order.flags & OrderFlag.LAST_WITHIN_MARK != 0:
        reference = 4
    return set_number(order.instrument, 2 * (reference - 1) + (0 if condition.rising != 0 else 1))


def trail_set(tables: Tables, condition: ConditionRow) -> i64:
    """The row of the set in which a trailing order waits to follow: one that follows falls waits for a rise."""
    order = orders_at(tables, condition.order)
    reference: i64 = condition.trigger_reference
    return set_number(order.instrument, 8 + 2 * (reference - 1) + (1 if condition.rising != 0 else 0))


def reference_subticks(instrument: InstrumentRow, reference: i64) -> i64:
    """What a trigger looks at, as it is now; 0 if it has no price yet."""
    if reference == TriggerReference.ON_MARK:
        return instrument.mark_subticks
    if reference == TriggerReference.ON_INDEX:
        return instrument.index_subticks
    return instrument.last_price_ticks * instrument.subticks_per_tick


def set_reference(instrument: InstrumentRow, place: i64) -> i64:
    """The reference of an instrument's set as it is now; 0 if it has none, or if the mark does not confirm it."""
    if place == 6 or place == 7:
        last: i64 = instrument.last_price_ticks * instrument.subticks_per_tick
        return last if is_within_mark(last, instrument.mark_subticks, place == 6) else 0
    return reference_subticks(instrument, (place & 7) // 2 + 1)


def is_upward(place: i64) -> flag:
    """Whether the orders of a set wait for a rise."""
    return place & 1 == 0


def waits_at(condition: ConditionRow, trails: flag) -> i64:
    """The price an order waits for in a set: its trigger, or where its trigger follows."""
    if trails:
        return follows_at(condition.peg_reference_subticks, condition.rising != 0)
    return condition.trigger_subticks


def nearest(tables: Tables, place: i64) -> i64:
    """The condition that is reached first in a set, 0 if the set is empty."""
    row = trigger_sets_at(tables, place)
    return first_of_all(tables, row.root, not is_upward(place)) if row.orders != 0 else 0


def next_waiting(tables: Tables, slot: i64, trails: flag) -> i64:
    """Who waits behind a condition at its price."""
    return conditions_at(tables, slot).trail_next if trails else conditions_at(tables, slot).trigger_next


def last_before(tables: Tables, slot: i64, trails: flag) -> i64:
    """Who waits before a condition at its price; of the first, the last."""
    return conditions_at(tables, slot).trail_previous if trails else conditions_at(tables, slot).trigger_previous


def link_next(tables: Tables, slot: i64, trails: flag, other: i64) -> None:
    """From now on the other waits behind it."""
    if trails:
        conditions_at(tables, slot).trail_next = other
    else:
        conditions_at(tables, slot).trigger_next = other


def link_previous(tables: Tables, slot: i64, trails: flag, other: i64) -> None:
    """From now on the other is before it."""
    if trails:
        conditions_at(tables, slot).trail_previous = other
    else:
        conditions_at(tables, slot).trigger_previous = other


def join_set(tables: Tables, place: i64, slot: i64, trails: flag) -> None:
    """Put a condition at the end of the queue at its price; room for five nodes was asked before."""
    row = trigger_sets_at(tables, place)
    if row.root == 0:
        row.root = take_node(tables)
    row.orders += 1
    price: i64 = waits_at(conditions_at(tables, slot), trails)
    first: i64 = first_at(tables, row.root, price)
    if first == 0:
        put_first(tables, row.root, price, slot)
        link_previous(tables, slot, trails, slot)
        return
    last: i64 = last_before(tables, first, trails)
    link_next(tables, last, trails, slot)
    link_previous(tables, slot, trails, last)
    link_previous(tables, first, trails, slot)


def leave_set(tables: Tables, place: i64, slot: i64, trails: flag) -> None:
    """Take a condition out of the queue at its price; called before that price changes."""
    row = trigger_sets_at(tables, place)
    price: i64 = waits_at(conditions_at(tables, slot), trails)
    first: i64 = first_at(tables, row.root, price)
    before: i64 = last_before(tables, slot, trails)
    behind: i64 = next_waiting(tables, slot, trails)
    row.orders -= 1
    if first != slot:
        link_next(tables, before, trails, behind)
        link_previous(tables, behind if behind != 0 else first, trails, before)
    elif behind != 0:
        put_first(tables, row.root, price, behind)
        link_previous(tables, behind, trails, before)
    else:
        drop_price(tables, row.root, price)
    if nodes_at(tables, row.root).bits == 0:
        give_node(tables, row.root)
        row.root = 0
    link_next(tables, slot, trails, 0)
    link_previous(tables, slot, trails, 0)
