"""Rows of `ledger`: what moved in and out of a wallet, and what fills brought, added up from noon to noon (UTC).

Balances are followed from the events, so a row can tell what was in the wallet after it; a test holds them against the
engine's.  The venue's own accounts have no history here.
"""

import msgspec

from outcry.history.batches import Gathered
from outcry.history.tables import LedgerKind
from outcry.protocol.layout import ROLES, Fill, Moved

DAY_NS = 86_400 * 10**9
NOON_NS = DAY_NS // 2
NO_REFERENCE = bytes(32)


class LedgerRow(msgspec.Struct):
    """A row of `ledger`."""

    sequence: int
    place: int
    account: int
    currency: int
    kind: int
    instrument: int
    other_account: int
    amount_minor: int
    fee_minor: int
    balance_minor: int
    time_ns: int
    changed_sequence: int
    period_end_ns: int = 0
    reference: bytes = NO_REFERENCE


def period_end(time_ns: int) -> int:
    """The next noon after this time."""
    return time_ns - (time_ns - NOON_NS) % DAY_NS + DAY_NS


class Ledger:
    """All wallets' rows as events make them."""

    def __init__(self, under_way: list[LedgerRow]) -> None:
        self.rows: Gathered[tuple[int, int], LedgerRow] = Gathered()
        self.balances: dict[tuple[int, int], int] = {}
        self._under_way = {(row.account, row.instrument): row for row in under_way}

    def moved(self, sequence: int, ordinal: int, time_ns: int, event: Moved) -> None:
        """Money has moved outside of fills."""
        sides = (
            (event.from_account, event.to_account, -event.amount_minor, event.from_balance_minor),
            (event.to_account, event.from_account, event.amount_minor, event.to_balance_minor),
        )
        for side, (account, other, amount_minor, balance_minor) in enumerate(sides):
            if account < ROLES:
                continue
            self.balances[account, event.currency] = balance_minor
            place = 2 * ordinal + side
            self.rows.add(
                (sequence, place),
                LedgerRow(
                    sequence=sequence,
                    place=place,
                    account=account,
                    currency=event.currency,
                    kind=event.reason,
                    instrument=0,
                    other_account=other if other >= ROLES else 0,
                    amount_minor=amount_minor,
                    fee_minor=0,
                    balance_minor=balance_minor,
                    time_ns=time_ns,
                    changed_sequence=sequence,
                    reference=bytes(event.reference),
                ),
            )

    def filled(self, sequence: int, ordinal: int, time_ns: int, fill: Fill, currency: int) -> None:
        """A trade has changed both sides' wallets."""
        sides = (
            (fill.taker_account, fill.taker_realised_minor, fill.taker_fee_minor),
            (fill.maker_account, fill.maker_realised_minor, fill.maker_fee_minor),
        )
        for side, (account, realised_minor, fee_minor) in enumerate(sides):
            if account < ROLES:
                continue
            amount_minor = realised_minor - fee_minor
            balance_minor = self.balances.get((account, currency), 0) + amount_minor
            self.balances[account, currency] = balance_minor
            row = self._under_way.get((account, fill.instrument))
            if row is None or row.period_end_ns <= time_ns:
                row = self._begin(sequence, 2 * ordinal + side, time_ns, account, currency, fill.instrument)
            else:
                self.rows.touch((row.sequence, row.place), row)
            row.amount_minor += amount_minor
            row.fee_minor += fee_minor
            row.balance_minor = balance_minor
            row.time_ns = time_ns
            row.changed_sequence = sequence

    def _begin(
        self, sequence: int, place: int, time_ns: int, account: int, currency: int, instrument: int
    ) -> LedgerRow:
        """The first fill of an instrument since noon."""
        row = LedgerRow(
            sequence=sequence,
            place=place,
            account=account,
            currency=currency,
            kind=LedgerKind.REALISED,
            instrument=instrument,
            other_account=0,
            amount_minor=0,
            fee_minor=0,
            balance_minor=0,
            time_ns=time_ns,
            changed_sequence=sequence,
            period_end_ns=period_end(time_ns),
        )
        self._under_way[account, instrument] = row
        self.rows.add((sequence, place), row)
        return row
