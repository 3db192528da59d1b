"""What everyone may ask about risk: fundings, insurance funds, takeovers that are not closed, and settlements."""

import heapq
from collections.abc import Iterator
from typing import Any

from outcry.gateway import recalled
from outcry.gateway.dialect.query import Query, Selection, read_query, select
from outcry.gateway.dialect.risk import (
    FUNDING_KEYS,
    INSURANCE_KEYS,
    LIQUIDATION_KEYS,
    SETTLEMENT_KEYS,
    funding_row,
    insurance_row,
    liquidation_row,
    settlement_row,
)
from outcry.gateway.venue import Request, Venue
from outcry.views.directory import Listing
from outcry.views.risk import FundingView, FundView
from outcry.views.settlements import SettlementView

Row = dict[str, Any]


def _numbers(venue: Venue, query: Query) -> list[int]:
    """The instruments asked for."""
    if query.subject is None:
        wanted = query.wanted.get("symbol")
        return [one.number for one in venue.directory.listings() if wanted is None or wanted.has(one.symbol)]
    return [query.subject.number] if isinstance(query.subject, Listing) else []


async def funding(venue: Venue, request: Request) -> list[Row]:
    """GET /funding: rates at their stamps."""
    query = read_query(request.parameters, venue.directory)
    numbers = _numbers(venue, query)
    shelves = [venue.recent.risk.fundings.get(number, ()) for number in numbers]
    kept_from, older = recalled.older_fundings(query, numbers, venue.recent)
    # Copied, because more may come while history is read.
    streams = [reversed(list(kept)) if query.reverse else iter(list(kept)) for kept in shelves]
    merged: Iterator[FundingView] = heapq.merge(
        *streams, key=lambda one: (one.time_ns, one.sequence, one.instrument), reverse=query.reverse
    )
    selection: Selection[FundingView] = Selection(
        query,
        lambda one: funding_row(one, venue.directory.listing(one.instrument)),
        lambda one: one.time_ns,
        FUNDING_KEYS,
    )
    newer = (one for one in merged if one.sequence > kept_from)
    return await venue.past.concatenated(selection, newer, older)


async def insurance(venue: Venue, request: Request) -> list[Row]:
    """GET /insurance: the funds at every noon, and after their last change since."""
    query = read_query(request.parameters, venue.directory)
    risk, directory = venue.recent.risk, venue.directory
    before_ns, older = recalled.older_funds(query, venue.recent)
    rows = [one for currency in directory.currencies() for one in risk.fund_rows(currency.number)]
    ordered = sorted(rows, key=lambda one: (one.time_ns, one.currency), reverse=query.reverse)
    selection: Selection[FundView] = Selection(
        query, lambda one: insurance_row(one, directory.currency(one.currency)), lambda one: one.time_ns, INSURANCE_KEYS
    )
    newer = (one for one in ordered if one.time_ns >= before_ns)
    return await venue.past.concatenated(selection, newer, older)


async def liquidation(venue: Venue, request: Request) -> list[Row]:
    """GET /liquidation: what has been taken over and is not closed yet, the oldest first."""
    query = read_query(request.parameters, venue.directory)
    numbers = frozenset(_numbers(venue, query))
    views = [one for one in venue.recent.risk.takeovers.values() if one.instrument in numbers]
    return select(
        query,
        reversed(views) if query.reverse else views,
        lambda one: liquidation_row(one, venue.directory.listing(one.instrument), venue.ids),
        lambda one: venue.time_ns,
        LIQUIDATION_KEYS,
    )


async def settlement(venue: Venue, request: Request) -> list[Row]:
    """GET /settlement: the prices at which contracts have ended."""
    query = read_query(request.parameters, venue.directory)
    numbers = _numbers(venue, query)
    wanted = frozenset(numbers)
    kept_from, older = recalled.older_settlements(query, numbers, venue.recent)
    kept = list(venue.recent.settlements.kept)
    selection: Selection[SettlementView] = Selection(
        query,
        lambda one: settlement_row(one, venue.directory.listing(one.instrument), venue.directory),
        lambda one: one.time_ns,
        SETTLEMENT_KEYS,
    )
    ordered = reversed(kept) if query.reverse else iter(kept)
    newer = (one for one in ordered if one.sequence > kept_from and one.instrument in wanted)
    return await venue.past.concatenated(selection, newer, older)
