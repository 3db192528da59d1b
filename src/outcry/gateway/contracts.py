"""Rows of ours for questions of predictions, means of indices and option chains, over REST and the stream."""

from typing import Any

from outcry.gateway.dialect.instruments import is_held
from outcry.gateway.dialect.names import CLOSED_NAME, OPEN_NAME, STATE_NAMES, TYPE_CODES
from outcry.gateway.dialect.prices import of_ppm, of_subticks, of_subticks_or_none, of_ticks_or_none, ratio
from outcry.gateway.dialect.times import time_text, time_text_or_none
from outcry.protocol.layout import PPB
from outcry.views import rows
from outcry.views.contracts import average, docket, option
from outcry.views.directory import Average, Listing, State
from outcry.views.recent import Recent

Row = dict[str, Any]
SECOND_NS = 10**9


def docket_row(listing: Listing, state: State, time_ns: int) -> Row:
    """The question of a prediction market; the outcome is null before one is proposed, and where it is void."""
    view = docket(state, listing.number)
    has_outcome = view.stage is not None and not view.voided
    return {
        "symbol": listing.symbol,
        "stage": view.stage,
        "outcome": of_subticks(view.outcome_subticks, listing) if has_outcome else None,
        "voided": view.voided,
        "disputableUntil": time_text_or_none(view.until_ns),
        "sourceHash": view.source_hash.hex() if view.stage is not None else None,
        "bond": listing.bond_minor,
        "bondCurrency": listing.currency.symbol,
        "disputeSeconds": listing.dispute_ns // SECOND_NS,
        "timestamp": time_text(time_ns),
    }


def mean_row(one: Average, state: State, time_ns: int) -> Row:
    """The mean of an index over the last 30 minutes, and how many of them have a value."""
    view = average(state, one.index)
    price = ratio(view.average_units, int(10**one.index.decimals)) if view.average_units else None
    return {
        "symbol": one.symbol,
        "indexSymbol": one.index.symbol,
        "price": price,
        "samples": view.samples,
        "timestamp": time_text(time_ns),
    }


def chain_row(listing: Listing, state: State, recent: Recent) -> Row:
    """An option: its touch, its mark, and what its model says; greeks are null before the model has said anything."""
    view, instrument = option(state, listing.number), rows.instrument(state, listing.number)
    shelf = recent.instrument(listing.number)
    quote = shelf.top.quote(0)
    units = int(10 ** recent.directory.index(listing.index).decimals) if listing.index else 1
    shown = STATE_NAMES[instrument.state]
    return {
        "symbol": listing.symbol,
        "underlying": listing.underlying,
        "expiry": time_text_or_none(listing.expiry_ns),
        "strike": ratio(view.strike_units, units),
        "typ": TYPE_CODES[listing.instrument_type],
        "state": CLOSED_NAME if shown == OPEN_NAME and is_held(state) else shown,
        "bidPrice": of_ticks_or_none(quote.bid_ticks, listing),
        "bidSize": quote.bid_quantity or None,
        "askPrice": of_ticks_or_none(quote.ask_ticks, listing),
        "askSize": quote.ask_quantity or None,
        "markPrice": of_subticks_or_none(instrument.mark_subticks, listing),
        "lastPrice": of_ticks_or_none(instrument.last_price_ticks, listing),
        "volatility": of_ppm(view.volatility_ppm) if view.seen_ns else None,
        "delta": of_ppm(view.delta_ppm) if view.seen_ns else None,
        "gamma": ratio(view.gamma_ppb, PPB) if view.seen_ns else None,
        "vega": of_ppm(view.vega_ppm) if view.seen_ns else None,
        "theta": of_ppm(view.theta_ppm) if view.seen_ns else None,
        "forwardPrice": ratio(view.forward_units, units) if view.seen_ns else None,
        "openInterest": instrument.open_interest,
        "volume24h": shelf.candles.day().quantity,
        "modelled": time_text_or_none(view.seen_ns),
        "timestamp": time_text(recent.time_ns),
    }
