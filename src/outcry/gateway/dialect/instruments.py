"""Instrument rows: all columns of API 2.3 and the older ones that clients still read.

What a contract does not have is null; what only some kinds have is in `kinds`.  Sessions are UTC days: `volume` is the
day's, `prevTotalVolume` the total before it.  Impact prices are those of the last minute's look at the own book
(MRK-03); an instrument that only takes orders that reduce positions, or that rest, is `Open`, because programs would
not close in one that is not.
"""

from typing import Any

from outcry.gateway.dialect.columns import INSTRUMENT_COLUMNS
from outcry.gateway.dialect.kinds import kind_columns, root_symbol, settling_columns
from outcry.gateway.dialect.names import (
    CLOSED_NAME,
    DIRECTION_NAMES,
    FAIR_METHODS,
    INDEX_TYPE_CODE,
    MARK_METHODS,
    OPEN_NAME,
    STATE_NAMES,
    TYPE_CODES,
)
from outcry.gateway.dialect.prices import (
    SPREAD,
    Number,
    average_or_none,
    difference_of_subticks,
    difference_of_ticks,
    middle_of,
    of_ppm,
    of_subticks_or_none,
    of_ticks,
    of_ticks_or_none,
    ratio,
    rounded,
)
from outcry.gateway.dialect.times import span_text, time_text, time_text_or_none
from outcry.protocol.layout import PPB, PPM, InstrumentState, InstrumentType, MarkMethod, Valuation, VenueState
from outcry.views import rows
from outcry.views.bins import DAY_NS, DaySums
from outcry.views.contracts import average
from outcry.views.directory import Average, Index, Listing, State
from outcry.views.recent import Recent
from outcry.views.rows import InstrumentView
from outcry.views.shelves import InstrumentRecent

Row = dict[str, Any]
INSTRUMENT_KEYS = ("symbol",)
YEAR_NS = 365 * DAY_NS
QUOTE_MICRO = 10**6
AUCTION_STATES = frozenset({InstrumentState.INSTRUMENT_AUCTION, InstrumentState.INSTRUMENT_UNCROSSING})
BLANK: Row = dict.fromkeys(INSTRUMENT_COLUMNS)
CANCELLING = VenueState.VENUE_CANCELLING
SECOND_SPAN, MINUTE_SPAN = span_text(10**9), span_text(60 * 10**9)


def instrument_row(listing: Listing, state: State, recent: Recent) -> Row:
    """A contract's row."""
    view = rows.instrument(state, listing.number)
    kept = recent.instrument(listing.number)
    row = dict(BLANK)
    # A pre-launch future, a prediction and a spread have no index.
    index_symbol = recent.directory.index(listing.index).symbol if listing.index else None
    row.update(_terms(listing, view, index_symbol))
    row.update(kind_columns(listing, view, recent.directory))
    row.update(_funding(listing, view, recent.time_ns))
    row.update(_trading(listing, view, kept))
    row.update(_prices(listing, view, kept))
    row.update(settling_columns(listing, view, recent.time_ns))
    row["timestamp"] = time_text(recent.time_ns)
    if row["state"] == OPEN_NAME and is_held(state):
        # Nothing can be traded, whatever the instrument's own state is.
        row["state"] = CLOSED_NAME
    return row


def is_held(state: State) -> bool:
    """Whether the whole venue lets nothing through but cancels: halted, resuming, or held by its operator (CMD-12)."""
    venue = state.tables.venue
    return bool(venue.halted or venue.cancel_only) or venue.state >= CANCELLING


def _terms(listing: Listing, view: InstrumentView, index_symbol: str | None) -> Row:
    inverse = listing.valuation == Valuation.INVERSE
    linear = listing.valuation == Valuation.LINEAR
    multiplier = -listing.multiplier_minor if inverse else listing.multiplier_minor
    is_dated = listing.instrument_type != InstrumentType.PERPETUAL
    listed, opens = time_text(listing.listed_ns), time_text(listing.opens_ns or listing.listed_ns)
    return {
        "symbol": listing.symbol,
        "rootSymbol": root_symbol(listing),
        "state": STATE_NAMES[view.state],
        "typ": TYPE_CODES[listing.instrument_type],
        "listing": listed,
        "front": opens,
        "openingTimestamp": opens,
        "expiry": time_text_or_none(listing.expiry_ns),
        "settle": time_text_or_none(listing.expiry_ns),
        "positionCurrency": listing.quote if inverse else listing.underlying,
        "underlying": listing.underlying,
        "quoteCurrency": listing.quote,
        "underlyingSymbol": f"{listing.underlying}{listing.quote if is_dated else ''}=",
        "reference": "OUTCRY",
        "referenceSymbol": index_symbol,
        "maxOrderQty": listing.quantity_max,
        "maxPrice": of_ticks(listing.price_ticks_max, listing),
        "minPrice": of_ticks(1, listing),
        "limitDownPrice": of_ticks_or_none(view.lowest_ticks, listing),
        "limitUpPrice": of_ticks_or_none(view.highest_ticks, listing),
        "lotSize": listing.lot,
        "tickSize": difference_of_ticks(1, listing),
        "minTick": difference_of_ticks(1, listing),
        "multiplier": multiplier,
        "settlCurrency": listing.currency.symbol,
        "underlyingToPositionMultiplier": (listing.contracts_per_underlying or 1) if linear else None,
        "underlyingToSettleMultiplier": multiplier if inverse else None,
        "quoteToSettleMultiplier": listing.currency.minor_units if linear else None,
        "isQuanto": listing.valuation == Valuation.QUANTO,
        "isInverse": inverse,
        "initMargin": of_ppm(view.initial_margin_ppm),
        "maintMargin": of_ppm(view.maintenance_margin_ppm),
        "riskLimit": view.risk_limit_minor,
        "riskStep": view.risk_step_minor,
        "taxed": True,
        "deleverage": True,
        "capped": listing.instrument_type == InstrumentType.PREDICTION,
        "makerFee": of_ppm(view.maker_fee_ppm),
        "takerFee": of_ppm(view.taker_fee_ppm),
        "settlementFee": of_ppm(view.settlement_fee_ppm),
        "insuranceFee": 0,
        "instantPnl": False,
        "instrumentID": listing.number,
    }


def next_funding_ns(listing: Listing, time_ns: int) -> int:
    """The first funding time after this; 0 if there is none."""
    interval = listing.funding_interval_ns
    if not interval:
        return 0
    return (time_ns - listing.funding_offset_ns) // interval * interval + interval + listing.funding_offset_ns


def _funding(listing: Listing, view: InstrumentView, time_ns: int) -> Row:
    """The rate of the period under way, and what the next would be if the period ended now (FND-02)."""
    if view.mark_method == MarkMethod.MARK_IMPACT:
        return {"fairBasisRate": ratio(view.basis_rate_ppb, PPB)}
    if not listing.funding_interval_ns:
        return {}
    # Where impact prices are not taken the rate never changes (FND-03).
    indicative = view.indicative_rate_ppb if view.impact_notional_minor else view.funding_rate_ppb
    return {
        "fundingTimestamp": time_text(view.next_funding_ns or next_funding_ns(listing, time_ns)),
        "fundingInterval": span_text(listing.funding_interval_ns),
        "fundingRate": ratio(view.funding_rate_ppb, PPB),
        "indicativeFundingRate": ratio(indicative, PPB),
        "fairBasisRate": ratio(view.funding_rate_ppb * YEAR_NS, PPB * listing.funding_interval_ns),
    }


def _trading(listing: Listing, view: InstrumentView, kept: InstrumentRecent) -> Row:
    day = kept.candles.day()
    session = kept.candles.series["1d"]
    today = session.current
    volume = today.quantity if today is not None else 0
    turnover = value_of(listing, today.value_minor) if today is not None else 0
    in_all = value_of(listing, view.turnover_minor)
    row: Row = {
        "totalVolume": view.volume,
        "volume": volume,
        "prevTotalVolume": view.volume - volume,
        "volume24h": day.quantity,
        "totalTurnover": in_all,
        "turnover": turnover,
        "prevTotalTurnover": in_all - turnover,
        "turnover24h": value_of(listing, day.value_minor),
        "prevClosePrice": of_ticks_or_none(session.finished[-1].close_ticks, listing) if session.finished else None,
        "prevPrice24h": of_ticks_or_none(day.earlier_close_ticks, listing),
        "highPrice": of_ticks_or_none(day.high_ticks, listing),
        "lowPrice": of_ticks_or_none(day.low_ticks, listing),
        "vwap": average_or_none(day.quantity, day.value_minor, listing, day.low_ticks, day.high_ticks),
        "openInterest": view.open_interest,
        "openValue": view.open_value_minor,
    }
    row["homeNotional24h"], row["foreignNotional24h"] = day_notionals(listing, day)
    if day.earlier_close_ticks and view.last_price_ticks:
        change = view.last_price_ticks - day.earlier_close_ticks
        before = day.earlier_close_ticks - listing.origin_ticks
        row["lastChangePcnt"] = rounded(change, abs(before), 4) if before else None
    return row


def value_of(listing: Listing, value_minor: int) -> int:
    """What was traded in minor units; nothing in a spread, whose trades are in its legs."""
    return 0 if listing.instrument_type == SPREAD else value_minor


def day_notionals(listing: Listing, sums: DaySums) -> tuple[Number, Number]:
    """Home and foreign notional of a sum of trades; a quanto's home part goes by its average price."""
    if listing.instrument_type == SPREAD:
        return 0, 0
    foreign = ratio(sums.quote_micro, QUOTE_MICRO)
    if listing.valuation == Valuation.INVERSE:
        return ratio(sums.value_minor, listing.currency.minor_units), foreign
    if listing.valuation == Valuation.LINEAR:
        return ratio(sums.quantity, listing.contracts_per_underlying or 1), foreign
    if not sums.value_minor:
        return 0, 0
    numerator = sums.quote_micro * sums.quantity * listing.multiplier_minor
    return rounded(numerator, QUOTE_MICRO * sums.value_minor, 8), foreign


def _prices(listing: Listing, view: InstrumentView, kept: InstrumentRecent) -> Row:
    # The touch that is shown; the engine's own may be an order that shows nothing (ORD-20).
    quote = kept.top.quote(0)
    bid, ask = quote.bid_ticks, quote.ask_ticks
    mark = of_subticks_or_none(view.mark_subticks, listing)
    last = of_ticks_or_none(view.last_price_ticks, listing)
    row: Row = {
        "lastPrice": last,
        "lastPriceProtected": mark if view.mark_method == MarkMethod.MARK_PROTECTED else last,
        "lastTickDirection": DIRECTION_NAMES[kept.trades[-1].direction] if kept.trades else None,
        "bidPrice": of_ticks_or_none(bid, listing),
        "askPrice": of_ticks_or_none(ask, listing),
        "midPrice": middle_of(bid, ask, listing, 1) if bid and ask else None,
        "hasLiquidity": has_liquidity(view, bool(bid and ask)),
        "fairMethod": FAIR_METHODS[view.mark_method],
        "fairPrice": mark,
        "markMethod": MARK_METHODS[view.mark_method],
        "markPrice": mark,
        "indicativeSettlePrice": of_subticks_or_none(view.index_subticks, listing),
        **_impact_prices(listing, view),
    }
    if view.state in AUCTION_STATES:
        row["indicativeAuctionPrice"] = of_ticks_or_none(view.auction_ticks, listing)
        row["indicativeAuctionVolume"] = view.auction_volume
    if view.mark_subticks and view.index_subticks and not listing.is_option:
        basis = view.mark_subticks - view.index_subticks
        row["fairBasis"] = difference_of_subticks(basis, listing)
    return row


def _impact_prices(listing: Listing, view: InstrumentView) -> Row:
    """What the impact notional would be sold and bought at; null where the book is too thin (MRK-03)."""
    bid, ask = view.impact_bid_subticks, view.impact_ask_subticks
    return {
        "impactBidPrice": of_subticks_or_none(bid, listing),
        "impactMidPrice": middle_of(bid, ask, listing, listing.subticks_per_tick) if bid and ask else None,
        "impactAskPrice": of_subticks_or_none(ask, listing),
    }


def has_liquidity(view: InstrumentView, has_touch: bool) -> bool:
    """Whether impact prices are less than a maintenance margin apart (MRK-04); where none are taken, whether both sides
    have orders."""
    if not view.impact_notional_minor or not view.sampled_ns:
        return has_touch
    bid, ask = view.impact_bid_subticks, view.impact_ask_subticks
    return bool(bid and ask) and 2 * (ask - bid) * PPM < (ask + bid) * view.maintenance_margin_ppm


def index_row(index: Index, state: State, time_ns: int) -> Row:
    """An index's row."""
    value, moved_ns = rows.index_value(state, index.number)
    price = ratio(value, int(10**index.decimals)) if value else None
    row = dict(BLANK)
    row.update(
        symbol=index.symbol,
        rootSymbol=index.underlying,
        state="Unlisted",
        typ=INDEX_TYPE_CODE,
        underlying=index.underlying,
        quoteCurrency=index.quote,
        underlyingSymbol=f"{index.underlying}=",
        reference="OUTCRY",
        referenceSymbol=index.symbol,
        calcInterval=SECOND_SPAN,
        publishInterval=SECOND_SPAN,
        tickSize=ratio(1, int(10**index.decimals)),
        minTick=ratio(1, int(10**index.decimals)),
        isQuanto=False,
        isInverse=False,
        taxed=False,
        deleverage=False,
        capped=False,
        instantPnl=False,
        hasLiquidity=False,
        lastPrice=price,
        lastPriceProtected=price,
        markMethod="LastPrice",
        markPrice=price,
        timestamp=time_text(moved_ns or time_ns),
    )
    return row


def average_row(one: Average, state: State, time_ns: int) -> Row:
    """The mean of an index, as a row like an index's; it is worked out once a minute."""
    units = average(state, one.index).average_units
    price = ratio(units, int(10**one.index.decimals)) if units else None
    row = index_row(one.index, state, time_ns)
    prices = dict.fromkeys(("lastPrice", "lastPriceProtected", "markPrice"), price)
    row.update(symbol=one.symbol, calcInterval=MINUTE_SPAN, publishInterval=MINUTE_SPAN, **prices)
    row["timestamp"] = time_text(time_ns)
    return row
