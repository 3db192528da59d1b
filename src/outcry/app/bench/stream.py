"""The stream that is measured: its opening (listing, prices, accounts, money) and its commands, drawn chunk by chunk.

`Stream` draws the same commands again whenever it is asked; a chunk is the entries as one buffer, with the kinds and
the floor's trace beside them.  For tests and journals it also gives frame bodies and what an engine makes of them.
One instrument with the terms of XBTUSD, marked at 10,000 USD; nobody is refused for want of money.  Known limit: the
bare book lets an account trade with itself, the engine expires that taker; what such a taker would have left to rest
is then unknown to later cancels, a few in a million.
"""

import functools
import math
from collections.abc import Iterator
from pathlib import Path

import msgspec

from outcry.app import listings
from outcry.app.bench.stopwatch import Track
from outcry.engine.engine import Engine
from outcry.engine.machine import Machine
from outcry.journal.frames import Genesis, Head, build_frame
from outcry.journal.segments import Segments
from outcry.protocol import layout, wire
from outcry.protocol.layout import RULES_VERSION, TableNumber

START_TICKS = 100_000
LOT = 100
WARM = 10_000
"""Commands that fill the book; about nine tenths of them are live from then on."""
ACCOUNTS = 10_000
MEAN_OFFSET_TICKS = 1_000
QUANTILES = 4_096
BATCH = 500
CHUNK = 100_000
BEGIN_NS = 1_800_000_000 * 10**9
ORIGIN = 1
REFERENCE_WORDS = 4
BALANCE_MINOR = 10**14
ENTRY_BYTES_MAX = wire.ENTRY_HEAD_BYTES + layout.SIZES["Place"]
TRACES_PER_COMMAND = 4
"""On average; a command moves one order or, if it takes, a few."""
TRACE_BYTES = 24
SCRATCH_BYTES = 4 * layout.EVENT_ROOM_BYTES


class Chunk(msgspec.Struct, frozen=True):
    """Commands in a row: entries and how many bytes of them, a kind each, the floor's trace and how many it has."""

    first: int
    count: int
    entries: memoryview
    length: int
    kinds: memoryview
    traces: memoryview
    noted: int


class Outcome(msgspec.Struct, frozen=True):
    """What an engine makes of a stream."""

    events: int
    trades: int
    refused: int
    root: str


class Stream:
    """Commands that are the same for the same numbers."""

    def __init__(self, commands: int, seed: int) -> None:
        self.commands = commands
        self.seed = seed
        self.begin_ns = BEGIN_NS
        self.warm = max(1, min(WARM, commands // 10))
        self.accounts = max(1, min(ACCOUNTS, commands // 10))
        self._sequence = 0
        self._offsets = memoryview(_offsets())

    @functools.cached_property
    def opening(self) -> list[bytes]:
        """Bodies that come before the stream."""
        self._sequence = 0
        users = range(layout.ROLES, layout.ROLES + self.accounts)
        grown = [layout.Grow(table=table, rows=rows) for table, rows in _growth(self.accounts)]
        records = [*grown, *listing(), *map(handle, range(self.accounts)), *map(deposit, users)]
        return [self._body(records[at : at + BATCH]) for at in range(0, len(records), BATCH)]

    @functools.cached_property
    def batches(self) -> list[bytes]:
        """The commands as bodies of `BATCH`."""
        return [bytes(chunk.entries[: chunk.length]) for chunk in self.chunks(BATCH)]

    @functools.cached_property
    def _outcome(self) -> Outcome:
        engine = Engine()
        for body in self.opening:
            engine.apply(body)
        counts = dict.fromkeys(layout.EVENT_CLASSES, 0)
        for body in self.batches:
            for head, _ in wire.event_slices(engine.apply(body)):
                counts[head.kind] += 1
        trades, refused = counts[layout.EventKind.FILL], counts[layout.EventKind.REFUSED]
        return Outcome(sum(counts.values()), trades, refused, engine.roots()[2].hex())

    @property
    def events(self) -> int:
        """Events of the commands, the opening left out."""
        return self._outcome.events

    @property
    def trades(self) -> int:
        """Fills."""
        return self._outcome.trades

    @property
    def refused(self) -> int:
        """Commands that changed nothing."""
        return self._outcome.refused

    @property
    def root(self) -> str:
        """Of the state afterwards, hexadecimal."""
        return self._outcome.root

    def chunks(self, count: int = CHUNK) -> Iterator[Chunk]:
        """The commands, drawn anew."""
        before = sum(sum(1 for _ in wire.entry_slices(body)) for body in self.opening)
        track = Track({}, False, START_TICKS, LOT)
        scratch = memoryview(bytearray(SCRATCH_BYTES))
        for first in range(0, self.commands, count):
            size = min(count, self.commands - first)
            sequence = before + first
            entries = memoryview(bytearray(size * ENTRY_BYTES_MAX))
            kinds = memoryview(bytearray(8 * size))
            traces = memoryview(bytearray((size * TRACES_PER_COMMAND + 1_000) * TRACE_BYTES))
            length, noted = track.draw(
                self._offsets,
                (self.seed, self.warm, self.accounts),
                (first, size, sequence, self._time_ns(sequence)),
                (entries, kinds, traces, scratch),
            )
            yield Chunk(first, size, entries, length, kinds, traces, noted)

    @staticmethod
    def _time_ns(sequence: int) -> int:
        """A nanosecond apart from entry to entry, so that no tick falls due within the stream."""
        return BEGIN_NS + sequence

    def _body(self, records: list[listings.Record]) -> bytes:
        return b"".join(map(self._entry, records))

    def _entry(self, record: listings.Record) -> bytes:
        self._sequence += 1
        return wire.encode_entry(
            record,
            sequence=self._sequence,
            time_ns=self._time_ns(self._sequence),
            origin=ORIGIN,
            origin_sequence=self._sequence,
        )


def _offsets() -> bytearray:
    """Quantiles of an exponential distribution, whole ticks."""
    steps = [(at + 0.5) / QUANTILES for at in range(QUANTILES)]
    ticks = [int(-MEAN_OFFSET_TICKS * math.log(1 - step)) for step in steps]
    return bytearray(b"".join(number.to_bytes(8, "little") for number in ticks))


def _growth(accounts: int) -> Iterator[tuple[int, int]]:
    """Tables that must be larger than at the start to have a row for each account, and some more."""
    for table in (
        TableNumber.ACCOUNTS_TABLE,
        TableNumber.WALLETS_TABLE,
        TableNumber.POSITIONS_TABLE,
        TableNumber.DEPOSITS_TABLE,
    ):
        rows = list(layout.TABLE_ROWS.values())[table][1]
        wanted = rows
        while wanted < accounts + 2_000:
            wanted = 2 * (wanted - 1) + 1
        if wanted > rows:
            yield int(table), wanted


def listing() -> list[listings.Record]:
    """The listings, with first prices such that XBTUSD, instrument 1, is marked at the stream's start."""
    terms = listings.load()
    records = terms.commands()
    for constituent, (index, _) in enumerate(terms.constituents(), 1):
        known = terms.indices[index - 1]
        units = 10_000 * 10**known.decimals if index == 1 else known.start_units
        records.append(layout.ConstituentPrice(index=index, constituent=constituent, price_units=units))
    return records


def handle(number: int) -> layout.OpenAccount:
    """The command that opens an account."""
    record = layout.OpenAccount()
    record.handle[0] = number + 1
    return record


def deposit(account: int) -> layout.Deposit:
    """The command that gives it money."""
    record = layout.Deposit(account=account, currency=1, amount_minor=BALANCE_MINOR)
    for word in range(REFERENCE_WORDS):
        record.reference[word] = account
    return record


def opened(stream: Stream) -> Machine:
    """A venue with the stream's listing, accounts and money."""
    machine = Machine()
    engine = Engine(machine)
    for body in stream.opening:
        engine.apply(body)
    return machine


def write_journal(folder: Path, stream: Stream) -> int:
    """The stream as a journal; returns its bytes."""
    genesis = Genesis(RULES_VERSION, stream.begin_ns)
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
