"""Which sources of an index count, and when it is held: every rule at its boundary, attacks, and random histories.

`Plain` is a second opinion on the judging, written from docs/rules/prices.md with exact fractions and a median of its
own; the histories at the end hold the engine against it after every price and tick.
"""

import random
import statistics
from fractions import Fraction
from typing import Any

import pytest

from outcry.engine import engine
from outcry.protocol import layout, wire
from outcry.protocol.layout import ConstituentState, EventKind
from tests.engine.twins import agree
from tests.engine.worlds import World, of_kind, one, refused
from tests.laws import invariants

X = 100_000
"""10 %."""
MINUTE_NS = layout.MINUTE_NS
FIRST_NS = 1_700_000_040 * 10**9
"""A whole minute."""
WAITING, ACTIVE = ConstituentState.SOURCE_WAITING, ConstituentState.SOURCE_ACTIVE
STALE, EXCLUDED = ConstituentState.SOURCE_STALE, ConstituentState.SOURCE_EXCLUDED


def venue(sources: int, tolerance_ppm: int = X, weights: tuple[int, ...] = ()) -> World:
    """An index of so many sources with equal weights, and an instrument on it."""
    world = World()
    world.now_ns = FIRST_NS
    world.currency("XBt", 8)
    world.index(".B", weights=weights or (layout.PPM // sources,) * sources, tolerance_ppm=tolerance_ppm)
    world.instrument("XBTUSD", funding_rate_ppb=0)
    return world


def said(world: World, prices: tuple[int, ...]) -> None:
    """A price of each source in turn."""
    for source, units in enumerate(prices, 1):
        world.price(1, units, source)


def tick(world: World) -> list[wire.Event]:
    return world.send(layout.Tick())


def seconds(world: World, wanted: int) -> None:
    """So many seconds after the beginning."""
    world.now_ns = FIRST_NS + wanted * 10**9


def states(world: World) -> list[int]:
    rows = world.engine.tables.constituents
    return [rows[at].state for at in range(1, world.engine.tables.indices[1].constituents + 1)]


def index(world: World) -> tuple[int, bool]:
    """Value and whether it is held."""
    row = world.engine.tables.indices[1]
    return row.value_units, bool(row.held)


def judged(events: list[wire.Event]) -> list[tuple[int, int, int, int, int]]:
    return [
        (one.constituent, one.state, one.price_units, one.against_units, one.age_ns)
        for one in of_kind(events, EventKind.CONSTITUENT_JUDGED)
    ]


def test_a_source_waits_for_its_first_price_and_then_counts_at_once() -> None:
    world = venue(2)
    assert states(world) == [WAITING, WAITING]
    events = world.price(1, 1_000, 2)
    assert judged(events) == [(2, ACTIVE, 1_000, 0, 0)]
    moved = one(events, EventKind.INDEX_MOVED)
    assert (moved.value_units, moved.constituents, moved.held) == (1_000, 1, 0)
    agree(world)


def test_a_price_of_15_minutes_counts_and_one_a_nanosecond_older_does_not() -> None:
    world = venue(2)
    said(world, (1_000, 1_020))
    world.now_ns = FIRST_NS + layout.STALE_NS
    world.price(1, 1_020, 2)
    assert index(world) == (1_010, False)
    world.now_ns += 1
    events = world.price(1, 1_020, 2)
    assert judged(events) == [(1, STALE, 1_000, 0, layout.STALE_NS + 1)]
    assert index(world) == (1_020, False)
    assert judged(world.price(1, 1_030, 1)) == [(1, ACTIVE, 1_030, 0, 0)]
    assert index(world) == (1_025, False)
    agree(world)


def test_a_minutes_tick_finds_what_has_grown_old_but_not_any_tick() -> None:
    world = venue(1)
    said(world, (1_000,))
    account = world.account(1)
    for minute in range(1, 16):
        seconds(world, 60 * minute)
        assert judged(tick(world)) == []
    world.cancel_all_after(account, 1)
    seconds(world, 901)
    assert judged(tick(world)) == []
    assert states(world) == [ACTIVE]
    seconds(world, 960)
    events = tick(world)
    assert judged(events) == [(1, STALE, 1_000, 0, 960 * 10**9)]
    assert one(events, EventKind.INDEX_MOVED).held == 1
    assert index(world) == (1_000, True)
    assert world.engine.tables.instruments[1].mark_subticks == 1_000
    agree(world)


def test_with_all_sources_stale_the_index_is_held_until_one_returns() -> None:
    world = venue(3)
    said(world, (1_000, 1_010, 1_020))
    seconds(world, 3_600)
    tick(world)
    assert states(world) == [STALE] * 3
    assert index(world) == (1_010, True)
    events = world.price(1, 1_050, 3)
    assert index(world) == (1_050, False)
    assert one(events, EventKind.INDEX_MOVED).held == 0
    agree(world)


@pytest.mark.parametrize(("price", "state"), [(1_099, ACTIVE), (1_100, EXCLUDED), (901, ACTIVE), (900, EXCLUDED)])
def test_the_outlier_of_three_goes_at_exactly_the_tolerance(price: int, state: int) -> None:
    world = venue(3)
    said(world, (1_000, 1_000, 1_000))
    events = world.price(1, price, 3)
    assert states(world) == [ACTIVE, ACTIVE, state]
    if state == EXCLUDED:
        assert judged(events) == [(3, EXCLUDED, price, 1_000, 0)]
        assert index(world) == (1_000, False)
    agree(world)


def test_the_median_of_four_is_the_mean_of_the_middle_two_half_up() -> None:
    """Middle 1,000 and 1,001: the median is 1,001, of which 900 is 10.09 % away and 901 is 9.99 %."""
    for price, state in ((900, EXCLUDED), (901, ACTIVE)):
        world = venue(4)
        said(world, (1_000, 1_000, 1_001, 1_001))
        events = world.price(1, price, 1)
        assert states(world)[0] == state
        assert [against for _, _, _, against, _ in judged(events)] == [1_001] * (state == EXCLUDED)
        agree(world)


@pytest.mark.parametrize(("low", "held"), [(9_501, False), (9_500, True)])
def test_two_that_stand_half_the_tolerance_from_their_median_hold_the_index(low: int, held: bool) -> None:
    world = venue(2)
    said(world, (10_000, 10_000))
    world.price(1, low, 2)
    events = world.price(1, 20_000 - low if held else 10_499, 1)
    assert index(world)[1] is held
    assert [moved.held for moved in of_kind(events, EventKind.INDEX_MOVED)] == [int(held)]
    if held:
        assert index(world)[0] == 9_750
        world.price(1, 10_000, 1)
        assert index(world) == (9_750, False)
    agree(world)


def test_the_first_price_is_believed_and_a_second_that_disagrees_is_not() -> None:
    world = venue(2)
    world.price(1, 1_000, 1)
    assert index(world) == (1_000, False)
    world.price(1, 2_000, 2)
    assert index(world) == (1_000, True)
    agree(world)


@pytest.mark.parametrize(("price", "held"), [(1_100, True), (1_099, False), (900, True), (901, False)])
def test_a_lone_source_at_exactly_the_tolerance_holds_the_index(price: int, held: bool) -> None:
    world = venue(1)
    world.price(1, 1_000)
    world.price(1, price)
    assert index(world) == (1_000 if held else price, held)
    assert states(world) == [ACTIVE]
    world.price(1, index(world)[0] + 1)
    assert index(world) == ((1_000 if held else price) + 1, False)
    agree(world)


@pytest.mark.parametrize("sources", [1, 2, 3, 4, 5, 6])
@pytest.mark.parametrize("factor", [Fraction(3, 2), Fraction(1, 2)])
def test_who_moves_one_source_by_half_moves_the_index_by_nothing(sources: int, factor: Fraction) -> None:
    world = venue(sources)
    said(world, (10_000,) * sources)
    mark = world.engine.tables.instruments[1].mark_subticks
    for _ in range(3):
        events = world.price(1, int(10_000 * factor), sources)
        assert index(world)[0] == 10_000
        assert world.engine.tables.instruments[1].mark_subticks == mark
        assert not of_kind(events, EventKind.MARK_MOVED)
        said(world, (10_000,) * (sources - 1))
        assert index(world)[0] == 10_000
    agree(world)


def test_who_moves_one_source_slowly_moves_it_by_its_weight_and_no_further() -> None:
    """Steps below the tolerance: at the tolerance the source is gone, and the index back where the others are."""
    world, highest = venue(3), 0
    said(world, (10_000,) * 3)
    for units in range(10_000, 20_000, 250):
        world.price(1, units, 1)
        highest = max(highest, index(world)[0])
    assert highest == (10_000 + 10_000 + 10_750) // 3
    assert index(world) == (10_000, False)
    agree(world)


def test_two_of_five_that_collude_are_both_excluded() -> None:
    world = venue(5)
    said(world, (10_000, 10_010, 10_020, 10_000, 10_000))
    said(world, (15_000, 15_000))
    assert states(world) == [EXCLUDED, EXCLUDED, ACTIVE, ACTIVE, ACTIVE]
    assert index(world) == (10_007, False)
    agree(world)


def test_an_excluded_source_has_no_voice_in_the_next_median() -> None:
    """With one of three excluded the others are two, so a second that follows it holds the index instead of winning."""
    world = venue(3)
    said(world, (10_000,) * 3)
    world.price(1, 15_000, 1)
    world.price(1, 15_000, 2)
    assert states(world) == [EXCLUDED, ACTIVE, ACTIVE]
    assert index(world) == (10_000, True)
    agree(world)


def excluded(world: World) -> None:
    """The third source at 20,000 while the others are at 10,000, in the second 5."""
    said(world, (10_000,) * 3)
    seconds(world, 5)
    world.price(1, 20_000, 3)
    assert states(world) == [ACTIVE, ACTIVE, EXCLUDED]


@pytest.mark.parametrize(("price", "near"), [(10_200, True), (10_201, False), (9_800, True), (9_799, False)])
def test_it_comes_back_after_15_minutes_within_2_percent(price: int, near: bool) -> None:
    world = venue(3)
    excluded(world)
    seconds(world, 70)
    world.price(1, price, 3)
    for at in range(120, 970, 60):
        seconds(world, at)
        said(world, (10_000, 10_000, price))
        assert states(world)[2] == EXCLUDED
    seconds(world, 969)
    world.price(1, price, 3)
    assert states(world)[2] == EXCLUDED
    seconds(world, 970)
    events = world.price(1, price, 3)
    assert states(world)[2] == (ACTIVE if near else EXCLUDED)
    assert judged(events) == ([(3, ACTIVE, price, 10_000, 0)] if near else [])
    agree(world)


@pytest.mark.parametrize("how", ["its own price", "the others' prices", "silence"])
def test_one_look_at_which_it_is_not_near_begins_the_15_minutes_anew(how: str) -> None:
    world = venue(3)
    excluded(world)
    seconds(world, 60)
    world.price(1, 10_000, 3)
    if how == "silence":
        for at in range(120, 1_020, 60):
            seconds(world, at)
            said(world, (10_000, 10_000))
        assert states(world)[2] == ACTIVE, "15 minutes near without a new price"
        return
    seconds(world, 600)
    if how == "its own price":
        world.price(1, 10_201, 3)
    else:
        said(world, (10_400, 10_400))
    said(world, (10_000, 10_000, 10_000))
    for at in range(660, 1_500, 60):
        seconds(world, at)
        said(world, (10_000, 10_000, 10_000))
        assert states(world)[2] == EXCLUDED
    seconds(world, 1_500)
    world.price(1, 10_000, 3)
    assert states(world)[2] == ACTIVE
    agree(world)


def test_an_excluded_source_that_falls_silent_stays_excluded_and_begins_anew() -> None:
    world = venue(3)
    excluded(world)
    for at in range(60, 2_000, 60):
        seconds(world, at)
        said(world, (10_000, 10_000))
    assert states(world)[2] == EXCLUDED
    assert world.engine.tables.constituents[3].near_since_ns == 0
    world.price(1, 10_000, 3)
    assert states(world)[2] == EXCLUDED
    agree(world)


def test_it_comes_back_at_once_if_the_only_other_holds_the_index() -> None:
    world = venue(3)
    excluded(world)
    seconds(world, 60)
    for at in range(60, 1_020, 60):
        seconds(world, at)
        world.price(1, 10_000, 1)
    assert states(world) == [ACTIVE, STALE, EXCLUDED]
    world.price(1, 11_000, 1)
    assert index(world) == (10_000, True)
    world.price(1, 11_000, 3)
    assert states(world)[2] == EXCLUDED, "the tolerance from the index is too far"
    events = world.price(1, 10_999, 3)
    assert judged(events) == [(3, ACTIVE, 10_999, 10_000, 0)]
    assert index(world) == (11_000, False)
    agree(world)


def test_it_comes_back_at_once_if_no_other_is_active() -> None:
    world = venue(3)
    excluded(world)
    seconds(world, 1_200)
    tick(world)
    assert states(world) == [STALE, STALE, EXCLUDED]
    world.price(1, 11_000, 3)
    assert states(world)[2] == EXCLUDED
    world.price(1, 9_001, 3)
    assert states(world)[2] == ACTIVE
    assert index(world) == (9_001, False)
    agree(world)


def test_without_a_tolerance_only_age_counts() -> None:
    world = venue(3, 0)
    said(world, (1, 1_000, 10**9))
    assert states(world) == [ACTIVE] * 3
    assert index(world) == (333_333_667, False)
    agree(world)


def test_new_weights_are_shadowed_and_then_adopted_at_once() -> None:
    world = venue(3, weights=(500_000, 300_000, 200_000))
    said(world, (10_000, 10_100, 10_200))
    assert index(world)[0] == 10_070
    events = world.send(layout.SetNextWeight(index=1, constituent=3, weight_ppm=600_000))
    told = one(events, EventKind.WEIGHT_SET)
    assert (told.index, told.constituent, told.weight_ppm, told.next_weight_ppm) == (1, 3, 200_000, 600_000)
    assert one(events, EventKind.INDEX_MOVED).next_value_units == 10_200
    world.send(layout.SetNextWeight(index=1, constituent=2, weight_ppm=200_000))
    row = world.engine.tables.indices[1]
    assert (row.value_units, row.next_value_units) == (10_070, 10_175)
    events = world.send(layout.AdoptWeights(index=1))
    told_all = [(one.constituent, one.weight_ppm, one.next_weight_ppm) for one in of_kind(events, EventKind.WEIGHT_SET)]
    assert told_all == [(1, 0, 0), (2, 200_000, 0), (3, 600_000, 0)]
    assert judged(events) == [(1, WAITING, 10_000, 0, 0)]
    moved = one(events, EventKind.INDEX_MOVED)
    assert (moved.value_units, moved.next_value_units, moved.constituents) == (10_175, 0, 2)
    assert one(events, EventKind.MARK_MOVED).index_subticks == 10_175
    world.price(1, 10_000, 1)
    assert index(world)[0] == 10_175, "a source that was left out takes no part"
    agree(world)


def test_active_sources_without_a_weight_hold_the_index() -> None:
    world = venue(2)
    said(world, (10_000, 10_000))
    world.send(layout.SetNextWeight(index=1, constituent=2, weight_ppm=1))
    world.send(layout.AdoptWeights(index=1))
    world.send(layout.SetNextWeight(index=1, constituent=1, weight_ppm=1))
    seconds(world, 1_000)
    world.price(1, 10_500, 1)
    assert states(world) == [ACTIVE, STALE]
    assert index(world) == (10_000, True)
    agree(world)


@pytest.mark.parametrize(
    ("record", "refusal"),
    [
        (layout.ConstituentPrice(index=2, constituent=1, price_units=5), "INDEX_UNKNOWN"),
        (layout.ConstituentPrice(index=1, constituent=4, price_units=5), "CONSTITUENT_UNKNOWN"),
        (layout.ConstituentPrice(index=1, constituent=1, price_units=0), "PARAMETER_INVALID"),
        (layout.ConstituentPrice(index=1, constituent=1, price_units=2**53), "PARAMETER_INVALID"),
        (layout.SetNextWeight(index=0, constituent=1, weight_ppm=5), "INDEX_UNKNOWN"),
        (layout.SetNextWeight(index=1, constituent=0, weight_ppm=5), "CONSTITUENT_UNKNOWN"),
        (layout.SetNextWeight(index=1, constituent=4, weight_ppm=5), "CONSTITUENT_UNKNOWN"),
        (layout.SetNextWeight(index=1, constituent=1, weight_ppm=-1), "PARAMETER_INVALID"),
        (layout.SetNextWeight(index=1, constituent=1, weight_ppm=1_000_001), "PARAMETER_INVALID"),
        (layout.AdoptWeights(index=2), "INDEX_UNKNOWN"),
        (layout.AdoptWeights(index=1), "PARAMETER_INVALID"),
    ],
)
def test_what_is_refused_changes_nothing(record: Any, refusal: str) -> None:
    world = venue(3)
    said(world, (10_000, 10_100, 12_000))
    tables = world.engine.tables
    before = [bytes(tables.indices), bytes(tables.constituents), bytes(tables.instruments)]
    assert refused(world.send(record)) == refusal
    assert [bytes(tables.indices), bytes(tables.constituents), bytes(tables.instruments)] == before
    agree(world)


def test_after_a_pause_a_source_that_does_not_count_opens_nothing() -> None:
    """The market has moved by 30 %: the first new price is the outlier, and the venue opens when two agree."""
    world = venue(3)
    said(world, (10_000,) * 3)
    world.wait(600)
    world.send(layout.Resume(paused_ns=600 * 10**9))
    venue_row = world.engine.tables.venue
    world.price(1, 7_000, 1)
    assert (states(world)[0], venue_row.cancel_only, index(world)) == (EXCLUDED, 1, (10_000, False))
    world.price(1, 7_000, 2)
    assert (venue_row.cancel_only, index(world)) == (1, (10_000, True))
    world.price(1, 7_000, 3)
    assert (venue_row.cancel_only, index(world)) == (0, (7_000, False))
    agree(world)


def test_five_hundred_sources_are_judged_within_one_buffer() -> None:
    """All that a minute can say of sources and instruments fits the buffer it is given, and one more source does not
    fit the table."""
    sizes = layout.SIZES
    told = {"ConstituentJudged": 2 * 512, "IndexMoved": 64, "MarkMoved": 512, "PremiumSampled": 512}
    told |= {"InstrumentStateSet": 512, "FundingFixed": 512, "FundingSkipped": 512, "WeightSet": 512}
    assert sum((sizes["EventHead"] + sizes[name]) * most for name, most in told.items()) < engine.EVENT_BUFFER_BYTES
    world = World()
    world.now_ns = FIRST_NS
    world.currency("XBt", 8)
    world.index(".B", weights=(1_000,) * 512, tolerance_ppm=X)
    chance = random.Random(5)
    prices = [chance.randint(9_700, 10_300) for _ in range(512)]
    for source, units in enumerate(prices, 1):
        world.price(1, units, source)
    assert states(world) == [ACTIVE] * 512
    assert index(world)[0] == round(statistics.mean(prices))
    events = world.price(1, 20_000, 77)
    prices[76] = 20_000
    assert judged(events) == [(77, EXCLUDED, 20_000, (sorted(prices)[255] + sorted(prices)[256] + 1) // 2, 0)]
    seconds(world, 1_000)
    assert len(judged(tick(world))) == 511
    assert refused(world.send(layout.ListConstituent(index=1, weight_ppm=5))) == "TABLE_FULL"
    invariants.check(world.engine.tables)


class Plain:
    """The judging in exact fractions: by source its price, when it came, its state, and since when it is near."""

    def __init__(self, weights: list[int], tolerance: Fraction) -> None:
        self.weights, self.tolerance = weights, tolerance
        self.price: dict[int, int] = {}
        self.seen: dict[int, int] = {}
        self.state = dict.fromkeys(range(1, len(weights) + 1), WAITING)
        self.near: dict[int, int] = {}
        self.value, self.held = 0, False

    def median(self, sources: list[int]) -> int:
        return int(Fraction(statistics.median([Fraction(self.price[source]) for source in sources])) + Fraction(1, 2))

    def off(self, price: int, against: int, part: int = 1) -> bool:
        return Fraction(abs(price - against), against) >= self.tolerance / part

    def active(self) -> list[int]:
        return [source for source, state in self.state.items() if state == ACTIVE]

    def holds(self) -> bool:
        active = self.active()
        if len(active) == 2:
            return any(self.off(self.price[source], self.median(active), 2) for source in active)
        alone = len(active) == 1 and self.off(self.price[active[0]], self.value) if self.value else False
        return alone or (not active and self.value > 0)

    def judge(self, now: int) -> None:
        fresh = [source for source, seen in self.seen.items() if now - seen <= 15 * 60 * 10**9]
        candidates = [source for source in fresh if self.state[source] != EXCLUDED]
        for source in self.price:
            if self.state[source] == EXCLUDED:
                continue
            self.state[source] = ACTIVE if source in fresh else STALE
        if len(candidates) >= 3:
            median = self.median(candidates)
            for source in candidates:
                if self.off(self.price[source], median):
                    self.state[source] = EXCLUDED
                    self.near.pop(source, None)
        self.readmit(now, fresh)
        self.held = self.holds()
        if not self.held and self.active():
            weights = {source: self.weights[source - 1] for source in self.active()}
            mean = Fraction(
                sum(self.price[source] * weight for source, weight in weights.items()), sum(weights.values())
            )
            self.value = int(mean + Fraction(1, 2))

    def readmit(self, now: int, fresh: list[int]) -> None:
        active, held = self.active(), self.holds()
        for source in [source for source, state in self.state.items() if state == EXCLUDED]:
            price, since = self.price[source], self.near.pop(source, now)
            if source not in fresh:
                continue
            if not active or (len(active) == 1 and held):
                if self.value and not self.off(price, self.value):
                    self.state[source] = ACTIVE
                continue
            median = self.median(active)
            if Fraction(abs(price - median), median) <= Fraction(2, 100) and not self.off(price, median):
                self.near[source] = since
                if now - since >= 15 * 60 * 10**9:
                    self.state[source] = ACTIVE
                    del self.near[source]


@pytest.mark.parametrize("seed", range(9))
def test_random_histories_agree_with_a_second_opinion(seed: int) -> None:
    chance = random.Random(seed)
    sources = 1 + seed % 6
    tolerance = chance.choice((15_000, 50_000, 100_000, 250_000))
    weights = [chance.randint(1, 10**6) for _ in range(sources)]
    world, plain = venue(sources, tolerance, tuple(weights)), Plain(weights, Fraction(tolerance, 10**6))
    level, met = 10_000, set[tuple[int, bool]]()
    for _ in range(250):
        world.wait(chance.choice((0, 1, 30, 60, 200, 901 if chance.random() < 0.1 else 5)))
        if chance.random() < 0.15:
            tick(world)
            plain.judge(world.now_ns)
        else:
            due = 0 < world.engine.next_due_ns <= world.now_ns
            if due:
                tick(world)
                plain.judge(world.now_ns)
            level = max(5_000, min(20_000, level + chance.randint(-20, 20)))
            spike = chance.choice((0,) * 12 + (150, -150, 500, 1_000, -1_000, 4_000))
            source, units = chance.randint(1, sources), level + chance.randint(-9, 9) + spike
            world.price(1, units, source)
            plain.price[source], plain.seen[source] = units, world.now_ns
            plain.judge(world.now_ns)
        assert states(world) == list(plain.state.values())
        assert index(world) == (plain.value, plain.held)
        met |= {(state, plain.held) for state in plain.state.values()}
    assert len(met) >= 3
    agree(world)
