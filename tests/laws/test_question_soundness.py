"""The invariants of dockets and of contracts without an index (INV-41 to INV-43), each broken on purpose.

The state: a disputed prediction market with a bond, one that is proposed, and a pre-launch future.
"""

from functools import cache

import pytest

from outcry.engine.engine import Engine
from outcry.engine.invariants import breaches
from outcry.protocol.layout import DocketStage, Tables
from tests.engine.questions import HIGHEST, PREDICTION, PRELAUNCH, dispute, propose, question
from tests.engine.worlds import BUY, SELL
from tests.laws.planting import Plant, add, wallet


@cache
def asked_bytes() -> bytes:
    world = question()
    world.instrument("P_SNOW", **{**PREDICTION, "binary": 1})
    world.instrument("NEWUSDT", **PRELAUNCH)
    world.place(9, SELL, 10, 4_000)
    world.place(8, BUY, 10, 4_000)
    propose(world, HIGHEST // 4)
    propose(world, 0, instrument=2)
    dispute(world, 8)
    return world.engine.snapshot()


@pytest.fixture
def tables() -> Tables:
    return Engine.restore(asked_bytes()).tables


PLANTS: list[tuple[str, set[str], Plant]] = [
    ("a satoshi too much that is held", {"INV-41"}, lambda t: add(wallet(t, 8), "held_minor")),
    ("a bond of somebody else", {"INV-41"}, lambda t: setattr(t.dockets[1], "disputed_by", 9)),
    ("a bond that is smaller", {"INV-41", "INV-42"}, lambda t: add(t.dockets[1], "bond_minor", -1)),
    ("a lost bond that never was", {"INV-06"}, lambda t: add(wallet(t, 8), "bonds_lost_minor")),
    ("a docket of another market", {"INV-42"}, lambda t: setattr(t.instruments[1], "docket", 2)),
    ("a docket without a market", {"INV-42"}, lambda t: setattr(t.instruments[2], "docket", 0)),
    ("a decision after which nothing ended", {"INV-42"}, lambda t: setattr(t.dockets[2], "stage", 3)),
    ("a stage that there is not", {"INV-42"}, lambda t: setattr(t.dockets[2], "stage", 7)),
    ("an answer beyond all", {"INV-42"}, lambda t: setattr(t.dockets[1], "outcome_subticks", HIGHEST + 1)),
    ("an answer between of a binary question", {"INV-42"}, lambda t: setattr(t.dockets[2], "outcome_subticks", 5)),
    ("a void answer that is not the mean", {"INV-42"}, lambda t: setattr(t.dockets[1], "voided", 1)),
    ("a time between two minutes", {"INV-42"}, lambda t: add(t.dockets[1], "until_ns")),
    (
        "a contract with neither index nor opening mark",
        {"INV-43"},
        lambda t: setattr(t.instruments[3], "opening_subticks", 0),
    ),
    ("a mean that is gone", {"INV-43"}, lambda t: setattr(t.instruments[3], "mean_mark_subticks", 0)),
    ("a mean beyond four times", {"INV-43"}, lambda t: setattr(t.instruments[3], "mean_mark_subticks", 400_001)),
    ("a rest that is a whole", {"INV-43"}, lambda t: setattr(t.instruments[3], "mean_mark_rest_ppm", 10**6)),
    ("an hour that never comes", {"INV-43"}, lambda t: setattr(t.instruments[3], "next_band_ns", 0)),
]


def test_what_was_asked_is_sound(tables: Tables) -> None:
    assert breaches(tables) == []
    assert [tables.dockets[at].stage for at in (1, 2)] == [DocketStage.DOCKET_DISPUTED, DocketStage.DOCKET_PROPOSED]


@pytest.mark.parametrize(("expected", "plant"), [row[1:] for row in PLANTS], ids=[row[0] for row in PLANTS])
def test_a_plant_is_reported_with_both_numbers(expected: set[str], plant: Plant, tables: Tables) -> None:
    plant(tables)
    found = breaches(tables)
    assert {breach.invariant for breach in found} == expected, found
    assert all(breach.found != breach.expected and breach.subject and breach.what for breach in found)
