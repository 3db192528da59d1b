"""Candles of one instrument and its sums over the last 24 hours.

A candle covers [start, end) by the entries' time and opens at the close of the one before, as BitMEX's do; a span
without trades makes an empty candle.  Four sizes are kept, each bounded; the oldest go first.  Prices are ticks,
turnover is settlement minor units, `quote_micro` millionths of the quote currency.  Reads no clock.
Limit: a gap longer than a series holds starts that series anew.
"""

import copy
from collections import deque
from collections.abc import Iterator

import msgspec

MINUTE_NS = 60 * 10**9
HOUR_NS = 60 * MINUTE_NS
DAY_NS = 24 * HOUR_NS
BIN_SIZES: dict[str, tuple[int, int]] = {
    "1m": (MINUTE_NS, 2_880),
    "5m": (5 * MINUTE_NS, 2_016),
    "1h": (HOUR_NS, 2_160),
    "1d": (DAY_NS, 1_000),
}
"""Name to length and to how many finished ones are kept."""


class Bin(msgspec.Struct, gc=False, array_like=True):
    """One candle; `trades` 0 means that nothing traded and prices are carried over (0 before the first trade)."""

    start_ns: int
    open_ticks: int
    high_ticks: int
    low_ticks: int
    close_ticks: int
    trades: int = 0
    quantity: int = 0
    value_minor: int = 0
    quote_micro: int = 0
    last_quantity: int = 0

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


class Series:
    """Candles of one size: the finished ones and the one under way."""

    def __init__(self, length_ns: int, kept: int) -> None:
        self.length_ns = length_ns
        self.finished: deque[Bin] = deque(maxlen=kept)
        self.forgotten_ns = 0
        """Candles that begin before this are not all here."""
        self.current: Bin | None = None

    def advance(self, time_ns: int) -> None:
        """Finish what has ended by now and begin the candle of this time."""
        start_ns = time_ns - time_ns % self.length_ns
        current = self.current
        if current is None:
            self.current = Bin(start_ns, 0, 0, 0, 0)
            return
        if start_ns <= current.start_ns:
            return
        missing = (start_ns - current.start_ns) // self.length_ns
        close = current.close_ticks
        if missing > (self.finished.maxlen or 0):
            self.finished.clear()
            self.forgotten_ns = start_ns
        else:
            self._finish(current)
            for step in range(1, missing):
                begin_ns = current.start_ns + step * self.length_ns
                self._finish(Bin(begin_ns, close, close, close, close))
        self.current = Bin(start_ns, close, close, close, close)

    def _finish(self, one: Bin) -> None:
        if len(self.finished) == self.finished.maxlen:
            self.forgotten_ns = self.finished[0].start_ns + self.length_ns
        self.finished.append(one)

    def bins(self, with_current: bool, reverse: bool) -> Iterator[Bin]:
        """The candles, oldest first unless `reverse`."""
        last = [self.current] if with_current and self.current is not None else []
        if reverse:
            yield from last
            yield from reversed(self.finished)
        else:
            yield from self.finished
            yield from last


class DaySums(msgspec.Struct):
    """What an instrument did in the last 24 hours, to the minute."""

    quantity: int = 0
    value_minor: int = 0
    quote_micro: int = 0
    high_ticks: int = 0
    low_ticks: int = 0
    earlier_close_ticks: int = 0


class Candles:
    """The four series of one instrument."""

    def __init__(self) -> None:
        self.series = {name: Series(length_ns, kept) for name, (length_ns, kept) in BIN_SIZES.items()}
        self._sums_of_ns = -1
        self._sums = DaySums()

    def advance(self, time_ns: int) -> None:
        """Time has come to this."""
        for series in self.series.values():
            series.advance(time_ns)

    def begin(self, time_ns: int, last_price_ticks: int) -> None:
        """Time is this and the last trade was at that price; what else the candles under way hold is not known."""
        for series in self.series.values():
            if series.current is None:
                start_ns = time_ns - time_ns % series.length_ns
                series.current = Bin(start_ns, *[last_price_ticks] * 4)

    def add(self, time_ns: int, price_ticks: int, quantity: int, value_minor: int, quote_micro: int) -> None:
        """A trade at this time, which is never before the one before."""
        for series in self.series.values():
            series.advance(time_ns)
            assert series.current is not None
            series.current.add(price_ticks, quantity, value_minor, quote_micro)

    def day(self) -> DaySums:
        """Sums of the last 24 hours; the finished minutes among them are added up once a minute."""
        minutes = self.series["1m"]
        current = minutes.current
        if current is None:
            return DaySums()
        if self._sums_of_ns != current.start_ns:
            self._sums = self._finished_sums(current.start_ns + MINUTE_NS - DAY_NS)
            self._sums_of_ns = current.start_ns
        sums = self._sums
        traded_high, traded_low = (current.high_ticks, current.low_ticks) if current.trades else (0, 0)
        return DaySums(
            sums.quantity + current.quantity,
            sums.value_minor + current.value_minor,
            sums.quote_micro + current.quote_micro,
            max(sums.high_ticks, traded_high),
            min(sums.low_ticks or traded_low, traded_low or sums.low_ticks),
            sums.earlier_close_ticks,
        )

    def _finished_sums(self, from_ns: int) -> DaySums:
        sums = DaySums()
        for one in reversed(self.series["1m"].finished):
            if one.start_ns < from_ns:
                sums.earlier_close_ticks = one.close_ticks
                break
            sums.earlier_close_ticks = one.open_ticks
            if one.trades:
                sums.quantity += one.quantity
                sums.value_minor += one.value_minor
                sums.quote_micro += one.quote_micro
                sums.high_ticks = max(sums.high_ticks, one.high_ticks)
                sums.low_ticks = min(sums.low_ticks or one.low_ticks, one.low_ticks)
        return sums

    def kept(self) -> dict[str, tuple[list[Bin], Bin | None]]:
        """Everything, to be written down; later trades change nothing of it."""
        return {name: (list(series.finished), copy.copy(series.current)) for name, series in self.series.items()}

    def restore(self, kept: dict[str, tuple[list[Bin], Bin | None]]) -> None:
        """Everything, as it was written down."""
        for name, (finished, current) in kept.items():
            self.series[name].finished.extend(finished)
            self.series[name].current = current
            # What had been forgotten is no longer known, so the oldest counts.
            oldest = finished[0] if finished else current
            self.series[name].forgotten_ns = oldest.start_ns if oldest is not None else 0
