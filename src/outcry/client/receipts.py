"""Receipts: what a venue signed about one command, checked by who has nothing but the venue's public key.

First what a receipt is, then its check, then what the client reads out of it, then two frames that cannot both be true.
Everything here is done again from the documented bytes (docs/api/receipts.md) with SHA-256 and Ed25519, and shares no
code with the venue.  Never trusts a field that the signature does not cover: the numbers beside the bytes are compared
with the bytes.  Known limit: format 4 only; a later layout of frames needs a later checker.
"""

import hashlib
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from outcry.client.errors import ClientError

RECEIPT_FORMAT = "outcry receipt 1"
FORMAT_VERSIONS = (4, 5, 6)
"""Formats of frames whose receipts can be checked here; before them frames were not signed."""
MAGIC = b"OOfr"
HEADER = struct.Struct("<4sIqIII32s32s32sI")
HEAD = struct.Struct("<qqqiB3xii")
SIGNED_PREFIX = b"outcry frame\0"
HASH_BYTES, SALT_BYTES, KEY_BYTES, SIGNATURE_BYTES = 32, 16, 32, 64
PATH_MAX = 32
PAYLOAD_BYTES_MAX = 1 << 20
CLIENT_ID_TEXT_BYTES = 36

KINDS: dict[int, tuple[str, int, int]] = {
    1: ("PLACE", 56, 88),
    2: ("AMEND", 0, 136),
    3: ("CANCEL", 0, 56),
    4: ("CANCEL_ALL", 0, 16),
    5: ("CANCEL_ALL_AFTER", 0, 16),
    11: ("SET_LEVERAGE", 0, 16),
    12: ("SET_ISOLATED", 0, 16),
    13: ("MOVE_MARGIN", 0, 16),
    14: ("SET_RISK_LIMIT", 0, 16),
    15: ("SET_SELF_TRADE", 0, 8),
    16: ("DISPUTE_OUTCOME", 0, 40),
    21: ("OPEN_ACCOUNT", 0, 16),
    22: ("SET_ACCOUNT_STATE", 0, 16),
    31: ("DEPOSIT", 16, 48),
    32: ("REVERSE_DEPOSIT", 8, 48),
    33: ("WITHDRAW", 16, 24),
    34: ("SETTLE_WITHDRAWAL", 8, 56),
    35: ("TRANSFER", 16, 8),
}
"""Kinds of entries that belong to an account: name, bytes of the record's public part, bytes of its private part."""
FORMER_KINDS: dict[int, dict[int, tuple[str, int, int]]] = {4: {22: ("SET_ACCOUNT_STATE", 0, 8)}}
"""By format: where it had other bytes."""


class Unsound(ClientError):
    """A receipt, a frame or a proof does not say what it claims; the message says which part."""


class Receipt(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """A receipt as it travels; bytes are lower-case hexadecimal digits."""

    format: str
    sequence: int
    time_ns: int
    kind: str
    head: str
    salt: str
    public: str
    private: str
    payload: str
    index: int
    count: int
    path: tuple[str, ...]
    header: str
    signature: str
    key: str

    @property
    def frame(self) -> "SignedFrame":
        """The frame in which the entry is."""
        return SignedFrame(self.header, self.signature)


class SignedFrame(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a venue signed of one frame; nothing in it is anybody's secret."""

    header: str
    signature: str


class ShownFrame(msgspec.Struct, frozen=True):
    """What a venue shows anybody of the frame that holds an entry."""

    header: str
    signature: str

    @property
    def frame(self) -> SignedFrame:
        """What was signed."""
        return SignedFrame(self.header, self.signature)


@dataclass(frozen=True, slots=True)
class FrameFacts:
    """What the header of a frame says."""

    first_sequence: int
    count: int
    merkle_root: bytes
    hash: bytes

    @property
    def last_sequence(self) -> int:
        """Number of its last entry."""
        return self.first_sequence + self.count - 1


class Said(NamedTuple):
    """What a command said, as far as a client can compare it with what it sent; None where the kind has no such field.

    Prices are in ticks of the instrument.
    """

    kind: str
    account: int | None
    client_id: str | None = None
    side: str | None = None
    quantity: int | None = None
    price_ticks: int | None = None
    text: str = ""


def check_receipt(receipt: Receipt, key: bytes) -> FrameFacts:
    """Check everything about a receipt against the venue's public key.  Raises `Unsound`."""
    if receipt.format != RECEIPT_FORMAT:
        raise Unsound(f"this is no receipt of the form {RECEIPT_FORMAT!r}, but {receipt.format!r}")
    if _bytes_of("key", receipt.key, KEY_BYTES) != key:
        raise Unsound("the receipt names another signing key than the venue's")
    facts = check_frame(receipt.frame, key)
    if receipt.count != facts.count or receipt.sequence != facts.first_sequence + receipt.index:
        raise Unsound("the entry's number does not fit its place in the frame")
    path = [_bytes_of("path", one, HASH_BYTES) for one in receipt.path]
    if len(path) > PATH_MAX or not _leads(leaf_of(receipt), receipt.index, facts.count, path, facts.merkle_root):
        raise Unsound("the entry is not in the frame that was signed: its Merkle path leads elsewhere")
    return facts


def check_frame(frame: SignedFrame, key: bytes) -> FrameFacts:
    """Check form and signature of a frame's header.  Raises `Unsound`."""
    header = _bytes_of("header", frame.header, HEADER.size)
    signature = _bytes_of("signature", frame.signature, SIGNATURE_BYTES)
    magic, version, first_sequence, count, _, _, _, _, merkle_root, crc = HEADER.unpack(header)
    if magic != MAGIC or zlib.crc32(header[:-4]) != crc:
        raise Unsound("the header is no frame's: its mark or checksum is wrong")
    if version not in FORMAT_VERSIONS:
        raise Unsound(
            f"the frame has format {version}; receipts are of formats {FORMAT_VERSIONS[0]} to {FORMAT_VERSIONS[-1]}"
        )
    if first_sequence < 1 or count < 1:
        raise Unsound("the header's numbers are out of bounds")
    frame_hash = hashlib.sha256(header).digest()
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, SIGNED_PREFIX + frame_hash)
    except (InvalidSignature, ValueError) as problem:
        raise Unsound("the signature is not by this key over this frame") from problem
    return FrameFacts(first_sequence, count, merkle_root, frame_hash)


def leaf_of(receipt: Receipt) -> bytes:
    """The leaf of the receipt's entry, made of its bytes.  Raises `Unsound` where they and the numbers differ."""
    head, salt = _bytes_of("head", receipt.head, HEAD.size), _bytes_of("salt", receipt.salt, SALT_BYTES)
    sequence, time_ns, _, _, kind, record_bytes, payload_bytes = HEAD.unpack(head)
    version = int.from_bytes(_bytes_of("header", receipt.header, HEADER.size)[4:8], "little")
    known = KINDS | FORMER_KINDS.get(version, {})
    name, public_bytes, private_bytes = known.get(kind, ("", 0, 0))
    if (sequence, time_ns, name) != (receipt.sequence, receipt.time_ns, receipt.kind) or not name:
        raise Unsound("sequence, time or kind beside the entry's bytes are not those in them")
    if record_bytes != public_bytes + private_bytes or not 0 <= payload_bytes <= PAYLOAD_BYTES_MAX:
        raise Unsound("the lengths in the entry's head are not those of its kind")
    public = _bytes_of("public", receipt.public, public_bytes)
    private = _bytes_of("private", receipt.private, private_bytes)
    payload = _bytes_of("payload", receipt.payload, payload_bytes)
    hidden = hashlib.sha256(salt + private).digest() + hashlib.sha256(salt + payload).digest()
    return hashlib.sha256(b"\0" + head + public + hidden).digest()


def said_in(receipt: Receipt) -> Said:
    """What the command said.  The receipt must have been checked."""
    kind, private = receipt.kind, bytes.fromhex(receipt.private)
    text = bytes.fromhex(receipt.payload).decode("utf-8", "replace")
    if kind == "OPEN_ACCOUNT":
        return Said(kind, None, text=text)
    account = int.from_bytes(private[:4], "little")
    if kind == "PLACE":
        public = bytes.fromhex(receipt.public)
        quantity, price_ticks = struct.unpack_from("<qq", public, 8)
        side = {1: "Buy", 2: "Sell"}.get(public[4])
        return Said(kind, account, _client_id(private, 8), side, quantity, price_ticks, text)
    if kind == "AMEND":
        quantity, _, price_ticks = struct.unpack_from("<qqq", private, 96)
        return Said(kind, account, _client_id(private, 16), None, quantity, price_ticks, text)
    client_id = _client_id(private, 16) if kind == "CANCEL" else None
    return Said(kind, account, client_id, text=text)


def check_said(receipt: Receipt, **sent: object) -> None:
    """Check that fields of `Said` are what was sent.  Raises `Unsound` naming the first that is not."""
    said = said_in(receipt)._asdict()
    for name, value in sent.items():
        if said[name] != value:
            raise Unsound(f"the command that was signed has {name} {said[name]!r}, but {value!r} was sent")


def contradict(one: FrameFacts, other: FrameFacts) -> int:
    """The first sequence that both frames claim while being different frames; 0 if both can be true."""
    first = max(one.first_sequence, other.first_sequence)
    overlap = first <= min(one.last_sequence, other.last_sequence)
    return first if overlap and one.hash != other.hash else 0


def _leads(leaf: bytes, index: int, count: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether the path leads from this leaf, at this place of so many, to that root."""
    if not 0 <= index < count:
        return False
    node, remaining = leaf, list(path)
    while count > 1:
        if index ^ 1 < count:
            if not remaining:
                return False
            beside = remaining.pop(0)
            pair = beside + node if index % 2 else node + beside
            node = hashlib.sha256(b"\1" + pair).digest()
        index, count = index // 2, (count + 1) // 2
    return not remaining and node == root


def _bytes_of(name: str, digits: str, length: int) -> bytes:
    """So many bytes, written in the one way there is.  Raises `Unsound`."""
    try:
        data = bytes.fromhex(digits)
    except ValueError as problem:
        raise Unsound(f"{name} is not written in hexadecimal digits") from problem
    if len(data) != length or data.hex() != digits:
        raise Unsound(f"{name} is not {length} bytes in lower-case hexadecimal digits")
    return data


def _client_id(private: bytes, offset: int) -> str | None:
    length = int.from_bytes(private[offset + CLIENT_ID_TEXT_BYTES : offset + CLIENT_ID_TEXT_BYTES + 4], "little")
    return private[offset : offset + min(length, CLIENT_ID_TEXT_BYTES)].decode("utf-8", "replace") or None
