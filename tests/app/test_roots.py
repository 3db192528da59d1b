"""State roots in a running venue: journaled and checked; a replica in a wrong state stops it."""

import hashlib
import json
from pathlib import Path

import msgspec
import pytest

from outcry.app.saved import Saved
from outcry.engine.engine import Engine
from outcry.journal.reading import read_genesis
from outcry.node.snapshots import list_rooted
from tests.venue import Venue, outcry

EVERY = "64"


def flip_a_bit(path: Path) -> None:
    """Change a saved state where no event ever shows it, and put its checksum right."""
    state = msgspec.msgpack.decode(path.read_bytes()[32:], type=Saved)
    engine = Engine.restore(state.engine)
    engine.tables.accounts[3].handle[1] ^= 1 << 40
    state.engine = engine.snapshot()
    content = msgspec.msgpack.encode(state)
    path.write_bytes(hashlib.sha256(content).digest() + content)


def roots_checked(data: Path, *flags: str) -> int:
    told = json.loads(outcry("verify", str(data), "--json", *flags).stdout)
    assert told["roots_checked"] <= told["roots_journaled"]
    return int(told["roots_checked"])


@pytest.mark.slow
@pytest.mark.venue
def test_a_replica_in_a_wrong_state_stops_the_venue_which_goes_on_from_what_is_right(tmp_path: Path) -> None:
    venue = Venue(tmp_path / "data", ["--root-every", EVERY])
    venue.start()
    assert venue.stop() == 0
    assert read_genesis(venue.data / "journal").root_every == int(EVERY)
    assert list_rooted(venue.data / "snapshots")
    before = roots_checked(venue.data)
    assert before >= 2

    # The keeper proposes; gateway and guests find that the root is none of theirs, and the first of them halts.
    flip_a_bit(venue.data / "keeper.state")
    halted = outcry("up", "--data", str(venue.data), "--port", "0")
    assert halted.returncode == 1
    assert "process ended with status 1: sequence" in halted.stderr
    assert "the state root made here is" in halted.stderr
    assert (venue.data / "gateway.state.differs").exists()

    waiting = outcry("up", "--data", str(venue.data), "--port", "0")
    assert waiting.returncode == 1
    assert "two replicas disagreed about the state root of sequence" in waiting.stderr

    # Whose root is false only a replay from the beginning knows; the operator says so, and everybody goes on.
    found = outcry("verify", str(venue.data))
    assert found.returncode == 1
    false_root = found.stderr.split("sequence ")[1].split(":")[0]
    flags = ("--false-root", false_root)
    assert roots_checked(venue.data, *flags) >= before
    again = Venue(venue.data, flags)
    again.start()
    assert again.stop() == 0
    assert roots_checked(venue.data) > before
    plain = Venue(venue.data)
    plain.start()
    assert plain.stop() == 0


@pytest.mark.venue
def test_one_process_is_its_own_replica(tmp_path: Path) -> None:
    venue = Venue(tmp_path / "data", ["--root-every", EVERY, "--one-process"])
    venue.start()
    assert venue.stop() == 0
    assert roots_checked(venue.data) >= 2
    assert list_rooted(venue.data / "snapshots")
