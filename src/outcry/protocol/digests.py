"""A door: the hashes of frames, events and state rows, many at a time.

`frame_root` walks a frame's entries and makes their Merkle root, `events_digest` hashes a buffer of events,
`whole_entries` only walks, `gather` and `scatter` copy parts of rows.  What the first two make is defined by `wire` and
`journal.merkle`, which make the same one by one: for anything that is not in order these answer None, and the caller
goes through it again there to say what is wrong.  Compiled it needs OpenSSL's functions (`openssl`); `READY` says
whether it has them.
"""

import cython

from outcry.protocol import layout as shapes
from outcry.protocol import openssl
from outcry.protocol.kinds import COMMAND_SHAPES, EVENT_SHAPES

if not cython.compiled:
    from outcry.protocol.layout import (
        Memory,
        Sha,
        copy_bytes,
        entry_at,
        event_at,
        flag,
        i64,
        memory_of,
        number_at,
        sha_add,
        sha_begin,
        sha_end,
        sha_of,
        sha_whole,
        u64,
    )

FUNCTIONS = openssl.sha_functions()
READY: bool = cython.compiled and len(FUNCTIONS) > 0
ENTRY_PUBLIC_BYTES = shapes.SECTIONS["EntryHead"][0]
PREFIXES = bytes([0, 1])
"""What a leaf and an inner node begin with."""
SCRATCH_BYTES = 512 + max(shapes.SIZES[record.__name__] for record in shapes.COMMAND_CLASSES.values())
"""Room for what one digest is made of: salt, leaf's head and digests, a record or a short payload, and padding."""


def sha_context() -> memoryview:
    """Memory for one SHA-256 under way."""
    return memoryview(bytearray(FUNCTIONS.ljust(24, b"\0") + bytes(openssl.CONTEXT_BYTES)))


def put_leaf(
    sha: Sha, body: Memory, at: i64, kinds: Memory, prefixes: Memory, scratch: Memory, out: Memory, place: i64
) -> None:
    """Hash one entry to its leaf (`wire.leaf_of`), using the 64 bytes behind it for the digests it is made of."""
    entry = entry_at(body, at)
    kind: i64 = entry.kind
    record: i64 = entry.record_bytes
    payload: i64 = entry.payload_bytes
    public: i64 = number_at(kinds, 3 * kind + 1)
    private: i64 = number_at(kinds, 3 * kind + 2)
    start: i64 = at + 56
    copy_bytes(scratch, 0, body, at + 40, 16)
    copy_bytes(scratch, 16, body, start + public, private - public)
    sha_whole(sha, scratch, 16 + private - public, out, place + 32)
    if payload <= 256:
        copy_bytes(scratch, 16, body, start + record, payload)
        sha_whole(sha, scratch, 16 + payload, out, place + 64)
    else:
        sha_begin(sha)
        sha_add(sha, body, at + 40, 16)
        sha_add(sha, body, start + record, payload)
        sha_end(sha, out, place + 64)
    copy_bytes(scratch, 0, prefixes, 0, 1)
    copy_bytes(scratch, 1, body, at, 40)
    copy_bytes(scratch, 41, body, start, public)
    copy_bytes(scratch, 41 + public, out, place + 32, 64)
    sha_whole(sha, scratch, 105 + public, out, place)


def entry_end(body: Memory, at: i64, end: i64, kinds: Memory) -> i64:
    """Where the entry that begins there ends, or -1 if it is not whole or of no known kind."""
    if end - at < 56:
        return -1
    entry = entry_at(body, at)
    kind: i64 = entry.kind
    record: i64 = entry.record_bytes
    payload: i64 = entry.payload_bytes
    if record < 0 or record != number_at(kinds, 3 * kind) or payload < 0:
        return -1
    behind: i64 = at + 56 + record + (payload + 7) // 8 * 8
    if behind > end or (payload % 8 != 0 and not padded_with_zeros(body, behind, payload % 8)):
        return -1
    return behind


def padded_with_zeros(body: Memory, behind: i64, used: i64) -> flag:
    """Whether of the last eight bytes before a place only so many are used; no digest covers the others."""
    last: u64 = number_at(body, behind // 8 - 1)
    return last >> (8 * used) == 0


def put_leaves(
    sha: Sha,
    body: Memory,
    end: i64,
    kinds: Memory,
    prefixes: Memory,
    scratch: Memory,
    out: Memory,
    room: i64,
    first: i64,
    time: i64,
) -> i64:
    """Leaf after leaf of a frame; how many, or -1 if one is malformed, out of sequence or before its time."""
    at: i64 = 0
    count: i64 = 0
    following: i64 = 0
    while at < end:
        following = entry_end(body, at, end, kinds)
        if following < 0 or count >= room:
            return -1
        entry = entry_at(body, at)
        if entry.sequence != first + count or entry.time_ns < time:
            return -1
        time = entry.time_ns
        put_leaf(sha, body, at, kinds, prefixes, scratch, out, 32 * count)
        count += 1
        at = following
    return count


def fold(sha: Sha, prefixes: Memory, scratch: Memory, out: Memory, count: i64) -> None:
    """Make of so many leaves, one after the other, their Merkle root, in the place of the first (`merkle.root`)."""
    place: i64 = 0
    copy_bytes(scratch, 0, prefixes, 1, 1)
    while count > 1:
        for place in range(count // 2):
            copy_bytes(scratch, 1, out, 64 * place, 64)
            sha_whole(sha, scratch, 65, out, 32 * place)
        if count % 2 == 1:
            copy_bytes(out, 32 * (count // 2), out, 32 * (count - 1), 32)
        count = (count + 1) // 2


def frame_root(body: memoryview, first_sequence: int, count: int, time_ns: int) -> "tuple[bytes, int] | None":
    """Merkle root of a frame's entries and the time of the last one; None if anything about them is not in order.

    In order are `count` whole entries of known kinds, numbered from `first_sequence`, none before `time_ns` or before
    the one ahead of it.
    """
    room: i64 = count
    first: i64 = first_sequence
    time: i64 = time_ns
    end: i64 = body.nbytes
    if count < 1 or count > body.nbytes // 56:
        return None
    held = sha_context()
    leaves = memoryview(bytearray(32 * count + 96))
    room_held = memoryview(bytearray(SCRATCH_BYTES))
    kinds_held = memoryview(COMMAND_SHAPES)
    prefixes_held = memoryview(PREFIXES)
    sha = sha_of(held)
    source = memory_of(body)
    kinds = memory_of(kinds_held)
    prefixes = memory_of(prefixes_held)
    out = memory_of(leaves)
    scratch = memory_of(room_held)
    found: i64 = 0
    with cython.nogil:
        found = put_leaves(sha, source, end, kinds, prefixes, scratch, out, room, first, time)
        if found == room:
            fold(sha, prefixes, scratch, out, room)
    if found != room:
        return None
    return bytes(leaves[:32]), last_time(source, end, kinds)


def last_time(body: Memory, end: i64, kinds: Memory) -> i64:
    """The time of the last entry of a body that is in order."""
    at: i64 = 0
    last: i64 = 0
    while at < end:
        last = entry_at(body, at).time_ns
        at = entry_end(body, at, end, kinds)
    return last


def entries_end(body: Memory, end: i64, kinds: Memory) -> i64:
    """Where the last entry of a body ends, or -1 if one is not whole or of no known kind."""
    at: i64 = 0
    while 0 <= at < end:
        at = entry_end(body, at, end, kinds)
    return at


def whole_entries(body: memoryview) -> bool:
    """Whether a body is whole entries of known kinds and nothing else, so that their lengths may be relied on."""
    end: i64 = body.nbytes
    kinds_held = memoryview(COMMAND_SHAPES)
    source = memory_of(body)
    kinds = memory_of(kinds_held)
    behind: i64 = 0
    with cython.nogil:
        behind = entries_end(source, end, kinds)
    return behind == end


def add_events(public: Sha, private: Sha, events: Memory, end: i64, kinds: Memory) -> flag:
    """Heads and public parts into one digest, private parts into the other; False if an event is malformed."""
    at: i64 = 0
    while at < end:
        if end - at < 32:
            return False
        event = event_at(events, at)
        kind: i64 = event.kind
        record: i64 = event.record_bytes
        shown: i64 = number_at(kinds, 3 * kind + 1)
        if record < 0 or record != number_at(kinds, 3 * kind) or record > end - at - 32:
            return False
        sha_add(public, events, at, 32 + shown)
        sha_add(private, events, at + 32 + shown, record - shown)
        at += 32 + record
    return True


def events_digest(buffer: memoryview) -> "bytes | None":
    """`H(public digest, private digest)` of a buffer of events (`wire.events_digest`); None if one is malformed."""
    end: i64 = buffer.nbytes
    first = sha_context()
    second = sha_context()
    digests = memoryview(bytearray(64))
    kinds_held = memoryview(EVENT_SHAPES)
    public = sha_of(first)
    private = sha_of(second)
    source = memory_of(buffer)
    kinds = memory_of(kinds_held)
    out = memory_of(digests)
    whole: flag = False
    with cython.nogil:
        sha_begin(public)
        sha_begin(private)
        whole = add_events(public, private, source, end, kinds)
        if whole:
            sha_end(public, out, 0)
            sha_end(private, out, 32)
            sha_begin(public)
            sha_add(public, out, 0, 64)
            sha_end(public, out, 0)
    return bytes(digests[:32]) if whole else None


def gather(block: memoryview, row_bytes: int, begin: int, end: int, first: int, behind: int) -> bytearray:
    """The bytes from `begin` to `end` of rows `first` to before `behind`, one after the other."""
    size: i64 = row_bytes
    start: i64 = begin
    part: i64 = end - begin
    lowest: i64 = first
    rows: i64 = behind - first
    gathered = bytearray((behind - first) * (end - begin))
    if not gathered:
        return gathered
    held = memoryview(gathered)
    source = memory_of(block)
    out = memory_of(held)
    row: i64 = 0
    with cython.nogil:
        for row in range(rows):
            copy_bytes(out, row * part, source, (lowest + row) * size + start, part)
    return gathered


def scatter(block: memoryview, row_bytes: int, part_bytes: int, first: int, parts: memoryview) -> None:
    """Put bytes that were gathered into the beginnings of rows from `first` on."""
    size: i64 = row_bytes
    part: i64 = part_bytes
    lowest: i64 = first
    rows: i64 = parts.nbytes // part_bytes if part_bytes else 0
    if not rows:
        return
    out = memory_of(block)
    source = memory_of(parts)
    row: i64 = 0
    with cython.nogil:
        for row in range(rows):
            copy_bytes(out, (lowest + row) * size, source, row * part, part)
