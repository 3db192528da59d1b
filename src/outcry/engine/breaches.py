"""What a breach of an invariant is, and the walks that the checks share: they end however broken the rows are."""

import ctypes
import struct
from collections.abc import Iterator
from typing import Any

import msgspec

from outcry.engine.reading import used
from outcry.protocol.layout import NodeRow, TableNumber, Tables

CHILDREN = struct.Struct("<64i")


class Breach(msgspec.Struct, frozen=True):
    """One number that is not what it must be."""

    invariant: str
    subject: str
    """Whose or which, for people: `XBt`, `account 8`, `order 12`."""
    what: str
    found: int
    expected: int


def differing(number: str, subject: str, **pairs: tuple[int, int]) -> Iterator[Breach]:
    """Of pairs (found, expected) by name those that differ."""
    for what, (found, expected) in pairs.items():
        if found != expected:
            yield Breach(number, subject, what, int(found), int(expected))


def chain(rows: Any, first: int, link: str, high: int) -> list[int]:
    """Slots along a link; ends where it leaves the used rows or has visited more than there are."""
    found: list[int] = []
    at = first
    while 1 <= at <= high and len(found) <= high:
        found.append(at)
        at = getattr(rows[at], link)
    return found


def high_of(tables: Tables, table: TableNumber) -> int:
    """The highest slot of a table that has been used."""
    return int(tables.pools[table].high)


def working(tables: Tables) -> list[int]:
    """Slots of the orders that are not over."""
    return [at for at in used(tables, TableNumber.ORDERS_TABLE) if tables.orders[at].order_id]


def blank(row: Any) -> bool:
    """Whether all bytes of a row are zero."""
    return not any(bytes(row))


def filled(rows: Any, first: int = 0, count: int = 0) -> list[int]:
    """Slots from the first on, `count` of them or all there are, whose rows are not blank."""
    size, count = ctypes.sizeof(type(rows[0])), count or len(rows) - first
    data = ctypes.string_at(ctypes.addressof(rows[first]), size * count)
    found: list[int] = []
    for page in _written(data, 0, 4096 * size, 64 * size):
        zero, end = bytes(size), min(page + 64 * size, len(data))
        found += [first + at // size for at in range(page, end, size) if data[at : at + size] != zero]
    return found


def _written(data: bytes, begin: int, length: int, page: int) -> Iterator[int]:
    """Where pages begin that are not all zeros; a stretch of many that are is skipped at once."""
    zeros, small = bytes(length), bytes(page)
    for start in range(begin, len(data), length):
        stretch = data[start : start + length]
        if stretch != zeros[: len(stretch)]:
            pages = range(start, min(start + length, len(data)), page)
            yield from (at for at in pages if (piece := data[at : at + page]) != small[: len(piece)])


def children_of(node: NodeRow) -> list[tuple[int, int]]:
    """Digit and slot of every child of a trie's inner node, whatever its bitmap says."""
    return [(digit, child) for digit, child in enumerate(CHILDREN.unpack(node.children)) if child]
