"""An engine with very many accounts, made fast: what `outcry scenario` and `outcry bench risk` are played on.

`Market` hands an engine commands as journal entries, in order and with the engine's own work done as a node has it done
(one `Continue` of 4,096 units before each further command), and measures each entry.  `Entry` is a command that is
written once and then stamped with new numbers, which costs a tenth of writing it anew: so a million positions take
seconds.
Never looks into the engine but through its events, rows and sums.
"""

import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from struct import pack_into
from typing import Any

from outcry.app import listings
from outcry.engine.engine import Engine
from outcry.engine.growing import GROWING
from outcry.protocol import layout, wire
from outcry.protocol.layout import EventKind, OrderType, Side, TableNumber, TimeInForce

BEGIN_NS = (1_800_000_000 + 4 * 3600 - 90) * 10**9
"""A minute and a half before funding at 12:00 UTC."""
BATCH = 2_000
ORIGIN = 1
CURRENCIES = 16
FIELD_SHAPES = {1: "<B", 4: "<i", 8: "<q"}


Watcher = Callable[[wire.Event], None]


class CrowdRefused(AssertionError):
    """A command that had to be taken was refused: a mistake in the scenario, or in the engine."""


class Entry:
    """A command as bytes, of which some fields are written anew each time; sequence and time are the market's."""

    def __init__(self, record: listings.Record, *names: str) -> None:
        self._bytes = wire.encode_entry(record, origin=ORIGIN)
        fields = [getattr(type(record), name) for name in names]
        self._places = [(FIELD_SHAPES[field.size], wire.ENTRY_HEAD_BYTES + field.offset) for field in fields]

    def of(self, *numbers: int) -> bytearray:
        """The entry with these numbers in its named fields."""
        made = bytearray(self._bytes)
        for (shape, place), number in zip(self._places, numbers, strict=True):
            pack_into(shape, made, place, number)
        return made


def limit_order(instrument: int, side: Side, names: tuple[str, ...] = ("account", "quantity", "price_ticks")) -> Entry:
    """A good-till-cancel limit order."""
    record = layout.Place(
        instrument=instrument,
        side=side,
        order_type=OrderType.LIMIT,
        time_in_force=TimeInForce.GOOD_TILL_CANCEL,
        display_quantity=-1,
    )
    return Entry(record, *names)


class Market:
    """An engine behind a journal that nobody keeps."""

    def __init__(self, terms: listings.Listings, watcher: Watcher | None = None) -> None:
        self.engine = Engine()
        self.terms = terms
        self.units = layout.WORK_UNITS_MAX
        """Of the engine's own work in one `Continue`."""
        self._watcher = watcher
        self.time_ns = BEGIN_NS
        self.counts: Counter[int] = Counter()
        """Events so far, by kind."""
        self.slowest_ns = 0
        """The longest that one entry took since the last `watch`, in CPU time, which others do not change."""
        self.slowest_kind = 0
        """Its kind."""
        self.spent_ns = 0
        """What all entries took since then."""
        self.examined = 0
        """Units of the engine's own work since."""
        self.entries = 0
        self._next = 1

    # Making it.

    def list_all(self) -> None:
        """Everything that is listed, without prices."""
        self.flood(Entry(record).of() for record in self.terms.commands())

    def make_room(self, accounts: int, positions: int, orders: int) -> None:
        """Tables large enough for so many of each, and some more."""
        wanted = {
            TableNumber.ACCOUNTS_TABLE: accounts,
            TableNumber.WALLETS_TABLE: 2 * accounts,
            TableNumber.POSITIONS_TABLE: positions,
            TableNumber.DEPOSITS_TABLE: 2 * accounts,
            TableNumber.ORDERS_TABLE: orders,
            TableNumber.TAKEOVERS_TABLE: positions,
            TableNumber.RANKED_TABLE: positions,
            TableNumber.VOLUMES_TABLE: accounts,
        }
        for table, rows in wanted.items():
            if table in GROWING:
                self._grow(int(table), rows + 2 * BATCH)

    def _grow(self, table: int, rows: int) -> None:
        now = self.engine.tables.pools[table].rows
        wanted = now
        while wanted < rows:
            wanted = 2 * (wanted - 1) + 1
        if wanted > now:
            self.must(layout.Grow(table=table, rows=wanted))

    def open_accounts(self, count: int) -> range:
        """So many accounts more; their numbers."""
        first = self.engine.tables.pools[TableNumber.ACCOUNTS_TABLE].high + 1
        data = wire.encode_entry(layout.OpenAccount(), origin=ORIGIN)

        def opened() -> Iterator[bytearray]:
            for number in range(first, first + count):
                made = bytearray(data)
                # The handle is all there is of the record.
                pack_into("<q", made, wire.ENTRY_HEAD_BYTES, number)
                yield made

        self.flood(opened())
        return range(first, first + count)

    def deposit(self, amounts: Iterable[tuple[int, int, int]]) -> None:
        """Money: account, currency, amount in minor units; each account once a currency."""
        entry = Entry(layout.Deposit(), "account", "currency", "amount_minor", "output_index")
        self.flood(
            entry.of(account, currency, amount, account * CURRENCIES + currency)
            for account, currency, amount in amounts
        )

    def set_prices(self, index: int, units: int) -> None:
        """All sources of an index say the same price."""
        for place, (of, _) in enumerate(self.terms.constituents(), 1):
            if of == index:
                self.send(layout.ConstituentPrice(index=index, constituent=place, price_units=units))

    # Journaling.

    def flood(self, entries: Iterable[bytearray]) -> None:
        """Many entries that must all be taken, none of which is waited for.  Raises `CrowdRefused`."""
        pending = iter(entries)
        while batch := list(itertools.islice(pending, BATCH)):
            for table, rows in self.engine.wants_grow():
                self.must(layout.Grow(table=table, rows=rows))
            for data in batch:
                self._stamp(data)
            events = self.engine.apply(b"".join(batch))
            self.entries += len(batch)
            for event in wire.events_among(events, REFUSALS):
                raise CrowdRefused(_words(event))
            self.work()

    def send(self, record: listings.Record) -> list[wire.Event]:
        """One command, after the tick and the piece of the engine's own work that a node would journal before it."""
        return self.hand(Entry(record).of())

    def hand(self, data: bytearray) -> list[wire.Event]:
        """The same for a command that is written already."""
        if 0 < self.engine.next_due_ns <= self.time_ns:
            self._journal(Entry(layout.Tick()).of())
        if self.engine.work_waiting:
            self._carry_on()
        return self._journal(data)

    def must(self, record: listings.Record) -> list[wire.Event]:
        """A command that must be taken.  Raises `CrowdRefused`."""
        events = self.send(record)
        for event in events:
            if event.head.kind in REFUSALS:
                raise CrowdRefused(_words(event))
        return events

    def tick(self, seconds: float = 0.0) -> list[wire.Event]:
        """Time passes, and what is due happens."""
        self.time_ns += int(seconds * 10**9)
        return self._journal(Entry(layout.Tick()).of())

    def watch(self) -> None:
        """Measure and count from here."""
        self.slowest_ns = self.spent_ns = self.examined = 0
        self.counts.clear()

    def work(self) -> int:
        """Do the engine's own work until none waits; in how many entries.  Raises `CrowdRefused` if it stands still."""
        done = 0
        while self.engine.work_waiting:
            before = self.examined
            self._carry_on()
            if self.examined == before and self.engine.work_waiting and not self._make_larger():
                raise CrowdRefused(f"the engine's own work stands still at sequence {self.engine.sequence}")
            done += 1
        return done

    def _carry_on(self) -> None:
        self._make_larger()
        self._journal(Entry(layout.Continue(units_max=self.units)).of())

    def _make_larger(self) -> bool:
        """Enlarge what is nearly full; whether anything was."""
        wanted = self.engine.wants_grow()
        for table, rows in wanted:
            self._journal(Entry(layout.Grow(table=table, rows=rows)).of())
        return bool(wanted)

    def _journal(self, data: bytearray) -> list[wire.Event]:
        self._stamp(data)
        begun = time.thread_time_ns()
        buffer = self.engine.apply(memoryview(data))
        took = time.thread_time_ns() - begun
        if took > self.slowest_ns:
            self.slowest_ns, self.slowest_kind = took, wire.entry_of(memoryview(data)).head.kind
        self.spent_ns += took
        self.entries += 1
        events = list(wire.events_of(buffer))
        for event in events:
            self.counts[event.head.kind] += 1
            if event.head.kind == EventKind.CONTINUED:
                self.examined += event.record.units
            if self._watcher is not None:
                self._watcher(event)
        return events

    def _stamp(self, data: bytearray) -> None:
        pack_into("<qqq", data, 0, self._next, self.time_ns, self._next)
        self._next += 1


REFUSALS = frozenset({int(EventKind.REFUSED), int(EventKind.HALTED)})


def _words(event: wire.Event) -> str:
    """What a refusal or a halt says."""
    record: Any = event.record
    if event.head.kind == EventKind.HALTED:
        return f"the venue halted at sequence {event.head.sequence}: {layout.Fault(record.fault).name}"
    what = layout.Code(record.code).name
    kind = layout.CommandKind(record.command_kind).name
    return (
        f"{kind} of account {record.account} in instrument {record.instrument} was refused at sequence "
        f"{event.head.sequence}: {what}, wanted {record.wanted:,}, limit {record.limit:,}"
    )
