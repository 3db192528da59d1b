"""The rows that the public API answers with, typed.

The attributes have this project's names; `name=` is the API's.  Prices are `Decimal`, taken from the text of the
number, so nothing passes through a float; quantities and amounts in minor units are integers.  Fields that a guest
does not need are left out, and fields the venue adds later are ignored.
"""

from datetime import datetime
from decimal import Decimal

import msgspec
from msgspec import field


class Limits(msgspec.Struct, frozen=True):
    """What the last answer said about the key's budget; None before the first answer or if it said nothing."""

    limit: int | None = None
    remaining: int | None = None


class Instrument(msgspec.Struct, frozen=True):
    """An instrument or index with its terms and its prices now."""

    symbol: str
    state: str | None = None
    kind: str | None = field(name="typ", default=None)
    lot: int | None = field(name="lotSize", default=None)
    tick: Decimal | None = field(name="tickSize", default=None)
    multiplier: int | None = None
    settlement_currency: str | None = field(name="settlCurrency", default=None)
    is_inverse: bool | None = field(name="isInverse", default=None)
    quantity_max: int | None = field(name="maxOrderQty", default=None)
    mark_price: Decimal | None = field(name="markPrice", default=None)
    last_price: Decimal | None = field(name="lastPrice", default=None)
    bid_price: Decimal | None = field(name="bidPrice", default=None)
    ask_price: Decimal | None = field(name="askPrice", default=None)
    open_interest: int | None = field(name="openInterest", default=None)


class PriceLevel(msgspec.Struct, frozen=True):
    """One level of an order book."""

    symbol: str
    side: str
    price: Decimal
    quantity: int = field(name="size")


class Trade(msgspec.Struct, frozen=True):
    """A public trade."""

    symbol: str
    side: str
    quantity: int = field(name="size")
    price: Decimal
    time: datetime = field(name="timestamp")


class Order(msgspec.Struct, frozen=True):
    """An order of the account; `error` only in answers to a cancel that changed nothing."""

    order_id: str = field(name="orderID")
    symbol: str | None = None
    side: str | None = None
    client_id: str | None = field(name="clOrdID", default=None)
    quantity: int | None = field(name="orderQty", default=None)
    price: Decimal | None = None
    status: str | None = field(name="ordStatus", default=None)
    leaves_quantity: int | None = field(name="leavesQty", default=None)
    filled_quantity: int | None = field(name="cumQty", default=None)
    average_price: Decimal | None = field(name="avgPx", default=None)
    order_type: str | None = field(name="ordType", default=None)
    stop_price: Decimal | None = field(name="stopPx", default=None)
    is_working: bool | None = field(name="workingIndicator", default=None)
    triggered: str | None = None
    text: str | None = None
    error: str | None = None


class Position(msgspec.Struct, frozen=True):
    """A position of the account."""

    symbol: str
    quantity: int = field(name="currentQty", default=0)
    average_entry_price: Decimal | None = field(name="avgEntryPrice", default=None)
    leverage: Decimal | None = None
    is_cross: bool | None = field(name="crossMargin", default=None)
    unrealised_minor: int | None = field(name="unrealisedPnl", default=None)


class Margin(msgspec.Struct, frozen=True):
    """What stands behind the account's positions in one currency."""

    currency: str
    wallet_minor: int | None = field(name="walletBalance", default=None)
    margin_minor: int | None = field(name="marginBalance", default=None)
    available_minor: int | None = field(name="availableMargin", default=None)


class Wallet(msgspec.Struct, frozen=True):
    """The account's settled money in one currency."""

    currency: str
    amount_minor: int | None = field(name="amount", default=None)
    deposited_minor: int | None = field(name="deposited", default=None)
    withdrawn_minor: int | None = field(name="withdrawn", default=None)


class ErrorBody(msgspec.Struct, frozen=True):
    """Inside of an error answer."""

    message: str
    name: str = "HTTPError"


class ErrorAnswer(msgspec.Struct, frozen=True):
    """An error answer."""

    error: ErrorBody
