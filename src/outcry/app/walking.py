"""The demo's random walk as the listings and the engine's rows have it: which indices, and where prices go on from."""

from outcry.app import listings
from outcry.feeds.simulated import WalkSpec
from outcry.protocol.layout import TableNumber, Tables


def walk_specs(terms: listings.Listings) -> list[WalkSpec]:
    """Every index with the numbers of its constituents."""
    specs = []
    for number, index in enumerate(terms.indices, 1):
        constituents = tuple(place for place, (of, _) in enumerate(terms.constituents(), 1) if of == number)
        specs.append(WalkSpec(number, constituents, index.start_units))
    return specs


def last_prices(tables: Tables) -> dict[tuple[int, int], int]:
    """What the sources said last, so that prices go on after a restart where they were."""
    rows = tables.constituents
    numbers = range(1, tables.pools[TableNumber.CONSTITUENTS_TABLE].high + 1)
    return {(rows[n].index, n): rows[n].price_units for n in numbers if rows[n].price_units > 0}
