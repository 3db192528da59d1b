"""INV-39 and INV-40: a venue in the middle of a settlement, with one behind it; and what breaks it."""

import pytest

from outcry.engine.engine import Engine
from outcry.engine.invariants import breaches
from outcry.protocol.layout import MINUTE_NS, InstrumentState, SettlementPhase
from outcry.protocol.layout import Tables as State
from tests.engine.ending import FUTURE, Ending
from tests.laws.planting import Plant, add


@pytest.fixture(scope="module")
def snapshot() -> bytes:
    """Instrument 2 is settled; of 1 one of two positions is with the epoch; 3 trades."""
    world = Ending(minutes=40)
    world.instrument("SOONER", **{**FUTURE, "expiry_ns": world.now_ns + 20 * MINUTE_NS})
    world.instrument("LATER", **{**FUTURE, "expiry_ns": world.now_ns + 90 * MINUTE_NS})
    long, short = world.trader(1), world.trader(2)
    for number in (1, 2, 3):
        world.trade(long, short, 1_000, instrument=number)
    world.minutes(20)
    world.work()
    world.minutes(20)
    while world.row().epoch_quantity == 0:
        world.carry_on(1)
    assert world.row(2).state == InstrumentState.INSTRUMENT_SETTLED
    assert world.engine.tables.venue.settlement_phase == SettlementPhase.PHASE_POSITIONS
    return world.engine.snapshot()


@pytest.fixture
def tables(snapshot: bytes) -> State:
    return Engine.restore(snapshot).tables


PLANTS: list[tuple[str, set[str], Plant]] = [
    ("one more is being settled", {"INV-39"}, lambda t: add(t.venue, "settling")),
    ("a round that serves nothing", {"INV-39"}, lambda t: setattr(t.venue, "settlement_sequence", 0)),
    ("a round that looks at no row", {"INV-39"}, lambda t: setattr(t.venue, "settlement_position", 0)),
    ("another mark than the price", {"INV-22", "INV-39"}, lambda t: add(t.instruments[1], "mark_subticks", 5_000)),
    ("a lot that is worth more", {"INV-39"}, lambda t: add(t.instruments[2], "settlement_lot_minor")),
    ("a book that is over and has a node", {"INV-39"}, lambda t: add(t.instruments[2], "long_root")),
    ("a price of what has not ended", {"INV-39"}, lambda t: add(t.instruments[3], "settlement_kind")),
    ("funding after the end", {"INV-39"}, lambda t: add(t.instruments[2], "next_funding_ns")),
    (
        "an epoch that paid too much",
        {"INV-03", "INV-25", "INV-39"},
        lambda t: add(t.instruments[1], "epoch_cost_minor"),
    ),
    ("a quantity with no epoch", {"INV-02", "INV-39"}, lambda t: add(t.instruments[2], "epoch_quantity", 100)),
    ("a minute that was another", {"INV-40"}, lambda t: add(t.index_minutes[33], "value_units", 1_000)),
    ("a minute in another's row", {"INV-40"}, lambda t: add(t.index_minutes[34], "minute_ns", MINUTE_NS)),
    ("a mean that is none", {"INV-40"}, lambda t: add(t.indices[1], "average_units")),
]


def test_a_venue_in_the_middle_of_a_settlement_is_sound(tables: State) -> None:
    assert breaches(tables) == []


@pytest.mark.parametrize(("expected", "plant"), [one[1:] for one in PLANTS], ids=[one[0] for one in PLANTS])
def test_a_plant_is_seen_by_its_own(expected: set[str], plant: Plant, tables: State) -> None:
    plant(tables)
    assert {breach.invariant for breach in breaches(tables)} == expected
