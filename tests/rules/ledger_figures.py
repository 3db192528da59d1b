"""The worked figure of the day's row in a wallet's history, by the rows that the keeper writes."""

from datetime import UTC, datetime
from typing import Any

from outcry.history.ledger import Gain, Ledger

Figures = dict[str, Any]
SECOND_NS = 10**9


def wal_05(given: Figures) -> Figures:
    ledger = Ledger([])
    ledger.balances[8, 1] = given["balance_before_minor"]
    for number, (time, realised, fee) in enumerate(
        zip(given["times"], given["realised_minor"], given["fees_minor"], strict=True)
    ):
        ledger.gain(
            Gain(
                sequence=number + 1,
                place=0,
                time_ns=int(datetime.fromisoformat(time).timestamp()) * SECOND_NS,
                account=8,
                instrument=1,
                currency=1,
                amount_minor=realised - fee,
                fee_minor=fee,
            )
        )
    rows = ledger.rows.lines()
    return {
        "amounts_minor": [row.amount_minor for row in rows],
        "fees_minor": [row.fee_minor for row in rows],
        "balances_minor": [row.balance_minor for row in rows],
        "ends": [
            datetime.fromtimestamp(row.period_end_ns // SECOND_NS, UTC).isoformat().replace("+00:00", "Z")
            for row in rows
        ],
    }


LEDGERED = {"WAL-05": wal_05}
