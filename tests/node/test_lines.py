"""Links to a writer: over the socket and inside the process, the same promises."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from outcry.journal.disk import SystemDisk
from outcry.journal.reading import verify
from outcry.node.link import Link, NoAnswer, Overloaded
from outcry.node.local import LocalLink
from outcry.node.recovery import JOURNAL_NAME
from outcry.node.replica import Replica, ReplicaDiverged
from outcry.node.settings import LinkSettings
from outcry.node.shell import SOCKET_NAME, ask_admin
from outcry.node.socket_link import NodeLink
from outcry.node.writer import Writer
from outcry.protocol.layout import Deposit, EventKind
from tests.node.fake_engine import FakeEngine
from tests.node.venues import LINK, SETTINGS, make_link, running_node, running_writer

Scenario = Callable[[Link], Awaitable[None]]


@asynccontextmanager
async def socket_line(folder: Path) -> AsyncIterator[Link]:
    async with running_node(folder):
        link = make_link(folder)
        await link.start()
        yield link
        await link.stop()


@asynccontextmanager
async def local_line(folder: Path) -> AsyncIterator[Link]:
    async with running_writer(folder) as writer:
        link = LocalLink(writer, 1, Replica(FakeEngine()), LINK)
        await link.start()
        yield link
        await link.stop()


@pytest.fixture(params=[socket_line, local_line], ids=["socket", "local"])
def play(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Scenario], None]:
    def run(scenario: Scenario) -> None:
        async def main() -> None:
            async with request.param(tmp_path) as link:
                await scenario(link)

        asyncio.run(main())

    return run


def test_a_command_is_answered_from_its_own_durable_entry(play: Callable[[Scenario], None], tmp_path: Path) -> None:
    async def scenario(link: Link) -> None:
        outcome = await link.execute(Deposit(amount_minor=7), b"text")
        assert (outcome.sequence, outcome.origin, outcome.payload) == (1, 1, b"text")
        assert [event.head.kind for event in outcome.events] == [EventKind.ROOT_NOTED]
        assert verify(tmp_path / JOURNAL_NAME).last_sequence == 1

    play(scenario)


def test_who_waits_no_longer_for_an_entry_is_forgotten(play: Callable[[Scenario], None]) -> None:
    async def scenario(link: Link) -> None:
        for _ in range(3):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.001):
                    await link.wait_for(10**9)
        assert link._waiting_for == []
        waiting = asyncio.create_task(link.wait_for(1))
        await link.execute(Deposit(amount_minor=1))
        await waiting
        assert link._waiting_for == []

    play(scenario)


def test_observers_see_every_entry_in_order_and_before_the_answer(play: Callable[[Scenario], None]) -> None:
    async def scenario(link: Link) -> None:
        seen: list[int] = []
        link.observe(lambda entry, events: seen.append(entry.head.sequence))

        async def one(number: int) -> None:
            outcome = await link.execute(Deposit(amount_minor=number))
            assert seen[outcome.sequence - 1] == outcome.sequence

        await asyncio.gather(*(one(number) for number in range(200)))
        assert seen == list(range(1, link.sequence + 1))

    play(scenario)


def test_commands_in_flight_are_bounded(play: Callable[[Scenario], None]) -> None:
    async def scenario(link: Link) -> None:
        link.settings = replace(LINK, pending_max=3)
        results = await asyncio.gather(*(link.execute(Deposit()) for _ in range(5)), return_exceptions=True)
        assert [isinstance(result, Overloaded) for result in results] == [False, False, False, True, True]

    play(scenario)


def test_an_entry_that_is_too_long_is_not_sent(play: Callable[[Scenario], None]) -> None:
    async def scenario(link: Link) -> None:
        with pytest.raises(ValueError, match="too long"):
            await link.execute(Deposit(), bytes(1 << 20))
        assert (await link.execute(Deposit(), b"x" * 40_000)).payload == b"x" * 40_000

    play(scenario)


def test_what_is_refused_for_a_full_disk_has_changed_nothing(
    play: Callable[[Scenario], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario(link: Link) -> None:
        await link.execute(Deposit())
        with monkeypatch.context() as patch:
            patch.setattr(SystemDisk, "free_bytes", lambda disk, folder: 0)
            with pytest.raises(Overloaded, match="DISK_NEARLY_FULL"):
                await link.execute(Deposit())
        assert (await link.execute(Deposit())).sequence == 2

    play(scenario)


def test_a_stopped_link_takes_nothing(play: Callable[[Scenario], None]) -> None:
    async def scenario(link: Link) -> None:
        await link.execute(Deposit())
        assert isinstance(link, NodeLink | LocalLink)
        await link.stop()
        assert not link.connected
        with pytest.raises(Overloaded, match="cannot be reached"):
            await link.execute(Deposit())

    play(scenario)


def test_a_link_without_a_replica_submits_only(tmp_path: Path) -> None:
    async def main() -> None:
        async with running_node(tmp_path):
            feeder, watcher = NodeLink(tmp_path / SOCKET_NAME, 2, None, LINK), make_link(tmp_path)
            await feeder.start()
            await watcher.start()
            with pytest.raises(ValueError, match="submit, not execute"):
                await feeder.execute(Deposit())
            seen: list[tuple[int, int]] = []
            watcher.observe(lambda entry, events: seen.append((entry.head.origin, entry.head.origin_sequence)))
            number = feeder.submit(Deposit())
            await watcher.wait_for(1)
            assert seen == [(2, number)]
            await feeder.stop()
            await watcher.stop()

    asyncio.run(main())


def test_one_line_per_origin(tmp_path: Path) -> None:
    async def main() -> None:
        async with running_node(tmp_path):
            first, second = make_link(tmp_path), make_link(tmp_path)
            await first.start()
            waiting = asyncio.create_task(second.start())
            while not second.goodbye:
                await asyncio.sleep(0.01)
            assert second.goodbye.startswith("origin 1 is connected already")
            await first.stop()
            await waiting
            assert (await second.execute(Deposit())).sequence == 1
            await second.stop()
        async with running_writer(tmp_path) as writer:
            local = LocalLink(writer, 1, None)
            await local.start()
            with pytest.raises(ValueError, match="connected already"):
                await LocalLink(writer, 1, None).start()
            await local.stop()

    asyncio.run(main())
    with pytest.raises(ValueError, match="origin 0"):
        make_link(tmp_path, 0)


def test_a_late_replica_gets_all_frames_and_goes_on_live(tmp_path: Path) -> None:
    settings = replace(SETTINGS, cache_bytes=3_000)

    async def main() -> None:
        async with running_node(tmp_path, settings):
            writer = make_link(tmp_path)
            await writer.start()
            for _ in range(60):
                await asyncio.gather(*(writer.execute(Deposit(), b"x" * 200) for _ in range(5)))
            late = make_link(tmp_path, 2)
            follow = asyncio.create_task(late.start())
            while not follow.done():
                await writer.execute(Deposit())
            outcome = await writer.execute(Deposit())
            await late.wait_for(outcome.sequence)
            assert isinstance(late.replica, Replica)
            assert isinstance(writer.replica, Replica)
            assert late.replica.head == writer.replica.head
            await writer.stop()
            await late.stop()

    asyncio.run(main())


def test_a_link_goes_on_after_the_node_was_started_again(tmp_path: Path) -> None:
    async def main() -> None:
        link = make_link(tmp_path)
        async with running_node(tmp_path) as node:
            await link.start()
            first = await link.execute(Deposit())
            await ask_admin(tmp_path / SOCKET_NAME, {"ask": "stop"})
            await node
        with pytest.raises(Overloaded):
            await link.execute(Deposit())
        async with running_node(tmp_path):
            while not link.connected:
                await asyncio.sleep(0.01)
            second = await link.execute(Deposit())
            assert second.sequence > first.sequence
            assert second.origin_sequence > first.origin_sequence
            await link.stop()

    asyncio.run(main())


def test_without_an_answer_in_time_the_fate_shows_in_a_later_frame(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main() -> None:
        async with running_writer(tmp_path) as writer:
            link = LocalLink(writer, 1, Replica(FakeEngine()), LinkSettings(answer_seconds=0.05))
            await link.start()
            seen: list[tuple[int, int, int]] = []
            link.observe(
                lambda entry, _: seen.append((entry.head.sequence, entry.head.origin, entry.head.origin_sequence))
            )
            held = writer.journal.sync
            release = asyncio.Event()
            loop = asyncio.get_running_loop()

            def slow() -> None:
                asyncio.run_coroutine_threadsafe(release.wait(), loop).result()
                held()

            monkeypatch.setattr(writer.journal, "sync", slow)
            with pytest.raises(NoAnswer) as caught:
                await link.execute(Deposit())
            assert seen == []
            release.set()
            await link.wait_for(1)
            assert seen == [(1, caught.value.origin, caught.value.origin_sequence)]
            await link.stop()

    asyncio.run(main())


def test_a_failing_disk_ends_the_writer_and_publishes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        async with running_writer(tmp_path) as writer:
            link = LocalLink(writer, 1, Replica(FakeEngine()), LinkSettings(answer_seconds=0.05))
            await link.start()

            def broken() -> None:
                raise OSError(5, "Input/output error")

            monkeypatch.setattr(writer.journal, "sync", broken)
            with pytest.raises(NoAnswer):
                await link.execute(Deposit())
            with pytest.raises(OSError, match="Input/output"):
                await writer.wait_finished()
            assert link.sequence == 0
            await link.stop()

    with pytest.raises(OSError, match="Input/output"):
        asyncio.run(main())


def test_a_replica_that_differs_ends_its_line(play: Callable[[Scenario], None]) -> None:
    async def scenario(link: Link) -> None:
        assert isinstance(link, NodeLink | LocalLink)
        assert link.replica is not None
        assert isinstance(link.replica.engine, FakeEngine)
        link.replica.engine.twist = b"x"
        await link.execute(Deposit())
        with pytest.raises(NoAnswer):
            await link.execute(Deposit())
        with pytest.raises(ReplicaDiverged, match="sequence 1"):
            await link.wait_finished()
        with pytest.raises(Overloaded):
            await link.execute(Deposit())

    play(scenario)


def test_a_replica_of_another_journal_is_refused(tmp_path: Path) -> None:
    async def main() -> None:
        link = make_link(tmp_path / "one")
        async with running_node(tmp_path / "one"):
            await link.start()
            await link.execute(Deposit())
            await link.stop()
        other = NodeLink(tmp_path / "two" / SOCKET_NAME, 1, link.replica, LINK)
        async with running_node(tmp_path / "two"):
            with pytest.raises(ReplicaDiverged, match="another journal"):
                await other.start()

    asyncio.run(main())


def test_admin_tells_status_takes_a_snapshot_and_stops(tmp_path: Path) -> None:
    async def main() -> None:
        async with running_node(tmp_path) as node:
            link = make_link(tmp_path)
            await link.start()
            await asyncio.gather(*(link.execute(Deposit()) for _ in range(20)))
            path = tmp_path / SOCKET_NAME
            status = await ask_admin(path, {"ask": "status"})
            assert (status["durable_sequence"], status["halted"], status["origins"]) == (20, False, [1])
            assert (status["room_left"], status["sent"]) == (True, {"1": 20})
            assert "law" not in status
            law = await ask_admin(path, {"ask": "law"})
            assert (law["currencies"], law["instruments"], law["adds_up"]) == ([], [], True)
            busy = [asyncio.create_task(link.execute(Deposit())) for _ in range(20)]
            taken = (await ask_admin(path, {"ask": "snapshot"}))["snapshot_sequence"]
            assert 20 <= taken <= 40
            await asyncio.gather(*busy)
            assert "error" in await ask_admin(path, {"ask": "dance"})
            assert await ask_admin(path, {"ask": "stop"}) == {"stopping": True}
            await node
            await link.stop()
            assert not path.exists()
            with pytest.raises(OSError, match="No such file"):
                await ask_admin(path, {"ask": "status"})

    asyncio.run(main())


@pytest.mark.parametrize(
    "data",
    [
        b"\xff" * 64,
        b"\x05\0\0\0\x02abcd",
        b"\x05\0\0\0\x01abcd",
        b"\x01\0\0\0\x63",
        b"\x01\0\0\0\x0c",
        b"\x03\0\0\0\x03[]",
    ],
)
def test_nonsense_on_the_socket_ends_that_line_only(tmp_path: Path, data: bytes) -> None:
    async def main() -> None:
        async with running_node(tmp_path):
            reader, writer = await asyncio.open_unix_connection(tmp_path / SOCKET_NAME)
            writer.write(data)
            writer.write_eof()
            await asyncio.wait_for(reader.read(), 20)
            writer.close()
            link = make_link(tmp_path)
            await link.start()
            assert (await link.execute(Deposit())).sequence == 1
            await link.stop()

    asyncio.run(main())


def test_a_disk_that_fills_is_told_once_and_shows_in_the_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        async with running_node(tmp_path):
            link = make_link(tmp_path)
            await link.start()
            with monkeypatch.context() as patch:
                patch.setattr(SystemDisk, "free_bytes", lambda disk, folder: 0)
                for _ in range(3):
                    with pytest.raises(Overloaded):
                        await link.execute(Deposit())
                assert not (await ask_admin(tmp_path / SOCKET_NAME, {"ask": "status"}))["room_left"]
            await link.execute(Deposit())
            assert (await ask_admin(tmp_path / SOCKET_NAME, {"ask": "status"}))["room_left"]
            await link.stop()

    asyncio.run(main())
    assert caplog.text.count("nearly full") == caplog.text.count("room on the disk again") == 1


def test_a_long_folder_name_is_no_obstacle(tmp_path: Path) -> None:
    async def main() -> None:
        folder = tmp_path / ("long name " * 20)
        folder.mkdir()
        async with running_node(folder):
            assert json.dumps(await ask_admin(folder / SOCKET_NAME, {"ask": "status"}))

    asyncio.run(main())


def test_a_local_line_that_catches_up_lets_others_work_and_misses_nothing(tmp_path: Path) -> None:
    async def main() -> None:
        async with running_writer(tmp_path) as writer:
            first = LocalLink(writer, 1, Replica(FakeEngine()), LINK)
            await first.start()
            for _ in range(20):
                await first.execute(Deposit())
            second = LocalLink(writer, 2, Replica(FakeEngine()), LINK)
            starting = asyncio.create_task(second.start())
            worked = 0
            while not starting.done():
                await asyncio.sleep(0)
                first.submit(Deposit())
                worked += 1
            assert worked >= 20
            last = await first.execute(Deposit())
            await second.wait_for(last.sequence)
            assert second.replica is not None
            assert first.replica is not None
            assert second.replica.head == first.replica.head
            await second.stop()
            await first.stop()

    asyncio.run(main())


def test_a_writer_that_is_stopping_turns_submissions_away(tmp_path: Path) -> None:
    async def main() -> None:
        writer: Writer
        async with running_writer(tmp_path) as writer:
            link = LocalLink(writer, 1, Replica(FakeEngine()), LINK)
            await link.start()
            running = [asyncio.create_task(link.execute(Deposit())) for _ in range(3)]
            await asyncio.sleep(0)
            stopping = asyncio.create_task(writer.stop())
            await asyncio.sleep(0)
            late = asyncio.create_task(link.execute(Deposit()))
            results = await asyncio.gather(*running, late, return_exceptions=True)
            assert isinstance(results[-1], Overloaded)
            await stopping
            await link.stop()

    asyncio.run(main())


def test_a_clock_set_back_between_two_processes_gives_no_number_twice(tmp_path: Path) -> None:
    """What the first of them had handed in and nobody admitted must not become the second one's: its fate is asked."""

    async def scenario() -> None:
        async with running_writer(tmp_path) as writer:
            now_ns = [10**18]

            def line(start: int) -> LocalLink:
                return LocalLink(
                    writer, 1, Replica(FakeEngine()), LINK, clock_ns=lambda: now_ns[0], below=lambda bound: start
                )

            first = line(0)
            await first.start()
            admitted = (await first.execute(Deposit())).origin_sequence
            now_ns[0] -= 10**12
            given: list[int] = []
            # Handed in and lost on the way, by one process after the other.
            for start in (5, 500):
                await first.stop()
                first = line(start)
                await first.start()
                first._send = lambda entry: None  # type: ignore[method-assign]
                given += [first.submit(Deposit()) for _ in range(3)]
            assert len(set(given)) == len(given)
            assert min(given) > admitted
            await first.stop()

    asyncio.run(scenario())


def test_a_clock_set_back_after_the_welcome_gives_no_lost_number_again(tmp_path: Path) -> None:
    """Of what the first process had handed in the second saw only the first command admitted; then the clock went
    back, so the next number would have been the one after that."""

    async def scenario() -> None:
        async with running_writer(tmp_path) as writer:
            now_ns = [10**18]

            def line() -> LocalLink:
                return LocalLink(writer, 1, Replica(FakeEngine()), LINK, clock_ns=lambda: now_ns[0])

            first = line()
            await first.start()
            await first.execute(Deposit())
            first._send = lambda entry: None  # type: ignore[method-assign]
            lost = [first.submit(Deposit()) for _ in range(2)]
            await first.stop()
            now_ns[0] += 10**9
            second = line()
            await second.start()
            now_ns[0] -= 10**12
            second._send = lambda entry: None  # type: ignore[method-assign]
            assert second.submit(Deposit()) > max(lost)
            await second.stop()

    asyncio.run(scenario())
