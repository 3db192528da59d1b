"""What every route is handed: the venue as it can be seen and commanded, and the request.

`Venue.account` opens the account of a user who has none; `Venue.order` hands in a command about orders and turns the
engine's refusal into BitMEX's words.
"""

import ctypes
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from outcry.gateway.answers import Refusal
from outcry.gateway.dialect.errors import Subject, refusal_of
from outcry.gateway.dialect.ids import Ids
from outcry.gateway.door import Exchange, Journal, Key, Outcome, People, Receipts, User
from outcry.gateway.past import Past
from outcry.protocol.layout import EventKind, OpenAccount, Refused
from outcry.protocol.wire import put_bytes
from outcry.views import rows
from outcry.views.directory import Directory, Listing, State
from outcry.views.recent import Recent

REFUSED, HALTED = EventKind.REFUSED, EventKind.HALTED
"""Looked up once: a member of an enumeration costs three times a local name."""


class Venue:
    """The rooms below, joined for the routes."""

    def __init__(
        self,
        exchange: Exchange,
        state: State,
        recent: Recent,
        people: People,
        venue_key: bytes,
        clock: Callable[[], float],
        past: Past,
        receipts: Receipts | None = None,
        journal: Journal | None = None,
    ) -> None:
        self.exchange = exchange
        self.state = state
        self.recent = recent
        self.people = people
        self.ids = Ids(venue_key)
        self.clock = clock
        self.past = past
        self.receipts = receipts
        self.journal = journal
        self.sessions: Callable[[int], list[dict[str, Any]]] = no_sessions
        """What an account's owner is shown of his lines to the stream; the stream sets it."""
        self._accounts: dict[bytes, int] = {}

    @property
    def directory(self) -> Directory:
        """What is listed."""
        return self.recent.directory

    @property
    def time_ns(self) -> int:
        """Time of the last entry applied here."""
        return self.recent.time_ns

    def known_account(self, user: User) -> int:
        """The number of a user's account, if it was asked for before, else 0."""
        return self._accounts.get(user.handle, 0)

    async def account(self, user: User) -> int:
        """The number of a user's account; it is opened when the engine does not know the handle yet."""
        account = self.known_account(user) or rows.account_of(self.state, user.handle)
        if not account:
            command = OpenAccount()
            put_bytes(command.handle, user.handle)
            outcome = await self.execute(command)
            opened = next(event for event in outcome.events if event.head.kind == EventKind.ACCOUNT_OPENED)
            account = opened.record.account
            self.people.set_account(user, account)
        self._accounts[user.handle] = account
        return account

    def through(self, exchange: Exchange) -> "Venue":
        """The same venue behind another exchange, which is how one request's commands are noted."""
        # A copy by hand: every order makes one, and `copy.copy` takes six times as long.
        venue = Venue.__new__(Venue)
        venue.__dict__.update(self.__dict__)
        venue.exchange = exchange
        return venue

    async def execute(
        self,
        command: ctypes.LittleEndianStructure,
        payload: bytes = b"",
        listing: Listing | None = None,
        by_client_id: bool = False,
        currency: str = "XBt",
    ) -> Outcome:
        """Hand in a command.  Raises `Refusal` in BitMEX's words when the engine refuses it."""
        outcome = await self.exchange.execute(command, payload)
        refusal = self.refusal(outcome, listing, by_client_id, currency)
        if refusal is not None:
            raise refusal
        return outcome

    def refusal(
        self, outcome: Outcome, listing: Listing | None = None, by_client_id: bool = False, currency: str = "XBt"
    ) -> Refusal | None:
        """The engine's refusal of a command in BitMEX's words, if it refused.  Raises `Refusal` once it has halted."""
        refused = refusal_in(outcome)
        if refused is None:
            return None
        if listing is None and refused.instrument:
            listing = self.directory.listing(refused.instrument)
        if listing is not None:
            currency = listing.currency.symbol
        return refusal_of(Subject(refused, listing, currency, by_client_id))


def no_sessions(account: int) -> list[dict[str, Any]]:
    """Where there is no stream."""
    return []


def refusal_in(outcome: Outcome) -> Refused | None:
    """Why the command was refused, if it was."""
    for head, record in outcome.events:
        kind = head.kind
        if kind == REFUSED:
            return record  # type: ignore[no-any-return]  # the record of this kind
        if kind == HALTED:
            raise Refusal(503, "Service unavailable: the venue has halted.")
    return None


class Request(msgspec.Struct, frozen=True):
    """One request, read and admitted.  `account` is 0 and `key` None where nobody signed."""

    parameters: dict[str, Any]
    key: Key | None
    account: int
    charge: Callable[[int], None]
    """counts so many tokens more against the key's rate limit; raises `Refusal` with 429"""


Handler = Callable[[Venue, Request], Awaitable[Any]]


class Route(msgspec.Struct, frozen=True):
    """What an address needs and does.  `permissions`: any one of them suffices."""

    handler: Handler
    private: bool = False
    permissions: frozenset[str] = frozenset()
    is_order: bool = False
    of_account: bool = True
    """A private one is handed the account of who signed, which is opened if there is none."""
