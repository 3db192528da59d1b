"""Candles of one instrument in four sizes: rows as trades and time make them.

A candle covers [start, end) by the entries' time and opens at the close of the one before; a span without trades makes
an empty candle that carries prices over.  So the rows of an instrument have no holes, but for a pause longer than
`GAP_MAX` candles, for which none are made.
"""

from collections.abc import Iterator

import msgspec

from outcry.history.quotes import NO_TOUCH, Touch

SECOND_NS = 10**9
LENGTHS_S = (60, 300, 3_600, 86_400)
GAP_MAX: dict[int, int] = {60: 2_880, 300: 2_016, 3_600: 2_160, 86_400: 1_000}


class Candle(msgspec.Struct):
    """A row of `candles`."""

    instrument: int
    length_s: int
    start_ns: int
    open_ticks: int = 0
    high_ticks: int = 0
    low_ticks: int = 0
    close_ticks: int = 0
    trades: int = 0
    quantity: int = 0
    value_minor: int = 0
    quote_micro: int = 0
    last_quantity: int = 0
    bid_ticks: int = 0
    bid_quantity: int = 0
    ask_ticks: int = 0
    ask_quantity: int = 0

    def add(self, price_ticks: int, quantity: int, value_minor: int, quote_micro: int) -> None:
        """A trade falls into it."""
        self.open_ticks = self.open_ticks or price_ticks
        self.high_ticks = max(self.high_ticks, price_ticks)
        self.low_ticks = min(self.low_ticks or price_ticks, price_ticks)
        self.close_ticks = price_ticks
        self.trades += 1
        self.quantity += quantity
        self.value_minor += value_minor
        self.quote_micro += quote_micro
        self.last_quantity = quantity

    def quote(self, touch: Touch) -> None:
        """The touch is this now."""
        self.bid_ticks, self.bid_quantity, self.ask_ticks, self.ask_quantity = touch

    def following(self, start_ns: int) -> "Candle":
        """An empty one that carries prices and touch over."""
        close = self.close_ticks
        touch = self.bid_ticks, self.bid_quantity, self.ask_ticks, self.ask_quantity
        return Candle(self.instrument, self.length_s, start_ns, close, close, close, close, 0, 0, 0, 0, 0, *touch)


class Candles:
    """The candles under way of one instrument, one of each size."""

    def __init__(self, instrument: int, current: dict[int, Candle]) -> None:
        self.instrument = instrument
        self.current = current

    def advance(self, time_ns: int) -> Iterator[Candle]:
        """Time has come to this; the candles that it begins, in order."""
        for length_s in LENGTHS_S:
            length_ns = length_s * SECOND_NS
            start_ns = time_ns - time_ns % length_ns
            candle = self.current.get(length_s)
            if candle is None:
                candle = Candle(self.instrument, length_s, start_ns)
                candle.quote(NO_TOUCH)
                self.current[length_s] = candle
                yield candle
                continue
            if (start_ns - candle.start_ns) // length_ns > GAP_MAX[length_s]:
                candle = self.current[length_s] = candle.following(start_ns)
                yield candle
            while candle.start_ns < start_ns:
                candle = self.current[length_s] = candle.following(candle.start_ns + length_ns)
                yield candle
