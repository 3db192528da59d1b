"""Contracts without an index: what they are marked by, limits of the hour, listings, and their conversion (PRE-01 to
PRE-03)."""

import pytest

from outcry.engine.engine import Engine
from outcry.protocol import layout, wire
from outcry.protocol.layout import EventKind, InstrumentState, InstrumentType, MarkMethod
from tests.engine.questions import (
    FIRST_NS,
    HOUR_NS,
    MINUTE_NS,
    PRELAUNCH,
    convert,
    prelaunch,
    until,
    venue,
)
from tests.engine.twins import agree, audited
from tests.engine.worlds import BUY, SELL, World, listing, of_kind, one, refused

OPENING = 10_000
"""Ticks."""


def row(world: World) -> layout.InstrumentRow:
    return world.engine.tables.instruments[1]


def trade(world: World, ticks: int, quantity: int = 10) -> list[wire.Event]:
    world.place(9, SELL, quantity, ticks)
    events = world.place(8, BUY, quantity, ticks)
    assert of_kind(events, EventKind.FILL)
    return events


def limits(world: World) -> tuple[int, int]:
    return row(world).lowest_ticks, row(world).highest_ticks


def test_it_opens_at_its_opening_mark_with_limits_around_it_and_needs_no_index() -> None:
    """PRE-01, PRE-02: the mark is there at once, and says that nothing stands behind it."""
    world = venue()
    events = world.send(listing("NEWUSDT", **PRELAUNCH))
    moved = one(events, EventKind.MARK_MOVED)
    assert (moved.mark_subticks, moved.index_subticks, moved.basis_subticks, moved.index_age_ns) == (100_000, 0, 0, 0)
    said = one(events, EventKind.PRICE_LIMITS_SET)
    assert (said.lowest_ticks, said.highest_ticks) == limits(world) == (8_000, 12_000)
    for number in (1, 2):
        world.trader(number, 10**12)
    assert refused(world.place(9, BUY, 10, 12_001)) == "PRICE_OUTSIDE_LIMITS"
    assert refused(world.place(9, SELL, 10, 7_999)) == "PRICE_OUTSIDE_LIMITS"
    assert one(trade(world, 12_000, 1), EventKind.MARK_MOVED).mark_subticks == 112_500
    agree(world)
    audited(world)


def test_the_mean_follows_the_mark_minute_by_minute_and_keeps_what_is_less_than_a_subtick() -> None:
    """PRE-01: the recursion in whole numbers, beside the same in exact ones."""
    world = prelaunch()
    trade(world, 11_000)
    mean = 100_000.0
    for minute in range(1, 200):
        mean += (row(world).mark_subticks - mean) * 0.0020811647
        until(world, FIRST_NS + minute * MINUTE_NS)
    assert row(world).mean_mark_subticks + row(world).mean_mark_rest_ppm / 10**6 == pytest.approx(mean, abs=0.01)
    assert row(world).mean_mark_rest_ppm
    agree(world)


def test_a_pair_that_trades_ever_higher_moves_the_mark_no_further_than_the_initial_margin_from_the_mean() -> None:
    """PRE-01, PRE-02: 20 % an hour by the limits, and then the mean holds it."""
    world = prelaunch()
    marks = []
    for hour in range(1, 7):
        trade(world, row(world).highest_ticks, 1)
        until(world, FIRST_NS + hour * HOUR_NS)
        marks.append(row(world).mark_subticks)
        highest = row(world).mean_mark_subticks * 3 // 2
        assert row(world).mark_subticks <= highest
    assert marks[:2] == [120_000, 144_000]
    assert marks[-1] == row(world).mean_mark_subticks * 3 // 2 < row(world).last_price_ticks * 10
    agree(world)
    audited(world)


def test_limits_follow_the_mark_at_each_whole_hour_and_nowhere_between() -> None:
    """PRE-02: also those that the operator set go then; without a change nothing is said."""
    world = prelaunch()
    world.now_ns += 30 * MINUTE_NS
    trade(world, 11_000)
    until(world, FIRST_NS + HOUR_NS - MINUTE_NS)
    assert limits(world) == (8_000, 12_000)
    said = one(until(world, FIRST_NS + HOUR_NS), EventKind.PRICE_LIMITS_SET)
    assert (said.lowest_ticks, said.highest_ticks) == limits(world) == (8_800, 13_200)
    world.send(layout.SetPriceLimits(instrument=1, lowest_ticks=10_000, highest_ticks=11_500))
    until(world, FIRST_NS + 2 * HOUR_NS - MINUTE_NS)
    assert limits(world) == (10_000, 11_500)
    until(world, FIRST_NS + 2 * HOUR_NS)
    assert limits(world) == (8_800, 13_200)
    assert not of_kind(until(world, FIRST_NS + 3 * HOUR_NS), EventKind.PRICE_LIMITS_SET)
    agree(world)
    audited(world)


def test_an_hour_that_was_jumped_over_is_made_up_for_at_the_next_tick() -> None:
    """PRE-02: limits are those of the mark then, once."""
    world = prelaunch()
    trade(world, 11_000)
    world.now_ns = FIRST_NS + 5 * HOUR_NS + 90 * 10**9
    events = world.send(layout.Tick())
    assert len(of_kind(events, EventKind.PRICE_LIMITS_SET)) == 1
    assert row(world).next_band_ns == FIRST_NS + 6 * HOUR_NS
    agree(world)


@pytest.mark.parametrize(
    ("name", "terms"),
    [
        ("INDEX_UNKNOWN", {"opening_subticks": 0}),
        ("PARAMETER_INVALID", {"index": 1}),
        ("PARAMETER_INVALID", {"opening_subticks": -1}),
        ("PARAMETER_INVALID", {"opening_subticks": 10_000_001}),
        ("PARAMETER_INVALID", {"hourly_band_ppm": -1}),
        ("PARAMETER_INVALID", {"hourly_band_ppm": 1_000_000}),
        ("PARAMETER_INVALID", {"index": 1, "opening_subticks": 0}),
        ("PARAMETER_INVALID", {"mark_method": MarkMethod.MARK_IMPACT}),
        ("PARAMETER_INVALID", {"mark_method": MarkMethod.MARK_FUNDING}),
        ("PARAMETER_INVALID", {"instrument_type": InstrumentType.PERPETUAL}),
        ("PARAMETER_INVALID", {"instrument_type": InstrumentType.FUTURE, "expiry_ns": FIRST_NS + HOUR_NS}),
        ("PARAMETER_INVALID", {"dispute_ns": HOUR_NS}),
        ("PARAMETER_INVALID", {"bond_minor": 5}),
        ("PARAMETER_INVALID", {"binary": 1}),
    ],
)
def test_terms_that_do_not_go_together_are_not_listed(name: str, terms: dict[str, int]) -> None:
    """LST-01, PRE-01, PRE-02."""
    assert refused(venue().send(listing("NEWUSDT", **{**PRELAUNCH, **terms}))) == name


def launched(world: World, units: int = 10_500) -> None:
    """The asset trades at a price in hundredths of a cent."""
    world.price(1, units)


def test_it_becomes_a_perpetual_that_is_marked_by_its_index_from_the_very_command_on() -> None:
    """PRE-03: positions and orders stay, limits, mean and opening mark go, funding begins."""
    world = prelaunch()
    trade(world, 10_800, 100)
    order = one(world.place(8, BUY, 5, 9_000), EventKind.PLACED).order_id
    held = [bytes(world.position(account)) for account in (8, 9)]
    launched(world)
    events = convert(world)
    kinds = [event.head.kind for event in events]
    assert kinds == [EventKind.CONVERTED, EventKind.PRICE_LIMITS_SET, EventKind.MARK_MOVED]
    moved = one(events, EventKind.MARK_MOVED)
    assert (moved.mark_subticks, moved.index_subticks, moved.method) == (105_000, 105_000, MarkMethod.MARK_FUNDING)
    said = one(events, EventKind.CONVERTED)
    assert (said.index, said.instrument_type, said.funding_interval_ns) == (1, InstrumentType.PERPETUAL, 8 * HOUR_NS)
    now = row(world)
    assert (now.opening_subticks, now.mean_mark_subticks, now.next_band_ns, *limits(world)) == (0, 0, 0, 0, 0)
    assert now.next_funding_ns > world.now_ns
    assert [bytes(world.position(account)) for account in (8, 9)] == held
    launched(world, 10_700)
    assert row(world).mark_subticks == 107_000
    one(world.cancel(8, order), EventKind.ENDED)
    assert one(until(world, now.next_funding_ns), EventKind.FUNDING_FIXED).rate_ppb == 0
    world.carry_on()
    agree(world)
    audited(world)


def test_it_becomes_a_future_that_ends() -> None:
    """PRE-03."""
    world = prelaunch()
    launched(world)
    ends = FIRST_NS + 48 * HOUR_NS
    terms = {"instrument_type": InstrumentType.FUTURE, "mark_method": MarkMethod.MARK_IMPACT, "expiry_ns": ends}
    events = convert(world, **terms, funding_interval_ns=0, funding_offset_ns=0)
    assert one(events, EventKind.CONVERTED).expiry_ns == row(world).expiry_ns == ends
    assert (row(world).mark_subticks, row(world).basis_rate_ppb) == (105_000, 0)
    agree(world)
    audited(world)


@pytest.mark.parametrize(("units", "taken"), [(12_500, True), (12_501, False), (7_500, True), (7_499, False)])
def test_an_index_further_away_than_the_maintenance_margin_is_refused(units: int, taken: bool) -> None:
    """PRE-03: what is refused changes nothing, and may be asked for again."""
    world = prelaunch()
    launched(world, units)
    before = world.engine.tables.instruments[1].opening_subticks
    events = convert(world)
    if taken:
        assert one(events, EventKind.CONVERTED).index == 1
        return
    assert refused(events) == "INDEX_TOO_FAR"
    assert row(world).opening_subticks == before
    launched(world, 10_000)
    assert one(convert(world), EventKind.CONVERTED).index == 1


def ended_prelaunch() -> World:
    """Past its expiry."""
    world = prelaunch(expiry_ns=FIRST_NS + HOUR_NS)
    launched(world)
    until(world, FIRST_NS + HOUR_NS)
    return world


@pytest.mark.parametrize(
    ("name", "terms"),
    [
        ("INDEX_UNKNOWN", {"index": 0}),
        ("INDEX_UNKNOWN", {"index": 2}),
        ("INDEX_UNKNOWN", {"usd_index": 2}),
        ("INDEX_UNKNOWN", {"usd_index": -1}),
        ("INSTRUMENT_UNKNOWN", {"instrument": 2}),
        ("PARAMETER_INVALID", {"instrument_type": InstrumentType.PREDICTION}),
        ("PARAMETER_INVALID", {"instrument_type": InstrumentType.PRELAUNCH}),
        ("PARAMETER_INVALID", {"mark_method": MarkMethod.MARK_LAST}),
        ("PARAMETER_INVALID", {"mark_method": MarkMethod.MARK_IMPACT}),
        ("PARAMETER_INVALID", {"expiry_ns": FIRST_NS + 48 * HOUR_NS}),
        ("PARAMETER_INVALID", {"funding_rate_ppb": 1}),
        ("PARAMETER_INVALID", {"funding_interval_ns": MINUTE_NS + 1}),
        ("PARAMETER_INVALID", {"funding_interval_ns": -MINUTE_NS}),
        ("PARAMETER_INVALID", {"funding_offset_ns": 9 * HOUR_NS}),
        ("PARAMETER_INVALID", {"funding_offset_ns": 1}),
        ("PARAMETER_INVALID", {"impact_notional_minor": -1}),
        ("PARAMETER_INVALID", {"instrument_type": InstrumentType.FUTURE, "mark_method": MarkMethod.MARK_IMPACT}),
    ],
)
def test_what_it_cannot_become_is_refused(name: str, terms: dict[str, int]) -> None:
    """PRE-03."""
    world = prelaunch()
    launched(world)
    assert refused(convert(world, **terms)) == name
    assert row(world).opening_subticks


def test_it_is_not_converted_without_a_value_of_the_index_nor_twice_nor_when_it_is_over() -> None:
    """PRE-03."""
    world = prelaunch()
    assert refused(convert(world)) == "INDEX_TOO_FAR"
    launched(world)
    convert(world)
    assert refused(convert(world)) == "PARAMETER_INVALID"
    assert refused(convert(ended_prelaunch())) == "INSTRUMENT_CLOSED"


@pytest.mark.parametrize(("money", "lives"), [(51 * 10**6, True), (55 * 10**6, False)])
def test_who_passed_before_has_what_the_jump_costs(money: int, lives: bool) -> None:
    """PRE-03: a short at twofold leverage passes the widest jump; one with a loss is liquidated and still not below
    nothing, so that the fund pays nothing."""
    world = prelaunch()
    short = world.trader(3, money)
    world.place(short, SELL, 100, OPENING)
    world.place(8, BUY, 100, OPENING)
    assert world.position(short).quantity == -100
    if not lives:
        trade(world, 11_500)
    launched(world, row(world).mark_subticks * 5 // 40)
    one(convert(world), EventKind.CONVERTED)
    world.place(9, SELL, 1_000, row(world).mark_subticks // 10)
    events = world.carry_on(100)
    assert bool(of_kind(events, EventKind.LIQUIDATION_STEP)) != lives
    assert world.balance(short) >= 0 <= world.balance(layout.Role.INSURANCE)
    agree(world)


def test_a_snapshot_in_the_middle_of_it_goes_on_the_same() -> None:
    """The mean with what is less than a sub-tick, and the next hour."""
    world = prelaunch()
    trade(world, 11_500)
    until(world, FIRST_NS + 61 * MINUTE_NS)
    other = Engine.restore(world.engine.snapshot())
    begun = len(world.journal)
    until(world, FIRST_NS + 3 * HOUR_NS)
    other.apply(b"".join(world.journal[begun:]))
    assert other.roots() == world.engine.roots()
    assert row(world).state == InstrumentState.INSTRUMENT_OPEN
