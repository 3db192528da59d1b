"""Accounts: opening, and how their positions are margined (MRG-04)."""

import cython

if not cython.compiled:
    from outcry.engine.equity import isolated_slack_minor, would_strand
    from outcry.engine.events import refuse
    from outcry.engine.funding import bring_account
    from outcry.engine.funds import (
        available_minor,
        available_without,
        loss_minor,
        position_requirement,
        risk_value_minor,
    )
    from outcry.engine.known import account_refusal, instrument_refusal, venue_refusal
    from outcry.engine.ledger import position_for
    from outcry.engine.lookup import add_account_slot, find_account_slot, find_position_slot, find_wallet_slot
    from outcry.engine.orders import reserve_again, weigh_again
    from outcry.engine.pending import note_examined
    from outcry.engine.pools import has_room, take_new
    from outcry.engine.spreads import names_spread
    from outcry.protocol.layout import (
        AMOUNT_BOUND,
        PPM,
        TOTAL_BOUND,
        AccountState,
        Code,
        EntryHead,
        InstrumentRow,
        MarginMethod,
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
        new_margin_set,
        new_risk_limit_set,
        open_account_of,
        positions_at,
        set_isolated_of,
        set_leverage_of,
        set_risk_limit_of,
    )
    from outcry.rules.arith import magnitude
    from outcry.rules.margin import initial_ppm, limit_minor


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
    if code == Code.OK and leverage != 0:
        code = isolating_refusal(tables, number)
    if code != Code.OK:
        return refuse(tables, entry, code, account, number, leverage, 0)
    steps: i64 = positions_at(tables, find_position_slot(tables, account, number)).risk_steps
    code = choose_margin(tables, entry, account, number, leverage, 1 if leverage != 0 else 0, steps)
    if code == Code.OK:
        say_margin(tables, find_position_slot(tables, account, number))
    return code


def set_isolated(tables: Tables, entry: EntryHead) -> Code:
    """Switch between isolated and cross; the chosen leverage is kept (MRG-04)."""
    asked = set_isolated_of(entry)
    account: i64 = asked.account
    number: i64 = asked.instrument
    code: Code = margin_change_refusal(tables, account, number)
    if code == Code.OK and asked.isolated > 1:
        code = Code.PARAMETER_INVALID
    if code == Code.OK and asked.isolated != 0:
        code = isolating_refusal(tables, number)
    if code != Code.OK:
        return refuse(tables, entry, code, account, number, asked.isolated, 0)
    position = positions_at(tables, find_position_slot(tables, account, number))
    code = choose_margin(tables, entry, account, number, position.leverage_centi, asked.isolated, position.risk_steps)
    if code == Code.OK:
        say_margin(tables, find_position_slot(tables, account, number))
    return code


def isolating_refusal(tables: Tables, number: i64) -> Code:
    """Nobody chooses a leverage where margin is not by rates: what such positions need is theirs alone (OPT-03)."""
    if instruments_at(tables, number).margin_method != MarginMethod.BY_RATES:
        return Code.LEVERAGE_INVALID
    return Code.OK


def set_risk_limit(tables: Tables, entry: EntryHead) -> Code:
    """Choose the tier a position is margined by: a larger limit asks for larger margins (MRG-09)."""
    asked = set_risk_limit_of(entry)
    account: i64 = asked.account
    number: i64 = asked.instrument
    limit: i64 = asked.risk_limit_minor
    code: Code = margin_change_refusal(tables, account, number)
    steps: i64 = 0
    if code == Code.OK:
        steps = steps_of_limit(instruments_at(tables, number), limit)
        if steps < 0:
            code = Code.RISK_LIMIT_INVALID
    if code != Code.OK:
        return refuse(tables, entry, code, account, number, limit, 0)
    position = positions_at(tables, find_position_slot(tables, account, number))
    code = choose_margin(tables, entry, account, number, position.leverage_centi, position.isolated, steps)
    if code == Code.OK:
        say_risk_limit(tables, find_position_slot(tables, account, number), 0)
    return code


def steps_of_limit(instrument: InstrumentRow, limit: i64) -> i64:
    """How many steps a risk limit is above the base, -1 if it is no limit there is (MRG-09)."""
    over: i64 = limit - instrument.risk_limit_minor
    if over == 0:
        return 0
    if over < 0 or limit >= AMOUNT_BOUND or instrument.risk_step_minor == 0 or over % instrument.risk_step_minor != 0:
        return -1
    steps: i64 = over // instrument.risk_step_minor
    if steps > PPM or initial_ppm(instrument, steps) > PPM:
        return -1
    return steps


def margin_change_refusal(tables: Tables, account: i64, number: i64) -> Code:
    """Why the margining of this position cannot be changed, or OK."""
    code: Code = venue_refusal(tables, True, True)
    if code == Code.OK:
        code = instrument_refusal(tables, number, True, True, True)
    if code == Code.OK:
        code = account_refusal(tables, account, True, True)
    if code == Code.OK and names_spread(tables, number):
        code = Code.SPREAD_WITHOUT_POSITION
    return code


def choose_margin(
    tables: Tables, entry: EntryHead, account: i64, number: i64, leverage: i64, isolated: i64, steps: i64
) -> Code:
    """Weigh the new margining in row 0 of the positions, and take it over if the balance covers it.

    The caller says what was chosen.
    """
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
    open_value: i64 = position.buy_value_minor + position.sell_value_minor
    held: i64 = risk_value_minor(instrument, position, position.quantity, open_value)
    if steps != position.risk_steps and held > limit_minor(instrument, steps):
        return refuse(tables, entry, Code.RISK_LIMIT_EXCEEDED, account, number, held, limit_minor(instrument, steps))
    draft = positions_at(tables, 0)
    draft.leverage_centi = leverage
    draft.isolated = isolated
    draft.risk_steps = steps
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
    elif would_be_liquidated(tables, draft, instrument) or would_strand(tables, account, position, draft, instrument):
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
    position.risk_steps = steps
    position.risk_limit_minor = limit_minor(instrument, steps)
    reserve_again(tables, slot)
    note_examined(tables, account)
    return Code.OK


def say_risk_limit(tables: Tables, slot: i64, by_venue: i64) -> None:
    """A position's risk limit now."""
    position = positions_at(tables, slot)
    chosen = new_risk_limit_set(tables)
    chosen.account = position.account
    chosen.instrument = position.instrument
    chosen.by_venue = by_venue
    chosen.steps = position.risk_steps
    chosen.risk_limit_minor = position.risk_limit_minor


def would_be_liquidated(tables: Tables, position: PositionRow, instrument: InstrumentRow) -> flag:
    """Whether an isolated position like this would fail the test at once (MRG-04, LIQ-01)."""
    alone: flag = position.quantity != 0 and position.isolated != 0
    return alone and isolated_slack_minor(tables, position, instrument) <= 0


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
    note_examined(tables, account)
    say_margin(tables, slot)
    return Code.OK
