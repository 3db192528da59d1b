"""A node killed at work: what was answered is there, nothing is there twice, every replica goes on."""

import asyncio
import os
import signal
from dataclasses import replace
from pathlib import Path

from outcry.engine.engine import Engine
from outcry.journal.reading import read_frames, verify
from outcry.node.link import NoAnswer, Outcome, Overloaded
from outcry.node.recovery import JOURNAL_NAME, SNAPSHOTS_NAME, recover
from outcry.node.shell import SOCKET_NAME, ask_admin
from outcry.node.snapshots import list_snapshots
from outcry.protocol import wire
from outcry.protocol.layout import OpenAccount
from tests.node.venues import LINK, SETTINGS, kill, make_link, node_process

ROUNDS = 4
WORKERS = 8


async def storm(folder: Path, answered: list[Outcome], seconds: list[float]) -> None:
    """Open accounts from several workers while the node is killed and started again."""
    link = make_link(folder, machines=Engine, settings=replace(LINK, answer_seconds=0.5))
    stopping = False

    async def work() -> None:
        while not stopping:
            record = OpenAccount()
            wire.put_bytes(record.handle, os.urandom(16))
            try:
                answered.append(await link.execute(record, b"x" * 50))
            except (Overloaded, NoAnswer):
                await asyncio.sleep(0.01)

    loop = asyncio.get_running_loop()
    process = node_process(folder)
    await link.start()
    workers = [asyncio.create_task(work()) for _ in range(WORKERS)]
    for pause in seconds:
        before = len(answered)
        while len(answered) < before + 20:
            await asyncio.sleep(0.01)
        await asyncio.sleep(pause)
        await loop.run_in_executor(None, kill, process)
        process = node_process(folder)
        while not link.connected:
            await asyncio.sleep(0.01)
    stopping = True
    await asyncio.gather(*workers)
    await ask_admin(folder / SOCKET_NAME, {"ask": "stop"})
    assert await loop.run_in_executor(None, process.wait, 60) == 0
    await link.stop()


def test_what_was_answered_outlives_kills(tmp_path: Path) -> None:
    answered: list[Outcome] = []
    asyncio.run(storm(tmp_path, answered, [0.013 * number for number in range(ROUNDS)]))
    journal = tmp_path / JOURNAL_NAME
    found: dict[int, int] = {}
    for frame in read_frames(journal):
        for entry in wire.entries_of(frame.body):
            if entry.head.origin == 1:
                assert entry.head.origin_sequence not in found
                found[entry.head.origin_sequence] = entry.head.sequence
    assert len(answered) >= 20 * ROUNDS
    for outcome in answered:
        assert found[outcome.origin_sequence] == outcome.sequence
    checked = verify(journal)
    assert len(list_snapshots(tmp_path / SNAPSHOTS_NAME)) == 1
    from_snapshot = recover(tmp_path, Engine, 0, SETTINGS)
    from_snapshot.journal.close()
    assert (from_snapshot.snapshot_sequence, from_snapshot.notes) == (checked.last_sequence, [])
    list_snapshots(tmp_path / SNAPSHOTS_NAME)[0].unlink()
    from_all = recover(tmp_path, Engine, 0, SETTINGS)
    from_all.journal.close()
    assert isinstance(from_all.engine, Engine)
    assert isinstance(from_snapshot.engine, Engine)
    assert from_all.engine.roots() == from_snapshot.engine.roots()


def test_signals_stop_a_node_cleanly(tmp_path: Path) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            process = node_process(tmp_path)
            link = make_link(tmp_path, machines=Engine)
            await link.start()
            await link.execute(OpenAccount())
            assert await loop.run_in_executor(None, kill, process, number) == 0
            await link.stop()

    asyncio.run(main())
    assert len(list_snapshots(tmp_path / SNAPSHOTS_NAME)) == 2
