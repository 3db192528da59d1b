"""Rows of `funding`, `insurance`, `liquidation` and `settlement` (API 2.3), which say nothing of anybody."""

from typing import Any

from outcry.gateway.dialect.ids import Ids
from outcry.gateway.dialect.names import SIDE_NAMES
from outcry.gateway.dialect.prices import of_subticks, of_ticks_or_none, ratio
from outcry.gateway.dialect.times import span_text, time_text
from outcry.protocol.layout import DAY_NS, PPB
from outcry.views.directory import Currency, Directory, Listing
from outcry.views.risk import FundingView, FundView, TakeoverView
from outcry.views.settlements import SettlementView

Row = dict[str, Any]
FUNDING_KEYS = ("timestamp", "symbol")
INSURANCE_KEYS = ("currency", "timestamp")
LIQUIDATION_KEYS = ("orderID",)
SETTLEMENT_KEYS = ("timestamp", "symbol")


def funding_row(view: FundingView, listing: Listing) -> Row:
    """A funding at its stamp; positive rates are paid by longs."""
    daily = ratio(view.rate_ppb * DAY_NS, PPB * view.interval_ns) if view.interval_ns else 0
    return {
        "timestamp": time_text(view.time_ns),
        "symbol": listing.symbol,
        "fundingInterval": span_text(view.interval_ns),
        "fundingRate": ratio(view.rate_ppb, PPB),
        "fundingRateDaily": daily,
    }


def insurance_row(view: FundView, currency: Currency) -> Row:
    """A fund at a noon or after its last change."""
    return {"currency": currency.symbol, "timestamp": time_text(view.time_ns), "walletBalance": view.balance_minor}


def liquidation_row(view: TakeoverView, listing: Listing, ids: Ids) -> Row:
    """What is left of a takeover, under the number of the order that its owner was shown."""
    return {
        "orderID": ids.order(view.order_id),
        "symbol": listing.symbol,
        "side": SIDE_NAMES[view.side],
        "price": of_ticks_or_none(view.price_ticks, listing),
        "leavesQty": view.leaves_quantity,
    }


def settlement_row(view: SettlementView, listing: Listing, directory: Directory) -> Row:
    """A contract's end; of an option with its strike and what the underlying was worth by the average."""
    strike = underlying = None
    if listing.is_option and listing.index:
        units = int(10 ** directory.index(listing.index).decimals)
        strike = ratio(listing.strike_units, units)
        underlying = ratio(view.average_units, units) if view.average_units else None
    return {
        "timestamp": time_text(view.time_ns),
        "symbol": listing.symbol,
        "settlementType": "Settlement",
        "settledPrice": of_subticks(view.price_subticks, listing),
        "optionStrikePrice": strike,
        "optionUnderlyingPrice": underlying,
        "bankrupt": None,
        "taxBase": None,
        "taxRate": None,
    }
