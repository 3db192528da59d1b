"""Rows of `funding` and `funds`: funding epochs, and the insurance funds from noon to noon (UTC).

Followed from events like everything here; a fund's row is begun when its currency is listed, and carried over at every
noon, so that each day has one.
"""

from collections.abc import Iterable

import msgspec

from outcry.history.batches import Gathered
from outcry.history.ledger import DAY_NS, period_end
from outcry.history.terms import Terms
from outcry.protocol.layout import FundingFixed


class Funding(msgspec.Struct, frozen=True):
    """A row of `funding`; `time_ns` is the stamp it was due at, `lot_minor` a lot's value there."""

    instrument: int
    epoch: int
    sequence: int
    time_ns: int
    interval_ns: int
    rate_ppb: int
    lot_minor: int
    mark_subticks: int


class Fund(msgspec.Struct):
    """A row of `funds`."""

    currency: int
    period_end_ns: int
    time_ns: int
    balance_minor: int


def funding_of(record: FundingFixed, terms: Terms, sequence: int, time_ns: int) -> Funding:
    """The row of an epoch that has begun."""
    return Funding(
        instrument=record.instrument,
        epoch=record.epoch,
        sequence=sequence,
        time_ns=terms.funding_stamp(time_ns),
        interval_ns=terms.funding_interval_ns,
        rate_ppb=record.rate_ppb,
        lot_minor=record.lot_minor,
        mark_subticks=record.mark_subticks,
    )


class Funds:
    """The insurance funds' rows as events make them, going on from those that are under way."""

    def __init__(self, under_way: Iterable[Fund]) -> None:
        self.rows: Gathered[tuple[int, int], Fund] = Gathered()
        self.present = {fund.currency: fund for fund in under_way}

    def begin(self, currency: int, balance_minor: int, time_ns: int) -> None:
        """A currency has a fund from here on, if it has none yet."""
        if currency not in self.present:
            self._add(Fund(currency, period_end(time_ns), time_ns, balance_minor))

    def change(self, currency: int, balance_minor: int, time_ns: int) -> None:
        """So much is in it now."""
        fund = self.present[currency]
        fund.balance_minor, fund.time_ns = balance_minor, time_ns
        self.rows.touch((currency, fund.period_end_ns), fund)

    def advance(self, time_ns: int) -> None:
        """It is this time now: each noon that has passed leaves its row behind."""
        for fund in list(self.present.values()):
            now = fund
            while now.period_end_ns <= time_ns:
                now = Fund(now.currency, now.period_end_ns + DAY_NS, now.time_ns, now.balance_minor)
                self._add(now)

    def _add(self, fund: Fund) -> None:
        self.present[fund.currency] = fund
        self.rows.add((fund.currency, fund.period_end_ns), fund)
