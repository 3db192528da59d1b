"""INV-33 to INV-36: a venue in which orders wait, trail, are linked, released and for a day; and what breaks it."""

import pytest

from outcry.engine.engine import Engine
from outcry.engine.invariants import breaches
from outcry.protocol import layout
from outcry.protocol.layout import ConditionStage, Contingency, TimeInForce
from outcry.protocol.layout import Tables as State
from tests.engine.conditioned import linked, stop, trade, trailing
from tests.engine.worlds import BUY, SELL, place, xbtusd
from tests.laws.planting import Plant, add

MARK = 100_000
MAKERS = (8, 9)
OWNER = 10


@pytest.fixture(scope="module")
def snapshot() -> bytes:
    """Conditions 1 to 12: three stops in one set (two at one price), two that trail, a pair, a bracket that sleeps, two
    released ones, and one for a day."""
    world = xbtusd()
    for number in (1, 2, 3):
        world.trader(number, 10**12)
    trade(world, MARK, MAKERS)
    for at in (10, 10, 20):
        world.send(stop(OWNER, SELL, 100, MARK - at))
    for at in (500, 600):
        world.send(trailing(OWNER, SELL, 100, -at))
    oco, oto = Contingency.ONE_CANCELS_OTHER, Contingency.ONE_TRIGGERS_OTHER
    world.send(linked(place(OWNER, SELL, 100, MARK + 200), "pair", oco))
    world.send(linked(stop(OWNER, SELL, 100, MARK - 300), "pair", oco))
    world.send(linked(place(OWNER, BUY, 100, MARK - 400), "asleep", oto))
    world.send(linked(place(OWNER, SELL, 100, MARK + 400), "asleep", oco))
    world.place(OWNER, BUY, 100, MARK - 410, time_in_force=TimeInForce.DAY)
    world.place(OWNER, BUY, 100, MARK - 411, time_in_force=TimeInForce.DAY)
    world.send(linked(place(OWNER, BUY, 100, MARK - 5), "awake", oto))
    world.send(linked(place(OWNER, SELL, 100, MARK + 300), "awake", oto))
    world.send(linked(place(OWNER, SELL, 100, MARK + 301), "awake", oto))
    world.place(MAKERS[0], SELL, 100, MARK - 5)
    return world.engine.snapshot()


@pytest.fixture
def tables(snapshot: bytes) -> State:
    return Engine.restore(snapshot).tables


def set_of(t: State, place: int) -> layout.TriggerSetRow:
    return t.trigger_sets[16 + place]


def of_a_day(t: State) -> layout.OrderRow:
    """The first order for a day."""
    return t.orders[t.conditions[t.conditions[0].day_next].order]


def last(t: State) -> layout.ConditionRow:
    """The one of the released whose turn is last."""
    return t.conditions[t.venue.last_released]


PLANTS: list[tuple[str, set[str], Plant]] = [
    ("a condition of another order", {"INV-33"}, lambda t: add(t.orders[t.conditions[1].order], "condition")),
    ("a stop that nobody counts", {"INV-33"}, lambda t: add(row(t), "stops", -1)),
    ("a trigger the wrong way", {"INV-33", "INV-34"}, lambda t: setattr(t.conditions[1], "rising", 1)),
    ("an order for no day", {"INV-33", "INV-36"}, lambda t: setattr(of_a_day(t), "time_in_force", 1)),
    ("a trigger beside its place", {"INV-34"}, lambda t: add(t.conditions[3], "trigger_subticks")),
    ("a queue that lost its last", {"INV-34"}, lambda t: setattr(t.conditions[1], "trigger_next", 0)),
    ("places out of turn", {"INV-34"}, lambda t: add(t.conditions[1], "place", 10**6)),
    ("a set that is too large", {"INV-34"}, lambda t: add(set_of(t, 3), "orders")),
    ("a bitmap of triggers", {"INV-34"}, lambda t: add(t.nodes[set_of(t, 3).root], "bits")),
    ("somebody who does not trail", {"INV-34"}, lambda t: add(t.venue, "trailing", -1)),
    ("a trail beside its place", {"INV-34"}, lambda t: add(t.conditions[4], "peg_reference_subticks", 10**4)),
    ("a count of all who wait", {"INV-34"}, lambda t: add(set_of(t, 14), "orders")),
    ("a price that passed unseen", {"INV-35"}, lambda t: setattr(t.instruments[1], "last_price_ticks", MARK - 15)),
    ("work that nobody will do", {"INV-35"}, lambda t: setattr(set_of(t, 5), "reached_subticks", 5)),
    ("a group of fewer", {"INV-36"}, lambda t: add(t.links[1], "members", -1)),
    ("a group that lost one", {"INV-36"}, lambda t: setattr(t.conditions[t.links[1].first], "link_next", 0)),
    ("a stranger in a group", {"INV-18", "INV-36"}, lambda t: setattr(t.links[1], "account", 9)),
    ("nobody to wait for", {"INV-36"}, lambda t: setattr(t.conditions[t.links[2].first], "primary", 0)),
    ("a release out of the queue", {"INV-36"}, lambda t: setattr(t.venue, "last_released", 1)),
    ("a release that does not know who is before it", {"INV-36"}, lambda t: setattr(last(t), "trigger_previous", 0)),
    ("one too many that waits for trading", {"INV-34", "INV-35"}, lambda t: add(set_of(t, 15), "orders")),
    ("trading that nobody waits for", {"INV-35"}, lambda t: setattr(set_of(t, 15), "reached_subticks", 1)),
    ("an order for a day forgotten", {"INV-36"}, lambda t: setattr(t.conditions[0], "day_next", 0)),
]


def row(t: State) -> layout.PositionRow:
    """The position of who waits."""
    return t.positions[t.accounts[OWNER].first_position]


def test_the_venue_is_sound(tables: State) -> None:
    assert breaches(tables) == []
    stages = [tables.conditions[at].stage for at in range(1, 15) if tables.conditions[at].order]
    assert sorted(set(stages)) == list(ConditionStage)
    assert row(tables).stops == 6
    assert tables.venue.trailing == 2


@pytest.mark.parametrize(("expected", "plant"), [one[1:] for one in PLANTS], ids=[one[0] for one in PLANTS])
def test_a_plant_is_reported_with_both_numbers(expected: set[str], plant: Plant, tables: State) -> None:
    plant(tables)
    found = breaches(tables)
    assert {breach.invariant for breach in found} == expected, found
    assert all(breach.found != breach.expected and breach.subject and breach.what for breach in found)
