"""Whether a position and what stands behind it could be held (LIQ-01), and how far it is from bankruptcy (LIQ-05)."""

import cython

if not cython.compiled:
    from outcry.engine.funds import chosen_leverage
    from outcry.protocol.layout import (
        PositionRow,
        Tables,
        accounts_at,
        flag,
        i64,
        instruments_at,
        positions_at,
        wallets_at,
    )
    from outcry.rules.arith import magnitude, mul_div_ceil, mul_div_floor
    from outcry.rules.margin import (
        exit_fee_minor,
        initial_minor,
        maintenance_minor,
        orders_margin_minor,
        position_margin_minor,
    )
    from outcry.rules.value import signed_value_minor


def gain_of(tables: Tables, position: PositionRow) -> i64:
    """Unrealised PnL at the mark."""
    instrument = instruments_at(tables, position.instrument)
    return signed_value_minor(instrument, position.quantity, instrument.mark_lot_minor) - position.cost_minor


def own_of(tables: Tables, position: PositionRow) -> i64:
    """An isolated position's own margin."""
    instrument = instruments_at(tables, position.instrument)
    margin: i64 = position_margin_minor(instrument, position.cost_minor, chosen_leverage(position), tables.fault)
    return margin + position.moved_margin_minor - position.loss_minor


def upkeep_of(tables: Tables, position: PositionRow) -> i64:
    """Maintenance margin."""
    instrument = instruments_at(tables, position.instrument)
    return maintenance_minor(instrument, position.cost_minor, chosen_leverage(position), tables.fault)


def fee_of(tables: Tables, position: PositionRow) -> i64:
    """What it keeps for its closing fee."""
    instrument = instruments_at(tables, position.instrument)
    size: i64 = magnitude(position.cost_minor)
    initial: i64 = initial_minor(instrument, size, chosen_leverage(position), tables.fault)
    return exit_fee_minor(instrument, size, initial, tables.fault)


def together(tables: Tables, slot: i64, what: i64) -> i64:
    """Of a cross position's pool: 0 the equity, 1 the maintenance, 2 the order margins."""
    first = positions_at(tables, slot)
    currency: i64 = instruments_at(tables, first.instrument).currency
    total: i64 = wallets_at(tables, first.wallet).balance_minor if what == 0 else 0
    at: i64 = accounts_at(tables, first.account).first_position
    while at != 0:
        position = positions_at(tables, at)
        instrument = instruments_at(tables, position.instrument)
        if instrument.currency == currency:
            if what == 2:
                total += orders_margin_minor(position, position.quantity, instrument.lot)
            elif position.quantity != 0 and position.isolated != 0:
                total -= own_of(tables, position) if what == 0 else 0
            elif position.quantity != 0:
                total += gain_of(tables, position) if what == 0 else upkeep_of(tables, position)
        at = position.next_position
    return total


def equity_minor(tables: Tables, slot: i64) -> i64:
    """What stands behind a position: its own margin and gain, or the equity of its pool."""
    position = positions_at(tables, slot)
    if position.isolated != 0:
        return own_of(tables, position) + gain_of(tables, position)
    return together(tables, slot, 0)


def passes(tables: Tables, slot: i64) -> flag:
    """Whether the position, or its pool, passes the test of LIQ-01."""
    position = positions_at(tables, slot)
    if position.isolated != 0:
        return equity_minor(tables, slot) > upkeep_of(tables, position)
    return together(tables, slot, 0) - together(tables, slot, 2) > together(tables, slot, 1)


def cushion_minor(tables: Tables, slot: i64) -> i64:
    """Value at the mark less bankruptcy value (LIQ-05)."""
    position = positions_at(tables, slot)
    reserve: i64 = fee_of(tables, position)
    if position.isolated != 0:
        return equity_minor(tables, slot) - reserve
    equity: i64 = together(tables, slot, 0)
    part: i64 = upkeep_of(tables, position)
    whole: i64 = max(1, together(tables, slot, 1))
    share: i64 = mul_div_floor(equity, part, whole, tables.fault) if equity >= 0 else 0
    if equity < 0:
        share = -mul_div_ceil(-equity, part, whole, tables.fault)
    return share - min(reserve, max(0, share))
