"""Icebergs and hidden orders at their level: what of them a taker gets, and what they show afterwards (ORD-20).

While anything is shown at a price, that trades, first come first.  Then what is hidden there is shared among all that
hide something.  An iceberg whose visible part is used up goes behind with a new place, and shows its next part when the
taker is done at that price.  Knows no money; who fills is matching.
Known limit: where sharing is disturbed, because an order that shares is cut or ends, it begins again with what is left.
"""

import cython

if not cython.compiled:
    from outcry.engine.book import link, unlink
    from outcry.engine.orders import join_reducing, leave_reducing
    from outcry.engine.standing import take_place
    from outcry.protocol.layout import (
        OrderFlag,
        OrderRow,
        Tables,
        i64,
        levels_at,
        orders_at,
    )
    from outcry.rules.arith import mul_div_half_up


def sharer(tables: Tables, level_place: i64) -> i64:
    """The order of a level that shows nothing which shares next in what the taker wants.

    While they share, `first_hidden` of the level is the next one to do so: nobody shows anything there, and nobody
    joins.
    """
    level = levels_at(tables, level_place)
    if tables.venue.pending_shares == 0:
        tables.venue.pending_shares = level.orders
        tables.venue.pending_hidden = level.hidden_quantity
        level.first_hidden = level.head
    return level.first_hidden


def part_of(tables: Tables, maker: OrderRow, wanted: i64, lot: i64) -> i64:
    """How much of an order that hides something a taker gets who still wants so much (ORD-20).

    Of what it shows as much as there is.  Else its share: in proportion to all that is still to be shared with, in
    whole lots, halves up, which leaves the last one what is left; the whole of it if the taker wants no less than all.
    """
    if maker.shown_quantity != 0:
        shown: i64 = maker.shown_quantity
        return min(wanted, shown)
    if wanted >= tables.venue.pending_hidden:
        return maker.leaves_quantity
    lots: i64 = maker.leaves_quantity // lot
    return mul_div_half_up(lots, wanted, tables.venue.pending_hidden, tables.fault) * lot


def note_share(tables: Tables, level_place: i64, maker: OrderRow) -> None:
    """The order, not traded yet, has had its turn: the next one shares."""
    levels_at(tables, level_place).first_hidden = maker.next


def exhaust(tables: Tables, slot: i64) -> None:
    """What an iceberg showed is used up: behind all others at its price with a new place, showing nothing for now.

    It has not been counted among those that show something since it traded, because linked orders may have ended then.
    """
    order = orders_at(tables, slot)
    level = levels_at(tables, order.level)
    unlink(tables, level, slot)
    link(tables, level, slot, 0)
    if level.first_hidden == 0:
        level.first_hidden = slot
    order.priority = take_place(tables)
    if order.flags & OrderFlag.REDUCE_ONLY != 0:
        # The chain is in the order of places, and so it is made anew from a snapshot.
        leave_reducing(tables, slot)
        join_reducing(tables, slot)


def settle_level(tables: Tables, level_place: i64) -> None:
    """A taker is done at a level where something is hidden: icebergs show their next part, in their order.

    They stand at the end of the queue, behind the hidden orders, and come to the end of those that show something.
    """
    level = levels_at(tables, level_place)
    tables.venue.pending_shares = 0
    tables.venue.pending_hidden = 0
    if level.shown_orders == 0:
        level.first_hidden = level.head
    slot: i64 = level.tail
    first: i64 = 0
    while slot != 0 and shows_again(orders_at(tables, slot)) != 0:
        first = slot
        slot = orders_at(tables, slot).previous
    while first != 0:
        slot = orders_at(tables, first).next
        show_next(tables, level_place, first)
        first = slot


def shows_again(order: OrderRow) -> i64:
    """What an iceberg that shows nothing will show next; 0 for other orders."""
    if order.display_quantity <= 0 or order.shown_quantity != 0:
        return 0
    return min(order.display_quantity, order.leaves_quantity)


def show_next(tables: Tables, level_place: i64, slot: i64) -> None:
    """An iceberg of those that show nothing shows its next part, behind all others that show something."""
    level = levels_at(tables, level_place)
    order = orders_at(tables, slot)
    shown: i64 = shows_again(order)
    if level.first_hidden == slot:
        level.first_hidden = order.next
    else:
        unlink(tables, level, slot)
        link(tables, level, slot, level.first_hidden)
    order.shown_quantity = shown
    level.hidden_quantity -= shown
    level.shown_orders += 1
