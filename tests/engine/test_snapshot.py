"""The state root's definition, row by row, and copies of an engine."""

import hashlib
import struct

from outcry.app import bench
from outcry.engine import snapshot
from outcry.engine.engine import Engine
from outcry.protocol import layout, wire


def plainly(engine: Engine) -> tuple[bytes, bytes, bytes]:
    """The roots as they are defined: per table its name and how much is in use, and of each row its part."""
    public, private = hashlib.sha256(), hashlib.sha256()
    for number, (name, (record, rows, logical)) in enumerate(layout.TABLE_ROWS.items()):
        pool = engine.tables.pools[number]
        if name in ("nodes", "leaves"):
            public.update(name.encode() + struct.pack("<3q", pool.rows, 0, 0))
        if logical:
            size, (public_end, private_end) = layout.SIZES[record], layout.SECTIONS[record]
            used = range(1, pool.high + 1) if rows > 1 else range(1)
            in_use = (pool.rows, pool.high, pool.live) if rows > 1 else (1, 1, 1)
            public.update(name.encode() + struct.pack("<3q", *in_use))
            private.update(name.encode() + struct.pack("<3q", pool.free, 0, 0))
            for digest, first, last in ((public, 0, public_end), (private, public_end, private_end)):
                for slot in used:
                    digest.update(engine._machine.memory()[name][slot * size + first : slot * size + last])
    return public.digest(), private.digest(), hashlib.sha256(public.digest() + private.digest()).digest()


def test_the_root_is_what_the_rows_say_one_by_one() -> None:
    stream = bench.Stream(3_000, seed=4)
    engine = Engine()
    assert engine.roots() == plainly(engine)
    for body in (*stream.opening, *stream.batches):
        engine.apply(body)
    assert engine.tables.pools[layout.TableNumber.ACCOUNTS_TABLE].high > 300
    assert engine.roots() == plainly(engine)
    small, snapshot.ROWS_AT_ONCE = snapshot.ROWS_AT_ONCE, 7
    try:
        assert engine.roots() == plainly(engine)
    finally:
        snapshot.ROWS_AT_ONCE = small


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
