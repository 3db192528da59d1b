"""Takeovers of instruments that have ended: closed at its price, by the fund or the other side (SET-03).

The machinery is that of takeovers where trading goes on: first those who sell, then those who buy, and one ranking of
the other side for what the fund cannot pay.  There is no book, so the price is the settlement price; when nobody is
left to be asked the rest is settled all the same, and the takeover role owes what is missing until the fund has it.
"""

import cython

if not cython.compiled:
    from outcry.engine.assess import opposite
    from outcry.engine.deleveraging import begin_ranking, deleverage_step, end_ranking
    from outcry.engine.insurance import fund_minor
    from outcry.engine.settled import in_round
    from outcry.engine.settlements import loss_minor, settle_takeover
    from outcry.engine.takeover_rows import say_takeover
    from outcry.engine.unwinding import begin_side, side_is_done
    from outcry.protocol.layout import (
        Side,
        TableNumber,
        Tables,
        TakeoverPhase,
        TakeoverStage,
        flag,
        i64,
        instruments_at,
        pools_at,
        takeovers_at,
    )
    from outcry.rules.arith import magnitude
    from outcry.rules.closing import closing_side
    from outcry.rules.settlement import lots_paid, whole_lots


def settle_takeovers(tables: Tables) -> flag:
    """One step for one takeover of the round, or one position looked at or reduced; False if none is left."""
    number: i64 = tables.venue.takeover_instrument
    if number == 0:
        number = next_with_takeovers(tables, 1)
    while number != 0:
        if not side_is_done(tables):
            step(tables)
            return True
        end_ranking(tables)
        if tables.venue.ranking_side == Side.BUY:
            begin_side(tables, number, Side.SELL)
        else:
            number = next_with_takeovers(tables, number + 1)
    return False


def next_with_takeovers(tables: Tables, first: i64) -> i64:
    """Go on with the next instrument of the round that has takeovers; 0 and nothing under way if there is none."""
    number: i64
    for number in range(first, pools_at(tables, TableNumber.INSTRUMENTS_TABLE).high + 1):
        if instruments_at(tables, number).takeovers != 0 and in_round(tables, number):
            begin_side(tables, number, Side.BUY)
            return number
    drop_takeovers_cursor(tables)
    return 0


def drop_takeovers_cursor(tables: Tables) -> None:
    """No takeover is worked at; what was not finished is found again from the first instrument on."""
    end_ranking(tables)
    tables.venue.takeover_instrument = 0
    tables.venue.takeover = 0
    tables.venue.takeover_phase = TakeoverPhase.PHASE_CLOSING
    tables.venue.ranking_side = 0
    tables.venue.ranking_need = 0


def step(tables: Tables) -> None:
    """The unit at hand."""
    if tables.venue.takeover_phase != TakeoverPhase.PHASE_CLOSING:
        deleverage_step(tables)
    elif tables.venue.takeover == 0:
        begin_ranking(tables)
    else:
        settle_step(tables, tables.venue.takeover)


def settle_step(tables: Tables, slot: i64) -> None:
    """Settle as much of a takeover as the fund pays for; the rest waits for the ranking of the other side.

    One that brings something is settled whichever side it is on, so that the fund has it before it pays.
    """
    row = takeovers_at(tables, slot)
    instrument = instruments_at(tables, row.instrument)
    loss: i64 = loss_minor(tables, slot)
    own_side: flag = opposite(closing_side(row.quantity)) == tables.venue.ranking_side
    if loss > 0 and not own_side:
        tables.venue.takeover = row.next
        return
    lots: i64 = lots_paid(fund_minor(tables, instrument.currency), loss, whole_lots(instrument, row.quantity))
    if lots > 0:
        settle_takeover(tables, slot, lots * instrument.lot)
        return
    tables.venue.takeover = row.next
    tables.venue.ranking_need += magnitude(row.quantity)
    say_takeover(tables, slot, TakeoverStage.TAKEOVER_DELEVERAGING, row.price_ticks)
