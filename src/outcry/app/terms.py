"""What a listing says, and the records that it comes to: one currency, index, source or instrument.

First what may be said (unknown keys are refused), then the things that others are numbered by, then how text becomes
integers, then the records.  Numbers are exact decimal text with units (`"0.4 %"`, `"200 XBT"`, `"8 h"`); one that does
not come out whole in the engine's units is refused with its key and reason.  Reads no file.
"""

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TypeVar

import msgspec

from outcry.protocol import layout
from outcry.protocol.wire import put_text

PPM_DECIMALS = 6
PPB_DECIMALS = 9
HOUR_NS = 3600 * 10**9
Record = ctypes.LittleEndianStructure
Chosen = TypeVar("Chosen")
VALUATIONS = {"inverse": layout.Valuation.INVERSE, "linear": layout.Valuation.LINEAR, "quanto": layout.Valuation.QUANTO}
TYPES = {
    "perpetual": layout.InstrumentType.PERPETUAL,
    "future": layout.InstrumentType.FUTURE,
    "call": layout.InstrumentType.CALL,
    "put": layout.InstrumentType.PUT,
    "pre-launch": layout.InstrumentType.PRELAUNCH,
    "prediction": layout.InstrumentType.PREDICTION,
    "spread": layout.InstrumentType.SPREAD,
}
MARKS = {
    "funding": layout.MarkMethod.MARK_FUNDING,
    "impact": layout.MarkMethod.MARK_IMPACT,
    "protected": layout.MarkMethod.MARK_PROTECTED,
    "last": layout.MarkMethod.MARK_LAST,
    "model": layout.MarkMethod.MARK_MODEL,
    "legs": layout.MarkMethod.MARK_LEGS,
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
    opens: datetime | None = None
    opening_price: str = ""
    strike: str = ""
    floor_margin: str = "0 %"
    fee_cap: str = "0 %"
    hourly_band: str = "0 %"
    near: int = 0
    far: int = 0
    origin: str = ""
    dispute: str = "0 h"
    bond: str = ""
    binary: bool = False


@dataclass(frozen=True, slots=True)
class Things:
    """What instruments are settled in and marked by, each kind in the order of its numbers from 1."""

    currencies: tuple[CurrencyTerms, ...]
    indices: tuple[IndexTerms, ...]

    def currency_number(self, symbol: str) -> int:
        """The number of a currency.  Raises `ListingError`."""
        return _number_of("currency", symbol, [currency.symbol for currency in self.currencies])

    def index_number(self, symbol: str) -> int:
        """The number of an index.  Raises `ListingError`."""
        return _number_of("index", symbol, [index.symbol for index in self.indices])


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


def currency_record(terms: CurrencyTerms) -> layout.ListCurrency:
    """The command that lists a currency.  Raises `ListingError`."""
    record = layout.ListCurrency()
    record.scale = terms.scale
    _put(terms.symbol, record.symbol, terms.symbol)
    return record


def index_record(terms: IndexTerms) -> layout.ListIndex:
    """The command that lists an index, without its sources.  Raises `ListingError`."""
    record = layout.ListIndex()
    record.decimals = terms.decimals
    record.tolerance_ppm = with_unit(f"{terms.symbol}: tolerance", terms.tolerance, "%", PPM_DECIMALS - 2)
    _put(terms.symbol, record.symbol, terms.symbol)
    _put(terms.symbol, record.underlying, terms.underlying)
    _put(terms.symbol, record.quote, terms.quote)
    return record


def source_record(index: int, terms: ConstituentTerms) -> layout.ListConstituent:
    """The command that lists a source of the index of this number.  Raises `ListingError`."""
    record = layout.ListConstituent()
    record.index = index
    record.weight_ppm = with_unit(terms.name, terms.weight, "%", PPM_DECIMALS - 2)
    _put(terms.name, record.name, terms.name)
    return record


def instrument_record(things: Things, terms: InstrumentTerms) -> layout.List:
    """The command that lists an instrument (LST-01).  Raises `ListingError`."""
    where = f"{terms.symbol}: "
    record = layout.List()
    record.index = things.index_number(terms.index) if terms.index else 0
    record.currency = things.currency_number(terms.currency)
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
    _set_limits(record, terms, things.currencies[record.currency - 1])
    _set_orders(record, terms, things.currencies[record.currency - 1])
    _set_marking(record, things, terms)
    _set_funding(record, terms)
    _set_contract(record, things, terms, things.currencies[record.currency - 1])
    return record


def _set_prices(record: layout.List, terms: InstrumentTerms) -> None:
    """Tick and highest price; the tick has as many decimals as it is written with."""
    decimals = len(terms.tick.partition(".")[2])
    record.price_decimals = decimals
    record.tick_units = whole(f"{terms.symbol}: tick", terms.tick, decimals)
    if record.tick_units <= 0:
        raise ListingError(f"{terms.symbol}: tick must be positive")
    record.price_ticks_max = _ticks(record, terms, "price_max")


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


def _set_marking(record: layout.List, things: Things, terms: InstrumentTerms) -> None:
    """Mark method, expiry, and what the own book and the settlement currency are measured by."""
    currency = things.currencies[record.currency - 1]
    record.mark_method = _choice(f"{terms.symbol}: mark", terms.mark, MARKS)
    record.deleverage_policy = _choice(f"{terms.symbol}: deleveraging", terms.deleveraging, POLICIES)
    record.usd_index = things.index_number(terms.usd_index) if terms.usd_index else 0
    where = f"{terms.symbol}: impact_notional"
    record.impact_notional_minor = with_unit(where, terms.impact_notional, currency.unit, currency.scale)
    record.expiry_ns = _time_ns(f"{terms.symbol}: expiry", terms.expiry)
    record.opens_ns = _time_ns(f"{terms.symbol}: opens", terms.opens)


def _set_funding(record: layout.List, terms: InstrumentTerms) -> None:
    """Rate, interests, interval and first stamp of a day."""
    for name in ("funding_rate", "interest_quote", "interest_base"):
        rate = with_unit(f"{terms.symbol}: {name}", getattr(terms, name), "%", PPB_DECIMALS - 2)
        setattr(record, f"{name}_ppb", rate)
    record.funding_interval_ns = (
        with_unit(f"{terms.symbol}: funding_interval", terms.funding_interval, "h", 0) * HOUR_NS
    )
    record.funding_offset_ns = with_unit(f"{terms.symbol}: funding_offset", terms.funding_offset, "h", 0) * HOUR_NS


def _set_contract(record: layout.List, things: Things, terms: InstrumentTerms, currency: CurrencyTerms) -> None:
    """What only options, pre-launch futures, predictions or spreads have."""
    for name in ("floor_margin", "fee_cap", "hourly_band"):
        rate = with_unit(f"{terms.symbol}: {name}", getattr(terms, name), "%", PPM_DECIMALS - 2)
        setattr(record, f"{name}_ppm", rate)
    if terms.strike:
        decimals = things.indices[record.index - 1].decimals if record.index else 0
        record.strike_units = whole(f"{terms.symbol}: strike", terms.strike, decimals)
    if terms.opening_price:
        record.opening_subticks = _ticks(record, terms, "opening_price") * terms.subticks_per_tick
    if terms.origin:
        record.origin_ticks = _ticks(record, terms, "origin")
    record.near_instrument, record.far_instrument = terms.near, terms.far
    record.dispute_ns = with_unit(f"{terms.symbol}: dispute", terms.dispute, "h", 0) * HOUR_NS
    record.binary = terms.binary
    if terms.bond:
        record.bond_minor = with_unit(f"{terms.symbol}: bond", terms.bond, currency.unit, currency.scale)


def _ticks(record: layout.List, terms: InstrumentTerms, name: str) -> int:
    """A price of the listing in ticks, of which it is a whole number."""
    text = getattr(terms, name)
    units = whole(f"{terms.symbol}: {name}", text, record.price_decimals)
    if units % record.tick_units:
        raise ListingError(f"{terms.symbol}: {name} {text} is not a whole number of ticks of {terms.tick}")
    return units // record.tick_units


def _time_ns(where: str, time: datetime | None) -> int:
    """A point in time, 0 for none."""
    if time is None:
        return 0
    if time.utcoffset() is None:
        raise ListingError(f"{where} needs a time zone, such as 2027-03-26T12:00:00Z")
    return int(time.astimezone(UTC).timestamp()) * 10**9


def _choice(where: str, text: str, choices: dict[str, Chosen]) -> Chosen:
    if text not in choices:
        raise ListingError(f"{where}: {text!r} should be one of {', '.join(choices)}")
    return choices[text]


def _put(where: str, field: object, text: str) -> None:
    try:
        put_text(field, text)
    except ValueError as problem:
        raise ListingError(f"{where}: {problem}") from problem
