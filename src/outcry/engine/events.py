"""Refusals and other events that several handlers write, and whether there is room for a step's."""

import cython

if not cython.compiled:
    from outcry.protocol.layout import (
        EVENT_ROOM_BYTES,
        Code,
        CommandKind,
        Ended,
        EntryHead,
        Moved,
        OrderRow,
        Role,
        Tables,
        accounts_at,
        amend_of,
        cancel_of,
        client_ids_at,
        currencies_at,
        flag,
        i64,
        levels_at,
        new_amended,
        new_dead_man_set,
        new_ended,
        new_fund_moved,
        new_level_changed,
        new_moved,
        new_refused,
        orders_at,
        place_of,
        wallets_at,
    )


def room_left(tables: Tables) -> flag:
    """Whether one more step's events fit."""
    return tables.venue.events_room_bytes - tables.venue.events_bytes >= EVENT_ROOM_BYTES


def speaks_at_length(kind: i64) -> flag:
    """Whether an entry of this kind may write more than a step, something of every source and instrument: it is begun
    with an empty event buffer only."""
    if kind == CommandKind.TICK or kind == CommandKind.CONSTITUENT_PRICE or kind == CommandKind.RESUME:
        return True
    return kind == CommandKind.SET_NEXT_WEIGHT or kind == CommandKind.ADOPT_WEIGHTS


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


def say_ended(tables: Tables, order: OrderRow, reason: i64) -> Ended:
    """An order is over, before its row is given back; the caller may add a code to the event it is handed."""
    ended = new_ended(tables)
    ended.account = order.account
    ended.instrument = order.instrument
    ended.order_id = order.order_id
    ended.reason = reason
    ended.unfilled_quantity = order.leaves_quantity
    return ended


def say_level(tables: Tables, number: i64, side: i64, price_ticks: i64, level: i64) -> None:
    """What is shown at a price now; level 0 for nothing (ORD-20)."""
    changed = new_level_changed(tables)
    changed.instrument = number
    changed.side = side
    changed.price_ticks = price_ticks
    if level != 0:
        changed.quantity = levels_at(tables, level).quantity - levels_at(tables, level).hidden_quantity
        changed.orders = levels_at(tables, level).shown_orders


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


def say_fund_moved(tables: Tables, currency: i64, number: i64, reason: i64, amount_minor: i64) -> None:
    """The insurance fund has got money, or given it if negative, on account of an instrument or of none (INS-01)."""
    roles: i64 = currencies_at(tables, currency).role_wallets
    moved = new_fund_moved(tables)
    moved.currency = currency
    moved.instrument = number
    moved.reason = reason
    moved.amount_minor = amount_minor
    moved.fund_minor = wallets_at(tables, roles + Role.INSURANCE).balance_minor
    moved.takeover_minor = wallets_at(tables, roles + Role.TAKEOVER).balance_minor


def say_amended(tables: Tables, slot: i64, kept_place: i64) -> None:
    """The order as it is now."""
    order = orders_at(tables, slot)
    amended = new_amended(tables)
    amended.account = order.account
    amended.instrument = order.instrument
    amended.order_id = order.order_id
    amended.side = order.side
    amended.order_type = order.order_type
    amended.time_in_force = order.time_in_force
    amended.flags = order.flags
    amended.quantity = order.quantity
    amended.leaves_quantity = order.leaves_quantity
    amended.price_ticks = order.price_ticks
    amended.kept_place = kept_place
    amended.display_quantity = order.display_quantity
    if order.client != 0:
        amended.client_id = client_ids_at(tables, order.client).client_id


def say_dead_man(tables: Tables, account: i64, fired: i64) -> None:
    """The account's dead-man switch as it is now."""
    switch = new_dead_man_set(tables)
    switch.account = account
    switch.due_ns = accounts_at(tables, account).dead_man_ns
    switch.fired = fired
