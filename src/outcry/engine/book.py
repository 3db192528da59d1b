"""The book: per instrument and side a radix-64 trie of bitmaps over price ticks below 2^30, and queues at its levels.

A price is five digits of six bits: four inner nodes, then a leaf of 64 levels.  No window and no re-centring; an empty
book is one node a side.  Orders at a level are a doubly linked queue by slot: first those that show something, first
come first, then those that show nothing.  Last what only orders need that hide something (ORD-20).  Knows no money.
"""

import cython

if not cython.compiled:
    from outcry.engine.pools import give_leaf, give_node, has_room, take_leaf, take_node
    from outcry.protocol.layout import (
        Contingency,
        InstrumentRow,
        LevelRow,
        OrderFlag,
        OrderRow,
        Side,
        TableNumber,
        Tables,
        bit_of,
        conditions_at,
        flag,
        highest_bit,
        i64,
        instruments_at,
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


def is_crossed(instrument: InstrumentRow) -> flag:
    """Whether a bid is no lower than an ask: only where orders are collected, or after that where nothing trades."""
    return instrument.best_ask_ticks != 0 and instrument.best_bid_ticks >= instrument.best_ask_ticks


def next_worse(tables: Tables, instrument: InstrumentRow, side: i64, price_ticks: i64) -> i64:
    """The next price behind this one, or 0."""
    return next_price(tables, root_of(instrument, side), price_ticks, side == Side.SELL)


def level_slot(tables: Tables, instrument: InstrumentRow, side: i64, price_ticks: i64) -> i64:
    """Slot of the level, or 0 if its leaf is not there."""
    leaf: i64 = find_leaf(tables, root_of(instrument, side), price_ticks)
    return 64 * leaf + (price_ticks & 63) if leaf != 0 else 0


def may_shrink(tables: Tables, order: OrderRow) -> flag:
    """Whether a resting order may trade less than it says while one order is matched: it only reduces (ORD-08), or
    another of its group may cancel it (ORD-18)."""
    if order.flags & OrderFlag.REDUCE_ONLY != 0:
        return True
    return order.condition != 0 and conditions_at(tables, order.condition).contingency == Contingency.ONE_CANCELS_OTHER


def add_to_level(tables: Tables, order: OrderRow, change: i64) -> None:
    """The open quantity of an order at its level changes by so much."""
    level = levels_at(tables, order.level)
    level.quantity += change
    if may_shrink(tables, order):
        level.reduce_quantity += change
    if order.display_quantity != -1:
        take_hidden_first(tables, order, -change)


def join_queue(tables: Tables, instrument: InstrumentRow, slot: i64) -> None:
    """Put an order at the end of the queue at its price: behind all, or behind all that show something if it does."""
    order = orders_at(tables, slot)
    side: i64 = order.side
    leaf: i64 = make_leaf(tables, root_of(instrument, side), order.price_ticks)
    digit: i64 = order.price_ticks & 63
    leaves_at(tables, leaf).bits |= bit_of(digit)
    place: i64 = 64 * leaf + digit
    level = levels_at(tables, place)
    order.level = place
    if order.display_quantity == -1 or order.shown_quantity != 0:
        level.shown_orders += 1
        link(tables, level, slot, level.first_hidden)
    else:
        link(tables, level, slot, 0)
        if level.first_hidden == 0:
            level.first_hidden = slot
    level.orders += 1
    level.quantity += order.leaves_quantity
    if may_shrink(tables, order):
        level.reduce_quantity += order.leaves_quantity
    if order.display_quantity != -1:
        level.hidden_quantity += order.leaves_quantity - visible(order)
    instrument.orders += 1
    if side == Side.BUY:
        if order.price_ticks > instrument.best_bid_ticks:
            instrument.best_bid_ticks = order.price_ticks
    elif instrument.best_ask_ticks == 0 or order.price_ticks < instrument.best_ask_ticks:
        instrument.best_ask_ticks = order.price_ticks


def link(tables: Tables, level: LevelRow, slot: i64, following: i64) -> None:
    """Put an order into a queue before another one of it, 0 for its end."""
    order = orders_at(tables, slot)
    previous: i64 = level.tail
    if following != 0:
        previous = orders_at(tables, following).previous
        orders_at(tables, following).previous = slot
    else:
        level.tail = slot
    order.previous = previous
    order.next = following
    if previous != 0:
        orders_at(tables, previous).next = slot
    else:
        level.head = slot


def unlink(tables: Tables, level: LevelRow, slot: i64) -> None:
    """Take an order out of its queue, whose sums stay."""
    order = orders_at(tables, slot)
    if order.previous != 0:
        orders_at(tables, order.previous).next = order.next
    else:
        level.head = order.next
    if order.next != 0:
        orders_at(tables, order.next).previous = order.previous
    else:
        level.tail = order.previous
    if level.first_hidden == slot:
        level.first_hidden = order.next
    order.previous = 0
    order.next = 0


def leave_queue(tables: Tables, instrument: InstrumentRow, slot: i64) -> None:
    """Take an order out of its queue, with whatever of it is still open."""
    order = orders_at(tables, slot)
    level = levels_at(tables, order.level)
    unlink(tables, level, slot)
    level.orders -= 1
    level.quantity -= order.leaves_quantity
    if may_shrink(tables, order):
        level.reduce_quantity -= order.leaves_quantity
    if order.display_quantity == -1:
        level.shown_orders -= 1
    else:
        leave_shade(tables, level, order)
    instrument.orders -= 1
    order.level = 0
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


def visible(order: OrderRow) -> i64:
    """What an order shows of what is open of it (ORD-20)."""
    shown: i64 = order.shown_quantity
    return order.leaves_quantity if order.display_quantity == -1 else shown


def take_hidden_first(tables: Tables, order: OrderRow, decrease: i64) -> None:
    """An order that hides something becomes smaller without a trade: what it hides goes first (ORD-20).

    One that is left with nothing keeps what it showed until it leaves its queue, which says in which part it stands.
    """
    level = levels_at(tables, order.level)
    part: i64 = min(decrease, order.leaves_quantity - visible(order))
    level.hidden_quantity -= part
    if decrease < order.leaves_quantity:
        order.shown_quantity -= decrease - part
    share_anew(tables, order)


def take_traded(tables: Tables, order: OrderRow, quantity: i64) -> None:
    """A part of an order that hides something trades: of what it shows, or if it shows nothing of what it hides.

    Filled completely it keeps what it showed until it leaves its queue, which says in which part it stands.
    """
    level = levels_at(tables, order.level)
    level.quantity -= quantity
    if may_shrink(tables, order):
        level.reduce_quantity -= quantity
    if order.shown_quantity == 0:
        level.hidden_quantity -= quantity
    elif quantity < order.leaves_quantity:
        order.shown_quantity -= quantity
        if order.shown_quantity == 0:
            level.shown_orders -= 1


def leave_shade(tables: Tables, level: LevelRow, order: OrderRow) -> None:
    """The level's sums without an order that hides something; what is shared among hidden ones is shared anew."""
    level.hidden_quantity -= max(0, order.leaves_quantity - visible(order))
    if order.shown_quantity != 0:
        level.shown_orders -= 1
        order.shown_quantity = 0
        return
    share_anew(tables, order)


def share_anew(tables: Tables, order: OrderRow) -> None:
    """A hidden order is not what it was when what a taker wants was shared: if it shares there, begin again (ORD-20).

    What is shared stands at the best price of the other side of the order that is being matched.
    """
    if tables.venue.pending_shares == 0:
        return
    taker = orders_at(tables, tables.venue.pending_order)
    if order.instrument != taker.instrument or order.side == taker.side:
        return
    if order.price_ticks != best_ticks(instruments_at(tables, order.instrument), order.side):
        return
    tables.venue.pending_shares = 0
    tables.venue.pending_hidden = 0


def best_shown_ticks(tables: Tables, instrument: InstrumentRow, side: i64) -> i64:
    """The side's best price at which something is shown, or 0."""
    price: i64 = best_ticks(instrument, side)
    while price != 0 and levels_at(tables, level_slot(tables, instrument, side, price)).shown_orders == 0:
        price = next_worse(tables, instrument, side, price)
    return price
