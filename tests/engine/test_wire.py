"""Bytes of entries and events: the quick digest is the one that the words of DESIGN section 5 describe."""

import ctypes
import hashlib

import pytest

from outcry.protocol import layout, wire
from tests.engine.worlds import BUY, SELL, xbtusd


def test_the_events_digest_is_over_heads_and_public_parts_and_over_private_parts() -> None:
    world = xbtusd()
    maker, taker = world.trader(1), world.trader(2)
    events = world.place(maker, SELL, 300, 100_000) + world.place(taker, BUY, 200, 100_000, client_id="c")
    buffer = b"".join(bytes(event.head) + bytes(event.record) for event in events)
    public, private = hashlib.sha256(), hashlib.sha256()
    for head, piece in wire.event_slices(buffer):
        end = layout.SECTIONS[layout.EVENT_CLASSES[head.kind].__name__][0]
        public.update(bytes(head) + piece[:end])
        private.update(piece[end:])
    assert len(events) == 6
    assert wire.events_digest(buffer) == hashlib.sha256(public.digest() + private.digest()).digest()


def test_a_changed_private_byte_changes_leaf_and_digest() -> None:
    world = xbtusd()
    account = world.trader(1)
    events = world.place(account, BUY, 100, 100_000)
    buffer = bytearray(b"".join(bytes(event.head) + bytes(event.record) for event in events))
    entry = bytearray(world.journal[-1])
    before = wire.events_digest(bytes(buffer)), wire.leaf_of(bytes(entry))
    buffer[wire.EVENT_HEAD_BYTES] ^= 1
    entry[-1] ^= 1
    assert wire.events_digest(bytes(buffer)) != before[0]
    assert wire.leaf_of(bytes(entry)) != before[1]


def test_an_entrys_head_is_packed_as_the_schema_lays_it_out() -> None:
    salt = bytes(range(16))
    data = wire.encode_entry(
        layout.Cancel(order_id=7), b"words", sequence=1, time_ns=2, origin=3, origin_sequence=4, salt=salt
    )
    head = layout.EntryHead.from_buffer_copy(data)
    assert (head.sequence, head.time_ns, head.origin, head.origin_sequence) == (1, 2, 3, 4)
    assert (head.kind, head.record_bytes) == (layout.CommandKind.CANCEL, ctypes.sizeof(layout.Cancel))
    assert (head.payload_bytes, bytes(head.salt)) == (5, salt)
    entry = wire.entry_of(data)
    assert (entry.record.order_id, entry.payload, len(data) % 8) == (7, b"words", 0)
    assert [bytes(one.head) for one in wire.entries_of(data * 2)] == [bytes(head)] * 2


@pytest.mark.parametrize("wrong", [-1, 1])
def test_an_event_of_another_length_than_its_kind_has_is_malformed(wrong: int) -> None:
    record = bytes(layout.Ended())
    head = layout.EventHead(kind=layout.EventKind.ENDED, record_bytes=len(record) + wrong)
    with pytest.raises(wire.Malformed):
        list(wire.events_of(bytes(head) + record + bytes(8)))
