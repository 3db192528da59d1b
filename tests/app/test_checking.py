"""Replay and verify: the same root from the same journal, and damage that is found where it is."""

import os
from pathlib import Path

import pytest

from outcry.app import bench, checking, saved
from outcry.app.saved import Follower, copy_of, load, write
from outcry.engine.engine import Engine
from outcry.engine.sums import law_sums
from outcry.journal.errors import JournalDamaged
from outcry.journal.frames import Head
from outcry.journal.reading import read_frames, read_genesis
from outcry.node.replica import Replica, ReplicaDiverged
from outcry.node.roots import root_of
from outcry.node.snapshots import Snapshot, make_usable, write_candidate
from outcry.protocol import wire
from outcry.views.recent import Recent
from tests.app.recorded import record

COMMANDS = 1_000


@pytest.fixture(scope="module")
def stream() -> bench.Stream:
    return bench.Stream(COMMANDS, seed=3)


@pytest.fixture
def journal(stream: bench.Stream, tmp_path: Path) -> Path:
    folder = tmp_path / "journal"
    bench.write_journal(folder, stream)
    return folder


def ignore(sequence: int) -> None:
    """Nobody looks at the progress."""


def test_replay_and_verify_come_to_the_streams_root(stream: bench.Stream, journal: Path) -> None:
    replayed, verified = checking.replay(journal, ignore), checking.verify(journal, ignore)
    assert replayed.root == verified.root == stream.root
    assert replayed.head == verified.head
    assert replayed.entries > COMMANDS
    assert verified.law.adds_up
    assert verified.breaches == []
    assert not verified.halted


def test_progress_is_told_up_to_the_end(journal: Path) -> None:
    told: list[int] = []
    checked = checking.verify(journal, told.append)
    assert told == sorted(told)
    assert told[-1] == checked.sequence


def test_a_changed_byte_is_found(journal: Path) -> None:
    segment = next(journal.glob("*.segment"))
    data = bytearray(segment.read_bytes())
    data[5_000] ^= 1
    segment.write_bytes(data)
    for check in (checking.replay, checking.verify):
        with pytest.raises(JournalDamaged):
            check(journal, ignore)


def test_a_journal_without_a_beginning_is_refused(tmp_path: Path) -> None:
    with pytest.raises(JournalDamaged, match="genesis is missing"):
        checking.replay(tmp_path, ignore)


def test_a_writer_that_made_other_events_is_found(
    stream: bench.Stream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "events_digest", lambda buffer: bytes(32))
    bench.write_journal(tmp_path, stream)
    monkeypatch.undo()
    for check in (checking.replay, checking.verify):
        with pytest.raises(ReplicaDiverged, match="events made here differ"):
            check(tmp_path, ignore)


@pytest.mark.parametrize("to", [1, 2, 400, 613, 1_000])
def test_a_replay_ends_after_any_entry_inside_a_frame_too(journal: Path, to: int) -> None:
    engine = Engine()
    for frame in read_frames(journal):
        for entry in wire.entry_slices(frame.body):
            if engine.sequence < to:
                engine.apply(entry)
    checked = checking.replay(journal, ignore, to=to)
    assert (checked.sequence, checked.entries, checked.root) == (to, to, engine.roots()[2].hex())
    assert checked.law == law_sums(engine.tables)
    assert [market.open_interest for market in checked.markets] == [
        engine.tables.instruments[number].open_interest for number in range(1, len(checked.markets) + 1)
    ]


def test_a_replay_to_where_there_is_nothing_is_refused(journal: Path, tmp_path: Path) -> None:
    last = checking.replay(journal, ignore).sequence
    with pytest.raises(checking.OutOfRange, match=f"no sequence {last + 1:,} in this journal: it has sequences 1 to"):
        checking.replay(journal, ignore, to=last + 1)


def test_a_replay_may_begin_at_the_newest_snapshot_before_its_end(tmp_path: Path) -> None:
    """The states at the roots of a recorded journal, as a keeper would have stored them."""
    states: dict[int, Snapshot] = {}

    def watch(engine: Engine) -> None:
        if engine.sequence % 64 == 0:
            states[engine.sequence] = Snapshot(Head(0, b"", b""), b"", engine.snapshot(), root_of(engine))

    record(tmp_path / "journal", watch=watch)
    genesis_hash, replica = read_genesis(tmp_path / "journal").hash, Replica(Engine())
    replica.begin(genesis_hash)
    for frame in read_frames(tmp_path / "journal"):
        replica.advance(frame)
        kept = states.get(frame.last_sequence)
        if kept is not None and replica.head is not None:
            snapshot = Snapshot(replica.head, genesis_hash, kept.data, kept.root)
            write_candidate(tmp_path / "snapshots", snapshot)
            make_usable(tmp_path / "snapshots", frame.last_sequence, 9)
    for to in (100, 200, 256, 300):
        whole = checking.replay(tmp_path / "journal", ignore, to=to)
        begun = checking.replay(tmp_path / "journal", ignore, to=to, from_snapshot=True)
        assert begun.begins_after == max(place for place in states if place <= to)
        assert (begun.root, begun.law, begun.sequence) == (whole.root, whole.law, to)
        assert not begun.pruned
    assert checking.replay(tmp_path / "journal", ignore, to=10, from_snapshot=True).begins_after == 0


def followed(journal: Path) -> Follower[Recent]:
    """A replica with its views at the end of the journal."""
    engine = Engine()
    replica, recent = Replica(engine), Recent(engine)
    replica.begin(read_genesis(journal).hash)
    for frame in read_frames(journal):
        for entry, events in replica.apply(frame):
            recent.observe(entry, events)
    return Follower(engine, replica, recent)


def save(path: Path, genesis_hash: bytes, follower: Follower[Recent]) -> None:
    state = copy_of(genesis_hash, follower)
    assert state is not None
    write(path, state)


def test_what_the_gateway_saves_is_where_it_goes_on(journal: Path, tmp_path: Path) -> None:
    follower, genesis_hash = followed(journal), read_genesis(journal).hash
    save(tmp_path / "state", genesis_hash, follower)
    again = load(tmp_path / "state", genesis_hash, Recent)
    assert again.engine.roots() == follower.engine.roots()
    assert again.replica.head == follower.replica.head
    assert (again.recent.sequence, again.recent.time_ns) == (follower.recent.sequence, follower.recent.time_ns)
    assert again.recent.instrument(1).trades == follower.recent.instrument(1).trades
    for account in range(8, 200):
        assert list(again.recent.orders(account)) == list(follower.recent.orders(account))
        assert list(again.recent.executions(account)) == list(follower.recent.executions(account))


@pytest.mark.parametrize("how", ["missing", "damaged", "other journal", "nonsense"])
def test_what_cannot_be_used_is_left_aside(journal: Path, tmp_path: Path, how: str) -> None:
    path, genesis_hash = tmp_path / "state", read_genesis(journal).hash
    save(path, genesis_hash, followed(journal))
    if how == "missing":
        path.unlink()
    elif how == "damaged":
        data = bytearray(path.read_bytes())
        data[-1] ^= 1
        path.write_bytes(data)
    elif how == "other journal":
        genesis_hash = bytes(32)
    else:
        path.write_bytes(b"nonsense")
    assert load(path, genesis_hash, Recent).replica.sequence == 0


def test_it_saves_at_the_end_of_a_frame_after_enough_entries_and_seconds(
    journal: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saved, "SAVE_EVERY", 600)
    path, seconds = tmp_path / "state", [0.0]
    engine = Engine()
    follower = Follower(engine, Replica(engine), Recent(engine))
    genesis_hash = read_genesis(journal).hash
    follower.replica.begin(genesis_hash)
    saving = saved.Saving(path, genesis_hash, follower, clock=lambda: seconds[0])
    stood_at = []
    for frame in read_frames(journal):
        seconds[0] += saved.SAVE_SECONDS / 2
        for entry, events in follower.replica.apply(frame):
            follower.recent.observe(entry, events)
            saving.observe(entry, events)
        if saving._writing is not None:
            saving._writing.result()
        if path.exists():
            stood_at.append(load(path, genesis_hash, Recent).replica.sequence)
            path.unlink()
    ends = [frame.last_sequence for frame in read_frames(journal)]
    assert stood_at
    assert set(stood_at) <= set(ends)


def test_a_disk_that_does_not_take_the_state_is_a_warning_and_leaves_nothing(
    journal: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    saving = saved.Saving(tmp_path / "state", read_genesis(journal).hash, followed(journal))
    saving.finish()
    assert "No space left on device" in caplog.text
    assert [path.name for path in tmp_path.iterdir() if "state" in path.name] == []


def test_two_streams_of_one_seed_are_one_stream(stream: bench.Stream) -> None:
    again = bench.Stream(COMMANDS, seed=3)
    assert again.batches == stream.batches
    assert again.root == stream.root
    assert bench.Stream(COMMANDS, seed=4).root != stream.root


def test_the_stream_is_mixed_and_trades(stream: bench.Stream) -> None:
    assert stream.trades > COMMANDS // 40
    assert stream.refused < COMMANDS // 5
    kinds = {entry.head.kind for body in stream.batches for entry in wire.entries_of(body)}
    assert len(kinds) >= 3
