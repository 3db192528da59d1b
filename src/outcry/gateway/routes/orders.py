"""Orders: place, amend, cancel, list (API 4).

Answers to a command are built from the events of its own entry; only what an earlier entry said about the same order
comes from `Recent`.  What the engine refuses is an error; what it accepts and ends at once is an order row with 200.
"""

import asyncio
import uuid
from collections.abc import Callable
from typing import Any

import msgspec

from outcry.gateway import parameters, recalled
from outcry.gateway.answers import NOT_FOUND, OVERLOADED, Refusal, bad
from outcry.gateway.dialect import entry
from outcry.gateway.dialect.errors import Subject, refusal_of
from outcry.gateway.dialect.names import SIDE_NAMES
from outcry.gateway.dialect.orders import ORDER_KEYS, missing_row, order_row, status_of
from outcry.gateway.dialect.query import Selection, read_query
from outcry.gateway.door import NoAnswer, Outcome, Overloaded
from outcry.gateway.venue import Request, Venue, refusal_in
from outcry.protocol.layout import Amend, Cancel, CancelAll, Code, EventKind, OrderFlag, Refused, Side
from outcry.protocol.told import placed as placed_order
from outcry.protocol.wire import put_client_id
from outcry.views import rows
from outcry.views.directory import Listing
from outcry.views.orders import OrderView, sides_of, text_in

Row = dict[str, Any]
ORDERS_MAX = 500
ORDERS_PER_TOKEN = 10
PLACED, FILL, AMENDED, ENDED = EventKind.PLACED, EventKind.FILL, EventKind.AMENDED, EventKind.ENDED
WAITING: dict[int, Callable[[OrderView, Any], None]] = {
    EventKind.CONDITIONED: OrderView.condition,
    EventKind.TRIGGERED: OrderView.trigger,
    EventKind.TRAILED: OrderView.trail,
}
"""What befalls an order that waits."""
ALREADY = "Unable to cancel order due to existing state: "


async def place(venue: Venue, request: Request) -> Row:
    """POST /order."""
    return await _place(venue, request, request.parameters)


async def close_position(venue: Venue, request: Request) -> Row:
    """POST /order/closePosition: an order with execInst Close, at a price or at the market."""
    asked = {name: request.parameters.get(name) for name in ("symbol", "price", "text", "clOrdID")}
    return await _place(venue, request, {**asked, "execInst": "Close"})


async def _place(venue: Venue, request: Request, asked: parameters.Parameters) -> Row:
    order = prepare_place(venue, request.account, asked)
    return placed_row(venue, order, await venue.exchange.execute(order.command, order.text))


def prepare_place(venue: Venue, account: int, asked: parameters.Parameters) -> entry.NewOrder:
    """The command of a new order, whole.  Raises `Refusal` for what cannot become one."""
    order = entry.new_order(asked, venue.directory, account)
    command = order.command
    if command.flags & OrderFlag.CLOSE and not command.quantity and parameters.text(asked, "side") is None:
        held = rows.held_quantity(venue.state, account, command.instrument)
        if not held:
            # Without a position there is no side to infer; the engine would say the same of either.
            raise bad("Order had execInst of Close or ReduceOnly but current position is 0", "ValidationError")
        command.side = Side.SELL if held > 0 else Side.BUY
    return order


def placed_row(venue: Venue, order: entry.NewOrder, outcome: Outcome) -> Row:
    """The row of an order that was placed, from the events of its entry.  Raises `Refusal` when it was refused."""
    placed = record_of(outcome, PLACED)
    if placed is None:
        # What is refused places nothing, and of an entry that halts the venue nothing else is left.
        raise venue.refusal(outcome, order.listing) or Refusal(500, "Server Error")
    known = venue.recent.order(placed.account, placed.order_id)
    if known is not None and known.changed_sequence == outcome.sequence:
        # Made of the same events, and no later entry has touched it.
        return order_row(known, order.listing, venue.ids)
    view = placed_order(OrderView, placed, order.command, order.text.decode("utf-8"), outcome.time_ns, outcome.sequence)
    follow(view, outcome)
    return order_row(view, order.listing, venue.ids)


def record_of(outcome: Outcome, kind: EventKind) -> Any:
    """The record of the first event of a kind, if there is one."""
    for head, record in outcome.events:
        if head.kind == kind:
            return record
    return None


def follow(view: OrderView, outcome: Outcome) -> None:
    """Bring an order from where it stood before an entry to where the entry's events leave it."""
    for head, record in outcome.events:
        kind = head.kind
        if kind == FILL and not record.spread:
            for order_id, leaves, *_ in sides_of(record):
                if order_id == view.order_id:
                    view.fill(record.quantity, record.price_ticks, record.value_minor, leaves)
        elif kind == AMENDED and record.order_id == view.order_id:
            view.amend(record)
        elif kind == ENDED and record.order_id == view.order_id:
            view.end(record, "")
        elif kind in WAITING and record.order_id == view.order_id:
            WAITING[kind](view, record)
    view.touch(outcome.sequence, outcome.time_ns)


async def amend(venue: Venue, request: Request) -> Row:
    """PUT /order: by orderID or origClOrdID."""
    change = prepare_amend(venue, request.account, request.parameters)
    outcome = await venue.execute(change.command, change.payload, change.listing, change.by_client_id)
    return amended_row(venue, change, outcome)


class Amendment(msgspec.Struct, frozen=True):
    """A command to amend an order, and the order as it is known now, if it is."""

    command: Amend
    payload: bytes
    listing: Listing | None
    by_client_id: bool
    before: OrderView | None


def prepare_amend(venue: Venue, account: int, asked: parameters.Parameters) -> Amendment:
    """The command of an amendment.  Raises `Refusal` for what cannot become one."""
    command = Amend()
    command.account = account
    view, by_client_id = _target(venue, account, asked, command)
    new_name = entry.client_id(asked, "clOrdID")
    if new_name is not None and (view is None or new_name != view.client_id):
        if parameters.text(asked, "origClOrdID") is None:
            raise bad("clOrdID requires origClOrdID")
        put_client_id(command.new_client_id, new_name)
    command.leaves_quantity = -1
    listing = None
    if view is not None:
        listing = venue.directory.listing(view.instrument)
        entry.put_changes(asked, command, listing)
    # An order that is not known here is asked for without changes, so that the engine says whether it ever was.
    payload = entry.text_payload(asked)
    return Amendment(command, payload, listing, by_client_id, view.as_now() if view is not None else None)


def amended_row(venue: Venue, change: Amendment, outcome: Outcome) -> Row:
    """The row of an order as the events of the amendment left it."""
    before = change.before
    amended = record_of(outcome, AMENDED)
    if amended is None:
        raise Refusal(500, "Server Error")
    if before is None or before.order_id != amended.order_id:
        # It was placed, or the name was given to it, while the amendment was on its way.
        found = venue.recent.order(amended.account, amended.order_id)
        if found is None:
            raise Refusal(500, "Server Error")
        before = found.as_now()
        before.changed_sequence = 0
    view = venue.recent.order_before(before, outcome.sequence)
    if change.payload:
        view.text = text_in(change.payload)
    follow(view, outcome)
    return _row(venue, view)


def _target(venue: Venue, account: int, asked: parameters.Parameters, command: Amend) -> tuple[OrderView | None, bool]:
    """The order an amendment means, and whether it was named by client id."""
    wire_id = parameters.text(asked, "orderID")
    if wire_id is not None:
        order_id = _order_id(venue, wire_id)
        if order_id is None or venue.recent.is_anothers(account, order_id):
            raise bad("Invalid orderID")
        command.order_id = order_id
        return venue.recent.order(account, order_id), False
    name = entry.client_id(asked, "origClOrdID")
    if name is None:
        raise bad("Must specify orderID or origClOrdID")
    put_client_id(command.client_id, name)
    return venue.recent.order_named(account, name), True


def _order_id(venue: Venue, wire_id: str) -> int | None:
    try:
        uuid.UUID(wire_id)
    except ValueError as error:
        raise bad("Invalid orderID") from error
    return venue.ids.order_id(wire_id)


class Named(msgspec.Struct, frozen=True):
    """An order to cancel, as the request names it."""

    wire_id: str | None
    client_id: str | None
    order_id: int


async def cancel(venue: Venue, request: Request) -> list[Row]:
    """DELETE /order: one or several, each its own command; a row for each, in the order first named."""
    asked = request.parameters
    wire_ids = list(dict.fromkeys(parameters.texts(asked, "orderID")))
    names: list[str] = []
    if not wire_ids:

        def is_known(name: str) -> bool:
            return venue.recent.order_named(request.account, name) is not None

        names = list(dict.fromkeys(parameters.names(asked, "clOrdID", is_known)))
    if not wire_ids and not names:
        raise bad("Must specify orderID or clOrdID")
    if len(wire_ids) + len(names) > ORDERS_MAX:
        raise bad(f"At most {ORDERS_MAX} orders can be cancelled at once")
    targets = [Named(one, None, _order_id(venue, one) or 0) for one in wire_ids]
    targets += [Named(None, entry.checked_client_id(one, "clOrdID"), 0) for one in names]
    payload = entry.text_payload(asked)
    request.charge(cost_of(len(targets)))
    if len(targets) == 1:
        return [await _cancel_one(venue, request.account, targets[0], payload, alone=True)]
    return list(await asyncio.gather(*(_cancel_in_list(venue, request.account, one, payload) for one in targets)))


def cost_of(orders: int) -> int:
    """Tokens that a list costs beyond the request's one: a tenth of one for each order, rounded up."""
    return -(-orders // ORDERS_PER_TOKEN) - 1


async def _cancel_in_list(venue: Venue, account: int, target: Named, payload: bytes) -> Row:
    """As one of several: what goes wrong with it is told in its row."""
    try:
        return await _cancel_one(venue, account, target, payload, alone=False)
    except Refusal as refusal:
        error = refusal.message
    except NoAnswer as silence:
        error = f"{silence}; it may still act"
    except Overloaded:
        error = OVERLOADED
    view = _view_of(venue, account, target)
    if view is not None:
        return {**order_row(view, venue.directory.listing(view.instrument), venue.ids), "error": error}
    return missing_row(account, error, order_id=target.wire_id, client_id=target.client_id)


async def _cancel_one(venue: Venue, account: int, target: Named, payload: bytes, alone: bool) -> Row:
    if target.client_id is None and (not target.order_id or venue.recent.is_anothers(account, target.order_id)):
        return _not_found(account, target, alone)
    command = Cancel()
    command.account = account
    command.order_id = target.order_id
    if target.client_id is not None:
        put_client_id(command.client_id, target.client_id)
    outcome = await venue.exchange.execute(command, payload)
    refused = refusal_in(outcome)
    view = _view_of(venue, account, target)
    if refused is None and view is not None:
        return order_row(view, venue.directory.listing(view.instrument), venue.ids)
    if refused is None:
        raise Refusal(500, "Server Error")
    if view is None and refused.code == Code.ORDER_ENDED:
        view = await recalled.ended_order(venue.past, account, target.order_id, target.client_id)
    return _refused_cancel(venue, account, target, refused, view, alone)


def _refused_cancel(
    venue: Venue, account: int, target: Named, refused: Refused, view: OrderView | None, alone: bool
) -> Row:
    gone = refused.code in (Code.ORDER_UNKNOWN, Code.ORDER_ENDED)
    if gone and view is not None:
        row = order_row(view, venue.directory.listing(view.instrument), venue.ids)
        return {**row, "error": ALREADY + status_of(view)}
    if refused.code == Code.ORDER_ENDED:
        # The engine remembers the name, but how the order ended has been forgotten here, and there is no history.
        return missing_row(account, f"{ALREADY}Canceled", order_id=target.wire_id, client_id=target.client_id)
    if refused.code == Code.ORDER_UNKNOWN:
        return _not_found(account, target, alone)
    raise refusal_of(Subject(refused))


def _not_found(account: int, target: Named, alone: bool) -> Row:
    if alone:
        raise Refusal(404, NOT_FOUND)
    return missing_row(account, NOT_FOUND, order_id=target.wire_id, client_id=target.client_id)


def _view_of(venue: Venue, account: int, target: Named) -> OrderView | None:
    if target.client_id is not None:
        return venue.recent.order_named(account, target.client_id)
    return venue.recent.order(account, target.order_id)


async def cancel_all(venue: Venue, request: Request) -> list[Row]:
    """DELETE /order/all: of a symbol, or what a filter matches; the cancelled rows."""
    query = read_query(request.parameters, venue.directory)
    payload = entry.text_payload(request.parameters)
    if query.subject is not None and not isinstance(query.subject, Listing):
        return []
    number = query.subject.number if query.subject is not None else 0
    side = query.asked.get("side")
    if set(query.asked) <= {"side"} and side in (None, "Buy", "Sell"):
        command = CancelAll()
        command.account = request.account
        command.instrument = number
        command.side = {None: 0, "Buy": Side.BUY, "Sell": Side.SELL}[side]
        outcome = await venue.execute(command, payload, query.subject)
        ended = [event.record.order_id for event in outcome.events if event.head.kind == EventKind.ENDED]
        views = [venue.recent.order(request.account, order_id) for order_id in ended]
        return [_row(venue, view) for view in views if view is not None]
    kept = venue.recent.account(request.account).open.values()
    wanted = [one for one in kept if not number or one.instrument == number]
    chosen = [one for one in wanted if query.matches(_row(venue, one))]
    request.charge(cost_of(len(chosen)))
    targets = [Named(None, None, one.order_id) for one in chosen]
    found = await asyncio.gather(*(_cancel_in_list(venue, request.account, one, payload) for one in targets))
    return [row for row in found if "error" not in row]


def _row(venue: Venue, view: OrderView) -> Row:
    return order_row(view, venue.directory.listing(view.instrument), venue.ids)


async def list_orders(venue: Venue, request: Request) -> list[Row]:
    """GET /order: all orders of the account, oldest first.

    Asked plainly (no filter, direction or time) the open ones come first, because there are clients that look for their
    working orders among the first hundred.
    """
    query = read_query(request.parameters, venue.directory)
    numbers = None if query.subject is None else [query.subject.number if isinstance(query.subject, Listing) else 0]
    cheap: dict[str, Callable[[OrderView], Any]] = {
        "orderID": lambda one: venue.ids.order(one.order_id),
        "clOrdID": lambda one: one.client_id or None,
        "symbol": lambda one: venue.directory.listing(one.instrument).symbol,
        "side": lambda one: SIDE_NAMES[one.side],
        "ordStatus": status_of,
        "open": lambda one: one.is_open,
        "ordStatus.isTerminated": lambda one: not one.is_open,
    }
    where = recalled.order_where(request.account, numbers, query.ids(venue.ids, "client_id"))
    kept = venue.recent.account(request.account)
    kept_from, older = recalled.older_orders(query, kept, venue.recent.adopted_sequence, where)
    # Copies, because more comes while history is read.
    known = list(kept.orders.values())
    selection = Selection(query, lambda one: _row(venue, one), lambda one: one.changed_ns, ORDER_KEYS, cheap)
    if query.is_plain:
        for view in list(kept.open.values()):
            if (numbers is None or view.instrument in numbers) and not selection.offer(view):
                return selection.rows()
        known = [one for one in known if not one.is_open]
    views = (
        one
        for one in (reversed(known) if query.reverse else known)
        if (one.is_open or one.changed_sequence > kept_from) and (numbers is None or one.instrument in numbers)
    )
    if query.wants_open:
        # No open order is ever forgotten, so history has nothing to say.
        older = None
    return await venue.past.merged(selection, views, older, lambda one: one.order_id)
