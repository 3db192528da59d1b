"""The end of an auction: its price is fixed, and those who meet trade at it, unit by unit (AUC-06 to AUC-08).

A unit fixes the price, or makes one trade, or ends one order that is not taken along, or is done and lets the
instrument go over into the state that follows.  Cancels come between units, so every unit looks anew whether the two
best still meet.
"""

import cython

if not cython.compiled:
    from outcry.engine.assess import assess_trade
    from outcry.engine.auctions import find_price, say_price
    from outcry.engine.book import best_ticks, is_crossed, level_slot
    from outcry.engine.equity import fails
    from outcry.engine.events import say_level
    from outcry.engine.filled import end_filled
    from outcry.engine.funding import bring_account
    from outcry.engine.icebergs import exhaust, settle_level
    from outcry.engine.limits import band_ticks
    from outcry.engine.marks import mark_instrument
    from outcry.engine.matching import fill
    from outcry.engine.orders import end_resting
    from outcry.engine.pending import task_row
    from outcry.engine.reducing import fit_reducing
    from outcry.engine.rungs import venue_trades
    from outcry.engine.selftrade import mode_of
    from outcry.engine.states import change_state
    from outcry.protocol.layout import (
        EndReason,
        InstrumentRow,
        InstrumentState,
        MarkMethod,
        OrderFlag,
        OrderRow,
        SelfTrade,
        Side,
        TableNumber,
        Tables,
        flag,
        i64,
        instruments_at,
        levels_at,
        orders_at,
        pools_at,
        positions_at,
    )
    from outcry.rules.arith import magnitude
    from outcry.rules.position import closing_quantity


def auction_unit(tables: Tables) -> flag:
    """One step of the auction under way, or of the next that has ended; False if there is none, or nobody may trade.

    While the venue does not trade an auction that has ended waits, and its orders can be cancelled (CMD-12).
    """
    if not venue_trades(tables):
        return False
    row = task_row(tables, tables.venue.tasks_done)
    if instruments_at(tables, row.instrument).state != InstrumentState.INSTRUMENT_UNCROSSING:
        row.instrument = next_uncrossing(tables)
    if row.instrument == 0:
        return False
    step(tables, row.instrument)
    return True


def next_uncrossing(tables: Tables) -> i64:
    """The first instrument whose auction has ended and is not done, 0 if there is none."""
    number: i64
    for number in range(1, pools_at(tables, TableNumber.INSTRUMENTS_TABLE).high + 1):
        if instruments_at(tables, number).state == InstrumentState.INSTRUMENT_UNCROSSING:
            return number
    return 0


def step(tables: Tables, number: i64) -> None:
    """The unit at hand.  When nobody meets at the price any more another is looked for, for what an order left behind
    that was not taken along (AUC-06)."""
    instrument = instruments_at(tables, number)
    if instrument.auction_volume != 0 and not meet(instrument):
        instrument.auction_volume = 0
    if instrument.auction_volume != 0:
        trade(tables, number)
        return
    find_price(tables, number)
    if instrument.auction_volume != 0:
        say_price(tables, number, 1)
    elif is_crossed(instrument):
        end_beyond(tables, instrument)
    else:
        conclude(tables, number)


def meet(instrument: InstrumentRow) -> flag:
    """Whether the best of both sides take the fixed price."""
    bid: i64 = instrument.best_bid_ticks
    ask: i64 = instrument.best_ask_ticks
    return bid >= instrument.auction_ticks and ask != 0 and ask <= instrument.auction_ticks


def conclude(tables: Tables, number: i64) -> None:
    """Nobody meets any more: a mark that follows the last price moves, and the state that was to follow begins."""
    instrument = instruments_at(tables, number)
    if instrument.mark_method >= MarkMethod.MARK_PROTECTED:
        mark_instrument(tables, number)
    change_state(tables, number, instrument.next_state, instrument.state_cause, 0, 0)


def end_beyond(tables: Tables, instrument: InstrumentRow) -> None:
    """The book is crossed and no price within the band does anything about it: end the first order that is the
    furthest beyond the band (AUC-04)."""
    side: i64 = Side.BUY
    if instrument.best_ask_ticks <= band_ticks(tables, instrument, Side.BUY):
        side = Side.SELL
    end_resting(tables, first_order(tables, instrument, side), EndReason.ENDED_AUCTION)


def first_order(tables: Tables, instrument: InstrumentRow, side: i64) -> i64:
    """The order of a side that trades next: the best price, there what is shown, there the earliest place."""
    return levels_at(tables, level_slot(tables, instrument, side, best_ticks(instrument, side))).head


def trade(tables: Tables, number: i64) -> None:
    """The two that come first trade at the fixed price, or one that is not taken along ends (AUC-06, AUC-07)."""
    instrument = instruments_at(tables, number)
    bid_slot: i64 = first_order(tables, instrument, Side.BUY)
    ask_slot: i64 = first_order(tables, instrument, Side.SELL)
    bid = orders_at(tables, bid_slot)
    ask = orders_at(tables, ask_slot)
    if bid.account == ask.account and bid.takeover == 0:
        meet_own(tables, bid_slot, ask_slot)
        return
    quantity: i64 = min(instrument.auction_volume, min(tradable(bid), tradable(ask)))
    if not is_taken(tables, instrument, bid, quantity):
        end_resting(tables, bid_slot, EndReason.ENDED_AUCTION)
        return
    if not is_taken(tables, instrument, ask, -quantity):
        end_resting(tables, ask_slot, EndReason.ENDED_AUCTION)
        return
    if is_later(bid, ask):
        fill(tables, bid_slot, ask_slot, quantity, instrument.auction_ticks, True)
    else:
        fill(tables, ask_slot, bid_slot, quantity, instrument.auction_ticks, True)
    instrument.auction_volume -= quantity
    bid_position: i64 = bid.position
    ask_position: i64 = ask.position
    leave_traded(tables, bid_slot)
    leave_traded(tables, ask_slot)
    fit_reducing(tables, bid_position)
    fit_reducing(tables, ask_position)


def tradable(order: OrderRow) -> i64:
    """What of an order can trade at its turn: what it shows, or all of it if it shows nothing."""
    shown: i64 = order.shown_quantity
    if order.display_quantity == -1 or shown == 0:
        return order.leaves_quantity
    return shown


def is_later(one: OrderRow, other: OrderRow) -> flag:
    """Whether an order came later than another and so is the taker; a post-only one never is."""
    flags: i64 = one.flags
    others: i64 = other.flags
    if (flags ^ others) & OrderFlag.POST_ONLY != 0:
        return others & OrderFlag.POST_ONLY != 0
    return one.priority > other.priority


def is_taken(tables: Tables, instrument: InstrumentRow, order: OrderRow, change: i64) -> flag:
    """Whether an order may trade: it only reduces, or its account passes the liquidation test and what trades would
    be taken at the auction's price as a new order is (AUC-07, MRG-01, MRG-11, ORD-06)."""
    position = positions_at(tables, order.position)
    if order.takeover != 0:
        return True
    bring_account(tables, order.account)
    if closing_quantity(position.quantity, change) == magnitude(change):
        return True
    if fails(tables, order.account):
        return False
    assess_trade(tables, position, instrument, order, magnitude(change))
    assessed = tables.assessment
    if assessed.too_large != 0 or assessed.liquidated != 0:
        return False
    return assessed.available_minor >= 0 or assessed.available_minor >= assessed.before_minor


def meet_own(tables: Tables, bid_slot: i64, ask_slot: i64) -> None:
    """Two orders of one account meet: the later one's mode says which of them ends, or both do (ORD-10)."""
    taker: i64 = ask_slot
    maker: i64 = bid_slot
    if is_later(orders_at(tables, bid_slot), orders_at(tables, ask_slot)):
        taker = bid_slot
        maker = ask_slot
    mode: i64 = mode_of(tables, orders_at(tables, taker).account, orders_at(tables, taker).self_trade)
    if mode != SelfTrade.EXPIRE_TAKER:
        end_resting(tables, maker, EndReason.ENDED_SELF_TRADE)
    if mode != SelfTrade.EXPIRE_MAKER:
        end_resting(tables, taker, EndReason.ENDED_SELF_TRADE)


def leave_traded(tables: Tables, slot: i64) -> None:
    """An order has traded: it ends if nothing is left, an iceberg shows its next part, and its level is said."""
    order = orders_at(tables, slot)
    number: i64 = order.instrument
    side: i64 = order.side
    price: i64 = order.price_ticks
    level: i64 = order.level
    if order.leaves_quantity == 0:
        end_filled(tables, slot)
    elif order.display_quantity != -1 and order.shown_quantity == 0 and order.display_quantity != 0:
        exhaust(tables, slot)
    there: flag = levels_at(tables, level).orders > 0
    if there and levels_at(tables, level).hidden_quantity != 0:
        settle_level(tables, level)
    say_level(tables, number, side, price, level if there else 0)
