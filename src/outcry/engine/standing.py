"""How an order comes to stand: its row, and what is said of it; whoever sent it.

Last the orders that the venue sends inside the liquidation rule, for an owner in trouble or for a takeover (LIQ-04,
LIQ-06): orders like any other once they stand, only nobody asked for them, and nothing is weighed.
"""

import cython

if not cython.compiled:
    from outcry.engine.orders import enlist
    from outcry.engine.pools import take_order
    from outcry.protocol.layout import OrderFlag, OrderType, Placed, Tables, i64, new_placed, orders_at, positions_at


def take_place(tables: Tables) -> i64:
    """The number of the next place in any queue: who comes later stands behind (ORD-01)."""
    tables.venue.next_place += 1
    return tables.venue.next_place


def new_order(
    tables: Tables,
    position_slot: i64,
    side: i64,
    quantity: i64,
    price_ticks: i64,
    order_type: i64,
    time_in_force: i64,
    flags: i64,
) -> i64:
    """The row of an order of a position's account, listed but not yet named nor in the book; room was asked before."""
    number: i64 = tables.venue.next_order_id
    tables.venue.next_order_id += 1
    return numbered_order(tables, number, position_slot, side, quantity, price_ticks, order_type, time_in_force, flags)


def numbered_order(
    tables: Tables,
    order_id: i64,
    position_slot: i64,
    side: i64,
    quantity: i64,
    price_ticks: i64,
    order_type: i64,
    time_in_force: i64,
    flags: i64,
) -> i64:
    """The row of an order that has this number; else as `new_order`."""
    position = positions_at(tables, position_slot)
    slot: i64 = take_order(tables)
    order = orders_at(tables, slot)
    order.order_id = order_id
    order.account = position.account
    order.instrument = position.instrument
    order.position = position_slot
    order.side = side
    order.order_type = order_type
    order.time_in_force = time_in_force
    order.flags = flags
    order.quantity = quantity
    order.leaves_quantity = quantity
    order.price_ticks = price_ticks
    order.priority = take_place(tables)
    order.time_ns = tables.venue.time_ns
    order.display_quantity = -1
    enlist(tables, slot)
    return slot


def say_placed(tables: Tables, slot: i64, price_ticks: i64) -> Placed:
    """An order stands, placed at this price; the caller may add a client id to the event it is handed."""
    order = orders_at(tables, slot)
    placed = new_placed(tables)
    placed.account = order.account
    placed.instrument = order.instrument
    placed.order_id = order.order_id
    placed.side = order.side
    placed.order_type = order.order_type
    placed.time_in_force = order.time_in_force
    placed.flags = order.flags
    placed.quantity = order.quantity
    placed.leaves_quantity = order.leaves_quantity
    placed.price_ticks = price_ticks
    placed.display_quantity = order.display_quantity
    return placed


def venue_order(
    tables: Tables, position_slot: i64, side: i64, quantity: i64, price_ticks: i64, time_in_force: i64, takeover: i64
) -> i64:
    """A limit order of a position's account that stands but is not in the book yet; room was asked before."""
    slot: i64 = new_order(
        tables, position_slot, side, quantity, price_ticks, OrderType.LIMIT, time_in_force, OrderFlag.BY_VENUE
    )
    orders_at(tables, slot).takeover = takeover
    say_placed(tables, slot, price_ticks)
    return slot
