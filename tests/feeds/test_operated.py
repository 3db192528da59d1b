"""The operator's prices: said once, said again so that nothing goes stale, and reached in steps that are believed."""

import asyncio

from outcry.feeds.door import NotTaken
from outcry.feeds.operated import Operated, OperatedPrices, Wanted, run_operated
from outcry.protocol.layout import ConstituentPrice

STILL: Wanted = {(1, 1): 1_000, (1, 2): 1_000, (1, 3): 1_000}


def prices(tolerance_ppm: int = 100_000) -> OperatedPrices:
    return OperatedPrices([Operated(1, (1, 2, 3), tolerance_ppm)])


def said(records: list[ConstituentPrice]) -> list[tuple[int, int]]:
    return [(record.constituent, record.price_units) for record in records]


def test_what_is_new_is_said_at_once_and_what_is_not_only_when_it_is_time() -> None:
    feed = prices()
    assert said(feed.step(STILL)) == [(1, 1_000), (2, 1_000), (3, 1_000)]
    assert feed.step(STILL) == []
    assert said(feed.step(STILL, repeat=True)) == [(1, 1_000), (2, 1_000), (3, 1_000)]


def test_all_sources_together_go_in_steps_of_half_the_tolerance() -> None:
    feed = prices()
    feed.step(STILL)
    down = dict.fromkeys(STILL, 880)
    path = []
    while records := feed.step(down):
        assert len({units for _, units in said(records)}) == 1
        path.append(said(records)[0][1])
    assert path == [950, 903, 880]
    assert [said(prices(0).step(STILL)), said(prices(0).step(down))][1] == [(1, 880), (2, 880), (3, 880)]
    cheap = OperatedPrices([Operated(1, (1,), 100_000)])
    cheap.step({(1, 1): 3})
    assert said(cheap.step({(1, 1): 9})) == [(1, 4)]


def test_a_source_alone_jumps() -> None:
    feed = prices()
    feed.step(STILL)
    assert said(feed.step({**STILL, (1, 2): 100})) == [(2, 100)]


def test_the_feed_repeats_goes_on_after_silence_and_stops() -> None:
    taken: list[ConstituentPrice] = []
    refusals = iter([True, False])
    stop = asyncio.Event()

    async def submit(record: ConstituentPrice) -> None:
        if next(refusals, False):
            raise NotTaken("nobody there")
        taken.append(record)
        if len(taken) == 9:
            stop.set()

    async def main() -> None:
        await asyncio.wait_for(run_operated(prices(), lambda: STILL, submit, stop, look_s=0.001, repeat_s=0.01), 60)

    asyncio.run(main())
    assert said(taken)[:3] == [(1, 1_000), (2, 1_000), (3, 1_000)]
    assert len(taken) == 9
