"""The tables' memory: zero, written in place, and taken from the machine only where something was written."""

from pathlib import Path

from outcry.engine.blocks import zeroed
from outcry.engine.engine import Engine
from outcry.protocol import layout, wire
from outcry.protocol.layout import TableNumber

LARGE_BYTES = 256 << 20
STATM = Path("/proc/self/statm")
PAGE_BYTES = 4_096


def resident_bytes() -> int:
    """What this process has of the machine's memory; 0 where the system does not say."""
    return int(STATM.read_text().split()[1]) * PAGE_BYTES if STATM.exists() else 0


def test_what_is_not_written_takes_nothing() -> None:
    before = resident_bytes()
    block = zeroed(LARGE_BYTES)
    assert not any(block[at] for at in range(0, LARGE_BYTES, 1 << 20))
    block[LARGE_BYTES // 2] = 7
    assert resident_bytes() - before < LARGE_BYTES // 16
    assert len(block) == LARGE_BYTES
    assert block[LARGE_BYTES // 2] == 7


def test_a_grown_table_keeps_its_rows_and_takes_no_more() -> None:
    engine = Engine()
    handle = layout.OpenAccount()
    handle.handle[0] = 99
    engine.apply(wire.encode_entry(handle, sequence=1))
    kept = bytes(engine.tables.accounts[layout.ROLES])
    before = resident_bytes()
    rows = (1 << 20) + 1
    engine.apply(wire.encode_entry(layout.Grow(table=TableNumber.ACCOUNTS_TABLE, rows=rows), sequence=2))
    assert engine.tables.pools[TableNumber.ACCOUNTS_TABLE].rows == rows
    assert bytes(engine.tables.accounts[layout.ROLES]) == kept
    assert resident_bytes() - before < rows * layout.SIZES["AccountRow"] // 4
    again = engine.apply(wire.encode_entry(handle, sequence=3))
    assert engine.tables.pools[TableNumber.ACCOUNTS_TABLE].live == layout.ROLES
    assert again
