"""An order that sweeps a deep book is one entry: nothing between its fills, nothing lost, the same after a restart.

A hundred thousand resting orders of many accounts at more than a thousand prices for the compiled engine, fifteen
hundred for both modes.  The invariants are checked in full before and after; the journal of it leads a replica, and a
node that was killed before or after the sweep, to the same root.
"""

import ctypes
from collections.abc import Sequence
from pathlib import Path

import pytest

from outcry.engine import engine
from outcry.engine.engine import EVENT_BUFFER_BYTES, Engine
from outcry.engine.invariants import breaches
from outcry.engine.machine import COMPILED
from outcry.journal.frames import Genesis, Head, build_frame
from outcry.journal.segments import Segments
from outcry.node.recovery import JOURNAL_NAME, recover
from outcry.protocol import layout, wire
from outcry.protocol.layout import RULES_VERSION, EventKind, Side, TableNumber
from tests.engine.plain import plain_engine
from tests.engine.worlds import START_NS, listing, place
from tests.laws import commands

MARK = 100_000
LOT = 100
Record = ctypes.LittleEndianStructure


class Deep:
    """A book with so many asks of so many makers at so many prices, as frames of a journal."""

    def __init__(self, own: Engine, orders: int, makers: int, prices: int) -> None:
        self.engine = own
        self.orders, self.makers, self.prices = orders, makers, prices
        self.sequence = 0
        self.bodies: list[bytes] = []
        self.apply(self.opening())
        first = layout.ROLES
        for start in range(0, orders, 5_000):
            at = range(start, min(orders, start + 5_000))
            self.apply([place(first + n % makers, Side.SELL, LOT, MARK + 1 + n % prices) for n in at])
        self.taker = first + makers

    def opening(self) -> list[Record]:
        """Tables large enough, a market, and everybody's money."""
        grown = [commands.grow(TableNumber.ORDERS_TABLE, 2**17 + 1)] if self.orders > 16_000 else []
        records: list[Record] = [*grown, commands.currency("XBt", 8), commands.index(".BXBT", 2)]
        records += [commands.constituent(1, 10**6), listing("XBTUSD", funding_rate_ppb=0, risk_limit_minor=2**52)]
        records += [commands.price(1, 1, 10 * MARK)]
        for account in range(layout.ROLES, layout.ROLES + self.makers + 1):
            records += [commands.open_account(account), commands.deposit(account, 1, 10**14, account)]
        return records

    def encode(self, records: Sequence[Record]) -> bytes:
        first = self.sequence
        self.sequence += len(records)
        return b"".join(
            wire.encode_entry(record, sequence=first + at, time_ns=START_NS) for at, record in enumerate(records, 1)
        )

    def apply(self, records: Sequence[Record]) -> bytes:
        body = self.encode(records)
        self.bodies.append(body)
        return self.engine.apply(body)

    def sweep(self, quantity: int) -> bytes:
        """The sweep, and right behind it in the same run a cancel of the first maker's orders."""
        behind = commands.cancel_all(layout.ROLES)
        return self.apply([place(self.taker, Side.BUY, quantity, MARK + self.prices + 1), behind])


def check_sweep(deep: Deep, quantity: int) -> bytes:
    """Atomic and conserved; the bytes of its events."""
    assert breaches(deep.engine.tables) == []
    own = deep.sweep(quantity)
    heads = [head for head, _ in wire.event_slices(own)]
    swept = [head for head in heads if head.sequence == deep.sequence - 1]
    # All of the sweep stands before anything of the command behind it, in one unbroken row of ordinals.
    assert [head.sequence for head in heads] == sorted(head.sequence for head in heads)
    assert [head.ordinal for head in swept] == list(range(len(swept)))
    assert sum(head.kind == EventKind.FILL for head in swept) == quantity // LOT
    tables = deep.engine.tables
    assert breaches(tables) == []
    assert tables.instruments[1].open_interest == quantity
    assert tables.instruments[1].volume == quantity
    return own


def write(folder: Path, bodies: Sequence[bytes]) -> None:
    """The bodies as the frames of a journal."""
    genesis = Genesis(RULES_VERSION, START_NS)
    journal, head, own = Segments.open(folder / JOURNAL_NAME, genesis), Head.at_genesis(genesis.hash), Engine()
    try:
        for body in bodies:
            count = sum(1 for _ in wire.entry_slices(body))
            frame = build_frame(head.sequence + 1, count, body, head.frame_hash, head.events_digest)
            journal.append(frame)
            head = Head(frame.last_sequence, frame.hash, wire.events_digest(own.apply(body)))
        journal.sync()
    finally:
        journal.close()


def restarted(folder: Path) -> Engine:
    """What a node that was killed comes to when it opens the journal."""
    recovered = recover(folder, Engine, START_NS)
    recovered.journal.close()
    assert isinstance(recovered.engine, Engine)
    return recovered.engine


def test_both_modes_sweep_alike_however_small_the_buffer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "EVENT_BUFFER_BYTES", layout.EVENT_ROOM_BYTES + 4096)
    small = Deep(Engine(), 1_500, 30, 300)
    monkeypatch.undo()
    large, plain = Deep(Engine(), 1_500, 30, 300), Deep(plain_engine(), 1_500, 30, 300)
    swept = [check_sweep(deep, 1_400 * LOT) for deep in (small, large, plain)]
    assert swept[0] == swept[1] == swept[2]
    assert len(swept[0]) > layout.EVENT_ROOM_BYTES + 4096
    assert small.engine.roots() == large.engine.roots() == plain.engine.roots()


def test_a_node_killed_before_or_after_the_sweep_comes_to_the_same_root(tmp_path: Path) -> None:
    deep = Deep(Engine(), 1_500, 30, 300)
    before = deep.engine.roots()
    data = deep.engine.snapshot()
    deep.sweep(1_400 * LOT)
    write(tmp_path / "before", deep.bodies[:-1])
    write(tmp_path / "after", deep.bodies)
    assert restarted(tmp_path / "before").roots() == before
    assert restarted(tmp_path / "after").roots() == deep.engine.roots()
    # A replica that starts from a snapshot of before applies the same frame and stands at the same root.
    again = Engine.restore(data)
    again.apply(deep.bodies[-1])
    assert again.roots() == deep.engine.roots()


@pytest.mark.slow
def test_a_hundred_thousand_orders_are_swept_in_one_entry(tmp_path: Path) -> None:
    assert COMPILED, "the sources uncompiled would need an hour"
    deep = Deep(Engine(), 100_000, 40, 1_250)
    tables = deep.engine.tables
    assert (tables.instruments[1].orders, tables.pools[TableNumber.ORDERS_TABLE].live) == (100_000, 100_000)
    data = deep.engine.snapshot()
    own = check_sweep(deep, 100_000 * LOT)
    assert len(own) > 20 * EVENT_BUFFER_BYTES
    assert tables.instruments[1].orders == 0
    write(tmp_path, deep.bodies)
    assert restarted(tmp_path).roots() == deep.engine.roots()
    again = Engine.restore(data)
    assert again.apply(deep.bodies[-1]) == own
    assert again.roots() == deep.engine.roots()
