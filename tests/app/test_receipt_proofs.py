"""What receipts prove against a venue that tells two stories: two entries of one number, an entry left out.

The false venue is a journal that is made again with the same genesis and the same signing key.
"""

import json
import zlib
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner, Result

from outcry.app.cli import app
from outcry.client import Evidence, ReceiptBook, SignedFrame, Unsound, VenueKey
from outcry.client.receipt_book import check_evidence
from outcry.client.receipts import Receipt, check_frame
from outcry.journal.frames import build_frame
from outcry.journal.reading import read_frames
from outcry.journal.segments import Segments
from outcry.journal.signing import Signer
from tests.app.signed_venue import SMALL, SignedVenue


@pytest.fixture
def venue(tmp_path: Path) -> SignedVenue:
    return SignedVenue(tmp_path / "journal")


@pytest.fixture
def receipts(venue: SignedVenue) -> list[Receipt]:
    for name in ("a", "b", "c", "d", "e", "f", "g"):
        venue.alice.order("Buy", 100, 59_000, clOrdID=name)
    return [venue.receipt(venue.alice, client_id=name) for name in ("a", "d", "g")]


@pytest.fixture
def book(venue: SignedVenue, receipts: list[Receipt], tmp_path: Path) -> Path:
    path = tmp_path / "receipts.jsonl"
    kept = venue.book(path)
    for receipt in receipts:
        assert kept.keep(receipt) == []
    return path


def outcry(*words: object) -> Result:
    return CliRunner().invoke(app, ["receipt", *map(str, words)])


def check(book: Path, journal: Path, tmp_path: Path) -> Result:
    return outcry("check", book, "--journal", journal, "--evidence", tmp_path / "evidence.json")


def test_an_honest_journal_has_every_receipt(venue: SignedVenue, book: Path, tmp_path: Path) -> None:
    told = check(book, venue.folder, tmp_path)
    assert (told.exit_code, "in order: 3 receipts" in told.output) == (0, True), told.output
    assert outcry("check", book).exit_code == 0
    assert ReceiptBook.open(book).contradictions() == []


def test_an_entry_left_out_is_proven_to_anybody(venue: SignedVenue, book: Path, tmp_path: Path) -> None:
    entries = list(venue.world.journal)
    # The order `d` never was: what came after it has moved up, so its number is another command's.
    left_out = ReceiptBook.open(book)
    sequence = sorted(left_out.receipts)[1]
    shorter = [moved(one, number) for number, one in enumerate(without(entries, sequence), 1)]
    false = venue.made_again(tmp_path / "false", shorter, 5)
    told = check(book, false, tmp_path)
    assert told.exit_code == 4, told.output
    proof = tmp_path / "evidence.json"
    assert "PROOF against the venue" in told.output
    evidence = msgspec.json.decode(proof.read_bytes(), type=Evidence)
    assert "two different frames" in check_evidence(evidence, venue.signer.public_key)
    shown = outcry("prove", proof, "--venue-key", venue.signer.public_key.hex())
    assert (shown.exit_code, shown.output.startswith("proven: two different frames")) == (0, True), shown.output
    assert outcry("prove", proof).exit_code == 0
    assert outcry("prove", proof, "--venue-key", Signer(bytes([7]) * 32).public_key.hex()).exit_code == 3
    told_privately = proof.read_text()
    for receipt in left_out.all():
        assert receipt.salt not in told_privately
        assert receipt.private not in told_privately


def test_a_journal_that_ends_too_early_is_proven_not_to_be_whole(
    venue: SignedVenue, book: Path, tmp_path: Path
) -> None:
    sequence = max(ReceiptBook.open(book).receipts)
    journal = Segments.open(tmp_path / "cut", venue.genesis, SMALL)
    for frame in read_frames(venue.folder):
        if frame.last_sequence < sequence:
            journal.append(frame)
            journal.sync()
    journal.close()
    told = check(book, tmp_path / "cut", tmp_path)
    assert (told.exit_code, f"sequence {sequence}: missing" in told.output) == (4, True), told.output
    shown = outcry("prove", tmp_path / "evidence.json")
    assert (shown.exit_code, "leaves it out" in shown.output) == (0, True), shown.output


def test_two_receipts_of_one_sequence_prove_each_other_false(
    venue: SignedVenue, receipts: list[Receipt], tmp_path: Path
) -> None:
    other = SignedVenue(tmp_path / "other")
    for name in ("x", "y", "z", "u", "v", "w"):
        other.alice.order("Sell", 200, 61_000, clOrdID=name)
    sequence = receipts[1].sequence
    second = other.receipt(other.alice, sequence=sequence)
    kept = venue.book(tmp_path / "both.jsonl")
    assert kept.keep(receipts[1]) == []
    found = kept.keep(second)
    assert [one.about for one in found] == ["two frames"]
    assert check_evidence(found[0], venue.signer.public_key)
    assert [one.sequence for one in ReceiptBook.open(tmp_path / "both.jsonl").contradictions()] == [found[0].sequence]
    assert outcry("check", tmp_path / "both.jsonl", "--evidence", tmp_path / "e.json").exit_code == 4
    # Each alone is sound, in files of their own as well.
    for name, one in (("one.json", receipts[1]), ("two.json", second)):
        (tmp_path / name).write_bytes(msgspec.json.encode(one))
        assert outcry("check", tmp_path / name).exit_code == 0
    assert outcry("check", tmp_path / "one.json", tmp_path / "two.json", "--evidence", tmp_path / "e").exit_code == 4


def test_frames_that_only_overlap_contradict_each_other(venue: SignedVenue, book: Path, tmp_path: Path) -> None:
    false = venue.made_again(tmp_path / "false", list(venue.world.journal), 4)
    assert check(book, false, tmp_path).exit_code == 4


@pytest.mark.parametrize(
    ("first", "count", "found"), [(4, 1, 1), (1, 4, 1), (1, 9, 1), (8, 2, 1), (9, 1, 0), (1, 3, 0)]
)
def test_frames_contradict_each_other_wherever_they_overlap(
    venue: SignedVenue, first: int, count: int, found: int
) -> None:
    known, other = (made(venue, *where) for where in ((4, 5), (first, count)))
    book = ReceiptBook(key=venue.signer.public_key)
    book._frames = {(facts := check_frame(known, book.key)).hash: (facts, known)}
    book._places, book._longest = [(facts.first_sequence, facts.hash)], facts.count
    proofs = book.against(check_frame(other, book.key), other)
    assert len(proofs) == found
    for one in proofs:
        assert check_evidence(one, book.key)
    assert book.against(facts, known) == []


def test_a_copy_whose_bytes_were_changed_under_their_checksum_is_found(
    venue: SignedVenue, book: Path, tmp_path: Path
) -> None:
    salt = bytes.fromhex(next(iter(ReceiptBook.open(book).all())).salt)
    segment = next(one for one in venue.folder.glob("*.segment") if salt in one.read_bytes())
    data = segment.read_bytes()
    place = data.index(salt)
    segment.write_bytes(data[:place] + same_checksum(salt) + data[place + 16 :])
    told = check(book, venue.folder, tmp_path)
    assert (told.exit_code, "Merkle root" in told.output) == (1, True), told.output


def test_a_journal_of_another_key_or_changed_bytes_is_no_proof(venue: SignedVenue, book: Path, tmp_path: Path) -> None:
    other = SignedVenue(tmp_path / "unsigned", signed=False)
    assert check(book, other.folder, tmp_path).exit_code == 3
    assert not (tmp_path / "evidence.json").exists()
    salt = bytes.fromhex(next(iter(ReceiptBook.open(book).all())).salt)
    segment = next(one for one in venue.folder.glob("*.segment") if salt in one.read_bytes())
    segment.write_bytes(segment.read_bytes().replace(salt, bytes(16), 1))
    told = check(book, venue.folder, tmp_path)
    assert (told.exit_code, (tmp_path / "evidence.json").exists()) == (1, False), told.output


def test_a_proof_that_was_tampered_with_or_proves_nothing_fails(
    venue: SignedVenue, receipts: list[Receipt], tmp_path: Path
) -> None:
    one, other = receipts[0].frame, receipts[2].frame
    key = venue.signer.public_key
    first = check_frame(one, key).first_sequence
    for about, sequence, frames in (
        ("two frames", first, (one, one)),
        ("two frames", first, (one, other)),
        ("cut short", first, (one, other)),
        ("cut short", first + 1_000, (one, other)),
        ("nonsense", first, (one, other)),
    ):
        evidence = Evidence(about, sequence, key.hex(), frames)
        with pytest.raises(Unsound):
            check_evidence(evidence)
    file = tmp_path / "evidence.json"
    file.write_bytes(msgspec.json.encode(Evidence("two frames", first, key.hex(), (one, one))))
    assert outcry("prove", file).exit_code == 3
    file.write_text("nonsense")
    assert outcry("prove", file).exit_code == 3


def test_a_book_keeps_its_venue_and_survives_a_torn_line(
    venue: SignedVenue, receipts: list[Receipt], book: Path, tmp_path: Path
) -> None:
    whole = book.read_bytes()
    book.write_bytes(whole[:-10])
    kept = ReceiptBook.open(book)
    assert len(kept.receipts) == 2
    kept.keep(receipts[2])
    assert book.read_bytes() == whole
    kept.keep(receipts[2])
    assert book.read_bytes() == whole
    row = json.loads(whole.splitlines()[0])
    stranger = Signer(bytes([7]) * 32).public_key
    with pytest.raises(Unsound, match="genesis"):
        kept.pin(msgspec.json.decode(json.dumps({**row, "signingKey": stranger.hex()}), type=VenueKey))
    changed = whole.replace(b'"index":', b'"index":1', 1)
    book.write_bytes(changed)
    with pytest.raises(Unsound, match="line 2"):
        ReceiptBook.open(book)
    assert outcry("check", book).exit_code == 3
    assert outcry("check", tmp_path / "nothing").exit_code == 1


def without(entries: list[bytes], sequence: int) -> list[bytes]:
    return [one for number, one in enumerate(entries, 1) if number != sequence]


def moved(entry: bytes, sequence: int) -> bytes:
    return sequence.to_bytes(8, "little") + entry[8:]


def made(venue: SignedVenue, first: int, count: int) -> SignedFrame:
    entries = [moved(one, first + number) for number, one in enumerate(venue.world.journal[:count])]
    frame = build_frame(first, count, b"".join(entries), bytes([first, count]) * 16, bytes(32), venue.signer.sign)
    return SignedFrame(frame.data[:128].hex(), frame.signature.hex())


def same_checksum(data: bytes) -> bytes:
    """Other bytes of the same CRC32: a sum of single flipped bits whose checksums cancel out (33 of 128 must)."""
    zero, length = zlib.crc32(bytes(len(data))), 8 * len(data)
    basis: dict[int, tuple[int, int]] = {}
    for bit in range(length):
        change = 1 << bit
        left = zlib.crc32(change.to_bytes(len(data), "little")) ^ zero
        while left and left.bit_length() in basis:
            other, flipped = basis[left.bit_length()]
            left, change = left ^ other, change ^ flipped
        if not left:
            return (int.from_bytes(data, "little") ^ change).to_bytes(len(data), "little")
        basis[left.bit_length()] = left, change
    raise AssertionError("no such bytes")
