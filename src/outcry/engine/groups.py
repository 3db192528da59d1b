"""Groups of linked orders: who is in them, and whether an order may join (ORD-18).

A group is an account's name for it and a chain of conditions, the oldest first.  It is there as long as it has members.
What a fill or a trigger of one member does to the others is in `links`.
"""

import cython

if not cython.compiled:
    from outcry.engine.lookup import add_link_slot, drop_link_slot, find_link_slot
    from outcry.engine.pools import give_link, take_link
    from outcry.protocol.layout import (
        LINKED_ORDERS,
        Code,
        Contingency,
        OrderFlag,
        Place,
        Tables,
        conditions_at,
        flag,
        i64,
        links_at,
        orders_at,
    )


def find_group(tables: Tables, asked: Place) -> i64:
    """The group that a new order names, 0 if there is none."""
    key = links_at(tables, 0)
    key.link_id = asked.link_id
    key.account = asked.account
    return find_link_slot(tables, key)


def waits_for_primary(tables: Tables, group: i64) -> flag:
    """Whether the members of a group wait for the first of them to be filled."""
    return group != 0 and conditions_at(tables, links_at(tables, group).first).primary != 0


def is_under_way(tables: Tables, group: i64) -> flag:
    """Whether a member of the group has traded or was triggered."""
    slot: i64 = links_at(tables, group).first
    while slot != 0:
        order = orders_at(tables, conditions_at(tables, slot).order)
        if order.leaves_quantity != order.quantity or order.flags & OrderFlag.TRIGGERED_ONCE != 0:
            return True
        slot = conditions_at(tables, slot).link_next
    return False


def group_refusal(tables: Tables, asked: Place) -> Code:
    """Why an order may not have this contingency, or be in this group (ORD-18)."""
    named: flag = asked.link_id[4] != 0
    if asked.contingency > Contingency.ONE_TRIGGERS_OTHER or named != (asked.contingency != 0):
        return Code.LINK_INVALID
    if not named:
        return Code.OK
    group: i64 = find_group(tables, asked)
    if group == 0:
        return Code.OK
    if links_at(tables, group).members >= LINKED_ORDERS:
        return Code.LINK_INVALID
    if waits_for_primary(tables, group):
        return Code.OK
    if asked.contingency == Contingency.ONE_TRIGGERS_OTHER or is_under_way(tables, group):
        return Code.LINK_INVALID
    return Code.OK


def join_group(tables: Tables, slot: i64, asked: Place) -> None:
    """Put a condition at the end of the group its order names, made if it is not there; room was asked before."""
    condition = conditions_at(tables, slot)
    group: i64 = find_group(tables, asked)
    if group == 0:
        group = take_link(tables)
        links_at(tables, group).link_id = asked.link_id
        links_at(tables, group).account = asked.account
        add_link_slot(tables, group)
        condition.primary = 1 if asked.contingency == Contingency.ONE_TRIGGERS_OTHER else 0
    condition.contingency = asked.contingency
    condition.link = group
    chain_in_group(tables, slot)


def chain_in_group(tables: Tables, slot: i64) -> None:
    """Put a condition at the end of the chain of its group."""
    condition = conditions_at(tables, slot)
    row = links_at(tables, condition.link)
    condition.link_previous = row.last
    if row.last != 0:
        conditions_at(tables, row.last).link_next = slot
    else:
        row.first = slot
    row.last = slot
    row.members += 1


def leave_group(tables: Tables, slot: i64) -> None:
    """Take a condition out of its group; the last member takes the group with it."""
    condition = conditions_at(tables, slot)
    row = links_at(tables, condition.link)
    if condition.link_previous != 0:
        conditions_at(tables, condition.link_previous).link_next = condition.link_next
    else:
        row.first = condition.link_next
    if condition.link_next != 0:
        conditions_at(tables, condition.link_next).link_previous = condition.link_previous
    else:
        row.last = condition.link_previous
    row.members -= 1
    condition.link_previous = 0
    condition.link_next = 0
    if row.members == 0:
        drop_link_slot(tables, condition.link)
        give_link(tables, condition.link)
