"""The next best price in a book with great gaps: the trie looks at a few words, the ladder at every price between."""

from collections.abc import Iterator

from outcry.app import listings
from outcry.app.bench.figures import Figure, plain
from outcry.app.bench.stopwatch import Track
from outcry.app.bench.stream import LOT
from outcry.protocol import layout, wire
from outcry.protocol.layout import Side

GAP_TICKS = 1_000_000
GAP_TICKS_SMALL = 10_000
PRICES = 4
ROUNDS = 20


def rows(small: bool) -> Iterator[Figure]:
    """What cancelling the best order takes when the next one is a gap away."""
    gap = GAP_TICKS_SMALL if small else GAP_TICKS
    trie, ladder = search_ns(gap, dense=False), search_ns(gap, dense=True)
    yield plain(f"best order cancelled, next one {gap:,} ticks away, trie", trie, "ns")
    yield plain(f"best order cancelled, next one {gap:,} ticks away, ladder", ladder, "ns")


def search_ns(gap: int, dense: bool) -> float:
    """Mean over the gaps of the least time of the cancel that must find the next best, the clock's time included."""
    track = Track({"levels": (PRICES + 1) * gap} if dense else {}, dense, gap, LOT)
    events = memoryview(bytearray(2 * layout.EVENT_ROOM_BYTES))
    stamps = memoryview(bytearray(8 * 2 * PRICES))
    for number in range(ROUNDS):
        first = number * PRICES
        records: list[listings.Record] = [
            layout.Place(side=Side.SELL, quantity=LOT, price_ticks=gap * (at + 1), account=layout.ROLES)
            for at in range(PRICES)
        ]
        records += [layout.Cancel(order_id=first + at + 1) for at in range(PRICES)]
        entries = memoryview(bytearray(b"".join(wire.encode_entry(record, sequence=1) for record in records)))
        track.stamp(entries, len(entries), events, stamps)
    # The last cancel leaves an empty book, which has nothing to be found.
    spent = stamps.cast("q").tolist()[PRICES : 2 * PRICES - 1]
    return sum(spent) / len(spent)
