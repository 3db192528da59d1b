"""Money between the accounts of one person.

The engine moves money between any two accounts that a command names; that both belong to who signed is decided here,
from identity.  A key of the main account may send from all of them, one of a sub-account from its own only, so that a
program that was given a sub-account cannot reach the rest.
"""

from typing import Any

from outcry.gateway import parameters
from outcry.gateway.answers import Refusal, bad
from outcry.gateway.dialect.accounts import transfer_account_row
from outcry.gateway.dialect.transactions import moved_row
from outcry.gateway.door import User
from outcry.gateway.venue import Request, Venue
from outcry.protocol.layout import AMOUNT_BOUND, EventKind, Transfer

Row = dict[str, Any]
ACCOUNT_MAX = 2**31 - 1
DENIED = "Access Denied"
"""Exactly these words, because programs look for them."""


async def _accounts(venue: Venue, request: Request) -> tuple[dict[int, User], int]:
    """The accounts of who signed by number, and the main one's number.  Raises `Refusal` when nobody signed."""
    if request.key is None:
        raise Refusal(401, "Authorization Required")
    people = venue.people.accounts_of(request.key.user)
    numbers = [await venue.account(one) for one in people]
    return dict(zip(numbers, people, strict=True)), numbers[0]


async def transfer_accounts(venue: Venue, request: Request) -> list[Row]:
    """GET /user/getWalletTransferAccounts: one's accounts, the main one first."""
    accounts, main = await _accounts(venue, request)
    return [transfer_account_row(number, user, number == main) for number, user in accounts.items()]


async def wallet_transfer(venue: Venue, request: Request) -> Row:
    """POST /user/walletTransfer: what is available, from one's account to another of one's own."""
    asked = request.parameters
    currency = venue.directory.currency_named(parameters.text(asked, "currency") or "")
    if currency is None:
        raise bad("Invalid currency")
    amount = parameters.whole(asked, "amount", 1, AMOUNT_BOUND - 1)
    if amount is None:
        raise bad("'amount' is a required arg.")
    target = parameters.whole(asked, "targetAccountId", 1, ACCOUNT_MAX)
    if target is None:
        raise bad("'targetAccountId' is a required arg.")
    source = parameters.whole(asked, "fromAccountId", 1, ACCOUNT_MAX) or request.account
    accounts, main = await _accounts(venue, request)
    if source not in accounts or target not in accounts:
        # The same words whether the account is somebody else's or nobody's.
        raise Refusal(403, DENIED)
    if source != request.account and request.account != main:
        raise Refusal(403, DENIED)
    if source == target:
        raise bad("Invalid targetAccountId: it is the account that the money comes from")
    command = Transfer()
    command.account = source
    command.to_account = target
    command.currency = currency.number
    command.amount_minor = amount
    outcome = await venue.execute(command, currency=currency.symbol)
    moved = next(one for one in outcome.events if one.head.kind == EventKind.MOVED)
    where = moved.head.ordinal, outcome.time_ns
    row = moved_row(source, moved.record, outcome.sequence, *where, venue.directory, venue.ids)
    if row is None:
        raise Refusal(500, "Server Error")
    return row
