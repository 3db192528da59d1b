"""A wallet's history: the rows of the ledger, brought up to date with what this gateway has seen since.

Rows of a day change until its noon, so history is read at one moment together with how far it goes, and the fills and
moves after that are added in the same way in which the keeper will add them.
"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection

from outcry.gateway.past import Past, sequence_of
from outcry.history.ledger import Gain, Ledger, LedgerRow
from outcry.history.reader import Asked, page_of
from outcry.history.store import read_standing
from outcry.views.directory import Directory
from outcry.views.kept import MoveView
from outcry.views.orders import ExecutionView
from outcry.views.recent import Recent

ROWS_MAX = 20_000
"""More of one wallet are not looked through."""


class Since(msgspec.Struct, frozen=True):
    """What an account has seen of late, copied so that another thread may look at it."""

    fills: Sequence[ExecutionView]
    moves: Sequence[MoveView]
    currencies: dict[int, int]
    """Of the instruments."""
    kept_from: int
    """What happened up to here may be missing."""


def since_of(recent: Recent, account: int) -> Since:
    """What is recent of an account."""
    kept = recent.account(account)
    forgotten = [one.sequence for one in (kept.fills.forgotten, kept.moves.forgotten) if one is not None]
    kept_from = max([recent.begun_sequence, *forgotten])
    return Since(list(kept.fills), list(kept.moves), _currencies(recent.directory), kept_from)


def _currencies(directory: Directory) -> dict[int, int]:
    return {one.number: one.currency.number for one in directory.listings()}


async def ledger_of(
    past: Past, recent: Recent, account: int, currencies: Sequence[int], limit: int, reverse: bool
) -> list[LedgerRow]:
    """An account's rows in these currencies in the order of their last change; so many of one end.

    Raises `Refusal` with 503 while history is behind.
    """
    asked = Asked(where={"account": (account,), "currency": tuple(currencies)}, reverse=reverse, limit=limit)
    since = since_of(recent, account)
    if not past.is_kept:
        return _in_order(_added(Ledger([]), since, 0), currencies, reverse)
    # At least the first entry, because the keeper may not have made the file yet.
    await past.reach(max(1, since.kept_from))
    rows = await past.ask(lambda reader: reader.at_one_moment(lambda moment: _read(moment, asked, account, since)))
    return _in_order(rows, currencies, reverse)


def _in_order(rows: Sequence[LedgerRow], currencies: Sequence[int], reverse: bool) -> list[LedgerRow]:
    wanted = (row for row in rows if row.currency in currencies)
    return sorted(wanted, key=lambda row: (row.changed_sequence, row.sequence, row.place), reverse=reverse)


def _read(moment: Connection, asked: Asked, account: int, since: Since) -> list[LedgerRow]:
    """The page and what is newer, of which a row that has changed since takes the place of the older one."""
    sequence, time_ns = sequence_of(read_standing(moment))
    of_the_day = Asked(where={"account": (account,)}, period_after_ns=time_ns, limit=ROWS_MAX)
    ledger = Ledger([LedgerRow(**row) for row in page_of(moment, "ledger", of_the_day)])
    for currency in set(since.currencies.values()):
        last = Asked(where={"account": (account,), "currency": (currency,)}, reverse=True, limit=1)
        for row in page_of(moment, "ledger", last):
            ledger.balances[account, currency] = row["balance_minor"]
    newer = _added(ledger, since, sequence)
    others = msgspec.structs.replace(asked, without_rows=[(row.sequence, row.place) for row in newer])
    return [*(LedgerRow(**row) for row in page_of(moment, "ledger", others)), *newer]


def _added(ledger: Ledger, since: Since, sequence: int) -> list[LedgerRow]:
    """The rows that fills and moves after an entry make or change."""
    gains = [_gain_of(fill, since.currencies) for fill in since.fills if fill.sequence > sequence]
    moves = [_row_of(move) for move in since.moves if move.sequence > sequence]
    both: list[Gain | LedgerRow] = [*gains, *moves]
    for one in sorted(both, key=lambda one: (one.sequence, one.place)):
        if isinstance(one, Gain):
            ledger.gain(one)
        else:
            ledger.add(one)
    return ledger.rows.lines()


def _gain_of(fill: ExecutionView, currencies: dict[int, int]) -> Gain:
    return Gain(
        sequence=fill.sequence,
        place=fill.place,
        time_ns=fill.time_ns,
        account=fill.order.account,
        instrument=fill.order.instrument,
        currency=currencies[fill.order.instrument],
        amount_minor=fill.realised_minor - fill.fee_minor,
        fee_minor=fill.fee_minor,
    )


def _row_of(move: MoveView) -> LedgerRow:
    return LedgerRow(
        sequence=move.sequence,
        place=move.place,
        account=move.account,
        currency=move.currency,
        kind=move.reason,
        instrument=0,
        other_account=move.other_account,
        amount_minor=move.amount_minor,
        fee_minor=0,
        balance_minor=move.balance_minor,
        time_ns=move.time_ns,
        changed_sequence=move.sequence,
        reference=move.reference,
    )
