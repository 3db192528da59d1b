"""Changes to working orders: amend, cancel, cancel all (ORD-03, ORD-09).

A pure decrease keeps the order's place, unless it hides the order (ORD-21); a new price or a larger quantity goes to
the back of the queue and may trade.
"""

import cython

if not cython.compiled:
    from outcry.engine.assess import assess, crosses, only_reduces, opposite, too_large
    from outcry.engine.book import add_to_level, best_ticks, book_has_room
    from outcry.engine.conditions import waits
    from outcry.engine.events import refuse, room_left, say_amended, say_level
    from outcry.engine.funding import bring_account
    from outcry.engine.known import known_account, rung_refusal, venue_refusal
    from outcry.engine.limits import band_ticks, beyond_band, within_limits
    from outcry.engine.lookup import find_order_slot
    from outcry.engine.matching import reducible
    from outcry.engine.orders import (
        client_id_given,
        end_order,
        end_resting,
        find_named,
        release,
        remember_client_id,
        reserve,
        retire_client_id,
        stand_back,
    )
    from outcry.engine.placing import (
        finish_order,
        funds_refusal,
        price_refusal,
        refuse_for_funds,
    )
    from outcry.engine.pools import has_room
    from outcry.engine.reviving import find_revivable, revive
    from outcry.engine.small import count_small, counts_anew, note_small, others_unseen
    from outcry.engine.spread_orders import spread_dearer_refusal
    from outcry.engine.standing import take_place
    from outcry.engine.waiting import amend_waiting
    from outcry.protocol.layout import (
        QUANTITY_BOUND,
        SMALL_ORDERS_MAX,
        Amend,
        Code,
        CommandKind,
        EndReason,
        EntryHead,
        Fault,
        OrderFlag,
        OrderRow,
        TableNumber,
        Tables,
        accounts_at,
        amend_of,
        cancel_all_of,
        cancel_of,
        client_ids_at,
        flag,
        i64,
        instruments_at,
        levels_at,
        orders_at,
        pools_at,
        positions_at,
    )


def find_order(tables: Tables, account: i64, order_id: i64) -> i64:
    """Slot of the account's open order, by number or (number 0) by the client id in row 0 of the client ids; else 0."""
    slot: i64 = 0
    if order_id != 0:
        slot = find_order_slot(tables, order_id)
        return slot if slot != 0 and orders_at(tables, slot).account == account else 0
    if not client_id_given(tables):
        return 0
    return client_ids_at(tables, find_named(tables)).order if find_named(tables) != 0 else 0


def order_refusal(tables: Tables, order_id: i64) -> Code:
    """The account has no such open order: has one ended that was its own, or was it never there (ORD-03)?

    An ended order's number no longer says whose it was; another account's open order is unknown to this one.
    """
    if order_id != 0:
        if find_order_slot(tables, order_id) != 0:
            return Code.ORDER_UNKNOWN
        return Code.ORDER_ENDED if 0 < order_id < tables.venue.next_order_id else Code.ORDER_UNKNOWN
    named: i64 = find_named(tables) if client_id_given(tables) else 0
    if named == 0 or find_order_slot(tables, client_ids_at(tables, named).order_id) != 0:
        return Code.ORDER_UNKNOWN
    return Code.ORDER_ENDED


def cancel(tables: Tables, entry: EntryHead) -> Code:
    """Rule ORD-03.  Allowed in every state of venue, instrument and account."""
    asked = cancel_of(entry)
    account: i64 = asked.account
    code: Code = known_account(tables, account)
    if code != Code.OK:
        return refuse(tables, entry, code, account, 0, 0, 0)
    client_ids_at(tables, 0).client_id = asked.client_id
    client_ids_at(tables, 0).account = account
    slot: i64 = find_order(tables, account, asked.order_id)
    if slot == 0:
        return refuse(tables, entry, order_refusal(tables, asked.order_id), account, 0, asked.order_id, 0)

    # From here the order is cancelled.
    end_resting(tables, slot, EndReason.ENDED_CANCELED)
    return Code.OK


def cancel_all(tables: Tables, entry: EntryHead) -> Code:
    """Rule ORD-03.  Pending when the event buffer is full; called again it goes on with what is left."""
    asked = cancel_all_of(entry)
    account: i64 = asked.account
    number: i64 = asked.instrument
    code: Code = Code.OK
    if number < 0 or number > pools_at(tables, TableNumber.INSTRUMENTS_TABLE).high:
        code = Code.INSTRUMENT_UNKNOWN
    if code == Code.OK:
        code = known_account(tables, account)
    if code == Code.OK and asked.side > 2:
        code = Code.PARAMETER_INVALID
    if code != Code.OK:
        return refuse(tables, entry, code, account, number, 0, 0)

    # From here all that fit are cancelled.
    slot: i64 = accounts_at(tables, account).first_order
    following: i64 = 0
    while slot != 0 and tables.fault.code == Fault.NO_FAULT:
        order = orders_at(tables, slot)
        following = order.account_next
        if (number == 0 or order.instrument == number) and (asked.side == 0 or order.side == asked.side):
            if not room_left(tables):
                tables.venue.pending_kind = CommandKind.CANCEL_ALL
                return Code.OK
            end_resting(tables, slot, EndReason.ENDED_CANCELED)
        slot = following
    tables.venue.pending_kind = 0
    return Code.OK


def new_total(asked: Amend, order: OrderRow) -> i64:
    """The total quantity asked for: the given total, or what is filled and the given leaves, or as it was."""
    filled: i64 = order.quantity - order.leaves_quantity
    if asked.quantity != 0:
        return asked.quantity
    return filled + asked.leaves_quantity if asked.leaves_quantity >= 0 else order.quantity


def amend_refusal(tables: Tables, asked: Amend, slot: i64) -> Code:
    """What an amendment is refused for before its numbers are looked at, given the order or 0 (CMD-05 to CMD-07)."""
    order = orders_at(tables, slot)
    code: Code = Code.OK
    if slot != 0:
        number: i64 = order.instrument
        code = rung_refusal(tables, order.account, number, order.order_type, order.time_in_force, order.flags)
    if code != Code.OK:
        return code
    name = client_ids_at(tables, 0)
    name.client_id = asked.new_client_id
    if client_id_given(tables) and find_named(tables) != 0:
        return Code.CLIENT_ID_DUPLICATE
    name.client_id = asked.client_id
    if slot == 0:
        return order_refusal(tables, asked.order_id)
    if asked.quantity < 0 or asked.leaves_quantity < -1 or asked.leaves_quantity >= QUANTITY_BOUND:
        return Code.PARAMETER_INVALID
    if asked.quantity != 0 and asked.leaves_quantity != -1:
        return Code.PARAMETER_INVALID
    if waits(tables, order) or (asked.trigger_subticks == 0 and asked.peg_offset_subticks == 0):
        return Code.OK
    return Code.TRIGGER_INVALID if asked.trigger_subticks != 0 else Code.PEG_INVALID


def amend(tables: Tables, entry: EntryHead) -> Code:
    """Rule ORD-09.  Refusals in order of precedence; then nothing can fail."""
    asked = amend_of(entry)
    account: i64 = asked.account
    code: Code = venue_refusal(tables, True, True)
    if code == Code.OK:
        code = known_account(tables, account)
    if code != Code.OK:
        return refuse(tables, entry, code, account, 0, 0, 0)
    name = client_ids_at(tables, 0)
    name.account = account
    name.client_id = asked.client_id
    slot: i64 = find_order(tables, account, asked.order_id)
    revivable: i64 = find_revivable(tables, asked) if slot == 0 else 0
    if revivable != 0:
        return revive(tables, entry, revivable)
    code = amend_refusal(tables, asked, slot)
    if code != Code.OK:
        return refuse(tables, entry, code, account, orders_at(tables, slot).instrument, asked.order_id, 0)

    order = orders_at(tables, slot)
    if waits(tables, order):
        return amend_waiting(tables, entry, slot)
    number: i64 = order.instrument
    instrument = instruments_at(tables, number)
    filled: i64 = order.quantity - order.leaves_quantity
    total: i64 = new_total(asked, order)
    price: i64 = asked.price_ticks if asked.price_ticks != 0 else order.price_ticks
    if total >= QUANTITY_BOUND or total - filled > instrument.quantity_max:
        return refuse(tables, entry, Code.QUANTITY_INVALID, account, number, total, instrument.quantity_max)
    if total % instrument.lot != 0:
        return refuse(tables, entry, Code.QUANTITY_NOT_LOTS, account, number, total, instrument.lot)
    code = price_refusal(instrument, price)
    if code != Code.OK:
        return refuse(tables, entry, code, account, number, price, instrument.price_ticks_max)
    name.client_id = asked.new_client_id
    renames: flag = client_id_given(tables)
    if total == order.quantity and price == order.price_ticks and not renames:
        return refuse(tables, entry, Code.AMEND_UNCHANGED, account, number, 0, 0)
    leaves: i64 = max(0, total - filled)
    if order.flags & OrderFlag.REDUCE_ONLY != 0:
        leaves = min(leaves, reducible(tables, order))
    keeps: flag = price == order.price_ticks and leaves <= order.leaves_quantity
    small: flag = counts_anew(tables, order, instrument, leaves, price, keeps)
    if leaves > 0 and (not keeps or small):
        code = dearer_refusal(tables, entry, slot, leaves, price, keeps, small)
        if code != Code.OK:
            return code
    if renames and not has_room(tables, TableNumber.CLIENT_IDS_TABLE, 1):
        return refuse(tables, entry, Code.TABLE_FULL, account, number, 0, 0)

    # From here the order is changed.
    if renames:
        if order.client != 0:
            retire_client_id(tables, order.client)
        name.client_id = asked.new_client_id
        name.account = account
        remember_client_id(tables, slot)
    change(tables, slot, leaves, price, keeps, small)
    return Code.OK


def dearer_refusal(
    tables: Tables, entry: EntryHead, slot: i64, leaves: i64, price: i64, keeps: flag, small: flag
) -> Code:
    """Refusals of an amendment that is like a new order: bounds, band, balance, risk limit, room (ORD-06, ORD-07).

    One that keeps its place and becomes small is only asked whether its account may post one more (ORD-21).
    """
    order = orders_at(tables, slot)
    account: i64 = order.account
    number: i64 = order.instrument
    side: i64 = order.side
    reduces: flag = order.flags & OrderFlag.REDUCE_ONLY != 0
    instrument = instruments_at(tables, number)
    if instrument.near_instrument != 0:
        return spread_dearer_refusal(tables, entry, slot, leaves, price)
    position = positions_at(tables, order.position)
    edge: i64 = band_ticks(tables, instrument, side)
    nearest: i64 = within_limits(instrument, price)
    if not keeps:
        if too_large(tables, instrument, position, order, side, leaves, price):
            return refuse(tables, entry, Code.VALUE_TOO_LARGE, account, number, leaves, 0)
        if beyond_band(side, price, edge):
            return refuse(tables, entry, Code.PRICE_OUTSIDE_BAND, account, number, price, edge)
        if nearest != price:
            return refuse(tables, entry, Code.PRICE_OUTSIDE_LIMITS, account, number, price, nearest)
    if small and order.flags & OrderFlag.POST_ONLY != 0 and others_unseen(tables, order, instrument):
        count: i64 = accounts_at(tables, account).small_orders
        return refuse(tables, entry, Code.SMALL_ORDER_POST_ONLY, account, number, count, SMALL_ORDERS_MAX)
    if keeps:
        return Code.OK
    bring_account(tables, account)
    assess(tables, position, instrument, order, account, side, leaves, price, 2 if reduces else 1, order.self_trade)
    if tables.assessment.too_large != 0:
        return refuse(tables, entry, Code.VALUE_TOO_LARGE, account, number, leaves, 0)
    reduces = reduces or only_reduces(position, order, side, leaves)
    code: Code = funds_refusal(tables, position.risk_limit_minor, reduces)
    if code != Code.OK:
        return refuse_for_funds(tables, entry, code, account, number, position.risk_limit_minor)
    if not book_has_room(tables):
        return refuse(tables, entry, Code.TABLE_FULL, account, number, 0, 0)
    return Code.OK


def change(tables: Tables, slot: i64, leaves: i64, price: i64, keeps: flag, small: flag) -> None:
    """Give the order its new quantity and price, in place or at the back of the queue, where it is hidden if it counts
    like a small order that would be (ORD-21)."""
    order = orders_at(tables, slot)
    instrument = instruments_at(tables, order.instrument)
    filled: i64 = order.quantity - order.leaves_quantity
    hides: flag = small and order.display_quantity != 0 and others_unseen(tables, order, instrument)
    number: i64 = order.instrument
    side: i64 = order.side
    if keeps and not hides:
        count_small(tables, order, instrument, -1)
        if small:
            note_small(tables, order.account)
        release(tables, order)
        add_to_level(tables, order, leaves - order.leaves_quantity)
        order.leaves_quantity = leaves
        order.quantity = filled + leaves
        reserve(tables, order, instrument)
        count_small(tables, order, instrument, 1)
        say_amended(tables, slot, 1)
        if leaves == 0:
            end_resting(tables, slot, EndReason.ENDED_AMENDED)
        elif order.display_quantity != 0:
            say_level(tables, number, side, order.price_ticks, order.level)
        return
    old_price: i64 = order.price_ticks
    level: i64 = order.level
    stand_back(tables, slot)
    if order.display_quantity != 0:
        say_level(tables, number, side, old_price, level if levels_at(tables, level).orders > 0 else 0)
    order.leaves_quantity = leaves
    order.quantity = filled + leaves
    order.price_ticks = price
    order.priority = take_place(tables)
    if hides:
        order.display_quantity = 0
    say_amended(tables, slot, 0)
    if small:
        note_small(tables, order.account)
    if leaves == 0:
        end_order(tables, slot, EndReason.ENDED_AMENDED)
    elif order.flags & OrderFlag.POST_ONLY != 0 and crosses(side, price, best_ticks(instrument, opposite(side))):
        end_order(tables, slot, EndReason.ENDED_POST_ONLY)
    else:
        finish_order(tables, slot)
