"""What an order in a spread would do to its account, both legs put in (SPR-04): the basis of its refusals, before it
stands and again at its turn.

First what would trade, then one leg, then both with the balance, the liquidation test, the bounds and the risk limits.
Exact but for the rounding of fees (one here, one per fill there).  Changes nothing but the assessment row, the
spreading row and, for a moment, row 0 of the positions.
"""

import cython

if not cython.compiled:
    from outcry.engine.assess import crosses, opposite, signed_quantity
    from outcry.engine.book import best_ticks, level_slot, next_worse
    from outcry.engine.equity import gain_minor, slack_minor, upkeep_minor, weigh
    from outcry.engine.funds import available_minor, chosen_leverage, held_back_minor, position_requirement
    from outcry.engine.lookup import find_position_slot
    from outcry.engine.orders import dearest_lot
    from outcry.engine.selftrade import own_quantity
    from outcry.engine.spreads import far_price, leg_value_minor, near_price, spread_margin_minor
    from outcry.protocol.layout import (
        AMOUNT_BOUND,
        QUANTITY_BOUND,
        TOTAL_BOUND,
        Code,
        InstrumentRow,
        OrderRow,
        PositionRow,
        Side,
        Tables,
        clear_positions,
        flag,
        i64,
        instruments_at,
        levels_at,
        positions_at,
        wide,
    )
    from outcry.rules.arith import capped, magnitude, times
    from outcry.rules.fees import fee_minor
    from outcry.rules.margin import maintenance_minor, orders_margin_minor
    from outcry.rules.position import closing_quantity, cost_of_part, unrealised_minor
    from outcry.rules.value import cost_of_side, signed_value_minor


def find_legs(tables: Tables, account: i64, spread: InstrumentRow) -> None:
    """The account's positions in both legs, into the spreading row."""
    tables.spreading.near_slot = find_position_slot(tables, account, spread.near_instrument)
    tables.spreading.far_slot = find_position_slot(tables, account, spread.far_instrument)


def has_isolated(tables: Tables) -> flag:
    """Whether a leg of the account whose legs were found is isolated, with a position or without one."""
    near = positions_at(tables, tables.spreading.near_slot)
    far = positions_at(tables, tables.spreading.far_slot)
    return near.isolated != 0 or far.isolated != 0


def sweep_spread(
    tables: Tables, spread: InstrumentRow, side: i64, quantity: i64, limit_ticks: i64, passed: i64
) -> None:
    """What would trade at once if everybody it meets can back his part, and its values, into the spreading row.

    `passed` is the account whose orders end instead of trading, 0 if there is none (ORD-10).
    """
    spreading = tables.spreading
    far = instruments_at(tables, spread.far_instrument)
    held: i64 = positions_at(tables, spreading.far_slot).quantity
    closing: i64 = closing_quantity(held, signed_quantity(side, quantity))
    spreading.filled_quantity = 0
    spreading.far_value_minor = 0
    spreading.closing_value_minor = 0
    other: i64 = opposite(side)
    price: i64 = best_ticks(spread, other)
    while spreading.filled_quantity < quantity and crosses(side, limit_ticks, price):
        place: i64 = level_slot(tables, spread, other, price)
        there: i64 = levels_at(tables, place).quantity
        if passed != 0:
            there -= own_quantity(tables, place, passed)
        ticks: i64 = far_price(tables, spread, price)
        if ticks != 0:
            take: i64 = min(quantity - spreading.filled_quantity, there)
            part: i64 = max(0, min(take, closing - spreading.filled_quantity))
            spreading.filled_quantity += take
            spreading.far_value_minor += leg_value_minor(tables, far, take, ticks)
            spreading.closing_value_minor += leg_value_minor(tables, far, part, ticks)
            if spreading.far_value_minor >= AMOUNT_BOUND:
                break
        price = next_worse(tables, spread, other, price)
    set_near_value(tables, spread)


def take_at(tables: Tables, spread: InstrumentRow, side: i64, quantity: i64, price_ticks: i64) -> None:
    """So much trades at one price, which is one in the far leg too, into the spreading row."""
    spreading = tables.spreading
    far = instruments_at(tables, spread.far_instrument)
    held: i64 = positions_at(tables, spreading.far_slot).quantity
    closing: i64 = closing_quantity(held, signed_quantity(side, quantity))
    ticks: i64 = far_price(tables, spread, price_ticks)
    spreading.filled_quantity = quantity
    spreading.far_value_minor = leg_value_minor(tables, far, quantity, ticks)
    spreading.closing_value_minor = leg_value_minor(tables, far, closing, ticks)
    set_near_value(tables, spread)


def set_near_value(tables: Tables, spread: InstrumentRow) -> None:
    """What would trade is worth this in the near leg, where all of it has one price."""
    near = instruments_at(tables, spread.near_instrument)
    ticks: i64 = near_price(tables, spread)
    tables.spreading.near_value_minor = leg_value_minor(tables, near, tables.spreading.filled_quantity, ticks)


def weigh_spread(
    tables: Tables,
    number: i64,
    account: i64,
    side: i64,
    left: i64,
    limit_ticks: i64,
    amended: OrderRow,
) -> Code:
    """What an order of a side is refused for, given what of it trades in the spreading row, with `left` contracts
    resting at the limit afterwards (SPR-04).

    `amended` is the order as it rests now, row 0 if it does not.  Legs were found and are cross.
    """
    spread = instruments_at(tables, number)
    spreading = tables.spreading
    assessed = tables.assessment
    spreading.spent_minor = 0
    spreading.required_minor = 0
    spreading.slack_minor = 0
    spreading.holds = 0
    spreading.over_limit = 0
    own = positions_at(tables, find_position_slot(tables, account, number))
    still_open: i64 = own.buy_quantity + own.sell_quantity + left
    if amended.level != 0:
        still_open -= amended.leaves_quantity
    near_slot: i64 = spreading.near_slot
    far_slot: i64 = spreading.far_slot
    traded: i64 = spreading.filled_quantity
    value: i64 = spreading.near_value_minor
    other: i64 = opposite(side)
    near = positions_at(tables, near_slot)
    closing: i64 = closing_quantity(near.quantity, signed_quantity(other, traded))
    lot: i64 = spread.lot
    part: i64 = value // (traded // lot) * (closing // lot) if closing > 0 and value < AMOUNT_BOUND else 0
    spreading.too_large = 0
    weigh_leg(tables, spread.near_instrument, near_slot, other, value, part, still_open)
    part = spreading.closing_value_minor
    weigh_leg(tables, spread.far_instrument, far_slot, side, spreading.far_value_minor, part, still_open)
    if spreading.too_large != 0:
        return Code.VALUE_TOO_LARGE
    weigh(tables, account, spread.currency)
    slack: i64 = slack_minor(tables) + spreading.slack_minor
    held: flag = spreading.holds != 0 or tables.weighing.positions > 0
    before: i64 = available_minor(tables, account, spread.currency)
    now: i64 = orders_margin_minor(own, 0, lot)
    after: i64 = orders_after_minor(tables, number, own, account, side, left, limit_ticks, amended)
    change: i64 = spreading.spent_minor + spreading.required_minor + after - now
    assessed.before_minor = before
    assessed.available_minor = max(-(TOTAL_BOUND // 2), before - change)
    if assessed.available_minor < 0:
        return Code.BALANCE_INSUFFICIENT
    if held and slack - after + now <= 0:
        return Code.LIQUIDATION_IMMEDIATE
    return Code.RISK_LIMIT_EXCEEDED if spreading.over_limit != 0 else Code.OK


def weigh_leg(tables: Tables, number: i64, slot: i64, side: i64, value: i64, closing_value: i64, waiting: i64) -> None:
    """Add what trades in one leg to the spreading row: what is spent, what the position then takes, how it passes the
    test; `waiting` contracts more may come from the account's orders in the spread."""
    spreading = tables.spreading
    leg = instruments_at(tables, number)
    position = positions_at(tables, slot)
    fault = tables.fault
    traded: i64 = spreading.filled_quantity
    contracts: i64 = magnitude(position.quantity) + position.buy_quantity + position.sell_quantity
    amount: i64 = magnitude(position.cost_minor) + position.buy_value_minor + position.sell_value_minor
    rest: i64 = times(waiting // leg.lot, leg.mark_lot_minor)
    if contracts + traded + waiting >= QUANTITY_BOUND or value >= AMOUNT_BOUND or rest >= AMOUNT_BOUND:
        spreading.too_large = 1
        return
    if value + rest + amount >= AMOUNT_BOUND:
        spreading.too_large = 1
        return
    closing: i64 = closing_quantity(position.quantity, signed_quantity(side, traded))
    closed: i64 = 0
    spent: i64 = fee_minor(value, leg.taker_fee_ppm, fault)
    if closing > 0:
        closed = cost_of_part(position.cost_minor, closing, magnitude(position.quantity), fault)
        spent += closed + cost_of_side(leg, side, closing_value)
    held: i64 = position.quantity + signed_quantity(side, traded)
    cost: i64 = position.cost_minor + cost_of_side(leg, side, value - closing_value) - closed
    required: i64 = held_back_minor(position, leg, held, cost, 0, fault)
    required = capped(wide(required) + orders_margin_minor(position, held, leg.lot))
    spreading.spent_minor += spent
    spreading.required_minor += required - position_requirement(tables, position, leg)
    worth: i64 = signed_value_minor(leg, held, leg.mark_lot_minor)
    slack: i64 = unrealised_minor(worth, cost) - spent - orders_margin_minor(position, held, leg.lot)
    slack -= maintenance_minor(leg, position.risk_steps, held, cost, chosen_leverage(position), fault)
    if held != 0:
        spreading.holds = 1
    spreading.slack_minor += slack + orders_margin_minor(position, position.quantity, leg.lot)
    if position.quantity != 0:
        spreading.slack_minor -= gain_minor(position, leg) - upkeep_minor(tables, position, leg)
    weigh_limit(tables, number, position, held, rest)


def weigh_limit(tables: Tables, number: i64, position: PositionRow, held: i64, rest: i64) -> None:
    """Note a leg whose risk limit position and orders would exceed, those of the spread among them (MRG-05)."""
    spreading = tables.spreading
    leg = instruments_at(tables, number)
    limit: i64 = position.risk_limit_minor if position.instrument != 0 else leg.risk_limit_minor
    now: i64 = magnitude(signed_value_minor(leg, position.quantity, leg.mark_lot_minor))
    risk: i64 = magnitude(signed_value_minor(leg, held, leg.mark_lot_minor))
    # Who comes nearer to zero and leaves nothing open may do so beyond the limit.
    if risk < now and rest == 0:
        return
    risk += rest + position.buy_value_minor + position.sell_value_minor
    if risk > limit and spreading.over_limit == 0:
        spreading.over_limit = number
        spreading.risk_value_minor = risk
        spreading.risk_limit_minor = limit


def orders_after_minor(
    tables: Tables,
    number: i64,
    own: PositionRow,
    account: i64,
    side: i64,
    left: i64,
    limit_ticks: i64,
    amended: OrderRow,
) -> i64:
    """Margin of the account's orders in the spread with `left` contracts of this one resting instead of `amended`."""
    spread = instruments_at(tables, number)
    removed: i64 = amended.leaves_quantity if amended.level != 0 else 0
    margin: i64 = spread_margin_minor(tables, spread, account, side, left, limit_ticks)
    dearest: i64 = dearest_lot(margin, left, spread.lot, tables.fault)
    draft = positions_at(tables, 0)
    draft.buy_quantity = own.buy_quantity
    draft.buy_margin_minor = own.buy_margin_minor
    draft.buy_dearest_minor = own.buy_dearest_minor
    draft.sell_quantity = own.sell_quantity
    draft.sell_margin_minor = own.sell_margin_minor
    draft.sell_dearest_minor = own.sell_dearest_minor
    if side == Side.BUY:
        draft.buy_quantity += left - removed
        draft.buy_margin_minor += margin - amended.margin_minor
        draft.buy_dearest_minor = max(draft.buy_dearest_minor, dearest)
    else:
        draft.sell_quantity += left - removed
        draft.sell_margin_minor += margin - amended.margin_minor
        draft.sell_dearest_minor = max(draft.sell_dearest_minor, dearest)
    after: i64 = orders_margin_minor(draft, 0, spread.lot)
    clear_positions(tables, 0)
    return after
