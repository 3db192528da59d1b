"""Matching in a spread: every fill trades both legs for both sides at once, or nothing (SPR-02 to SPR-04).

Price, then time, as in any book; but legs trade at marks of the moment, so both sides are weighed at their turn, and an
order that its account cannot back ends instead.  First whether it can, then the fill, then matching.
"""

import cython

if not cython.compiled:
    from outcry.engine.assess import crosses, opposite
    from outcry.engine.book import best_ticks, level_slot, next_worse
    from outcry.engine.events import room_left, say_level
    from outcry.engine.funding import bring_account
    from outcry.engine.ledger import position_for
    from outcry.engine.lookup import find_position_slot
    from outcry.engine.matching import account_for, leave_level, meet_own, name_orders
    from outcry.engine.orders import end_order, end_resting, release, reserve
    from outcry.engine.reducing import fit_reducing
    from outcry.engine.selftrade import mode_of
    from outcry.engine.spread_weighing import find_legs, has_isolated, take_at, weigh_spread
    from outcry.engine.spreads import far_price, near_price
    from outcry.engine.tiers import count_volume, tier_today
    from outcry.protocol.layout import (
        TOTAL_BOUND,
        Code,
        EndReason,
        Fault,
        InstrumentRow,
        OrderRow,
        OrderType,
        SelfTrade,
        Tables,
        TimeInForce,
        flag,
        i64,
        instruments_at,
        levels_at,
        new_fill,
        orders_at,
        positions_at,
    )
    from outcry.rules.arith import times
    from outcry.rules.fees import fee_minor, maker_ppm, taker_ppm
    from outcry.rules.triggers import stays
    from outcry.rules.value import lot_value_minor, subticks_of


def backed(tables: Tables, order: OrderRow, quantity: i64, price_ticks: i64) -> flag:
    """Whether an order's account can back so much of it in both legs now, and what would still rest of it (SPR-04)."""
    number: i64 = order.instrument
    account: i64 = order.account
    side: i64 = order.side
    spread = instruments_at(tables, number)
    if far_price(tables, spread, price_ticks) == 0:
        return False
    bring_account(tables, account)
    find_legs(tables, account, spread)
    if has_isolated(tables):
        return False
    take_at(tables, spread, side, quantity, price_ticks)
    left: i64 = order.leaves_quantity - quantity
    if order.level == 0 and (order.order_type == OrderType.MARKET or not stays(order.time_in_force)):
        left = 0
    amended = order if order.level != 0 else orders_at(tables, 0)
    return weigh_spread(tables, number, account, side, left, order.price_ticks, amended) == Code.OK


def surely_backed(
    tables: Tables, number: i64, account: i64, side: i64, quantity: i64, limit_ticks: i64, self_trade: i64
) -> flag:
    """Whether a fill-or-kill order in a spread trades in full: the first orders it meets, no more than 64 and each of
    another account, are backed now (SPR-07)."""
    spread = instruments_at(tables, number)
    other: i64 = opposite(side)
    mode: i64 = mode_of(tables, account, self_trade)
    left: i64 = quantity
    seen: i64 = 0
    price: i64 = best_ticks(spread, other)
    while crosses(side, limit_ticks, price):
        slot: i64 = levels_at(tables, level_slot(tables, spread, other, price)).head
        while slot != 0:
            order = orders_at(tables, slot)
            following: i64 = order.next
            seen += 1
            if order.account == account:
                if mode != SelfTrade.EXPIRE_MAKER:
                    return False
            elif seen > 64 or met_before(tables, spread, other, slot):
                return False
            else:
                part: i64 = min(left, order.leaves_quantity)
                if not backed(tables, order, part, price):
                    return False
                left -= part
                if left == 0:
                    return True
            slot = following
        price = next_worse(tables, spread, other, price)
    return False


def met_before(tables: Tables, spread: InstrumentRow, side: i64, last: i64) -> flag:
    """Whether an order of the same account stands before this one in the book; there are few."""
    account: i64 = orders_at(tables, last).account
    price: i64 = best_ticks(spread, side)
    while price != 0:
        slot: i64 = levels_at(tables, level_slot(tables, spread, side, price)).head
        while slot != 0:
            if slot == last:
                return False
            if orders_at(tables, slot).account == account:
                return True
            slot = orders_at(tables, slot).next
        price = next_worse(tables, spread, side, price)
    return False


def match_spread(tables: Tables, slot: i64) -> flag:
    """Trade the order against the other side of a spread; False if it must be called again for want of room.

    On True it has ended (its row is given back, order id 0), or what is left of it does not cross.
    """
    order = orders_at(tables, slot)
    number: i64 = order.instrument
    spread = instruments_at(tables, number)
    side: i64 = order.side
    other: i64 = opposite(side)
    while tables.fault.code == Fault.NO_FAULT:
        if order.leaves_quantity == 0:
            end_order(tables, slot, EndReason.ENDED_FILLED)
            return True
        price: i64 = best_ticks(spread, other)
        if not crosses(side, order.price_ticks, price):
            return True
        if not room_left(tables):
            return False
        level: i64 = level_slot(tables, spread, other, price)
        maker_slot: i64 = levels_at(tables, level).head
        maker = orders_at(tables, maker_slot)
        if maker.account == order.account:
            if meet_own(tables, slot, maker_slot, level):
                return True
            continue
        quantity: i64 = min(order.leaves_quantity, maker.leaves_quantity)
        if not backed(tables, maker, quantity, price):
            end_resting(tables, maker_slot, EndReason.ENDED_UNBACKED)
            continue
        # A fill-or-kill order was weighed with all of it before it stood; in parts it might seem not to be backed.
        if order.time_in_force != TimeInForce.FILL_OR_KILL and not backed(tables, order, quantity, price):
            say_level(tables, number, other, price, level)
            end_order(tables, slot, EndReason.ENDED_UNBACKED)
            return True
        trade_spread(tables, slot, maker_slot, quantity, price)
        if maker.leaves_quantity == 0:
            end_order(tables, maker_slot, EndReason.ENDED_FILLED)
        if order.leaves_quantity == 0 or levels_at(tables, level).orders == 0:
            say_level(tables, number, other, price, level if levels_at(tables, level).orders > 0 else 0)
    return True


def trade_spread(tables: Tables, taker_slot: i64, maker_slot: i64, quantity: i64, price_ticks: i64) -> None:
    """Trade a quantity of two orders of a spread at a price: the near leg, the far leg, and what it does to the orders
    themselves (SPR-02); neither order ends here."""
    taker = orders_at(tables, taker_slot)
    maker = orders_at(tables, maker_slot)
    number: i64 = taker.instrument
    spread = instruments_at(tables, number)
    side: i64 = taker.side
    ticks: i64 = times(quantity // spread.lot, price_ticks)
    release(tables, maker)
    leave_level(tables, maker, quantity)
    maker.leaves_quantity -= quantity
    taker.leaves_quantity -= quantity
    maker.filled_value_minor = min(TOTAL_BOUND, maker.filled_value_minor + ticks)
    taker.filled_value_minor = min(TOTAL_BOUND, taker.filled_value_minor + ticks)
    near: i64 = near_price(tables, spread)
    far: i64 = far_price(tables, spread, price_ticks)
    trade_leg(tables, spread.near_instrument, taker, maker, opposite(side), quantity, near)
    trade_leg(tables, spread.far_instrument, taker, maker, side, quantity, far)
    reserve(tables, maker, spread)
    spread.last_price_ticks = price_ticks
    spread.volume = min(TOTAL_BOUND, spread.volume + quantity)
    filled = new_fill(tables)
    filled.instrument = number
    filled.taker_side = side
    filled.price_ticks = price_ticks
    filled.quantity = quantity
    filled.value_minor = ticks
    name_orders(filled, taker, maker)
    fit_legs(tables, spread, taker.account)
    fit_legs(tables, spread, maker.account)


def fit_legs(tables: Tables, spread: InstrumentRow, account: i64) -> None:
    """Reduce-only orders that rest in a leg fit the account's position there again (ORD-08)."""
    fit_reducing(tables, find_position_slot(tables, account, spread.near_instrument))
    fit_reducing(tables, find_position_slot(tables, account, spread.far_instrument))


def trade_leg(
    tables: Tables, number: i64, taker: OrderRow, maker: OrderRow, side: i64, quantity: i64, price_ticks: i64
) -> None:
    """One leg of a spread's fill at its own price, booked for both like any trade; `side` is the taker's in the leg.

    It counts in the leg's volume and for fee tiers, and is not its last price: nobody in the leg's book made it.
    """
    leg = instruments_at(tables, number)
    lot: i64 = lot_value_minor(leg, subticks_of(leg, price_ticks), tables.fault)
    value: i64 = quantity // leg.lot * lot
    taker_fee: i64 = fee_minor(value, taker_ppm(leg, tier_today(tables, taker.account), tables.fault), tables.fault)
    maker_fee: i64 = fee_minor(value, maker_ppm(leg, tier_today(tables, maker.account), tables.fault), tables.fault)
    taker_position: i64 = position_for(tables, taker.account, number)
    maker_position: i64 = position_for(tables, maker.account, number)
    taker_realised: i64 = account_for(tables, taker_position, leg, side, quantity, lot, taker_fee)
    maker_realised: i64 = account_for(tables, maker_position, leg, opposite(side), quantity, lot, maker_fee)
    leg.volume = min(TOTAL_BOUND, leg.volume + quantity)
    leg.turnover_minor = min(TOTAL_BOUND, leg.turnover_minor + value)
    count_volume(tables, leg, taker.account, maker.account, value)
    filled = new_fill(tables)
    filled.instrument = number
    filled.spread = taker.instrument
    filled.taker_side = side
    filled.price_ticks = price_ticks
    filled.quantity = quantity
    filled.value_minor = value
    name_orders(filled, taker, maker)
    filled.taker_fee_minor = taker_fee
    filled.maker_fee_minor = maker_fee
    filled.taker_realised_minor = taker_realised
    filled.maker_realised_minor = maker_realised
    filled.taker_position_quantity = positions_at(tables, taker_position).quantity
    filled.maker_position_quantity = positions_at(tables, maker_position).quantity
