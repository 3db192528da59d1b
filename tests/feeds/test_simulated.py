"""The walk is a function of its seed, stays near its start, goes on from last prices, and its runner keeps time."""

import asyncio

import pytest

from outcry.feeds import NotTaken, RandomWalk, WalkSpec, run_simulated
from outcry.protocol.layout import ConstituentPrice

SPECS = (WalkSpec(1, (1, 2, 3), 6_000_000), WalkSpec(2, (4, 5), 300_000), WalkSpec(4, (6,), 1_500, 90_000))


def rows(records: list[ConstituentPrice]) -> list[tuple[int, int, int]]:
    return [(record.index, record.constituent, record.price_units) for record in records]


def test_one_seed_gives_one_market() -> None:
    one, two, other = RandomWalk(7, SPECS), RandomWalk(7, SPECS), RandomWalk(8, SPECS)
    steps = [rows(one.step()) for _ in range(50)]
    assert steps == [rows(two.step()) for _ in range(50)]
    assert steps != [rows(other.step()) for _ in range(50)]


def test_every_constituent_gets_a_positive_price_in_order() -> None:
    for _ in range(100):
        step = rows(RandomWalk(1, SPECS).step())
        assert [(index, constituent) for index, constituent, _ in step] == [
            (1, 1),
            (1, 2),
            (1, 3),
            (2, 4),
            (2, 5),
            (4, 6),
        ]
        assert all(units > 0 for _, _, units in step)


def test_constituents_stay_together_and_the_walk_moves() -> None:
    walk = RandomWalk(3, SPECS)
    seen = set()
    for _ in range(5_000):
        units = [row[2] for row in rows(walk.step()) if row[0] == 1]
        assert max(units) - min(units) < 6_000_000 // 500
        assert abs(units[0] - 6_000_000) < 6_000_000 // 5
        seen.add(units[0])
    assert len(seen) > 4_000


def test_it_goes_on_from_the_last_prices() -> None:
    walk = RandomWalk(3, SPECS, {(1, 1): 6_500_000, (1, 2): 6_501_000, (1, 3): 6_499_000})
    prices = {constituent: units for index, constituent, units in rows(walk.step()) if index == 1}
    assert abs(prices[1] - 6_500_000) < 3_000
    assert abs(prices[2] - 6_501_000) < 3_000
    assert abs(prices[3] - 6_499_000) < 3_000


def test_a_start_must_be_positive() -> None:
    with pytest.raises(ValueError, match="positive starting price"):
        RandomWalk(1, [WalkSpec(1, (1,), 0)])


def test_the_runner_submits_until_it_is_stopped_and_survives_refusals() -> None:
    taken: list[int] = []

    async def body() -> None:
        stop = asyncio.Event()

        async def submit(record: ConstituentPrice) -> None:
            taken.append(record.constituent)
            if len(taken) == 3:
                raise NotTaken("no node")
            if len(taken) >= 9:
                stop.set()

        await asyncio.wait_for(run_simulated(RandomWalk(1, SPECS), submit, stop, interval_s=0.001), 60)

    asyncio.run(body())
    # The first pass breaks off at the third record; the second pass is whole.
    assert taken == [1, 2, 3, 1, 2, 3, 4, 5, 6]
