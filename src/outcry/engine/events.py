"""Refusals and other events that several handlers write."""

import cython

if not cython.compiled:
    from outcry.protocol.layout import (
        Code,
        CommandKind,
        EntryHead,
        Moved,
        OrderRow,
        Tables,
        amend_of,
        cancel_of,
        i64,
        levels_at,
        new_ended,
        new_level_changed,
        new_moved,
        new_refused,
        place_of,
        wallets_at,
    )


def refuse(
    tables: Tables, entry: EntryHead, code: Code, account: i64, instrument: i64, wanted: i64, limit: i64
) -> Code:
    """Say why a command changed nothing."""
    refused = new_refused(tables)
    refused.code = code
    refused.command_kind = entry.kind
    refused.account = account
    refused.instrument = instrument
    refused.wanted = wanted
    refused.limit = limit
    if entry.kind == CommandKind.PLACE:
        refused.client_id = place_of(entry).client_id
    elif entry.kind == CommandKind.AMEND:
        refused.client_id = amend_of(entry).client_id
    elif entry.kind == CommandKind.CANCEL:
        refused.client_id = cancel_of(entry).client_id
    return code


def say_ended(tables: Tables, order: OrderRow, reason: i64) -> None:
    """An order is over, before its row is given back."""
    ended = new_ended(tables)
    ended.account = order.account
    ended.instrument = order.instrument
    ended.order_id = order.order_id
    ended.reason = reason
    ended.unfilled_quantity = order.leaves_quantity


def say_level(tables: Tables, number: i64, side: i64, price_ticks: i64, level: i64) -> None:
    """What stands at a price now; level 0 for nothing."""
    changed = new_level_changed(tables)
    changed.instrument = number
    changed.side = side
    changed.price_ticks = price_ticks
    if level != 0:
        changed.quantity = levels_at(tables, level).quantity
        changed.orders = levels_at(tables, level).orders


def say_moved(tables: Tables, reason: i64, from_wallet: i64, to_wallet: i64, amount_minor: i64) -> Moved:
    """Money has moved outside of fills; the caller may add a reference to the event it is handed."""
    moved = new_moved(tables)
    source = wallets_at(tables, from_wallet)
    target = wallets_at(tables, to_wallet)
    moved.currency = source.currency
    moved.reason = reason
    moved.amount_minor = amount_minor
    moved.from_account = source.account
    moved.to_account = target.account
    moved.from_balance_minor = source.balance_minor
    moved.to_balance_minor = target.balance_minor
    return moved
