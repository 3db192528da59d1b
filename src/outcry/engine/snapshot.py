"""State as bytes and back, and its root.

A snapshot is a header (magic, format, lengths, SHA-256 of the rest), how much of each table is in use, and the logical
part of every row in use, compressed by zstd; what is derived is made anew by who restores it.  The root covers the
same: per table, in the schema's order, how much is in use and the public and the private parts of rows 1 to the highest
used.  Of the book's own tables only their size is logical.
"""

import hashlib
import json
import struct
from array import array
from typing import Any

import zstandard

from outcry.engine import growing
from outcry.engine.blocks import zeroed
from outcry.protocol import digests, layout
from outcry.protocol.layout import ConditionRow, OrderRow, PoolRow, TableNumber
from outcry.protocol.records import FORMAT_VERSION

MAGIC = b"OUTCRYSN"
HEAD = struct.Struct("<8sIIQ32s")
POOL = struct.Struct("<qqq")
BOOK_TABLES = frozenset({TableNumber.NODES_TABLE, TableNumber.LEAVES_TABLE})
ROWS_AT_ONCE = 2048
"""Few enough that they stay in the processor's cache."""


class SnapshotUnusable(ValueError):
    """The bytes are no snapshot of this format, or they are damaged."""


def pool_of(held: dict[str, memoryview], number: int) -> PoolRow:
    """How much of a table is in use."""
    return PoolRow.from_buffer(held["pools"], number * layout.SIZES["PoolRow"])


def rows_used(held: dict[str, memoryview], number: int, name: str) -> tuple[int, int]:
    """The first row of a table that holds something, and the one behind the last."""
    return (1, pool_of(held, number).high + 1) if layout.TABLE_ROWS[name][1] > 1 else (0, 1)


def pack(held: dict[str, memoryview]) -> bytes:
    """The logical state as one block of bytes."""
    tables: dict[str, list[int]] = {}
    parts: list[bytearray] = []
    for number, (name, (record, rows, logical)) in enumerate(layout.TABLE_ROWS.items()):
        pool = pool_of(held, number)
        used = [pool.high, pool.live, pool.free] if logical and rows > 1 else [0, 0, 0]
        tables[name] = [held[name].nbytes, pool.rows, *used]
        if logical:
            used_rows = rows_used(held, number, name)
            parts.append(digests.gather(held[name], layout.SIZES[record], 0, layout.SECTIONS[record][1], *used_rows))
    sizes = json.dumps({"rows": layout.ROWS_DIGEST, "tables": tables}).encode()
    body = sizes + zstandard.compress(b"".join(parts), 3)
    return HEAD.pack(MAGIC, FORMAT_VERSION, len(sizes), len(body), hashlib.sha256(body).digest()) + body


def unpack(data: bytes) -> dict[str, memoryview]:
    """The tables' memory, derived parts zero.  Raises `SnapshotUnusable` with the reason."""
    if len(data) < HEAD.size:
        raise SnapshotUnusable("it is shorter than a header")
    magic, version, sizes_bytes, body_bytes, digest = HEAD.unpack_from(data)
    if magic != MAGIC:
        raise SnapshotUnusable("it does not begin as a snapshot")
    if version != FORMAT_VERSION:
        raise SnapshotUnusable(f"its format is {version}, this software's is {FORMAT_VERSION}")
    body = memoryview(data)[HEAD.size :]
    if len(body) != body_bytes or hashlib.sha256(body).digest() != digest:
        raise SnapshotUnusable("its bytes do not have its hash")
    sizes: dict[str, Any] = json.loads(bytes(body[:sizes_bytes]))
    if sizes.get("rows", "") != layout.ROWS_DIGEST or list(sizes["tables"]) != list(layout.TABLE_ROWS):
        raise SnapshotUnusable("its tables are not this software's")
    _check_sizes(sizes["tables"])
    plain = memoryview(zstandard.decompress(body[sizes_bytes:]))
    memory = {name: zeroed(table[0]) for name, table in sizes["tables"].items()}
    offset = 0
    for number, (name, (_, rows, high, live, free)) in enumerate(sizes["tables"].items()):
        pool = PoolRow.from_buffer(memory["pools"], number * layout.SIZES["PoolRow"])
        pool.rows, pool.high, pool.live, pool.free = rows, high, live, free
        offset += _put_rows(memory[name], name, high, plain[offset:])
    return memory


def _check_sizes(tables: dict[str, list[int]]) -> None:
    """Whether every table has the length and the rows it can have: what fills the tables looks no more."""
    expected = growing.lengths({table: tables[names[0]][1] for table, names in growing.GROWING.items()})
    followers = {name for names in growing.GROWING.values() for name in names[1:]}
    for number, (name, (length, rows, high, live, free)) in enumerate(tables.items()):
        fits = name in followers or growing.may_have(number, rows)
        in_use = 0 <= live <= high and 0 <= free <= high and high < max(1, rows)
        if not fits or not in_use or length != expected[name]:
            raise SnapshotUnusable(f"its table of {name} has sizes that cannot be")


def _put_rows(block: memoryview, name: str, high: int, plain: memoryview) -> int:
    """Put a table's logical parts into its rows; how many bytes of them there were."""
    record, rows, logical = layout.TABLE_ROWS[name]
    if not logical:
        return 0
    size, part = layout.SIZES[record], layout.SECTIONS[record][1]
    first, count = (1, high) if rows > 1 else (0, 1)
    digests.scatter(block, size, part, first, plain[: count * part])
    return count * part


def order_slots(memory: dict[str, memoryview]) -> "tuple[array[int], array[int]]":
    """Slots of the open orders by number, and by priority: the orders of their chains and of their queues.

    One entry of the engine's own work may put several orders into a queue; the lower number came first.
    """
    size = layout.SIZES["OrderRow"]
    number, priority = (getattr(OrderRow, name).offset for name in ("order_id", "priority"))
    shape = struct.Struct(f"<{number}xq{priority - number - 8}xq{size - priority - 8}x")
    high = PoolRow.from_buffer(memory["pools"], TableNumber.ORDERS_TABLE * layout.SIZES["PoolRow"]).high
    rows = shape.iter_unpack(memory["orders"][size : (high + 1) * size])
    live = [(order_id, rank, slot) for slot, (order_id, rank) in enumerate(rows, 1) if order_id]
    by_number = array("q", [slot for _, _, slot in sorted(live)])
    by_priority = array("q", [slot for *_, slot in sorted((rank, order_id, slot) for order_id, rank, slot in live)])
    return by_number, by_priority


def condition_slots(memory: dict[str, memoryview]) -> "array[int]":
    """Slots of the conditions in use by their places: the order of the queues in which they wait."""
    size = layout.SIZES["ConditionRow"]
    order, place = (getattr(ConditionRow, name).offset for name in ("order", "place"))
    shape = struct.Struct(f"<{order}xi{place - order - 4}xq{size - place - 8}x")
    high = PoolRow.from_buffer(memory["pools"], TableNumber.CONDITIONS_TABLE * layout.SIZES["PoolRow"]).high
    rows = shape.iter_unpack(memory["conditions"][size : (high + 1) * size])
    used = [(rank, slot) for slot, (holder, rank) in enumerate(rows, 1) if holder]
    return array("q", [slot for _, slot in sorted(used)])


def roots(held: dict[str, memoryview]) -> tuple[bytes, bytes, bytes]:
    """Public root, private root, and the root `H(public, private)`."""
    public, private = hashlib.sha256(), hashlib.sha256()
    for number, (name, (record, rows, logical)) in enumerate(layout.TABLE_ROWS.items()):
        pool = pool_of(held, number)
        if number in BOOK_TABLES:
            public.update(name.encode() + POOL.pack(pool.rows, 0, 0))
        if not logical:
            continue
        public_end, private_end = layout.SECTIONS[record]
        used = (pool.rows, pool.high, pool.live) if rows > 1 else (1, 1, 1)
        public.update(name.encode() + POOL.pack(*used))
        private.update(name.encode() + POOL.pack(pool.free, 0, 0))
        size, (first, behind) = layout.SIZES[record], rows_used(held, number, name)
        for start in range(first, behind, ROWS_AT_ONCE):
            end = min(start + ROWS_AT_ONCE, behind)
            public.update(digests.gather(held[name], size, 0, public_end, start, end))
            private.update(digests.gather(held[name], size, public_end, private_end, start, end))
    root = hashlib.sha256(public.digest() + private.digest()).digest()
    return public.digest(), private.digest(), root
