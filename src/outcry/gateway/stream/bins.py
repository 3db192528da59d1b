"""Candles and quotes of whole spans, told when the span has ended."""

from itertools import takewhile
from typing import Any

from outcry.gateway.dialect.market import bin_row, quote_row
from outcry.gateway.dialect.tables import QUOTE_BIN, TRADE_BIN_PREFIX
from outcry.gateway.dialect.times import time_text
from outcry.views.bins import BIN_SIZES, Bin
from outcry.views.directory import Listing
from outcry.views.shelves import InstrumentRecent

Row = dict[str, Any]


def told_bin(one: Bin, length_ns: int, listing: Listing) -> Row:
    """A candle; an empty one has the price before it as its average, because typed clients drop it otherwise."""
    row = bin_row(one, length_ns, listing)
    if not one.trades:
        row["vwap"] = row["close"]
        row["lastSize"] = 0
    return row


def told_quote(kept: InstrumentRecent, end_ns: int, listing: Listing) -> Row | None:
    """The touch as it was when a span ended; nothing if none is known from before then."""
    view = next((one for one in reversed(kept.quotes) if one.time_ns < end_ns), None)
    return None if view is None else {**quote_row(view, listing), "timestamp": time_text(end_ns)}


def bins_since(
    kept: InstrumentRecent, size: str, from_ns: int, time_ns: int, listing: Listing
) -> list[tuple[str, list[Row]]]:
    """Rows of the two tables of a size for spans that ended after the one time and not after the other, in order.

    Quotes are told for the last such span only; before an instrument's first trade it has no candles to tell.
    """
    length_ns, _ = BIN_SIZES[size]
    end_ns = time_ns - time_ns % length_ns
    if end_ns <= from_ns:
        return []
    ended = takewhile(lambda one: one.start_ns + length_ns > from_ns, reversed(kept.candles.series[size].finished))
    candles = [told_bin(one, length_ns, listing) for one in ended if one.close_ticks]
    quote = told_quote(kept, end_ns, listing)
    return [(TRADE_BIN_PREFIX + size, candles[::-1]), (QUOTE_BIN + size, [] if quote is None else [quote])]


def last_bin(kept: InstrumentRecent, size: str, listing: Listing) -> list[Row]:
    """The last candle that has ended."""
    finished = kept.candles.series[size].finished
    if not finished or not finished[-1].close_ticks:
        return []
    return [told_bin(finished[-1], BIN_SIZES[size][0], listing)]


def last_quote(kept: InstrumentRecent, size: str, time_ns: int, listing: Listing) -> list[Row]:
    """The touch when the last span of a size ended."""
    length_ns, _ = BIN_SIZES[size]
    quote = told_quote(kept, time_ns - time_ns % length_ns, listing)
    return [] if quote is None else [quote]
