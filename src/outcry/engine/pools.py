"""Rows taken from a table and given back.  Slot 0 means none; a row that is given back is all zeros but its chain link.

The chains of freed orders, client ids, takeovers, conditions and groups are logical, because which row comes next
shows in the rows; those of the book are not, because nothing but the book knows its rows.

Who takes a row has asked `has_room` in the refusing half of its handler, so taking never fails.
"""

import cython

if not cython.compiled:
    from outcry.protocol.layout import (
        Fault,
        TableNumber,
        Tables,
        clear_client_ids,
        clear_conditions,
        clear_leaves,
        clear_links,
        clear_nodes,
        clear_orders,
        clear_takeovers,
        client_ids_at,
        conditions_at,
        flag,
        i64,
        leaves_at,
        links_at,
        nodes_at,
        orders_at,
        pools_at,
        takeovers_at,
    )


def has_room(tables: Tables, table: i64, rows: i64) -> flag:
    """Whether so many rows can still be taken."""
    pool = pools_at(tables, table)
    return pool.live + rows < pool.rows


def take_new(tables: Tables, table: i64) -> i64:
    """The next row never used before."""
    pool = pools_at(tables, table)
    if pool.high + 1 >= pool.rows:
        tables.fault.code = Fault.FAULT_FULL
        return 0
    pool.high += 1
    pool.live += 1
    return pool.high


def take_order(tables: Tables) -> i64:
    """A zeroed row of the orders."""
    pool = pools_at(tables, TableNumber.ORDERS_TABLE)
    slot: i64 = pool.free
    if slot == 0:
        return take_new(tables, TableNumber.ORDERS_TABLE)
    pool.free = orders_at(tables, slot).next_free
    pool.live += 1
    orders_at(tables, slot).next_free = 0
    return slot


def give_order(tables: Tables, slot: i64) -> None:
    """The order is over."""
    pool = pools_at(tables, TableNumber.ORDERS_TABLE)
    clear_orders(tables, slot)
    orders_at(tables, slot).next_free = pool.free
    pool.free = slot
    pool.live -= 1


def take_client_id(tables: Tables) -> i64:
    """A zeroed row of the client ids."""
    pool = pools_at(tables, TableNumber.CLIENT_IDS_TABLE)
    slot: i64 = pool.free
    if slot == 0:
        return take_new(tables, TableNumber.CLIENT_IDS_TABLE)
    pool.free = client_ids_at(tables, slot).next_free
    pool.live += 1
    client_ids_at(tables, slot).next_free = 0
    return slot


def give_client_id(tables: Tables, slot: i64) -> None:
    """The client id may be used again."""
    pool = pools_at(tables, TableNumber.CLIENT_IDS_TABLE)
    clear_client_ids(tables, slot)
    client_ids_at(tables, slot).next_free = pool.free
    pool.free = slot
    pool.live -= 1


def take_takeover(tables: Tables) -> i64:
    """A zeroed row of the takeovers."""
    pool = pools_at(tables, TableNumber.TAKEOVERS_TABLE)
    slot: i64 = pool.free
    if slot == 0:
        return take_new(tables, TableNumber.TAKEOVERS_TABLE)
    pool.free = takeovers_at(tables, slot).next_free
    pool.live += 1
    takeovers_at(tables, slot).next_free = 0
    return slot


def give_takeover(tables: Tables, slot: i64) -> None:
    """The takeover is closed."""
    pool = pools_at(tables, TableNumber.TAKEOVERS_TABLE)
    clear_takeovers(tables, slot)
    takeovers_at(tables, slot).next_free = pool.free
    pool.free = slot
    pool.live -= 1


def take_condition(tables: Tables) -> i64:
    """A zeroed row of the conditions."""
    pool = pools_at(tables, TableNumber.CONDITIONS_TABLE)
    slot: i64 = pool.free
    if slot == 0:
        return take_new(tables, TableNumber.CONDITIONS_TABLE)
    pool.free = conditions_at(tables, slot).next_free
    pool.live += 1
    conditions_at(tables, slot).next_free = 0
    return slot


def give_condition(tables: Tables, slot: i64) -> None:
    """The order waits for nothing and is bound to nothing any more."""
    pool = pools_at(tables, TableNumber.CONDITIONS_TABLE)
    clear_conditions(tables, slot)
    conditions_at(tables, slot).next_free = pool.free
    pool.free = slot
    pool.live -= 1


def take_link(tables: Tables) -> i64:
    """A zeroed row of the groups of linked orders."""
    pool = pools_at(tables, TableNumber.LINKS_TABLE)
    slot: i64 = pool.free
    if slot == 0:
        return take_new(tables, TableNumber.LINKS_TABLE)
    pool.free = links_at(tables, slot).next_free
    pool.live += 1
    links_at(tables, slot).next_free = 0
    return slot


def give_link(tables: Tables, slot: i64) -> None:
    """The group has no members left."""
    pool = pools_at(tables, TableNumber.LINKS_TABLE)
    clear_links(tables, slot)
    links_at(tables, slot).next_free = pool.free
    pool.free = slot
    pool.live -= 1


def take_node(tables: Tables) -> i64:
    """A zeroed inner node."""
    pool = pools_at(tables, TableNumber.NODES_TABLE)
    slot: i64 = pool.free
    if slot == 0:
        return take_new(tables, TableNumber.NODES_TABLE)
    pool.free = nodes_at(tables, slot).children[0]
    pool.live += 1
    nodes_at(tables, slot).children[0] = 0
    return slot


def give_node(tables: Tables, slot: i64) -> None:
    """The node has no children left."""
    pool = pools_at(tables, TableNumber.NODES_TABLE)
    clear_nodes(tables, slot)
    nodes_at(tables, slot).children[0] = pool.free
    pool.free = slot
    pool.live -= 1


def take_leaf(tables: Tables) -> i64:
    """A leaf whose 64 levels are all zero: a level is zeroed when its last order leaves."""
    pool = pools_at(tables, TableNumber.LEAVES_TABLE)
    slot: i64 = pool.free
    if slot == 0:
        return take_new(tables, TableNumber.LEAVES_TABLE)
    pool.free = leaves_at(tables, slot).hash_next
    pool.live += 1
    leaves_at(tables, slot).hash_next = 0
    return slot


def give_leaf(tables: Tables, slot: i64) -> None:
    """The leaf has no levels left."""
    pool = pools_at(tables, TableNumber.LEAVES_TABLE)
    clear_leaves(tables, slot)
    leaves_at(tables, slot).hash_next = pool.free
    pool.free = slot
    pool.live -= 1
