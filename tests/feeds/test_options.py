"""What is said of a chain: integers, parity, arbitrage, staleness, the last half hour, and how often."""

import asyncio
from collections.abc import Sequence
from itertools import pairwise

import pytest
from vollib.black import black

from outcry.feeds.door import NotTaken
from outcry.feeds.options import (
    AGAIN_NS,
    STALE_NS,
    YEAR_NS,
    Option,
    OptionMarks,
    Underlying,
    averaging_of,
    marked,
    run_options,
)
from outcry.feeds.smile import Averaging, Smile
from outcry.protocol.layout import MINUTE_NS, SetOptionMark

NOW = 1_795_453_200 * 10**9
DAY_NS = 24 * 60 * MINUTE_NS
EXPIRY = NOW + 7 * DAY_NS
STRIKES = range(50_000, 71_000, 2_000)
FLAT = Smile(60_000, 1.0, 0.25, 0.0, 0.0, -1.0, 1.0)
"""Half a year's volatility of 1 at a year."""


def chain(in_underlying: bool, expiry_ns: int = EXPIRY) -> list[Option]:
    whole, tick = (100_000.0, 10) if in_underlying else (100.0, 10)
    return [
        Option(number, 1, strike * 100, expiry_ns, is_call, in_underlying, whole, tick)
        for number, (strike, is_call) in enumerate(((s, c) for s in STRIKES for c in (True, False)), 7)
    ]


def bitcoin(units: int = 6_012_300, seen_ns: int = NOW, minutes: dict[int, int] | None = None) -> Underlying:
    return Underlying(units, 2, seen_ns, minutes or {})


def test_marks_of_an_inverse_chain_are_the_formulas() -> None:
    smile = Smile(60_123, 1.0, 0.25, 0.0, 0.0, -1.0, 1.0)
    records = marked(chain(True), smile, Averaging(first_years=0.1), bitcoin())
    for option, record in zip(chain(True), records, strict=True):
        money = black("c" if option.is_call else "p", 60_123, option.strike_units / 100, 0.1, 0, 0.5)
        assert record.mark_subticks == pytest.approx(money / 60_123 * 100_000, abs=0.51)
        assert (record.volatility_ppm, record.forward_units, record.seen_ns) == (500_000, 6_012_300, NOW)
        assert (record.delta_ppm > 0) is option.is_call
        assert record.vega_ppm > 0 > record.theta_ppm
        assert record.gamma_ppb > 0


@pytest.mark.parametrize("in_underlying", [True, False])
@pytest.mark.parametrize("seed", range(5))
def test_a_simulated_chain_has_no_arbitrage_between_strikes(seed: int, in_underlying: bool) -> None:
    options, marks = chain(in_underlying), OptionMarks(seed)
    for second in range(0, 600, 60):
        now_ns = NOW + second * 10**9
        records = marks.step(now_ns, options, {1: bitcoin(seen_ns=now_ns)})
        assert [record.instrument for record in records] == [option.instrument for option in options]
        calls = [r.mark_subticks for r, o in zip(records, options, strict=True) if o.is_call]
        puts = [r.mark_subticks for r, o in zip(records, options, strict=True) if not o.is_call]
        scale = options[0].subticks_per_whole / (60_123 if in_underlying else 1)
        for strike, call, put in zip(STRIKES, calls, puts, strict=True):
            # Parity within a sub-tick, where nothing is worth less than the least that can be said.
            assert call - put == pytest.approx((60_123 - strike) * scale, abs=1.01) or min(call, put) == 1
        assert all(a >= b for a, b in pairwise(calls))
        assert all(a <= b for a, b in pairwise(puts))
        # Rounding of three prices may bend what is straight by two sub-ticks.
        slopes = [b - a for a, b in pairwise(calls)]
        assert all(b - a >= -2 for a, b in pairwise(slopes))


def test_one_seed_gives_one_market() -> None:
    def said(seed: int) -> list[bytes]:
        marks, found = OptionMarks(seed), []
        for step in range(20):
            now_ns = NOW + step * 10**9
            found += [bytes(r) for r in marks.step(now_ns, chain(True), {1: bitcoin(seen_ns=now_ns)})]
        return found

    assert said(1) == said(1) != said(2)


def test_nothing_new_is_said_without_a_fresh_price() -> None:
    options = chain(True)
    assert OptionMarks(1).step(NOW, options, {1: bitcoin(seen_ns=NOW - STALE_NS)}) != []
    assert OptionMarks(1).step(NOW, options, {1: bitcoin(seen_ns=NOW - STALE_NS - 1)}) == []
    assert OptionMarks(1).step(NOW, options, {1: bitcoin(units=0)}) == []
    assert OptionMarks(1).step(NOW, options, {}) == []


def test_two_strikes_are_no_smile_and_what_has_ended_has_no_mark() -> None:
    assert OptionMarks(1).step(NOW, chain(True)[:4], {1: bitcoin()}) == []
    assert OptionMarks(1).step(NOW, chain(True)[:6], {1: bitcoin()}) != []
    assert OptionMarks(1).step(EXPIRY, chain(True), {1: bitcoin(seen_ns=EXPIRY)}) == []


def test_only_what_has_moved_by_a_tick_is_said_until_it_is_time_again() -> None:
    marks, options = OptionMarks(1), chain(True)
    assert len(marks.step(NOW, options, {1: bitcoin()})) == 22
    assert marks.step(NOW + 1, options, {1: bitcoin()}) == []
    moved = marks.step(NOW + 2, options, {1: bitcoin(6_024_600)})
    assert 0 < len(moved) < 22
    again = marks.step(NOW + 1 + AGAIN_NS, options, {1: bitcoin(6_024_600, NOW + AGAIN_NS)})
    assert len(again) == 22 - len(moved)
    marks.forget()
    assert len(marks.step(NOW + 2 + AGAIN_NS, options, {1: bitcoin(6_024_600, NOW + AGAIN_NS)})) == 22


def test_which_samples_are_known() -> None:
    minutes = {EXPIRY - minute * MINUTE_NS: 6_000_000 + minute for minute in range(40, -1, -1)}
    before = averaging_of(bitcoin(minutes=minutes), EXPIRY, EXPIRY - 31 * MINUTE_NS)
    assert (before.known, before.to_come) == (0, 30)
    assert before.first_years * YEAR_NS == pytest.approx(2 * MINUTE_NS)
    # The samples are those of 29 minutes before the end and later, the end's own included.
    first = averaging_of(bitcoin(minutes=minutes), EXPIRY, EXPIRY - 29 * MINUTE_NS)
    assert (first.known, first.to_come, first.known_mean) == (1, 29, 60_000.29)
    between = averaging_of(bitcoin(minutes=minutes), EXPIRY, EXPIRY - 3 * MINUTE_NS // 2)
    assert (between.known, between.to_come) == (28, 2)
    assert between.first_years * YEAR_NS == pytest.approx(MINUTE_NS // 2)
    assert between.known_mean == pytest.approx(60_000 + sum(range(2, 30)) / 28 / 100)


def test_a_minute_that_was_missed_does_not_count_as_known() -> None:
    minutes = {EXPIRY - minute * MINUTE_NS: 6_000_000 for minute in (29, 28, 20)}
    found = averaging_of(bitcoin(minutes=minutes), EXPIRY, EXPIRY - 20 * MINUTE_NS)
    assert (found.known, found.to_come) == (3, 20)


@pytest.mark.parametrize("in_underlying", [True, False])
def test_in_the_last_minute_an_option_is_nearly_what_it_will_pay(in_underlying: bool) -> None:
    """The mean of 29 samples at 61,000 and one to come around 60,000."""
    now_ns = EXPIRY - MINUTE_NS // 2
    minutes = {EXPIRY - minute * MINUTE_NS: 6_100_000 for minute in range(1, 30)}
    underlying = bitcoin(6_000_000, now_ns, minutes)
    records = OptionMarks(1).step(now_ns, chain(in_underlying), {1: underlying})
    mean = (29 * 61_000 + 60_000) / 30
    for option, record in zip(chain(in_underlying), records, strict=True):
        strike = option.strike_units / 100
        inner = max(mean - strike if option.is_call else strike - mean, 0.0)
        pays = inner / (mean if in_underlying else 1) * option.subticks_per_whole
        assert record.mark_subticks == pytest.approx(max(pays, 1), abs=1)
        assert record.forward_units == round(mean * 100)


def test_the_loop_says_everything_again_when_nobody_heard() -> None:
    heard: list[int] = []

    async def submit_all(records: Sequence[SetOptionMark]) -> None:
        heard.append(len(records))
        if len(heard) == 1:
            raise NotTaken("nobody is there")
        if len(heard) == 3:
            stop.set()

    stop = asyncio.Event()
    asyncio.run(run_options(OptionMarks(1), lambda: (NOW, chain(True), {1: bitcoin()}), submit_all, stop, step_s=0.001))
    assert heard == [22, 22, 0]
