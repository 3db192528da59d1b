"""What the page shows: the sums of LAW-03 and whether they add up, and the instruments and indices of the moment.

The rows of instruments are those of the dialect, cut down to the columns of the page.
"""

from typing import Any

from outcry.gateway.dialect.instruments import index_row, instrument_row
from outcry.views.directory import Index, Listing, State
from outcry.views.law import law_view
from outcry.views.recent import Recent

Row = dict[str, Any]
SHOWN = (
    "symbol",
    "typ",
    "isInverse",
    "isQuanto",
    "tickSize",
    "lastPrice",
    "lastTickDirection",
    "markPrice",
    "bidPrice",
    "askPrice",
    "openInterest",
    "volume24h",
)


def venue_now(state: State, recent: Recent) -> Row:
    """Everything on the page, after the last entry applied here."""
    rows = (_row(one, state, recent) for one in recent.directory.public_list())
    return {"law": law_view(state.tables), "instruments": [{name: row.get(name) for name in SHOWN} for row in rows]}


def _row(one: Index | Listing, state: State, recent: Recent) -> Row:
    return index_row(one, state, recent.time_ns) if isinstance(one, Index) else instrument_row(one, state, recent)
