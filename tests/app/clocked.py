"""An engine whose clock the test drives, with the demo's perpetuals listed and prices that can be moved."""

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from outcry.app import listings
from outcry.app.listings import Listings
from outcry.engine.engine import Engine
from outcry.protocol import layout, wire
from outcry.protocol.layout import MINUTE_NS, WORK_UNITS_MAX, ConstituentPrice, Continue, Grow, InstrumentState, Tick
from outcry.protocol.wire import Event, text_of

START = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


@dataclass
class Applied:
    events: Sequence[Event]


def ns(time: datetime) -> int:
    return int(time.timestamp()) * 10**9


class Clocked:
    """Counts what is handed in; answers nothing while it is silent."""

    def __init__(self, terms: Listings, time: datetime = START) -> None:
        self.terms = terms
        self.engine = Engine()
        self.time_ns = ns(time)
        self.handed_in = 0
        self.silent = False
        self.said: list[Event] = []

    def open(self) -> "Clocked":
        """List currencies, indices and perpetuals."""
        for record in listings.outstanding(self.terms, self.engine.tables):
            self.send(record)
        return self

    def send(self, record: ctypes.LittleEndianStructure, payload: bytes = b"") -> list[Event]:
        for table, rows in [] if isinstance(record, Grow) else self.engine.wants_grow():
            self.send(Grow(table=table, rows=rows))
        number = self.engine.sequence + 1
        entry = wire.encode_entry(
            record, payload, sequence=number, time_ns=self.time_ns, origin=2, origin_sequence=number
        )
        events = list(wire.events_of(self.engine.apply(entry)))
        self.said += events
        return events

    async def execute_all(
        self, commands: Sequence[tuple[ctypes.LittleEndianStructure, bytes]]
    ) -> list[Applied | Exception]:
        self.handed_in += len(commands)
        if self.silent:
            return [ConnectionError("nobody answers") for _ in commands]
        return [Applied(self.send(*command)) for command in commands]

    def to(self, time_ns: int, permille: int = 1000) -> None:
        """A tick at a time, prices so many thousandths of where they begin, and the work that follows."""
        self.time_ns = time_ns
        self.send(Tick())
        for number, (index, _) in enumerate(self.terms.constituents(), 1):
            units = self.terms.indices[index - 1].start_units * permille // 1000
            self.send(ConstituentPrice(index=index, constituent=number, price_units=units))
        self.work()

    def until(self, time: datetime, permille: int = 1000) -> None:
        """The minutes until a time, half an hour of them, so that contracts that end then have their samples."""
        for minute in range(30, -1, -1):
            self.to(ns(time) - minute * MINUTE_NS, permille)

    def work(self) -> None:
        """What the engine has to do of its own."""
        while self.engine.work_waiting:
            self.send(Continue(units_max=WORK_UNITS_MAX))

    def names(self) -> list[str]:
        """What was listed after the perpetuals."""
        return listings.listed_names(self.engine.tables, "instruments")[len(self.terms.instruments) :]

    def states(self) -> dict[str, InstrumentState]:
        """The states of all instruments by symbol."""
        rows = self.engine.tables.instruments
        last = self.engine.tables.pools[layout.TableNumber.INSTRUMENTS_TABLE].high
        return {text_of(rows[n].symbol): InstrumentState(rows[n].state) for n in range(1, last + 1)}
