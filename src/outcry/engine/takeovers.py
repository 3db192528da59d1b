"""Positions taken over in liquidation (LIQ-05)."""

import cython

if not cython.compiled:
    from outcry.engine.ledger import move, position_for, role_wallet, touch_position, wallet_for
    from outcry.protocol.layout import Role, Tables, i64, instruments_at, positions_at


def take_over(tables: Tables, position_slot: i64, bankrupt_minor: i64, reserve_minor: i64) -> None:
    """The whole position goes to the takeover role at a signed value (LIQ-05)."""
    position = positions_at(tables, position_slot)
    instrument = instruments_at(tables, position.instrument)
    target_slot: i64 = position_for(tables, Role.TAKEOVER, position.instrument)
    target = positions_at(tables, target_slot)
    touch_position(tables, position_slot)
    touch_position(tables, target_slot)
    realised: i64 = bankrupt_minor - position.cost_minor
    target.quantity += position.quantity
    target.cost_minor += bankrupt_minor
    target.lifetime_cost_minor += bankrupt_minor
    position.lifetime_cost_minor -= bankrupt_minor
    position.quantity = 0
    position.cost_minor = 0
    position.moved_margin_minor = 0
    position.loss_minor = 0
    move(tables, role_wallet(tables, instrument.currency, Role.UNREALISED), position.wallet, realised)
    move(tables, position.wallet, wallet_for(tables, Role.TAKEOVER, instrument.currency), reserve_minor)
