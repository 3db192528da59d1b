"""The benchmark's bare book trades exactly as a naive book of dicts and lists does, as trie and as ladder."""

import ctypes
import random
from collections.abc import Iterator
from typing import Any

import pytest

from outcry.app.bench.stopwatch import Track, count_kind
from outcry.app.bench.stream import LOT, START_TICKS, Stream, opened
from outcry.protocol import layout, wire
from outcry.protocol.layout import CommandKind, EventKind, Side

COMMANDS = 6_000
MIDDLE_TICKS = 1_000
Trade = tuple[int, int, int, int]


class Naive:
    """Price, then time; self-trades allowed; an amendment in place unless the price changes or the quantity grows."""

    def __init__(self) -> None:
        self.book: dict[int, list[int]] = {Side.BUY: [], Side.SELL: []}
        self.orders: dict[int, list[int]] = {}
        self.trades: list[Trade] = []
        self.placed = 0

    def place(self, side: int, quantity: int, price: int) -> None:
        self.placed += 1
        self.orders[self.placed] = [side, quantity, price]
        self.enter(self.placed)

    def enter(self, number: int) -> None:
        side, quantity, price = self.orders[number]
        other = self.book[Side.SELL if side == Side.BUY else Side.BUY]
        sign = 1 if side == Side.BUY else -1
        while quantity and other and sign * self.orders[other[0]][2] <= sign * price:
            maker = self.orders[other[0]]
            traded = min(quantity, maker[1])
            self.trades.append((number, other[0], maker[2], traded))
            quantity -= traded
            maker[1] -= traded
            if not maker[1]:
                del self.orders[other.pop(0)]
        if not quantity:
            del self.orders[number]
            return
        self.orders[number] = [side, quantity, price]
        own = self.book[side]
        behind = [other for other in own if sign * self.orders[other][2] < sign * price]
        own.insert(len(own) - len(behind), number)

    def cancel(self, number: int) -> None:
        if number in self.orders:
            self.book[self.orders.pop(number)[0]].remove(number)

    def amend(self, number: int, quantity: int, price: int) -> None:
        if number not in self.orders:
            return
        order = self.orders[number]
        if price == order[2] and quantity <= order[1]:
            order[1] = quantity
            return
        self.book[order[0]].remove(number)
        self.orders[number] = [order[0], quantity, price]
        self.enter(number)

    def apply(self, entry: wire.Entry) -> None:
        record = entry.record
        if entry.head.kind == CommandKind.PLACE:
            self.place(record.side, record.quantity, record.price_ticks)
        elif entry.head.kind == CommandKind.CANCEL:
            self.cancel(record.order_id)
        else:
            self.amend(record.order_id, record.leaves_quantity, record.price_ticks)


def fills(events: memoryview) -> Iterator[Trade]:
    for event in wire.events_of(events):
        if event.head.kind == EventKind.FILL:
            record = event.record
            yield record.taker_order_id, record.maker_order_id, record.price_ticks, record.quantity


@pytest.mark.parametrize("dense", [False, True], ids=["trie", "ladder"])
def test_the_bare_book_trades_as_a_naive_one(dense: bool) -> None:
    rows = {"levels": 2 * MIDDLE_TICKS} if dense else {}
    chance, naive, book = random.Random(5), Naive(), Track(rows, dense, MIDDLE_TICKS, 1)
    events = memoryview(bytearray(4 * layout.EVENT_ROOM_BYTES))
    trades: list[Trade] = []
    for sequence in range(1, COMMANDS + 1):
        data = wire.encode_entry(command(chance, naive), sequence=sequence)
        naive.apply(wire.entry_of(data))
        offset, written = book.run(memoryview(bytearray(data)), 0, len(data), events)
        assert offset == len(data)
        trades += fills(events[:written])
    assert trades == naive.trades
    assert len(trades) > COMMANDS // 20


def command(chance: random.Random, naive: Naive) -> ctypes.LittleEndianStructure:
    """The next command: half new orders, else a cancel or an amendment of an order that is there."""
    draw, record = chance.random(), layout.Place()
    known: Any = list(naive.orders) or [1]
    price, quantity = MIDDLE_TICKS + chance.randint(-300, 300), chance.randint(1, 1_000)
    if draw < 0.5:
        record.side, record.account = chance.choice((Side.BUY, Side.SELL)), 8
        record.quantity, record.price_ticks = quantity, price
        return record
    number = chance.choice(known)
    if draw < 0.85:
        return layout.Cancel(order_id=number)
    return layout.Amend(order_id=number, leaves_quantity=quantity, price_ticks=price)


def test_trie_ladder_naive_book_and_engine_make_the_same_trades_of_the_drawn_stream() -> None:
    stream, naive = Stream(2_000, seed=9), Naive()
    books = [Track({}, dense, START_TICKS, LOT) for dense in (False, True)]
    machine = opened(stream)
    events = memoryview(bytearray(1 << 20))
    found: list[list[Trade]] = [[], [], []]
    for chunk in stream.chunks(500):
        for entry in wire.entries_of(chunk.entries[: chunk.length]):
            naive.apply(entry)
        for trades, book in zip(found, books, strict=False):
            offset, written = book.run(chunk.entries, 0, chunk.length, events)
            assert offset == chunk.length
            trades += fills(events[:written])
        _, written, _ = machine.run(chunk.entries, 0, chunk.length, events, 0)
        assert count_kind(events, written, EventKind.FILL) == len(list(fills(events[:written])))
        found[2] += fills(events[:written])
    assert found[0] == found[1] == naive.trades
    # The engine expires a taker that meets its own account; up to the first such the trades are the same.
    own = next((at for at, (one, two) in enumerate(zip(*found[1:], strict=False)) if one != two), len(found[2]))
    assert own > len(naive.trades) // 2
    assert len(naive.trades) > 2_000 // 20
