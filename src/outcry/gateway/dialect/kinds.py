"""Columns of instrument rows that only some kinds of contracts have: options, spreads, and what ends.

An option's strike is in the underlying's quote, whatever its premium is quoted in; a prediction's root is its own name,
because clients make one market of everything with the same root, underlying and expiry.
"""

import re
from typing import Any

from outcry.gateway.dialect.prices import of_subticks, of_subticks_or_none, ratio
from outcry.protocol.layout import InstrumentType
from outcry.views.directory import Directory, Listing
from outcry.views.rows import InstrumentView

Row = dict[str, Any]
HALF_HOUR_NS = 30 * 60 * 10**9
MONTH_CODE = re.compile(r"[FGHJKMNQUVXZ][0-9]{2}$")


def root_symbol(listing: Listing) -> str:
    """What a contract is about: the underlying; of a prediction its name without month and year."""
    if listing.instrument_type != InstrumentType.PREDICTION:
        return listing.underlying
    return MONTH_CODE.sub("", listing.symbol) or listing.symbol


def kind_columns(listing: Listing, view: InstrumentView, directory: Directory) -> Row:
    """What an option or a spread has and others have not."""
    if listing.is_option and listing.index:
        units = int(10 ** directory.index(listing.index).decimals)
        return {
            "optionStrikePrice": ratio(listing.strike_units, units),
            "optionMultiplier": ratio(1, listing.contracts_per_underlying or 1),
            "optionUnderlyingPrice": ratio(view.forward_units, units) if view.forward_units else None,
        }
    if listing.instrument_type == InstrumentType.SPREAD:
        near, far = (directory.listing(number).symbol for number in (listing.near_instrument, listing.far_instrument))
        return {"nearLegSymbol": near, "farLegSymbol": far, "sellLeg": near, "buyLeg": far}
    return {}


def settling_columns(listing: Listing, view: InstrumentView, time_ns: int) -> Row:
    """What a contract has settled at, or would settle at now: in its last half hour the mean so far (SET-01)."""
    if view.settlement_kind:
        price = of_subticks(view.settlement_subticks, listing)
        return {"settledPrice": price, "indicativeSettlePrice": price}
    if listing.is_option:
        # What its index is worth is no price of the option.
        return {"indicativeSettlePrice": None}
    if not listing.expiry_ns or not view.average_subticks:
        return {}
    if not listing.expiry_ns - HALF_HOUR_NS <= time_ns:
        return {}
    return {"indicativeSettlePrice": of_subticks_or_none(view.average_subticks, listing)}
