"""Node and real engine together: what the node puts before commands is what the engine asks for."""

import asyncio
import ctypes
from pathlib import Path

from outcry.engine.engine import Engine
from outcry.engine.sums import law_sums
from outcry.journal.frames import Head
from outcry.journal.reading import read_frames
from outcry.node.core import NodeCore, Submission
from outcry.node.link import Outcome
from outcry.node.local import LocalLink
from outcry.node.recovery import JOURNAL_NAME, SNAPSHOTS_NAME, recover
from outcry.node.replica import Replica
from outcry.node.snapshots import list_snapshots
from outcry.node.writer import Writer
from outcry.protocol import layout, wire
from outcry.protocol.layout import CommandKind, Deposit, EventKind, ListCurrency, OpenAccount, TableNumber, Transfer
from tests.engine.worlds import BUY, place, xbtusd
from tests.node.venues import LINK, SETTINGS

SECOND_NS = 10**9
MINUTE_NS = 60 * SECOND_NS


class Clock:
    """Stands still until it is set."""

    def __init__(self, now_ns: int) -> None:
        self.now_ns = now_ns

    def __call__(self) -> int:
        return self.now_ns


async def run(folder: Path, clock: Clock, steps: list[tuple[int, ctypes.LittleEndianStructure]]) -> list[Outcome]:
    """Start a node, set the clock and execute for every step, stop."""
    writer = Writer(recover(folder, Engine, clock(), SETTINGS), SETTINGS, clock_ns=clock)
    writer.start()
    link = LocalLink(writer, 1, Replica(Engine()), LINK, clock_ns=clock)
    await link.start()
    outcomes = []
    for time_ns, record in steps:
        clock.now_ns = time_ns
        outcomes.append(await link.execute(record))
    assert link.replica is not None
    assert isinstance(link.replica.engine, Engine)
    await link.wait_for(writer.durable_sequence)
    await writer.stop()
    assert isinstance(writer.engine, Engine)
    assert law_sums(writer.engine.tables).adds_up
    return outcomes


def journaled(folder: Path) -> list[str]:
    return [
        CommandKind(entry.head.kind).name
        for frame in read_frames(folder / JOURNAL_NAME)
        for entry in wire.entries_of(frame.body)
    ]


def currency() -> ListCurrency:
    record = ListCurrency(scale=8)
    wire.put_text(record.symbol, "XBt")
    return record


def handle(number: int) -> OpenAccount:
    record = OpenAccount()
    wire.put_bytes(record.handle, bytes([number]) * 16)
    return record


def test_ticks_and_resumes_are_where_the_engine_wants_them(tmp_path: Path) -> None:
    start = 1_000 * MINUTE_NS + 50 * SECOND_NS
    clock = Clock(start)
    outcomes = asyncio.run(
        run(
            tmp_path,
            clock,
            [
                (start, currency()),
                (start + 4 * SECOND_NS, handle(1)),
                (start + 8 * SECOND_NS, handle(2)),
                (start + 12 * SECOND_NS, Deposit(account=8, currency=1, amount_minor=1_000)),
                (start + 16 * SECOND_NS, Transfer(account=8, to_account=9, currency=1, amount_minor=400)),
            ],
        )
    )
    assert all(event.head.kind != EventKind.REFUSED for outcome in outcomes for event in outcome.events)
    assert "RESUME" not in journaled(tmp_path)
    assert "TICK" in journaled(tmp_path)
    later = start + 3 * MINUTE_NS
    clock.now_ns = later
    outcomes = asyncio.run(run(tmp_path, clock, [(later, handle(3)), (later + 7 * SECOND_NS, handle(4))]))
    assert all(event.head.kind != EventKind.REFUSED for outcome in outcomes for event in outcome.events)
    assert journaled(tmp_path).count("RESUME") == 2

    newest = recover(tmp_path, Engine, 0, SETTINGS)
    newest.journal.close()
    for path in list_snapshots(tmp_path / SNAPSHOTS_NAME):
        path.unlink()
    whole = recover(tmp_path, Engine, 0, SETTINGS)
    whole.journal.close()
    assert isinstance(newest.engine, Engine)
    assert isinstance(whole.engine, Engine)
    assert newest.snapshot_sequence == newest.head.sequence > whole.snapshot_sequence == 0
    assert newest.engine.roots() == whole.engine.roots()
    (sums,) = law_sums(whole.engine.tables).currencies
    assert (sums.wallets_minor, sums.deposits_minor, sums.adds_up) == (1_000, 1_000, True)


def test_tables_grow_by_journaled_commands(tmp_path: Path) -> None:
    clock = Clock(MINUTE_NS)
    how_many = 3_100

    async def main() -> None:
        writer = Writer(recover(tmp_path, Engine, clock(), SETTINGS), SETTINGS, clock_ns=clock)
        writer.start()
        link = LocalLink(writer, 1, Replica(Engine()), LINK, clock_ns=clock)
        await link.start()
        records = []
        for number in range(how_many):
            record = OpenAccount()
            wire.put_bytes(record.handle, number.to_bytes(16, "little"))
            records.append(record)
        for start in range(0, how_many, 500):
            await asyncio.gather(*(link.execute(record) for record in records[start : start + 500]))
        assert link.replica is not None
        assert link.replica.engine.tables.pools[TableNumber.ACCOUNTS_TABLE].rows == 8_193
        await writer.stop()

    asyncio.run(main())
    assert journaled(tmp_path).count("GROW") == 1


def test_a_silent_crowds_orders_are_cancelled_in_bounded_parts_and_others_trade_meanwhile(tmp_path: Path) -> None:
    """More orders than one `Continue` cancels: their owner falls silent, and somebody else's command comes between."""
    world = xbtusd()
    silent, other = world.trader(1, 10**15), world.trader(2, 10**15)
    for at in range(layout.WORK_UNITS_MAX + 100):
        world.place(silent, BUY, 100, 100_000 - at % 50)
        if world.engine.wants_grow():
            ((table, rows),) = world.engine.wants_grow()
            world.send(layout.Grow(table=table, rows=rows))
    world.cancel_all_after(silent, 1)
    core = NodeCore(world.engine, Head(world.engine.sequence, bytes(32), bytes(32)), lambda length: bytes(length))
    later = world.now_ns + 2 * SECOND_NS
    entries = [
        Submission(2, wire.encode_entry(place(other, BUY, 100, 99_000 + number), origin=2, origin_sequence=number))
        for number in (1, 2, 3)
    ]
    (frame,) = core.step(entries, later).append
    kinds = [CommandKind(entry.head.kind).name for entry in wire.entries_of(frame.body)]
    assert kinds == ["TICK", "CONTINUE", "PLACE", "CONTINUE", "PLACE", "PLACE"]
    assert world.engine.tables.accounts[silent].orders == 0
    assert world.engine.tables.accounts[other].orders == 3
    assert not core.engine.work_waiting
