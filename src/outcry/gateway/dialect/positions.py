"""Position rows (API 2.3) with the value-form prices of mechanics 3.2.

Costs and values are signed as the value function is: a long inverse position has negative ones.  A liquidation or
bankruptcy price that no positive price reaches is null.  Break-even is our rule: where closing as a taker gives back the
cost and the fees paid since the position was opened.
"""

from typing import Any

from outcry.gateway.dialect.instruments import next_funding_ns
from outcry.gateway.dialect.prices import Number, of_ppm, of_subticks, of_ticks, of_ticks_or_none, ratio, rounded, subticks_of_value
from outcry.gateway.dialect.times import time_text
from outcry.protocol.layout import PPM, Valuation
from outcry.views import rows
from outcry.views.directory import Directory, Listing, State
from outcry.views.rows import InstrumentView, PositionView, conversion_index

Row = dict[str, Any]
POSITION_KEYS = ("account", "symbol")
CENTI = 100


def position_row(view: PositionView, listing: Listing, directory: Directory, state: State, time_ns: int) -> Row:
    """The 54 columns and the older ones that clients still read."""
    instrument = rows.instrument(state, listing.number)
    figures = view.figures
    margin_minor = figures.initial_minor + figures.commission_minor + view.moved_margin_minor
    is_open = view.quantity != 0
    home, foreign = _notionals(view, listing, directory, state, instrument)
    row: Row = {
        "account": view.account,
        "symbol": listing.symbol,
        "currency": listing.currency.symbol,
        "underlying": listing.underlying,
        "quoteCurrency": listing.quote,
        "commission": of_ppm(max(instrument.maker_fee_ppm, instrument.taker_fee_ppm)),
        "initMarginReq": of_ppm(figures.initial_ppm),
        "maintMarginReq": of_ppm(figures.maintenance_ppm),
        "riskLimit": view.risk_limit_minor,
        "leverage": _leverage(view, instrument),
        "crossMargin": not view.isolated,
        "deleveragePercentile": None,
        "rebalancedPnl": 0,
        "prevRealisedPnl": view.previous_realised_minor,
        "prevUnrealisedPnl": 0,
        "openingQty": 0,
        "isOpen": is_open,
        "markPrice": of_subticks(instrument.mark_subticks, listing) if instrument.mark_subticks else None,
        "markValue": figures.value_minor,
        "riskValue": abs(figures.value_minor) + view.buy_value_minor + view.sell_value_minor,
        "homeNotional": home,
        "foreignNotional": foreign,
        "posState": "",
        "timestamp": time_text(time_ns),
        "lastPrice": of_ticks_or_none(instrument.last_price_ticks, listing),
        "lastValue": figures.value_minor,
        "execBuyQty": max(0, view.quantity),
        "execSellQty": max(0, -view.quantity),
        "prevClosePrice": None,
    }
    row.update(_orders(view))
    row.update(_costs(view))
    row.update(_margins(view, margin_minor))
    row.update(_results(view, row["leverage"]))
    row.update(_prices(view, listing, instrument, margin_minor))
    return row


def _leverage(view: PositionView, instrument: InstrumentView) -> Number:
    if view.isolated and view.leverage_centi:
        return ratio(view.leverage_centi, CENTI)
    return ratio(PPM, instrument.initial_margin_ppm) if instrument.initial_margin_ppm else 0


def _orders(view: PositionView) -> Row:
    return {
        "openOrderBuyQty": view.buy_quantity,
        "openOrderBuyCost": view.buy_value_minor,
        "openOrderBuyPremium": 0,
        "openOrderSellQty": view.sell_quantity,
        "openOrderSellCost": view.sell_value_minor,
        "openOrderSellPremium": 0,
        "grossOpenPremium": 0,
        "currentQty": view.quantity,
    }


def _costs(view: PositionView) -> Row:
    return {
        "currentCost": view.cost_minor - view.realised_minor,
        "currentComm": view.fees_minor,
        "realisedCost": -view.realised_minor,
        "unrealisedCost": view.cost_minor,
        "posCost": view.cost_minor,
    }


def _margins(view: PositionView, margin_minor: int) -> Row:
    figures = view.figures
    return {
        "posCross": view.moved_margin_minor,
        "posComm": figures.commission_minor,
        "posLoss": 0,
        "posInit": figures.initial_minor,
        "posMargin": margin_minor,
        "posMaint": figures.maintenance_minor,
        "initMargin": figures.order_margin_minor,
        "maintMargin": margin_minor + figures.unrealised_minor,
    }


def _results(view: PositionView, leverage: Number) -> Row:
    unrealised, cost = view.figures.unrealised_minor, abs(view.cost_minor)
    leverage_centi = round(leverage * CENTI)
    return {
        "realisedPnl": view.realised_minor - view.fees_minor,
        "unrealisedPnl": unrealised,
        "unrealisedPnlPcnt": rounded(unrealised, cost, 4) if cost else 0,
        "unrealisedRoePcnt": rounded(unrealised * leverage_centi, cost * CENTI, 4) if cost else 0,
    }


def _prices(view: PositionView, listing: Listing, instrument: InstrumentView, margin_minor: int) -> Row:
    if not view.quantity:
        names = "avgCostPrice avgEntryPrice breakEvenPrice marginCallPrice liquidationPrice bankruptPrice"
        return dict.fromkeys(names.split())
    figures, cost = view.figures, view.cost_minor
    backing = margin_minor
    if not view.isolated:
        # What is available already lacks this position's loss, which is what the price in question is about.
        backing += view.available_minor + max(0, -figures.unrealised_minor)
    entry = entry_price(view.quantity, cost, listing)
    liquidation = price_of_value(view.quantity, cost - backing + figures.maintenance_minor, cost, listing)
    sign = 1 if cost > 0 else -1
    even = (cost + view.fees_minor) * PPM // (PPM - sign * (1 if view.quantity > 0 else -1) * instrument.taker_fee_ppm)
    if listing.valuation == Valuation.INVERSE:
        even = (cost + view.fees_minor) * PPM // (sign * PPM - instrument.taker_fee_ppm) * sign
    return {
        "avgCostPrice": entry,
        "avgEntryPrice": entry,
        "breakEvenPrice": price_of_value(view.quantity, even, cost, listing),
        "marginCallPrice": liquidation,
        "liquidationPrice": liquidation,
        "bankruptPrice": price_of_value(view.quantity, cost - backing + figures.commission_minor, cost, listing),
    }


def entry_price(quantity: int, cost_minor: int, listing: Listing) -> Number | None:
    """Average entry from the cost: exact when the cost of a lot is whole, then at the nearest tick; else to the sub-tick."""
    size, cost = abs(quantity), abs(cost_minor)
    if not cost:
        return None
    numerator, denominator = subticks_of_value(size, cost, listing)
    subticks = (2 * numerator + denominator) // (2 * denominator)
    if cost * listing.lot % size == 0:
        step = listing.subticks_per_tick
        return of_ticks((2 * subticks + step) // (2 * step), listing)
    return of_subticks(subticks, listing)


def price_of_value(quantity: int, value_minor: int, cost_minor: int, listing: Listing) -> Number | None:
    """The price at which the position has this value, against the holder to the tick: longs up, shorts down."""
    if not value_minor or (value_minor > 0) != (cost_minor > 0):
        return None
    numerator, denominator = subticks_of_value(abs(quantity), abs(value_minor), listing)
    denominator *= listing.subticks_per_tick
    ticks = -(-numerator // denominator) if quantity > 0 else numerator // denominator
    return of_ticks(ticks, listing) if 0 < ticks <= listing.price_ticks_max else None


def _notionals(
    view: PositionView, listing: Listing, directory: Directory, state: State, instrument: InstrumentView
) -> tuple[Number, Number]:
    """Home is positive for longs and foreign has the other sign (API 2.3)."""
    value, minor = view.figures.value_minor, listing.currency.minor_units
    if listing.valuation == Valuation.INVERSE:
        return ratio(-value, minor), ratio(-view.quantity * listing.multiplier_minor, minor)
    if listing.valuation == Valuation.LINEAR:
        return ratio(view.quantity, listing.contracts_per_underlying or 1), ratio(-value, minor)
    index = conversion_index(directory, listing)
    units, _ = rows.index_value(state, index.number) if index is not None else (0, 0)
    whole = minor * int(10**index.decimals) if index is not None else minor
    price = instrument.mark_subticks * listing.tick_units
    if not price:
        return 0, 0
    scale = int(10**listing.price_decimals) * listing.subticks_per_tick
    return rounded(value * units * scale, whole * price, 8), rounded(-value * units, whole, 8)


__all__ = ["POSITION_KEYS", "entry_price", "next_funding_ns", "position_row", "price_of_value"]
