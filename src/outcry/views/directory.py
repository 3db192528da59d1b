"""What is listed: currencies, indices and instruments by number and by symbol, with the terms that never change.

The directory reads the engine's tables once for each listing and keeps what it read; lists are append-only, so it only
looks for rows that are new, and `renew` reads one again that has got another expiry or become another contract.
Prices, states and risk parameters change and are not here: `rows` reads them live.
Limit: a change of lot (`SetLot`) shows only after `forget`.
"""

from collections.abc import Iterator
from typing import Protocol

import msgspec

from outcry.engine.figures import Figures
from outcry.protocol.layout import DAY_NS, IndexRow, InstrumentRow, InstrumentState, InstrumentType, Tables
from outcry.protocol.wire import text_of

AVERAGE_SUFFIX = "30M"
OVER = frozenset({InstrumentState.INSTRUMENT_SETTLING, InstrumentState.INSTRUMENT_SETTLED})
OPTION_TYPES = frozenset({InstrumentType.CALL, InstrumentType.PUT})


class State(Protocol):
    """The part of an engine that views read.  `tables` may be another object after a table has grown."""

    @property
    def tables(self) -> Tables:
        """The live state, read only."""
        ...

    @property
    def figures(self) -> Figures:
        """What follows from positions and balances; another object after a table has grown."""
        ...

    def origin_sequence(self, origin: int) -> int:
        """The last number applied of that origin, 0 if none."""
        ...


class Currency(msgspec.Struct, frozen=True):
    """A settlement currency."""

    number: int
    symbol: str
    scale: int

    @property
    def minor_units(self) -> int:
        """Minor units in one whole."""
        return int(10**self.scale)

    @property
    def major(self) -> str:
        """The whole unit's name: XBt is the minor unit of XBT, USDt of USDT."""
        return self.symbol.upper()


class Index(msgspec.Struct, frozen=True):
    """An index; its value is in units of 10 to the minus `decimals`."""

    number: int
    symbol: str
    underlying: str
    quote: str
    decimals: int
    listed_sequence: int


class Listing(msgspec.Struct, frozen=True):
    """An instrument's fixed terms.  One tick is `tick_units` times 10 to the minus `price_decimals`."""

    number: int
    symbol: str
    underlying: str
    quote: str
    instrument_type: int
    valuation: int
    index: int
    currency: Currency
    price_decimals: int
    tick_units: int
    subticks_per_tick: int
    lot: int
    multiplier_minor: int
    contracts_per_underlying: int
    quantity_max: int
    price_ticks_max: int
    funding_interval_ns: int
    funding_offset_ns: int
    expiry_ns: int
    listed_ns: int
    listed_sequence: int
    opens_ns: int = 0
    strike_units: int = 0
    near_instrument: int = 0
    far_instrument: int = 0
    origin_ticks: int = 0
    """a spread's price of nothing: prices are ticks less this"""
    dispute_ns: int = 0
    bond_minor: int = 0

    @property
    def is_option(self) -> bool:
        """Whether it is a call or a put."""
        return self.instrument_type in OPTION_TYPES


class Average(msgspec.Struct, frozen=True):
    """The mean of an index over the last 30 minutes, by which contracts settle; it has a name of its own."""

    index: Index

    @property
    def symbol(self) -> str:
        """`.BXBT30M` of `.BXBT`."""
        return self.index.symbol + AVERAGE_SUFFIX


class Directory:
    """Symbols and numbers of everything listed so far."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.forget()

    def forget(self) -> None:
        """Read everything again at the next question."""
        self._currencies: list[Currency] = []
        self._indices: list[Index] = []
        self._listings: list[Listing] = []
        self._listing_by_symbol: dict[str, Listing] = {}
        self._index_by_symbol: dict[str, Index] = {}

    def currencies(self) -> list[Currency]:
        """All settlement currencies, in the order of listing."""
        table = self._state.tables.currencies
        while len(self._currencies) + 1 < len(table) and table[len(self._currencies) + 1].symbol[0]:
            number = len(self._currencies) + 1
            self._currencies.append(Currency(number, text_of(table[number].symbol), table[number].scale))
        return self._currencies

    def indices(self) -> list[Index]:
        """All indices, in the order of listing."""
        table = self._state.tables.indices
        while len(self._indices) + 1 < len(table) and table[len(self._indices) + 1].listed_sequence:
            index = index_of(len(self._indices) + 1, table[len(self._indices) + 1])
            self._indices.append(index)
            self._index_by_symbol[index.symbol.upper()] = index
        return self._indices

    def listings(self) -> list[Listing]:
        """All instruments, in the order of listing."""
        table = self._state.tables.instruments
        while len(self._listings) + 1 < len(table) and table[len(self._listings) + 1].listed_sequence:
            row = table[len(self._listings) + 1]
            listing = listing_of(len(self._listings) + 1, row, self.currencies()[row.currency - 1])
            self._listings.append(listing)
            self._listing_by_symbol[listing.symbol.upper()] = listing
        return self._listings

    def public_list(self) -> list[Index | Listing]:
        """Indices and instruments in one list by the entry that listed them; a place in it never changes."""
        both: list[Index | Listing] = [*self.indices(), *self.listings()]
        return sorted(both, key=lambda one: one.listed_sequence)

    def renew(self, number: int) -> None:
        """An instrument's terms have changed: read them again."""
        known = self.listings()
        row = self._state.tables.instruments[number]
        found = listing_of(number, row, self.currencies()[row.currency - 1])
        known[number - 1] = self._listing_by_symbol[found.symbol.upper()] = found

    def is_over(self, number: int) -> bool:
        """Whether the instrument has ended."""
        return self._state.tables.instruments[number].state in OVER

    def candles_until(self, number: int, time_ns: int) -> int:
        """Up to when an instrument has candles at this time: past the day of its expiry one that has ended has none."""
        expiry_ns = self.listing(number).expiry_ns
        if not expiry_ns or time_ns < expiry_ns or not self.is_over(number):
            return time_ns
        return min(time_ns, expiry_ns - expiry_ns % DAY_NS + DAY_NS)

    def listing(self, number: int) -> Listing:
        """The instrument of that number.  Raises `IndexError` for one that is not listed."""
        known = self._listings
        return known[number - 1] if 0 < number <= len(known) else self.listings()[number - 1]

    def listing_named(self, symbol: str) -> Listing | None:
        """The instrument of that symbol, in any case of letters."""
        found = self._listing_by_symbol.get(symbol.upper())
        if found is None:
            self.listings()
            found = self._listing_by_symbol.get(symbol.upper())
        return found

    def index_named(self, symbol: str) -> Index | None:
        """The index of that symbol, in any case of letters."""
        self.indices()
        return self._index_by_symbol.get(symbol.upper())

    def index(self, number: int) -> Index:
        """The index of that number.  Raises `IndexError` for one that is not listed."""
        if number < 1:
            raise IndexError(number)
        return self.indices()[number - 1]

    def averages(self) -> list[Average]:
        """The means by which a contract settles that is or was listed, in the order of their indices."""
        wanted = {one.index for one in self.listings() if one.index and one.expiry_ns}
        return [Average(self.index(number)) for number in sorted(wanted)]

    def average_named(self, symbol: str) -> Average | None:
        """The mean of that name, in any case of letters."""
        return next((one for one in self.averages() if one.symbol.upper() == symbol.upper()), None)

    def currency_named(self, symbol: str) -> Currency | None:
        """The currency of that symbol, exactly as it is listed: XBt and XBT are not the same word."""
        return next((one for one in self.currencies() if one.symbol == symbol), None)

    def currency(self, number: int) -> Currency:
        """The currency of that number.  Raises `IndexError` for one that is not listed."""
        return self.currencies()[number - 1]

    def index_between(self, underlying: str, quote: str) -> Index | None:
        """The first index that prices one in the other; quanto contracts are converted by it."""
        return next((one for one in self.indices() if (one.underlying, one.quote) == (underlying, quote)), None)

    def of_series(self, root: str) -> Iterator[Listing]:
        """Instruments of one underlying, in the order of listing."""
        return (one for one in self.listings() if one.underlying.upper() == root.upper())


def index_of(number: int, row: IndexRow) -> Index:
    """The index in that row."""
    return Index(
        number,
        text_of(row.symbol),
        text_of(row.underlying),
        text_of(row.quote),
        row.decimals,
        row.listed_sequence,
    )


def listing_of(number: int, row: InstrumentRow, currency: Currency) -> Listing:
    """The fixed terms in that row."""
    return Listing(
        number=number,
        symbol=text_of(row.symbol),
        underlying=text_of(row.underlying),
        quote=text_of(row.quote),
        instrument_type=row.instrument_type,
        valuation=row.valuation,
        index=row.index,
        currency=currency,
        price_decimals=row.price_decimals,
        tick_units=row.tick_units,
        subticks_per_tick=row.subticks_per_tick,
        lot=row.lot,
        multiplier_minor=row.multiplier_minor,
        contracts_per_underlying=row.contracts_per_underlying,
        quantity_max=row.quantity_max,
        price_ticks_max=row.price_ticks_max,
        funding_interval_ns=row.funding_interval_ns,
        funding_offset_ns=row.funding_offset_ns,
        expiry_ns=row.expiry_ns,
        listed_ns=row.listed_ns,
        listed_sequence=row.listed_sequence,
        opens_ns=row.opens_ns,
        strike_units=row.strike_units,
        near_instrument=row.near_instrument,
        far_instrument=row.far_instrument,
        origin_ticks=row.origin_ticks,
        dispute_ns=row.dispute_ns,
        bond_minor=row.bond_minor,
    )
