"""A trie from sub-tick prices below 2^30 to slots: five digits of six bits, one node each (LIQ-09, ORD-14).

A child of the last node is the first of whatever waits at that price; what a slot is of, and who else waits there, is
the business of who asks.  Used for the bands of positions and for the triggers of orders.
"""

import cython

if not cython.compiled:
    from outcry.engine.book import drop_child
    from outcry.engine.pools import give_node, take_node
    from outcry.protocol.layout import Tables, bit_of, flag, highest_bit, i64, lowest_bit, nodes_at


def last_node(tables: Tables, root: i64, subticks: i64) -> i64:
    """The last node on the way to a price, made if it is not there; room for four nodes was asked before."""
    slot: i64 = root
    shift: i64 = 24
    child: i64 = 0
    digit: i64 = 0
    while shift > 0:
        digit = subticks >> shift & 63
        child = nodes_at(tables, slot).children[digit]
        if child == 0:
            child = take_node(tables)
            nodes_at(tables, slot).children[digit] = child
            nodes_at(tables, slot).bits |= bit_of(digit)
        slot = child
        shift -= 6
    return slot


def put_first(tables: Tables, root: i64, subticks: i64, slot: i64) -> None:
    """From now on this slot is the first at its price."""
    leaf: i64 = last_node(tables, root, subticks)
    digit: i64 = subticks & 63
    nodes_at(tables, leaf).children[digit] = slot
    nodes_at(tables, leaf).bits |= bit_of(digit)


def first_at(tables: Tables, root: i64, subticks: i64) -> i64:
    """The first at a price, 0 if nobody waits there."""
    slot: i64 = root
    shift: i64 = 24
    while shift >= 0 and slot != 0:
        slot = nodes_at(tables, slot).children[subticks >> shift & 63]
        shift -= 6
    return slot


def drop_price(tables: Tables, root: i64, subticks: i64) -> None:
    """Nobody waits at a price any more: it goes, and every node that is empty with it, but not the root."""
    first: i64 = nodes_at(tables, root).children[subticks >> 24 & 63]
    second: i64 = nodes_at(tables, first).children[subticks >> 18 & 63]
    third: i64 = nodes_at(tables, second).children[subticks >> 12 & 63]
    leaf: i64 = nodes_at(tables, third).children[subticks >> 6 & 63]
    if not drop_child(tables, leaf, subticks & 63):
        return
    give_node(tables, leaf)
    if not drop_child(tables, third, subticks >> 6 & 63):
        return
    give_node(tables, third)
    if not drop_child(tables, second, subticks >> 12 & 63):
        return
    give_node(tables, second)
    if not drop_child(tables, first, subticks >> 18 & 63):
        return
    give_node(tables, first)
    drop_child(tables, root, subticks >> 24 & 63)


def first_of_all(tables: Tables, root: i64, highest: flag) -> i64:
    """The first at the highest or lowest price at which anybody waits, 0 if nobody does."""
    slot: i64 = root
    depth: i64
    digit: i64 = 0
    if nodes_at(tables, root).bits == 0:
        return 0
    for depth in range(5):  # noqa: B007 (five digits)
        digit = highest_bit(nodes_at(tables, slot).bits) if highest else lowest_bit(nodes_at(tables, slot).bits)
        slot = nodes_at(tables, slot).children[digit]
    return slot
