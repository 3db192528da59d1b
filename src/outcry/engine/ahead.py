"""Looking ahead: the memory that the next entries will need is asked for early, so that no command waits for it.

The rows of ten thousand accounts do not fit a core's caches, and a command's rows lead one to another.  So while an
entry is applied, three later ones are prepared: of the third the account's row and the index's bucket are asked for,
of the second the rows that these lead to, of the first the rows that an order is linked with.  A hint is about time
only: nothing is decided and nothing changes, and whatever an entry says is bounded before it is used as a place.
"""

import cython

if not cython.compiled:
    from outcry.engine.book import level_slot
    from outcry.engine.lookup import find_order_slot, order_bucket, position_bucket
    from outcry.protocol.layout import (
        PRICE_TICKS_BOUND,
        CommandKind,
        EntryHead,
        Memory,
        Place,
        TableNumber,
        Tables,
        accounts_at,
        amend_of,
        cancel_of,
        entry_at,
        flag,
        hint,
        i64,
        instruments_at,
        levels_at,
        order_buckets_at,
        orders_at,
        place_of,
        pools_at,
        position_buckets_at,
        positions_at,
        wallets_at,
    )


def entry_end(memory: Memory, offset: i64) -> i64:
    """Where the entry that begins there ends."""
    entry = entry_at(memory, offset)
    payload: i64 = entry.payload_bytes
    record: i64 = entry.record_bytes
    return offset + 56 + record + (payload + 7) // 8 * 8


def trader_of(tables: Tables, entry: EntryHead) -> i64:
    """The account of an order, cancel or amendment; 0 if it is none or not known."""
    account: i64 = 0
    if entry.kind == CommandKind.PLACE:
        account = place_of(entry).account
    elif entry.kind == CommandKind.CANCEL:
        account = cancel_of(entry).account
    elif entry.kind == CommandKind.AMEND:
        account = amend_of(entry).account
    return account if 0 < account <= pools_at(tables, TableNumber.ACCOUNTS_TABLE).high else 0


def named_order(entry: EntryHead) -> i64:
    """The order number that a cancel or an amendment goes by, or 0."""
    if entry.kind == CommandKind.CANCEL:
        return cancel_of(entry).order_id
    return amend_of(entry).order_id if entry.kind == CommandKind.AMEND else 0


def hint_buckets(tables: Tables, entry: EntryHead) -> None:
    """Three entries ahead: the account's row, and the bucket of the position or of the order."""
    account: i64 = trader_of(tables, entry)
    if account == 0:
        return
    hint(accounts_at(tables, account))
    if entry.kind == CommandKind.PLACE:
        hint(position_buckets_at(tables, position_bucket(tables, account, place_of(entry).instrument)))
    else:
        hint(order_buckets_at(tables, order_bucket(tables, named_order(entry))))


def named_level(tables: Tables, asked: Place) -> i64:
    """The level at which a new order would rest if there is one already, or 0."""
    number: i64 = asked.instrument
    side: i64 = asked.side
    price: i64 = asked.price_ticks
    known: flag = 0 < number <= pools_at(tables, TableNumber.INSTRUMENTS_TABLE).high
    if not known or not 0 < price < PRICE_TICKS_BOUND:
        return 0
    return level_slot(tables, instruments_at(tables, number), side, price)


def hint_rows(tables: Tables, entry: EntryHead) -> None:
    """Two entries ahead: the wallet, and the first row in the bucket; of a new order also what it is listed before."""
    account: i64 = trader_of(tables, entry)
    if account == 0:
        return
    hint(wallets_at(tables, accounts_at(tables, account).first_wallet))
    if entry.kind == CommandKind.PLACE:
        bucket: i64 = position_bucket(tables, account, place_of(entry).instrument)
        hint(positions_at(tables, position_buckets_at(tables, bucket).head))
        hint(orders_at(tables, accounts_at(tables, account).first_order))
        hint(levels_at(tables, named_level(tables, place_of(entry))))
        return
    hint(orders_at(tables, order_buckets_at(tables, order_bucket(tables, named_order(entry))).head))


def hint_links(tables: Tables, entry: EntryHead) -> None:
    """One entry ahead: what the named order is linked with, or what a new one would come behind."""
    number: i64 = named_order(entry)
    if entry.kind == CommandKind.PLACE:
        hint(orders_at(tables, levels_at(tables, named_level(tables, place_of(entry))).tail))
    if number == 0:
        return
    order = orders_at(tables, find_order_slot(tables, number))
    hint(positions_at(tables, order.position))
    hint(levels_at(tables, order.level))
    hint(orders_at(tables, order.previous))
    hint(orders_at(tables, order.next))
    hint(orders_at(tables, order.account_previous))
    hint(orders_at(tables, order.account_next))


def look_ahead(tables: Tables, memory: Memory, first: i64, second: i64, third: i64, last: i64) -> None:
    """Prepare the three entries that begin at these offsets, as far as they are before the last."""
    if first < last:
        hint_links(tables, entry_at(memory, first))
    if second < last:
        hint_rows(tables, entry_at(memory, second))
    if third < last:
        hint_buckets(tables, entry_at(memory, third))
