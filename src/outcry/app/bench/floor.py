"""The floor: the lines of memory that matching cannot do without are touched, and nothing is decided.

While the stream is drawn, `note` writes a trace: for every order that a command moves, the slots of the order, its
neighbours, its level and its bucket.  `touch` goes through the trace and reads and writes just these, reads the
commands and writes as many events.  What a command costs beyond that is the price of the decisions and of the book's
own index.  A trace is three numbers: order and previous, next and level, bucket and what is said of it.
"""

import cython

if not cython.compiled:
    from outcry.app.bench.words import put_number
    from outcry.engine.assess import crosses, opposite
    from outcry.engine.book import best_ticks, level_slot, next_worse
    from outcry.engine.lookup import bucket_of, find_order_slot
    from outcry.protocol.layout import (
        CommandKind,
        EntryHead,
        Memory,
        TableNumber,
        Tables,
        amend_of,
        cancel_of,
        entry_at,
        i64,
        instruments_at,
        levels_at,
        new_amended,
        new_ended,
        new_fill,
        new_placed,
        number_at,
        order_buckets_at,
        orders_at,
        place_of,
        u64,
    )


def note(tables: Tables, traces: Memory, at: i64, slot: i64, said: i64) -> i64:
    """Write one order's trace; `said` is the command's kind if its event is written here, 0 if none, 9 for a fill."""
    order = orders_at(tables, slot)
    number: u64 = order.order_id
    previous: i64 = order.previous
    following: i64 = order.next
    level: i64 = order.level
    bucket: i64 = bucket_of(tables, TableNumber.ORDERS_TABLE, number)
    put_number(traces, 3 * at, slot + previous * 1_073_741_824)
    put_number(traces, 3 * at + 1, following + level * 1_073_741_824)
    put_number(traces, 3 * at + 2, bucket + said * 1_073_741_824)
    return at + 1


def note_before(tables: Tables, traces: Memory, at: i64, entry: EntryHead) -> i64:
    """What a command will take away: the order it names, or the orders it will trade with."""
    kind: i64 = entry.kind
    if kind == CommandKind.CANCEL:
        return note(tables, traces, at, find_order_slot(tables, cancel_of(entry).order_id), kind)
    if kind == CommandKind.AMEND:
        return note(tables, traces, at, find_order_slot(tables, amend_of(entry).order_id), kind)
    asked = place_of(entry)
    instrument = instruments_at(tables, 1)
    side: i64 = asked.side
    other: i64 = opposite(side)
    left: i64 = asked.quantity
    price: i64 = best_ticks(instrument, other)
    while left > 0 and crosses(side, asked.price_ticks, price):
        slot: i64 = levels_at(tables, level_slot(tables, instrument, other, price)).head
        while slot != 0 and left > 0:
            at = note(tables, traces, at, slot, 9)
            left -= orders_at(tables, slot).leaves_quantity
            slot = orders_at(tables, slot).next
        price = next_worse(tables, instrument, other, price)
    return at


def note_after(tables: Tables, traces: Memory, at: i64, entry: EntryHead) -> i64:
    """What a command has put there: the new order, or the amended one where it stands now."""
    kind: i64 = entry.kind
    if kind == CommandKind.CANCEL:
        return at
    if kind == CommandKind.AMEND:
        slot: i64 = find_order_slot(tables, amend_of(entry).order_id)
        return note(tables, traces, at, slot, 0) if slot != 0 else at
    return note(tables, traces, at, find_order_slot(tables, tables.venue.next_order_id - 1), kind)


def touch_trace(tables: Tables, traces: Memory, at: i64) -> i64:
    """The lines of one trace; returns the kind of the command whose event was written, or another number."""
    first: i64 = number_at(traces, 3 * at)
    second: i64 = number_at(traces, 3 * at + 1)
    third: i64 = number_at(traces, 3 * at + 2)
    said: i64 = third >> 30
    bucket = order_buckets_at(tables, third & 1_073_741_823)
    head: i64 = bucket.head
    bucket.head = head ^ 1
    order = orders_at(tables, first & 1_073_741_823)
    order.order_id += 1
    order.leaves_quantity += 1
    level = levels_at(tables, second >> 30)
    level.quantity += 1
    order.margin_minor += 1
    hash_next: i64 = order.hash_next
    order.hash_next = hash_next ^ 1
    before = orders_at(tables, first >> 30)
    slot: i64 = before.next
    before.next = slot ^ 1
    behind = orders_at(tables, second & 1_073_741_823)
    slot = behind.previous
    behind.previous = slot ^ 1
    if said == 9:
        filled = new_fill(tables)
        filled.quantity = order.leaves_quantity
    elif said == CommandKind.PLACE:
        placed = new_placed(tables)
        placed.quantity = order.leaves_quantity
    elif said == CommandKind.CANCEL:
        ended = new_ended(tables)
        ended.unfilled_quantity = order.leaves_quantity
    elif said == CommandKind.AMEND:
        amended = new_amended(tables)
        amended.leaves_quantity = order.leaves_quantity
    return said


def read_command(tables: Tables, memory: Memory, offset: i64) -> i64:
    """Read the command as matching would; returns the offset of the next one."""
    entry = entry_at(memory, offset)
    tables.venue.sequence = entry.sequence
    tables.instruments[1].volume += place_of(entry).quantity
    size: i64 = entry.record_bytes
    return offset + 56 + size
