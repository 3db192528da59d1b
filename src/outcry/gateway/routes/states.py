"""Ours: who may do what, the auctions under way, and what an account wants when two of its orders meet (ORD-10)."""

from typing import Any

from outcry.gateway import parameters
from outcry.gateway.answers import bad
from outcry.gateway.dialect import entry, symbols
from outcry.gateway.states import account_row, auction_row, state_row
from outcry.gateway.venue import Request, Venue
from outcry.protocol.layout import SetSelfTrade
from outcry.views.directory import Listing
from outcry.views.states import account_state, auctions, instrument_state, venue_state

Row = dict[str, Any]


def _listings(venue: Venue, request: Request) -> list[Listing]:
    symbol = parameters.text(request.parameters, "symbol")
    return venue.directory.listings() if symbol is None else [symbols.listing(venue.directory, symbol)]


async def states(venue: Venue, request: Request) -> list[Row]:
    """GET /outcry/v1/states: the venue's rung, then every instrument's, or that of `symbol`."""
    found = [state_row(None, venue_state(venue.state), venue.time_ns)]
    found.extend(
        state_row(one, instrument_state(venue.state, one.number), venue.time_ns) for one in _listings(venue, request)
    )
    return found


async def auction(venue: Venue, request: Request) -> list[Row]:
    """GET /outcry/v1/auction: the auctions under way, or that of `symbol`."""
    wanted = {one.number: one for one in _listings(venue, request)}
    found = auctions(venue.state, len(venue.directory.listings()))
    return [auction_row(wanted[one.instrument], one, venue.time_ns) for one in found if one.instrument in wanted]


async def account(venue: Venue, request: Request) -> Row:
    """GET /outcry/v1/account: the account's own rung and its settings."""
    return account_row(account_state(venue.state, request.account), venue.time_ns)


async def set_self_trade(venue: Venue, request: Request) -> Row:
    """POST /outcry/v1/account: `selfTrade` is what happens from now on when two orders of the account meet."""
    wanted = entry.self_trade(request.parameters)
    if wanted is None:
        raise bad("'selfTrade' is a required arg.")
    await venue.execute(SetSelfTrade(account=request.account, self_trade=wanted))
    return await account(venue, request)
