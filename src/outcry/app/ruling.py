"""`outcry state`: the operator puts venue, instrument or account on a rung of the halt ladder, and sees that it holds.

The command goes to the node over its socket under an origin of its own and is journaled like any other; its payload is
the operator's words.  Whether it was taken is read off the state afterwards, because the node answers nobody else.
Known limit: one operator at a time; a second one is told so.
"""

import asyncio
import ctypes
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from outcry.app.settings import Files
from outcry.engine.stated import Stated, word
from outcry.node.connection import Connection, SocketAddress
from outcry.node.messages import MessageKind, decode_welcome, encode, encode_hello
from outcry.node.shell import ask_admin
from outcry.protocol.layout import (
    AccountState,
    InstrumentState,
    SetAccountState,
    SetInstrumentState,
    SetVenueState,
    StateCause,
    VenueState,
)
from outcry.protocol.wire import encode_entry

OPERATOR_ORIGIN = 4
ANSWER_S_MAX = 10.0
CROWDED_S_MAX = 2.0
POLL_S = 0.05
CAUSES = {word(cause.name): cause for cause in StateCause if cause <= StateCause.CAUSE_COMPLIANCE}
VENUE = {word(state.name): state for state in VenueState}
ACCOUNT = {word(state.name): state for state in AccountState}
_OWN = (
    InstrumentState.INSTRUMENT_SETTLED,
    InstrumentState.INSTRUMENT_UNLISTED,
    InstrumentState.INSTRUMENT_UNCROSSING,
)
INSTRUMENT = {word(state.name): state for state in InstrumentState if state not in _OWN}


class CannotRule(Exception):
    """The state was not set; the message says why."""


class Crowded(CannotRule):
    """Somebody has a line to the node under the operator's origin."""


class Standing(msgspec.Struct, frozen=True):
    """What the node says of states."""

    durable_sequence: int
    origin_sequence: int
    halted: bool
    states: list[Stated]

    def of(self, name: str) -> Stated | None:
        """The state of one of them."""
        return next((one for one in self.states if one.of == name), None)


def named(words: Mapping[str, int], asked: str, what: str) -> int:
    """The number of the state or cause that a word means.  Raises `CannotRule`."""
    if asked not in words:
        raise CannotRule(f"{what} {asked!r} is none of {', '.join(words)}")
    return words[asked]


def end_of(until: str | None, now_ns: int) -> int:
    """An end as nanoseconds: `+90s`, `+15m`, `+2h`, or a time such as 2026-11-23T15:00:00Z; 0 for none.

    Raises `CannotRule`.
    """
    if until is None:
        return 0
    units = {"s": "seconds", "m": "minutes", "h": "hours"}
    if until.startswith("+") and until[-1] in units and until[1:-1].isdigit():
        ahead = timedelta(**{units[until[-1]]: int(until[1:-1])})
        return now_ns + int(ahead.total_seconds()) * 10**9
    try:
        moment = datetime.fromisoformat(until)
    except ValueError as problem:
        raise CannotRule(f"{until!r} is no time: write +15m, or 2026-11-23T15:00:00Z") from problem
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    end = int(moment.timestamp()) * 10**9
    if end <= now_ns:
        raise CannotRule(f"{until} is over already")
    return end


def rule_venue(files: Files, state: str, cause: str, until: str | None, words: str) -> Stated:
    """Put the venue on a rung; how it stands then.  Raises `CannotRule`."""
    record = SetVenueState(
        state=named(VENUE, state, "the venue's state"),
        cause=named(CAUSES, cause, "the cause"),
        until_ns=end_of(until, time.time_ns()),
    )
    return asyncio.run(_ruled(files, record, "venue", state, words))


def rule_account(files: Files, account: int, state: str, cause: str, until: str | None, words: str) -> Stated:
    """Put an account on a rung; how it stands then.  Raises `CannotRule`."""
    record = SetAccountState(
        account=account,
        state=named(ACCOUNT, state, "an account's state"),
        cause=named(CAUSES, cause, "the cause"),
        until_ns=end_of(until, time.time_ns()),
    )
    return asyncio.run(_ruled(files, record, f"account {account}", state, words, account))


def rule_instrument(
    files: Files, symbol: str, state: str, cause: str, until: str | None, following: str | None, words: str
) -> Stated:
    """Put an instrument into a state; how it stands then.  Raises `CannotRule`."""
    if following is not None and until is None:
        raise CannotRule("--next needs --until: what follows, follows then")
    record = SetInstrumentState(
        state=named(INSTRUMENT, state, "an instrument's state"),
        cause=named(CAUSES, cause, "the cause"),
        until_ns=end_of(until, time.time_ns()),
        next_state=named(INSTRUMENT, following, "the state that follows") if following else 0,
    )
    return asyncio.run(_ruled(files, record, symbol, state, words))


async def ask(socket: Path, account: int = 0) -> Standing:
    """What the node says.  Raises `CannotRule` if none answers."""
    try:
        async with asyncio.timeout(ANSWER_S_MAX):
            told = await ask_admin(socket, {"ask": "states", "account": account, "origin": OPERATOR_ORIGIN})
    except (OSError, TimeoutError) as problem:
        raise CannotRule(f"no node answers on {socket.parent}: {problem or 'in time'}") from problem
    if "error" in told:
        raise CannotRule(f"the node is of another version: {told['error']}")
    return msgspec.convert(told, Standing)


async def _ruled(
    files: Files, record: ctypes.LittleEndianStructure, name: str, state: str, words: str, account: int = 0
) -> Stated:
    before = await ask(files.socket, account)
    if before.halted:
        raise CannotRule("the venue has halted itself; nothing is taken any more")
    if before.of(name) is None:
        raise CannotRule(f"there is no {name}")
    if isinstance(record, SetInstrumentState):
        symbols = [one.of for one in before.states if one.of != "venue" and not one.of.startswith("account ")]
        record.instrument = 1 + symbols.index(name)
    await submit(files.socket, record, words.encode())
    found = (await ask(files.socket, account)).of(name)
    held = found is not None and state in (found.state, found.following)
    if found is None or not held or (found.state == state and found.until_ns != record.until_ns):
        now = found.state if found is not None else "not there"
        raise CannotRule(f"the engine refused it: {name} is {now}; past its expiry an instrument stays paused")
    return found


async def submit(socket: Path, record: ctypes.LittleEndianStructure, payload: bytes) -> None:
    """Hand a command in under the operator's origin, and wait until it has been applied.  Raises `CannotRule`."""
    deadline = time.monotonic() + CROWDED_S_MAX
    while True:
        try:
            await _submit(socket, record, payload)
            return
        except Crowded:
            # The line of a command just before may not be gone yet.
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(POLL_S)


async def _submit(socket: Path, record: ctypes.LittleEndianStructure, payload: bytes) -> None:
    """The same, once.  Raises `Crowded` if the operator's origin is taken."""
    loop = asyncio.get_running_loop()
    welcome: asyncio.Future[int] = loop.create_future()

    def received(_: Connection, messages: list[tuple[MessageKind, bytes]]) -> None:
        for kind, body in messages:
            if welcome.done():
                return
            if kind is MessageKind.WELCOME:
                welcome.set_result(decode_welcome(body).last_admitted)
            elif kind is MessageKind.GOODBYE:
                welcome.set_exception(Crowded(f"another operator is at it: {body.decode()}"))

    def lost(_: Connection) -> None:
        if not welcome.done():
            welcome.set_exception(CannotRule("the node hung up"))

    with SocketAddress(socket) as address:
        _, connection = await loop.create_unix_connection(lambda: Connection(received, lost), address)
    try:
        connection.send(encode_hello(OPERATOR_ORIGIN, 0))
        number = max(await welcome + 1, time.time_ns() // 1000)
        entry = encode_entry(record, payload, origin=OPERATOR_ORIGIN, origin_sequence=number)
        connection.send(encode(MessageKind.SUBMIT, entry))
        await connection.drain()
        deadline = time.monotonic() + ANSWER_S_MAX
        while (await ask(socket)).origin_sequence < number:
            if time.monotonic() > deadline:
                raise CannotRule(f"the node has not taken it in {ANSWER_S_MAX:.0f} seconds; look at `outcry status`")
            await asyncio.sleep(POLL_S)
    finally:
        connection.close()
