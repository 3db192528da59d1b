"""States of formats that were: read by the layout that was written down when it was left, and translated into rows.

A `Former` layout says which tables there were, of what records, with which fields where, and up to where a record was
public and private.  From it follow what a snapshot of that format holds, its public root and root as they were made
then, and the same state in the tables of now: every field that has kept its name and width keeps its value, a new one
is 0, and what is derived is made anew by who restores it.  Pure: bytes in, bytes out, no clock and no file.
Known limit: a field that changes its meaning and keeps its name has to be put right by the upgrade's migration.
"""

import hashlib
import json
import struct
from typing import Any, NamedTuple

import zstandard

from outcry.engine import growing, snapshot
from outcry.protocol import layout
from outcry.protocol.layout import PoolRow, TableNumber

GONE = frozenset({("InstrumentRow", "strike_subticks")})
"""Fields that no row of an older format has used, and that there are no more."""

HEAD, POOL = struct.Struct("<8sIIQ32s"), struct.Struct("<qqq")
"""A snapshot's head, and how much of a table is in use, as formats 3 and 4 have them."""


class Unreadable(ValueError):
    """The bytes are no state of that format, or damaged, or do not fit into the tables of now."""


class Shape(NamedTuple):
    """A record as it was: its sections' ends, its length, and where each field began and how long it was."""

    public_end: int
    private_end: int
    bytes: int
    fields: dict[str, tuple[int, int]]


class FormerTable(NamedTuple):
    """A table as it was."""

    name: str
    record: str
    single: bool
    logical: bool


class Former(NamedTuple):
    """The layout of a format that was."""

    format: int
    rules_version: int
    rows_digest: str
    book_tables: frozenset[str]
    tables: list[FormerTable]
    records: dict[str, Shape]

    @classmethod
    def decode(cls, text: str) -> "Former":
        """From the file in which it was written down."""
        said: dict[str, Any] = json.loads(text)
        records = {
            name: Shape(
                one["public_end"],
                one["private_end"],
                one["bytes"],
                {field: (offset, length) for field, offset, length in one["fields"]},
            )
            for name, one in said["records"].items()
        }
        tables = [FormerTable(**one) for one in said["tables"]]
        books = frozenset(said["book_tables"])
        return cls(said["format"], said["rules_version"], said["rows_digest"], books, tables, records)


class FormerState(NamedTuple):
    """A state in such a layout."""

    former: Former
    sizes: dict[str, tuple[int, int, int, int]]
    """By table: rows it may have, highest in use, how many are, first that is free."""
    parts: dict[str, bytes]
    """By table: the logical parts of its rows in use, one after the other."""

    def number(self, table: str, field: str, row: int = 0) -> int:
        """A signed field of a row in use, the first of them being row 0."""
        shape = self.former.records[next(one.record for one in self.former.tables if one.name == table)]
        offset, length = shape.fields[field]
        start = row * shape.private_end + offset
        return int.from_bytes(self.parts[table][start : start + length], "little", signed=True)


def read(former: Former, data: bytes) -> FormerState:
    """The state that a snapshot of that format holds.  Raises `Unreadable`."""
    if len(data) < HEAD.size:
        raise Unreadable("it is shorter than a header")
    magic, version, sizes_bytes, body_bytes, digest = HEAD.unpack_from(data)
    body = data[HEAD.size :]
    if magic != snapshot.MAGIC or version != former.format:
        raise Unreadable(f"it is no snapshot of format {former.format}")
    if len(body) != body_bytes or hashlib.sha256(body).digest() != digest:
        raise Unreadable("its bytes do not have its hash")
    said: dict[str, Any] = json.loads(body[:sizes_bytes])
    if said.get("rows") != former.rows_digest or list(said["tables"]) != [one.name for one in former.tables]:
        raise Unreadable(f"its tables are not those of format {former.format}")
    plain, offset = zstandard.decompress(body[sizes_bytes:]), 0
    sizes: dict[str, tuple[int, int, int, int]] = {}
    parts: dict[str, bytes] = {}
    for table in former.tables:
        _, rows, high, live, free = said["tables"][table.name]
        sizes[table.name] = rows, high, live, free
        if table.logical:
            length = (1 if table.single else high) * former.records[table.record].private_end
            parts[table.name] = plain[offset : offset + length]
            offset += length
    if offset != len(plain):
        raise Unreadable("its rows have another length than its tables")
    return FormerState(former, sizes, parts)


def roots(state: FormerState) -> tuple[bytes, bytes]:
    """Public root and root of the state, as programs of its format made them."""
    public, private = hashlib.sha256(), hashlib.sha256()
    for table in state.former.tables:
        rows, high, live, free = state.sizes[table.name]
        if table.name in state.former.book_tables:
            public.update(table.name.encode() + POOL.pack(rows, 0, 0))
        if not table.logical:
            continue
        shape, held = state.former.records[table.record], state.parts[table.name]
        public.update(table.name.encode() + POOL.pack(*((1, 1, 1) if table.single else (rows, high, live))))
        private.update(table.name.encode() + POOL.pack(free, 0, 0))
        for start in range(0, len(held), shape.private_end):
            public.update(held[start : start + shape.public_end])
            private.update(held[start + shape.public_end : start + shape.private_end])
    return public.digest(), hashlib.sha256(public.digest() + private.digest()).digest()


def translate(state: FormerState) -> bytes:
    """The same state as a snapshot of now.  Raises `Unreadable` for a table or a width that this program has not."""
    former = state.former
    least = {name: rows for name, (_, rows, _) in layout.TABLE_ROWS.items()}
    rows = {
        number: state.sizes[names[0]][0] if names[0] in state.sizes else least[names[0]]
        for number, names in growing.GROWING.items()
    }
    memory = {name: memoryview(bytearray(length)) for name, length in growing.lengths(rows).items()}
    numbers = {name: number for number, name in enumerate(layout.TABLE_ROWS)}
    for table in former.tables:
        if table.name not in numbers:
            if state.parts.get(table.name):
                raise Unreadable(f"its table of {table.name} is unknown here")
            continue
        pool = PoolRow.from_buffer(memory["pools"], numbers[table.name] * layout.SIZES["PoolRow"])
        pool.rows, pool.high, pool.live, pool.free = state.sizes[table.name]
        if numbers[table.name] not in growing.GROWING and pool.rows > 1:
            # A table of fixed length may be longer now.
            pool.rows = least[table.name]
        if table.logical:
            _put(memory[table.name], table, former.records[table.record], state.parts[table.name])
    for number, (name, (record, first, logical)) in enumerate(layout.TABLE_ROWS.items()):
        if name not in state.sizes and logical and record != "PoolRow" and first > 1:
            PoolRow.from_buffer(memory["pools"], number * layout.SIZES["PoolRow"]).rows = first
    assert numbers["venue"] == TableNumber.VENUE_TABLE
    return snapshot.pack(memory)


def _put(block: memoryview, table: FormerTable, shape: Shape, held: bytes) -> None:
    """Fields of the same name and width, row by row."""
    record = layout.TABLE_ROWS[table.name][0]
    size, kind = layout.SIZES[record], getattr(layout, record)
    places: list[tuple[int, int, int]] = []
    for name, (offset, length) in shape.fields.items():
        if (record, name) in GONE:
            continue
        here = getattr(kind, name, None)
        if here is None or here.size != length:
            raise Unreadable(f"{record} has no field {name} of {length} bytes any more")
        places.append((offset, here.offset, length))
    first = 0 if table.single else 1
    for row, start in enumerate(range(0, len(held), shape.private_end), first):
        for source, target, length in places:
            block[row * size + target : row * size + target + length] = held[start + source : start + source + length]
