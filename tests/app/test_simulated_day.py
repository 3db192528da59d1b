"""A day of the demo's own prices: indices are never held, no source is excluded, and funding rates stay sane."""

import random

from outcry.app import listings, walking
from outcry.feeds.simulated import RandomWalk, WalkSpec
from outcry.protocol import layout
from outcry.protocol.layout import ConstituentState, EventKind, TableNumber
from tests.engine.worlds import BUY, SELL, World, of_kind

MIDNIGHT_NS = 1_700_006_400 * 10**9
MINUTE_SHOCK_PPB = 40_000 * 8
"""What a step of a minute is wild, if one of a second is 40,000: the square root of 60 times that."""
QUOTED = {1: 40_000_000, 2: 40_000_000, 3: 25_000_000_000}
"""XBTUSD, ETHUSD, XBTUSDT with the value of a level of the demo's makers."""


def test_a_day_of_simulated_prices_gives_sane_rates() -> None:
    world, chance = World(), random.Random(7)
    world.now_ns = MIDNIGHT_NS
    terms = listings.load()
    for record in terms.commands():
        world.send(record)
    makers = [world.account(number) for number in (1, 2)]
    for maker in makers:
        for currency in (1, 2):
            world.deposit(maker, 2**50, currency)
    specs = [WalkSpec(s.index, s.constituents, s.start_units, MINUTE_SHOCK_PPB) for s in walking.walk_specs(terms)]
    walk, rows = RandomWalk(1, specs), world.engine.tables.instruments
    fixed, samples = [], dict.fromkeys(QUOTED, 0)
    for minute in range(24 * 60):
        world.now_ns = MIDNIGHT_NS + minute * layout.MINUTE_NS
        events = world.send(layout.Tick())
        fixed += [(one.instrument, one.rate_ppb, one.next_rate_ppb) for one in of_kind(events, EventKind.FUNDING_FIXED)]
        for one in of_kind(events, EventKind.PREMIUM_SAMPLED):
            deep = one.impact_bid_subticks > 0 and one.impact_ask_subticks > 0
            samples[one.instrument] = samples.get(one.instrument, 0) + deep
        world.carry_on()
        for record in walk.step():
            moved = of_kind(world.send(record), EventKind.INDEX_MOVED)
            assert all(not index.held for index in moved)
        if minute % 15 == 0:
            requote(world, makers[0], chance)
    states = [world.engine.tables.constituents[at].state for at in reading_range(world)]
    assert set(states) == {ConstituentState.SOURCE_ACTIVE}
    assert len(fixed) == 3 * len(terms.instruments)
    assert all(abs(rate) <= 600_000 for _, *rates in fixed for rate in rates), fixed
    assert all(abs(rows[number].indicative_rate_ppb) <= 600_000 for number in range(1, len(terms.instruments) + 1))
    assert all(samples[number] > 1_000 for number in QUOTED), samples


def requote(world: World, maker: int, chance: random.Random) -> None:
    """Ten levels a side around the mark, as the demo's makers have them, up to 0.02 % beside it."""
    world.cancel_all(maker)
    for number, value_minor in QUOTED.items():
        row = world.engine.tables.instruments[number]
        mark = row.mark_subticks / row.subticks_per_tick
        centre = mark * (1 + chance.uniform(-0.0002, 0.0002))
        for level in range(10):
            lots = max(1, value_minor // row.mark_lot_minor)
            for side, sign in ((BUY, -1), (SELL, 1)):
                ticks = int(centre * (1 + sign * (0.00006 + 0.0001 * level)))
                world.place(maker, side, lots * row.lot, ticks, instrument=number)


def reading_range(world: World) -> range:
    """All sources there are."""
    return range(1, world.engine.tables.pools[TableNumber.CONSTITUENTS_TABLE].high + 1)
