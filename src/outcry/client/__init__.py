"""Floor 4: what a guest uses.  Knows the public REST API and nothing else of this project.

signing    the signature a stranger would make     errors   what can go wrong, as a tree of exceptions
answers    the rows the API answers with, typed    venue    `VenueClient`: one method a call
receipts   what a venue signed, and its check      receipt_book   receipts kept, and what they prove
placing    what makes an order more than a limit or market order

A guest imports `VenueClient` and `Credentials` from here; bots, tests and users' programs are equal guests.
"""

from outcry.client.answers import Instrument, Limits, Margin, Order, Position, PriceLevel, Trade, Wallet
from outcry.client.errors import (
    BadRequest,
    ClientError,
    Forbidden,
    NotFound,
    Overloaded,
    RateLimited,
    Refused,
    Unauthorised,
    Unintelligible,
    Unreachable,
    VenueError,
)
from outcry.client.placing import Placing
from outcry.client.receipt_book import Evidence, ReceiptBook, VenueKey
from outcry.client.receipts import Receipt, SignedFrame, Unsound
from outcry.client.signing import Credentials
from outcry.client.venue import VenueClient

__all__ = [
    "BadRequest",
    "ClientError",
    "Credentials",
    "Evidence",
    "Forbidden",
    "Instrument",
    "Limits",
    "Margin",
    "NotFound",
    "Order",
    "Overloaded",
    "Placing",
    "Position",
    "PriceLevel",
    "RateLimited",
    "Receipt",
    "ReceiptBook",
    "Refused",
    "SignedFrame",
    "Trade",
    "Unauthorised",
    "Unintelligible",
    "Unreachable",
    "Unsound",
    "VenueClient",
    "VenueError",
    "VenueKey",
    "Wallet",
]
