"""How far an order may go, as the auditor works it out: around market and mark, in a spread around its mark alone."""

from outcry.protocol.layout import PPM, MarkMethod
from outcry.simulation.auditor_books import Books, Instrument
from outcry.simulation.auditor_rules import up
from outcry.simulation.auditor_states import MARKETS

FOLLOWING = (int(MarkMethod.MARK_IMPACT), int(MarkMethod.MARK_LAST))


def follows_touch(instrument: Instrument) -> bool:
    """Whether the band goes by the touch as well as by the mark (ORD-07, AUC-04)."""
    return instrument.mark_method not in FOLLOWING and instrument.state in MARKETS


def edge_of(books: Books, instrument: Instrument, buys: bool) -> int:
    """How far an order of a side may go now (ORD-07, SPR-06)."""
    if instrument.near:
        reach = near_ticks(books, instrument) * instrument.band_ppm // PPM
        if buys:
            return min(instrument.price_max, up(instrument.mark, instrument.per_tick) + reach)
        return max(1, instrument.mark // instrument.per_tick - reach)
    if buys:
        high = up(instrument.mark, instrument.per_tick)
        if follows_touch(instrument):
            high = max(high, instrument.asks.best())
        return min(instrument.price_max, high * (PPM + instrument.band_ppm) // PPM)
    low = instrument.mark // instrument.per_tick
    best = instrument.bids.best()
    if best and follows_touch(instrument):
        low = min(low, best)
    return max(1, up(low * (PPM - instrument.band_ppm), PPM))


def near_ticks(books: Books, spread: Instrument) -> int:
    """Where the near leg of a spread trades: its mark to the nearest tick, halves up (SPR-02)."""
    return max(1, (2 * books.instruments[spread.near].mark + spread.per_tick) // (2 * spread.per_tick))
