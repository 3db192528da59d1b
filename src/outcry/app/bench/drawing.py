"""The stream, drawn command by command from the book as it stands: what kind, whose, which order, at what price.

The statistics are those of the field's usual benchmarks: new limits, cancels, amends and orders that take in the ratio
48 : 42 : 5 : 5; limits at exponential distances around a slow random walk, never crossing; cancels and amends of any
live order with equal chance; takers of one to five levels.  Every draw is a hash of seed, command and purpose, so a
stream is the same everywhere and can be drawn again instead of being kept.  Draws from the trie's book.
"""

import cython

if not cython.compiled:
    from outcry.engine.assess import opposite
    from outcry.engine.book import best_ticks, level_slot, next_worse
    from outcry.protocol.layout import (
        ROLES,
        CommandKind,
        EntryHead,
        Memory,
        OrderType,
        Side,
        TableNumber,
        Tables,
        TimeInForce,
        amend_of,
        cancel_of,
        i64,
        instruments_at,
        levels_at,
        mix,
        number_at,
        orders_at,
        place_of,
        pools_at,
        u64,
    )


def chance(seed: i64, index: i64, purpose: i64, sides: i64) -> i64:
    """A number from 0 below `sides`: the throw of a die of its own for every seed, command and purpose."""
    begin: u64 = seed
    place: u64 = 4096 * index + purpose
    word: u64 = mix(mix(mix(begin, place), begin), place)
    number: i64 = word >> 20
    return number % sides


def walk(tables: Tables, seed: i64, index: i64) -> None:
    """The price around which orders come moves one tick at every eighth command; it is kept where the mark would be."""
    instrument = instruments_at(tables, 1)
    if chance(seed, index, 0, 8) == 0:
        instrument.mark_subticks += 2 * chance(seed, index, 1, 2) - 1
    instrument.mark_subticks = max(60_000, min(140_000, instrument.mark_subticks))


def kind_of(seed: i64, index: i64, live: i64, warm: i64) -> i64:
    """1 a limit that rests, 2 a cancel, 3 an amendment, 4 an order that takes.

    The first `warm` commands fill the book; then limits are the more frequent the fewer orders are live, so that their
    number stays about nine tenths of `warm`.
    """
    if index < warm or live < 100:
        return 1
    limits: i64 = 450
    if 10 * live < 9 * warm:
        limits = 500
    elif 10 * live > 12 * warm:
        limits = 400
    draw: i64 = chance(seed, index, 2, 1_000)
    if draw < limits:
        return 1
    if draw < 900:
        return 2
    return 3 if draw < 950 else 4


def pick_order(tables: Tables, seed: i64, index: i64) -> i64:
    """The slot of any live order: slots are thrown until one is in use."""
    high: i64 = pools_at(tables, TableNumber.ORDERS_TABLE).high
    throw: i64 = 64
    slot: i64 = 1 + chance(seed, index, throw, high)
    while orders_at(tables, slot).order_id == 0:
        throw += 1
        slot = 1 + chance(seed, index, throw, high)
    return slot


def touch_ticks(tables: Tables, side: i64) -> i64:
    """The side's best price, or one tick from the walk if it has none."""
    instrument = instruments_at(tables, 1)
    best: i64 = best_ticks(instrument, side)
    if best != 0:
        return best
    return instrument.mark_subticks - 1 if side == Side.BUY else instrument.mark_subticks + 1


def beside(tables: Tables, side: i64, price_ticks: i64) -> i64:
    """The price, or the last one on its side of the spread."""
    if side == Side.BUY:
        return max(1, min(price_ticks, touch_ticks(tables, Side.SELL) - 1))
    return max(price_ticks, touch_ticks(tables, Side.BUY) + 1)


def limit_ticks(tables: Tables, offsets: Memory, seed: i64, index: i64, side: i64) -> i64:
    """At an exponential distance from halfway between the middle of the book and the walk."""
    middle: i64 = (touch_ticks(tables, Side.BUY) + touch_ticks(tables, Side.SELL)) // 2
    around: i64 = (middle + instruments_at(tables, 1).mark_subticks) // 2
    distance: i64 = 1 + number_at(offsets, chance(seed, index, 3, 4096))
    return beside(tables, side, around - distance if side == Side.BUY else around + distance)


def write_place(entry: EntryHead, account: i64, side: i64, quantity: i64, price_ticks: i64) -> None:
    """A good-till-cancel limit order of instrument 1."""
    asked = place_of(entry)
    asked.account = account
    asked.instrument = 1
    asked.side = side
    asked.order_type = OrderType.LIMIT
    asked.time_in_force = TimeInForce.GOOD_TILL_CANCEL
    asked.quantity = quantity
    asked.price_ticks = price_ticks
    asked.display_quantity = -1
    entry.kind = CommandKind.PLACE


def draw_limit(tables: Tables, offsets: Memory, entry: EntryHead, seed: i64, index: i64, accounts: i64) -> None:
    """A limit order that rests."""
    side: i64 = Side.BUY if chance(seed, index, 4, 2) == 0 else Side.SELL
    price: i64 = limit_ticks(tables, offsets, seed, index, side)
    lots: i64 = 1 + chance(seed, index, 5, 100)
    write_place(entry, ROLES + chance(seed, index, 6, accounts), side, lots * instruments_at(tables, 1).lot, price)


def draw_cancel(tables: Tables, entry: EntryHead, seed: i64, index: i64) -> None:
    """Any live order leaves."""
    order = orders_at(tables, pick_order(tables, seed, index))
    cancel_of(entry).account = order.account
    cancel_of(entry).order_id = order.order_id
    entry.kind = CommandKind.CANCEL


def draw_amend(tables: Tables, entry: EntryHead, seed: i64, index: i64) -> None:
    """Any live order: half of them another quantity, 30 to 130 % of what is open, half a price up to 20 ticks away."""
    order = orders_at(tables, pick_order(tables, seed, index))
    lot: i64 = instruments_at(tables, 1).lot
    side: i64 = order.side
    asked = amend_of(entry)
    asked.account = order.account
    asked.order_id = order.order_id
    asked.leaves_quantity = order.leaves_quantity
    asked.price_ticks = order.price_ticks
    entry.kind = CommandKind.AMEND
    if chance(seed, index, 7, 2) == 0:
        lots: i64 = order.leaves_quantity // lot * (300 + chance(seed, index, 8, 1_000)) // 1_000
        asked.leaves_quantity = max(1, lots) * lot
    else:
        asked.price_ticks = beside(tables, side, order.price_ticks + chance(seed, index, 9, 41) - 20)


def draw_taker(tables: Tables, entry: EntryHead, seed: i64, index: i64, accounts: i64) -> None:
    """An order that takes one to five levels, the last of them in part; more often one toward the walk."""
    instrument = instruments_at(tables, 1)
    middle: i64 = (touch_ticks(tables, Side.BUY) + touch_ticks(tables, Side.SELL)) // 2
    buys: i64 = 5
    if instrument.mark_subticks != middle:
        buys = 7 if instrument.mark_subticks > middle else 3
    side: i64 = Side.BUY if chance(seed, index, 10, 10) < buys else Side.SELL
    other: i64 = opposite(side)
    deep: i64 = chance(seed, index, 11, 100)
    levels: i64 = 1 if deep < 60 else 2 if deep < 80 else 3 if deep < 90 else 4 if deep < 96 else 5
    price: i64 = best_ticks(instrument, other)
    following: i64 = price
    quantity: i64 = 0
    while price != 0:
        standing: i64 = levels_at(tables, level_slot(tables, instrument, other, price)).quantity
        following = next_worse(tables, instrument, other, price)
        levels -= 1
        if levels == 0 or following == 0:
            quantity += instrument.lot * (1 + chance(seed, index, 12, standing // instrument.lot))
            break
        quantity += standing
        price = following
    write_place(entry, ROLES + chance(seed, index, 6, accounts), side, quantity, price)


def draw_command(
    tables: Tables, offsets: Memory, entry: EntryHead, seed: i64, index: i64, warm: i64, accounts: i64
) -> i64:
    """Write the record and kind of the next command into a zeroed entry; returns what `kind_of` says it is."""
    walk(tables, seed, index)
    live: i64 = pools_at(tables, TableNumber.ORDERS_TABLE).live
    kind: i64 = kind_of(seed, index, live, warm)
    instrument = instruments_at(tables, 1)
    if kind == 4 and (instrument.best_bid_ticks == 0 or instrument.best_ask_ticks == 0):
        kind = 1
    if kind == 1:
        draw_limit(tables, offsets, entry, seed, index, accounts)
    elif kind == 2:
        draw_cancel(tables, entry, seed, index)
    elif kind == 3:
        draw_amend(tables, entry, seed, index)
    else:
        draw_taker(tables, entry, seed, index, accounts)
    return kind
