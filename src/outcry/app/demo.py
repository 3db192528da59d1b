"""The demo profile: who trades, with how much, and the file that tells a stranger how to join.

First the cast (users and keys in identity), then their accounts and money (commands), then demo.json.  All of it can
be done again on the same data folder: users and keys that exist are kept, accounts are opened once for a handle, and a
deposit's outpoint is made from the handle, so that it is credited once however often it is sent.
"""

import ctypes
import hashlib
import json
import os
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from outcry.client import Credentials
from outcry.identity import Identity, Key, UserUnknown
from outcry.protocol.layout import Code, Deposit, EventKind, OpenAccount, Role
from outcry.protocol.wire import Event, put_bytes

KEY_NAME = "demo"
USERS = ("alice", "bob")
MAKERS = ("maker-1", "maker-2")
DATED_MAKER = "maker-3"
"""Quotes what ends: futures, a few options, the pre-launch future, the prediction market."""
TAKER = "taker-1"
PLAYERS = (*USERS, *MAKERS, DATED_MAKER, TAKER)

FUNDS_MINOR = {
    # Enough to try everything; small enough that a mistake can be seen.
    "user": {"XBt": 10 * 10**8, "USDt": 100_000 * 10**6},
    # A maker quotes ten levels a side of about 25,000 dollars each in four books.
    "maker": {"XBt": 1_000 * 10**8, "USDt": 20_000_000 * 10**6},
    "taker": {"XBt": 100 * 10**8, "USDt": 2_000_000 * 10**6},
}
INSURANCE_MINOR = {"XBt": 10 * 10**8, "USDt": 500_000 * 10**6}
REQUESTS_PER_MINUTE = {"user": 1_200, "maker": 6_000, "taker": 1_200}
ORDERS_PER_SECOND = 50
"""Demo keys may ask more often than others: users to try a bot without waiting, makers to fill four books."""


class Refused(Exception):
    """The engine refused what the demo needs; the message says what."""


class Outcome(Protocol):
    """What a command became."""

    @property
    def events(self) -> Sequence[Event]:
        """In order."""
        ...


class Commands(Protocol):
    """Takes commands, waits for their fate."""

    def execute(self, record: ctypes.LittleEndianStructure, payload: bytes = b"") -> Awaitable[Outcome]:
        """Hand in a command."""
        ...


@dataclass(frozen=True, slots=True)
class Cast:
    """A key for everybody in the demo, by name."""

    keys: dict[str, Key]

    def credentials(self, name: str) -> Credentials:
        """What a client signs with."""
        return Credentials(self.keys[name].id, self.keys[name].secret)

    @property
    def users(self) -> list[Key]:
        """The demo users' keys."""
        return [self.keys[name] for name in USERS]


def assemble(identity: Identity) -> Cast:
    """Users and keys, made where they are missing."""
    return Cast({name: _key_of(identity, name) for name in PLAYERS})


def _key_of(identity: Identity, name: str) -> Key:
    try:
        user = identity.user(name)
    except UserUnknown:
        user = identity.add_user(name)
    for key in identity.keys(user):
        if key.name == KEY_NAME and key.enabled:
            return key
    return identity.add_key(
        user, KEY_NAME, requests_per_minute=REQUESTS_PER_MINUTE[_part(name)], orders_per_second=ORDERS_PER_SECOND
    )


def _part(name: str) -> str:
    """What somebody is in the demo: user, maker or taker."""
    return "user" if name in USERS else name.partition("-")[0]


async def fund(
    commands: Commands,
    identity: Identity,
    cast: Cast,
    currencies: dict[str, int],
    funds_minor: dict[str, int] | None = None,
) -> None:
    """Open everybody's account and credit it; `currencies` are numbers by symbol.  Raises `Refused`."""
    for name, key in cast.keys.items():
        account = await open_account(commands, key.user.handle)
        if key.user.account != account:
            identity.set_account(key.user, account)
        for symbol, amount_minor in (funds_minor or FUNDS_MINOR[_part(name)]).items():
            record = Deposit(account=account, currency=currencies[symbol], amount_minor=amount_minor)
            put_bytes(record.reference, outpoint(key.user.handle, symbol))
            # The outpoint has been credited already when the venue is started again.
            await carry_out(commands, record, f"the deposit of {symbol} for {name}", (Code.OUTPOINT_DUPLICATE,))


async def fund_insurance(commands: Commands, currencies: dict[str, int]) -> None:
    """Give the insurance fund of each currency something to begin with, once.  Raises `Refused`."""
    for symbol, amount_minor in INSURANCE_MINOR.items():
        record = Deposit(account=Role.INSURANCE, currency=currencies[symbol], amount_minor=amount_minor)
        put_bytes(record.reference, outpoint(b"insurance", symbol))
        await carry_out(commands, record, f"the insurance fund's {symbol}", (Code.OUTPOINT_DUPLICATE,))


async def open_account(commands: Commands, handle: bytes) -> int:
    """The account of a handle, opened now if there is none.  Raises `Refused`."""
    record = OpenAccount()
    put_bytes(record.handle, handle)
    for event in await carry_out(commands, record, "opening an account"):
        if event.head.kind == EventKind.ACCOUNT_OPENED:
            return int(event.record.account)
    raise Refused("opening an account brought no account")


async def carry_out(
    commands: Commands, record: ctypes.LittleEndianStructure, what: str, harmless: Sequence[Code] = ()
) -> Sequence[Event]:
    """Hand in a command that must not be refused, or for a harmless reason only.  Raises `Refused`."""
    outcome = await commands.execute(record)
    for event in outcome.events:
        if event.head.kind == EventKind.HALTED:
            raise Refused("the venue has halted: its books do not add up (see `outcry verify`)")
        if event.head.kind == EventKind.REFUSED and event.record.code not in harmless:
            raise Refused(f"{what} was refused: {Code(event.record.code).name}")
    return outcome.events


def outpoint(handle: bytes, symbol: str) -> bytes:
    """A made-up transaction id, the same for the same user and currency."""
    return hashlib.sha256(b"open outcry demo deposit\0" + handle + symbol.encode()).digest()


def write_card(path: Path, url: str, websocket_url: str, cast: Cast | None, profile: str = "") -> None:
    """Write demo.json; it appears whole, readable by its owner only because there are secrets in it."""
    users = [{"name": key.user.name, "key": key.id, "secret": key.secret} for key in cast.users] if cast else []
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump({"url": url, "ws": websocket_url, "profile": profile, "users": users}, file, indent=2)
        file.write("\n")
    draft.replace(path)
