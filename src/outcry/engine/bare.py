"""A door for benchmarks only: matching and nothing else, over the same book, order rows and entries.

Good-till-cancel limit orders of one instrument, cancels and amends; no accounts, no money, no checks, self-trades
allowed.  It exists to compare the book with peers that do no more (docs/operating/performance.md), and to time the
floor: `touch` reads and writes the lines a command needs and decides nothing.  A venue never imports it.
"""

import cython

from outcry.protocol import layout as shapes

if not cython.compiled:
    from outcry.engine.assess import crosses, opposite
    from outcry.engine.book import best_ticks, find_leaf, join_queue, leave_queue, level_slot, root_of
    from outcry.engine.lookup import add_order_slot, drop_order_slot, find_order_slot
    from outcry.engine.pools import give_order, take_node, take_order
    from outcry.protocol.layout import (
        EVENT_ROOM_BYTES,
        CommandKind,
        EntryHead,
        Tables,
        amend_of,
        cancel_of,
        entry_at,
        i64,
        instruments_at,
        levels_at,
        memory_of,
        new_amended,
        new_ended,
        new_fill,
        new_placed,
        orders_at,
        place_of,
        pools_at,
        tables_of,
    )

COMPILED: bool = cython.compiled


def trade(tables: Tables, taker_slot: i64, maker_slot: i64) -> None:
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
        leave_queue(tables, instruments_at(tables, 1), maker_slot)
        drop_order_slot(tables, maker_slot)
        give_order(tables, maker_slot)


def enter(tables: Tables, slot: i64) -> None:
    """Match, then rest what is left."""
    instrument = instruments_at(tables, 1)
    order = orders_at(tables, slot)
    side: i64 = order.side
    other: i64 = opposite(side)
    price: i64 = best_ticks(instrument, other)
    while order.leaves_quantity > 0 and crosses(side, order.price_ticks, price):
        trade(tables, slot, levels_at(tables, level_slot(tables, instrument, other, price)).head)
        price = best_ticks(instrument, other)
    if order.leaves_quantity > 0:
        join_queue(tables, instrument, slot)
        return
    drop_order_slot(tables, slot)
    give_order(tables, slot)


def place(tables: Tables, entry: EntryHead) -> None:
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
    enter(tables, slot)


def cancel(tables: Tables, entry: EntryHead) -> None:
    """An order leaves."""
    slot: i64 = find_order_slot(tables, cancel_of(entry).order_id)
    if slot == 0:
        return
    ended = new_ended(tables)
    ended.order_id = orders_at(tables, slot).order_id
    ended.unfilled_quantity = orders_at(tables, slot).leaves_quantity
    leave_queue(tables, instruments_at(tables, 1), slot)
    drop_order_slot(tables, slot)
    give_order(tables, slot)


def amend(tables: Tables, entry: EntryHead) -> None:
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
    leave_queue(tables, instruments_at(tables, 1), slot)
    order.leaves_quantity = asked.leaves_quantity
    order.price_ticks = asked.price_ticks
    enter(tables, slot)


def apply(tables: Tables, entry: EntryHead) -> None:
    """One command."""
    tables.venue.sequence = entry.sequence
    tables.venue.ordinal = 0
    if entry.kind == CommandKind.PLACE:
        place(tables, entry)
    elif entry.kind == CommandKind.CANCEL:
        cancel(tables, entry)
    elif entry.kind == CommandKind.AMEND:
        amend(tables, entry)


def touch(tables: Tables, entry: EntryHead) -> i64:
    """The floor: the bucket, the order's row, its neighbours' and its level are read, an event is written."""
    tables.venue.sequence = entry.sequence
    pool = pools_at(tables, 0)
    rows: i64 = pool.rows
    number: i64 = entry.sequence * 7_919 % 9_000 + 1
    order = orders_at(tables, number)
    order.quantity += 1
    orders_at(tables, number * 31 % 9_000 + 1).previous = 0
    orders_at(tables, number * 37 % 9_000 + 1).next = 0
    level: i64 = find_leaf(tables, root_of(instruments_at(tables, 1), 1), 1)
    levels_at(tables, number % 4_000 + level).orders += 1
    placed = new_placed(tables)
    placed.order_id = order.order_id + rows
    return order.order_id


class Bare:
    """An order book with the engine's rows."""

    held: dict[str, memoryview]
    frame: memoryview
    tables: Tables

    def __init__(self, rows: dict[str, int]) -> None:
        """Empty; `rows` enlarges tables, those with buckets to a power of two and one."""
        sizes = {name: (record, rows.get(name, count)) for name, (record, count, _) in shapes.TABLE_ROWS.items()}
        self.held = {
            name: memoryview(bytearray(count * shapes.SIZES[record])) for name, (record, count) in sizes.items()
        }
        self.frame = memoryview(bytearray(8 * (len(self.held) + 1)))
        self.tables = tables_of(self.frame, self.held)
        for number, (record, count) in enumerate(sizes.values()):
            if record != "PoolRow" and count > 1:
                pools_at(self.tables, number).rows = count
        self.tables.venue.next_order_id = 1
        instruments_at(self.tables, 1).bid_root = take_node(self.tables)
        instruments_at(self.tables, 1).ask_root = take_node(self.tables)

    def run(self, entries: memoryview, start: int, events: memoryview, floor: int) -> tuple[int, int]:
        """Apply entries until the end or until the event buffer is nearly full; where to go on, and bytes written."""
        tables = self.tables
        memory = memory_of(entries)
        tables.events = memory_of(events)
        tables.venue.events_bytes = 0
        room: i64 = events.nbytes - EVENT_ROOM_BYTES
        offset: i64 = start
        last: i64 = entries.nbytes
        only_touch: i64 = floor
        size: i64 = 0
        with cython.nogil:
            while offset < last and tables.venue.events_bytes <= room:
                entry = entry_at(memory, offset)
                if only_touch != 0:
                    touch(tables, entry)
                else:
                    apply(tables, entry)
                size = entry.record_bytes
                offset += 56 + size
        return offset, tables.venue.events_bytes
