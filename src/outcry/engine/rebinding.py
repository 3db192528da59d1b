"""Conditions and groups again, after a snapshot was read: sets, chains, counts (ORD-14 to ORD-18, ORD-24).

The caller hands in the slots of the conditions by their places, because queues are in that order; groups and the chain
of orders for a day are in the order of the orders' numbers.
"""

import cython

if not cython.compiled:
    from outcry.engine.conditions import arm, bind_order, join_day
    from outcry.engine.groups import chain_in_group
    from outcry.protocol.layout import (
        ConditionStage,
        Memory,
        TableNumber,
        Tables,
        TimeInForce,
        conditions_at,
        i64,
        number_at,
        orders_at,
        pools_at,
    )


def rebuild_bonds(tables: Tables) -> None:
    """Orders know their conditions, and positions count stops; called when orders know their positions."""
    slot: i64
    for slot in range(1, pools_at(tables, TableNumber.CONDITIONS_TABLE).high + 1):
        if conditions_at(tables, slot).order != 0:
            bind_order(tables, slot)


def rebuild_chains_of(tables: Tables, by_number: Memory, orders: i64) -> None:
    """Groups and the chain of orders for a day, from the orders by number."""
    at: i64
    for at in range(orders):
        order = orders_at(tables, number_at(by_number, at))
        if order.condition == 0:
            continue
        if conditions_at(tables, order.condition).link != 0:
            chain_in_group(tables, order.condition)
        if order.time_in_force == TimeInForce.DAY:
            join_day(tables, order.condition)


def rebuild_sets(tables: Tables, by_place: Memory, conditions: i64) -> None:
    """The sets, from the conditions by place; and who was released knows who was before him."""
    at: i64
    slot: i64 = 0
    due: i64 = tables.venue.next_due_ns
    for at in range(conditions):
        slot = number_at(by_place, at)
        if conditions_at(tables, slot).stage == ConditionStage.STAGE_ARMED:
            arm(tables, slot)
    before: i64 = 0
    slot = tables.venue.first_released
    while slot != 0:
        conditions_at(tables, slot).trigger_previous = before
        before = slot
        slot = conditions_at(tables, slot).released_next
    # When the next tick is due stands in the venue's row, and is not found anew.
    tables.venue.next_due_ns = due
