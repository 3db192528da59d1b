"""New orders: refusals in order of precedence, then the order stands and does what it does (ORD-01 to ORD-11).

A post-only order that would trade and a fill-or-kill order that cannot are not refused: placed, they end at once.
`finish_order` is also where an amended order goes on, and where an order goes on after the event buffer was full.
"""

import cython

if not cython.compiled:
    from outcry.engine.assess import (
        assess,
        bankruptcy_ticks,
        crosses,
        only_reduces,
        opposite,
        signed_quantity,
        too_large,
    )
    from outcry.engine.binding import bind, has_room_to_bind, trigger_refusal
    from outcry.engine.book import best_ticks, book_has_room
    from outcry.engine.events import refuse, room_left, say_level
    from outcry.engine.funding import bring_account
    from outcry.engine.groups import group_refusal
    from outcry.engine.known import rung_refusal
    from outcry.engine.ledger import position_for
    from outcry.engine.limits import band_ticks, beyond_band, within_limits
    from outcry.engine.lookup import find_position_slot, find_wallet_slot
    from outcry.engine.matching import match, reducible
    from outcry.engine.orders import (
        client_id_given,
        end_order,
        end_resting,
        find_named,
        remember_client_id,
        reserve,
        stand_in,
    )
    from outcry.engine.pegs import display_refusal, peg_refusal, peg_ticks
    from outcry.engine.pools import has_room
    from outcry.engine.reducing import fit_reducing
    from outcry.engine.selftrade import mode_of, surely_fills
    from outcry.engine.small import count_small, goes_unseen, heeds_small, is_small, note_small, shows_no_small
    from outcry.engine.spread_matching import match_spread
    from outcry.engine.standing import new_order, say_placed
    from outcry.protocol.layout import (
        ORDERS_PER_ACCOUNT,
        PRICE_TICKS_BOUND,
        QUANTITY_BOUND,
        REDUCING_ORDERS,
        SMALL_ORDERS_MAX,
        Code,
        EndReason,
        EntryHead,
        Fault,
        InstrumentRow,
        OrderFlag,
        OrderRow,
        OrderType,
        Place,
        PositionRow,
        SelfTrade,
        Side,
        TableNumber,
        Tables,
        TimeInForce,
        accounts_at,
        client_ids_at,
        flag,
        i64,
        instruments_at,
        orders_at,
        place_of,
        positions_at,
    )
    from outcry.rules.arith import magnitude
    from outcry.rules.position import closing_quantity
    from outcry.rules.triggers import is_market, stays


def shape_refusal(asked: Place) -> Code:
    """What this version has no rule for, and numbers that name nothing (CMD-01, CMD-08)."""
    if asked.side != Side.BUY and asked.side != Side.SELL:
        return Code.PARAMETER_INVALID
    if asked.self_trade > SelfTrade.EXPIRE_BOTH:
        return Code.PARAMETER_INVALID
    pegged: flag = asked.order_type == OrderType.PEGGED
    if asked.order_type != OrderType.LIMIT and asked.order_type != OrderType.MARKET and not pegged:
        return Code.ORDER_TYPE_WITHOUT_RULE
    if asked.time_in_force < TimeInForce.GOOD_TILL_CANCEL or asked.time_in_force > TimeInForce.DAY:
        return Code.ORDER_TYPE_WITHOUT_RULE
    flags: i64 = asked.flags
    if flags & (OrderFlag.BY_VENUE + OrderFlag.HELD_BACK + OrderFlag.TRIGGERED_ONCE) != 0:
        return Code.ORDER_TYPE_WITHOUT_RULE
    return Code.OK


def quantity_refusal(instrument: InstrumentRow, quantity: i64) -> Code:
    """Between one lot and the maximum, whole lots (ORD-04)."""
    if quantity <= 0 or quantity > instrument.quantity_max or quantity >= QUANTITY_BOUND:
        return Code.QUANTITY_INVALID
    if quantity % instrument.lot != 0:
        return Code.QUANTITY_NOT_LOTS
    return Code.OK


def price_refusal(instrument: InstrumentRow, price_ticks: i64) -> Code:
    """Between one tick and the maximum (ORD-05)."""
    if price_ticks <= 0 or price_ticks > instrument.price_ticks_max or price_ticks >= PRICE_TICKS_BOUND:
        return Code.PRICE_INVALID
    return Code.OK


def parts_refusal(tables: Tables, instrument: InstrumentRow, asked: Place, quantity: i64) -> Code:
    """Why an order that does not wait may not be made so: it has no trigger, only a pegged one has a peg, its group has
    to take it, and what it shows is all, nothing, or a part in whole lots (ORD-14, ORD-17, ORD-18, ORD-20)."""
    code: Code = trigger_refusal(instrument, asked)
    if code != Code.OK:
        return code
    if asked.order_type != OrderType.PEGGED and (
        asked.peg_kind != 0 or asked.peg_offset_subticks != 0 or asked.flags & OrderFlag.FIXED_PEG != 0
    ):
        return Code.PEG_INVALID
    if asked.contingency != 0 or asked.link_id[4] != 0:
        code = group_refusal(tables, asked)
    return code if code != Code.OK else display_refusal(instrument, asked.display_quantity, quantity)


def limit_of(tables: Tables, instrument: InstrumentRow, asked: Place, edge: i64) -> i64:
    """The limit of what is asked: as said, a market order's band, a peg's price (ORD-07, ORD-17, ORD-22)."""
    if asked.order_type == OrderType.LIMIT:
        return asked.price_ticks
    if asked.price_ticks != 0:
        return -1
    if asked.order_type == OrderType.PEGGED:
        return peg_ticks(tables, instrument, asked)
    return within_limits(instrument, edge)


def reach_refusal(
    tables: Tables, entry: EntryHead, instrument: InstrumentRow, asked: Place, quantity: i64, price: i64, edge: i64
) -> Code:
    """Why an order of this price is refused, whatever its account has: bounds, band, limits (ORD-06, ORD-07, ORD-22).

    Last the small order that its account may not post (ORD-21).
    """
    account: i64 = asked.account
    number: i64 = asked.instrument
    nearest: i64 = within_limits(instrument, price)
    if beyond_band(asked.side, price, edge):
        return refuse(tables, entry, Code.PRICE_OUTSIDE_BAND, account, number, price, edge)
    if nearest != price:
        return refuse(tables, entry, Code.PRICE_OUTSIDE_LIMITS, account, number, price, nearest)
    if asked.flags & OrderFlag.POST_ONLY != 0 and goes_unseen(
        tables, instrument, account, asked.order_type, asked.flags, quantity, price
    ):
        count: i64 = accounts_at(tables, account).small_orders
        return refuse(tables, entry, Code.SMALL_ORDER_POST_ONLY, account, number, count, SMALL_ORDERS_MAX)
    return Code.OK


def room_refusal(tables: Tables, account: i64, position: i64, instrument: InstrumentRow) -> Code:
    """Whether every row the order may need can be had, and the account may have one more (CMD-09, ORD-23)."""
    if not has_room(tables, TableNumber.ORDERS_TABLE, 1) or not book_has_room(tables):
        return Code.TABLE_FULL
    if client_id_given(tables) and not has_room(tables, TableNumber.CLIENT_IDS_TABLE, 1):
        return Code.TABLE_FULL
    if position == 0:
        # Who has a position has the wallet that it settles into.
        if not has_room(tables, TableNumber.POSITIONS_TABLE, 1):
            return Code.TABLE_FULL
        owned: flag = find_wallet_slot(tables, account, instrument.currency) != 0
        if not owned and not has_room(tables, TableNumber.WALLETS_TABLE, 1):
            return Code.TABLE_FULL
    if accounts_at(tables, account).orders >= ORDERS_PER_ACCOUNT:
        return Code.ORDERS_TOO_MANY
    if instrument.orders_max != 0 and positions_at(tables, position).orders >= instrument.orders_max:
        return Code.ORDERS_HERE_TOO_MANY
    return Code.OK


def funds_refusal(tables: Tables, risk_limit: i64, reduces: flag) -> Code:
    """Balance and risk limit from the assessment (MRG-01, MRG-05).

    The balance suffices if something is left afterwards, or no less than now: what makes an account safer is never
    refused for want of money.  What only reduces needs no risk limit, but may not make the account bankrupt (MRG-11).
    """
    assessed = tables.assessment
    if assessed.available_minor < 0 and assessed.available_minor < assessed.before_minor:
        return Code.BALANCE_INSUFFICIENT
    if assessed.liquidated == 2 or (assessed.liquidated != 0 and not reduces):
        return Code.LIQUIDATION_IMMEDIATE
    if assessed.risk_value_minor > risk_limit and not reduces:
        return Code.RISK_LIMIT_EXCEEDED
    return Code.OK


def refuse_for_funds(tables: Tables, entry: EntryHead, code: Code, account: i64, number: i64, risk_limit: i64) -> Code:
    """Say what is missing, or what the risk value would be."""
    if code == Code.BALANCE_INSUFFICIENT:
        return refuse(tables, entry, code, account, number, -tables.assessment.available_minor, 0)
    if code == Code.LIQUIDATION_IMMEDIATE:
        return refuse(tables, entry, code, account, number, 0, 0)
    if code == Code.VALUE_TOO_LARGE:
        return refuse(tables, entry, code, account, number, tables.assessment.filled_quantity, 0)
    return refuse(tables, entry, code, account, number, tables.assessment.risk_value_minor, risk_limit)


def whole_position(instrument: InstrumentRow, reducing: i64) -> i64:
    """The quantity of a closing order that names none; one lot if there is nothing to close, to be refused for that."""
    return min(reducing, instrument.quantity_max // instrument.lot * instrument.lot) if reducing > 0 else instrument.lot


def place(tables: Tables, entry: EntryHead) -> Code:
    """Rules ORD-01 to ORD-11.  Refusals in order of precedence; then nothing can fail."""
    asked = place_of(entry)
    account: i64 = asked.account
    number: i64 = asked.instrument
    side: i64 = asked.side
    flags: i64 = asked.flags
    reduce_only: flag = flags & (OrderFlag.REDUCE_ONLY + OrderFlag.CLOSE) != 0
    name = client_ids_at(tables, 0)
    name.client_id = asked.client_id
    name.account = account
    code: Code = rung_refusal(tables, account, number, asked.order_type, asked.time_in_force, flags)
    if code == Code.OK and client_id_given(tables) and find_named(tables) != 0:
        code = Code.CLIENT_ID_DUPLICATE
    if code == Code.OK:
        code = shape_refusal(asked)
    if code != Code.OK:
        return refuse(tables, entry, code, account, number, 0, 0)

    instrument = instruments_at(tables, number)
    position_slot: i64 = find_position_slot(tables, account, number)
    position = positions_at(tables, position_slot)
    reducing: i64 = closing_quantity(position.quantity, signed_quantity(side, magnitude(position.quantity)))
    quantity: i64 = asked.quantity
    if quantity == 0 and flags & OrderFlag.CLOSE != 0:
        quantity = whole_position(instrument, reducing)
    code = quantity_refusal(instrument, quantity)
    if code != Code.OK:
        return refuse(tables, entry, code, account, number, quantity, instrument.quantity_max)
    edge: i64 = band_ticks(tables, instrument, side)
    if asked.order_type == OrderType.PEGGED:
        code = peg_refusal(tables, instrument, asked, quantity)
    price: i64 = limit_of(tables, instrument, asked, edge)
    if code == Code.OK:
        code = price_refusal(instrument, price)
    if code != Code.OK:
        return refuse(tables, entry, code, account, number, price, instrument.price_ticks_max)
    nobody = orders_at(tables, 0)
    counted: i64 = min(quantity, reducing) if reduce_only else quantity
    if too_large(tables, instrument, position, nobody, side, counted, price):
        return refuse(tables, entry, Code.VALUE_TOO_LARGE, account, number, quantity, 0)
    code = parts_refusal(tables, instrument, asked, quantity)
    if code != Code.OK:
        return refuse(tables, entry, code, account, number, asked.display_quantity, quantity)
    code = reach_refusal(tables, entry, instrument, asked, quantity, price, edge)
    if code != Code.OK:
        return code
    if reduce_only and reducing == 0:
        return refuse(tables, entry, Code.REDUCE_ONLY_NO_POSITION, account, number, quantity, 0)
    if reduce_only:
        quantity = min(quantity, reducing)

    resting: i64 = 2 if reduce_only else 1
    if asked.order_type == OrderType.MARKET or not stays(asked.time_in_force):
        resting = 0
    ends: i64 = ends_at_once(tables, instrument, asked, quantity, price)
    held_back: flag = False
    if ends == 0:
        bring_account(tables, account)
        code = weigh_new(tables, position, instrument, account, asked, quantity, price, resting)
        if code == Code.BALANCE_INSUFFICIENT and asked.order_type == OrderType.MARKET and not reduce_only:
            edge = bankruptcy_ticks(tables, account, position, instrument, side, quantity)
            held_back = edge != 0 and beyond_band(side, price, edge) and edge <= instrument.price_ticks_max
        if held_back:
            price = edge
            ends = ends_at_once(tables, instrument, asked, quantity, price)
            code = weigh_new(tables, position, instrument, account, asked, quantity, price, resting)
        if code != Code.OK:
            risk_limit: i64 = position.risk_limit_minor if position_slot != 0 else instrument.risk_limit_minor
            return refuse_for_funds(tables, entry, code, account, number, risk_limit)
    code = room_refusal(tables, account, position_slot, instrument)
    if code == Code.OK and not has_room_to_bind(tables, asked):
        code = Code.TABLE_FULL
    if code == Code.OK and resting == 2 and position.reducing >= REDUCING_ORDERS:
        code = Code.ORDERS_TOO_MANY
    if code != Code.OK:
        return refuse(tables, entry, code, account, number, 0, 0)

    # From here the order stands.
    slot: i64 = stand(tables, asked, position_slot, quantity, price)
    bind(tables, slot, asked)
    if held_back:
        orders_at(tables, slot).flags |= OrderFlag.HELD_BACK
    if ends != 0:
        end_order(tables, slot, ends)
    else:
        finish_order(tables, slot)
    return Code.OK


def weigh_new(
    tables: Tables,
    position: PositionRow,
    instrument: InstrumentRow,
    account: i64,
    asked: Place,
    quantity: i64,
    price: i64,
    resting: i64,
) -> Code:
    """What a new order of this quantity and price is refused for once assessed (ORD-06, MRG-01, MRG-05, MRG-11)."""
    side: i64 = asked.side
    nobody = orders_at(tables, 0)
    limit: i64 = position.risk_limit_minor if position.instrument != 0 else instrument.risk_limit_minor
    assess(tables, position, instrument, nobody, account, side, quantity, price, resting, asked.self_trade)
    if tables.assessment.too_large != 0:
        return Code.VALUE_TOO_LARGE
    reduces: flag = asked.flags & (OrderFlag.REDUCE_ONLY + OrderFlag.CLOSE) != 0
    return funds_refusal(tables, limit, reduces or only_reduces(position, nobody, side, quantity))


def ends_at_once(tables: Tables, instrument: InstrumentRow, asked: Place, quantity: i64, price: i64) -> i64:
    """The reason for which a placed order ends without trading, or 0 (ORD-10, ORD-11)."""
    side: i64 = asked.side
    account: i64 = asked.account
    if asked.flags & OrderFlag.POST_ONLY != 0 and crosses(side, price, best_ticks(instrument, opposite(side))):
        return EndReason.ENDED_POST_ONLY
    if asked.time_in_force != TimeInForce.FILL_OR_KILL:
        return 0
    mode: i64 = mode_of(tables, account, asked.self_trade)
    if not surely_fills(tables, instrument, account, side, quantity, price, mode):
        return EndReason.ENDED_KILLED
    return 0


def stand(tables: Tables, asked: Place, found: i64, quantity: i64, price: i64) -> i64:
    """The new order's row, listed and named but not yet in the book, given its position's slot, or 0 to open one."""
    position_slot: i64 = found if found != 0 else position_for(tables, asked.account, asked.instrument)
    flags: i64 = asked.flags
    if flags & OrderFlag.CLOSE != 0:
        flags |= OrderFlag.REDUCE_ONLY
    slot: i64 = new_order(
        tables, position_slot, asked.side, quantity, price, asked.order_type, asked.time_in_force, flags
    )
    order = orders_at(tables, slot)
    order.self_trade = asked.self_trade
    order.display_quantity = asked.display_quantity
    instrument = instruments_at(tables, asked.instrument)
    small: flag = heeds_small(tables, asked.account) and is_small(
        tables, instrument, asked.order_type, asked.flags, quantity, price
    )
    if small and shows_no_small(tables, asked.account):
        order.display_quantity = 0
    if client_id_given(tables):
        remember_client_id(tables, slot)
    placed = say_placed(tables, slot, price if asked.order_type == OrderType.PEGGED else asked.price_ticks)
    placed.client_id = asked.client_id
    if small:
        note_small(tables, asked.account)
    return slot


def clear_the_way(tables: Tables, slot: i64) -> flag:
    """A closing order cancels its account's resting orders on its side, newest first, until together they fit the
    position (ORD-08).  False if it must be called again for want of room."""
    order = orders_at(tables, slot)
    position = positions_at(tables, order.position)
    at: i64 = accounts_at(tables, order.account).first_order
    following: i64 = 0
    resting: i64 = 0
    while at != 0 and tables.fault.code == Fault.NO_FAULT:
        resting = position.buy_quantity + position.buy_reduce_quantity
        if order.side == Side.SELL:
            resting = position.sell_quantity + position.sell_reduce_quantity
        if resting + order.leaves_quantity <= reducible(tables, order):
            return True
        if not room_left(tables):
            return False
        other = orders_at(tables, at)
        following = other.account_next
        if other.position == order.position and other.side == order.side and other.level != 0:
            end_resting(tables, at, EndReason.ENDED_CLOSING)
        at = following
    return True


def finish_order(tables: Tables, slot: i64) -> None:
    """Match the order and rest or end what is left; noted as pending when it must go on in the next run."""
    order = orders_at(tables, slot)
    tables.venue.pending_order = slot
    if order.flags & OrderFlag.CLOSE != 0 and not clear_the_way(tables, slot):
        return
    if instruments_at(tables, order.instrument).near_instrument != 0:
        if not match_spread(tables, slot):
            return
    elif not match(tables, slot):
        return
    tables.venue.pending_order = 0
    if order.order_id == 0:
        return
    if is_market(order.order_type):
        held_back: flag = order.flags & OrderFlag.HELD_BACK != 0
        end_order(tables, slot, EndReason.ENDED_BANKRUPTCY if held_back else EndReason.ENDED_MARKET)
    elif not stays(order.time_in_force):
        end_order(tables, slot, EndReason.ENDED_IMMEDIATE)
    else:
        rest(tables, slot, order)


def rest(tables: Tables, slot: i64, order: OrderRow) -> None:
    """Put what is left into the book and its margin onto the position; of reduce-only ones no more than can reduce."""
    instrument = instruments_at(tables, order.instrument)
    if order.display_quantity > 0:
        order.shown_quantity = min(order.display_quantity, order.leaves_quantity)
    stand_in(tables, slot)
    reserve(tables, order, instrument)
    count_small(tables, order, instrument, 1)
    if order.display_quantity != 0:
        say_level(tables, order.instrument, order.side, order.price_ticks, order.level)
    fit_reducing(tables, order.position)
