"""`Store`: history.db for the one who writes it.

A batch is one transaction with the entry it stands at in it, so after a crash the file holds all rows up to an entry
and none after it, and whoever goes on from there doubles nothing.  Statements are Core and portable: a row is inserted
when it is new and updated by its key afterwards, and the writer knows which.
Known limit: one writer at a time; a second one is found out by `progress` and refused.
"""

import contextlib
import sqlite3
from collections.abc import Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec
from sqlalchemy import (
    Connection,
    Dialect,
    Engine,
    Insert,
    Select,
    Table,
    Update,
    and_,
    bindparam,
    create_engine,
    event,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.exc import DatabaseError

from outcry.history.batches import Batch, Standing, Values
from outcry.history.candles import LENGTHS_S, SECOND_NS, Candle
from outcry.history.fold import Found, LastTrade
from outcry.history.funding import Fund, Funding
from outcry.history.ledger import LedgerRow
from outcry.history.migrations import UnknownRevision, migrate
from outcry.history.orders import Order
from outcry.history.quotes import Quote
from outcry.history.quoting import QuoteDay
from outcry.history.tables import CANDLES, EVERY, FUNDING, FUNDS, LEDGER, ORDERS, PROGRESS, QUOTE_DAYS, QUOTES, TRADES
from outcry.protocol.layout import DAY_NS

BUSY_MILLISECONDS = 10_000
CHECKED_BYTES_MAX = 256 << 20
"""A longer file is not looked through at the start, which would take more than a second or two."""
IDS_AT_ONCE = 500
"""Fewer than the values that a statement may have in any build of SQLite."""
DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
AT = "at_"
"""Before the name of a key column in an update's parameters."""
REBUILD = "stop the venue and run `outcry history rebuild` on its data folder"
Line = TypeVar("Line", bound=msgspec.Struct)


class HistoryError(Exception):
    """History cannot be written or read; the message says why and what to do."""


class HistoryUnusable(HistoryError):
    """The file is of no use any more: starting again does not help, making it anew from the journal does."""


class Store:
    """The file, opened to write.  Makes it where there is none.  Raises `HistoryError` for one that is of no use."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._engine = engine_of(path)
        self._prepared = {
            table.name: (
                Prepared(insert(table), self._engine.dialect),
                Prepared(update_by_key(table), self._engine.dialect),
            )
            for table in EVERY
        }
        try:
            migrate(self._engine, path)
            with self._engine.connect() as connection:
                check_shape(connection, path)
                self._standing = read_standing(connection)
        except (DatabaseError, UnknownRevision) as problem:
            self._engine.dispose()
            why = problem.orig if isinstance(problem, DatabaseError) else problem
            raise HistoryUnusable(f"{path} cannot be used ({why}): {REBUILD}") from problem
        except HistoryUnusable:
            self._engine.dispose()
            raise

    @property
    def engine(self) -> Engine:
        """The database."""
        return self._engine

    @property
    def standing(self) -> Standing | None:
        """How far it goes; nothing before the first batch."""
        return self._standing

    @property
    def sequence(self) -> int:
        """The last entry in it, 0 for none."""
        return self._standing.sequence if self._standing is not None else 0

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    def found(self, revivable: Sequence[int] = ()) -> Found:
        """What of the rows changes still; `revivable` are filled orders that may be opened again.

        Raises `HistoryUnusable`.
        """
        standing = self._standing
        if standing is None:
            return Found()
        try:
            return self._found(standing, revivable)
        except DatabaseError as problem:
            raise HistoryUnusable(f"{self.path} cannot be used ({problem.orig}): {REBUILD}") from problem

    def _found(self, standing: Standing, revivable: Sequence[int]) -> Found:
        time_ns = standing.time_ns
        under_way = [
            and_(CANDLES.c.length_s == length_s, CANDLES.c.start_ns == time_ns - time_ns % (length_s * SECOND_NS))
            for length_s in LENGTHS_S
        ]
        with self._engine.connect() as connection:
            candles = _lines(connection, select(CANDLES).where(or_(*under_way)), Candle)
            return Found(
                orders=_lines(connection, select(ORDERS).where(ORDERS.c.end_reason == literal_column("0")), Order),
                filled=[
                    order
                    for first in range(0, len(revivable), IDS_AT_ONCE)
                    for order in _lines(
                        connection,
                        select(ORDERS).where(ORDERS.c.order_id.in_(revivable[first : first + IDS_AT_ONCE])),
                        Order,
                    )
                ],
                quote_days=_lines(
                    connection, select(QUOTE_DAYS).where(QUOTE_DAYS.c.day_ns == time_ns - time_ns % DAY_NS), QuoteDay
                ),
                trades=_last_trades(connection, {one.instrument for one in candles}),
                candles=candles,
                quotes=_lines(
                    connection, select(QUOTES).where(QUOTES.c.second_ns == time_ns - time_ns % SECOND_NS), Quote
                ),
                ledger=_lines(connection, select(LEDGER).where(LEDGER.c.period_end_ns > time_ns), LedgerRow),
                fundings=_last_fundings(connection),
                funds=_lines(connection, select(FUNDS).where(FUNDS.c.period_end_ns > time_ns), Fund),
            )

    def write(self, batch: Batch) -> None:
        """Write everything of a batch or nothing.  Raises `HistoryError`."""
        try:
            with self._engine.begin() as connection:
                # First, so that another writer is found out by it and not by rows that are there already.
                self._go_on(connection, batch.standing)
                for name, changes in batch.changes.items():
                    inserting, updating = self._prepared[name]
                    if changes.inserts:
                        connection.exec_driver_sql(inserting.text, inserting.parameters(changes.inserts))
                    if changes.updates:
                        connection.exec_driver_sql(updating.text, updating.parameters(changes.updates))
        except DatabaseError as problem:
            if getattr(problem.orig, "sqlite_errorcode", 0) & 0xFF in DAMAGED:
                raise HistoryUnusable(f"{self.path} cannot be used ({problem.orig}): {REBUILD}") from problem
            raise HistoryError(f"{self.path} does not take rows: {problem.orig}") from problem
        self._standing = batch.standing

    def _go_on(self, connection: Connection, standing: Standing) -> None:
        values = msgspec.structs.asdict(standing)
        if self._standing is None:
            connection.execute(insert(PROGRESS), {"id": 1, **values})
            return
        where = and_(PROGRESS.c.id == 1, PROGRESS.c.sequence == self._standing.sequence)
        if connection.execute(update(PROGRESS).where(where).values(values)).rowcount != 1:
            raise HistoryError(f"somebody else writes {self.path}: one venue, one keeper")


class Prepared:
    """A statement in a dialect's words, and rows in the shape in which its driver takes them.

    The same as executing the statement with the rows, at a third of the cost: rows come as plain values of the types
    that the columns have.
    """

    def __init__(self, statement: Insert | Update, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self.text = str(compiled)
        names = compiled.positiontup if compiled.positional else list(compiled.params)
        self._names = {name: name.removeprefix(AT) for name in names or ()}
        self._positional = compiled.positional

    def parameters(self, rows: Sequence[Values]) -> list[Any]:
        """The rows as the driver takes them."""
        if self._positional:
            row_of = itemgetter(*self._names.values())
            return [row_of(row) for row in rows]
        return [{name: row[column] for name, column in self._names.items()} for row in rows]


def engine_of(path: Path) -> Engine:
    """The database in that file, to write."""
    engine = create_engine(f"sqlite:///{path}")

    @event.listens_for(engine, "connect")
    def prepare(connection: object, record: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]  # the driver's own connection, which has no common type
        for pragma in ("journal_mode=wal", "synchronous=normal", f"busy_timeout={BUSY_MILLISECONDS}"):
            cursor.execute(f"pragma {pragma}")
        cursor.close()

    return engine


def check_shape(connection: Connection, path: Path, *, whole: bool = False) -> None:
    """See whether the file holds together, where that takes no long time.  Raises `HistoryUnusable`.

    `whole` looks at a file of any length, and whether its indexes say what its tables say.  What a flipped byte has
    made of a value is not seen here: only comparing with the journal shows it.
    """
    if connection.dialect.name == "sqlite" and (whole or path.stat().st_size <= CHECKED_BYTES_MAX):
        check = "integrity_check" if whole else "quick_check"
        found = connection.exec_driver_sql(f"pragma {check}(1)").scalar_one()
        if found != "ok":
            said = " ".join(str(found).split())
            raise HistoryUnusable(f"{path} cannot be used ({said}): {REBUILD}")


def read_standing(connection: Connection) -> Standing | None:
    """How far history goes."""
    columns = [PROGRESS.c[name] for name in Standing.__struct_fields__]
    row = connection.execute(select(*columns).where(PROGRESS.c.id == 1)).one_or_none()
    return Standing(*row) if row is not None else None


def reached(path: Path, genesis_hash: bytes) -> int:
    """The last entry in a file that is not opened to write; 0 for none, another journal's or one that is of no use."""
    asked = "select sequence from progress where id = 1 and genesis_hash = ?"
    try:
        with contextlib.closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as connection:
            row = connection.execute(asked, (genesis_hash,)).fetchone()
    except sqlite3.Error:
        return 0
    return int(row[0]) if row is not None else 0


def update_by_key(table: Table) -> Update:
    """Set all columns of the row with that key; the key's parameters have names of their own."""
    keys = and_(*(column == bindparam(AT + column.name) for column in table.primary_key))
    names = {column.name for column in table.primary_key}
    return (
        update(table)
        .where(keys)
        .values({column.name: bindparam(column.name) for column in table.c if column.name not in names})
    )


def _lines(connection: Connection, statement: Select[tuple[object, ...]], line: type[Line]) -> list[Line]:
    return [line(**row) for row in connection.execute(statement).mappings()]


def _last_trades(connection: Connection, instruments: set[int]) -> list[LastTrade]:
    found = []
    for number in sorted(instruments):
        statement = (
            select(TRADES.c.instrument, TRADES.c.price_ticks, TRADES.c.direction)
            .where(TRADES.c.instrument == number)
            .order_by(TRADES.c.time_ns.desc(), TRADES.c.sequence.desc(), TRADES.c.ordinal.desc())
            .limit(1)
        )
        row = connection.execute(statement).one_or_none()
        if row is not None:
            found.append(LastTrade(*row))
    return found


def _last_fundings(connection: Connection) -> list[Funding]:
    last = select(FUNDING.c.instrument, func.max(FUNDING.c.epoch).label("epoch")).group_by(FUNDING.c.instrument)
    newest = last.subquery()
    same = and_(FUNDING.c.instrument == newest.c.instrument, FUNDING.c.epoch == newest.c.epoch)
    return _lines(connection, select(FUNDING).join(newest, same), Funding)
