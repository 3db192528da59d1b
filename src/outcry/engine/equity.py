"""Whether what an account holds can still be held (LIQ-01): isolated positions one by one, the others together.

`weigh` writes what an account has in one currency into the weighing row; the others read it or a single position.
Changes nothing else.
"""

import cython

if not cython.compiled:
    from outcry.engine.funds import chosen_leverage
    from outcry.engine.lookup import find_wallet_slot
    from outcry.protocol.layout import (
        TOTAL_BOUND,
        InstrumentRow,
        InstrumentState,
        PositionRow,
        Tables,
        accounts_at,
        flag,
        i64,
        i128,
        instruments_at,
        positions_at,
        wallets_at,
        wide,
    )
    from outcry.rules.backing import is_paid_up
    from outcry.rules.margin import maintenance_minor, open_orders_minor, position_margin_minor
    from outcry.rules.position import unrealised_minor
    from outcry.rules.value import signed_value_minor


def bounded(number: i128) -> i64:
    """A sum held within half the bound of totals: a mark may make it more than 64 bits can say."""
    half: i64 = TOTAL_BOUND // 2
    if number > half:
        return half
    if number < -half:
        return -half
    return number


def can_trade(instrument: InstrumentRow) -> flag:
    """Whether positions in the instrument can be liquidated now: only where others can trade too (LIQ-01)."""
    return (
        instrument.state == InstrumentState.INSTRUMENT_OPEN or instrument.state == InstrumentState.INSTRUMENT_REDUCING
    )


def worth_minor(position: PositionRow, instrument: InstrumentRow) -> i64:
    """Signed value of a position at the mark."""
    return signed_value_minor(instrument, position.quantity, instrument.mark_lot_minor)


def gain_minor(position: PositionRow, instrument: InstrumentRow) -> i64:
    """Unrealised PnL of a position."""
    return unrealised_minor(worth_minor(position, instrument), position.cost_minor)


def own_margin_minor(tables: Tables, position: PositionRow, instrument: InstrumentRow) -> i64:
    """The margin an isolated position has of its own: MRG-03 with what was moved in and paid out of it."""
    margin: i64 = position_margin_minor(
        instrument,
        position.risk_steps,
        position.quantity,
        position.cost_minor,
        chosen_leverage(position),
        tables.fault,
    )
    return margin + position.moved_margin_minor - position.loss_minor


def upkeep_minor(tables: Tables, position: PositionRow, instrument: InstrumentRow) -> i64:
    """Maintenance margin of a position as it is (MRG-10)."""
    return maintenance_minor(
        instrument,
        position.risk_steps,
        position.quantity,
        position.cost_minor,
        chosen_leverage(position),
        tables.fault,
    )


def stands_alone(position: PositionRow, instrument: InstrumentRow) -> flag:
    """Whether a position is no part of what is weighed together: it is isolated, or paid up (LIQ-01, COL-01)."""
    return position.isolated != 0 or is_paid_up(instrument, position.quantity)


def backing_minor(tables: Tables, position: PositionRow, instrument: InstrumentRow) -> i64:
    """What a position that is not isolated adds to its account's equity: its gain, or less what it is paid up with."""
    if is_paid_up(instrument, position.quantity):
        return -own_margin_minor(tables, position, instrument)
    return gain_minor(position, instrument)


def spare_minor(tables: Tables, position: PositionRow, instrument: InstrumentRow) -> i64:
    """The same less its maintenance margin: what it adds to its account's slack."""
    if is_paid_up(instrument, position.quantity):
        return -own_margin_minor(tables, position, instrument)
    return gain_minor(position, instrument) - upkeep_minor(tables, position, instrument)


def weigh(tables: Tables, account: i64, currency: i64) -> None:
    """Add up what an account holds in a currency, its isolated positions left out but for what they took from it."""
    weighed = tables.weighing
    wallet: i64 = find_wallet_slot(tables, account, currency)
    total = wide(wallets_at(tables, wallet).balance_minor - wallets_at(tables, wallet).held_minor)
    orders = wide(0)
    upkeeps = wide(0)
    weighed.positions = 0
    weighed.largest = 0
    weighed.largest_minor = -1
    slot: i64 = accounts_at(tables, account).first_position
    while slot != 0:
        position = positions_at(tables, slot)
        instrument = instruments_at(tables, position.instrument)
        if instrument.currency == currency:
            orders += open_orders_minor(instrument, position, position.quantity)
            if position.quantity != 0 and stands_alone(position, instrument):
                # What it has paid beyond its own margin is gone, whatever it may gain: it backs nothing else.
                total -= max(0, own_margin_minor(tables, position, instrument))
            elif position.quantity != 0:
                upkeep: i64 = upkeep_minor(tables, position, instrument)
                total += gain_minor(position, instrument)
                upkeeps += upkeep
                weighed.positions += 1
                if can_trade(instrument) and goes_first(tables, slot, upkeep):
                    weighed.largest = slot
                    weighed.largest_minor = upkeep
        slot = position.next_position
    weighed.equity_minor = bounded(total)
    weighed.maintenance_minor = bounded(upkeeps)
    weighed.orders_minor = bounded(orders)


def goes_first(tables: Tables, slot: i64, upkeep: i64) -> flag:
    """Whether a position is liquidated before the one found so far: more maintenance, then the lower instrument."""
    weighed = tables.weighing
    if upkeep != weighed.largest_minor:
        return upkeep > weighed.largest_minor
    return positions_at(tables, slot).instrument < positions_at(tables, weighed.largest).instrument


def slack_minor(tables: Tables) -> i64:
    """By how much what was weighed last passes the test; 0 or less if it fails."""
    weighed = tables.weighing
    return weighed.equity_minor - weighed.orders_minor - weighed.maintenance_minor


def would_strand(
    tables: Tables, account: i64, position: PositionRow, draft: PositionRow, instrument: InstrumentRow
) -> flag:
    """Whether, margined like the draft, a position leaves cross positions that fail the test, worse than now (MRG-04).

    The available balance cannot say so: it does not know the gains that a cross position takes with it.
    """
    weigh(tables, account, instrument.currency)
    before: i64 = slack_minor(tables)
    positions: i64 = tables.weighing.positions
    slack: i64 = before - open_orders_minor(instrument, draft, draft.quantity)
    slack += open_orders_minor(instrument, position, position.quantity)
    if position.quantity != 0 and not stands_alone(position, instrument):
        slack -= gain_minor(position, instrument) - upkeep_minor(tables, position, instrument)
        positions -= 1
    elif position.quantity != 0:
        slack += max(0, own_margin_minor(tables, position, instrument))
    if draft.quantity != 0 and not stands_alone(draft, instrument):
        slack += gain_minor(draft, instrument) - upkeep_minor(tables, draft, instrument)
        positions += 1
    elif draft.quantity != 0:
        slack -= max(0, own_margin_minor(tables, draft, instrument))
    return positions != 0 and slack <= 0 and slack < before


def isolated_slack_minor(tables: Tables, position: PositionRow, instrument: InstrumentRow) -> i64:
    """By how much an isolated position passes the test; 0 or less if it fails."""
    equity: i64 = own_margin_minor(tables, position, instrument) + gain_minor(position, instrument)
    return equity - upkeep_minor(tables, position, instrument)


def fails(tables: Tables, account: i64) -> flag:
    """Whether the account fails the test anywhere (LIQ-01)."""
    slot: i64 = accounts_at(tables, account).first_position
    while slot != 0:
        position = positions_at(tables, slot)
        instrument = instruments_at(tables, position.instrument)
        alone: flag = position.quantity != 0 and position.isolated != 0
        if alone and isolated_slack_minor(tables, position, instrument) <= 0:
            return True
        slot = position.next_position
    wallet: i64 = accounts_at(tables, account).first_wallet
    while wallet != 0:
        weigh(tables, account, wallets_at(tables, wallet).currency)
        if tables.weighing.positions != 0 and slack_minor(tables) <= 0:
            return True
        wallet = wallets_at(tables, wallet).next_wallet
    return False
