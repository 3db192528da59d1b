"""Looking ahead is about time only: no entry, however wrong, is prepared for by changing anything."""

import ctypes

import pytest

from outcry.app import bench
from outcry.engine.ahead import entry_end, look_ahead
from outcry.engine.engine import Engine
from outcry.protocol import layout, wire

STREAM = bench.Stream(400, seed=11)
LARGE = 2**62
ENTRIES: list[ctypes.LittleEndianStructure] = [
    layout.Place(account=layout.ROLES, instrument=1),
    layout.Place(account=-1, instrument=-1),
    layout.Place(account=2**31 - 1, instrument=2**31 - 1),
    layout.Cancel(account=layout.ROLES, order_id=1),
    layout.Cancel(account=layout.ROLES, order_id=-LARGE),
    layout.Amend(account=layout.ROLES + 1, order_id=LARGE),
    layout.Amend(account=0),
    layout.Tick(),
]


@pytest.fixture(scope="module")
def engine() -> Engine:
    made = Engine()
    for body in (*STREAM.opening, *STREAM.batches):
        made.apply(body)
    return made


def test_nothing_changes(engine: Engine) -> None:
    before = engine.snapshot()
    live = [order.order_id for order in engine.tables.orders[1:300] if order.order_id]
    records = [*ENTRIES, *(layout.Cancel(account=layout.ROLES, order_id=number) for number in live)]
    for record in records:
        body = memoryview(bytearray(wire.encode_entry(record)))
        memory = layout.memory_of(body)
        look_ahead(engine.tables, memory, 0, 0, 0, len(body))
    assert engine.snapshot() == before
    assert len(live) > 100


def test_an_entry_ends_where_the_wire_says(engine: Engine) -> None:
    for payload in (b"", b"1", b"12345678", b"123456789"):
        body = memoryview(bytearray(8) + wire.encode_entry(layout.Tick(), payload))
        assert entry_end(layout.memory_of(body), 8) == 8 + wire.entry_bytes(body, 8)
