"""What a soak says of readings: a line through them, what counts as growing and what does not."""

import random

import pytest

from outcry.app.soak import verdict

MINUTES = [number / 4 for number in range(200)]


@pytest.mark.parametrize(("slope", "grows"), [(0.0, False), (0.9, False), (1.1, True), (-2.0, False)])
def test_memory_grows_from_a_megabyte_a_minute_on(slope: float, grows: bool) -> None:
    dice = random.Random(1)
    values = [100 + slope * minute + dice.uniform(-1, 1) for minute in MINUTES]
    found = verdict.memory("node", MINUTES, values)
    assert found.per_minute == pytest.approx(slope, abs=0.05)
    assert found.error < 0.05
    assert found.is_growing is grows


def test_a_queue_grows_when_it_never_comes_back() -> None:
    dice = random.Random(1)
    assert verdict.queue("q", "entries", MINUTES, [100 * minute for minute in MINUTES]).is_growing
    assert not verdict.queue("q", "entries", MINUTES, [dice.uniform(0, 10_000) for _ in MINUTES]).is_growing
    assert not verdict.queue("q", "entries", MINUTES, list(MINUTES)).is_growing
    assert not verdict.queue("q", "entries", [], []).is_growing


def test_of_two_readings_nothing_is_known() -> None:
    assert verdict.fit([0, 1], [0, 100]).per_minute == 0
    assert verdict.fit([1, 1, 1], [0, 1, 2]).per_minute == 0
