"""The digests made many at a time are those made one by one, compiled and not, and what is not in order gets none."""

import random
import sys
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from outcry.journal import merkle
from outcry.journal.errors import FrameDamaged
from outcry.journal.frames import HEADER_BYTES, Head, build_frame, check_entries, check_entries_plainly
from outcry.protocol import digests, layout, openssl, wire
from tests.engine.worlds import BUY, SELL, World, place, xbtusd

DOOR = Path(layout.__file__).parent / "digests.py"


@cache
def plain_digests() -> ModuleType:
    """The same source, never compiled."""
    spec = spec_from_file_location("outcry_protocol_digests_from_source", DOOR)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


DOORS = pytest.mark.parametrize("door", ["compiled", "plain"])


def named(door: str) -> ModuleType:
    return digests if door == "compiled" else plain_digests()


def history(seed: int, orders: int = 60) -> tuple[World, bytes, bytes]:
    """A world, its journal and all events; some entries carry payloads of odd lengths and client ids."""
    chance, world = random.Random(seed), xbtusd()
    traders = [world.trader(n) for n in (1, 2, 3)]
    events = b""
    for at in range(orders):
        record = place(
            chance.choice(traders),
            chance.choice((BUY, SELL)),
            100 * chance.randint(1, 5),
            100_000 + chance.randint(-5, 5),
            client_id=f"name-{at}" if at % 3 else "",
        )
        said = world.send(record, bytes(chance.randrange(256) for _ in range(chance.randint(0, 40))))
        events += b"".join(bytes(event.head) + bytes(event.record) for event in said)
    return world, b"".join(world.journal), events


def test_where_the_engine_is_compiled_so_are_the_digests() -> None:
    from outcry.engine.machine import COMPILED

    assert digests.READY == COMPILED


@DOORS
@pytest.mark.parametrize("seed", range(4))
def test_a_frames_root_is_that_of_its_leaves(door: str, seed: int) -> None:
    world, body, _ = history(seed)
    pieces = list(wire.entry_slices(body))
    for count in (1, 2, 3, 5, 8, len(pieces)):
        part = b"".join(bytes(piece) for piece in pieces[:count])
        wanted = merkle.root([wire.leaf_of(piece) for piece in pieces[:count]])
        time_ns = layout.EntryHead.from_buffer_copy(pieces[count - 1]).time_ns
        assert named(door).frame_root(memoryview(part), 1, count, 0) == (wanted, time_ns)
    assert time_ns == world.engine.time_ns


@DOORS
def test_leaves_are_right_for_payloads_that_just_fit_a_block_or_the_scratch_memory(door: str) -> None:
    """With its salt of 16 bytes a payload of 39 fills a block with its padding, one of 40 needs another."""
    for length in (0, 1, 39, 40, 47, 48, 49, 103, 104, 255, 256, 257, 263, 264, 600):
        payload = (bytes(range(1, 256)) * 3)[:length]
        entry = wire.encode_entry(layout.Tick(), payload, salt=bytes(range(16)), sequence=7, time_ns=9)
        assert named(door).frame_root(memoryview(entry), 7, 1, 0) == (wire.leaf_of(entry), 9), length


@DOORS
def test_every_kind_of_command_has_its_leaf(door: str) -> None:
    for record in layout.COMMAND_CLASSES.values():
        filled = record.from_buffer_copy(bytes(1 + at % 255 for at in range(layout.SIZES[record.__name__])))
        entry = wire.encode_entry(filled, b"words", salt=bytes(range(16)), sequence=7, time_ns=9)
        assert named(door).frame_root(memoryview(entry), 7, 1, 0) == (wire.leaf_of(entry), 9), record


@DOORS
def test_what_is_not_in_order_has_no_root(door: str) -> None:
    _, body, _ = history(1, orders=6)
    count = len(list(wire.entry_slices(body)))
    root = named(door).frame_root
    assert root(memoryview(body), 1, count, 0) is not None
    assert root(memoryview(body), 2, count, 0) is None
    assert root(memoryview(body), 1, count + 1, 0) is None
    assert root(memoryview(body), 1, count - 1, 0) is None
    assert root(memoryview(body), 1, count, 2**62) is None
    assert root(memoryview(body[:-1]), 1, count, 0) is None
    assert root(memoryview(body), 1, 0, 0) is None
    assert root(memoryview(b""), 1, 1, 0) is None
    for field, value in (("kind", 250), ("record_bytes", -8), ("payload_bytes", -1), ("payload_bytes", 2**31 - 1)):
        broken = bytearray(body)
        head = layout.EntryHead.from_buffer(broken)
        setattr(head, field, value)
        assert root(memoryview(broken), 1, count, 0) is None, field


def test_damage_is_named_by_whoever_looks_closely() -> None:
    """A flipped byte anywhere in a body is found, and the compiled check says just what the plain one does."""
    _, body, _ = history(2, orders=4)
    pieces = list(wire.entry_slices(body))
    frame = build_frame(1, len(pieces), body, bytes(32), bytes(32))
    assert check_entries(frame) == check_entries_plainly(frame)
    chance = random.Random(5)
    for at in sorted(chance.sample(range(len(body)), 120)):
        data = bytearray(frame.data)
        data[HEADER_BYTES + at] ^= 1 << chance.randrange(8)
        damaged = type(frame)(frame.header, frame.hash, bytes(data))
        said = []
        for check in (check_entries, check_entries_plainly):
            with pytest.raises(FrameDamaged) as caught:
                check(damaged)
            said.append(str(caught.value))
        assert said[0] == said[1]


@DOORS
@pytest.mark.parametrize("seed", range(3))
def test_the_digest_of_events_is_that_of_each_in_turn(door: str, seed: int) -> None:
    _, _, events = history(seed)
    plain = wire.events_digest_plainly(events)
    assert named(door).events_digest(memoryview(events)) == plain == wire.events_digest(events)
    assert (
        named(door).events_digest(memoryview(b""))
        == wire.events_digest_plainly(b"")
        == Head.at_genesis(b"").events_digest
    )
    changed = bytearray(events)
    changed[len(events) // 2] ^= 1
    assert named(door).events_digest(memoryview(changed)) != plain


@DOORS
def test_malformed_events_have_no_digest(door: str) -> None:
    _, _, events = history(1, orders=3)
    for broken in (events[:-1], events + bytes(31), bytes(32), events[:40]):
        assert named(door).events_digest(memoryview(broken)) is None
        with pytest.raises(wire.Malformed):
            wire.events_digest(broken)


@DOORS
def test_parts_of_rows_are_gathered_and_put_back(door: str) -> None:
    rows = bytes(range(240)) * 2
    block = memoryview(bytearray(rows))
    part = named(door).gather(block, 24, 8, 16, 1, 19)
    assert bytes(part) == b"".join(rows[24 * at + 8 : 24 * at + 16] for at in range(1, 19))
    beginnings = named(door).gather(block, 24, 0, 20, 2, 20)
    empty = bytearray(480)
    named(door).scatter(memoryview(empty), 24, 20, 2, memoryview(beginnings))
    assert empty == b"".join((rows[24 * at : 24 * at + 20] if at >= 2 else bytes(20)) + bytes(4) for at in range(20))
    assert named(door).gather(block, 24, 8, 8, 1, 19) == b""
    assert named(door).gather(block, 24, 0, 8, 1, 1) == b""


def test_without_openssls_functions_there_are_no_addresses() -> None:
    here = ModuleType("here")
    here.__file__ = "/nonexistent/library.so"
    assert openssl._functions_of(here) == b""
    assert len(openssl.sha_functions()) in (0, 24)


def test_where_openssl_keeps_its_state_elsewhere_there_are_no_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openssl, "TRIAL_BLOCK", bytes(64))
    assert openssl.sha_functions() == b""
