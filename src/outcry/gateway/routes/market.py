"""What everyone may ask: instruments, book, trades, candles, quotes, indices, assets."""

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from outcry.gateway import parameters, recalled
from outcry.gateway.answers import bad
from outcry.gateway.dialect import symbols
from outcry.gateway.dialect.accounts import asset_row, network_row
from outcry.gateway.dialect.instruments import INSTRUMENT_KEYS, average_row, index_row, instrument_row
from outcry.gateway.dialect.market import TRADE_KEYS, bin_row, book_rows, composite_rows, quote_row, trade_row
from outcry.gateway.dialect.names import ACTIVE_STATES, SIDE_NAMES, STATE_NAMES
from outcry.gateway.dialect.prices import of_ticks
from outcry.gateway.dialect.query import COUNT_MAX_MARKET, Query, Selection, project, read_query, select
from outcry.gateway.venue import Request, Venue
from outcry.protocol.layout import InstrumentType
from outcry.views import rows
from outcry.views.bins import BIN_SIZES, Bin
from outcry.views.directory import Average, Index, Listing
from outcry.views.kept import TradeView
from outcry.views.shelves import InstrumentRecent
from outcry.views.tops import QuoteView

Row = dict[str, Any]
View = TypeVar("View")
DEPTH_DEFAULT = 25
DEPTH_MAX = 10**9
NOT_LISTED_ACTIVE = frozenset({InstrumentType.CALL, InstrumentType.PUT, InstrumentType.SPREAD})


async def root(venue: Venue, request: Request) -> Row:
    """Who answers, and when by its own clock in milliseconds."""
    return {"name": "BitMEX API", "version": "2.0.0", "timestamp": int(venue.clock() * 1000)}


async def assets(venue: Venue, request: Request) -> list[Row]:
    """Settlement currencies."""
    return [asset_row(one) for one in venue.directory.currencies()]


async def networks(venue: Venue, request: Request) -> list[Row]:
    """Their chains."""
    return [network_row(one) for one in venue.directory.currencies()]


def _row(venue: Venue, one: symbols.Subject) -> Row:
    if isinstance(one, Average):
        return average_row(one, venue.state, venue.time_ns)
    if isinstance(one, Index):
        return index_row(one, venue.state, venue.time_ns)
    return instrument_row(one, venue.state, venue.recent)


def _is_active(venue: Venue, one: Listing | Index) -> bool:
    if isinstance(one, Index) or one.instrument_type in NOT_LISTED_ACTIVE:
        return False
    return STATE_NAMES[venue.state.tables.instruments[one.number].state] in ACTIVE_STATES


async def instrument(venue: Venue, request: Request) -> list[Row]:
    """Everything that was ever listed, in the order of listing; the means of indices stand behind it all."""
    query = read_query(request.parameters, venue.directory)
    # Behind, because a place in the list is told in the ids of a book's levels.
    listed: list[symbols.Subject] = [*venue.directory.public_list(), *venue.directory.averages()]
    if query.subject is not None:
        listed = [query.subject]
    ordered: Iterable[symbols.Subject] = reversed(listed) if query.reverse else listed
    return select(query, ordered, lambda one: _row(venue, one), lambda one: venue.time_ns, INSTRUMENT_KEYS)


def _columns(request: Request, found: list[Row]) -> list[Row]:
    return project(found, parameters.texts(request.parameters, "columns"), INSTRUMENT_KEYS)


async def active(venue: Venue, request: Request) -> list[Row]:
    """Contracts that are open or paused; no indices, options or spreads."""
    listed = venue.directory.public_list()
    return _columns(request, [_row(venue, one) for one in listed if _is_active(venue, one)])


async def indices(venue: Venue, request: Request) -> list[Row]:
    """Indices."""
    listed: list[symbols.Subject] = [*venue.directory.indices(), *venue.directory.averages()]
    return _columns(request, [_row(venue, one) for one in listed])


async def active_and_indices(venue: Venue, request: Request) -> list[Row]:
    """Both."""
    listed = venue.directory.public_list()
    wanted: list[symbols.Subject] = [one for one in listed if isinstance(one, Index) or _is_active(venue, one)]
    return _columns(request, [_row(venue, one) for one in [*wanted, *venue.directory.averages()]])


async def active_intervals(venue: Venue, request: Request) -> Row:
    """Series and the contract each stands for now."""
    series: dict[str, str] = {}
    for one in venue.directory.listings():
        name = f"{one.underlying}:{symbols.series_of(one)}"
        found = symbols.in_series(venue.directory, name) if name not in series else None
        if found is not None and _is_active(venue, found):
            series[name] = found.symbol
    return {"intervals": list(series), "symbols": list(series.values())}


async def composite_index(venue: Venue, request: Request) -> list[Row]:
    """The sources of an index as they stand; .BXBT, or the first listed, unless another is named."""
    query = read_query(request.parameters, venue.directory)
    index = query.subject or venue.directory.index_named(".BXBT") or next(iter(venue.directory.indices()), None)
    if isinstance(index, Listing | Average):
        raise bad(symbols.INVALID)
    found = composite_rows(index, venue.state) if index is not None else []
    ordered = reversed(found) if query.reverse else found
    return select(query, ordered, lambda row: row, lambda row: venue.time_ns, ("timestamp", "symbol"))


async def order_book(venue: Venue, request: Request) -> list[Row]:
    """The book, `depth` levels a side; 0 for all of it."""
    listing = symbols.listing(venue.directory, parameters.text(request.parameters, "symbol"))
    depth = parameters.whole(request.parameters, "depth", 0, DEPTH_MAX)
    sides = rows.levels(venue.state, listing.number, DEPTH_DEFAULT if depth is None else depth)
    place = venue.directory.public_list().index(listing)
    return book_rows(listing, place, sides, venue.time_ns)


def _subjects(venue: Venue, query: Query) -> list[Listing]:
    if query.subject is None:
        symbols_wanted = query.wanted.get("symbol")
        return [one for one in venue.directory.listings() if symbols_wanted is None or symbols_wanted.has(one.symbol)]
    return [query.subject] if isinstance(query.subject, Listing) else []


Shown = tuple[int, View]
"""A view and the number of its instrument."""


def _shelves(venue: Venue, query: Query) -> dict[int, InstrumentRecent]:
    """What is recent of the instruments asked for."""
    return {one.number: venue.recent.instrument(one.number) for one in _subjects(venue, query)}


def _in_order(
    query: Query,
    shelves: Mapping[int, InstrumentRecent],
    kept_of: Callable[[InstrumentRecent], Iterable[View]],
    place_of: Callable[[View, int], tuple[int, ...]],
) -> Iterator[Shown[View]]:
    """What is kept of the instruments in one order; it is copied, because more comes while history is read."""

    def stream(number: int, kept: list[View]) -> Iterator[tuple[tuple[int, ...], int, View]]:
        return ((place_of(one, number), number, one) for one in (reversed(kept) if query.reverse else kept))

    streams = [stream(number, list(kept_of(shelf))) for number, shelf in shelves.items()]
    merged = heapq.merge(*streams, key=lambda item: item[0], reverse=query.reverse)
    return ((number, view) for _, number, view in merged)


async def trade(venue: Venue, request: Request) -> list[Row]:
    """Public trades."""
    query = read_query(request.parameters, venue.directory, count_max=COUNT_MAX_MARKET)
    shelves = _shelves(venue, query)
    kept_from, older = recalled.older_trades(query, shelves, venue.recent.adopted_sequence)
    recent = _in_order(query, shelves, lambda one: one.trades, lambda view, _: (view.sequence, view.ordinal))
    listing = venue.directory.listing
    cheap: dict[str, Callable[[Shown[TradeView]], Any]] = {
        "side": lambda item: SIDE_NAMES[item[1].taker_side],
        "price": lambda item: of_ticks(item[1].price_ticks, listing(item[0])),
        "size": lambda item: item[1].quantity,
    }
    selection: Selection[Shown[TradeView]] = Selection(
        query,
        lambda item: trade_row(item[1], listing(item[0]), venue.directory, venue.ids),
        lambda item: item[1].time_ns,
        TRADE_KEYS,
        cheap,
    )
    newer = (item for item in recent if item[1].sequence > kept_from)
    return await venue.past.concatenated(selection, newer, older)


def _bin_size(request: Request) -> tuple[str, int, bool]:
    """The size asked for, its length, and whether the one under way is wanted too."""
    size = parameters.text(request.parameters, "binSize") or "1m"
    if size not in BIN_SIZES:
        raise bad("Invalid binSize")
    return size, BIN_SIZES[size][0], parameters.switch(request.parameters, "partial") or False


async def trade_bucketed(venue: Venue, request: Request) -> list[Row]:
    """Candles, stamped with their end; with `partial` the one under way too."""
    query = read_query(request.parameters, venue.directory, count_max=COUNT_MAX_MARKET)
    size, length_ns, partial = _bin_size(request)
    shelves = _shelves(venue, query)
    kept_from, older = recalled.older_bins(query, shelves, size, partial, venue.recent)
    recent = _in_order(
        query,
        shelves,
        lambda one: one.candles.series[size].bins(partial, reverse=False),
        lambda one, number: (one.start_ns, number),
    )
    selection: Selection[Shown[Bin]] = Selection(
        query,
        lambda item: bin_row(item[1], length_ns, venue.directory.listing(item[0])),
        lambda item: item[1].start_ns + length_ns,
        TRADE_KEYS,
    )
    newer = (item for item in recent if item[1].start_ns >= kept_from)
    return await venue.past.concatenated(selection, newer, older)


def _quotes(venue: Venue, query: Query) -> Selection[Shown[QuoteView]]:
    return Selection(
        query,
        lambda item: quote_row(item[1], venue.directory.listing(item[0])),
        lambda item: item[1].time_ns,
        TRADE_KEYS,
    )


async def quote(venue: Venue, request: Request) -> list[Row]:
    """Changes of the touch; of long ago the last one of each second."""
    query = read_query(request.parameters, venue.directory, count_max=COUNT_MAX_MARKET)
    shelves = _shelves(venue, query)
    kept_from, older = recalled.older_quotes(query, shelves, venue.recent.adopted_ns)
    recent = _in_order(query, shelves, lambda one: one.quotes, lambda view, number: (view.time_ns, number))
    newer = (item for item in recent if item[1].time_ns >= kept_from)
    return await venue.past.concatenated(_quotes(venue, query), newer, older)


async def quote_bucketed(venue: Venue, request: Request) -> list[Row]:
    """The touch at the end of each span; with `partial` the present one too, stamped with the end of its span."""
    query = read_query(request.parameters, venue.directory, count_max=COUNT_MAX_MARKET)
    size, length_ns, partial = _bin_size(request)
    shelves = _shelves(venue, query)
    now_ns = venue.time_ns - venue.time_ns % length_ns
    present = [(number, shelf.top.quote(now_ns + length_ns)) for number, shelf in shelves.items() if partial]
    older = recalled.quote_bins(query, list(shelves), size, now_ns)
    newer = reversed(present) if query.reverse else iter(present)
    return await venue.past.concatenated(_quotes(venue, query), newer, older)
