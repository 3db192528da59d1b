"""What is done, step by step, for an account that fails the test (LIQ-02 to LIQ-05): the ladder.

One call is one step, and the account is weighed again before the next: lower the risk limit to what is needed, cancel
an order, close just enough by fill-or-kill to reach a lower tier, hand the position over at its bankruptcy value.
First the two ladders, then their steps.  Never decides who is examined, nor what becomes of what was taken over.
"""

import cython

if not cython.compiled:
    from outcry.engine.accounts import say_margin, say_risk_limit
    from outcry.engine.bankruptcy import bankrupt_alone, bankrupt_together, reserve_alone, reserve_together
    from outcry.engine.equity import (
        can_trade,
        gain_minor,
        own_margin_minor,
        slack_minor,
        stands_alone,
        upkeep_minor,
    )
    from outcry.engine.funds import risk_value_minor
    from outcry.engine.limits import band_ticks
    from outcry.engine.orders import end_resting, reserve_again
    from outcry.engine.placing import finish_order
    from outcry.engine.selftrade import mode_of, surely_fills
    from outcry.engine.standing import venue_order
    from outcry.engine.takeovers import take_over
    from outcry.protocol.layout import (
        EndReason,
        LadderStep,
        LiquidationStep,
        Side,
        Tables,
        TimeInForce,
        accounts_at,
        flag,
        i64,
        instruments_at,
        new_liquidation_step,
        orders_at,
        positions_at,
    )
    from outcry.rules.arith import magnitude
    from outcry.rules.backing import risk_lot_minor
    from outcry.rules.closing import closing_side, closing_ticks
    from outcry.rules.liquidation import kept_quantity
    from outcry.rules.margin import limit_minor, steps_needed


def climb_isolated(tables: Tables, slot: i64) -> None:
    """One step for an isolated position that fails the test where trading is possible."""
    position = positions_at(tables, slot)
    account: i64 = position.account
    order: i64 = 0
    accounts_at(tables, account).distressed = 1
    if lower_tier(tables, slot):
        return
    order = newest_order(tables, account, slot, 0)
    if order != 0:
        cancel_step(tables, slot, order)
    elif not reduce_step(tables, slot, bankrupt_alone(tables, slot)):
        say_step(tables, slot, LadderStep.STEP_TAKEOVER)
        take_over(tables, slot, bankrupt_alone(tables, slot), reserve_alone(tables, slot))
        accounts_at(tables, account).distressed = 0


def climb_together(tables: Tables, account: i64, currency: i64) -> flag:
    """One step for cross positions that fail the test as weighed just before; False if none of them can be traded."""
    largest: i64 = tables.weighing.largest
    slot: i64 = accounts_at(tables, account).first_position
    order: i64 = 0
    if largest == 0:
        return False
    accounts_at(tables, account).distressed = 1
    while slot != 0:
        position = positions_at(tables, slot)
        instrument = instruments_at(tables, position.instrument)
        together: flag = position.quantity != 0 and instrument.currency == currency
        if stands_alone(position, instrument):
            together = False
        if together and can_trade(instrument) and lower_tier(tables, slot):
            return True
        slot = position.next_position
    order = newest_order(tables, account, 0, currency)
    if order != 0:
        cancel_step(tables, largest, order)
    elif not reduce_step(tables, largest, bankrupt_together(tables, largest)):
        say_step(tables, largest, LadderStep.STEP_TAKEOVER)
        take_over(tables, largest, bankrupt_together(tables, largest), reserve_together(tables, largest))
        accounts_at(tables, account).distressed = 0
    return True


def lower_tier(tables: Tables, slot: i64) -> flag:
    """Lower a position's risk limit to what position and orders need (LIQ-02); False if it is no higher.

    An isolated position keeps the margin it has: what the lower tier asks less of it counts as moved in.
    """
    position = positions_at(tables, slot)
    instrument = instruments_at(tables, position.instrument)
    open_value: i64 = position.buy_value_minor + position.sell_value_minor
    held: i64 = risk_value_minor(instrument, position, position.quantity, open_value)
    steps: i64 = steps_needed(instrument, held)
    if steps >= position.risk_steps:
        return False
    say_step(tables, slot, LadderStep.STEP_TIER)
    own: i64 = own_margin_minor(tables, position, instrument)
    position.risk_steps = steps
    position.risk_limit_minor = limit_minor(instrument, steps)
    if position.isolated != 0:
        position.moved_margin_minor += own - own_margin_minor(tables, position, instrument)
        say_margin(tables, slot)
    reserve_again(tables, slot)
    say_risk_limit(tables, slot, 1)
    return True


def newest_order(tables: Tables, account: i64, position: i64, currency: i64) -> i64:
    """The account's newest resting order of a position, or of a currency if position is 0; if none rests, the newest
    that waits; 0 if there is none."""
    slot: i64 = accounts_at(tables, account).first_order
    waiting: i64 = 0
    found: flag = False
    while slot != 0:
        order = orders_at(tables, slot)
        if position != 0:
            found = order.position == position
        else:
            found = instruments_at(tables, order.instrument).currency == currency
        if found and order.level != 0:
            return slot
        if found and waiting == 0:
            waiting = slot
        slot = order.account_next
    return waiting


def cancel_step(tables: Tables, slot: i64, order_slot: i64) -> None:
    """Cancel one order (LIQ-03)."""
    said = say_step(tables, slot, LadderStep.STEP_CANCEL)
    said.order_id = orders_at(tables, order_slot).order_id
    said.order_quantity = orders_at(tables, order_slot).leaves_quantity
    end_resting(tables, order_slot, EndReason.ENDED_LIQUIDATION)


def reduce_step(tables: Tables, slot: i64, bankrupt: i64) -> flag:
    """Close just enough to fit the tier below, all at once or not at all, no worse than the bankruptcy price (LIQ-04).

    False if there is no tier below or nobody takes it.
    """
    position = positions_at(tables, slot)
    instrument = instruments_at(tables, position.instrument)
    side: i64 = closing_side(position.quantity)
    if position.risk_steps == 0:
        return False
    below: i64 = position.risk_steps
    below -= 1
    kept: i64 = kept_quantity(instrument, limit_minor(instrument, below), risk_lot_minor(instrument))
    quantity: i64 = magnitude(position.quantity) - min(kept, magnitude(position.quantity))
    price: i64 = closing_ticks(instrument, position.quantity, bankrupt)
    if quantity == 0 or price == 0:
        return False
    edge: i64 = band_ticks(tables, instrument, side)
    price = max(price, edge) if side == Side.SELL else min(price, edge)
    mode: i64 = mode_of(tables, position.account, 0)
    if not surely_fills(tables, instrument, position.account, side, quantity, price, mode):
        return False
    said = say_step(tables, slot, LadderStep.STEP_REDUCE)
    said.order_id = tables.venue.next_order_id
    said.order_quantity = quantity
    finish_order(tables, venue_order(tables, slot, side, quantity, price, TimeInForce.FILL_OR_KILL, 0))
    return True


def say_step(tables: Tables, slot: i64, step: i64) -> LiquidationStep:
    """Why the ladder is climbed, and with what; the caller may add an order to the event it is handed."""
    position = positions_at(tables, slot)
    instrument = instruments_at(tables, position.instrument)
    said = new_liquidation_step(tables)
    said.account = position.account
    said.instrument = position.instrument
    said.step = step
    said.isolated = position.isolated
    said.steps = position.risk_steps
    said.mark_subticks = instrument.mark_subticks
    said.mark_sequence = instrument.mark_sequence
    said.funding_rate_ppb = instrument.funding_rate_ppb
    said.quantity = position.quantity
    said.cost_minor = position.cost_minor
    if position.isolated != 0:
        said.positions = 1
        said.equity_minor = own_margin_minor(tables, position, instrument) + gain_minor(position, instrument)
        said.maintenance_minor = upkeep_minor(tables, position, instrument)
        said.missing_minor = said.maintenance_minor - said.equity_minor + 1
    else:
        said.positions = tables.weighing.positions
        said.equity_minor = tables.weighing.equity_minor
        said.maintenance_minor = tables.weighing.maintenance_minor
        said.orders_minor = tables.weighing.orders_minor
        said.missing_minor = 1 - slack_minor(tables)
    return said


def say_saved(tables: Tables, account: i64) -> None:
    """The account passes the test again."""
    said = new_liquidation_step(tables)
    said.account = account
    said.step = LadderStep.STEP_SAVED
