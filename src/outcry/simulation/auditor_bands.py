"""How far an order may go, as the auditor works it out: around market and mark, in a spread around its mark alone."""

from outcry.protocol.layout import PPM
from outcry.simulation import auditor_parts
from outcry.simulation.auditor_books import Books, Instrument
from outcry.simulation.auditor_rules import up


def edge_of(books: Books, instrument: Instrument, buys: bool) -> int:
    """How far an order of a side may go now (ORD-07, SPR-06)."""
    if not instrument.near:
        return auditor_parts.edge_of(instrument, buys)
    reach = near_ticks(books, instrument) * instrument.band_ppm // PPM
    if buys:
        return min(instrument.price_max, up(instrument.mark, instrument.per_tick) + reach)
    return max(1, instrument.mark // instrument.per_tick - reach)


def near_ticks(books: Books, spread: Instrument) -> int:
    """Where the near leg of a spread trades: its mark to the nearest tick, halves up (SPR-02)."""
    return max(1, (2 * books.instruments[spread.near].mark + spread.per_tick) // (2 * spread.per_tick))
