"""The venue as processes: what a clean stop, a death and a second start come to.  Trading is tested in clients."""

import asyncio
import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from outcry.app import compose, demo, supervise
from outcry.app.overseeing import Supervised
from outcry.app.settings import Settings
from outcry.client import Credentials, VenueClient
from tests.venue import Venue, outcry


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Venue]:
    """A venue without listings, which is quick to start."""
    venue = Venue(tmp_path / "data", ["--empty"])
    venue.start()
    yield venue
    venue.kill()


def processes(venue: Venue) -> dict[str, int]:
    """The venue's processes by role, as the system sees them."""
    found = {}
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0") if entry.name.isdigit() else []
        except OSError:
            continue
        if b"outcry.app.process" in words and any(str(venue.data).encode() in word for word in words):
            found[words[words.index(b"outcry.app.process") + 1].decode()] = int(entry.name)
    return found


def parent(process: int) -> int:
    """Who started a process."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("PPid:")).split()[1])


def until_gone(venue: Venue, seconds: float = 60) -> None:
    until(lambda: not processes(venue), seconds)


def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.venue
def test_an_empty_venue_is_ready_has_a_card_and_stops_cleanly(empty: Venue) -> None:
    told = json.loads((empty.data / "demo.json").read_text())
    wanted = {"url": empty.url, "ws": empty.url.replace("http", "ws") + "/realtime", "profile": "", "users": []}
    assert told == wanted
    assert set(processes(empty)) == {"node", "keeper", "gateway"}
    assert empty.stop() == 0
    assert processes(empty) == {}


@pytest.mark.venue
def test_a_second_venue_on_the_same_folder_or_port_is_refused_and_harmless(empty: Venue, tmp_path: Path) -> None:
    again = outcry("up", "--empty", "--port", "0", "--data", str(empty.data))
    assert again.returncode == 1
    assert "another venue" in again.stderr
    same_port = outcry("up", "--empty", "--port", str(empty.port), "--data", str(tmp_path / "other"))
    assert same_port.returncode == 1
    assert "cannot be used" in same_port.stderr
    assert (empty.data / "demo.json").exists()
    assert empty.stop() == 0


class Quoted:
    """A client that sees every book with these prices."""

    def __init__(self, **prices: float | None) -> None:
        self.row = {"bid_price": 1.0, "ask_price": 2.0, "last_price": 1.0, **prices}

    async def instruments(self) -> list[Any]:
        return [SimpleNamespace(symbol=symbol, **self.row) for symbol in compose.BOOKS]

    async def margins(self) -> list[Any]:
        return [SimpleNamespace(available_minor=1)]


@pytest.mark.parametrize(
    ("prices", "missing"),
    [
        ({}, ""),
        ({"ask_price": None}, ""),
        ({"bid_price": None}, ""),
        ({"bid_price": None, "ask_price": None}, "a bid or an offer in XBTUSD"),
        ({"last_price": None}, "a trade in XBTUSD"),
    ],
)
def test_a_maker_that_quotes_one_side_keeps_nobody_from_trading(prices: dict[str, None], missing: str) -> None:
    """A maker who holds as much as he may does; a venue that is started again then is ready all the same."""
    clients = [Quoted(**prices) for _ in demo.USERS]
    assert asyncio.run(supervise.what_is_missing(cast(Any, clients), demo_wanted=True)) == missing


@pytest.mark.venue
@pytest.mark.parametrize("role", ["node", "gateway"])
def test_a_process_that_dies_stops_the_venue_with_a_message(empty: Venue, role: str) -> None:
    os.kill(processes(empty)[role], signal.SIGKILL)
    until_gone(empty)
    # Its last word comes after all its processes have gone.
    until(lambda: f"the {role} process was killed by signal 9" in empty.log.read_text())


@pytest.mark.venue
def test_a_keeper_that_dies_is_started_again_and_the_venue_says_so(empty: Venue) -> None:
    first = processes(empty)["keeper"]
    # It takes no time from those who answer.
    until(lambda: os.getpriority(os.PRIO_PROCESS, first) > os.getpriority(os.PRIO_PROCESS, processes(empty)["gateway"]))
    os.kill(first, signal.SIGKILL)
    until(lambda: processes(empty).get("keeper", first) != first)
    assert "the keeper process was killed by signal 9" in empty.log.read_text()
    assert "it is started again" in empty.log.read_text()
    assert empty.stop() == 0


@pytest.mark.venue
def test_history_that_is_of_no_use_stops_the_venue_with_the_command_that_makes_it_anew(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "history.db").write_bytes(b"no database" * 1000)
    told = outcry("up", "--empty", "--port", "0", "--data", str(tmp_path / "data"))
    assert told.returncode == 1
    assert "the keeper process ended with status 2" in told.stderr
    assert "history.db cannot be used (file is not a database)" in told.stderr
    assert "outcry history rebuild" in told.stderr
    assert outcry("history", "rebuild", str(tmp_path / "data")).returncode == 0
    again = Venue(tmp_path / "data", ["--empty"])
    again.start()
    assert again.stop() == 0


@pytest.mark.venue
def test_all_that_is_written_is_the_owners_alone_also_in_an_open_folder_with_a_long_name(tmp_path: Path) -> None:
    data = tmp_path / ("a long name with spaces " * 5).strip()
    data.mkdir(mode=0o755)
    (data / "gateway.state.tmp").write_bytes(b"half a file")
    venue = Venue(data, ["--empty"])
    venue.start()
    open_to_others = [path for path in data.rglob("*") if path.lstat().st_mode & 0o077]
    assert not (data / "gateway.state.tmp").exists()
    assert venue.stop() == 0
    assert [path for path in data.rglob("*") if path.lstat().st_mode & 0o077] == open_to_others == []


@pytest.mark.venue
def test_a_process_that_does_not_leave_in_order_is_told_and_makes_the_status_1(empty: Venue) -> None:
    assert outcry("user", "add", "alice", "--data", str(empty.data)).returncode == 0
    key = json.loads(outcry("key", "add", "alice", "--data", str(empty.data), "--json").stdout)

    async def open_account() -> None:
        async with VenueClient(empty.url, Credentials(key["key"], key["secret"])) as client:
            await client.margins()

    asyncio.run(open_account())
    # There is something to write a snapshot of now, and no place to write it to.
    (empty.data / "snapshots").write_text("in the way")
    assert empty.stop() == 1
    assert "the node process ended with status 1" in empty.log.read_text()


@pytest.mark.venue
def test_nothing_outlives_a_killed_supervisor_and_the_venue_starts_again(tmp_path: Path) -> None:
    venue = Venue(tmp_path / "data", ["--empty"])
    venue.start()
    os.kill(parent(processes(venue)["node"]), signal.SIGKILL)
    until_gone(venue)
    venue.kill()
    venue.start()
    assert venue.stop() == 0


def test_a_keeper_that_halted_over_a_root_is_not_started_again(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, port=0)
    log = tmp_path / "keeper.log"
    log.write_text("sequence 64: the state root made here is another one\n")
    settings.files.disputed_root.write_text("64\n")
    told: list[str] = []

    async def main() -> None:
        process = await asyncio.create_subprocess_exec("false")
        address = supervise.bind(settings)
        with address.listener:
            child = supervise.Child("keeper", process, log, 0)
            await supervise.keep(child, settings, address, 0, told.append, Supervised())

    with pytest.raises(supervise.VenueFailed, match="the keeper process ended with status 1: sequence 64"):
        asyncio.run(main())
    assert told == []
