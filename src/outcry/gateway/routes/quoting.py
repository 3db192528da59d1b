"""GET /user/quoteFillRatio: how much an account quotes for what it trades, day by day (ORD-25).

Counted by history, which is asked once it has written so far as is known here; a gateway without history counts what it
remembers itself.
"""

from typing import Any

from outcry.gateway.dialect.prices import ratio, rounded
from outcry.gateway.dialect.times import time_text
from outcry.gateway.venue import Request, Venue
from outcry.history.reader import Asked
from outcry.protocol.layout import DAY_NS, OrderFlag
from outcry.protocol.told import Change

Row = dict[str, Any]
Counts = dict[int, tuple[int, int]]
"""Quotes and fills by day."""
DAYS_SHOWN = 7
DAYS_AVERAGED = 7
DECIMALS = 6


async def quote_fill_ratio(venue: Venue, request: Request) -> list[Row]:
    """A row for each of the last seven days (UTC), the oldest first; the last is today's so far."""
    today_ns = venue.time_ns - venue.time_ns % DAY_NS
    first_ns = today_ns - (DAYS_SHOWN + DAYS_AVERAGED - 2) * DAY_NS
    if venue.past.is_kept:
        await venue.past.reach(venue.recent.sequence)
        asked = Asked(where={"account": (request.account,)}, start_ns=first_ns)
        rows = await venue.past.ask(lambda reader: reader.page("quote_days", asked))
        counts = {row["day_ns"]: (row["placed"] + row["amended"], row["filled"]) for row in rows}
    else:
        counts = _remembered(venue, request.account)
    days = (today_ns - back * DAY_NS for back in reversed(range(DAYS_SHOWN)))
    return [ratio_row(request.account, day_ns, counts) for day_ns in days]


def _remembered(venue: Venue, account: int) -> Counts:
    """From the executions that are known here."""
    counts: Counts = {}
    for one in venue.recent.executions(account):
        if one.order.flags & OrderFlag.BY_VENUE:
            continue
        quotes, fills = counts.get(one.time_ns - one.time_ns % DAY_NS, (0, 0))
        quotes += one.change in (Change.PLACED, Change.AMENDED)
        fills += one.change == Change.TRADED
        counts[one.time_ns - one.time_ns % DAY_NS] = quotes, fills
    return counts


def ratio_row(account: int, day_ns: int, counts: Counts) -> Row:
    """A day, and the averages of the seven that end with it; the ratio is null while nothing was quoted in them."""
    window = [counts.get(day_ns - back * DAY_NS, (0, 0)) for back in range(DAYS_AVERAGED)]
    quotes, fills = (sum(one[place] for one in window) for place in (0, 1))
    return {
        "date": time_text(day_ns),
        "account": account,
        "quoteCount": window[0][0],
        "dealtCount": window[0][1],
        "quotesMavg7": ratio(quotes, DAYS_AVERAGED),
        "dealtMavg7": ratio(fills, DAYS_AVERAGED),
        "quoteFillRatioMavg7": rounded(fills, quotes, DECIMALS) if quotes else None,
    }
