"""Stops and orders if touched: which way they fire, when, in which order, and what becomes of them (ORD-14, ORD-16)."""

import itertools
from collections.abc import Iterator

import pytest

from outcry.protocol import layout, wire
from outcry.protocol.layout import (
    AccountState,
    Code,
    ConditionStage,
    EndReason,
    EventKind,
    InstrumentState,
    OrderFlag,
    OrderType,
    Side,
    TimeInForce,
    TriggerReference,
)
from tests.engine.conditioned import audit, ended, order_id, stop, trade, triggered, work
from tests.engine.worlds import BUY, SELL, World, of_kind, one, refused, xbtusd
from tests.laws import invariants

MARK = 100_000
XBT = 10**8


@pytest.fixture
def world() -> Iterator[World]:
    """XBTUSD at 10,000.0, two who trade, one who waits."""
    world = xbtusd()
    for number in (1, 2, 3):
        world.trader(number, 1_000 * XBT)
    yield world
    if not world.engine.tables.instruments[1].stops_max:
        audit(world)


MAKERS = (8, 9)
OWNER = 10


def last(world: World, price_ticks: int) -> list[wire.Event]:
    events = trade(world, price_ticks, MAKERS)
    invariants.check(world.engine.tables)
    return events


# What has to happen to the reference, by type and side: it fires at a reference below, at and above the trigger?
TABLE = {
    (OrderType.STOP, BUY): (False, True, True),
    (OrderType.STOP, SELL): (True, True, False),
    (OrderType.STOP_LIMIT, BUY): (False, True, True),
    (OrderType.STOP_LIMIT, SELL): (True, True, False),
    (OrderType.MARKET_IF_TOUCHED, BUY): (True, True, False),
    (OrderType.MARKET_IF_TOUCHED, SELL): (False, True, True),
    (OrderType.LIMIT_IF_TOUCHED, BUY): (True, True, False),
    (OrderType.LIMIT_IF_TOUCHED, SELL): (False, True, True),
}
REFERENCES = tuple(TriggerReference)
SMALLEST = {TriggerReference.ON_LAST: 10, TriggerReference.ON_MARK: 1, TriggerReference.ON_INDEX: 1}


def move(world: World, reference: TriggerReference, subticks: int) -> list[wire.Event]:
    """Bring a reference to this price in sub-ticks, and do the work."""
    if reference == TriggerReference.ON_LAST:
        return trade(world, subticks // 10, MAKERS)
    return world.price(1, subticks) + work(world)


@pytest.mark.parametrize("reference", REFERENCES)
@pytest.mark.parametrize(("order_type", "side"), TABLE)
@pytest.mark.parametrize("when", ["placed", "moved", "amended"])
def test_truth_table_of_trigger_directions(
    world: World, reference: TriggerReference, order_type: OrderType, side: Side, when: str
) -> None:
    """Every type and side, against a reference one step below its trigger, at it, and one step above; the reference is
    there already, or comes there, or the trigger does."""
    step, trigger = SMALLEST[reference], 10 * MARK
    limit = (MARK + 100 if side == BUY else MARK - 100) if order_type in (4, 6) else 0
    for at, fires in zip((-step, 0, step), TABLE[order_type, side], strict=True):
        # Where it does not fire the reference comes from, far enough away.
        away = trigger + (500 if TABLE[order_type, side][0] else -500)
        record = stop(OWNER, side, 100, MARK, order_type=order_type, price_ticks=limit, trigger_reference=reference)
        move(world, reference, trigger + at if when == "placed" else away)
        if when == "amended":
            move(world, reference, trigger + at)
            record.trigger_subticks = trigger - (away - trigger) * 4
        placed = world.send(record)
        number = order_id(placed)
        if when == "moved":
            assert triggered(placed) == []
            placed = move(world, reference, trigger + at)
        elif when == "amended":
            assert triggered(placed) == []
            placed = world.amend(OWNER, number, trigger_subticks=trigger)
        assert triggered(placed) == ([number] if fires else []), (at, when)
        if fires:
            said = one(placed, EventKind.TRIGGERED)
            assert (said.stage, said.trigger_reference) == (ConditionStage.STAGE_LIVE, reference)
            assert (said.trigger_subticks, said.reached_subticks) == (trigger, trigger + at)
        invariants.check(world.engine.tables)
        world.cancel_all(OWNER)
        world.restart()


def test_a_waiting_order_reserves_nothing_and_is_in_no_book(world: World) -> None:
    events = world.send(stop(OWNER, BUY, 100_000, MARK + 10, price_ticks=MARK + 20))
    kinds = [event.head.kind for event in events]
    assert kinds == [EventKind.PLACED, EventKind.CONDITIONED]
    said = events[1].record
    assert (said.stage, said.trigger_reference, said.rising) == (ConditionStage.STAGE_ARMED, 2, 1)
    row = world.position(OWNER)
    assert (row.buy_quantity, row.buy_margin_minor, row.stops) == (0, 0, 1)
    assert world.engine.tables.instruments[1].orders == 0
    invariants.check(world.engine.tables)


def test_one_that_is_placed_without_a_reference_looks_at_the_mark(world: World) -> None:
    record = stop(OWNER, SELL, 100, MARK - 10, trigger_reference=0)
    assert one(world.send(record), EventKind.CONDITIONED).trigger_reference == TriggerReference.ON_MARK


def test_it_fires_by_the_engines_own_work_after_the_entry_that_moved_the_price(world: World) -> None:
    number = order_id(world.send(stop(OWNER, SELL, 100, MARK - 10)))
    world.place(MAKERS[1], BUY, 200, MARK - 10)
    events = world.place(MAKERS[0], SELL, 100, MARK - 10)
    assert triggered(events) == []
    assert [world.engine.work_waiting] == [True]
    done = work(world)
    assert triggered(done) == [number]
    assert one(done, EventKind.FILL).taker_order_id == number
    assert ended(done)[-1] == (number, "ENDED_FILLED")
    assert not world.engine.work_waiting
    assert world.position(OWNER).stops == 0
    assert world.engine.tables.pools[layout.TableNumber.CONDITIONS_TABLE].live == 0
    invariants.check(world.engine.tables)


def test_the_nearest_trigger_first_and_at_one_price_the_earlier_place(world: World) -> None:
    far, near, second = (order_id(world.send(stop(OWNER, SELL, 100, MARK - at))) for at in (30, 10, 10))
    middle = order_id(world.send(stop(OWNER, SELL, 100, MARK - 20)))
    moved = order_id(world.send(stop(OWNER, SELL, 100, MARK - 25)))
    world.amend(OWNER, moved, trigger_subticks=10 * (MARK - 10))
    world.restart()
    world.place(MAKERS[1], BUY, 10_000, MARK - 30)
    world.place(MAKERS[0], SELL, 100, MARK - 30)
    assert triggered(work(world)) == [near, second, moved, middle, far]
    rising = [order_id(world.send(stop(OWNER, BUY, 100, MARK + at))) for at in (30, 10)]
    world.place(MAKERS[0], SELL, 10_000, MARK + 40)
    world.place(MAKERS[1], BUY, 100, MARK + 40)
    assert triggered(work(world)) == rising[::-1]


def test_every_price_of_a_sweep_counts_and_not_only_its_last(world: World) -> None:
    """Last 10,010; a buy trades at 10,000 and then at 10,020: the stop to sell at 10,005 was reached on the way."""
    last(world, MARK + 100)
    number = order_id(world.send(stop(OWNER, SELL, 100, MARK + 50)))
    world.place(MAKERS[0], SELL, 100, MARK)
    world.place(MAKERS[0], SELL, 100, MARK + 200)
    world.place(MAKERS[1], BUY, 200, MARK + 200)
    assert triggered(work(world)) == [number]


def test_a_price_that_comes_back_before_the_work_is_done_changes_nothing(world: World) -> None:
    first = order_id(world.send(stop(OWNER, SELL, 100, MARK - 10)))
    world.place(MAKERS[1], BUY, 100, MARK - 20)
    world.place(MAKERS[0], SELL, 100, MARK - 20)
    # Before the work: the price is back, and one more order comes whose trigger lies within what was reached.
    world.place(MAKERS[0], SELL, 100, MARK)
    world.place(MAKERS[1], BUY, 100, MARK)
    second = order_id(world.send(stop(OWNER, SELL, 100, MARK - 15)))
    third = order_id(world.send(stop(OWNER, SELL, 100, MARK - 25)))
    world.restart()
    invariants.check(world.engine.tables)
    assert triggered(work(world)) == [first, second]
    assert third not in triggered(last(world, MARK - 21))


def test_while_the_instrument_is_paused_nothing_fires_and_it_is_judged_anew_when_it_opens(world: World) -> None:
    def state(state: int) -> list[wire.Event]:
        record = layout.SetInstrumentState()
        record.instrument, record.state = 1, state
        return world.send(record)

    first = order_id(world.send(stop(OWNER, SELL, 100, MARK - 10, trigger_reference=1)))
    state(InstrumentState.INSTRUMENT_PAUSED)
    assert triggered(world.price(1, 10 * MARK - 200) + work(world)) == []
    world.price(1, 10 * MARK)
    assert triggered(state(InstrumentState.INSTRUMENT_OPEN) + work(world)) == []
    state(InstrumentState.INSTRUMENT_PAUSED)
    world.price(1, 10 * MARK - 200)
    assert triggered(state(InstrumentState.INSTRUMENT_OPEN) + work(world)) == [first]
    # What was reached is forgotten if the instrument is paused before the work is done.
    second = order_id(world.send(stop(OWNER, SELL, 100, MARK - 30, trigger_reference=1)))
    world.price(1, 10 * MARK - 400)
    state(InstrumentState.INSTRUMENT_PAUSED)
    assert triggered(work(world)) == []
    world.price(1, 10 * MARK)
    assert triggered(state(InstrumentState.INSTRUMENT_OPEN) + work(world)) == []
    assert triggered(world.price(1, 10 * MARK - 300) + work(world)) == [second]


def test_after_a_pause_of_the_venue_stops_are_judged_when_prices_are_fresh(world: World) -> None:
    number = order_id(world.send(stop(OWNER, SELL, 100, MARK - 10, trigger_reference=1)))
    world.wait(10)
    world.send(layout.Resume(paused_ns=10**10))
    assert not world.engine.work_waiting
    assert triggered(world.price(1, 10 * MARK - 100) + work(world)) == [number]


def test_one_that_fires_and_would_be_refused_ends_with_the_code(world: World) -> None:
    poor = world.trader(4, 1)
    number = order_id(world.send(stop(poor, BUY, 100_000, MARK + 10, price_ticks=MARK + 20)))
    events = last(world, MARK + 10)
    row = one([e for e in events if e.head.kind == EventKind.ENDED and e.record.order_id == number], EventKind.ENDED)
    assert (row.reason, row.code) == (EndReason.ENDED_REFUSED, Code.BALANCE_INSUFFICIENT)
    assert row.unfilled_quantity == 100_000
    # A limit too far through the market is refused as it would be in a new order.
    number = order_id(world.send(stop(OWNER, BUY, 100, MARK + 20, price_ticks=2 * MARK)))
    refusals = {row.order_id: row.code for row in of_kind(last(world, MARK + 20), EventKind.ENDED)}
    assert refusals[number] == Code.PRICE_OUTSIDE_BAND
    number = order_id(world.send(stop(OWNER, BUY, 100, MARK + 30, reduce_only=True)))
    refusals = {row.order_id: row.code for row in of_kind(last(world, MARK + 30), EventKind.ENDED)}
    assert refusals[number] == Code.REDUCE_ONLY_NO_POSITION
    number = order_id(world.send(stop(OWNER, BUY, 100, MARK + 40)))
    record = layout.SetAccountState()
    record.account, record.state = OWNER, AccountState.ACCOUNT_STOPPED
    world.send(record)
    refusals = {row.order_id: row.code for row in of_kind(last(world, MARK + 40), EventKind.ENDED)}
    assert refusals[number] == Code.ACCOUNT_FROZEN


def test_a_closing_stop_takes_its_quantity_from_the_position_when_it_fires(world: World) -> None:
    world.place(MAKERS[0], SELL, 500, MARK)
    world.place(OWNER, BUY, 500, MARK)
    number = order_id(world.send(stop(OWNER, SELL, 0, MARK - 10, close=True)))
    resting = order_id(world.place(OWNER, SELL, 300, MARK + 500, reduce_only=True))
    world.place(MAKERS[1], BUY, 1_000, MARK - 10)
    world.place(MAKERS[0], SELL, 100, MARK - 10)
    events = work(world)
    amended = of_kind(events, EventKind.AMENDED)[0]
    assert (amended.order_id, amended.quantity, amended.leaves_quantity, amended.price_ticks) == (number, 500, 500, 0)
    assert ended(events) == [(resting, "ENDED_CLOSING"), (number, "ENDED_FILLED")]
    assert world.position(OWNER).quantity == 0
    invariants.check(world.engine.tables)


def test_a_reduce_only_stop_is_cut_to_the_position(world: World) -> None:
    world.place(MAKERS[0], SELL, 200, MARK)
    world.place(OWNER, BUY, 200, MARK)
    number = order_id(world.send(stop(OWNER, SELL, 900, MARK - 10, reduce_only=True)))
    world.place(MAKERS[1], BUY, 1_000, MARK - 10)
    world.place(MAKERS[0], SELL, 100, MARK - 10)
    events = work(world)
    assert one(events, EventKind.AMENDED).quantity == 200
    assert one(events, EventKind.FILL).quantity == 200
    assert ended(events)[-1] == (number, "ENDED_FILLED")


@pytest.mark.parametrize(
    ("flag", "force", "reason"),
    [
        (OrderFlag.POST_ONLY, TimeInForce.GOOD_TILL_CANCEL, "ENDED_POST_ONLY"),
        (0, TimeInForce.FILL_OR_KILL, "ENDED_KILLED"),
        (0, TimeInForce.IMMEDIATE_OR_CANCEL, "ENDED_IMMEDIATE"),
        (0, TimeInForce.GOOD_TILL_CANCEL, ""),
    ],
)
def test_once_live_it_is_an_order_like_any_other(world: World, flag: int, force: int, reason: str) -> None:
    world.send(stop(OWNER, BUY, 300, MARK + 10, price_ticks=MARK + 20, flags=flag, time_in_force=force))
    world.place(MAKERS[0], SELL, 200, MARK + 10)
    world.place(MAKERS[1], BUY, 100, MARK + 10)
    events = work(world)
    assert [name for _, name in ended(events) if name != "ENDED_FILLED"] == ([reason] if reason else [])
    resting = 200 if not reason else 0
    assert world.position(OWNER).buy_quantity == resting
    row = world.engine.tables.orders[world.engine.tables.accounts[OWNER].first_order]
    if resting:
        assert row.flags & OrderFlag.TRIGGERED_ONCE
        assert world.amend(OWNER, row.order_id, trigger_subticks=5)[0].record.code == Code.TRIGGER_INVALID
    invariants.check(world.engine.tables)


def test_a_market_stop_ends_where_there_is_nothing_more_to_take(world: World) -> None:
    number = order_id(world.send(stop(OWNER, BUY, 300, MARK + 10)))
    world.place(MAKERS[0], SELL, 200, MARK + 10)
    world.place(MAKERS[1], BUY, 100, MARK + 10)
    assert ended(work(world))[-1] == (number, "ENDED_MARKET")


def within(account: int, side: int, trigger: int, **more: int) -> layout.Place:
    return stop(account, side, 100, trigger, flags=OrderFlag.LAST_WITHIN_MARK, **more)


@pytest.mark.parametrize(
    ("side", "trigger", "price", "fires"),
    [
        (SELL, 96_000, 96_001, False),
        (SELL, 96_000, 96_000, True),
        (SELL, 96_000, 95_000, True),
        (SELL, 96_000, 94_999, False),
        (BUY, 104_000, 103_999, False),
        (BUY, 104_000, 104_000, True),
        (BUY, 104_000, 105_000, True),
        (BUY, 104_000, 105_001, False),
    ],
)
def test_last_within_mark(world: World, side: int, trigger: int, price: int, fires: bool) -> None:
    number = order_id(world.send(within(OWNER, side, trigger)))
    plain_one = order_id(world.send(stop(OWNER, side, 100, trigger)))
    events = last(world, price)
    assert (number in triggered(events)) == fires
    assert (plain_one in triggered(events)) == (price <= trigger if side == SELL else price >= trigger)


def test_a_mark_that_follows_confirms_what_the_last_price_had_reached(world: World) -> None:
    number = order_id(world.send(within(OWNER, SELL, 96_000)))
    assert triggered(last(world, 94_000)) == []
    assert triggered(world.price(1, 989_480) + work(world)) == []
    assert triggered(world.price(1, 989_470) + work(world)) == [number]


def test_one_stop_a_unit_and_the_rest_later(world: World) -> None:
    numbers = [order_id(world.send(stop(OWNER, SELL, 100, MARK - 10))) for _ in range(5)]
    world.place(MAKERS[1], BUY, 10_000, MARK - 10)
    world.place(MAKERS[0], SELL, 100, MARK - 10)
    seen = []
    for _ in range(5):
        events = world.carry_on(1)
        assert one(events, EventKind.CONTINUED).units == 1
        seen += triggered(events)
        invariants.check(world.engine.tables)
        world.restart()
    assert seen == numbers
    work(world)


def test_waiting_orders_are_cancelled_by_everything_that_cancels(world: World) -> None:
    def one_more() -> int:
        return order_id(world.send(stop(OWNER, SELL, 100, MARK - 10, client_id=f"s{world.sent}")))

    number = one_more()
    assert [e.head.kind for e in world.cancel(OWNER, number)] == [EventKind.ENDED]
    number = one_more()
    assert ended(world.cancel(OWNER, client_id=f"s{world.sent - 1}")) == [(number, "ENDED_CANCELED")]
    number, rests = one_more(), order_id(world.place(OWNER, SELL, 100, MARK + 50))
    assert ended(world.cancel_all(OWNER, 1, BUY)) == []
    assert ended(world.cancel_all(OWNER, 1, SELL)) == [(rests, "ENDED_CANCELED"), (number, "ENDED_CANCELED")]
    number = one_more()
    world.cancel_all_after(OWNER, 1)
    world.wait(1)
    world.send(layout.Tick())
    assert ended(work(world)) == [(number, "ENDED_DEAD_MAN")]
    assert world.position(OWNER).stops == 0
    invariants.check(world.engine.tables)


def test_amending_what_waits(world: World) -> None:
    number = order_id(world.send(stop(OWNER, BUY, 100, MARK + 10, price_ticks=MARK + 20, client_id="a")))
    events = world.amend(OWNER, number, quantity=300, price_ticks=MARK + 25, new_client_id="b")
    assert [e.head.kind for e in events] == [EventKind.AMENDED]
    row = events[0].record
    assert (row.quantity, row.leaves_quantity, row.price_ticks, row.kept_place) == (300, 300, MARK + 25, 1)
    events = world.amend(OWNER, client_id="b", trigger_subticks=10 * MARK + 150)
    assert [e.head.kind for e in events] == [EventKind.AMENDED, EventKind.CONDITIONED]
    assert events[1].record.trigger_subticks == 10 * MARK + 150
    assert events[0].record.kept_place == 0
    invariants.check(world.engine.tables)
    cases = {
        "AMEND_UNCHANGED": {"quantity": 300},
        "QUANTITY_NOT_LOTS": {"quantity": 50},
        "PRICE_INVALID": {"price_ticks": -5},
        "TRIGGER_INVALID": {"trigger_subticks": -1},
        "PEG_INVALID": {"peg_offset_subticks": 5},
    }
    for code, more in cases.items():
        assert refused(world.amend(OWNER, number, **more)) == code
    assert ended(world.amend(OWNER, number, leaves_quantity=0)) == [(number, "ENDED_AMENDED")]
    market = order_id(world.send(stop(OWNER, BUY, 100, MARK + 10)))
    assert refused(world.amend(OWNER, market, price_ticks=MARK)) == "PRICE_INVALID"


def test_liquidation_cancels_waiting_orders_after_those_that_rest(world: World) -> None:
    poor = world.trader(5, XBT // 50)
    world.place(MAKERS[0], SELL, 10_000, MARK)
    world.place(poor, BUY, 10_000, MARK)
    rests = order_id(world.place(poor, BUY, 100, MARK - 300))
    waits = order_id(world.send(stop(poor, BUY, 100, 2 * MARK)))
    world.price(1, 820_000)
    events = work(world)
    assert [(row.order_id, row.reason) for row in of_kind(events, EventKind.ENDED) if row.account == poor][:2] == [
        (rests, EndReason.ENDED_LIQUIDATION),
        (waits, EndReason.ENDED_LIQUIDATION),
    ]
    invariants.check(world.engine.tables)


def test_a_stop_fires_before_its_account_is_examined_at_the_same_mark(world: World) -> None:
    """The mark falls through the stop and the liquidation price at once: the stop closes the position while it can."""
    poor = world.trader(5, XBT // 50)
    world.place(MAKERS[0], SELL, 10_000, MARK)
    world.place(poor, BUY, 10_000, MARK)
    number = order_id(world.send(stop(poor, SELL, 10_000, MARK - 300, reduce_only=True, trigger_reference=1)))
    world.place(MAKERS[1], BUY, 10_000, MARK - 500)
    world.price(1, 820_000)
    events = work(world)
    assert triggered(events) == [number]
    assert of_kind(events, EventKind.TAKEN_OVER) == []
    assert world.position(poor).quantity == 0


SHAPES = {
    "PARAMETER_INVALID": {"side": 3},
    "ORDER_TYPE_WITHOUT_RULE": {"time_in_force": 9},
    "QUANTITY_NOT_LOTS": {"quantity": 150},
    "QUANTITY_INVALID": {"quantity": 0},
    "PRICE_INVALID": {"price_ticks": 5},
    "TRIGGER_INVALID": {"trigger_subticks": 0},
    "PEG_INVALID": {"peg_offset_subticks": 7},
    "LINK_INVALID": {"contingency": 1},
}


@pytest.mark.parametrize("code", SHAPES)
def test_refusals_of_a_stop(world: World, code: str) -> None:
    record = stop(OWNER, SELL, 100, MARK - 10)
    for name, value in SHAPES[code].items():
        setattr(record, name, value)
    before = world.engine.tables.accounts[OWNER].orders
    assert refused(world.send(record)) == code
    assert world.engine.tables.accounts[OWNER].orders == before
    invariants.check(world.engine.tables)


@pytest.mark.parametrize(("first", "second"), list(itertools.pairwise(SHAPES)))
def test_of_two_mistakes_the_earlier_in_precedence_is_named(world: World, first: str, second: str) -> None:
    record = stop(OWNER, SELL, 100, MARK - 10)
    for name, value in {**SHAPES[second], **SHAPES[first]}.items():
        setattr(record, name, value)
    named = refused(world.send(record))
    if "QUANTITY" not in first or "QUANTITY" not in second:
        assert named == first


def test_triggers_where_none_may_be(world: World) -> None:
    for more in ({"trigger_subticks": 5}, {"trigger_reference": 1}):
        assert refused(world.place(OWNER, BUY, 100, MARK, **more)) == "TRIGGER_INVALID"
    bad: list[dict[str, int]] = [
        {"trigger_reference": 4},
        {"flags": OrderFlag.LAST_WITHIN_MARK, "trigger_reference": 1},
        {"flags": OrderFlag.LAST_WITHIN_MARK, "order_type": OrderType.MARKET_IF_TOUCHED},
        {"trigger_subticks": 100_000_001},
    ]
    for wrong in bad:
        record = stop(OWNER, SELL, 100, MARK - 10)
        for name, value in wrong.items():
            setattr(record, name, value)
        assert refused(world.send(record)) == "TRIGGER_INVALID"


def test_stops_are_counted_by_position(world: World) -> None:
    world.engine.tables.instruments[1].stops_max = 2
    first = order_id(world.send(stop(OWNER, SELL, 100, MARK - 10)))
    world.send(stop(OWNER, SELL, 100, MARK - 10))
    assert refused(world.send(stop(OWNER, SELL, 100, MARK - 10))) == "STOPS_TOO_MANY"
    world.cancel(OWNER, first)
    order_id(world.send(stop(OWNER, SELL, 100, MARK - 10)))
