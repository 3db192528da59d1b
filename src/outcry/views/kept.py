"""What `Recent` keeps besides orders, and the form in which it is written down for a quick restart.

The form is msgpack of these structs with a version; another version is refused and the caller replays the journal.
It is made in many small pieces, so that a thread that makes it lets others have their turn in between.
"""

from collections.abc import Callable, Iterator
from enum import IntEnum
from typing import Any, cast

import msgspec

from outcry.protocol.layout import ROLES
from outcry.protocol.wire import Event
from outcry.views.bins import Bin
from outcry.views.fates import KeptFates
from outcry.views.orders import ExecutionView, OrderView
from outcry.views.risk import KeptRisk
from outcry.views.settlements import SettlementView
from outcry.views.tops import QuoteView

VERSION = 8


class TickDirection(IntEnum):
    """How a trade's price compares with the one before."""

    UP = 1
    DOWN = 2
    SAME_AFTER_UP = 3
    SAME_AFTER_DOWN = 4


class TradeView(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A public trade."""

    sequence: int
    ordinal: int
    time_ns: int
    taker_side: int
    price_ticks: int
    quantity: int
    value_minor: int
    direction: int
    conversion_units: int = 0


def direction_after(before: TradeView | None, price_ticks: int) -> int:
    """How the price moved; without a trade before it, as if it had risen."""
    if before is None or price_ticks > before.price_ticks:
        return TickDirection.UP
    if price_ticks < before.price_ticks:
        return TickDirection.DOWN
    rising = before.direction in (TickDirection.UP, TickDirection.SAME_AFTER_UP)
    return TickDirection.SAME_AFTER_UP if rising else TickDirection.SAME_AFTER_DOWN


class MoveView(msgspec.Struct, frozen=True, gc=False):
    """Money that came into an account's wallet or left it outside of fills, as the account sees it."""

    sequence: int
    place: int
    time_ns: int
    account: int
    currency: int
    reason: int
    other_account: int
    amount_minor: int
    balance_minor: int
    reference: bytes


def moves_of(event: Event, sequence: int, time_ns: int) -> Iterator[MoveView]:
    """The sides of a Moved event that are accounts and not the venue's own."""
    moved = event.record
    sides = (
        (moved.from_account, moved.to_account, -moved.amount_minor, moved.from_balance_minor),
        (moved.to_account, moved.from_account, moved.amount_minor, moved.to_balance_minor),
    )
    for side, (account, other, amount_minor, balance_minor) in enumerate(sides):
        if account >= ROLES:
            yield MoveView(
                sequence=sequence,
                place=2 * event.head.ordinal + side,
                time_ns=time_ns,
                account=account,
                currency=moved.currency,
                reason=moved.reason,
                other_account=other if other >= ROLES else 0,
                amount_minor=amount_minor,
                balance_minor=balance_minor,
                reference=bytes(moved.reference),
            )


class KeptInstrument(msgspec.Struct):
    """One instrument's part."""

    trades: list[TradeView]
    quotes: list[QuoteView]
    candles: dict[str, tuple[list[Bin], Bin | None]]
    bids: dict[int, int]
    asks: dict[int, int]


class Kept(msgspec.Struct):
    """Everything, with the entry it stands at."""

    sequence: int
    time_ns: int
    open: list[OrderView]
    ended: dict[int, list[OrderView]]
    """By account, in the order in which they ended."""
    fills: dict[int, list[ExecutionView]]
    reports: dict[int, list[ExecutionView]]
    instruments: dict[int, KeptInstrument]
    fates: KeptFates
    risk: KeptRisk
    reasons: bytes
    """`reasons.KeptReasons`, packed."""
    settlements: list[SettlementView] = []
    adopted_sequence: int = 0
    adopted_ns: int = 0
    version: int = VERSION


def writing_of(kept: Kept, reasons: Callable[[], bytes]) -> Callable[[], bytes]:
    """What makes the form in which it is written.  Open orders, which later events change, are put into it now.

    `reasons` makes their part of it.
    """
    kept.open = cast(Any, msgspec.Raw(msgspec.msgpack.encode(kept.open)))

    def write() -> bytes:
        kept.reasons = reasons()
        return msgspec.msgpack.encode(_in_pieces(kept))

    return write


def _in_pieces(value: Any) -> Any:
    """The same to msgspec, its larger parts encoded already, one after the other."""
    if isinstance(value, msgspec.Raw):
        return value
    if isinstance(value, Kept | KeptInstrument | KeptFates | KeptRisk):
        return {name: _in_pieces(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, dict):
        return {key: _in_pieces(part) for key, part in value.items()}
    return msgspec.Raw(msgspec.msgpack.encode(value))


def decode(data: bytes) -> Kept:
    """From bytes.  Raises `ValueError` when they are not this version's."""
    try:
        kept = msgspec.msgpack.decode(data, type=Kept)
    except msgspec.MsgspecError as error:
        raise ValueError(f"not a dump of recent events: {error}") from error
    if kept.version != VERSION:
        raise ValueError(f"a dump of recent events of version {kept.version}, not {VERSION}")
    return kept
