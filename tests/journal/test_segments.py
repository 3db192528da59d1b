"""Segments on disk: what is written is read again, what is damaged is named, what is torn is cut."""

import os
from pathlib import Path

import pytest

from outcry.journal import files
from outcry.journal.disk import SystemDisk
from outcry.journal.errors import DiskNearlyFull, JournalDamaged, SecondWriter
from outcry.journal.files import list_segments, segment_path
from outcry.journal.frames import Frame
from outcry.journal.reading import length_used, read_frames, verify
from outcry.journal.segments import Segments, SegmentSettings
from tests.journal.chains import GENESIS, SMALL, chain, write

FIRST = "00000000000000000001.segment"


def flip(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 0x55
    path.write_bytes(data)


def test_frames_come_back_over_many_segments_compressed_or_not(tmp_path: Path) -> None:
    frames = list(chain(40))
    journal = Segments.open(tmp_path, GENESIS, SegmentSettings(4096, 4096))
    for place, frame in enumerate(frames):
        journal.append(frame)
        journal.sync()
        if place == 20:
            journal.upkeep()
            assert (tmp_path / files.SPARE_NAME).stat().st_size == 4096
    assert [found.compressed for found in list_segments(tmp_path)] == [True, True, False, False, False, False]
    assert list(journal.frames()) == frames
    for frame in frames:
        assert next(journal.frames(frame.first_sequence)) == frame
        assert next(journal.frames(frame.last_sequence)) == frame
    assert list(journal.frames(31, 45)) == frames[10:15]
    assert list(journal.frames(frames[-1].last_sequence + 1)) == []
    journal.close()
    seen: list[int] = []
    found = verify(tmp_path, seen.append)
    assert (found.frames, found.entries, found.last_sequence, found.torn_bytes) == (40, 120, 120, 0)
    assert (found.head_hash, found.genesis) == (frames[-1].hash, GENESIS)
    assert seen == [frame.last_sequence for frame in frames]


def test_a_closed_journal_goes_on_where_it_stood(tmp_path: Path) -> None:
    frames = list(chain(24))
    for start in range(0, 24, 3):
        journal = Segments.open(tmp_path, GENESIS, SMALL)
        assert journal.last_sequence == start * 3
        for frame in frames[start : start + 3]:
            journal.append(frame)
        journal.sync()
        journal.upkeep()
        journal.close()
    assert list(read_frames(tmp_path)) == frames


def test_it_goes_on_when_only_compressed_segments_are_left(tmp_path: Path) -> None:
    frames = list(chain(9))
    write(tmp_path, frames[:8])
    for segment in list_segments(tmp_path):
        files.compress(segment)
    write(tmp_path, frames[8:])
    assert list(read_frames(tmp_path)) == frames


def test_an_empty_last_segment_is_taken_over(tmp_path: Path) -> None:
    frames = list(chain(3))
    write(tmp_path, frames[:2])
    files.make_zeroed(segment_path(tmp_path, 7), 4096)
    write(tmp_path, frames[2:])
    assert list(read_frames(tmp_path)) == frames
    assert [found.first_sequence for found in list_segments(tmp_path)] == [1, 7]


def test_a_frame_longer_than_a_segment_gets_one_of_its_own(tmp_path: Path) -> None:
    frames = list(chain(3, payload=bytes(9000)))
    write(tmp_path, frames)
    assert list(read_frames(tmp_path)) == frames


def test_a_frame_that_does_not_follow_is_a_mistake_of_the_caller(tmp_path: Path) -> None:
    first, second, third = chain(3)
    journal = Segments.open(tmp_path, GENESIS, SMALL)
    journal.append(first)
    with pytest.raises(ValueError, match="does not follow sequence 3"):
        journal.append(third)
    with pytest.raises(ValueError, match="does not follow sequence 3"):
        journal.append(first)
    journal.append(second)
    journal.close()


def test_a_second_writer_is_refused_until_the_first_is_gone(tmp_path: Path) -> None:
    first = Segments.open(tmp_path, GENESIS, SMALL)
    with pytest.raises(SecondWriter, match=f"process {os.getpid()}"):
        Segments.open(tmp_path, GENESIS, SMALL)
    first.close()
    Segments.open(tmp_path, GENESIS, SMALL).close()


def test_appending_stops_before_the_disk_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = chain(2, payload=bytes(800))
    journal = Segments.open(tmp_path, GENESIS, SMALL)
    journal.append(first)
    monkeypatch.setattr(SystemDisk, "free_bytes", lambda disk, folder: 4095)
    with pytest.raises(DiskNearlyFull, match="free some space"):
        journal.append(second)
    assert not journal.has_room()
    assert journal.last_sequence == 3
    monkeypatch.setattr(SystemDisk, "free_bytes", lambda disk, folder: 8192)
    assert journal.has_room()
    journal.append(second)
    journal.close()
    assert list(read_frames(tmp_path)) == [first, second]
    with pytest.raises(ValueError, match="reserve"):
        SegmentSettings(segment_bytes=2, reserve_bytes=1)


def test_what_has_its_place_already_is_written_however_full_the_disk_has_become(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = list(chain(4, payload=bytes(300)))
    journal = Segments.open(tmp_path, GENESIS, SMALL)
    journal.append(frames[0])
    journal.upkeep()
    monkeypatch.setattr(SystemDisk, "free_bytes", lambda disk, folder: 0)
    for frame in frames[1:]:
        journal.append(frame)
    journal.close()
    assert len(list_segments(tmp_path)) == 2
    assert list(read_frames(tmp_path)) == frames


def test_a_frame_torn_at_any_byte_is_cut_and_the_journal_goes_on(tmp_path: Path) -> None:
    frames = list(chain(3, entries=2))
    write(tmp_path, frames[:2])
    path, start, torn = tmp_path / FIRST, sum(len(frame.data) for frame in frames[:2]), frames[2].data
    before = path.read_bytes()
    whole = len(torn.rstrip(b"\0"))
    for length in range(len(torn)):
        path.write_bytes(before[:start] + torn[:length] + before[start + length :])
        assert list(read_frames(tmp_path)) == (frames if length >= whole else frames[:2])
        assert verify(tmp_path).torn_bytes == (0 if length >= whole else len(torn[:length].rstrip(b"\0")))
        journal = Segments.open(tmp_path, GENESIS, SMALL)
        assert journal.last_sequence == (6 if length >= whole else 4)
        journal.close()
        assert length >= whole or path.read_bytes() == before
    write(tmp_path, [] if journal.last_sequence == 6 else frames[2:])
    assert verify(tmp_path).last_sequence == 6


def test_a_torn_frame_with_missing_beginning_or_middle_is_cut(tmp_path: Path) -> None:
    frames = list(chain(2, payload=b"x" * 300))
    write(tmp_path, frames[:1])
    path, start = tmp_path / FIRST, len(frames[0].data)
    for hole in (slice(0, 128), slice(0, 64), slice(200, 400), slice(128, len(frames[1].data) - 1)):
        torn = bytearray(frames[1].data)
        torn[hole] = bytes(len(torn[hole]))
        with open(path, "r+b") as file:
            file.seek(start)
            file.write(torn)
        Segments.open(tmp_path, GENESIS, SMALL).close()
        assert not any(path.read_bytes()[start:])


def test_a_frame_is_durable_before_the_next_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Segments.open(tmp_path, GENESIS, SMALL)
    done: list[str] = []
    sync, write_at = os.fdatasync, os.pwrite

    def noted_sync(file: int) -> None:
        done.append("sync")
        sync(file)

    def noted_write(file: int, data: bytes, offset: int) -> int:
        done.append("write")
        return write_at(file, data, offset)

    monkeypatch.setattr(os, "fdatasync", noted_sync)
    monkeypatch.setattr(os, "pwrite", noted_write)
    for frame in chain(3):
        journal.append(frame)
    journal.sync()
    assert done == ["write", "sync"] * 3
    journal.close()


def test_of_frames_appended_together_a_power_cut_tears_the_last_only(tmp_path: Path) -> None:
    frames = list(chain(3))
    journal = Segments.open(tmp_path, GENESIS, SMALL)
    for frame in frames:
        journal.append(frame)
    journal.close()
    path, torn_at = tmp_path / FIRST, sum(len(frame.data) for frame in frames[:2]) + 40
    data = bytearray(path.read_bytes())
    data[torn_at : torn_at + 60] = bytes(60)
    path.write_bytes(data)
    journal = Segments.open(tmp_path, GENESIS, SMALL)
    assert journal.last_sequence == frames[1].last_sequence
    journal.close()


def test_what_cannot_be_written_whole_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        files.write_whole(tmp_path / "file", b"data")
    with pytest.raises(OSError, match="No space"):
        files.make_zeroed(tmp_path / "zeros", 100)
    assert list(tmp_path.iterdir()) == []


def test_a_torn_frame_that_was_handed_out_is_refused(tmp_path: Path) -> None:
    frames = list(chain(2))
    write(tmp_path, frames)
    flip(tmp_path / FIRST, len(frames[0].data) + 200)
    before = (tmp_path / FIRST).read_bytes()
    with pytest.raises(JournalDamaged, match=r"frame of sequence 4: .* sequence 4 has been handed out"):
        Segments.open(tmp_path, GENESIS, SMALL, seen_sequence=4)
    assert (tmp_path / FIRST).read_bytes() == before


def test_the_mark_of_what_was_handed_out_outlives_the_writer(tmp_path: Path) -> None:
    frames = list(chain(2))
    journal = Segments.open(tmp_path, GENESIS, SMALL)
    for frame in frames:
        journal.append(frame)
        journal.sync()
        journal.mark_seen(frame.last_sequence)
    journal.close()
    flip(tmp_path / FIRST, len(frames[0].data) + 200)
    with pytest.raises(JournalDamaged, match="sequence 6 has been handed out"):
        Segments.open(tmp_path, GENESIS, SMALL)
    with open(tmp_path / FIRST, "r+b") as file:
        file.seek(len(frames[0].data))
        file.write(bytes(len(frames[1].data)))
    with pytest.raises(JournalDamaged, match="sequence 6 has been handed out, but the journal ends at 3") as caught:
        Segments.open(tmp_path, GENESIS, SMALL)
    assert caught.value.sequence == 4
    (tmp_path / files.SEEN_NAME).write_bytes(b"half")
    Segments.open(tmp_path, GENESIS, SMALL).close()


@pytest.mark.parametrize("settings", [SMALL, SegmentSettings(1 << 20, 1 << 20)])
def test_a_flipped_byte_before_the_last_frame_is_named_and_refused(tmp_path: Path, settings: SegmentSettings) -> None:
    frames = list(chain(30))
    write(tmp_path, frames, settings)
    pieces = [(found, found.path.read_bytes()) for found in list_segments(tmp_path)]
    places = {frame.first_sequence: len(frame.data) for frame in frames}
    for place in (0, 70, 130, 300):
        for victim in (frames[0], frames[7], frames[28]):
            segment, data = [p for p in pieces if p[0].first_sequence <= victim.first_sequence][-1]
            before = range(segment.first_sequence, victim.first_sequence, 3)
            flip(segment.path, sum(places[first] for first in before) + place)
            with pytest.raises(JournalDamaged) as caught:
                verify(tmp_path)
            assert caught.value.sequence == victim.first_sequence
            assert f"frame of sequence {victim.first_sequence}" in str(caught.value)
            if segment is pieces[-1][0]:
                with pytest.raises(JournalDamaged, match="follow"):
                    Segments.open(tmp_path, GENESIS, settings)
            segment.path.write_bytes(data)
    assert verify(tmp_path).last_sequence == 90


def test_bytes_far_behind_the_last_frame_are_refused(tmp_path: Path) -> None:
    settings = SegmentSettings(4 << 20, 4 << 20)
    write(tmp_path, list(chain(1)), settings)
    flip(tmp_path / FIRST, (4 << 20) - 1)
    with pytest.raises(JournalDamaged, match="bytes other than zero"):
        Segments.open(tmp_path, GENESIS, settings)
    with pytest.raises(JournalDamaged, match="bytes other than zero"):
        list(read_frames(tmp_path))


def test_a_whole_frame_of_another_chain_is_refused(tmp_path: Path) -> None:
    frames = list(chain(3))
    write(tmp_path, frames[:1])
    with open(tmp_path / FIRST, "r+b") as file:
        file.seek(len(frames[0].data))
        file.write(frames[2].data)
    with pytest.raises(JournalDamaged, match="out of its chain"):
        Segments.open(tmp_path, GENESIS, SMALL)


def test_missing_files_are_named(tmp_path: Path) -> None:
    write(tmp_path, list(chain(30)))
    paths = [found.path for found in list_segments(tmp_path)]
    for path in (paths[0], paths[1], tmp_path / files.GENESIS_NAME):
        kept = path.read_bytes()
        path.unlink()
        with pytest.raises(JournalDamaged, match=r"begins at|frames are missing|genesis is missing"):
            verify(tmp_path)
        path.write_bytes(kept)
    (tmp_path / files.GENESIS_NAME).unlink()
    with pytest.raises(JournalDamaged, match="no beginning"):
        Segments.open(tmp_path, GENESIS, SMALL)


def test_a_damaged_compressed_segment_is_named(tmp_path: Path) -> None:
    write(tmp_path, list(chain(30)))
    files.compress(list_segments(tmp_path)[0])
    flip(list_segments(tmp_path)[0].path, 40)
    with pytest.raises(JournalDamaged, match="cannot be decompressed"):
        verify(tmp_path)


def test_every_flipped_bit_of_a_compressed_segments_head_is_damage_and_nothing_else(tmp_path: Path) -> None:
    write(tmp_path, list(chain(12)))
    files.compress(list_segments(tmp_path)[0])
    path = list_segments(tmp_path)[0].path
    good, refused = path.read_bytes(), 0
    for place in range(16):
        for bit in range(8):
            data = bytearray(good)
            data[place] ^= 1 << bit
            path.write_bytes(data)
            try:
                # A bit or two of the head mean nothing.
                assert verify(tmp_path).frames == 12
            except JournalDamaged:
                refused += 1
    assert refused > 120


def test_a_twin_left_by_a_crash_while_compressing_does_no_harm(tmp_path: Path) -> None:
    frames = list(chain(30))
    write(tmp_path, frames)
    first = list_segments(tmp_path)[0]
    kept = first.path.read_bytes()
    files.compress(first)
    first.path.write_bytes(kept)
    (tmp_path / "00000000000000000009.segment.tmp").write_bytes(b"half")
    journal = Segments.open(tmp_path, GENESIS, SegmentSettings(4096, 4096))
    assert list(journal.frames()) == frames
    journal.upkeep()
    assert list_segments(tmp_path)[0].compressed
    assert list(journal.frames()) == frames
    journal.close()


def test_a_reader_follows_a_writer(tmp_path: Path) -> None:
    frames = list(chain(30))
    journal = Segments.open(tmp_path, GENESIS, SMALL)
    got: list[Frame] = []
    for frame in frames:
        journal.append(frame)
        got += list(read_frames(tmp_path, len(got) * 3 + 1))
    assert got == frames
    with pytest.raises(JournalDamaged, match="should reach sequence 91"):
        list(read_frames(tmp_path, 1, 91))
    journal.close()


@pytest.mark.parametrize("length", [0, 1, 65_535, 65_536, 65_537, 200_000])
def test_how_much_is_used_before_the_zeros_at_the_end(length: int) -> None:
    for used in sorted({0, min(1, length), length // 2, max(0, length - 1), length}):
        assert length_used(bytes(used // 2) + b"\1" * (used - used // 2) + bytes(length - used)) == used
