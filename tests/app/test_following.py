"""Where replicas begin, a journaled root that is false, and the dispute that has to be settled before a start."""

import asyncio
import logging
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from outcry.app import bench, checking, following, saved
from outcry.app.settings import Settings
from outcry.engine.engine import Engine
from outcry.journal.errors import JournalPruned
from outcry.journal.files import Beginning, list_segments, write_beginning
from outcry.journal.frames import Frame
from outcry.journal.reading import read_frames, read_genesis
from outcry.node.hashing import HashingThread
from outcry.node.local import LocalLink
from outcry.node.replica import Replica, ReplicaDiverged, RootDiffers
from outcry.node.roots import StateRoot, at_once, root_of
from outcry.node.snapshots import Snapshot, list_rooted, make_usable, write_candidate
from outcry.protocol.layout import Deposit
from outcry.views.recent import Recent
from tests.node.venues import LINK, SETTINGS, running_writer

EVERY_16 = replace(SETTINGS, root_every=16)


def ignore(sequence: int) -> None:
    """Nobody looks at the progress."""


def journal_with(folder: Path, root: StateRoot) -> None:
    """Twenty refused commands, then a root whatever it says."""

    async def main() -> None:
        async with running_writer(folder, EVERY_16, Engine) as writer:
            link = LocalLink(writer, 1, Replica(Engine()), LINK)
            await link.start()
            for _ in range(20):
                await link.execute(Deposit())
            await link.execute(root.command())
            await link.execute(Deposit())
            await link.stop()

    asyncio.run(main())


def follow(follower: saved.Follower[Recent], saving: saved.Saving, frame: Frame) -> None:
    for entry, events in follower.replica.apply(frame):
        follower.recent.observe(entry, events)
        saving.observe(entry, events)


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    """Of a venue with open orders, at the end of its journal."""
    bench.write_journal(tmp_path / "journal", bench.Stream(600, seed=3))
    genesis = read_genesis(tmp_path / "journal")
    replica = Replica(Engine())
    replica.begin(genesis.hash)
    for frame in read_frames(tmp_path / "journal"):
        replica.advance(frame)
    assert replica.head is not None
    return Snapshot(replica.head, genesis.hash, replica.engine.snapshot(), root_of(replica.engine))


def test_a_replica_with_views_begins_with_a_snapshot_where_nothing_was_saved(
    snapshot: Snapshot, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert snapshot.root is not None
    wrong = replace(snapshot, root=snapshot.root._replace(root=b"w" * 32))
    with caplog.at_level(logging.WARNING):
        follower = saved.load(tmp_path / "nothing", snapshot.genesis_hash, Recent, snapshots=[wrong, snapshot])
    assert f"the snapshot of sequence {snapshot.head.sequence} was not used: its state has the root" in caplog.text
    assert follower.replica.head == snapshot.head
    assert follower.recent.sequence == snapshot.head.sequence
    live = [row for row in follower.engine.tables.orders if row.order_id]
    assert live
    assert all(follower.recent.order(row.account, row.order_id) is not None for row in live)
    assert saved.load(tmp_path / "nothing", snapshot.genesis_hash, Recent, snapshots=[wrong]).replica.sequence == 0


def test_what_was_saved_is_gone_on_with_unless_it_goes_too_far_or_a_root_was_false(
    snapshot: Snapshot, tmp_path: Path
) -> None:
    state = saved.copy_of(
        snapshot.genesis_hash, saved.load(tmp_path / "nothing", snapshot.genesis_hash, Recent, snapshots=[snapshot])
    )
    settings = Settings(data=tmp_path)
    assert state is not None
    saved.write(settings.files.gateway_state, state)
    hashing = HashingThread()
    at = snapshot.head.sequence
    assert following.viewer(settings, hashing).replica.sequence == at
    assert following.viewer(settings, hashing, at - 1).replica.sequence == 0
    assert following.independent(settings, hashing).replica.sequence == at
    assert following.viewer(Settings(data=tmp_path, false_roots=(64,)), hashing).replica.sequence == 0
    hashing.close()
    assert not settings.files.gateway_state.exists()


def test_what_is_saved_is_of_its_moment_however_late_the_thread_comes_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saved, "SAVE_EVERY", 1)
    monkeypatch.setattr(saved, "SAVE_SECONDS", 0.0)
    bench.write_journal(tmp_path / "journal", bench.Stream(2_000, seed=3))
    genesis_hash = read_genesis(tmp_path / "journal").hash
    engine = Engine()
    follower = saved.Follower(engine, Replica(engine), Recent(engine))
    follower.replica.begin(genesis_hash)
    saving = saved.Saving(tmp_path / "state", genesis_hash, follower)
    frames = list(read_frames(tmp_path / "journal"))
    for before, after in zip(frames[::2], frames[1::2], strict=False):
        may_write = threading.Event()
        saving._thread.submit(may_write.wait)
        follow(follower, saving, before)
        wanted, views = (engine.sequence, engine.roots()), follower.recent.dump()
        follow(follower, saving, after)
        assert follower.recent.dump() != views
        may_write.set()
        assert saving._writing is not None
        saving._writing.result(20)
        found = saved.load(tmp_path / "state", genesis_hash, Recent)
        assert (found.replica.sequence, found.engine.roots()) == wanted
        again = Recent(found.engine)
        again.load(views)
        assert found.recent.dump() == again.dump()
    assert len(frames) >= 4
    saving.finish()
    assert saved.load(tmp_path / "state", genesis_hash, Recent).replica.sequence == engine.sequence


def test_a_replica_that_the_pruned_journal_cannot_lead_on_is_refused(snapshot: Snapshot, tmp_path: Path) -> None:
    (segment,) = list_segments(tmp_path / "journal")
    later = segment.path.with_name(f"{5:020d}.segment")
    segment.path.rename(later)
    write_beginning(tmp_path / "journal", Beginning(5, b"h" * 32))
    with pytest.raises(JournalPruned, match="begins at sequence 5"):
        following.viewer(Settings(data=tmp_path), at_once)


def test_a_false_root_is_named_by_replay_and_verify_and_passed_over_when_told(tmp_path: Path) -> None:
    journal_with(tmp_path, StateRoot(16, b"p" * 32, b"r" * 32))
    for check in (checking.replay, checking.verify):
        with pytest.raises(ReplicaDiverged, match=f"sequence 16: the state root made here is .* {(b'r' * 32).hex()}"):
            check(tmp_path / "journal", ignore)
        checked = check(tmp_path / "journal", ignore, {16})
        assert (checked.roots_journaled, checked.roots_checked) == (1, 0)
        assert checked.sequence == 22


def test_a_start_waits_until_a_disputed_root_is_settled_and_the_folder_remembers(
    snapshot: Snapshot, tmp_path: Path
) -> None:
    settings = Settings(data=tmp_path)
    follower = saved.load(tmp_path / "nothing", snapshot.genesis_hash, Recent)
    follower.replica.diverged = RootDiffers(64, "the roots differ")
    with pytest.raises(RootDiffers), following.in_a_right_state(settings, settings.files.gateway_state, follower):
        raise follower.replica.diverged
    sequence = snapshot.head.sequence
    write_candidate(settings.files.snapshots, snapshot)
    make_usable(settings.files.snapshots, sequence, 3)
    with pytest.raises(
        following.RootDisputed, match="disagreed about the state root of sequence 64: run `outcry verify"
    ):
        following.settle_dispute(settings)
    with pytest.raises(following.RootDisputed):
        following.settle_dispute(Settings(data=tmp_path, false_roots=(sequence,)))
    assert list_rooted(settings.files.snapshots) == []
    following.settle_dispute(Settings(data=tmp_path, false_roots=(64,)))
    following.settle_dispute(settings)
    assert settings.files.known_false() == {64, sequence}


def test_only_a_difference_leaves_a_mark(snapshot: Snapshot, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    state = settings.files.gateway_state
    state.write_bytes(b"state")
    follower = saved.load(tmp_path / "nothing", snapshot.genesis_hash, Recent)
    with following.in_a_right_state(settings, state, follower):
        pass
    with (
        pytest.raises(OSError, match="disk"),
        following.in_a_right_state(settings, state, follower),
    ):
        raise OSError("disk")
    assert state.exists()
    follower.replica.diverged = ReplicaDiverged(3, "the events differ")
    with pytest.raises(ReplicaDiverged), following.in_a_right_state(settings, state, follower):
        raise follower.replica.diverged
    assert not settings.files.disputed_root.exists()
    assert state.with_name("gateway.state.differs").exists()
