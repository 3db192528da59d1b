"""The docket of a prediction market: what is proposed, disputed and decided about its question (PRD-02, PRD-03).

First the three commands, then what a tick does with a proposal that nobody disputed, then what follows from a decision.
A bond stays in its wallet and is only held there; money moves when it is lost, and when the market is settled, which is
not done here.
"""

import cython

if not cython.compiled:
    from outcry.engine.events import refuse, say_moved
    from outcry.engine.funding import bring_account
    from outcry.engine.funds import available_minor
    from outcry.engine.ledger import move, role_wallet, wallet_for
    from outcry.engine.lookup import find_wallet_slot
    from outcry.engine.money import spending_refusal, tell_fund, venue_money_refusal, wallet_room_refusal
    from outcry.engine.pending import note_examined
    from outcry.engine.pools import has_room, take_new
    from outcry.engine.rungs import has_ended
    from outcry.engine.settling import fix_settlement
    from outcry.protocol.layout import (
        MINUTE_NS,
        BondStage,
        Code,
        DocketRow,
        DocketStage,
        EntryHead,
        InstrumentRow,
        InstrumentType,
        MoveReason,
        Role,
        SettlementKind,
        TableNumber,
        Tables,
        decide_outcome_of,
        dispute_outcome_of,
        dockets_at,
        flag,
        i64,
        instruments_at,
        new_bond_changed,
        new_docket_changed,
        pools_at,
        propose_outcome_of,
        wallets_at,
    )


def question_refusal(tables: Tables, number: i64) -> Code:
    """Whether the instrument is one whose question can still be spoken about, or why not (PRD-02)."""
    if number <= 0 or number > pools_at(tables, TableNumber.INSTRUMENTS_TABLE).high:
        return Code.INSTRUMENT_UNKNOWN
    return Code.INSTRUMENT_CLOSED if has_ended(instruments_at(tables, number)) else Code.OK


def stage_of(tables: Tables, number: i64) -> i64:
    """How far the question of an instrument has come, 0 before anything was proposed."""
    slot: i64 = instruments_at(tables, number).docket
    return dockets_at(tables, slot).stage if slot != 0 else 0


def is_outcome(instrument: InstrumentRow, voided: i64, outcome_subticks: i64) -> flag:
    """Whether a question can be answered so: a price from nothing to the highest, of a binary one either of the two;
    of a void one nothing (PRD-02)."""
    highest: i64 = instrument.price_ticks_max * instrument.subticks_per_tick
    if instrument.instrument_type != InstrumentType.PREDICTION or voided > 1:
        return False
    if voided == 1 or outcome_subticks == 0:
        return outcome_subticks == 0
    return outcome_subticks == highest or (instrument.binary == 0 and 0 < outcome_subticks < highest)


def whole_minute(time_ns: i64) -> i64:
    """The first whole minute that is not before a time."""
    return (time_ns + MINUTE_NS - 1) // MINUTE_NS * MINUTE_NS


def propose_outcome(tables: Tables, entry: EntryHead) -> Code:
    """The operator says how the question is answered; it may be disputed for a while, and trading goes on (PRD-02)."""
    asked = propose_outcome_of(entry)
    number: i64 = asked.instrument
    code: Code = question_refusal(tables, number)
    if code == Code.OK and stage_of(tables, number) != 0:
        code = Code.DOCKET_STAGE_WRONG
    if code == Code.OK and not is_outcome(instruments_at(tables, number), asked.voided, asked.outcome_subticks):
        code = Code.PARAMETER_INVALID
    if code == Code.OK and not has_room(tables, TableNumber.DOCKETS_TABLE, 1):
        code = Code.TABLE_FULL
    if code != Code.OK:
        return refuse(tables, entry, code, 0, number, asked.outcome_subticks, 0)

    # From here it is proposed.
    instrument = instruments_at(tables, number)
    slot: i64 = take_new(tables, TableNumber.DOCKETS_TABLE)
    instrument.docket = slot
    row = dockets_at(tables, slot)
    row.instrument = number
    row.stage = DocketStage.DOCKET_PROPOSED
    row.void_subticks = instrument.mean_mark_subticks
    row.until_ns = whole_minute(tables.venue.time_ns + instrument.dispute_ns)
    answer(row, asked.voided, asked.outcome_subticks)
    row.source_hash = asked.source_hash
    say_docket(tables, slot)
    return Code.OK


def answer(row: DocketRow, voided: i64, outcome_subticks: i64) -> None:
    """The docket has this answer; a void question settles at the mean of the time of the proposal (PRD-04)."""
    row.voided = voided
    row.outcome_subticks = row.void_subticks if voided != 0 else outcome_subticks


def dispute_refusal(tables: Tables, account: i64, number: i64) -> Code:
    """Why an account cannot dispute what was proposed now, its money left out, or OK (PRD-03)."""
    code: Code = venue_money_refusal(tables, False)
    if code == Code.OK:
        code = question_refusal(tables, number)
    if code == Code.OK:
        code = spending_refusal(tables, account, instruments_at(tables, number).currency, False)
    if code != Code.OK:
        return code
    if stage_of(tables, number) != DocketStage.DOCKET_PROPOSED:
        return Code.DOCKET_STAGE_WRONG
    until: i64 = dockets_at(tables, instruments_at(tables, number).docket).until_ns
    return Code.DOCKET_STAGE_WRONG if tables.venue.time_ns >= until else Code.OK


def dispute_outcome(tables: Tables, entry: EntryHead) -> Code:
    """Somebody puts up the bond against what was proposed; from here only a decision ends it (PRD-03)."""
    asked = dispute_outcome_of(entry)
    account: i64 = asked.account
    number: i64 = asked.instrument
    code: Code = dispute_refusal(tables, account, number)
    if code != Code.OK:
        return refuse(tables, entry, code, account, number, 0, 0)
    instrument = instruments_at(tables, number)
    bond: i64 = instrument.bond_minor
    bring_account(tables, account)
    available: i64 = available_minor(tables, account, instrument.currency)
    if bond > available:
        return refuse(tables, entry, Code.BALANCE_INSUFFICIENT, account, number, bond, available)
    code = wallet_room_refusal(tables, account, instrument.currency)
    if code != Code.OK:
        return refuse(tables, entry, code, account, number, bond, 0)

    # From here it is disputed.
    slot: i64 = instrument.docket
    row = dockets_at(tables, slot)
    row.stage = DocketStage.DOCKET_DISPUTED
    row.disputed_by = account
    row.bond_minor = bond
    row.source_hash = asked.source_hash
    wallets_at(tables, wallet_for(tables, account, instrument.currency)).held_minor += bond
    note_examined(tables, account)
    say_docket(tables, slot)
    say_bond(tables, slot, BondStage.BOND_HELD, bond)
    return Code.OK


def decide_outcome(tables: Tables, entry: EntryHead) -> Code:
    """The operator decides what was disputed: as proposed, and the bond is lost, or another way; then it settles
    (PRD-03)."""
    asked = decide_outcome_of(entry)
    number: i64 = asked.instrument
    code: Code = question_refusal(tables, number)
    if code == Code.OK and stage_of(tables, number) != DocketStage.DOCKET_DISPUTED:
        code = Code.DOCKET_STAGE_WRONG
    if code == Code.OK and not is_outcome(instruments_at(tables, number), asked.voided, asked.outcome_subticks):
        code = Code.PARAMETER_INVALID
    if code != Code.OK:
        return refuse(tables, entry, code, 0, number, asked.outcome_subticks, 0)

    # From here it is decided.
    slot: i64 = instruments_at(tables, number).docket
    row = dockets_at(tables, slot)
    proposed: i64 = row.outcome_subticks
    same: flag = row.voided == asked.voided and (asked.voided != 0 or proposed == asked.outcome_subticks)
    answer(row, asked.voided, asked.outcome_subticks)
    row.source_hash = asked.source_hash
    end_bond(tables, slot, same)
    settle_docket(tables, slot)
    return Code.OK


def end_bond(tables: Tables, slot: i64, is_lost: flag) -> None:
    """The bond can be used again, or goes to the insurance fund: no more than the wallet still has (PRD-03)."""
    row = dockets_at(tables, slot)
    account: i64 = row.disputed_by
    currency: i64 = instruments_at(tables, row.instrument).currency
    wallet: i64 = wallet_for(tables, account, currency)
    bring_account(tables, account)
    wallets_at(tables, wallet).held_minor -= row.bond_minor
    note_examined(tables, account)
    lost: i64 = min(row.bond_minor, max(0, wallets_at(tables, wallet).balance_minor))
    if is_lost and lost > 0:
        fund: i64 = role_wallet(tables, currency, Role.INSURANCE)
        wallets_at(tables, wallet).bonds_lost_minor += lost
        move(tables, wallet, fund, lost)
        say_moved(tables, MoveReason.MOVED_BOND, wallet, fund, lost)
        tell_fund(tables, Role.INSURANCE, currency, MoveReason.MOVED_BOND, lost)
    say_bond(
        tables,
        slot,
        BondStage.BOND_LOST if is_lost else BondStage.BOND_RETURNED,
        lost if is_lost else row.bond_minor,
    )
    row.bond_minor = 0


def decide_undisputed(tables: Tables) -> None:
    """At a tick: what was proposed and not disputed in time is decided, and settles (PRD-02)."""
    taken: flag = venue_money_refusal(tables, False) == Code.OK
    slot: i64
    for slot in range(1, pools_at(tables, TableNumber.DOCKETS_TABLE).high + 1):
        row = dockets_at(tables, slot)
        if row.stage != DocketStage.DOCKET_PROPOSED or row.until_ns > tables.venue.time_ns:
            continue
        if taken:
            settle_docket(tables, slot)
        else:
            begin_window(tables, slot)


def begin_windows(tables: Tables) -> None:
    """After a pause: a time for disputing that ended in it begins anew, because nobody could dispute (PRD-02)."""
    slot: i64
    for slot in range(1, pools_at(tables, TableNumber.DOCKETS_TABLE).high + 1):
        row = dockets_at(tables, slot)
        if row.stage == DocketStage.DOCKET_PROPOSED and row.until_ns <= tables.venue.time_ns:
            begin_window(tables, slot)


def begin_window(tables: Tables, slot: i64) -> None:
    """What is proposed may be disputed for as long again."""
    row = dockets_at(tables, slot)
    row.until_ns = whole_minute(tables.venue.time_ns + instruments_at(tables, row.instrument).dispute_ns)
    say_docket(tables, slot)


def settle_docket(tables: Tables, slot: i64) -> None:
    """The question has its answer, and the market is settled by it (PRD-02, PRD-04, SET-03)."""
    row = dockets_at(tables, slot)
    row.stage = DocketStage.DOCKET_DECIDED
    say_docket(tables, slot)
    kind: i64 = SettlementKind.BY_VOID if row.voided != 0 else SettlementKind.BY_OUTCOME
    number: i64 = row.instrument
    price: i64 = row.outcome_subticks
    fix_settlement(tables, number, kind, price)


def say_docket(tables: Tables, slot: i64) -> None:
    """The docket as it is now."""
    row = dockets_at(tables, slot)
    said = new_docket_changed(tables)
    said.instrument = row.instrument
    said.docket = slot
    said.stage = row.stage
    said.voided = row.voided
    said.outcome_subticks = row.outcome_subticks
    said.void_subticks = row.void_subticks
    said.until_ns = row.until_ns
    said.source_hash = row.source_hash


def say_bond(tables: Tables, slot: i64, stage: i64, amount_minor: i64) -> None:
    """What became of the bond of who disputes."""
    row = dockets_at(tables, slot)
    account: i64 = row.disputed_by
    number: i64 = row.instrument
    wallet = wallets_at(tables, find_wallet_slot(tables, account, instruments_at(tables, number).currency))
    said = new_bond_changed(tables)
    said.account = account
    said.instrument = number
    said.stage = stage
    said.amount_minor = amount_minor
    said.held_minor = wallet.held_minor
    said.balance_minor = wallet.balance_minor
