"""What the gateway needs from the rest of the house, declared here so that it knows no more of it than this.

`Exchange` takes commands, `People` knows keys and users, `Receipts` what the journal has signed, `State` (views) is the
replica's engine.  The joins are made in app.  Nothing here does anything.
"""

import ctypes
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, Self

from outcry.protocol.wire import Event


class NoAnswer(Exception):
    """A command was handed in and nothing was heard of it in time; it may still act."""

    def __init__(self, origin: int, origin_sequence: int) -> None:
        super().__init__(f"no answer to command {origin_sequence} of origin {origin}")
        self.origin = origin
        self.origin_sequence = origin_sequence


class Overloaded(Exception):
    """The command was not handed in, because too many wait already; it will never act."""


class Outcome(Protocol):
    """A command's entry as it was applied here, and its events."""

    @property
    def sequence(self) -> int:
        """The entry's number."""
        ...

    @property
    def time_ns(self) -> int:
        """The entry's time."""
        ...

    @property
    def events(self) -> Sequence[Event]:
        """In order."""
        ...


class Exchange(Protocol):
    """Takes commands."""

    def execute(self, record: ctypes.LittleEndianStructure, payload: bytes = b"") -> Awaitable[Outcome]:
        """Hand in a command; who awaits it waits until its entry is durable and applied here.

        The call or the wait raises `NoAnswer` or `Overloaded`.
        """
        ...

    async def execute_all(
        self, commands: "Sequence[tuple[ctypes.LittleEndianStructure, bytes]]"
    ) -> "Sequence[Outcome | NoAnswer | Overloaded]":
        """Hand in several commands with their payloads, one behind another; what each became, in their order."""
        ...

    async def wait_for(self, sequence: int) -> None:
        """Wait until this entry has been applied here."""
        ...


class JournalGone(Exception):
    """What was asked for was removed from the journal."""

    def __init__(self, first_sequence: int) -> None:
        super().__init__(f"the journal begins at sequence {first_sequence}")
        self.first_sequence = first_sequence


class JournalUnreadable(Exception):
    """The journal is damaged, or its disk does not answer; the message is for the operator only."""


class Journal(Protocol):
    """The durable journal, for who may read all of it."""

    def piece(self, first_sequence: int, last_sequence: int) -> tuple[bytes, int]:
        """Whole frames from the one that holds the first entry on, none beyond the last, and what to ask for next.

        From entry 0 it is the genesis.  Called in a thread.  Raises `JournalGone`.
        """
        ...


class User(Protocol):
    """An account's holder: a person, a program, or a sub-account of one."""

    @property
    def id(self) -> int:
        """Number in identity."""
        ...

    @property
    def name(self) -> str:
        """What it is called."""
        ...

    @property
    def handle(self) -> bytes:
        """16 bytes by which the engine knows the account."""
        ...


class Key(Protocol):
    """An API key with its user."""

    @property
    def id(self) -> str:
        """What is sent as api-key."""
        ...

    @property
    def secret(self) -> str:
        """What signs."""
        ...

    @property
    def user(self) -> User:
        """Whose it is."""
        ...

    @property
    def permissions(self) -> frozenset[str]:
        """What it may do: `order`, `orderCancel`, `withdraw`; reading is always allowed."""
        ...

    @property
    def enabled(self) -> bool:
        """False once it is disabled."""
        ...

    @property
    def requests_per_minute(self) -> int | None:
        """Its own limit, or None for the venue's."""
        ...

    @property
    def orders_per_second(self) -> int | None:
        """Its own limit on order routes, or None for the venue's."""
        ...


class People(Protocol):
    """Keys and users."""

    def key(self, key_id: str) -> Key | None:
        """The key of that id."""
        ...

    def set_account(self, user: User, account: int) -> None:
        """Note the account number that the engine gave."""
        ...

    def accounts_of(self, user: User) -> Sequence[User]:
        """All accounts of the person whose account this is, the main one first."""
        ...


@dataclass(frozen=True, slots=True)
class Proven:
    """An entry with what leads from it to a signature; `header` is its frame's, `path` goes from leaf to root."""

    entry: bytes
    index: int
    count: int
    path: Sequence[bytes]
    header: bytes
    signature: bytes
    leaf: bytes


class KeyShown(NamedTuple):
    """The public key under which frames are signed, and the genesis that names it."""

    public_key: bytes
    genesis: bytes
    genesis_hash: bytes


class ReceiptProblem(Exception):
    """Why there is no receipt: a number of ours, the status of the answer, and a sentence."""

    def __init__(self, code: str, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.status = status

    @classmethod
    def unknown(cls) -> Self:
        """No entry of that number, or none of who asks."""
        return cls("RCP-02", 404, "there is no such entry of yours")

    @classmethod
    def pruned(cls, first_sequence: int) -> Self:
        """It was removed on purpose."""
        sentence = (
            f"The journal here was pruned and begins at sequence {first_sequence}: what is older is in its archive."
        )
        return cls("RCP-03", 410, sentence)

    @classmethod
    def unsigned(cls) -> Self:
        """The journal was begun before frames were signed, or without a key."""
        return cls("RCP-04", 501, "This venue's journal is not signed, so there are no receipts.")

    @classmethod
    def elsewhere(cls) -> Self:
        """This gateway has no journal beside it."""
        return cls("RCP-05", 503, "Service unavailable: the journal is not kept where this gateway could read it.")

    @classmethod
    def unreadable(cls) -> Self:
        """The journal beside it does not give the entry."""
        return cls("RCP-06", 503, "Service unavailable: the journal cannot be read here at this entry.")

    @classmethod
    def crowded(cls) -> Self:
        """Too many wait already."""
        return cls("RCP-07", 503, "Service unavailable: too many receipts are asked for at once. Ask again.")


class Receipts(Protocol):
    """What was signed about entries."""

    @property
    def key(self) -> KeyShown:
        """The venue's key.  Raises `ReceiptProblem` where the journal is not signed."""
        ...

    async def proven(self, sequence: int) -> Proven:
        """An applied entry with its proof.  Raises `ReceiptProblem`."""
        ...
