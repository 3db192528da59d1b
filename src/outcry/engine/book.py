"""The book: per instrument and side a radix-64 trie of bitmaps over price ticks below 2^30, and queues at its levels.

A price is five digits of six bits: four inner nodes, then a leaf of 64 levels.  No window and no re-centring; an empty
book is one node a side.  Orders at a level are a doubly linked queue by slot, first come first.  Knows no money.
"""

import cython

if not cython.compiled:
    from outcry.engine.pools import give_leaf, give_node, has_room, take_leaf, take_node
    from outcry.protocol.layout import (
        InstrumentRow,
        OrderFlag,
        OrderRow,
        Side,
        TableNumber,
        Tables,
        bit_of,
        flag,
        highest_bit,
        i64,
        leaves_at,
        levels_at,
        lowest_bit,
        nodes_at,
        orders_at,
        u64,
    )


def root_of(instrument: InstrumentRow, side: i64) -> i64:
    """The side's top node."""
    return instrument.bid_root if side == Side.BUY else instrument.ask_root


def find_leaf(tables: Tables, root: i64, price_ticks: i64) -> i64:
    """The leaf that holds the price's level, or 0."""
    slot: i64 = root
    shift: i64 = 24
    while shift > 0 and slot != 0:
        slot = nodes_at(tables, slot).children[price_ticks >> shift & 63]
        shift -= 6
    return slot


def make_leaf(tables: Tables, root: i64, price_ticks: i64) -> i64:
    """The leaf that holds the price's level, made if it is not there; `book_has_room` was asked before."""
    slot: i64 = root
    shift: i64 = 24
    child: i64 = 0
    digit: i64 = 0
    while shift > 0:
        digit = price_ticks >> shift & 63
        child = nodes_at(tables, slot).children[digit]
        if child == 0:
            child = take_node(tables) if shift > 6 else take_leaf(tables)
            nodes_at(tables, slot).children[digit] = child
            nodes_at(tables, slot).bits |= bit_of(digit)
        slot = child
        shift -= 6
    return slot


def book_has_room(tables: Tables) -> flag:
    """Whether one more price can be added anywhere."""
    return has_room(tables, TableNumber.NODES_TABLE, 4) and has_room(tables, TableNumber.LEAVES_TABLE, 2)


def drop_level(tables: Tables, root: i64, price_ticks: i64) -> None:
    """The level is empty: clear its bit, and give back leaf and nodes that are empty with it."""
    first: i64 = nodes_at(tables, root).children[price_ticks >> 24 & 63]
    second: i64 = nodes_at(tables, first).children[price_ticks >> 18 & 63]
    third: i64 = nodes_at(tables, second).children[price_ticks >> 12 & 63]
    leaf: i64 = nodes_at(tables, third).children[price_ticks >> 6 & 63]
    leaves_at(tables, leaf).bits &= ~bit_of(price_ticks & 63)
    if leaves_at(tables, leaf).bits != 0:
        return
    give_leaf(tables, leaf)
    if not drop_child(tables, third, price_ticks >> 6 & 63):
        return
    give_node(tables, third)
    if not drop_child(tables, second, price_ticks >> 12 & 63):
        return
    give_node(tables, second)
    if not drop_child(tables, first, price_ticks >> 18 & 63):
        return
    give_node(tables, first)
    drop_child(tables, root, price_ticks >> 24 & 63)


def drop_child(tables: Tables, node: i64, digit: i64) -> flag:
    """Forget a child; whether the node is empty now."""
    nodes_at(tables, node).children[digit] = 0
    nodes_at(tables, node).bits &= ~bit_of(digit)
    return nodes_at(tables, node).bits == 0


def outermost(tables: Tables, root: i64, highest: flag) -> i64:
    """The highest or lowest price with orders, or 0."""
    slot: i64 = root
    price: i64 = 0
    depth: i64
    bits: u64 = 0
    for depth in range(5):
        bits = nodes_at(tables, slot).bits if depth < 4 else leaves_at(tables, slot).bits
        if bits == 0:
            return 0
        digit: i64 = highest_bit(bits) if highest else lowest_bit(bits)
        price = price << 6 | digit
        if depth < 4:
            slot = nodes_at(tables, slot).children[digit]
    return price


def beyond(bits: u64, digit: i64, higher: flag) -> u64:
    """The bits strictly above or below a digit."""
    if higher:
        return bits & ~(bit_of(digit) | (bit_of(digit) - 1))
    return bits & (bit_of(digit) - 1)


def next_price(tables: Tables, root: i64, price_ticks: i64, higher: flag) -> i64:
    """The nearest price with orders strictly above or below, or 0.  The given price need not have orders."""
    slot: i64 = root
    shift: i64 = 24
    fork: i64 = 0
    fork_shift: i64 = 0
    bits: u64 = 0
    while slot != 0:
        bits = nodes_at(tables, slot).bits if shift > 0 else leaves_at(tables, slot).bits
        if beyond(bits, price_ticks >> shift & 63, higher) != 0:
            fork = slot
            fork_shift = shift
        if shift == 0:
            break
        slot = nodes_at(tables, slot).children[price_ticks >> shift & 63]
        shift -= 6
    if fork == 0:
        return 0
    bits = nodes_at(tables, fork).bits if fork_shift > 0 else leaves_at(tables, fork).bits
    bits = beyond(bits, price_ticks >> fork_shift & 63, higher)
    price: i64 = price_ticks >> fork_shift >> 6
    slot = fork
    while True:
        digit: i64 = lowest_bit(bits) if higher else highest_bit(bits)
        price = price << 6 | digit
        if fork_shift == 0:
            return price
        slot = nodes_at(tables, slot).children[digit]
        fork_shift -= 6
        bits = nodes_at(tables, slot).bits if fork_shift > 0 else leaves_at(tables, slot).bits


def best_ticks(instrument: InstrumentRow, side: i64) -> i64:
    """The side's best price, or 0."""
    return instrument.best_bid_ticks if side == Side.BUY else instrument.best_ask_ticks


def next_worse(tables: Tables, instrument: InstrumentRow, side: i64, price_ticks: i64) -> i64:
    """The next price behind this one, or 0."""
    return next_price(tables, root_of(instrument, side), price_ticks, side == Side.SELL)


def level_slot(tables: Tables, instrument: InstrumentRow, side: i64, price_ticks: i64) -> i64:
    """Slot of the level, or 0 if its leaf is not there."""
    leaf: i64 = find_leaf(tables, root_of(instrument, side), price_ticks)
    return 64 * leaf + (price_ticks & 63) if leaf != 0 else 0


def add_to_level(tables: Tables, order: OrderRow, change: i64) -> None:
    """The open quantity of an order at its level changes by so much."""
    level = levels_at(tables, order.level)
    level.quantity += change
    if order.flags & OrderFlag.REDUCE_ONLY != 0:
        level.reduce_quantity += change


def join_queue(tables: Tables, instrument: InstrumentRow, slot: i64) -> None:
    """Put an order at the end of the queue at its price."""
    order = orders_at(tables, slot)
    side: i64 = order.side
    leaf: i64 = make_leaf(tables, root_of(instrument, side), order.price_ticks)
    digit: i64 = order.price_ticks & 63
    leaves_at(tables, leaf).bits |= bit_of(digit)
    place: i64 = 64 * leaf + digit
    level = levels_at(tables, place)
    order.level = place
    order.previous = level.tail
    order.next = 0
    if level.tail != 0:
        orders_at(tables, level.tail).next = slot
    else:
        level.head = slot
    level.tail = slot
    level.orders += 1
    add_to_level(tables, order, order.leaves_quantity)
    instrument.orders += 1
    if side == Side.BUY:
        if order.price_ticks > instrument.best_bid_ticks:
            instrument.best_bid_ticks = order.price_ticks
    elif instrument.best_ask_ticks == 0 or order.price_ticks < instrument.best_ask_ticks:
        instrument.best_ask_ticks = order.price_ticks


def leave_queue(tables: Tables, instrument: InstrumentRow, slot: i64) -> None:
    """Take an order out of its queue, with whatever of it is still open."""
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
    add_to_level(tables, order, -order.leaves_quantity)
    instrument.orders -= 1
    order.level = 0
    order.previous = 0
    order.next = 0
    if level.orders == 0:
        close_level(tables, instrument, order)


def close_level(tables: Tables, instrument: InstrumentRow, order: OrderRow) -> None:
    """The order was the last at its price: take the level away and find the next best."""
    side: i64 = order.side
    root: i64 = root_of(instrument, side)
    drop_level(tables, root, order.price_ticks)
    if side == Side.BUY and order.price_ticks == instrument.best_bid_ticks:
        instrument.best_bid_ticks = outermost(tables, root, True)
    elif side == Side.SELL and order.price_ticks == instrument.best_ask_ticks:
        instrument.best_ask_ticks = outermost(tables, root, False)
