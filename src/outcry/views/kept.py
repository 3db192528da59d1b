"""What `Recent` keeps besides orders, and the form in which it is written down for a quick restart.

The form is msgpack of these structs with a version; another version is refused and the caller replays the journal.
"""

from enum import IntEnum

import msgspec

from outcry.views.bins import Bin
from outcry.views.fates import KeptFates
from outcry.views.orders import ExecutionView, OrderView
from outcry.views.tops import QuoteView

VERSION = 2


class TickDirection(IntEnum):
    """How a trade's price compares with the one before."""

    UP = 1
    DOWN = 2
    SAME_AFTER_UP = 3
    SAME_AFTER_DOWN = 4


class TradeView(msgspec.Struct, frozen=True, gc=False):
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
    orders: list[OrderView]
    ended: list[int]
    fills: dict[int, list[ExecutionView]]
    reports: dict[int, list[ExecutionView]]
    instruments: dict[int, KeptInstrument]
    fates: KeptFates
    version: int = VERSION


def encode(kept: Kept) -> bytes:
    """As bytes."""
    return msgspec.msgpack.encode(kept)


def decode(data: bytes) -> Kept:
    """From bytes.  Raises `ValueError` when they are not this version's."""
    try:
        kept = msgspec.msgpack.decode(data, type=Kept)
    except msgspec.MsgspecError as error:
        raise ValueError(f"not a dump of recent events: {error}") from error
    if kept.version != VERSION:
        raise ValueError(f"a dump of recent events of version {kept.version}, not {VERSION}")
    return kept
