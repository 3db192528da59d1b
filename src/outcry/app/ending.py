"""`outcry expiry`, `settle`, `convert` and `docket`: the operator's word about contracts that end or become others.

Each is one command to the node over its socket, journaled like any other with the operator's words as its payload; the
source of an outcome goes in as the SHA-256 of the file's bytes, which stays with the operator.  Whether it was taken is
read off the contract afterwards, because the node answers nobody else.
"""

import asyncio
import ctypes
import hashlib
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import msgspec

from outcry.app.ruling import ANSWER_S_MAX, CannotRule, end_of, submit
from outcry.app.settings import Files
from outcry.engine.contract_stated import ContractStated
from outcry.node.shell import ask_admin
from outcry.protocol.layout import (
    PPB,
    Convert,
    DecideOutcome,
    DeclareSettlement,
    InstrumentType,
    MarkMethod,
    ProposeOutcome,
    SetExpiry,
)
from outcry.protocol.wire import put_bytes

MINUTE_NS = 60 * 10**9
HOUR_NS = 60 * MINUTE_NS
VOID = "void"
TYPES = {"perpetual": InstrumentType.PERPETUAL, "future": InstrumentType.FUTURE}
MARKS = {
    "funding": MarkMethod.MARK_FUNDING,
    "impact": MarkMethod.MARK_IMPACT,
    "protected": MarkMethod.MARK_PROTECTED,
    "last": MarkMethod.MARK_LAST,
}


class Conversion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a pre-launch future becomes, as its file says it; the words are those of a listing."""

    index: str
    type: str
    mark: str
    usd_index: str = ""
    impact_notional: str = "0"
    funding_rate: str = "0 %"
    funding_interval: str = "0 h"
    funding_offset: str = "0 h"
    expiry: datetime | None = None


def set_expiry(files: Files, symbol: str, time: str, now_ns: int, words: str = "") -> ContractStated:
    """End a contract at a whole minute: early, as a delisting, or later.  Raises `CannotRule`."""
    expiry_ns = end_of(time, now_ns)
    if expiry_ns % MINUTE_NS:
        expiry_ns += MINUTE_NS - expiry_ns % MINUTE_NS if time.startswith("+") else 0
    if expiry_ns % MINUTE_NS:
        raise CannotRule(f"{time} is no whole minute")

    def command(contract: ContractStated) -> SetExpiry:
        return SetExpiry(instrument=contract.number, expiry_ns=expiry_ns)

    return _commanded(files, symbol, command, lambda found: found.expiry_ns == expiry_ns, words)


def settle(files: Files, symbol: str, price: str, words: str = "") -> ContractStated:
    """Declare the settlement price of a contract that waits for one.  Raises `CannotRule`."""

    def command(contract: ContractStated) -> DeclareSettlement:
        return DeclareSettlement(instrument=contract.number, price_subticks=subticks(contract, price))

    def took(found: ContractStated) -> bool:
        return found.settled_by == "declaration" and found.settlement_subticks == subticks(found, price)

    return _commanded(files, symbol, command, took, words)


def convert(files: Files, symbol: str, path: Path, words: str = "") -> ContractStated:
    """A pre-launch future becomes what a file says.  Raises `CannotRule`."""
    try:
        asked = msgspec.convert(tomllib.loads(path.read_text()), Conversion)
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as problem:
        raise CannotRule(f"{path}: {problem}") from problem

    def command(contract: ContractStated) -> Convert:
        return conversion_of(contract, asked)

    return _commanded(files, symbol, command, lambda found: found.type == asked.type, words)


def propose(files: Files, symbol: str, outcome: str, source: Path, words: str = "") -> ContractStated:
    """Say how a prediction's question is answered, by a source.  Raises `CannotRule`."""
    return _answer(files, symbol, outcome, source, words, ProposeOutcome)


def decide(files: Files, symbol: str, outcome: str, source: Path, words: str = "") -> ContractStated:
    """Decide a disputed outcome, by a source.  Raises `CannotRule`."""
    return _answer(files, symbol, outcome, source, words, DecideOutcome)


def _answer(
    files: Files,
    symbol: str,
    outcome: str,
    source: Path,
    words: str,
    kind: type[ProposeOutcome] | type[DecideOutcome],
) -> ContractStated:
    try:
        source_hash = hashlib.sha256(source.read_bytes()).digest()
    except OSError as problem:
        raise CannotRule(f"{source} cannot be read: {problem}") from problem
    is_void = outcome == VOID
    stage = "proposed" if kind is ProposeOutcome else "decided"

    def command(contract: ContractStated) -> ctypes.LittleEndianStructure:
        record = kind(instrument=contract.number, voided=int(is_void))
        record.outcome_subticks = 0 if is_void else subticks(contract, outcome)
        put_bytes(record.source_hash, source_hash)
        return record

    def took(found: ContractStated) -> bool:
        return (found.stage, found.source_hash, found.voided) == (stage, source_hash.hex(), is_void)

    return _commanded(files, symbol, command, took, words)


def subticks(contract: ContractStated, price: str) -> int:
    """A price of a contract in its sub-ticks.  Raises `CannotRule`."""
    try:
        exact = Decimal(price) * 10**contract.price_decimals * contract.subticks_per_tick / contract.tick_units
    except InvalidOperation as problem:
        raise CannotRule(f"{price!r} is no price") from problem
    if not exact.is_finite() or exact < 0 or exact != exact.to_integral_value():
        raise CannotRule(f"{price} is no price of {contract.symbol} to a sub-tick")
    return int(exact)


def conversion_of(contract: ContractStated, asked: Conversion) -> Convert:
    """The command.  Raises `CannotRule`."""
    if asked.type not in TYPES or asked.mark not in MARKS:
        raise CannotRule(f"type is one of {', '.join(TYPES)}, mark one of {', '.join(MARKS)}")
    expiry_ns = 0
    if asked.expiry is not None:
        moment = asked.expiry if asked.expiry.tzinfo else asked.expiry.replace(tzinfo=UTC)
        expiry_ns = int(moment.timestamp()) * 10**9
    return Convert(
        instrument=contract.number,
        index=_index(contract, asked.index),
        instrument_type=TYPES[asked.type],
        mark_method=MARKS[asked.mark],
        usd_index=_index(contract, asked.usd_index) if asked.usd_index else 0,
        impact_notional_minor=_whole(asked.impact_notional, 10**contract.currency_scale),
        funding_rate_ppb=_whole(asked.funding_rate.removesuffix("%"), PPB // 100),
        funding_interval_ns=_whole(asked.funding_interval.removesuffix("h"), HOUR_NS),
        funding_offset_ns=_whole(asked.funding_offset.removesuffix("h"), HOUR_NS),
        expiry_ns=expiry_ns,
    )


def _index(contract: ContractStated, symbol: str) -> int:
    if symbol not in contract.indices:
        raise CannotRule(f"there is no index {symbol}; there are {', '.join(contract.indices)}")
    return 1 + contract.indices.index(symbol)


def _whole(text: str, scale: int) -> int:
    try:
        exact = Decimal(text.strip()) * scale
    except InvalidOperation as problem:
        raise CannotRule(f"{text!r} is no number") from problem
    if not exact.is_finite() or exact != exact.to_integral_value():
        raise CannotRule(f"{text} has more digits than can be kept")
    return int(exact)


async def ask_contract(socket: Path, symbol: str) -> ContractStated:
    """What the node says of a contract.  Raises `CannotRule` if none answers, or there is none of that symbol."""
    try:
        async with asyncio.timeout(ANSWER_S_MAX):
            told: dict[str, Any] = await ask_admin(socket, {"ask": "contract", "symbol": symbol})
    except (OSError, TimeoutError) as problem:
        raise CannotRule(f"no node answers on {socket.parent}: {problem or 'in time'}") from problem
    if "error" in told:
        raise CannotRule(told["error"])
    return msgspec.convert(told, ContractStated)


def _commanded(
    files: Files,
    symbol: str,
    command: Callable[[ContractStated], ctypes.LittleEndianStructure],
    took: Callable[[ContractStated], bool],
    words: str,
) -> ContractStated:
    """Hand a command in and see that it has done what it was for.  Raises `CannotRule`."""

    async def carry_out() -> ContractStated:
        contract = await ask_contract(files.socket, symbol)
        await submit(files.socket, command(contract), words.encode())
        found = await ask_contract(files.socket, symbol)
        if not took(found):
            raise CannotRule(f"the engine refused it: {symbol} is {line_of(found)}")
        return found

    return asyncio.run(carry_out())


def line_of(found: ContractStated) -> str:
    """A contract's end in words."""
    line = f"a {found.type}, {found.state}"
    if found.expiry_ns:
        line += f", expiry {_time(found.expiry_ns)}"
    if found.settled_by:
        line += f", settled by {found.settled_by} at {price_text(found, found.settlement_subticks)}"
    if found.stage:
        answer = VOID if found.voided else price_text(found, found.outcome_subticks)
        line += f", outcome {answer} {found.stage}"
        if found.stage == "proposed":
            line += f", disputable until {_time(found.until_ns)}"
    return line


def price_text(found: ContractStated, subticks: int) -> str:
    """Sub-ticks as a price."""
    exact = Decimal(subticks * found.tick_units) / (10**found.price_decimals * found.subticks_per_tick)
    return f"{exact:f}"


def _time(time_ns: int) -> str:
    return f"{datetime.fromtimestamp(time_ns // 10**9, UTC):%Y-%m-%dT%H:%M:%SZ}"
