"""Matches a recorded stream of commands without accounts and money, by trie and by ladder, and counts the trades.

    python tools/reference.py FILE

The file is records of eight little-endian 64-bit numbers: operation (1 new, 2 cancel, 3 amend), order, account, side (0
buy, 1 sell), price in ticks below 262,144, quantity, and two that are not looked at; orders are numbered from 1 in the
order they come.  It is how the book is compared with other engines on exactly the same commands.
"""

import struct
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from outcry.app.bench.stopwatch import Track, count_kind
from outcry.protocol import layout, wire
from outcry.protocol.layout import EventKind, Side

RECORD = struct.Struct("<8q")
CHUNK = 100_000
START_TICKS = 100_000
BUFFER_BYTES = 1 << 20


def entry(operation: int, order: int, account: int, side: int, price: int, quantity: int) -> bytes:
    """The record as one of our entries."""
    sides = (Side.BUY, Side.SELL)
    if operation == 1:
        new = layout.Place(side=sides[side], quantity=quantity, price_ticks=price, account=account + layout.ROLES)
        return wire.encode_entry(new)
    if operation == 2:
        return wire.encode_entry(layout.Cancel(order_id=order))
    return wire.encode_entry(layout.Amend(order_id=order, leaves_quantity=quantity, price_ticks=price))


def chunks(path: Path) -> Iterator[tuple[memoryview, int]]:
    """The file's commands, so many at a time, and how many they are."""
    with path.open("rb") as file:
        while data := file.read(CHUNK * RECORD.size):
            pieces = [entry(*record[:6]) for record in RECORD.iter_unpack(data)]
            yield memoryview(bytearray(b"".join(pieces))), len(pieces)


def main(path: Path) -> None:
    """Print commands, trades and time of both books."""
    books = {name: Track({}, name == "ladder", START_TICKS, 1) for name in ("trie", "ladder")}
    trades, spent, commands = dict.fromkeys(books, 0), dict.fromkeys(books, 0), 0
    events = memoryview(bytearray(BUFFER_BYTES))
    for entries, count in chunks(path):
        commands += count
        for name, book in books.items():
            offset = 0
            while offset < len(entries):
                begun = time.thread_time_ns()
                offset, written = book.run(entries, offset, len(entries), events)
                spent[name] += time.thread_time_ns() - begun
                trades[name] += count_kind(events, written, EventKind.FILL)
    for name in books:
        print(f"{name}: {commands:,} commands, {trades[name]:,} trades, {spent[name] / commands:.0f} ns a command")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
