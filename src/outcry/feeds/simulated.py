"""Simulated prices: a seeded integer random walk for every constituent of every index.

Three movements are added up.  A shock common to all indices, a shock of the index's own, and a weak pull back to its
starting price make the *common walk* of an index; every constituent stands a little beside it, with an offset that
has shocks of its own and reverts to zero.  All arithmetic is on integers, so one seed gives one market on every
machine.  `RandomWalk.step` is pure but for its own state; `run_simulated` takes the time from the event loop.

Never sends anything that is not a `ConstituentPrice`.  Known limit: shocks are sums of twelve uniform numbers, so no
second is wilder than six standard deviations.
"""

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from outcry.feeds.door import NotTaken, Submit
from outcry.protocol.layout import ConstituentPrice

PPB = 10**9
UNIFORM_STEPS = 10**6
SHOCK_SUMMANDS = 12
COMMON_SHARE_PERCENT = 60
"""The share of the market in an index's shock, by standard deviation; its own part is 80 (a 3-4-5 triangle)."""
OWN_SHARE_PERCENT = 80
PULL_PER_STEP_PPB = 2_000
"""The pull back to the starting price: half of a distance is left after four days of seconds."""
OFFSET_KEPT_PERMILLE = 950
FINE = 10**6
"""The walk is kept that much finer than the index's unit, so that cheap things move too."""


@dataclass(frozen=True, slots=True)
class WalkSpec:
    """One index: its number, its constituents' numbers, where it starts and how wild it is."""

    index: int
    constituents: tuple[int, ...]
    start_units: int
    shock_ppb: int = 40_000
    """Standard deviation of a step of the common walk: 40,000 is 0.004 % a second, 22 % a year."""
    offset_ppb: int = 10_000
    """Standard deviation of a step of a constituent beside it."""


@dataclass(slots=True)
class _Walk:
    spec: WalkSpec
    common_fine: int
    offsets_ppb: list[int]


class RandomWalk:
    """The prices of all constituents.  `last` are prices to go on from, by (index, constituent), as after a restart."""

    def __init__(self, seed: int, specs: Sequence[WalkSpec], last: Mapping[tuple[int, int], int] | None = None) -> None:
        for spec in specs:
            if spec.start_units <= 0 or not spec.constituents:
                raise ValueError(f"index {spec.index} needs a positive starting price and at least one constituent")
        self._random = random.Random(seed)
        self._walks = [_begin(spec, last or {}) for spec in specs]

    def step(self) -> list[ConstituentPrice]:
        """One second later: a new price for every constituent, in the order of the specifications."""
        market = self._shock()
        records: list[ConstituentPrice] = []
        for walk in self._walks:
            self._step_common(walk, market)
            for place, constituent in enumerate(walk.spec.constituents):
                offset = walk.offsets_ppb[place] * OFFSET_KEPT_PERMILLE // 1000
                offset += self._shock() * walk.spec.offset_ppb // UNIFORM_STEPS
                walk.offsets_ppb[place] = offset
                units = walk.common_fine * (PPB + offset) // (PPB * FINE)
                records.append(_record(walk.spec.index, constituent, max(1, units)))
        return records

    def _step_common(self, walk: _Walk, market: int) -> None:
        shock = (market * COMMON_SHARE_PERCENT + self._shock() * OWN_SHARE_PERCENT) // 100
        move_ppb = shock * walk.spec.shock_ppb // UNIFORM_STEPS
        distance = walk.spec.start_units * FINE - walk.common_fine
        walk.common_fine += walk.common_fine * move_ppb // PPB + distance * PULL_PER_STEP_PPB // PPB
        walk.common_fine = max(walk.common_fine, FINE)

    def _shock(self) -> int:
        """Roughly normal, mean 0, standard deviation `UNIFORM_STEPS`."""
        drawn = sum(self._random.randrange(UNIFORM_STEPS) for _ in range(SHOCK_SUMMANDS))
        return drawn - SHOCK_SUMMANDS * UNIFORM_STEPS // 2


def _begin(spec: WalkSpec, last: Mapping[tuple[int, int], int]) -> _Walk:
    """Where the walk stands at first: at the last prices that are known, else at the starting price."""
    known = {c: last[spec.index, c] for c in spec.constituents if last.get((spec.index, c), 0) > 0}
    common_fine = sum(known.values()) * FINE // len(known) if known else spec.start_units * FINE
    offsets = [(known[c] * FINE - common_fine) * PPB // common_fine if c in known else 0 for c in spec.constituents]
    return _Walk(spec, common_fine, offsets)


def _record(index: int, constituent: int, price_units: int) -> ConstituentPrice:
    record = ConstituentPrice()
    record.index = index
    record.constituent = constituent
    record.price_units = price_units
    return record


async def run_simulated(walk: RandomWalk, submit: Submit, stop: asyncio.Event, *, interval_s: float = 1) -> None:
    """Step the walk and hand over its prices every `interval_s`, until `stop` is set; what is not taken is dropped."""
    loop = asyncio.get_running_loop()
    due_s = loop.time()
    while not stop.is_set():
        for record in walk.step():
            try:
                await submit(record)
            except NotTaken:
                break
        # After a stall the schedule begins anew instead of catching up with a burst of old prices.
        due_s = max(due_s + interval_s, loop.time())
        try:
            async with asyncio.timeout_at(due_s):
                await stop.wait()
        except TimeoutError:
            continue
