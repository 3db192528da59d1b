"""`outcry verify`: whatever is changed in a journal, the first wrong sequence is named, and never by a traceback."""

import json
import shutil
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from outcry.app import checking
from outcry.app.cli import app
from outcry.app.damage import Finding, finding_of
from outcry.journal import files, tails
from outcry.journal.errors import JournalError
from outcry.journal.files import list_segments
from outcry.journal.frames import (
    Frame,
    Header,
    Sign,
    build_frame,
    hung_on,
    sealed,
    unsigned,
)
from outcry.journal.reading import read_frames, read_genesis
from outcry.journal.segments import Segments, SegmentSettings
from outcry.journal.signing import Signer
from outcry.node.replica import ReplicaDiverged
from outcry.node.roots import said_roots
from outcry.protocol import wire
from outcry.protocol.layout import EntryHead
from tests.app.recorded import record

FLIP = 0x55
LENGTH = 1536
TINY = SegmentSettings(segment_bytes=LENGTH, reserve_bytes=4096, compress=False)


def outcry(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def ignore(sequence: int) -> None:
    """Nobody looks at the progress."""


def found(journal: Path) -> Finding | None:
    """What verify finds; None if it finds nothing."""
    try:
        assert checking.verify(journal, ignore).sound
    except (JournalError, ReplicaDiverged) as problem:
        return finding_of(journal, problem)
    return None


def laid(journal: Path) -> Iterator[tuple[str, int, Frame]]:
    """Every frame with the name of its file and where it begins in it."""
    segments = {segment.first_sequence: segment.path.name for segment in list_segments(journal)}
    name, offset = "", 0
    for frame in read_frames(journal):
        if frame.first_sequence in segments:
            name, offset = segments[frame.first_sequence], 0
        yield name, offset, frame
        offset += len(frame.data)


@pytest.fixture(autouse=True)
def nobody_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is waited for."""
    monkeypatch.setattr(tails, "LOOK_SECONDS", 0.0)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal of a few entries in two files."""
    folder = tmp_path_factory.mktemp("tiny") / "journal"
    record(folder, opening=10, per_frame=3, settings=TINY)
    assert len(list_segments(folder)) == 2
    return folder


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal with everything in it."""
    folder = tmp_path_factory.mktemp("whole") / "journal"
    record(folder)
    return folder


@pytest.fixture
def copied(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "journal"))


def flips(path: Path, places: range | list[int]) -> Iterator[int]:
    """Each of these bytes changed in turn; the file as it was afterwards."""
    data = path.read_bytes()
    try:
        for place in places:
            path.write_bytes(data[:place] + bytes([data[place] ^ FLIP]) + data[place + 1 :])
            yield place
    finally:
        path.write_bytes(data)


def test_every_byte_of_every_frame_counts(tiny: Path) -> None:
    assert found(tiny) is None
    for name, offset, frame in laid(tiny):
        for place in flips(tiny / name, range(offset, offset + len(frame.data))):
            finding = found(tiny)
            assert finding is not None, f"byte {place} of {name}"
            assert (finding.sequence, finding.file, finding.offset) == (frame.first_sequence, name, offset), place
            assert f"{name}, byte {offset}" in finding.problem


def test_bytes_behind_the_last_frame_count(tiny: Path) -> None:
    frames = list(laid(tiny))
    name, offset, last = frames[-1]
    end = offset + len(last.data)
    for place in flips(tiny / name, [*range(end, end + 150), *range(end + 150, LENGTH, 31), LENGTH - 1]):
        finding = found(tiny)
        assert finding is not None, f"byte {place}"
        assert finding.sequence == last.last_sequence + 1
        assert finding.file == name
    name, offset, last = [one for one in frames if one[0] != name][-1]
    for _ in flips(tiny / name, range(offset + len(last.data), LENGTH, 31)):
        finding = found(tiny)
        assert finding is not None
        assert (finding.sequence, finding.file) == (last.last_sequence + 1, name)


@pytest.mark.parametrize("second", [Signer(b"m" * 32).sign, Signer(b"o" * 32).sign, unsigned])
def test_a_frame_that_the_named_key_has_not_signed_is_named(tiny: Path, tmp_path: Path, second: Sign) -> None:
    own = Signer(b"m" * 32)
    genesis = replace(read_genesis(tiny), signing_key=own.public_key)
    journal, before = Segments.open(tmp_path / "journal", genesis), genesis.hash
    frames = list(read_frames(tiny))
    for place, frame in enumerate(frames):
        signed = hung_on(frame, before, second if place == 1 else own.sign)
        journal.append(signed)
        before = signed.hash
    journal.sync()
    journal.close()
    finding = found(tmp_path / "journal")
    if second(before) == own.sign(before):
        assert finding is None
    else:
        assert finding is not None
        assert finding.sequence == frames[1].first_sequence
        assert "has not signed it" in finding.problem


@pytest.mark.parametrize("name", [files.GENESIS_NAME, files.SEEN_NAME])
def test_every_byte_of_genesis_and_mark_counts(tiny: Path, name: str) -> None:
    for place in flips(tiny / name, range((tiny / name).stat().st_size)):
        finding = found(tiny)
        assert finding is not None, f"byte {place}"
        assert name in finding.problem


def test_every_byte_of_a_compressed_segment_counts(tiny: Path, tmp_path: Path) -> None:
    journal = Path(shutil.copytree(tiny, tmp_path / "journal"))
    files.compress(list_segments(journal)[0])
    packed = list_segments(journal)[0].path
    assert found(journal) is None
    before = packed.read_bytes()
    for place in flips(packed, range(len(before))):
        finding = found(journal)
        assert finding is not None, f"byte {place}"
        assert finding.sequence == 1
        assert packed.name in finding.problem


def test_bytes_of_a_whole_journal_count(whole: Path) -> None:
    frames = list(laid(whole))
    for name, offset, frame in frames[::7]:
        for place in flips(whole / name, range(offset + frame.first_sequence % 11, offset + len(frame.data), 131)):
            finding = found(whole)
            assert finding is not None, f"byte {place} of {name}"
            assert (finding.sequence, finding.file, finding.offset) == (frame.first_sequence, name, offset)


Change = Callable[[Frame], Frame]


def rewritten(journal: Path, frames: list[Frame]) -> None:
    """These frames in one file, whatever they are."""
    for segment in list_segments(journal):
        segment.path.unlink()
    data = b"".join(frame.data for frame in frames)
    files.segment_path(journal, 1).write_bytes(data + bytes(4096))


def remade(frame: Frame, body: bytes | None = None, **changed: bytes) -> Frame:
    """The frame with another body or header, every checksum and hash of its own made anew."""
    header = frame.header
    body = bytes(frame.body) if body is None else body
    previous_hash = changed.get("previous_hash", header.previous_hash)
    events_digest = changed.get("events_digest", header.events_digest)
    if "merkle_root" not in changed:
        return build_frame(header.first_sequence, header.entries, body, previous_hash, events_digest)
    header = Header(
        header.first_sequence,
        header.entries,
        len(body),
        zlib.crc32(body),
        previous_hash,
        events_digest,
        changed["merkle_root"],
    )
    return sealed(header, body, unsigned)


def chained(frames: list[Frame], place: int, change: Change) -> list[Frame]:
    """The chain with one frame changed and everything after it hung on that anew, as who has no key could do it."""
    out: list[Frame] = []
    for number, frame in enumerate(frames):
        changed = change(frame) if number == place else frame
        out.append(hung_on(changed, out[-1].hash) if number > place else changed)
    return out


def entry_changed(frame: Frame, place: int, **fields: int) -> bytes:
    """The frame's body with something else in the head of one entry."""
    pieces = [bytearray(piece) for piece in wire.entry_slices(frame.body)]
    head = EntryHead.from_buffer(pieces[place])
    for name, value in fields.items():
        setattr(head, name, value)
    del head
    return b"".join(pieces)


def busy(frames: list[Frame]) -> int:
    """A frame of several entries in the middle."""
    return next(place for place in range(len(frames) // 2, len(frames)) if frames[place].header.entries >= 3)


def test_one_frame_sealed_anew_breaks_the_chain(copied: Path) -> None:
    frames = list(read_frames(copied))
    place = busy(frames)
    for frame, at in (
        (remade(frames[place], previous_hash=bytes(32)), place),
        (remade(frames[place], events_digest=bytes(32)), place - 1),
        (remade(frames[place], merkle_root=bytes(32)), place),
        (remade(frames[place], entry_changed(frames[place], 1, origin=9)), place + 1),
    ):
        rewritten(copied, [*frames[:place], frame, *frames[place + 1 :]])
        finding = found(copied)
        assert finding is not None
        assert finding.sequence == frames[at].first_sequence, finding


@pytest.mark.parametrize(
    ("what", "change", "problem", "entry"),
    [
        ("time", lambda f: remade(f, entry_changed(f, 2, time_ns=5)), "time of entry {third} goes back", 2),
        ("number", lambda f: remade(f, entry_changed(f, 1, sequence=5)), "entry 5 stands where {second} should", 1),
        ("leaf", lambda f: remade(f, merkle_root=bytes(32)), "Merkle root does not fit", 0),
        ("kind", lambda f: remade(f, entry_changed(f, 1, kind=99), merkle_root=bytes(32)), "malformed", 1),
    ],
)
def test_a_whole_chain_sealed_anew_is_found_by_what_is_in_it(
    copied: Path, what: str, change: Change, problem: str, entry: int
) -> None:
    frames = list(read_frames(copied))
    place = busy(frames)
    first = frames[place].first_sequence
    rewritten(copied, chained(frames, place, change))
    finding = found(copied)
    assert finding is not None
    assert problem.format(second=first + 1, third=first + 2) in finding.problem
    assert finding.sequence == first + entry
    assert (finding.frame_first_sequence, finding.frame_last_sequence) == (first, frames[place].last_sequence)


def test_events_that_differ_are_named_with_their_frame(copied: Path) -> None:
    frames = list(read_frames(copied))
    place = busy(frames)
    rewritten(copied, chained(frames, place, lambda frame: remade(frame, events_digest=bytes(32))))
    before = frames[place - 1]
    for check in (checking.verify, checking.replay):
        with pytest.raises(ReplicaDiverged) as caught:
            check(copied, ignore)
        assert caught.value.sequence == before.first_sequence
        assert f"in the frame of sequence {before.first_sequence} to {before.last_sequence}" in str(caught.value)


def test_a_forged_root_is_named_with_its_sequence(copied: Path) -> None:
    frames = list(read_frames(copied))
    place, said = next((place, said) for place, frame in enumerate(frames) for said in said_roots(frame))
    whole = bytes(frames[place].body)
    forged = whole.replace(said[1].root, bytes(32))
    assert forged != whole
    rewritten(copied, chained(frames, place, lambda frame: remade(frame, forged)))
    finding = found(copied)
    assert finding is not None
    assert finding.sequence == said[1].at_sequence
    assert f"--false-root {finding.sequence}" in finding.problem


@pytest.mark.parametrize("what", ["removed", "twice", "swapped", "cut off", "last", "all"])
def test_frames_that_are_not_where_they_were(copied: Path, what: str) -> None:
    frames = list(read_frames(copied))
    place = len(frames) // 2
    first = frames[place].first_sequence
    changed, expected = {
        "removed": ([*frames[:place], *frames[place + 1 :]], first),
        "twice": ([*frames[: place + 1], *frames[place:]], frames[place].last_sequence + 1),
        "swapped": ([*frames[:place], frames[place + 1], frames[place], *frames[place + 2 :]], first),
        "cut off": (frames[:place], first),
        "last": (frames[:-1], frames[-1].first_sequence),
        "all": ([], 1),
    }[what]
    rewritten(copied, changed)
    finding = found(copied)
    assert finding is not None
    assert finding.sequence == expected


@pytest.mark.parametrize("number", [0, 1, -1])
def test_a_missing_file_is_named(copied: Path, number: int) -> None:
    segments = list_segments(copied)
    segments[number].path.unlink()
    finding = found(copied)
    assert finding is not None
    assert finding.sequence == segments[number].first_sequence


def test_a_crash_explains_what_a_crash_leaves(tiny: Path, tmp_path: Path) -> None:
    """Any beginning of a last frame that nobody has seen is said to be torn, and is no damage."""
    journal = Path(shutil.copytree(tiny, tmp_path / "journal"))
    (journal / files.SEEN_NAME).unlink()
    name, offset, last = list(laid(journal))[-1]
    path, data = journal / name, (journal / name).read_bytes()
    for length in range(1, len(last.data.rstrip(b"\0")) - tails.WRITTEN_BYTES_MIN, 7):
        path.write_bytes(data[: offset + length] + bytes(len(data) - offset - length))
        checked = checking.verify(journal, ignore)
        used = len(last.data[:length].rstrip(b"\0"))
        assert (checked.torn_bytes, checked.sequence) == (used, last.first_sequence - 1)
        assert checked.sound
    result = outcry("verify", str(journal))
    assert result.exit_code == 0
    assert "of a frame that was not wholly written stand at the end" in result.stdout


def test_what_is_said_and_with_which_status(copied: Path) -> None:
    frames = list(laid(copied))
    name, offset, frame = frames[len(frames) // 2]
    for _ in flips(copied / name, [offset + 200]):
        for command in ("verify", "replay"):
            result = outcry(command, str(copied))
            assert result.exit_code == 1
            assert result.exception is None or isinstance(result.exception, SystemExit)
            assert result.stderr.startswith(f"outcry: sequence {frame.first_sequence}: {name}, byte {offset}, ")
            assert "Restore the file from a backup" in result.stderr
            told = json.loads(outcry(command, str(copied), "--json").stdout)
            assert (told["sound"], told["sequence"], told["file"]) == (False, frame.first_sequence, name)
    told = json.loads(outcry("verify", str(copied), "--json").stdout)
    assert told["sound"]
    assert {row["symbol"] for row in told["markets"]} >= {"XBTUSD"}


def test_a_journal_without_its_genesis_is_named(copied: Path) -> None:
    (copied / files.GENESIS_NAME).unlink()
    result = outcry("verify", str(copied))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "genesis is missing" in result.stderr
