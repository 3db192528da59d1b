"""A wallet's history and its summary."""

from typing import Any

from outcry.gateway.answers import bad
from outcry.gateway.dialect.query import Selection, read_query
from outcry.gateway.dialect.transactions import TRANSACTION_KEYS, summary_rows, transaction_row
from outcry.gateway.routes.account import currencies_of
from outcry.gateway.venue import Request, Venue
from outcry.gateway.wallets import ROWS_MAX, ledger_of
from outcry.history.ledger import LedgerRow
from outcry.views import rows

Row = dict[str, Any]
COUNT_MAX = 10_000


async def wallet_history(venue: Venue, request: Request) -> list[Row]:
    """GET /user/walletHistory: newest first unless `reverse` is false."""
    asked = request.parameters
    if asked.get("reverse") in (None, ""):
        asked = {**asked, "reverse": True}
    query = read_query(asked, venue.directory, count_max=COUNT_MAX, count_default=COUNT_MAX)
    currencies, _ = currencies_of(venue, request)
    numbers = [one.number for one in currencies]
    # Where rows are left out by what they hold, all are looked through.
    plain = not query.wanted and query.start_ns is None and query.end_ns is None
    limit = min(query.start + query.count, ROWS_MAX) if plain else ROWS_MAX
    lines = await ledger_of(venue.past, venue.recent, request.account, numbers, limit, query.reverse)
    selection: Selection[LedgerRow] = Selection(
        query,
        lambda one: transaction_row(one, venue.directory, venue.ids, venue.time_ns),
        lambda one: one.time_ns,
        TRANSACTION_KEYS,
    )
    for line in lines:
        if not selection.offer(line):
            break
    return selection.rows()


async def wallet_summary(venue: Venue, request: Request) -> list[Row]:
    """GET /user/walletSummary: sums by kind, and by instrument for what trading brought, of a span of time."""
    query = read_query(request.parameters, venue.directory)
    currencies, _ = currencies_of(venue, request)
    found: list[Row] = []
    for currency in currencies:
        lines = await ledger_of(venue.past, venue.recent, request.account, [currency.number], ROWS_MAX, True)
        if len(lines) >= ROWS_MAX:
            raise bad(f"Invalid currency: its history has more than {ROWS_MAX} rows")
        wanted = [one for one in lines if query.in_time(one.time_ns)]
        found.extend(summary_rows(wanted, rows.margin(venue.state, request.account, currency), venue.directory))
    return found
