"""What rows cost in memory: pages of the tables that hold anything, after orders, positions and books were made.

A table's memory is handed out zeroed and is the machine's only page by page as it is used, so the pages that hold
something are what a venue takes (`pages_of`); what is set aside beyond that is address space.  A bucket is used as
soon as one key falls into it, so buckets count in full.
"""

import itertools
import random
from collections.abc import Iterable, Iterator

from outcry.app import listings
from outcry.app.bench.figures import Figure, at_most
from outcry.app.bench.stream import LOT, MEAN_OFFSET_TICKS, START_TICKS, deposit, handle, listing
from outcry.engine.engine import Engine
from outcry.engine.machine import Machine
from outcry.protocol import layout, wire
from outcry.protocol.layout import OrderType, Side, TableNumber, TimeInForce

PAGE_BYTES = 4_096
EMPTY = bytes(PAGE_BYTES)
BATCH = 500
ORDERS, ORDERS_SMALL = 200_000, 3_000
POSITIONS, POSITIONS_SMALL = 40_000, 1_000
ORDERS_PER_ACCOUNT = 100
BOOKS = 200
ORDER_TABLES = ("orders", "order_buckets", "nodes", "leaves", "levels")
NAME_TABLES = ("client_ids", "client_id_buckets")
POSITION_TABLES = ("positions", "position_buckets", "touched_positions")
BUDGET_ORDER, BUDGET_POSITION, BUDGET_BOOKS_MIB = 200, 256, 64
MEBIBYTE = 1 << 20
Records = Iterable[listings.Record]


class Venue:
    """An engine that is handed records and grows its tables when they are three quarters full."""

    def __init__(self) -> None:
        self.machine = Machine()
        self.engine = Engine(self.machine)
        self._sequence = 0

    def apply(self, records: Records) -> None:
        """All of them.  Raises `AssertionError` if one is refused, which is a mistake of the benchmark's."""
        known = iter(records)
        while batch := list(itertools.islice(known, BATCH)):
            grown = [layout.Grow(table=table, rows=rows) for table, rows in self.engine.wants_grow()]
            events = self.engine.apply(b"".join(map(self._entry, [*grown, *batch])))
            for head, _ in wire.event_slices(events):
                if head.kind == layout.EventKind.REFUSED:
                    raise AssertionError(f"the command of sequence {head.sequence} was refused")

    def _entry(self, record: listings.Record) -> bytes:
        self._sequence += 1
        return wire.encode_entry(record, sequence=self._sequence, time_ns=self._sequence)

    def used_bytes(self, names: Iterable[str]) -> int:
        """Pages of these tables that hold anything, in bytes."""
        held = self.machine.memory()
        return sum(pages_of(held[name]) * PAGE_BYTES for name in names)

    def reserved_bytes(self) -> int:
        """All tables' length."""
        return sum(block.nbytes for block in self.machine.memory().values())


def pages_of(block: memoryview) -> int:
    """Pages that are not all zero."""
    return sum(block[at : at + PAGE_BYTES] != EMPTY[: len(block) - at] for at in range(0, len(block), PAGE_BYTES))


def rows(small: bool) -> Iterator[Figure]:
    """Bytes of an order, without and with a client id, of a position, and of 200 empty books."""
    orders = ORDERS_SMALL if small else ORDERS
    for named in (False, True):
        label = f"memory of a resting order{' with a client id' if named else ''}, {orders:,} of them"
        yield at_most(label, bytes_per_order(orders, named), "bytes", BUDGET_ORDER)
    positions = POSITIONS_SMALL if small else POSITIONS
    label = f"memory of a position, {positions:,} of them"
    yield at_most(label, bytes_per_position(positions), "bytes", BUDGET_POSITION)
    used, reserved = mebibytes_of_books()
    yield at_most(f"memory of a venue with {BOOKS} empty books", used, "MiB", BUDGET_BOOKS_MIB)
    yield at_most("all tables of that venue, unused rows too", reserved, "MiB", BUDGET_BOOKS_MIB)


def with_accounts(accounts: int) -> Venue:
    """The listing, its prices, and accounts with money."""
    venue = Venue()
    venue.apply(listing())
    venue.apply(map(handle, range(accounts)))
    venue.apply(map(deposit, range(layout.ROLES, layout.ROLES + accounts)))
    return venue


def bytes_per_order(orders: int, named: bool) -> float:
    """What the tables of orders and books take more after so many orders rest, an order."""
    accounts = max(1, orders // ORDERS_PER_ACCOUNT)
    venue = with_accounts(accounts)
    names = (*ORDER_TABLES, *NAME_TABLES) if named else ORDER_TABLES
    before = venue.used_bytes(names)
    venue.apply(resting(orders, accounts, named))
    live = venue.engine.tables.pools[TableNumber.ORDERS_TABLE].live
    if live != orders:
        raise AssertionError(f"{live} orders rest, not {orders}")
    return (venue.used_bytes(names) - before) / orders


def resting(orders: int, accounts: int, named: bool) -> Iterator[listings.Record]:
    """Orders at exponential distances on both sides of the start, one lot each."""
    chance = random.Random(orders)
    for number in range(orders):
        distance = 1 + int(chance.expovariate(1 / MEAN_OFFSET_TICKS))
        side = Side.BUY if number % 2 else Side.SELL
        record = lot_at(layout.ROLES + number % accounts, 1, side, START_TICKS)
        record.price_ticks += -distance if side == Side.BUY else distance
        if named:
            wire.put_client_id(record.client_id, f"00000000-0000-0000-0000-{number:012}")
        yield record


def lot_at(account: int, instrument: int, side: Side, price_ticks: int) -> layout.Place:
    """A good-till-cancel limit order of a lot."""
    return layout.Place(
        account=account,
        instrument=instrument,
        side=side,
        order_type=OrderType.LIMIT,
        time_in_force=TimeInForce.GOOD_TILL_CANCEL,
        quantity=LOT,
        price_ticks=price_ticks,
        display_quantity=-1,
    )


def bytes_per_position(positions: int) -> float:
    """What the tables of positions take more after so many accounts have one, a position."""
    venue = with_accounts(positions)
    before = venue.used_bytes(POSITION_TABLES)
    users = range(layout.ROLES, layout.ROLES + positions)
    venue.apply(lot_at(user, 1, Side.BUY if user % 2 else Side.SELL, START_TICKS) for user in users)
    held = venue.engine.tables.instruments[1].open_interest
    if held != LOT * (positions // 2):
        raise AssertionError(f"{held} contracts are open")
    return (venue.used_bytes(POSITION_TABLES) - before) / positions


def mebibytes_of_books() -> tuple[float, float]:
    """Pages in use, and all that is set aside, of a venue that lists 200 instruments and has no orders.

    The terms are a perpetual's, because options cannot be listed yet; a book is the same for both.
    """
    venue = Venue()
    records = listing()
    model = next(record for record in records if isinstance(record, layout.List))
    venue.apply(records)
    venue.apply(renamed(model, number) for number in range(BOOKS))
    return venue.used_bytes(venue.machine.memory()) / MEBIBYTE, venue.reserved_bytes() / MEBIBYTE


def renamed(model: layout.List, number: int) -> layout.List:
    """The same terms under another symbol."""
    record = layout.List.from_buffer_copy(model)
    wire.put_text(record.symbol, f"XBT{number:03}")
    return record
