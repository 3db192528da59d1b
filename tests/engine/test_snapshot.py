"""Copies of an engine."""

from outcry.app import bench
from outcry.engine.engine import Engine
from outcry.protocol import layout, wire


def test_a_copy_stays_where_it_is_and_may_be_written_over() -> None:
    stream = bench.Stream(1_000, seed=4)
    engine = Engine()
    for body in stream.opening:
        engine.apply(body)
    copy, before = engine.copy(), engine.roots()
    for body in stream.batches[:1]:
        engine.apply(body)
    assert copy.roots() == before != engine.roots()
    again = engine.copy(copy)
    assert again is copy
    assert again.roots() == engine.roots()
    assert again.snapshot() == engine.snapshot()
    table, rows = layout.TableNumber.NODES_TABLE, 2 * (engine.tables.pools[layout.TableNumber.NODES_TABLE].rows - 1) + 1
    engine.apply(
        wire.encode_entry(layout.Grow(table=table, rows=rows), sequence=engine.sequence + 1, time_ns=engine.time_ns)
    )
    larger = engine.copy(copy)
    assert larger is not copy
    assert larger.tables.pools[table].rows == rows
    assert larger.roots() == engine.roots()
