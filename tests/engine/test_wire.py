"""Bytes of entries and events: the quick digest is the one that the words of DESIGN section 5 describe."""

import hashlib

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
