"""Conditions of orders that are placed: whether they may have them, and giving them (ORD-14, 15, 18, 24)."""

import cython

if not cython.compiled:
    from outcry.engine.conditions import new_condition, say_conditioned
    from outcry.engine.groups import find_group, join_group, waits_for_primary
    from outcry.engine.pools import has_room
    from outcry.engine.trailing import trail_refusal
    from outcry.protocol.layout import (
        SUBTICKS_BOUND,
        Code,
        ConditionStage,
        InstrumentRow,
        OrderFlag,
        OrderType,
        PegKind,
        Place,
        TableNumber,
        Tables,
        TimeInForce,
        TriggerReference,
        conditions_at,
        flag,
        i64,
        orders_at,
    )
    from outcry.rules.triggers import is_rising, is_stop


def will_wait(tables: Tables, asked: Place) -> flag:
    """Whether a new order would wait: for a trigger, or for the primary of its group to be filled."""
    if is_stop(asked.order_type):
        return True
    return asked.contingency != 0 and waits_for_primary(tables, find_group(tables, asked))


def reference_of(asked: Place) -> i64:
    """What a stop looks at: the mark, unless something else is said."""
    reference: i64 = asked.trigger_reference
    return reference if reference != 0 else TriggerReference.ON_MARK


def trigger_refusal(instrument: InstrumentRow, asked: Place) -> Code:
    """Why an order may not have this trigger: an order of this type has one or it has none (ORD-14, ORD-16)."""
    reference: i64 = asked.trigger_reference
    within: flag = asked.flags & OrderFlag.LAST_WITHIN_MARK != 0
    if not is_stop(asked.order_type):
        wants: flag = asked.trigger_subticks != 0 or reference != 0 or within
        return Code.TRIGGER_INVALID if wants else Code.OK
    if reference > TriggerReference.ON_INDEX:
        return Code.TRIGGER_INVALID
    stops: flag = asked.order_type == OrderType.STOP or asked.order_type == OrderType.STOP_LIMIT
    if within and not (stops and reference == TriggerReference.ON_LAST):
        return Code.TRIGGER_INVALID
    if asked.peg_kind == PegKind.PEG_TRAILING:
        return Code.OK if asked.trigger_subticks == 0 else Code.TRIGGER_INVALID
    return trigger_price_refusal(instrument, asked.trigger_subticks)


def trigger_price_refusal(instrument: InstrumentRow, trigger_subticks: i64) -> Code:
    """A trigger is a price from one sub-tick to the instrument's highest."""
    highest: i64 = instrument.price_ticks_max * instrument.subticks_per_tick
    return Code.OK if 0 < trigger_subticks <= highest else Code.TRIGGER_INVALID


def offset_refusal(rising: flag, offset_subticks: i64) -> Code:
    """A trailing trigger is on the far side of its reference: above if that has to rise to it, else below (ORD-15)."""
    if offset_subticks == 0 or (offset_subticks > 0) != rising:
        return Code.PEG_INVALID
    return Code.OK if -SUBTICKS_BOUND < offset_subticks < SUBTICKS_BOUND else Code.PEG_INVALID


def peg_of_stop_refusal(tables: Tables, asked: Place, dormant: flag) -> Code:
    """Why a stop may not trail so; one that waits for its primary finds its reference when it goes on (ORD-15)."""
    fixed: flag = asked.flags & OrderFlag.FIXED_PEG != 0
    if asked.peg_kind == 0:
        return Code.PEG_INVALID if asked.peg_offset_subticks != 0 or fixed else Code.OK
    if asked.peg_kind != PegKind.PEG_TRAILING or fixed or not is_stop(asked.order_type):
        return Code.PEG_INVALID
    code: Code = offset_refusal(is_rising(asked.order_type, asked.side), asked.peg_offset_subticks)
    if code != Code.OK or dormant:
        return code
    return trail_refusal(tables, asked.instrument, reference_of(asked), asked.peg_offset_subticks)


def has_room_to_bind(tables: Tables, asked: Place) -> flag:
    """Whether the rows of an order's condition can be had, and the nodes of a trigger and of where it follows."""
    if asked.contingency == 0 and asked.time_in_force != TimeInForce.DAY and not is_stop(asked.order_type):
        return True
    return (
        has_room(tables, TableNumber.CONDITIONS_TABLE, 1)
        and has_room(tables, TableNumber.LINKS_TABLE, 1)
        and has_room(tables, TableNumber.NODES_TABLE, 16)
    )


def bind(tables: Tables, order_slot: i64, asked: Place) -> None:
    """Give an order that does not wait its condition, if it is for a day or in a group."""
    if asked.contingency == 0 and asked.time_in_force != TimeInForce.DAY:
        return
    slot: i64 = new_condition(tables, order_slot, ConditionStage.STAGE_LIVE)
    if asked.contingency != 0:
        join_group(tables, slot, asked)
        say_conditioned(tables, order_slot)


def has_room_for_day(tables: Tables, time_in_force: i64) -> flag:
    """Whether an order that stands again can be for a day again, if it was."""
    return time_in_force != TimeInForce.DAY or has_room(tables, TableNumber.CONDITIONS_TABLE, 1)


def bind_for_day(tables: Tables, order_slot: i64) -> None:
    """An order stands again that was filled: it is for a day if it was, and in no group any more."""
    if orders_at(tables, order_slot).time_in_force == TimeInForce.DAY:
        new_condition(tables, order_slot, ConditionStage.STAGE_LIVE)


def bind_waiting(tables: Tables, order_slot: i64, asked: Place, dormant: flag) -> i64:
    """Give an order that waits its condition, in no set yet; returns it."""
    stage: i64 = ConditionStage.STAGE_DORMANT if dormant else ConditionStage.STAGE_ARMED
    slot: i64 = new_condition(tables, order_slot, stage)
    condition = conditions_at(tables, slot)
    if is_stop(asked.order_type):
        condition.trigger_reference = reference_of(asked)
        condition.rising = 1 if is_rising(asked.order_type, asked.side) else 0
        condition.trigger_subticks = asked.trigger_subticks
        condition.peg_kind = asked.peg_kind
        condition.peg_offset_subticks = asked.peg_offset_subticks
    if asked.contingency != 0:
        join_group(tables, slot, asked)
    return slot
