"""Several orders in one request: place, amend (API 2.2), and the dead-man switch over all of an account's.

A list is read whole before anything is handed in: one row that cannot become a command refuses all, with the words of
the first such row behind `Bulk orders: `.  From there on each row is a command of its own, in the order of the list,
and what the engine refuses is told in its row, so a list is not one transaction.  Only when every row was refused is
the answer an error, with the first row's words, because programs look for them there.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

from outcry.gateway import parameters
from outcry.gateway.answers import Refusal, bad, overloaded
from outcry.gateway.dialect import entry
from outcry.gateway.dialect.orders import missing_row
from outcry.gateway.dialect.times import time_text
from outcry.gateway.door import NoAnswer, Outcome, Overloaded
from outcry.gateway.routes.orders import (
    ORDERS_MAX,
    Amendment,
    amended_row,
    cost_of,
    placed_row,
    prepare_amend,
    prepare_place,
)
from outcry.gateway.venue import Request, Venue
from outcry.protocol.layout import DEAD_MAN_NS_MAX, CancelAllAfter
from outcry.protocol.wire import client_id_of

Row = dict[str, Any]
Prepared = TypeVar("Prepared")
MILLISECOND_NS = 10**6
TIMEOUT_MS_MAX = DEAD_MAN_NS_MAX // MILLISECOND_NS
"""A week, as ORD-12 says."""


async def place(venue: Venue, request: Request) -> list[Row]:
    """POST /order/bulk: a row for each, in the order of the list."""
    orders = _read(request, lambda asked: prepare_place(venue, request.account, asked))
    outcomes = await venue.exchange.execute_all([(one.command, one.text) for one in orders])

    def missing(order: entry.NewOrder, refusal: Refusal) -> Row:
        named = client_id_of(order.command.client_id) or None
        row = missing_row(request.account, refusal.message, client_id=named)
        return {**row, "symbol": order.listing.symbol}

    return _rows(orders, outcomes, partial(placed_row, venue), missing)


async def amend(venue: Venue, request: Request) -> list[Row]:
    """PUT /order/bulk: a row for each, in the order of the list."""
    changes = _read(request, lambda asked: prepare_amend(venue, request.account, asked))
    outcomes = await venue.exchange.execute_all([(one.command, one.payload) for one in changes])

    def row_of(change: Amendment, outcome: Outcome) -> Row:
        refusal = venue.refusal(outcome, change.listing, change.by_client_id)
        if refusal is not None:
            raise refusal
        return amended_row(venue, change, outcome)

    def missing(change: Amendment, refusal: Refusal) -> Row:
        wire_id = venue.ids.order(change.command.order_id) if change.command.order_id else None
        named = client_id_of(change.command.client_id) or None
        row = missing_row(request.account, refusal.message, order_id=wire_id, client_id=named)
        return {**row, "symbol": change.listing.symbol if change.listing is not None else None}

    return _rows(changes, outcomes, row_of, missing)


def _read(request: Request, prepare: Callable[[Row], Prepared]) -> list[Prepared]:
    """Every row of `orders` made ready, after its cost has been counted.  Raises `Refusal`."""
    rows = parameters.mappings(request.parameters, "orders")
    if not rows:
        raise bad("'orders' is a required arg.")
    if len(rows) > ORDERS_MAX:
        raise bad(f"Bulk orders: at most {ORDERS_MAX} orders can be sent at once")
    request.charge(cost_of(len(rows)))
    prepared = []
    for place_in_list, asked in enumerate(rows):
        try:
            prepared.append(prepare(asked))
        except Refusal as refusal:
            message = f"Bulk orders: {refusal.message}"
            raise Refusal(refusal.status, message, refusal.name, extra={"index": place_in_list}) from refusal
    return prepared


def _rows(
    prepared: Sequence[Prepared],
    outcomes: Sequence[Outcome | NoAnswer | Overloaded],
    row_of: Callable[[Prepared, Outcome], Row],
    missing: Callable[[Prepared, Refusal], Row],
) -> list[Row]:
    """What became of each.  Raises the first row's `Refusal` when the engine refused them all."""
    rows: list[Row] = []
    refusals: list[Refusal] = []
    for one, outcome in zip(prepared, outcomes, strict=True):
        try:
            rows.append(row_of(one, _heard(outcome)))
        except Refusal as refusal:
            refusals.append(refusal)
            # Of a command without an answer nothing is known, so its row claims no status.
            status = None if isinstance(outcome, NoAnswer) else "Rejected"
            rows.append({**missing(one, refusal), "ordStatus": status, "ordRejReason": refusal.message})
    if len(refusals) == len(rows) and not any(isinstance(one, NoAnswer) for one in outcomes):
        first = refusals[0]
        raise Refusal(
            first.status, first.message, first.name, extra={**first.extra, "orders": rows}, headers=first.headers
        )
    return rows


def _heard(outcome: Outcome | NoAnswer | Overloaded) -> Outcome:
    """The outcome.  Raises `Refusal` where there is none."""
    if isinstance(outcome, NoAnswer):
        raise Refusal(503, f"{outcome}; it may still act")
    if isinstance(outcome, Overloaded):
        raise overloaded()
    return outcome


async def cancel_all_after(venue: Venue, request: Request) -> Row:
    """POST /order/cancelAllAfter: cancel everything in so many milliseconds unless asked again; 0 disarms."""
    timeout_ms = parameters.whole(request.parameters, "timeout", 0, TIMEOUT_MS_MAX)
    if timeout_ms is None:
        raise bad("'timeout' is a required arg.")
    command = CancelAllAfter()
    command.account = request.account
    command.timeout_ns = timeout_ms * MILLISECOND_NS
    outcome = await venue.execute(command)
    now_ns = outcome.time_ns
    cancel_time = time_text(now_ns + command.timeout_ns) if timeout_ms else None
    return {"now": time_text(now_ns), "cancelTime": cancel_time}
