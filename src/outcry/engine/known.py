"""Whether an account or an instrument may be acted on now: the first refusals of every handler (CMD-05 to CMD-07)."""

import cython

if not cython.compiled:
    from outcry.engine.equity import fails
    from outcry.engine.funding import bring_account
    from outcry.engine.pending import task_waits
    from outcry.protocol.layout import (
        ROLES,
        AccountState,
        Code,
        InstrumentState,
        TableNumber,
        Tables,
        TaskKind,
        accounts_at,
        flag,
        i64,
        instruments_at,
        pools_at,
    )


def known_account(tables: Tables, account: i64) -> Code:
    """Whether the account exists and is somebody's; cancelling needs no more, whatever its state (CMD-07)."""
    if account <= 0 or account > pools_at(tables, TableNumber.ACCOUNTS_TABLE).high:
        return Code.ACCOUNT_UNKNOWN
    if account < ROLES:
        return Code.ACCOUNT_IS_ROLE
    return Code.OK


def account_waits(tables: Tables, account: i64) -> flag:
    """Whether the engine's own work on the account is due and not done (CMD-10)."""
    due: i64 = accounts_at(tables, account).dead_man_ns
    if due != 0 and due <= tables.venue.time_ns:
        return True
    if not task_waits(tables, TaskKind.TASK_EXAMINE, 0):
        return False
    bring_account(tables, account)
    return fails(tables, account)


def account_refusal(tables: Tables, account: i64, reduces: flag) -> Code:
    """Why this account may not trade, or OK (CMD-05, CMD-07, CMD-10, LAW-06)."""
    code: Code = known_account(tables, account)
    if code != Code.OK:
        return code
    state: i64 = accounts_at(tables, account).state
    if state == AccountState.ACCOUNT_STOPPED:
        return Code.ACCOUNT_FROZEN
    if state == AccountState.ACCOUNT_WITHDRAWING:
        return Code.ACCOUNT_WITHDRAW_ONLY
    if state == AccountState.ACCOUNT_REDUCING and not reduces:
        return Code.ACCOUNT_REDUCE_ONLY
    if not reduces and account_waits(tables, account):
        return Code.ACCOUNT_WAITS
    return Code.OK


def instrument_refusal(tables: Tables, number: i64, reduces: flag) -> Code:
    """Why this instrument does not take orders now, or OK (CMD-05, CMD-06)."""
    if number <= 0 or number > pools_at(tables, TableNumber.INSTRUMENTS_TABLE).high:
        return Code.INSTRUMENT_UNKNOWN
    instrument = instruments_at(tables, number)
    if instrument.state != InstrumentState.INSTRUMENT_OPEN and not (
        instrument.state == InstrumentState.INSTRUMENT_REDUCING and reduces
    ):
        return Code.INSTRUMENT_CLOSED
    if instrument.mark_subticks == 0:
        return Code.INSTRUMENT_UNPRICED
    return Code.OK
