"""What an account can spend: wallet, less unrealised losses, less the margin of positions and orders (MRG-06).

Nothing is cached over a change of mark: the account's positions in the currency are walked, and there are few.
"""

import cython

if not cython.compiled:
    from outcry.engine.lookup import find_wallet_slot
    from outcry.protocol.layout import (
        TOTAL_BOUND,
        FaultRow,
        InstrumentRow,
        MarginMethod,
        PositionRow,
        Tables,
        accounts_at,
        i64,
        instruments_at,
        positions_at,
        wallets_at,
        wide,
    )
    from outcry.rules.arith import capped, magnitude, times
    from outcry.rules.backing import exposed_lot_minor, is_paid_up
    from outcry.rules.margin import open_orders_minor, position_margin_minor
    from outcry.rules.position import unrealised_minor
    from outcry.rules.value import signed_value_minor


def chosen_leverage(position: PositionRow) -> i64:
    """The leverage that sets initial margin, in hundredths: the chosen one if isolated, else 0 for the base rate."""
    leverage: i64 = position.leverage_centi
    return leverage if position.isolated != 0 else 0


def loss_minor(instrument: InstrumentRow, quantity: i64, cost: i64) -> i64:
    """Unrealised loss at the mark as a magnitude."""
    if quantity == 0:
        return 0
    value: i64 = signed_value_minor(instrument, quantity, instrument.mark_lot_minor)
    return max(0, -unrealised_minor(value, cost))


def held_back_minor(
    position: PositionRow, instrument: InstrumentRow, quantity: i64, cost: i64, own: i64, fault: FaultRow
) -> i64:
    """What a position of this quantity and cost takes from the available balance, its orders left out.

    `own` is what was moved into an isolated position's margin less the fees paid out of it.  A loss counts in full for
    a cross position, and for an isolated one as far as its own margin does not cover it (MRG-06); what is paid up
    holds back all that it can lose already (COL-01).
    """
    margin: i64 = own + position_margin_minor(
        instrument, position.risk_steps, quantity, cost, chosen_leverage(position), fault
    )
    if is_paid_up(instrument, quantity):
        return margin
    loss: i64 = loss_minor(instrument, quantity, cost)
    return max(margin, loss) if position.isolated != 0 else margin + loss


def position_requirement(tables: Tables, position: PositionRow, instrument: InstrumentRow) -> i64:
    """What one position with its orders takes away from the available balance; at most the bound of totals."""
    own: i64 = position.moved_margin_minor - position.loss_minor
    held: i64 = held_back_minor(position, instrument, position.quantity, position.cost_minor, own, tables.fault)
    return required_minor(position, instrument, held)


def required_minor(position: PositionRow, instrument: InstrumentRow, held: i64) -> i64:
    """The same, given what it holds back without its orders."""
    return capped(wide(held) + open_orders_minor(instrument, position, position.quantity))


def risk_value_minor(instrument: InstrumentRow, position: PositionRow, held: i64, open_value: i64) -> i64:
    """What a position and its open orders count against its risk limit, if it held this quantity (MRG-05).

    By rates that is the value at the mark and the orders' value; of other contracts all that they stand for (OPT-03).
    """
    if instrument.margin_method != MarginMethod.BY_RATES:
        contracts: i64 = magnitude(held) + position.buy_quantity + position.sell_quantity
        return times(contracts // instrument.lot, exposed_lot_minor(instrument))
    return magnitude(signed_value_minor(instrument, held, instrument.mark_lot_minor)) + open_value


def available_minor(tables: Tables, account: i64, currency: i64) -> i64:
    """Available balance of an account in a currency; negative when losses have eaten it (MRG-06).

    At less than minus half the bound of totals it is held there: a mark may make more be missing than 64 bits can say.
    """
    return available_without(tables, account, currency, 0)


def available_without(tables: Tables, account: i64, currency: i64, left_out: i64) -> i64:
    """The same as if the account had nothing in one instrument, 0 for none."""
    wallet: i64 = find_wallet_slot(tables, account, currency)
    left: i64 = wallets_at(tables, wallet).balance_minor - wallets_at(tables, wallet).held_minor
    slot: i64 = accounts_at(tables, account).first_position
    while slot != 0:
        position = positions_at(tables, slot)
        instrument = instruments_at(tables, position.instrument)
        if instrument.currency == currency and position.instrument != left_out:
            left = max(-(TOTAL_BOUND // 2), left - position_requirement(tables, position, instrument))
        slot = position.next_position
    return left
