"""A running writer or node for a test, in a folder of its own, and a child process that runs one."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from outcry.engine.engine import Engine
from outcry.journal.reading import read_genesis
from outcry.journal.segments import SegmentSettings
from outcry.node.keeper import KeeperSettings
from outcry.node.keeping import Keeping
from outcry.node.local import LocalLink
from outcry.node.machine import MachineClass
from outcry.node.recovery import JOURNAL_NAME, SNAPSHOTS_NAME, recover
from outcry.node.replica import Replica
from outcry.node.roots import RootBook
from outcry.node.settings import LinkSettings, NodeSettings
from outcry.node.shell import SOCKET_NAME, run_node
from outcry.node.socket_link import NodeLink
from outcry.node.writer import Writer
from outcry.protocol.layout import RULES_VERSION, Deposit
from tests.node.fake_engine import FakeEngine

SETTINGS = NodeSettings(segments=SegmentSettings(64 << 10, 64 << 10), handle_signals=False)
LINK = LinkSettings(answer_seconds=2.0, backoff_seconds=0.01, backoff_seconds_max=0.05)
AT_ONCE = KeeperSettings(snapshot_seconds=0.0)
ROOT = Path(__file__).parents[2]


@asynccontextmanager
async def running_writer(
    folder: Path, settings: NodeSettings = SETTINGS, machines: MachineClass = FakeEngine
) -> AsyncIterator[Writer]:
    writer = Writer(recover(folder, machines, 1_000, settings), settings)
    writer.start()
    try:
        yield writer
    finally:
        await writer.stop()


@asynccontextmanager
async def running_node(
    folder: Path, settings: NodeSettings = SETTINGS, machines: MachineClass = FakeEngine
) -> AsyncIterator["asyncio.Task[None]"]:
    ready = asyncio.Event()
    task = asyncio.create_task(run_node(folder, settings, machines=machines, ready=ready.set))
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait([task, waiting], return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if task.done():
        task.result()
    try:
        yield task
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait([task])


class Kept:
    """A writer with one replica that is the keeper."""

    def __init__(self, folder: Path, writer: Writer, machines: type[FakeEngine] | type[Engine] = FakeEngine) -> None:
        genesis = read_genesis(folder / JOURNAL_NAME)
        self.keeping = Keeping(folder / SNAPSHOTS_NAME, folder / JOURNAL_NAME, genesis, AT_ONCE)
        self.roots = RootBook(genesis.roots_due_every, self.keeping.hash)
        self.link = LocalLink(writer, 1, Replica(machines(), roots=self.roots), LINK)
        self.keeping.attach(self.link)

    async def deposit(self, how_many: int, payload: bytes = b"") -> None:
        for _ in range(how_many):
            await self.link.execute(Deposit(), payload)
            # The thread hashes and writes meanwhile.
            await asyncio.sleep(0.001)

    async def stop(self) -> None:
        await self.link.stop()
        self.keeping.close()


def make_link(
    folder: Path, origin: int = 1, machines: MachineClass = FakeEngine, settings: LinkSettings = LINK
) -> NodeLink:
    return NodeLink(folder / SOCKET_NAME, origin, Replica(machines(rules_version=RULES_VERSION)), settings)


def node_process(folder: Path) -> "subprocess.Popen[bytes]":
    """A node with the real engine in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.node.venues", str(folder)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
    )


def kill(process: "subprocess.Popen[bytes]", number: signal.Signals = signal.SIGKILL) -> int:
    process.send_signal(number)
    return process.wait(20)


if __name__ == "__main__":
    asyncio.run(run_node(Path(sys.argv[1]), NodeSettings(segments=SETTINGS.segments), machines=Engine))
