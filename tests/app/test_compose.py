"""Processes that are told to stop before they have got to work leave at once and in order."""

import asyncio
import contextlib
import shutil
import socket
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from outcry.app import bench, compose, following, rebuilding
from outcry.app.commanding import Door
from outcry.app.compose import run_all, run_gateway_process, run_guests_process, run_keeper_process, run_node_process
from outcry.app.drill.venue import at_once
from outcry.app.keeper import check_not_ahead
from outcry.app.settings import Files, Settings
from outcry.app.supervise import progress_in
from outcry.gateway import door
from outcry.history import HistoryError, Store
from outcry.journal.errors import JournalDamaged
from outcry.journal.files import SEEN_NAME, list_segments
from outcry.journal.frames import Genesis
from outcry.journal.reading import read_frames
from outcry.journal.segments import Segments
from outcry.protocol.layout import RULES_VERSION, Deposit
from tests.history.keeping import all_rows


async def stopped_soon(running: "asyncio.Task[None]", stop: asyncio.Event) -> None:
    await asyncio.sleep(0.2)
    assert not running.done()
    stop.set()
    await asyncio.wait_for(running, 60)


@pytest.mark.parametrize("role", ["keeper", "gateway", "guests"])
def test_a_process_that_waits_for_the_node_hears_that_it_shall_stop(tmp_path: Path, role: str) -> None:
    Segments.open(tmp_path / "journal", Genesis(RULES_VERSION, time.time_ns())).close()
    settings = Settings(data=tmp_path)

    async def main() -> None:
        stop = asyncio.Event()
        with socket.create_server(("127.0.0.1", 0)) as listener:
            if role == "keeper":
                process = run_keeper_process(settings, stop)
            elif role == "gateway":
                process = run_gateway_process(settings, listener, stop)
            else:
                process = run_guests_process(settings, "http://127.0.0.1:1", stop)
            await stopped_soon(asyncio.create_task(process), stop)

    asyncio.run(main())


def test_the_node_too_takes_what_it_has_loaded_out_of_the_collectors_sight(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One pass over all of it would stop every answer for as long as ten take."""
    spared = asyncio.Event()
    monkeypatch.setattr(compose, "spare_the_collector", spared.set)

    async def main() -> None:
        stop = asyncio.Event()
        running = asyncio.create_task(run_node_process(Settings(data=tmp_path), stop))
        try:
            await asyncio.wait_for(spared.wait(), 60)
        finally:
            stop.set()
            await running

    asyncio.run(main())


def test_a_node_that_replays_hears_that_it_shall_stop(tmp_path: Path) -> None:
    (tmp_path / "journal").mkdir()
    bench.write_journal(tmp_path / "journal", bench.Stream(2_000, seed=3))

    async def main() -> None:
        stop = asyncio.Event()
        stop.set()
        await run_node_process(Settings(data=tmp_path), stop)

    asyncio.run(main())
    # After all of the journal there would be one.
    assert not (tmp_path / "snapshots").exists()


def test_progress_is_told_as_far_as_it_is_known() -> None:
    assert progress_in({"sent": {"1": 1_200}, "durable_sequence": 5_000}) == ": 1,200 of 5,000 entries"
    assert progress_in({"sent": {}, "durable_sequence": 5_000}) == progress_in(None) == ""


async def one_process_once(data: Path) -> list[dict[str, object]]:
    """All of a venue in one process until it has answered; the trades that it tells."""
    settings = Settings(data=data, one_process=True, empty=True)
    stop = asyncio.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        running = asyncio.create_task(run_all(settings, listener, url, stop))
        async with httpx.AsyncClient() as client:
            rows = (await client.get(f"{url}/api/v1/trade?count=1000", timeout=60)).json()
        stop.set()
        await running
    return list(rows)


def test_one_process_keeps_history_too_and_goes_on_with_it(tmp_path: Path) -> None:
    (tmp_path / "journal").mkdir()
    bench.write_journal(tmp_path / "journal", bench.Stream(2_000, seed=3))

    first = asyncio.run(one_process_once(tmp_path))
    with contextlib.closing(Store(tmp_path / "history.db")) as store:
        sequence = store.sequence
        rows = all_rows(store)
    assert sequence >= 2_000
    assert len(first) == len(rows["trades"]) > 100
    # The second time memory begins with what was saved, and what is before that comes from history.
    assert asyncio.run(one_process_once(tmp_path)) == first
    with contextlib.closing(Store(tmp_path / "history.db")) as store:
        assert store.sequence >= sequence
        assert all_rows(store)["trades"] == rows["trades"]


def test_the_journal_is_not_begun_below_what_a_saved_state_or_history_has_seen(tmp_path: Path) -> None:
    """Its end, its mark and the snapshots are gone; one of the others alone knows that it was durable."""
    files = Files(tmp_path / "data")
    files.journal.mkdir(parents=True)
    bench.write_journal(files.journal, bench.Stream(2_000, seed=3))
    asyncio.run(one_process_once(files.folder))
    witnesses = [path for path in (*files.states, files.history) if path.exists()]
    assert files.history in witnesses
    assert len(witnesses) > 1
    for path in witnesses:
        alone = Files(tmp_path / path.name)
        shutil.copytree(files.journal, alone.journal)
        (alone.journal / SEEN_NAME).unlink()
        shutil.copy(path, alone.folder)
        known = following.seen_beside(alone)
        segment = list_segments(alone.journal)[-1].path
        content = segment.read_bytes()
        lost = next(frame for frame in read_frames(alone.journal) if frame.last_sequence >= known)
        begin = content.index(lost.data)
        segment.write_bytes(content[:begin] + bytes(len(content) - begin))
        with pytest.raises(JournalDamaged, match=f"sequence {known} has been handed out, but the journal ends at"):
            asyncio.run(run_node_process(Settings(data=alone.folder), at_once()))
        # What is damaged is no witness.
        (alone.folder / path.name).write_bytes(b"nothing that can be read" * 1_000)
        assert following.seen_beside(alone) == 0


def test_commands_handed_in_together_are_told_apart() -> None:
    """Applied, unanswered, turned away later and not taken at all: each in its place."""

    class Line:
        def __init__(self) -> None:
            self.seen: list[int] = []
            # The door says which errors the line is to raise.
            self.no_answer: Any = None
            self.overloaded: Any = None

        def hand_in(self, record: Deposit, payload: bytes) -> Any:
            self.seen.append(record.amount_minor)
            if record.amount_minor == 4:
                raise self.overloaded("no line")
            future = asyncio.get_running_loop().create_future()
            fates: dict[int, Any] = {2: self.no_answer(1, 77), 3: self.overloaded("crowded")}
            fate = fates.get(record.amount_minor, record.amount_minor)
            asyncio.get_running_loop().call_soon(
                future.set_exception if isinstance(fate, Exception) else future.set_result, fate
            )
            return future

    async def play() -> None:
        line = Line()
        commands = Door(line)  # type: ignore[arg-type]
        found = await commands.execute_all([(Deposit(amount_minor=number), b"") for number in (1, 2, 3, 4, 5)])
        assert line.seen == [1, 2, 3, 4, 5]
        ends: list[Any] = [found[0], found[4]]
        assert ends == [1, 5]
        assert isinstance(found[1], door.NoAnswer)
        assert (found[1].origin, found[1].origin_sequence) == (1, 77)
        assert all(isinstance(one, door.Overloaded) for one in found[2:4])

    asyncio.run(play())


def test_a_history_that_goes_further_than_the_journal_is_refused(tmp_path: Path) -> None:
    (tmp_path / "journal").mkdir()
    bench.write_journal(tmp_path / "journal", bench.Stream(500, seed=3))
    rebuilding.rebuild(Files(tmp_path), lambda sequence: None)
    with contextlib.closing(Store(tmp_path / "history.db")) as store:
        check_not_ahead(store, store.sequence)
        with pytest.raises(HistoryError, match="the journal to 100 only"):
            check_not_ahead(store, 100)
