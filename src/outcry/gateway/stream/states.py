"""The tables `states` and `auction`, which are ours: what is told of rungs of venue and instruments, and of auctions.

Changes are told one by one as they happened.  An auction's row is inserted when the auction begins, updated with every
indication, and once more when its price is fixed; it is deleted when the auction is over.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from outcry.gateway.dialect import messages
from outcry.gateway.dialect.tables import AUCTION_TABLE, STATES_TABLE
from outcry.gateway.states import auction_row, state_row
from outcry.gateway.stream.session import text_frame
from outcry.gateway.stream.topics import ALL, Topic
from outcry.gateway.venue import Venue
from outcry.protocol.layout import EventKind
from outcry.protocol.wire import Event
from outcry.views.states import (
    CAUSE_WORDS,
    INDICATED,
    INSTRUMENT_WORDS,
    AuctionView,
    StateView,
    auction_of,
    auctions,
    instrument_state,
    venue_state,
)

Row = dict[str, Any]
STATE_TABLES = (STATES_TABLE, AUCTION_TABLE)
VENUE_KINDS = frozenset({EventKind.VENUE_STATE_SET, EventKind.RESUMED, EventKind.HALTED})


class Audience(Protocol):
    """Who listens."""

    def wants(self, table: str, scopes: Sequence[str]) -> bool:
        """Whether anybody wants rows of a public table that are in any of these scopes."""
        ...

    def publish(self, table: str, scopes: Sequence[str], frames: bytes) -> None:
        """Give frames with such rows to everybody who wants them."""
        ...


class StateNews:
    """What happened to states and auctions since the last flush."""

    def __init__(self, venue: Venue, audience: Audience) -> None:
        self._venue = venue
        self._audience = audience
        self._waiting: list[tuple[str, str, Row]] = []
        self._under_way: set[int] = set()
        """Instruments whose auction has been told."""
        self._venue_moved = False

    # What is told to it.

    def observe(self, events: Iterable[Event]) -> None:
        """An entry was applied, and the views know it."""
        for event in events:
            kind, record = event.head.kind, event.record
            if kind == EventKind.AUCTION_INDICATED:
                self._indicated(auction_of(record), event.head.time_ns)
            elif kind == EventKind.INSTRUMENT_STATE_SET:
                self._set(event)
            elif kind == EventKind.LISTED:
                view = instrument_state(self._venue.state, record.instrument)
                self._say(STATES_TABLE, "insert", state_row(self._listing(record.instrument), view, event.head.time_ns))
            elif kind in VENUE_KINDS:
                self._venue_moved = True

    def _listing(self, number: int) -> Any:
        return self._venue.directory.listing(number)

    def _set(self, event: Event) -> None:
        record, time_ns = event.record, event.head.time_ns
        next_state = INSTRUMENT_WORDS.get(record.next_state)
        cause = CAUSE_WORDS.get(record.cause)
        view = StateView(INSTRUMENT_WORDS[record.state], cause, record.until_ns, next_state)
        listing = self._listing(record.instrument)
        self._say(STATES_TABLE, "update", state_row(listing, view, time_ns))
        if record.state in INDICATED and record.instrument not in self._under_way:
            self._indicated(AuctionView(record.instrument, False, 0, 0, 0), time_ns)
        elif record.state not in INDICATED and record.instrument in self._under_way:
            self._under_way.discard(record.instrument)
            self._say(AUCTION_TABLE, "delete", {"symbol": listing.symbol})

    def _indicated(self, view: AuctionView, time_ns: int) -> None:
        action = "update" if view.instrument in self._under_way else "insert"
        self._under_way.add(view.instrument)
        self._say(AUCTION_TABLE, action, auction_row(self._listing(view.instrument), view, time_ns))

    def _say(self, table: str, action: str, row: Row) -> None:
        self._waiting.append((table, action, row))

    def forget(self) -> None:
        """Nobody listens any more, so nothing counts as told."""
        self._waiting, self._venue_moved = [], False
        self._under_way.clear()

    # What it tells.

    def flush(self) -> None:
        """Tell what happened since the last time."""
        waiting, self._waiting = self._waiting, []
        if self._venue_moved:
            self._venue_moved = False
            waiting.append((STATES_TABLE, "update", state_row(None, venue_state(self._venue.state), self._time_ns)))
        for table, action, row in waiting:
            # The venue's rung is told to those who want all of them.
            scopes = (ALL,) if row["symbol"] is None else (ALL, row["symbol"])
            if self._audience.wants(table, scopes):
                self._audience.publish(table, scopes, text_frame(messages.change(table, action, [row])))

    @property
    def _time_ns(self) -> int:
        return self._venue.time_ns

    def partial(self, topic: Topic) -> bytes:
        """The table as it stands."""
        scope, state, directory = topic.scope, self._venue.state, self._venue.directory
        rows: list[Row] = []
        if topic.table.name == STATES_TABLE:
            rows = [state_row(None, venue_state(state), self._time_ns)]
            rows += [state_row(one, instrument_state(state, one.number), self._time_ns) for one in directory.listings()]
        else:
            found = list(auctions(state, len(directory.listings())))
            self._under_way = {one.instrument for one in found}
            rows = [auction_row(self._listing(one.instrument), one, self._time_ns) for one in found]
        told = [row for row in rows if scope in (ALL, row["symbol"])]
        return messages.partial(topic.table, {"symbol": scope} if scope else {}, told)
