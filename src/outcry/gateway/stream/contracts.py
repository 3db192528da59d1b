"""The tables `dockets`, `averages` and `chain`, which are ours: questions of predictions, means, options and greeks.

A row is told as it stands after the frame in which something of it has changed: the whole row, and nothing if none of
its columns is another.  A chain's row is deleted when its option has ended.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from outcry.gateway.contracts import chain_row, docket_row, mean_row
from outcry.gateway.dialect import messages
from outcry.gateway.dialect.tables import AVERAGES_TABLE, CHAIN_TABLE, DOCKETS_TABLE
from outcry.gateway.stream.session import text_frame
from outcry.gateway.stream.topics import ALL, Topic
from outcry.gateway.venue import Venue
from outcry.protocol.layout import EventKind, InstrumentType
from outcry.protocol.wire import Event
from outcry.views.contracts import options, predictions
from outcry.views.directory import Listing

Row = dict[str, Any]
CONTRACT_TABLES = (DOCKETS_TABLE, AVERAGES_TABLE, CHAIN_TABLE)
CHAIN_KINDS = frozenset(
    {
        EventKind.OPTION_MARKED,
        EventKind.MARK_MOVED,
        EventKind.LISTED,
        EventKind.INSTRUMENT_STATE_SET,
        EventKind.SETTLEMENT_FIXED,
        EventKind.EXPIRY_SET,
        EventKind.LEVEL_CHANGED,
        EventKind.FILL,
        EventKind.SETTLED,
    }
)
"""What may show in an option's row."""


class Audience(Protocol):
    """Who listens."""

    def wants(self, table: str, scopes: Sequence[str]) -> bool:
        """Whether anybody wants rows of a public table that are in any of these scopes."""
        ...

    def publish(self, table: str, scopes: Sequence[str], frames: bytes) -> None:
        """Give frames with such rows to everybody who wants them."""
        ...


class ContractNews:
    """What happened to them since the last flush."""

    def __init__(self, venue: Venue, audience: Audience) -> None:
        self._venue = venue
        self._audience = audience
        self._dockets: dict[int, None] = {}
        self._means_moved = False
        self._options: dict[int, None] = {}
        self._told: dict[tuple[str, str], Row] = {}
        """By table and symbol, as they were told last."""

    # What is told to it.

    def observe(self, events: Iterable[Event]) -> None:
        """An entry was applied, and the views know it."""
        for event in events:
            kind, record = event.head.kind, event.record
            if kind == EventKind.AVERAGE_MOVED:
                self._means_moved = True
            elif kind == EventKind.DOCKET_CHANGED:
                self._dockets[record.instrument] = None
            elif kind in CHAIN_KINDS and self._listing(record.instrument).is_option:
                self._options[record.instrument] = None
            elif kind == EventKind.LISTED and self._is_prediction(record.instrument):
                self._dockets[record.instrument] = None

    def _listing(self, number: int) -> Listing:
        return self._venue.directory.listing(number)

    def _is_prediction(self, number: int) -> bool:
        return self._listing(number).instrument_type == InstrumentType.PREDICTION

    def forget(self) -> None:
        """Nobody listens any more, so nothing counts as told."""
        self._dockets, self._options, self._means_moved = {}, {}, False
        self._told.clear()

    # What it tells.

    def flush(self) -> None:
        """Tell what is different."""
        state, time_ns, directory = self._venue.state, self._venue.time_ns, self._venue.directory
        dockets, self._dockets = self._dockets, {}
        for number in dockets:
            symbol = self._listing(number).symbol
            if self._audience.wants(DOCKETS_TABLE, (ALL, symbol)):
                self._tell(DOCKETS_TABLE, docket_row(self._listing(number), state, time_ns))
        moved, self._means_moved = self._means_moved, False
        for one in directory.averages() if moved else ():
            if self._audience.wants(AVERAGES_TABLE, (ALL, one.symbol)):
                self._tell(AVERAGES_TABLE, mean_row(one, state, time_ns))
        changed, self._options = self._options, {}
        for number in changed:
            listing = self._listing(number)
            if not self._audience.wants(CHAIN_TABLE, (ALL, listing.symbol)):
                continue
            if directory.is_over(number):
                self._end(listing)
            else:
                self._tell(CHAIN_TABLE, chain_row(listing, state, self._venue.recent))

    def _tell(self, table: str, row: Row) -> None:
        key = table, row["symbol"]
        before = self._told.get(key)
        self._told[key] = row
        if before is not None and {**before, "timestamp": row["timestamp"]} == row:
            return
        self._say(table, "insert" if before is None else "update", row)

    def _end(self, listing: Listing) -> None:
        if self._told.pop((CHAIN_TABLE, listing.symbol), None) is not None:
            self._say(CHAIN_TABLE, "delete", {"symbol": listing.symbol})

    def _say(self, table: str, action: str, row: Row) -> None:
        scopes = (ALL, row["symbol"])
        self._audience.publish(table, scopes, text_frame(messages.change(table, action, [row])))

    def partial(self, topic: Topic) -> bytes:
        """The table as it stands.  Nothing may be waiting to be flushed."""
        table, scope, venue = topic.table.name, topic.scope, self._venue
        if table == DOCKETS_TABLE:
            rows = [docket_row(one, venue.state, venue.time_ns) for one in predictions(venue.directory)]
        elif table == AVERAGES_TABLE:
            rows = [mean_row(one, venue.state, venue.time_ns) for one in venue.directory.averages()]
        else:
            rows = [chain_row(one, venue.state, venue.recent) for one in options(venue.directory, None, None)]
        found = [row for row in rows if scope in (ALL, row["symbol"])]
        for row in found:
            self._told.setdefault((table, row["symbol"]), row)
        return messages.partial(topic.table, {"symbol": scope} if scope else {}, found)
