"""Whether a position can be deleveraged, and by how much it is from bankruptcy (ADL-01).

Reads an account as the liquidation test does; changes nothing but the weighing row.
"""

import cython

if not cython.compiled:
    from outcry.engine.bankruptcy import bankrupt_alone, bankrupt_together
    from outcry.engine.equity import gain_minor, isolated_slack_minor, own_margin_minor, slack_minor, weigh, worth_minor
    from outcry.engine.funding import bring_account
    from outcry.protocol.layout import ROLES, Side, Tables, TakeoverRow, flag, i64, instruments_at, positions_at
    from outcry.rules.arith import magnitude
    from outcry.rules.position import cost_of_part
    from outcry.rules.value import signed_value_minor


def equity_minor(tables: Tables, slot: i64) -> i64:
    """What stands behind a position: its own margin and gain if it is isolated, else the equity of its pool."""
    position = positions_at(tables, slot)
    instrument = instruments_at(tables, position.instrument)
    if position.isolated != 0:
        return own_margin_minor(tables, position, instrument) + gain_minor(position, instrument)
    weigh(tables, position.account, instrument.currency)
    return tables.weighing.equity_minor


def passes(tables: Tables, slot: i64) -> flag:
    """Whether an isolated position, or the pool of a cross one, passes the test (LIQ-01)."""
    position = positions_at(tables, slot)
    instrument = instruments_at(tables, position.instrument)
    if position.isolated != 0:
        return isolated_slack_minor(tables, position, instrument) > 0
    weigh(tables, position.account, instrument.currency)
    return slack_minor(tables) > 0


def cushion_minor(tables: Tables, slot: i64) -> i64:
    """Signed value at the mark less bankruptcy value (LIQ-05)."""
    position = positions_at(tables, slot)
    instrument = instruments_at(tables, position.instrument)
    worth: i64 = worth_minor(position, instrument)
    if position.isolated != 0:
        return worth - bankrupt_alone(tables, slot)
    weigh(tables, position.account, instrument.currency)
    return worth - bankrupt_together(tables, slot)


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
    return equity_minor(tables, slot) - traded - at_mark >= 0
