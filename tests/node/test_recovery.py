"""Replica, snapshots, and the start of a node from what is on the disk."""

import asyncio
import shutil
from pathlib import Path

import pytest

from outcry.journal.errors import SigningKeyUnusable
from outcry.journal.frames import Frame, Genesis, Head, build_frame
from outcry.journal.reading import read_frames
from outcry.journal.segments import Segments
from outcry.journal.signing import FILE_NAME, Signer, offer_signer
from outcry.node.recovery import JOURNAL_NAME, SNAPSHOTS_NAME, Recovered, Shelf, recover, replay
from outcry.node.replica import Replica, ReplicaDiverged
from outcry.node.snapshots import Snapshot, SnapshotUnusable, list_snapshots, read_snapshot, write_snapshot
from outcry.protocol import wire
from outcry.protocol.layout import RULES_VERSION, Deposit
from tests.node.fake_engine import FakeEngine, submission
from tests.node.venues import SETTINGS, running_writer

GENESIS = Genesis(1, 0)


def make_frames(how_many: int) -> list[Frame]:
    engine, head, frames = FakeEngine(), Head.at_genesis(GENESIS.hash), []
    for sequence in range(1, how_many + 1):
        body = wire.encode_entry(
            Deposit(), b"text", sequence=sequence, time_ns=sequence, origin=1, origin_sequence=sequence
        )
        frame = build_frame(sequence, 1, body, head.frame_hash, head.events_digest)
        head = Head(sequence, frame.hash, wire.events_digest(engine.apply(body)))
        frames.append(frame)
    return frames


def fill(folder: Path, entries: int, first: int = 1) -> int:
    """Run a node for some entries, one a frame, stop it cleanly, and return where it stopped."""

    async def run() -> int:
        async with running_writer(folder) as writer:
            for number in range(first, first + entries):
                published = asyncio.Event()
                listener = lambda frames, published=published: published.set()  # noqa: E731
                writer.frames_listeners.append(listener)
                writer.submit(1, submission(1, number))
                await published.wait()
                writer.frames_listeners.remove(listener)
        return writer.durable_sequence

    return asyncio.run(run())


def start(folder: Path) -> Recovered:
    recovered = recover(folder, FakeEngine, 5_000, SETTINGS)
    recovered.journal.close()
    return recovered


def test_a_replica_pairs_entries_with_their_events() -> None:
    replica = Replica(FakeEngine())
    replica.begin(GENESIS.hash)
    for frame in make_frames(3):
        ((entry, events),) = replica.apply(frame)
        assert entry.payload == b"text"
        assert [event.head.sequence for event in events] == [entry.head.sequence]
    assert replica.sequence == 3


def test_a_replica_that_makes_other_events_halts_itself_and_says_where() -> None:
    replica = Replica(FakeEngine())
    replica.begin(GENESIS.hash)
    first, second, third = make_frames(3)
    replica.apply(first)
    assert isinstance(replica.engine, FakeEngine)
    replica.engine.twist = b"x"
    replica.apply(second)
    with pytest.raises(ReplicaDiverged, match="sequence 2: the events made here differ"):
        replica.apply(third)
    assert replica.sequence == 2
    with pytest.raises(ReplicaDiverged, match="sequence 2"):
        replica.apply(third)


def test_a_replica_refuses_frames_out_of_their_chain() -> None:
    first, second, third = make_frames(3)
    replica = Replica(FakeEngine())
    with pytest.raises(ValueError, match="genesis"):
        replica.apply(first)
    replica.begin(GENESIS.hash)
    replica.apply(first)
    with pytest.raises(ReplicaDiverged, match="begins with sequence 3"):
        replica.apply(third)
    other = Replica(FakeEngine())
    other.begin(Genesis(1, 1).hash)
    with pytest.raises(ReplicaDiverged, match="does not hang"):
        other.apply(first)
    with pytest.raises(ReplicaDiverged, match="another journal"):
        Replica(FakeEngine(), Head.at_genesis(GENESIS.hash)).begin(b"x" * 32)
    with pytest.raises(ValueError, match="stands at 0"):
        Replica(FakeEngine(), Head(1, second.hash, bytes(32)))


def test_an_empty_folder_becomes_a_journal_with_a_genesis(tmp_path: Path) -> None:
    recovered = start(tmp_path)
    (key,) = tmp_path.glob(FILE_NAME + "*")
    genesis = Genesis(RULES_VERSION, 5_000, signing_key=Signer(key.read_bytes()).public_key)
    assert key.name == FILE_NAME
    assert recovered.journal.genesis == genesis
    assert recovered.head == Head.at_genesis(genesis.hash)
    assert start(tmp_path).journal.genesis == genesis


def test_a_journal_is_not_begun_with_the_key_of_another(tmp_path: Path) -> None:
    """Both would have signed an entry 1, and who has both has a proof against the venue."""
    start(tmp_path)
    key = (tmp_path / FILE_NAME).read_bytes()
    shutil.rmtree(tmp_path / JOURNAL_NAME)
    with pytest.raises(SigningKeyUnusable, match="the key of a journal that is not here"):
        start(tmp_path)
    assert (tmp_path / FILE_NAME).read_bytes() == key
    assert not (tmp_path / JOURNAL_NAME).exists()


def test_a_start_that_was_cut_off_between_key_and_genesis_is_begun_anew(tmp_path: Path) -> None:
    left = offer_signer(tmp_path)
    # Somebody else begins the journal meanwhile, or later: with a key of his own.
    genesis = start(tmp_path).journal.genesis
    assert genesis.signing_key != left.public_key
    assert [path.name for path in tmp_path.glob(FILE_NAME + "*")] == [FILE_NAME]
    # And one that was cut off behind the genesis finds its key.
    (tmp_path / FILE_NAME).rename(tmp_path / f"{FILE_NAME}.{genesis.signing_key.hex()[:16]}")
    assert start(tmp_path).journal.genesis == genesis
    assert (tmp_path / FILE_NAME).exists()


def test_a_clean_stop_leaves_a_snapshot_and_the_start_uses_it(tmp_path: Path) -> None:
    stopped_at = fill(tmp_path, 5)
    recovered = start(tmp_path)
    assert (recovered.snapshot_sequence, recovered.head.sequence, recovered.notes) == (stopped_at, stopped_at, [])
    fill(tmp_path, 5, first=10)
    fill(tmp_path, 5, first=20)
    assert len(list_snapshots(tmp_path / SNAPSHOTS_NAME)) == SETTINGS.snapshots_kept
    assert [frame.last_sequence for frame in read_frames(tmp_path / JOURNAL_NAME)][-1] == start(tmp_path).head.sequence


def test_a_snapshot_with_frames_after_it_leads_to_the_same_state_as_all_frames(tmp_path: Path) -> None:
    first = fill(tmp_path, 5)
    fill(tmp_path, 5, first=10)
    list_snapshots(tmp_path / SNAPSHOTS_NAME)[0].unlink()
    from_snapshot = start(tmp_path)
    assert from_snapshot.snapshot_sequence == first
    list_snapshots(tmp_path / SNAPSHOTS_NAME)[0].unlink()
    from_all = start(tmp_path)
    assert from_all.snapshot_sequence == 0
    assert from_all.head == from_snapshot.head
    assert from_all.engine.snapshot() == from_snapshot.engine.snapshot()


def test_a_replay_only_reads_and_a_replica_may_begin_at_a_snapshot(tmp_path: Path) -> None:
    last = fill(tmp_path, 5)
    journal = Segments.open(tmp_path / JOURNAL_NAME, GENESIS, SETTINGS.segments)
    seen: list[int] = []
    replica = replay(tmp_path, FakeEngine, seen.append, check_roots=True)
    journal.close()
    assert (replica.sequence, seen[-1]) == (last, last)
    (snapshot,) = Shelf(tmp_path / JOURNAL_NAME, tmp_path / SNAPSHOTS_NAME, []).usable()
    assert snapshot.head == replica.head
    assert FakeEngine.restore(snapshot.data).snapshot() == replica.engine.snapshot()
    assert list(Shelf(tmp_path / "nowhere", tmp_path / SNAPSHOTS_NAME, []).usable()) == []


def test_a_damaged_snapshot_is_passed_over_and_the_reason_told(tmp_path: Path) -> None:
    last = fill(tmp_path, 5)
    (path,) = list_snapshots(tmp_path / SNAPSHOTS_NAME)
    data = bytearray(path.read_bytes())
    data[-50] ^= 1
    path.write_bytes(data)
    recovered = start(tmp_path)
    assert (recovered.snapshot_sequence, recovered.head.sequence) == (0, last)
    assert "fails its checksum" in recovered.notes[0]


def test_a_snapshot_of_a_wrong_state_is_found_out_by_the_frames_after_it(tmp_path: Path) -> None:
    first = fill(tmp_path, 5)
    fill(tmp_path, 5, first=10)
    newest, older = list_snapshots(tmp_path / SNAPSHOTS_NAME)
    newest.unlink()
    kept = read_snapshot(older, start(tmp_path).journal.genesis.hash)
    engine = FakeEngine.restore(kept.data)
    engine.digest = b"x" * 32
    write_snapshot(tmp_path / SNAPSHOTS_NAME, Snapshot(kept.head, kept.genesis_hash, engine.snapshot()), 2)
    recovered = start(tmp_path)
    assert recovered.snapshot_sequence == 0
    assert f"the snapshot at sequence {first} was not used" in recovered.notes[0]
    assert "events made here differ" in recovered.notes[0]


def test_snapshots_say_why_they_cannot_be_used(tmp_path: Path) -> None:
    path = write_snapshot(tmp_path, Snapshot(Head(3, bytes(32), bytes(32)), b"g" * 32, b"data"), 1)
    assert read_snapshot(path, b"g" * 32).data == b"data"
    with pytest.raises(SnapshotUnusable, match="another journal"):
        read_snapshot(path, b"h" * 32)
    path.write_bytes(b"short")
    with pytest.raises(SnapshotUnusable, match="checksum"):
        read_snapshot(path, b"g" * 32)


def test_a_journal_whose_events_cannot_be_made_again_is_not_started_from(tmp_path: Path) -> None:
    journal = Segments.open(tmp_path / JOURNAL_NAME, GENESIS, SETTINGS.segments)
    first, second = make_frames(2)
    wrong = build_frame(2, 1, bytes(second.body), first.hash, b"x" * 32)
    for frame in (first, wrong):
        journal.append(frame)
    journal.sync()
    journal.close()
    with pytest.raises(ReplicaDiverged, match="sequence 1: the events made here differ"):
        start(tmp_path)


def test_a_halted_venue_starts_halted(tmp_path: Path) -> None:
    async def run() -> None:
        async with running_writer(tmp_path) as writer:
            durable = asyncio.Event()
            writer.frames_listeners.append(lambda frames: durable.set())
            writer.submit(1, submission(1, 1, b"halt"))
            await asyncio.wait_for(durable.wait(), 60)

    asyncio.run(run())
    assert list_snapshots(tmp_path / SNAPSHOTS_NAME) == []
    assert start(tmp_path).engine.halted
