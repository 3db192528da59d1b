"""The minute's look at the own book: impact prices, and what is measured by them (MRK-03, MRK-04, FND-01 to FND-03).

A perpetual with funding takes a sample of its premium, a future marked by its impact mid its fair basis.  Looks at no
more than 256 levels a side; a book whose impact notional lies deeper counts as too thin.  Moves no mark and no money.
"""

import cython

if not cython.compiled:
    from outcry.engine.book import best_ticks, is_crossed, level_slot, next_worse
    from outcry.engine.rungs import is_collecting
    from outcry.protocol.layout import (
        IMPACT_LEVELS,
        InstrumentRow,
        MarkMethod,
        Side,
        Tables,
        flag,
        i64,
        instruments_at,
        levels_at,
        new_premium_sampled,
        wide,
    )
    from outcry.rules.funding import measured_rate_ppb, premium_ppb
    from outcry.rules.marks import fair_basis_ppb, impact_is_tight, impact_subticks, minute_of, minutes_to_expiry
    from outcry.rules.value import subticks_of, value_minor


def restart_samples(instrument: InstrumentRow) -> None:
    """No samples yet, of a funding period that begins with the rate as it stands (FND-01)."""
    instrument.premium_sum_ppb = 0
    instrument.premium_samples = 0
    instrument.indicative_rate_ppb = measured_rate_ppb(instrument)


def impact_price(tables: Tables, instrument: InstrumentRow, side: i64) -> i64:
    """Average price of the best orders of a side that are together worth the impact notional, each price weighted by
    the value taken at it, the last level in part; 0 if it is too thin (MRK-03)."""
    left: i64 = instrument.impact_notional_minor
    weighted = wide(0)
    looked: i64 = 0
    price: i64 = best_ticks(instrument, side)
    worth: i64 = 0
    shown: i64 = 0
    while price != 0 and looked < IMPACT_LEVELS:
        level: i64 = level_slot(tables, instrument, side, price)
        subticks: i64 = subticks_of(instrument, price)
        shown = levels_at(tables, level).quantity - levels_at(tables, level).hidden_quantity
        worth = min(left, value_minor(instrument, shown, subticks, tables.fault))
        weighted += wide(worth) * subticks
        left -= worth
        if left == 0:
            return impact_subticks(weighted, instrument.impact_notional_minor)
        price = next_worse(tables, instrument, side, price)
        looked += 1
    return 0


def is_looked_at(instrument: InstrumentRow) -> flag:
    """Whether the own book of an instrument says anything: it has an impact notional, an index and a mark, and funding
    or a mark by its impact mid."""
    if instrument.impact_notional_minor == 0 or instrument.index_subticks == 0 or instrument.mark_subticks == 0:
        return False
    return instrument.funding_interval_ns != 0 or instrument.mark_method == MarkMethod.MARK_IMPACT


def look_at_book(tables: Tables, number: i64) -> None:
    """Impact prices of this minute, and the fair basis of a future if they are close together (MRK-03, MRK-04)."""
    instrument = instruments_at(tables, number)
    if not is_looked_at(instrument):
        return
    instrument.sampled_ns = minute_of(tables.venue.time_ns)
    instrument.impact_bid_subticks = 0
    instrument.impact_ask_subticks = 0
    if not is_collecting(instrument) and not is_crossed(instrument):
        # A book in which nobody can meet says nothing about prices; it counts as too thin (AUC-09).
        instrument.impact_bid_subticks = impact_price(tables, instrument, Side.BUY)
        instrument.impact_ask_subticks = impact_price(tables, instrument, Side.SELL)
    if instrument.mark_method != MarkMethod.MARK_IMPACT:
        return
    bid: i64 = instrument.impact_bid_subticks
    ask: i64 = instrument.impact_ask_subticks
    left: i64 = minutes_to_expiry(tables.venue.time_ns, instrument.expiry_ns)
    if left > 0 and impact_is_tight(instrument, bid, ask):
        instrument.basis_rate_ppb = fair_basis_ppb(bid, ask, instrument.index_subticks, left)


def take_sample(tables: Tables, number: i64) -> None:
    """Count this minute's premium at the mark of this minute, and say what was seen (FND-01)."""
    instrument = instruments_at(tables, number)
    if not is_looked_at(instrument) or instrument.sampled_ns != minute_of(tables.venue.time_ns):
        return
    bid: i64 = instrument.impact_bid_subticks
    ask: i64 = instrument.impact_ask_subticks
    premium: i64 = 0
    if instrument.funding_interval_ns != 0:
        premium = premium_ppb(
            bid, ask, instrument.mark_subticks, instrument.index_subticks, instrument.funding_rate_ppb
        )
        instrument.premium_sum_ppb += premium
        instrument.premium_samples += 1
        instrument.indicative_rate_ppb = measured_rate_ppb(instrument)
    sampled = new_premium_sampled(tables)
    sampled.instrument = number
    sampled.samples = instrument.premium_samples
    sampled.impact_bid_subticks = bid
    sampled.impact_ask_subticks = ask
    sampled.premium_ppb = premium
    if instrument.funding_interval_ns != 0:
        sampled.indicative_rate_ppb = instrument.indicative_rate_ppb
    sampled.basis_rate_ppb = instrument.basis_rate_ppb
