"""What a symbol means: an instrument, an index, or a series such as `XBT` or `XBT:perpetual` (its nearest contract)."""

from outcry.gateway.answers import bad
from outcry.protocol.layout import InstrumentType
from outcry.views.directory import Directory, Index, Listing

SERIES_TYPES: dict[str, frozenset[int]] = {
    "perpetual": frozenset({InstrumentType.PERPETUAL}),
    "nearest": frozenset(InstrumentType),
    "daily": frozenset({InstrumentType.FUTURE}),
    "weekly": frozenset({InstrumentType.FUTURE}),
    "monthly": frozenset({InstrumentType.FUTURE}),
    "quarterly": frozenset({InstrumentType.FUTURE}),
    "biquarterly": frozenset({InstrumentType.FUTURE}),
}
INVALID = "symbol is invalid"


def find(directory: Directory, symbol: str) -> Listing | Index:
    """What the symbol names, in any case of letters.  Raises `Refusal`."""
    found: Listing | Index | None = directory.listing_named(symbol) or directory.index_named(symbol)
    if found is None:
        found = in_series(directory, symbol)
    if found is None:
        raise bad(INVALID)
    return found


def in_series(directory: Directory, symbol: str) -> Listing | None:
    """The nearest contract of a series: a perpetual first, else the earliest expiry."""
    root, _, timeframe = symbol.partition(":")
    kinds = SERIES_TYPES.get(timeframe.lower() if timeframe else "nearest")
    if kinds is None:
        return None
    found = [one for one in directory.of_series(root) if one.instrument_type in kinds]
    return min(found, key=lambda one: (one.expiry_ns, one.listed_sequence), default=None)


def listing(directory: Directory, symbol: str | None) -> Listing:
    """An instrument one can trade, whose symbol must be given.  Raises `Refusal`."""
    if symbol is None:
        raise bad("'symbol' is a required arg.")
    found = directory.listing_named(symbol) or in_series(directory, symbol)
    if found is None:
        raise bad(INVALID)
    return found
