"""Rows of public tables: book, trades, candles, quotes, index constituents."""

from typing import Any

from outcry.gateway.dialect.ids import IdKind, Ids
from outcry.gateway.dialect.instruments import day_notionals, value_of
from outcry.gateway.dialect.names import DIRECTION_NAMES, SIDE_NAMES
from outcry.gateway.dialect.prices import average_or_none, notionals, of_ppm, of_ticks, of_ticks_or_none, ratio
from outcry.gateway.dialect.times import time_text, time_text_or_none
from outcry.views import rows
from outcry.views.bins import Bin, DaySums
from outcry.views.directory import Directory, Index, Listing, State
from outcry.views.kept import TradeView
from outcry.views.rows import LevelView, conversion_index
from outcry.views.tops import QuoteView

Row = dict[str, Any]
BOOK_ID_STEP = 10**8
TRADE_KEYS = ("timestamp", "symbol")
SIZE_BOUND = 2**53


def book_id(place: int, price_ticks: int) -> int:
    """A level's id by BitMEX's old formula, which clients still decode (API 3.4); `place` is the instrument's place in
    the public list."""
    return BOOK_ID_STEP * place - price_ticks


def book_rows(listing: Listing, place: int, sides: tuple[list[LevelView], list[LevelView]], time_ns: int) -> list[Row]:
    """Sells from the highest price down, then buys down."""
    bids, asks = sides
    stamp = time_text(time_ns)
    found = []
    for side, levels in (("Sell", reversed(asks)), ("Buy", iter(bids))):
        for level in levels:
            found.append(
                {
                    "symbol": listing.symbol,
                    "id": book_id(place, level.price_ticks),
                    "side": side,
                    "size": level.quantity,
                    "price": of_ticks(level.price_ticks, listing),
                    "timestamp": stamp,
                    "transactTime": stamp,
                }
            )
    return found


def trade_row(view: TradeView, listing: Listing, directory: Directory, ids: Ids) -> Row:
    """A public trade."""
    index = conversion_index(directory, listing)
    conversion = (view.conversion_units, int(10**index.decimals)) if index is not None else (0, 1)
    home, foreign = notionals(listing, view.quantity, view.price_ticks, view.value_minor, conversion)
    return {
        "timestamp": time_text(view.time_ns),
        "symbol": listing.symbol,
        "side": SIDE_NAMES[view.taker_side],
        "size": view.quantity,
        "price": of_ticks(view.price_ticks, listing),
        "tickDirection": DIRECTION_NAMES[view.direction],
        "trdMatchID": ids.encode(IdKind.TRADE, view.sequence, view.ordinal),
        "grossValue": value_of(listing, view.value_minor),
        "homeNotional": home,
        "foreignNotional": foreign,
        "trdType": "Regular",
    }


def bin_row(one: Bin, length_ns: int, listing: Listing) -> Row:
    """A candle, stamped with its end; an empty one carries prices over and has no vwap."""
    sums = DaySums(one.quantity, one.value_minor, one.quote_micro)
    home, foreign = day_notionals(listing, sums)
    return {
        "timestamp": time_text(one.start_ns + length_ns),
        "symbol": listing.symbol,
        "open": of_ticks_or_none(one.open_ticks, listing),
        "high": of_ticks_or_none(one.high_ticks, listing),
        "low": of_ticks_or_none(one.low_ticks, listing),
        "close": of_ticks_or_none(one.close_ticks, listing),
        "trades": one.trades,
        "volume": one.quantity,
        "vwap": average_or_none(one.quantity, one.value_minor, listing, one.low_ticks, one.high_ticks),
        "lastSize": one.last_quantity or None,
        "turnover": value_of(listing, one.value_minor),
        "homeNotional": home,
        "foreignNotional": foreign,
    }


def quote_row(view: QuoteView, listing: Listing) -> Row:
    """The touch; a side without orders is null."""
    return {
        "timestamp": time_text(view.time_ns),
        "symbol": listing.symbol,
        "bidSize": view.bid_quantity or None,
        "bidPrice": of_ticks_or_none(view.bid_ticks, listing),
        "askPrice": of_ticks_or_none(view.ask_ticks, listing),
        "askSize": view.ask_quantity or None,
    }


def composite_rows(index: Index, state: State) -> list[Row]:
    """An index's sources with their last prices, then the index itself."""
    value, moved_ns = rows.index_value(state, index.number)
    unit = int(10**index.decimals)
    whole: Row = {
        "timestamp": time_text_or_none(moved_ns),
        "symbol": index.symbol,
        "indexSymbol": index.symbol,
        "indexMultiplier": None,
        "reference": "OUTCRY",
        "lastPrice": ratio(value, unit) if value else None,
        "sourcePrice": None,
        "conversionIndex": None,
        "conversionIndexPrice": None,
        "weight": None,
        "logged": time_text_or_none(moved_ns),
    }
    found = []
    for one in rows.constituents(state, index.number):
        seen = time_text_or_none(one.price_time_ns)
        price = ratio(one.price_units, unit) if one.price_units else None
        part = {"timestamp": seen, "logged": seen, "reference": one.name, "lastPrice": price, "sourcePrice": price}
        found.append({**whole, **part, "weight": of_ppm(one.weight_ppm)})
    return [*found, whole]
