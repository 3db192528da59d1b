"""The feed of option marks: volatilities in, marks and sensitivities of every option out, as integers.

First what it is told of options and of their underlyings, then where the demo's volatilities come from, then the core,
`OptionMarks.step`, then the loop.  A mark is sent when it has moved by a tick, and every 20 seconds, because the engine
takes only so old a mark for one (OPT-02).  Without fresh prices of the underlying, or with fresh volatilities at fewer
than three strikes of an expiry, nothing new is said of it.

An option whose quote is its underlying is worth what it would be in money, divided by what the mean it settles by is
expected to be.  In the last 30 minutes the samples that are known already count (SET-01).  The forward is the index:
there is no interest, and the venue's own futures are not asked.

Known limit: the simulated volatilities wander around fixed levels and know nothing of how much prices move.
"""

import asyncio
import math
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from outcry.feeds.door import NotTaken, SubmitAll
from outcry.feeds.smile import DAYS_PER_YEAR, Averaging, Quote, Smile, convex_calls, fit, worth
from outcry.protocol.layout import MINUTE_NS, SetOptionMark

SAMPLES = 30
YEAR_NS = DAYS_PER_YEAR * 24 * 60 * MINUTE_NS
STALE_NS = 30 * 10**9
"""Prices and volatilities that are older do not count."""
AGAIN_NS = 20 * 10**9
STEP_S = 2.0
PPM, PPB = 10**6, 10**9

LEVEL = 0.55
"""A year's volatility where the simulation begins and is pulled back to."""
SKEW, CURVE = -0.02, 0.012
"""By how much of itself volatility changes per standard deviation out of the money, and per square of it."""
LEVEL_SHOCK, SKEW_SHOCK, NOISE = 0.0008, 0.0004, 0.0004
KEPT = 0.999
PLACES_MAX = 3.0
"""So many standard deviations out simulated volatilities go on as they are."""


@dataclass(frozen=True, slots=True)
class Option:
    """An option of the venue."""

    instrument: int
    index: int
    strike_units: int
    expiry_ns: int
    is_call: bool
    in_underlying: bool
    """Whether premium and payoff are in the underlying itself."""
    subticks_per_whole: float
    """Of its own price."""
    subticks_per_tick: int


@dataclass(frozen=True, slots=True)
class Underlying:
    """An index: its value now, when a price last came that counts in it, and its samples of the last minutes."""

    value_units: int
    decimals: int
    seen_ns: int
    minutes: Mapping[int, int] = field(default_factory=dict)
    """Values by the minute's time."""


Look = Callable[[], tuple[int, Sequence[Option], Mapping[int, Underlying]]]
"""The time in nanoseconds, the options that are alive, and the indices by number."""


class SimulatedVolatility:
    """Volatilities that wander: a seeded market of them for every index."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._levels: dict[int, float] = {}
        self._skews: dict[int, float] = {}

    def step(self, indices: Iterable[int]) -> None:
        """Some seconds later."""
        for index in indices:
            level, skew = self._levels.get(index, LEVEL), self._skews.get(index, SKEW)
            self._levels[index] = LEVEL + (level - LEVEL) * KEPT + self._random.gauss(0, LEVEL_SHOCK)
            self._skews[index] = SKEW + (skew - SKEW) * KEPT + self._random.gauss(0, SKEW_SHOCK)

    def quotes(self, index: int, forward: float, years: float, strikes: Sequence[float], now_ns: int) -> list[Quote]:
        """What is seen at the strikes of an expiry; it is a little noisy."""
        level, skew = max(0.05, self._levels.get(index, LEVEL)), self._skews.get(index, SKEW)
        quotes = []
        for strike in strikes:
            place = math.log(strike / forward) / (level * math.sqrt(years))
            place = min(max(place, -PLACES_MAX), PLACES_MAX)
            shape = 1 + skew * place + CURVE * place * place + self._random.gauss(0, NOISE)
            quotes.append(Quote(strike, level * shape, now_ns))
        return quotes


class OptionMarks:
    """All options of a venue."""

    def __init__(self, seed: int) -> None:
        self._volatility = SimulatedVolatility(seed)
        self._sent: dict[int, tuple[int, int]] = {}
        """When what was last said of an instrument."""

    def step(
        self, now_ns: int, options: Sequence[Option], underlyings: Mapping[int, Underlying]
    ) -> list[SetOptionMark]:
        """What is to be said now, by index, expiry and strike."""
        self._volatility.step(sorted({option.index for option in options}))
        records: list[SetOptionMark] = []
        for chain in _chains(options):
            underlying = underlyings.get(chain[0].index)
            if underlying is None or chain[0].expiry_ns <= now_ns or not is_fresh(underlying, now_ns):
                continue
            averaging = averaging_of(underlying, chain[0].expiry_ns, now_ns)
            price = underlying.value_units / 10**underlying.decimals
            strikes = sorted({option.strike_units / 10**underlying.decimals for option in chain})
            years = max(averaging.years, 1 / YEAR_NS)
            forward = averaging.forward(price)
            quotes = self._volatility.quotes(chain[0].index, forward, years, strikes, underlying.seen_ns)
            smile = fit(quotes, forward, years, now_ns - STALE_NS)
            if smile is not None:
                records += self._moved(now_ns, chain, marked(chain, smile, averaging, underlying))
        return records

    def forget(self) -> None:
        """Nobody may have heard what was last said: say everything again."""
        self._sent.clear()

    def _moved(self, now_ns: int, chain: Sequence[Option], records: list[SetOptionMark]) -> list[SetOptionMark]:
        """Those that are worth sending."""
        moved = []
        for option, record in zip(chain, records, strict=True):
            before_ns, before_subticks = self._sent.get(option.instrument, (0, 0))
            by = abs(record.mark_subticks - before_subticks)
            if by >= option.subticks_per_tick or now_ns - before_ns >= AGAIN_NS:
                self._sent[option.instrument] = now_ns, record.mark_subticks
                moved.append(record)
        return moved


def _chains(options: Sequence[Option]) -> list[list[Option]]:
    """The options of one index, end and kind of premium together, by strike, calls first."""
    chains: dict[tuple[int, int, bool], list[Option]] = {}
    for option in options:
        chains.setdefault((option.index, option.expiry_ns, option.in_underlying), []).append(option)
    for chain in chains.values():
        chain.sort(key=lambda option: (option.strike_units, not option.is_call))
    return [chains[key] for key in sorted(chains)]


def is_fresh(underlying: Underlying, now_ns: int) -> bool:
    """Whether a price came of late that counts in the index."""
    return underlying.value_units > 0 and now_ns - underlying.seen_ns <= STALE_NS


def averaging_of(underlying: Underlying, expiry_ns: int, now_ns: int) -> Averaging:
    """Which of the 30 samples an option settles by are known, and when the others come (SET-01)."""
    to_come = min(SAMPLES, -(-(expiry_ns - now_ns) // MINUTE_NS))
    known = [
        underlying.minutes[minute_ns]
        for minute_ns in range(expiry_ns - (SAMPLES - 1) * MINUTE_NS, expiry_ns - (to_come - 1) * MINUTE_NS, MINUTE_NS)
        if minute_ns in underlying.minutes
    ]
    mean = sum(known) / len(known) / 10**underlying.decimals if known else 0.0
    first_ns = expiry_ns - now_ns - (to_come - 1) * MINUTE_NS
    return Averaging(len(known), mean, to_come, first_ns / YEAR_NS, MINUTE_NS / YEAR_NS)


def marked(chain: Sequence[Option], smile: Smile, averaging: Averaging, underlying: Underlying) -> list[SetOptionMark]:
    """What is said of the options of one expiry, in their order; marks are half up to sub-ticks, and at least one."""
    units = 10**underlying.decimals
    price = underlying.value_units / units
    forward = averaging.forward(price)
    strikes = sorted({option.strike_units / units for option in chain})
    fitted = [worth(price, strike, averaging, smile.volatility(strike), True).value for strike in strikes]
    calls = dict(zip(strikes, convex_calls(forward, strikes, fitted), strict=True))
    records = []
    for option in chain:
        strike = option.strike_units / units
        volatility = smile.volatility(strike)
        found = worth(price, strike, averaging, volatility, option.is_call)
        # A put is what parity leaves of its call, so the two never disagree.
        value = calls[strike] if option.is_call else calls[strike] - (forward - strike)
        premium = max(value, 0.0) / (forward if option.in_underlying else 1.0)
        records.append(
            SetOptionMark(
                instrument=option.instrument,
                mark_subticks=max(1, _half_up(premium * option.subticks_per_whole)),
                forward_units=_half_up(forward * units),
                volatility_ppm=_half_up(volatility * PPM),
                delta_ppm=_half_up(found.delta * PPM),
                gamma_ppb=_half_up(found.gamma * PPB),
                vega_ppm=_half_up(found.vega * PPM),
                theta_ppm=_half_up(found.theta * PPM),
                seen_ns=underlying.seen_ns,
            )
        )
    return records


def _half_up(value: float) -> int:
    """To the nearest whole number, halves away from zero."""
    return math.floor(value + 0.5) if value >= 0 else -math.floor(0.5 - value)


async def run_options(
    marks: OptionMarks, look: Look, submit_all: SubmitAll, stop: asyncio.Event, *, step_s: float = STEP_S
) -> None:
    """Look and say what has moved every `step_s`, until `stop` is set; what is not taken is said again later."""
    while not stop.is_set():
        try:
            await submit_all(marks.step(*look()))
        except NotTaken:
            marks.forget()
        try:
            async with asyncio.timeout(step_s):
                await stop.wait()
        except TimeoutError:
            continue
