"""The keeper: what it proposes, which snapshots become usable, and what a crash between two steps leaves behind."""

import asyncio
import hashlib
import logging
from dataclasses import replace
from pathlib import Path

import pytest

from outcry.engine.engine import Engine
from outcry.journal.frames import Head
from outcry.journal.reading import read_genesis
from outcry.node.keeper import Input, KeeperCore, KeeperSettings, Known, Noted, NotStored, Outputs, Stored, Taken
from outcry.node.keeping import Keeping
from outcry.node.local import LocalLink
from outcry.node.recovery import JOURNAL_NAME, SNAPSHOTS_NAME, Recovered, find_root, recover
from outcry.node.replica import Replica
from outcry.node.roots import RootBook, StateRoot, said_roots
from outcry.node.settings import NodeSettings
from outcry.node.snapshots import (
    CANDIDATE,
    ROOTED,
    Snapshot,
    list_candidates,
    list_rooted,
    list_snapshots,
    read_snapshot,
    write_candidate,
)
from outcry.protocol.layout import Deposit
from outcry.protocol.records import FORMAT_VERSION
from tests.node.fake_engine import FakeEngine, submission
from tests.node.venues import AT_ONCE, LINK, SETTINGS, Kept, running_writer

EVERY = 16
EVERY_16 = replace(SETTINGS, root_every=EVERY)


def root(sequence: int, letter: bytes = b"r") -> StateRoot:
    return StateRoot(sequence, b"p" * 32, letter * 32)


def taken(sequence: int) -> Taken:
    return Taken(Head(sequence, bytes(32), bytes(32)), FakeEngine())


def step(core: KeeperCore, *inputs: Input, now_s: float = 0.0) -> Outputs:
    return core.step(inputs, now_s)


def test_a_snapshot_is_usable_once_it_is_stored_and_its_root_is_noted_in_either_order() -> None:
    for noted_first in (False, True):
        core = KeeperCore(AT_ONCE)
        outputs = step(core, taken(16), Known(root(16)))
        assert [item.at_sequence for item in outputs.propose] == [16]
        assert [item.head.sequence for item in outputs.store] == [16]
        assert core.holds_state
        first, second = (Noted(root(16)), Stored(16)) if noted_first else (Stored(16), Noted(root(16)))
        assert step(core, first).make_usable == []
        assert step(core, second).make_usable == [16]
        assert not core.holds_state


def test_a_root_noted_before_it_is_known_here_is_not_proposed_and_vouches_for_the_snapshot() -> None:
    core = KeeperCore(AT_ONCE)
    step(core, taken(16), Noted(root(16)))
    outputs = step(core, Known(root(16)))
    assert (outputs.propose, [item.head.sequence for item in outputs.store]) == ([], [16])
    assert step(core, Stored(16)).make_usable == [16]
    other = KeeperCore(AT_ONCE)
    step(other, taken(16), Noted(root(16, b"x")))
    outputs = step(other, Known(root(16)))
    assert (outputs.store, [sequence for sequence, _ in outputs.drop]) == ([], [16])


@pytest.mark.parametrize("noted", [root(16, b"x"), root(32)])
def test_a_candidate_whose_root_the_journal_passed_over_is_dropped(noted: StateRoot) -> None:
    core = KeeperCore(AT_ONCE)
    step(core, taken(16), Known(root(16)), Stored(16))
    outputs = step(core, Noted(noted))
    assert [sequence for sequence, _ in outputs.drop] == [16]
    assert step(core, Noted(root(48))).make_usable == []
    core = KeeperCore(AT_ONCE)
    step(core, taken(16), Known(root(16)), Noted(noted))
    assert [sequence for sequence, _ in step(core, Stored(16)).drop] == [16]


def test_snapshots_keep_their_distance_and_roots_do_not() -> None:
    core = KeeperCore(KeeperSettings(snapshot_seconds=60))
    assert len(step(core, taken(16), Known(root(16))).store) == 1
    outputs = step(core, taken(32), Known(root(32)), now_s=59)
    assert (len(outputs.store), outputs.propose[0].at_sequence) == (0, 32)
    assert len(step(core, taken(48), Known(root(48)), now_s=60).store) == 1


def test_a_proposal_is_repeated_a_few_times_until_it_shows() -> None:
    core = KeeperCore(KeeperSettings(repeat_seconds=10, tries=3))
    step(core, Known(root(16)))
    assert [len(step(core, now_s=now_s).propose) for now_s in (9, 10, 11, 20, 30, 40)] == [0, 1, 0, 1, 0, 0]
    step(core, Known(root(32)), now_s=50)
    step(core, Noted(root(32)), now_s=51)
    assert step(core, now_s=90).propose == []


def test_what_the_disk_did_not_take_is_forgotten() -> None:
    core = KeeperCore(AT_ONCE)
    step(core, taken(16), Known(root(16)), NotStored(16))
    assert not core.holds_state
    assert step(core, Noted(root(16))).make_usable == []


def fill(folder: Path, how_many: int, settings: NodeSettings = EVERY_16) -> None:
    """A node with a keeper for so many deposits; no cache of the clean stop stays."""

    async def main() -> None:
        async with running_writer(folder, settings) as writer:
            kept = Kept(folder, writer)
            await kept.link.start()
            await kept.deposit(how_many)
            await kept.stop()

    asyncio.run(main())
    for path in list_snapshots(folder / SNAPSHOTS_NAME):
        if path.suffix != ROOTED:
            path.unlink()


def start(folder: Path) -> Recovered:
    recovered = recover(folder, FakeEngine, 5_000, EVERY_16)
    recovered.journal.close()
    return recovered


def from_all(folder: Path) -> Recovered:
    """The engine of the whole journal."""
    hidden = folder / SNAPSHOTS_NAME
    hidden.rename(folder / "hidden")
    try:
        return start(folder)
    finally:
        (folder / "hidden").rename(hidden)


def test_roots_are_journaled_and_snapshots_become_usable(tmp_path: Path) -> None:
    fill(tmp_path, 150)
    rooted = list_rooted(tmp_path / SNAPSHOTS_NAME)
    assert len(rooted) == AT_ONCE.snapshots_kept
    newest = int(rooted[0].stem)
    assert newest % EVERY == 0
    assert newest >= 100
    genesis = read_genesis(tmp_path / JOURNAL_NAME)
    snapshot = read_snapshot(rooted[0], genesis.hash)
    assert snapshot.root == find_root(tmp_path / JOURNAL_NAME, newest)
    recovered = start(tmp_path)
    assert (recovered.snapshot_sequence, recovered.notes) == (newest, [])
    assert recovered.engine.snapshot() == from_all(tmp_path).engine.snapshot()


def test_a_keeper_with_the_real_engine_comes_to_the_same_state(tmp_path: Path) -> None:
    async def main() -> None:
        async with running_writer(tmp_path, EVERY_16, Engine) as writer:
            kept = Kept(tmp_path, writer, Engine)
            await kept.link.start()
            for _ in range(80):
                # Each is refused, because there are no accounts; the origin's number changes all the same.
                await kept.link.execute(Deposit())
                await asyncio.sleep(0.002)
            assert kept.roots.compared == kept.roots.journaled >= 2
            await kept.stop()

    asyncio.run(main())
    (tmp_path / SNAPSHOTS_NAME / f"{80:020d}{ROOTED}").unlink(missing_ok=True)
    recovered = recover(tmp_path, Engine, 0, EVERY_16)
    recovered.journal.close()
    assert recovered.snapshot_sequence % EVERY == 0
    whole = from_all_with_engine(tmp_path)
    assert isinstance(recovered.engine, Engine)
    assert recovered.engine.roots() == whole.roots()


def from_all_with_engine(folder: Path) -> Engine:
    for path in list_snapshots(folder / SNAPSHOTS_NAME):
        path.unlink()
    recovered = recover(folder, Engine, 0, EVERY_16)
    recovered.journal.close()
    assert isinstance(recovered.engine, Engine)
    assert recovered.snapshot_sequence == 0
    return recovered.engine


@pytest.mark.parametrize("how", ["damaged", "foreign", "older format", "cut", "renamed", "other root", "not journaled"])
def test_a_snapshot_that_cannot_be_used_is_passed_over_with_a_sentence(tmp_path: Path, how: str) -> None:
    fill(tmp_path, 100)
    newest, older, *_ = list_rooted(tmp_path / SNAPSHOTS_NAME)
    genesis_hash = read_genesis(tmp_path / JOURNAL_NAME).hash
    data, snapshot = bytearray(newest.read_bytes()), read_snapshot(newest, genesis_hash)
    assert snapshot.root is not None
    if how == "damaged":
        data[-60] ^= 1
        newest.write_bytes(data)
        sentence = f"{newest.name} fails its checksum; it was not used"
    elif how == "cut":
        newest.write_bytes(data[:-60])
        sentence = f"{newest.name} fails its checksum; it was not used"
    elif how == "older format":
        rewrite(newest, snapshot, 12, bytes(4))
        versions = f"{FORMAT_VERSION}.0, this program reads format {FORMAT_VERSION}.2"
        sentence = f"{newest.name} has format {versions}; it was not used"
    elif how == "foreign":
        newest.unlink()
        path = write_candidate(newest.parent, replace(snapshot, genesis_hash=b"f" * 32))
        path.rename(newest)
        sentence = f"{newest.name} belongs to another journal; it was not used"
    elif how == "renamed":
        newest = newest.rename(newest.with_name(f"{int(newest.stem) + EVERY:020d}{ROOTED}"))
        sentence = f"{newest.name} is not what its name and head say; it was not used"
    elif how == "other root":
        wrong = replace(snapshot, root=snapshot.root._replace(root=b"w" * 32))
        write_candidate(newest.parent, wrong).rename(newest)
        sentence = f"{newest.name} was not used: its state root is another one in the journal"
    else:
        head = start(tmp_path).head
        engine = FakeEngine.restore(from_all(tmp_path).engine.snapshot())
        newest = write_candidate(
            newest.parent, Snapshot(head, genesis_hash, engine.snapshot(), root(head.sequence))
        ).rename(newest.with_name(f"{head.sequence:020d}{ROOTED}"))
        older = list_rooted(tmp_path / SNAPSHOTS_NAME)[1]
        sentence = f"{newest.name} was not used: its state root is not in the journal"
    recovered = start(tmp_path)
    assert recovered.notes == [sentence]
    assert recovered.snapshot_sequence == int(older.stem)
    assert recovered.engine.snapshot() == from_all(tmp_path).engine.snapshot()


def rewrite(path: Path, snapshot: Snapshot, offset: int, piece: bytes) -> None:
    """Another piece of the head, and the checksum of it."""
    write_candidate(path.parent, snapshot).rename(path)
    body = bytearray(path.read_bytes()[:-32])
    body[offset : offset + len(piece)] = piece
    path.write_bytes(bytes(body) + hashlib.sha256(body).digest())


def test_a_snapshot_whose_state_has_not_its_root_is_passed_over(tmp_path: Path) -> None:
    fill(tmp_path, 100)
    newest, older, *_ = list_rooted(tmp_path / SNAPSHOTS_NAME)
    snapshot = read_snapshot(newest, read_genesis(tmp_path / JOURNAL_NAME).hash)
    engine = FakeEngine.restore(snapshot.data)
    engine.digest = b"x" * 32
    write_candidate(newest.parent, replace(snapshot, data=engine.snapshot())).rename(newest)
    recovered = start(tmp_path)
    assert recovered.snapshot_sequence == int(older.stem)
    assert "was not used: its state has the root" in recovered.notes[0]


def test_a_cache_is_used_only_well_ahead_of_a_rooted_snapshot(tmp_path: Path) -> None:
    fill(tmp_path, 40)

    async def on(how_many: int) -> int:
        async with running_writer(tmp_path, EVERY_16) as writer:
            for _ in range(how_many):
                before = writer.durable_sequence
                writer.submit(2, submission(2, writer.core.last_admitted(2) + 1))
                while writer.durable_sequence == before:
                    await asyncio.sleep(0.001)
        return writer.durable_sequence

    asyncio.run(on(8))
    assert start(tmp_path).snapshot_sequence == 32
    stopped_at = asyncio.run(on(90))
    assert start(tmp_path).snapshot_sequence == stopped_at


def test_a_crash_between_snapshot_and_root_leaves_a_candidate_that_the_next_start_settles(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    fill(tmp_path, 60)
    folder, journal = tmp_path / SNAPSHOTS_NAME, tmp_path / JOURNAL_NAME
    genesis = read_genesis(journal)
    newest, older, *_ = list_rooted(folder)
    # The root of one stands in the journal, the other's never came there; a third was half written.
    newest.rename(newest.with_suffix(CANDIDATE))
    snapshot = read_snapshot(older, genesis.hash)
    unrooted = replace(snapshot, head=snapshot.head._replace(sequence=64), root=root(64))
    write_candidate(folder, unrooted)
    (folder / f"{80:020d}{CANDIDATE}.tmp").write_bytes(b"half")
    (folder / f"{96:020d}{CANDIDATE}").write_bytes(b"damaged")
    assert start(tmp_path).snapshot_sequence == int(older.stem)
    with caplog.at_level(logging.WARNING):
        Keeping(folder, journal, genesis, AT_ONCE).close()
    assert list_candidates(folder) == []
    assert list(folder.glob("*.tmp")) == []
    assert newest in list_rooted(folder)
    assert start(tmp_path).snapshot_sequence == int(newest.stem)
    assert "the snapshot of sequence 64 is dropped: its root is not in the journal" in caplog.text
    assert "fails its checksum; it was removed" in caplog.text


def test_another_replicas_wrong_root_for_a_journaled_one_is_an_error_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        async with running_writer(tmp_path, EVERY_16) as writer:
            kept = Kept(tmp_path, writer)
            await kept.link.start()
            await kept.deposit(20)
            while kept.roots.compared == 0:
                await kept.deposit(1)
            agreed = kept.roots.agreed(16)
            assert agreed is not None
            await kept.link.execute(agreed.command())
            assert "says the state root" not in caplog.text
            await kept.link.execute(agreed._replace(root=b"w" * 32).command())
            await kept.link.execute(Deposit())
            await kept.stop()

    with caplog.at_level(logging.ERROR):
        asyncio.run(main())
    assert f"origin 1 says the state root of sequence 16 is {(b'w' * 32).hex()}" in caplog.text


def test_exactly_one_root_of_a_due_sequence_is_noted_when_two_propose(tmp_path: Path) -> None:
    async def main() -> None:
        async with running_writer(tmp_path, EVERY_16) as writer:
            kept = Kept(tmp_path, writer)
            other_roots = RootBook(EVERY)
            other = LocalLink(writer, 2, Replica(FakeEngine(), roots=other_roots), LINK)
            await kept.link.start()
            await other.start()
            for _ in range(30):
                await kept.deposit(1)
                own = other_roots.known(16) or other_roots.agreed(16)
                if own is not None:
                    await other.execute(own.command())
            while kept.roots.journaled == 0:
                await kept.deposit(1)
            await kept.stop()
            await other.stop()
            assert kept.roots.journaled == kept.roots.compared
            said = [one for frame in writer.journal.frames() for one in said_roots(frame)]
            assert 2 in {head.origin for head, one in said if one.at_sequence == 16}

    asyncio.run(main())


def test_a_disk_that_takes_no_snapshot_is_a_warning_and_roots_go_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        async with running_writer(tmp_path, EVERY_16) as writer:
            kept = Kept(tmp_path, writer)
            (tmp_path / SNAPSHOTS_NAME).write_text("in the way")
            await kept.link.start()
            await kept.deposit(60)
            assert kept.roots.compared >= 2
            await kept.stop()
            (tmp_path / SNAPSHOTS_NAME).unlink()

    with caplog.at_level(logging.WARNING):
        asyncio.run(main())
    assert "the snapshot of sequence 16 was not written" in caplog.text
