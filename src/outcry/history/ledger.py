"""Rows of `ledger`: what moved in and out of a wallet, and what fills brought, added up from noon to noon (UTC).

Balances are followed from the events, so a row can tell what was in the wallet after it; a test holds them against the
engine's.  The venue's own accounts have no history here.
"""

from collections.abc import Iterable, Iterator

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


class Gain(msgspec.Struct, frozen=True):
    """What one side of a trade brought: realised profit less the fee."""

    sequence: int
    place: int
    time_ns: int
    account: int
    instrument: int
    currency: int
    amount_minor: int
    fee_minor: int


def period_end(time_ns: int) -> int:
    """The next noon after this time."""
    return time_ns - (time_ns - NOON_NS) % DAY_NS + DAY_NS


class Ledger:
    """Wallets' rows as events make them, going on from those that are under way."""

    def __init__(self, under_way: Iterable[LedgerRow]) -> None:
        self.rows: Gathered[tuple[int, int], LedgerRow] = Gathered()
        self.balances: dict[tuple[int, int], int] = {}
        # By time, because a day's row may be among them with the one of the day before.
        ordered = sorted(under_way, key=lambda row: row.period_end_ns)
        self._under_way = {(row.account, row.instrument): row for row in ordered}

    def add(self, row: LedgerRow) -> None:
        """Money has moved outside of fills."""
        self.balances[row.account, row.currency] = row.balance_minor
        self.rows.add((row.sequence, row.place), row)

    def gain(self, gain: Gain) -> None:
        """A side of a trade has changed a wallet."""
        balance_minor = self.balances.get((gain.account, gain.currency), 0) + gain.amount_minor
        self.balances[gain.account, gain.currency] = balance_minor
        row = self._under_way.get((gain.account, gain.instrument))
        if row is None or row.period_end_ns <= gain.time_ns:
            row = self._begin(gain)
        else:
            self.rows.touch((row.sequence, row.place), row)
        row.amount_minor += gain.amount_minor
        row.fee_minor += gain.fee_minor
        row.balance_minor = balance_minor
        row.time_ns = gain.time_ns
        row.changed_sequence = gain.sequence

    def _begin(self, gain: Gain) -> LedgerRow:
        """The first fill of an instrument since noon."""
        row = LedgerRow(
            sequence=gain.sequence,
            place=gain.place,
            account=gain.account,
            currency=gain.currency,
            kind=LedgerKind.REALISED,
            instrument=gain.instrument,
            other_account=0,
            amount_minor=0,
            fee_minor=0,
            balance_minor=0,
            time_ns=gain.time_ns,
            changed_sequence=gain.sequence,
            period_end_ns=period_end(gain.time_ns),
        )
        self._under_way[gain.account, gain.instrument] = row
        self.rows.add((row.sequence, row.place), row)
        return row


def moves_of(moved: Moved, sequence: int, ordinal: int, time_ns: int) -> Iterator[LedgerRow]:
    """The rows of the sides of a Moved event that are not the venue's own."""
    sides = (
        (moved.from_account, moved.to_account, -moved.amount_minor, moved.from_balance_minor),
        (moved.to_account, moved.from_account, moved.amount_minor, moved.to_balance_minor),
    )
    for side, (account, other, amount_minor, balance_minor) in enumerate(sides):
        if account >= ROLES:
            yield LedgerRow(
                sequence=sequence,
                place=2 * ordinal + side,
                account=account,
                currency=moved.currency,
                kind=moved.reason,
                instrument=0,
                other_account=other if other >= ROLES else 0,
                amount_minor=amount_minor,
                fee_minor=0,
                balance_minor=balance_minor,
                time_ns=time_ns,
                changed_sequence=sequence,
                reference=bytes(moved.reference),
            )


def gains_of(fill: Fill, currency: int, sequence: int, ordinal: int, time_ns: int) -> Iterator[Gain]:
    """What a trade brought its sides that are not the venue's own."""
    sides = (
        (fill.taker_account, fill.taker_realised_minor, fill.taker_fee_minor),
        (fill.maker_account, fill.maker_realised_minor, fill.maker_fee_minor),
    )
    for side, (account, realised_minor, fee_minor) in enumerate(sides):
        if account >= ROLES:
            yield Gain(
                sequence=sequence,
                place=2 * ordinal + side,
                time_ns=time_ns,
                account=account,
                instrument=fill.instrument,
                currency=currency,
                amount_minor=realised_minor - fee_minor,
                fee_minor=fee_minor,
            )
