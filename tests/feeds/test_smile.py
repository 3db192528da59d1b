"""The formula against vollib, the fit, calls without arbitrage whatever was seen, and what a known part does."""

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vollib.black import black
from vollib.black.greeks import analytical

from outcry.feeds.smile import Averaging, Quote, Smile, convex_calls, fit, worth

YEAR = 365.0
CASES = [
    (forward, strike, days, volatility, is_call)
    for forward, strikes in ((60_000.0, (30_000.0, 55_000.0, 60_000.0, 61_000.0, 120_000.0)), (0.15, (0.1, 0.15, 0.2)))
    for strike in strikes
    for days in (0.5, 7.0, 120.0)
    for volatility in (0.2, 0.55, 1.8)
    for is_call in (True, False)
]


def at_once(years: float) -> Averaging:
    """One sample, at the end: an ordinary option."""
    return Averaging(first_years=years)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_worth_and_sensitivities_are_vollibs(case: tuple[float, float, float, float, bool]) -> None:
    forward, strike, days, volatility, is_call = case
    years, flag = days / YEAR, "c" if is_call else "p"
    found = worth(forward, strike, at_once(years), volatility, is_call)
    terms = flag, forward, strike, years, 0.0, volatility
    assert found.value == pytest.approx(black(*terms), rel=1e-9, abs=forward * 1e-12)
    assert found.delta == pytest.approx(analytical.delta(*terms), rel=1e-9, abs=1e-12)
    assert found.gamma == pytest.approx(analytical.gamma(*terms), rel=1e-9, abs=1e-12 / forward)
    assert found.vega == pytest.approx(analytical.vega(*terms), rel=1e-9, abs=forward * 1e-12)
    assert found.theta == pytest.approx(analytical.theta(*terms), rel=1e-9, abs=forward * 1e-12)


def test_an_option_that_ends_now_is_worth_what_it_is_in_the_money() -> None:
    assert worth(60_000, 55_000, at_once(0.0), 0.5, True)[:2] == (5_000, 1)
    assert worth(60_000, 55_000, at_once(0.0), 0.5, False)[:2] == (0, 0)
    assert worth(60_000, 65_000, at_once(0.0), 0.5, False)[:2] == (5_000, -1)


MINUTE = 1 / (YEAR * 24 * 60)


def test_a_mean_of_thirty_minutes_varies_as_if_it_ended_nineteen_and_a_half_minutes_before() -> None:
    window = Averaging(to_come=30, first_years=7 / YEAR - 29 * MINUTE, step_years=MINUTE)
    assert window.years == pytest.approx(7 / YEAR - 19.5 * MINUTE, rel=1e-4)


def test_the_mean_of_a_walk_varies_as_said() -> None:
    """Sum over all pairs of samples of the earlier one's time, over the square of their number."""
    window = Averaging(to_come=7, first_years=2.5, step_years=1.0)
    times = [2.5 + step for step in range(7)]
    assert window.years == pytest.approx(sum(min(a, b) for a in times for b in times) / 49)


def test_what_is_known_of_the_mean_moves_the_strike() -> None:
    half = Averaging(15, 62_000.0, 15, MINUTE, MINUTE)
    assert half.forward(60_000) == 61_000
    found = worth(60_000, 61_500, half, 0.6, True)
    # What is still to come has to exceed 61,000, of which half is paid.
    plain = worth(60_000, 61_000, at_once(half.years), 0.6, True)
    assert found.value == pytest.approx(plain.value / 2)
    assert (found.delta, found.gamma) == pytest.approx((plain.delta / 2, plain.gamma / 2))
    # A put and a call differ by what the mean is expected to be less the strike.
    put = worth(60_000, 61_500, half, 0.6, False)
    assert found.value - put.value == pytest.approx(61_000 - 61_500)


def test_a_strike_that_is_reached_already_is_certain() -> None:
    most = Averaging(29, 62_000.0, 1, MINUTE, MINUTE)
    call = worth(60_000, 59_000, most, 0.6, True)
    assert call.value == pytest.approx(most.forward(60_000) - 59_000)
    assert call.delta == pytest.approx(1 / 30)
    assert worth(60_000, 59_000, most, 0.6, False).value == 0
    over = Averaging(30, 62_000.0, 0)
    assert worth(60_000, 61_000, over, 0.6, True)[:2] == (1_000, 0)


def quotes_of(smile: Smile, strikes: list[float]) -> list[Quote]:
    return [Quote(strike, smile.volatility(strike), 100) for strike in strikes]


STRIKES = [50_000.0, 55_000.0, 58_000.0, 60_000.0, 62_000.0, 66_000.0, 75_000.0]


def test_a_parabola_is_found_again() -> None:
    made = Smile(60_000, 0.1, 0.03, -0.01, 0.2, math.log(50 / 60), math.log(75 / 60))
    found = fit(quotes_of(made, STRIKES), 60_000, 0.1, 100)
    assert found is not None
    assert (found.level, found.slope, found.curve) == pytest.approx((0.03, -0.01, 0.2))
    assert found.volatility(57_000) == pytest.approx(made.volatility(57_000))


def test_a_smile_is_never_concave_and_its_wings_are_straight() -> None:
    frown = [Quote(strike, 0.6 - abs(math.log(strike / 60_000)), 1) for strike in STRIKES]
    found = fit(frown, 60_000, 0.1, 0)
    assert found is not None
    assert found.curve == 0
    steep = Smile(60_000, 0.1, 0.03, 0.0, 40.0, -0.1, 0.1)
    far, further = (steep.volatility(60_000 * math.exp(x)) ** 2 * 0.1 for x in (0.2, 0.3))
    assert further - far == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("strikes", "seen_ns", "fits"),
    [(STRIKES, 100, True), (STRIKES, 99, False), (STRIKES[:3], 100, True), (STRIKES[:2], 100, False)],
)
def test_stale_or_few_quotes_are_no_smile(strikes: list[float], seen_ns: int, fits: bool) -> None:
    quotes = [Quote(strike, 0.5, seen_ns) for strike in strikes] * 2
    assert (fit(quotes, 60_000, 0.1, 100) is not None) is fits


def test_a_stale_quote_does_not_bend_the_smile() -> None:
    fresh = [Quote(strike, 0.5, 100) for strike in STRIKES]
    assert fit([*fresh, Quote(90_000.0, 3.0, 99)], 60_000, 0.1, 100) == fit(fresh, 60_000, 0.1, 100)


prices = st.floats(0, 60_000, allow_nan=False)


@settings(deadline=None, max_examples=60)
@given(st.lists(prices, min_size=1, max_size=12))
def test_calls_are_without_arbitrage_whatever_they_were(drawn: list[float]) -> None:
    forward = 60_000.0
    strikes = [20_000.0 + 7_000 * place + place**2 for place in range(len(drawn))]
    # A call is worth what it is in the money at least.
    calls = [max(call, forward - strike) for call, strike in zip(drawn, strikes, strict=True)]
    found = convex_calls(forward, strikes, calls)
    points = [(0.0, forward), *zip(strikes, found, strict=True)]
    slopes = [(y1 - y0) / (x1 - x0) for (x0, y0), (x1, y1) in pairwise(points)]
    assert all(0 <= one <= most + 1e-6 for one, most in zip(found, calls, strict=True))
    assert all(-1 - 1e-9 <= slope <= 1e-9 for slope in slopes)
    assert all(later >= earlier - 1e-9 for earlier, later in pairwise(slopes))


def test_calls_that_have_no_arbitrage_stay_as_they_are() -> None:
    calls = [black("c", 60_000, strike, 0.1, 0, 0.5) for strike in STRIKES]
    assert convex_calls(60_000, STRIKES, calls) == pytest.approx(calls)
