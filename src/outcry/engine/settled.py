"""What settling leaves behind on an instrument: whom a round serves, the epoch that takes the other side, the event.

Used for positions and for takeovers alike; decides nothing.
"""

import cython

if not cython.compiled:
    from outcry.engine.ledger import breach, move, role_wallet
    from outcry.protocol.layout import (
        TOTAL_BOUND,
        Fault,
        InstrumentState,
        Role,
        Settled,
        Tables,
        currencies_at,
        flag,
        i64,
        instruments_at,
        new_settled,
        positions_at,
        wallets_at,
    )
    from outcry.rules.arith import magnitude


def in_round(tables: Tables, number: i64) -> flag:
    """Whether the round under way serves an instrument: it had ended when the round began (SET-03)."""
    instrument = instruments_at(tables, number)
    ended: flag = instrument.state == InstrumentState.INSTRUMENT_SETTLING
    return ended and instrument.mark_sequence <= tables.venue.settlement_sequence


def take_epoch(tables: Tables, number: i64, quantity: i64, value: i64) -> None:
    """The instrument's epoch takes over a signed quantity at its signed value, and the pot of epochs pays for it.

    Over all who are settled both come to nothing, because a lot is worth the same to everybody.
    """
    instrument = instruments_at(tables, number)
    currency: i64 = instrument.currency
    instrument.epoch_quantity += quantity
    instrument.epoch_cost_minor += value
    instrument.settled_positions += 1
    if magnitude(instrument.epoch_cost_minor) >= TOTAL_BOUND:
        breach(tables, Fault.FAULT_OVERFLOW, number, instrument.epoch_cost_minor, TOTAL_BOUND)
    currencies_at(tables, currency).epochs_minor -= value
    move(tables, role_wallet(tables, currency, Role.EPOCHS), role_wallet(tables, currency, Role.UNREALISED), value)


def say_settled(tables: Tables, position_slot: i64) -> Settled:
    """Something of a position was closed at the settlement price; the caller adds how much to the event."""
    position = positions_at(tables, position_slot)
    said = new_settled(tables)
    said.account = position.account
    said.instrument = position.instrument
    said.balance_minor = wallets_at(tables, position.wallet).balance_minor
    return said
