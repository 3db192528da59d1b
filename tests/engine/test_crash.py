"""A market that falls: leveraged accounts of every kind, gaps, a small fund, and the whole way down to nobody left.

Seeded, through the liquidation of real accounts (LIQ-01 to LIQ-08, ADL-01 to ADL-03).  After every entry nothing is
lost; the uncompiled engine says the same bytes.
"""

import random
from collections import Counter

import pytest

from outcry.engine.engine import Engine
from outcry.engine.sums import law_sums
from outcry.protocol import layout
from outcry.protocol.layout import EndReason, EventKind, Role, TakeoverStage, Valuation
from tests.engine.plain import plain_engine
from tests.engine.seizing import Events, fund, give_fund, owed, takeover_rows
from tests.engine.worlds import BUY, SELL, World, of_kind
from tests.laws import invariants

XBT = 10**8
MARK = 100_000


def market(seed: int, accounts: int) -> tuple[World, list[int]]:
    """Accounts with positions in up to three instruments of one currency, isolated ones and cross ones, and orders."""
    chance = random.Random(seed)
    world = World()
    world.currency("XBt", 8)
    world.index(".BXBT")
    world.instrument("XBTUSD", funding_rate_ppb=0)
    world.instrument("LINEAR", valuation=Valuation.LINEAR, lot=10, multiplier_minor=500, funding_rate_ppb=0)
    world.instrument("QUANTO", valuation=Valuation.QUANTO, lot=1, multiplier_minor=1_000, funding_rate_ppb=0)
    world.price(1, 10 * MARK)
    traders = [world.trader(number, chance.randrange(XBT // 50, XBT // 2)) for number in range(1, accounts + 1)]
    for account in traders:
        for number in (1, 2, 3):
            if chance.random() < 0.5:
                world.leverage(account, chance.choice([1_000, 2_500, 5_000, 10_000]), number)
    for _ in range(10 * accounts):
        number = chance.randrange(1, 4)
        lots = chance.randrange(1, 40) * {1: 100, 2: 10, 3: 1}[number]
        one, other = chance.sample(traders, 2)
        price = MARK + chance.randrange(-50, 51)
        world.place(one, SELL, lots, price, instrument=number)
        world.place(other, BUY, lots, price, instrument=number)
    return world, traders


def sound(world: World) -> None:
    invariants.check(world.engine.tables)
    assert law_sums(world.engine.tables).adds_up
    assert owed(world) <= 0
    assert fund(world) == 0 or owed(world) == 0
    for number in (1, 2, 3):
        rows, held = takeover_rows(world, number), world.position(Role.TAKEOVER, number)
        assert (held.quantity, held.cost_minor) == (sum(r.quantity for r in rows), sum(r.cost_minor for r in rows))


def fall(world: World, steps: list[int], units: int) -> Events:
    """Move the index step by step and let the engine do all its work after each."""
    events: Events = []
    for step in steps:
        world.wait(1)
        events += world.price(1, step)
        while world.engine.work_waiting:
            events += world.carry_on(units)
            if units > 1:
                sound(world)
        sound(world)
    return events


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_fall_with_a_gap_takes_the_fund_and_then_the_winners_and_nothing_is_lost(seed: int) -> None:
    world, traders = market(seed, 40)
    give_fund(world, 300_000)
    sound(world)
    data, done = world.engine.snapshot(), len(world.journal)
    steps = [995_000, 985_000, 970_000, 890_000, 880_000, 760_000, 790_000, 600_000]
    events = fall(world, steps, 64)
    kinds = Counter(EventKind(event.head.kind).name for event in events)
    assert kinds["TAKEN_OVER"] > 5
    assert kinds["DELEVERAGED"] > 5
    taken, stages = Counter[int](), Counter[int]()
    for said in of_kind(events, EventKind.TAKEN_OVER):
        taken[said.takeover] += said.quantity
    for said in of_kind(events, EventKind.DELEVERAGED):
        taken[said.takeover] -= said.quantity
        assert said.account in traders
    for said in of_kind(events, EventKind.TAKEOVER_CHANGED):
        stages[said.takeover] = said.stage
    # What was not bought was deleveraged: all of it, unless it still rests or is stuck.
    left = {row.takeover: abs(row.quantity) for number in (1, 2, 3) for row in takeover_rows(world, number)}
    assert {number for number, stage in stages.items() if stage != TakeoverStage.TAKEOVER_CLOSED} == set(left)
    assert all(taken[number] >= quantity for number, quantity in left.items())
    assert EndReason.ENDED_DELEVERAGED in {said.reason for said in of_kind(events, EventKind.ENDED)}
    if seed == 1:
        replay = b"".join(world.journal[done:])
        again = plain_engine(data)
        compiled = Engine.restore(data)
        assert again.apply(replay) == compiled.apply(replay)
        assert again.roots() == compiled.roots() == world.engine.roots()


@pytest.mark.parametrize("units", [1, 100])
def test_restarts_between_the_units_change_nothing(units: int) -> None:
    """Where accounts are examined, taken over, closed and deleveraged, a snapshot may be taken at any moment."""
    world, _ = market(4, 25)
    give_fund(world, 200_000)
    data, sent = world.engine.snapshot(), world.sent
    ends = []
    for restarts in (False, True):
        other = World(Engine.restore(data))
        other.sent, other.now_ns = sent, world.now_ns
        said: list[bytes] = []
        for step in (960_000, 850_000, 700_000):
            events = other.price(1, step)
            while other.engine.work_waiting:
                events += other.carry_on(units)
                if restarts:
                    other.restart()
            said += [bytes(event.head) + bytes(event.record) for event in events]
        sound(other)
        ends.append((said, other.engine.roots()))
    assert ends[0] == ends[1]


def test_renaming_all_accounts_changes_no_deleveraging() -> None:
    """The same history with the accounts opened in another order: the same positions are reduced by as much."""
    found = []
    for first in (0, 5):
        world = World()
        world.currency("XBt", 8)
        world.index(".BXBT")
        world.instrument("XBTUSD", funding_rate_ppb=0)
        world.price(1, 10 * MARK)
        for number in range(first):
            world.trader(1_000 + number, 1)
        order = list(range(12)) if first == 0 else list(reversed(range(12)))
        accounts = {number: world.trader(number + 1, XBT // 4) for number in order}
        names = {account: number for number, account in accounts.items()}
        for number in range(0, 12, 2):
            world.place(accounts[number], SELL, 5_000, MARK)
            world.place(accounts[number + 1], BUY, 5_000, MARK)
            world.leverage(accounts[number + 1], 10_000)
        events = fall(world, [985_000, 900_000], layout.WORK_UNITS_MAX)
        found.append([(names[d.account], d.quantity, d.value_minor) for d in of_kind(events, EventKind.DELEVERAGED)])
    assert found[0] == found[1]
    assert len(found[0]) > 2
