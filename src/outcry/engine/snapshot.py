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
        block = held[name]
        head = name.encode() + struct.pack("<Q", len(used))
        public.update(head + b"".join(block[at * size : at * size + public_end] for at in used))
        private.update(head + b"".join(block[at * size + public_end : at * size + private_end] for at in used))
    root = hashlib.sha256(public.digest() + private.digest()).digest()
    return public.digest(), private.digest(), root
