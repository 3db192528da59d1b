"""What a soak says of readings: a line through them, what counts as growing and what does not."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from outcry.app.cli import app
from outcry.app.settings import RECENT_ROWS_MIN
from outcry.app.soak import running, verdict

MINUTES = [number / 4 for number in range(200)]


@pytest.mark.parametrize(("slope", "grows"), [(0.0, False), (0.17, False), (0.23, True), (-2.0, False)])
def test_memory_grows_from_a_fifth_of_a_megabyte_a_minute_on(slope: float, grows: bool) -> None:
    dice = random.Random(1)
    values = [100 + slope * minute + dice.uniform(-1, 1) for minute in MINUTES]
    found = verdict.memory("node", MINUTES, values)
    assert found.per_minute == pytest.approx(slope, abs=0.05)
    assert found.error < 0.05
    assert found.is_growing is grows


@pytest.mark.parametrize(("ends_at", "grows"), [(20, False), (25, False), (50, True)])
def test_what_fills_and_then_stops_is_no_leak(ends_at: int, grows: bool) -> None:
    found = verdict.memory("gateway", MINUTES, [100 + min(minute, ends_at) for minute in MINUTES])
    assert found.per_minute > verdict.SLOPE_MB_PER_MINUTE_MAX
    assert found.is_growing is grows


def test_a_leak_that_begins_late_is_one() -> None:
    assert verdict.memory("gateway", MINUTES, [100 + max(0.0, minute - 30) for minute in MINUTES]).is_growing


def test_in_a_short_run_a_copy_of_a_state_is_no_leak() -> None:
    minutes = MINUTES[:40]
    assert not verdict.memory("keeper", minutes, [100 + 0.2 * minute for minute in minutes]).is_growing
    assert verdict.memory("keeper", minutes, [100 + 0.5 * minute for minute in minutes]).is_growing


@pytest.mark.parametrize(("slope", "in_order", "sound"), [(0.0, True, True), (1.0, True, False), (0.0, False, False)])
def test_the_last_lines_say_it_of_each_process(slope: float, in_order: bool, sound: bool) -> None:
    memory = [verdict.memory("gateway", MINUTES, [100 + slope * one for one in MINUTES])]
    soaked = running.Soaked(50, 10, 1, {}, memory, [], {}, {}, in_order)
    said = list(running.verdicts(soaked))
    assert ("GROWS" in said[0]) is (slope > 0)
    assert said[0].split()[:2] == ["verdict", "gateway"]
    assert said[-1] == f"verdict   {'sound' if sound else 'NOT SOUND'}"
    assert soaked.is_sound is sound


@pytest.mark.parametrize(("slope", "status"), [(0.0, 0), (1.0, 1)])
def test_the_status_is_the_verdict(slope: float, status: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    plans: list[running.Plan] = []

    def soak(plan: running.Plan, say: Callable[[str], None]) -> running.Soaked:
        plans.append(plan)
        memory = [verdict.memory("gateway", MINUTES, [100 + slope * one for one in MINUTES])]
        return running.Soaked(50, 10, 1, {}, memory, [], {}, {}, True)

    monkeypatch.setattr(running, "soak", soak)
    ended = CliRunner().invoke(app, ["soak", "--minutes", "50", "--data", str(tmp_path)])
    assert ended.exit_code == status
    assert f"verdict   {'NOT SOUND' if status else 'sound'}\n" in ended.stdout
    # So few that all of it is full within the first minutes.
    assert plans[0].recent_rows == RECENT_ROWS_MIN


def test_a_queue_grows_when_it_never_comes_back() -> None:
    dice = random.Random(1)
    assert verdict.queue("q", "entries", MINUTES, [100 * minute for minute in MINUTES]).is_growing
    assert not verdict.queue("q", "entries", MINUTES, [dice.uniform(0, 10_000) for _ in MINUTES]).is_growing
    assert not verdict.queue("q", "entries", MINUTES, list(MINUTES)).is_growing
    assert not verdict.queue("q", "entries", [], []).is_growing


def test_of_two_readings_nothing_is_known() -> None:
    assert verdict.fit([0, 1], [0, 100]).per_minute == 0
    assert verdict.fit([1, 1, 1], [0, 1, 2]).per_minute == 0
