"""What is shed first: which commands, at which thresholds, at the node and at the lines to it, and that it recovers."""

import asyncio
import ctypes
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcry.node.core import NodeCore, Outputs, Submission, Synced, Why
from outcry.node.link import Overloaded
from outcry.node.local import LocalLink
from outcry.node.recovery import recover
from outcry.node.replica import Replica
from outcry.node.settings import CoreSettings, LinkSettings
from outcry.node.shedding import Allowance, is_shed_first
from outcry.node.writer import Writer
from outcry.protocol import layout, wire
from outcry.protocol.layout import Amend, Cancel, CommandKind, Deposit, OrderFlag, Place
from tests.node.fake_engine import SECOND_NS, FakeEngine
from tests.node.test_core import NOW, make_core
from tests.node.venues import SETTINGS, make_link, running_node, running_writer

OWN = {CommandKind.TICK, CommandKind.CONTINUE, CommandKind.RESUME, CommandKind.GROW, CommandKind.UPGRADE}
KINDS = sorted(set(layout.COMMAND_CLASSES) - OWN)
FULL_LINE = "no new orders are taken: too many commands wait"
SMALL = CoreSettings(waiting_bytes=4_000, orders_waiting_bytes=2_000, orders_waiting_bytes_min=500)


def entry(record: ctypes.LittleEndianStructure, number: int, payload: bytes = b"") -> bytes:
    return wire.encode_entry(record, payload, origin=1, origin_sequence=number)


def full(core: NodeCore, up_to: int, numbers: Iterator[int]) -> Outputs:
    """Submit deposits until more than that waits; the outputs of the first."""
    first = core.step([Submission(1, entry(Deposit(), next(numbers)))], NOW)
    while core.unsynced_bytes <= up_to:
        assert core.step([Submission(1, entry(Deposit(), next(numbers)))], NOW).turned_away == []
    return first


def offered(core: NodeCore, record: ctypes.LittleEndianStructure, number: int) -> Why | None:
    away = core.step([Submission(1, entry(record, number))], NOW).turned_away
    return away[0].why if away else None


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: CommandKind(kind).name)
def test_at_the_lower_threshold_only_new_orders_and_amendments_are_shed(kind: CommandKind) -> None:
    core, numbers = make_core(SMALL), iter(range(1, 1_000))
    record = layout.COMMAND_CLASSES[kind]()
    assert offered(core, record, next(numbers)) in (None, Why.MALFORMED)
    full(core, SMALL.orders_waiting_bytes, numbers)
    shed = kind in (CommandKind.PLACE, CommandKind.AMEND)
    before = core.engine.sequence
    if kind != CommandKind.ROOT:
        assert offered(core, record, next(numbers)) is (Why.SHED if shed else None)
        assert core.engine.sequence == before + (not shed)
    full(core, SMALL.waiting_bytes, numbers)
    if kind != CommandKind.ROOT:
        assert offered(core, record, next(numbers)) is Why.CROWDED


@pytest.mark.parametrize("flags", range(256))
def test_an_order_that_can_only_close_is_not_shed(flags: int) -> None:
    closing = bool(flags & (OrderFlag.CLOSE | OrderFlag.REDUCE_ONLY))
    assert is_shed_first(entry(Place(flags=flags), 1, b"text")) is not closing


def test_a_shed_order_may_come_again_under_its_number_and_orders_are_taken_once_the_disk_has_caught_up() -> None:
    core, numbers = make_core(SMALL), iter(range(1, 1_000))
    first = full(core, SMALL.orders_waiting_bytes, numbers)
    number = next(numbers)
    assert offered(core, Place(), number) is Why.SHED
    assert offered(core, Cancel(), number) is None
    second = core.step([Synced(first.append[-1].last_sequence)], NOW)
    core.step([Synced(second.append[-1].last_sequence)], NOW)
    assert offered(core, Place(), next(numbers)) is None


def test_on_a_slow_disk_fewer_orders_wait_and_on_a_quick_one_more_again() -> None:
    core, numbers = make_core(CoreSettings(orders_waiting_bytes_min=200)), iter(range(1, 1_000))
    most = core.orders_waiting_bytes
    written = full(core, 3_000, numbers)
    outputs = core.step([Synced(written.append[-1].last_sequence)], NOW + SECOND_NS // 100)
    assert core.orders_waiting_bytes == most
    waiting = core.unsynced_bytes
    outputs = core.step([Synced(outputs.append[-1].last_sequence)], NOW + SECOND_NS // 100 + SECOND_NS)
    assert core.orders_waiting_bytes == waiting // 4
    while outputs.append:
        outputs = core.step([Synced(outputs.append[-1].last_sequence)], NOW + 3 * SECOND_NS)
    while core.orders_waiting_bytes < most:
        before = core.orders_waiting_bytes
        outputs = core.step([Submission(1, entry(Cancel(), next(numbers)))], NOW + 3 * SECOND_NS)
        while outputs.append:
            outputs = core.step([Synced(outputs.append[-1].last_sequence)], NOW + 3 * SECOND_NS)
        assert core.orders_waiting_bytes > before


@given(st.lists(st.tuples(st.integers(0, 1 << 24), st.integers(-SECOND_NS, 1_000 * SECOND_NS)), max_size=50))
def test_the_allowance_stays_within_its_bounds(writes: list[tuple[int, int]]) -> None:
    settings = CoreSettings()
    allowance = Allowance(settings)
    for written_bytes, took_ns in writes:
        allowance.learn(written_bytes, took_ns)
        assert settings.orders_waiting_bytes_min <= allowance.bytes <= settings.orders_waiting_bytes


def test_a_line_with_much_unanswered_takes_cancels_and_closing_orders_only(tmp_path: Path) -> None:
    async def main() -> None:
        async with running_writer(tmp_path) as writer:
            link = LocalLink(writer, 1, Replica(FakeEngine()), LinkSettings(pending_max=4, pending_orders_max=2))
            await link.start()
            commands = [Place(), Amend(), Place(), Amend(), Place(flags=OrderFlag.CLOSE), Cancel(), Cancel()]
            found = await asyncio.gather(*map(link.execute, commands), return_exceptions=True)
            assert [isinstance(one, Overloaded) for one in found] == [False, False, True, True, False, False, True]
            assert link.refused_counts == {"SHED_PENDING": 2, "PENDING": 1}
            assert (await link.execute(Place())).sequence == 5
            await link.stop()

    asyncio.run(main())


def test_a_rush_at_a_line_is_said_once_at_its_begin_and_once_at_its_end(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        async with running_writer(tmp_path) as writer:
            now = 10**18
            link = LocalLink(writer, 1, Replica(FakeEngine()), LinkSettings(pending_orders_max=1))
            link._clock_ns = lambda: now
            await link.start()
            for _ in range(3):
                # On the edge: each time one is taken and two are refused, within seconds.
                found = await asyncio.gather(*map(link.execute, [Place()] * 3), return_exceptions=True)
                assert [isinstance(one, Overloaded) for one in found] == [False, True, True]
                now += 4 * SECOND_NS
            assert said(caplog) == [f"commands begin to be refused: {FULL_LINE}"]
            now += SECOND_NS
            await link.execute(Place())
            await link.execute(Place())
            await link.stop()

    asyncio.run(main())
    assert said(caplog)[1:] == ["no command is refused any more: 6 were in 8.0 seconds"]


def test_a_rush_at_the_node_is_said_once_at_its_begin_and_once_at_its_end(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    now = 10**18

    async def main() -> None:
        nonlocal now
        settings = replace(SETTINGS, core=replace(SMALL, resume_after_ns=3_600 * SECOND_NS))
        writer = Writer(recover(tmp_path, FakeEngine, now, settings), settings, clock_ns=lambda: now)
        writer.start()
        for number in range(1, 101):
            writer.submit(1, entry(Place(), number))
        while not writer.turned_away_counts[Why.SHED] or not writer.core.quiet:
            await asyncio.sleep(0.001)
        shed = writer.turned_away_counts[Why.SHED]
        assert shed > 10
        now += 5 * SECOND_NS
        writer.submit(1, entry(Deposit(), 200))
        while len(said(caplog)) < 2:
            await asyncio.sleep(0.001)
        await writer.stop()
        assert said(caplog) == [
            "commands begin to be refused: no new orders are taken, because too much waits for the disk",
            f"no command is refused any more: {shed} were in 0.0 seconds",
        ]

    asyncio.run(asyncio.wait_for(main(), 60))


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if "refused" in record.getMessage()]


def test_with_much_unsent_a_line_takes_cancels_and_closing_orders_only(tmp_path: Path) -> None:
    async def main() -> None:
        async with running_node(tmp_path):
            link = make_link(tmp_path, settings=LinkSettings(unsent_bytes_max=200, unsent_orders_bytes_max=100))
            await link.start()
            unsent = 99
            link._unsent_bytes = lambda: unsent  # type: ignore[method-assign]
            await link.execute(Place())
            unsent = 100
            for shed in (Place(), Amend()):
                with pytest.raises(Overloaded, match="no new orders"):
                    await link.execute(shed)
            for taken in (Cancel(), Place(flags=OrderFlag.REDUCE_ONLY)):
                await link.execute(taken)
            unsent = 200
            with pytest.raises(Overloaded):
                await link.execute(Cancel())
            assert link.refused_counts == {"SHED_UNSENT": 2, "UNSENT": 1}
            await link.stop()

    asyncio.run(main())


def test_a_replica_that_lags_takes_cancels_and_closing_orders_only_and_recovers(tmp_path: Path) -> None:
    async def main() -> None:
        async with running_writer(tmp_path) as writer:
            engine = FakeEngine()
            link = LocalLink(writer, 1, Replica(engine), LinkSettings(behind_seconds_max=3.0))
            await link.start()
            # Before the first entry there is no age.
            now = 10**18
            link._clock_ns = lambda: now
            assert (await link.execute(Place())).sequence == 1
            now = engine.time_ns + 3 * SECOND_NS
            assert link.is_behind is False
            await link.execute(Place())
            now = engine.time_ns + 3 * SECOND_NS + SECOND_NS // 10
            assert link.behind_seconds > 3.0
            for shed in (Place(), Amend()):
                with pytest.raises(Overloaded, match=r"3\.1 s behind"):
                    link.hand_in(shed)
            taken = [link.hand_in(one) for one in (Cancel(), Place(flags=OrderFlag.CLOSE))]
            await asyncio.gather(*taken)
            now = engine.time_ns
            await link.execute(Place())
            assert link.refused_counts == {"SHED_BEHIND": 2}
            engine.halted = True
            now += 100 * SECOND_NS
            assert link.is_behind is False
            await link.stop()

    asyncio.run(main())
