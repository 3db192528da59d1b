"""A writer whose disk or clock fails: it ends at once and publishes nothing more, or says so and goes on."""

import asyncio
import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from outcry.journal import files
from outcry.journal.disk import Disk
from outcry.journal.errors import DiskFailed
from outcry.journal.frames import Frame
from outcry.journal.reading import read_frames
from outcry.node import writer as writer_module
from outcry.node.recovery import JOURNAL_NAME, recover
from outcry.node.settings import CoreSettings, NodeSettings
from outcry.node.snapshots import Snapshot
from outcry.node.writer import Writer
from outcry.protocol import wire
from tests.journal.volatile import VolatileDisk
from tests.node.fake_engine import FakeEngine, submission
from tests.node.venues import SETTINGS

SECOND_NS = 10**9
QUICK = CoreSettings(idle_tick_ns=SECOND_NS // 50)


class Published:
    """Entries as they are published."""

    def __init__(self, writer: Writer) -> None:
        self.entries = 0
        writer.frames_listeners.append(self._take)

    def _take(self, frames: Sequence[Frame]) -> None:
        self.entries += sum(frame.header.entries for frame in frames)

    async def reach(self, entries: int) -> None:
        async with asyncio.timeout(60):
            while self.entries < entries:
                await asyncio.sleep(0.005)


def started(folder: Path, settings: NodeSettings = SETTINGS, clock: Callable[[], int] = lambda: 1_000) -> Writer:
    writer = Writer(recover(folder, FakeEngine, clock(), settings), settings, clock_ns=clock)
    writer.start()
    return writer


@pytest.mark.parametrize("which", ["refuse_writes", "refuse_syncs"])
def test_what_the_disk_did_not_take_is_not_published_and_ends_the_writer(tmp_path: Path, which: str) -> None:
    disk = VolatileDisk()

    async def main() -> None:
        writer = started(tmp_path, replace(SETTINGS, disk=disk))
        published = Published(writer)
        writer.submit(1, submission(1, 1))
        await published.reach(1)
        setattr(disk, which, 1)
        syncs = disk.syncs
        writer.submit(1, submission(1, 2))
        with pytest.raises(DiskFailed, match=r"sequence 2 could not .* \(Input/output error\)"):
            await writer.wait_finished()
        writer.submit(1, submission(1, 3))
        await asyncio.sleep(0.05)
        with pytest.raises(DiskFailed):
            await writer.stop()
        assert published.entries == 1
        assert disk.syncs == syncs + (which == "refuse_syncs")

    asyncio.run(main())


def test_files_that_cannot_be_tidied_are_told_and_nothing_stops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(path: Path, length: int, disk: Disk) -> None:
        if path.name == files.SPARE_NAME:
            raise OSError(28, os.strerror(28))
        made(path, length, disk)

    made = files.make_zeroed
    monkeypatch.setattr(files, "make_zeroed", full)

    async def main() -> None:
        writer = started(tmp_path)
        published = Published(writer)
        for number in range(1, 4):
            writer.submit(1, submission(1, number))
            await published.reach(number)
        await writer.stop()

    with caplog.at_level(logging.WARNING):
        asyncio.run(main())
    assert "could not be tidied" in caplog.text


def test_a_stop_whose_snapshot_is_not_taken_says_so_and_misses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(folder: Path, snapshot: Snapshot, kept: int, disk: Disk) -> Path:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(writer_module, "write_snapshot", full)

    async def main() -> None:
        writer = started(tmp_path)
        published = Published(writer)
        writer.submit(1, submission(1, 1))
        await published.reach(1)
        with pytest.raises(DiskFailed, match=r"no snapshot was written \(.*No space left.* takes longer"):
            await writer.stop()

    asyncio.run(main())
    recovered = recover(tmp_path, FakeEngine, 1_000, SETTINGS)
    recovered.journal.close()
    assert (recovered.head.sequence, recovered.snapshot_sequence) == (1, 0)


def test_time_never_goes_back_and_is_kept_again_as_soon_as_the_clock_is_right(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    now_ns = 1_000 * SECOND_NS
    settings = replace(SETTINGS, core=QUICK)

    def clock() -> int:
        nonlocal now_ns
        now_ns += SECOND_NS // 1000
        return now_ns

    async def main() -> None:
        nonlocal now_ns
        writer = started(tmp_path, settings, clock)
        published = Published(writer)
        writer.submit(1, submission(1, 1))
        await published.reach(1)
        now_ns -= 3_600 * SECOND_NS
        writer.submit(1, submission(1, 2))
        await published.reach(2)
        await asyncio.sleep(0.1)
        now_ns += 3_601 * SECOND_NS
        # Nobody sends anything: the writer itself looks at the clock again.
        await published.reach(3)
        now_ns += 9 * SECOND_NS
        await published.reach(5)
        await writer.stop()

    with caplog.at_level(logging.WARNING):
        asyncio.run(main())
    times = [
        entry.head.time_ns for frame in read_frames(tmp_path / JOURNAL_NAME) for entry in wire.entries_of(frame.body)
    ]
    assert times == sorted(times)
    assert times[1] == times[0]
    assert caplog.text.count("the clock went back by 3600.0 seconds") == 1
    assert caplog.text.count("the clock has caught up with") == 1
    assert caplog.text.count("9.0 seconds have passed without an entry") == 1
