"""`outcry explain`: a journal replayed to any sequence, and what was so there and why.

The engine and the views are those of a running venue; only the events that explain something are looked at on the way.
A pruned journal is replayed from the oldest snapshot that its roots vouch for, and events before that are not known.
Reads only; a running venue's journal may be explained.  Known limit: every question replays the journal.
"""

import contextlib
from collections.abc import Callable
from pathlib import Path

from outcry.app import checking
from outcry.app.settings import Files
from outcry.engine import reading
from outcry.engine.engine import Engine
from outcry.identity import Identity
from outcry.journal.frames import Frame
from outcry.journal.reading import read_frames
from outcry.protocol import wire
from outcry.protocol.layout import TableNumber
from outcry.views.directory import Currency, Directory, Index, Listing
from outcry.views.reasons import KNOWN, Reasons

Progress = Callable[[int], None]


class CannotExplain(Exception):
    """What was asked for is not in this journal; the message says what is."""


class Past:
    """The venue as it stood after an entry, and what had been said until then."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.reasons = Reasons()
        self.directory = Directory(engine)

    def apply(self, body: bytes | memoryview) -> None:
        """Whole entries more."""
        first = self.engine.sequence + 1
        self.reasons.observe(first, list(wire.events_among(self.engine.apply(body), KNOWN)))

    def has_wallet(self, account: int, currency: Currency) -> bool:
        """Whether the account ever had money of this currency.  Raises `CannotExplain` if there is no such account."""
        if not 0 < account <= self.engine.tables.pools[TableNumber.ACCOUNTS_TABLE].high:
            raise CannotExplain(f"there was no account {account}")
        return bool(reading.find_wallet(self.engine.tables, account, currency.number))

    def owner_of(self, takeover: int) -> int:
        """The account whose position a takeover took.  Raises `CannotExplain`."""
        if not takeover:
            raise CannotExplain("name an --account, or the --takeover whose owner is meant")
        owner = next(self.reasons.owners(takeover), 0)
        if not owner:
            raise CannotExplain(f"there was no takeover {takeover:,}")
        return owner

    def listing(self, symbol: str) -> Listing:
        """The instrument of that symbol.  Raises `CannotExplain`."""
        found = self.directory.listing_named(symbol)
        if self.directory.index_named(symbol) is not None:
            raise CannotExplain(f"{symbol} is an index and has no mark or funding: ask `outcry explain index {symbol}`")
        if found is None:
            raise CannotExplain(f"nothing called {symbol} was listed; there were {_names(self.directory.listings())}")
        return found

    def index(self, symbol: str) -> Index:
        """The index of that symbol, or the one an instrument of that symbol follows.  Raises `CannotExplain`."""
        found, listing = self.directory.index_named(symbol), self.directory.listing_named(symbol)
        if found is None and listing is None:
            raise CannotExplain(f"no index is called {symbol}; there were {_names(self.directory.indices())}")
        if found is None and not self.listing(symbol).index:
            raise CannotExplain(
                f"{symbol} has no index: it is marked by its own trades, ask `outcry explain mark {symbol}`"
            )
        return found if found is not None else self.directory.index(self.listing(symbol).index)

    def currencies(self, symbol: str) -> list[Currency]:
        """The currency of that symbol, or all if it is empty.  Raises `CannotExplain`."""
        if not symbol:
            return self.directory.currencies()
        found = self.directory.currency_named(symbol)
        if found is None:
            raise CannotExplain(f"there was no currency {symbol}; there were {_names(self.directory.currencies())}")
        return [found]


def _names(listed: "list[Listing] | list[Currency] | list[Index]") -> str:
    return ", ".join(one.symbol for one in listed) or "none"


def past(journal: Path, at: int, progress: Progress) -> Past:
    """The venue after entry `at`, 0 for the last.  Raises `CannotExplain`, `JournalError`."""
    engine, head = checking.start(journal)
    if 0 < at < head.sequence:
        raise CannotExplain(f"this journal was pruned: it can be explained from sequence {head.sequence:,} on")
    found = Past(engine)
    for frame in read_frames(journal, head.sequence + 1):
        if 0 < at <= frame.last_sequence:
            found.apply(_until(frame, at))
            break
        found.apply(frame.body)
        progress(frame.last_sequence)
    if engine.sequence < at:
        raise CannotExplain(f"the journal ends at sequence {engine.sequence:,}")
    return found


def _until(frame: Frame, at: int) -> memoryview:
    """The entries of a frame up to one of them."""
    whole, offset = memoryview(frame.body), 0
    for _ in range(frame.first_sequence, at + 1):
        offset += wire.entry_bytes(whole, offset)
    return whole[:offset]


def account_of(files: Files, name: str) -> int:
    """The account of that number, or of the user of that name.  Raises `CannotExplain`, `IdentityError`."""
    if name.isdigit():
        return int(name)
    if not files.identity.exists():
        raise CannotExplain(f"{files.folder} has no users: name the account by its number")
    with contextlib.closing(Identity(files.identity)) as identity:
        account = identity.user(name).account
    if not account:
        raise CannotExplain(f"{name} has no account yet")
    return account
