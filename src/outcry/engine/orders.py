"""Orders as rows: their account's list, their client ids, and the sums they add to their position.

`enlist` and `delist` keep an order in its account's list; `reserve` and `release` keep the sums of a position equal to
the open quantity, value and margin of its resting orders, `stand_in` and `stand_back` put it into the book and out of
it; `end_order` takes an order out of everything.
"""

import cython

if not cython.compiled:
    from outcry.engine.book import join_queue, leave_queue
    from outcry.engine.conditions import leave_conditions
    from outcry.engine.events import say_ended, say_level
    from outcry.engine.funds import chosen_leverage
    from outcry.engine.lookup import (
        add_client_id_slot,
        add_order_slot,
        drop_client_id_slot,
        drop_order_slot,
        find_client_id_slot,
    )
    from outcry.engine.pending import note_examined
    from outcry.engine.pools import give_client_id, give_order, take_client_id
    from outcry.engine.small import count_small
    from outcry.engine.spreads import set_aside
    from outcry.protocol.layout import (
        CLIENT_ID_AGE_NS,
        CLIENT_IDS_KEPT,
        PREMIUM_TIMES,
        Code,
        EndReason,
        FaultRow,
        InstrumentRow,
        MarginMethod,
        OrderFlag,
        OrderRow,
        PositionRow,
        Side,
        Tables,
        Valuation,
        accounts_at,
        client_ids_at,
        conditions_at,
        flag,
        i64,
        instruments_at,
        levels_at,
        links_at,
        orders_at,
        positions_at,
    )
    from outcry.rules.arith import mul_div_ceil, times
    from outcry.rules.backing import backing_order_minor
    from outcry.rules.margin import order_cost_minor, premium_minor
    from outcry.rules.value import subticks_of, value_minor


def enlist(tables: Tables, slot: i64) -> None:
    """Put an order at the head of its account's list and into the index."""
    order = orders_at(tables, slot)
    account = accounts_at(tables, order.account)
    order.account_previous = 0
    order.account_next = account.first_order
    if account.first_order != 0:
        orders_at(tables, account.first_order).account_previous = slot
    account.first_order = slot
    account.orders += 1
    positions_at(tables, order.position).orders += 1
    add_order_slot(tables, slot)


def sort_in(tables: Tables, slot: i64) -> None:
    """An order that stands first in its account's list takes the place that its number has there."""
    order = orders_at(tables, slot)
    older: i64 = order.account_next
    newer: i64 = 0
    while older != 0 and orders_at(tables, older).order_id > order.order_id:
        newer = older
        older = orders_at(tables, older).account_next
    if newer == 0:
        return
    accounts_at(tables, order.account).first_order = order.account_next
    orders_at(tables, order.account_next).account_previous = 0
    order.account_previous = newer
    order.account_next = older
    orders_at(tables, newer).account_next = slot
    if older != 0:
        orders_at(tables, older).account_previous = slot


def delist(tables: Tables, slot: i64) -> None:
    """Take an order out of its account's list and the index."""
    order = orders_at(tables, slot)
    account = accounts_at(tables, order.account)
    if order.account_previous != 0:
        orders_at(tables, order.account_previous).account_next = order.account_next
    else:
        account.first_order = order.account_next
    if order.account_next != 0:
        orders_at(tables, order.account_next).account_previous = order.account_previous
    account.orders -= 1
    positions_at(tables, order.position).orders -= 1
    drop_order_slot(tables, slot)


def remember_client_id(tables: Tables, slot: i64) -> None:
    """Keep the client id in row 0 as this order's name."""
    name: i64 = take_client_id(tables)
    row = client_ids_at(tables, name)
    order = orders_at(tables, slot)
    row.client_id = client_ids_at(tables, 0).client_id
    row.account = order.account
    row.order = slot
    row.order_id = order.order_id
    order.client = name
    add_client_id_slot(tables, name)


def strip_client_id(tables: Tables, name: i64) -> None:
    """An ended order's name goes to another row: this one waits nameless until it is its turn to be let go of."""
    word: i64
    drop_client_id_slot(tables, name)
    row = client_ids_at(tables, name)
    for word in range(5):
        row.client_id[word] = 0
    row.hash_next = 0


def forget_client_id(tables: Tables, name: i64) -> None:
    """The name may be used again."""
    if client_ids_at(tables, name).client_id[4] != 0:
        drop_client_id_slot(tables, name)
    give_client_id(tables, name)


def retire_client_id(tables: Tables, name: i64) -> None:
    """The order has ended: keep its name for a day and among the last thousand, and let go of up to two older ones."""
    row = client_ids_at(tables, name)
    account = accounts_at(tables, row.account)
    row.order = 0
    row.ended_ns = tables.venue.time_ns
    if account.last_ended != 0:
        client_ids_at(tables, account.last_ended).next_ended = name
    else:
        account.first_ended = name
    account.last_ended = name
    account.ended += 1
    forget_oldest(tables, row.account)
    forget_oldest(tables, row.account)


def forget_oldest(tables: Tables, account_number: i64) -> None:
    """Let go of the account's oldest ended client id if it is a day old and not among the last thousand."""
    account = accounts_at(tables, account_number)
    oldest: i64 = account.first_ended
    age: i64 = tables.venue.time_ns - client_ids_at(tables, oldest).ended_ns
    if account.ended > CLIENT_IDS_KEPT and age > CLIENT_ID_AGE_NS:
        account.first_ended = client_ids_at(tables, oldest).next_ended
        account.ended -= 1
        forget_client_id(tables, oldest)


def reserve(tables: Tables, order: OrderRow, instrument: InstrumentRow) -> None:
    """Add the order's open quantity, value and margin to its position's sums; a reduce-only one costs its premium.

    An order of a takeover adds nothing: it closes what its own row holds, and nobody has to back it.
    """
    if order.takeover != 0:
        return
    position = positions_at(tables, order.position)
    leaves: i64 = order.leaves_quantity
    side: i64 = order.side
    note_examined(tables, order.account)
    if instrument.near_instrument != 0:
        set_aside(tables, order, instrument)
    else:
        value: i64 = value_minor(instrument, leaves, subticks_of(instrument, order.price_ticks), tables.fault)
        order.premium_minor = premium_of(instrument, side, leaves, value, position.risk_steps, tables.fault)
        if order.flags & OrderFlag.REDUCE_ONLY == 0:
            order.value_minor = value
    carry(tables, order, instrument)
    dearest: i64 = dearest_lot(order.margin_minor, leaves, instrument.lot, tables.fault)
    if side == Side.BUY:
        position.buy_dearest_minor = max(position.buy_dearest_minor, dearest)
    else:
        position.sell_dearest_minor = max(position.sell_dearest_minor, dearest)


def carry(tables: Tables, order: OrderRow, instrument: InstrumentRow) -> None:
    """The sums a resting order adds to its position, given its value and its premium of the time it was reserved."""
    if order.takeover != 0:
        return
    position = positions_at(tables, order.position)
    leaves: i64 = order.leaves_quantity
    if order.side == Side.BUY:
        position.buy_premium_minor += order.premium_minor
    else:
        position.sell_premium_minor += order.premium_minor
    if order.flags & OrderFlag.REDUCE_ONLY != 0:
        if order.side == Side.BUY:
            position.buy_reduce_quantity += leaves
        else:
            position.sell_reduce_quantity += leaves
        return
    order.margin_minor = order.premium_minor + order_cost_minor(
        instrument, position.risk_steps, order.value_minor, chosen_leverage(position), tables.fault
    )
    if order.side == Side.BUY:
        position.buy_quantity += leaves
        position.buy_value_minor += order.value_minor
        position.buy_margin_minor += order.margin_minor
    else:
        position.sell_quantity += leaves
        position.sell_value_minor += order.value_minor
        position.sell_margin_minor += order.margin_minor


def premium_of(
    instrument: InstrumentRow, side: i64, quantity: i64, value_at_limit: i64, steps: i64, fault: FaultRow
) -> i64:
    """What a quantity's limit is through the mark of this moment (MRG-08), up to a multiple of the value at the limit.

    A mark that has jumped further would make the sums of a position's orders leave 64 bits.  Where margin is not by
    rates it is all that the order holds back, as of this moment (COL-02).
    """
    if instrument.margin_method != MarginMethod.BY_RATES:
        return backing_order_minor(instrument, steps, side, quantity, value_at_limit, fault)
    at_mark: i64 = times(quantity // instrument.lot, instrument.mark_lot_minor)
    premium: i64 = premium_minor(side, value_at_limit, at_mark, instrument.valuation != Valuation.INVERSE)
    return min(premium, PREMIUM_TIMES * value_at_limit)


def dearest_lot(margin: i64, quantity: i64, lot: i64, fault: FaultRow) -> i64:
    """Margin of one lot of an order, rounded up; 0 if nothing is open."""
    return mul_div_ceil(margin, lot, quantity, fault) if quantity > 0 else 0


def release(tables: Tables, order: OrderRow) -> None:
    """Take the order's share out of its position's sums; called before its open quantity changes."""
    if order.takeover != 0:
        return
    position = positions_at(tables, order.position)
    leaves: i64 = order.leaves_quantity
    if order.side == Side.BUY:
        position.buy_premium_minor -= order.premium_minor
    else:
        position.sell_premium_minor -= order.premium_minor
    order.premium_minor = 0
    if order.flags & OrderFlag.REDUCE_ONLY != 0:
        if order.side == Side.BUY:
            position.buy_reduce_quantity -= leaves
        else:
            position.sell_reduce_quantity -= leaves
        return
    if order.side == Side.BUY:
        position.buy_quantity -= leaves
        position.buy_value_minor -= order.value_minor
        position.buy_margin_minor -= order.margin_minor
        if position.buy_quantity == 0:
            position.buy_dearest_minor = 0
    else:
        position.sell_quantity -= leaves
        position.sell_value_minor -= order.value_minor
        position.sell_margin_minor -= order.margin_minor
        if position.sell_quantity == 0:
            position.sell_dearest_minor = 0
    order.value_minor = 0
    order.margin_minor = 0


def reserve_again(tables: Tables, position_slot: i64) -> None:
    """After a change of leverage: the margins of all resting orders of a position anew."""
    position = positions_at(tables, position_slot)
    slot: i64 = accounts_at(tables, position.account).first_order
    while slot != 0:
        order = orders_at(tables, slot)
        if order.position == position_slot and order.level != 0:
            release(tables, order)
            reserve(tables, order, instruments_at(tables, order.instrument))
        slot = order.account_next


def weigh_again(tables: Tables, position_slot: i64) -> None:
    """The sums that `reserve_again` would give the position at the leverage in row 0, into row 0; changes no order."""
    position = positions_at(tables, position_slot)
    draft = positions_at(tables, 0)
    draft.buy_quantity = position.buy_quantity
    draft.buy_dearest_minor = position.buy_dearest_minor
    draft.buy_reduce_quantity = position.buy_reduce_quantity
    draft.sell_quantity = position.sell_quantity
    draft.sell_dearest_minor = position.sell_dearest_minor
    draft.sell_reduce_quantity = position.sell_reduce_quantity
    slot: i64 = accounts_at(tables, position.account).first_order
    while slot != 0:
        order = orders_at(tables, slot)
        if order.position == position_slot and order.level != 0:
            weigh_order(tables, draft, order)
        slot = order.account_next


def weigh_order(tables: Tables, draft: PositionRow, order: OrderRow) -> None:
    """Add the margin an order would need now; the dearest lot is anew that of an order that is alone on its side."""
    instrument = instruments_at(tables, order.instrument)
    leaves: i64 = order.leaves_quantity
    side: i64 = order.side
    value: i64 = value_minor(instrument, leaves, subticks_of(instrument, order.price_ticks), tables.fault)
    margin: i64 = premium_of(instrument, side, leaves, value, draft.risk_steps, tables.fault)
    if side == Side.BUY:
        draft.buy_premium_minor += margin
    else:
        draft.sell_premium_minor += margin
    if order.flags & OrderFlag.REDUCE_ONLY != 0:
        return
    margin += order_cost_minor(instrument, draft.risk_steps, value, chosen_leverage(draft), tables.fault)
    dearest: i64 = dearest_lot(margin, leaves, instrument.lot, tables.fault)
    if side == Side.BUY:
        draft.buy_margin_minor += margin
        draft.buy_dearest_minor = dearest if draft.buy_quantity == leaves else max(draft.buy_dearest_minor, dearest)
    else:
        draft.sell_margin_minor += margin
        draft.sell_dearest_minor = dearest if draft.sell_quantity == leaves else max(draft.sell_dearest_minor, dearest)


def stand_in(tables: Tables, slot: i64) -> None:
    """Put an order at the end of the queue at its price, and a reduce-only one at the head of its position's chain.

    What it shows there, if it hides something, stands in its row already (ORD-20).
    """
    order = orders_at(tables, slot)
    join_queue(tables, instruments_at(tables, order.instrument), slot)
    if order.flags & OrderFlag.REDUCE_ONLY != 0:
        join_reducing(tables, slot)


def stand_back(tables: Tables, slot: i64) -> None:
    """Take a resting order out of its position's sums, its queue, and its position's chain."""
    order = orders_at(tables, slot)
    instrument = instruments_at(tables, order.instrument)
    count_small(tables, order, instrument, -1)
    release(tables, order)
    leave_queue(tables, instrument, slot)
    if order.flags & OrderFlag.REDUCE_ONLY != 0:
        leave_reducing(tables, slot)


def join_reducing(tables: Tables, slot: i64) -> None:
    """A reduce-only order that rests comes to the head of its position's chain."""
    order = orders_at(tables, slot)
    position = positions_at(tables, order.position)
    order.reducing_previous = 0
    order.reducing_next = position.first_reducing
    if position.first_reducing != 0:
        orders_at(tables, position.first_reducing).reducing_previous = slot
    position.first_reducing = slot
    position.reducing += 1


def leave_reducing(tables: Tables, slot: i64) -> None:
    """A reduce-only order leaves its position's chain."""
    order = orders_at(tables, slot)
    position = positions_at(tables, order.position)
    if order.reducing_previous != 0:
        orders_at(tables, order.reducing_previous).reducing_next = order.reducing_next
    else:
        position.first_reducing = order.reducing_next
    if order.reducing_next != 0:
        orders_at(tables, order.reducing_next).reducing_previous = order.reducing_previous
    order.reducing_previous = 0
    order.reducing_next = 0
    position.reducing -= 1


def end_order(tables: Tables, slot: i64, reason: i64) -> None:
    """The order is over, resting or not: out of queue, sums, list and index; its name is kept for a while."""
    say_ended(tables, orders_at(tables, slot), reason)
    take_out(tables, slot, reason)


def end_refused(tables: Tables, slot: i64, code: Code) -> None:
    """The order was to go live and is refused for this; it does not rest (ORD-14)."""
    ended = say_ended(tables, orders_at(tables, slot), EndReason.ENDED_REFUSED)
    ended.code = code
    take_out(tables, slot, EndReason.ENDED_REFUSED)


def take_out(tables: Tables, slot: i64, reason: i64) -> None:
    """Take an order that has ended out of everything; those that waited for it to be filled end with it (ORD-18)."""
    order = orders_at(tables, slot)
    orphans: i64 = 0
    if order.level != 0:
        stand_back(tables, slot)
    if order.condition != 0:
        orphans = leave_conditions(tables, slot, reason)
    delist(tables, slot)
    if order.client != 0:
        retire_client_id(tables, order.client)
    give_order(tables, slot)
    left: i64 = links_at(tables, orphans).members if orphans != 0 else 0
    while left > 0:
        end_order(tables, conditions_at(tables, links_at(tables, orphans).first).order, EndReason.ENDED_PRIMARY)
        left -= 1


def end_resting(tables: Tables, slot: i64, reason: i64) -> None:
    """End an order, and if it rests say what is left at its price; of a hidden one nothing was seen (ORD-20)."""
    order = orders_at(tables, slot)
    number: i64 = order.instrument
    side: i64 = order.side
    price: i64 = order.price_ticks
    level: i64 = order.level
    unseen: flag = order.display_quantity == 0
    end_order(tables, slot, reason)
    if level != 0 and not unseen:
        say_level(tables, number, side, price, level if levels_at(tables, level).orders > 0 else 0)


def client_id_given(tables: Tables) -> flag:
    """Whether row 0 of the client ids holds a name: its last word holds the length."""
    return client_ids_at(tables, 0).client_id[4] != 0


def find_named(tables: Tables) -> i64:
    """Slot of the remembered client id that row 0 asks for, or 0."""
    return find_client_id_slot(tables, client_ids_at(tables, 0))
