"""Contracts end: the price at which all positions are closed is fixed, and the engine's own work closes them (SET-03).

`fix_settlement` only fixes.  Then a round serves all instruments that had ended when it began: every order is ended,
who has nothing left behind a position at that price is taken over, takeovers are settled, every position is closed, the
instruments are over.  A unit looks at one row; what ends meanwhile waits for the next round.  While the venue does not
trade the round waits, because who would have to defend himself could not.
"""

import cython

if not cython.compiled:
    from outcry.engine.alarms import call_examination, call_settlement, sound_alarm
    from outcry.engine.bands import drop_band
    from outcry.engine.bankruptcy import own_left, weigh_position
    from outcry.engine.booking import book_trade
    from outcry.engine.closing_books import close_book
    from outcry.engine.equity import gain_minor, own_margin_minor, stands_alone, worth_minor
    from outcry.engine.funding import bring_account
    from outcry.engine.ladder import say_step
    from outcry.engine.ledger import breach
    from outcry.engine.orders import end_resting
    from outcry.engine.rungs import venue_trades
    from outcry.engine.settled import in_round, say_settled, take_epoch
    from outcry.engine.settling_takeovers import drop_takeovers_cursor, settle_takeovers
    from outcry.engine.states import enter_state
    from outcry.engine.takeovers import take_over
    from outcry.protocol.layout import (
        ROLES,
        EndReason,
        Fault,
        InstrumentState,
        LadderStep,
        Role,
        SettlementFixed,
        SettlementPhase,
        StateCause,
        TableNumber,
        Tables,
        accounts_at,
        flag,
        i64,
        instruments_at,
        new_settlement_fixed,
        new_settlement_swept,
        orders_at,
        pools_at,
        positions_at,
        takeovers_at,
    )
    from outcry.rules.arith import magnitude
    from outcry.rules.fees import commission_minor
    from outcry.rules.liquidation import bankrupt_minor
    from outcry.rules.value import lot_value_minor, signed_value_minor


def fix_settlement(tables: Tables, number: i64, kind: i64, price_subticks: i64) -> SettlementFixed:
    """An instrument that has not ended ends here, at this price of 0 or more within its bounds (SET-03).

    It becomes SETTLING, the price is its mark from now on, and the round that closes its positions is put into the
    queue.  `kind` is a SettlementKind.  The caller may add an average to the event it is handed.
    """
    instrument = instruments_at(tables, number)
    end_instrument(tables, number)
    instrument.settlement_kind = kind
    instrument.settlement_subticks = price_subticks
    instrument.settlement_lot_minor = 0
    if price_subticks > 0:
        instrument.settlement_lot_minor = lot_value_minor(instrument, price_subticks, tables.fault)
    instrument.mark_subticks = price_subticks
    instrument.mark_lot_minor = instrument.settlement_lot_minor
    said = new_settlement_fixed(tables)
    said.instrument = number
    said.kind = kind
    said.price_subticks = price_subticks
    said.lot_minor = instrument.settlement_lot_minor
    said.fee_ppm = instrument.settlement_fee_ppm
    sound_alarm(tables, number)
    return said


def end_instrument(tables: Tables, number: i64) -> None:
    """An instrument ends without a price of its own: only its orders are left to be ended (SET-03, for spreads)."""
    instrument = instruments_at(tables, number)
    enter_state(tables, number, InstrumentState.INSTRUMENT_SETTLING, StateCause.CAUSE_SCHEDULE, 0, 0)
    instrument.next_funding_ns = 0
    instrument.mark_sequence = tables.venue.sequence
    tables.venue.settling += 1
    call_settlement(tables)


def settlement_unit(tables: Tables) -> flag:
    """Look at one row of the round under way, or begin one; False if nothing has ended, or the venue does not trade."""
    venue = tables.venue
    phase: i64 = venue.settlement_phase
    idle: flag = venue.settling == 0 and phase == SettlementPhase.PHASE_NO_ROUND
    if idle or not venue_trades(tables):
        if phase == SettlementPhase.PHASE_TAKEOVERS:
            drop_takeovers_cursor(tables)
        return False
    if phase == SettlementPhase.PHASE_NO_ROUND:
        venue.settlement_sequence = venue.sequence
        begin_phase(tables, SettlementPhase.PHASE_ENDING_ORDERS)
    elif phase == SettlementPhase.PHASE_ENDING_ORDERS:
        orders_step(tables)
    elif phase == SettlementPhase.PHASE_TAKING_OVER:
        taking_step(tables)
    elif phase == SettlementPhase.PHASE_TAKEOVERS:
        if not settle_takeovers(tables):
            begin_phase(tables, SettlementPhase.PHASE_POSITIONS)
    elif phase == SettlementPhase.PHASE_POSITIONS:
        positions_step(tables)
    else:
        settled_step(tables)
    return True


def begin_phase(tables: Tables, phase: i64) -> None:
    """From the first row on."""
    tables.venue.settlement_phase = phase
    tables.venue.settlement_position = 1


def orders_step(tables: Tables) -> None:
    """End one order of an instrument that has ended, whether it rests or waits."""
    slot: i64 = tables.venue.settlement_position
    if slot > pools_at(tables, TableNumber.ORDERS_TABLE).high:
        begin_phase(tables, SettlementPhase.PHASE_TAKING_OVER)
        return
    tables.venue.settlement_position = slot + 1
    order = orders_at(tables, slot)
    if order.order_id == 0 or not in_round(tables, order.instrument):
        return
    if order.takeover != 0:
        takeovers_at(tables, order.takeover).order = 0
    end_resting(tables, slot, EndReason.ENDED_BY_VENUE)


def taking_step(tables: Tables) -> None:
    """Take one position over if nothing is left behind it at the settlement price, so that no wallet pays for it."""
    slot: i64 = tables.venue.settlement_position
    if slot > pools_at(tables, TableNumber.POSITIONS_TABLE).high:
        begin_phase(tables, SettlementPhase.PHASE_TAKEOVERS)
        return
    tables.venue.settlement_position = slot + 1
    position = positions_at(tables, slot)
    if position.quantity == 0 or position.account < ROLES or not in_round(tables, position.instrument):
        return
    bring_account(tables, position.account)
    if behind_minor(tables, slot) >= 0:
        return
    bankrupt: i64 = 0
    if stands_alone(position, instruments_at(tables, position.instrument)):
        bankrupt = bankrupt_minor(position.cost_minor, own_left(tables, slot), 0)
    else:
        missing: i64 = tables.weighing.equity_minor
        if holds_elsewhere(tables, slot):
            # What the account has lost elsewhere it may gain back there: here no more is given than is lost here.
            missing = max(missing, gain_minor(position, instruments_at(tables, position.instrument)))
        if missing >= 0:
            return
        worth: i64 = worth_minor(position, instruments_at(tables, position.instrument))
        bankrupt = bankrupt_minor(worth, missing, 0)
    say_step(tables, slot, LadderStep.STEP_TAKEOVER)
    take_over(tables, slot, bankrupt, 0)


def holds_elsewhere(tables: Tables, slot: i64) -> flag:
    """Whether a cross position's account holds another with it that this round does not close."""
    position = positions_at(tables, slot)
    currency: i64 = instruments_at(tables, position.instrument).currency
    other: i64 = accounts_at(tables, position.account).first_position
    while other != 0:
        held = positions_at(tables, other)
        instrument = instruments_at(tables, held.instrument)
        together: flag = held.quantity != 0 and instrument.currency == currency
        if together and not stands_alone(held, instrument) and not in_round(tables, held.instrument):
            return True
        other = held.next_position
    return False


def behind_minor(tables: Tables, slot: i64) -> i64:
    """What stands behind a position at the mark, less than 0 if that does not pay for it: its own margin and gain, or
    the equity of its account."""
    position = positions_at(tables, slot)
    instrument = instruments_at(tables, position.instrument)
    if stands_alone(position, instrument):
        return own_margin_minor(tables, position, instrument) + gain_minor(position, instrument)
    weigh_position(tables, slot)
    return tables.weighing.equity_minor


def positions_step(tables: Tables) -> None:
    """Close one position at its settlement price."""
    slot: i64 = tables.venue.settlement_position
    if slot > pools_at(tables, TableNumber.POSITIONS_TABLE).high:
        begin_phase(tables, SettlementPhase.PHASE_SETTLED)
        return
    tables.venue.settlement_position = slot + 1
    position = positions_at(tables, slot)
    if not in_round(tables, position.instrument):
        return
    if position.quantity != 0 and position.account >= ROLES:
        settle_position(tables, slot)
    drop_band(tables, slot)


def settle_position(tables: Tables, slot: i64) -> None:
    """Close a position at the settlement price: like a trade whose other side is the instrument's epoch (SET-03).

    The settlement fee is that of FEE-04, as far as what is left behind the position pays for it.
    """
    position = positions_at(tables, slot)
    number: i64 = position.instrument
    instrument = instruments_at(tables, number)
    bring_account(tables, position.account)
    quantity: i64 = position.quantity
    value: i64 = signed_value_minor(instrument, quantity, instrument.settlement_lot_minor)
    fee: i64 = commission_minor(
        instrument, magnitude(quantity), magnitude(value), instrument.settlement_fee_ppm, tables.fault
    )
    if fee > 0:
        fee = min(fee, max(0, behind_minor(tables, slot)))
    realised: i64 = book_trade(tables, slot, -quantity, -value, 0, fee, Role.FEES)
    take_epoch(tables, number, quantity, value)
    said = say_settled(tables, slot)
    said.quantity = quantity
    said.value_minor = value
    said.realised_minor = realised
    said.fee_minor = fee


def settled_step(tables: Tables) -> None:
    """One instrument is over; after the last of them the round is."""
    number: i64 = tables.venue.settlement_position
    if number > pools_at(tables, TableNumber.INSTRUMENTS_TABLE).high:
        tables.venue.settlement_phase = SettlementPhase.PHASE_NO_ROUND
        tables.venue.settlement_position = 0
        tables.venue.settlement_sequence = 0
        if tables.venue.first_examined != 0:
            call_examination(tables)
        return
    tables.venue.settlement_position = number + 1
    if not in_round(tables, number):
        return
    instrument = instruments_at(tables, number)
    if instrument.epoch_quantity != 0 or instrument.open_interest != 0:
        breach(tables, Fault.FAULT_QUANTITY, number, instrument.epoch_quantity, 0)
    if instrument.epoch_cost_minor != 0:
        breach(tables, Fault.FAULT_COST, number, instrument.epoch_cost_minor, 0)
    swept = new_settlement_swept(tables)
    swept.instrument = number
    swept.positions = instrument.settled_positions
    tables.venue.settling -= 1
    close_book(tables, instrument)
    enter_state(tables, number, InstrumentState.INSTRUMENT_SETTLED, StateCause.CAUSE_SCHEDULE, 0, 0)
