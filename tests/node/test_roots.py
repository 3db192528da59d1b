"""State roots (LAW-09): where replicas take them, how they are compared, and what becomes of a replica that differs."""

import asyncio
import hashlib
import logging
import threading
import zlib
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import pytest

from outcry.engine.engine import Engine
from outcry.journal.errors import FrameDamaged
from outcry.journal.frames import (
    GENESIS,
    ROOT_EVERY,
    Frame,
    Genesis,
    Head,
    build_frame,
    encode_header,
    encode_trailer,
    frame_at,
)
from outcry.journal.reading import read_frames
from outcry.journal.segments import Segments
from outcry.node.core import NodeCore, Submission, Why
from outcry.node.hashing import HashingThread
from outcry.node.local import LocalLink
from outcry.node.recovery import JOURNAL_NAME, find_root
from outcry.node.replica import Replica, ReplicaDiverged
from outcry.node.roots import Hashed, RootBook, StateRoot, root_of
from outcry.protocol import wire
from outcry.protocol.layout import Code, Deposit, EventKind, OpenAccount, Root
from tests.node.fake_engine import FakeEngine, submission
from tests.node.venues import LINK, SETTINGS, running_writer

THE_GENESIS = Genesis(1, 0, 4)
EVERY = THE_GENESIS.roots_due_every
AT_GENESIS = Head.at_genesis(THE_GENESIS.hash)
EVERY_16 = replace(SETTINGS, root_every=16)


class Chain:
    """Frames of however many entries, made with an engine of its own."""

    def __init__(self) -> None:
        self.engine = FakeEngine()
        self.head = AT_GENESIS

    def frame(self, *records: Deposit | Root) -> Frame:
        body = b"".join(
            wire.encode_entry(
                record, sequence=number, time_ns=number, origin=1, origin_sequence=number, salt=bytes([number]) * 16
            )
            for number, record in enumerate(records, self.head.sequence + 1)
        )
        frame = build_frame(self.head.sequence + 1, len(records), body, self.head.frame_hash, self.head.events_digest)
        self.head = Head(frame.last_sequence, frame.hash, wire.events_digest(self.engine.apply(body)))
        return frame

    def deposits(self, how_many: int) -> Frame:
        return self.frame(*[Deposit()] * how_many)


def replica_with_roots(engine: FakeEngine | None = None) -> tuple[Replica, RootBook]:
    roots = RootBook(EVERY)
    return Replica(engine or FakeEngine(), AT_GENESIS, roots=roots), roots


def root_at(sequence: int) -> StateRoot:
    """The root of a chain of deposits there, made entry by entry."""
    chain = Chain()
    for _ in range(sequence):
        chain.deposits(1)
    return root_of(chain.engine)


def test_a_genesis_says_how_often_roots_are_due_and_an_old_one_means_the_usual() -> None:
    assert Genesis.decode(Genesis(1, 5, 64).encode()) == Genesis(1, 5, 64)
    silent = Genesis(1, 5, 0)
    assert Genesis.decode(silent.encode()) == silent
    assert (silent.roots_due_every, len(silent.encode())) == (ROOT_EVERY, GENESIS.size)
    assert silent.hash != Genesis(1, 5).hash
    damaged = bytearray(silent.encode())
    damaged[12] = 1
    with pytest.raises(FrameDamaged, match="checksum"):
        Genesis.decode(bytes(damaged))


def test_roots_are_taken_inside_frames_exactly_where_they_are_due() -> None:
    chain, (replica, roots) = Chain(), replica_with_roots()
    for how_many in (3, 2, 9, 1, 1, 7):
        replica.apply(chain.deposits(how_many))
    for sequence in range(1, 24):
        assert roots.known(sequence) == (root_at(sequence) if sequence % EVERY == 0 else None)
    assert isinstance(replica.engine, FakeEngine)
    assert replica.engine.digest == chain.engine.digest


def test_stopping_inside_a_frame_changes_neither_events_nor_chain() -> None:
    chain, (replica, _), plain = Chain(), replica_with_roots(), Replica(FakeEngine(), AT_GENESIS)
    for how_many in (3, 2, 9, 1):
        frame = chain.deposits(how_many)
        assert replica.advance(frame) == plain.advance(frame)
        assert replica.head == plain.head == chain.head


def test_an_equal_root_is_counted_and_a_second_one_changes_nothing() -> None:
    chain, (replica, roots) = Chain(), replica_with_roots()
    replica.apply(chain.deposits(5))
    root = root_at(4)
    replica.apply(chain.frame(root.command()))
    assert (roots.journaled, roots.compared, roots.known(4)) == (1, 1, None)
    (_, (event,)) = replica.apply(chain.frame(root.command()))[0]
    assert (event.head.kind, event.record.code) == (EventKind.REFUSED, Code.PARAMETER_INVALID)
    wrong = root._replace(root=b"w" * 32)
    replica.apply(chain.frame(wrong.command()))
    assert (roots.journaled, roots.compared) == (1, 1)


@pytest.mark.parametrize("part", ["root", "public_root"])
def test_a_replica_that_differs_from_the_journaled_root_halts_and_names_both(part: str) -> None:
    chain, (replica, _) = Chain(), replica_with_roots()
    replica.apply(chain.deposits(6))
    own = root_at(4)
    said = own._replace(root=b"x" * 32) if part == "root" else own._replace(public_root=b"x" * 32)
    frame = chain.frame(said.command())
    with pytest.raises(ReplicaDiverged, match="sequence 4: the state root made here") as caught:
        replica.apply(frame)
    for hexadecimal in (own.root.hex(), (b"x" * 32).hex()):
        assert hexadecimal in str(caught.value)
    with pytest.raises(ReplicaDiverged, match="sequence 4"):
        replica.apply(chain.deposits(1))


def test_a_root_of_a_sequence_not_passed_here_cannot_be_compared() -> None:
    chain = Chain()
    chain.deposits(5)
    roots = RootBook(EVERY)
    late = Replica(FakeEngine.restore(chain.engine.snapshot()), chain.head, roots=roots)
    late.apply(chain.frame(StateRoot(4, b"p" * 32, b"r" * 32).command()))
    assert (roots.journaled, roots.compared) == (1, 0)


def test_an_engine_restored_where_a_root_is_due_is_compared_with_it() -> None:
    for twist in (b"", b"other"):
        chain = Chain()
        chain.deposits(4)
        engine = FakeEngine.restore(chain.engine.snapshot())
        if twist:
            engine.digest = bytes(32)
        roots = RootBook(EVERY)
        late = Replica(engine, chain.head, roots=roots)
        frame = chain.frame(root_at(4).command())
        if twist:
            with pytest.raises(ReplicaDiverged, match="sequence 4"):
                late.advance(frame)
        else:
            late.advance(frame)
            assert roots.compared == 1


def test_a_root_still_being_hashed_is_compared_when_it_is_known() -> None:
    under_way: list[tuple[Hashed, StateRoot]] = []

    def later(engine: object) -> Hashed:
        assert isinstance(engine, FakeEngine)
        under_way.append((Future(), root_of(engine)))
        return under_way[-1][0]

    for wrong in (False, True):
        chain, roots = Chain(), RootBook(EVERY, later)
        replica = Replica(FakeEngine(), AT_GENESIS, roots=roots)
        replica.advance(chain.deposits(5))
        said = root_at(4)._replace(root=b"w" * 32) if wrong else root_at(4)
        replica.advance(chain.frame(said.command()))
        assert (roots.journaled, roots.compared) == (1, 0)
        future, own = under_way.pop()
        future.set_result(own)
        if wrong:
            with pytest.raises(ReplicaDiverged, match="sequence 4"):
                replica.advance(chain.deposits(1))
        else:
            replica.advance(chain.deposits(1))
            assert roots.compared == 1


def test_a_hashing_thread_leaves_out_what_it_has_no_time_for_or_waits() -> None:
    release = threading.Event()

    class Slow(FakeEngine):
        def roots(self) -> tuple[bytes, bytes, bytes]:
            release.wait(10)
            return super().roots()

        def copy(self, over: FakeEngine | None = None) -> "Slow":
            copied = Slow()
            vars(copied).update(vars(self))
            return copied

    hashing = HashingThread()
    first = hashing(Slow())
    assert first is not None
    assert hashing(Slow()) is None
    release.set()
    assert first.result() == root_of(FakeEngine())
    assert hashing(Slow()) is not None
    hashing.close()
    patient = HashingThread(wait=True)
    assert all(patient(FakeEngine()) is not None for _ in range(3))
    patient.close()


def test_no_root_is_taken_of_a_halted_venue() -> None:
    chain, (replica, roots) = Chain(), replica_with_roots()
    replica.apply(chain.deposits(3))
    chain.engine.halted = True
    assert isinstance(replica.engine, FakeEngine)
    replica.engine.halted = True
    replica.apply(chain.deposits(2))
    assert roots.known(4) is None


def test_the_writer_closes_a_frame_where_a_root_is_due() -> None:
    core = NodeCore(FakeEngine(), AT_GENESIS, bytes, root_every=EVERY)
    outputs = core.step([Submission(1, submission(1, number)) for number in range(1, 11)], 10**9)
    assert [frame.last_sequence for frame in outputs.append] == [4, 8, 10]


def test_a_root_of_a_sequence_at_which_none_is_due_is_not_admitted() -> None:
    core = NodeCore(FakeEngine(), AT_GENESIS, bytes, root_every=EVERY)

    def entry(at_sequence: int, number: int) -> Submission:
        return Submission(1, wire.encode_entry(Root(at_sequence=at_sequence), origin=1, origin_sequence=number))

    outputs = core.step([entry(4, 1), entry(5, 2), entry(8, 3)], 10**9)
    assert [(away.origin_sequence, away.why) for away in outputs.turned_away] == [(2, Why.MALFORMED)]
    assert core.engine.sequence == 2


def test_roots_missing_from_the_journal_are_said_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        async with running_writer(tmp_path, EVERY_16) as writer:
            for number in range(1, 60):
                writer.submit(1, submission(1, number))
                while writer.durable_sequence < number:
                    await asyncio.sleep(0.001)

    with caplog.at_level(logging.WARNING):
        asyncio.run(main())
    assert "the state root of sequence 32 has not been journaled: no replica proposed it" in caplog.text


def account(number: int) -> OpenAccount:
    record = OpenAccount()
    wire.put_bytes(record.handle, number.to_bytes(16, "little"))
    return record


def test_a_flipped_bit_in_a_replicas_state_is_found_at_the_next_root(tmp_path: Path) -> None:
    """The bit lies where no event shows it, so nothing but the root can."""

    async def main() -> None:
        async with running_writer(tmp_path, EVERY_16, Engine) as writer:
            good = LocalLink(writer, 1, Replica(Engine(), roots=RootBook(16)), LINK)
            flipped = LocalLink(writer, 2, Replica(Engine(), roots=RootBook(16)), LINK)
            await good.start()
            await flipped.start()
            for number in range(8):
                await good.execute(account(number))
            assert flipped.replica is not None
            assert good.replica is not None
            flipped.replica.engine.tables.accounts[9].handle[1] ^= 1 << 60
            for number in range(8, 20):
                await good.execute(account(number))
            assert good.replica.roots is not None
            own = good.replica.roots.known(16)
            assert own is not None
            await good.execute(own.command())
            with pytest.raises(ReplicaDiverged, match="sequence 16: the state root made here"):
                await flipped.wait_finished()
            await good.execute(account(20))
            assert (good.replica.roots.journaled, good.replica.roots.compared) == (1, 1)
            await good.stop()
            await flipped.stop()

    asyncio.run(main())
    assert [frame.last_sequence for frame in read_frames(tmp_path / JOURNAL_NAME)].count(16) == 1


def test_a_root_said_after_a_later_one_was_refused_and_vouches_for_nothing(tmp_path: Path) -> None:
    chain, folder = Chain(), tmp_path / JOURNAL_NAME
    journal = Segments.open(folder, THE_GENESIS, SETTINGS.segments)
    late = replace_root(root_at(EVERY))
    for frame in (chain.deposits(EVERY), chain.deposits(EVERY), chain.frame(root_at(2 * EVERY).command())):
        journal.append(frame)
    journal.append(chain.frame(late.command()))
    journal.sync()
    journal.close()
    assert find_root(folder, 2 * EVERY) == root_at(2 * EVERY)
    assert find_root(folder, EVERY) is None


def test_a_root_that_came_late_vouches_all_the_same(tmp_path: Path) -> None:
    """A keeper makes a snapshot usable whenever its root is noted, so a start has to find it however far behind."""
    chain, folder = Chain(), tmp_path / JOURNAL_NAME
    journal = Segments.open(folder, THE_GENESIS, SETTINGS.segments)
    for _ in range(12):
        journal.append(chain.deposits(EVERY))
    journal.append(chain.frame(root_at(EVERY).command()))
    journal.sync()
    journal.close()
    assert find_root(folder, EVERY) == root_at(EVERY)
    assert find_root(folder, 2 * EVERY) is None


def replace_root(root: StateRoot) -> StateRoot:
    """What a replica in a wrong state would say."""
    return root._replace(root=bytes(32))


def test_a_replica_that_is_handed_what_is_no_entry_halts_itself() -> None:
    good = Chain().deposits(1)
    body = good.body[: wire.ENTRY_HEAD_BYTES - 8]
    header = good.header._replace(body_bytes=len(body), body_crc=zlib.crc32(body))
    replica = Replica(Engine(), AT_GENESIS)
    packed = encode_header(header)
    trailer = encode_trailer(hashlib.sha256(packed).digest(), bytes(64))
    with pytest.raises(ReplicaDiverged, match=r"sequence 1: .*whole entries"):
        replica.advance(frame_at(packed + bytes(body) + trailer))
    assert replica.diverged is not None
