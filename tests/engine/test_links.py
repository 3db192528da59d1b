"""Linked orders: one cancels the other, one triggers the others, brackets (ORD-18)."""

from collections import Counter
from collections.abc import Iterator

import pytest

from outcry.protocol import layout, wire
from outcry.protocol.layout import (
    LINKED_ORDERS,
    Code,
    ConditionStage,
    Contingency,
    EndReason,
    EventKind,
    OrderType,
    TableNumber,
    TimeInForce,
    TriggerReference,
)
from outcry.protocol.records import UNIT_EVENTS
from tests.engine.conditioned import audit, ended, linked, order_id, stop, triggered, work
from tests.engine.worlds import BUY, SELL, World, of_kind, one, place, refused, xbtusd
from tests.laws import invariants

MARK = 100_000
XBT = 10**8
MAKERS = (8, 9)
OWNER = 10
OCO, OTO = Contingency.ONE_CANCELS_OTHER, Contingency.ONE_TRIGGERS_OTHER


@pytest.fixture
def world() -> Iterator[World]:
    """XBTUSD at 10,000.0, two who trade, one who links; long 500."""
    world = xbtusd()
    for number in (1, 2, 3):
        world.trader(number, 1_000 * XBT)
    world.place(MAKERS[0], SELL, 500, MARK)
    world.place(OWNER, BUY, 500, MARK)
    yield world
    if not world.engine.tables.instruments[1].stops_max:
        audit(world)


def send(world: World, record: layout.Place, contingency: Contingency, name: str = "g") -> tuple[int, list[wire.Event]]:
    """Place it in a group; its number, and the events."""
    events = world.send(linked(record, name, contingency))
    invariants.check(world.engine.tables)
    return order_id(events), events


def rows(world: World, table: TableNumber) -> int:
    return int(world.engine.tables.pools[table].live)


def pair(world: World) -> tuple[int, int]:
    """Take profit at 10,010, or stop the loss at 9,990."""
    profit, _ = send(world, place(OWNER, SELL, 500, MARK + 100, reduce_only=True), OCO)
    loss, _ = send(world, stop(OWNER, SELL, 500, MARK - 100, reduce_only=True), OCO)
    return profit, loss


def test_a_part_of_one_cancels_the_other_before_the_next_fill(world: World) -> None:
    profit, loss = pair(world)
    world.place(MAKERS[0], SELL, 100, MARK + 101)
    events = world.place(MAKERS[1], BUY, 700, MARK + 101)
    kinds = [e.head.kind for e in events]
    assert ended(events)[0] == (loss, "ENDED_LINKED")
    # The first fill takes all of the one; that the other ends stands before the second fill.
    fills = [at for at, kind in enumerate(kinds) if kind == EventKind.FILL]
    assert fills[0] < kinds.index(EventKind.ENDED) < fills[1]
    assert world.position(OWNER).stops == 0
    invariants.check(world.engine.tables)
    assert rows(world, TableNumber.LINKS_TABLE) == rows(world, TableNumber.CONDITIONS_TABLE) == 0
    assert profit


def test_a_partial_fill_is_enough_and_the_rest_of_it_stays(world: World) -> None:
    profit, loss = pair(world)
    assert ended(world.place(MAKERS[1], BUY, 100, MARK + 100)) == [(loss, "ENDED_LINKED"), (5, "ENDED_FILLED")]
    assert world.position(OWNER).sell_reduce_quantity == 400
    invariants.check(world.engine.tables)
    world.restart()
    invariants.check(world.engine.tables)
    # The group is under way: nobody joins it any more.
    record = linked(stop(OWNER, SELL, 100, MARK - 100), "g", OCO)
    assert refused(world.send(record)) == "LINK_INVALID"
    assert profit


def test_a_trigger_cancels_the_other(world: World) -> None:
    profit, loss = pair(world)
    world.place(MAKERS[1], BUY, 1_000, MARK - 100)
    world.place(MAKERS[0], SELL, 100, MARK - 100)
    events = work(world)
    assert triggered(events) == [loss]
    assert ended(events) == [(profit, "ENDED_LINKED"), (loss, "ENDED_FILLED")]
    invariants.check(world.engine.tables)


def test_cancelling_one_leaves_the_other(world: World) -> None:
    profit, loss = pair(world)
    world.cancel(OWNER, profit)
    invariants.check(world.engine.tables)
    assert world.position(OWNER).stops == 1
    assert rows(world, TableNumber.LINKS_TABLE) == 1
    world.cancel(OWNER, loss)
    assert rows(world, TableNumber.LINKS_TABLE) == 0


def test_a_taker_cancels_the_others_with_its_first_fill(world: World) -> None:
    profit, _ = send(world, place(OWNER, SELL, 500, MARK + 100), OCO)
    world.place(MAKERS[1], BUY, 100, MARK - 10)
    _, events = send(world, place(OWNER, SELL, 300, MARK - 10), OCO)
    assert ended(events)[0] == (profit, "ENDED_LINKED")


def test_linked_hidden_orders_of_one_level_are_shared_anew_when_one_cancels_the_other(world: World) -> None:
    send(world, place(OWNER, SELL, 300, MARK + 50, display_quantity=0), OCO)
    other, _ = send(world, place(OWNER, SELL, 300, MARK + 50, display_quantity=0), OCO)
    world.place(MAKERS[0], SELL, 300, MARK + 50, display_quantity=0)
    events = world.place(MAKERS[1], BUY, 600, MARK + 50)
    assert ended(events)[0] == (other, "ENDED_LINKED")
    assert sum(row.quantity for row in of_kind(events, EventKind.FILL)) == 600
    invariants.check(world.engine.tables)


def bracket(world: World, **primary: int) -> tuple[int, int, int]:
    """Buy 300 at 9,995 and, when all of it is bought, sell at 10,010 or stop at 9,990."""
    first, events = send(world, place(OWNER, BUY, 300, MARK - 50, **primary), OTO, "b")
    assert one(events, EventKind.CONDITIONED).stage == ConditionStage.STAGE_LIVE
    profit, events = send(world, place(OWNER, SELL, 300, MARK + 100), OCO, "b")
    assert one(events, EventKind.CONDITIONED).stage == ConditionStage.STAGE_DORMANT
    loss, _ = send(world, stop(OWNER, SELL, 300, MARK - 100, trigger_reference=1), OCO, "b")
    assert world.position(OWNER).sell_quantity == 0
    assert bytes(one(events, EventKind.CONDITIONED).link_id)[:1] == b"b"
    return first, profit, loss


def test_a_bracket(world: World) -> None:
    first, profit, loss = bracket(world)
    # Dormant: the stop's price is reached, and it sleeps.
    assert triggered(world.price(1, 10 * MARK - 2_000) + work(world)) == []
    world.price(1, 10 * MARK)
    world.restart()
    invariants.check(world.engine.tables)
    assert work(world) == []
    events = world.place(MAKERS[0], SELL, 200, MARK - 50) + work(world)
    assert triggered(events) == []
    filled = world.place(MAKERS[0], SELL, 100, MARK - 50)
    assert (first, "ENDED_FILLED") in ended(filled)
    invariants.check(world.engine.tables)
    world.restart()
    events = work(world)
    assert [(row.order_id, row.stage) for row in of_kind(events, EventKind.TRIGGERED)] == [
        (profit, ConditionStage.STAGE_LIVE),
        (loss, ConditionStage.STAGE_ARMED),
    ]
    assert world.position(OWNER).sell_quantity == 300
    invariants.check(world.engine.tables)
    assert ended(world.place(MAKERS[1], BUY, 100, MARK + 100))[0] == (loss, "ENDED_LINKED")
    invariants.check(world.engine.tables)


@pytest.mark.parametrize("how", ["cancel", "cancel_all", "amend", "day", "dead_man"])
def test_if_the_primary_ends_unfilled_the_others_end(world: World, how: str) -> None:
    force = TimeInForce.DAY if how == "day" else TimeInForce.GOOD_TILL_CANCEL
    first, profit, loss = bracket(world, time_in_force=force)
    world.place(MAKERS[0], SELL, 100, MARK - 50)
    reason = "ENDED_CANCELED"
    if how == "cancel":
        events = world.cancel(OWNER, first)
    elif how == "cancel_all":
        events = world.cancel_all(OWNER, 1, BUY)
    elif how == "amend":
        events, reason = world.amend(OWNER, first, quantity=100), "ENDED_AMENDED"
    elif how == "day":
        world.now_ns = (world.now_ns // layout.DAY_NS + 1) * layout.DAY_NS
        world.send(layout.Tick())
        events, reason = work(world), "ENDED_DAY"
    else:
        world.cancel_all_after(OWNER, 1)
        world.wait(1)
        world.send(layout.Tick())
        events = work(world)
        assert ended(events) == [(row, "ENDED_DEAD_MAN") for row in (loss, profit, first)]
        return
    assert ended(events) == [(first, reason), (profit, "ENDED_PRIMARY"), (loss, "ENDED_PRIMARY")]
    assert events[-1].head.kind == EventKind.LEVEL_CHANGED or how in ("amend", "day")
    assert rows(world, TableNumber.LINKS_TABLE) == rows(world, TableNumber.CONDITIONS_TABLE) == 0
    invariants.check(world.engine.tables)


def test_children_of_a_primary_that_is_no_bracket_live_side_by_side(world: World) -> None:
    send(world, place(OWNER, BUY, 100, MARK - 50), OTO)
    one_child, _ = send(world, place(OWNER, SELL, 100, MARK + 100), OTO)
    market, _ = send(world, place(OWNER, SELL, 200, 0), OTO)
    world.place(MAKERS[1], BUY, 200, MARK - 60)
    world.place(MAKERS[0], SELL, 100, MARK - 50)
    events = work(world)
    assert triggered(events) == [one_child, market]
    assert (market, "ENDED_FILLED") in ended(events)
    assert world.position(OWNER).sell_quantity == 100
    invariants.check(world.engine.tables)


def test_a_child_that_is_weighed_and_found_wanting_ends(world: World) -> None:
    send(world, place(OWNER, BUY, 100, MARK - 50), OTO)
    child, _ = send(world, place(OWNER, SELL, 10**9, MARK + 100), OTO)
    world.place(MAKERS[0], SELL, 100, MARK - 50)
    row = of_kind(work(world), EventKind.ENDED)[-1]
    assert (row.order_id, row.reason, row.code) == (child, EndReason.ENDED_REFUSED, Code.RISK_LIMIT_EXCEEDED)


def test_a_released_stop_that_is_reached_already_fires(world: World) -> None:
    send(world, place(OWNER, BUY, 100, MARK - 50), OTO)
    child, _ = send(world, stop(OWNER, SELL, 100, MARK + 50), OTO)
    world.place(MAKERS[1], BUY, 100, MARK - 60)
    world.place(MAKERS[0], SELL, 100, MARK - 50)
    events = work(world)
    stages = [row.stage for row in of_kind(events, EventKind.TRIGGERED)]
    assert stages == [ConditionStage.STAGE_ARMED, ConditionStage.STAGE_LIVE]
    assert ended(events)[-1] == (child, "ENDED_FILLED")


def test_released_orders_can_be_cancelled_and_amended_before_their_turn(world: World) -> None:
    send(world, place(OWNER, BUY, 100, MARK - 50), OTO)
    numbers = [send(world, place(OWNER, SELL, 100, MARK + 100 + at), OTO)[0] for at in range(4)]
    world.place(MAKERS[0], SELL, 100, MARK - 50)
    assert world.engine.work_waiting
    world.cancel(OWNER, numbers[1])
    invariants.check(world.engine.tables)
    world.cancel(OWNER, numbers[3])
    invariants.check(world.engine.tables)
    world.amend(OWNER, numbers[0], price_ticks=MARK + 200)
    world.restart()
    invariants.check(world.engine.tables)
    assert triggered(work(world)) == [numbers[0], numbers[2]]
    assert world.engine.tables.instruments[1].best_ask_ticks == MARK + 102


def test_who_may_join(world: World) -> None:
    assert refused(world.send(linked(place(OWNER, BUY, 100, MARK - 50), "", OCO))) == "LINK_INVALID"
    named = place(OWNER, BUY, 100, MARK - 50)
    wire.put_client_id(named.link_id, "x")
    assert refused(world.send(named)) == "LINK_INVALID"
    wrong = linked(place(OWNER, BUY, 100, MARK - 50), "x", OCO)
    wrong.contingency = 3
    assert refused(world.send(wrong)) == "LINK_INVALID"
    for at in range(LINKED_ORDERS):
        send(world, place(OWNER, BUY, 100, MARK - 50 - at), OCO, "full")
    assert refused(world.send(linked(place(OWNER, BUY, 100, MARK - 90), "full", OCO))) == "LINK_INVALID"
    assert refused(world.send(linked(place(OWNER, BUY, 100, MARK - 90), "full", OTO))) == "LINK_INVALID"
    # Another account's group of the same name is another group.
    assert order_id(world.send(linked(place(MAKERS[0], BUY, 100, MARK - 90), "full", OTO)))
    pegged = linked(place(MAKERS[0], BUY, 100, 0), "full", OTO)
    pegged.order_type, pegged.time_in_force = OrderType.PEGGED, TimeInForce.GOOD_TILL_CANCEL
    assert refused(world.send(pegged)) == "ORDER_TYPE_WITHOUT_RULE"


def test_a_unit_says_no_more_than_the_schema(world: World) -> None:
    """The most that a unit can say: nine others end when the tenth is triggered, or when their primary ends."""
    most: Counter[str] = Counter()

    def do_work(task: str) -> None:
        while world.engine.work_waiting:
            events = world.carry_on(1)
            kinds = [EventKind(event.head.kind).name for event in events]
            if "FILL" in kinds:
                # From its first fill on it is matching, and is not counted.
                kinds = kinds[: kinds.index("FILL")]
            said = Counter(kind for kind in kinds if kind not in ("CONTINUED", "MARK_MOVED"))
            assert said.items() <= UNIT_EVENTS[task].items() or all(
                number <= UNIT_EVENTS[task].get(kind, 0) for kind, number in said.items()
            ), said
            most.update({kind: max(0, number - most[kind]) for kind, number in said.items()})

    for at in range(LINKED_ORDERS - 1):
        world.send(linked(place(OWNER, SELL, 100, MARK + 100 + at, reduce_only=at == 0), "ten", OCO))
    world.send(linked(stop(OWNER, SELL, 900, MARK - 100, reduce_only=True), "ten", OCO))
    world.place(MAKERS[1], BUY, 300, MARK - 100)
    world.place(MAKERS[0], SELL, 100, MARK - 100)
    do_work("TASK_TRIGGERS")
    assert (most["TRIGGERED"], most["ENDED"], most["LEVEL_CHANGED"], most["AMENDED"]) == (1, 9, 9, 1)
    most.clear()
    world.send(linked(place(OWNER, BUY, 100, MARK - 300, time_in_force=TimeInForce.DAY), "day", OTO))
    for at in range(LINKED_ORDERS - 1):
        world.send(linked(place(OWNER, SELL, 100, MARK + 100 + at), "day", OCO))
    world.now_ns = (world.now_ns // layout.DAY_NS + 1) * layout.DAY_NS
    world.send(layout.Tick())
    do_work("TASK_DAY_END")
    assert dict(most) == UNIT_EVENTS["TASK_DAY_END"]


def test_a_released_stop_stands_behind_those_that_wait_at_its_trigger(world: World) -> None:
    """ORD-14, ORD-18: it has waited for its primary until then; a venue read from its snapshot says the same."""
    owner, other, third = OWNER, *MAKERS
    world.send(linked(place(owner, BUY, 100, MARK), "bracket", Contingency.ONE_TRIGGERS_OTHER))
    record = linked(stop(owner, SELL, 100, MARK - 500, trigger_reference=TriggerReference.ON_MARK), "bracket", OCO)
    released = order_id(world.send(record))
    armed = order_id(world.send(stop(other, SELL, 100, MARK - 500, trigger_reference=TriggerReference.ON_MARK)))
    world.place(third, SELL, 100, MARK)
    assert triggered(work(world)) == [released]
    invariants.check(world.engine.tables)
    world.restart()
    world.place(third, BUY, 500, MARK - 600)
    assert triggered(world.price(1, (MARK - 500) * 10) + work(world)) == [armed, released]
    audit(world)
