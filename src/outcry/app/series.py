"""Which contracts of a venue's products should be listed now: a pure function of products, time, prices and listings.

`wanted` is the whole; below it are the contracts of a product in the order in which they are listed, then strikes.
Asked again and again it brings the same contracts until they are listed, and none twice: a symbol is used once.  A
spread is wanted as soon as both its legs are listed, because it names them by their numbers.  Reads no clock and no
engine.  Known limit: strikes are only ever added, so a price that wanders far leaves a long chain behind it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from outcry.app.products import OPTION, SPREAD, UNDATED, Product, Series, code, date, ends_after
from outcry.app.terms import InstrumentTerms, Record, Things, decimal, instrument_record
from outcry.protocol.layout import PPM

LEAD = timedelta(days=1)
"""What ends sooner does not count as listed ahead, so its successor is there a day before it ends (LST-03)."""
ROUND_STEPS = (10, 20, 25, 50)
"""Strikes are multiples of one of these times a power of ten."""
KINDS = (("call", "C"), ("put", "P"))


@dataclass(frozen=True, slots=True)
class Wanted:
    """A contract to list: its terms, its command and the text that goes with it."""

    terms: InstrumentTerms
    record: Record
    payload: bytes = b""


def wanted(
    things: Things,
    products: tuple[Product, ...],
    time_ns: int,
    values: Mapping[int, int],
    listed: Mapping[str, int],
) -> list[Wanted]:
    """What is to be listed now, in order (LST-03, LST-04).

    `values` are the indices' values in their units by number, `listed` the numbers of all instruments by symbol.
    Options of an index without a value wait for it.  Raises `ListingError`.
    """
    time = datetime.fromtimestamp(time_ns // 10**9, UTC)
    found: dict[str, Wanted] = {}
    for product in products:
        for terms in _contracts(things, product, time, values, listed):
            if terms.symbol not in listed and terms.symbol not in found:
                record = instrument_record(things, terms)
                found[terms.symbol] = Wanted(terms, record, _filled(product.question, terms.expiry, terms).encode())
    return list(found.values())


def _contracts(
    things: Things, product: Product, time: datetime, values: Mapping[int, int], listed: Mapping[str, int]
) -> Iterator[InstrumentTerms]:
    """The contracts of a product that should be there, the soonest to end first."""
    if product.type == OPTION:
        yield from _options(things, product, time, values)
        return
    for end in _ends(product, time):
        expiry = None if end == UNDATED else end
        if product.type != SPREAD:
            yield product.terms(symbol=_filled(product.symbol, expiry), expiry=expiry)
            continue
        near, far = (_filled(product.leg, leg) for leg in (end, _next_end(product, end)))
        if near in listed and far in listed:
            symbol = _filled(product.symbol, end).replace("{next}", code(_next_end(product, end)))
            yield product.terms(symbol=symbol, expiry=end, near=listed[near], far=listed[far])


def _ends(product: Product, time: datetime) -> list[datetime]:
    """When the contracts to be listed end, each once, the soonest first."""
    return sorted({end for one in product.series for end in ends_after(one.cadence, time + LEAD, one.ahead)})


def _next_end(product: Product, end: datetime) -> datetime:
    """When the far leg of a spread ends."""
    return min(ends_after(one.cadence, end, 1)[0] for one in product.series)


def _options(things: Things, product: Product, time: datetime, values: Mapping[int, int]) -> Iterator[InstrumentTerms]:
    """A call and a put of every strike around the money, the soonest to end first, then the lowest strike."""
    number = things.index_number(product.index)
    value_units, decimals = values.get(number, 0), things.indices[number - 1].decimals
    if value_units <= 0:
        return
    strikes: dict[datetime, list[int]] = {}
    for one in product.series:
        for end in ends_after(one.cadence, time + LEAD, one.ahead):
            # A day that ends a week and a month has the strikes of the series that is named first.
            strikes.setdefault(end, strikes_around(value_units, one))
    for end in sorted(strikes):
        for strike_units in strikes[end]:
            strike = f"{Decimal(decimal(strike_units, decimals)).normalize():f}"
            for kind, letter in KINDS:
                symbol = _filled(product.symbol, end).replace("{strike}", strike).replace("{kind}", letter)
                yield product.terms(symbol=symbol, type=kind, expiry=end, strike=strike)


def strikes_around(value_units: int, series: Series) -> list[int]:
    """Round strikes around a price, `strikes` on each side of the nearest (LST-04)."""
    step_units = round_step(value_units * series.step_ppm // PPM)
    money_units = (value_units + step_units // 2) // step_units * step_units
    around = range(money_units - series.strikes * step_units, money_units + series.strikes * step_units + 1, step_units)
    return [strike_units for strike_units in around if strike_units > 0]


def round_step(target_units: int) -> int:
    """The largest of 1, 2, 2.5 and 5 times a power of ten that is not above the target; at least 1."""
    power = 1
    while ROUND_STEPS[0] * power * 10 <= target_units:
        power *= 10
    return max((step * power for step in ROUND_STEPS if step * power <= target_units), default=max(1, target_units))


def _filled(pattern: str, end: datetime | None, terms: InstrumentTerms | None = None) -> str:
    """A pattern with the end filled in where it says so; in texts also the day in full."""
    if end is None:
        return pattern
    text = pattern.replace("{code}", code(end)).replace("{date}", date(end))
    return text if terms is None else text.replace("{end}", f"{end:%Y-%m-%d %H:%M} UTC")
