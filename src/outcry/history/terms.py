"""What of an instrument's terms a row of history needs, read from the engine's tables when it is listed.

Indices are followed from their events, because a replica applies whole frames before it tells its observers: the table
may be ahead of the entry that is being told.
"""

from typing import Protocol

import msgspec

from outcry.protocol.layout import DAY_NS, Tables, Valuation
from outcry.protocol.wire import text_of

QUOTE_MICRO = 10**6


class State(Protocol):
    """The part of an engine that history reads; `tables` may be another object after a table has grown."""

    @property
    def tables(self) -> Tables:
        """The live state, read only."""
        ...


class Terms(msgspec.Struct, frozen=True):
    """An instrument's, as far as money needs them; `index` converts a quanto, 0 for others."""

    number: int
    currency: int
    currency_units: int
    valuation: int
    index: int
    index_units: int
    lot: int
    funding_interval_ns: int
    funding_offset_ns: int
    expiry_ns: int

    def candles_until(self, time_ns: int) -> int:
        """Up to when one that has ended has candles at this time: past the day of its expiry there are none."""
        if not self.expiry_ns or time_ns < self.expiry_ns:
            return time_ns
        return min(time_ns, self.expiry_ns - self.expiry_ns % DAY_NS + DAY_NS)

    def funding_stamp(self, time_ns: int) -> int:
        """The last funding time up to this one; the time itself where nothing is due."""
        interval = self.funding_interval_ns
        return time_ns - (time_ns - self.funding_offset_ns) % interval if interval else time_ns


def terms_of(tables: Tables, number: int) -> Terms:
    """Those of a listed instrument."""
    row = tables.instruments[number]
    currency = tables.currencies[row.currency]
    index = _conversion_index(tables, row.currency, text_of(row.quote)) if row.valuation == Valuation.QUANTO else 0
    return Terms(
        number,
        row.currency,
        int(10**currency.scale),
        row.valuation,
        index,
        int(10 ** tables.indices[index].decimals) if index else 1,
        row.lot,
        row.funding_interval_ns,
        row.funding_offset_ns,
        row.expiry_ns,
    )


def _conversion_index(tables: Tables, currency: int, quote: str) -> int:
    """The first index that prices the currency's whole unit in the quote currency; 0 if there is none."""
    major = text_of(tables.currencies[currency].symbol).upper()
    for number in range(1, len(tables.indices)):
        row = tables.indices[number]
        if not row.listed_sequence:
            return 0
        if text_of(row.underlying) == major and text_of(row.quote) == quote:
            return number
    return 0


def converted(terms: Terms, index_units: int, quantity: int, value_minor: int) -> tuple[int, int]:
    """The index value a quanto is converted by (0 for others), and what traded in millionths of the quote currency."""
    if terms.index:
        return index_units, value_minor * index_units * QUOTE_MICRO // (terms.currency_units * terms.index_units)
    if terms.valuation == Valuation.LINEAR:
        return 0, value_minor * QUOTE_MICRO // terms.currency_units
    return 0, quantity * QUOTE_MICRO
