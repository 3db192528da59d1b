"""The benchmark's bare book trades exactly as a naive book of dicts and lists does."""

import ctypes
import random
from typing import Any

from outcry.engine.bare import Bare
from outcry.protocol import layout, wire
from outcry.protocol.layout import EventKind, Side

COMMANDS = 6_000


class Naive:
    """Price, then time; self-trades allowed; an amendment in place unless the price changes or the quantity grows."""

    def __init__(self) -> None:
        self.book: dict[int, list[int]] = {Side.BUY: [], Side.SELL: []}
        self.orders: dict[int, list[int]] = {}
        self.trades: list[tuple[int, int, int, int]] = []

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


def test_the_bare_book_trades_as_a_naive_one() -> None:
    chance, naive, book = random.Random(5), Naive(), Bare({})
    events, placed = memoryview(bytearray(4 * layout.EVENT_ROOM_BYTES)), 0
    trades: list[tuple[int, int, int, int]] = []
    for sequence in range(1, COMMANDS + 1):
        record, placed = command(chance, naive, placed)
        entry = memoryview(bytearray(wire.encode_entry(record, sequence=sequence)))
        offset, written = book.run(entry, 0, events, 0)
        assert offset == len(entry)
        trades += [
            (event.record.taker_order_id, event.record.maker_order_id, event.record.price_ticks, event.record.quantity)
            for event in wire.events_of(events[:written])
            if event.head.kind == EventKind.FILL
        ]
    assert trades == naive.trades
    assert len(trades) > COMMANDS // 20


def command(chance: random.Random, naive: Naive, placed: int) -> tuple[ctypes.LittleEndianStructure, int]:
    """The next command, done in the naive book; and how many orders have been placed."""
    draw, record = chance.random(), layout.Place()
    known: Any = list(naive.orders) or [1]
    price, quantity = 100_000 + chance.randint(-300, 300), chance.randint(1, 1_000)
    if draw < 0.5:
        side = chance.choice((Side.BUY, Side.SELL))
        record.side, record.quantity, record.price_ticks, record.account = side, quantity, price, 8
        naive.orders[placed + 1] = [side, quantity, price]
        naive.enter(placed + 1)
        return record, placed + 1
    number = chance.choice(known)
    if draw < 0.85:
        naive.cancel(number)
        return layout.Cancel(order_id=number), placed
    naive.amend(number, quantity, price)
    return layout.Amend(order_id=number, leaves_quantity=quantity, price_ticks=price), placed
