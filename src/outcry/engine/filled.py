"""Orders that have been filled: remembered for a while, because they may be revived (ORD-19).

A ring of the last `FILLED_KEPT`; the k-th that was filled stands in row 1 + (k - 1) % FILLED_KEPT.  Only what could
rest is remembered, and nothing that the venue sent.
Known limit: one that is looked for is looked for from the newest back, as far as those of the last `REVIVAL_NS` go.
"""

import cython

if not cython.compiled:
    from outcry.engine.orders import end_order
    from outcry.protocol.layout import (
        FILLED_KEPT,
        REVIVAL_NS,
        EndReason,
        OrderFlag,
        OrderRow,
        OrderType,
        TableNumber,
        Tables,
        TimeInForce,
        filled_at,
        i64,
        orders_at,
        pools_at,
    )


def end_filled(tables: Tables, slot: i64) -> None:
    """The order is filled completely: remember it, and end it."""
    remember_filled(tables, orders_at(tables, slot))
    end_order(tables, slot, EndReason.ENDED_FILLED)


def remember_filled(tables: Tables, order: OrderRow) -> None:
    """Keep what an order that could rest was."""
    force: i64 = order.time_in_force
    if force != TimeInForce.GOOD_TILL_CANCEL and force != TimeInForce.DAY:
        return
    kind: i64 = order.order_type
    if kind == OrderType.MARKET or kind == OrderType.STOP or kind == OrderType.MARKET_IF_TOUCHED:
        return
    if order.flags & OrderFlag.BY_VENUE != 0:
        return
    slot: i64 = 1 + tables.venue.filled % FILLED_KEPT
    tables.venue.filled += 1
    if tables.venue.filled <= FILLED_KEPT:
        pool = pools_at(tables, TableNumber.FILLED_TABLE)
        pool.high = slot
        pool.live = slot
    row = filled_at(tables, slot)
    row.order_id = order.order_id
    row.filled_ns = tables.venue.time_ns
    row.account = order.account
    row.instrument = order.instrument
    row.side = order.side
    row.order_type = order.order_type
    row.time_in_force = order.time_in_force
    row.flags = order.flags
    row.self_trade = order.self_trade
    row.quantity = order.quantity
    row.price_ticks = order.price_ticks
    row.filled_value_minor = order.filled_value_minor
    row.time_ns = order.time_ns
    row.display_quantity = order.display_quantity
    row.client = order.client


def find_filled(tables: Tables, account: i64, order_id: i64) -> i64:
    """Row of an account's order that was filled no longer than `REVIVAL_NS` ago, or 0."""
    oldest: i64 = max(0, tables.venue.filled - FILLED_KEPT)
    at: i64 = tables.venue.filled
    slot: i64 = 0
    while at > oldest:
        slot = 1 + (at - 1) % FILLED_KEPT
        row = filled_at(tables, slot)
        if tables.venue.time_ns - row.filled_ns >= REVIVAL_NS:
            return 0
        if row.order_id == order_id:
            return slot if row.account == account else 0
        at -= 1
    return 0
