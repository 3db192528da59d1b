"""The receipts that a client keeps in a file, and what they prove against a venue that tells two stories.

First the venue that is pinned, then evidence, then the book.  A book is a file of JSON lines: the venue's key as it
was first seen, then each receipt as it came.  Every receipt is checked before it is written and again when the book is
opened.  There is one journal, so its key never signs two different frames that hold the same sequence: two such frames
are evidence that anybody can check with the public key, and nothing in them is secret.
Never throws a receipt away, least of all one that contradicts another.  Limit: everything is held in memory, about
3 KB a receipt, and one process writes a book at a time.
"""

import bisect
import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from outcry.client.receipts import (
    KEY_BYTES,
    FrameFacts,
    Receipt,
    SignedFrame,
    Unsound,
    check_frame,
    check_receipt,
    check_said,
    contradict,
)

EVIDENCE_FORMAT = "outcry evidence 1"
TWO_FRAMES = "two frames"
CUT_SHORT = "cut short"
GENESIS_BYTES_MAX = 4096
GENESIS_MAGIC = b"OOgenes\0"
GENESIS_KEY = slice(32, 64)
"""Where the public key stands in a genesis of format 4."""


class VenueKey(msgspec.Struct, frozen=True, rename="camel"):
    """What a venue says at `/outcry/v1/key`; bytes in hexadecimal digits."""

    signing_key: str
    genesis: str
    genesis_hash: str

    def check(self) -> bytes:
        """The public key's bytes, after checking that the genesis names it.  Raises `Unsound`."""
        try:
            key, genesis, said = (bytes.fromhex(one) for one in (self.signing_key, self.genesis, self.genesis_hash))
        except ValueError as problem:
            raise Unsound("the venue's key is not written in hexadecimal digits") from problem
        if len(key) != KEY_BYTES or not any(key) or len(genesis) > GENESIS_BYTES_MAX:
            raise Unsound("the venue names no signing key")
        if hashlib.sha256(genesis).digest() != said:
            raise Unsound("the hash of the venue's genesis is not that of its bytes")
        if not genesis.startswith(GENESIS_MAGIC) or genesis[GENESIS_KEY] != key:
            raise Unsound("the venue's genesis names another signing key")
        return key


class Evidence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A proof that stands alone: frames signed by one key that cannot stand in one journal.

    `about` is TWO_FRAMES (both hold `sequence`), or CUT_SHORT (the first holds it, and a journal shown as whole ends
    with the second, before it).
    """

    about: str
    sequence: int
    key: str
    frames: tuple[SignedFrame, SignedFrame]
    format: str = EVIDENCE_FORMAT


def check_evidence(evidence: Evidence, key: bytes | None = None) -> str:
    """Check a proof with the public key alone; a sentence saying what it proves.

    Without `key` the one in the evidence is taken, and the proof is one against whoever holds that.  Raises `Unsound`.
    """
    if evidence.format != EVIDENCE_FORMAT:
        raise Unsound(f"this is no evidence of the form {EVIDENCE_FORMAT!r}, but {evidence.format!r}")
    try:
        named = bytes.fromhex(evidence.key)
    except ValueError as problem:
        raise Unsound("the evidence's key is not written in hexadecimal digits") from problem
    if key not in (None, named):
        raise Unsound("the evidence is about another signing key")
    one, other = (check_frame(frame, named) for frame in evidence.frames)
    if not one.first_sequence <= evidence.sequence <= one.last_sequence:
        raise Unsound(f"the first frame does not hold sequence {evidence.sequence}")
    if evidence.about == TWO_FRAMES and one.hash != other.hash:
        if other.first_sequence <= evidence.sequence <= other.last_sequence:
            return (
                f"two different frames that both hold sequence {evidence.sequence} are signed by this key, "
                f"{one.hash.hex()} and {other.hash.hex()}; an honest journal has one"
            )
    elif evidence.about == CUT_SHORT and other.last_sequence < evidence.sequence:
        return (
            f"sequence {evidence.sequence} is signed by this key, in frame {one.hash.hex()}; a journal that ends at "
            f"sequence {other.last_sequence}, in frame {other.hash.hex()}, leaves it out and is not whole"
        )
    raise Unsound("the two frames do not contradict each other")


class ReceiptBook:
    """Receipts of one venue, kept in a file (or, without a path, in memory only).  Use `ReceiptBook.open`."""

    def __init__(self, path: Path | None = None, key: bytes = b"") -> None:
        self.path = path
        self.venue: VenueKey | None = None
        self.receipts: dict[int, list[Receipt]] = {}
        """By sequence; more than one where the venue has signed two."""
        self._key = key
        self._frames: dict[bytes, tuple[FrameFacts, SignedFrame]] = {}
        self._places: list[tuple[int, bytes]] = []
        """First sequence and hash of each frame, in order."""
        self._longest = 0

    @classmethod
    def open(cls, path: Path) -> "ReceiptBook":
        """The book in this file, or a new one.  Raises `Unsound` where a line is none of ours or does not check."""
        book = cls(path)
        data = path.read_bytes() if path.exists() else b""
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            # A crash has cut the last line off: the venue can be asked for it again, the others stand.
            os.truncate(path, whole)
        for number, line in enumerate(data[:whole].splitlines(), 1):
            try:
                if b'"signingKey"' in line:
                    book._take_venue(msgspec.json.decode(line, type=VenueKey))
                else:
                    book._take(msgspec.json.decode(line, type=Receipt))
            except msgspec.DecodeError as problem:
                raise Unsound(f"{path}, line {number}: {problem}") from problem
            except Unsound as problem:
                raise Unsound(f"{path}, line {number}: {problem}") from problem
        return book

    @property
    def key(self) -> bytes:
        """The pinned public key.  Raises `Unsound` while there is none."""
        if not self._key:
            raise Unsound("no signing key is known: ask the venue for it first, or name the one you know")
        return self._key

    @property
    def has_key(self) -> bool:
        """Whether a key is known."""
        return bool(self._key)

    def pin(self, venue: VenueKey) -> None:
        """Believe this key from now on; on every later use it must be the same.  Raises `Unsound`."""
        known = self.venue is not None
        self._take_venue(venue)
        if not known:
            self._write(venue)

    def keep(self, receipt: Receipt, **sent: object) -> list[Evidence]:
        """Check a receipt (also against fields of `Said` that were sent), keep it, and say what it proves, if anything.

        Raises `Unsound`; then it is not kept.
        """
        check_receipt(receipt, self.key)
        check_said(receipt, **sent)
        if receipt not in self.receipts.get(receipt.sequence, ()):
            self._take(receipt)
            self._write(receipt)
        facts, _ = self._frames[check_frame(receipt.frame, self.key).hash]
        return self.against(facts, receipt.frame)

    def contradictions(self) -> list[Evidence]:
        """All that the receipts in the book prove against each other, by sequence."""
        found: dict[frozenset[str], Evidence] = {}
        for facts, frame in self._frames.values():
            for evidence in self.against(facts, frame):
                found.setdefault(frozenset(one.header for one in evidence.frames), evidence)
        return sorted(found.values(), key=lambda one: one.sequence)

    def against(self, facts: FrameFacts, frame: SignedFrame) -> list[Evidence]:
        """What a checked frame, wherever it was shown, proves together with the frames of the receipts in the book."""
        found = []
        start = bisect.bisect_left(self._places, (facts.first_sequence - self._longest, b""))
        end = bisect.bisect_left(self._places, (facts.last_sequence + 1, b""))
        for _, frame_hash in self._places[start:end]:
            known, signed = self._frames[frame_hash]
            sequence = contradict(known, facts)
            if sequence:
                found.append(Evidence(TWO_FRAMES, sequence, self.key.hex(), (signed, frame)))
        return found

    def cut_short(self, receipt: Receipt, last: SignedFrame) -> Evidence:
        """The proof that a journal which ends with this frame leaves out the receipt's entry.  Raises `Unsound`."""
        evidence = Evidence(CUT_SHORT, receipt.sequence, self.key.hex(), (receipt.frame, last))
        check_evidence(evidence, self.key)
        return evidence

    def all(self) -> Iterable[Receipt]:
        """Every receipt, by sequence."""
        for sequence in sorted(self.receipts):
            yield from self.receipts[sequence]

    def _take_venue(self, venue: VenueKey) -> None:
        key = venue.check()
        if self.venue is not None and self.venue != venue:
            raise Unsound(
                "the venue shows another signing key or genesis than when the book was begun: it is another venue, or "
                "one that has thrown its journal away; use another book for it"
            )
        if self._key not in (b"", key):
            raise Unsound("the venue shows another signing key than the one you know")
        self.venue, self._key = venue, key

    def _take(self, receipt: Receipt) -> None:
        facts = check_receipt(receipt, self.key)
        self.receipts.setdefault(receipt.sequence, []).append(receipt)
        if facts.hash not in self._frames:
            self._frames[facts.hash] = facts, receipt.frame
            bisect.insort(self._places, (facts.first_sequence, facts.hash))
            self._longest = max(self._longest, facts.count)

    def _write(self, line: VenueKey | Receipt) -> None:
        """Append a line durably."""
        if self.path is None:
            return
        file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(file, msgspec.json.encode(line) + b"\n")
            os.fsync(file)
        finally:
            os.close(file)
