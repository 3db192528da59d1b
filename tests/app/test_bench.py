"""`outcry bench`: the stream has the statistics it claims, and every figure is of a run that ended where it must."""

from collections import Counter

import pytest

from outcry.app.bench import engine, figures, memory, sparse, speed
from outcry.app.bench.figures import Options, Report
from outcry.app.bench.stopwatch import COMPILED, Track, count_kind
from outcry.app.bench.stream import LOT, MEAN_OFFSET_TICKS, START_TICKS, TRACE_BYTES, Stream
from outcry.protocol import layout, wire
from outcry.protocol.layout import CommandKind, EventKind, Side

COMMANDS = 60_000 if COMPILED else 6_000
SHARES = {1: 0.477, 2: 0.423, 3: 0.05, 4: 0.05}
"""Limits, cancels, amendments and takers, once the book is full."""


@pytest.fixture(scope="module")
def stream() -> Stream:
    return Stream(COMMANDS, seed=3)


@pytest.fixture(scope="module")
def report() -> Report:
    return engine.run(Options(small=True, seed=4, commands=2_000))


def test_the_stream_is_mixed_as_it_says(stream: Stream) -> None:
    kinds = [number for chunk in stream.chunks() for number in chunk.kinds.cast("q")]
    assert len(kinds) == COMMANDS
    later = Counter(kinds[2 * stream.warm :])
    for kind, share in SHARES.items():
        assert later[kind] / later.total() == pytest.approx(share, abs=0.02)
    assert set(kinds[: stream.warm]) == {1}


def test_limits_rest_at_exponential_distances_and_takers_take(stream: Stream) -> None:
    book = Track({}, False, START_TICKS, LOT)
    tables = layout.tables_of(memoryview(b""), book.memory())
    events = memoryview(bytearray(4 * layout.EVENT_ROOM_BYTES))
    distances, takers, accounts, live = [], 0, Counter[int](), []
    for chunk in stream.chunks():
        offset = 0
        for kind, piece in zip(chunk.kinds.cast("q"), wire.entry_slices(chunk.entries[: chunk.length]), strict=True):
            instrument = tables.instruments[1]
            middle = (instrument.best_bid_ticks + instrument.best_ask_ticks) / 2
            offset, written = book.run(chunk.entries, offset, offset + len(piece), events)
            fills = count_kind(events, written, EventKind.FILL)
            record = wire.entry_of(piece).record
            accounts[record.account] += 1
            live.append(tables.pools[layout.TableNumber.ORDERS_TABLE].live)
            if kind == 1:
                assert fills == 0
                distances.append(abs(record.price_ticks - middle))
            elif kind == 4:
                takers += 1
                assert fills >= 1
    settled = distances[len(distances) // 2 :]
    assert sum(settled) / len(settled) == pytest.approx(MEAN_OFFSET_TICKS, rel=0.1)
    assert takers > COMMANDS // 50
    assert sum(live[COMMANDS // 2 :]) / len(live[COMMANDS // 2 :]) == pytest.approx(0.9 * stream.warm, rel=0.15)
    assert set(accounts) <= set(range(layout.ROLES, layout.ROLES + stream.accounts))
    assert max(accounts.values()) < 40


def test_a_trace_is_noted_for_every_order_moved(stream: Stream) -> None:
    chunk = next(iter(stream.chunks()))
    words = chunk.traces[: chunk.noted * TRACE_BYTES].cast("q").tolist()
    said = Counter(word >> 30 for word in words[2::3])
    kinds = Counter(entry.head.kind for entry in wire.entries_of(chunk.entries[: chunk.length]))
    assert {kind: said[kind] for kind in kinds} == kinds
    assert said[9] > kinds[CommandKind.PLACE] // 50
    slots = [word & (1 << 30) - 1 for word in words[::3]]
    assert max(slots) <= layout.TABLE_ROWS["orders"][1]
    book = Track({}, False, START_TICKS, LOT)
    tables = layout.tables_of(memoryview(b""), book.memory())
    book.touch(chunk.entries, chunk.traces, chunk.noted, memoryview(bytearray(2 * layout.EVENT_ROOM_BYTES)))
    touched = {slot for slot in set(slots) if tables.orders[slot].leaves_quantity > 0}
    assert touched == set(slots)


def test_every_figure_of_the_engine_is_there_with_its_budget(report: Report) -> None:
    names = [row.name for row in report.rows]
    budgets = {row.name for row in report.rows if row.budget}
    for name in ("matching only", "every rule", "matching only / floor", "matching only, p99.9, one run"):
        assert name in budgets
    for part in ("replay", "dense ladder", "resting order", "position", "empty books", "taker"):
        assert any(part in name for name in names), part
    assert all((row.met is None) == (row.budget == "") for row in report.rows)
    assert all(row.figure > 0 for row in report.rows if "mean of least" not in row.name)
    by_unit = {(row.name, row.unit): row.figure for row in report.rows}
    per_second, each = by_unit["matching only", "commands/s"], by_unit["matching only", "ns/command"]
    assert per_second * each == pytest.approx(1e9, rel=0.02)


def test_all_ways_to_run_a_stream_trade_the_same() -> None:
    speeds = speed.measure(Stream(1_500, seed=6), laps=2)
    assert speeds.trades["trie"] == speeds.trades["ladder"] > 50
    assert speeds.trades["rules"] == pytest.approx(speeds.trades["trie"], rel=0.1)
    assert all(len(stamps) == 1_500 and min(stamps) > 0 for stamps in (*speeds.single.values(), *speeds.least.values()))
    for name in speed.STAMPED:
        pairs = zip(speeds.least[name], speeds.single[name], strict=True)
        assert all(least <= single for least, single in pairs)
    assert sorted(speed.by_kind(speeds, "trie", 0)) == sorted(speed.KINDS.values())


def test_percentiles_are_of_the_numbers_given() -> None:
    found = speed.percentiles(list(range(10_000, -1, -1)))
    assert found == {"p50": 5_000, "p90": 9_000, "p99": 9_900, "p99.9": 9_990, "p99.99": 9_999, "max": 10_000}


def test_both_books_find_the_next_best_over_a_gap() -> None:
    for dense in (False, True):
        book = Track({"levels": 4_096} if dense else {}, dense, 1_000, LOT)
        tables = layout.tables_of(memoryview(b""), book.memory())
        events = memoryview(bytearray(2 * layout.EVENT_ROOM_BYTES))
        orders = [(Side.SELL, 2_000), (Side.SELL, 4_000), (Side.BUY, 900), (Side.BUY, 5)]
        records = [layout.Place(side=side, quantity=LOT, price_ticks=price, account=8) for side, price in orders]
        ends = [(4_000, 900), (4_000, 5), (0, 5), (0, 0)]
        for number, record in enumerate([*records, *(layout.Cancel(order_id=at) for at in (1, 3, 2, 4))]):
            data = memoryview(bytearray(wire.encode_entry(record, sequence=1)))
            book.run(data, 0, len(data), events)
            if number >= len(records):
                instrument = tables.instruments[1]
                found = instrument.best_ask_ticks, instrument.best_bid_ticks
                assert found == ends[number - len(records)]
    assert [row.figure > 0 for row in sparse.rows(small=True)] == [True, True]


def test_memory_counts_pages_that_hold_something() -> None:
    block = memoryview(bytearray(3 * memory.PAGE_BYTES + 8))
    assert memory.pages_of(block) == 0
    block[memory.PAGE_BYTES] = 1
    block[-1] = 1
    assert memory.pages_of(block) == 2
    each = memory.bytes_per_order(1_500, named=False)
    assert each > layout.SIZES["OrderRow"]
    assert memory.bytes_per_order(1_500, named=True) > each + layout.SIZES["ClientIdRow"]


def test_a_budget_is_met_or_not() -> None:
    assert figures.at_least("a", 3.0, "x", 3).met
    assert not figures.at_least("a", 2.9, "x", 3).met
    assert figures.at_most("a", 5, "x", 5).met
    missed = figures.at_most("a", 5.1, "x", 5)
    assert not missed.met
    text = "\n".join(figures.lines(figures.report("none", 1, 2, [missed], ["why"])))
    assert "MISSED" in text
    assert "<= 5" in text
    assert "note: why" in text
