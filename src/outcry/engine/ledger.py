"""The one way in which money moves, and Law 3 over everything an entry touched (docs/rules LAW-03).

Wallets change in `move` only.  Before a wallet or position changes for the first time in an entry it is noted as it
was; after the entry `check_laws` compares sums of what is noted with sums of what is there.  It does not look at what
the handlers said they did.  A difference sets the fault with both numbers, and the venue halts.
"""

import cython

if not cython.compiled:
    from outcry.engine.book import is_crossed
    from outcry.engine.lookup import add_position_slot, find_position_slot, find_wallet_slot
    from outcry.engine.pending import note_examined
    from outcry.engine.pools import take_new
    from outcry.engine.rungs import is_market
    from outcry.protocol.layout import (
        QUANTITY_BOUND,
        TOTAL_BOUND,
        Fault,
        InstrumentRow,
        PositionRow,
        Role,
        TableNumber,
        Tables,
        accounts_at,
        currencies_at,
        i64,
        instruments_at,
        pools_at,
        positions_at,
        touched_positions_at,
        touched_wallets_at,
        wallets_at,
    )
    from outcry.rules.arith import magnitude


def wallet_for(tables: Tables, account: i64, currency: i64) -> i64:
    """Slot of the account's wallet, opened if it is not there; room was asked before."""
    slot: i64 = find_wallet_slot(tables, account, currency)
    if slot != 0:
        return slot
    slot = take_new(tables, TableNumber.WALLETS_TABLE)
    row = wallets_at(tables, slot)
    row.account = account
    row.currency = currency
    row.next_wallet = accounts_at(tables, account).first_wallet
    accounts_at(tables, account).first_wallet = slot
    return slot


def position_for(tables: Tables, account: i64, instrument: i64) -> i64:
    """Slot of the account's position, opened flat and cross if it is not there; room was asked before."""
    slot: i64 = find_position_slot(tables, account, instrument)
    if slot != 0:
        return slot
    slot = take_new(tables, TableNumber.POSITIONS_TABLE)
    row = positions_at(tables, slot)
    row.account = account
    row.instrument = instrument
    row.risk_limit_minor = instruments_at(tables, instrument).risk_limit_minor
    row.epoch = instruments_at(tables, instrument).epoch
    row.wallet = wallet_for(tables, account, instruments_at(tables, instrument).currency)
    row.next_position = accounts_at(tables, account).first_position
    accounts_at(tables, account).first_position = slot
    add_position_slot(tables, slot)
    return slot


def role_wallet(tables: Tables, currency: i64, role: i64) -> i64:
    """Slot of a role's wallet."""
    before: i64 = currencies_at(tables, currency).role_wallets
    return before + role


def touch_wallet(tables: Tables, slot: i64) -> None:
    """Note a wallet as it was before the entry."""
    row = wallets_at(tables, slot)
    if row.touched == 0:
        note = touched_wallets_at(tables, tables.venue.touched_wallets)
        note.wallet = slot
        note.balance_before_minor = row.balance_minor
        tables.venue.touched_wallets += 1
        row.touched = tables.venue.touched_wallets


def touch_position(tables: Tables, slot: i64) -> None:
    """Note a position as it was before the entry."""
    row = positions_at(tables, slot)
    if row.touched == 0:
        note = touched_positions_at(tables, tables.venue.touched_positions)
        note.position = slot
        note.quantity_before = row.quantity
        note.cost_before_minor = row.cost_minor
        note.lifetime_cost_before_minor = row.lifetime_cost_minor
        tables.venue.touched_positions += 1
        row.touched = tables.venue.touched_positions


def move(tables: Tables, from_wallet: i64, to_wallet: i64, amount_minor: i64) -> None:
    """Move money between two wallets of one currency; a negative amount moves the other way (LAW-03).

    Amounts are far below the bound of totals, so a balance that passes it is seen here before it could wrap.
    """
    touch_wallet(tables, from_wallet)
    touch_wallet(tables, to_wallet)
    source = wallets_at(tables, from_wallet)
    target = wallets_at(tables, to_wallet)
    source.balance_minor -= amount_minor
    target.balance_minor += amount_minor
    if magnitude(source.balance_minor) >= TOTAL_BOUND:
        breach(tables, Fault.FAULT_OVERFLOW, source.currency, source.balance_minor, TOTAL_BOUND)
    if magnitude(target.balance_minor) >= TOTAL_BOUND:
        breach(tables, Fault.FAULT_OVERFLOW, target.currency, target.balance_minor, TOTAL_BOUND)


def begin_entry(tables: Tables) -> None:
    """Start with nothing noted."""
    slot: i64
    tables.venue.touched_wallets = 0
    tables.venue.touched_positions = 0
    for slot in range(1, pools_at(tables, TableNumber.CURRENCIES_TABLE).high + 1):
        row = currencies_at(tables, slot)
        row.outside_before = row.withdrawals_minor - row.deposits_minor
        row.flight_before = row.in_flight_minor
        row.epochs_before = row.epochs_minor
        row.law_before = row.deposits_minor - row.withdrawals_minor - row.in_flight_minor - row.epochs_minor


def breach(tables: Tables, fault: i64, subject: i64, found: i64, expected: i64) -> None:
    """The books do not add up; the first difference is kept."""
    if tables.fault.code == Fault.NO_FAULT:
        tables.fault.code = fault
        tables.fault.subject = subject
        tables.fault.found = found
        tables.fault.expected = expected


def check_laws(tables: Tables) -> None:
    """Law 3 over the rows the entry touched: money a currency, quantity and cost an instrument."""
    if tables.venue.touched_wallets == 0 and tables.venue.touched_positions == 0:
        check_currencies(tables)
        return
    sum_wallets(tables)
    sum_positions(tables)
    check_currencies(tables)
    check_instruments(tables)


def sum_wallets(tables: Tables) -> None:
    """Add up how the noted wallets changed; pots of the venue are not wallets of anybody."""
    at: i64
    for at in range(tables.venue.touched_wallets):
        note = touched_wallets_at(tables, at)
        row = wallets_at(tables, note.wallet)
        change: i64 = row.balance_minor - note.balance_before_minor
        row.touched = 0
        if row.account == Role.UNREALISED:
            currencies_at(tables, row.currency).law_pot += change
        elif row.account == Role.OUTSIDE:
            currencies_at(tables, row.currency).law_outside += change
        elif row.account == Role.IN_FLIGHT:
            currencies_at(tables, row.currency).law_flight += change
        elif row.account == Role.EPOCHS:
            currencies_at(tables, row.currency).law_epochs += change
        else:
            currencies_at(tables, row.currency).law_sum += change
        note_examined(tables, row.account)


def sum_positions(tables: Tables) -> None:
    """Add up how the noted positions changed."""
    at: i64
    for at in range(tables.venue.touched_positions):
        note = touched_positions_at(tables, at)
        row = positions_at(tables, note.position)
        instrument = instruments_at(tables, row.instrument)
        currency = currencies_at(tables, instrument.currency)
        cost_change: i64 = row.cost_minor - note.cost_before_minor
        currency.law_sum -= cost_change
        currency.law_cost += cost_change
        note_examined(tables, row.account)
        instrument.law_quantity += row.quantity - note.quantity_before
        instrument.law_cost += row.lifetime_cost_minor - note.lifetime_cost_before_minor


def check_currencies(tables: Tables) -> None:
    """Wallets less unrealised cost changed as deposits less withdrawals did; each pot as what it stands against."""
    slot: i64
    for slot in range(1, pools_at(tables, TableNumber.CURRENCIES_TABLE).high + 1):
        row = currencies_at(tables, slot)
        now: i64 = row.deposits_minor - row.withdrawals_minor - row.in_flight_minor - row.epochs_minor
        if row.law_sum != now - row.law_before:
            breach(tables, Fault.FAULT_MONEY, slot, row.law_sum, now - row.law_before)
        if row.law_pot != -row.law_cost:
            breach(tables, Fault.FAULT_POTS, slot, row.law_pot, -row.law_cost)
        outside: i64 = row.withdrawals_minor - row.deposits_minor - row.outside_before
        if row.law_outside != outside:
            breach(tables, Fault.FAULT_POTS, slot, row.law_outside, outside)
        if row.law_flight != row.in_flight_minor - row.flight_before:
            breach(tables, Fault.FAULT_POTS, slot, row.law_flight, row.in_flight_minor - row.flight_before)
        if row.law_epochs != row.epochs_minor - row.epochs_before:
            breach(tables, Fault.FAULT_POTS, slot, row.law_epochs, row.epochs_minor - row.epochs_before)
        row.law_outside = 0
        row.law_flight = 0
        row.law_sum = 0
        row.law_cost = 0
        row.law_pot = 0
        row.law_epochs = 0
    if tables.venue.sweep_position != 0 or tables.venue.settlement_phase != 0:
        check_epochs(tables)


def check_epochs(tables: Tables) -> None:
    """While a sweep runs, what the currencies say is in epoch pots is what their instruments' pots hold, less what the
    epochs of settlements have paid for what they took."""
    slot: i64
    for slot in range(1, pools_at(tables, TableNumber.INSTRUMENTS_TABLE).high + 1):
        row = instruments_at(tables, slot)
        currencies_at(tables, row.currency).law_epochs += row.epoch_pot_minor - row.epoch_cost_minor
    for slot in range(1, pools_at(tables, TableNumber.CURRENCIES_TABLE).high + 1):
        currency = currencies_at(tables, slot)
        if currency.law_epochs != currency.epochs_minor:
            breach(tables, Fault.FAULT_POTS, slot, currency.law_epochs, currency.epochs_minor)
        currency.law_epochs = 0


def check_instruments(tables: Tables) -> None:
    """Quantities and lifetime costs of the noted positions changed by zero in sum; each is sound, no book crossed."""
    at: i64
    for at in range(tables.venue.touched_positions):
        row = positions_at(tables, touched_positions_at(tables, at).position)
        instrument = instruments_at(tables, row.instrument)
        number: i64 = row.instrument
        row.touched = 0
        check_position(tables, row, instrument)
        if is_market(instrument.state) and is_crossed(instrument):
            breach(tables, Fault.FAULT_BOOK, number, instrument.best_bid_ticks, instrument.best_ask_ticks)
        if instrument.settlement_kind != 0:
            add_epoch(instrument)
        if instrument.law_quantity != 0:
            breach(tables, Fault.FAULT_QUANTITY, number, instrument.law_quantity, 0)
        if instrument.law_cost != 0:
            breach(tables, Fault.FAULT_COST, number, instrument.law_cost, 0)
        instrument.law_quantity = 0
        instrument.law_cost = 0


def add_epoch(instrument: InstrumentRow) -> None:
    """What the epoch of a settlement has taken since the last check is the other side of what was settled (SET-03)."""
    instrument.law_quantity += instrument.epoch_quantity - instrument.law_epoch_quantity
    instrument.law_cost += instrument.epoch_cost_minor - instrument.law_epoch_cost
    instrument.law_epoch_quantity = instrument.epoch_quantity
    instrument.law_epoch_cost = instrument.epoch_cost_minor


def check_position(tables: Tables, row: PositionRow, instrument: InstrumentRow) -> None:
    """INV-08 and INV-21 of a noted position: whole lots, below the bound, and nothing left of a flat one.

    What the takeover role holds is a sum of takeovers, each at its own cost, so only its lots are looked at.
    """
    number: i64 = row.instrument
    if magnitude(row.quantity) % instrument.lot != 0:
        breach(tables, Fault.FAULT_POSITION, number, row.quantity, instrument.lot)
    if row.account == Role.TAKEOVER:
        return
    if magnitude(row.quantity) >= QUANTITY_BOUND:
        breach(tables, Fault.FAULT_OVERFLOW, number, row.quantity, QUANTITY_BOUND)
    if row.quantity != 0:
        return
    if row.cost_minor != 0:
        breach(tables, Fault.FAULT_POSITION, number, row.cost_minor, 0)
    if row.realised_minor != 0:
        breach(tables, Fault.FAULT_POSITION, number, row.realised_minor, 0)
    if row.fees_minor != 0:
        breach(tables, Fault.FAULT_POSITION, number, row.fees_minor, 0)
    if row.loss_minor != 0:
        breach(tables, Fault.FAULT_POSITION, number, row.loss_minor, 0)
