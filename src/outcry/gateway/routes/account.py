"""What an account may ask and choose: executions, positions, margin, wallet, user, fees."""

import heapq
from collections.abc import Callable, Iterator
from typing import Any

from outcry.gateway import parameters, recalled
from outcry.gateway.answers import Refusal, bad
from outcry.gateway.dialect import symbols
from outcry.gateway.dialect.accounts import commission_row, margin_row, user_row, volume_row, wallet_row
from outcry.gateway.dialect.names import SIDE_NAMES
from outcry.gateway.dialect.orders import EXECUTION_KEYS, exec_type_of, execution_row
from outcry.gateway.dialect.positions import POSITION_KEYS, position_row
from outcry.gateway.dialect.query import Selection, read_query, select
from outcry.gateway.venue import Request, Venue
from outcry.protocol.layout import AMOUNT_BOUND, MoveMargin, SetIsolated, SetLeverage, SetRiskLimit
from outcry.views import rows
from outcry.views.directory import Currency, Listing
from outcry.views.orders import ExecutionView
from outcry.views.rows import PositionView
from outcry.views.shelves import AccountRecent

Row = dict[str, Any]
LEVERAGE_MAX = 10_000
CENTI = 100


async def execution(venue: Venue, request: Request) -> list[Row]:
    """Everything that happened to the account's orders."""
    return await _executions(venue, request, trades_only=False)


async def trade_history(venue: Venue, request: Request) -> list[Row]:
    """What changed the balance: fills, fundings, takeovers and deleveragings."""
    return await _executions(venue, request, trades_only=True)


async def _executions(venue: Venue, request: Request, trades_only: bool) -> list[Row]:
    query = read_query(request.parameters, venue.directory)
    numbers = None if query.subject is None else [query.subject.number if isinstance(query.subject, Listing) else 0]
    where = recalled.order_where(request.account, numbers, query.ids(venue.ids, "order_client_id"))
    if trades_only:
        where = recalled.traded_only(where)
    recent = venue.recent
    kept_from, older = recalled.older_executions(query, recent.account(request.account), recent.adopted_sequence, where)
    views = (
        one
        for one in _reports_so_far(recent.account(request.account), query.reverse, trades_only)
        if one.sequence > kept_from and (numbers is None or one.order.instrument in numbers)
    )
    rates: dict[int, rows.Rates] = {}

    def row_of(view: ExecutionView) -> Row:
        number = view.order.instrument
        if number not in rates:
            rates[number] = rows.fee_rates(venue.state, number)
        return execution_row(view, venue.directory, venue.ids, rates[number])

    cheap: dict[str, Callable[[ExecutionView], Any]] = {
        "orderID": lambda one: venue.ids.order(one.order.order_id),
        "clOrdID": lambda one: one.order.client_id or None,
        "symbol": lambda one: venue.directory.listing(one.order.instrument).symbol,
        "side": lambda one: SIDE_NAMES[one.order.side],
        "execType": exec_type_of,
    }
    selection = Selection(query, row_of, lambda one: one.time_ns, EXECUTION_KEYS, cheap)
    return await venue.past.concatenated(selection, views, older)


def _reports_so_far(kept: AccountRecent, reverse: bool, trades_only: bool) -> Iterator[ExecutionView]:
    """Of what is kept now, whatever comes while history is read."""
    parts = [list(kept.fills)] if trades_only else [list(kept.fills), list(kept.reports)]
    ordered = [reversed(part) if reverse else iter(part) for part in parts]
    return heapq.merge(*ordered, key=lambda one: (one.sequence, one.place), reverse=reverse)


def _position_row(venue: Venue, view: PositionView) -> Row:
    return position_row(view, venue.state, venue.recent)


async def position(venue: Venue, request: Request) -> list[Row]:
    """All positions the account ever had, flat ones included."""
    query = read_query(request.parameters, venue.directory)
    views = list(rows.positions(venue.state, request.account))
    if query.subject is not None:
        number = query.subject.number if isinstance(query.subject, Listing) else 0
        views = [one for one in views if one.instrument == number]
    ordered = reversed(views) if query.reverse else iter(views)
    return select(query, ordered, lambda one: _position_row(venue, one), lambda one: venue.time_ns, POSITION_KEYS)


async def leverage(venue: Venue, request: Request) -> Row:
    """POST /position/leverage: isolate at a leverage, or cross with 0."""
    listing = symbols.listing(venue.directory, parameters.text(request.parameters, "symbol"))
    wanted = parameters.number(request.parameters, "leverage")
    if wanted is None:
        raise bad("'leverage' is a required arg.")
    if not 0 <= wanted <= LEVERAGE_MAX:
        raise bad("Invalid leverage")
    command = SetLeverage()
    command.account = request.account
    command.instrument = listing.number
    command.leverage_centi = parameters.as_whole(wanted * CENTI, "leverage", 0, LEVERAGE_MAX * CENTI)
    await venue.execute(command, b"", listing)
    return _own_position(venue, request.account, listing)


async def isolate(venue: Venue, request: Request) -> Row:
    """POST /position/isolate: isolated unless `enabled` is false."""
    listing = symbols.listing(venue.directory, parameters.text(request.parameters, "symbol"))
    enabled = parameters.switch(request.parameters, "enabled")
    command = SetIsolated()
    command.account = request.account
    command.instrument = listing.number
    command.isolated = 0 if enabled is False else 1
    await venue.execute(command, b"", listing)
    return _own_position(venue, request.account, listing)


async def transfer_margin(venue: Venue, request: Request) -> Row:
    """POST /position/transferMargin: money into (positive) or out of an isolated position's margin."""
    listing = symbols.listing(venue.directory, parameters.text(request.parameters, "symbol"))
    amount = parameters.whole(request.parameters, "amount", -AMOUNT_BOUND, AMOUNT_BOUND)
    if amount is None:
        raise bad("'amount' is a required arg.")
    command = MoveMargin()
    command.account = request.account
    command.instrument = listing.number
    command.amount_minor = amount
    await venue.execute(command, b"", listing)
    return _own_position(venue, request.account, listing)


async def risk_limit(venue: Venue, request: Request) -> Row:
    """POST /position/riskLimit: the value that position and orders may have, in settlement minor units (MRG-09)."""
    listing = symbols.listing(venue.directory, parameters.text(request.parameters, "symbol"))
    wanted = parameters.whole(request.parameters, "riskLimit", 0, AMOUNT_BOUND)
    if wanted is None:
        raise bad("'riskLimit' is a required arg.")
    command = SetRiskLimit()
    command.account = request.account
    command.instrument = listing.number
    command.risk_limit_minor = wanted
    await venue.execute(command, b"", listing)
    return _own_position(venue, request.account, listing)


def _own_position(venue: Venue, account: int, listing: Listing) -> Row:
    view = rows.position(venue.state, account, listing.number)
    if view is None:
        raise Refusal(500, "Server Error")
    return _position_row(venue, view)


def currencies_of(venue: Venue, request: Request) -> tuple[list[Currency], bool]:
    """The currencies asked for, and whether the answer is a list."""
    word = parameters.text(request.parameters, "currency") or "XBt"
    if word.lower() == "all":
        # XBt comes first whatever was listed first, because clients read row 0.
        return sorted(venue.directory.currencies(), key=lambda one: (one.symbol != "XBt", one.number)), True
    found = venue.directory.currency_named(word)
    if found is None:
        raise bad("Invalid currency")
    return [found], False


async def margin(venue: Venue, request: Request) -> Row | list[Row]:
    """Margin in one currency, or in all."""
    currencies, as_list = currencies_of(venue, request)
    found = [margin_row(rows.margin(venue.state, request.account, one), venue.time_ns) for one in currencies]
    return found if as_list else found[0]


async def wallet(venue: Venue, request: Request) -> Row | list[Row]:
    """Wallet in one currency, or in all."""
    currencies, as_list = currencies_of(venue, request)
    found = [wallet_row(rows.wallet(venue.state, request.account, one), venue.time_ns) for one in currencies]
    return found if as_list else found[0]


async def user(venue: Venue, request: Request) -> Row:
    """Who signed."""
    if request.key is None:
        raise Refusal(401, "Authorization Required")
    return user_row(request.key.user, request.account)


async def commission(venue: Venue, request: Request) -> Row:
    """Fee rates by symbol, in the account's fee tier."""
    tier, state = rows.fee_tier(venue.state, request.account), venue.state
    return {
        one.symbol: commission_row(rows.instrument(state, one.number), rows.fee_rates(state, one.number)[tier])
        for one in venue.directory.listings()
    }


async def trading_volume(venue: Venue, request: Request) -> list[Row]:
    """GET /user/tradingVolume: what decides the fee tier."""
    return [volume_row(rows.daily_cents(venue.state, request.account))]
