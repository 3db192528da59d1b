"""What options are worth: Black's formula, a smile fitted to volatilities, and calls without arbitrage.

First the formula with its sensitivities, for a forward and without interest, also for an option on a mean of which a
part is known already; then the smile; then the projection of call prices.  Floats live here and nowhere nearer to the
engine: what leaves the feed is integers (`options`).  Pure; knows no clock.

The smile is a parabola of the total variance (volatility squared times years) over the logarithm of strike over
forward, fitted by least squares; it is never concave, so a fit that would be is a line, and beyond the strikes it was
fitted to it goes on straight, no steeper than 2, which no variance without arbitrage can exceed far out (Lee).  What is
left of arbitrage between strikes is taken out by the lower convex hull of the call prices.

Known limits: one smile an expiry, so calendar arbitrage between expiries is not looked for; volatility is taken to be
the same in the half hour of averaging as before.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

DAYS_PER_YEAR = 365.0
WING_SLOPE_MAX = 2.0
VARIANCE_MIN = 1e-8
STRIKES_MIN = 3
"""A parabola through fewer says nothing."""
FAR_STRIKE = 10.0
"""A call ten times out of the money is worth nothing: where the hull of call prices ends."""


class Worth(NamedTuple):
    """An option's value in its quote, and how it changes."""

    value: float
    delta: float
    gamma: float
    vega: float
    """Per whole percent of volatility."""
    theta: float
    """Per day."""


@dataclass(frozen=True, slots=True)
class Quote:
    """A volatility that was seen at a strike."""

    strike: float
    volatility: float
    seen_ns: int


@dataclass(frozen=True, slots=True)
class Averaging:
    """What an option settles by: the mean of so many samples, of which some are known (SET-01)."""

    known: int = 0
    known_mean: float = 0.0
    to_come: int = 1
    first_years: float = 0.0
    """Until the next sample."""
    step_years: float = 0.0
    """From one sample to the next."""

    @property
    def open_share(self) -> float:
        """The share of the mean that is still to come."""
        return self.to_come / (self.known + self.to_come)

    @property
    def known_part(self) -> float:
        """What the known samples contribute to the mean."""
        return self.known * self.known_mean / (self.known + self.to_come)

    @property
    def years(self) -> float:
        """Over how much time the mean of what is to come varies: the variance of a mean of a random walk's points."""
        count = self.to_come
        spread = (count - 1) * (2 * count - 1) / (6 * count) if count else 0.0
        return self.first_years + self.step_years * spread

    def forward(self, price: float) -> float:
        """What the mean is expected to be."""
        return self.known_part + self.open_share * price


def worth(forward: float, strike: float, averaging: Averaging, volatility: float, is_call: bool) -> Worth:
    """An option on the mean, without interest; sensitivities are to the price of now.

    A known part moves the strike: what is left of the mean has to exceed what is left of the strike.
    """
    share, years = averaging.open_share, averaging.years
    left = strike - averaging.known_part
    if share <= 0 or left <= 0 or years <= 0 or volatility <= 0:
        return _certain(averaging.forward(forward), strike, share, is_call)
    left /= share
    root = math.sqrt(years)
    deviation = volatility * root
    d1 = math.log(forward / left) / deviation + deviation / 2
    density = math.exp(-d1 * d1 / 2) / math.sqrt(2 * math.pi)
    if is_call:
        value = forward * _normal(d1) - left * _normal(d1 - deviation)
        delta = _normal(d1)
    else:
        value = left * _normal(deviation - d1) - forward * _normal(-d1)
        delta = -_normal(-d1)
    per_root = share * forward * density
    return Worth(
        share * value,
        share * delta,
        share * density / (forward * deviation),
        per_root * root / 100,
        -per_root * volatility / (2 * root) / DAYS_PER_YEAR,
    )


def _certain(forward: float, strike: float, share: float, is_call: bool) -> Worth:
    """An option whose end is known but for the price: worth what it is in the money."""
    inner = forward - strike if is_call else strike - forward
    delta = (share if is_call else -share) if inner > 0 else 0.0
    return Worth(max(inner, 0.0), delta, 0.0, 0.0, 0.0)


def _normal(x: float) -> float:
    """The normal distribution."""
    return math.erfc(-x / math.sqrt(2)) / 2


@dataclass(frozen=True, slots=True)
class Smile:
    """Total variance over log-moneyness between two ends, and straight on beyond them."""

    forward: float
    years: float
    level: float
    slope: float
    curve: float
    lowest: float
    highest: float

    def volatility(self, strike: float) -> float:
        """Of a year, at a strike."""
        place = math.log(strike / self.forward)
        held = min(max(place, self.lowest), self.highest)
        tilt = self.slope + 2 * self.curve * held
        tilt = min(max(tilt, -WING_SLOPE_MAX), WING_SLOPE_MAX)
        variance = self.level + held * (self.slope + held * self.curve) + tilt * (place - held)
        return math.sqrt(max(variance, VARIANCE_MIN) / self.years)


def fit(quotes: Sequence[Quote], forward: float, years: float, oldest_ns: int) -> Smile | None:
    """The smile of one expiry, or None: fewer than three strikes have a quote that is not older than `oldest_ns`."""
    fresh = [one for one in quotes if one.seen_ns >= oldest_ns and one.volatility > 0 and one.strike > 0]
    if len({one.strike for one in fresh}) < STRIKES_MIN or years <= 0 or forward <= 0:
        return None
    places = [math.log(one.strike / forward) for one in fresh]
    variances = [one.volatility**2 * years for one in fresh]
    level, slope, curve = _parabola(places, variances)
    if curve < 0:
        level, slope, curve = *_line(places, variances), 0.0
    return Smile(forward, years, level, slope, curve, min(places), max(places))


def _line(places: Sequence[float], values: Sequence[float]) -> tuple[float, float]:
    """Least squares: the value at 0 and the slope."""
    count = len(places)
    mean, height = sum(places) / count, sum(values) / count
    spread = sum((x - mean) ** 2 for x in places)
    slope = sum((x - mean) * (y - height) for x, y in zip(places, values, strict=True)) / spread
    return height - slope * mean, slope


def _parabola(places: Sequence[float], values: Sequence[float]) -> tuple[float, float, float]:
    """Least squares by polynomials that are orthogonal over the places, which keeps digits where they lie close."""
    level, slope = _line(places, values)
    mean = sum(places) / len(places)
    around = [x - mean for x in places]
    spread, skew = sum(x * x for x in around), sum(x**3 for x in around)
    second = [x * x - skew / spread * x - spread / len(around) for x in around]
    size = sum(x * x for x in second)
    curve = sum(p * y for p, y in zip(second, values, strict=True)) / size if size > 0 else 0.0
    # Back from powers around the mean to powers of the place itself.
    ramp = curve * (-2 * mean - skew / spread)
    base = curve * (mean * mean + skew / spread * mean - spread / len(around))
    return level + base, slope + ramp, curve


def convex_calls(forward: float, strikes: Sequence[float], calls: Sequence[float]) -> list[float]:
    """Call prices without arbitrage: the lower convex hull of the given ones, of the forward at strike 0 and nothing
    far out.  `strikes` rise; so the results fall, ever more slowly, by no more than the strikes rise, and stay >= 0.
    """
    points = [(0.0, forward), *zip(strikes, calls, strict=True), (FAR_STRIKE * max(forward, *strikes), 0.0)]
    hull: list[tuple[float, float]] = []
    for x, y in points:
        while len(hull) >= 2 and _is_above(hull[-2], hull[-1], (x, y)):
            hull.pop()
        hull.append((x, y))
    results: list[float] = []
    left = 0
    for strike in strikes:
        while hull[left + 1][0] < strike:
            left += 1
        (x0, y0), (x1, y1) = hull[left], hull[left + 1]
        results.append(max(0.0, y0 + (y1 - y0) * (strike - x0) / (x1 - x0)))
    return results


def _is_above(first: tuple[float, float], middle: tuple[float, float], last: tuple[float, float]) -> bool:
    """Whether the middle point lies on or above the line through the others."""
    return (middle[1] - first[1]) * (last[0] - first[0]) >= (last[1] - first[1]) * (middle[0] - first[0])
