"""Whether a position can be deleveraged (ADL-01).  Reads an account as the liquidation test does, after its funding."""

import cython

if not cython.compiled:
    from outcry.engine.bankruptcy import equity_behind, passes
    from outcry.engine.funding import bring_account
    from outcry.protocol.layout import ROLES, Side, Tables, TakeoverRow, flag, i64, instruments_at, positions_at
    from outcry.rules.arith import magnitude
    from outcry.rules.position import cost_of_part
    from outcry.rules.value import signed_value_minor


def is_eligible(tables: Tables, slot: i64, number: i64, side: i64) -> flag:
    """Whether a position is somebody's, in this instrument, would trade on this side, and is not to be liquidated."""
    position = positions_at(tables, slot)
    if position.instrument != number or position.account < ROLES or position.quantity == 0:
        return False
    if (position.quantity < 0) != (side == Side.BUY):
        return False
    bring_account(tables, position.account)
    return passes(tables, slot)


def bears(tables: Tables, row: TakeoverRow, slot: i64, quantity: i64) -> flag:
    """Whether closing so much at the takeover's price leaves what stands behind a position at 0 or more (ADL-01)."""
    instrument = instruments_at(tables, row.instrument)
    position = positions_at(tables, slot)
    part: i64 = quantity if position.quantity > 0 else -quantity
    at_mark: i64 = signed_value_minor(instrument, part, instrument.mark_lot_minor)
    traded: i64 = cost_of_part(row.cost_minor, quantity, magnitude(row.quantity), tables.fault)
    return equity_behind(tables, slot) - traded - at_mark >= 0
