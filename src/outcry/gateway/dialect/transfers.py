"""Rows of `transact`: money that came into a wallet or left it other than by trading."""

from typing import Any

from outcry.gateway.dialect.ids import IdKind, Ids
from outcry.gateway.dialect.times import time_text
from outcry.protocol.layout import Moved, MoveReason
from outcry.views.directory import Directory

Row = dict[str, Any]
TYPES: dict[int, str] = {
    MoveReason.MOVED_DEPOSIT: "Deposit",
    MoveReason.MOVED_REVERSAL: "Deposit",
    MoveReason.MOVED_WITHDRAWAL: "Withdrawal",
    MoveReason.MOVED_RETURNED: "Withdrawal",
    MoveReason.MOVED_TRANSFER: "Transfer",
}


def transact_row(
    account: int, moved: Moved, sequence: int, ordinal: int, time_ns: int, directory: Directory, ids: Ids
) -> Row | None:
    """What a movement was to one of its accounts; nothing for one that is no transaction of its own."""
    kind = TYPES.get(moved.reason)
    if kind is None:
        return None
    gets = moved.to_account == account
    return {
        "transactID": ids.encode(IdKind.TRANSACTION, sequence, 2 * ordinal + gets),
        "account": account,
        "currency": directory.currency(moved.currency).symbol,
        "network": None,
        "transactType": kind,
        "amount": moved.amount_minor if gets else -moved.amount_minor,
        "fee": 0,
        "transactStatus": "Completed",
        "address": None,
        "tx": None,
        "text": None,
        "transactTime": time_text(time_ns),
        "timestamp": time_text(time_ns),
        "walletBalance": moved.to_balance_minor if gets else moved.from_balance_minor,
    }
