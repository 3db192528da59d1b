"""Rows of the book tables of the stream: one level of `orderBookL2`, and the ten best a side of `orderBook10`."""

from collections.abc import Iterable
from typing import Any

from outcry.gateway.dialect.market import book_id
from outcry.gateway.dialect.names import SIDE_NAMES
from outcry.gateway.dialect.prices import of_ticks
from outcry.views.directory import Listing

Row = dict[str, Any]
Level = tuple[int, int]
"""Price in ticks and contracts."""


def level_row(listing: Listing, place: int, side: int, price_ticks: int, quantity: int, stamp: str) -> Row:
    """A level; without contracts it is one that is gone, and has no size."""
    row: Row = {
        "symbol": listing.symbol,
        "id": book_id(place, price_ticks),
        "side": SIDE_NAMES[side],
        "size": quantity,
        "price": of_ticks(price_ticks, listing),
        "timestamp": stamp,
        "transactTime": stamp,
    }
    if not quantity:
        del row["size"]
    return row


def ten_row(listing: Listing, bids: Iterable[Level], asks: Iterable[Level], stamp: str) -> Row:
    """The best levels of both sides, best first."""
    return {
        "symbol": listing.symbol,
        "bids": [[of_ticks(price_ticks, listing), quantity] for price_ticks, quantity in bids],
        "asks": [[of_ticks(price_ticks, listing), quantity] for price_ticks, quantity in asks],
        "timestamp": stamp,
        "transactTime": stamp,
    }
