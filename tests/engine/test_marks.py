"""Marks by every method: what moves them, what does not, what they say of themselves, and which terms go together."""

import pytest

from outcry.engine import engine
from outcry.protocol import layout, wire
from outcry.protocol.layout import EventKind, InstrumentState, InstrumentType, MarkMethod, Valuation
from tests.engine.twins import agree
from tests.engine.worlds import BUY, SELL, World, listing, of_kind, one, refused

MINUTE_NS = layout.MINUTE_NS
FIRST_NS = 1_700_000_040 * 10**9
"""A whole minute."""
DAY_S = 24 * 3600
FUTURE = {
    "instrument_type": InstrumentType.FUTURE,
    "mark_method": MarkMethod.MARK_IMPACT,
    "funding_rate_ppb": 0,
    "funding_interval_ns": 0,
    "funding_offset_ns": 0,
    "expiry_ns": FIRST_NS + 73 * DAY_S * 10**9,
    "impact_notional_minor": 10**8,
    "initial_margin_ppm": 10_000,
    "maintenance_margin_ppm": 5_000,
}
PRELAUNCH = {
    **FUTURE,
    "instrument_type": InstrumentType.PRELAUNCH,
    "mark_method": MarkMethod.MARK_PROTECTED,
    "expiry_ns": 0,
    "impact_notional_minor": 0,
    "initial_margin_ppm": 500_000,
    "maintenance_margin_ppm": 250_000,
    "valuation": Valuation.LINEAR,
    "lot": 1,
    "multiplier_minor": 1_000,
}
LAST = {**PRELAUNCH, "mark_method": MarkMethod.MARK_LAST}


def venue(**terms: int) -> World:
    """An instrument at 10,000.00, which is 100,000 ticks and 1,000,000 sub-ticks, with two rich traders 8 and 9."""
    world = World()
    world.now_ns = FIRST_NS
    world.currency("XBt", 8)
    world.index(".B", tolerance_ppm=0)
    world.instrument("X", **{"funding_rate_ppb": 0, "risk_limit_minor": 10**15, **terms})
    world.price(1, 1_000_000)
    for number in (1, 2):
        world.trader(number, 10**13)
    return world


def row(world: World) -> layout.InstrumentRow:
    return world.engine.tables.instruments[1]


def trade(world: World, ticks: int, quantity: int = 1_000) -> list[wire.Event]:
    """So many contracts from the one to the other at a price."""
    world.place(9, SELL, quantity, ticks)
    events = world.place(8, BUY, quantity, ticks)
    assert of_kind(events, EventKind.FILL)
    return events


def minutes(world: World, count: int = 1) -> list[wire.Event]:
    """The minute's ticks; the events of the last."""
    events: list[wire.Event] = []
    for _ in range(count):
        world.now_ns = (world.now_ns // MINUTE_NS + 1) * MINUTE_NS
        events = world.send(layout.Tick())
    return events


def told(events: list[wire.Event]) -> tuple[int, int, int, int, int, int]:
    moved = one(events, EventKind.MARK_MOVED)
    return (
        moved.mark_subticks,
        moved.index_subticks,
        moved.basis_subticks,
        moved.minutes_left,
        moved.rate_ppb,
        moved.index_age_ns,
    )


def test_a_mark_by_funding_follows_index_and_minutes_and_no_trade() -> None:
    world = venue(funding_rate_ppb=1_000_000, funding_interval_ns=8 * 60 * MINUTE_NS)
    left = 480 - (FIRST_NS // MINUTE_NS - 240) % 480
    assert row(world).mark_subticks == 1_000_000 + round(1_000 * left / 480)
    assert row(world).mark_sequence == 5
    mark = row(world).mark_subticks
    for price in (100_000, 104_000, 96_000):
        assert not of_kind(trade(world, price), EventKind.MARK_MOVED)
    assert row(world).mark_subticks == mark
    events = minutes(world, 2)
    basis = round(1_000 * (left - 2) / 480)
    age = world.now_ns - FIRST_NS
    assert told(events) == (1_000_000 + basis, 1_000_000, basis, left - 2, 1_000_000, age)
    assert row(world).mark_sequence == world.engine.sequence
    events = world.price(1, 1_010_000)
    assert told(events)[1:] == (1_010_000, round(1_010 * (left - 2) / 480), left - 2, 1_000_000, 0)
    agree(world)


def test_a_colluding_pair_that_spikes_its_book_by_20_percent_moves_a_mark_by_funding_by_nothing() -> None:
    world = venue()
    for _ in range(5):
        trade(world, 120_000 if row(world).best_bid_ticks else 100_000)
        minutes(world)
    assert row(world).mark_subticks == 1_000_000
    agree(world)


def quotes(world: World, bid: int, ask: int, quantity: int = 1_000_000) -> None:
    """A deep book of one maker at these ticks instead of the last."""
    world.cancel_all(9)
    world.place(9, BUY, quantity, bid)
    world.place(9, SELL, quantity, ask)


def test_a_future_takes_the_basis_of_its_impact_mid_once_a_minute_and_carries_it() -> None:
    """73 days are a fifth of a year: a mid 1 % above the index is 5 % a year, and shrinks by the minute."""
    world = venue(**FUTURE)
    assert row(world).mark_subticks == 1_000_000
    quotes(world, 100_990, 101_010)
    assert (row(world).mark_subticks, row(world).basis_rate_ppb) == (1_000_000, 0)
    events = minutes(world)
    left = 73 * 24 * 60 - 1
    assert row(world).basis_rate_ppb == 50_000_000
    assert told(events) == (1_010_000, 1_000_000, 10_000, left, 50_000_000, 60 * 10**9)
    sampled = one(events, EventKind.PREMIUM_SAMPLED)
    assert (sampled.impact_bid_subticks, sampled.impact_ask_subticks) == (1_009_900, 1_010_100)
    assert (sampled.basis_rate_ppb, sampled.samples, sampled.premium_ppb) == (50_000_000, 0, 0)
    assert sampled.indicative_rate_ppb == 0
    events = world.price(1, 2_000_000)
    assert told(events)[:3] == (2_020_000, 2_000_000, 20_000)
    world.price(1, 1_000_000)
    world.cancel_all(9)
    world.now_ns = FIRST_NS + 36 * DAY_S * 10**9 + DAY_S // 2 * 10**9
    minutes(world)
    assert row(world).basis_rate_ppb == 50_000_000, "a book too thin says nothing"
    assert row(world).mark_subticks == 1_005_000
    agree(world)


@pytest.mark.parametrize(
    ("bid", "ask", "believed"),
    [(100_548, 101_052, False), (100_549, 101_052, True), (100_548, 101_051, True), (90_000, 110_000, False)],
)
def test_impact_prices_a_maintenance_margin_apart_are_not_believed(bid: int, ask: int, believed: bool) -> None:
    """504 ticks are exactly 0.5 % of the mid 100,800."""
    world = venue(**FUTURE)
    quotes(world, bid, ask)
    minutes(world)
    assert (row(world).basis_rate_ppb != 0) == believed
    agree(world)


@pytest.mark.parametrize(("apart", "believed"), [(3, True), (4, False)])
def test_three_ticks_are_close_enough_whatever_the_margin(apart: int, believed: bool) -> None:
    world = venue(**{**FUTURE, "maintenance_margin_ppm": 1, "impact_notional_minor": 10**5})
    quotes(world, 101_000, 101_000 + apart)
    minutes(world)
    assert (row(world).basis_rate_ppb != 0) == believed
    agree(world)


def test_a_spike_on_a_future_moves_its_mark_only_with_a_deep_and_tight_book() -> None:
    """Trades do nothing; quotes move it only while both sides stand with the whole impact notional."""
    world = venue(**FUTURE)
    trade(world, 104_900)
    minutes(world)
    assert row(world).mark_subticks == 1_000_000
    quotes(world, 104_900, 104_910, 10_000)
    minutes(world)
    assert row(world).mark_subticks == 1_000_000
    agree(world)


def test_who_quotes_a_future_deep_and_tight_moves_it_no_further_in_a_minute_than_his_orders_may_stand() -> None:
    """5 % through the mark is where orders end (ORD-07), so that is the most a pair with both sides can do a minute."""
    world = venue(**FUTURE)
    for _ in range(3):
        mark = row(world).mark_subticks
        furthest = -(-mark // 10) * 105 // 100
        world.cancel_all(9)
        assert refused(world.place(8, BUY, 1_000_000, furthest + 1)) == "PRICE_OUTSIDE_BAND"
        quotes(world, furthest - 10, furthest)
        assert row(world).mark_subticks == mark
        minutes(world)
        assert mark < row(world).mark_subticks <= mark * 105 // 100 + 10_000
    agree(world)


def test_a_future_is_paused_at_its_expiry_and_stays_so() -> None:
    world = venue(**{**FUTURE, "expiry_ns": FIRST_NS + 2 * MINUTE_NS})
    quotes(world, 100_100, 100_110)
    minutes(world)
    assert row(world).state == InstrumentState.INSTRUMENT_OPEN
    rate = row(world).basis_rate_ppb
    assert rate > 0
    events = minutes(world)
    changed = one(events, EventKind.INSTRUMENT_STATE_SET)
    assert (changed.instrument, changed.state) == (1, InstrumentState.INSTRUMENT_PAUSED)
    assert told(events)[:5] == (1_000_000, 1_000_000, 0, 0, rate)
    assert not of_kind(minutes(world), EventKind.INSTRUMENT_STATE_SET)
    assert refused(world.place(8, BUY, 100, 100_000)) == "INSTRUMENT_CLOSED"
    for state in (InstrumentState.INSTRUMENT_OPEN, InstrumentState.INSTRUMENT_REDUCING):
        assert refused(world.send(layout.SetInstrumentState(instrument=1, state=state))) == "INSTRUMENT_CLOSED"
    world.send(layout.SetInstrumentState(instrument=1, state=InstrumentState.INSTRUMENT_PAUSED))
    assert of_kind(world.cancel_all(9), EventKind.ENDED)
    agree(world)


def test_the_last_minute_of_a_future_breaks_nothing() -> None:
    """A mid far from the index with a minute left is a basis of thousands of percent, and the mark is that mid."""
    world = venue(**{**FUTURE, "expiry_ns": FIRST_NS + 3 * MINUTE_NS})
    quotes(world, 104_000, 104_010)
    minutes(world, 2)
    assert row(world).basis_rate_ppb > 10**13
    assert row(world).mark_subticks == 1_040_050
    world.price(1, 10**12)
    assert row(world).mark_subticks == 1_040_050, "an index beyond the highest price is none"
    agree(world)


def test_a_protected_mark_follows_trades_inside_half_a_maintenance_margin() -> None:
    """25 % of 1,000,000: from 875,000 to 1,125,000 sub-ticks."""
    world = venue(**PRELAUNCH)
    assert (row(world).mark_subticks, row(world).anchor_subticks) == (1_000_000, 1_000_000)
    assert told(trade(world, 104_000, 10))[:3] == (1_040_000, 1_000_000, 40_000)
    assert row(world).anchor_subticks == 1_000_000
    assert row(world).mark_sequence == world.engine.sequence
    minutes(world)
    assert row(world).anchor_subticks == 1_040_000
    agree(world)


def test_a_protected_mark_moves_by_half_a_margin_a_minute_whatever_a_pair_does() -> None:
    """Trades at 105 % of the mark, the furthest a limit order may go, again and again; the band holds them."""
    world = venue(**{**PRELAUNCH, "maintenance_margin_ppm": 20_000})
    for _ in range(6):
        anchor = row(world).anchor_subticks
        for _ in range(4):
            trade(world, row(world).mark_subticks * 104 // 1_000, 10)
            assert row(world).mark_subticks <= anchor + anchor * 20_000 // 2_000_000
        assert row(world).mark_subticks == anchor + anchor * 20_000 // 2_000_000
        minutes(world)
    # The sixth tick has moved it on once more, because the last price is still outside.
    assert 1_000_000 * 1.01**6 < row(world).mark_subticks <= 1_000_000 * 1.01**7
    agree(world)


def test_until_the_first_trade_the_index_is_the_mark_and_then_never_again() -> None:
    for terms in (PRELAUNCH, LAST):
        world = venue(**terms)
        world.price(1, 1_200_000)
        assert row(world).mark_subticks == 1_200_000
        minutes(world)
        trade(world, 121_000, 10)
        assert row(world).mark_subticks == 1_210_000
        events = world.price(1, 2_000_000)
        assert told(events)[:3] == (1_210_000, 2_000_000, -790_000)
        assert row(world).mark_sequence < world.engine.sequence
        world.price(1, 10**12)
        assert (row(world).mark_subticks, row(world).index_subticks) == (1_210_000, 2_000_000)
        agree(world)


def test_the_last_price_is_the_mark_once_all_fills_of_the_entry_are_made() -> None:
    """MRK-06, and no mark for the fills before the last."""
    world = venue(**LAST)
    for level in range(5):
        world.place(9, SELL, 10, 100_000 + 100 * level)
    events = world.place(8, BUY, 45, 101_000)
    assert len(of_kind(events, EventKind.FILL)) == 5
    assert told(events)[:1] == (1_004_000,)
    kinds = [event.head.kind for event in events]
    assert kinds.index(EventKind.MARK_MOVED) > max(at for at, kind in enumerate(kinds) if kind == EventKind.FILL)
    agree(world)


def test_a_sweep_that_fills_the_buffer_moves_the_mark_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "EVENT_BUFFER_BYTES", layout.EVENT_ROOM_BYTES + 4096)
    world = venue(**LAST)
    for level in range(100):
        world.place(9, SELL, 1, 100_000 + level)
    events = world.place(8, BUY, 100, 101_000)
    assert len(of_kind(events, EventKind.FILL)) == 100
    assert told(events)[0] == 1_000_990
    agree(world)


def test_many_long_entries_at_once_say_what_they_say_one_by_one() -> None:
    """A tick or a price begins with an empty buffer; the events are the same."""
    world = venue()
    for units in range(1_000_000, 1_000_300):
        world.price(1, units)
        world.wait(7)
    body = b"".join(world.journal)
    together, alone = engine.Engine(), engine.Engine()
    assert together.apply(body) == b"".join(alone.apply(entry) for entry in world.journal)
    assert together.roots() == world.engine.roots()


@pytest.mark.parametrize(
    ("base", "wrong"),
    [
        ({}, {"mark_method": 0}),
        ({}, {"mark_method": 5}),
        ({}, {"mark_method": MarkMethod.MARK_IMPACT}),
        ({}, {"expiry_ns": FIRST_NS + MINUTE_NS}),
        ({}, {"instrument_type": InstrumentType.PREDICTION}),
        ({}, {"instrument_type": InstrumentType.CALL}),
        ({}, {"instrument_type": 0}),
        ({}, {"deleverage_policy": 4}),
        ({}, {"impact_notional_minor": -1}),
        ({}, {"impact_notional_minor": 2**53}),
        ({}, {"interest_quote_ppb": 10**9}),
        ({}, {"interest_base_ppb": -(10**9)}),
        ({}, {"funding_offset_ns": 1}),
        ({}, {"price_ticks_max": 2**30 // 10 + 1}),
        ({}, {"mark_method": MarkMethod.MARK_PROTECTED, "maintenance_margin_ppm": 0}),
        (FUTURE, {"expiry_ns": 0}),
        (FUTURE, {"expiry_ns": FIRST_NS}),
        (FUTURE, {"expiry_ns": FIRST_NS + MINUTE_NS + 1}),
        (FUTURE, {"mark_method": MarkMethod.MARK_FUNDING}),
        (FUTURE, {"funding_interval_ns": 8 * 60 * MINUTE_NS}),
        (FUTURE, {"funding_rate_ppb": 1}),
        (PRELAUNCH, {"mark_method": MarkMethod.MARK_IMPACT}),
        (PRELAUNCH, {"mark_method": MarkMethod.MARK_FUNDING}),
        (PRELAUNCH, {"expiry_ns": FIRST_NS - MINUTE_NS}),
    ],
)
def test_terms_that_do_not_go_together_are_not_listed(base: dict[str, int], wrong: dict[str, int]) -> None:
    world = venue()
    one(world.send(listing("RIGHT", **base)), EventKind.LISTED)
    assert refused(world.send(listing("WRONG", **{**base, **wrong}))) == "PARAMETER_INVALID"
    agree(world)


def test_the_dollar_index_of_the_settlement_currency_must_exist() -> None:
    world = venue()
    for number in (-1, 2):
        assert refused(world.send(listing("Y", usd_index=number))) == "INDEX_UNKNOWN"
    assert one(world.send(listing("Y", usd_index=1)), EventKind.LISTED).usd_index == 1
    agree(world)


@pytest.mark.parametrize("tolerance", [-1, 1_000_001])
def test_a_tolerance_is_a_share(tolerance: int) -> None:
    world = venue()
    record = layout.ListIndex(decimals=2, tolerance_ppm=tolerance)
    wire.put_text(record.symbol, ".C")
    assert refused(world.send(record)) == "PARAMETER_INVALID"
