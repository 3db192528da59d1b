"""Pruning: what goes, what everybody who reads the journal is told, and a crash half-way."""

from pathlib import Path

import pytest

from outcry.journal.errors import JournalDamaged, JournalPruned, SecondWriter
from outcry.journal.files import PRUNED_NAME, Beginning, list_all_segments, list_segments, write_beginning
from outcry.journal.frames import Frame
from outcry.journal.pruning import prunable, prune
from outcry.journal.reading import beginning_of, read_frames, verify
from outcry.journal.segments import Segments
from tests.journal.chains import GENESIS, SMALL, chain, write


@pytest.fixture
def frames() -> list[Frame]:
    return list(chain(60))


@pytest.fixture
def folder(tmp_path: Path, frames: list[Frame]) -> Path:
    write(tmp_path / "journal", frames)
    assert len(list_segments(tmp_path / "journal")) >= 5
    return tmp_path / "journal"


def firsts(folder: Path) -> list[int]:
    return [segment.first_sequence for segment in list_segments(folder)]


def test_only_whole_segments_before_the_sequence_go_and_never_the_newest(folder: Path) -> None:
    before = firsts(folder)
    assert prunable(folder, 1).segments == []
    assert prunable(folder, before[1] - 1).segments == []
    assert [segment.first_sequence for segment in prunable(folder, before[1]).segments] == before[:1]
    assert prunable(folder, before[3]).length == sum(
        segment.path.stat().st_size for segment in list_segments(folder)[:3]
    )
    assert firsts(folder) == before
    prune(folder, 10**9)
    assert firsts(folder) == before[-1:]
    assert len(list_all_segments(folder)) == 1


def test_a_pruned_journal_says_where_it_begins_and_refuses_what_is_gone(folder: Path, frames: list[Frame]) -> None:
    begins = firsts(folder)[2]
    whole = verify(folder)
    assert prune(folder, begins + 1).first_sequence == begins
    with pytest.raises(JournalPruned, match=f"pruned and begins at sequence {begins}"):
        list(read_frames(folder))
    with pytest.raises(JournalPruned):
        list(read_frames(folder, begins - 1))
    kept = [frame for frame in frames if frame.first_sequence >= begins]
    assert list(read_frames(folder, begins)) == kept
    checked = verify(folder)
    assert (checked.first_sequence, checked.entries) == (begins, whole.last_sequence - begins + 1)
    assert (checked.last_sequence, checked.head_hash) == (whole.last_sequence, whole.head_hash)


def test_a_pruned_journal_is_written_on_and_pruned_again(folder: Path) -> None:
    frames = list(chain(70))
    prune(folder, firsts(folder)[2])
    journal = Segments.open(folder, GENESIS, SMALL)
    assert journal.last_sequence == frames[59].last_sequence
    for frame in frames[60:]:
        journal.append(frame)
    journal.sync()
    journal.close()
    later = firsts(folder)[1]
    prune(folder, later)
    assert firsts(folder)[0] == later == beginning_of(folder).first_sequence
    assert verify(folder).head_hash == frames[-1].hash


def test_the_first_frame_that_stays_must_hang_on_what_was_before(folder: Path) -> None:
    begins = firsts(folder)[2]
    prune(folder, begins)
    write_beginning(folder, Beginning(begins, b"x" * 32))
    with pytest.raises(JournalDamaged):
        list(read_frames(folder, begins))


def test_a_crash_half_way_leaves_a_pruned_journal_and_files_for_the_next_pruning(folder: Path) -> None:
    begins, all_of_them = firsts(folder)[2], list_all_segments(folder)
    walked = [frame for frame in read_frames(folder) if frame.first_sequence < begins]
    write_beginning(folder, Beginning(begins, walked[-1].hash))
    assert firsts(folder)[0] == begins
    assert verify(folder).first_sequence == begins
    assert prune(folder, 1).segments == all_of_them[:2]
    assert list_all_segments(folder) == all_of_them[2:]


def test_what_goes_is_in_the_archive_and_can_be_put_back(folder: Path, tmp_path: Path) -> None:
    whole = verify(folder)
    gone = prune(folder, firsts(folder)[3], tmp_path / "archive").segments
    assert len(gone) == 3
    for segment in gone:
        (tmp_path / "archive" / segment.path.name).rename(segment.path)
    (folder / PRUNED_NAME).unlink()
    assert verify(folder) == whole


def test_a_missing_segment_is_damage_and_not_pruning(folder: Path) -> None:
    begins = firsts(folder)[2]
    list_segments(folder)[0].path.unlink()
    with pytest.raises(JournalDamaged, match="not at 1"):
        list(read_frames(folder))
    with pytest.raises(JournalDamaged):
        Segments.open(folder, GENESIS, SMALL)
    (folder / PRUNED_NAME).write_bytes(b"half")
    with pytest.raises(JournalDamaged, match="it is not known where the journal begins"):
        list(read_frames(folder, begins))


def test_pruning_needs_the_writers_lock(folder: Path) -> None:
    journal = Segments.open(folder, GENESIS, SMALL)
    with pytest.raises(SecondWriter):
        prune(folder, 10**9)
    journal.close()
    assert not (folder / PRUNED_NAME).exists()
