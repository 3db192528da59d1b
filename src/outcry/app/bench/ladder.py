"""The other book: one dense ladder of levels indexed by the price, with the engine's order and level rows.

It is what the engine's trie is measured against (docs/operating/performance.md).  Bids and asks share the ladder, since
a price has orders of one side only; the next best price is looked for level by level.  Prices below the rows of the
level table.  A venue never imports it.
"""

import cython

if not cython.compiled:
    from outcry.engine.book import join_queue, leave_queue, level_slot
    from outcry.protocol.layout import (
        InstrumentRow,
        Side,
        TableNumber,
        Tables,
        flag,
        i64,
        levels_at,
        orders_at,
        pools_at,
    )


def join_ladder(tables: Tables, instrument: InstrumentRow, slot: i64) -> None:
    """Put an order at the end of the queue at its price."""
    order = orders_at(tables, slot)
    level = levels_at(tables, order.price_ticks)
    order.level = order.price_ticks
    order.previous = level.tail
    order.next = 0
    if level.tail != 0:
        orders_at(tables, level.tail).next = slot
    else:
        level.head = slot
    level.tail = slot
    level.orders += 1
    level.quantity += order.leaves_quantity
    instrument.orders += 1
    if order.side == Side.BUY:
        if order.price_ticks > instrument.best_bid_ticks:
            instrument.best_bid_ticks = order.price_ticks
    elif instrument.best_ask_ticks == 0 or order.price_ticks < instrument.best_ask_ticks:
        instrument.best_ask_ticks = order.price_ticks


def leave_ladder(tables: Tables, instrument: InstrumentRow, slot: i64) -> None:
    """Take an order out of its queue; the best price moves on if it was the last at it."""
    order = orders_at(tables, slot)
    level = levels_at(tables, order.level)
    if order.previous != 0:
        orders_at(tables, order.previous).next = order.next
    else:
        level.head = order.next
    if order.next != 0:
        orders_at(tables, order.next).previous = order.previous
    else:
        level.tail = order.previous
    level.orders -= 1
    level.quantity -= order.leaves_quantity
    instrument.orders -= 1
    order.level = 0
    order.previous = 0
    order.next = 0
    if level.orders != 0:
        return
    if order.side == Side.BUY:
        if order.price_ticks == instrument.best_bid_ticks:
            instrument.best_bid_ticks = next_below(tables, order.price_ticks)
    elif order.price_ticks == instrument.best_ask_ticks:
        instrument.best_ask_ticks = next_above(tables, order.price_ticks)


def next_below(tables: Tables, price_ticks: i64) -> i64:
    """The next lower price with orders, or 0."""
    price: i64 = price_ticks - 1
    while price > 0 and levels_at(tables, price).orders == 0:
        price -= 1
    return max(0, price)


def next_above(tables: Tables, price_ticks: i64) -> i64:
    """The next higher price with orders, or 0."""
    price: i64 = price_ticks + 1
    end: i64 = pools_at(tables, TableNumber.LEVELS_TABLE).rows
    while price < end and levels_at(tables, price).orders == 0:
        price += 1
    return price if price < end else 0


def join(tables: Tables, dense: flag, instrument: InstrumentRow, slot: i64) -> None:
    """Into the ladder or into the trie."""
    if dense:
        join_ladder(tables, instrument, slot)
    else:
        join_queue(tables, instrument, slot)


def leave(tables: Tables, dense: flag, instrument: InstrumentRow, slot: i64) -> None:
    """Out of the ladder or out of the trie."""
    if dense:
        leave_ladder(tables, instrument, slot)
    else:
        leave_queue(tables, instrument, slot)


def place_of_level(tables: Tables, dense: flag, instrument: InstrumentRow, side: i64, price_ticks: i64) -> i64:
    """The level at a price that has orders."""
    return price_ticks if dense else level_slot(tables, instrument, side, price_ticks)
