"""Ours: questions of predictions and disputes of them, means of indices, option chains."""

import string
from typing import Any

from outcry.gateway import parameters
from outcry.gateway.answers import bad
from outcry.gateway.contracts import chain_row, docket_row, mean_row
from outcry.gateway.dialect import symbols
from outcry.gateway.dialect.times import time_ns_of
from outcry.gateway.venue import Request, Venue
from outcry.protocol.layout import DisputeOutcome, InstrumentType
from outcry.protocol.wire import put_bytes
from outcry.views.contracts import options, predictions
from outcry.views.directory import Listing

Row = dict[str, Any]
HASH_DIGITS = 64


def _prediction(venue: Venue, request: Request) -> Listing:
    found = symbols.listing(venue.directory, parameters.text(request.parameters, "symbol"))
    if found.instrument_type != InstrumentType.PREDICTION:
        raise bad("symbol is no prediction market's")
    return found


async def dockets(venue: Venue, request: Request) -> list[Row]:
    """GET /outcry/v1/dockets: the questions of all prediction markets, or that of `symbol`."""
    if parameters.text(request.parameters, "symbol") is not None:
        return [docket_row(_prediction(venue, request), venue.state, venue.time_ns)]
    return [docket_row(one, venue.state, venue.time_ns) for one in predictions(venue.directory)]


async def averages(venue: Venue, request: Request) -> list[Row]:
    """GET /outcry/v1/averages: the means by which contracts settle."""
    return [mean_row(one, venue.state, venue.time_ns) for one in venue.directory.averages()]


async def chain(venue: Venue, request: Request) -> list[Row]:
    """GET /outcry/v1/chain: options that have not ended, by `underlying` and `expiry` if they are named."""
    underlying = parameters.text(request.parameters, "underlying")
    expiry = request.parameters.get("expiry")
    expiry_ns = None if expiry in (None, "") else time_ns_of(expiry, "expiry")
    found = options(venue.directory, underlying, expiry_ns)
    return [chain_row(one, venue.state, venue.recent) for one in found]


async def dispute(venue: Venue, request: Request) -> Row:
    """POST /outcry/v1/dispute: say that the proposed outcome of `symbol` is wrong, naming the source by its hash."""
    listing = _prediction(venue, request)
    digits = parameters.text(request.parameters, "sourceHash") or ""
    if len(digits) != HASH_DIGITS or not set(digits) <= set(string.hexdigits):
        raise bad("Invalid sourceHash: it is the SHA-256 of your source's bytes, 64 hexadecimal digits")
    command = DisputeOutcome(account=request.account, instrument=listing.number)
    put_bytes(command.source_hash, bytes.fromhex(digits))
    await venue.execute(command, b"", listing)
    return docket_row(listing, venue.state, venue.time_ns)
