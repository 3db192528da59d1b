"""The operator's prices: the file in the data folder that says what every source of every index shall say.

`outcry index set` writes it (`operating`), the feed of a venue of profile `test` reads it.  It has a price for every
source of every index that the operator has set; what it does not name stays where the listings begin, and in a fork
where it was.
"""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from outcry.app import listings
from outcry.app.settings import Files
from outcry.engine.reading import used
from outcry.feeds.operated import Operated, OperatedPrices, Wanted
from outcry.feeds.simulated import WalkSpec
from outcry.protocol.layout import TableNumber, Tables
from outcry.protocol.wire import text_of


class PricesUnreadable(Exception):
    """The file is not as it should be; the message says what to do."""


Prices = dict[str, dict[str, str]]
"""Prices as text, by index and source."""


def read(files: Files) -> Prices:
    """What the file says; nothing if there is none.  Raises `PricesUnreadable`."""
    if not files.prices.exists():
        return {}
    try:
        return msgspec.json.decode(files.prices.read_bytes(), type=Prices)
    except msgspec.DecodeError as problem:
        raise PricesUnreadable(
            f"{files.prices} cannot be read ({problem}): set the prices anew or remove it"
        ) from problem


def wanted(terms: listings.Listings, prices: Prices) -> Wanted:
    """What every source shall say, by numbers.  Raises `ListingError` for a price that is no number."""
    out: dict[tuple[int, int], int] = {}
    for place, (number, source) in enumerate(terms.constituents(), 1):
        index = terms.indices[number - 1]
        text = prices.get(index.symbol, {}).get(source.name)
        out[number, place] = index.start_units if text is None else units_of(index, text)
    return out


def units_of(index: listings.IndexTerms, text: str) -> int:
    """A price in the index's units.  Raises `ListingError` if it is none."""
    units = listings.whole(f"a price of {index.symbol}", text, index.decimals)
    if units <= 0:
        raise listings.ListingError(f"a price of {index.symbol} is more than 0")
    return units


def feed(
    files: Files,
    terms: listings.Listings,
    specs: Sequence[WalkSpec],
    said: Mapping[tuple[int, int], int],
    tables: Tables,
) -> tuple[OperatedPrices, Callable[[], Wanted]]:
    """The feed's core, going on where prices were, and what it asks for what is wanted."""
    operated = [
        Operated(
            spec.index,
            spec.constituents,
            tables.indices[spec.index].tolerance_ppm,
            {source: said[spec.index, source] for source in spec.constituents if (spec.index, source) in said},
        )
        for spec in specs
    ]
    return OperatedPrices(operated), lambda: wanted(terms, read(files))


def feed_of_fork(files: Files, tables: Tables) -> tuple[OperatedPrices, Callable[[], Wanted]]:
    """The feed of a fork: what the sources of its own indices said last, until the operator says otherwise.

    What is asked for what is wanted raises `ListingError` for a price that is no number.
    """
    sources = {
        slot: (tables.constituents[slot].index, text_of(tables.constituents[slot].name))
        for slot in used(tables, TableNumber.CONSTITUENTS_TABLE)
        if tables.constituents[slot].price_units > 0
    }
    said = {(index, slot): tables.constituents[slot].price_units for slot, (index, _) in sources.items()}
    named = {
        number: (text_of(tables.indices[number].symbol), tables.indices[number].decimals)
        for number in used(tables, TableNumber.INDICES_TABLE)
    }
    tolerances = {number: tables.indices[number].tolerance_ppm for number in named}

    def now() -> Wanted:
        prices, out = read(files), dict(said)
        for slot, (index, name) in sources.items():
            symbol, decimals = named[index]
            text = prices.get(symbol, {}).get(name)
            if text is not None:
                out[index, slot] = listings.whole(f"a price of {symbol}", text, decimals)
        return out

    operated = [
        Operated(
            number,
            tuple(slot for slot, (index, _) in sources.items() if index == number),
            tolerances[number],
            {slot: said[number, slot] for slot, (index, _) in sources.items() if index == number},
        )
        for number in named
    ]
    return OperatedPrices(operated), now
