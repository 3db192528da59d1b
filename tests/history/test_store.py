"""Exactly once: a crash between any two statements, another writer, a file of another journal, and portable words."""

import asyncio
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import event, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from outcry.engine.engine import Engine
from outcry.history import HistoryError, Reader, Recorder, Store
from outcry.history.batches import Standing
from outcry.history.fold import Fold, Found, HistoryMisplaced
from outcry.history.reader import SHELVES, Asked, count_of, statement_of
from outcry.history.store import Prepared, update_by_key
from outcry.history.tables import EVERY, METADATA, ORDERS
from outcry.protocol import wire
from tests.history.keeping import GENESIS, all_rows, hash_of, kept_world, trade_at_random


class Crash(BaseException):
    """The process is gone."""


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    world = kept_world(tmp_path_factory.mktemp("made") / "history.db")
    accounts = [world.trader(100 + at, 10**11) for at in range(3)]
    trade_at_random(world, accounts, random.Random(12), 250)
    return world.journal


def applied(engine: Engine, entry: bytes) -> tuple[wire.Entry, Sequence[wire.Event]]:
    return wire.entry_of(entry), list(wire.events_of(engine.apply(entry)))


def standing_at(engine: Engine) -> Standing:
    return Standing(engine.sequence, engine.time_ns, GENESIS, hash_of(engine.sequence))


def write_on(store: Store, journal: list[bytes], chance: random.Random) -> None:
    """What a keeper does after a start: follow to where the database is, go on to the end."""
    engine = Engine()
    for entry in journal[: store.sequence]:
        engine.apply(entry)
    fold = Fold(engine, store.found(), store.standing.time_ns if store.standing is not None else 0)
    for entry in journal[store.sequence :]:
        fold.observe(*applied(engine, entry))
        if chance.random() < 0.06:
            store.write(fold.take(standing_at(engine)))
    store.write(fold.take(standing_at(engine)))


def crash_after(store: Store, steps: int, crashes: set[str]) -> None:
    """Let the process die after so many statements and commits, and note where."""
    left = iter(range(steps, 0, -1))

    def step(kind: str) -> None:
        if next(left, 0) == 1:
            crashes.add(kind)
            raise Crash

    event.listen(store.engine, "before_cursor_execute", lambda *more: step("before a statement"))
    event.listen(store.engine, "after_cursor_execute", lambda *more: step("after a statement"))
    event.listen(store.engine, "commit", lambda connection: step("before a commit"))


def test_a_crash_at_any_statement_or_commit_loses_nothing_and_doubles_nothing(
    journal: list[bytes], tmp_path: Path
) -> None:
    whole = Store(tmp_path / "whole.db")
    write_on(whole, journal, random.Random(0))
    wanted = all_rows(whole)
    chance = random.Random(7)
    crashes: set[str] = set()
    for steps in range(2, 90, 3):
        store = Store(tmp_path / "history.db")
        crash_after(store, steps, crashes)
        try:
            write_on(store, journal, chance)
        except Crash:
            continue
        finally:
            store.close()
    assert crashes == {"before a statement", "after a statement", "before a commit"}
    again = Store(tmp_path / "history.db")
    if again.sequence < len(journal):
        write_on(again, journal, chance)
    assert all_rows(again) == wanted


def test_a_second_writer_is_found_out(journal: list[bytes], tmp_path: Path) -> None:
    first, second = Store(tmp_path / "history.db"), Store(tmp_path / "history.db")
    engine = Engine()
    folds = [Fold(engine, Found(), 0) for _ in range(2)]
    told = applied(engine, journal[0])
    for fold in folds:
        fold.observe(*told)
    first.write(folds[0].take(standing_at(engine)))
    with pytest.raises(HistoryError, match="does not take rows"):
        second.write(folds[1].take(standing_at(engine)))
    late = Store(tmp_path / "history.db")
    told = applied(engine, journal[1])
    for fold in folds:
        fold.observe(*told)
    first.write(folds[0].take(standing_at(engine)))
    with pytest.raises(HistoryError, match="one venue, one keeper"):
        late.write(folds[1].take(standing_at(engine)))
    assert Store(tmp_path / "history.db").sequence == 2


def test_a_fold_that_does_not_fit_the_engine_is_refused(journal: list[bytes], tmp_path: Path) -> None:
    store = Store(tmp_path / "history.db")
    write_on(store, journal, random.Random(1))
    engine = Engine()
    with pytest.raises(HistoryMisplaced, match="open orders"):
        Fold(engine, store.found(), 0)
    # What a breach has left behind is shown all the same.
    engine.tables.venue.halted = 1
    assert Fold(engine, store.found(), 0).rows == 0


class Following:
    """A replica in small: frames of a few entries, and a recorder that observes them."""

    def __init__(self, path: Path, journal: list[bytes], stands_at: int, genesis: bytes = GENESIS) -> None:
        self.journal = journal
        self.engine = Engine()
        for entry in journal[:stands_at]:
            self.engine.apply(entry)
        self.store = Store(path)
        self.recorder = Recorder(self.store, self.engine, self.head, genesis)

    def head(self) -> tuple[int, bytes]:
        return self.engine.sequence, hash_of(self.engine.sequence)

    def frame(self, entries: int) -> None:
        """Apply a whole frame, then tell of it, as a replica does."""
        begin = self.engine.sequence
        told = [applied(self.engine, entry) for entry in self.journal[begin : begin + entries]]
        for entry, events in told:
            self.recorder.observe(entry, events)


def test_a_recorder_passes_over_what_it_has_and_goes_on(journal: list[bytes], tmp_path: Path) -> None:
    whole = Store(tmp_path / "whole.db")
    write_on(whole, journal, random.Random(0))

    async def run() -> None:
        first = Following(tmp_path / "history.db", journal, 0)
        while first.engine.sequence < 120:
            first.frame(10)
            await asyncio.sleep(0)
        first.recorder.finish()
        first.store.close()
        again = Following(tmp_path / "history.db", journal, 60)
        while again.engine.sequence < len(journal):
            again.frame(10)
        again.recorder.finish()
        assert again.recorder.sequence == len(journal)
        again.store.close()

    asyncio.run(run())
    assert all_rows(Store(tmp_path / "history.db")) == all_rows(whole)


def test_what_waits_is_written_without_further_entries(journal: list[bytes], tmp_path: Path) -> None:
    async def run() -> None:
        following = Following(tmp_path / "history.db", journal, 0)
        following.frame(25)
        reader = Reader(tmp_path / "history.db")
        while (standing := reader.standing()) is None:
            await asyncio.sleep(0.02)
        assert standing.sequence == 25
        reader.close()
        following.recorder.finish()

    asyncio.run(asyncio.wait_for(run(), 60))


def test_a_history_of_another_journal_or_another_place_is_refused(journal: list[bytes], tmp_path: Path) -> None:
    path = tmp_path / "history.db"

    async def run() -> None:
        first = Following(path, journal, 0)
        first.frame(20)
        first.recorder.finish()
        with pytest.raises(HistoryError, match="belongs to another journal"):
            Following(path, journal, 0, genesis=bytes(31) + b"\1")
        with pytest.raises(HistoryError, match="ends at entry 20, before 30"):
            Following(path, journal, 30)
        # Frames end elsewhere than they did when history was written.
        other = Following(path, journal, 0)
        other.frame(15)
        with pytest.raises(HistoryError, match="does not end with a frame"):
            other.frame(15)

        def changed() -> tuple[int, bytes]:
            return 20, bytes(32)

        engine = Engine()
        for entry in journal[:20]:
            engine.apply(entry)
        with pytest.raises(HistoryError, match="is not the one"):
            Recorder(first.store, engine, changed, GENESIS)

    asyncio.run(run())


def test_a_disk_that_takes_nothing_is_told_at_the_next_entry(
    journal: list[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run() -> None:
        following = Following(tmp_path / "history.db", journal, 0)

        def full(batch: Any) -> None:
            raise HistoryError("history.db does not take rows: disk full")

        monkeypatch.setattr(following.store, "write", full)
        following.frame(5)
        while (writing := following.recorder._writing) is None or not writing.done():
            await asyncio.sleep(0.02)
        with pytest.raises(HistoryError, match="disk full"):
            following.frame(5)

    asyncio.run(asyncio.wait_for(run(), 60))


def test_a_damaged_file_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    path.write_bytes(b"nonsense" * 1000)
    with pytest.raises(HistoryError, match="outcry history rebuild"):
        Store(path)


def test_the_migrations_make_the_tables_that_the_code_names(tmp_path: Path) -> None:
    store = Store(tmp_path / "history.db")
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


WHERE: dict[str, dict[str, Sequence[int]]] = {"executions": {"change": (3,)}, "trades": {"instrument": (1, 2)}}


def statements() -> Iterator[Any]:
    for table in EVERY:
        yield CreateTable(table)
        yield from (CreateIndex(index) for index in table.indexes)
        yield insert(table)
        yield update_by_key(table)
    for name, shelf in SHELVES.items():
        where = WHERE.get(name, {})
        asked = Asked(
            where=where, start_ns=1, end_ns=2, last_sequence=3, reverse=True, skip=4, limit=5,
            without_rows=[(1, 2)] if name == "ledger" else [],
        )  # fmt: skip
        yield statement_of(shelf, asked)
        yield count_of(shelf, asked)


@pytest.mark.parametrize("dialect", [postgresql.dialect(), sqlite.dialect()], ids=["PostgreSQL", "SQLite"])  # type: ignore[no-untyped-call]
def test_every_statement_can_be_said_in_both_dialects(dialect: Any) -> None:
    said = [str(one.compile(dialect=dialect)) for one in statements()]
    assert len(said) > 40
    assert not [one for one in said if "ON CONFLICT" in one or "OR REPLACE" in one]


def test_rows_go_to_a_driver_by_place_or_by_name() -> None:
    row = {
        "order_id": 7,
        **{column.name: number for number, column in enumerate(ORDERS.c) if column.name != "order_id"},
    }
    by_place = Prepared(update_by_key(ORDERS), sqlite.dialect())
    # The key stands in the condition, behind what is set.
    assert by_place.parameters([row]) == [(*range(1, len(ORDERS.c)), 7)]
    assert by_place.text.count("?") == len(ORDERS.c)
    by_name = Prepared(update_by_key(ORDERS), postgresql.dialect())  # type: ignore[no-untyped-call]
    (told,) = by_name.parameters([row])
    assert told["at_order_id"] == 7
    assert told["account"] == row["account"]
    assert by_name.text.count("%(") == len(told) == len(ORDERS.c)


PLANS = {
    "an account's reports": ("executions", Asked(where={"account": (8,)}, reverse=True, end_ns=10, last_sequence=5)),
    "an account's fills": ("executions", Asked(where={"account": (8,), "change": (3,)}, reverse=True)),
    "an order's reports": ("executions", Asked(where={"account": (8,), "order_id": (3,)})),
    "an account's orders": ("orders", Asked(where={"account": (8,)}, without={"end_reason": (0,)}, last_sequence=9)),
    "an order by its name": ("orders", Asked(where={"account": (8,), "client_id": ("name",)})),
    "an order by its number": ("orders", Asked(where={"account": (8,), "order_id": (7,)})),
    "trades": ("trades", Asked(where={"instrument": (1,)}, reverse=True, end_ns=10, last_sequence=5)),
    "trades of a time": ("trades", Asked(where={"instrument": (1,)}, start_ns=5, end_ns=10)),
    "candles": ("candles", Asked(where={"length_s": (60,), "instrument": (1,)}, end_ns=10)),
    "quotes": ("quotes", Asked(where={"instrument": (1,)}, end_ns=10, reverse=True)),
    "a wallet": ("ledger", Asked(where={"account": (8,), "currency": (1,)}, reverse=True)),
}


@pytest.mark.parametrize("name", list(PLANS))
def test_every_common_question_has_an_index_and_reads_no_table_through(
    name: str, journal: list[bytes], tmp_path: Path
) -> None:
    store = Store(tmp_path / "history.db")
    shelf, asked = PLANS[name]
    statement = statement_of(SHELVES[shelf], asked).compile(
        dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}
    )
    with store.engine.connect() as connection:
        plan = [row[-1] for row in connection.exec_driver_sql(f"explain query plan {statement}")]
    assert plan
    assert not [step for step in plan if step.startswith("SCAN")], plan
