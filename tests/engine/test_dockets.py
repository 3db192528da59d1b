"""The docket of a prediction market: proposals, bonds, decisions, void, early and late (PRD-01 to PRD-04)."""

import pytest

from outcry.engine import reading
from outcry.engine.engine import Engine
from outcry.protocol import layout, wire
from outcry.protocol.layout import (
    AccountState,
    BondStage,
    DocketStage,
    EventKind,
    InstrumentState,
    InstrumentType,
    MarkMethod,
    MoveReason,
    Role,
    SettlementKind,
    TableNumber,
    Valuation,
    VenueState,
)
from tests.engine.questions import (
    FIRST_NS,
    HIGHEST,
    HOUR_NS,
    MINUTE_NS,
    PREDICTION,
    decide,
    dispute,
    prelaunch,
    propose,
    question,
    source,
    until,
    venue,
)
from tests.engine.twins import agree, audited
from tests.engine.worlds import BUY, SELL, World, listing, number_words, of_kind, one, refused

BOND = 10**6
YES, NO = HIGHEST, 0


def docket(world: World) -> layout.DocketRow:
    return world.engine.tables.dockets[world.engine.tables.instruments[1].docket]


def available(world: World, account: int) -> int:
    return int(reading.margin_of(world.engine.tables, account, 1).available_minor)


def money(world: World) -> int:
    """All that anybody has, what is unrealised with it."""
    tables = world.engine.tables
    wallets = reading.used(tables, TableNumber.WALLETS_TABLE)
    roles = (Role.OUTSIDE, Role.IN_FLIGHT, Role.EPOCHS)
    return sum(tables.wallets[at].balance_minor for at in wallets if tables.wallets[at].account not in roles)


def held(world: World) -> None:
    """A hundred contracts at 40 %: 8 has bought them from 9."""
    world.place(9, SELL, 100, 4_000)
    world.place(8, BUY, 100, 4_000)


def said(events: list[wire.Event]) -> tuple[int, int, int]:
    changed = one(events, EventKind.DOCKET_CHANGED)
    return changed.stage, changed.voided, changed.outcome_subticks


def fixed(events: list[wire.Event]) -> tuple[int, int]:
    settlement = one(events, EventKind.SETTLEMENT_FIXED)
    return settlement.kind, settlement.price_subticks


def settled(world: World) -> None:
    """The engine's own work is done; what everybody has adds up, and the other mode and the auditor agree."""
    for _ in range(20):
        world.carry_on()
    assert not world.engine.work_waiting
    assert world.engine.tables.instruments[1].state == InstrumentState.INSTRUMENT_SETTLED
    agree(world)
    audited(world)


def test_what_nobody_disputes_is_decided_by_the_tick_and_not_a_minute_before() -> None:
    """PRD-02: trading goes on until then."""
    world = question()
    held(world)
    world.wait(1)
    events = propose(world, YES)
    assert said(events) == (DocketStage.DOCKET_PROPOSED, 0, YES)
    changed = one(events, EventKind.DOCKET_CHANGED)
    assert bytes(changed.source_hash) == source(1)
    ends = FIRST_NS + 2 * HOUR_NS + MINUTE_NS
    assert changed.until_ns == docket(world).until_ns == ends
    assert not of_kind(until(world, ends - MINUTE_NS), EventKind.DOCKET_CHANGED)
    world.place(9, SELL, 10, 9_000)
    assert of_kind(world.place(8, BUY, 10, 9_000), EventKind.FILL)
    events = until(world, ends)
    assert said(events) == (DocketStage.DOCKET_DECIDED, 0, YES)
    assert fixed(events) == (SettlementKind.BY_OUTCOME, YES)
    settled(world)
    assert world.balance(8) == 10**10 + 100 * 600_000 + 10 * 100_000
    assert world.balance(9) == 10**10 - 100 * 600_000 - 10 * 100_000


def test_a_tick_after_a_gap_decides_just_the_same() -> None:
    world = question()
    propose(world, NO)
    world.now_ns = FIRST_NS + 7 * HOUR_NS + 5
    assert fixed(world.send(layout.Tick())) == (SettlementKind.BY_OUTCOME, NO)


@pytest.mark.parametrize(("decided", "lost"), [(YES, True), (NO, False), (HIGHEST // 4, False)])
def test_a_bond_is_held_and_then_lost_or_returned(decided: int, lost: bool) -> None:
    """PRD-03: funds are conserved through propose, dispute and decide, whichever way."""
    world = question()
    held(world)
    begun = money(world)
    propose(world, YES)
    disputer = world.trader(5, 3 * BOND)
    begun += 3 * BOND
    events = dispute(world, disputer)
    assert said(events) == (DocketStage.DOCKET_DISPUTED, 0, YES)
    assert bytes(one(events, EventKind.DOCKET_CHANGED).source_hash) == source(2)
    bond = one(events, EventKind.BOND_CHANGED)
    assert (bond.account, bond.stage, bond.amount_minor, bond.held_minor, bond.balance_minor) == (
        disputer,
        BondStage.BOND_HELD,
        BOND,
        BOND,
        3 * BOND,
    )
    assert (world.balance(disputer), available(world, disputer), money(world)) == (3 * BOND, 2 * BOND, begun)
    assert not of_kind(until(world, FIRST_NS + 5 * HOUR_NS), EventKind.DOCKET_CHANGED)
    events = decide(world, decided)
    assert said(events) == (DocketStage.DOCKET_DECIDED, 0, decided)
    assert bytes(one(events, EventKind.DOCKET_CHANGED).source_hash) == source(3)
    assert fixed(events) == (SettlementKind.BY_OUTCOME, decided)
    bond = one(events, EventKind.BOND_CHANGED)
    after = 2 * BOND if lost else 3 * BOND
    assert (bond.stage, bond.amount_minor, bond.held_minor, bond.balance_minor) == (
        BondStage.BOND_LOST if lost else BondStage.BOND_RETURNED,
        BOND,
        0,
        after,
    )
    moves = [move.reason for move in of_kind(events, EventKind.MOVED)]
    assert moves == ([MoveReason.MOVED_BOND] if lost else [])
    assert world.balance(Role.INSURANCE) == (BOND if lost else 0)
    assert (world.balance(disputer), available(world, disputer), money(world)) == (after, after, begun)
    settled(world)
    assert money(world) == begun
    assert world.balance(8) == 10**10 + 100 * (decided * 10 - 400_000)


def test_what_is_held_backs_nothing_and_goes_nowhere() -> None:
    """PRD-03: neither orders nor withdrawals nor transfers nor another bond."""
    world = question()
    propose(world, YES)
    account, other = world.trader(5, BOND + 400_000), world.trader(6, 1)
    dispute(world, account)
    record = layout.Transfer(account=account, to_account=other, currency=1, amount_minor=400_001)
    assert refused(world.send(record)) == "BALANCE_INSUFFICIENT"
    leaves = layout.Withdraw(account=account, currency=1, amount_minor=400_001)
    wire.put_bytes(leaves.request, number_words(1, 16))
    assert refused(world.send(leaves)) == "BALANCE_INSUFFICIENT"
    assert refused(world.place(account, BUY, 2, 4_000)) == "BALANCE_INSUFFICIENT"
    assert of_kind(world.place(account, BUY, 1, 4_000), EventKind.PLACED)
    assert available(world, account) == 0
    world.cancel_all(account)
    record.amount_minor = 400_000
    assert of_kind(world.send(record), EventKind.MOVED)
    assert (world.balance(account), available(world, account)) == (BOND, 0)
    agree(world)
    audited(world)


def test_who_holds_a_position_has_less_equity_by_the_bond() -> None:
    """LIQ-01, PRD-03: what is held does not keep a position from being liquidated."""
    world = prelaunch(hourly_band_ppm=0, band_ppm=900_000)
    world.instrument("P_RAIN", **PREDICTION)
    propose(world, YES, instrument=2)
    account = world.trader(5, 100 * 500_000 + 2 * BOND)
    world.place(9, SELL, 100, 10_000)
    world.place(account, BUY, 100, 10_000)
    before = world.engine.figures.margin(account, 1)
    assert of_kind(dispute(world, account, instrument=2), EventKind.BOND_CHANGED)
    after = world.engine.figures.margin(account, 1)
    assert [b - a for a, b in zip(after, before, strict=True)] == [0, 0, 0, 0, 0, 0, 0, 0, BOND, 0, 0, BOND, 0, -BOND]
    agree(world)


def test_decided_as_proposed_where_the_money_is_gone_only_what_is_there_is_lost() -> None:
    """PRD-03: a deposit left the chain meanwhile, and the wallet with it."""
    world = question()
    propose(world, YES)
    account = world.account(5)
    world.deposit(account, 10 * BOND, reference=77)
    world.deposit(account, 1, reference=78)
    dispute(world, account)
    record = layout.ReverseDeposit(account=account, currency=1)
    wire.put_bytes(record.reference, number_words(77, 32))
    assert of_kind(world.send(record), EventKind.MOVED)
    bond = one(decide(world, YES), EventKind.BOND_CHANGED)
    assert (bond.amount_minor, bond.held_minor, bond.balance_minor) == (1, 0, 0)
    settled(world)


def test_a_void_question_settles_at_the_mean_of_the_time_of_the_proposal() -> None:
    """PRD-04: nobody moves it afterwards."""
    world = question()
    held(world)
    until(world, FIRST_NS + HOUR_NS)
    mean = world.engine.tables.instruments[1].mean_mark_subticks
    assert 40_000 < mean < 50_000
    events = propose(world, 0, voided=1)
    assert said(events) == (DocketStage.DOCKET_PROPOSED, 1, mean)
    world.place(9, SELL, 100, 9_900)
    world.place(8, BUY, 100, 9_900)
    events = until(world, FIRST_NS + 4 * HOUR_NS)
    assert world.engine.tables.instruments[1].mean_mark_subticks > mean
    assert world.engine.tables.instruments[1].settlement_subticks == mean
    settled(world)
    assert world.balance(8) == 10**10 + 100 * (mean * 10 - 400_000) + 100 * (mean * 10 - 990_000)


@pytest.mark.parametrize(("first", "then", "lost"), [(0, 1, False), (1, 0, False), (1, 1, True)])
def test_void_is_an_answer_like_another(first: int, then: int, lost: bool) -> None:
    """PRD-03, PRD-04: decided void at the mean of the first proposal."""
    world = question()
    held(world)
    until(world, FIRST_NS + HOUR_NS)
    mean = world.engine.tables.instruments[1].mean_mark_subticks
    propose(world, 0, voided=first)
    dispute(world, 9)
    until(world, FIRST_NS + 4 * HOUR_NS)
    events = decide(world, 0, voided=then)
    assert fixed(events) == ((SettlementKind.BY_VOID, mean) if then else (SettlementKind.BY_OUTCOME, 0))
    assert (one(events, EventKind.BOND_CHANGED).stage == BondStage.BOND_LOST) == lost
    settled(world)


def test_at_its_expiry_without_an_outcome_trading_stops_and_it_waits() -> None:
    """PRD-01, PRD-02: proposed later, it settles as ever."""
    world = question(expiry_ns=FIRST_NS + HOUR_NS)
    held(world)
    until(world, FIRST_NS + 3 * HOUR_NS)
    assert world.engine.tables.instruments[1].state == InstrumentState.INSTRUMENT_PAUSED
    assert refused(world.place(8, BUY, 1, 5_000)) == "INSTRUMENT_CLOSED"
    assert world.engine.tables.instruments[1].settlement_kind == 0
    propose(world, NO)
    until(world, FIRST_NS + 5 * HOUR_NS)
    settled(world)
    assert world.balance(8) == 10**10 - 100 * 400_000


def test_an_answer_that_comes_early_settles_before_the_expiry() -> None:
    """PRD-02."""
    world = question(expiry_ns=FIRST_NS + 100 * HOUR_NS)
    held(world)
    propose(world, YES)
    until(world, FIRST_NS + 2 * HOUR_NS)
    settled(world)


def paused(world: World) -> None:
    """Nothing was journaled for a day."""
    world.wait(24 * 3_600)
    world.send(layout.Resume(paused_ns=24 * HOUR_NS))


def test_a_window_that_ended_in_a_pause_begins_anew() -> None:
    """PRD-02: nobody could dispute meanwhile."""
    world = question()
    propose(world, YES)
    paused(world)
    assert docket(world).stage == DocketStage.DOCKET_PROPOSED
    assert docket(world).until_ns == world.now_ns + 2 * HOUR_NS
    world.price(1, 1)
    assert of_kind(dispute(world, 8), EventKind.BOND_CHANGED)
    audited(world)


@pytest.mark.parametrize("state", [VenueState.VENUE_STOPPED, VenueState.VENUE_CANCELLING, VenueState.VENUE_WITHDRAWING])
def test_a_window_does_not_end_while_nobody_can_put_up_a_bond(state: VenueState) -> None:
    """PRD-02: not by the operator's hand either."""
    world = question()
    propose(world, YES)
    world.send(layout.SetVenueState(state=state))
    events = until(world, FIRST_NS + 2 * HOUR_NS)
    assert said(events) == (DocketStage.DOCKET_PROPOSED, 0, YES)
    assert docket(world).until_ns == FIRST_NS + 4 * HOUR_NS
    world.send(layout.SetVenueState(state=VenueState.VENUE_OPEN))
    until(world, FIRST_NS + 4 * HOUR_NS)
    settled(world)


@pytest.mark.parametrize(
    ("binary", "outcome", "taken"),
    [
        (0, HIGHEST + 10, False),
        (0, -1, False),
        (0, 1, True),
        (1, HIGHEST * 4 // 10, False),
        (1, NO, True),
        (1, YES, True),
    ],
)
def test_what_is_no_answer_is_not_taken(binary: int, outcome: int, taken: bool) -> None:
    """PRD-02, also as a decision."""
    world = question(binary=binary)
    events = propose(world, outcome)
    if not taken:
        assert refused(events) == "PARAMETER_INVALID"
        assert not world.engine.tables.pools[TableNumber.DOCKETS_TABLE].high
        propose(world, YES)
        dispute(world, 8)
        assert refused(decide(world, outcome)) == "PARAMETER_INVALID"
        assert docket(world).stage == DocketStage.DOCKET_DISPUTED
        return
    assert said(events) == (DocketStage.DOCKET_PROPOSED, 0, outcome)


def test_a_void_answer_with_an_outcome_is_none() -> None:
    world = question()
    assert refused(propose(world, YES, voided=1)) == "PARAMETER_INVALID"
    assert refused(propose(world, NO, voided=2)) == "PARAMETER_INVALID"


def test_each_stage_takes_only_what_belongs_to_it() -> None:
    """PRD-02, PRD-03: DOCKET_STAGE_WRONG, and INSTRUMENT_CLOSED once it settles."""
    world = question()
    assert refused(dispute(world, 8)) == refused(decide(world, YES)) == "DOCKET_STAGE_WRONG"
    propose(world, YES)
    assert refused(propose(world, YES)) == refused(decide(world, YES)) == "DOCKET_STAGE_WRONG"
    dispute(world, 8)
    assert refused(propose(world, NO)) == refused(dispute(world, 9)) == "DOCKET_STAGE_WRONG"
    decide(world, NO)
    for events in (propose(world, NO), dispute(world, 9), decide(world, NO)):
        assert refused(events) == "INSTRUMENT_CLOSED"


def test_only_a_prediction_market_has_a_question() -> None:
    world = prelaunch()
    assert refused(propose(world, 5)) == "PARAMETER_INVALID"
    assert refused(dispute(world, 8)) == refused(decide(world, 5)) == "DOCKET_STAGE_WRONG"
    assert refused(propose(world, 5, instrument=7)) == "INSTRUMENT_UNKNOWN"
    assert refused(dispute(world, 8, instrument=7)) == "INSTRUMENT_UNKNOWN"
    assert refused(decide(world, 5, instrument=-1)) == "INSTRUMENT_UNKNOWN"


def test_who_may_not_move_money_may_not_dispute() -> None:
    """PRD-03: the refusals of a transfer, in their order."""
    world = question()
    propose(world, YES)
    poor = world.trader(5, BOND - 1)
    event = one(dispute(world, poor), EventKind.REFUSED)
    assert (event.code, event.wanted, event.limit) == (layout.Code.BALANCE_INSUFFICIENT, BOND, BOND - 1)
    assert refused(dispute(world, 4_000)) == "ACCOUNT_UNKNOWN"
    assert refused(dispute(world, Role.INSURANCE)) == "ACCOUNT_IS_ROLE"
    assert refused(dispute(world, world.account(6))) == "BALANCE_INSUFFICIENT"
    world.send(layout.SetAccountState(account=8, state=AccountState.ACCOUNT_STOPPED))
    assert refused(dispute(world, 8)) == "ACCOUNT_FROZEN"
    world.send(layout.SetVenueState(state=VenueState.VENUE_STOPPED))
    assert refused(dispute(world, 9, instrument=7)) == "VENUE_MONEY_HELD"


def test_there_are_only_so_many_dockets() -> None:
    world = question()
    pool = world.engine.tables.pools[TableNumber.DOCKETS_TABLE]
    pool.live = pool.rows - 1
    assert refused(propose(world, YES)) == "TABLE_FULL"


@pytest.mark.parametrize(
    "terms",
    [
        {"dispute_ns": -1},
        {"dispute_ns": 2**53},
        {"bond_minor": -1},
        {"bond_minor": 2**53},
        {"binary": 2},
        {"initial_margin_ppm": 999_999, "maintenance_margin_ppm": 999_999},
        {"impact_notional_minor": 1},
        {"valuation": Valuation.INVERSE},
        {"mark_method": MarkMethod.MARK_PROTECTED},
        {"index": 1},
        {"hourly_band_ppm": 1},
        {"opening_subticks": HIGHEST + 1},
        {"funding_interval_ns": HOUR_NS},
        {"strike_units": 1},
        {"instrument_type": InstrumentType.PRELAUNCH},
    ],
)
def test_terms_that_are_no_prediction_market(terms: dict[str, int]) -> None:
    """PRD-01, LST-01."""
    assert refused(venue().send(listing("P_RAIN", **{**PREDICTION, **terms}))) == "PARAMETER_INVALID"


@pytest.mark.parametrize("stage", [DocketStage.DOCKET_PROPOSED, DocketStage.DOCKET_DISPUTED])
def test_a_snapshot_in_the_middle_of_a_docket_goes_on_the_same(stage: DocketStage) -> None:
    world = question()
    held(world)
    propose(world, YES)
    if stage == DocketStage.DOCKET_DISPUTED:
        dispute(world, 9)
    until(world, FIRST_NS + HOUR_NS)
    other = Engine.restore(world.engine.snapshot())
    begun = len(world.journal)
    until(world, FIRST_NS + 2 * HOUR_NS)
    if stage == DocketStage.DOCKET_DISPUTED:
        decide(world, NO)
    for _ in range(100):
        world.carry_on(100)
    assert not world.engine.work_waiting
    other.apply(b"".join(world.journal[begun:]))
    assert other.roots() == world.engine.roots()
    assert other.tables.instruments[1].settlement_kind == SettlementKind.BY_OUTCOME
    agree(world)
