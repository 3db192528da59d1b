"""What an order waits for or is bound to: its condition, and everything the condition stands in (ORD-14, 15, 18, 24).

An order has a condition if it waits for a trigger or a primary, if it is in a group, or if it is for a day; most have
none.  While its stage is not STAGE_LIVE the order waits: it is listed and named like any other, but neither in the book
nor in any sum.  Row 0 holds the ends of the chain of orders for a day.  A released order stands in no set: what would
name the one before it there names the one released before it, so it leaves that queue at once, however long it is.
Known limit: an order for a day that is revived looks for its place from the youngest on.
"""

import cython

if not cython.compiled:
    from outcry.engine.groups import leave_group
    from outcry.engine.pending import make_task, plan_next, task_waits
    from outcry.engine.pools import give_condition, take_condition
    from outcry.engine.trigger_sets import all_waiting, join_set, leave_set, trail_set, trigger_set, waits_at
    from outcry.protocol.layout import (
        SUBTICKS_BOUND,
        ConditionRow,
        ConditionStage,
        EndReason,
        OrderRow,
        PegKind,
        Tables,
        TaskKind,
        TimeInForce,
        conditions_at,
        flag,
        i64,
        links_at,
        new_conditioned,
        orders_at,
        positions_at,
    )
    from outcry.rules.triggers import is_stop


def waits(tables: Tables, order: OrderRow) -> flag:
    """Whether an order waits for something, and so does not rest."""
    return order.condition != 0 and conditions_at(tables, order.condition).stage != ConditionStage.STAGE_LIVE


def call_triggers(tables: Tables) -> None:
    """Put the work on waiting orders into the engine's queue, unless it is there."""
    if not task_waits(tables, TaskKind.TASK_TRIGGERS, 0):
        make_task(tables, TaskKind.TASK_TRIGGERS, 0)


def new_condition(tables: Tables, order_slot: i64, stage: i64) -> i64:
    """A condition for an order that stands, in this stage but in no set yet; one for a day is chained."""
    slot: i64 = take_condition(tables)
    condition = conditions_at(tables, slot)
    order = orders_at(tables, order_slot)
    condition.order = order_slot
    condition.stage = stage
    condition.place = order.priority
    bind_order(tables, slot)
    if order.time_in_force == TimeInForce.DAY:
        join_day(tables, slot)
    return slot


def bind_order(tables: Tables, slot: i64) -> None:
    """The order knows its condition, and its position counts it if it is a stop that waits."""
    condition = conditions_at(tables, slot)
    order = orders_at(tables, condition.order)
    order.condition = slot
    if condition.stage != ConditionStage.STAGE_LIVE and is_stop(order.order_type):
        positions_at(tables, order.position).stops += 1


def arm(tables: Tables, slot: i64) -> None:
    """Put an armed order into the set of its trigger, and one that trails into the set in which it follows."""
    condition = conditions_at(tables, slot)
    join_set(tables, trigger_set(tables, condition), slot, False)
    all_waiting(tables, orders_at(tables, condition.order).instrument).orders += 1
    if condition.peg_kind != PegKind.PEG_TRAILING:
        return
    tables.venue.trailing += 1
    if may_follow(condition):
        join_set(tables, trail_set(tables, condition), slot, True)
    if tables.venue.trailing == 1:
        plan_next(tables)


def disarm(tables: Tables, slot: i64) -> None:
    """Take an armed order out of its sets; called before anything of its condition changes."""
    condition = conditions_at(tables, slot)
    leave_set(tables, trigger_set(tables, condition), slot, False)
    all_waiting(tables, orders_at(tables, condition.order).instrument).orders -= 1
    if condition.peg_kind != PegKind.PEG_TRAILING:
        return
    tables.venue.trailing -= 1
    if may_follow(condition):
        leave_set(tables, trail_set(tables, condition), slot, True)


def may_follow(condition: ConditionRow) -> flag:
    """Whether there is a price at which a trailing trigger would follow."""
    return 0 < waits_at(condition, True) < SUBTICKS_BOUND


def join_day(tables: Tables, slot: i64) -> None:
    """Chain an order for a day: in the order of their numbers, so that those of the day before come first."""
    ends = conditions_at(tables, 0)
    number: i64 = orders_at(tables, conditions_at(tables, slot).order).order_id
    before: i64 = ends.day_previous
    while before != 0 and orders_at(tables, conditions_at(tables, before).order).order_id > number:
        before = conditions_at(tables, before).day_previous
    behind: i64 = conditions_at(tables, before).day_next
    conditions_at(tables, slot).day_previous = before
    conditions_at(tables, slot).day_next = behind
    conditions_at(tables, before).day_next = slot
    conditions_at(tables, behind).day_previous = slot


def leave_day(tables: Tables, slot: i64) -> None:
    """Take an order for a day out of the chain."""
    condition = conditions_at(tables, slot)
    conditions_at(tables, condition.day_previous).day_next = condition.day_next
    conditions_at(tables, condition.day_next).day_previous = condition.day_previous
    condition.day_previous = 0
    condition.day_next = 0


def put_released(tables: Tables, slot: i64) -> None:
    """An order's primary was filled: it goes on after those that were released before it."""
    conditions_at(tables, slot).stage = ConditionStage.STAGE_RELEASED
    conditions_at(tables, slot).trigger_previous = tables.venue.last_released
    if tables.venue.last_released != 0:
        conditions_at(tables, tables.venue.last_released).released_next = slot
    else:
        tables.venue.first_released = slot
    tables.venue.last_released = slot


def drop_released(tables: Tables, slot: i64) -> None:
    """Take an order out of the queue of those that were released."""
    before: i64 = conditions_at(tables, slot).trigger_previous
    behind: i64 = conditions_at(tables, slot).released_next
    if before != 0:
        conditions_at(tables, before).released_next = behind
    else:
        tables.venue.first_released = behind
    if behind != 0:
        conditions_at(tables, behind).trigger_previous = before
    else:
        tables.venue.last_released = before
    conditions_at(tables, slot).released_next = 0
    conditions_at(tables, slot).trigger_previous = 0


def release_group(tables: Tables, group: i64) -> None:
    """The primary of a group is filled: its members go on by the engine's own work, the oldest first."""
    slot: i64 = links_at(tables, group).first
    while slot != 0:
        put_released(tables, slot)
        slot = conditions_at(tables, slot).link_next
    if tables.venue.first_released != 0:
        call_triggers(tables)


def end_waiting(tables: Tables, slot: i64) -> None:
    """The order waits no more: out of the sets or the queue it waited in."""
    condition = conditions_at(tables, slot)
    order = orders_at(tables, condition.order)
    if condition.stage == ConditionStage.STAGE_LIVE:
        return
    if condition.stage == ConditionStage.STAGE_ARMED:
        disarm(tables, slot)
    elif condition.stage == ConditionStage.STAGE_RELEASED:
        drop_released(tables, slot)
    if is_stop(order.order_type):
        positions_at(tables, order.position).stops -= 1
    condition.stage = ConditionStage.STAGE_LIVE


def leave_conditions(tables: Tables, order_slot: i64, reason: i64) -> i64:
    """The order is over: it leaves sets, chains and group.  If it was the primary of others they are released when it
    was filled; if not, its group is returned, whose members have nothing to wait for any more."""
    order = orders_at(tables, order_slot)
    slot: i64 = order.condition
    condition = conditions_at(tables, slot)
    group: i64 = condition.link
    orphans: i64 = 0
    end_waiting(tables, slot)
    if order.time_in_force == TimeInForce.DAY:
        leave_day(tables, slot)
    if group != 0:
        leave_group(tables, slot)
    if condition.primary != 0 and links_at(tables, group).members != 0:
        if reason == EndReason.ENDED_FILLED:
            release_group(tables, group)
        else:
            orphans = group
    order.condition = 0
    give_condition(tables, slot)
    return orphans


def let_go(tables: Tables, order_slot: i64) -> None:
    """The order is live; its condition is given back unless it is in a group or for a day."""
    order = orders_at(tables, order_slot)
    slot: i64 = order.condition
    end_waiting(tables, slot)
    if conditions_at(tables, slot).link == 0 and order.time_in_force != TimeInForce.DAY:
        order.condition = 0
        give_condition(tables, slot)


def say_conditioned(tables: Tables, order_slot: i64) -> None:
    """What an order waits for, or is bound to, as it is now."""
    order = orders_at(tables, order_slot)
    condition = conditions_at(tables, order.condition)
    said = new_conditioned(tables)
    said.account = order.account
    said.instrument = order.instrument
    said.order_id = order.order_id
    said.stage = condition.stage
    said.trigger_reference = condition.trigger_reference
    said.rising = condition.rising
    said.peg_kind = condition.peg_kind
    said.contingency = condition.contingency
    said.trigger_subticks = condition.trigger_subticks
    said.peg_offset_subticks = condition.peg_offset_subticks
    if condition.link != 0:
        said.link_id = links_at(tables, condition.link).link_id
