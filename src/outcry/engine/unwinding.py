"""The work on takeovers, unit by unit: order at the bankruptcy price, insurance fund, deleveraging (LIQ-06 to LIQ-08).

The task goes through the instruments, in each first through the takeovers that sell and then through those that buy,
the oldest first, until each of them waits or is closed.  What book and fund cannot close is deleveraged after all of
its side have been looked at, so that one ranking serves them together.
"""

import cython

if not cython.compiled:
    from outcry.engine.assess import opposite
    from outcry.engine.book import best_ticks, level_slot
    from outcry.engine.deleveraging import begin_ranking, deleverage_step, end_ranking
    from outcry.engine.equity import can_trade
    from outcry.engine.insurance import fund_minor
    from outcry.engine.limits import lower_edge_ticks, upper_edge_ticks
    from outcry.engine.rungs import venue_trades
    from outcry.engine.takeover_rows import say_takeover
    from outcry.engine.takeovers import is_past, stand_at_bankruptcy, take_level, withdraw_order
    from outcry.protocol.layout import (
        InstrumentRow,
        MarkMethod,
        Side,
        TableNumber,
        Tables,
        TakeoverPhase,
        TakeoverRow,
        TakeoverStage,
        flag,
        i64,
        instruments_at,
        levels_at,
        pools_at,
        takeovers_at,
    )
    from outcry.rules.arith import magnitude
    from outcry.rules.closing import affordable_lots, closing_side, lot_loss_minor
    from outcry.rules.value import lot_value_minor, subticks_of


def takeovers_unit(tables: Tables) -> flag:
    """One step for one takeover, or one position looked at or reduced; False if nothing is left to be done now."""
    number: i64 = tables.venue.takeover_instrument
    if number == 0:
        number = begin_instrument(tables, 1)
    while number != 0:
        if not may_work(tables, number) or side_is_done(tables):
            end_ranking(tables)
            if tables.venue.ranking_side == Side.BUY and may_work(tables, number):
                begin_side(tables, number, Side.SELL)
            else:
                number = begin_instrument(tables, number + 1)
        else:
            step(tables)
            return True
    return False


def may_work(tables: Tables, number: i64) -> flag:
    """Whether takeovers of an instrument are worked at: while it trades, and its venue does."""
    instrument = instruments_at(tables, number)
    return venue_trades(tables) and instrument.mark_subticks != 0 and can_trade(instrument)


def begin_instrument(tables: Tables, first: i64) -> i64:
    """Go on with the next instrument from the first that has takeovers; 0 and nothing under way if there is none."""
    number: i64
    for number in range(first, pools_at(tables, TableNumber.INSTRUMENTS_TABLE).high + 1):
        if instruments_at(tables, number).takeovers != 0 and may_work(tables, number):
            begin_side(tables, number, Side.BUY)
            return number
    tables.venue.takeover_instrument = 0
    tables.venue.takeover = 0
    tables.venue.ranking_side = 0
    return 0


def begin_side(tables: Tables, number: i64, side: i64) -> None:
    """The takeovers of an instrument whose other side would trade on this side: from the oldest on."""
    tables.venue.takeover_instrument = number
    tables.venue.takeover = instruments_at(tables, number).first_takeover
    tables.venue.takeover_phase = TakeoverPhase.PHASE_CLOSING
    tables.venue.ranking_side = side
    tables.venue.ranking_need = 0


def side_is_done(tables: Tables) -> flag:
    """Whether all takeovers of the side have been looked at and what had to be deleveraged has been."""
    phase: i64 = tables.venue.takeover_phase
    if tables.venue.takeover != 0 or phase == TakeoverPhase.PHASE_RANKING:
        return False
    if phase == TakeoverPhase.PHASE_CLOSING:
        return tables.venue.ranking_need == 0
    return phase == TakeoverPhase.PHASE_TAKING


def step(tables: Tables) -> None:
    """The unit at hand."""
    if tables.venue.takeover_phase != TakeoverPhase.PHASE_CLOSING:
        deleverage_step(tables)
    elif tables.venue.takeover == 0:
        begin_ranking(tables)
    else:
        close_step(tables, tables.venue.takeover)


def close_step(tables: Tables, slot: i64) -> None:
    """One step for the takeover at hand; the cursor goes on when it has nothing more to do."""
    row = takeovers_at(tables, slot)
    if opposite(closing_side(row.quantity)) != tables.venue.ranking_side:
        tables.venue.takeover = row.next
        return
    past: flag = is_past(tables, slot)
    first: flag = row.stage == TakeoverStage.TAKEOVER_NEW
    if row.order == 0 and row.price_ticks != 0 and (first or not past):
        stand_at_bankruptcy(tables, slot, TakeoverStage.TAKEOVER_RESTING)
        return
    instrument = instruments_at(tables, row.instrument)
    price: i64 = 0
    lots: i64 = 0
    if past or row.order == 0:
        price = price_to_take(tables, instrument, row)
        lots = lots_to_take(tables, instrument, row, price)
    if lots > 0 and row.order != 0:
        withdraw_order(tables, slot, TakeoverStage.TAKEOVER_FUND)
        return
    if lots > 0:
        take_level(tables, slot, lots * instrument.lot, price)
        return
    tables.venue.takeover = row.next
    if past:
        tables.venue.ranking_need += magnitude(row.quantity)
        # What was stuck stays so, and its order in the book, until somebody is found who can take it.
        if row.stage != TakeoverStage.TAKEOVER_STUCK:
            say_takeover(tables, slot, TakeoverStage.TAKEOVER_DELEVERAGING, row.price_ticks)
    elif row.stage != TakeoverStage.TAKEOVER_RESTING:
        say_takeover(tables, slot, TakeoverStage.TAKEOVER_RESTING, row.price_ticks)


def price_to_take(tables: Tables, instrument: InstrumentRow, row: TakeoverRow) -> i64:
    """The best price of the other side if it is within the band of the mark, else 0 (LIQ-07, ORD-07).

    Only the mark counts here: who moves the book cannot widen the band.  Where the own book moves the mark it may not
    have got worse since the minute before either, but for what the index has moved since.
    """
    mark: i64 = instrument.mark_subticks
    before: i64 = instrument.minute_mark_subticks
    tick: i64 = instrument.subticks_per_tick
    side: i64 = closing_side(row.quantity)
    price: i64 = best_ticks(instrument, opposite(side))
    if price == 0:
        return 0
    if instrument.mark_method == MarkMethod.MARK_FUNDING or instrument.mark_method == MarkMethod.MARK_MODEL:
        before = mark
    elif instrument.mark_method == MarkMethod.MARK_IMPACT:
        before = max(1, before + instrument.index_subticks - instrument.minute_index_subticks)
    if side == Side.BUY:
        highest: i64 = upper_edge_ticks(instrument, (min(mark, before) + tick - 1) // tick, tables.fault)
        return price if price <= highest else 0
    lowest: i64 = lower_edge_ticks(instrument, max(mark, before) // tick, tables.fault)
    return price if price >= lowest else 0


def lots_to_take(tables: Tables, instrument: InstrumentRow, row: TakeoverRow, price_ticks: i64) -> i64:
    """How many lots of a takeover the level at a price can take and the fund can pay for (LIQ-07)."""
    if price_ticks == 0:
        return 0
    level: i64 = level_slot(tables, instrument, opposite(closing_side(row.quantity)), price_ticks)
    there: i64 = min(levels_at(tables, level).quantity, magnitude(row.quantity)) // instrument.lot
    lot_minor: i64 = lot_value_minor(instrument, subticks_of(instrument, price_ticks), tables.fault)
    loss: i64 = lot_loss_minor(instrument, row.quantity, row.cost_minor, lot_minor, tables.fault)
    return affordable_lots(fund_minor(tables, instrument.currency), loss, there)
