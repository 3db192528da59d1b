"""A book as its subscribers have been told it, and what to tell them next.

The levels an entry touched are noted; `settle` compares them with the book kept by the views, all entries of a frame
together, so that a level which came and went between two messages is never told.  Windows of the best levels are
compared as wholes.  Deletions are told first and insertions last: then no client ever sees a crossed book.
"""

from bisect import bisect_left, insort

from outcry.protocol.layout import Side
from outcry.views.tops import BookTop

Level = tuple[int, int]
SIDES = (Side.SELL, Side.BUY)


class Changes:
    """Levels (side, price in ticks, contracts) that went, changed and came."""

    def __init__(self) -> None:
        self.deleted: list[tuple[int, int, int]] = []
        self.updated: list[tuple[int, int, int]] = []
        self.inserted: list[tuple[int, int, int]] = []

    def note(self, side: int, price_ticks: int, before: int, after: int) -> None:
        """A level had so many contracts and now has so many."""
        if before == after:
            return
        kind = self.updated if before and after else self.inserted if after else self.deleted
        kind.append((side, price_ticks, after))

    def __bool__(self) -> bool:
        return bool(self.deleted or self.updated or self.inserted)


class ShownBook:
    """Both sides as they were told last; of a book that `is_new` nothing has been told yet."""

    def __init__(self, top: BookTop, *, is_new: bool = False) -> None:
        self._top = top
        self.is_new = is_new
        self._quantities: dict[int, dict[int, int]] = {Side.BUY: {}, Side.SELL: {}}
        self._touched: dict[tuple[int, int], None] = {}
        self._windows: dict[int, dict[int, dict[int, int]]] = {}
        for side, levels in ((Side.BUY, top.bids), (Side.SELL, top.asks)):
            if is_new:
                self._touched.update(((side, price_ticks), None) for price_ticks in levels)
            else:
                self._quantities[side].update(levels)
        self._prices = {side: sorted(levels) for side, levels in self._quantities.items()}

    def touch(self, side: int, price_ticks: int) -> None:
        """A level changed, maybe."""
        self._touched[side, price_ticks] = None

    def settle(self) -> Changes:
        """What is different from what was told; from now on it counts as told."""
        changes = Changes()
        for side, price_ticks in self._touched:
            quantities, prices = self._quantities[side], self._prices[side]
            before = quantities.get(price_ticks, 0)
            after = (self._top.bids if side == Side.BUY else self._top.asks).get(price_ticks, 0)
            changes.note(side, price_ticks, before, after)
            if after:
                quantities[price_ticks] = after
                if not before:
                    insort(prices, price_ticks)
            elif before:
                del quantities[price_ticks]
                del prices[bisect_left(prices, price_ticks)]
        self._touched.clear()
        return changes

    def best(self, side: int, depth: int = 0) -> list[Level]:
        """The levels of a side as they were told, best first; `depth` 0 for all."""
        prices, quantities = self._prices[side], self._quantities[side]
        if side == Side.BUY:
            chosen = prices[: -depth - 1 : -1] if depth else prices[::-1]
        else:
            chosen = prices[:depth] if depth else prices
        return [(price, quantities[price]) for price in chosen]

    def open_window(self, depth: int) -> None:
        """Begin to follow the best levels, so many a side, if they are not followed already."""
        if depth not in self._windows:
            self._windows[depth] = {side: dict(self.best(side, depth)) for side in SIDES}

    def close_window(self, depth: int) -> None:
        """Nobody follows them any more."""
        self._windows.pop(depth, None)

    def settle_window(self, depth: int) -> Changes:
        """What is different among the best levels; call it after `settle`."""
        changes = Changes()
        for side, before in self._windows[depth].items():
            after = dict(self.best(side, depth))
            if after != before:
                for price_ticks in before.keys() | after.keys():
                    changes.note(side, price_ticks, before.get(price_ticks, 0), after.get(price_ticks, 0))
                self._windows[depth][side] = after
        return changes
