"""Waiting orders go on: a trigger was reached, or a primary filled (ORD-14, ORD-18).

A waiting order reserves nothing and is weighed like a new one when it goes live; one that would be refused then ends
with the code it would have been refused for.  `triggers_unit` is the engine's own work: one order a unit.
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
    from outcry.engine.book import best_ticks
    from outcry.engine.conditions import arm, drop_released, end_waiting, let_go
    from outcry.engine.events import say_amended
    from outcry.engine.funding import bring_account
    from outcry.engine.known import instrument_refusal, rung_refusal
    from outcry.engine.limits import band_ticks, beyond_band, within_limits
    from outcry.engine.links import cancel_others
    from outcry.engine.orders import end_order, end_refused
    from outcry.engine.placing import finish_order, funds_refusal, whole_position
    from outcry.engine.reaching import judge_set, may_fire
    from outcry.engine.rungs import is_collected, venue_trades
    from outcry.engine.selftrade import mode_of, surely_fills
    from outcry.engine.small import goes_unseen, is_small, note_small
    from outcry.engine.standing import take_place
    from outcry.engine.trailing import begin_trailing, follow
    from outcry.engine.trigger_sets import (
        for_trading,
        is_upward,
        nearest,
        set_number,
        set_reference,
        trigger_set,
        waits_at,
    )
    from outcry.protocol.layout import (
        REDUCING_ORDERS,
        TRIGGER_SETS,
        Code,
        ConditionStage,
        EndReason,
        InstrumentRow,
        OrderFlag,
        OrderRow,
        PegKind,
        PositionRow,
        TableNumber,
        Tables,
        TimeInForce,
        conditions_at,
        flag,
        i64,
        instruments_at,
        new_triggered,
        orders_at,
        pools_at,
        positions_at,
        trigger_sets_at,
    )
    from outcry.rules.arith import magnitude
    from outcry.rules.position import closing_quantity
    from outcry.rules.triggers import has_reached, is_market, is_stop, stays


def triggers_unit(tables: Tables) -> flag:
    """One released order goes on, one order is triggered, or one follows its reference; False if nothing is left.

    While the venue does not trade, released orders wait for it: going on, they would only be refused.
    """
    if tables.venue.first_released != 0 and venue_trades(tables):
        go_on(tables, tables.venue.first_released)
        return True
    while tables.venue.trigger_instrument != 0:
        if instrument_unit(tables, tables.venue.trigger_instrument):
            return True
        tables.venue.trigger_instrument += 1
        if tables.venue.trigger_instrument > pools_at(tables, TableNumber.INSTRUMENTS_TABLE).high:
            tables.venue.trigger_instrument = 0
    return False


def instrument_unit(tables: Tables, number: i64) -> flag:
    """The next order of an instrument: who waited for it to trade, then set by set, in each the nearest trigger first;
    False if none is left.

    Where nothing may be triggered what was reached is forgotten: it is judged anew when trading goes on.
    """
    place: i64
    slot: i64 = 0
    row = trigger_sets_at(tables, for_trading(number))
    if row.reached_subticks != 0:
        slot = nearest(tables, for_trading(number)) if may_fire(tables, number) else 0
        if slot != 0:
            come_live(tables, slot)
            return True
        row.reached_subticks = 0
    for place in range(14):
        row = trigger_sets_at(tables, set_number(number, place))
        if row.reached_subticks == 0:
            continue
        slot = nearest(tables, set_number(number, place)) if may_fire(tables, number) else 0
        if slot != 0:
            price: i64 = waits_at(conditions_at(tables, slot), place >= 8)
            if has_reached(row.reached_subticks, price, is_upward(place)):
                if place < 8:
                    fire(tables, slot, row.reached_subticks)
                else:
                    follow(tables, slot, row.reached_subticks)
                return True
        row.reached_subticks = 0
    return False


def fire(tables: Tables, slot: i64, reached_subticks: i64) -> None:
    """An armed order's trigger was reached: the others of its group end, and it goes live."""
    order_slot: i64 = conditions_at(tables, slot).order
    say_triggered(tables, slot, ConditionStage.STAGE_LIVE, reached_subticks)
    orders_at(tables, order_slot).flags |= OrderFlag.TRIGGERED_ONCE
    end_waiting(tables, slot)
    cancel_others(tables, order_slot)
    let_go(tables, order_slot)
    go_live(tables, order_slot)


def fire_if_reached(tables: Tables, slot: i64) -> None:
    """An order was armed by its own command: it is triggered at once if its trigger is reached already.

    While others wait that were reached before, it takes its turn among them.
    """
    place: i64 = trigger_set(tables, conditions_at(tables, slot))
    number: i64 = orders_at(tables, conditions_at(tables, slot).order).instrument
    row = trigger_sets_at(tables, place)
    if row.reached_subticks != 0 or not may_fire(tables, number):
        return
    reached: i64 = reached_now(tables, slot)
    if reached != 0:
        fire(tables, slot, reached)


def reached_now(tables: Tables, slot: i64) -> i64:
    """The reference of an armed order if it has reached its trigger, else 0."""
    place: i64 = trigger_set(tables, conditions_at(tables, slot)) % TRIGGER_SETS
    number: i64 = orders_at(tables, conditions_at(tables, slot).order).instrument
    reference: i64 = set_reference(instruments_at(tables, number), place)
    if reference == 0:
        return 0
    return reference if has_reached(reference, conditions_at(tables, slot).trigger_subticks, is_upward(place)) else 0


def go_on(tables: Tables, slot: i64) -> None:
    """An order whose primary was filled goes live, or is armed if it waits for a price, or for its instrument to take
    orders like it."""
    condition = conditions_at(tables, slot)
    order_slot: i64 = condition.order
    order = orders_at(tables, order_slot)
    number: i64 = order.instrument
    if not is_stop(order.order_type) and is_taken(tables, order):
        come_live(tables, slot)
        return
    if condition.peg_kind == PegKind.PEG_TRAILING:
        code: Code = begin_trailing(tables, slot)
        if code != Code.OK:
            end_refused(tables, order_slot, code)
            return
    drop_released(tables, slot)
    condition.place = take_place(tables)
    condition.stage = ConditionStage.STAGE_ARMED
    arm(tables, slot)
    say_triggered(tables, slot, ConditionStage.STAGE_ARMED, 0)
    if may_fire(tables, number):
        judge_set(tables, number, trigger_set(tables, condition) % TRIGGER_SETS)


def is_taken(tables: Tables, order: OrderRow) -> flag:
    """Whether the instrument takes an order like this now, or trades: then it is asked for all the rest (ORD-18).

    Where it neither trades nor takes the order, because it is paused, say, or collects, nobody is refused for that.
    """
    number: i64 = order.instrument
    if may_fire(tables, number):
        return True
    posts: flag = order.flags & OrderFlag.POST_ONLY != 0
    reduces: flag = order.flags & OrderFlag.REDUCE_ONLY != 0
    collects: flag = is_collected(order.order_type, order.time_in_force, posts)
    return instrument_refusal(tables, number, posts, reduces, collects) == Code.OK


def come_live(tables: Tables, slot: i64) -> None:
    """An order whose primary was filled goes live, and nothing of it was triggered."""
    order_slot: i64 = conditions_at(tables, slot).order
    end_waiting(tables, slot)
    say_triggered(tables, slot, ConditionStage.STAGE_LIVE, 0)
    let_go(tables, order_slot)
    go_live(tables, order_slot)


def say_triggered(tables: Tables, slot: i64, stage: i64, reached_subticks: i64) -> None:
    """An order goes on to this stage; reached 0 if it was its primary that let it."""
    condition = conditions_at(tables, slot)
    order = orders_at(tables, condition.order)
    said = new_triggered(tables)
    said.account = order.account
    said.instrument = order.instrument
    said.order_id = order.order_id
    said.stage = stage
    said.trigger_reference = condition.trigger_reference if reached_subticks != 0 else 0
    said.trigger_subticks = condition.trigger_subticks
    said.reached_subticks = reached_subticks


def go_live(tables: Tables, slot: i64) -> None:
    """Weigh an order that waited like a new one, and match it; it ends if it would have been refused (ORD-14)."""
    order = orders_at(tables, slot)
    position = positions_at(tables, order.position)
    instrument = instruments_at(tables, order.instrument)
    side: i64 = order.side
    market: flag = is_market(order.order_type)
    reduces: flag = order.flags & OrderFlag.REDUCE_ONLY != 0
    reducing: i64 = closing_quantity(position.quantity, signed_quantity(side, magnitude(position.quantity)))
    quantity: i64 = order.leaves_quantity
    if quantity == 0:
        quantity = whole_position(instrument, reducing)
    if reduces:
        quantity = min(quantity, reducing)
    price: i64 = order.price_ticks
    if market:
        price = within_limits(instrument, band_ticks(tables, instrument, side))
    code: Code = moment_refusal(tables, order, position, instrument, quantity, price)
    ends: i64 = 0
    held_back: flag = False
    if code == Code.OK:
        ends = fate(tables, order, instrument, quantity, price)
    if code == Code.OK and ends == 0:
        bring_account(tables, order.account)
        code = weigh_live(tables, order, position, instrument, quantity, price)
        if code == Code.BALANCE_INSUFFICIENT and market and not reduces:
            edge: i64 = bankruptcy_ticks(tables, order.account, position, instrument, side, quantity)
            held_back = edge != 0 and beyond_band(side, price, edge) and edge <= instrument.price_ticks_max
            if held_back:
                price = edge
                ends = fate(tables, order, instrument, quantity, price)
                code = weigh_live(tables, order, position, instrument, quantity, price)
    if code == Code.OK and reduces and rests(order) and position.reducing >= REDUCING_ORDERS:
        code = Code.ORDERS_TOO_MANY
    if code != Code.OK:
        end_refused(tables, slot, code)
        return
    fit_live(tables, slot, quantity)
    order.price_ticks = price
    order.priority = take_place(tables)
    if held_back:
        order.flags |= OrderFlag.HELD_BACK
    if ends != 0:
        end_order(tables, slot, ends)
    else:
        finish_order(tables, slot)


def fit_live(tables: Tables, slot: i64, quantity: i64) -> None:
    """An order that goes live is cut to what it can reduce, and hidden if its account has too many small ones (ORD-08,
    ORD-21); said if it is another order for that."""
    order = orders_at(tables, slot)
    instrument = instruments_at(tables, order.instrument)
    price: i64 = order.price_ticks
    small: flag = is_small(tables, instrument, order.order_type, order.flags, quantity, price)
    unseen: flag = goes_unseen(tables, instrument, order.account, order.order_type, order.flags, quantity, price)
    if quantity != order.leaves_quantity or (unseen and order.display_quantity != 0):
        order.quantity = quantity
        order.leaves_quantity = quantity
        if unseen:
            order.display_quantity = 0
        say_amended(tables, slot, 0)
    if small:
        note_small(tables, order.account)


def rests(order: OrderRow) -> flag:
    """Whether what does not trade at once of an order rests."""
    return stays(order.time_in_force) and not is_market(order.order_type)


def moment_refusal(
    tables: Tables, order: OrderRow, position: PositionRow, instrument: InstrumentRow, quantity: i64, price: i64
) -> Code:
    """What a new order like this would be refused for before it is weighed: states, size, band, nothing to reduce."""
    side: i64 = order.side
    reduces: flag = order.flags & OrderFlag.REDUCE_ONLY != 0
    number: i64 = order.instrument
    code: Code = rung_refusal(tables, order.account, number, order.order_type, order.time_in_force, order.flags)
    if code != Code.OK:
        return code
    if too_large(tables, instrument, position, orders_at(tables, 0), side, quantity, price):
        return Code.VALUE_TOO_LARGE
    if beyond_band(side, price, band_ticks(tables, instrument, side)):
        return Code.PRICE_OUTSIDE_BAND
    if within_limits(instrument, price) != price:
        return Code.PRICE_OUTSIDE_LIMITS
    if order.flags & OrderFlag.POST_ONLY != 0 and goes_unseen(
        tables, instrument, order.account, order.order_type, order.flags, quantity, price
    ):
        return Code.SMALL_ORDER_POST_ONLY
    return Code.REDUCE_ONLY_NO_POSITION if reduces and quantity == 0 else Code.OK


def fate(tables: Tables, order: OrderRow, instrument: InstrumentRow, quantity: i64, price: i64) -> i64:
    """The reason for which an order that goes live ends without trading, or 0 (ORD-10, ORD-11)."""
    side: i64 = order.side
    account: i64 = order.account
    if order.flags & OrderFlag.POST_ONLY != 0 and crosses(side, price, best_ticks(instrument, opposite(side))):
        return EndReason.ENDED_POST_ONLY
    if order.time_in_force != TimeInForce.FILL_OR_KILL:
        return 0
    mode: i64 = mode_of(tables, account, order.self_trade)
    return 0 if surely_fills(tables, instrument, account, side, quantity, price, mode) else EndReason.ENDED_KILLED


def weigh_live(
    tables: Tables, order: OrderRow, position: PositionRow, instrument: InstrumentRow, quantity: i64, price: i64
) -> Code:
    """What an order that goes live is refused for once assessed (ORD-06, MRG-01, MRG-05, MRG-11)."""
    side: i64 = order.side
    nobody = orders_at(tables, 0)
    reduces: flag = order.flags & OrderFlag.REDUCE_ONLY != 0
    resting: i64 = 0
    if rests(order):
        resting = 2 if reduces else 1
    assess(tables, position, instrument, nobody, order.account, side, quantity, price, resting, order.self_trade)
    if tables.assessment.too_large != 0:
        return Code.VALUE_TOO_LARGE
    return funds_refusal(tables, position.risk_limit_minor, reduces or only_reduces(position, nobody, side, quantity))
