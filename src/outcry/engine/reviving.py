"""A filled order goes on with more: for a while it can be amended as if it were open (ORD-19).

It keeps its number and its client id, what has traded counts, and what it wants more is weighed like a new order and
stands behind all others at its price.
"""

import cython

if not cython.compiled:
    from outcry.engine.assess import assess, crosses, only_reduces, opposite, signed_quantity, too_large
    from outcry.engine.binding import bind_for_day, has_room_for_day
    from outcry.engine.book import best_ticks
    from outcry.engine.events import refuse, say_amended
    from outcry.engine.filled import find_filled
    from outcry.engine.funding import bring_account
    from outcry.engine.known import rung_refusal
    from outcry.engine.ledger import position_for
    from outcry.engine.limits import band_ticks, beyond_band, within_limits
    from outcry.engine.lookup import find_position_slot
    from outcry.engine.orders import (
        client_id_given,
        end_order,
        find_named,
        remember_client_id,
        sort_in,
        strip_client_id,
    )
    from outcry.engine.placing import finish_order, funds_refusal, price_refusal, refuse_for_funds, room_refusal
    from outcry.engine.small import goes_unseen, is_small, note_small, shows_no_small
    from outcry.engine.standing import numbered_order
    from outcry.protocol.layout import (
        QUANTITY_BOUND,
        REDUCING_ORDERS,
        SMALL_ORDERS_MAX,
        Amend,
        Code,
        EndReason,
        EntryHead,
        FilledRow,
        InstrumentRow,
        OrderFlag,
        Tables,
        accounts_at,
        amend_of,
        client_ids_at,
        filled_at,
        flag,
        i64,
        instruments_at,
        orders_at,
        positions_at,
    )
    from outcry.rules.arith import magnitude
    from outcry.rules.position import closing_quantity


def find_revivable(tables: Tables, asked: Amend) -> i64:
    """Row of the filled order that an amendment names and gives more to, or 0; the name asked for is in row 0."""
    account: i64 = asked.account
    if asked.leaves_quantity <= 0:
        return 0
    if asked.order_id != 0:
        return find_filled(tables, account, asked.order_id)
    named: i64 = find_named(tables) if client_id_given(tables) else 0
    found: i64 = find_filled(tables, account, client_ids_at(tables, named).order_id) if named != 0 else 0
    # A name that the order has given up names it no more (ORD-09).
    return found if found != 0 and filled_at(tables, found).client == named else 0


def revival_refusal(tables: Tables, asked: Amend, row: FilledRow) -> Code:
    """States, names and what does not go together (CMD-05 to CMD-08, ORD-02)."""
    code: Code = rung_refusal(tables, row.account, row.instrument, row.order_type, row.time_in_force, row.flags)
    if code != Code.OK:
        return code
    client_ids_at(tables, 0).client_id = asked.new_client_id
    if client_id_given(tables) and find_named(tables) != 0:
        return Code.CLIENT_ID_DUPLICATE
    if asked.quantity != 0 or asked.trigger_subticks != 0 or asked.peg_offset_subticks != 0:
        return Code.PARAMETER_INVALID
    return Code.OK


def number_refusal(instrument: InstrumentRow, row: FilledRow, leaves: i64, price: i64) -> Code:
    """Quantities and price (ORD-04, ORD-05)."""
    if leaves > instrument.quantity_max or row.quantity + leaves >= QUANTITY_BOUND:
        return Code.QUANTITY_INVALID
    if leaves % instrument.lot != 0:
        return Code.QUANTITY_NOT_LOTS
    return price_refusal(instrument, price)


def revive(tables: Tables, entry: EntryHead, filled_slot: i64) -> Code:
    """Rule ORD-19.  Refusals in order of precedence; then nothing can fail."""
    asked = amend_of(entry)
    row = filled_at(tables, filled_slot)
    account: i64 = row.account
    number: i64 = row.instrument
    side: i64 = row.side
    leaves: i64 = asked.leaves_quantity
    price: i64 = asked.price_ticks if asked.price_ticks != 0 else row.price_ticks
    code: Code = revival_refusal(tables, asked, row)
    if code == Code.OK:
        code = number_refusal(instruments_at(tables, number), row, leaves, price)
    if code != Code.OK:
        return refuse(tables, entry, code, account, number, asked.order_id, 0)
    instrument = instruments_at(tables, number)
    position_slot: i64 = find_position_slot(tables, account, number)
    position = positions_at(tables, position_slot)
    if row.flags & OrderFlag.REDUCE_ONLY != 0:
        leaves = min(leaves, closing_quantity(position.quantity, signed_quantity(side, magnitude(position.quantity))))
    code = weigh_revived(tables, entry, row, leaves, price)
    if code != Code.OK:
        return code
    if row.client != 0 and not client_id_given(tables):
        client_ids_at(tables, 0).client_id = client_ids_at(tables, row.client).client_id
    code = room_refusal(tables, account, position_slot, instrument)
    if code == Code.OK and not has_room_for_day(tables, row.time_in_force):
        code = Code.TABLE_FULL
    if code == Code.OK and row.flags & OrderFlag.REDUCE_ONLY != 0 and position.reducing >= REDUCING_ORDERS:
        code = Code.ORDERS_TOO_MANY
    if code != Code.OK:
        return refuse(tables, entry, code, account, number, asked.order_id, 0)

    # From here the order is open again.
    client_ids_at(tables, 0).client_id = asked.new_client_id
    if row.client != 0 and not client_id_given(tables):
        client_ids_at(tables, 0).client_id = client_ids_at(tables, row.client).client_id
        strip_client_id(tables, row.client)
    stand_again(tables, filled_slot, leaves, price)
    return Code.OK


def weigh_revived(tables: Tables, entry: EntryHead, row: FilledRow, leaves: i64, price: i64) -> Code:
    """Refusals as of a new order of what is to be open: bounds, band, limits, position, balance, risk limit."""
    account: i64 = row.account
    number: i64 = row.instrument
    side: i64 = row.side
    flags: i64 = row.flags
    reduces: flag = flags & OrderFlag.REDUCE_ONLY != 0
    instrument = instruments_at(tables, number)
    position = positions_at(tables, find_position_slot(tables, account, number))
    nobody = orders_at(tables, 0)
    edge: i64 = band_ticks(tables, instrument, side)
    nearest: i64 = within_limits(instrument, price)
    if too_large(tables, instrument, position, nobody, side, leaves, price):
        return refuse(tables, entry, Code.VALUE_TOO_LARGE, account, number, leaves, 0)
    if beyond_band(side, price, edge):
        return refuse(tables, entry, Code.PRICE_OUTSIDE_BAND, account, number, price, edge)
    if nearest != price:
        return refuse(tables, entry, Code.PRICE_OUTSIDE_LIMITS, account, number, price, nearest)
    if leaves == 0:
        return refuse(tables, entry, Code.REDUCE_ONLY_NO_POSITION, account, number, 0, 0)
    if flags & OrderFlag.POST_ONLY != 0 and goes_unseen(
        tables, instrument, account, row.order_type, flags, row.quantity + leaves, price
    ):
        count: i64 = accounts_at(tables, account).small_orders
        return refuse(tables, entry, Code.SMALL_ORDER_POST_ONLY, account, number, count, SMALL_ORDERS_MAX)
    bring_account(tables, account)
    assess(tables, position, instrument, nobody, account, side, leaves, price, 2 if reduces else 1, row.self_trade)
    if tables.assessment.too_large != 0:
        return refuse(tables, entry, Code.VALUE_TOO_LARGE, account, number, leaves, 0)
    limit: i64 = position.risk_limit_minor if position.instrument != 0 else instrument.risk_limit_minor
    code: Code = funds_refusal(tables, limit, reduces or only_reduces(position, nobody, side, leaves))
    if code != Code.OK:
        return refuse_for_funds(tables, entry, code, account, number, limit)
    return Code.OK


def stand_again(tables: Tables, filled_slot: i64, leaves: i64, price: i64) -> None:
    """The order as it was, with more: under its number, with the client id in row 0, at the back of the queue."""
    row = filled_at(tables, filled_slot)
    account: i64 = row.account
    instrument = instruments_at(tables, row.instrument)
    position_slot: i64 = position_for(tables, account, row.instrument)
    slot: i64 = numbered_order(
        tables, row.order_id, position_slot, row.side, leaves, price, row.order_type, row.time_in_force, row.flags
    )
    order = orders_at(tables, slot)
    order.quantity = row.quantity + leaves
    order.filled_value_minor = row.filled_value_minor
    order.time_ns = row.time_ns
    order.self_trade = row.self_trade
    order.display_quantity = row.display_quantity
    row.order_id = 0
    sort_in(tables, slot)
    bind_for_day(tables, slot)
    client_ids_at(tables, 0).account = account
    if client_id_given(tables):
        remember_client_id(tables, slot)
    small: flag = is_small(tables, instrument, order.order_type, order.flags, order.quantity, price)
    if small and shows_no_small(tables, account):
        order.display_quantity = 0
    say_amended(tables, slot, 0)
    if small:
        note_small(tables, account)
    side: i64 = order.side
    if order.flags & OrderFlag.POST_ONLY != 0 and crosses(side, price, best_ticks(instrument, opposite(side))):
        end_order(tables, slot, EndReason.ENDED_POST_ONLY)
    else:
        finish_order(tables, slot)
