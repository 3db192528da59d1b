"""A door: the hashes of frames, events and state rows, many at a time.

`frame_root` walks a frame's entries and makes their Merkle root, `events_digest` hashes a buffer of events,
`whole_entries` only walks, `gather` and `scatter` copy parts of rows.  What the first two make is defined by `wire` and
`journal.merkle`, which make the same one by one: for anything that is not in order these answer None, and the caller
goes through it again there to say what is wrong.  Compiled it needs OpenSSL's functions (`openssl`); `READY` says
whether it has them.
"""

from hashlib import sha256

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
        sha_finish,
        sha_go_on,
        sha_lanes,
        sha_of,
        sha_pair,
        sha_start_two,
        sha_whole,
        u64,
    )

FUNCTIONS = openssl.sha_functions()
READY: bool = cython.compiled and len(FUNCTIONS) > 0
CONTEXT = bytes(openssl.CONTEXT_BYTES)
ENTRY_PUBLIC_BYTES = shapes.SECTIONS["EntryHead"][0]
PREFIXES = bytes([0, 1])
"""What a leaf and an inner node begin with."""
SCRATCH_BYTES = 512 + max(shapes.SIZES[record.__name__] for record in shapes.COMMAND_CLASSES.values())
"""Room for what one digest is made of: salt, leaf's head and digests, a record or a short payload, and padding."""


GATHERED_BYTES = 8_192
"""So much of either part of events is put together before it is hashed."""
EVENT_BYTES_MAX = 256 + max(shapes.SIZES[record.__name__] for record in shapes.EVENT_CLASSES.values())
"""Of the longest event, with its head and padding."""


def sha_context(lanes: int) -> memoryview:
    """Memory for one SHA-256 under way, and for two side by side where there are lanes."""
    return memoryview(bytearray(FUNCTIONS.ljust(24, b"\0") + lanes.to_bytes(8, "little") + CONTEXT))


def side_by_side(first: bytes, second: bytes, lanes: int) -> "tuple[bytes, bytes]":
    """The SHA-256 of two messages."""
    length: i64 = len(first)
    second_length: i64 = len(second)
    held = sha_context(lanes)
    room: i64 = length + 72
    messages = memoryview(bytearray(first + bytes(72) + second + bytes(72)))
    digests = memoryview(bytearray(64))
    sha_pair(sha_of(held), memory_of(messages), 0, length, room, second_length, memory_of(digests), 0, 32)
    return bytes(digests[:32]), bytes(digests[32:])


def lanes_that_agree() -> int:
    """1 where this processor hashes two messages side by side and comes to what Python's own hash says, else 0."""
    if not READY or not sha_lanes():
        return 0
    first, second = bytes(range(256)), bytes(range(100))
    return int(side_by_side(first, second, 1) == (sha256(first).digest(), sha256(second).digest()))


def put_salted(body: Memory, at: i64, start: i64, length: i64, scratch: Memory, place: i64) -> i64:
    """An entry's salt and a piece of it, to be hashed; how many bytes."""
    copy_bytes(scratch, place, body, at + 40, 16)
    copy_bytes(scratch, place + 16, body, start, length)
    return 16 + length


def put_public(body: Memory, at: i64, public: i64, prefixes: Memory, scratch: Memory, place: i64) -> i64:
    """What an entry's leaf begins with; the digests of its private part and of its payload belong behind it."""
    copy_bytes(scratch, place, prefixes, 0, 1)
    copy_bytes(scratch, place + 1, body, at, 40)
    copy_bytes(scratch, place + 41, body, at + 56, public)
    return 41 + public


def put_leaf(
    sha: Sha,
    body: Memory,
    at: i64,
    kinds: Memory,
    prefixes: Memory,
    scratch: Memory,
    room: i64,
    out: Memory,
    place: i64,
) -> None:
    """Hash one entry to its leaf (`wire.leaf_of`); a payload of more than 256 bytes is not copied to be hashed."""
    entry = entry_at(body, at)
    kind: i64 = entry.kind
    payload: i64 = entry.payload_bytes
    public: i64 = number_at(kinds, 3 * kind + 1)
    private: i64 = number_at(kinds, 3 * kind + 2)
    record: i64 = entry.record_bytes
    start: i64 = at + 56
    shown: i64 = put_public(body, at, public, prefixes, scratch, room)
    length: i64 = put_salted(body, at, start + public, private - public, scratch, 0)
    sha_whole(sha, scratch, 0, length, scratch, room + shown)
    if payload <= 256:
        length = put_salted(body, at, start + record, payload, scratch, 0)
        sha_whole(sha, scratch, 0, length, scratch, room + shown + 32)
    else:
        sha_begin(sha)
        sha_add(sha, body, at + 40, 16)
        sha_add(sha, body, start + record, payload)
        sha_end(sha, scratch, room + shown + 32)
    sha_whole(sha, scratch, room, shown + 64, out, place)


def put_two_leaves(
    sha: Sha,
    body: Memory,
    at: i64,
    other: i64,
    kinds: Memory,
    prefixes: Memory,
    scratch: Memory,
    room: i64,
    out: Memory,
    place: i64,
) -> None:
    """Hash two entries to their leaves, one behind the other, each digest beside the other's."""
    entry = entry_at(body, at)
    second = entry_at(body, other)
    kind: i64 = entry.kind
    second_kind: i64 = second.kind
    payload: i64 = entry.payload_bytes
    second_payload: i64 = second.payload_bytes
    if payload > 256 or second_payload > 256:
        put_leaf(sha, body, at, kinds, prefixes, scratch, room, out, place)
        put_leaf(sha, body, other, kinds, prefixes, scratch, room, out, place + 32)
        return
    public: i64 = number_at(kinds, 3 * kind + 1)
    private: i64 = number_at(kinds, 3 * kind + 2)
    second_public: i64 = number_at(kinds, 3 * second_kind + 1)
    second_private: i64 = number_at(kinds, 3 * second_kind + 2)
    record: i64 = entry.record_bytes
    second_record: i64 = second.record_bytes
    start: i64 = at + 56
    second_start: i64 = other + 56
    shown: i64 = 2 * room + put_public(body, at, public, prefixes, scratch, 2 * room)
    second_shown: i64 = 3 * room + put_public(body, other, second_public, prefixes, scratch, 3 * room)
    length: i64 = put_salted(body, at, start + public, private - public, scratch, 0)
    second_length: i64 = put_salted(
        body, other, second_start + second_public, second_private - second_public, scratch, room
    )
    sha_pair(sha, scratch, 0, length, room, second_length, scratch, shown, second_shown)
    length = put_salted(body, at, start + record, payload, scratch, 0)
    second_length = put_salted(body, other, second_start + second_record, second_payload, scratch, room)
    sha_pair(sha, scratch, 0, length, room, second_length, scratch, shown + 32, second_shown + 32)
    length = shown + 64 - 2 * room
    second_length = second_shown + 64 - 3 * room
    sha_pair(sha, scratch, 2 * room, length, 3 * room, second_length, out, place, place + 32)


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
    scratch_room: i64,
    out: Memory,
    room: i64,
    first: i64,
    time: i64,
) -> i64:
    """Leaf after leaf of a frame; how many, or -1 if one is malformed, out of sequence or before its time."""
    at: i64 = 0
    count: i64 = 0
    following: i64 = 0
    waits: i64 = -1
    while at < end:
        following = entry_end(body, at, end, kinds)
        if following < 0 or count >= room:
            return -1
        entry = entry_at(body, at)
        if entry.sequence != first + count or entry.time_ns < time:
            return -1
        time = entry.time_ns
        if waits < 0:
            waits = at
        else:
            put_two_leaves(sha, body, waits, at, kinds, prefixes, scratch, scratch_room, out, 32 * (count - 1))
            waits = -1
        count += 1
        at = following
    if waits >= 0:
        put_leaf(sha, body, waits, kinds, prefixes, scratch, scratch_room, out, 32 * (count - 1))
    return count


def fold(sha: Sha, prefixes: Memory, scratch: Memory, out: Memory, count: i64) -> None:
    """Make of so many leaves, one after the other, their Merkle root, in the place of the first (`merkle.root`)."""
    place: i64 = 0
    pairs: i64 = 0
    copy_bytes(scratch, 0, prefixes, 1, 1)
    copy_bytes(scratch, 256, prefixes, 1, 1)
    while count > 1:
        pairs = count // 2
        for place in range(0, pairs - 1, 2):
            copy_bytes(scratch, 1, out, 64 * place, 64)
            copy_bytes(scratch, 257, out, 64 * place + 64, 64)
            sha_pair(sha, scratch, 0, 65, 256, 65, out, 32 * place, 32 * place + 32)
        if pairs % 2 == 1:
            copy_bytes(scratch, 1, out, 64 * (pairs - 1), 64)
            sha_whole(sha, scratch, 0, 65, out, 32 * (pairs - 1))
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
    held = sha_context(LANES)
    leaves = memoryview(bytearray(32 * count))
    scratch_room: i64 = SCRATCH_BYTES
    room_held = memoryview(bytearray(4 * SCRATCH_BYTES))
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
        found = put_leaves(sha, source, end, kinds, prefixes, scratch, scratch_room, out, room, first, time)
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


def event_bytes(events: Memory, at: i64, end: i64, kinds: Memory) -> i64:
    """Bytes of the record of the event that begins here; -1 if it is not whole or of no known kind."""
    if end - at < 32:
        return -1
    record: i64 = event_at(events, at).record_bytes
    kind: i64 = event_at(events, at).kind
    return record if 0 <= record <= end - at - 32 and record == number_at(kinds, 3 * kind) else -1


def add_events(public: Sha, private: Sha, events: Memory, end: i64, kinds: Memory) -> flag:
    """Heads and public parts into one digest, private parts into the other; False if an event is malformed."""
    at: i64 = 0
    while at < end:
        record: i64 = event_bytes(events, at, end, kinds)
        if record < 0:
            return False
        kind: i64 = event_at(events, at).kind
        shown: i64 = number_at(kinds, 3 * kind + 1)
        sha_add(public, events, at, 32 + shown)
        sha_add(private, events, at + 32 + shown, record - shown)
        at += 32 + record
    return True


def add_beside(
    states: Memory, events: Memory, end: i64, kinds: Memory, scratch: Memory, room: i64, out: Memory
) -> flag:
    """The same with both digests side by side: what each is made of is gathered first, as much as there is room for."""
    at: i64 = 0
    shown_bytes: i64 = 0
    hidden_bytes: i64 = 0
    shown_total: i64 = 0
    hidden_total: i64 = 0
    sha_start_two(states)
    while at < end:
        record: i64 = event_bytes(events, at, end, kinds)
        if record < 0:
            return False
        kind: i64 = event_at(events, at).kind
        shown: i64 = number_at(kinds, 3 * kind + 1)
        if shown_bytes + 32 + shown > room or hidden_bytes + record - shown > room:
            sha_go_on(states, scratch, 0, shown_bytes // 64, 2 * room, hidden_bytes // 64)
            copy_bytes(scratch, 0, scratch, shown_bytes // 64 * 64, shown_bytes % 64)
            copy_bytes(scratch, 2 * room, scratch, 2 * room + hidden_bytes // 64 * 64, hidden_bytes % 64)
            shown_bytes = shown_bytes % 64
            hidden_bytes = hidden_bytes % 64
        copy_bytes(scratch, shown_bytes, events, at, 32 + shown)
        copy_bytes(scratch, 2 * room + hidden_bytes, events, at + 32 + shown, record - shown)
        shown_bytes += 32 + shown
        shown_total += 32 + shown
        hidden_bytes += record - shown
        hidden_total += record - shown
        at += 32 + record
    sha_go_on(states, scratch, 0, shown_bytes // 64, 2 * room, hidden_bytes // 64)
    sha_finish(states, 0, scratch, shown_bytes // 64 * 64, shown_bytes % 64, shown_total, out, 0)
    sha_finish(states, 1, scratch, 2 * room + hidden_bytes // 64 * 64, hidden_bytes % 64, hidden_total, out, 32)
    return True


def events_digest(buffer: memoryview) -> "bytes | None":
    """`H(public digest, private digest)` of a buffer of events (`wire.events_digest`); None if one is malformed."""
    end: i64 = buffer.nbytes
    first = sha_context(LANES)
    second = sha_context(LANES)
    room: i64 = min(buffer.nbytes, GATHERED_BYTES) + EVENT_BYTES_MAX
    gathered = memoryview(bytearray(4 * room if LANES else 0))
    digests = memoryview(bytearray(64 + 72))
    kinds_held = memoryview(EVENT_SHAPES)
    public = sha_of(first)
    private = sha_of(second)
    source = memory_of(buffer)
    kinds = memory_of(kinds_held)
    scratch = memory_of(gathered)
    out = memory_of(digests)
    states_held = memoryview(bytearray(64))
    states = memory_of(states_held)
    whole: flag = False
    beside: flag = bool(LANES)
    with cython.nogil:
        if beside:
            whole = add_beside(states, source, end, kinds, scratch, room, out)
        else:
            sha_begin(public)
            sha_begin(private)
            whole = add_events(public, private, source, end, kinds)
            sha_end(public, out, 0)
            sha_end(private, out, 32)
        if whole:
            sha_whole(public, out, 0, 64, out, 0)
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


LANES: int = lanes_that_agree()
"""1 where two messages are hashed side by side, which takes little longer than one."""
