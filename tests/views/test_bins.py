"""Candles and day sums, by hand and against trades added up plainly."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from outcry.views.bins import DAY_NS, HOUR_NS, MINUTE_NS, Bin, Candles, Series
from outcry.views.tops import BookTop

START_NS = 1_700_000_000 * 10**9 // MINUTE_NS * MINUTE_NS


def test_a_span_without_trades_makes_empty_candles() -> None:
    series = Series(MINUTE_NS, 10)
    series.advance(START_NS + 5)
    assert series.current is not None
    series.current.add(100, 7, 70, 1)
    series.advance(START_NS + 3 * MINUTE_NS)
    assert [(one.start_ns, one.close_ticks, one.trades) for one in series.finished] == [
        (START_NS, 100, 1), (START_NS + MINUTE_NS, 100, 0), (START_NS + 2 * MINUTE_NS, 100, 0),
    ]  # fmt: skip
    assert series.current == Bin(START_NS + 3 * MINUTE_NS, 100, 100, 100, 100)


def test_a_long_gap_begins_anew_and_keeps_the_close() -> None:
    series = Series(MINUTE_NS, 10)
    series.advance(START_NS)
    assert series.current is not None
    series.current.add(100, 7, 70, 1)
    series.advance(START_NS + 1000 * MINUTE_NS)
    assert not series.finished
    assert series.current.close_ticks == 100


def test_time_that_stands_still_changes_nothing() -> None:
    series = Series(MINUTE_NS, 10)
    series.advance(START_NS + 30)
    series.advance(START_NS + 10)
    assert not series.finished


trades = st.lists(st.tuples(st.integers(0, 400), st.integers(1, 1000), st.integers(1, 50)), min_size=1, max_size=60)


@given(trades)
def test_every_series_holds_all_trades(steps: list[tuple[int, int, int]]) -> None:
    candles, now_ns = Candles(), START_NS
    for seconds, price, quantity in steps:
        now_ns += seconds * 10**9
        candles.add(now_ns, price, quantity, price * quantity, quantity)
    for series in candles.series.values():
        bins = list(series.bins(True, False))
        assert bins == list(series.bins(True, True))[::-1]
        assert sum(one.quantity for one in bins) == sum(quantity for _, _, quantity in steps)
        assert sum(one.trades for one in bins) == len(steps)
        assert [one.start_ns for one in bins] == list(range(bins[0].start_ns, bins[-1].start_ns + 1, series.length_ns))
        for before, after in pairwise(bins):
            assert after.open_ticks == before.close_ticks
            assert after.low_ticks <= after.close_ticks <= after.high_ticks


@given(trades, st.integers(0, 30))
def test_day_sums_are_of_the_last_day(steps: list[tuple[int, int, int]], hours: int) -> None:
    candles, now_ns = Candles(), START_NS
    told = []
    for seconds, price, quantity in steps:
        now_ns += seconds * 10**9
        candles.add(now_ns, price, quantity, price * quantity, quantity)
        told.append((now_ns, quantity))
        candles.day()
    now_ns += hours * HOUR_NS
    candles.advance(now_ns)
    from_ns = now_ns - now_ns % MINUTE_NS + MINUTE_NS - DAY_NS
    assert candles.day().quantity == sum(quantity for at_ns, quantity in told if at_ns >= from_ns)


@given(st.lists(st.tuples(st.integers(1, 2), st.integers(1, 9), st.integers(0, 3)), max_size=60))
def test_the_touch_is_the_best_of_the_levels(changes: list[tuple[int, int, int]]) -> None:
    top = BookTop()
    for side, price, quantity in changes:
        top.change(side, price, quantity)
        quote = top.quote(5)
        assert quote.bid_ticks == max(top.bids, default=0)
        assert quote.ask_ticks == min(top.asks, default=0)
        assert quote.bid_quantity == top.bids.get(quote.bid_ticks, 0)
        assert quote.ask_quantity == top.asks.get(quote.ask_ticks, 0)
