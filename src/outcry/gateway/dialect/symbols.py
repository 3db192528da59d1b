"""What a symbol means: an instrument, an index, the mean of one, or a series such as `XBT:quarterly`.

A series stands for its nearest contract that has not ended: a bare `XBT` for a perpetual, else for the future that ends
first.  A future that ends in March, June, September or December is a quarterly one, and `biquarterly` the second of
these; one that ends in another month is a monthly, and none is daily or weekly.  Options, spreads and predictions are
in no series, because one of them does not stand for the others.
"""

from datetime import UTC, datetime

from outcry.gateway.answers import bad
from outcry.protocol.layout import InstrumentType
from outcry.views.directory import Average, Directory, Index, Listing

Subject = Listing | Index | Average
SERIES = frozenset({"perpetual", "nearest", "daily", "weekly", "monthly", "quarterly", "biquarterly"})
IN_SERIES = frozenset({InstrumentType.PERPETUAL, InstrumentType.FUTURE, InstrumentType.PRELAUNCH})
QUARTER_MONTHS = 3
INVALID = "symbol is invalid"
NANO = 10**9


def find(directory: Directory, symbol: str) -> Subject:
    """What the symbol names, in any case of letters.  Raises `Refusal`."""
    found: Subject | None = directory.listing_named(symbol) or directory.index_named(symbol)
    if found is None:
        found = directory.average_named(symbol) or in_series(directory, symbol)
    if found is None:
        raise bad(INVALID)
    return found


def in_series(directory: Directory, symbol: str) -> Listing | None:
    """The contract that a series stands for now, if there is one."""
    root, _, word = symbol.partition(":")
    series = word.lower() if word else "nearest"
    if series not in SERIES:
        return None
    wanted = "quarterly" if series == "biquarterly" else series
    found = [
        one
        for one in directory.of_series(root)
        if one.instrument_type in IN_SERIES
        and not directory.is_over(one.number)
        and wanted in ("nearest", series_of(one))
    ]
    found.sort(key=lambda one: (one.expiry_ns, one.listed_sequence))
    place = 1 if series == "biquarterly" else 0
    return found[place] if len(found) > place else None


def series_of(listing: Listing) -> str:
    """The series a contract is in; `nearest` for what is in none of its own."""
    if listing.instrument_type == InstrumentType.PERPETUAL:
        return "perpetual"
    if listing.instrument_type != InstrumentType.FUTURE:
        return "nearest"
    month = datetime.fromtimestamp(listing.expiry_ns // NANO, UTC).month
    return "monthly" if month % QUARTER_MONTHS else "quarterly"


def listing(directory: Directory, symbol: str | None) -> Listing:
    """An instrument one can trade, whose symbol must be given.  Raises `Refusal`."""
    if symbol is None:
        raise bad("'symbol' is a required arg.")
    found = directory.listing_named(symbol) or in_series(directory, symbol)
    if found is None:
        raise bad(INVALID)
    return found
