"""Small orders: who has too many of them open shows no more of them for a day (ORD-21).

An order is small if all of it, at its price, is worth less than its instrument's `small_order_minor`; reduce-only and
closing orders, stops and the venue's own are not.  Counted are those in the book.  Whether an account is flagged is
looked at when a small order of it comes, or when one becomes small or is quoted anew by an amendment.
"""

import cython

if not cython.compiled:
    from outcry.protocol.layout import (
        DAY_NS,
        SMALL_ORDERS_MAX,
        InstrumentRow,
        OrderFlag,
        OrderRow,
        OrderType,
        Tables,
        accounts_at,
        flag,
        i64,
        new_small_orders_flagged,
    )
    from outcry.rules.value import subticks_of, value_minor


def is_small(
    tables: Tables, instrument: InstrumentRow, order_type: i64, flags: i64, quantity: i64, price_ticks: i64
) -> flag:
    """Whether an order of this quantity and price is a small one (ORD-21)."""
    if instrument.small_order_minor == 0 or flags & (OrderFlag.REDUCE_ONLY + OrderFlag.CLOSE + OrderFlag.BY_VENUE) != 0:
        return False
    if order_type != OrderType.LIMIT and order_type != OrderType.PEGGED:
        return False
    subticks: i64 = subticks_of(instrument, price_ticks)
    return value_minor(instrument, quantity, subticks, tables.fault) < instrument.small_order_minor


def count_small(tables: Tables, order: OrderRow, instrument: InstrumentRow, change: i64) -> None:
    """An order comes into the book (1) or leaves it (-1): its account has one more small one or one fewer.

    One whose open part alone is worth enough is none, which most orders are known by without a division.
    """
    if order.value_minor >= instrument.small_order_minor:
        return
    if is_small(tables, instrument, order.order_type, order.flags, order.quantity, order.price_ticks):
        accounts_at(tables, order.account).small_orders += change


def heeds_small(tables: Tables, account: i64) -> flag:
    """Whether it matters at all that an order of the account is small: it has too many of them, or is or was flagged.

    Of all others nothing is hidden and nothing said; they are the most, and their orders need not be valued.
    """
    row = accounts_at(tables, account)
    return row.small_orders > SMALL_ORDERS_MAX or row.small_until_ns != 0


def shows_no_small(tables: Tables, account: i64) -> flag:
    """Whether a small order of the account would be hidden now (ORD-21)."""
    row = accounts_at(tables, account)
    return row.small_until_ns > tables.venue.time_ns or row.small_orders > SMALL_ORDERS_MAX


def goes_unseen(
    tables: Tables,
    instrument: InstrumentRow,
    account: i64,
    order_type: i64,
    flags: i64,
    quantity: i64,
    price_ticks: i64,
) -> flag:
    """Whether an order would be a small one of an account that has too many of them (ORD-21)."""
    if instrument.small_order_minor == 0 or not shows_no_small(tables, account):
        return False
    return is_small(tables, instrument, order_type, flags, quantity, price_ticks)


def counts_anew(
    tables: Tables, order: OrderRow, instrument: InstrumentRow, leaves: i64, price_ticks: i64, keeps: flag
) -> flag:
    """Whether a resting order with this open quantity and price would count like a new small one (ORD-21).

    By the amendment it becomes small, or it is small and does not keep its place.
    """
    if instrument.small_order_minor == 0 or leaves == 0 or not heeds_small(tables, order.account):
        return False
    quantity: i64 = order.quantity - order.leaves_quantity + leaves
    if not is_small(tables, instrument, order.order_type, order.flags, quantity, price_ticks):
        return False
    return not keeps or not is_small(
        tables, instrument, order.order_type, order.flags, order.quantity, order.price_ticks
    )


def others_unseen(tables: Tables, order: OrderRow, instrument: InstrumentRow) -> flag:
    """Whether one more small order beside the others, this resting one not counted, would be hidden (ORD-21)."""
    row = accounts_at(tables, order.account)
    others: i64 = row.small_orders
    if is_small(tables, instrument, order.order_type, order.flags, order.quantity, order.price_ticks):
        others -= 1
    return row.small_until_ns > tables.venue.time_ns or others > SMALL_ORDERS_MAX


def note_small(tables: Tables, account: i64) -> None:
    """A small order of the account stands: flag it for a day if it has too many, or no more if it has not (ORD-21)."""
    row = accounts_at(tables, account)
    if row.small_until_ns > tables.venue.time_ns:
        return
    if row.small_orders > SMALL_ORDERS_MAX:
        row.small_until_ns = tables.venue.time_ns + DAY_NS
    elif row.small_until_ns != 0:
        row.small_until_ns = 0
    else:
        return
    flagged = new_small_orders_flagged(tables)
    flagged.account = account
    flagged.until_ns = row.small_until_ns
