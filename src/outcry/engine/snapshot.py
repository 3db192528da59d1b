"""State as bytes and back, and its root.

A snapshot is a header (magic, format, lengths, SHA-256 of the rest) and the tables compressed by zstd.  The root covers
logical rows only: per table, in the schema's order, the public and the private parts of rows 1 to the highest used.
"""

import ctypes
import hashlib
import json
import struct
from typing import Any

import zstandard

from outcry.protocol import layout
from outcry.protocol.records import FORMAT_VERSION

MAGIC = b"OUTCRYSN"
HEAD = struct.Struct("<8sIIQ32s")
WORD_BYTES = 8
ROWS_AT_ONCE = 2048
"""Few enough that they stay in the processor's cache."""


class SnapshotUnusable(ValueError):
    """The bytes are no snapshot of this format, or they are damaged."""


def pack(held: dict[str, memoryview]) -> bytes:
    """All tables as one block of bytes."""
    sizes = json.dumps({"rows": layout.ROWS_DIGEST} | {name: block.nbytes for name, block in held.items()}).encode()
    body = sizes + zstandard.compress(b"".join(held.values()), 3)
    return HEAD.pack(MAGIC, FORMAT_VERSION, len(sizes), len(body), hashlib.sha256(body).digest()) + body


def unpack(data: bytes) -> dict[str, bytearray]:
    """The tables' memory.  Raises `SnapshotUnusable` with the reason."""
    if len(data) < HEAD.size:
        raise SnapshotUnusable("it is shorter than a header")
    magic, version, sizes_bytes, body_bytes, digest = HEAD.unpack_from(data)
    if magic != MAGIC:
        raise SnapshotUnusable("it does not begin as a snapshot")
    if version != FORMAT_VERSION:
        raise SnapshotUnusable(f"its format is {version}, this software's is {FORMAT_VERSION}")
    body = memoryview(data)[HEAD.size :]
    if len(body) != body_bytes or hashlib.sha256(body).digest() != digest:
        raise SnapshotUnusable("its bytes do not have its hash")
    sizes: dict[str, Any] = json.loads(bytes(body[:sizes_bytes]))
    if sizes.pop("rows", "") != layout.ROWS_DIGEST or list(sizes) != list(layout.TABLE_ROWS):
        raise SnapshotUnusable("its tables are not this software's")
    plain = memoryview(zstandard.decompress(body[sizes_bytes:]))
    memory, offset = {}, 0
    for name, size in sizes.items():
        memory[name] = bytearray(plain[offset : offset + size])
        offset += size
    return memory


def roots(held: dict[str, memoryview]) -> tuple[bytes, bytes, bytes]:
    """Public root, private root, and the root `H(public, private)`."""
    public, private = hashlib.sha256(), hashlib.sha256()
    pools = (layout.PoolRow * (held["pools"].nbytes // ctypes.sizeof(layout.PoolRow))).from_buffer(held["pools"])
    for number, (name, (record, rows, logical)) in enumerate(layout.TABLE_ROWS.items()):
        if not logical:
            continue
        size = layout.SIZES[record]
        public_end, private_end = layout.SECTIONS[record]
        used = range(1, pools[number].high + 1) if rows > 1 else range(1)
        head = name.encode() + struct.pack("<Q", len(used))
        public.update(head)
        private.update(head)
        for start in range(used.start, used.stop, ROWS_AT_ONCE):
            words = held[name][start * size : min(start + ROWS_AT_ONCE, used.stop) * size].cast("Q")
            public.update(_columns(words, size, 0, public_end))
            private.update(_columns(words, size, public_end, private_end))
    root = hashlib.sha256(public.digest() + private.digest()).digest()
    return public.digest(), private.digest(), root


def _columns(words: memoryview, size: int, start: int, end: int) -> bytes | bytearray:
    """Bytes `start` to `end` of every row, row after row; all widths are multiples of 8.

    Column by column, because there are few columns and many rows: a twelfth of what taking the rows one by one costs.
    """
    of_row, taken = size // WORD_BYTES, (end - start) // WORD_BYTES
    if taken == of_row:
        return bytes(words)
    packed = bytearray(len(words) // of_row * taken * WORD_BYTES)
    into = memoryview(packed).cast("Q")
    for column in range(taken):
        into[column::taken] = words[start // WORD_BYTES + column :: of_row]
    return packed
