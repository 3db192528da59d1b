"""The operator's process lists as the venue's time passes: months of it, a restart, a pause, refusals, no answers."""

import asyncio
import ctypes
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from outcry.app import listings, series
from outcry.app.listing_ahead import Ahead, run_listing
from outcry.engine.engine import Engine
from outcry.protocol import wire
from outcry.protocol.layout import ConstituentPrice, EventKind, Tick
from outcry.protocol.wire import Event

START = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


@dataclass
class Applied:
    events: Sequence[Event]


class Clocked:
    """An engine whose clock the test drives; counts what is handed in."""

    def __init__(self, time: datetime = START, engine: Engine | None = None) -> None:
        self.engine = engine or Engine()
        self.time_ns = ns(time)
        self.handed_in = 0
        self.silent = False

    def send(self, record: ctypes.LittleEndianStructure, payload: bytes = b"") -> list[Event]:
        number = self.engine.sequence + 1
        entry = wire.encode_entry(
            record, payload, sequence=number, time_ns=self.time_ns, origin=2, origin_sequence=number
        )
        return list(wire.events_of(self.engine.apply(entry)))

    async def execute_all(
        self, commands: Sequence[tuple[ctypes.LittleEndianStructure, bytes]]
    ) -> list[Applied | Exception]:
        self.handed_in += len(commands)
        if self.silent:
            return [ConnectionError("nobody answers") for _ in commands]
        return [Applied(self.send(*command)) for command in commands]

    def to(self, time: datetime) -> None:
        """A tick at a time, and prices, so that indices have values."""
        self.time_ns = ns(time)
        self.send(Tick())
        for number, (index, terms) in enumerate(TERMS.constituents(), 1):
            units = TERMS.indices[index - 1].start_units
            self.send(ConstituentPrice(index=index, constituent=number, price_units=units))
            assert terms.name


def ns(time: datetime) -> int:
    return int(time.timestamp()) * 10**9


TERMS = listings.load()


@pytest.fixture
def venue() -> Clocked:
    """Currencies, indices and perpetuals are listed."""
    clocked = Clocked()
    for record in listings.outstanding(TERMS, clocked.engine.tables):
        clocked.send(record)
    return clocked


def names(venue: Clocked) -> list[str]:
    return listings.listed_names(venue.engine.tables, "instruments")[len(TERMS.instruments) :]


def futures(venue: Clocked) -> list[str]:
    return [name for name in names(venue) if any(one.names(name) for one in TERMS.products if one.type == "future")]


def ahead_of(venue: Clocked) -> Ahead:
    return Ahead(venue, venue.engine, TERMS)


def test_a_venue_left_alone_lists_for_months(venue: Clocked) -> None:
    ahead, time = ahead_of(venue), START
    for _ in range(300):
        venue.to(time)
        asyncio.run(ahead.step())
        time += timedelta(hours=13)
    assert [name for name in futures(venue) if name.startswith("XBT")] == [
        "XBTX26",
        "XBTZ26",
        "XBTH27",
        "XBTF27",
        "XBTG27",
        "XBTM27",
        "XBTJ27",
        "XBTK27",
        "XBTU27",
    ]
    assert [name for name in futures(venue) if name.startswith("ETH")] == [
        "ETHUSDTZ26",
        "ETHUSDTH27",
        "ETHUSDTM27",
        "ETHUSDTU27",
    ]
    assert len(set(names(venue))) == len(names(venue))
    assert listings.outstanding(TERMS, venue.engine.tables) == []


def test_every_contract_ends_when_its_name_says(venue: Clocked) -> None:
    venue.to(START)
    asyncio.run(ahead_of(venue).step())
    rows = venue.engine.tables.instruments
    number = len(TERMS.instruments) + 1 + names(venue).index("XBTZ26")
    assert rows[number].expiry_ns == ns(datetime(2026, 12, 25, 12, tzinfo=UTC))


def test_nothing_is_listed_twice_and_nothing_handed_in_for_nothing(venue: Clocked) -> None:
    ahead = ahead_of(venue)
    venue.to(START)
    assert asyncio.run(ahead.step()) > 0
    handed_in = venue.handed_in
    for minute in range(1, 50):
        venue.to(START + timedelta(minutes=minute))
        assert asyncio.run(ahead.step()) == 0
    assert venue.handed_in == handed_in


def test_another_process_goes_on_where_the_first_was(venue: Clocked) -> None:
    venue.to(START)
    asyncio.run(ahead_of(venue).step())
    before = names(venue)
    venue.to(START + timedelta(minutes=1))
    assert asyncio.run(ahead_of(venue).step()) == 0
    assert names(venue) == before


def test_after_a_pause_of_two_months_what_has_ended_is_not_listed(venue: Clocked) -> None:
    venue.to(START)
    asyncio.run(ahead_of(venue).step())
    before = len(names(venue))
    venue.to(datetime(2027, 2, 1, tzinfo=UTC))
    asyncio.run(ahead_of(venue).step())
    new = [name for name in futures(venue) if name in names(venue)[before:]]
    assert [name for name in new if name.startswith("XBT")] == ["XBTG27", "XBTM27"]


def test_who_gets_no_answer_asks_again(venue: Clocked) -> None:
    ahead = ahead_of(venue)
    venue.to(START)
    venue.silent = True
    assert asyncio.run(ahead.step()) == 0
    venue.silent = False
    assert asyncio.run(ahead.step()) > 0


def test_what_is_refused_is_told_and_tried_an_hour_later(venue: Clocked, caplog: pytest.LogCaptureFixture) -> None:
    spoilt = replace(TERMS, products=tuple(one for one in TERMS.products if one.type == "future")[:1])
    # A future is refused that says more than its kind may: an hourly band wider than its price.
    spoilt = replace(spoilt, products=tuple(msgspec.structs.replace(one, band="100 %") for one in spoilt.products))
    ahead = Ahead(venue, venue.engine, spoilt)
    venue.to(START)
    assert asyncio.run(ahead.step()) == 0
    assert "PARAMETER_INVALID" in caplog.text
    assert venue.handed_in == 3
    venue.to(START + timedelta(minutes=5))
    asyncio.run(ahead.step())
    assert venue.handed_in == 3
    venue.to(START + timedelta(minutes=61))
    asyncio.run(ahead.step())
    assert venue.handed_in == 6


def test_a_data_folder_with_series_takes_a_perpetual_that_is_added_later(venue: Clocked) -> None:
    venue.to(START)
    asyncio.run(ahead_of(venue).step())
    last = msgspec.structs.replace(TERMS.instruments[-1], symbol="DOGEUSDTX")
    more = replace(TERMS, instruments=(*TERMS.instruments, last))
    (record,) = listings.outstanding(more, venue.engine.tables)
    events = venue.send(record)
    assert EventKind.REFUSED not in [event.head.kind for event in events]
    assert listings.outstanding(more, venue.engine.tables) == []


def test_a_perpetual_that_no_file_names_is_still_refused(venue: Clocked) -> None:
    venue.to(START)
    asyncio.run(ahead_of(venue).step())
    fewer = replace(TERMS, instruments=TERMS.instruments[:-1])
    assert listings.outstanding(fewer, venue.engine.tables) == []
    other = msgspec.structs.replace(TERMS.instruments[-1], symbol="OTHER")
    with pytest.raises(listings.ListingError, match="instrument number 6 of this data folder is 'DOGEUSDT'"):
        listings.outstanding(replace(fewer, instruments=(*fewer.instruments, other)), venue.engine.tables)


def test_a_future_of_a_product_that_is_no_more_may_stay(venue: Clocked) -> None:
    venue.to(START)
    asyncio.run(ahead_of(venue).step())
    assert listings.outstanding(replace(TERMS, products=()), venue.engine.tables) == []


def test_the_loop_ends_when_told(venue: Clocked) -> None:
    async def run() -> None:
        stop = asyncio.Event()
        venue.to(START)
        task = asyncio.create_task(run_listing(ahead_of(venue), stop, look_s=0.01))
        while not names(venue):
            await asyncio.sleep(0.01)
        stop.set()
        await task

    asyncio.run(run())


def test_nothing_is_wanted_before_the_first_entry() -> None:
    venue = Clocked()
    assert asyncio.run(ahead_of(venue).step()) == 0
    assert venue.handed_in == 0
    assert series.wanted(TERMS, (), 0, {}, {}) == []
