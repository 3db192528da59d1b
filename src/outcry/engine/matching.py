"""Matching: price, then time; one fill at a time, as long as there is room for events (ORD-01, ORD-10, ORD-20).

`match` may stop for want of room and is then called again for the same order before any other entry is looked at, so an
order is matched atomically however deep it goes.  Fills never fail: both sides' margins were taken before.
"""

import cython

if not cython.compiled:
    from outcry.engine.assess import crosses, opposite, signed_quantity
    from outcry.engine.book import add_to_level, best_ticks, level_slot, take_traded
    from outcry.engine.booking import book_trade
    from outcry.engine.events import room_left, say_level
    from outcry.engine.filled import end_filled
    from outcry.engine.funding import bring_up_to_date
    from outcry.engine.icebergs import exhaust, note_share, part_of, settle_level, sharer
    from outcry.engine.links import cancel_others
    from outcry.engine.marks import mark_instrument
    from outcry.engine.orders import end_order, end_resting, release, reserve
    from outcry.engine.reaching import judge_last
    from outcry.engine.reducing import fit_reducing
    from outcry.engine.rungs import is_collecting
    from outcry.engine.selftrade import mode_of
    from outcry.engine.takeover_rows import conclude_fill, fill_takeover
    from outcry.engine.tiers import count_volume, hint_volume, tier_today
    from outcry.protocol.layout import (
        TOTAL_BOUND,
        EndReason,
        Fault,
        Fill,
        InstrumentRow,
        InstrumentState,
        MarkMethod,
        OrderRow,
        Role,
        SelfTrade,
        Tables,
        flag,
        i64,
        instruments_at,
        levels_at,
        new_fill,
        orders_at,
        positions_at,
    )
    from outcry.rules.arith import magnitude
    from outcry.rules.fees import commission_minor, fee_basis_minor, maker_ppm, taker_ppm
    from outcry.rules.position import closing_quantity
    from outcry.rules.value import cost_of_side, lot_value_minor, subticks_of


def reducible(tables: Tables, order: OrderRow) -> i64:
    """How much of its account's position an order of its side can reduce."""
    position = positions_at(tables, order.position)
    whole: i64 = position.quantity
    side: i64 = order.side
    return closing_quantity(whole, signed_quantity(side, magnitude(whole)))


def account_for(
    tables: Tables, slot: i64, instrument: InstrumentRow, side: i64, quantity: i64, lot_minor: i64, fee: i64
) -> i64:
    """Book one side of a fill on its position and wallet; returns realised PnL before the fee (PNL-01, FEE-01)."""
    traded: i64 = signed_quantity(side, quantity)
    closing: i64 = closing_quantity(positions_at(tables, slot).quantity, traded) // instrument.lot * lot_minor
    opening: i64 = quantity // instrument.lot * lot_minor - closing
    closing_cost: i64 = cost_of_side(instrument, side, closing)
    opening_cost: i64 = cost_of_side(instrument, side, opening)
    return book_trade(tables, slot, traded, closing_cost, opening_cost, fee, Role.FEES)


def book(tables: Tables, order: OrderRow, instrument: InstrumentRow, quantity: i64, lot_minor: i64, fee: i64) -> i64:
    """Book an order's side of a fill: of a takeover at its own cost, else of its account's position; realised PnL."""
    if order.takeover != 0:
        return fill_takeover(tables, order, instrument, quantity, quantity // instrument.lot * lot_minor, fee)
    side: i64 = order.side
    return account_for(tables, order.position, instrument, side, quantity, lot_minor, fee)


def leave_level(tables: Tables, order: OrderRow, quantity: i64) -> None:
    """So much of a resting order trades: it is no longer at its level."""
    if order.display_quantity == -1:
        add_to_level(tables, order, -quantity)
    else:
        take_traded(tables, order, quantity)


def name_orders(filled: Fill, taker: OrderRow, maker: OrderRow) -> None:
    """Whose orders a fill traded, and what is left of them."""
    filled.taker_account = taker.account
    filled.maker_account = maker.account
    filled.taker_order_id = taker.order_id
    filled.maker_order_id = maker.order_id
    filled.taker_leaves_quantity = taker.leaves_quantity
    filled.maker_leaves_quantity = maker.leaves_quantity


def fill(tables: Tables, taker_slot: i64, maker_slot: i64, quantity: i64, price_ticks: i64, auction: flag) -> None:
    """Trade a quantity of two orders at a price; neither order ends here.  In an auction the taker rests as well."""
    taker = orders_at(tables, taker_slot)
    maker = orders_at(tables, maker_slot)
    instrument = instruments_at(tables, taker.instrument)
    hint_volume(tables, taker.account)
    hint_volume(tables, maker.account)
    lot_minor: i64 = lot_value_minor(instrument, subticks_of(instrument, price_ticks), tables.fault)
    value: i64 = quantity // instrument.lot * lot_minor
    taker_rate: i64 = taker_ppm(instrument, tier_today(tables, taker.account), tables.fault)
    maker_rate: i64 = maker_ppm(instrument, tier_today(tables, maker.account), tables.fault)
    unseen: flag = maker.display_quantity != -1 and maker.shown_quantity == 0
    if unseen:
        # What is hidden has made no market: it pays as if it had taken (ORD-20).
        maker_rate = taker_ppm(instrument, tier_today(tables, maker.account), tables.fault)
    taker_fee: i64 = commission_minor(instrument, quantity, value, taker_rate, tables.fault)
    maker_fee: i64 = commission_minor(instrument, quantity, value, maker_rate, tables.fault)

    release(tables, maker)
    leave_level(tables, maker, quantity)
    if auction:
        release(tables, taker)
        leave_level(tables, taker, quantity)
    maker.leaves_quantity -= quantity
    taker.leaves_quantity -= quantity
    maker.filled_value_minor = min(TOTAL_BOUND, maker.filled_value_minor + value)
    taker.filled_value_minor = min(TOTAL_BOUND, taker.filled_value_minor + value)
    taker_realised: i64 = book(tables, taker, instrument, quantity, lot_minor, taker_fee)
    maker_realised: i64 = book(tables, maker, instrument, quantity, lot_minor, maker_fee)
    reserve(tables, maker, instrument)
    if auction:
        reserve(tables, taker, instrument)
    last_moved: flag = instrument.last_price_ticks != price_ticks
    instrument.last_price_ticks = price_ticks
    instrument.volume = min(TOTAL_BOUND, instrument.volume + quantity)
    instrument.turnover_minor = min(TOTAL_BOUND, instrument.turnover_minor + value)

    count_volume(tables, instrument, taker.account, maker.account, fee_basis_minor(instrument, quantity, value))

    filled = new_fill(tables)
    filled.instrument = taker.instrument
    filled.taker_side = taker.side
    filled.price_ticks = price_ticks
    filled.auction = 1 if auction else 0
    filled.quantity = quantity
    filled.value_minor = value
    filled.maker_hidden = 1 if unseen else 0
    name_orders(filled, taker, maker)
    filled.taker_fee_minor = taker_fee
    filled.maker_fee_minor = maker_fee
    filled.taker_realised_minor = taker_realised
    filled.maker_realised_minor = maker_realised
    filled.taker_position_quantity = positions_at(tables, taker.position).quantity
    filled.maker_position_quantity = positions_at(tables, maker.position).quantity
    settle_fill(tables, taker_slot, maker_slot, last_moved)


def settle_fill(tables: Tables, taker_slot: i64, maker_slot: i64, last_moved: flag) -> None:
    """What a fill means for takeovers, for linked orders (ORD-18), and for stops that look at the last price."""
    taker = orders_at(tables, taker_slot)
    maker = orders_at(tables, maker_slot)
    if taker.takeover != 0:
        conclude_fill(tables, taker)
    if maker.takeover != 0:
        conclude_fill(tables, maker)
    if taker.condition != 0:
        cancel_others(tables, taker_slot)
    if maker.condition != 0:
        cancel_others(tables, maker_slot)
    if last_moved:
        judge_last(tables, taker.instrument)


def match(tables: Tables, slot: i64) -> flag:
    """Trade the order against the other side; False if it must be called again for want of room.

    On True the order is finished with the book: it has ended (its row is given back, order id 0), or what is left of it
    does not cross; and a mark that follows the last price has moved (MRK-05, MRK-06).
    """
    number: i64 = orders_at(tables, slot).instrument
    finished: flag = match_at_book(tables, slot)
    if finished and instruments_at(tables, number).mark_method >= MarkMethod.MARK_PROTECTED:
        mark_instrument(tables, number)
    return finished


def match_at_book(tables: Tables, slot: i64) -> flag:
    """Trade the order as far as it crosses and there is room; whether it is finished with the book."""
    order = orders_at(tables, slot)
    instrument = instruments_at(tables, order.instrument)
    number: i64 = order.instrument
    side: i64 = order.side
    other: i64 = opposite(side)
    if instrument.state != InstrumentState.INSTRUMENT_OPEN and is_collecting(instrument):
        return True
    while tables.fault.code == Fault.NO_FAULT:
        if order.leaves_quantity == 0:
            end_filled(tables, slot)
            return True
        price: i64 = best_ticks(instrument, other)
        if not crosses(side, order.price_ticks, price):
            return True
        if not room_left(tables):
            return False
        level: i64 = level_slot(tables, instrument, other, price)
        maker_slot: i64 = levels_at(tables, level).head
        if levels_at(tables, level).shown_orders == 0:
            maker_slot = sharer(tables, level)
        maker = orders_at(tables, maker_slot)
        if maker.account == order.account and order.takeover == 0:
            if meet_own(tables, slot, maker_slot, level):
                return True
            continue
        maker_position: i64 = maker.position
        if tables.venue.sweep_position != 0:
            bring_up_to_date(tables, maker_position)
        if maker.display_quantity == -1:
            fill(tables, slot, maker_slot, min(order.leaves_quantity, maker.leaves_quantity), price, False)
            if maker.leaves_quantity == 0:
                end_filled(tables, maker_slot)
        else:
            fill_part(tables, slot, maker_slot, level)
        fit_reducing(tables, maker_position)
        fit_reducing(tables, order.position)
        if order.leaves_quantity == 0 or levels_at(tables, level).orders == 0:
            if levels_at(tables, level).hidden_quantity != 0:
                settle_level(tables, level)
            say_level(tables, number, other, price, level if levels_at(tables, level).orders > 0 else 0)
    return True


def fill_part(tables: Tables, taker_slot: i64, maker_slot: i64, level: i64) -> None:
    """Trade with an order that hides something: with what it shows, or with its share of what is hidden (ORD-20)."""
    maker = orders_at(tables, maker_slot)
    shares: i64 = tables.venue.pending_shares
    hidden: i64 = tables.venue.pending_hidden - maker.leaves_quantity
    wanted: i64 = orders_at(tables, taker_slot).leaves_quantity
    lot: i64 = instruments_at(tables, maker.instrument).lot
    part: i64 = part_of(tables, maker, wanted, lot)
    if shares > 0:
        note_share(tables, level, maker)
    if part > 0:
        fill(tables, taker_slot, maker_slot, part, maker.price_ticks, False)
    # The fill may have ended linked orders that share here: then sharing begins again with what is left (ORD-18).
    disturbed: flag = shares > 0 and tables.venue.pending_shares != shares
    if maker.leaves_quantity == 0:
        end_filled(tables, maker_slot)
    elif shares == 0 and maker.shown_quantity == 0:
        exhaust(tables, maker_slot)
    if shares > 0 and not disturbed:
        tables.venue.pending_shares = shares - 1
        tables.venue.pending_hidden = hidden


def meet_own(tables: Tables, slot: i64, maker_slot: i64, level: i64) -> flag:
    """An order meets one of its own account: one of them ends, or both; whether the later one has (ORD-10)."""
    order = orders_at(tables, slot)
    maker = orders_at(tables, maker_slot)
    number: i64 = maker.instrument
    side: i64 = maker.side
    price: i64 = maker.price_ticks
    mode: i64 = mode_of(tables, order.account, order.self_trade)
    if mode == SelfTrade.EXPIRE_MAKER:
        unseen: flag = maker.display_quantity == 0
        end_resting(tables, maker_slot, EndReason.ENDED_SELF_TRADE)
        if unseen and levels_at(tables, level).orders == 0:
            # Of a hidden order nothing is said, and nobody would hear that what stood before it has been filled.
            say_level(tables, number, side, price, 0)
        return False
    if mode == SelfTrade.EXPIRE_BOTH:
        end_order(tables, maker_slot, EndReason.ENDED_SELF_TRADE)
    if levels_at(tables, level).hidden_quantity != 0:
        settle_level(tables, level)
    # What was filled at this price before is not said yet: the level lives on, and so did the taker.
    say_level(tables, number, side, price, level if levels_at(tables, level).orders > 0 else 0)
    end_order(tables, slot, EndReason.ENDED_SELF_TRADE)
    return True
