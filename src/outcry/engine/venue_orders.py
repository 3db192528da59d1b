"""Orders that the venue sends inside the liquidation rule, for an owner in trouble or for a takeover (LIQ-04, LIQ-06).

They are orders like any other once they stand; only nobody asked for them, and nothing is weighed.
"""

import cython

if not cython.compiled:
    from outcry.engine.orders import enlist
    from outcry.engine.pools import take_order
    from outcry.protocol.layout import OrderFlag, OrderType, Tables, i64, new_placed, orders_at, positions_at


def venue_order(
    tables: Tables, position_slot: i64, side: i64, quantity: i64, price_ticks: i64, time_in_force: i64, takeover: i64
) -> i64:
    """A limit order of a position's account that stands but is not in the book yet; room was asked before."""
    position = positions_at(tables, position_slot)
    slot: i64 = take_order(tables)
    order = orders_at(tables, slot)
    order.order_id = tables.venue.next_order_id
    tables.venue.next_order_id += 1
    order.account = position.account
    order.instrument = position.instrument
    order.position = position_slot
    order.side = side
    order.order_type = OrderType.LIMIT
    order.time_in_force = time_in_force
    order.flags = OrderFlag.BY_VENUE
    order.quantity = quantity
    order.leaves_quantity = quantity
    order.price_ticks = price_ticks
    order.priority = tables.venue.sequence
    order.time_ns = tables.venue.time_ns
    order.display_quantity = -1
    order.takeover = takeover
    enlist(tables, slot)
    placed = new_placed(tables)
    placed.account = order.account
    placed.instrument = order.instrument
    placed.order_id = order.order_id
    placed.side = side
    placed.order_type = order.order_type
    placed.time_in_force = time_in_force
    placed.flags = order.flags
    placed.quantity = quantity
    placed.leaves_quantity = quantity
    placed.price_ticks = price_ticks
    placed.display_quantity = -1
    return slot
