"""A takeover closed at its instrument's settlement price (SET-03): what it loses there, and the booking of it."""

import cython

if not cython.compiled:
    from outcry.engine.insurance import square
    from outcry.engine.ledger import move, role_wallet
    from outcry.engine.lookup import find_position_slot
    from outcry.engine.settled import say_settled, take_epoch
    from outcry.engine.takeover_rows import after_reduction, reduce_takeover
    from outcry.protocol.layout import Role, Tables, i64, instruments_at, takeovers_at
    from outcry.rules.value import signed_value_minor


def loss_minor(tables: Tables, slot: i64) -> i64:
    """What settling all of a takeover loses; negative if it brings something."""
    row = takeovers_at(tables, slot)
    instrument = instruments_at(tables, row.instrument)
    return row.cost_minor - signed_value_minor(instrument, row.quantity, instrument.settlement_lot_minor)


def settle_takeover(tables: Tables, slot: i64, quantity: i64) -> None:
    """Close so many contracts of a takeover at the settlement price, without a fee; the fund gets or pays (INS-01)."""
    row = takeovers_at(tables, slot)
    number: i64 = row.instrument
    instrument = instruments_at(tables, number)
    currency: i64 = instrument.currency
    position: i64 = find_position_slot(tables, Role.TAKEOVER, number)
    signed: i64 = quantity if row.quantity > 0 else -quantity
    value: i64 = signed_value_minor(instrument, signed, instrument.settlement_lot_minor)
    closed: i64 = reduce_takeover(tables, slot, position, quantity, -value)
    realised: i64 = value - closed
    move(tables, role_wallet(tables, currency, Role.UNREALISED), role_wallet(tables, currency, Role.TAKEOVER), realised)
    take_epoch(tables, number, signed, value)
    said = say_settled(tables, position)
    said.quantity = signed
    said.value_minor = value
    said.realised_minor = realised
    square(tables, currency, number)
    after_reduction(tables, slot, row.price_ticks)
