"""Triggers that trail, on whole seconds and only away from the market; and orders for a day (ORD-15, ORD-24)."""

from collections.abc import Iterator

import pytest

from outcry.protocol import layout, wire
from outcry.protocol.layout import DAY_NS, Code, ConditionStage, EventKind, OrderType, TimeInForce, TriggerReference
from tests.engine.conditioned import audit, ended, linked, order_id, stop, trade, trailing, triggered, work
from tests.engine.worlds import BUY, SELL, World, of_kind, one, place, refused, xbtusd
from tests.laws import invariants

MARK = 100_000
XBT = 10**8
MAKERS = (8, 9)
OWNER = 10


@pytest.fixture
def world() -> Iterator[World]:
    """XBTUSD at 10,000.0, two who trade, one who waits; it has traded at the mark."""
    world = xbtusd()
    for number in (1, 2, 3):
        world.trader(number, 1_000 * XBT)
    trade(world, MARK, MAKERS)
    yield world
    if not world.engine.tables.instruments[1].stops_max:
        audit(world)


def second(world: World) -> list[wire.Event]:
    """Let a second pass: its tick, and the work of it."""
    world.wait(1)
    events = world.send(layout.Tick()) + work(world)
    invariants.check(world.engine.tables)
    return events


def last(world: World, price_ticks: int) -> list[wire.Event]:
    """The last price comes here, and a second passes."""
    return trade(world, price_ticks, MAKERS) + second(world)


VECTORS = [
    # mechanics 8, ORD-06 to ORD-11, from 50 with offsets of 3, 2 and 15 as they are at the extreme, in hundreds of
    # dollars: side, offset, prices on the way, the price that fires, the one that does not.
    (SELL, -3, [60], 57, 58),
    (BUY, 2, [40], 42, 41),
    (SELL, -15, [60, 50, 57], 45, 46),
]


@pytest.mark.parametrize(("side", "offset", "way", "fires", "does_not"), VECTORS)
@pytest.mark.parametrize("there", [True, False])
def test_vectors(side: int, offset: int, way: list[int], fires: int, does_not: int, there: bool) -> None:
    world = xbtusd(5_000)
    for number in (1, 2, 3):
        world.trader(number, 10_000 * XBT)
    step = 1_000  # Ticks: a hundred dollars.

    def go(price: int) -> list[wire.Event]:
        world.price(1, price * step * 10)
        return second(world)

    record = trailing(OWNER, side, 100, offset * step, trigger_reference=TriggerReference.ON_MARK)
    number = order_id(world.send(record))
    for price in way:
        assert triggered(go(price)) == []
    assert triggered(go(fires if there else does_not)) == ([number] if there else [])


def test_it_follows_on_whole_seconds_only_far_enough_and_never_back(world: World) -> None:
    events = world.send(trailing(OWNER, SELL, 100, -500))
    number, said = order_id(events), one(events, EventKind.CONDITIONED)
    assert (said.trigger_subticks, said.peg_offset_subticks, said.peg_kind) == (995_000, -5_000, 3)
    assert world.engine.next_due_ns == world.now_ns + 10**9
    # A tenth of a per cent is not more than a tenth of a per cent.
    assert of_kind(last(world, MARK + 100), EventKind.TRAILED) == []
    trade(world, MARK + 101, MAKERS)
    world.wait(0.5)
    assert of_kind(world.send(layout.Tick()) + work(world), EventKind.TRAILED) == []
    world.wait(-0.5)
    followed = one(second(world), EventKind.TRAILED)
    assert (followed.order_id, followed.trigger_subticks, followed.reference_subticks) == (number, 996_010, 1_001_010)
    for price in (MARK, MARK - 100, MARK + 150, MARK - 300):
        assert of_kind(last(world, price), EventKind.TRAILED) == []
    assert one(last(world, MARK + 300), EventKind.TRAILED).trigger_subticks == 998_000
    world.restart()
    events = last(world, MARK - 200)
    assert triggered(events) == [number]
    assert one(events, EventKind.TRIGGERED).trigger_subticks == 998_000
    assert world.engine.tables.venue.trailing == 0


def test_without_trailing_orders_no_tick_is_due_each_second(world: World) -> None:
    number = order_id(world.send(trailing(OWNER, SELL, 100, -500)))
    world.cancel(OWNER, number)
    second(world)
    assert world.engine.next_due_ns > world.now_ns + 10**9


@pytest.mark.parametrize(
    ("side", "order_type", "sign"),
    [
        (SELL, OrderType.STOP, -1),
        (BUY, OrderType.STOP, 1),
        (SELL, OrderType.STOP_LIMIT, -1),
        (SELL, OrderType.MARKET_IF_TOUCHED, 1),
        (BUY, OrderType.MARKET_IF_TOUCHED, -1),
        (BUY, OrderType.LIMIT_IF_TOUCHED, -1),
    ],
)
def test_the_offset_is_on_the_far_side(world: World, side: int, order_type: int, sign: int) -> None:
    price = MARK if order_type in (4, 6) else 0
    wrong = trailing(OWNER, side, 100, -100 * sign, order_type=order_type, price_ticks=price)
    assert refused(world.send(wrong)) == "PEG_INVALID"
    right = trailing(OWNER, side, 100, 100 * sign, order_type=order_type, price_ticks=price)
    assert one(world.send(right), EventKind.CONDITIONED).trigger_subticks == 10 * MARK + 1_000 * sign
    # It follows when the market goes away from it, whichever way that is.
    moved = last(world, MARK - 300 * sign)
    assert one(moved, EventKind.TRAILED).trigger_subticks == 10 * (MARK - 300 * sign) + 1_000 * sign


def test_what_an_offset_may_be(world: World) -> None:
    for offset in (0, -(2**30), -(2**62)):
        record = trailing(OWNER, SELL, 100, -10)
        record.peg_offset_subticks = offset
        assert refused(world.send(record)) == "PEG_INVALID"
    record = trailing(OWNER, SELL, 100, -10)
    record.trigger_subticks = 5
    assert refused(world.send(record)) == "TRIGGER_INVALID"
    fresh = xbtusd()
    fresh.trader(1)
    assert refused(fresh.send(trailing(8, SELL, 100, -10))) == "PEG_WITHOUT_TOUCH"


def test_amending_the_offset_makes_the_trigger_anew(world: World) -> None:
    number = order_id(world.send(trailing(OWNER, SELL, 100, -500)))
    last(world, MARK + 200)
    trade(world, MARK + 100, MAKERS)
    said = one(world.amend(OWNER, number, peg_offset_subticks=-1_000), EventKind.CONDITIONED)
    assert said.trigger_subticks == 10 * (MARK + 100) - 1_000
    invariants.check(world.engine.tables)
    assert refused(world.amend(OWNER, number, trigger_subticks=5)) == "TRIGGER_INVALID"
    assert refused(world.amend(OWNER, number, peg_offset_subticks=1_000)) == "PEG_INVALID"


def test_a_price_that_came_back_before_it_followed_fires_it(world: World) -> None:
    number = order_id(world.send(trailing(OWNER, SELL, 100, -500)))
    trade(world, MARK + 1_000, MAKERS)
    world.wait(1)
    world.send(layout.Tick())
    # The tick has seen 10,100; the work on it is not done yet, and the price is back at 10,000.
    world.place(MAKERS[0], SELL, 100, MARK)
    world.place(MAKERS[1], BUY, 100, MARK)
    events = work(world)
    assert one(events, EventKind.TRAILED).trigger_subticks == 1_005_000
    assert triggered(events) == [number]
    invariants.check(world.engine.tables)


def test_many_follow_one_by_one_in_the_order_of_their_places(world: World) -> None:
    numbers = [order_id(world.send(trailing(OWNER, SELL, 100, -500 - at))) for at in range(4)]
    trade(world, MARK + 300, MAKERS)
    world.wait(1)
    world.send(layout.Tick())
    seen = []
    while world.engine.work_waiting:
        events = world.carry_on(1)
        seen += [row.order_id for row in of_kind(events, EventKind.TRAILED)]
        invariants.check(world.engine.tables)
        world.restart()
    assert seen == numbers


def day(record: layout.Place) -> layout.Place:
    record.time_in_force = TimeInForce.DAY
    return record


def to_midnight(world: World) -> int:
    """Go to the next midnight; the time."""
    world.now_ns = (world.now_ns // DAY_NS + 1) * DAY_NS
    return world.now_ns


def test_orders_for_a_day_rest_and_end_at_midnight(world: World) -> None:
    first = order_id(world.place(OWNER, BUY, 100, MARK - 50, time_in_force=TimeInForce.DAY))
    waits = order_id(world.send(day(stop(OWNER, SELL, 100, MARK - 500))))
    stays = order_id(world.place(OWNER, BUY, 100, MARK - 51))
    gone = order_id(world.place(OWNER, BUY, 100, MARK - 52, time_in_force=TimeInForce.DAY))
    assert ended(world.cancel(OWNER, gone)) == [(gone, "ENDED_CANCELED")]
    world.now_ns = to_midnight(world) - 1
    world.send(layout.Tick())
    assert not world.engine.work_waiting
    world.restart()
    invariants.check(world.engine.tables)
    to_midnight(world)
    world.send(layout.Tick())
    # One that is placed before the work is done is for the new day.
    new = order_id(world.place(OWNER, BUY, 100, MARK - 60, time_in_force=TimeInForce.DAY))
    assert ended(work(world)) == [(first, "ENDED_DAY"), (waits, "ENDED_DAY")]
    open_ones = {row.order_id for row in world.engine.tables.orders[1:10] if row.account == OWNER}
    assert open_ones == {stays, new}
    invariants.check(world.engine.tables)
    to_midnight(world)
    world.send(layout.Tick())
    assert ended(work(world)) == [(new, "ENDED_DAY")]
    assert world.engine.tables.pools[layout.TableNumber.CONDITIONS_TABLE].live == 0


def test_a_day_order_that_is_triggered_rests_for_the_rest_of_its_day(world: World) -> None:
    number = order_id(world.send(day(stop(OWNER, BUY, 100, MARK + 10, price_ticks=MARK - 100))))
    events = trade(world, MARK + 10, MAKERS)
    assert triggered(events) == [number]
    assert world.position(OWNER).buy_quantity == 100
    invariants.check(world.engine.tables)
    world.restart()
    to_midnight(world)
    world.send(layout.Tick())
    assert ended(work(world)) == [(number, "ENDED_DAY")]


def test_a_day_order_that_is_revived_is_for_a_day_again(world: World) -> None:
    number = order_id(world.place(OWNER, BUY, 100, MARK, time_in_force=TimeInForce.DAY))
    later = order_id(world.place(OWNER, BUY, 100, MARK - 9, time_in_force=TimeInForce.DAY))
    world.place(MAKERS[0], SELL, 100, MARK)
    world.amend(OWNER, number, leaves_quantity=200)
    invariants.check(world.engine.tables)
    world.restart()
    invariants.check(world.engine.tables)
    to_midnight(world)
    world.send(layout.Tick())
    assert ended(work(world)) == [(number, "ENDED_DAY"), (later, "ENDED_DAY")]


def test_the_code_of_a_trailing_order_that_finds_no_reference_when_it_is_released() -> None:
    world = xbtusd()
    for number in (1, 2, 3):
        world.trader(number, 1_000 * XBT)
    other = world.instrument("OTHER", funding_rate_ppb=0)
    oto = layout.Contingency.ONE_TRIGGERS_OTHER
    world.send(linked(place(OWNER, BUY, 100, MARK), "g", oto))
    child = linked(trailing(OWNER, SELL, 100, -50, instrument=other), "g", oto)
    events = world.send(child)
    assert one(events, EventKind.CONDITIONED).stage == ConditionStage.STAGE_DORMANT
    world.place(MAKERS[0], SELL, 100, MARK)
    row = of_kind(work(world), EventKind.ENDED)[-1]
    assert (row.order_id, row.code) == (order_id(events), Code.PEG_WITHOUT_TOUCH)
    invariants.check(world.engine.tables)
