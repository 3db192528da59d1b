"""`Reader`: history.db for those who ask, in pages.

Every question names a table, values that columns may have, a span of time and how far to go: rows of entries after
`last_sequence` are left out, so that an answer goes together with what the asker knows of later ones.  Rows come in the
table's own order or backwards.  Connections are read-only; any thread may ask.
"""

import urllib.parse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    RowMapping,
    Select,
    Table,
    create_engine,
    event,
    func,
    literal_column,
    select,
    tuple_,
)
from sqlalchemy.exc import DatabaseError, OperationalError

from outcry.history.batches import Standing
from outcry.history.store import BUSY_MILLISECONDS, HistoryError, read_standing
from outcry.history.tables import (
    CANDLES,
    EXECUTIONS,
    FUNDING,
    FUNDS,
    LEDGER,
    ORDERS,
    QUOTE_DAYS,
    QUOTES,
    SETTLEMENTS,
    TRADES,
)

ORDER_PART = (
    "side", "order_type", "link_id", "trigger_reference", "peg_kind", "contingency", "placed_ns",
)  # fmt: skip
"""What of an order never changes; a report takes it from `orders`, and has none of it where it has no order."""

Rows = Sequence[RowMapping]
Answer = TypeVar("Answer")


class Shelf(msgspec.Struct, frozen=True):
    """A table as it is asked: its order, the column of time, and the one of the entry if there is one."""

    table: Table
    order: tuple[Any, ...]
    time: Any
    sequence: Any


SHELVES: dict[str, Shelf] = {
    "orders": Shelf(ORDERS, (ORDERS.c.order_id,), ORDERS.c.changed_ns, ORDERS.c.changed_sequence),
    "executions": Shelf(
        EXECUTIONS,
        (EXECUTIONS.c.time_ns, EXECUTIONS.c.sequence, EXECUTIONS.c.place),
        EXECUTIONS.c.time_ns,
        EXECUTIONS.c.sequence,
    ),
    "trades": Shelf(
        TRADES, (TRADES.c.time_ns, TRADES.c.sequence, TRADES.c.ordinal), TRADES.c.time_ns, TRADES.c.sequence
    ),
    "ledger": Shelf(
        LEDGER,
        (LEDGER.c.changed_sequence, LEDGER.c.sequence, LEDGER.c.place),
        LEDGER.c.time_ns,
        LEDGER.c.changed_sequence,
    ),
    "quotes": Shelf(QUOTES, (QUOTES.c.second_ns, QUOTES.c.instrument), QUOTES.c.second_ns, None),
    "funding": Shelf(
        FUNDING, (FUNDING.c.time_ns, FUNDING.c.sequence, FUNDING.c.instrument), FUNDING.c.time_ns, FUNDING.c.sequence
    ),
    "settlements": Shelf(
        SETTLEMENTS,
        (SETTLEMENTS.c.time_ns, SETTLEMENTS.c.sequence, SETTLEMENTS.c.instrument),
        SETTLEMENTS.c.time_ns,
        SETTLEMENTS.c.sequence,
    ),
    "funds": Shelf(FUNDS, (FUNDS.c.period_end_ns, FUNDS.c.currency), FUNDS.c.period_end_ns, None),
    "quote_days": Shelf(QUOTE_DAYS, (QUOTE_DAYS.c.day_ns, QUOTE_DAYS.c.account), QUOTE_DAYS.c.day_ns, None),
    "candles": Shelf(CANDLES, (CANDLES.c.start_ns, CANDLES.c.instrument), CANDLES.c.start_ns, None),
}


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A question; times are of the table's own column, from `start_ns` to before `end_ns`."""

    where: Mapping[str, Sequence[Any]] = {}
    """The values that a column may have."""
    without: Mapping[str, Sequence[Any]] = {}
    """The values that it may not have."""
    start_ns: int | None = None
    end_ns: int | None = None
    last_sequence: int | None = None
    period_after_ns: int | None = None
    """Only rows of the ledger whose day ends after this."""
    without_rows: Sequence[tuple[int, int]] = ()
    """Rows of the ledger that are not wanted, by sequence and place."""
    reverse: bool = False
    skip: int = 0
    limit: int = 500


class Reader:
    """The file, opened to read; it need not exist yet."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._engine = reading_engine_of(path)

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    def standing(self) -> Standing | None:
        """How far history goes; nothing while there is none.  Raises `HistoryError`."""
        try:
            with self._engine.connect() as connection:
                return read_standing(connection)
        except OperationalError:
            # The keeper has not made it yet.
            return None
        except DatabaseError as problem:
            raise self._unreadable(problem) from problem

    def page(self, shelf: str, asked: Asked) -> Rows:
        """The rows asked for.  Raises `HistoryError`."""
        return self._read(lambda connection: page_of(connection, shelf, asked))

    def count(self, shelf: str, asked: Asked) -> int:
        """How many rows there are, up to the limit.  Raises `HistoryError`."""
        found: int = self._read(lambda connection: connection.execute(count_of(SHELVES[shelf], asked)).scalar_one())
        return found

    def at_one_moment(self, read: Callable[[Connection], Answer]) -> Answer:
        """Several questions in one transaction.  Raises `HistoryError`."""

        def within(connection: Connection) -> Answer:
            with connection.begin():
                return read(connection)

        return self._read(within)

    def _read(self, read: Callable[[Connection], Answer]) -> Answer:
        try:
            with self._engine.connect() as connection:
                return read(connection)
        except DatabaseError as problem:
            raise self._unreadable(problem) from problem

    def _unreadable(self, problem: DatabaseError) -> HistoryError:
        return HistoryError(f"{self.path} cannot be read: {problem.orig}")


def reading_engine_of(path: Path) -> Engine:
    """The database in that file, to read."""
    address = urllib.parse.quote(str(path))
    engine = create_engine(f"sqlite:///file:{address}?mode=ro&uri=true")

    @event.listens_for(engine, "connect")
    def prepare(connection: object, record: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]  # the driver's own connection, which has no common type
        cursor.execute(f"pragma busy_timeout={BUSY_MILLISECONDS}")
        cursor.close()

    return engine


def page_of(connection: Connection, shelf: str, asked: Asked) -> Rows:
    """A page on a connection that one has."""
    return connection.execute(statement_of(SHELVES[shelf], asked)).mappings().all()


def statement_of(shelf: Shelf, asked: Asked) -> Select[Any]:
    """The page."""
    order = [column.desc() for column in shelf.order] if asked.reverse else shelf.order
    columns: list[Any] = [shelf.table]
    statement = select(*columns)
    if shelf.table is EXECUTIONS:
        columns.extend(ORDERS.c[name].label(f"order_{name}") for name in ORDER_PART)
        statement = select(*columns).outerjoin(ORDERS, ORDERS.c.order_id == EXECUTIONS.c.order_id)
    return statement.where(*conditions(shelf, asked)).order_by(*order).limit(asked.limit).offset(asked.skip)


def count_of(shelf: Shelf, asked: Asked) -> Select[Any]:
    """How many rows, up to the limit."""
    first = next(iter(shelf.table.primary_key))
    inner = select(first).where(*conditions(shelf, asked)).limit(asked.limit).subquery()
    return select(func.count()).select_from(inner)


def conditions(shelf: Shelf, asked: Asked) -> list[ColumnElement[bool]]:
    """What rows have to fulfil."""
    found: list[ColumnElement[bool]] = []
    for name, values in asked.where.items():
        column = shelf.table.c[name]
        if column is EXECUTIONS.c.change:
            # Said in words, because a planner does not know of a parameter which partial index it is for.
            found.append(column.in_([literal_column(str(int(value))) for value in values]))
        else:
            found.append(column == values[0] if len(values) == 1 else column.in_(list(values)))
    found.extend(shelf.table.c[name].not_in(list(values)) for name, values in asked.without.items() if values)
    if asked.start_ns is not None:
        found.append(shelf.time >= asked.start_ns)
    if asked.end_ns is not None:
        found.append(shelf.time < asked.end_ns)
    if asked.period_after_ns is not None:
        found.append(LEDGER.c.period_end_ns > asked.period_after_ns)
    if asked.without_rows:
        found.append(tuple_(LEDGER.c.sequence, LEDGER.c.place).not_in(list(asked.without_rows)))
    if asked.last_sequence is not None and shelf.sequence is not None:
        found.append(shelf.sequence <= asked.last_sequence)
    return found
