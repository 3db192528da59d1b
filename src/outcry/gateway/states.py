"""Rows of ours for states and auctions, the same over REST and on the stream."""

from typing import Any

from outcry.gateway.dialect.names import SELF_TRADE_NAMES
from outcry.gateway.dialect.prices import of_ticks_or_none
from outcry.gateway.dialect.times import time_text, time_text_or_none
from outcry.views.directory import Listing
from outcry.views.states import AccountStateView, AuctionView, StateView

Row = dict[str, Any]
VENUE_SUBJECT = "venue"


def state_row(listing: Listing | None, view: StateView, time_ns: int) -> Row:
    """The venue's rung, or an instrument's."""
    return {
        "subject": VENUE_SUBJECT if listing is None else listing.symbol,
        "symbol": None if listing is None else listing.symbol,
        "state": view.state,
        "cause": view.cause,
        "until": time_text_or_none(view.until_ns),
        "nextState": view.next_state,
        "timestamp": time_text(time_ns),
    }


def account_row(view: AccountStateView, time_ns: int) -> Row:
    """An account's rung and its settings."""
    return {
        "account": view.account,
        "state": view.rung.state,
        "cause": view.rung.cause,
        "until": time_text_or_none(view.rung.until_ns),
        "selfTrade": SELF_TRADE_NAMES[view.self_trade],
        "smallOrdersUntil": time_text_or_none(view.small_until_ns),
        "timestamp": time_text(time_ns),
    }


def auction_row(listing: Listing, view: AuctionView, time_ns: int) -> Row:
    """What an auction would bring, or brings."""
    return {
        "symbol": listing.symbol,
        "price": of_ticks_or_none(view.price_ticks, listing),
        "volume": view.volume,
        "surplus": view.surplus,
        "fixed": view.is_fixed,
        "timestamp": time_text(time_ns),
    }
