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
    data, page = ctypes.string_at(ctypes.addressof(rows[first]), size * count), 64 * size
    zeros, zero, found = bytes(page), bytes(size), list[int]()
    for start in range(0, len(data), page):
        if data[start : start + page] != zeros:
            ends = range(start, min(start + page, len(data)), size)
            found += [first + at // size for at in ends if data[at : at + size] != zero]
    return found


def children_of(node: NodeRow) -> list[tuple[int, int]]:
    """Digit and slot of every child of a trie's inner node, whatever its bitmap says."""
    return [(digit, child) for digit, child in enumerate(CHILDREN.unpack(node.children)) if child]
