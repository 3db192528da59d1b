"""The operator's process lists as the venue's time passes: months of it, a restart, a pause, refusals, no answers."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from outcry.app import listings, series
from outcry.app.listing_ahead import Ahead, run_listing
from outcry.protocol.layout import MINUTE_NS, EventKind, InstrumentState
from tests.app.clocked import START, Clocked, ns
from tests.app.every_product import every_product

FRIDAY = 4
TERMS = every_product()


@pytest.fixture
def venue() -> Clocked:
    """Currencies, indices and perpetuals are listed."""
    return Clocked(TERMS).open()


def futures(venue: Clocked) -> list[str]:
    return [name for name in venue.names() if any(one.names(name) for one in TERMS.products if one.type == "future")]


def ahead_of(venue: Clocked) -> Ahead:
    return Ahead(venue, venue.engine, TERMS)


def test_a_venue_left_alone_lists_and_settles_for_months(venue: Clocked) -> None:
    ahead, day = ahead_of(venue), START.replace(day=24, hour=12)
    for _ in range(163):
        venue.to(ns(day) - 6 * 60 * MINUTE_NS)
        asyncio.run(ahead.step())
        if day.weekday() == FRIDAY:
            venue.until(day)
            asyncio.run(ahead.step())
        day += timedelta(days=1)
    names = venue.names()
    assert [name for name in futures(venue) if name.startswith("XBT")] == [
        *("XBTX26", "XBTZ26", "XBTH27", "XBTF27", "XBTG27", "XBTM27", "XBTJ27", "XBTK27", "XBTU27")
    ]
    assert [name for name in futures(venue) if name.startswith("ETH")] == [
        *("ETHUSDTZ26", "ETHUSDTH27", "ETHUSDTM27", "ETHUSDTU27")
    ]
    spreads = [name for name in names if name.startswith("XBT") and name.count("-") == 1]
    assert spreads == ["XBTZ26-XBTH27", "XBTH27-XBTM27", "XBTM27-XBTU27"]
    assert len(set(names)) == len(names)
    refused = [event.record.code for event in venue.said if event.head.kind == EventKind.REFUSED]
    assert refused == []
    # Everything has ended that had to, and nothing else: five months later it is May.
    states = venue.states()
    ended = {name for name in names if states[name] == InstrumentState.INSTRUMENT_SETTLED}
    rows = venue.engine.tables.instruments
    over = {name for number, name in enumerate(names, 7) if 0 < rows[number].expiry_ns <= venue.engine.time_ns}
    # A question is answered by people, and waits for them.
    asked = {"P_XBT100KZ26", "P_XBT100KH27"}
    assert over == ended | asked
    assert {states[name] for name in asked} == {InstrumentState.INSTRUMENT_PAUSED}
    assert {states[name] for name in names if name not in over} == {InstrumentState.INSTRUMENT_OPEN}
    assert {"XBTX26", "XBTJ27", "XBTH27-XBTM27", "XBT-04DEC26-60000-C"} <= ended
    assert listings.outstanding(TERMS, venue.engine.tables) == []


def test_every_contract_ends_when_its_name_says(venue: Clocked) -> None:
    venue.to(ns(START))
    asyncio.run(ahead_of(venue).step())
    rows = venue.engine.tables.instruments
    number = len(TERMS.instruments) + 1 + venue.names().index("XBTZ26")
    assert rows[number].expiry_ns == ns(datetime(2026, 12, 25, 12, tzinfo=UTC))


def test_nothing_is_listed_twice_and_nothing_handed_in_for_nothing(venue: Clocked) -> None:
    ahead = ahead_of(venue)
    venue.to(ns(START))
    assert asyncio.run(ahead.step()) > 0
    handed_in = venue.handed_in
    for minute in range(1, 50):
        venue.to(ns(START + timedelta(minutes=minute)))
        assert asyncio.run(ahead.step()) == 0
    assert venue.handed_in == handed_in


def test_another_process_goes_on_where_the_first_was(venue: Clocked) -> None:
    venue.to(ns(START))
    asyncio.run(ahead_of(venue).step())
    before = venue.names()
    venue.to(ns(START + timedelta(minutes=1)))
    assert asyncio.run(ahead_of(venue).step()) == 0
    assert venue.names() == before


def test_after_a_pause_of_two_months_what_has_ended_is_not_listed(venue: Clocked) -> None:
    venue.to(ns(START))
    asyncio.run(ahead_of(venue).step())
    before = len(venue.names())
    venue.to(ns(datetime(2027, 2, 1, tzinfo=UTC)))
    asyncio.run(ahead_of(venue).step())
    new = [name for name in futures(venue) if name in venue.names()[before:]]
    assert [name for name in new if name.startswith("XBT")] == ["XBTG27", "XBTM27"]


def test_who_gets_no_answer_asks_again(venue: Clocked) -> None:
    ahead = ahead_of(venue)
    venue.to(ns(START))
    venue.silent = True
    assert asyncio.run(ahead.step()) == 0
    venue.silent = False
    assert asyncio.run(ahead.step()) > 0


def test_what_is_refused_is_told_and_tried_an_hour_later(venue: Clocked, caplog: pytest.LogCaptureFixture) -> None:
    spoilt = replace(TERMS, products=tuple(one for one in TERMS.products if one.type == "future")[:1])
    # A future is refused that says more than its kind may: an hourly band wider than its price.
    spoilt = replace(spoilt, products=tuple(msgspec.structs.replace(one, band="100 %") for one in spoilt.products))
    ahead = Ahead(venue, venue.engine, spoilt)
    venue.to(ns(START))
    assert asyncio.run(ahead.step()) == 0
    assert "PARAMETER_INVALID" in caplog.text
    assert venue.handed_in == 3
    venue.to(ns(START + timedelta(minutes=5)))
    asyncio.run(ahead.step())
    assert venue.handed_in == 3
    venue.to(ns(START + timedelta(minutes=61)))
    asyncio.run(ahead.step())
    assert venue.handed_in == 6


def test_a_data_folder_with_series_takes_a_perpetual_that_is_added_later(venue: Clocked) -> None:
    venue.to(ns(START))
    asyncio.run(ahead_of(venue).step())
    last = msgspec.structs.replace(TERMS.instruments[-1], symbol="DOGEUSDTX")
    more = replace(TERMS, instruments=(*TERMS.instruments, last))
    (record,) = listings.outstanding(more, venue.engine.tables)
    events = venue.send(record)
    assert EventKind.REFUSED not in [event.head.kind for event in events]
    assert listings.outstanding(more, venue.engine.tables) == []


def test_a_perpetual_that_no_file_names_is_still_refused(venue: Clocked) -> None:
    venue.to(ns(START))
    asyncio.run(ahead_of(venue).step())
    fewer = replace(TERMS, instruments=TERMS.instruments[:-1])
    assert listings.outstanding(fewer, venue.engine.tables) == []
    other = msgspec.structs.replace(TERMS.instruments[-1], symbol="OTHER")
    with pytest.raises(listings.ListingError, match="instrument number 6 of this data folder is 'DOGEUSDT'"):
        listings.outstanding(replace(fewer, instruments=(*fewer.instruments, other)), venue.engine.tables)


def test_a_future_of_a_product_that_is_no_more_may_stay(venue: Clocked) -> None:
    venue.to(ns(START))
    asyncio.run(ahead_of(venue).step())
    assert listings.outstanding(replace(TERMS, products=()), venue.engine.tables) == []


def test_the_loop_ends_when_told(venue: Clocked) -> None:
    async def run() -> None:
        stop = asyncio.Event()
        venue.to(ns(START))
        task = asyncio.create_task(run_listing(ahead_of(venue), stop, look_s=0.01))
        while not venue.names():
            await asyncio.sleep(0.01)
        stop.set()
        await task

    asyncio.run(run())


def test_nothing_is_wanted_before_the_first_entry() -> None:
    venue = Clocked(TERMS)
    assert asyncio.run(ahead_of(venue).step()) == 0
    assert venue.handed_in == 0
    assert series.wanted(TERMS, (), 0, {}, {}) == []
