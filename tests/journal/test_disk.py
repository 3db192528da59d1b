"""A disk that refuses: nothing is retried as if it had succeeded, and what a start tells of is durable."""

from pathlib import Path

import pytest

from outcry.journal import files
from outcry.journal.errors import DiskFailed
from outcry.journal.reading import read_frames, verify
from outcry.journal.segments import Segments, SegmentSettings
from tests.journal.chains import GENESIS, SMALL, chain
from tests.journal.volatile import VolatileDisk


def opened(folder: Path, disk: VolatileDisk) -> Segments:
    return Segments.open(folder, GENESIS, SMALL, disk=disk)


def test_after_a_failed_sync_nothing_more_is_asked_of_the_disk(tmp_path: Path) -> None:
    disk = VolatileDisk()
    journal = opened(tmp_path, disk)
    first, second, third = chain(3)
    journal.append(first)
    journal.sync()
    journal.append(second)
    disk.refuse_syncs, asked = 1, disk.syncs
    with pytest.raises(DiskFailed, match=r"sequence 6 could not be made durable \(Input/output error\)") as caught:
        journal.sync()
    assert caught.value.sequence == 6
    for again in (journal.sync, lambda: journal.append(third), lambda: journal.mark_seen(6)):
        with pytest.raises(DiskFailed, match="sequence 6 could not be made durable"):
            again()
    assert disk.syncs == asked + 1
    journal.close()


def test_what_a_start_finds_behind_a_failed_sync_outlives_a_power_cut(tmp_path: Path) -> None:
    disk = VolatileDisk()
    journal = opened(tmp_path, disk)
    first, second = chain(2)
    journal.append(first)
    journal.sync()
    journal.append(second)
    disk.refuse_syncs = 1
    with pytest.raises(DiskFailed):
        journal.sync()
    journal.close()
    journal = opened(tmp_path, disk)
    told = journal.last_sequence
    journal.close()
    disk.cut_power()
    assert verify(tmp_path).last_sequence >= told


def test_what_a_killed_writer_had_not_synced_is_synced_before_it_is_told_of(tmp_path: Path) -> None:
    disk = VolatileDisk()
    journal = opened(tmp_path, disk)
    for frame in chain(2):
        journal.append(frame)
    journal.close()
    journal = opened(tmp_path, disk)
    assert journal.last_sequence == 6
    journal.close()
    disk.cut_power()
    assert verify(tmp_path).last_sequence == 6


def test_without_a_start_between_a_power_cut_takes_what_was_not_synced(tmp_path: Path) -> None:
    disk = VolatileDisk()
    journal = opened(tmp_path, disk)
    for frame in chain(2):
        journal.append(frame)
    journal.close()
    disk.cut_power()
    assert verify(tmp_path).last_sequence == 3


def test_a_write_that_fails_is_named_and_a_start_goes_on_before_it(tmp_path: Path) -> None:
    disk = VolatileDisk()
    journal = opened(tmp_path, disk)
    first, second = chain(2)
    journal.append(first)
    disk.refuse_writes = 1
    with pytest.raises(DiskFailed, match=r"sequence 4 could not be written .*start again") as caught:
        journal.append(second)
    assert caught.value.sequence == 4
    journal.close()
    journal = opened(tmp_path, disk)
    journal.append(second)
    journal.sync()
    journal.close()
    assert list(read_frames(tmp_path)) == [first, second]


@pytest.mark.parametrize("bytes_at_once", [1, 7, 100])
def test_short_writes_write_all(tmp_path: Path, bytes_at_once: int) -> None:
    disk = VolatileDisk()
    disk.bytes_at_once = bytes_at_once
    journal = opened(tmp_path, disk)
    frames = list(chain(3))
    for frame in frames:
        journal.append(frame)
    journal.sync()
    journal.close()
    assert list(read_frames(tmp_path)) == frames


def test_a_disk_that_takes_nothing_is_not_asked_for_ever(tmp_path: Path) -> None:
    disk = VolatileDisk()
    disk.bytes_at_once = 0
    journal = opened(tmp_path, disk)
    with pytest.raises(DiskFailed, match="takes no bytes"):
        journal.append(next(chain(1)))
    journal.close()


def test_a_spare_that_was_damaged_since_is_not_written_into(tmp_path: Path) -> None:
    frames = list(chain(30))
    settings = SegmentSettings(4096, 4096, compress=False)
    journal = Segments.open(tmp_path, GENESIS, settings)
    journal.append(frames[0])
    journal.upkeep()
    journal.close()
    spare = bytearray((tmp_path / files.SPARE_NAME).read_bytes())
    spare[-1] = 1
    (tmp_path / files.SPARE_NAME).write_bytes(spare)
    for tidied_first in (False, True):
        journal = Segments.open(tmp_path, GENESIS, settings)
        if tidied_first:
            journal.upkeep()
            assert not any((tmp_path / files.SPARE_NAME).read_bytes())
        for frame in frames[25:] if tidied_first else frames[1:25]:
            journal.append(frame)
        journal.sync()
        journal.close()
    Segments.open(tmp_path, GENESIS, settings).close()
    assert list(read_frames(tmp_path)) == frames
