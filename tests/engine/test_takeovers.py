"""Takeovers: the order at the bankruptcy price, what the fund gets and pays, deposits to the fund (LIQ-06, LIQ-07)."""

from typing import Any

import pytest

from outcry.engine import engine as engine_room
from outcry.engine.engine import Engine
from outcry.engine.sums import law_sums
from outcry.protocol import layout, wire
from outcry.protocol.layout import EventKind, MoveReason, OrderFlag, Role, Side, TakeoverStage, Valuation
from tests.engine.plain import plain_engine
from tests.engine.seizing import (
    MARK,
    XBT,
    Events,
    compiled,
    fund,
    give_fund,
    owed,
    plain,
    plain_world,
    seize,
    slot_of,
    takeover_rows,
    work,
)
from tests.engine.worlds import BUY, SELL, World, of_kind, one, refused
from tests.laws import invariants

LONG_AT_MARK = -XBT
"""Signed value of 10,000 contracts long at 10,000 dollars: an inverse long costs less than nothing."""


def opened(side: int = BUY, **terms: int) -> tuple[World, int, int, int]:
    """A victim with 10,000 contracts at the mark, the other side of it, and a bystander with money."""
    world = plain_world(**terms)
    victim, other, bystander = world.trader(1, XBT), world.trader(2, 100 * XBT), world.trader(3, 100 * XBT)
    world.place(other, SELL if side == BUY else BUY, 10_000, MARK)
    one(world.place(victim, side, 10_000, MARK), EventKind.FILL)
    compiled(world)
    return world, victim, other, bystander


def stages(events: Events) -> list[TakeoverStage]:
    return [TakeoverStage(record.stage) for record in of_kind(events, EventKind.TAKEOVER_CHANGED)]


def check(world: World) -> None:
    invariants.check(world.engine.tables)
    assert law_sums(world.engine.tables).adds_up
    for number in (1,):
        rows, held = takeover_rows(world, number), world.position(Role.TAKEOVER, number)
        assert (held.quantity, held.cost_minor) == (sum(r.quantity for r in rows), sum(r.cost_minor for r in rows))
    assert owed(world) <= 0
    assert fund(world) == 0 or owed(world) == 0


def test_the_owner_loses_exactly_what_he_had_in_it_and_the_takeover_has_his_position() -> None:
    world, victim, _, _ = opened()
    give_fund(world, 1_000)
    wallet = world.balance(victim)
    events = seize(world, victim, LONG_AT_MARK - 1_500_000, 50_000)
    taken = one(events, EventKind.TAKEN_OVER)
    assert (taken.side, taken.quantity, taken.bankrupt_minor) == (SELL, 10_000, -101_500_000)
    # 98,522.16 ticks; who sells rounds up.
    assert (taken.price_ticks, taken.realised_minor) == (98_523, -1_500_000)
    assert world.balance(victim) == taken.balance_minor == wallet - 1_500_000 - 50_000
    moved = one(events, EventKind.FUND_MOVED)
    assert (moved.reason, moved.amount_minor, moved.fund_minor) == (MoveReason.MOVED_SURPLUS, 50_000, 51_000)
    row = world.position(victim)
    assert (row.quantity, row.cost_minor, row.fees_minor, row.realised_minor) == (0, 0, 0, 0)
    assert world.engine.work_waiting
    check(world)


def test_what_is_sold_better_than_the_bankruptcy_price_goes_to_the_fund_to_the_satoshi() -> None:
    world, victim, _, bystander = opened()
    world.place(bystander, BUY, 4_000, 99_200)
    world.place(bystander, BUY, 3_000, 99_000)
    seize(world, victim, -101_500_000)
    events = work(world)
    fills = of_kind(events, EventKind.FILL)
    assert [(f.price_ticks, f.quantity, f.taker_account) for f in fills] == [
        (99_200, 4_000, Role.TAKEOVER),
        (99_000, 3_000, Role.TAKEOVER),
    ]
    # Each part of the cost against what it was sold for, less 0.05 %.
    gains = [40_600_000 - 40_322_600, 30_450_000 - 30_303_030]
    fees = [20_161, 15_152]
    assert [f.taker_realised_minor for f in fills] == gains
    assert [m.amount_minor for m in of_kind(events, EventKind.FUND_MOVED)] == [
        gain - fee for gain, fee in zip(gains, fees, strict=True)
    ]
    assert fund(world) == sum(gains) - sum(fees)
    placed = one(events, EventKind.PLACED)
    assert (placed.account, placed.flags, placed.side) == (Role.TAKEOVER, OrderFlag.BY_VENUE, SELL)
    row = takeover_rows(world)[0]
    assert (row.stage, row.quantity, row.cost_minor) == (TakeoverStage.TAKEOVER_RESTING, 3_000, -30_450_000)
    assert world.engine.tables.orders[row.order].leaves_quantity == 3_000
    assert world.engine.tables.instruments[1].best_ask_ticks == 98_523
    check(world)


def test_what_rests_is_taken_by_whoever_comes_and_then_the_takeover_is_over() -> None:
    world, victim, _, bystander = opened()
    give_fund(world, XBT)
    seize(world, victim, -101_500_000)
    work(world)
    half = world.place(bystander, BUY, 5_000, 98_523)
    assert stages(half) == [TakeoverStage.TAKEOVER_RESTING]
    check(world)
    rest = world.place(bystander, BUY, 6_000, 98_523)
    assert stages(rest) == [TakeoverStage.TAKEOVER_CLOSED]
    fill = one(rest, EventKind.FILL)
    assert (fill.maker_account, fill.maker_realised_minor, fill.maker_fee_minor) == (Role.TAKEOVER, 450, 10_150)
    assert takeover_rows(world) == []
    assert world.engine.tables.instruments[1].takeovers == 0
    check(world)


@pytest.mark.parametrize("mark", [980_000, 985_300])
def test_nothing_happens_while_the_mark_is_on_the_good_side_of_the_bankruptcy_price(mark: int) -> None:
    world, victim, _, _ = opened()
    give_fund(world, XBT)
    seize(world, victim, -101_500_000)
    work(world)
    events = world.price(1, mark)
    assert world.engine.work_waiting
    events = work(world)
    past = mark < 985_222
    assert (EventKind.ENDED in [e.head.kind for e in events]) == past
    check(world)


def test_past_the_bankruptcy_price_the_fund_pays_level_by_level_and_stops_at_what_it_has() -> None:
    world, victim, other, bystander = opened()
    world.cancel_all(other)
    give_fund(world, 400_000)
    seize(world, victim, -101_500_000)
    work(world)
    for price, quantity in ((97_800, 2_000), (97_500, 2_000), (97_000, 9_000)):
        world.place(bystander, BUY, quantity, price)
    world.price(1, 978_000)
    spent, events = 0, []
    while world.engine.work_waiting:
        said = world.carry_on(1)
        events += said
        for fill in of_kind(said, EventKind.FILL):
            spent += fill.taker_fee_minor - fill.taker_realised_minor
        check(world)
        if TakeoverStage.TAKEOVER_DELEVERAGING in stages(said):
            break
    fills = of_kind(events, EventKind.FILL)
    assert [f.price_ticks for f in fills][:3] == [97_800, 97_500, 97_000]
    assert fund(world) == 400_000 - spent
    row = takeover_rows(world)[0]
    # A lot at 97,000: its cost 1,015,000, sold for 1,030,928, with a fee of 516.
    assert 0 <= fund(world) < 1_030_928 - 1_015_000 + 516
    assert row.quantity == 10_000 - sum(f.quantity for f in fills) > 0
    assert {m.reason for m in of_kind(events, EventKind.FUND_MOVED)} == {MoveReason.MOVED_COVER}


@pytest.mark.parametrize("short_of_it", [0, 1])
def test_a_fund_that_is_exactly_enough_is_exactly_empty_afterwards(short_of_it: int) -> None:
    """The last satoshi is spent on the last lot; with one less a lot is left, and nothing pays for it (LIQ-07)."""
    world, victim, _, bystander = opened()
    for _ in range(100):
        world.place(bystander, BUY, 100, MARK)
    # A lot costs 980,000 and is sold for 1,000,000, with a fee of 500.
    give_fund(world, 100 * (1_000_000 - 980_000 + 500) - short_of_it)
    seize(world, victim, -98_000_000)
    events: Events = []
    while world.engine.work_waiting and TakeoverStage.TAKEOVER_DELEVERAGING not in stages(events):
        events += world.carry_on(1)
        check(world)
    assert [row.quantity for row in takeover_rows(world)] == ([100] if short_of_it else [])
    assert fund(world) == (20_499 if short_of_it else 0)
    assert owed(world) == 0


def test_the_fund_does_not_follow_a_book_that_was_pushed_away_from_the_mark() -> None:
    world, victim, other, bystander = opened()
    give_fund(world, 100 * XBT)
    seize(world, victim, -101_500_000)
    work(world)
    world.price(1, 980_000)
    # 5 % through the mark of 98,000 is 93,100.
    world.place(bystander, BUY, 1_000, 93_100)
    world.place(bystander, BUY, 50_000, 93_099)
    events = work(world)
    fills = of_kind(events, EventKind.FILL)
    assert [(f.price_ticks, f.quantity) for f in fills] == [(93_100, 1_000)]
    assert one(events, EventKind.DELEVERAGED).quantity == 9_000
    assert world.position(other).quantity == -1_000
    check(world)


def test_a_mark_that_comes_back_lets_the_order_stand_again() -> None:
    world, victim, _, bystander = opened()
    give_fund(world, XBT)
    seize(world, victim, -101_500_000)
    work(world)
    world.place(bystander, BUY, 1_000, 97_900)
    world.price(1, 980_000)
    assert stages(world.carry_on(1)) == [TakeoverStage.TAKEOVER_FUND]
    assert takeover_rows(world)[0].order == 0
    check(world)
    world.price(1, 990_000)
    assert stages(work(world)) == [TakeoverStage.TAKEOVER_RESTING]
    row = takeover_rows(world)[0]
    assert (row.order != 0, row.stage, row.quantity) == (True, TakeoverStage.TAKEOVER_RESTING, 10_000)
    check(world)


@pytest.mark.parametrize("bankrupt", [0, 5_000, -(10**15)])
def test_a_value_without_a_price_never_rests_and_is_no_obstacle(bankrupt: int) -> None:
    """For an inverse long 0 and more would be no price at all, and so much less a price below a tick."""
    world, victim, other, bystander = opened()
    give_fund(world, XBT)
    world.place(bystander, BUY, 2_000, MARK - 10)
    taken = one(seize(world, victim, bankrupt), EventKind.TAKEN_OVER)
    events = work(world)
    assert taken.price_ticks == (1 if bankrupt < 0 else 0)
    assert one(events, EventKind.FILL).quantity == 2_000
    if bankrupt < 0:
        assert world.engine.tables.orders[takeover_rows(world)[0].order].price_ticks == 1
    else:
        assert one(events, EventKind.DELEVERAGED).account == other
    check(world)


def test_two_takeovers_of_opposite_sides_trade_with_each_other() -> None:
    world, victim, other, bystander = opened()
    world.place(bystander, BUY, 1_000, MARK - 500)
    seize(world, victim, -101_500_000)
    work(world)
    row = takeover_rows(world)[0]
    assert row.quantity == 9_000
    # The other side is taken over at a price above what the first asks.
    events = seize(world, other, XBT - 2_000_000)
    assert one(events, EventKind.TAKEN_OVER).price_ticks >= 98_523
    events = work(world)
    fill = one(events, EventKind.FILL)
    assert (fill.taker_account, fill.maker_account, fill.quantity) == (Role.TAKEOVER, Role.TAKEOVER, 9_000)
    assert fill.price_ticks == 98_523
    assert [r.quantity for r in takeover_rows(world)] == [-1_000]
    assert world.position(Role.TAKEOVER).quantity == -1_000
    check(world)


def test_the_roles_orders_are_no_accounts_orders() -> None:
    """They reserve nothing, nobody can cancel them, and they survive a restart with their places."""
    world, victim, _, bystander = opened()
    seize(world, victim, -101_500_000)
    work(world)
    row = world.position(Role.TAKEOVER)
    assert (row.sell_quantity, row.sell_margin_minor, row.sell_value_minor) == (0, 0, 0)
    assert refused(world.cancel_all(Role.TAKEOVER)) == "ACCOUNT_IS_ROLE"
    assert refused(world.place(Role.INSURANCE, BUY, 100, MARK)) == "ACCOUNT_IS_ROLE"
    order = world.engine.tables.orders[takeover_rows(world)[0].order]
    assert refused(world.cancel(bystander, order.order_id)) in ("ORDER_UNKNOWN", "ORDER_ENDED")
    before = world.engine.roots()
    world.restart()
    assert world.engine.roots() == before
    check(world)


def test_orders_put_into_one_queue_by_one_entry_keep_their_order_over_a_restart() -> None:
    """Every order has a place of its own, whatever entry put it there and whichever row it got."""
    world, victim, other, bystander = opened()
    second = world.trader(9, XBT)
    world.place(other, SELL, 10_000, MARK)
    world.place(second, BUY, 10_000, MARK)
    world.place(bystander, BUY, 100, 50_000)
    world.place(bystander, BUY, 100, 50_001)
    for _ in range(2):
        world.cancel(
            bystander, world.engine.tables.orders[world.engine.tables.accounts[bystander].first_order].order_id
        )
    seize(world, victim, -101_500_000)
    seize(world, second, -101_500_000)
    work(world)
    rows = takeover_rows(world)
    numbers = [world.engine.tables.orders[row.order].order_id for row in rows]
    assert numbers == sorted(numbers)
    places = [world.engine.tables.orders[row.order].priority for row in rows]
    assert places == sorted(set(places))
    twin = Engine.restore(world.engine.snapshot())
    entry = world.place(bystander, BUY, 15_000, 98_523)
    again = twin.apply(world.journal[-1])
    assert b"".join(bytes(e.head) + bytes(e.record) for e in entry) == again
    assert [f.maker_order_id for f in of_kind(entry, EventKind.FILL)] == numbers
    assert twin.roots() == world.engine.roots()


def reverse(world: World, account: int, number: int) -> Events:
    record = layout.ReverseDeposit()
    record.account, record.currency = account, 1
    wire.put_bytes(record.reference, number.to_bytes(32, "little"))
    return world.send(record)


def test_the_fund_is_given_money_by_the_operator_and_everybody_can_see_it() -> None:
    world, *_ = opened()
    events = world.deposit(Role.INSURANCE, 700, reference=99)
    moved = one(events, EventKind.FUND_MOVED)
    assert (moved.reason, moved.amount_minor, moved.fund_minor) == (MoveReason.MOVED_DEPOSIT, 700, 700)
    assert fund(world) == 700
    assert refused(world.deposit(Role.FEES, 700)) == "ACCOUNT_IS_ROLE"
    undone = one(reverse(world, Role.INSURANCE, 99), EventKind.FUND_MOVED)
    assert (undone.reason, undone.amount_minor, undone.fund_minor) == (MoveReason.MOVED_REVERSAL, -700, 0)
    check(world)


def test_what_takeovers_owe_stands_in_public_until_the_fund_can_pay_it() -> None:
    world, victim, _, bystander = opened()
    seize(world, victim, -101_500_000)
    work(world)
    # Sold exactly at the bankruptcy price: the maker's fee is nobody's but the fund's, and there is none.
    one(world.place(bystander, BUY, 10_000, 98_523), EventKind.FILL)
    assert (owed(world), fund(world)) == (900 - 20_300, 0)
    events = give_fund(world, 15_000)
    given, covered = of_kind(events, EventKind.FUND_MOVED)
    assert (given.amount_minor, covered.amount_minor) == (15_000, -15_000)
    assert (covered.reason, covered.fund_minor, covered.takeover_minor) == (MoveReason.MOVED_COVER, 0, -4_400)
    give_fund(world, 5_000)
    assert (owed(world), fund(world)) == (0, 600)
    check(world)


def test_nothing_is_done_where_nobody_can_trade() -> None:
    world, victim, _, _ = opened()
    seize(world, victim, -101_500_000)
    state = layout.SetInstrumentState()
    state.instrument, state.state = 1, layout.InstrumentState.INSTRUMENT_PAUSED
    world.send(state)
    assert of_kind(work(world), EventKind.TAKEOVER_CHANGED) == []
    state.state = layout.InstrumentState.INSTRUMENT_OPEN
    world.send(state)
    world.price(1, 990_000)
    assert stages(work(world)) == [TakeoverStage.TAKEOVER_RESTING]
    check(world)


@pytest.mark.parametrize("valuation", [Valuation.INVERSE, Valuation.LINEAR, Valuation.QUANTO])
@pytest.mark.parametrize("side", [BUY, SELL])
def test_every_kind_of_contract_on_either_side_is_closed_by_book_and_fund(valuation: int, side: int) -> None:
    terms = {} if valuation == Valuation.INVERSE else {"lot": 1, "multiplier_minor": 10}
    world, victim, _, bystander = opened(side, valuation=valuation, **terms)
    give_fund(world, 50 * XBT)
    row = world.position(victim)
    bankrupt = row.cost_minor - abs(row.cost_minor) // 100
    taken = one(seize(world, victim, bankrupt), EventKind.TAKEN_OVER)
    assert taken.price_ticks < MARK if side == BUY else taken.price_ticks > MARK
    before = fund(world)
    # Within a tick of the price no part loses more than rounding; one tick beyond it would.
    value_at = [abs(bankrupt), taken.price_ticks]
    assert all(value_at)
    world.price(1, 970_000 if side == BUY else 1_030_000)
    world.place(bystander, side, 20_000, 97_000 if side == BUY else 103_000)
    events = work(world)
    fill = one(events, EventKind.FILL)
    assert fund(world) == before + fill.taker_realised_minor - fill.taker_fee_minor < before
    assert takeover_rows(world) == []
    check(world)


def journaled(world: World, restarts: bool) -> tuple[bytes, bytes]:
    """The rest of a history, unit by unit: bytes of the events, and the root."""
    events = []
    world.price(1, 978_000)
    while world.engine.work_waiting:
        events += world.carry_on(1 if restarts else 4_096)
        if restarts:
            world.restart()
    said = [e for e in events if e.head.kind != EventKind.CONTINUED]
    return b"".join(bytes(event.record) for event in said), world.engine.roots()[2]


def test_units_restarts_small_buffers_and_modes_come_to_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deep levels, so that an order of a takeover needs several runs."""
    world, victim, _, bystander = opened()
    give_fund(world, 300_000)
    seize(world, victim, -101_500_000)
    work(world)
    for at in range(60):
        world.place(bystander, BUY, 100, 97_800 - at // 30)
    data, journal, sent = world.engine.snapshot(), list(world.journal), world.sent
    found: list[Any] = []
    for restarts, small, mode in ((False, False, "c"), (True, False, "c"), (False, True, "c"), (False, False, "p")):
        if small:
            monkeypatch.setattr(engine_room, "EVENT_BUFFER_BYTES", layout.EVENT_ROOM_BYTES + 1024)
        other = World(Engine.restore(data) if mode == "c" else plain_engine(data))
        monkeypatch.undo()
        other.journal, other.sent = list(journal), sent
        found.append(journaled(other, restarts))
    assert {said for said, _ in found} == {found[0][0]}
    assert found[0] == found[2] == found[3]


def test_the_side_is_the_one_that_closes() -> None:
    world, victim, other, _ = opened()
    assert one(seize(world, victim, -101_500_000), EventKind.TAKEN_OVER).side == Side.SELL
    plain(world)
    assert one(seize(world, other, XBT - 10**6), EventKind.TAKEN_OVER).side == Side.BUY
    assert slot_of(world, Role.TAKEOVER)
    check(world)
