"""The engine takes every mark that the feed says of its chains, through a week, a fall, and the last half hour."""

import asyncio
from datetime import datetime, timedelta

import pytest

from outcry.app.chains import Chains
from outcry.app.listing_ahead import Ahead
from outcry.feeds.options import OptionMarks
from outcry.protocol.layout import MINUTE_NS, EventKind, InstrumentState
from tests.app.clocked import START, Clocked, ns
from tests.app.every_product import every_product

TERMS = every_product()
END = START.replace(day=27, hour=12)


@pytest.fixture
def venue() -> Clocked:
    """A chain is listed, and has prices."""
    venue = Clocked(TERMS).open()
    venue.to(ns(START))
    asyncio.run(Ahead(venue, venue.engine, TERMS).step())
    return venue


def say(venue: Clocked, chains: Chains, marks: OptionMarks) -> int:
    """What the feed says now is taken; how many marks that were."""
    records = marks.step(*chains.look())
    for record in records:
        events = venue.send(record)
        assert [event.head.kind for event in events if event.head.kind == EventKind.REFUSED] == [], record.instrument
    venue.work()
    return len(records)


def row(venue: Clocked, symbol: str) -> object:
    return venue.engine.tables.instruments[7 + venue.names().index(symbol)]


def test_the_terms_of_a_chain_are_the_engines(venue: Clocked) -> None:
    now_ns, options, underlyings = Chains(venue.engine).look()
    assert now_ns == ns(START)
    assert len(options) == sum(name.count("-") == 3 for name in venue.names())
    first = options[0]
    assert (first.in_underlying, first.subticks_per_whole, first.subticks_per_tick) == (True, 100_000, 10)
    linear = next(option for option in options if option.index == 2)
    assert (linear.in_underlying, linear.subticks_per_whole, linear.subticks_per_tick) == (False, 100, 10)
    assert underlyings[1].value_units == 6_000_000
    # The minute's value is noted by its tick, so the first is there a minute later.
    venue.to(ns(START) + MINUTE_NS)
    assert Chains(venue.engine).look()[2][1].minutes == {ns(START) + MINUTE_NS: 6_000_000}


def test_every_mark_is_taken_through_a_fall_and_a_rise(venue: Clocked) -> None:
    chains, marks = Chains(venue.engine), OptionMarks(3)
    ahead = Ahead(venue, venue.engine, TERMS)
    said = 0
    for step in range(60):
        permille = 1000 - 12 * step if step < 30 else 640 + 18 * (step - 30)
        venue.to(ns(START) + step * 40 * MINUTE_NS, permille)
        asyncio.run(ahead.step())
        said += say(venue, chains, marks)
    assert said > 60 * 80
    # Strikes followed the price.
    assert any("-39000-" in name or "-40000-" in name for name in venue.names())


def test_an_expiry_minute_by_minute(venue: Clocked) -> None:
    chains, marks = Chains(venue.engine), OptionMarks(3)
    for minute in range(35, 0, -1):
        venue.to(ns(END) - minute * MINUTE_NS, 1000 + minute)
        assert say(venue, chains, marks) > 0
    last = row(venue, "XBT-27NOV26-59000-C").mark_subticks  # type: ignore[attr-defined]
    venue.to(ns(END), 1000)
    settled = row(venue, "XBT-27NOV26-59000-C").settlement_subticks  # type: ignore[attr-defined]
    # The last mark knew 29 of the 30 samples, so it was nearly what is paid.
    assert settled == pytest.approx(last, abs=3)
    assert settled > 1_000
    assert venue.states()["XBT-27NOV26-59000-C"] == InstrumentState.INSTRUMENT_SETTLED
    before = len(chains.look()[1])
    assert all(option.expiry_ns > ns(END) for option in chains.look()[1])
    assert before > 50
    say(venue, chains, marks)


def test_an_end_that_was_put_off_is_followed(venue: Clocked) -> None:
    chains = Chains(venue.engine)
    number = chains.look()[1][0].instrument
    later = datetime.fromtimestamp(chains.look()[1][0].expiry_ns / 1e9, START.tzinfo) + timedelta(days=1)
    venue.engine.tables.instruments[number].expiry_ns = ns(later)
    assert chains.look()[1][0].expiry_ns == ns(later)
