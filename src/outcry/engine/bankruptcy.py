"""At what value a position has used up what stands behind it (LIQ-05), and how far it is from there.

An isolated position has its own margin behind it, a cross one its share of the account's equity as weighed last.
"""

import cython

if not cython.compiled:
    from outcry.engine.equity import (
        gain_minor,
        isolated_slack_minor,
        own_margin_minor,
        slack_minor,
        upkeep_minor,
        weigh,
        worth_minor,
    )
    from outcry.engine.funds import chosen_leverage
    from outcry.protocol.layout import Tables, flag, i64, instruments_at, positions_at
    from outcry.rules.arith import magnitude
    from outcry.rules.backing import bankrupt_paid_up_minor, is_paid_up
    from outcry.rules.liquidation import bankrupt_minor, reserve_minor, share_minor
    from outcry.rules.margin import closing_fee_minor, initial_minor


def closing_fee(tables: Tables, slot: i64) -> i64:
    """What the position keeps for its closing fee (MRG-03)."""
    position = positions_at(tables, slot)
    instrument = instruments_at(tables, position.instrument)
    cost: i64 = position.cost_minor
    initial: i64 = initial_minor(
        instrument, position.risk_steps, magnitude(cost), chosen_leverage(position), tables.fault
    )
    return closing_fee_minor(instrument, position.quantity, cost, initial, tables.fault)


def own_left(tables: Tables, slot: i64) -> i64:
    """What an isolated position can lose: its own margin, nothing if that is used up."""
    position = positions_at(tables, slot)
    return max(0, own_margin_minor(tables, position, instruments_at(tables, position.instrument)))


def reserve_alone(tables: Tables, slot: i64) -> i64:
    """The closing fee as far as an isolated position's own margin pays for it (LIQ-05)."""
    return reserve_minor(closing_fee(tables, slot), own_left(tables, slot))


def bankrupt_alone(tables: Tables, slot: i64) -> i64:
    """Signed value at which an isolated position's own margin is gone, its closing fee kept back (LIQ-05)."""
    cost: i64 = positions_at(tables, slot).cost_minor
    return bankrupt_minor(cost, own_left(tables, slot), reserve_alone(tables, slot))


def share_together(tables: Tables, slot: i64) -> i64:
    """A cross position's share of the equity that was weighed last (LIQ-05); negative if there is less than nothing."""
    position = positions_at(tables, slot)
    upkeep: i64 = upkeep_minor(tables, position, instruments_at(tables, position.instrument))
    return share_minor(tables.weighing.equity_minor, upkeep, tables.weighing.maintenance_minor, tables.fault)


def reserve_together(tables: Tables, slot: i64) -> i64:
    """The closing fee as far as the position's share pays for it (LIQ-05)."""
    return reserve_minor(closing_fee(tables, slot), share_together(tables, slot))


def bankrupt_together(tables: Tables, slot: i64) -> i64:
    """Signed value at which a cross position's share of the equity is gone, its closing fee kept back (LIQ-05)."""
    position = positions_at(tables, slot)
    instrument = instruments_at(tables, position.instrument)
    if is_paid_up(instrument, position.quantity):
        return bankrupt_paid_up_minor(instrument, position.quantity)
    worth: i64 = worth_minor(position, instrument)
    return bankrupt_minor(worth, share_together(tables, slot), reserve_together(tables, slot))


def weigh_position(tables: Tables, slot: i64) -> None:
    """Weigh what stands behind a cross position."""
    position = positions_at(tables, slot)
    weigh(tables, position.account, instruments_at(tables, position.instrument).currency)


def equity_behind(tables: Tables, slot: i64) -> i64:
    """What stands behind a position at the mark: its own margin and gain, or the equity of its account."""
    position = positions_at(tables, slot)
    if position.isolated != 0:
        instrument = instruments_at(tables, position.instrument)
        return own_margin_minor(tables, position, instrument) + gain_minor(position, instrument)
    if is_paid_up(instruments_at(tables, position.instrument), position.quantity):
        return cushion_minor(tables, slot)
    weigh_position(tables, slot)
    return tables.weighing.equity_minor


def passes(tables: Tables, slot: i64) -> flag:
    """Whether the position, or all that stands together with it, passes the test (LIQ-01)."""
    position = positions_at(tables, slot)
    if position.isolated != 0:
        return isolated_slack_minor(tables, position, instruments_at(tables, position.instrument)) > 0
    if is_paid_up(instruments_at(tables, position.instrument), position.quantity):
        return True
    weigh_position(tables, slot)
    return slack_minor(tables) > 0


def cushion_minor(tables: Tables, slot: i64) -> i64:
    """Value at the mark less bankruptcy value (ADL-01)."""
    position = positions_at(tables, slot)
    worth: i64 = worth_minor(position, instruments_at(tables, position.instrument))
    if position.isolated != 0:
        return worth - bankrupt_alone(tables, slot)
    weigh_position(tables, slot)
    return worth - bankrupt_together(tables, slot)
