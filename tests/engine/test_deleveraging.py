"""Deleveraging: who is taken, in which order and at which price, and when nobody is left (ADL-01 to ADL-03)."""

from collections import Counter
from typing import Any

import pytest

from outcry.engine import eligibility, reading
from outcry.engine import engine as engine_room
from outcry.engine.engine import Engine
from outcry.engine.sums import law_sums
from outcry.protocol import layout, wire
from outcry.protocol.layout import (
    DeleveragePolicy,
    EndReason,
    EventKind,
    InstrumentState,
    Role,
    TableNumber,
    TakeoverStage,
)
from outcry.protocol.records import UNIT_EVENTS
from outcry.rules import value
from tests.engine.plain import plain_engine
from tests.engine.seizing import (
    MARK,
    XBT,
    Events,
    compiled,
    fund,
    give_fund,
    owed,
    plain_world,
    seize,
    slot_of,
    takeover_rows,
    work,
)
from tests.engine.worlds import BUY, SELL, World, of_kind, one, refused
from tests.laws import invariants

BANKRUPT = -101_500_000
"""Of 10,000 contracts long from 10,000 dollars: 98,522 ticks."""
PAST = 970_000
"""A mark on its bad side."""


def check(world: World) -> None:
    invariants.check(world.engine.tables)
    assert law_sums(world.engine.tables).adds_up
    assert owed(world) <= 0
    assert fund(world) == 0 or owed(world) == 0


class Crowd:
    """A victim long 10,000 and shorts of several sizes on the other side, from different prices."""

    def __init__(
        self, shorts: list[tuple[int, int]], order: list[int] | None = None, policy: int = DeleveragePolicy.RANKED
    ) -> None:
        """`shorts` are (contracts, money); `order` says in which order their accounts are opened."""
        self.world = plain_world(deleverage_policy=policy)
        numbers = order or list(range(len(shorts)))
        found = {number: self.world.trader(100 + number, shorts[number][1]) for number in numbers}
        self.shorts = [found[number] for number in range(len(shorts))]
        self.victim, self.second = self.world.trader(1, 10 * XBT), self.world.trader(2, 10 * XBT)
        for account, (quantity, _) in zip(self.shorts, shorts, strict=True):
            self.world.place(account, SELL, quantity, MARK)
            part = min(quantity, 10_000 - self.held)
            for buyer, wanted in ((self.victim, part), (self.second, quantity - part)):
                if wanted:
                    one(self.world.place(buyer, BUY, wanted, MARK), EventKind.FILL)
        compiled(self.world)

    @property
    def held(self) -> int:
        return int(self.world.position(self.victim).quantity)

    def fall(self) -> Events:
        """The victim is taken over, and the mark goes past the price at which it was."""
        seize(self.world, self.victim, BANKRUPT)
        self.world.price(1, PAST)
        return work(self.world)


def shares(events: Events) -> list[tuple[int, int]]:
    return [(d.account, d.quantity) for d in of_kind(events, EventKind.DELEVERAGED)]


def test_the_highest_profit_and_leverage_go_first_and_all_of_the_rest_is_taken() -> None:
    crowd = Crowd([(4_000, 10 * XBT), (4_000, XBT // 20), (4_000, XBT // 2)])
    world, (rich, poor, middle) = crowd.world, crowd.shorts
    before = {account: world.balance(account) for account in crowd.shorts}
    events = crowd.fall()
    # Same profit each, so the order is that of leverage.
    assert shares(events) == [(poor, 4_000), (middle, 4_000), (rich, 2_000)]
    taken = of_kind(events, EventKind.DELEVERAGED)
    assert sum(d.quantity for d in taken) == 10_000
    assert sum(d.value_minor for d in taken) == -BANKRUPT
    assert [(d.rank, d.eligible, d.policy) for d in taken] == [(n, 3, DeleveragePolicy.RANKED) for n in (1, 2, 3)]
    for said in taken:
        # Short from the mark of 10,000 dollars, bought back at the victim's price, no fee.
        assert said.realised_minor == said.value_minor - said.quantity * 10_000
        assert world.balance(said.account) == said.balance_minor == before[said.account] + said.realised_minor
    ranked = one(events, EventKind.DELEVERAGING_RANKED)
    assert (ranked.side, ranked.need_quantity, ranked.eligible_quantity) == (BUY, 10_000, 12_000)
    assert takeover_rows(world) == []
    assert (fund(world), owed(world)) == (0, 0)
    assert world.position(rich).quantity == -2_000
    assert not world.engine.work_waiting
    check(world)


def test_each_records_what_the_other_policies_would_have_taken() -> None:
    crowd = Crowd([(4_000, 10 * XBT), (4_000, XBT // 20), (4_000, XBT // 2)])
    rich, poor, middle = crowd.shorts
    taken = {d.account: d for d in of_kind(crowd.fall(), EventKind.DELEVERAGED)}
    assert {a: d.ranked_quantity for a, d in taken.items()} == {poor: 4_000, middle: 4_000, rich: 2_000}
    assert {a: d.queue_quantity for a, d in taken.items()} == {rich: 4_000, poor: 4_000, middle: 2_000}
    # 4,000 of 12,000 for 10,000: 3,333 and a third, which is 34 lots.
    assert {d.pro_rata_quantity for d in taken.values()} == {3_400}


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (DeleveragePolicy.QUEUE, [(0, 4_000), (1, 4_000), (2, 2_000)]),
        (DeleveragePolicy.PRO_RATA, [(0, 3_400), (1, 3_400), (2, 3_200)]),
    ],
)
def test_another_policy_is_a_term_of_the_listing(policy: int, expected: list[tuple[int, int]]) -> None:
    crowd = Crowd([(4_000, 10 * XBT), (4_000, XBT // 20), (4_000, XBT // 2)], policy=policy)
    events = crowd.fall()
    assert shares(events) == [(crowd.shorts[at], quantity) for at, quantity in expected]
    taken = of_kind(events, EventKind.DELEVERAGED)
    assert {d.policy for d in taken} == {policy}
    rich, poor, middle = crowd.shorts
    would = {d.account: d.ranked_quantity for d in taken}
    assert would == {poor: 4_000, middle: 4_000, rich: 2_000}
    check(crowd.world)


def test_the_deleveraged_lose_their_orders_in_the_instrument_reduce_only_ones_too() -> None:
    crowd = Crowd([(12_000, XBT)])
    world, short = crowd.world, crowd.shorts[0]
    world.place(short, BUY, 6_000, 90_000, reduce_only=True)
    world.place(short, BUY, 5_000, 91_000, reduce_only=True)
    world.place(short, SELL, 500, MARK + 900)
    events = crowd.fall()
    ended = [record for record in of_kind(events, EventKind.ENDED) if record.account == short]
    assert [record.reason for record in ended] == [EndReason.ENDED_DELEVERAGED] * 3
    assert shares(events) == [(short, 10_000)]
    assert world.engine.tables.accounts[short].orders == 0
    assert world.position(short).quantity == -2_000
    check(world)


def thin(world: World, account: int, left_minor: int) -> None:
    """Leave the account so much equity, by a withdrawal that the plain rules would not allow."""
    slot = reading.find_wallet(world.engine.tables, account, 1)
    row = world.engine.tables.positions[slot_of(world, account)]
    instrument = world.engine.tables.instruments[1]
    gain = value.signed_value_minor(instrument, row.quantity, instrument.mark_lot_minor) - row.cost_minor
    world.engine.tables.wallets[slot].balance_minor = left_minor - gain


def test_who_could_not_bear_the_price_leaves_the_round_and_the_next_is_asked() -> None:
    """At the mark the first has 2,000,000 and at the victim's price 8,000,000 less: it would owe the venue."""
    crowd = Crowd([(4_000, 10 * XBT), (4_000, XBT), (4_000, XBT // 2)])
    world, (rich, poor, middle) = crowd.world, crowd.shorts
    give = BANKRUPT + 20_000_000
    seize(world, crowd.victim, give)
    world.price(1, PAST)
    thin(world, poor, 2_000_000)
    events = work(world)
    assert shares(events) == [(middle, 4_000), (rich, 4_000)]
    assert [said.eligible for said in of_kind(events, EventKind.DELEVERAGING_RANKED)] == [3]
    stuck = takeover_rows(world)[0]
    assert (stuck.stage, stuck.quantity) == (TakeoverStage.TAKEOVER_STUCK, 2_000)
    assert world.position(poor).quantity == -4_000


def test_whose_account_fails_the_test_is_not_asked() -> None:
    crowd = Crowd([(12_000, 10 * XBT)])
    world, short = crowd.world, crowd.shorts[0]
    tables, slot = world.engine.tables, slot_of(world, short)
    assert eligibility.is_eligible(tables, slot, 1, BUY)
    assert not eligibility.is_eligible(tables, slot, 1, SELL)
    assert not eligibility.is_eligible(tables, slot, 2, BUY)
    upkeep = reading.position_figures(tables, slot).maintenance_minor
    thin(world, short, upkeep + 1)
    assert eligibility.is_eligible(tables, slot, 1, BUY)
    thin(world, short, upkeep)
    assert not eligibility.is_eligible(tables, slot, 1, BUY)
    assert not eligibility.is_eligible(tables, slot_of(world, Role.TAKEOVER), 1, BUY)


@pytest.mark.parametrize("left_minor", [0, 1])
def test_who_is_in_liquidation_himself_is_no_candidate(left_minor: int) -> None:
    """At his last satoshi he is taken over, and another bears the victim; with one more it would have been he."""
    crowd = Crowd([(6_000, 10 * XBT), (12_000, XBT)])
    world, (rich, failing) = crowd.world, crowd.shorts
    seize(world, crowd.victim, BANKRUPT)
    # Just past it, so that whoever takes over loses next to nothing by it.
    world.price(1, 985_200)
    upkeep = reading.position_figures(world.engine.tables, slot_of(world, failing)).maintenance_minor
    thin(world, failing, upkeep + left_minor - 1)
    world.deposit(failing, 1)
    events = work(world)
    if left_minor:
        assert shares(events)[0][0] == failing
        assert of_kind(events, EventKind.TAKEN_OVER) == []
    else:
        assert shares(events) == [(rich, 6_000)]
        assert [one.account for one in of_kind(events, EventKind.TAKEN_OVER)] == [failing]


def exhausted() -> tuple[World, int, Events]:
    """Only 3,000 of the 10,000 can be had: the rest of the other side is held by takeovers themselves."""
    crowd = Crowd([(3_000, 10 * XBT), (7_000, 10 * XBT)])
    world, (left, gone) = crowd.world, crowd.shorts
    seize(world, crowd.victim, BANKRUPT)
    # 7,000 short from a price far below the market; a takeover is never deleveraged for another.
    seize(world, gone, 78 * 10**6)
    world.price(1, PAST)
    return world, left, work(world)


def test_when_nobody_is_left_the_rest_stays_and_the_instrument_only_reduces() -> None:
    world, left, events = exhausted()
    assert shares(events) == [(left, 3_000)]
    changed = one(events, EventKind.INSTRUMENT_STATE_SET)
    assert (changed.instrument, changed.state) == (1, InstrumentState.INSTRUMENT_REDUCING)
    stuck = next(row for row in takeover_rows(world) if row.quantity > 0)
    assert (stuck.stage, stuck.quantity) == (TakeoverStage.TAKEOVER_STUCK, 7_000)
    assert world.engine.tables.orders[stuck.order].leaves_quantity == 7_000
    assert refused(world.place(left, BUY, 100, 90_000)) == "INSTRUMENT_REDUCE_ONLY"
    assert not world.engine.work_waiting
    check(world)


def test_what_is_stuck_is_tried_again_when_marks_move_and_closed_when_somebody_can_take_it() -> None:
    world, left, _ = exhausted()
    again = world.price(1, PAST - 1_000) + work(world)
    assert of_kind(again, EventKind.DELEVERAGED) == []
    assert [said.eligible for said in of_kind(again, EventKind.DELEVERAGING_RANKED)] == [0, 0]
    # Its order stands as it stood: nothing is said but that nobody was found.
    for kind in (EventKind.INSTRUMENT_STATE_SET, EventKind.PLACED, EventKind.ENDED, EventKind.TAKEOVER_CHANGED):
        assert of_kind(again, kind) == []
    check(world)
    state = layout.SetInstrumentState()
    state.instrument, state.state = 1, InstrumentState.INSTRUMENT_OPEN
    world.send(state)
    world.place(left, BUY, 2_000, 96_900)
    give_fund(world, 10 * XBT)
    world.price(1, PAST - 2_000)
    events = work(world)
    # The bid, then the two takeovers with each other at what the first asks; the last of the short one is the bidder's.
    assert [(fill.quantity, fill.price_ticks) for fill in of_kind(events, EventKind.FILL)] == [
        (2_000, 96_900),
        (5_000, 98_523),
    ]
    assert shares(events) == [(left, 2_000)]
    assert takeover_rows(world) == []
    check(world)


def test_who_takes_part_of_a_takeover_may_be_deleveraged_for_another() -> None:
    crowd = Crowd([(12_000, 10 * XBT)])
    world, short = crowd.world, crowd.shorts[0]
    seize(world, crowd.victim, BANKRUPT)
    work(world)
    one(world.place(short, BUY, 3_000, 98_523), EventKind.FILL)
    world.price(1, PAST)
    assert shares(work(world)) == [(short, 7_000)]
    assert world.position(short).quantity == -2_000
    check(world)


def test_one_ranking_serves_all_takeovers_of_its_side_each_at_its_own_price() -> None:
    crowd = Crowd([(6_000, XBT // 4), (9_000, 10 * XBT)])
    world, (first, second) = crowd.world, crowd.shorts
    seize(world, crowd.victim, BANKRUPT)
    held = world.position(crowd.second)
    assert held.quantity == 5_000
    seize(world, crowd.second, held.cost_minor - 500_000)
    world.price(1, PAST)
    events = work(world)
    assert len(of_kind(events, EventKind.DELEVERAGING_RANKED)) == 1
    assert [(d.takeover, d.account, d.quantity, d.rank) for d in of_kind(events, EventKind.DELEVERAGED)] == [
        (1, first, 6_000, 1),
        (1, second, 4_000, 2),
        (2, second, 5_000, 2),
    ]
    values = Counter[int]()
    for said in of_kind(events, EventKind.DELEVERAGED):
        values[said.takeover] += said.value_minor
    assert values == {1: -BANKRUPT, 2: 50_500_000}
    assert takeover_rows(world) == []
    check(world)


def test_an_isolated_short_gives_back_its_share_of_paid_fees_and_margin() -> None:
    crowd = Crowd([(12_000, 10 * XBT)])
    world, short = crowd.world, crowd.shorts[0]
    world.leverage(short, 1_000)
    crowd.fall()
    row = world.position(short)
    assert (row.quantity, row.isolated) == (-2_000, 1)
    assert row.cost_minor == 20_000_000
    check(world)


def test_the_other_side_is_deleveraged_too() -> None:
    """A short is taken over, the mark rises, longs are reduced by selling."""
    crowd = Crowd([(10_000, XBT)])
    world, short = crowd.world, crowd.shorts[0]
    seize(world, short, XBT - 1_500_000)
    world.price(1, 1_040_000)
    events = work(world)
    said = one(events, EventKind.DELEVERAGED)
    assert (said.account, said.side, said.quantity, said.position_quantity) == (crowd.victim, SELL, 10_000, 0)
    assert said.value_minor == XBT - 1_500_000
    check(world)


def said_by(world: World, restarts: bool) -> bytes:
    """Bytes of what the engine's own work says from a fall on."""
    events: Events = []
    events += world.price(1, PAST)
    while world.engine.work_waiting:
        events += world.carry_on(1 if restarts else 4_096)
        if restarts:
            world.restart()
            check(world)
    return b"".join(bytes(event.record) for event in events if event.head.kind != EventKind.CONTINUED)


@pytest.mark.parametrize("policy", list(DeleveragePolicy))
def test_restarts_in_the_middle_small_buffers_and_modes_come_to_the_same(
    policy: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd = Crowd([(700 + 100 * at, XBT // (1 + at % 4)) for at in range(12)], policy=policy)
    seize(crowd.world, crowd.victim, BANKRUPT)
    for at, short in enumerate(crowd.shorts):
        for price in range(at % 3):
            crowd.world.place(short, BUY, 100, 80_000 + price)
    work(crowd.world)
    data, journal, sent = crowd.world.engine.snapshot(), list(crowd.world.journal), crowd.world.sent
    found: list[Any] = []
    for restarts, small, plainly in (
        (False, False, False),
        (True, False, False),
        (False, True, False),
        (False, False, True),
    ):
        if small:
            monkeypatch.setattr(engine_room, "EVENT_BUFFER_BYTES", layout.EVENT_ROOM_BYTES + 512)
        world = World(plain_engine(data) if plainly else Engine.restore(data))
        monkeypatch.undo()
        world.journal, world.sent = list(journal), sent
        found.append((said_by(world, restarts), world.engine.roots()[2]))
    assert len({said for said, _ in found}) == 1
    assert found[0] == found[2] == found[3]


def test_a_unit_says_no_more_than_the_schema_lists() -> None:
    """Orders of takeovers that trade are left out: what they say is what every order says."""
    crowd = Crowd([(3_000, 10 * XBT), (7_000, 10 * XBT)])
    world = crowd.world
    for short in crowd.shorts:
        world.place(short, BUY, 100, 80_000)
    seize(world, crowd.victim, BANKRUPT)
    seize(world, crowd.shorts[1], 78 * 10**6)
    most: Counter[str] = Counter()
    for mark in (1_000_000, PAST, PAST - 1_000):
        world.price(1, mark)
        while world.engine.work_waiting:
            said = Counter(EventKind(event.head.kind).name for event in world.carry_on(1))
            del said["CONTINUED"]
            if "FILL" not in said:
                most |= said
    assert dict(most).items() <= UNIT_EVENTS["TASK_TAKEOVERS"].items()
    assert {"PLACED", "ENDED", "TAKEOVER_CHANGED", "DELEVERAGED", "DELEVERAGING_RANKED"} <= set(most)


def test_renaming_accounts_changes_nothing_but_names() -> None:
    """Ties go to the older position row, never to the lower account."""
    found = []
    for order in ([0, 1, 2, 3], [3, 1, 0, 2], [2, 3, 1, 0]):
        crowd = Crowd([(4_000, XBT)] * 4, order=order)
        events = crowd.fall()
        found.append([(crowd.shorts.index(account), quantity) for account, quantity in shares(events)])
    assert found[0] == [(0, 4_000), (1, 4_000), (2, 2_000)]
    assert found[1:] == [found[0]] * 2


def test_a_heap_of_many_takes_the_highest_first_whatever_the_order_of_the_rows() -> None:
    shorts = [(100, XBT // 10 + (at * 7919) % 1_000 * 10_000) for at in range(100)]
    crowd = Crowd(shorts)
    events = crowd.fall()
    scores = [d.score for d in of_kind(events, EventKind.DELEVERAGED)]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) == 100
    wealth = [crowd.world.balance(account) for account, _ in shares(events)]
    assert wealth == sorted(wealth)
    check(crowd.world)


def test_funding_is_paid_before_a_position_is_weighed_for_deleveraging() -> None:
    world = plain_world(funding_interval_ns=3600 * 10**9, funding_offset_ns=3600 * 10**9)
    short, victim = world.trader(1, XBT), world.trader(2, XBT)
    world.place(short, SELL, 10_000, MARK)
    world.place(victim, BUY, 10_000, MARK)
    compiled(world)
    seize(world, victim, BANKRUPT)
    work(world)
    world.engine.tables.instruments[1].funding_rate_ppb = 1_000_000
    world.wait(3600)
    world.send(layout.Tick())
    world.price(1, PAST)
    events = work(world)
    assert [(f.account, f.amount_minor) for f in of_kind(events, EventKind.FUNDED)][:1]
    said = one(events, EventKind.DELEVERAGED)
    assert said.quantity == 10_000
    assert wire.text_of(world.engine.tables.currencies[1].symbol) == "XBt"
    check(world)


def test_the_table_of_the_ranked_grows_with_the_positions() -> None:
    crowd = Crowd([(12_000, 10 * XBT)])
    world = crowd.world
    grown = layout.Grow()
    grown.table, grown.rows = TableNumber.POSITIONS_TABLE, 16_385
    one(world.send(grown), EventKind.GROWN)
    assert world.engine.tables.pools[TableNumber.RANKED_TABLE].rows == 16_385
    seize(world, crowd.victim, BANKRUPT)
    world.price(1, PAST)
    while world.engine.tables.venue.ranked == 0:
        world.carry_on(1)
    world.restart()
    assert world.engine.tables.pools[TableNumber.RANKED_TABLE].high == 1
    assert shares(work(world)) == [(crowd.shorts[0], 10_000)]
    assert world.engine.tables.pools[TableNumber.RANKED_TABLE].high == 0
    check(world)
