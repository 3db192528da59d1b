"""Accounts: opening, states, and how their positions are margined (MRG-04)."""

import cython

if not cython.compiled:
    from outcry.engine.events import refuse
    from outcry.engine.funding import bring_account
    from outcry.engine.funds import (
        available_minor,
        available_without,
        chosen_leverage,
        loss_minor,
        position_requirement,
    )
    from outcry.engine.known import account_refusal, instrument_refusal, known_account
    from outcry.engine.ledger import position_for
    from outcry.engine.lookup import add_account_slot, find_account_slot, find_position_slot, find_wallet_slot
    from outcry.engine.orders import reserve_again, weigh_again
    from outcry.engine.pools import has_room, take_new
    from outcry.protocol.layout import (
        AMOUNT_BOUND,
        PPM,
        TOTAL_BOUND,
        AccountState,
        Code,
        EntryHead,
        InstrumentRow,
        PositionRow,
        TableNumber,
        Tables,
        accounts_at,
        clear_positions,
        flag,
        i64,
        instruments_at,
        move_margin_of,
        new_account_opened,
        new_account_state_set,
        new_margin_set,
        open_account_of,
        positions_at,
        set_account_state_of,
        set_isolated_of,
        set_leverage_of,
    )
    from outcry.rules.arith import magnitude
    from outcry.rules.margin import maintenance_minor, position_margin_minor


def open_account(tables: Tables, entry: EntryHead) -> Code:
    """An account for a handle; the same handle has the same account for ever (CMD-05)."""
    asked = open_account_of(entry)
    key = accounts_at(tables, 0)
    key.handle = asked.handle
    slot: i64 = find_account_slot(tables, key)
    was_new: i64 = 1 if slot == 0 else 0
    if slot == 0 and not has_room(tables, TableNumber.ACCOUNTS_TABLE, 1):
        return refuse(tables, entry, Code.TABLE_FULL, 0, 0, 0, 0)

    # From here the account exists.
    if slot == 0:
        slot = take_new(tables, TableNumber.ACCOUNTS_TABLE)
        row = accounts_at(tables, slot)
        row.handle = asked.handle
        row.state = AccountState.ACCOUNT_OPEN
        row.opened_ns = tables.venue.time_ns
        add_account_slot(tables, slot)
    opened = new_account_opened(tables)
    opened.account = slot
    opened.was_new = was_new
    opened.handle = asked.handle
    return Code.OK


def set_account_state(tables: Tables, entry: EntryHead) -> Code:
    """What the account may do from here (CMD-07)."""
    asked = set_account_state_of(entry)
    account: i64 = asked.account
    code: Code = known_account(tables, account)
    if code == Code.OK and (asked.state < AccountState.ACCOUNT_OPEN or asked.state > AccountState.ACCOUNT_STOPPED):
        code = Code.PARAMETER_INVALID
    if code != Code.OK:
        return refuse(tables, entry, code, account, 0, 0, 0)

    # From here the state holds.
    accounts_at(tables, account).state = asked.state
    changed = new_account_state_set(tables)
    changed.account = account
    changed.state = asked.state
    return Code.OK


def set_leverage(tables: Tables, entry: EntryHead) -> Code:
    """Isolate at a leverage, or cross with 0 (MRG-04)."""
    asked = set_leverage_of(entry)
    account: i64 = asked.account
    number: i64 = asked.instrument
    leverage: i64 = asked.leverage_centi
    code: Code = margin_change_refusal(tables, account, number)
    if code == Code.OK and (
        leverage < 0 or leverage > 100 * PPM or leverage * instruments_at(tables, number).initial_margin_ppm > 100 * PPM
    ):
        code = Code.LEVERAGE_INVALID
    if code != Code.OK:
        return refuse(tables, entry, code, account, number, leverage, 0)
    return choose_margin(tables, entry, account, number, leverage, 1 if leverage != 0 else 0)


def set_isolated(tables: Tables, entry: EntryHead) -> Code:
    """Switch between isolated and cross; the chosen leverage is kept (MRG-04)."""
    asked = set_isolated_of(entry)
    account: i64 = asked.account
    number: i64 = asked.instrument
    code: Code = margin_change_refusal(tables, account, number)
    if code == Code.OK and asked.isolated > 1:
        code = Code.PARAMETER_INVALID
    if code != Code.OK:
        return refuse(tables, entry, code, account, number, asked.isolated, 0)
    leverage: i64 = positions_at(tables, find_position_slot(tables, account, number)).leverage_centi
    return choose_margin(tables, entry, account, number, leverage, asked.isolated)


def margin_change_refusal(tables: Tables, account: i64, number: i64) -> Code:
    """Why the margining of this position cannot be changed, or OK."""
    if tables.venue.cancel_only != 0:
        return Code.VENUE_CANCEL_ONLY
    code: Code = instrument_refusal(tables, number, True)
    return code if code != Code.OK else account_refusal(tables, account, True)


def choose_margin(tables: Tables, entry: EntryHead, account: i64, number: i64, leverage: i64, isolated: i64) -> Code:
    """Weigh the new margining in row 0 of the positions, and take it over if the balance covers it."""
    instrument = instruments_at(tables, number)
    slot: i64 = find_position_slot(tables, account, number)
    wallet: i64 = find_wallet_slot(tables, account, instrument.currency)
    if slot == 0 and not has_room(tables, TableNumber.POSITIONS_TABLE, 1):
        return refuse(tables, entry, Code.TABLE_FULL, account, number, 0, 0)
    if wallet == 0 and not has_room(tables, TableNumber.WALLETS_TABLE, 1):
        return refuse(tables, entry, Code.TABLE_FULL, account, number, 0, 0)
    # A row that is opened here has nothing to be refused for.
    slot = position_for(tables, account, number)
    position = positions_at(tables, slot)
    bring_account(tables, account)
    before: i64 = available_minor(tables, account, instrument.currency)
    code: Code = Code.OK
    draft = positions_at(tables, 0)
    draft.leverage_centi = leverage
    draft.isolated = isolated
    draft.quantity = position.quantity
    draft.cost_minor = position.cost_minor
    if isolated == position.isolated:
        draft.loss_minor = position.loss_minor
        draft.moved_margin_minor = position.moved_margin_minor
    weigh_again(tables, slot)
    after: i64 = available_without(tables, account, instrument.currency, number)
    after = max(-(TOTAL_BOUND // 2), after - position_requirement(tables, draft, instrument))
    if after < 0 and after < before:
        code = Code.BALANCE_INSUFFICIENT
    elif isolated != 0 and would_be_liquidated(tables, draft, instrument):
        code = Code.LIQUIDATION_IMMEDIATE
    clear_positions(tables, 0)
    if code != Code.OK:
        return refuse(tables, entry, code, account, number, -after, 0)

    # From here the margining holds.
    if isolated != position.isolated:
        position.loss_minor = 0
        position.moved_margin_minor = 0
    position.leverage_centi = leverage
    position.isolated = isolated
    reserve_again(tables, slot)
    say_margin(tables, slot)
    return Code.OK


def would_be_liquidated(tables: Tables, position: PositionRow, instrument: InstrumentRow) -> flag:
    """Whether an isolated position's margin, less its loss at the mark, is no more than its maintenance (MRG-04)."""
    if position.quantity == 0:
        return False
    leverage: i64 = chosen_leverage(position)
    cost: i64 = position.cost_minor
    own: i64 = position_margin_minor(instrument, cost, leverage, tables.fault)
    own += position.moved_margin_minor - position.loss_minor - loss_minor(instrument, position.quantity, cost)
    return own <= maintenance_minor(instrument, cost, leverage, tables.fault)


def say_margin(tables: Tables, slot: i64) -> None:
    """How a position is margined now."""
    position = positions_at(tables, slot)
    chosen = new_margin_set(tables)
    chosen.account = position.account
    chosen.instrument = position.instrument
    chosen.isolated = position.isolated
    chosen.leverage_centi = position.leverage_centi
    chosen.moved_margin_minor = position.moved_margin_minor
    chosen.loss_minor = position.loss_minor


def move_margin(tables: Tables, entry: EntryHead) -> Code:
    """Money into or out of an isolated position's margin (MRG-07).

    Out goes only what is above initial margin and exit fee, with unrealised losses and paid fees taken off.
    """
    asked = move_margin_of(entry)
    account: i64 = asked.account
    number: i64 = asked.instrument
    amount: i64 = asked.amount_minor
    code: Code = margin_change_refusal(tables, account, number)
    slot: i64 = 0
    if code == Code.OK:
        slot = find_position_slot(tables, account, number)
        if positions_at(tables, slot).isolated == 0 or positions_at(tables, slot).quantity == 0:
            code = Code.POSITION_NOT_ISOLATED
        elif (
            amount == 0
            or amount >= AMOUNT_BOUND
            or amount <= -AMOUNT_BOUND
            or positions_at(tables, slot).moved_margin_minor + amount >= AMOUNT_BOUND
        ):
            code = Code.AMOUNT_INVALID
    if code != Code.OK:
        return refuse(tables, entry, code, account, number, amount, 0)
    position = positions_at(tables, slot)
    instrument = instruments_at(tables, number)
    bring_account(tables, account)
    spare: i64 = available_minor(tables, account, instrument.currency)
    if amount < 0:
        loss: i64 = loss_minor(instrument, position.quantity, position.cost_minor)
        spare = max(0, position.moved_margin_minor - position.loss_minor - loss)
    if magnitude(amount) > spare:
        return refuse(tables, entry, Code.BALANCE_INSUFFICIENT, account, number, magnitude(amount), spare)

    # From here the margin is moved.
    position.moved_margin_minor += amount
    say_margin(tables, slot)
    return Code.OK
