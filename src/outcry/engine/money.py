"""Money from and to outside, and between accounts (WAL-01 to WAL-04).

A deposit is unique by its outpoint and a withdrawal by its request id, so that handing either in twice acts once.
"""

import cython

if not cython.compiled:
    from outcry.engine.events import refuse, say_fund_moved, say_moved
    from outcry.engine.funding import bring_account
    from outcry.engine.funds import available_minor
    from outcry.engine.insurance import square
    from outcry.engine.known import account_waits, known_account
    from outcry.engine.ledger import move, role_wallet, wallet_for
    from outcry.engine.lookup import (
        add_deposit_slot,
        add_withdrawal_slot,
        find_deposit_slot,
        find_wallet_slot,
        find_withdrawal_slot,
    )
    from outcry.engine.pools import has_room, take_new
    from outcry.protocol.layout import (
        AMOUNT_BOUND,
        TOTAL_BOUND,
        AccountState,
        Code,
        EntryHead,
        MoveReason,
        Role,
        TableNumber,
        Tables,
        VenueState,
        accounts_at,
        currencies_at,
        deposit_of,
        deposits_at,
        flag,
        i64,
        pools_at,
        reverse_deposit_of,
        settle_withdrawal_of,
        transfer_of,
        wallets_at,
        withdraw_of,
        withdrawals_at,
    )


def money_refusal(tables: Tables, account: i64, currency: i64) -> Code:
    """Whether currency and account are known, in this order."""
    if currency <= 0 or currency > pools_at(tables, TableNumber.CURRENCIES_TABLE).high:
        return Code.CURRENCY_UNKNOWN
    return known_account(tables, account)


def deposit_refusal(tables: Tables, account: i64, currency: i64) -> Code:
    """The same for who may be given money from outside: everybody, and the insurance fund (INS-01).

    What has left the chain, and withdrawals that have come to an end, are facts and taken on every rung.
    """
    code: Code = money_refusal(tables, account, currency)
    return Code.OK if code == Code.ACCOUNT_IS_ROLE and account == Role.INSURANCE else code


def tell_fund(tables: Tables, account: i64, currency: i64, reason: i64, amount: i64) -> None:
    """If it was the insurance fund that was given money: everybody may know, and what takeovers lack is covered."""
    if account == Role.INSURANCE:
        say_fund_moved(tables, currency, 0, reason, amount)
        square(tables, currency, 0)


def venue_money_refusal(tables: Tables, leaves: flag) -> Code:
    """Why the venue lets nobody spend now, on a withdrawal or else a transfer, or OK (CMD-04, CMD-12)."""
    if tables.venue.cancel_only != 0:
        return Code.VENUE_CANCEL_ONLY
    state: i64 = tables.venue.state
    if state == VenueState.VENUE_CANCELLING or (state == VenueState.VENUE_WITHDRAWING and not leaves):
        return Code.VENUE_HELD
    return Code.VENUE_MONEY_HELD if state == VenueState.VENUE_STOPPED else Code.OK


def spending_refusal(tables: Tables, account: i64, currency: i64, leaves: flag) -> Code:
    """Why money may not leave the account now: stale marks after a pause, or a rung (CMD-04, CMD-07, CMD-10, CMD-12).

    `leaves` is True for a withdrawal, which an account that may only withdraw may do, and False for a transfer.
    """
    code: Code = venue_money_refusal(tables, leaves)
    if code == Code.OK:
        code = money_refusal(tables, account, currency)
    if code != Code.OK:
        return code
    state: i64 = accounts_at(tables, account).state
    if state == AccountState.ACCOUNT_STOPPED:
        return Code.ACCOUNT_FROZEN
    if state == AccountState.ACCOUNT_WITHDRAWING and not leaves:
        return Code.ACCOUNT_WITHDRAW_ONLY
    if account_waits(tables, account):
        return Code.ACCOUNT_WAITS
    return Code.ACCOUNT_CANCEL_ONLY if state == AccountState.ACCOUNT_CANCELLING else Code.OK


def receiving_refusal(tables: Tables, account: i64) -> Code:
    """Why an account gets nothing from another one now, or OK: of a frozen one no money moves (CMD-07)."""
    code: Code = known_account(tables, account)
    frozen: flag = code == Code.OK and accounts_at(tables, account).state == AccountState.ACCOUNT_STOPPED
    return Code.ACCOUNT_FROZEN if frozen else code


def first_refusal(one: Code, other: Code) -> Code:
    """Of two answers the one that stands first in the table of codes; OK only if both are (LAW-07)."""
    if one == Code.OK:
        return other
    return one if other == Code.OK or one < other else other


def amount_refusal(tables: Tables, account: i64, currency: i64, amount: i64) -> Code:
    """Positive; the wallet stays within the bound of an account's amounts, the currency within that of totals."""
    if amount <= 0 or amount >= AMOUNT_BOUND:
        return Code.AMOUNT_INVALID
    balance: i64 = wallets_at(tables, find_wallet_slot(tables, account, currency)).balance_minor
    if balance + amount >= AMOUNT_BOUND or currencies_at(tables, currency).deposits_minor + amount >= TOTAL_BOUND:
        return Code.AMOUNT_INVALID
    return Code.OK


def wallet_room_refusal(tables: Tables, account: i64, currency: i64) -> Code:
    """Whether the account has a wallet or can get one."""
    if find_wallet_slot(tables, account, currency) == 0 and not has_room(tables, TableNumber.WALLETS_TABLE, 1):
        return Code.TABLE_FULL
    return Code.OK


def deposit(tables: Tables, entry: EntryHead) -> Code:
    """Credit an outpoint once, and once more if it was reversed and is on the chain again (WAL-02)."""
    asked = deposit_of(entry)
    account: i64 = asked.account
    currency: i64 = asked.currency
    amount: i64 = asked.amount_minor
    code: Code = deposit_refusal(tables, account, currency)
    if tables.venue.state == VenueState.VENUE_STOPPED:
        code = Code.VENUE_MONEY_HELD
    if code != Code.OK:
        return refuse(tables, entry, code, account, 0, amount, 0)
    key = deposits_at(tables, 0)
    key.reference = asked.reference
    key.output_index = asked.output_index
    key.currency = currency
    slot: i64 = find_deposit_slot(tables, key)
    if slot != 0 and deposits_at(tables, slot).reversed == 0:
        return refuse(tables, entry, Code.OUTPOINT_DUPLICATE, account, 0, amount, 0)
    bring_account(tables, account)
    code = amount_refusal(tables, account, currency, amount)
    if code == Code.OK and slot == 0 and not has_room(tables, TableNumber.DEPOSITS_TABLE, 1):
        code = Code.TABLE_FULL
    if code == Code.OK:
        code = wallet_room_refusal(tables, account, currency)
    if code != Code.OK:
        return refuse(tables, entry, code, account, 0, amount, AMOUNT_BOUND)

    # From here the deposit stands.
    if slot == 0:
        slot = take_new(tables, TableNumber.DEPOSITS_TABLE)
        deposits_at(tables, slot).reference = asked.reference
        deposits_at(tables, slot).output_index = asked.output_index
        deposits_at(tables, slot).currency = currency
        add_deposit_slot(tables, slot)
    row = deposits_at(tables, slot)
    row.amount_minor = amount
    row.account = account
    row.reversed = 0
    wallet: i64 = wallet_for(tables, account, currency)
    outside: i64 = role_wallet(tables, currency, Role.OUTSIDE)
    currencies_at(tables, currency).deposits_minor += amount
    wallets_at(tables, wallet).deposited_minor += amount
    move(tables, outside, wallet, amount)
    moved = say_moved(tables, MoveReason.MOVED_DEPOSIT, outside, wallet, amount)
    moved.reference = asked.reference
    tell_fund(tables, account, currency, MoveReason.MOVED_DEPOSIT, amount)
    return Code.OK


def reverse_deposit(tables: Tables, entry: EntryHead) -> Code:
    """A credited outpoint has left the chain; the wallet may go negative (WAL-02)."""
    asked = reverse_deposit_of(entry)
    account: i64 = asked.account
    currency: i64 = asked.currency
    code: Code = deposit_refusal(tables, account, currency)
    if code != Code.OK:
        return refuse(tables, entry, code, account, 0, 0, 0)
    key = deposits_at(tables, 0)
    key.reference = asked.reference
    key.output_index = asked.output_index
    key.currency = currency
    slot: i64 = find_deposit_slot(tables, key)
    row = deposits_at(tables, slot)
    if slot == 0 or row.reversed != 0 or row.account != account:
        return refuse(tables, entry, Code.DEPOSIT_UNKNOWN, account, 0, 0, 0)

    # From here the deposit is undone.
    bring_account(tables, account)
    amount: i64 = row.amount_minor
    row.reversed = 1
    wallet: i64 = wallet_for(tables, account, currency)
    outside: i64 = role_wallet(tables, currency, Role.OUTSIDE)
    currencies_at(tables, currency).deposits_minor -= amount
    wallets_at(tables, wallet).deposited_minor -= amount
    move(tables, wallet, outside, amount)
    moved = say_moved(tables, MoveReason.MOVED_REVERSAL, wallet, outside, amount)
    moved.reference = asked.reference
    tell_fund(tables, account, currency, MoveReason.MOVED_REVERSAL, -amount)
    return Code.OK


def withdraw(tables: Tables, entry: EntryHead) -> Code:
    """Take the amount out of the wallet and put it in flight (WAL-03)."""
    asked = withdraw_of(entry)
    account: i64 = asked.account
    currency: i64 = asked.currency
    amount: i64 = asked.amount_minor
    code: Code = spending_refusal(tables, account, currency, True)
    if code != Code.OK:
        return refuse(tables, entry, code, account, 0, amount, 0)
    key = withdrawals_at(tables, 0)
    key.request = asked.request
    if find_withdrawal_slot(tables, key) != 0:
        return refuse(tables, entry, Code.REQUEST_DUPLICATE, account, 0, amount, 0)
    if amount <= 0 or amount >= AMOUNT_BOUND:
        return refuse(tables, entry, Code.AMOUNT_INVALID, account, 0, amount, AMOUNT_BOUND)
    bring_account(tables, account)
    available: i64 = available_minor(tables, account, currency)
    if amount > available:
        return refuse(tables, entry, Code.BALANCE_INSUFFICIENT, account, 0, amount, available)
    if not has_room(tables, TableNumber.WITHDRAWALS_TABLE, 1):
        return refuse(tables, entry, Code.TABLE_FULL, account, 0, amount, 0)

    # From here the withdrawal is in flight.
    slot: i64 = take_new(tables, TableNumber.WITHDRAWALS_TABLE)
    row = withdrawals_at(tables, slot)
    row.request = asked.request
    row.amount_minor = amount
    row.account = account
    row.currency = currency
    add_withdrawal_slot(tables, slot)
    wallet: i64 = wallet_for(tables, account, currency)
    flight: i64 = role_wallet(tables, currency, Role.IN_FLIGHT)
    currencies_at(tables, currency).in_flight_minor += amount
    wallets_at(tables, wallet).withdrawn_minor += amount
    move(tables, wallet, flight, amount)
    moved = say_moved(tables, MoveReason.MOVED_WITHDRAWAL, wallet, flight, amount)
    moved.reference[0] = asked.request[0]
    moved.reference[1] = asked.request[1]
    return Code.OK


def settle_withdrawal(tables: Tables, entry: EntryHead) -> Code:
    """A withdrawal has left for good, or comes back into the wallet (WAL-03)."""
    asked = settle_withdrawal_of(entry)
    account: i64 = asked.account
    code: Code = known_account(tables, account)
    if code != Code.OK:
        return refuse(tables, entry, code, account, 0, 0, 0)
    key = withdrawals_at(tables, 0)
    key.request = asked.request
    slot: i64 = find_withdrawal_slot(tables, key)
    row = withdrawals_at(tables, slot)
    if slot == 0 or row.state != 0 or row.account != account:
        return refuse(tables, entry, Code.WITHDRAWAL_UNKNOWN, account, 0, 0, 0)
    if asked.settled > 1:
        return refuse(tables, entry, Code.PARAMETER_INVALID, account, 0, asked.settled, 0)

    # From here the withdrawal is over.
    bring_account(tables, account)
    currency: i64 = row.currency
    amount: i64 = row.amount_minor
    flight: i64 = role_wallet(tables, currency, Role.IN_FLIGHT)
    target: i64 = role_wallet(tables, currency, Role.OUTSIDE)
    reason: i64 = MoveReason.MOVED_SETTLED
    currencies_at(tables, currency).in_flight_minor -= amount
    row.state = 1
    if asked.settled == 1:
        currencies_at(tables, currency).withdrawals_minor += amount
    else:
        row.state = 2
        reason = MoveReason.MOVED_RETURNED
        target = wallet_for(tables, account, currency)
        wallets_at(tables, target).withdrawn_minor -= amount
    move(tables, flight, target, amount)
    moved = say_moved(tables, reason, flight, target, amount)
    moved.reference = asked.reference
    return Code.OK


def transfer(tables: Tables, entry: EntryHead) -> Code:
    """From one account to another, what is available (WAL-04)."""
    asked = transfer_of(entry)
    account: i64 = asked.account
    to_account: i64 = asked.to_account
    currency: i64 = asked.currency
    amount: i64 = asked.amount_minor
    code: Code = spending_refusal(tables, account, currency, False)
    code = first_refusal(code, receiving_refusal(tables, to_account))
    if code == Code.OK and account == to_account:
        code = Code.PARAMETER_INVALID
    if code == Code.OK:
        bring_account(tables, account)
        bring_account(tables, to_account)
        code = amount_refusal(tables, to_account, currency, amount)
    if code != Code.OK:
        return refuse(tables, entry, code, account, 0, amount, 0)
    available: i64 = available_minor(tables, account, currency)
    if amount > available:
        return refuse(tables, entry, Code.BALANCE_INSUFFICIENT, account, 0, amount, available)
    code = wallet_room_refusal(tables, to_account, currency)
    if code != Code.OK:
        return refuse(tables, entry, code, account, 0, amount, 0)

    # From here the money is moved.
    source: i64 = wallet_for(tables, account, currency)
    target: i64 = wallet_for(tables, to_account, currency)
    wallets_at(tables, source).transferred_out_minor += amount
    wallets_at(tables, target).transferred_in_minor += amount
    move(tables, source, target, amount)
    say_moved(tables, MoveReason.MOVED_TRANSFER, source, target, amount)
    return Code.OK
