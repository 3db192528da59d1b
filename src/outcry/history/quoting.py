"""Rows of `quote_days`: how much each account quoted and traded on each day (UTC), for the quote-fill ratio (ORD-25).

A quote is a new order or an amendment that the account itself has sent and the engine has taken; what trades counts
fill by fill.  What the venue does to orders counts as neither.
"""

from collections.abc import Iterable

import msgspec

from outcry.history.batches import Gathered
from outcry.protocol.layout import DAY_NS


class QuoteDay(msgspec.Struct):
    """A row of `quote_days`."""

    account: int
    day_ns: int
    placed: int = 0
    amended: int = 0
    filled: int = 0


class QuoteDays:
    """The rows of the day under way as events make them, going on from those that are there."""

    def __init__(self, under_way: Iterable[QuoteDay]) -> None:
        self.rows: Gathered[tuple[int, int], QuoteDay] = Gathered()
        self._present = {one.account: one for one in under_way}

    def of(self, account: int, time_ns: int) -> QuoteDay:
        """The account's row of the day of this time, to be counted in."""
        day_ns = time_ns - time_ns % DAY_NS
        found = self._present.get(account)
        if found is None or found.day_ns != day_ns:
            found = self._present[account] = QuoteDay(account, day_ns)
            self.rows.add((account, day_ns), found)
        else:
            self.rows.touch((account, day_ns), found)
        return found
