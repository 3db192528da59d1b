"""What a breach of an invariant is, and the walks that the checks share: they end however broken the rows are."""

import ctypes
import struct
from collections.abc import Iterator
from itertools import compress
from typing import Any

import msgspec

from outcry.engine.reading import used
from outcry.protocol.layout import ConditionStage, NodeRow, OrderRow, TableNumber, Tables

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


def resting(tables: Tables) -> list[int]:
    """Slots of the orders that are not over and do not wait."""
    return [at for at in working(tables) if not waits(tables, tables.orders[at])]


def waits(tables: Tables, order: OrderRow) -> bool:
    """Whether an order has a condition that keeps it out of the book; a slot that cannot be keeps nothing."""
    known = 1 <= order.condition <= high_of(tables, TableNumber.CONDITIONS_TABLE)
    stage = tables.conditions[order.condition].stage if known else 0
    return stage in (ConditionStage.STAGE_DORMANT, ConditionStage.STAGE_ARMED, ConditionStage.STAGE_RELEASED)


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
    children = CHILDREN.unpack(node.children)
    return list(compress(enumerate(children), children))


def firsts_of(tables: Tables, root: int) -> Iterator[tuple[int, int]]:
    """Prices of a trie of slots and the first at each, found through children that are there, whatever bitmaps say."""
    nodes, found = high_of(tables, TableNumber.NODES_TABLE), {0: root}
    for _ in range(4):
        found = {
            price << 6 | digit: child
            for price, node in found.items()
            for digit, child in children_of(tables.nodes[node])
            if 1 <= child <= nodes
        }
    for price, node in found.items():
        for digit, child in children_of(tables.nodes[node]):
            yield price << 6 | digit, child


def bitmaps_of(number: str, tables: Tables, name: str, slot: int, depth: int = 0) -> Iterator[Breach]:
    """Of a node of such a trie and those below it: what is there and nothing else; only the root may be empty."""
    there = children_of(tables.nodes[slot])
    expected = sum(1 << digit for digit, _ in there)
    yield from differing(number, f"{name}, node {slot}", bits=(tables.nodes[slot].bits, expected))
    if depth and not there:
        yield Breach(number, f"{name}, node {slot}", "is kept though it is empty", 0, 1)
    for _, child in there if depth < 4 else ():
        if 1 <= child <= high_of(tables, TableNumber.NODES_TABLE):
            yield from bitmaps_of(number, tables, name, child, depth + 1)
