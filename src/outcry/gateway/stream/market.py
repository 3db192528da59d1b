"""The public tables: what is told of instruments, books, quotes, trades and candles.

While entries are applied what happened is noted; `flush` turns it into messages for the tables that somebody wants,
each encoded once.  Quotes and trades are told one by one; books and instruments as they stand after the frame.
The venue's own messages have empty partials until there are any; what belongs to risk is told by `stream.risk`.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, Protocol

from outcry.gateway.dialect import messages, symbols
from outcry.gateway.dialect.instruments import average_row, index_row, instrument_row
from outcry.gateway.dialect.levels import level_row, ten_row
from outcry.gateway.dialect.market import quote_row, trade_row
from outcry.gateway.dialect.tables import (
    ALWAYS,
    BIN_NAMES,
    BOOK_10_TABLE,
    BOOK_DEPTHS,
    BOOK_TABLES,
    GROUPS,
    INSTRUMENT_TABLE,
    QUOTE_BIN,
    QUOTE_TABLE,
    TRADE_BIN_PREFIX,
    TRADE_TABLE,
)
from outcry.gateway.dialect.times import time_text
from outcry.gateway.stream.bins import bins_since, last_bin, last_quote
from outcry.gateway.stream.books import Changes, ShownBook
from outcry.gateway.stream.session import text_frame
from outcry.gateway.stream.topics import ALL, Topic, Wanted, group_of
from outcry.gateway.venue import Venue
from outcry.protocol.layout import EventKind, Side
from outcry.protocol.wire import Entry, Event
from outcry.views.bins import MINUTE_NS
from outcry.views.directory import Average, Index, Listing
from outcry.views.kept import TradeView
from outcry.views.tops import QuoteView

Row = dict[str, Any]
INSTRUMENT_KINDS = frozenset(
    {
        EventKind.MARK_MOVED,
        EventKind.LISTED,
        EventKind.INSTRUMENT_STATE_SET,
        EventKind.PREMIUM_SAMPLED,
        EventKind.FUNDING_FIXED,
        EventKind.FUNDING_SKIPPED,
        EventKind.TAKEN_OVER,
        EventKind.DELEVERAGED,
        EventKind.AUCTION_INDICATED,
        EventKind.PRICE_LIMITS_SET,
        EventKind.SETTLEMENT_FIXED,
        EventKind.SETTLEMENT_SWEPT,
        EventKind.OPTION_MARKED,
        EventKind.EXPIRY_SET,
        EventKind.CONVERTED,
        EventKind.RISK_PARAMETERS_SET,
    }
)
"""What may show in an instrument's row, beside its trades and its touch."""
VENUE_KINDS = frozenset({EventKind.HALTED, EventKind.VENUE_STATE_SET, EventKind.RESUMED})
"""What may close every instrument, or open them again."""


class Audience(Protocol):
    """Who listens."""

    def wants(self, table: str, scopes: Sequence[str]) -> bool:
        """Whether anybody wants rows of a public table that are in any of these scopes."""
        ...

    def publish(self, table: str, scopes: Sequence[str], frames: bytes) -> None:
        """Give frames with such rows to everybody who wants them."""
        ...

    def flush_books_after(self, seconds: float) -> None:
        """See to it that `flush_books` is called then."""
        ...


class MarketNews:
    """What happened in public since the last flush."""

    def __init__(self, venue: Venue, audience: Audience, book_interval_s: float) -> None:
        self.books_told = 0
        """How often books were told; a partial is good until the next time."""
        self._venue = venue
        self._book_interval_s = book_interval_s
        self._books_due_s = 0.0
        self._books_wait = False
        self._audience = audience
        self._books: dict[int, ShownBook] = {}
        self._rows: dict[str, Row] = {}
        """Instruments as they were told last."""
        self._trades: list[tuple[int, TradeView]] = []
        self._quotes: list[tuple[int, QuoteView]] = []
        self._changed: dict[int, None] = {}
        self._indices: dict[int, None] = {}
        self._means_moved = False
        self._listed: dict[int, None] = {}
        self._places: dict[str, int] = {}
        self._minute_from_ns = 0
        """Time of the entry before the one that began a new minute; 0 while none began."""
        self._last_ns = 0

    # What is told to it.

    def traded(self, instrument: int, view: TradeView) -> None:
        """A trade happened."""
        self._trades.append((instrument, view))
        self._changed[instrument] = None

    def quoted(self, instrument: int, view: QuoteView) -> None:
        """The touch changed."""
        self._quotes.append((instrument, view))
        self._changed[instrument] = None

    def observe(self, entry: Entry, events: Iterable[Event]) -> None:
        """An entry was applied."""
        time_ns = entry.head.time_ns
        if time_ns // MINUTE_NS != self._last_ns // MINUTE_NS and self._last_ns and not self._minute_from_ns:
            self._minute_from_ns = self._last_ns
        self._last_ns = time_ns
        for event in events:
            kind = event.head.kind
            if kind == EventKind.LEVEL_CHANGED:
                record = event.record
                book = self._books.get(record.instrument)
                if book is not None:
                    book.touch(record.side, record.price_ticks)
            elif kind in INSTRUMENT_KINDS:
                self._changed[event.record.instrument] = None
                if kind == EventKind.LISTED:
                    self._listed[event.record.instrument] = None
            elif kind in (EventKind.INDEX_MOVED, EventKind.INDEX_LISTED):
                self._indices[event.record.index] = None
            elif kind == EventKind.AVERAGE_MOVED:
                self._means_moved = True
            elif kind in VENUE_KINDS:
                self._changed.update((one.number, None) for one in self._venue.directory.listings())

    def forget(self) -> None:
        """Nobody listens any more, so nothing counts as told."""
        self._books.clear()
        self._rows.clear()
        self._clear()

    def _clear(self) -> None:
        self._trades, self._quotes = [], []
        self._changed.clear()
        self._indices.clear()
        self._means_moved = False
        self._listed.clear()
        self._minute_from_ns = 0

    # What it tells.

    def flush(self) -> None:
        """Tell what happened since the last time."""
        for number, view in self._quotes:
            listing = self._venue.directory.listing(number)
            self._tell(QUOTE_TABLE, listing, partial(_quote_rows, view, listing))
        self._flush_trades()
        for number in self._listed:
            self._begin_book(number)
        left_s = self._books_due_s - self._venue.clock()
        # A clock that was put back must not keep books waiting.
        if not 0 < left_s <= self._book_interval_s:
            self.flush_books()
        elif not self._books_wait:
            self._books_wait = True
            self._audience.flush_books_after(left_s)
        if self._minute_from_ns:
            self._flush_bins(self._minute_from_ns)
            # Sums over a day and funding times move with the clock.
            self._changed.update((one.number, None) for one in self._venue.directory.listings())
        for number in self._changed:
            self._flush_instrument(self._venue.directory.listing(number))
        for number in self._indices:
            self._flush_instrument(self._venue.directory.index(number))
        for one in self._venue.directory.averages() if self._means_moved else ():
            self._flush_instrument(one)
        self._clear()

    def _tell(self, table: str, listing: Listing, rows: Callable[[], list[Row]]) -> None:
        """New rows of an instrument, made only if somebody wants them."""
        scopes = (ALL, listing.symbol)
        if self._audience.wants(table, scopes):
            self._audience.publish(table, scopes, text_frame(messages.change(table, "insert", rows())))

    def _flush_trades(self) -> None:
        by_number: dict[int, list[TradeView]] = {}
        for number, view in self._trades:
            by_number.setdefault(number, []).append(view)
        for number, views in by_number.items():
            listing = self._venue.directory.listing(number)

            self._tell(TRADE_TABLE, listing, partial(self._trade_rows, listing, views))

    def _trade_rows(self, listing: Listing, views: Iterable[TradeView]) -> list[Row]:
        return [trade_row(view, listing, self._venue.directory, self._venue.ids) for view in views]

    def _flush_bins(self, from_ns: int) -> None:
        for listing in self._venue.directory.listings():
            kept = self._venue.recent.instrument(listing.number)
            for size in BIN_NAMES:
                for table, rows in bins_since(kept, size, from_ns, self._venue.time_ns, listing):
                    if rows:
                        self._tell(table, listing, partial(list, rows))

    def _flush_instrument(self, one: Listing | Index | Average) -> None:
        scopes = (ALL, one.symbol, *group_of(one))
        if not self._audience.wants(INSTRUMENT_TABLE, scopes):
            self._rows.pop(one.symbol, None)
            return
        row = self._instrument_row(one)
        before = self._rows.get(one.symbol)
        self._rows[one.symbol] = row
        if before is None:
            changed, action = row, "insert"
        else:
            moved = {name: value for name, value in row.items() if value != before[name]}
            if not moved:
                return
            changed, action = {**{name: row[name] for name in ALWAYS}, **moved}, "update"
        self._audience.publish(
            INSTRUMENT_TABLE, scopes, text_frame(messages.change(INSTRUMENT_TABLE, action, [changed]))
        )

    def _instrument_row(self, one: Listing | Index | Average) -> Row:
        if isinstance(one, Average):
            return average_row(one, self._venue.state, self._venue.time_ns)
        if isinstance(one, Index):
            return index_row(one, self._venue.state, self._venue.time_ns)
        return instrument_row(one, self._venue.state, self._venue.recent)

    # Books.

    def flush_books(self) -> None:
        """Tell what is different in the books."""
        self._books_wait = False
        self._books_due_s = self._venue.clock() + self._book_interval_s
        self.books_told += 1
        stamp = time_text(self._venue.time_ns)
        for number, book in list(self._books.items()):
            self._flush_book(self._venue.directory.listing(number), book, stamp)

    def _flush_book(self, listing: Listing, book: ShownBook, stamp: str) -> None:
        scopes = (ALL, listing.symbol)
        wanted = [table for table in BOOK_TABLES if self._audience.wants(table, scopes)]
        if not wanted:
            del self._books[listing.number]
            return
        changes, is_new = book.settle(), book.is_new
        book.is_new = False
        for table, depth in BOOK_DEPTHS.items():
            if table not in wanted:
                book.close_window(depth)
        if not changes and not is_new:
            return
        for table in wanted:
            told = book.settle_window(BOOK_DEPTHS[table]) if table in BOOK_DEPTHS else changes
            if table == BOOK_10_TABLE and (told or is_new):
                row = ten_row(listing, book.best(Side.BUY, 10), book.best(Side.SELL, 10), stamp)
                frames = text_frame(messages.change(table, "insert" if is_new else "update", [row]))
                self._audience.publish(table, scopes, frames)
            elif told:
                self._audience.publish(table, scopes, self._book_frames(table, listing, told, stamp))

    def _begin_book(self, number: int) -> None:
        """Follow the book of an instrument that was just listed, for those who want all books."""
        if any(self._audience.wants(table, (ALL,)) for table in BOOK_TABLES):
            book = self._books[number] = ShownBook(self._venue.recent.instrument(number).top, is_new=True)
            for depth in BOOK_DEPTHS.values():
                book.open_window(depth)

    def _book_frames(self, table: str, listing: Listing, changes: Changes, stamp: str) -> bytes:
        place = self._place(listing)
        frames = []
        for action, levels in (
            ("delete", changes.deleted),
            ("update", changes.updated),
            ("insert", changes.inserted),
        ):
            if levels:
                rows = [level_row(listing, place, *level, stamp) for level in levels]
                frames.append(text_frame(messages.change(table, action, rows)))
        return b"".join(frames)

    def _place(self, listing: Listing) -> int:
        if listing.symbol not in self._places:
            # Places never change, because the public list only grows.
            self._places = {one.symbol: place for place, one in enumerate(self._venue.directory.public_list())}
        return self._places[listing.symbol]

    def _book_rows(self, table: str, listing: Listing) -> list[Row]:
        """A book as it was told to the others, so that what they are told next fits it too."""
        book = self._books.get(listing.number)
        if book is None:
            book = self._books[listing.number] = ShownBook(self._venue.recent.instrument(listing.number).top)
        depth = BOOK_DEPTHS.get(table, 0)
        if depth:
            book.open_window(depth)
        stamp = time_text(self._venue.time_ns)
        bids, asks = book.best(Side.BUY, depth), book.best(Side.SELL, depth)
        if table == BOOK_10_TABLE:
            return [ten_row(listing, bids, asks, stamp)]
        place = self._place(listing)
        sells = [level_row(listing, place, Side.SELL, *level, stamp) for level in reversed(asks)]
        return sells + [level_row(listing, place, Side.BUY, *level, stamp) for level in bids]

    # Partials.

    def partial(self, topic: Topic) -> bytes:
        """The table as it stands, for one who has just subscribed.  Nothing may be waiting to be flushed."""
        wanted: Row = {}
        if topic.scope == ALL or topic.scope in GROUPS:
            directory = self._venue.directory
            listed: list[Listing | Index | Average] = [*directory.public_list(), *directory.averages()]
            subjects = [one for one in listed if topic.scope in (ALL, *group_of(one))]
        else:
            subjects = [symbols.find(self._venue.directory, topic.scope)]
            wanted = {"symbol": topic.scope}
        rows = [row for one in subjects for row in self._rows_of(topic.wanted, one)]
        return messages.partial(topic.table, wanted, rows)

    def _rows_of(self, wanted: Wanted, one: Listing | Index | Average) -> list[Row]:
        table, recent = wanted.table, self._venue.recent
        if table == INSTRUMENT_TABLE:
            row = self._instrument_row(one)
            self._rows.setdefault(one.symbol, row)
            return [row]
        if isinstance(one, Index | Average):
            return []
        if table in BOOK_TABLES:
            return self._book_rows(table, one)
        kept = recent.instrument(one.number)
        if table == QUOTE_TABLE:
            return [quote_row(kept.quotes[-1], one)] if kept.quotes else []
        if table == TRADE_TABLE:
            return self._trade_rows(one, [kept.trades[-1]] if kept.trades else [])
        for size in BIN_NAMES:
            if table == TRADE_BIN_PREFIX + size:
                return last_bin(kept, size, one)
            if table == QUOTE_BIN + size:
                return last_quote(kept, size, self._venue.time_ns, one)
        return []


def _quote_rows(view: QuoteView, listing: Listing) -> list[Row]:
    return [quote_row(view, listing)]
