"""The invariants of risk (INV-25 and following), each broken on purpose in a venue that is in the middle of trouble.

The state: a deleveraging under way with its ranking, takeovers of both sides, accounts that wait to be examined, bands
of longs and shorts.  A plant names the invariants that must speak up, as in test_invariants.
"""

from functools import cache

import pytest

from outcry.engine.engine import Engine
from outcry.engine.invariants import breaches
from outcry.protocol import layout
from outcry.protocol.layout import Role, Tables, TakeoverPhase
from tests.engine.worlds import BUY, SELL, World
from tests.laws.planting import Plant, add, held

MARK = 100_000
XBT = 10**8


def troubled() -> World:
    """Three longs are taken over in a fall with nothing to cover them, and while the shorts are ranked for it some
    trade and some wait."""
    world = World()
    world.currency("XBt", 8)
    world.index(".BXBT")
    world.instrument("XBTUSD", funding_rate_ppb=100_000)
    world.price(1, MARK * 10)
    rich = world.trader(1, 10_000 * XBT)
    longs = [world.trader(10 + at, XBT) for at in range(3)]
    shorts = [world.trader(20 + at, 10 * XBT) for at in range(3)]
    alone, cautious = world.trader(30, 3 * XBT), world.trader(31, 10 * XBT)
    world.leverage(alone, 100)
    for at, account in enumerate(longs):
        world.place(shorts[at], SELL, 300_000, MARK)
        world.place(account, BUY, 300_000, MARK)
    for account in (alone, cautious):
        world.place(rich, SELL, 10_000, MARK)
        world.place(account, BUY, 10_000, MARK)
    world.price(1, MARK * 10 + 1)
    world.carry_on()
    world.price(1, MARK * 6)
    venue = world.engine.tables.venue
    while venue.takeover_phase != TakeoverPhase.PHASE_RANKING or venue.ranked < 3:
        world.carry_on(1)
    world.place(rich, SELL, 100, MARK * 6 // 10 + 5)
    world.place(cautious, BUY, 100, MARK * 6 // 10 + 5)
    return world


@cache
def troubled_bytes() -> bytes:
    return troubled().engine.snapshot()


@pytest.fixture
def tables() -> Tables:
    return Engine.restore(troubled_bytes()).tables


def row_of(tables: Tables, account: int) -> layout.PositionRow:
    return held(tables, account)


RICH, LONG, SHORT, ALONE, CAUTIOUS = 8, 9, 12, 15, 16


def turn_heap(tables: Tables) -> None:
    """The first of the ranking and one below it change their keys."""
    one, two = tables.ranked[1], tables.ranked[2]
    one.key, two.key = min(one.key, two.key) - 1, max(one.key, two.key)


def lose_examined(tables: Tables) -> None:
    """An account that waits is no longer in the queue, though its flag says so."""
    tables.venue.first_examined = tables.accounts[tables.venue.first_examined].next_examined


PLANTS: list[tuple[str, set[str], Plant]] = [
    ("a pot that is too full", {"INV-25"}, lambda t: add(t.instruments[1], "epoch_pot_minor")),
    ("a position that missed an epoch", {"INV-25"}, lambda t: add(t.instruments[1], "epoch")),
    ("a takeover's cost", {"INV-26"}, lambda t: add(t.takeovers[1], "cost_minor")),
    ("a takeover's quantity", {"INV-26"}, lambda t: add(t.takeovers[2], "quantity", 100)),
    ("a number of takeovers", {"INV-26"}, lambda t: add(t.instruments[1], "takeovers")),
    ("takeovers out of turn", {"INV-26"}, lambda t: setattr(t.takeovers[1], "takeover", 3)),
    ("a takeover lost", {"INV-26"}, lambda t: setattr(t.takeovers[t.instruments[1].first_takeover], "next", 0)),
    ("the takeover role's cost", {"INV-01", "INV-04", "INV-26"}, lambda t: add(row_of(t, Role.TAKEOVER), "cost_minor")),
    ("a band beside its place", {"INV-27"}, lambda t: add(row_of(t, SHORT), "band_subticks")),
    ("a band on the wrong side", {"INV-27"}, lambda t: setattr(row_of(t, SHORT), "band_long", 1)),
    ("a band that nothing knows", {"INV-27"}, lambda t: setattr(t.nodes[t.instruments[1].short_root], "bits", 0)),
    ("margin lost unseen", {"INV-28"}, lambda t: add(row_of(t, ALONE), "loss_minor", 10**9)),
    ("an account out of the queue", {"INV-29"}, lose_examined),
    ("an account that does not know it waits", {"INV-29"}, lambda t: setattr(t.accounts[CAUTIOUS], "examined", 0)),
    ("the queue's end", {"INV-29"}, lambda t: setattr(t.venue, "last_examined", ALONE)),
    ("a volume of somebody else", {"INV-30"}, lambda t: setattr(t.volumes[1], "account", t.volumes[2].account)),
    ("a volume below nothing", {"INV-30"}, lambda t: setattr(t.volumes[1], "cents", (-1, *t.volumes[1].cents[1:]))),
    ("an account that forgot its volume", {"INV-30"}, lambda t: setattr(t.accounts[RICH], "volume", 0)),
    ("a step too many", {"INV-31"}, lambda t: add(row_of(t, ALONE), "risk_steps")),
    ("a risk limit off by one", {"INV-31"}, lambda t: add(row_of(t, ALONE), "risk_limit_minor")),
    ("a ranking that is out of order", {"INV-32"}, turn_heap),
    ("somebody ranked twice", {"INV-32"}, lambda t: setattr(t.ranked[2], "position", t.ranked[1].position)),
]


def test_trouble_is_sound(tables: Tables) -> None:
    assert breaches(tables) == []
    assert tables.instruments[1].takeovers == 3
    assert tables.venue.ranked == 3
    assert tables.accounts[CAUTIOUS].examined == 1


@pytest.mark.parametrize(("expected", "plant"), [row[1:] for row in PLANTS], ids=[row[0] for row in PLANTS])
def test_a_plant_in_trouble_is_reported_with_both_numbers(expected: set[str], plant: Plant, tables: Tables) -> None:
    plant(tables)
    found = breaches(tables)
    assert {breach.invariant for breach in found} == expected, found
    assert all(breach.found != breach.expected and breach.subject and breach.what for breach in found)
