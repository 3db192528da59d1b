"""The node's core: what stands before what, what is turned away, and that nothing is published before it is durable."""

import hashlib
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outcry.journal.frames import Frame, Genesis, Head, check_entries
from outcry.node.core import Held, Input, NodeCore, NodeStuck, Outputs, Room, Submission, Synced, Why
from outcry.node.replica import Replica
from outcry.node.settings import ENTRY_BYTES_MAX, CoreSettings
from outcry.protocol import wire
from outcry.protocol.layout import CommandKind, Tick
from tests.node.fake_engine import SECOND_NS, FakeEngine, submission

GENESIS = Genesis(1, 0)
NOW = 100 * SECOND_NS


def make_core(core_settings: CoreSettings | None = None, engine: FakeEngine | None = None) -> NodeCore:
    numbers = count(1)

    def salts(length: int) -> bytes:
        return hashlib.sha256(str(next(numbers)).encode()).digest()[:length]

    return NodeCore(engine or FakeEngine(), Head.at_genesis(GENESIS.hash), salts, core_settings)


def heads(frames: list[Frame]) -> list[tuple[int, str, int, int]]:
    return [
        (entry.head.sequence, CommandKind(entry.head.kind).name, entry.head.time_ns, entry.head.origin)
        for frame in frames
        for entry in wire.entries_of(frame.body)
    ]


def kinds(outputs: Outputs) -> list[str]:
    return [kind for _, kind, _, _ in heads(outputs.append)]


def sync(core: NodeCore, outputs: Outputs, now_ns: int = NOW) -> Outputs:
    return core.step([Synced(outputs.append[-1].last_sequence)], now_ns)


def test_an_entry_gets_sequence_time_and_salt_and_hangs_on_the_genesis() -> None:
    core = make_core()
    outputs = core.step([Submission(1, submission(1, 5)), Submission(2, submission(2, 9, b"text"))], NOW)
    (frame,) = outputs.append
    assert heads([frame]) == [(1, "DEPOSIT", NOW, 1), (2, "DEPOSIT", NOW, 2)]
    assert frame.header.previous_hash == GENESIS.hash
    check_entries(frame)
    salts = {bytes(entry.head)[wire.ENTRY_PUBLIC_BYTES :] for entry in wire.entries_of(frame.body)}
    assert len(salts) == 2
    assert bytes(16) not in salts
    assert core.head.sequence == 2


def test_nothing_is_published_before_its_sync_and_everything_after_it() -> None:
    """LAW-04, at the one place from which anything leaves."""
    core = make_core()
    first = core.step([Submission(1, submission(1, 1))], NOW)
    assert first.publish == []
    waiting = core.step([Submission(1, submission(1, 2)), Submission(1, submission(1, 3))], NOW)
    assert (waiting.append, waiting.publish) == ([], [])
    second = sync(core, first)
    assert second.publish == first.append
    assert [frame.first_sequence for frame in second.append] == [2]
    assert core.durable_sequence == 1
    quiet = core.quiet
    third = sync(core, second)
    assert third.publish == second.append
    assert third.append == []
    assert (quiet, core.quiet) == (False, True)
    with pytest.raises(ValueError, match="nothing that ends at sequence 3"):
        core.step([Synced(3)], NOW)


def test_a_frame_carries_the_digest_of_the_events_before_it() -> None:
    core, replica = make_core(), Replica(FakeEngine(), Head.at_genesis(GENESIS.hash))
    outputs = core.step([Submission(1, submission(1, 1))], NOW)
    for number in range(2, 6):
        for frame in outputs.append:
            replica.apply(frame)
        core.step([Submission(1, submission(1, number))], NOW)
        outputs = sync(core, outputs)
    assert replica.sequence == 4


def test_a_full_frame_closes_while_another_is_written_and_all_go_out_together() -> None:
    core = make_core(CoreSettings(frame_bytes=600))
    first = core.step([Submission(1, submission(1, 1))], NOW)
    for number in range(2, 12):
        core.step([Submission(1, submission(1, number))], NOW)
    second = sync(core, first)
    assert len(second.append) == 2
    assert all(len(frame.body) <= 600 for frame in second.append)
    assert [row[0] for row in heads(second.append)] == list(range(2, 12))
    assert sync(core, second).publish == second.append


def test_a_repeated_or_older_number_is_turned_away_also_in_the_open_frame_and_after_a_restart() -> None:
    core = make_core()
    outputs = core.step([Submission(1, submission(1, 5)), Submission(1, submission(1, 5))], NOW)
    outputs.turned_away += core.step(
        [Submission(1, submission(1, 4)), Submission(2, submission(2, 4))], NOW
    ).turned_away
    assert [(away.origin, away.origin_sequence, away.why) for away in outputs.turned_away] == [
        (1, 5, Why.REPEATED),
        (1, 4, Why.REPEATED),
    ]
    sync(core, outputs)
    assert (core.last_admitted(1), core.last_admitted(2), core.last_admitted(3)) == (5, 4, 0)
    again = NodeCore(core.engine, core.head, bytes)
    outputs = again.step([Submission(1, submission(1, 5)), Submission(1, submission(1, 6))], NOW)
    assert [away.why for away in outputs.turned_away] == [Why.REPEATED]
    assert kinds(outputs) == ["DEPOSIT"]


@pytest.mark.parametrize(
    "entry",
    [
        b"",
        bytes(80),
        submission(1, 1)[:-8],
        submission(1, 1) + bytes(8),
        submission(2, 1),
        submission(1, 0),
        submission(1, -3),
        submission(1, 1, b"x" * ENTRY_BYTES_MAX),
        submission(1, 1, b"1234567")[:-1] + b"x",
        wire.encode_entry(Tick(), origin=1, origin_sequence=1),
        b"\xff" * 200,
    ],
)
def test_what_is_malformed_is_turned_away_and_changes_nothing(entry: bytes) -> None:
    core = make_core()
    outputs = core.step([Submission(1, entry)], NOW)
    assert [away.why for away in outputs.turned_away] == [Why.MALFORMED]
    assert (outputs.append, core.engine.sequence, core.last_admitted(1)) == ([], 0, 0)


def test_the_node_itself_is_no_origin_to_submit_as() -> None:
    outputs = make_core().step([Submission(0, submission(0, 1))], NOW)
    assert [away.why for away in outputs.turned_away] == [Why.MALFORMED]


def test_time_never_goes_back() -> None:
    core = make_core()
    first = core.step([Submission(1, submission(1, 1))], NOW)
    core.step([Submission(1, submission(1, 2))], NOW - 1)
    second = sync(core, first, NOW - 2)
    assert heads(second.append) == [(2, "DEPOSIT", NOW, 1)]


def test_a_tick_stands_before_an_entry_at_or_after_what_is_due() -> None:
    core = make_core()
    core.step([Submission(1, submission(1, 1, b"due"))], NOW)
    outputs = core.step([Submission(1, submission(1, 2))], NOW + SECOND_NS - 1)
    assert outputs.wake_ns == NOW + SECOND_NS
    core.step([Submission(1, submission(1, 3))], NOW + SECOND_NS)
    frames = core.step([Synced(1)], NOW + SECOND_NS).append
    assert [kind for _, kind, _, _ in heads(frames)] == ["DEPOSIT", "TICK", "DEPOSIT"]


def test_what_is_due_is_done_without_submissions() -> None:
    core = make_core()
    outputs = core.step([Submission(1, submission(1, 1, b"due"))], NOW)
    sync(core, outputs)
    assert core.step([], NOW + SECOND_NS - 1).append == []
    outputs = core.step([], NOW + SECOND_NS)
    assert heads(outputs.append) == [(2, "TICK", NOW + SECOND_NS, 0)]


def test_a_second_without_entries_brings_a_tick_but_an_empty_journal_waits() -> None:
    core = make_core()
    outputs = core.step([], NOW)
    assert (outputs.append, outputs.wake_ns) == ([], 0)
    outputs = core.step([Submission(1, submission(1, 1))], NOW)
    assert outputs.wake_ns == NOW + SECOND_NS
    assert sync(core, outputs, NOW + SECOND_NS - 1).append == []
    outputs = core.step([], NOW + SECOND_NS)
    assert kinds(outputs) == ["TICK"]
    assert outputs.wake_ns == NOW + 2 * SECOND_NS


def test_a_jump_of_more_than_five_seconds_is_a_resume_before_anything_else() -> None:
    core = make_core()
    outputs = core.step([Submission(1, submission(1, 1, b"due"))], NOW)
    outputs = sync(core, outputs)
    later = NOW + 5 * SECOND_NS + 1
    outputs = core.step([Submission(1, submission(1, 2))], later)
    assert kinds(outputs) == ["RESUME", "TICK", "DEPOSIT"]
    entry = next(wire.entries_of(outputs.append[0].body))
    assert entry.record.paused_ns == 5 * SECOND_NS + 1
    sync(core, outputs, later)
    assert kinds(core.step([], later + 6 * SECOND_NS)) == ["RESUME"]


def test_five_seconds_are_no_pause_and_the_first_entry_never_is() -> None:
    core = make_core()
    outputs = core.step([Submission(1, submission(1, 1))], NOW)
    assert kinds(outputs) == ["DEPOSIT"]
    sync(core, outputs)
    assert kinds(core.step([Submission(1, submission(1, 2))], NOW + 5 * SECOND_NS)) == ["DEPOSIT"]


def test_a_table_grows_before_the_next_command() -> None:
    core = make_core()
    outputs = core.step([Submission(1, submission(1, 1, b"grow")), Submission(1, submission(1, 2))], NOW)
    assert kinds(outputs) == ["DEPOSIT", "GROW", "DEPOSIT"]


def test_one_continue_stands_before_each_command_until_the_engines_work_is_done() -> None:
    core = make_core()
    inputs = [Submission(1, submission(1, 1, b"work")), *(Submission(1, submission(1, n)) for n in range(2, 6))]
    wanted = ["DEPOSIT", "CONTINUE", "DEPOSIT", "CONTINUE", "DEPOSIT", "DEPOSIT", "DEPOSIT"]
    assert kinds(core.step(inputs, NOW)) == wanted


def test_the_engines_work_goes_on_when_nobody_sends_anything() -> None:
    core = make_core()
    outputs = core.step([Submission(1, submission(1, 1, b"work"))], NOW)
    assert kinds(outputs) == ["DEPOSIT", "CONTINUE"]
    assert outputs.wake_ns <= NOW
    outputs = sync(core, outputs)
    assert kinds(outputs) == ["CONTINUE"]
    assert outputs.wake_ns > NOW


def test_a_halted_venue_publishes_why_and_journals_refusals_but_no_ticks() -> None:
    core = make_core()
    outputs = core.step([Submission(1, submission(1, 1, b"halt"))], NOW)
    assert sync(core, outputs).publish == outputs.append
    outputs = core.step([], NOW + 10 * SECOND_NS)
    assert (outputs.append, outputs.wake_ns) == ([], 0)
    outputs = core.step([Submission(1, submission(1, 2))], NOW + 20 * SECOND_NS)
    assert kinds(outputs) == ["DEPOSIT"]


def test_without_room_on_the_disk_nothing_is_admitted_until_there_is() -> None:
    core = make_core()
    outputs = core.step([Submission(1, submission(1, 1))], NOW)
    sync(core, outputs)
    outputs = core.step([Room(False), Submission(1, submission(1, 2))], NOW + 2 * SECOND_NS)
    assert [away.why for away in outputs.turned_away] == [Why.DISK_NEARLY_FULL]
    assert outputs.append == []
    outputs = core.step([Room(True), Submission(1, submission(1, 2))], NOW + 2 * SECOND_NS)
    assert kinds(outputs) == ["DEPOSIT"]


def test_with_too_much_waiting_for_the_disk_submissions_are_turned_away() -> None:
    core = make_core(CoreSettings(waiting_bytes=500))
    first = core.step([Submission(1, submission(1, 1))], NOW)
    outputs = core.step([Submission(1, submission(1, number)) for number in range(2, 10)], NOW)
    assert {away.why for away in outputs.turned_away} == {Why.CROWDED}
    assert 1 < core.engine.sequence < 9
    second = sync(core, first)
    sync(core, second)
    assert core.step([Submission(1, submission(1, 10))], NOW).turned_away == []


def test_a_held_core_becomes_quiet() -> None:
    core = make_core()
    outputs = core.step([Submission(1, submission(1, 1))], NOW)
    outputs = core.step([Held(True), Synced(1)], NOW + 3 * SECOND_NS)
    assert (outputs.append, outputs.wake_ns, core.quiet) == ([], 0, True)
    assert kinds(core.step([Held(False)], NOW + 3 * SECOND_NS)) == ["TICK"]


def test_a_tick_that_does_nothing_stops_the_node(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = FakeEngine()
    core = make_core(engine=engine)
    core.step([Submission(1, submission(1, 1, b"due"))], NOW)
    apply = engine.apply

    def undone(body: bytes | memoryview) -> bytes:
        due_ns = engine.next_due_ns
        events = apply(body)
        engine.next_due_ns = due_ns
        return events

    monkeypatch.setattr(engine, "apply", undone)
    with pytest.raises(NodeStuck, match="undone"):
        core.step([], NOW + SECOND_NS)


def test_engine_and_journal_must_stand_at_the_same_sequence() -> None:
    with pytest.raises(ValueError, match="the journal at 7"):
        NodeCore(FakeEngine(), Head(7, bytes(32), bytes(32)), bytes)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["submit", "submit", "sync", "wait"]),
            st.integers(1, 3),
            st.integers(1, 12),
            st.sampled_from([b"", b"due", b"grow", b"x" * 150]),
            st.integers(-SECOND_NS, 7 * SECOND_NS),
        ),
        max_size=60,
    )
)
def test_whatever_comes_the_frames_are_one_chain_that_a_replica_follows(
    moves: list[tuple[str, int, int, bytes, int]],
) -> None:
    core = make_core(CoreSettings(frame_bytes=700))
    replica, writing, published, now_ns = (
        Replica(FakeEngine(), Head.at_genesis(GENESIS.hash), check_roots=True),
        0,
        0,
        NOW,
    )
    for move, origin, number, payload, passed_ns in [*moves, *[("sync", 1, 1, b"", 0)] * 3]:
        now_ns += passed_ns if move == "wait" else 0
        inputs: list[Input] = []
        if move == "submit":
            inputs = [Submission(origin, submission(origin, number, payload))]
        elif move == "sync" and writing:
            inputs = [Synced(writing)]
        outputs = core.step(inputs, now_ns)
        if move == "sync":
            writing = 0
        for frame in outputs.publish:
            replica.apply(frame)
            published = frame.last_sequence
        if outputs.append:
            assert not writing
            writing = outputs.append[-1].last_sequence
    assert published == core.durable_sequence == replica.sequence
    if core.quiet:
        assert isinstance(replica.engine, FakeEngine)
        assert isinstance(core.engine, FakeEngine)
        assert replica.engine.digest == core.engine.digest


def test_without_room_on_the_disk_it_looks_again_after_a_while_and_not_at_once() -> None:
    core = make_core()
    sync(core, core.step([Submission(1, submission(1, 1, b"due"))], NOW))
    later = NOW + 3 * SECOND_NS
    assert core.step([Room(False)], later).wake_ns == later + CoreSettings().idle_tick_ns
    core = make_core()
    core.step([Submission(1, submission(1, 1, b"work"))], NOW)
    assert core.step([Room(False)], NOW).wake_ns == NOW + CoreSettings().idle_tick_ns
