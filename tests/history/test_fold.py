"""Rows against what else is known of the same entries: `Recent`, the engine, and figures made the slow way."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from outcry.engine import reading
from outcry.gateway.recalled import order_view
from outcry.history.candles import LENGTHS_S, SECOND_NS, Candle, Candles
from outcry.history.tables import LedgerKind
from outcry.protocol.layout import ROLES, EventKind, Side
from tests.engine.worlds import BUY, SELL
from tests.history.keeping import KeptWorld, all_rows, kept_world, trade_at_random

Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture
def world(tmp_path: Path) -> KeptWorld:
    return kept_world(tmp_path / "history.db")


def traded(world: KeptWorld, seed: int = 3, steps: int = 300) -> tuple[list[int], Rows]:
    accounts = [world.trader(100 + at, 10**11) for at in range(3)]
    for account in accounts:
        world.deposit(account, 10**13, 2)
    trade_at_random(world, accounts, random.Random(seed), steps)
    assert world.kept is not None
    world.kept.commit()
    return accounts, all_rows(world.kept.store)


def test_orders_executions_and_trades_are_those_that_recent_has_seen(world: KeptWorld) -> None:
    accounts, rows = traded(world)
    orders = {view.order_id: view for account in accounts for view in world.recent.orders(account)}
    assert {row["order_id"]: order_view(row) for row in rows["orders"]} == orders  # type: ignore[arg-type]
    seen = [view for account in accounts for view in world.recent.executions(account)]
    assert [(row["sequence"], row["place"]) for row in rows["executions"]] == sorted(
        (one.sequence, one.place) for one in seen
    )
    trades = sorted(
        (one.sequence, one.ordinal, number, one.price_ticks, one.quantity, one.direction, one.conversion_units)
        for number in (1, 2, 3)
        for one in world.recent.instrument(number).trades
    )
    names = ("sequence", "ordinal", "instrument", "price_ticks", "quantity", "direction", "conversion_units")
    assert [tuple(row[name] for name in names) for row in rows["trades"]] == trades
    assert len(trades) > 50
    assert any(one[-1] for one in trades)


def test_the_ledger_adds_up_to_every_wallet_and_balances_are_the_engines(world: KeptWorld) -> None:
    accounts, rows = traded(world)
    tables = world.engine.tables
    for account in accounts:
        for currency in (1, 2):
            lines = [row for row in rows["ledger"] if (row["account"], row["currency"]) == (account, currency)]
            balance = tables.wallets[reading.find_wallet(tables, account, currency)].balance_minor
            assert sum(row["amount_minor"] for row in lines) == balance
            last = max(lines, key=lambda row: (row["changed_sequence"], row["sequence"], row["place"]))
            assert last["balance_minor"] == balance
    assert {row["account"] for row in rows["ledger"]} == set(accounts)
    assert all(account >= ROLES for account in accounts)
    days = {row["period_end_ns"] for row in rows["ledger"] if row["kind"] == LedgerKind.REALISED}
    assert len(days) > 1
    assert all(day % (86_400 * SECOND_NS) == 43_200 * SECOND_NS for day in days)


def naive_candles(rows: Rows, number: int, listed_ns: int, length_ns: int, last_ns: int) -> list[tuple[int, ...]]:
    """Every span from the listing to now, from the list of trades alone."""
    trades = [row for row in rows["trades"] if row["instrument"] == number]
    found: list[tuple[int, ...]] = []
    start_ns, close = listed_ns - listed_ns % length_ns, 0
    while start_ns <= last_ns:
        inside = [one for one in trades if start_ns <= one["time_ns"] < start_ns + length_ns]
        prices = [one["price_ticks"] for one in inside]
        opened = close or (prices[0] if prices else 0)
        if prices:
            bounds = [opened, *prices]
            high, low, close = max(bounds), min(bounds), prices[-1]
        else:
            high = low = close
        quantity, value = sum(one["quantity"] for one in inside), sum(one["value_minor"] for one in inside)
        last = inside[-1]["quantity"] if inside else 0
        found.append((start_ns, opened, high, low, close, len(inside), quantity, value, last))
        start_ns += length_ns
    return found


def test_candles_are_what_the_list_of_trades_makes(world: KeptWorld) -> None:
    listed_ns = world.now_ns
    _, rows = traded(world)
    names = (
        "start_ns", "open_ticks", "high_ticks", "low_ticks", "close_ticks", "trades", "quantity", "value_minor",
        "last_quantity",
    )  # fmt: skip
    for number in (1, 2, 3):
        for length_s in LENGTHS_S:
            kept = [row for row in rows["candles"] if (row["instrument"], row["length_s"]) == (number, length_s)]
            wanted = naive_candles(rows, number, listed_ns, length_s * SECOND_NS, world.engine.time_ns)
            assert [tuple(row[name] for name in names) for row in kept] == wanted


def test_quotes_are_the_touch_that_each_second_left(world: KeptWorld) -> None:
    touches: dict[int, tuple[int, ...]] = {}
    observed = world.recent.observe
    before: list[tuple[int, int, int, int]] = [(0, 0, 0, 0)]

    def observe(entry: Any, events: Any) -> None:
        observed(entry, events)
        tables = world.engine.tables
        sides = [reading.levels(tables, 1, side, 1) for side in (Side.BUY, Side.SELL)]
        touch = tuple(one for side in sides for one in ((side[0][0], side[0][1]) if side else (0, 0)))
        if touch != before[0]:
            touches[entry.head.time_ns // SECOND_NS] = (entry.head.time_ns, *touch)
            before[0] = touch  # type: ignore[assignment]

    world.recent.observe = observe  # type: ignore[method-assign]
    _, rows = traded(world, seed=8)
    names = ("time_ns", "bid_ticks", "bid_quantity", "ask_ticks", "ask_quantity")
    kept = {
        row["second_ns"] // SECOND_NS: tuple(row[name] for name in names)
        for row in rows["quotes"]
        if row["instrument"] == 1
    }
    assert kept == touches
    assert len(kept) > 40


def test_a_long_pause_makes_no_flood_of_candles() -> None:
    made = Candles(1, {})
    day_ns = 86_400 * SECOND_NS
    assert len(list(made.advance(100 * day_ns))) == 4
    made.current[60].add(500, 1, 1, 1)
    found = list(made.advance(200 * day_ns))
    sizes = [sum(one.length_s == length_s for one in found) for length_s in LENGTHS_S]
    # Minutes and five minutes of a hundred days are left out but for the present one; hours and days are not.
    assert sizes == [1, 1, 1, 100]
    assert next(one for one in found if one.length_s == 60) == Candle(1, 60, 200 * day_ns, 500, 500, 500, 500)


def test_words_of_an_amendment_belong_to_the_order_it_names(world: KeptWorld) -> None:
    seller, buyer = world.trader(1, 10**11), world.trader(2, 10**11)
    world.place(buyer, BUY, 300, 600_000)
    world.place(seller, SELL, 300, 600_000)
    world.place(seller, BUY, 300, 599_000, reduce_only=True)
    offered = world.place(buyer, SELL, 100, 601_000)[0].record.order_id
    from outcry.protocol.layout import Amend

    bid = world.place(seller, BUY, 100, 590_000)[0].record.order_id
    record = Amend()
    record.account, record.order_id, record.leaves_quantity, record.price_ticks = seller, bid, -1, 601_000
    events = world.send(record, b"my words")
    assert [event.head.kind for event in events].count(EventKind.AMENDED) == 2
    assert world.kept is not None
    world.kept.commit()
    texts = {row["order_id"]: row["text"] for row in all_rows(world.kept.store)["orders"]}
    assert texts[bid] == "my words"
    assert {text for order_id, text in texts.items() if order_id != bid} == {""}
    assert offered in texts


def test_a_row_is_inserted_once_and_then_updated_whatever_the_batches(tmp_path: Path) -> None:
    def rows(seed: int, folder: Path) -> Iterator[Rows]:
        folder.mkdir()
        world = kept_world(folder / "history.db")
        accounts = [world.trader(100 + at, 10**11) for at in range(3)]
        assert world.kept is not None
        chance, batches = random.Random(4), random.Random(seed)
        for _ in range(60):
            trade_at_random(world, accounts, chance, 4)
            if seed and batches.random() < 0.5:
                world.kept.commit()
        world.kept.commit()
        yield all_rows(world.kept.store)

    in_one = next(rows(0, tmp_path / "one"))
    assert len(in_one["executions"]) > 200
    for seed in (1, 2):
        assert next(rows(seed, tmp_path / str(seed))) == in_one
