"""`outcry index set` and `outcry index show`: the operator's prices written down, and what the venue made of them.

What is wanted goes into a file that the venue's feed reads (`operated`); what came of it is asked of the venue itself,
in public.  Known limit: of two commands at one instant one may lose its price, and says so when it is not taken.
"""

import asyncio
import time
from decimal import Decimal

import httpx
import msgspec

from outcry.app import compose, listings
from outcry.app.operated import read, units_of
from outcry.app.settings import FORK, TEST, Files, Settings
from outcry.journal.files import write_whole
from outcry.views.explaining import Explanation

SHOWN_S_MAX = 20.0
POLL_S = 0.1


class NotOperated(Exception):
    """No venue runs there whose prices an operator could set, or it did not take them; the message says which."""


def set_price(files: Files, symbol: str, price: str, source: str | None) -> Explanation:
    """Have all sources of an index, or one, say a price, and wait until they do; what the index then is.

    Raises `NotOperated`, `ListingError`.
    """
    url = address(files)
    terms = listings.load()
    index = terms.indices[terms.index_number(symbol) - 1]
    names = [constituent.name for constituent in index.constituents]
    if source is not None and source not in names:
        raise NotOperated(f"{symbol} has no source {source!r}; it has {', '.join(names)}")
    units = units_of(index, price)
    check_possible(terms, symbol, price)
    prices = read(files)
    # Sources that were never set are written down too, so that one set alone does not depend on where prices began.
    started = {name: listings.decimal(index.start_units, index.decimals) for name in names}
    set_now = dict.fromkeys(names if source is None else [source], listings.decimal(units, index.decimals))
    prices[symbol] = {**started, **prices.get(symbol, {}), **set_now}
    write_whole(files.prices, msgspec.json.format(msgspec.json.encode(prices)) + b"\n")
    deadline = time.monotonic() + SHOWN_S_MAX
    while True:
        told = ask(url, symbol)
        if prices_in(told) == prices[symbol]:
            return told
        if time.monotonic() > deadline:
            raise NotOperated(f"the venue at {url} has not taken the price in {SHOWN_S_MAX:.0f} seconds")
        time.sleep(POLL_S)


def check_possible(terms: listings.Listings, symbol: str, price: str) -> None:
    """Whether a price of an index can be one: no contract on it could be marked above its own highest price (MRK-02).

    Raises `NotOperated`.
    """
    highest = max((Decimal(one.price_max) for one in terms.instruments if one.index == symbol), default=None)
    if highest is not None and Decimal(price) > highest:
        raise NotOperated(f"{symbol}: {price} is more than any contract on it can cost; the highest is {highest:f}")


def prices_in(told: Explanation) -> dict[str, str]:
    """What the sources of an index say, as the venue knows it."""
    return {part.title: part.term("price_units").text for part in told.parts}


def show(files: Files, symbol: str | None) -> list[Explanation]:
    """One index, or all, as the venue sees them now.  Raises `NotOperated`, `ListingError`."""
    url = address(files)
    terms = listings.load()
    symbols = [index.symbol for index in terms.indices]
    if symbol is not None:
        symbols = [symbols[terms.index_number(symbol) - 1]]
    return [ask(url, one) for one in symbols]


def address(files: Files) -> str:
    """Where the venue of this data folder answers.  Raises `NotOperated` if none of profile `test` runs."""
    running = asyncio.run(compose.node_status(Settings(data=files.folder))) is not None and files.demo.exists()
    if not running:
        raise NotOperated(f"no venue runs on {files.folder}: start one with `outcry up --profile test`")
    card = msgspec.json.decode(files.demo.read_bytes())
    if card.get("profile") not in (TEST, FORK):
        raise NotOperated(
            f"the prices of the venue on {files.folder} are not the operator's: start it with --profile test, or a fork"
        )
    return str(card["url"])


def ask(url: str, symbol: str) -> Explanation:
    """What the venue says of an index.  Raises `NotOperated` when it says nothing."""
    deadline = time.monotonic() + SHOWN_S_MAX
    while True:
        try:
            answer = httpx.get(f"{url}/outcry/v1/explain/index", params={"symbol": symbol})
        except httpx.HTTPError as problem:
            raise NotOperated(f"the venue at {url} does not answer: {problem}") from problem
        # Who has asked it much from this machine of late is asked to wait, and so is the operator.
        if answer.status_code != httpx.codes.TOO_MANY_REQUESTS or time.monotonic() > deadline:
            break
        time.sleep(float(answer.headers.get("retry-after", 1)))
    if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        raise NotOperated(f"the venue at {url} is asked too often from here; the price was taken down and will be used")
    if answer.status_code != httpx.codes.OK:
        raise NotOperated(f"the venue at {url} does not know {symbol}: {answer.text}")
    return msgspec.json.decode(answer.content, type=Explanation)
