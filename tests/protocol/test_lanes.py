"""Two messages hashed side by side come to what `hashlib` says, whatever their lengths, and so does all that is made
of them, with the processor's own instructions and without."""

import hashlib
import random
from pathlib import Path

import pytest

from outcry.journal import merkle
from outcry.protocol import digests, wire
from tests.protocol.test_digests import history

LANES = pytest.mark.parametrize("lanes", [0, 1])


def skip_without(lanes: int) -> None:
    if not digests.READY:
        pytest.skip("not compiled")
    if lanes and not digests.LANES:
        pytest.skip("this processor has no instructions for it")


def test_a_processor_that_has_the_instructions_uses_them() -> None:
    skip_without(0)
    words = Path("/proc/cpuinfo")
    if not words.exists():
        pytest.skip("not Linux")
    known = words.read_text().split()
    assert int("sha_ni" in known and "ssse3" in known and "sse4_1" in known) == digests.LANES


@LANES
def test_two_messages_of_any_lengths(lanes: int) -> None:
    skip_without(lanes)
    chance = random.Random(5)
    lengths = [
        (first, second) for first in (0, 1, 55, 56, 63, 64, 65, 119, 120, 128) for second in (0, 55, 56, 64, 300)
    ]
    lengths += [(chance.randrange(700), chance.randrange(700)) for _ in range(300)]
    for first_length, second_length in lengths:
        first, second = chance.randbytes(first_length), chance.randbytes(second_length)
        wanted = hashlib.sha256(first).digest(), hashlib.sha256(second).digest()
        assert digests.side_by_side(first, second, lanes) == wanted, (first_length, second_length)


@LANES
@pytest.mark.parametrize("seed", [11, 12])
def test_roots_and_digests_are_the_same_without_them(monkeypatch: pytest.MonkeyPatch, lanes: int, seed: int) -> None:
    skip_without(lanes)
    monkeypatch.setattr(digests, "LANES", lanes)
    _, body, events = history(seed, 90)
    pieces = list(wire.entry_slices(body))
    for count in range(1, len(pieces)):
        part = b"".join(bytes(piece) for piece in pieces[:count])
        made = digests.frame_root(memoryview(part), 1, count, 0)
        assert made is not None
        assert made[0] == merkle.root([wire.leaf_of(piece) for piece in pieces[:count]])
    # More than is gathered at a time, and less.
    for times in (0, 1, 4):
        assert digests.events_digest(memoryview(events * times)) == wire.events_digest_plainly(events * times)
    assert len(events) > digests.GATHERED_BYTES
    assert digests.events_digest(memoryview(events[:-1])) is None
    assert digests.events_digest(memoryview(events[:20])) is None
