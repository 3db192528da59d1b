"""The best prices of one instrument, kept from `LevelChanged` events, so that each entry's quote can be told.

The engine's own book is the truth for depth; this copy exists because a replica applies whole frames before it tells
its observers, and a quote belongs to one entry.  Finding the next best after a best level is gone walks the side's
levels once; books have hundreds of them.
"""

import msgspec

from outcry.protocol.layout import Side

BUY = Side.BUY


class QuoteView(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """The touch after an entry; price and quantity are 0 for a side without orders."""

    time_ns: int
    bid_ticks: int
    bid_quantity: int
    ask_ticks: int
    ask_quantity: int

    @property
    def touch(self) -> tuple[int, int, int, int]:
        """All but the time."""
        return self.bid_ticks, self.bid_quantity, self.ask_ticks, self.ask_quantity


NO_QUOTE = QuoteView(0, 0, 0, 0, 0)


class BookTop:
    """Quantity by price on both sides, and the best of each."""

    def __init__(self) -> None:
        self.bids: dict[int, int] = {}
        self.asks: dict[int, int] = {}
        self._best_bid = 0
        self._best_ask = 0

    def change(self, side: int, price_ticks: int, quantity: int) -> None:
        """The quantity at a price is now this; 0 removes the level."""
        buys = side == BUY
        levels = self.bids if buys else self.asks
        if quantity:
            levels[price_ticks] = quantity
        else:
            levels.pop(price_ticks, None)
        if buys:
            if quantity and price_ticks > self._best_bid:
                self._best_bid = price_ticks
            elif not quantity and price_ticks == self._best_bid:
                self._best_bid = max(levels, default=0)
        elif quantity and (price_ticks < self._best_ask or not self._best_ask):
            self._best_ask = price_ticks
        elif not quantity and price_ticks == self._best_ask:
            self._best_ask = min(levels, default=0)

    def quote(self, time_ns: int) -> QuoteView:
        """The touch now."""
        bid, ask = self._best_bid, self._best_ask
        return QuoteView(time_ns, bid, self.bids.get(bid, 0), ask, self.asks.get(ask, 0))

    def kept(self) -> tuple[dict[int, int], dict[int, int]]:
        """Both sides, to be written down; later changes change nothing of it."""
        return dict(self.bids), dict(self.asks)

    def reset(self, bids: dict[int, int], asks: dict[int, int]) -> None:
        """Take these levels for the whole book."""
        self.bids, self.asks = bids, asks
        self._best_bid, self._best_ask = max(bids, default=0), min(asks, default=0)
