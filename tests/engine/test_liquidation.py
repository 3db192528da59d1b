"""The liquidation test, the bands that find who fails it, and the steps of the ladder (LIQ-01 to LIQ-05, LIQ-09)."""

from collections import Counter
from typing import Any

import pytest

from outcry.engine import bands, equity
from outcry.protocol import layout
from outcry.protocol.layout import EndReason, EventKind, LadderStep, Role
from outcry.protocol.records import UNIT_EVENTS
from outcry.rules import liquidation
from tests.engine.worlds import BUY, SELL, World, listing, of_kind, one, refused, xbtusd
from tests.laws import invariants

MARK = 100_000
XBT = 10**8


def moved(world: World, mark: float) -> list[Any]:
    """All that follows from a price, the engine's own work included."""
    events = list(world.price(1, round(mark * 100)))
    while world.engine.work_waiting:
        events += world.carry_on()
        invariants.check(world.engine.tables)
    return events


def opened(world: World, account: int, maker: int, side: int, quantity: int, price: int = MARK) -> None:
    """The account trades a quantity with a maker at a price."""
    world.place(maker, SELL if side == BUY else BUY, quantity, price)
    assert refused_or_filled(world.place(account, side, quantity, price)) == ""


def refused_or_filled(events: list[Any]) -> str:
    found = of_kind(events, EventKind.REFUSED)
    return layout.Code(found[0].code).name if found else ""


def steps(events: list[Any], account: int) -> list[str]:
    found = of_kind(events, EventKind.LIQUIDATION_STEP)
    return [LadderStep(step.step).name for step in found if step.account == account]


def fails(world: World, account: int) -> bool:
    """The test itself, by the uncompiled twin."""
    return bool(equity.fails(world.engine.tables, account))


@pytest.mark.parametrize("side", [BUY, SELL])
@pytest.mark.parametrize("leverage", [0, 1_000, 10_000])
def test_one_is_liquidated_at_the_band_and_not_a_sub_tick_before(side: int, leverage: int) -> None:
    world = xbtusd()
    account, maker = world.trader(1, XBT), world.trader(2, 100 * XBT)
    if leverage:
        world.leverage(account, leverage)
    opened(world, account, maker, side, 20_000)
    assert steps(moved(world, 10_000.01), account) == []
    row = world.position(account)
    band = row.band_subticks
    assert band > 0
    last_safe = band + 1 if side == BUY else band - 1
    events = moved(world, last_safe / 100)
    assert steps(events, account) == []
    assert not fails(world, account)
    assert world.position(account).band_subticks == band
    events = moved(world, band / 100)
    assert steps(events, account) == ["STEP_TAKEOVER"]
    assert world.position(account).quantity == 0
    step = of_kind(events, EventKind.LIQUIDATION_STEP)[0]
    assert step.equity_minor <= step.maintenance_minor
    assert step.missing_minor == step.maintenance_minor + step.orders_minor - step.equity_minor + 1


def test_a_victim_loses_his_isolated_margin_to_the_unit_and_no_more() -> None:
    world = xbtusd()
    account, maker = world.trader(1, XBT), world.trader(2, 100 * XBT)
    world.leverage(account, 5_000)
    opened(world, account, maker, BUY, 10_000)
    before = world.balance(account)
    row = world.position(account)
    instrument = world.engine.tables.instruments[1]
    own = equity.own_margin_minor(world.engine.tables, row, instrument)
    moved(world, 9_000)
    assert world.position(account).quantity == 0
    assert world.balance(account) == before - own
    assert world.balance(maker) > 0


def test_a_cross_account_loses_everything_and_no_more() -> None:
    world = xbtusd()
    account, maker = world.trader(1, XBT), world.trader(2, 1_000 * XBT)
    opened(world, account, maker, BUY, 500_000)
    moved(world, 8_000)
    assert world.position(account).quantity == 0
    assert world.balance(account) == 0


def test_orders_go_first_and_may_be_enough() -> None:
    """LIQ-03."""
    """One order after the other, the newest first, and no more than needed (LIQ-03)."""
    world = xbtusd()
    account, maker = world.trader(1, XBT), world.trader(2, 1_000 * XBT)
    opened(world, account, maker, BUY, 400_000)
    for at in range(3):
        assert refused_or_filled(world.place(account, BUY, 500_000, MARK - 100 - at)) == ""
    events = moved(world, 9_960)
    assert steps(events, account)[:1] == ["STEP_CANCEL"]
    assert steps(events, account)[-1] == "STEP_SAVED"
    ended = [record for record in of_kind(events, EventKind.ENDED) if record.account == account]
    assert {record.reason for record in ended} == {EndReason.ENDED_LIQUIDATION}
    assert [record.order_id for record in ended] == sorted((r.order_id for r in ended), reverse=True)
    assert world.position(account).quantity == 400_000
    assert not fails(world, account)


def tiered(world: World, account: int, steps_above: int) -> None:
    record = layout.SetRiskLimit()
    record.account = account
    record.instrument = 1
    record.risk_limit_minor = 200 * XBT + 150 * XBT * steps_above
    said = one(world.send(record), EventKind.RISK_LIMIT_SET)
    assert (said.steps, said.by_venue) == (steps_above, 0)


@pytest.mark.parametrize("short_of_it", [0, 1])
def test_a_limit_that_is_exactly_met_is_enough(short_of_it: int) -> None:
    """The position is worth the base limit to the unit when it fails: the tier above is not needed (MRG-06, LIQ-02)."""
    world = World()
    world.currency("XBt", 8)
    world.index(".BXBT")
    # A lot is worth 1e10 / 9,500 = 1,052,631.6 then, and there are four thousand.
    limit = 4_000 * 1_052_632 - short_of_it
    world.instrument("XBTUSD", funding_rate_ppb=0, risk_limit_minor=limit, risk_step_minor=XBT)
    world.price(1, 1_000_000)
    account, maker = world.trader(1, 5 * XBT // 2), world.trader(2, 1_000 * XBT)
    for trader, above in ((account, 5), (maker, 50)):
        record = layout.SetRiskLimit(account=trader, instrument=1, risk_limit_minor=limit + above * XBT)
        one(world.send(record), EventKind.RISK_LIMIT_SET)
    opened(world, account, maker, BUY, 400_000)
    events = moved(world, 9_500)
    lowered = [record.steps for record in of_kind(events, EventKind.RISK_LIMIT_SET) if record.account == account]
    assert steps(events, account)[0] == "STEP_TIER"
    assert lowered[0] == short_of_it


def test_a_tier_that_is_not_needed_goes_without_a_trade() -> None:
    world = xbtusd()
    account, maker = world.trader(1, 2 * XBT), world.trader(2, 1_000 * XBT)
    tiered(world, account, 5)
    opened(world, account, maker, BUY, 400_000)
    events = moved(world, 9_620)
    assert steps(events, account) == ["STEP_TIER", "STEP_SAVED"]
    lowered = one(events, EventKind.RISK_LIMIT_SET)
    assert (lowered.steps, lowered.by_venue, lowered.risk_limit_minor) == (0, 1, 200 * XBT)


def test_a_lower_tier_is_reached_by_a_fill_or_kill() -> None:
    world = xbtusd()
    account, maker = world.trader(1, 10 * XBT), world.trader(2, 10_000 * XBT)
    tiered(world, account, 3)
    tiered(world, maker, 20)
    opened(world, account, maker, BUY, 6_000_000)
    world.place(maker, BUY, 3_000_000, MARK - 1_200)
    events = moved(world, 9_900)
    said = steps(events, account)
    assert said[0] == "STEP_REDUCE"
    reduce = of_kind(events, EventKind.LIQUIDATION_STEP)[0]
    fill = of_kind(events, EventKind.FILL)[0]
    assert (fill.taker_order_id, fill.quantity) == (reduce.order_id, reduce.order_quantity)
    kept = 6_000_000 - reduce.order_quantity
    instrument = world.engine.tables.instruments[1]
    lots = 500 * XBT // instrument.mark_lot_minor
    assert kept == lots * 100


def test_an_isolated_position_keeps_its_margin_when_its_tier_is_lowered() -> None:
    world = xbtusd()
    account, maker = world.trader(1, 10 * XBT), world.trader(2, 1_000 * XBT)
    world.leverage(account, 10_000)
    tiered(world, account, 4)
    opened(world, account, maker, BUY, 100_000)
    tables = world.engine.tables
    own = equity.own_margin_minor(tables, world.position(account), tables.instruments[1])
    band = world.position(account).band_subticks
    events = moved(world, 10_000.01)
    band = world.position(account).band_subticks
    events = moved(world, band / 100)
    assert steps(events, account) == ["STEP_TIER", "STEP_SAVED"]
    tables = world.engine.tables
    assert equity.own_margin_minor(tables, world.position(account), tables.instruments[1]) == own


@pytest.mark.parametrize("steps_above", [-1, 250])
def test_a_risk_limit_out_of_bounds_is_refused(steps_above: int) -> None:
    world = xbtusd()
    account = world.trader(1, XBT)
    record = layout.SetRiskLimit()
    record.account = account
    record.instrument = 1
    record.risk_limit_minor = 200 * XBT + 150 * XBT * steps_above * 10
    assert refused(world.send(record)) == "RISK_LIMIT_INVALID"
    record.risk_limit_minor = 200 * XBT + 1
    assert refused(world.send(record)) == "RISK_LIMIT_INVALID"


def test_a_limit_below_what_is_held_is_refused() -> None:
    world = xbtusd()
    account, maker = world.trader(1, 100 * XBT), world.trader(2, 1_000 * XBT)
    tiered(world, account, 1)
    tiered(world, maker, 3)
    opened(world, account, maker, BUY, 2_500_000)
    record = layout.SetRiskLimit()
    record.account = account
    record.instrument = 1
    record.risk_limit_minor = 200 * XBT
    assert refused(world.send(record)) == "RISK_LIMIT_EXCEEDED"


def test_at_250_with_funding_at_its_cap_an_order_would_be_liquidated_at_once() -> None:
    world = World()
    world.currency("XBt", 8)
    world.index(".BXBT")
    world.send(listing("XBTUSD", funding_rate_ppb=1_500_000))
    world.price(1, MARK * 10)
    account, maker = world.trader(1, 10 * XBT), world.trader(2, 1_000 * XBT)
    world.leverage(account, 25_000)
    mark = world.engine.tables.instruments[1].mark_subticks // 10
    world.place(maker, SELL, 10_000, mark + 1)
    world.place(maker, BUY, 10_000, mark - 1)
    assert refused(world.place(account, BUY, 10_000, mark + 1)) == "LIQUIDATION_IMMEDIATE"
    # The side that would be paid needs no allowance.
    assert refused_or_filled(world.place(account, SELL, 10_000, mark - 1)) == ""


def test_a_market_order_stops_at_its_accounts_bankruptcy_price() -> None:
    world = xbtusd()
    account, maker = world.trader(1, XBT // 10), world.trader(2, 1_000 * XBT)
    for at in range(50):
        world.place(maker, SELL, 2_000, MARK + 50 * at)
    events = world.place(account, BUY, 100_000, 0)
    ended = next(record for record in of_kind(events, EventKind.ENDED) if record.account == account)
    assert ended.reason == EndReason.ENDED_BANKRUPTCY
    assert 0 < ended.unfilled_quantity < 100_000
    assert not fails(world, account)


def test_a_market_order_that_is_fill_or_kill_is_killed_where_it_would_stop() -> None:
    """ORD-11 holds for ORD-13: all of it by the bankruptcy price, or nothing."""
    world = xbtusd()
    account, maker = world.trader(1, XBT // 10), world.trader(2, 1_000 * XBT)
    for at in range(50):
        world.place(maker, SELL, 2_000, MARK + 50 * at)
    events = world.place(account, BUY, 100_000, 0, time_in_force=layout.TimeInForce.FILL_OR_KILL)
    assert of_kind(events, EventKind.FILL) == []
    assert one(events, EventKind.ENDED).reason == EndReason.ENDED_KILLED


def test_positions_held_together_use_their_shares_before_anybody_is_asked() -> None:
    """With three instruments every band is within the account's slack, and as long as none is passed it passes."""
    world = World()
    world.currency("XBt", 8)
    for number in range(3):
        world.index(f".I{number}")
        world.send(listing(f"XBTUSD{number}", index=number + 1, funding_rate_ppb=0))
        world.price(number + 1, MARK * 10)
    account, maker = world.trader(1, XBT), world.trader(2, 1_000 * XBT)
    for number in range(1, 4):
        side = BUY if number != 2 else SELL
        world.place(maker, SELL if side == BUY else BUY, 100_000, MARK, instrument=number)
        world.place(account, side, 100_000, MARK, instrument=number)
    moved(world, 10_000.01)
    tables = world.engine.tables
    slots = range(1, tables.pools[layout.TableNumber.POSITIONS_TABLE].high + 1)
    mine = [slot for slot in slots if tables.positions[slot].account == account]
    equity.weigh(tables, account, 1)
    slack = equity.slack_minor(tables)
    for slot in mine:
        row = tables.positions[slot]
        instrument = tables.instruments[row.instrument]
        worth = equity.worth_minor(row, instrument)
        assert row.band_subticks == liquidation.passed_subticks(instrument, row.quantity, worth - slack // 3)
        assert bands.first_passed(tables, row.instrument) == 0


def test_a_unit_of_examination_says_no_more_than_the_schema_lists() -> None:
    """Orders that trade are left out: what they say is what every order says."""
    world = xbtusd()
    account, maker = world.trader(1, 2 * XBT), world.trader(2, 1_000 * XBT)
    alone = world.trader(3, XBT)
    world.leverage(alone, 10_000)
    for trader in (account, alone):
        tiered(world, trader, 5)
    opened(world, account, maker, BUY, 400_000)
    opened(world, alone, maker, BUY, 20_000)
    world.place(account, BUY, 100_000, MARK - 2_000)
    world.place(alone, SELL, 10_000, MARK + 2_000, reduce_only=True)
    most: Counter[str] = Counter()
    for mark in (9_700, 9_600, 9_500, 9_000):
        world.price(1, mark * 100)
        while world.engine.work_waiting:
            venue = world.engine.tables.venue
            waiting = range(venue.tasks_done, venue.tasks_made)
            kinds = {world.engine.tables.tasks[1 + number % layout.TASKS].kind for number in waiting}
            said = Counter(EventKind(event.head.kind).name for event in world.carry_on(1))
            del said["CONTINUED"]
            if kinds == {layout.TaskKind.TASK_EXAMINE} and "FILL" not in said:
                most |= said
    assert {"LIQUIDATION_STEP", "RISK_LIMIT_SET", "MARGIN_SET", "ENDED", "LEVEL_CHANGED", "TAKEN_OVER"} <= set(most)
    allowed = UNIT_EVENTS["TASK_EXAMINE"]
    assert {name: number for name, number in most.items() if number > allowed.get(name, 0)} == {}


def test_nobody_is_liquidated_where_nobody_can_trade() -> None:
    world = xbtusd()
    account, maker = world.trader(1, XBT), world.trader(2, 100 * XBT)
    world.leverage(account, 10_000)
    opened(world, account, maker, BUY, 20_000)
    record = layout.SetInstrumentState()
    record.instrument = 1
    record.state = layout.InstrumentState.INSTRUMENT_PAUSED
    world.send(record)
    assert steps(moved(world, 9_000), account) == []
    assert world.position(account).quantity == 20_000
    record.state = layout.InstrumentState.INSTRUMENT_OPEN
    world.send(record)
    assert steps(moved(world, 8_999), account) == ["STEP_TAKEOVER"]


def test_who_waited_when_the_venue_paused_is_not_liquidated_before_it_trades_again() -> None:
    world = xbtusd()
    account, maker = world.trader(1, XBT), world.trader(2, 100 * XBT)
    world.leverage(account, 10_000)
    opened(world, account, maker, BUY, 20_000)
    world.price(1, 9_000 * 100)
    waiting = [world.engine.work_waiting]
    world.wait(10)
    pause = layout.Resume()
    pause.paused_ns = 10 * 10**9
    world.send(pause)
    assert steps(world.carry_on(), account) == []
    waiting.append(world.engine.work_waiting)
    assert waiting == [True, False]
    assert world.position(account).quantity == 20_000
    # The first price after the pause is the same: the venue trades again, and he is looked at.
    world.price(1, 9_000 * 100)
    assert steps(world.carry_on(), account) == ["STEP_TAKEOVER"]


def test_while_work_waits_who_fails_may_only_reduce() -> None:
    world = xbtusd()
    account, maker = world.trader(1, XBT), world.trader(2, 100 * XBT)
    world.leverage(account, 10_000)
    opened(world, account, maker, BUY, 20_000)
    world.place(maker, BUY, 20_000, 95_000)
    world.price(1, 9_000 * 100)
    assert world.engine.work_waiting
    assert refused(world.place(account, BUY, 100, 90_000)) == "ACCOUNT_WAITS"
    withdraw = layout.Withdraw()
    withdraw.account, withdraw.currency, withdraw.amount_minor = account, 1, 1
    assert refused(world.send(withdraw)) == "ACCOUNT_WAITS"
    assert refused_or_filled(world.place(account, SELL, 20_000, 95_000, reduce_only=True)) == ""
    assert world.position(account).quantity == 0
    events = moved(world, 9_001)
    assert steps(events, account) == []


def test_what_was_taken_over_is_nobodys() -> None:
    world = xbtusd()
    account, maker = world.trader(1, XBT), world.trader(2, 100 * XBT)
    opened(world, account, maker, BUY, 100_000)
    moved(world, 9_000)
    moved(world, 5_000)
    assert world.position(account).quantity == 0
    assert world.engine.tables.accounts[Role.TAKEOVER].examined == 0


def test_a_restart_in_the_middle_goes_on_alike() -> None:
    world = xbtusd()
    maker = world.trader(2, 10_000 * XBT)
    tiered(world, maker, 30)
    accounts = [world.trader(10 + n, XBT) for n in range(12)]
    for n, account in enumerate(accounts):
        if n % 2:
            world.leverage(account, 2_000 + 100 * n)
        opened(world, account, maker, BUY, 50_000)
    moved(world, 10_000.01)
    world.price(1, 9_500 * 100)
    mirrored = layout_copy(world)
    said: list[Any] = []
    while world.engine.work_waiting:
        said.append([bytes(event.record) for event in world.carry_on(3)])
    assert any(said)
    for entry in world.journal[-len(said) :]:
        mirrored.apply(entry)
        mirrored = type(mirrored).restore(mirrored.snapshot())
    assert mirrored.roots() == world.engine.roots()


def layout_copy(world: World) -> Any:
    return type(world.engine).restore(world.engine.snapshot())


def test_a_first_order_that_the_allowance_would_take_at_once_is_refused_for_a_cross_account_too() -> None:
    """A listing may fix a rate above what initial margin leaves; who has no position yet is asked as well (MRG-11)."""
    world = World()
    world.currency("XBt", 8)
    world.index(".BXBT")
    world.send(listing("XBTUSD", funding_rate_ppb=10_000_000, risk_limit_minor=10**13))
    world.price(1, MARK * 10)
    account, maker = world.trader(1, 6 * XBT), world.trader(2, 1_000 * XBT)
    mark = world.engine.tables.instruments[1].mark_subticks // 10
    world.place(maker, SELL, 10_000_000, mark + 1)
    assert refused(world.place(account, BUY, 10_000_000, mark + 1)) == "LIQUIDATION_IMMEDIATE"
    world.place(maker, SELL, 1_000_000, mark + 1)
    assert refused_or_filled(world.place(account, BUY, 1_000_000, mark + 1)) == ""
    assert not fails(world, account)
