"""What an order would do if it came now, without doing it: the basis of every refusal for balance and limits.

The sweep looks at levels, not at orders, so it is as long as the levels crossed.  It is exact but for the rounding of
fees (one here, one per fill there: at most half a minor unit each) and for resting orders that only reduce or that
cancel each other, which may trade less than they show: they do not count, so the order is weighed at prices no better
than it will get.  Changes nothing but the assessment row and, for a moment, row 0 of the positions.
"""

import cython

if not cython.compiled:
    from outcry.engine.book import best_ticks, level_slot, next_worse
    from outcry.engine.equity import backing_minor, gain_minor, own_margin_minor, spare_minor, upkeep_minor, weigh
    from outcry.engine.funds import (
        available_without,
        chosen_leverage,
        held_back_minor,
        required_minor,
        risk_value_minor,
    )
    from outcry.engine.orders import dearest_lot, premium_of
    from outcry.engine.rungs import is_collecting
    from outcry.engine.selftrade import mode_of, own_quantity
    from outcry.protocol.layout import (
        AMOUNT_BOUND,
        QUANTITY_BOUND,
        InstrumentRow,
        MarginMethod,
        OrderFlag,
        OrderRow,
        PositionRow,
        SelfTrade,
        Side,
        Tables,
        clear_positions,
        flag,
        i64,
        levels_at,
        positions_at,
        wide,
    )
    from outcry.rules.arith import capped, magnitude, times
    from outcry.rules.backing import exposed_lot_minor, is_paid_up
    from outcry.rules.fees import commission_minor, fee_minor
    from outcry.rules.liquidation import price_subticks
    from outcry.rules.margin import (
        exceeds_maintenance,
        loss_after_minor,
        maintenance_minor,
        open_orders_minor,
        order_cost_minor,
        position_margin_minor,
    )
    from outcry.rules.position import closing_quantity, cost_of_part
    from outcry.rules.value import cost_of_side, lot_value_minor, signed_value_minor, subticks_of, value_minor


def opposite(side: i64) -> i64:
    """The other side."""
    return Side.SELL if side == Side.BUY else Side.BUY


def crosses(side: i64, limit_ticks: i64, price_ticks: i64) -> flag:
    """Whether an order of this side and limit trades at a price of the other side; price 0 is no price."""
    if price_ticks == 0:
        return False
    return limit_ticks >= price_ticks if side == Side.BUY else limit_ticks <= price_ticks


def signed_quantity(side: i64, quantity: i64) -> i64:
    """Positive for buys."""
    return quantity if side == Side.BUY else -quantity


def sweep(
    tables: Tables, instrument: InstrumentRow, side: i64, quantity: i64, limit_ticks: i64, closing: i64, passed: i64
) -> None:
    """What would trade at once, and its value; the first `closing` contracts are counted apart as well.

    `passed` is the account whose orders end instead of trading, 0 if there is none (ORD-10).
    """
    assessed = tables.assessment
    assessed.filled_quantity = 0
    assessed.filled_value_minor = 0
    assessed.closing_quantity = 0
    assessed.closing_value_minor = 0
    other: i64 = opposite(side)
    # What an auction collects rests, whatever it may come to (AUC-02).
    price: i64 = best_ticks(instrument, other) if not is_collecting(instrument) else 0
    lot: i64 = 0
    place: i64 = 0
    there: i64 = 0
    take: i64 = 0
    part: i64 = 0
    while assessed.filled_quantity < quantity and crosses(side, limit_ticks, price):
        lot = lot_value_minor(instrument, subticks_of(instrument, price), tables.fault)
        place = level_slot(tables, instrument, other, price)
        level = levels_at(tables, place)
        there = level.quantity - level.reduce_quantity
        if passed != 0:
            there -= own_quantity(tables, place, passed)
        take = min(quantity - assessed.filled_quantity, there)
        part = min(take, closing - assessed.closing_quantity)
        assessed.filled_quantity += take
        assessed.filled_value_minor += times(take // instrument.lot, lot)
        assessed.closing_quantity += part
        assessed.closing_value_minor += times(part // instrument.lot, lot)
        if assessed.filled_value_minor >= AMOUNT_BOUND:
            return
        price = next_worse(tables, instrument, other, price)


def only_reduces(position: PositionRow, amended: OrderRow, side: i64, quantity: i64) -> flag:
    """Whether the order, with its account's other orders on that side, cannot pass through zero."""
    if closing_quantity(position.quantity, signed_quantity(side, quantity)) != quantity:
        return False
    resting: i64 = position.buy_quantity if side == Side.BUY else position.sell_quantity
    if amended.level != 0 and amended.flags & OrderFlag.REDUCE_ONLY == 0:
        resting -= amended.leaves_quantity
    return quantity + resting <= magnitude(position.quantity)


def too_large(
    tables: Tables,
    instrument: InstrumentRow,
    position: PositionRow,
    amended: OrderRow,
    side: i64,
    quantity: i64,
    price_ticks: i64,
) -> flag:
    """Whether quantities or values, at the price or the mark, could leave the bounds of an account (ORD-06).

    What closes the position does not count, nor does the order that is replaced.
    """
    lot: i64 = lot_value_minor(instrument, subticks_of(instrument, price_ticks), tables.fault)
    lot = max(lot, instrument.mark_lot_minor)
    if instrument.margin_method != MarginMethod.BY_RATES:
        lot = max(lot, exposed_lot_minor(instrument))
    opening: i64 = quantity - closing_quantity(position.quantity, signed_quantity(side, quantity))
    contracts: i64 = magnitude(position.quantity) + position.buy_quantity + position.sell_quantity
    held: i64 = magnitude(position.cost_minor) + position.buy_value_minor + position.sell_value_minor
    if amended.level != 0 and amended.flags & OrderFlag.REDUCE_ONLY == 0:
        contracts -= amended.leaves_quantity
        held -= amended.value_minor
    value: i64 = times(quantity // instrument.lot, lot)
    if instrument.margin_method != MarginMethod.BY_RATES:
        # A contract of these stands for more than it trades for.
        held = times(max(0, contracts) // instrument.lot, lot)
    if contracts + opening >= QUANTITY_BOUND or value >= AMOUNT_BOUND:
        return True
    if opening != quantity:
        value = times(opening // instrument.lot, lot)
    return value + held >= AMOUNT_BOUND


def passed_account(tables: Tables, position: PositionRow, account: i64, side: i64, self_trade: i64) -> i64:
    """The account if it has orders on the other side that end when an order with this mode meets them, else 0."""
    own: i64 = position.buy_quantity if side == Side.SELL else position.sell_quantity
    if own == 0 or mode_of(tables, account, self_trade) != SelfTrade.EXPIRE_MAKER:
        return 0
    return account


def assess(
    tables: Tables,
    position: PositionRow,
    instrument: InstrumentRow,
    amended: OrderRow,
    account: i64,
    side: i64,
    quantity: i64,
    limit_ticks: i64,
    resting: i64,
    self_trade: i64,
) -> None:
    """Fill the assessment row for an order of this open quantity.

    `amended` is the order it replaces, row 0 if none; `resting` says what becomes of what does not trade at once: 1 it
    rests, 2 it rests and only reduces, 0 it ends.  `self_trade` is its own mode, 0 for its account's.
    """
    assessed = tables.assessment
    closing: i64 = closing_quantity(position.quantity, signed_quantity(side, quantity))
    passed: i64 = passed_account(tables, position, account, side, self_trade)
    sweep(tables, instrument, side, quantity, limit_ticks, closing, passed)
    assessed.too_large = 1 if assessed.filled_value_minor + magnitude(position.cost_minor) >= AMOUNT_BOUND else 0
    if assessed.too_large == 0:
        left: i64 = quantity - assessed.filled_quantity if resting != 0 else 0
        assess_funds(tables, position, instrument, amended, account, side, left, limit_ticks, resting)


def own_after_minor(tables: Tables, position: PositionRow, fee: i64) -> i64:
    """What was moved into a position less the opening fees it has paid, once the assessed fills are done (MRG-03)."""
    assessed = tables.assessment
    own: i64 = position.moved_margin_minor
    if assessed.closing_quantity > 0 and assessed.closing_quantity == magnitude(position.quantity):
        own = 0
    if position.isolated != 0:
        own -= loss_after_minor(
            position.loss_minor,
            fee,
            magnitude(position.quantity),
            assessed.closing_quantity,
            assessed.filled_quantity,
            tables.fault,
        )
    return own


def assess_trade(
    tables: Tables, position: PositionRow, instrument: InstrumentRow, order: OrderRow, quantity: i64
) -> None:
    """Fill the assessment row for so much of a resting order that trades now at its auction's price (AUC-07).

    What is left of the order is not weighed: it has its turn, or stays as it is.
    """
    assessed = tables.assessment
    side: i64 = order.side
    lot: i64 = lot_value_minor(instrument, subticks_of(instrument, instrument.auction_ticks), tables.fault)
    closing: i64 = closing_quantity(position.quantity, signed_quantity(side, quantity))
    assessed.filled_quantity = quantity
    assessed.filled_value_minor = times(quantity // instrument.lot, lot)
    assessed.closing_quantity = closing
    assessed.closing_value_minor = times(closing // instrument.lot, lot)
    assessed.too_large = 1 if assessed.filled_value_minor + magnitude(position.cost_minor) >= AMOUNT_BOUND else 0
    if assessed.too_large == 0:
        account: i64 = order.account
        assess_funds(tables, position, instrument, order, account, side, 0, instrument.auction_ticks, 0)


def assess_funds(
    tables: Tables,
    position: PositionRow,
    instrument: InstrumentRow,
    amended: OrderRow,
    account: i64,
    side: i64,
    left: i64,
    limit_ticks: i64,
    resting: i64,
) -> None:
    """Balance and risk value now and after the assessed fills, with `left` contracts resting at the limit."""
    fault = tables.fault
    assessed = tables.assessment
    held: i64 = position.quantity
    cost: i64 = position.cost_minor
    fee: i64 = commission_minor(
        instrument, assessed.filled_quantity, assessed.filled_value_minor, instrument.taker_fee_ppm, fault
    )
    spent: i64 = fee
    closed: i64 = 0
    if assessed.closing_quantity > 0:
        closed = cost_of_part(cost, assessed.closing_quantity, magnitude(held), fault)
        spent += closed + cost_of_side(instrument, side, assessed.closing_value_minor)
    held += signed_quantity(side, assessed.filled_quantity)
    cost += cost_of_side(instrument, side, assessed.filled_value_minor - assessed.closing_value_minor) - closed
    own: i64 = own_after_minor(tables, position, fee)
    # Row 0, which holds the draft from here, is also what stands for a position that is not there yet.
    before: i64 = available_without(tables, account, instrument.currency, position.instrument)
    own_now: i64 = position.moved_margin_minor - position.loss_minor
    held_now: i64 = held_back_minor(position, instrument, position.quantity, position.cost_minor, own_now, fault)
    assessed.before_minor = before - required_minor(position, instrument, held_now)
    resting_value: i64 = weigh_orders(tables, position, instrument, amended, side, left, limit_ticks, resting)
    # Where nothing trades at once the position takes what it takes now.
    required: i64 = held_now
    if assessed.filled_quantity != 0 or own != own_now:
        required = held_back_minor(position, instrument, held, cost, own, fault)
    draft = positions_at(tables, 0)
    required = capped(wide(required) + open_orders_minor(instrument, draft, held))
    draft.leverage_centi = position.leverage_centi
    draft.isolated = position.isolated
    draft.risk_steps = position.risk_steps
    draft.quantity = held
    draft.cost_minor = cost
    draft.moved_margin_minor = own
    assessed.liquidated = 0
    if position.isolated == 0:
        assessed.liquidated = 1 if would_fail_together(tables, account, position, instrument, spent) else 0
    elif would_fail_alone(tables, instrument, side, 0, limit_ticks) or (
        resting == 1 and left > 0 and would_fail_alone(tables, instrument, side, left, limit_ticks)
    ):
        assessed.liquidated = 1
    assessed.available_minor = before - spent - required
    # With something available, which knows losses and no gains, nobody is bankrupt.
    short: flag = position.isolated == 0 and assessed.available_minor < 0
    if short and would_be_bankrupt(tables, account, position, instrument, spent):
        assessed.liquidated = 2
    open_value: i64 = position.buy_value_minor + position.sell_value_minor + resting_value - amended.value_minor
    assessed.risk_value_minor = risk_value_minor(instrument, draft, held, open_value)
    clear_positions(tables, 0)


def would_fail_alone(tables: Tables, instrument: InstrumentRow, side: i64, left: i64, limit_ticks: i64) -> flag:
    """Whether an isolated position as in row 0, and `left` contracts more at the limit, fail the test (MRG-11).

    What rests pays the maker's fee, and loses what its price is through the mark; a price better than the mark is no
    profit, because by the time it trades the mark will have come there.
    """
    fault = tables.fault
    draft = positions_at(tables, 0)
    held: i64 = draft.quantity
    cost: i64 = draft.cost_minor
    own: i64 = draft.moved_margin_minor
    gain: i64 = gain_minor(draft, instrument)
    opening: i64 = left - closing_quantity(held, signed_quantity(side, left))
    if opening < left:
        held = 0
        cost = 0
        own = 0
        gain = 0
    if opening > 0:
        value: i64 = value_minor(instrument, opening, subticks_of(instrument, limit_ticks), fault)
        cost += cost_of_side(instrument, side, value)
        gain -= premium_of(instrument, side, opening, value, draft.risk_steps, fault)
        own -= fee_minor(value, instrument.maker_fee_ppm, fault)
        held += signed_quantity(side, opening)
    if held == 0:
        return False
    leverage: i64 = chosen_leverage(draft)
    own += position_margin_minor(instrument, draft.risk_steps, held, cost, leverage, fault)
    return own + gain <= maintenance_minor(instrument, draft.risk_steps, held, cost, leverage, fault)


def would_fail_together(
    tables: Tables, account: i64, position: PositionRow, instrument: InstrumentRow, spent: i64
) -> flag:
    """Whether the account's cross positions fail the test with the position as in row 0 and `spent` paid (MRG-11).

    Where initial margin is more than maintenance, a balance that covers the order passes the test as well.
    """
    draft = positions_at(tables, 0)
    steps: i64 = draft.risk_steps
    held: i64 = draft.quantity
    if held == 0 or is_paid_up(instrument, held) or exceeds_maintenance(instrument, steps, draft.cost_minor):
        return False
    upkeep: i64 = upkeep_minor(tables, draft, instrument)
    if position_margin_minor(instrument, steps, held, draft.cost_minor, chosen_leverage(draft), tables.fault) > upkeep:
        return False
    weigh(tables, account, instrument.currency)
    equity: i64 = tables.weighing.equity_minor - spent + gain_minor(draft, instrument)
    equity -= tables.weighing.orders_minor + tables.weighing.maintenance_minor
    if position.instrument != 0 and position.quantity != 0:
        equity -= spare_minor(tables, position, instrument)
    if position.instrument != 0:
        equity += open_orders_minor(instrument, position, position.quantity)
    return equity - upkeep <= open_orders_minor(instrument, draft, held)


def would_be_bankrupt(
    tables: Tables, account: i64, position: PositionRow, instrument: InstrumentRow, spent: i64
) -> flag:
    """Whether what trades at once leaves the account less than nothing, and less than now (MRG-11).

    Who closes a gain far from the mark has more to spend afterwards, but the losses it covered may be others' to bear.
    """
    draft = positions_at(tables, 0)
    weigh(tables, account, instrument.currency)
    before: i64 = tables.weighing.equity_minor
    equity: i64 = before - spent + backing_minor(tables, draft, instrument)
    if position.instrument != 0 and position.quantity != 0:
        equity -= backing_minor(tables, position, instrument)
    return equity < 0 and equity < before


def bankruptcy_ticks(
    tables: Tables, account: i64, position: PositionRow, instrument: InstrumentRow, side: i64, quantity: i64
) -> i64:
    """The price at which trading a quantity would use up what its account can lose, in ticks; 0 if no price does
    (ORD-13).

    That is the equity of the account's cross positions less the margin of orders; for an isolated position its own
    equity and what the account has available.
    """
    if instrument.margin_method != MarginMethod.BY_RATES:
        # What it would hold back for the contracts themselves is not known by their mark (COL-02).
        return 0
    weigh(tables, account, instrument.currency)
    budget: i64 = max(0, tables.weighing.equity_minor - tables.weighing.orders_minor)
    if position.isolated != 0:
        budget = max(0, available_without(tables, account, instrument.currency, 0))
        if position.quantity != 0:
            budget += max(0, own_margin_minor(tables, position, instrument) + gain_minor(position, instrument))
    bought: i64 = signed_quantity(side, quantity)
    worth: i64 = signed_value_minor(instrument, bought, instrument.mark_lot_minor)
    # Who buys at a price loses what the bought is worth less at the mark, as one who holds it and sells there gains.
    edge: i64 = price_subticks(instrument, bought, worth + budget, side != Side.BUY)
    if side == Side.BUY:
        return edge // instrument.subticks_per_tick
    return (edge + instrument.subticks_per_tick - 1) // instrument.subticks_per_tick


def weigh_orders(
    tables: Tables,
    position: PositionRow,
    instrument: InstrumentRow,
    amended: OrderRow,
    side: i64,
    left: i64,
    limit_ticks: i64,
    resting: i64,
) -> i64:
    """The sums of the position's orders as they would be, into row 0 of the positions; the value of what would rest.

    Row 0 stands for no position everywhere else and is cleared again by the caller.
    """
    draft = positions_at(tables, 0)
    draft.buy_quantity = position.buy_quantity
    draft.buy_margin_minor = position.buy_margin_minor
    draft.buy_dearest_minor = position.buy_dearest_minor
    draft.buy_reduce_quantity = position.buy_reduce_quantity
    draft.sell_quantity = position.sell_quantity
    draft.sell_margin_minor = position.sell_margin_minor
    draft.sell_dearest_minor = position.sell_dearest_minor
    draft.sell_reduce_quantity = position.sell_reduce_quantity
    removed: i64 = amended.leaves_quantity if amended.level != 0 else 0
    value: i64 = value_minor(instrument, left, subticks_of(instrument, limit_ticks), tables.fault)
    premium: i64 = premium_of(instrument, side, left, value, position.risk_steps, tables.fault)
    draft.buy_premium_minor = position.buy_premium_minor
    draft.sell_premium_minor = position.sell_premium_minor
    if side == Side.BUY:
        draft.buy_premium_minor += premium - amended.premium_minor
    else:
        draft.sell_premium_minor += premium - amended.premium_minor
    if resting == 2:
        if side == Side.BUY:
            draft.buy_reduce_quantity += left - removed
        else:
            draft.sell_reduce_quantity += left - removed
        return 0
    margin: i64 = order_cost_minor(instrument, position.risk_steps, value, chosen_leverage(position), tables.fault)
    margin += premium
    dearest: i64 = dearest_lot(margin, left, instrument.lot, tables.fault)
    if side == Side.BUY:
        draft.buy_quantity += left - removed
        draft.buy_margin_minor += margin - amended.margin_minor
        draft.buy_dearest_minor = max(draft.buy_dearest_minor, dearest)
    else:
        draft.sell_quantity += left - removed
        draft.sell_margin_minor += margin - amended.margin_minor
        draft.sell_dearest_minor = max(draft.sell_dearest_minor, dearest)
    return value
