"""Rows of a wallet's history, of its summary and of `transact` (API 2.3).

Amounts are settlement minor units, signed.
"""

from collections.abc import Iterable
from typing import Any

from outcry.gateway.dialect.ids import IdKind, Ids
from outcry.gateway.dialect.times import time_text
from outcry.history.ledger import NO_REFERENCE, LedgerRow, moves_of
from outcry.history.tables import LedgerKind
from outcry.protocol.layout import Moved
from outcry.views.directory import Directory
from outcry.views.rows import MarginView

Row = dict[str, Any]
TRANSACTION_KEYS = ("transactID",)
TYPE_NAMES: dict[int, str] = {
    LedgerKind.DEPOSIT: "Deposit",
    LedgerKind.REVERSAL: "Deposit",
    LedgerKind.WITHDRAWAL: "Withdrawal",
    LedgerKind.RETURNED: "Withdrawal",
    LedgerKind.SETTLED: "Withdrawal",
    LedgerKind.TRANSFER: "Transfer",
    LedgerKind.FEE: "RealisedPNL",
    LedgerKind.MOVED_PNL: "RealisedPNL",
    LedgerKind.REALISED: "RealisedPNL",
    LedgerKind.BOND: "RealisedPNL",
}
TEXTS: dict[int, str] = {
    LedgerKind.REVERSAL: "The deposit was reversed",
    LedgerKind.RETURNED: "The withdrawal was returned",
    LedgerKind.BOND: "The bond of a dispute was lost",
}
CHAIN = frozenset({LedgerKind.DEPOSIT, LedgerKind.REVERSAL, LedgerKind.WITHDRAWAL, LedgerKind.RETURNED})


def transaction_row(row: LedgerRow, directory: Directory, ids: Ids, time_ns: int) -> Row:
    """The 14 columns.  What fills bring is pending until the noon that ends its day, because it still changes."""
    address = None
    if row.instrument:
        address = directory.listing(row.instrument).symbol
    elif row.other_account:
        address = str(row.other_account)
    return {
        "transactID": ids.encode(IdKind.TRANSACTION, row.sequence, row.place),
        "account": row.account,
        "currency": directory.currency(row.currency).symbol,
        "network": None,
        "transactType": TYPE_NAMES[row.kind],
        "amount": row.amount_minor,
        "fee": 0,
        "transactStatus": "Pending" if row.period_end_ns > time_ns else "Completed",
        "address": address,
        "tx": row.reference.hex() if row.kind in CHAIN and row.reference != NO_REFERENCE else None,
        "text": TEXTS.get(row.kind),
        "transactTime": time_text(row.time_ns),
        "timestamp": time_text(row.time_ns),
        "walletBalance": row.balance_minor,
    }


def moved_row(
    account: int, moved: Moved, sequence: int, ordinal: int, time_ns: int, directory: Directory, ids: Ids
) -> Row | None:
    """A movement as one of its accounts sees it, the same over socket and REST; nothing for anybody else."""
    for row in moves_of(moved, sequence, ordinal, time_ns):
        if row.account == account:
            return transaction_row(row, directory, ids, time_ns)
    return None


def summary_rows(lines: Iterable[LedgerRow], margin: MarginView, directory: Directory) -> list[Row]:
    """What each kind of transaction has come to, by instrument where it has one, and the total."""
    sums: dict[tuple[str, str], int] = {}
    for line in lines:
        key = TYPE_NAMES[line.kind], directory.listing(line.instrument).symbol if line.instrument else ""
        sums[key] = sums.get(key, 0) + line.amount_minor
    found = [_summary_row(margin, kind, symbol or None, sums[kind, symbol]) for kind, symbol in sorted(sums)]
    total = _summary_row(margin, "Total", None, sum(sums.values()))
    balance, unrealised = margin.summary.wallet_minor, margin.summary.unrealised_minor
    total.update(walletBalance=balance, unrealisedPnl=unrealised, marginBalance=balance + unrealised)
    return [*found, total]


def _summary_row(margin: MarginView, kind: str, symbol: str | None, amount_minor: int) -> Row:
    return {
        "account": margin.account,
        "currency": margin.currency.symbol,
        "transactType": kind,
        "symbol": symbol,
        "amount": amount_minor,
        "pendingDebit": 0,
        "realisedPnl": amount_minor if kind == "RealisedPNL" else 0,
        "walletBalance": None,
        "unrealisedPnl": None,
        "marginBalance": None,
    }
