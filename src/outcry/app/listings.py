"""Listings as TOML into the commands that list them.

First what the files may say (unknown keys are refused), then how their text becomes integers, then the records, then
what an engine still lacks.  A file's numbers are exact decimal text with units (`"0.4 %"`, `"200 XBT"`, `"8 h"`); one
that does not come out whole in the engine's units is refused with file, key and reason.  A thing's number is its place
in the order, so what an engine has listed must be the beginning of what the files say.
"""

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TypeVar

import msgspec

from outcry.protocol import layout
from outcry.protocol.wire import put_text, text_of

FOLDER = Path(__file__).parent / "listings"
PPM_DECIMALS = 6
PPB_DECIMALS = 9
HOUR_NS = 3600 * 10**9
Record = ctypes.LittleEndianStructure
Decoded = TypeVar("Decoded")
Chosen = TypeVar("Chosen")
VALUATIONS = {"inverse": layout.Valuation.INVERSE, "linear": layout.Valuation.LINEAR, "quanto": layout.Valuation.QUANTO}
TYPES = {
    "perpetual": layout.InstrumentType.PERPETUAL,
    "future": layout.InstrumentType.FUTURE,
    "pre-launch": layout.InstrumentType.PRELAUNCH,
}
MARKS = {
    "funding": layout.MarkMethod.MARK_FUNDING,
    "impact": layout.MarkMethod.MARK_IMPACT,
    "protected": layout.MarkMethod.MARK_PROTECTED,
    "last": layout.MarkMethod.MARK_LAST,
}
POLICIES = {
    "ranked": layout.DeleveragePolicy.RANKED,
    "queue": layout.DeleveragePolicy.QUEUE,
    "pro rata": layout.DeleveragePolicy.PRO_RATA,
}


class ListingError(Exception):
    """A listing file, or the pair of files and engine, is wrong; the message names the file and what to do."""


class CurrencyTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A settlement currency."""

    symbol: str
    unit: str
    scale: int


class ConstituentTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A source of an index."""

    name: str
    weight: str


class IndexTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An index and where the demo's simulated prices begin."""

    symbol: str
    underlying: str
    quote: str
    decimals: int
    tolerance: str
    constituents: tuple[ConstituentTerms, ...]
    simulated_start: str

    @property
    def start_units(self) -> int:
        """The first simulated price in the index's units."""
        return whole(f"{self.symbol}: simulated_start", self.simulated_start, self.decimals)


class InstrumentTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An instrument."""

    symbol: str
    index: str
    currency: str
    type: str
    valuation: str
    underlying: str
    quote: str
    tick: str
    subticks_per_tick: int
    lot: int
    multiplier_minor: int
    contracts_per_underlying: int
    quantity_max: int
    price_max: str
    initial_margin: str
    maintenance_margin: str
    risk_limit: str
    risk_step: str
    maker_fee: str
    taker_fee: str
    settlement_fee: str
    mark: str
    usd_index: str
    impact_notional: str
    band: str = "5 %"
    small_order: str = ""
    orders_max: int = 0
    stops_max: int = 0
    deleveraging: str = "ranked"
    funding_rate: str = "0 %"
    funding_interval: str = "0 h"
    funding_offset: str = "0 h"
    interest_quote: str = "0 %"
    interest_base: str = "0 %"
    expiry: datetime | None = None


class OrderFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """order.toml."""

    files: tuple[str, ...]


class GroupFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of currencies or of indices."""

    currency: tuple[CurrencyTerms, ...] = ()
    index: tuple[IndexTerms, ...] = ()


@dataclass(frozen=True, slots=True)
class Listings:
    """Everything a venue lists, each kind in the order of its numbers from 1."""

    currencies: tuple[CurrencyTerms, ...]
    indices: tuple[IndexTerms, ...]
    instruments: tuple[InstrumentTerms, ...]

    def constituents(self) -> list[tuple[int, ConstituentTerms]]:
        """Index number and source, in the order of the sources' numbers."""
        return [(number, c) for number, index in enumerate(self.indices, 1) for c in index.constituents]

    def currency_number(self, symbol: str) -> int:
        """The number of a currency.  Raises `ListingError`."""
        return _number_of("currency", symbol, [currency.symbol for currency in self.currencies])

    def index_number(self, symbol: str) -> int:
        """The number of an index.  Raises `ListingError`."""
        return _number_of("index", symbol, [index.symbol for index in self.indices])

    def commands(self) -> list[Record]:
        """All `List*` records in their order.  Raises `ListingError`."""
        return [record for kind in self.kinds() for record in kind.records]

    def kinds(self) -> tuple["Kind", ...]:
        """What is listed, kind by kind in the order of listing.  Raises `ListingError`."""
        sources = self.constituents()
        return (
            Kind("currency", "currencies", _symbols(self.currencies), [_currency_record(c) for c in self.currencies]),
            Kind("index", "indices", _symbols(self.indices), [_index_record(i) for i in self.indices]),
            Kind("constituent", "constituents", [c.name for _, c in sources], [_source_record(*s) for s in sources]),
            Kind("instrument", "instruments", _symbols(self.instruments), [_record(self, i) for i in self.instruments]),
        )


@dataclass(frozen=True, slots=True)
class Kind:
    """All things of one kind: its name, the engine's table, and names and records by number from 1."""

    name: str
    table: str
    names: list[str]
    records: Sequence[Record]


def uncounted(terms: Listings) -> Listings:
    """The same without counts of orders and small ones (ORD-21, ORD-23): what a benchmark sends is no market."""
    free = (msgspec.structs.replace(one, orders_max=0, stops_max=0, small_order="") for one in terms.instruments)
    return replace(terms, instruments=tuple(free))


def load(folder: Path = FOLDER) -> Listings:
    """Read a folder of listings.  Raises `ListingError`."""
    currencies: list[CurrencyTerms] = []
    indices: list[IndexTerms] = []
    instruments: list[InstrumentTerms] = []
    for name in _decoded(folder / "order.toml", OrderFile).files:
        path = folder / name
        if name in ("currencies.toml", "indices.toml"):
            group = _decoded(path, GroupFile)
            currencies += group.currency
            indices += group.index
        else:
            instruments.append(_decoded(path, InstrumentTerms))
    listings = Listings(tuple(currencies), tuple(indices), tuple(instruments))
    for symbols in (_symbols(currencies), _symbols(indices), _symbols(instruments)):
        _check_distinct(symbols)
    for index in indices:
        _check_weights(index)
    # Building the records finds whatever else is wrong, so a listing that loads can be handed in.
    listings.commands()
    return listings


def outstanding(listings: Listings, tables: layout.Tables) -> list[Record]:
    """The records an engine has not applied yet, in order.  Raises `ListingError` if it has listed something else."""
    out: list[Record] = []
    for kind in listings.kinds():
        found = listed_names(tables, kind.table)
        for number, (ours, theirs) in enumerate(zip(kind.names, found, strict=False), 1):
            if ours != theirs:
                raise ListingError(
                    f"{kind.name} number {number} of this data folder is {theirs!r}, but the listings say {ours!r}: "
                    f"listings are only ever added at the end; use another data folder or the listings it was made with"
                )
        out += kind.records[len(found) :]
    return out


def listed_names(tables: layout.Tables, table: str) -> list[str]:
    """The names in a table of listed things, by number."""
    pool = tables.pools[layout.TableNumber[f"{table.upper()}_TABLE"]]
    rows = getattr(tables, table)
    return [text_of(rows[n].name if table == "constituents" else rows[n].symbol) for n in range(1, pool.high + 1)]


def whole(where: str, text: str, decimals: int) -> int:
    """Decimal text as an integer of 10^-decimals units.  Raises `ListingError` if it is none."""
    try:
        number = Decimal(text).scaleb(decimals)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or number != number.to_integral_value():
        raise ListingError(f"{where}: {text!r} is not a number with at most {decimals} decimals")
    return int(number)


def decimal(units: int, decimals: int) -> str:
    """Units of 10^-decimals as decimal text with all its decimals."""
    return f"{Decimal(units).scaleb(-decimals):f}"


def with_unit(where: str, text: str, unit: str, decimals: int) -> int:
    """Decimal text followed by a blank and its unit."""
    number, blank, found = text.partition(" ")
    if not blank or found != unit:
        raise ListingError(f"{where}: {text!r} should be a number and {unit!r}, such as '1 {unit}'")
    return whole(where, number, decimals)


def _number_of(kind: str, symbol: str, symbols: Sequence[str]) -> int:
    if symbol not in symbols:
        raise ListingError(f"there is no {kind} {symbol!r}; there are {', '.join(symbols)}")
    return symbols.index(symbol) + 1


def _decoded(path: Path, kind: type[Decoded]) -> Decoded:
    """The file's content.  Raises `ListingError`."""
    try:
        return msgspec.toml.decode(path.read_bytes(), type=kind)
    except FileNotFoundError as problem:
        raise ListingError(f"{path.name}: there is no such file in {path.parent}") from problem
    except msgspec.DecodeError as problem:
        raise ListingError(f"{path.name}: {problem}") from problem


def _symbols(kind: Sequence[CurrencyTerms] | Sequence[IndexTerms] | Sequence[InstrumentTerms]) -> list[str]:
    return [terms.symbol for terms in kind]


def _check_distinct(symbols: Sequence[str]) -> None:
    for symbol in symbols:
        if symbols.count(symbol) > 1:
            raise ListingError(f"{symbol} is listed twice")


def _check_weights(index: IndexTerms) -> None:
    total = sum(with_unit(f"{index.symbol}: {c.name}", c.weight, "%", PPM_DECIMALS - 2) for c in index.constituents)
    if total != layout.PPM:
        raise ListingError(
            f"{index.symbol}: the weights add up to {Decimal(total).scaleb(-4).normalize():f} %, not 100 %"
        )
    if index.start_units <= 0:
        raise ListingError(f"{index.symbol}: simulated_start must be positive")


def _currency_record(terms: CurrencyTerms) -> layout.ListCurrency:
    record = layout.ListCurrency()
    record.scale = terms.scale
    _put(terms.symbol, record.symbol, terms.symbol)
    return record


def _index_record(terms: IndexTerms) -> layout.ListIndex:
    record = layout.ListIndex()
    record.decimals = terms.decimals
    record.tolerance_ppm = with_unit(f"{terms.symbol}: tolerance", terms.tolerance, "%", PPM_DECIMALS - 2)
    _put(terms.symbol, record.symbol, terms.symbol)
    _put(terms.symbol, record.underlying, terms.underlying)
    _put(terms.symbol, record.quote, terms.quote)
    return record


def _source_record(index: int, terms: ConstituentTerms) -> layout.ListConstituent:
    record = layout.ListConstituent()
    record.index = index
    record.weight_ppm = with_unit(terms.name, terms.weight, "%", PPM_DECIMALS - 2)
    _put(terms.name, record.name, terms.name)
    return record


def _record(listings: Listings, terms: InstrumentTerms) -> layout.List:
    where = f"{terms.symbol}: "
    record = layout.List()
    record.index = listings.index_number(terms.index)
    record.currency = listings.currency_number(terms.currency)
    record.instrument_type = _choice(f"{where}type", terms.type, TYPES)
    record.valuation = _choice(f"{where}valuation", terms.valuation, VALUATIONS)
    record.subticks_per_tick = terms.subticks_per_tick
    record.lot = terms.lot
    record.multiplier_minor = terms.multiplier_minor
    record.contracts_per_underlying = terms.contracts_per_underlying
    record.quantity_max = terms.quantity_max
    _put(terms.symbol, record.symbol, terms.symbol)
    _put(terms.symbol, record.underlying, terms.underlying)
    _put(terms.symbol, record.quote, terms.quote)
    _set_prices(record, terms)
    _set_limits(record, terms, listings.currencies[record.currency - 1])
    _set_orders(record, terms, listings.currencies[record.currency - 1])
    _set_marking(record, listings, terms)
    _set_funding(record, terms)
    return record


def _set_prices(record: layout.List, terms: InstrumentTerms) -> None:
    """Tick and highest price; the tick has as many decimals as it is written with."""
    decimals = len(terms.tick.partition(".")[2])
    record.price_decimals = decimals
    record.tick_units = whole(f"{terms.symbol}: tick", terms.tick, decimals)
    if record.tick_units <= 0:
        raise ListingError(f"{terms.symbol}: tick must be positive")
    highest = whole(f"{terms.symbol}: price_max", terms.price_max, decimals)
    if highest % record.tick_units:
        raise ListingError(
            f"{terms.symbol}: price_max {terms.price_max} is not a whole number of ticks of {terms.tick}"
        )
    record.price_ticks_max = highest // record.tick_units


def _set_limits(record: layout.List, terms: InstrumentTerms, currency: CurrencyTerms) -> None:
    """Margins, risk limits and fees."""
    for name in ("initial_margin", "maintenance_margin", "maker_fee", "taker_fee", "settlement_fee"):
        rate = with_unit(f"{terms.symbol}: {name}", getattr(terms, name), "%", PPM_DECIMALS - 2)
        setattr(record, f"{name}_ppm", rate)
    for name in ("risk_limit", "risk_step"):
        amount = with_unit(f"{terms.symbol}: {name}", getattr(terms, name), currency.unit, currency.scale)
        setattr(record, f"{name}_minor", amount)


def _set_orders(record: layout.List, terms: InstrumentTerms, currency: CurrencyTerms) -> None:
    """How orders are taken: the band, what a small one is, and how many an account may have open."""
    record.band_ppm = with_unit(f"{terms.symbol}: band", terms.band, "%", PPM_DECIMALS - 2)
    if terms.small_order:
        where = f"{terms.symbol}: small_order"
        record.small_order_minor = with_unit(where, terms.small_order, currency.unit, currency.scale)
    if not 0 <= terms.orders_max <= terms.quantity_max or not 0 <= terms.stops_max <= terms.quantity_max:
        raise ListingError(f"{terms.symbol}: orders_max and stops_max are counts of orders, 0 for no limit")
    record.orders_max, record.stops_max = terms.orders_max, terms.stops_max


def _set_marking(record: layout.List, listings: Listings, terms: InstrumentTerms) -> None:
    """Mark method, expiry, and what the own book and the settlement currency are measured by."""
    currency = listings.currencies[record.currency - 1]
    record.mark_method = _choice(f"{terms.symbol}: mark", terms.mark, MARKS)
    record.deleverage_policy = _choice(f"{terms.symbol}: deleveraging", terms.deleveraging, POLICIES)
    record.usd_index = listings.index_number(terms.usd_index) if terms.usd_index else 0
    where = f"{terms.symbol}: impact_notional"
    record.impact_notional_minor = with_unit(where, terms.impact_notional, currency.unit, currency.scale)
    if terms.expiry is not None:
        if terms.expiry.utcoffset() is None:
            raise ListingError(f"{terms.symbol}: expiry needs a time zone, such as 2027-03-26T12:00:00Z")
        record.expiry_ns = int(terms.expiry.astimezone(UTC).timestamp()) * 10**9


def _set_funding(record: layout.List, terms: InstrumentTerms) -> None:
    """Rate, interests, interval and first stamp of a day."""
    for name in ("funding_rate", "interest_quote", "interest_base"):
        rate = with_unit(f"{terms.symbol}: {name}", getattr(terms, name), "%", PPB_DECIMALS - 2)
        setattr(record, f"{name}_ppb", rate)
    record.funding_interval_ns = (
        with_unit(f"{terms.symbol}: funding_interval", terms.funding_interval, "h", 0) * HOUR_NS
    )
    record.funding_offset_ns = with_unit(f"{terms.symbol}: funding_offset", terms.funding_offset, "h", 0) * HOUR_NS


def _choice(where: str, text: str, choices: dict[str, Chosen]) -> Chosen:
    if text not in choices:
        raise ListingError(f"{where}: {text!r} should be one of {', '.join(choices)}")
    return choices[text]


def _put(where: str, field: object, text: str) -> None:
    try:
        put_text(field, text)
    except ValueError as problem:
        raise ListingError(f"{where}: {problem}") from problem
