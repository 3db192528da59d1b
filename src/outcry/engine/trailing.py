"""Triggers that trail: made from their reference and an offset, and following it away from the market (ORD-15).

Ticks on whole seconds find out who is to follow; a unit of the engine's own work follows one order.  A trigger never
comes back: one that the reference has to rise to follows only falls, and the other way round.
"""

import cython

if not cython.compiled:
    from outcry.engine.conditions import arm, disarm
    from outcry.engine.reaching import judge_set, may_fire, note_work
    from outcry.engine.standing import take_place
    from outcry.engine.trigger_sets import (
        is_upward,
        nearest,
        reference_subticks,
        set_number,
        set_reference,
        trigger_set,
        waits_at,
    )
    from outcry.protocol.layout import (
        SUBTICKS_BOUND,
        TRAIL_NS,
        TRIGGER_SETS,
        Code,
        TableNumber,
        Tables,
        conditions_at,
        i64,
        instruments_at,
        new_trailed,
        orders_at,
        pools_at,
        trigger_sets_at,
    )
    from outcry.rules.triggers import has_reached


def trail_refusal(tables: Tables, number: i64, reference: i64, offset_subticks: i64) -> Code:
    """Whether a trigger can be made now from a reference and an offset."""
    price: i64 = reference_subticks(instruments_at(tables, number), reference)
    if price == 0:
        return Code.PEG_WITHOUT_TOUCH
    return Code.OK if 0 < price + offset_subticks < SUBTICKS_BOUND else Code.PEG_INVALID


def begin_trailing(tables: Tables, slot: i64) -> Code:
    """Make the trigger of an order that is in no set from its reference as it is now, or say why it cannot be made."""
    condition = conditions_at(tables, slot)
    number: i64 = orders_at(tables, condition.order).instrument
    code: Code = trail_refusal(tables, number, condition.trigger_reference, condition.peg_offset_subticks)
    if code == Code.OK:
        make_trigger(tables, slot, reference_subticks(instruments_at(tables, number), condition.trigger_reference))
    return code


def make_trigger(tables: Tables, slot: i64, price_subticks: i64) -> None:
    """The trigger is the offset away from this price."""
    condition = conditions_at(tables, slot)
    offset: i64 = condition.peg_offset_subticks
    condition.peg_reference_subticks = price_subticks
    condition.trigger_subticks = price_subticks + offset


def follow_all(tables: Tables) -> None:
    """At a tick on a whole second, or the first after it: references that have moved far enough are noted as work."""
    if tables.venue.trailing == 0 or tables.venue.time_ns // TRAIL_NS * TRAIL_NS < tables.venue.next_due_ns:
        return
    number: i64
    place: i64
    for number in range(1, pools_at(tables, TableNumber.INSTRUMENTS_TABLE).high + 1):
        if may_fire(tables, number):
            for place in range(8, 14):
                follow_set(tables, number, place)


def follow_set(tables: Tables, number: i64, place: i64) -> None:
    """Whether the reference of one set of trailing orders has come to where the nearest of them follows."""
    slot: i64 = nearest(tables, set_number(number, place))
    reference: i64 = set_reference(instruments_at(tables, number), place)
    if slot == 0 or reference == 0:
        return
    if has_reached(reference, waits_at(conditions_at(tables, slot), True), is_upward(place)):
        trigger_sets_at(tables, set_number(number, place)).reached_subticks = reference
        note_work(tables, number)


def follow(tables: Tables, slot: i64, reference_now_subticks: i64) -> None:
    """Give an order the trigger that the reference of the tick makes; the price may have come back to it since."""
    condition = conditions_at(tables, slot)
    order = orders_at(tables, condition.order)
    disarm(tables, slot)
    make_trigger(tables, slot, reference_now_subticks)
    condition.place = take_place(tables)
    arm(tables, slot)
    trailed = new_trailed(tables)
    trailed.account = order.account
    trailed.instrument = order.instrument
    trailed.order_id = order.order_id
    trailed.trigger_subticks = condition.trigger_subticks
    trailed.reference_subticks = reference_now_subticks
    judge_set(tables, order.instrument, trigger_set(tables, condition) % TRIGGER_SETS)
