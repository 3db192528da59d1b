"""Whether an account or an instrument may be acted on now: the first refusals of every handler (CMD-05 to CMD-07)."""

import cython

if not cython.compiled:
    from outcry.engine.equity import fails
    from outcry.engine.funding import bring_account
    from outcry.engine.pending import task_waits
    from outcry.engine.rungs import is_collected, is_collecting, is_market
    from outcry.engine.spreads import legs_trade
    from outcry.protocol.layout import (
        OPTION_STALE_NS,
        ROLES,
        AccountState,
        Code,
        InstrumentRow,
        InstrumentState,
        MarginMethod,
        OrderFlag,
        TableNumber,
        Tables,
        TaskKind,
        VenueState,
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


def rung_refusal(tables: Tables, account: i64, number: i64, order_type: i64, time_in_force: i64, flags: i64) -> Code:
    """Why venue, instrument or account, in this order, do not take an order like this now, or OK (CMD-04 to CMD-12)."""
    posts: flag = flags & OrderFlag.POST_ONLY != 0
    reduces: flag = flags & (OrderFlag.REDUCE_ONLY + OrderFlag.CLOSE) != 0
    code: Code = venue_refusal(tables, posts, reduces)
    if code == Code.OK:
        code = instrument_refusal(tables, number, posts, reduces, is_collected(order_type, time_in_force, posts))
    return code if code != Code.OK else account_refusal(tables, account, posts, reduces)


def venue_refusal(tables: Tables, posts: flag, reduces: flag) -> Code:
    """Why the venue takes no orders now, given what the order does, or OK (CMD-04, CMD-12)."""
    if tables.venue.cancel_only != 0:
        return Code.VENUE_CANCEL_ONLY
    state: i64 = tables.venue.state
    if state == VenueState.VENUE_OPEN:
        return Code.OK
    if state == VenueState.VENUE_REDUCING:
        return Code.OK if reduces else Code.VENUE_REDUCE_ONLY
    if state == VenueState.VENUE_POSTING:
        return Code.OK if posts else Code.VENUE_POST_ONLY
    return Code.VENUE_HELD


def account_refusal(tables: Tables, account: i64, posts: flag, reduces: flag) -> Code:
    """Why this account may not send an order that does this, or OK (CMD-05, CMD-07, CMD-10, LAW-06)."""
    code: Code = known_account(tables, account)
    if code != Code.OK:
        return code
    state: i64 = accounts_at(tables, account).state
    if state != AccountState.ACCOUNT_OPEN:
        if state == AccountState.ACCOUNT_STOPPED:
            return Code.ACCOUNT_FROZEN
        if state == AccountState.ACCOUNT_WITHDRAWING:
            return Code.ACCOUNT_WITHDRAW_ONLY
        if state == AccountState.ACCOUNT_REDUCING and not reduces:
            return Code.ACCOUNT_REDUCE_ONLY
    if not reduces and account_waits(tables, account):
        return Code.ACCOUNT_WAITS
    if state == AccountState.ACCOUNT_OPEN:
        return Code.OK
    if state == AccountState.ACCOUNT_CANCELLING:
        return Code.ACCOUNT_CANCEL_ONLY
    return Code.ACCOUNT_POST_ONLY if state == AccountState.ACCOUNT_POSTING and not posts else Code.OK


def is_mark_old(tables: Tables, instrument: InstrumentRow) -> flag:
    """Whether an option's model was fitted to prices so old that nobody may open anything by it (OPT-02)."""
    if instrument.margin_method != MarginMethod.BY_PREMIUM:
        return False
    return tables.venue.time_ns - instrument.model_seen_ns > OPTION_STALE_NS


def instrument_refusal(tables: Tables, number: i64, posts: flag, reduces: flag, collects: flag) -> Code:
    """Why this instrument takes no order that does this, or OK (CMD-05, CMD-06, AUC-01)."""
    if number <= 0 or number > pools_at(tables, TableNumber.INSTRUMENTS_TABLE).high:
        return Code.INSTRUMENT_UNKNOWN
    instrument = instruments_at(tables, number)
    state: i64 = instrument.state
    if instrument.near_instrument != 0 and not legs_trade(tables, instrument):
        return Code.INSTRUMENT_CLOSED
    if state == InstrumentState.INSTRUMENT_OPEN and instrument.margin_method != MarginMethod.BY_PREMIUM:
        return Code.OK if instrument.mark_subticks != 0 else Code.INSTRUMENT_UNPRICED
    collecting: flag = is_collecting(instrument)
    if not is_market(state) and not collecting:
        return Code.INSTRUMENT_CLOSED
    if instrument.mark_subticks == 0:
        return Code.INSTRUMENT_UNPRICED
    if not reduces and is_mark_old(tables, instrument):
        return Code.MARK_TOO_OLD
    if state == InstrumentState.INSTRUMENT_REDUCING and not reduces:
        return Code.INSTRUMENT_REDUCE_ONLY
    if state == InstrumentState.INSTRUMENT_POSTING and not posts:
        return Code.INSTRUMENT_POST_ONLY
    return Code.INSTRUMENT_COLLECTING if collecting and not collects else Code.OK
