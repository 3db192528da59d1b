"""Why something is what it is, for who asks the gateway: `/outcry/v1/explain/...`.

The answers are those of `outcry explain`, from this gateway's replica and what it remembers of the events.  Marks,
indices and funding epochs are public; margins, liquidations and deleveragings are told to their own account only.
"""

from collections.abc import Callable
from typing import TypeVar

from outcry.gateway import parameters
from outcry.gateway.answers import Refusal, bad
from outcry.gateway.venue import Request, Venue
from outcry.views.directory import Currency, Listing
from outcry.views.explaining import (
    Explanation,
    NothingKnown,
    explain_deleveragings,
    explain_funding,
    explain_index,
    explain_liquidations,
    explain_margin,
    explain_mark,
)

NUMBER_MAX = 2**63 - 1
Told = TypeVar("Told")


async def mark(venue: Venue, request: Request) -> Explanation:
    """The mark of `symbol`."""
    return _told(lambda: explain_mark(venue.state, venue.recent.reasons, _listing(venue, request), venue.time_ns))


async def index(venue: Venue, request: Request) -> Explanation:
    """The index `symbol`, or the one that an instrument of that symbol is marked by."""
    name = _symbol(request)
    found = venue.directory.index_named(name)
    if found is None:
        number = _listing(venue, request).index
        if not number:
            raise Refusal(404, f"{name} has no index: it is marked by its own trades.")
        found = venue.directory.index(number)
    return _told(lambda: explain_index(venue.state, venue.recent.reasons, found, venue.time_ns))


async def funding(venue: Venue, request: Request) -> Explanation:
    """An `epoch` of `symbol`, the latest if none is named; with a signature also what it meant for the account."""
    listing = _listing(venue, request)
    epoch = parameters.whole(request.parameters, "epoch", 1, 2**31 - 1) or 0
    account = await venue.account(request.key.user) if request.key is not None else 0
    known = (venue.state, venue.recent.reasons, venue.directory)
    return _told(lambda: explain_funding(*known, listing, epoch, account, venue.time_ns))


async def margin(venue: Venue, request: Request) -> list[Explanation]:
    """The account's margin in `currency`, or in each in which it has a wallet."""
    found: list[Explanation] = []
    for currency in _currencies(venue, request):
        try:
            found.append(explain_margin(venue.state, venue.directory, request.account, currency, venue.time_ns))
        except NothingKnown:
            continue
    return found


async def liquidation(venue: Venue, request: Request) -> list[Explanation]:
    """The account's liquidations: of takeover `id`, with a step in entry `sequence`, or all that are known here."""
    known = (venue.recent.reasons, venue.directory, request.account)
    return _told(lambda: explain_liquidations(*known, *_which(request)))


async def deleveraging(venue: Venue, request: Request) -> list[Explanation]:
    """How the account was deleveraged: for takeover `id`, in entry `sequence`, or all that is known here."""
    known = (venue.recent.reasons, venue.directory, request.account)
    return _told(lambda: explain_deleveragings(*known, *_which(request)))


def _which(request: Request) -> tuple[int, int]:
    """Number of a takeover and sequence, 0 for any."""
    takeover = parameters.whole(request.parameters, "id", 1, NUMBER_MAX) or 0
    return takeover, parameters.whole(request.parameters, "sequence", 1, NUMBER_MAX) or 0


def _told(explain: Callable[[], Told]) -> Told:
    """The explanation.  Raises `Refusal` with 404 when there is none here."""
    try:
        return explain()
    except NothingKnown as problem:
        raise Refusal(404, f"{problem}.") from problem


def _symbol(request: Request) -> str:
    name = parameters.text(request.parameters, "symbol")
    if not name:
        raise bad("'symbol' is a required arg.")
    return name


def _listing(venue: Venue, request: Request) -> Listing:
    found = venue.directory.listing_named(_symbol(request))
    if found is None:
        raise bad("symbol is invalid")
    return found


def _currencies(venue: Venue, request: Request) -> list[Currency]:
    name = parameters.text(request.parameters, "currency")
    if not name:
        return venue.directory.currencies()
    found = venue.directory.currency_named(name)
    if found is None:
        raise bad("Invalid currency")
    return [found]
