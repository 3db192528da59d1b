"""Matching and nothing else, over the engine's order rows and entries, with the engine's trie or the dense ladder.

Good-till-cancel limit orders of instrument 1, cancels and amends; no accounts, no money, no checks, self-trades
allowed.  It exists to compare the book with peers that do no more (docs/operating/performance.md).  A venue never
imports it.
"""

import cython

if not cython.compiled:
    from outcry.app.bench.ladder import join, leave, place_of_level
    from outcry.engine.assess import crosses, opposite
    from outcry.engine.book import best_ticks
    from outcry.engine.lookup import add_order_slot, drop_order_slot, find_order_slot
    from outcry.engine.pools import give_order, take_order
    from outcry.protocol.layout import (
        CommandKind,
        EntryHead,
        Tables,
        amend_of,
        cancel_of,
        flag,
        i64,
        instruments_at,
        levels_at,
        new_amended,
        new_ended,
        new_fill,
        new_placed,
        orders_at,
        place_of,
    )


def trade(tables: Tables, dense: flag, taker_slot: i64, maker_slot: i64) -> None:
    """Fill as much as both have; the maker leaves the book when it has no more."""
    taker = orders_at(tables, taker_slot)
    maker = orders_at(tables, maker_slot)
    quantity: i64 = min(taker.leaves_quantity, maker.leaves_quantity)
    levels_at(tables, maker.level).quantity -= quantity
    taker.leaves_quantity -= quantity
    maker.leaves_quantity -= quantity
    filled = new_fill(tables)
    filled.price_ticks = maker.price_ticks
    filled.quantity = quantity
    filled.taker_order_id = taker.order_id
    filled.maker_order_id = maker.order_id
    if maker.leaves_quantity == 0:
        leave(tables, dense, instruments_at(tables, 1), maker_slot)
        drop_order_slot(tables, maker_slot)
        give_order(tables, maker_slot)


def enter(tables: Tables, dense: flag, slot: i64) -> None:
    """Match, then rest what is left."""
    instrument = instruments_at(tables, 1)
    order = orders_at(tables, slot)
    side: i64 = order.side
    other: i64 = opposite(side)
    price: i64 = best_ticks(instrument, other)
    while order.leaves_quantity > 0 and crosses(side, order.price_ticks, price):
        trade(tables, dense, slot, levels_at(tables, place_of_level(tables, dense, instrument, other, price)).head)
        price = best_ticks(instrument, other)
    if order.leaves_quantity > 0:
        join(tables, dense, instrument, slot)
        return
    drop_order_slot(tables, slot)
    give_order(tables, slot)


def place(tables: Tables, dense: flag, entry: EntryHead) -> None:
    """A new order."""
    asked = place_of(entry)
    slot: i64 = take_order(tables)
    order = orders_at(tables, slot)
    order.order_id = tables.venue.next_order_id
    tables.venue.next_order_id += 1
    order.account = asked.account
    order.instrument = 1
    order.side = asked.side
    order.quantity = asked.quantity
    order.leaves_quantity = asked.quantity
    order.price_ticks = asked.price_ticks
    add_order_slot(tables, slot)
    placed = new_placed(tables)
    placed.order_id = order.order_id
    placed.side = order.side
    placed.quantity = order.quantity
    placed.price_ticks = order.price_ticks
    enter(tables, dense, slot)


def cancel(tables: Tables, dense: flag, entry: EntryHead) -> None:
    """An order leaves."""
    slot: i64 = find_order_slot(tables, cancel_of(entry).order_id)
    if slot == 0:
        return
    ended = new_ended(tables)
    ended.order_id = orders_at(tables, slot).order_id
    ended.unfilled_quantity = orders_at(tables, slot).leaves_quantity
    leave(tables, dense, instruments_at(tables, 1), slot)
    drop_order_slot(tables, slot)
    give_order(tables, slot)


def amend(tables: Tables, dense: flag, entry: EntryHead) -> None:
    """A new open quantity and price; in place if neither is dearer."""
    asked = amend_of(entry)
    slot: i64 = find_order_slot(tables, asked.order_id)
    if slot == 0:
        return
    order = orders_at(tables, slot)
    amended = new_amended(tables)
    amended.order_id = order.order_id
    amended.leaves_quantity = asked.leaves_quantity
    amended.price_ticks = asked.price_ticks
    if asked.price_ticks == order.price_ticks and asked.leaves_quantity <= order.leaves_quantity:
        levels_at(tables, order.level).quantity -= order.leaves_quantity - asked.leaves_quantity
        order.leaves_quantity = asked.leaves_quantity
        return
    leave(tables, dense, instruments_at(tables, 1), slot)
    order.leaves_quantity = asked.leaves_quantity
    order.price_ticks = asked.price_ticks
    enter(tables, dense, slot)


def apply_bare(tables: Tables, dense: flag, entry: EntryHead) -> None:
    """One command."""
    tables.venue.sequence = entry.sequence
    tables.venue.ordinal = 0
    if entry.kind == CommandKind.PLACE:
        place(tables, dense, entry)
    elif entry.kind == CommandKind.CANCEL:
        cancel(tables, dense, entry)
    elif entry.kind == CommandKind.AMEND:
        amend(tables, dense, entry)
