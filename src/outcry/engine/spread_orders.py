"""New and amended orders in a spread: refusals in order of precedence, then as any order (SPR-03 to SPR-07).

First what a spread takes, then a new order, then what an amended one is refused for.
"""

import cython

if not cython.compiled:
    from outcry.engine.assess import crosses, opposite
    from outcry.engine.binding import bind, has_room_to_bind
    from outcry.engine.book import best_ticks, book_has_room
    from outcry.engine.events import refuse
    from outcry.engine.funding import bring_account
    from outcry.engine.known import rung_refusal
    from outcry.engine.ledger import position_for
    from outcry.engine.limits import beyond_band, within_limits
    from outcry.engine.lookup import find_position_slot, find_wallet_slot
    from outcry.engine.orders import client_id_given, end_order, find_named
    from outcry.engine.placing import finish_order, price_refusal, quantity_refusal, shape_refusal, stand
    from outcry.engine.pools import has_room
    from outcry.engine.selftrade import mode_of
    from outcry.engine.spread_matching import surely_backed
    from outcry.engine.spread_weighing import find_legs, has_isolated, sweep_spread, weigh_spread
    from outcry.engine.spreads import spread_edge
    from outcry.protocol.layout import (
        ORDERS_PER_ACCOUNT,
        Code,
        EndReason,
        EntryHead,
        InstrumentRow,
        OrderFlag,
        OrderRow,
        OrderType,
        Place,
        SelfTrade,
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
    from outcry.rules.triggers import stays


def spread_shape_refusal(asked: Place) -> Code:
    """Of orders a spread takes limit and market ones that show all of themselves and wait for nothing (SPR-03)."""
    code: Code = shape_refusal(asked)
    if code != Code.OK:
        return code
    flags: i64 = asked.flags
    if asked.order_type == OrderType.PEGGED or flags & ~OrderFlag.POST_ONLY != 0 or asked.display_quantity != -1:
        return Code.ORDER_TYPE_WITHOUT_RULE
    if asked.trigger_subticks != 0 or asked.trigger_reference != 0 or asked.contingency != 0 or asked.link_id[4] != 0:
        return Code.ORDER_TYPE_WITHOUT_RULE
    if asked.peg_kind != 0 or asked.peg_offset_subticks != 0:
        return Code.ORDER_TYPE_WITHOUT_RULE
    return Code.OK


def spread_room_refusal(tables: Tables, asked: Place, own: i64) -> Code:
    """Whether every row can be had that the order or its fills may need, and the account may have one more (CMD-09,
    ORD-23): three positions, its own row and two legs."""
    account: i64 = asked.account
    spread = instruments_at(tables, asked.instrument)
    spreading = tables.spreading
    missing: i64 = 1 if own == 0 else 0
    missing += 1 if spreading.near_slot == 0 else 0
    missing += 1 if spreading.far_slot == 0 else 0
    if not has_room(tables, TableNumber.ORDERS_TABLE, 1) or not book_has_room(tables):
        return Code.TABLE_FULL
    if client_id_given(tables) and not has_room(tables, TableNumber.CLIENT_IDS_TABLE, 1):
        return Code.TABLE_FULL
    if missing != 0 and not has_room(tables, TableNumber.POSITIONS_TABLE, missing):
        return Code.TABLE_FULL
    owned: flag = find_wallet_slot(tables, account, spread.currency) != 0
    if not owned and not has_room(tables, TableNumber.WALLETS_TABLE, 1):
        return Code.TABLE_FULL
    if not has_room_to_bind(tables, asked):
        return Code.TABLE_FULL
    if accounts_at(tables, account).orders >= ORDERS_PER_ACCOUNT:
        return Code.ORDERS_TOO_MANY
    if spread.orders_max != 0 and positions_at(tables, own).orders >= spread.orders_max:
        return Code.ORDERS_HERE_TOO_MANY
    return Code.OK


def say_refusal(tables: Tables, entry: EntryHead, code: Code, account: i64, number: i64) -> Code:
    """Refuse an order as weighed: say what is missing, or what the risk value of which leg would be."""
    spreading = tables.spreading
    if code == Code.BALANCE_INSUFFICIENT:
        return refuse(tables, entry, code, account, number, -tables.assessment.available_minor, 0)
    if code == Code.RISK_LIMIT_EXCEEDED:
        wanted: i64 = spreading.risk_value_minor
        return refuse(tables, entry, code, account, spreading.over_limit, wanted, spreading.risk_limit_minor)
    return refuse(tables, entry, code, account, number, spreading.filled_quantity, 0)


def reach_of_spread(
    tables: Tables, entry: EntryHead, spread: InstrumentRow, account: i64, number: i64, side: i64, price: i64
) -> Code:
    """Whether a limit is within the band and the price limits (SPR-06, ORD-22)."""
    edge: i64 = spread_edge(tables, spread, side)
    nearest: i64 = within_limits(spread, price)
    if beyond_band(side, price, edge):
        return refuse(tables, entry, Code.PRICE_OUTSIDE_BAND, account, number, price, edge)
    if nearest != price:
        return refuse(tables, entry, Code.PRICE_OUTSIDE_LIMITS, account, number, price, nearest)
    return Code.OK


def weigh_order_of_spread(
    tables: Tables,
    number: i64,
    account: i64,
    side: i64,
    quantity: i64,
    price: i64,
    rests: flag,
    self_trade: i64,
    amended: OrderRow,
) -> Code:
    """What an order of this quantity is refused for once weighed, with what of it would trade at once (SPR-04)."""
    spread = instruments_at(tables, number)
    bring_account(tables, account)
    find_legs(tables, account, spread)
    passed: i64 = account if mode_of(tables, account, self_trade) == SelfTrade.EXPIRE_MAKER else 0
    sweep_spread(tables, spread, side, quantity, price, passed)
    left: i64 = quantity - tables.spreading.filled_quantity if rests else 0
    return weigh_spread(tables, number, account, side, left, price, amended)


def ends_in_spread(tables: Tables, asked: Place, price: i64) -> i64:
    """The reason for which a placed order ends without trading, or 0 (ORD-10, ORD-11, SPR-07)."""
    number: i64 = asked.instrument
    side: i64 = asked.side
    spread = instruments_at(tables, number)
    if asked.flags & OrderFlag.POST_ONLY != 0 and crosses(side, price, best_ticks(spread, opposite(side))):
        return EndReason.ENDED_POST_ONLY
    if asked.time_in_force != TimeInForce.FILL_OR_KILL:
        return 0
    if not surely_backed(tables, number, asked.account, side, asked.quantity, price, asked.self_trade):
        return EndReason.ENDED_KILLED
    return 0


def place_spread(tables: Tables, entry: EntryHead) -> Code:
    """A new order in a spread (SPR-03 to SPR-07).  Refusals in order of precedence; then nothing can fail."""
    asked = place_of(entry)
    account: i64 = asked.account
    number: i64 = asked.instrument
    side: i64 = asked.side
    quantity: i64 = asked.quantity
    spread = instruments_at(tables, number)
    name = client_ids_at(tables, 0)
    name.client_id = asked.client_id
    name.account = account
    code: Code = rung_refusal(tables, account, number, asked.order_type, asked.time_in_force, asked.flags)
    if code == Code.OK and client_id_given(tables) and find_named(tables) != 0:
        code = Code.CLIENT_ID_DUPLICATE
    if code == Code.OK:
        find_legs(tables, account, spread)
        code = Code.SPREAD_LEG_ISOLATED if has_isolated(tables) else spread_shape_refusal(asked)
    if code != Code.OK:
        return refuse(tables, entry, code, account, number, 0, 0)
    code = quantity_refusal(spread, quantity)
    if code != Code.OK:
        return refuse(tables, entry, code, account, number, quantity, spread.quantity_max)
    price: i64 = asked.price_ticks
    if asked.order_type == OrderType.MARKET:
        price = within_limits(spread, spread_edge(tables, spread, side)) if price == 0 else -1
    code = price_refusal(spread, price)
    if code != Code.OK:
        return refuse(tables, entry, code, account, number, price, spread.price_ticks_max)
    code = reach_of_spread(tables, entry, spread, account, number, side, price)
    if code != Code.OK:
        return code
    rests: flag = asked.order_type != OrderType.MARKET and stays(asked.time_in_force)
    ends: i64 = ends_in_spread(tables, asked, price)
    if ends == 0:
        nobody = orders_at(tables, 0)
        code = weigh_order_of_spread(tables, number, account, side, quantity, price, rests, asked.self_trade, nobody)
        if code != Code.OK:
            return say_refusal(tables, entry, code, account, number)
    own: i64 = find_position_slot(tables, account, number)
    find_legs(tables, account, spread)
    code = spread_room_refusal(tables, asked, own)
    if code != Code.OK:
        return refuse(tables, entry, code, account, number, 0, 0)

    # From here the order stands.
    slot: i64 = stand(tables, asked, own, quantity, price)
    position_for(tables, account, spread.near_instrument)
    position_for(tables, account, spread.far_instrument)
    bind(tables, slot, asked)
    if ends != 0:
        end_order(tables, slot, ends)
    else:
        finish_order(tables, slot)
    return Code.OK


def spread_dearer_refusal(tables: Tables, entry: EntryHead, slot: i64, leaves: i64, price: i64) -> Code:
    """Refusals of an amendment that is like a new order (ORD-09, SPR-04, SPR-06)."""
    order = orders_at(tables, slot)
    account: i64 = order.account
    number: i64 = order.instrument
    side: i64 = order.side
    spread = instruments_at(tables, number)
    find_legs(tables, account, spread)
    if has_isolated(tables):
        return refuse(tables, entry, Code.SPREAD_LEG_ISOLATED, account, number, 0, 0)
    code: Code = reach_of_spread(tables, entry, spread, account, number, side, price)
    if code != Code.OK:
        return code
    code = weigh_order_of_spread(tables, number, account, side, leaves, price, True, order.self_trade, order)
    if code != Code.OK:
        return say_refusal(tables, entry, code, account, number)
    if not book_has_room(tables):
        return refuse(tables, entry, Code.TABLE_FULL, account, number, 0, 0)
    return Code.OK
