"""One entry: what comes before every handler, the handler by kind, the laws after it.

An entry that is pending (its event buffer was full) goes on before anything else; the laws are checked when it is done.
"""

import cython

if not cython.compiled:
    from outcry.engine.accounts import (
        move_margin,
        open_account,
        set_isolated,
        set_leverage,
        set_risk_limit,
    )
    from outcry.engine.amending import amend, cancel, cancel_all
    from outcry.engine.binding import will_wait
    from outcry.engine.converting import convert
    from outcry.engine.deadman import cancel_all_after
    from outcry.engine.dockets import decide_outcome, dispute_outcome, propose_outcome
    from outcry.engine.events import refuse
    from outcry.engine.expiring import declare_settlement, set_expiry
    from outcry.engine.indices import adopt_weights, constituent_price, set_next_weight
    from outcry.engine.journaled import grow, note_root, resume, tick
    from outcry.engine.ledger import begin_entry, check_laws
    from outcry.engine.limits import set_price_limits
    from outcry.engine.listing import (
        list_constituent,
        list_currency,
        list_index,
        list_instrument,
    )
    from outcry.engine.money import deposit, reverse_deposit, settle_withdrawal, transfer, withdraw
    from outcry.engine.options import set_option_mark
    from outcry.engine.pending import plan_next
    from outcry.engine.placing import finish_order, place
    from outcry.engine.pools import has_room, take_new
    from outcry.engine.selftrade import set_self_trade
    from outcry.engine.spread_orders import place_spread
    from outcry.engine.spreads import names_spread
    from outcry.engine.states import set_account_state, set_instrument_state, set_venue_state
    from outcry.engine.upgrading import upgrade
    from outcry.engine.waiting import place_waiting
    from outcry.engine.work import carry_on
    from outcry.protocol.layout import (
        Code,
        CommandKind,
        EntryHead,
        Fault,
        TableNumber,
        Tables,
        i64,
        new_halted,
        origins_at,
        place_of,
        pools_at,
    )


def origin_slot(tables: Tables, origin: i64) -> i64:
    """The row of an origin, or 0; there are few."""
    slot: i64
    for slot in range(1, pools_at(tables, TableNumber.ORIGINS_TABLE).high + 1):
        if origins_at(tables, slot).origin == origin:
            return slot
    return 0


def admit(tables: Tables, entry: EntryHead) -> Code:
    """What holds for every command: not halted, time in order, the origin's number new (LAW-03, CMD-02, CMD-03)."""
    if tables.venue.halted != 0:
        return Code.VENUE_HALTED
    due: i64 = tables.venue.next_due_ns
    if due != 0 and entry.time_ns >= due and entry.kind != CommandKind.TICK and entry.kind != CommandKind.RESUME:
        return Code.TICK_DUE
    if entry.origin == 0:
        return Code.OK
    slot: i64 = origin_slot(tables, entry.origin)
    if slot == 0 and not has_room(tables, TableNumber.ORIGINS_TABLE, 1):
        return Code.TABLE_FULL
    if entry.origin_sequence <= origins_at(tables, slot).origin_sequence:
        return Code.ORIGIN_REPEATED
    if slot == 0:
        slot = take_new(tables, TableNumber.ORIGINS_TABLE)
        origins_at(tables, slot).origin = entry.origin
    origins_at(tables, slot).origin_sequence = entry.origin_sequence
    return Code.OK


def begin(tables: Tables, entry: EntryHead) -> Code:
    """Take the entry's number and time; a gap is a broken journal, going back in time is refused."""
    venue = tables.venue
    if entry.sequence != venue.sequence + 1:
        tables.fault.code = Fault.FAULT_ENTRY
        tables.fault.found = entry.sequence
        tables.fault.expected = venue.sequence + 1
        return Code.OK
    venue.sequence = entry.sequence
    venue.ordinal = 0
    if entry.time_ns < venue.time_ns and venue.halted == 0:
        return refuse(tables, entry, Code.TIME_BACKWARDS, 0, 0, entry.time_ns, venue.time_ns)
    venue.time_ns = max(venue.time_ns, entry.time_ns)
    code: Code = admit(tables, entry)
    if code != Code.OK:
        return refuse(tables, entry, code, 0, 0, entry.time_ns, venue.next_due_ns)
    if venue.next_due_ns == 0:
        plan_next(tables)
    return Code.OK


def apply(tables: Tables, entry: EntryHead) -> None:
    """Apply an entry, or go on with it; afterwards the laws, and a halt if they do not hold."""
    venue = tables.venue
    code: Code = Code.OK
    if venue.pending_order != 0:
        finish_order(tables, venue.pending_order)
    elif venue.pending_kind == CommandKind.CONTINUE:
        carry_on(tables, entry)
    elif venue.pending_kind != 0:
        cancel_all(tables, entry)
    else:
        begin_entry(tables)
        code = begin(tables, entry)
        if code == Code.OK and tables.fault.code == Fault.NO_FAULT:
            handle(tables, entry)
    if tables.fault.code == Fault.NO_FAULT and venue.pending_order == 0 and venue.pending_kind == 0:
        check_laws(tables)


def halt(tables: Tables) -> None:
    """One event with both numbers instead of the entry's own; nothing is accepted from here."""
    tables.venue.halted = 1
    tables.venue.pending_order = 0
    tables.venue.pending_kind = 0
    tables.venue.pending_units = 0
    tables.venue.ordinal = 0
    halted = new_halted(tables)
    halted.fault = tables.fault.code
    halted.subject = tables.fault.subject
    halted.found = tables.fault.found
    halted.expected = tables.fault.expected
    tables.fault.code = Fault.NO_FAULT


def handle(tables: Tables, entry: EntryHead) -> Code:
    """The handler of the entry's kind."""
    kind: i64 = entry.kind
    if kind == CommandKind.PLACE:
        if names_spread(tables, place_of(entry).instrument):
            return place_spread(tables, entry)
        return place_waiting(tables, entry) if will_wait(tables, place_of(entry)) else place(tables, entry)
    if kind == CommandKind.CANCEL:
        return cancel(tables, entry)
    if kind == CommandKind.AMEND:
        return amend(tables, entry)
    if kind == CommandKind.CONSTITUENT_PRICE:
        return constituent_price(tables, entry)
    if kind == CommandKind.CANCEL_ALL:
        return cancel_all(tables, entry)
    if kind == CommandKind.TICK:
        return tick(tables)
    if kind < CommandKind.DEPOSIT:
        return handle_account(tables, entry)
    if kind < CommandKind.CONSTITUENT_PRICE:
        return handle_money(tables, entry)
    return handle_operator(tables, entry)


def handle_account(tables: Tables, entry: EntryHead) -> Code:
    """Accounts, their margining and their dead-man switches."""
    if entry.kind == CommandKind.CANCEL_ALL_AFTER:
        return cancel_all_after(tables, entry)
    if entry.kind == CommandKind.OPEN_ACCOUNT:
        return open_account(tables, entry)
    if entry.kind == CommandKind.SET_ACCOUNT_STATE:
        return set_account_state(tables, entry)
    if entry.kind == CommandKind.SET_LEVERAGE:
        return set_leverage(tables, entry)
    if entry.kind == CommandKind.SET_ISOLATED:
        return set_isolated(tables, entry)
    if entry.kind == CommandKind.MOVE_MARGIN:
        return move_margin(tables, entry)
    if entry.kind == CommandKind.SET_RISK_LIMIT:
        return set_risk_limit(tables, entry)
    if entry.kind == CommandKind.SET_SELF_TRADE:
        return set_self_trade(tables, entry)
    if entry.kind == CommandKind.DISPUTE_OUTCOME:
        return dispute_outcome(tables, entry)
    if entry.kind == CommandKind.UPGRADE:
        return upgrade(tables, entry)
    return refuse(tables, entry, Code.KIND_WITHOUT_RULE, 0, 0, entry.kind, 0)


def handle_money(tables: Tables, entry: EntryHead) -> Code:
    """Money in, out and across."""
    if entry.kind == CommandKind.DEPOSIT:
        return deposit(tables, entry)
    if entry.kind == CommandKind.REVERSE_DEPOSIT:
        return reverse_deposit(tables, entry)
    if entry.kind == CommandKind.WITHDRAW:
        return withdraw(tables, entry)
    if entry.kind == CommandKind.SETTLE_WITHDRAWAL:
        return settle_withdrawal(tables, entry)
    if entry.kind == CommandKind.TRANSFER:
        return transfer(tables, entry)
    if entry.kind == CommandKind.UPGRADE:
        return upgrade(tables, entry)
    return refuse(tables, entry, Code.KIND_WITHOUT_RULE, 0, 0, entry.kind, 0)


def handle_operator(tables: Tables, entry: EntryHead) -> Code:
    """Listings, states, and what the node journals of itself."""
    if entry.kind == CommandKind.LIST_CURRENCY:
        return list_currency(tables, entry)
    if entry.kind == CommandKind.LIST_INDEX:
        return list_index(tables, entry)
    if entry.kind == CommandKind.LIST_CONSTITUENT:
        return list_constituent(tables, entry)
    if entry.kind == CommandKind.LIST:
        return list_instrument(tables, entry)
    if entry.kind >= CommandKind.SET_OPTION_MARK and entry.kind <= CommandKind.DECIDE_OUTCOME:
        return handle_contract(tables, entry)
    if entry.kind == CommandKind.SET_INSTRUMENT_STATE:
        return set_instrument_state(tables, entry)
    if entry.kind == CommandKind.SET_PRICE_LIMITS:
        return set_price_limits(tables, entry)
    if entry.kind == CommandKind.SET_VENUE_STATE:
        return set_venue_state(tables, entry)
    if entry.kind == CommandKind.SET_NEXT_WEIGHT:
        return set_next_weight(tables, entry)
    if entry.kind == CommandKind.ADOPT_WEIGHTS:
        return adopt_weights(tables, entry)
    if entry.kind == CommandKind.DECLARE_SETTLEMENT:
        return declare_settlement(tables, entry)
    if entry.kind == CommandKind.RESUME:
        return resume(tables, entry)
    if entry.kind == CommandKind.ROOT:
        return note_root(tables, entry)
    if entry.kind == CommandKind.GROW:
        return grow(tables, entry)
    if entry.kind == CommandKind.CONTINUE:
        return carry_on(tables, entry)
    if entry.kind == CommandKind.UPGRADE:
        return upgrade(tables, entry)
    return refuse(tables, entry, Code.KIND_WITHOUT_RULE, 0, 0, entry.kind, 0)


def handle_contract(tables: Tables, entry: EntryHead) -> Code:
    """Contracts that end, change what they are, or wait for an outcome."""
    if entry.kind == CommandKind.SET_OPTION_MARK:
        return set_option_mark(tables, entry)
    if entry.kind == CommandKind.SET_EXPIRY:
        return set_expiry(tables, entry)
    if entry.kind == CommandKind.CONVERT:
        return convert(tables, entry)
    if entry.kind == CommandKind.PROPOSE_OUTCOME:
        return propose_outcome(tables, entry)
    if entry.kind == CommandKind.DECIDE_OUTCOME:
        return decide_outcome(tables, entry)
    return refuse(tables, entry, Code.KIND_WITHOUT_RULE, 0, 0, entry.kind, 0)
