"""A disk that is really full: a small file system of its own, where one can be mounted."""

import asyncio
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from outcry.app.drill.process import SEGMENTS
from outcry.app.drill.running import Report, running

pytestmark = pytest.mark.venue

MOUNTED_BYTES = SEGMENTS.reserve_bytes + (24 << 20)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={MOUNTED_BYTES},mode=700", "none", str(folder)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("no file system can be mounted here; tests/faults/test_table.py has a disk that says it is full")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def free(folder: Path) -> int:
    figures = os.statvfs(folder)
    return figures.f_bavail * figures.f_frsize


def eat(eater: Path) -> None:
    """Take all there is, to the last byte."""
    with eater.open("ab") as file:
        while True:
            file.write(bytes(1 << 16))
            file.flush()


async def fill(folder: Path) -> tuple[Report, str, str]:
    async with asyncio.timeout(300), running(folder, seed=9) as drill:

        def words() -> str:
            return drill.venue.words("node")

        eater = folder / "eater"
        eater.write_bytes(bytes(free(folder) - SEGMENTS.reserve_bytes))
        await drill.until(lambda: "nearly full" in words(), "a word about the full disk")
        nearly = words()
        with pytest.raises(OSError, match="No space left"):
            eat(eater)
        # The keeper cannot write now, and the gateway goes on answering.
        await asyncio.sleep(1.5)
        while not await drill.venue.answers():
            await asyncio.sleep(0.1)
        eater.unlink()
        answered = drill.load.answered
        while "there is room on the disk again" not in words() or drill.load.answered < answered + 100:
            for ended in drill.venue.found_ended():
                # What it could not write it says with the next entry, and it is started again.
                assert ended.role == "keeper"
                assert "database or disk is full" in ended.said
                await drill.start()
            await asyncio.sleep(0.02)
        after = words()
        # On a busy machine a keeper that could not write may not have got to its next entry yet; it would say so only
        # when it is told to stop.
        await drill.venue.kill("keeper")
        await drill.start()
        return await drill.settle(0), nearly, after


def test_a_full_disk_refuses_commands_and_loses_none(small_disk: Path) -> None:
    report, nearly, after = asyncio.run(fill(small_disk))
    assert report.problems == []
    assert report.passed
    assert "submissions are turned away until space is freed" in nearly
    assert "submissions are taken" in after
