"""Prices that the operator sets and nobody else: every source says what it was last told to, again and again.

`OperatedPrices.step` is a pure core: it is told what every source shall say and answers with the prices to hand over
now.  An index whose sources are all sent to one price goes there in steps smaller than its tolerance, because a jump by
more would be taken for a mistake of the first source that makes it (IDX-03); a source that is set alone jumps.
`run_operated` asks what is wanted several times a second and repeats everything in between, so that nothing goes stale.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from outcry.feeds.door import NotTaken, Submit
from outcry.protocol.layout import PPM, ConstituentPrice

LOOK_S = 0.2
REPEAT_S = 10.0

Wanted = Mapping[tuple[int, int], int]
"""Prices by index and constituent, in the index's units."""


@dataclass(slots=True)
class Operated:
    """One index: its number, its constituents' numbers, and how far a source may be from the others."""

    index: int
    constituents: tuple[int, ...]
    tolerance_ppm: int
    said_units: dict[int, int] = field(default_factory=dict)
    """What each source has said last, by constituent."""

    def step(self, wanted: Mapping[int, int]) -> Mapping[int, int]:
        """What the sources say next on their way to what is wanted, all of them named."""
        goals = set(wanted.values())
        if len(goals) > 1 or not self.tolerance_ppm or set(self.said_units) != set(wanted):
            return wanted
        return {source: self._towards(self.said_units[source], goal) for source, goal in wanted.items()}

    def _towards(self, said: int, goal: int) -> int:
        """At most half the tolerance nearer; nothing is so cheap that it cannot move at all."""
        reach = max(1, said * self.tolerance_ppm // (2 * PPM))
        return min(goal, said + reach) if goal > said else max(goal, said - reach)


class OperatedPrices:
    """All indices of a venue."""

    def __init__(self, indices: Sequence[Operated]) -> None:
        self._indices = indices

    def step(self, wanted: Wanted, repeat: bool = False) -> list[ConstituentPrice]:
        """The prices to hand over now: those that change, with `repeat` all of them."""
        records: list[ConstituentPrice] = []
        for one in self._indices:
            says = one.step({source: wanted[one.index, source] for source in one.constituents})
            for source, units in says.items():
                if repeat or one.said_units.get(source) != units:
                    records.append(ConstituentPrice(index=one.index, constituent=source, price_units=units))
            one.said_units = dict(says)
        return records


async def run_operated(
    prices: OperatedPrices,
    wanted: Callable[[], Wanted],
    submit: Submit,
    stop: asyncio.Event,
    *,
    look_s: float = LOOK_S,
    repeat_s: float = REPEAT_S,
) -> None:
    """Hand over what the operator wants until `stop` is set.  What was not taken is said again with the next repeat."""
    loop = asyncio.get_running_loop()
    repeat_at_s = loop.time()
    while not stop.is_set():
        repeat = loop.time() >= repeat_at_s
        if repeat:
            repeat_at_s = loop.time() + repeat_s
        records = prices.step(wanted(), repeat)
        for record in records:
            try:
                await submit(record)
            except NotTaken:
                repeat_at_s = loop.time()
                break
        if not records or repeat:
            try:
                async with asyncio.timeout(look_s):
                    await stop.wait()
            except TimeoutError:
                continue
