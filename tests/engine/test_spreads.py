"""Calendar spreads: both legs or nothing, who is weighed when, what is refused, and what becomes of orders.

Rules SPR-01, SPR-02, SPR-03, SPR-04, SPR-05, SPR-06, SPR-07 and MRK-08.
"""

from typing import Any

import pytest

from outcry.engine import invariants
from outcry.protocol import layout
from outcry.protocol.layout import (
    Code,
    EndReason,
    EventKind,
    InstrumentState,
    InstrumentType,
    MarkMethod,
    OrderType,
    SelfTrade,
    TableNumber,
    TimeInForce,
    Valuation,
)
from tests.engine import twins
from tests.engine.spreading import (
    FAR,
    FIRST_NS,
    FUTURE,
    NEAR,
    ORIGIN,
    SPREAD,
    apart,
    at_market,
    held,
    legs,
    order,
    terms,
)
from tests.engine.worlds import BUY, SELL, World, listing, of_kind, one, refused

IOC, FOK = TimeInForce.IMMEDIATE_OR_CANCEL, TimeInForce.FILL_OR_KILL
RICH = 10**12


def reasons(events: list[Any]) -> list[tuple[int, EndReason]]:
    return [(event.account, EndReason(event.reason)) for event in of_kind(events, EventKind.ENDED)]


def rest(world: World, account: int, side: int, quantity: int, difference: int) -> int:
    events = order(world, account, side, quantity, difference)
    assert of_kind(events, EventKind.FILL) == []
    return int(one(events, EventKind.PLACED).order_id)


def sound(world: World) -> None:
    """Nothing is broken, and the other mode, a snapshot and the auditor come to the same."""
    assert invariants.breaches(world.engine.tables) == []
    twins.agree(world)
    twins.audited(world)


def state(world: World, number: int, which: int, **more: int) -> list[Any]:
    return world.send(layout.SetInstrumentState(instrument=number, state=which, **more))


@pytest.mark.parametrize(
    "wrong",
    [
        {"near_instrument": 0},
        {"far_instrument": 9},
        {"near_instrument": FAR, "far_instrument": NEAR},
        {"far_instrument": NEAR},
        {"expiry_ns": FIRST_NS + 60 * 10**9},
        {"mark_method": MarkMethod.MARK_IMPACT},
        {"origin_ticks": 0},
        {"origin_ticks": 2 * ORIGIN},
        {"lot": 200},
        {"multiplier_minor": 1},
        {"tick_units": 5},
        {"subticks_per_tick": 100},
        {"valuation": Valuation.LINEAR},
        {"quantity_max": 2 * 10**9},
        {"funding_rate_ppb": 1},
        {"strike_units": 1},
        {"stops_max": 1},
        {"small_order_minor": 1},
        {"impact_notional_minor": 1},
        {"opening_subticks": 1},
        {"hourly_band_ppm": 1},
        {"funding_interval_ns": 8 * 3600 * 10**9},
        {"near_instrument": SPREAD},
    ],
)
def test_a_spread_fits_its_legs(wrong: dict[str, int]) -> None:
    world = apart()
    assert refused(world.send(listing("OTHER", **{**terms(), **wrong}))) == "PARAMETER_INVALID"
    one(world.send(listing("OTHER", **terms())), EventKind.LISTED)


@pytest.mark.parametrize("wrong", [{"near_instrument": 1}, {"far_instrument": 1}, {"origin_ticks": 1}])
def test_nothing_else_has_legs(wrong: dict[str, int]) -> None:
    future = {**FUTURE, "expiry_ns": FIRST_NS}
    assert refused(apart().send(listing("OTHER", **future, **wrong))) == "PARAMETER_INVALID"
    marked = {**future, "mark_method": MarkMethod.MARK_LEGS}
    assert refused(apart().send(listing("OTHER", **marked))) == "PARAMETER_INVALID"


def test_a_leg_that_is_marked_by_its_last_price_is_none() -> None:
    world = apart()
    last = {**FUTURE, "mark_method": MarkMethod.MARK_LAST, "expiry_ns": FIRST_NS + 60 * 86_400 * 10**9}
    number = world.instrument("LAST", **last)
    assert refused(world.send(listing("OTHER", **terms(far_instrument=number)))) == "PARAMETER_INVALID"
    perpetual = world.instrument("XBTUSD")
    assert refused(world.send(listing("OTHER", **terms(far_instrument=perpetual)))) == "PARAMETER_INVALID"


@pytest.mark.parametrize("linear", [False, True])
@pytest.mark.parametrize("difference", [0, 37, -125])
def test_a_fill_trades_both_legs_for_both(linear: bool, difference: int) -> None:
    world = apart(linear)
    maker, taker = world.trader(1, RICH), world.trader(2, RICH)
    rest(world, maker, SELL, 400, difference)
    events = order(world, taker, BUY, 300, difference + 5)
    near, far = 100_000, 100_000 + difference
    assert legs(events) == [(NEAR, 300, near), (FAR, 300, far), (SPREAD, 300, ORIGIN + difference)]
    first, second, own = of_kind(events, EventKind.FILL)
    assert (first.spread, second.spread, own.spread) == (SPREAD, SPREAD, 0)
    assert (first.taker_side, second.taker_side, own.taker_side) == (SELL, BUY, BUY)
    assert all((fill.taker_leaves_quantity, fill.maker_leaves_quantity) == (0, 100) for fill in (first, second, own))
    assert (own.taker_fee_minor, own.taker_realised_minor, own.taker_position_quantity) == (0, 0, 0)
    assert held(world, taker) == (-300, 300, 0)
    assert held(world, maker) == (300, -300, 0)
    tables = world.engine.tables
    assert tables.instruments[NEAR].last_price_ticks == tables.instruments[FAR].last_price_ticks == 0
    assert tables.instruments[NEAR].volume == 300
    assert tables.instruments[SPREAD].last_price_ticks == ORIGIN + difference
    fees = first.taker_fee_minor + second.taker_fee_minor
    assert world.balance(taker) == RICH - fees
    # The way back realises what the difference has moved.
    world.cancel_all(maker)
    rest(world, maker, BUY, 300, difference + 11)
    closing = of_kind(order(world, taker, SELL, 300, difference + 11), EventKind.FILL)
    realised = sum(fill.taker_realised_minor for fill in closing)
    # 300 contracts of a thousandth a dollar each; inverse, 300 dollars in coins at about 10,000.
    assert realised == (300 * 1_100 if linear else pytest.approx(330, abs=10))
    assert held(world, taker) == (0, 0, 0)
    sound(world)


def test_price_then_time() -> None:
    world = apart()
    one_, two, three, taker = (world.trader(number, RICH) for number in range(1, 5))
    rest(world, one_, SELL, 100, 3)
    rest(world, two, SELL, 100, 2)
    rest(world, three, SELL, 100, 2)
    fills = of_kind(at_market(world, taker, BUY, 300), EventKind.FILL)
    assert [fill.maker_account for fill in fills if fill.instrument == SPREAD] == [two, three, one_]
    assert [fill.price_ticks for fill in fills if fill.instrument == FAR] == [100_002, 100_002, 100_003]
    sound(world)


def test_what_a_market_order_leaves_ends() -> None:
    world = apart()
    maker, taker = world.trader(1), world.trader(2)
    rest(world, maker, BUY, 100, -7)
    events = at_market(world, taker, SELL, 300)
    assert legs(events)[1] == (FAR, 100, 99_993)
    assert reasons(events)[-1] == (taker, EndReason.ENDED_MARKET)
    sound(world)


@pytest.mark.parametrize(
    "more",
    [
        {"reduce_only": True},
        {"close": True},
        {"order_type": OrderType.STOP, "trigger_subticks": 10},
        {"order_type": OrderType.PEGGED},
        {"display_quantity": 0},
        {"display_quantity": 100},
        {"trigger_subticks": 10},
        {"trigger_reference": 1},
        {"peg_kind": 1},
        {"contingency": 1},
        {"flags": layout.OrderFlag.LAST_WITHIN_MARK},
    ],
)
def test_what_speaks_of_a_position_or_a_trigger_is_refused(more: dict[str, Any]) -> None:
    world = apart()
    account = world.trader(1)
    assert refused(order(world, account, BUY, 100, 0, **more)) == "ORDER_TYPE_WITHOUT_RULE"


def test_a_spread_has_no_margin_of_its_own() -> None:
    world = apart()
    account = world.trader(1)
    rest(world, account, BUY, 100, 0)
    for record in (
        layout.SetLeverage(account=account, instrument=SPREAD, leverage_centi=100),
        layout.SetIsolated(account=account, instrument=SPREAD, isolated=1),
        layout.SetRiskLimit(account=account, instrument=SPREAD, risk_limit_minor=200 * 10**8),
        layout.MoveMargin(account=account, instrument=SPREAD, amount_minor=1),
    ):
        assert refused(world.send(record)) == "SPREAD_WITHOUT_POSITION"


@pytest.mark.parametrize("leg", [NEAR, FAR])
def test_an_isolated_leg_is_refused_and_ends_what_rests(leg: int) -> None:
    world = apart()
    maker, taker = world.trader(1), world.trader(2)
    slot = rest(world, maker, SELL, 100, 0)
    world.leverage(maker, 200, leg)
    assert refused(order(world, maker, SELL, 100, 0)) == "SPREAD_LEG_ISOLATED"
    assert refused(world.amend(maker, slot, leaves_quantity=200)) == "SPREAD_LEG_ISOLATED"
    events = order(world, taker, BUY, 100, 0)
    assert legs(events) == []
    assert reasons(events) == [(maker, EndReason.ENDED_UNBACKED)]
    sound(world)


@pytest.mark.parametrize("leg", [NEAR, FAR])
@pytest.mark.parametrize(
    "closed",
    [
        InstrumentState.INSTRUMENT_PAUSED,
        InstrumentState.INSTRUMENT_SHUT,
        InstrumentState.INSTRUMENT_REDUCING,
        InstrumentState.INSTRUMENT_POSTING,
        InstrumentState.INSTRUMENT_AUCTION,
        InstrumentState.INSTRUMENT_PRE_OPEN,
    ],
)
def test_both_legs_have_to_be_open(leg: int, closed: int) -> None:
    world = apart()
    account, other = world.trader(1), world.trader(2)
    slot = rest(world, account, SELL, 200, 0)
    state(world, leg, closed)
    assert refused(order(world, other, BUY, 100, 0)) == "INSTRUMENT_CLOSED"
    assert refused(world.amend(account, slot, price_ticks=ORIGIN + 1)) == "INSTRUMENT_CLOSED"
    state(world, leg, InstrumentState.INSTRUMENT_OPEN)
    assert len(legs(order(world, other, BUY, 100, 0))) == 3
    state(world, leg, closed)
    assert reasons(world.cancel(account, slot)) == [(account, EndReason.ENDED_CANCELED)]
    sound(world)


def test_a_spread_has_no_auction() -> None:
    world = apart()
    for which in (InstrumentState.INSTRUMENT_AUCTION, InstrumentState.INSTRUMENT_PRE_OPEN):
        assert refused(state(world, SPREAD, which)) == "PARAMETER_INVALID"
        paused = InstrumentState.INSTRUMENT_PAUSED
        later = world.now_ns + 10**9
        assert refused(state(world, SPREAD, paused, next_state=which, until_ns=later)) == "PARAMETER_INVALID"
    one(state(world, SPREAD, InstrumentState.INSTRUMENT_PAUSED), EventKind.INSTRUMENT_STATE_SET)
    assert refused(order(world, world.trader(1), BUY, 100, 0)) == "INSTRUMENT_CLOSED"
    one(state(world, SPREAD, InstrumentState.INSTRUMENT_POSTING), EventKind.INSTRUMENT_STATE_SET)
    assert refused(order(world, 8, BUY, 100, 0)) == "INSTRUMENT_POST_ONLY"
    rest_events = order(world, 8, BUY, 100, 0, post_only=True)
    one(rest_events, EventKind.PLACED)


def test_without_a_mark_nobody_trades() -> None:
    world = World()
    world.currency("XBt", 8)
    world.index(".BXBT")
    world.instrument("XBTH", **{**FUTURE, "expiry_ns": FIRST_NS})
    world.instrument("XBTM", **{**FUTURE, "expiry_ns": FIRST_NS + 60 * 10**9})
    world.instrument("SPREAD", **terms())
    account = world.trader(1)
    assert refused(order(world, account, BUY, 100, 0)) == "INSTRUMENT_UNPRICED"


def test_what_an_order_needs_is_kept_and_given_back() -> None:
    world = apart()
    account = world.trader(1, 2_201_000)
    slot = rest(world, account, BUY, 10_000, 0)
    assert refused(order(world, account, BUY, 100, 0)) == "BALANCE_INSUFFICIENT"
    assert refused(world.amend(account, slot, leaves_quantity=10_100)) == "BALANCE_INSUFFICIENT"
    one(world.amend(account, slot, leaves_quantity=5_000), EventKind.AMENDED)
    one(order(world, account, SELL, 5_000, 1), EventKind.PLACED)
    world.cancel_all(account)
    rest(world, account, BUY, 10_000, 0)
    sound(world)


def test_what_trades_is_weighed_in_both_legs() -> None:
    """What two legs need at once: margin and closing fee of each, and the fees of both fills."""
    world = apart()
    maker = world.trader(1, RICH)
    rest(world, maker, SELL, 10_000, 0)
    poor = world.trader(2, 2_200_999)
    assert refused(order(world, poor, BUY, 10_000, 0)) == "BALANCE_INSUFFICIENT"
    world.deposit(poor, 1)
    assert len(legs(order(world, poor, BUY, 10_000, 0))) == 3
    sound(world)


def test_a_resting_order_is_weighed_at_its_turn() -> None:
    """The marks halve, and an inverse contract is worth twice: who had just enough ends, the next one trades."""
    world = apart()
    poor, rich, taker = world.trader(1, 2_300_000), world.trader(2, RICH), world.trader(3, RICH)
    rest(world, poor, SELL, 10_000, 0)
    rest(world, rich, SELL, 10_000, 1)
    world.price(1, 5_000 * 100)
    events = order(world, taker, BUY, 10_000, 1)
    assert reasons(events)[0] == (poor, EndReason.ENDED_UNBACKED)
    assert [fill.maker_account for fill in of_kind(events, EventKind.FILL)] == [rich] * 3
    assert held(world, poor) == (0, 0, 0)
    sound(world)


def test_who_comes_is_weighed_again_when_the_best_have_ended() -> None:
    """The best offer cannot be backed; at the next one the taker has not enough, and ends with nothing traded."""
    world = apart()
    poor, rich = world.trader(1, 2_300_000), world.trader(2, RICH)
    rest(world, poor, SELL, 10_000, 0)
    world.price(1, 5_000 * 100)
    rest(world, rich, SELL, 10_000, 900)
    taker = world.trader(3, 4_402_100)
    events = order(world, taker, BUY, 10_000, 900)
    assert reasons(events) == [(poor, EndReason.ENDED_UNBACKED), (taker, EndReason.ENDED_UNBACKED)]
    assert legs(events) == []
    sound(world)


def test_the_risk_limit_of_a_leg_holds() -> None:
    world = apart()
    account = world.trader(1, RICH)
    most = 200 * 10_000
    events = order(world, account, BUY, most + 100, 0)
    said = one(events, EventKind.REFUSED)
    assert (Code(said.code).name, said.instrument) == ("RISK_LIMIT_EXCEEDED", NEAR)
    rest(world, account, BUY, most, 0)
    assert refused(order(world, account, SELL, 100, 1)) == "RISK_LIMIT_EXCEEDED"
    world.cancel_all(account)
    # A larger limit in one leg leaves the other.
    world.send(layout.SetRiskLimit(account=account, instrument=NEAR, risk_limit_minor=350 * 10**8))
    said = one(order(world, account, BUY, most + 100, 0), EventKind.REFUSED)
    assert (Code(said.code).name, said.instrument) == ("RISK_LIMIT_EXCEEDED", FAR)
    sound(world)


def test_a_bound_is_never_passed() -> None:
    world = apart(linear=True, limit=2**52)
    account = world.trader(1, 2**52)
    assert refused(order(world, account, BUY, 10**9, 0)) == "VALUE_TOO_LARGE"


@pytest.mark.parametrize("mode", list(SelfTrade))
def test_an_account_that_meets_itself(mode: int) -> None:
    world = apart()
    account, other = world.trader(1), world.trader(2)
    rest(world, account, SELL, 100, 0)
    rest(world, other, SELL, 100, 1)
    events = order(world, account, BUY, 200, 1, self_trade=mode)
    traded = [fill.maker_account for fill in of_kind(events, EventKind.FILL)]
    assert traded == ([other] * 3 if mode == SelfTrade.EXPIRE_MAKER else [])
    sound(world)


def test_fill_or_kill() -> None:
    world = apart()
    first, second, taker = world.trader(1), world.trader(2), world.trader(3)
    rest(world, first, SELL, 100, 0)
    rest(world, second, SELL, 200, 1)
    killed = [(taker, EndReason.ENDED_KILLED)]
    assert reasons(order(world, taker, BUY, 400, 1, time_in_force=FOK)) == killed
    assert reasons(order(world, taker, BUY, 200, 0, time_in_force=FOK)) == killed
    events = order(world, taker, BUY, 200, 1, time_in_force=FOK)
    assert reasons(events)[-1] == (taker, EndReason.ENDED_FILLED)
    assert held(world, taker) == (-200, 200, 0)
    # A second order of one account is not looked at.
    rest(world, second, SELL, 100, 1)
    assert reasons(order(world, taker, BUY, 200, 1, time_in_force=FOK)) == killed
    assert len(legs(order(world, taker, BUY, 200, 1, time_in_force=IOC))) == 6
    sound(world)


def test_fill_or_kill_knows_who_cannot_back_his_part() -> None:
    world = apart()
    poor, rich, taker = world.trader(1, 2_300_000), world.trader(2, RICH), world.trader(3, RICH)
    rest(world, poor, SELL, 10_000, 0)
    rest(world, rich, SELL, 20_000, 0)
    world.price(1, 5_000 * 100)
    events = order(world, taker, BUY, 10_000, 0, time_in_force=FOK)
    assert (legs(events), reasons(events)) == ([], [(taker, EndReason.ENDED_KILLED)])
    sound(world)


def test_post_only_never_takes() -> None:
    world = apart()
    maker, other = world.trader(1), world.trader(2)
    rest(world, maker, SELL, 100, 0)
    assert reasons(order(world, other, BUY, 100, 0, post_only=True)) == [(other, EndReason.ENDED_POST_ONLY)]
    one(order(world, other, BUY, 100, -1, post_only=True), EventKind.LEVEL_CHANGED)


def test_amending_moves_and_trades() -> None:
    world = apart()
    first, second, taker = world.trader(1), world.trader(2), world.trader(3)
    slot = rest(world, first, SELL, 200, 0)
    later = rest(world, second, SELL, 200, 0)
    assert one(world.amend(first, slot, leaves_quantity=100), EventKind.AMENDED).kept_place == 1
    assert [fill.maker_account for fill in of_kind(order(world, taker, BUY, 100, 0), EventKind.FILL)] == [first] * 3
    bid = rest(world, taker, BUY, 100, -5)
    assert refused(world.amend(taker, bid, price_ticks=ORIGIN + 3_000)) == "PRICE_OUTSIDE_BAND"
    events = world.amend(taker, bid, price_ticks=ORIGIN)
    assert [fill.maker_order_id for fill in of_kind(events, EventKind.FILL)] == [later] * 3
    # A filled order of a spread is over for good.
    assert refused(world.amend(taker, bid, leaves_quantity=100)) == "ORDER_ENDED"
    sound(world)


def test_price_limits_hold() -> None:
    world = apart()
    account = world.trader(1)
    world.send(layout.SetPriceLimits(instrument=SPREAD, lowest_ticks=ORIGIN - 10, highest_ticks=ORIGIN + 10))
    assert refused(order(world, account, BUY, 100, 11)) == "PRICE_OUTSIDE_LIMITS"
    rest(world, account, BUY, 100, 10)


def test_a_far_price_that_is_none_does_not_trade() -> None:
    """The near leg has fallen so far that the difference would make the far leg worthless."""
    world = apart(linear=True, band_ppm=900_000)
    maker, taker = world.trader(1, RICH), world.trader(2, RICH)
    rest(world, maker, SELL, 100, -5_000)
    rest(world, maker, SELL, 100, 0)
    world.price(1, 499 * 100)
    events = order(world, taker, BUY, 100, 0)
    assert reasons(events)[0] == (maker, EndReason.ENDED_UNBACKED)
    assert legs(events)[1] == (FAR, 100, 4_990)
    sound(world)


def test_reduce_only_orders_of_a_leg_fit_after_it() -> None:
    world = apart()
    maker, taker = world.trader(1), world.trader(2)
    rest(world, maker, SELL, 400, 0)
    order(world, taker, BUY, 400, 0)
    closing = one(world.place(taker, BUY, 400, 99_000, reduce_only=True), EventKind.PLACED).order_id
    rest(world, maker, BUY, 300, 0)
    events = order(world, taker, SELL, 300, 0)
    assert one(events, EventKind.AMENDED).order_id == closing
    assert one(events, EventKind.AMENDED).leaves_quantity == 100
    sound(world)


def test_rows_that_may_be_needed_are_there_before_anything_happens() -> None:
    world = apart()
    account = world.trader(1)
    pool = world.engine.tables.pools[TableNumber.POSITIONS_TABLE]
    live, high = pool.live, pool.high
    for left in (0, 1, 2):
        # Three rows are needed: its own and one in each leg.
        pool.live = pool.rows - 1 - left
        assert refused(order(world, account, BUY, 100, 0)) == "TABLE_FULL"
        assert pool.high == high
    pool.live = live
    rest(world, account, BUY, 100, 0)
    assert pool.high == high + 3


def test_a_liquidated_account_loses_its_orders() -> None:
    world = apart()
    maker, holder = world.trader(1, RICH), world.trader(2, 10**8)
    one(world.place(maker, SELL, 200_000, 100_000, instrument=NEAR), EventKind.PLACED)
    world.place(holder, BUY, 200_000, 100_000, instrument=NEAR)
    rest(world, holder, BUY, 100_000, -10)
    world.price(1, 9_550 * 100)
    events = [event for _ in range(9) for event in world.carry_on(9)]
    assert (holder, EndReason.ENDED_LIQUIDATION) in reasons(events)
    assert invariants.breaches(world.engine.tables) == []
    assert world.engine.tables.accounts[holder].orders == 0
    twins.audited(world)


def test_counts_of_orders_are_the_spreads_own() -> None:
    world = apart(orders_max=2)
    account = world.trader(1)
    rest(world, account, BUY, 100, 0)
    rest(world, account, BUY, 100, 0)
    assert refused(order(world, account, BUY, 100, 0)) == "ORDERS_HERE_TOO_MANY"
    assert invariants.breaches(world.engine.tables) == []


def test_an_order_for_a_day_ends_with_it() -> None:
    world = apart()
    account = world.trader(1)
    one(order(world, account, BUY, 100, 0, time_in_force=TimeInForce.DAY), EventKind.PLACED)
    world.wait(86_400)
    world.send(layout.Tick())
    events = [event for _ in range(3) for event in world.carry_on(9)]
    assert reasons(events) == [(account, EndReason.ENDED_DAY)]


def test_many_makers_in_one_entry() -> None:
    """More fills than an event buffer holds at once are one entry all the same."""
    world = apart()
    makers = [world.trader(number, 10**9) for number in range(1, 41)]
    for turn in range(25):
        for maker in makers:
            rest(world, maker, SELL, 100, turn)
    taker = world.trader(99, RICH)
    events = order(world, taker, BUY, 100 * 1_000, 24)
    assert len(legs(events)) == 3_000
    assert held(world, taker) == (-100_000, 100_000, 0)
    sound(world)


def test_a_spread_of_pre_launch_futures_is_none() -> None:
    world = apart()
    other = {**FUTURE, "instrument_type": InstrumentType.PRELAUNCH, "mark_method": MarkMethod.MARK_PROTECTED}
    number = world.instrument("PRE", **{**other, "expiry_ns": FIRST_NS + 60 * 86_400 * 10**9})
    assert refused(world.send(listing("OTHER", **terms(far_instrument=number)))) == "PARAMETER_INVALID"


def to_the_end(world: World, number: int, units: int) -> list[Any]:
    """Minute by minute until an instrument is over, its work done in pieces; everything that was said."""
    said: list[Any] = []
    world.now_ns = world.engine.tables.instruments[number].expiry_ns - 40 * layout.MINUTE_NS
    for minute in range(45):
        world.wait(60)
        said += world.price(1, 1_000_000 + minute)
        while world.engine.work_waiting:
            said += world.carry_on(units)
            assert not world.engine.tables.venue.halted
            assert invariants.breaches(world.engine.tables) == []
    assert world.engine.tables.instruments[number].state == InstrumentState.INSTRUMENT_SETTLED
    return said


@pytest.mark.parametrize("units", [1, 2, 3, 5, 4_096])
def test_a_spread_ends_with_its_near_leg(units: int) -> None:
    """However the work is cut into entries; its orders end, the far leg goes on."""
    world = apart()
    buyer, seller = world.trader(1), world.trader(2)
    rest(world, buyer, BUY, 1_000, 5)
    order(world, seller, SELL, 500, 5)
    said = to_the_end(world, NEAR, units)
    assert (buyer, EndReason.ENDED_BY_VENUE) in reasons(said)
    states = [world.engine.tables.instruments[number].state for number in (NEAR, FAR, SPREAD)]
    over = InstrumentState.INSTRUMENT_SETTLED
    assert states == [over, InstrumentState.INSTRUMENT_OPEN, over]
    assert held(world, buyer) == (0, 500, 0)
    assert refused(order(world, buyer, BUY, 100, 0)) == "INSTRUMENT_CLOSED"
    twins.agree(world)
    twins.audited(world)


def test_the_operator_moves_a_leg_and_the_spread_follows() -> None:
    world = apart()
    early = FIRST_NS - 86_400 * 10**9
    moved = of_kind(world.send(layout.SetExpiry(instrument=FAR, expiry_ns=early)), EventKind.EXPIRY_SET)
    assert [(event.instrument, event.expiry_ns) for event in moved] == [(FAR, early), (SPREAD, early)]
    assert refused(world.send(layout.SetExpiry(instrument=SPREAD, expiry_ns=early))) == "PARAMETER_INVALID"
    late = FIRST_NS + 86_400 * 10**9
    world.send(layout.SetExpiry(instrument=FAR, expiry_ns=late + 86_400 * 10**9))
    moved = of_kind(world.send(layout.SetExpiry(instrument=NEAR, expiry_ns=late)), EventKind.EXPIRY_SET)
    assert [(event.instrument, event.expiry_ns) for event in moved] == [(NEAR, late), (SPREAD, late)]
    to_the_end(world, NEAR, 50)
    twins.audited(world)


def test_the_mark_follows_both_legs() -> None:
    """MRK-08: the far leg's own book says it is dearer; the band goes along, and held at the book's end it stays."""
    world = apart(impact=10**6)
    maker = world.trader(1, RICH)
    for side, price in ((BUY, 100_490), (SELL, 100_510)):
        world.place(maker, side, 100_000, price, instrument=FAR)
    world.wait(60)
    moved = {event.instrument: event for event in of_kind(world.send(layout.Tick()), EventKind.MARK_MOVED)}
    tables = world.engine.tables
    near, far = (tables.instruments[number].mark_subticks for number in (NEAR, FAR))
    assert far > near + 100
    assert moved[SPREAD].mark_subticks == ORIGIN * 10 + far - near
    account = world.trader(2)
    highest = -(-moved[SPREAD].mark_subticks // 10) + 2_000
    assert refused(order(world, account, BUY, 100, highest + 1 - ORIGIN)) == "PRICE_OUTSIDE_BAND"
    one(order(world, account, BUY, 100, highest - ORIGIN), EventKind.PLACED)
    sound(world)


def test_a_mark_beyond_the_book_is_held_at_its_end() -> None:
    world = apart(impact=10**6, origin_ticks=10, price_ticks_max=20)
    maker = world.trader(1, RICH)
    for side, price in ((BUY, 100_490), (SELL, 100_510)):
        world.place(maker, side, 100_000, price, instrument=FAR)
    world.wait(60)
    world.send(layout.Tick())
    assert world.engine.tables.instruments[SPREAD].mark_subticks == 200
    sound(world)
