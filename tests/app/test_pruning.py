"""`outcry prune`: the rule, what it refuses, and a venue's journal that is started from and checked after it."""

import asyncio
import contextlib
import hashlib
import itertools
import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from outcry.app import checking, saved
from outcry.app.cli import app
from outcry.engine.engine import Engine
from outcry.history import Store
from outcry.history.batches import Batch, Standing
from outcry.journal.errors import JournalPruned
from outcry.journal.files import list_segments
from outcry.journal.reading import beginning_of, read_frames, read_genesis
from outcry.node.recovery import recover
from outcry.node.replica import Replica
from outcry.node.snapshots import list_rooted, list_snapshots
from outcry.views.recent import Recent
from tests.node.venues import SETTINGS, Kept, running_writer

EVERY_64 = replace(SETTINGS, root_every=64)


def outcry(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def ignore(sequence: int) -> None:
    """Nobody looks at the progress."""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with several segments and three usable snapshots, the venue stopped."""

    async def main() -> None:
        async with running_writer(tmp_path, EVERY_64, Engine) as writer:
            kept = Kept(tmp_path, writer, Engine)
            await kept.link.start()
            await kept.deposit(330, b"x" * 1_000)
            await kept.stop()

    asyncio.run(main())
    assert len(list_rooted(tmp_path / "snapshots")) == 3
    assert len(list_segments(tmp_path / "journal")) >= 5
    return tmp_path


def stands_at(path: Path) -> int:
    return int(path.stem)


def test_without_yes_nothing_is_changed_and_with_it_only_what_the_rule_allows(data: Path) -> None:
    oldest = stands_at(list_rooted(data / "snapshots")[-1])
    segments = list_segments(data / "journal")
    expected = [here for here, following in itertools.pairwise(segments) if following.first_sequence <= oldest + 1]
    assert expected
    dry = json.loads(outcry("prune", str(data), "--json").stdout)
    assert (dry["done"], dry["before_sequence"]) == (False, oldest + 1)
    assert dry["segments"] == [segment.path.name for segment in expected]
    assert list_segments(data / "journal") == segments
    assert "say --yes" in outcry("prune", str(data)).output
    done = outcry("prune", str(data), "--yes", "--archive", str(data / "archive"))
    assert done.exit_code == 0
    assert list_segments(data / "journal") == segments[len(expected) :]
    assert len(list((data / "archive").iterdir())) == len(expected)
    assert "0 could be removed" in outcry("prune", str(data)).output


def test_a_pruned_venue_starts_and_is_checked_from_a_snapshot(data: Path) -> None:
    whole = checking.verify(data / "journal", ignore)
    assert whole.roots_checked == whole.roots_journaled >= 3
    outcry("prune", str(data), "--yes")
    first_sequence = beginning_of(data / "journal").first_sequence
    assert first_sequence > 1
    oldest = stands_at(list_rooted(data / "snapshots")[-1])
    for check in (checking.replay, checking.verify):
        checked = check(data / "journal", ignore)
        assert (checked.begins_after, checked.sequence) == (oldest, whole.sequence)
        assert (checked.root, checked.head, checked.law) == (whole.root, whole.head, whole.law)
        assert checked.roots_checked == checked.roots_journaled >= 3
    assert f"checked from the snapshot of sequence {oldest:,}" in outcry("verify", str(data)).output
    recovered = recover(data, Engine, 0, EVERY_64)
    recovered.journal.close()
    assert isinstance(recovered.engine, Engine)
    assert recovered.engine.roots()[2].hex() == whole.root
    assert recovered.head.sequence == whole.sequence


def test_a_pruned_journal_without_a_usable_snapshot_is_refused(data: Path) -> None:
    outcry("prune", str(data), "--yes")
    for path in list_snapshots(data / "snapshots"):
        path.unlink()
    with pytest.raises(JournalPruned, match="needs a usable snapshot"):
        recover(data, Engine, 0, EVERY_64)
    result = outcry("verify", str(data))
    assert (result.exit_code, "was pruned and begins at sequence" in result.stderr) == (1, True)


@pytest.mark.parametrize("how", ["too few", "damaged", "its root is another"])
def test_it_is_refused_without_enough_usable_snapshots(data: Path, how: str) -> None:
    path = list_rooted(data / "snapshots")[1]
    if how == "too few":
        path.unlink()
    elif how == "damaged":
        path.write_bytes(path.read_bytes()[:-1])
    else:
        body = bytearray(path.read_bytes()[:-32])
        body[168] ^= 1
        path.write_bytes(bytes(body) + hashlib.sha256(body).digest())
    refused = outcry("prune", str(data), "--yes")
    assert refused.exit_code == 1
    assert "there are 2 usable snapshots, and 3 are wanted" in refused.stderr
    assert beginning_of(data / "journal").first_sequence == 1
    assert outcry("prune", str(data), "--snapshots", "2", "--yes").exit_code == 0
    assert outcry("prune", str(data), "--snapshots", "0").exit_code == 1


def test_what_a_replica_still_has_to_follow_stays(data: Path) -> None:
    genesis_hash = read_genesis(data / "journal").hash
    engine = Engine()
    replica, recent = Replica(engine), Recent(engine)
    replica.begin(genesis_hash)
    for frame in read_frames(data / "journal"):
        if frame.last_sequence > 100:
            break
        for entry, events in replica.apply(frame):
            recent.observe(entry, events)
    state = saved.copy_of(genesis_hash, saved.Follower(engine, replica, recent))
    assert state is not None
    saved.write(data / "gateway.state", state)
    told = json.loads(outcry("prune", str(data), "--json", "--yes").stdout)
    assert (told["before_sequence"], told["held_by"]) == (engine.sequence + 1, "gateway.state")
    assert 1 < beginning_of(data / "journal").first_sequence <= engine.sequence + 1


def test_history_must_have_somewhere_to_begin_from(data: Path) -> None:
    genesis_hash = read_genesis(data / "journal").hash
    oldest, *_, newest = sorted(stands_at(path) for path in list_rooted(data / "snapshots"))

    def goes_to(sequence: int) -> None:
        with contextlib.closing(Store(data / "history.db")) as store:
            store.write(Batch(Standing(sequence, 0, genesis_hash, bytes(32)), {}))

    goes_to(oldest - 1)
    assert "history goes to entry" in outcry("prune", str(data), "--yes").stderr
    assert beginning_of(data / "journal").first_sequence == 1
    goes_to(newest - 1)
    assert json.loads(outcry("prune", str(data), "--json", "--yes").stdout)["before_sequence"] == oldest + 1


def test_it_is_refused_while_the_venue_runs_or_a_root_is_disputed(data: Path) -> None:
    async def main() -> Result:
        async with running_writer(data, EVERY_64, Engine):
            return await asyncio.to_thread(outcry, "prune", str(data), "--yes")

    assert "is being written by process" in asyncio.run(main()).stderr
    (data / "disputed-root").write_text("64\n")
    assert "a state root is disputed" in outcry("prune", str(data), "--yes").stderr
    assert "there is no journal" in outcry("prune", str(data / "nowhere"), "--yes").stderr
    assert beginning_of(data / "journal").first_sequence == 1
