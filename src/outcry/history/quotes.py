"""The touch of each instrument from `LevelChanged` events, and what is kept of it: one row a second.

A replica's own book stands at the end of a frame, a quote belongs to an entry; so the visible levels are followed here.
"""

from collections.abc import Iterable

import msgspec

from outcry.protocol.layout import Side

SECOND_NS = 10**9

Touch = tuple[int, int, int, int]
NO_TOUCH: Touch = (0, 0, 0, 0)


class Book:
    """Visible quantity by price on both sides, and the best of each."""

    def __init__(self, bids: Iterable[tuple[int, int]] = (), asks: Iterable[tuple[int, int]] = ()) -> None:
        self._bids = dict(bids)
        self._asks = dict(asks)
        self._bid = max(self._bids, default=0)
        self._ask = min(self._asks, default=0)

    def change(self, side: int, price_ticks: int, quantity: int) -> None:
        """The quantity at a price is now this; 0 removes the level."""
        levels = self._bids if side == Side.BUY else self._asks
        if quantity:
            levels[price_ticks] = quantity
        else:
            levels.pop(price_ticks, None)
        if side == Side.BUY:
            if quantity:
                self._bid = max(self._bid, price_ticks)
            elif price_ticks == self._bid:
                self._bid = max(levels, default=0)
        elif quantity:
            self._ask = min(self._ask or price_ticks, price_ticks)
        elif price_ticks == self._ask:
            self._ask = min(levels, default=0)

    @property
    def touch(self) -> Touch:
        """Best bid and its quantity, best ask and its quantity; 0 for a side without orders."""
        return self._bid, self._bids.get(self._bid, 0), self._ask, self._asks.get(self._ask, 0)


class Quote(msgspec.Struct):
    """A row of `quotes`: the touch as a second left it."""

    instrument: int
    second_ns: int
    time_ns: int
    bid_ticks: int
    bid_quantity: int
    ask_ticks: int
    ask_quantity: int


def quote_of(instrument: int, time_ns: int, touch: Touch) -> Quote:
    """The row of that time's second."""
    return Quote(instrument, time_ns - time_ns % SECOND_NS, time_ns, *touch)
