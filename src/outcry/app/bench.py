"""`outcry bench`: what the engine and a replay cost on this machine.

First what is measured, then the stream.  The stream is seeded and mixed as in the field's usual benchmarks: 48 % new
limits, 42 % cancels, 5 % amends, 5 % orders that take; prices at exponential distances around a slow random walk;
orders and cancels spread evenly over all accounts.  It is made once by driving an engine (a cancel must know a number
that the engine gave), then applied to fresh engines: in batches, and from a journal on disk with its checks.
Known limit: one instrument and no feed; nothing here measures a network.
"""

import os
import platform
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from outcry.app import checking, listings
from outcry.engine.engine import Engine
from outcry.engine.machine import COMPILED
from outcry.journal.frames import Genesis, Head, build_frame
from outcry.journal.segments import Segments
from outcry.protocol import layout, wire

COMMANDS = 200_000
COMMANDS_SMALL = 4_000
ACCOUNTS = 1_000
BATCH = 500
REPEATS = 3
SEED = 20_261_122
START_TICKS = 600_000
MEAN_OFFSET_TICKS = 1_000
MILLISECOND_NS = 10**6
ORIGIN = 1
REFERENCE_WORDS = 4


class Figures(msgspec.Struct, frozen=True):
    """What was measured."""

    compiled: bool
    python: str
    machine: str
    commands: int
    events: int
    trades: int
    refused: int
    engine_ns_per_command: int
    engine_ns_per_command_best: int
    engine_commands_per_second: int
    replay_entries_per_second: int
    verify_entries_per_second: int
    journal_bytes_per_entry: int


class TooSlow(Exception):
    """Uncompiled, the full stream would take minutes."""


def run(small: bool) -> Figures:
    """Measure.  Raises `TooSlow` uncompiled unless `small`."""
    if not COMPILED and not small:
        raise TooSlow("the engine is not compiled, and the full stream would take many minutes: say --small")
    commands = COMMANDS_SMALL if small else COMMANDS
    stream = Stream(commands, SEED)
    costs = [_apply_ns(stream) / commands for _ in range(REPEATS)]
    with tempfile.TemporaryDirectory() as folder:
        journal_bytes = write_journal(Path(folder), stream)
        replayed = checking.replay(Path(folder), lambda sequence: None)
        verified = checking.verify(Path(folder), lambda sequence: None)
    if (replayed.root, verified.root) != (stream.root, stream.root):
        raise AssertionError("the replayed state is not the one that the stream made")
    median = statistics.median(costs)
    return Figures(
        compiled=COMPILED,
        python=platform.python_version(),
        machine=f"{platform.machine()}, {os.cpu_count()} CPUs",
        commands=commands,
        events=stream.events,
        trades=stream.trades,
        refused=stream.refused,
        engine_ns_per_command=round(median),
        engine_ns_per_command_best=round(min(costs)),
        engine_commands_per_second=round(10**9 / median),
        replay_entries_per_second=replayed.entries_per_second,
        verify_entries_per_second=verified.entries_per_second,
        journal_bytes_per_entry=round(journal_bytes / replayed.entries),
    )


def _apply_ns(stream: "Stream") -> int:
    """Time of the mixed part of the stream in a fresh engine."""
    engine = Engine()
    for body in stream.opening:
        engine.apply(body)
    started = time.perf_counter_ns()
    for body in stream.batches:
        engine.apply(body)
    spent = time.perf_counter_ns() - started
    if engine.roots()[2].hex() != stream.root:
        raise AssertionError("two engines that applied one stream differ")
    return spent


def write_journal(folder: Path, stream: "Stream") -> int:
    """The stream as a journal; returns its bytes."""
    genesis = Genesis(1, stream.begin_ns)
    journal = Segments.open(folder, genesis)
    head = Head.at_genesis(genesis.hash)
    engine, written = Engine(), 0
    try:
        for body in (*stream.opening, *stream.batches):
            count = sum(1 for _ in wire.entry_slices(body))
            frame = build_frame(head.sequence + 1, count, body, head.frame_hash, head.events_digest)
            journal.append(frame)
            head = Head(frame.last_sequence, frame.hash, wire.events_digest(engine.apply(body)))
            written += len(frame.data)
        journal.sync()
    finally:
        journal.close()
    return written


class Stream:
    """The commands as frame bodies, and what an engine made of them."""

    def __init__(self, commands: int, seed: int) -> None:
        self.begin_ns = 1_800_000_000 * 10**9
        self.opening: list[bytes] = []
        self.batches: list[bytes] = []
        self.events = 0
        self.trades = 0
        self.refused = 0
        self._random = random.Random(seed)
        self._engine = Engine()
        self._sequence = 0
        self._live: list[tuple[int, int]] = []
        """Order numbers and accounts that can be cancelled."""
        self._place: dict[int, int] = {}
        """Where a number stands in `_live`."""
        self._ticks = START_TICKS
        self._open_venue()
        self._users = range(layout.ROLES, layout.ROLES + ACCOUNTS)
        for done in range(0, commands, BATCH):
            records = [self._next() for _ in range(min(BATCH, commands - done))]
            self.batches.append(self._apply(records, count=True))
        self.root = self._engine.roots()[2].hex()

    def _open_venue(self) -> None:
        """Listings, prices, accounts and money."""
        terms = listings.load()
        records = terms.commands()
        for constituent, (index, _) in enumerate(terms.constituents(), 1):
            start_units = terms.indices[index - 1].start_units
            records.append(layout.ConstituentPrice(index=index, constituent=constituent, price_units=start_units))
        self.opening.append(self._apply(records))
        self.opening.append(self._apply([_handle(number) for number in range(ACCOUNTS)]))
        users = range(layout.ROLES, layout.ROLES + ACCOUNTS)
        self.opening.append(self._apply([_deposit(account) for account in users]))

    def _apply(self, records: list[listings.Record], count: bool = False) -> bytes:
        """The records as a body, applied here."""
        pieces = []
        for table, rows in self._engine.wants_grow():
            pieces.append(self._entry(layout.Grow(table=table, rows=rows)))
        pieces += [self._entry(record) for record in records]
        body = b"".join(pieces)
        events = self._engine.apply(body)
        self._look(events, count)
        return body

    def _entry(self, record: listings.Record) -> bytes:
        self._sequence += 1
        # A thousandth of a millisecond apart, so that no tick falls due within the stream.
        time_ns = self.begin_ns + self._sequence * MILLISECOND_NS // 1000
        return wire.encode_entry(
            record, sequence=self._sequence, time_ns=time_ns, origin=ORIGIN, origin_sequence=self._sequence
        )

    def _look(self, events: bytes, count: bool) -> None:
        """Learn the orders' numbers and count."""
        for event in wire.events_of(events):
            kind, record = event.head.kind, event.record
            if kind == layout.EventKind.PLACED:
                self._place[record.order_id] = len(self._live)
                self._live.append((record.order_id, record.account))
            elif kind == layout.EventKind.ENDED:
                self._forget(record.order_id)
            elif count:
                self.trades += kind == layout.EventKind.FILL
                self.refused += kind == layout.EventKind.REFUSED
            self.events += count

    def _forget(self, order_id: int) -> None:
        place = self._place.pop(order_id)
        last = self._live.pop()
        if last[0] != order_id:
            self._live[place] = last
            self._place[last[0]] = place

    def _next(self) -> listings.Record:
        draw = self._random.randrange(1000)
        if draw < 477 or not self._live:
            return self._limit()
        if draw < 900:
            order_id, account = self._random.choice(self._live)
            return layout.Cancel(account=account, order_id=order_id)
        if draw < 950:
            order_id, account = self._random.choice(self._live)
            return layout.Amend(account=account, order_id=order_id, quantity=self._quantity(), leaves_quantity=-1)
        return self._order(self._random.choice((layout.Side.BUY, layout.Side.SELL)), 0, layout.OrderType.MARKET)

    def _limit(self) -> layout.Place:
        self._ticks += self._random.choice((-1, 0, 1))
        offset = 1 + int(self._random.expovariate(1 / MEAN_OFFSET_TICKS))
        side = self._random.choice((layout.Side.BUY, layout.Side.SELL))
        ticks = self._ticks - offset if side == layout.Side.BUY else self._ticks + offset
        return self._order(side, ticks, layout.OrderType.LIMIT)

    def _order(self, side: layout.Side, ticks: int, order_type: layout.OrderType) -> layout.Place:
        good_till_cancel = layout.TimeInForce.GOOD_TILL_CANCEL
        return layout.Place(
            account=self._random.choice(self._users),
            instrument=1,
            side=side,
            order_type=order_type,
            time_in_force=good_till_cancel if ticks else layout.TimeInForce.IMMEDIATE_OR_CANCEL,
            quantity=self._quantity(),
            price_ticks=ticks,
            display_quantity=-1,
        )

    def _quantity(self) -> int:
        return 100 * (1 + self._random.randrange(50))


def _handle(number: int) -> layout.OpenAccount:
    record = layout.OpenAccount()
    record.handle[0] = number + 1
    return record


def _deposit(account: int) -> layout.Deposit:
    record = layout.Deposit(account=account, currency=1, amount_minor=10**12)
    for word in range(REFERENCE_WORDS):
        record.reference[word] = account
    return record


def lines(figures: Figures) -> Iterator[str]:
    """The figures for people."""
    yield f"engine   {'compiled' if figures.compiled else 'not compiled'}, Python {figures.python}, {figures.machine}"
    yield f"stream   {figures.commands:,} commands, {figures.events:,} events, {figures.trades:,} trades"
    yield (
        f"apply    {figures.engine_ns_per_command:,} ns a command (best {figures.engine_ns_per_command_best:,}), "
        f"{figures.engine_commands_per_second:,} commands/s"
    )
    yield f"replay   {figures.replay_entries_per_second:,} entries/s from disk, events and root compared at the end"
    yield f"verify   {figures.verify_entries_per_second:,} entries/s with chain, Merkle roots and event digests"
    yield f"journal  {figures.journal_bytes_per_entry} bytes an entry"
