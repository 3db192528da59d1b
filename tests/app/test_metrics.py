"""Metrics: the document is the table, pages merge, and what a running venue tells is what happened on it."""

import asyncio
import json
import time
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from outcry.app.metrics import door, families
from outcry.app.metrics.families import FAMILIES, Sizes
from outcry.app.overseeing import Notifier
from outcry.app.readiness import Readiness
from outcry.gateway.delays import Delays
from tests.venue import Venue, free_port, outcry

ROOT = Path(__file__).parents[2]
LABELS_OF_BUCKETS = {"le"}


def test_the_document_is_made_from_the_table() -> None:
    assert (ROOT / "docs/operating/metrics.md").read_text() == families.page()


def test_names_follow_prometheus() -> None:
    names = [family.name for family in FAMILIES]
    assert len(set(names)) == len(names)
    for family in FAMILIES:
        assert family.name.startswith("outcry_")
        assert family.name.endswith("_total") == (family.kind == families.COUNTER)


def test_pages_are_merged_under_one_heading() -> None:
    pages = [door.text_of([Told(role)]) for role in ("node", "gateway")]
    merged = door.merge(pages).decode()
    assert merged.count("# TYPE outcry_sequence gauge") == 1
    found = {family.name: family for family in text_string_to_metric_families(merged)}
    assert {sample.labels["role"]: sample.value for sample in found["outcry_sequence"].samples} == {
        "node": 7,
        "gateway": 7,
    }
    assert door.values_in([merged.encode()], "outcry_sequence") == {"node": 7, "gateway": 7}


class Told:
    """Figures of a role."""

    def __init__(self, role: str) -> None:
        self._role = role

    def collect(self):  # type: ignore[no-untyped-def]
        delays, sizes = Delays(), Sizes()
        delays.note(5_000_000)
        sizes.note(100)
        yield families.numbers("outcry_sequence", {self._role: 7})
        yield families.durations("outcry_loop_lag_seconds", [((self._role,), delays)])
        yield families.sizes("outcry_frame_bytes", sizes)


def test_histograms_are_cumulative_and_hold_what_was_noted() -> None:
    found = {family.name: family for family in text_string_to_metric_families(door.text_of([Told("x")]).decode())}
    for name, value in (("outcry_loop_lag_seconds", 0.005), ("outcry_frame_bytes", 100.0)):
        buckets = [(float(one.labels["le"]), one.value) for one in found[name].samples if one.name.endswith("_bucket")]
        assert buckets == sorted(buckets)
        assert min(bound for bound, count in buckets if count) >= value
        assert max(bound for bound, count in buckets if not count) <= value
        assert buckets[-1] == (float("inf"), 1)


def test_the_service_manager_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", "100000")
        notifier = Notifier.of_environment()
        notifier.say("READY=1")
        assert manager.recv(100) == b"READY=1"
        asyncio.run(alive_for_a_moment(notifier))
        assert manager.recv(100) == b"WATCHDOG=1"
    Notifier(str(tmp_path / "gone")).say("READY=1")
    # Nobody else is told of it.
    assert Notifier.of_environment().watchdog_s == 0


async def alive_for_a_moment(notifier: Notifier) -> None:
    async def well() -> bool:
        return True

    alive = asyncio.create_task(notifier.keep_alive(well))
    await asyncio.sleep(0.01)
    alive.cancel()


class FakeVenueRow:
    halted, cancel_only, time_ns, sequence = 0, 0, 0, 10


class FakeTables:
    venue = FakeVenueRow()


class FakeState:
    def __init__(self) -> None:
        self.tables = FakeTables()
        self.tables.venue = FakeVenueRow()


class FakeLink:
    connected, replica, is_behind = True, None, False


def reasons(
    standing: tuple[int, bool] | None = (10, True), connected: bool = True, behind: bool = False, **row: int
) -> list[str]:
    state, link = FakeState(), FakeLink()
    link.connected, link.is_behind = connected, behind
    for name, value in row.items():
        setattr(state.tables.venue, name, value)

    async def asked() -> tuple[int, bool] | None:
        return standing

    return asyncio.run(Readiness(link, state, asked, lambda: 10**9).reasons())  # type: ignore[arg-type]


def test_why_nobody_should_be_sent_here() -> None:
    assert reasons() == []
    assert reasons(halted=1) == ["the venue has halted"]
    assert reasons(connected=False) == ["the line to the node is down"]
    assert reasons(time_ns=-10 * 10**9) == ["the last entry applied here is 11 seconds old"]
    assert reasons(behind=True) == ["this gateway is behind, so it takes cancels and closing orders only"]
    assert "until every index is fresh" in reasons(cancel_only=1)[0]
    assert reasons(None) == ["the node does not answer"]
    assert reasons((2_000, True)) == ["1,990 durable entries are not applied here yet"]
    assert "disk" in reasons((10, False))[0]


@pytest.mark.venue
def test_a_running_venue_tells_what_happened_on_it(tmp_path: Path) -> None:
    port = free_port()
    venue = Venue(tmp_path / "data", ("--profile", "test", "--metrics-port", str(port)))
    venue.start()
    try:
        assert httpx.get(f"{venue.url}/outcry/v1/health").json()["alive"]
        deadline = time.monotonic() + 60
        while (ready := httpx.get(f"{venue.url}/outcry/v1/ready")).status_code == 503 and time.monotonic() < deadline:
            # On a busy machine the last entry may be older than it should be for a moment.
            assert ready.json()["reasons"]
            time.sleep(0.2)
        assert (ready.status_code, ready.json()["reasons"]) == (200, [])
        assert httpx.get(f"{venue.url}/metrics").status_code == 404
        deadline = time.monotonic() + 60
        while True:
            # The keeper is a moment behind.
            page = httpx.get(f"http://127.0.0.1:{port}/metrics").content
            commands = door.values_in([page], "outcry_commands_total")
            if commands.get("PLACE") or time.monotonic() > deadline:
                break
            time.sleep(0.2)
        assert commands["PLACE"] > 0
        found = {family.name: family for family in text_string_to_metric_families(page.decode())}
        told = {name if kind != families.COUNTER else name.removesuffix("_total") for name, kind in kinds()}
        assert set(found) <= told
        assert told - set(found) == {"outcry_snapshot_age_seconds"}
        for family in FAMILIES:
            samples = found[family.name.removesuffix("_total")].samples if family.name in page.decode() else []
            for sample in samples:
                assert set(sample.labels) - LABELS_OF_BUCKETS == set(family.labels), family.name
        assert set(door.values_in([page], "outcry_up").values()) == {1.0}
        status = json.loads(outcry("status", str(venue.data), "--json").stdout)
        assert status["halted"] is False
        assert status["gateway"].startswith("up, sequence")
    finally:
        venue.stop()
    told_now = outcry("status", str(venue.data))
    assert told_now.returncode == 1
    assert "no venue runs" in told_now.stderr


def kinds() -> list[tuple[str, str]]:
    return [(family.name, family.kind) for family in FAMILIES]
