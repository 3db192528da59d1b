"""One group commit as bytes, and the genesis that the chain of frames starts from.

A frame is a header of 128 bytes, its body, which is the entries one after the other, and a trailer of 72 bytes.
Header, little-endian:

    magic 4 | format version u32 | first sequence i64 | count u32 | body length u32 | CRC32 of the body u32
    | previous frame's hash 32 | digest of the previous frame's events 32 | Merkle root of the entries 32
    | CRC32 of all that u32

A frame's hash is SHA-256 of its header, so it covers the entries through their Merkle root and every frame before.
Trailer:

    signature over the frame's hash 64 (signing.py; zeros in a journal that names no key)
    | CRC32 of the hash and the signature u32 | its complement u32

The genesis names format, rules version, time, after how many sequences state roots are due, and the key that signs; its
hash stands in the first frame as the previous one.  Decoding checks the CRCs and the shape; the chain is checked by who
knows the frame before (`Head`), the entries by `check_entries`, the signature by who has the key.
Genesis and frames of format 3, which had no key and no trailer, are read as they are and never written.
Limit: a body is shorter than 1 MiB.
"""

import hashlib
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from outcry.journal import merkle
from outcry.journal.errors import FrameDamaged
from outcry.protocol import digests, wire
from outcry.protocol.kinds import command_shapes
from outcry.protocol.layout import EntryHead
from outcry.protocol.records import FORMAT_VERSION

MAGIC = b"OOfr"
HEADER = struct.Struct("<4sIqIII32s32s32sI")
HEADER_BYTES = HEADER.size
BODY_BYTES_MAX = 1 << 20
UNSIGNED_FORMAT = 3
"""The format before frames were signed."""
READABLE = frozenset(range(UNSIGNED_FORMAT, FORMAT_VERSION + 1))
SIGNATURE_BYTES = 64
TRAILER = struct.Struct(f"<{SIGNATURE_BYTES}sII")
FRAME_BYTES_MAX = HEADER_BYTES + BODY_BYTES_MAX + TRAILER.size
GENESIS_MAGIC = b"OOgenes\0"
KEY_BYTES = 32
NO_KEY = bytes(KEY_BYTES)
"""What a genesis names whose journal is not signed."""
GENESIS_START = struct.Struct("<8sI")
GENESIS_OF = {
    version: struct.Struct("<8sIIqqI4x" if version == UNSIGNED_FORMAT else f"<8sIIqq{KEY_BYTES}sI4x")
    for version in READABLE
}
GENESIS = GENESIS_OF[FORMAT_VERSION]
ROOT_EVERY = 65_536
"""State roots are due at the multiples of it, where a journal does not say otherwise."""
Sign = Callable[[bytes], bytes]
"""From a frame's hash to its signature."""
NO_EVENTS_DIGEST = wire.events_digest(b"")
"""What the first frame says of the events before it."""


@dataclass(frozen=True, slots=True)
class Genesis:
    """Where a chain starts."""

    rules_version: int
    time_ns: int
    root_every: int = ROOT_EVERY
    """0 in a journal that does not say it, for `ROOT_EVERY`."""
    signing_key: bytes = NO_KEY
    """The public key under which frames are signed."""
    format: int = FORMAT_VERSION

    @property
    def roots_due_every(self) -> int:
        """State roots are due at the sequences that are multiples of it."""
        return self.root_every or ROOT_EVERY

    def encode(self) -> bytes:
        """The record as it is kept."""
        shape = GENESIS_OF[self.format]
        fields: tuple[bytes | int, ...] = self.root_every, self.rules_version, self.time_ns
        if self.format != UNSIGNED_FORMAT:
            fields = *fields, self.signing_key
        return shape.pack(
            GENESIS_MAGIC,
            self.format,
            *fields,
            zlib.crc32(shape.pack(GENESIS_MAGIC, self.format, *fields, 0)),
        )

    @classmethod
    def decode(cls, data: bytes) -> "Genesis":
        """Read a record.  Raises `FrameDamaged` if it is none, or of a format that is not read here."""
        if len(data) not in {shape.size for shape in GENESIS_OF.values()}:
            raise FrameDamaged(f"a genesis has {GENESIS.size} bytes, not {len(data)}")
        magic, version = GENESIS_START.unpack_from(data)
        if magic != GENESIS_MAGIC:
            raise FrameDamaged("this is no genesis record")
        if version not in READABLE:
            raise FrameDamaged(f"the journal has format {version}, this program reads format {FORMAT_VERSION}")
        shape = GENESIS_OF[version]
        if len(data) != shape.size:
            raise FrameDamaged(f"a genesis has {shape.size} bytes, not {len(data)}")
        _, _, root_every, rules_version, time_ns, *rest = shape.unpack(data)
        genesis = cls(rules_version, time_ns, root_every, rest[0] if len(rest) > 1 else NO_KEY, version)
        if genesis.encode() != data:
            raise FrameDamaged("the genesis record fails its checksum")
        return genesis

    @property
    def hash(self) -> bytes:
        """What the first frame carries as the previous hash."""
        return hashlib.sha256(self.encode()).digest()


class Head(NamedTuple):
    """Where a chain stands: its last sequence, the hash of that frame, the digest of that frame's events."""

    sequence: int
    frame_hash: bytes
    events_digest: bytes

    @classmethod
    def at_genesis(cls, genesis_hash: bytes) -> "Head":
        """Before the first frame."""
        return cls(0, genesis_hash, NO_EVENTS_DIGEST)


class Header(NamedTuple):
    """The fixed part of a frame, without magic and its own CRC."""

    first_sequence: int
    entries: int
    body_bytes: int
    body_crc: int
    previous_hash: bytes
    events_digest: bytes
    merkle_root: bytes
    format: int = FORMAT_VERSION

    @property
    def trailer_bytes(self) -> int:
        """Length of what follows the body."""
        return 0 if self.format == UNSIGNED_FORMAT else TRAILER.size

    @property
    def frame_bytes(self) -> int:
        """Length of the whole frame."""
        return HEADER_BYTES + self.body_bytes + self.trailer_bytes


@dataclass(frozen=True, slots=True)
class Frame:
    """A whole frame: its header's fields, its hash and its bytes."""

    header: Header
    hash: bytes
    data: bytes = field(repr=False)

    @property
    def first_sequence(self) -> int:
        """Number of its first entry."""
        return self.header.first_sequence

    @property
    def last_sequence(self) -> int:
        """Number of its last entry."""
        return self.header.first_sequence + self.header.entries - 1

    @property
    def body(self) -> memoryview:
        """The entries' bytes."""
        return memoryview(self.data)[HEADER_BYTES : HEADER_BYTES + self.header.body_bytes]

    @property
    def signature(self) -> bytes:
        """Over its hash; zeros in a journal that is not signed."""
        end = HEADER_BYTES + self.header.body_bytes
        return self.data[end : end + SIGNATURE_BYTES] if self.header.trailer_bytes else bytes(SIGNATURE_BYTES)


def unsigned(frame_hash: bytes) -> bytes:
    """The `Sign` of a journal that names no key."""
    return bytes(SIGNATURE_BYTES)


def encode_header(header: Header) -> bytes:
    """The header's 128 bytes."""
    packed = HEADER.pack(MAGIC, header.format, *header[:-1], 0)[:-4]
    return packed + zlib.crc32(packed).to_bytes(4, "little")


def decode_header(data: bytes | memoryview, offset: int = 0) -> Header:
    """The header that stands there.  Raises `FrameDamaged`."""
    if len(data) - offset < HEADER_BYTES:
        raise FrameDamaged("the header is cut off")
    magic, version, *fields, crc = HEADER.unpack_from(data, offset)
    if magic != MAGIC:
        raise FrameDamaged("no frame begins here")
    if zlib.crc32(memoryview(data)[offset : offset + HEADER_BYTES - 4]) != crc:
        raise FrameDamaged("the header fails its checksum")
    if version not in READABLE:
        raise FrameDamaged(f"the frame has format {version}, this program reads format {FORMAT_VERSION}")
    header = Header._make((*fields, version))
    if header.first_sequence < 1 or header.entries < 1 or not 0 < header.body_bytes <= BODY_BYTES_MAX:
        raise FrameDamaged("the header's numbers are out of bounds")
    return header


def build_frame(
    first_sequence: int, count: int, body: bytes, previous_hash: bytes, events_digest: bytes, sign: Sign = unsigned
) -> Frame:
    """A frame around these entries.  Raises `ValueError` for an empty or oversized body."""
    if not 0 < len(body) <= BODY_BYTES_MAX:
        raise ValueError(f"a frame's body has 1 to {BODY_BYTES_MAX} bytes, not {len(body)}")
    made = digests.frame_root(memoryview(body), first_sequence, count, 0) if digests.READY else None
    root = made[0] if made is not None else _root_of(body, count)
    header = Header(first_sequence, count, len(body), zlib.crc32(body), previous_hash, events_digest, root)
    return sealed(header, body, sign)


def sealed(header: Header, body: bytes | memoryview, sign: Sign) -> Frame:
    """The frame of a header and a body, signed."""
    packed = encode_header(header)
    frame_hash = hashlib.sha256(packed).digest()
    trailer = encode_trailer(frame_hash, sign(frame_hash)) if header.trailer_bytes else b""
    return Frame(decode_header(packed), frame_hash, b"".join((packed, body, trailer)))


def encode_trailer(frame_hash: bytes, signature: bytes) -> bytes:
    """What follows the body."""
    crc = zlib.crc32(signature, zlib.crc32(frame_hash))
    return TRAILER.pack(signature, crc, crc ^ 0xFFFFFFFF)


def cut_frame(frame: Frame, last_sequence: int, sign: Sign = unsigned) -> Frame:
    """The frame with its entries up to that one only; the frame itself if that is its last one.

    Raises `ValueError` for an entry that it does not hold.
    """
    if last_sequence == frame.last_sequence:
        return frame
    if not frame.first_sequence <= last_sequence < frame.last_sequence:
        raise ValueError(f"the frame of sequence {frame.first_sequence} does not hold {last_sequence}")
    count, offset = last_sequence - frame.first_sequence + 1, 0
    for _ in range(count):
        offset += wire.entry_bytes(frame.body, offset)
    body, header = bytes(frame.body[:offset]), frame.header
    return build_frame(frame.first_sequence, count, body, header.previous_hash, header.events_digest, sign)


def hung_on(frame: Frame, previous_hash: bytes, sign: Sign = unsigned) -> Frame:
    """The same entries behind another frame: only the previous hash is another one, and with it the frame's own."""
    header = frame.header._replace(previous_hash=previous_hash, format=FORMAT_VERSION)
    return sealed(header, frame.body, sign)


def _root_of(body: bytes, count: int) -> bytes:
    """The Merkle root, entry by entry."""
    leaves = [wire.leaf_of(entry) for entry in wire.entry_slices(body)]
    if len(leaves) != count:
        raise ValueError(f"the body holds {len(leaves)} entries, not {count}")
    return merkle.root(leaves)


def frame_at(data: bytes | memoryview, offset: int = 0) -> Frame:
    """The whole frame that begins there.  Raises `FrameDamaged`."""
    header = decode_header(data, offset)
    end = offset + header.frame_bytes
    if len(data) < end:
        raise FrameDamaged("the body is cut off")
    whole = bytes(memoryview(data)[offset:end])
    frame = Frame(header, hashlib.sha256(whole[:HEADER_BYTES]).digest(), whole)
    if zlib.crc32(frame.body) != header.body_crc:
        raise FrameDamaged("the body fails its checksum")
    if header.trailer_bytes and not whole.endswith(encode_trailer(frame.hash, frame.signature)):
        raise FrameDamaged("the signature fails its checksum")
    return frame


def decode_frame(data: bytes) -> Frame:
    """The frame that these bytes are, no more and no less.  Raises `FrameDamaged`."""
    frame = frame_at(data)
    if len(frame.data) != len(data):
        raise FrameDamaged(f"{len(data) - len(frame.data)} bytes follow the frame")
    return frame


def check_entries(frame: Frame, time_ns: int = 0) -> int:
    """Check count, numbers, times (none before `time_ns`) and Merkle root of a frame's entries; returns the last time.

    Raises `FrameDamaged` naming the entry.
    """
    if digests.READY:
        made = digests.frame_root(frame.body, frame.first_sequence, frame.header.entries, time_ns)
        if made is not None and made[0] == frame.header.merkle_root:
            return made[1]
    return check_entries_plainly(frame, time_ns)


def check_entries_plainly(frame: Frame, time_ns: int = 0) -> int:
    """The same entry by entry, to say which one is wrong."""
    leaves, expected, shapes = [], frame.first_sequence, command_shapes(frame.header.format)
    try:
        for piece in wire.entry_slices(frame.body, shapes):
            head = EntryHead.from_buffer_copy(piece)
            if head.sequence != expected:
                raise FrameDamaged(f"entry {head.sequence} stands where {expected} should", expected)
            if head.time_ns < time_ns:
                raise FrameDamaged(f"the time of entry {expected} goes back", expected)
            leaves.append(wire.leaf_of(piece, shapes))
            expected, time_ns = expected + 1, head.time_ns
    except wire.Malformed as problem:
        raise FrameDamaged(f"entry {expected} is malformed: {problem}", expected) from problem
    if len(leaves) != frame.header.entries:
        raise FrameDamaged(f"the frame holds {len(leaves)} entries and says {frame.header.entries}")
    if merkle.root(leaves) != frame.header.merkle_root:
        raise FrameDamaged("the Merkle root does not fit the entries")
    return time_ns
