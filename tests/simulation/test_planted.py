"""The simulator finds mistakes: each planted one is seen within so many seeds, by the law it breaks."""

import pytest

from outcry.simulation.plan import plan_of
from outcry.simulation.run import simulate
from tests.simulation.planted import PLANTED, SOUND

SEEDS = 40


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_mistake_is_found(name: str) -> None:
    planted = PLANTED[name]
    for seed in range(SEEDS):
        failure = simulate(plan_of(seed, planted.kinds), planted.parts).failure
        if failure is not None:
            assert failure.law in planted.laws, f"seed {seed}: {failure}"
            # And it is the mistake that was found.
            assert simulate(plan_of(seed, planted.kinds), SOUND).failure is None
            return
    raise AssertionError(f"{SEEDS} seeds did not find it")
