"""Entries and events as bytes, and the hashes that commit to them.

An entry is `EntryHead | record | payload padded to 8`; an event is `EventHead | record`.  What Python code reads are
copies: ctypes structures with named fields.  A leaf commits to an entry so that its public part can be shown without
the account, the client id or the payload, and the owner of the salt can show those too (DESIGN section 5).
Never interprets a field beyond the heads.
"""

import ctypes
import hashlib
import struct
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from outcry.protocol import digests
from outcry.protocol.kinds import command_shapes
from outcry.protocol.layout import (
    COMMAND_CLASSES,
    EVENT_CLASSES,
    SECTIONS,
    EntryHead,
    EventHead,
)
from outcry.protocol.records import FORMAT_VERSION

ENTRY_HEAD_BYTES = ctypes.sizeof(EntryHead)
EVENT_HEAD_BYTES = ctypes.sizeof(EventHead)
ENTRY_PUBLIC_BYTES = SECTIONS["EntryHead"][0]
ENTRY_SHAPE = struct.Struct("<qqqiB3xii16s")
"""An entry's head: sequence, time, origin's number, origin, kind, length of record and payload, salt."""
ENTRY_LENGTHS = struct.Struct("<28xB3xii")
"""Kind and lengths of record and payload, where they stand in an entry's head."""
EVENT_SHAPE = struct.Struct("<20xiB")
"""Length of the record and kind, where they stand in an event's head."""
EVENT_PUBLIC_BYTES = {kind: SECTIONS[name.__name__][0] for kind, name in EVENT_CLASSES.items()}
COMMAND_SHAPES = command_shapes(FORMAT_VERSION)
Shapes = Mapping[int, tuple[int, int, int]]
"""Bytes, public end and private end by kind of command."""
EVENT_BYTES = {kind: ctypes.sizeof(name) for kind, name in EVENT_CLASSES.items()}
COMMAND_KIND = {name: kind for kind, name in COMMAND_CLASSES.items()}
CLIENT_ID_BYTES_MAX = 36


class Entry(NamedTuple):
    """A journal entry, copied out of its frame."""

    head: EntryHead
    record: Any
    payload: bytes


class Event(NamedTuple):
    """An event, copied out of the buffer."""

    head: EventHead
    record: Any


new_tuple = tuple.__new__
"""Makes one of the named tuples above of a plain one, without a call of Python's own; every event is made so."""


class Malformed(ValueError):
    """Bytes that are no entry or no event."""


def padded(length: int) -> int:
    """The length rounded up to 8."""
    return -(-length // 8) * 8


def encode_entry(
    record: ctypes.LittleEndianStructure,
    payload: bytes = b"",
    *,
    sequence: int = 0,
    time_ns: int = 0,
    origin: int = 0,
    origin_sequence: int = 0,
    salt: bytes = bytes(16),
) -> bytes:
    """The entry's bytes; what an origin hands in has sequence, time and salt 0, and the node fills them."""
    data = bytes(record)
    length = len(payload)
    head = ENTRY_SHAPE.pack(
        sequence, time_ns, origin_sequence, origin, COMMAND_KIND[type(record)], len(data), length, salt
    )
    return b"".join((head, data, payload, bytes(-length % 8)))


def entry_bytes(body: bytes | memoryview, offset: int, shapes: Shapes = COMMAND_SHAPES) -> int:
    """Length of the entry that begins there.  Raises `Malformed` when it is not whole or of no known kind."""
    left = len(body) - offset
    if left < ENTRY_HEAD_BYTES:
        raise Malformed(f"an entry's head is cut off at byte {offset}")
    _, _, _, _, kind, record_bytes, payload_bytes, _ = ENTRY_SHAPE.unpack_from(body, offset)
    shape = shapes.get(kind)
    if shape is None or record_bytes != shape[0] or payload_bytes < 0:
        raise Malformed(f"no command of kind {kind} has {record_bytes} bytes (at byte {offset})")
    length: int = ENTRY_HEAD_BYTES + record_bytes + payload_bytes + -payload_bytes % 8
    if left < length:
        raise Malformed(f"an entry is cut off at byte {offset}")
    # No digest covers the padding, so nothing may be hidden there.
    if payload_bytes % 8 and any(body[offset + length - -payload_bytes % 8 : offset + length]):
        raise Malformed(f"an entry is padded with something at byte {offset}")
    return length


def entry_of(body: bytes | memoryview, offset: int = 0) -> Entry:
    """The entry that begins there."""
    entry_bytes(body, offset)
    head = EntryHead.from_buffer_copy(body, offset)
    start = offset + ENTRY_HEAD_BYTES
    record = COMMAND_CLASSES[head.kind].from_buffer_copy(body, start)
    start += head.record_bytes
    return Entry(head, record, bytes(body[start : start + head.payload_bytes]))


def entry_slices(body: bytes | memoryview, shapes: Shapes = COMMAND_SHAPES) -> Iterator[memoryview]:
    """The bytes of each entry of a frame's body, whose commands have these shapes."""
    view, offset = memoryview(body), 0
    while offset < len(view):
        length = entry_bytes(view, offset, shapes)
        yield view[offset : offset + length]
        offset += length


def entries_of(body: bytes | memoryview) -> Iterator[Entry]:
    """The entries of a frame's body."""
    view, offset = memoryview(body), 0
    end = len(view)
    while offset < end:
        following = offset + entry_bytes(view, offset)
        kind, record_bytes, length = ENTRY_LENGTHS.unpack_from(view, offset)
        start = offset + ENTRY_HEAD_BYTES
        record = COMMAND_CLASSES[kind].from_buffer_copy(view, start)
        start += record_bytes
        payload = bytes(view[start : start + length]) if length else b""
        yield new_tuple(Entry, (EntryHead.from_buffer_copy(view, offset), record, payload))
        offset = following


def event_slices(buffer: bytes | memoryview) -> Iterator[tuple[EventHead, memoryview]]:
    """Head and record bytes of each event."""
    view, offset = memoryview(buffer), 0
    while offset < len(view):
        head = EventHead.from_buffer_copy(view, offset)
        start = offset + EVENT_HEAD_BYTES
        offset = start + head.record_bytes
        if head.kind not in EVENT_CLASSES or offset > len(view):
            raise Malformed(f"no event of kind {head.kind} with {head.record_bytes} bytes")
        yield head, view[start:offset]


def events_of(buffer: bytes | memoryview) -> Iterator[Event]:
    """The events of a buffer."""
    view, offset = memoryview(buffer), 0
    end = len(view)
    while offset < end:
        head = EventHead.from_buffer_copy(view, offset)
        start, kind = offset + EVENT_HEAD_BYTES, head.kind
        length = head.record_bytes
        offset = start + length
        if length != EVENT_BYTES.get(kind) or offset > end:
            raise Malformed(f"no event of kind {kind} with {length} bytes")
        yield new_tuple(Event, (head, EVENT_CLASSES[kind].from_buffer_copy(view, start)))


def events_among(buffer: bytes | memoryview, kinds: frozenset[int]) -> Iterator[Event]:
    """The events of these kinds, without a look into the others.  Raises `Malformed`."""
    view, offset = memoryview(buffer), 0
    while offset < len(view):
        record_bytes, kind = EVENT_SHAPE.unpack_from(view, offset) if len(view) - offset >= EVENT_HEAD_BYTES else (0, 0)
        start = offset + EVENT_HEAD_BYTES
        if record_bytes != EVENT_BYTES.get(kind) or start + record_bytes > len(view):
            raise Malformed(f"no event of kind {kind} with {record_bytes} bytes")
        if kind in kinds:
            head = EventHead.from_buffer_copy(view, offset)
            yield Event(head, EVENT_CLASSES[kind].from_buffer_copy(view, start))
        offset = start + record_bytes


def leaf_of(entry: bytes | memoryview, shapes: Shapes = COMMAND_SHAPES) -> bytes:
    """Merkle leaf `H(public || H(salt, private) || H(salt, payload))` of one entry's bytes."""
    head = EntryHead.from_buffer_copy(entry)
    salt = bytes(entry[ENTRY_PUBLIC_BYTES:ENTRY_HEAD_BYTES])
    _, public_end, private_end = shapes[head.kind]
    start = ENTRY_HEAD_BYTES
    private = hashlib.sha256(salt + bytes(entry[start + public_end : start + private_end])).digest()
    payload = hashlib.sha256(salt + bytes(entry[start + head.record_bytes :][: head.payload_bytes])).digest()
    public = bytes(entry[:ENTRY_PUBLIC_BYTES]) + bytes(entry[start : start + public_end])
    return hashlib.sha256(b"\0" + public + private + payload).digest()


def events_digest(buffer: bytes | memoryview) -> bytes:
    """`H(public digest, private digest)` over heads and public parts, and over private parts, in order.

    Raises `Malformed`.
    """
    digest = digests.events_digest(memoryview(buffer)) if digests.READY else None
    return digest if digest is not None else events_digest_plainly(buffer)


def events_digest_plainly(buffer: bytes | memoryview) -> bytes:
    """The same, event by event."""
    public, private = hashlib.sha256(), hashlib.sha256()
    view, offset = memoryview(buffer), 0
    while offset < len(view):
        record_bytes, kind = EVENT_SHAPE.unpack_from(view, offset) if len(view) - offset >= EVENT_HEAD_BYTES else (0, 0)
        following = offset + EVENT_HEAD_BYTES + record_bytes
        if kind not in EVENT_CLASSES or record_bytes != EVENT_BYTES[kind] or following > len(view):
            raise Malformed(f"no event of kind {kind} with {record_bytes} bytes")
        shown = offset + EVENT_HEAD_BYTES + EVENT_PUBLIC_BYTES[kind]
        public.update(view[offset:shown])
        private.update(view[shown:following])
        offset = following
    return hashlib.sha256(public.digest() + private.digest()).digest()


def text_of(field: Any) -> str:
    """The text in a zero-padded byte field."""
    return bytes(field).rstrip(b"\0").decode("utf-8")


def put_text(field: Any, text: str) -> None:
    """Write text into a byte field.  Raises `ValueError` if it does not fit."""
    data = text.encode("utf-8")
    if len(data) > ctypes.sizeof(field):
        raise ValueError(f"{text!r} is longer than {ctypes.sizeof(field)} bytes")
    ctypes.memmove(field, data.ljust(ctypes.sizeof(field), b"\0"), ctypes.sizeof(field))


def client_id_of(field: Any) -> str:
    """The client id in a five-word field: 36 bytes of text, then its length."""
    if not field[4]:
        return ""
    data = bytes(field)
    return data[: int.from_bytes(data[36:], "little")].decode("utf-8")


def put_client_id(field: Any, text: str) -> None:
    """Write a client id.  Raises `ValueError` over 36 bytes of UTF-8."""
    data = text.encode("utf-8")
    if len(data) > CLIENT_ID_BYTES_MAX:
        raise ValueError(f"a client id has at most {CLIENT_ID_BYTES_MAX} bytes")
    ctypes.memmove(field, data.ljust(36, b"\0") + len(data).to_bytes(4, "little"), 40)


def put_bytes(field: Any, data: bytes) -> None:
    """Write exactly as many bytes as the field has.  Raises `ValueError` for any other length."""
    if len(data) != ctypes.sizeof(field):
        raise ValueError(f"the field has {ctypes.sizeof(field)} bytes, not {len(data)}")
    ctypes.memmove(field, data, len(data))
