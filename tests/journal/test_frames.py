"""Frames, genesis and Merkle trees as bytes."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcry.journal import merkle
from outcry.journal.errors import FrameDamaged
from outcry.journal.frames import (
    GENESIS,
    HEADER_BYTES,
    Genesis,
    build_frame,
    check_entries,
    decode_frame,
    frame_at,
)
from outcry.protocol import wire
from tests.journal.chains import chain, entry


def test_a_frame_comes_back_as_it_was() -> None:
    body = entry(7) + entry(8, b"text")
    data = build_frame(7, 2, body, b"p" * 32, b"e" * 32).data
    frame = decode_frame(data)
    assert (frame.first_sequence, frame.last_sequence, bytes(frame.body)) == (7, 8, body)
    assert (frame.header.previous_hash, frame.header.events_digest) == (b"p" * 32, b"e" * 32)
    assert frame.hash == hashlib.sha256(data[:HEADER_BYTES]).digest()
    assert frame.header.merkle_root == merkle.root([wire.leaf_of(entry(7)), wire.leaf_of(entry(8, b"text"))])
    assert check_entries(frame) == 2_008


def test_every_flipped_bit_of_a_frame_is_noticed() -> None:
    (frame,) = chain(1, entries=1)
    for place in range(len(frame.data)):
        damaged = bytearray(frame.data)
        damaged[place] ^= 1 << place % 8
        with pytest.raises(FrameDamaged):
            decode_frame(bytes(damaged))


def test_every_cut_frame_is_noticed() -> None:
    (frame,) = chain(1)
    for length in range(len(frame.data)):
        with pytest.raises(FrameDamaged):
            frame_at(frame.data[:length])
    with pytest.raises(FrameDamaged, match="8 bytes follow"):
        decode_frame(frame.data + bytes(8))


@pytest.mark.parametrize(
    ("body", "count", "sentence"),
    [
        (entry(1) + entry(3), 2, "entry 3 stands where 2 should"),
        (entry(1) + entry(2, time_ns=1), 2, "time of entry 2 goes back"),
    ],
)
def test_entries_out_of_order_are_noticed(body: bytes, count: int, sentence: str) -> None:
    with pytest.raises(FrameDamaged, match=sentence):
        check_entries(build_frame(1, count, body, bytes(32), bytes(32)))


def test_a_frame_needs_the_entries_it_says_and_some() -> None:
    with pytest.raises(ValueError, match="1 to"):
        build_frame(1, 0, b"", bytes(32), bytes(32))
    with pytest.raises(ValueError, match="holds 1 entries, not 2"):
        build_frame(1, 2, entry(1), bytes(32), bytes(32))


def test_a_genesis_names_format_rules_and_time() -> None:
    genesis = Genesis(rules_version=3, time_ns=99)
    assert Genesis.decode(genesis.encode()) == genesis
    assert genesis.hash != Genesis(rules_version=3, time_ns=100).hash
    for place in range(GENESIS.size):
        damaged = bytearray(genesis.encode())
        damaged[place] ^= 1
        with pytest.raises(FrameDamaged):
            Genesis.decode(bytes(damaged))
    with pytest.raises(FrameDamaged, match="72 bytes"):
        Genesis.decode(b"")


@given(st.integers(1, 40), st.data())
def test_every_leaf_has_a_path_and_no_other_leaf_fits_it(count: int, data: st.DataObject) -> None:
    leaves = [hashlib.sha256(bytes([place])).digest() for place in range(count)]
    index = data.draw(st.integers(0, count - 1))
    path = merkle.path(leaves, index)
    assert merkle.check(leaves[index], index, count, path, merkle.root(leaves))
    assert not merkle.check(b"x" * 32, index, count, path, merkle.root(leaves))
    assert not merkle.check(leaves[index], index, count, [*path, b"x" * 32], merkle.root(leaves))
    assert not merkle.check(leaves[index], count, count, path, merkle.root(leaves))
    if path:
        assert not merkle.check(leaves[index], index, count, path[:-1], merkle.root(leaves))


def test_inner_nodes_are_hashed_apart_from_leaves() -> None:
    left, right = bytes([1]) * 32, bytes([2]) * 32
    assert merkle.root([left, right]) == hashlib.sha256(b"\1" + left + right).digest()
    assert merkle.root([left]) == left
    with pytest.raises(ValueError, match="at least one"):
        merkle.root([])
    with pytest.raises(ValueError, match="no leaf 2"):
        merkle.path([left, right], 2)
