"""Position rows (API 2.3) with the value-form prices of mechanics 3.2.

Costs and values are signed as the value function is: a long inverse position has negative ones.  The liquidation price
is the first mark at which LIQ-01 fails if nothing else moves, the bankruptcy price that of the value at which the
position would be taken over now (LIQ-05), and break-even where closing as a taker leaves nothing won or lost (PNL-05);
all to the tick against the holder, null where no price is one.
"""

from typing import Any

from outcry.gateway.dialect.columns import POSITION_PRICE_COLUMNS
from outcry.gateway.dialect.prices import (
    Number,
    of_ppm,
    of_subticks,
    of_ticks,
    of_ticks_or_none,
    ratio,
    rounded,
    subticks_of_value,
)
from outcry.gateway.dialect.times import time_text
from outcry.protocol.layout import PPM, Side, Valuation
from outcry.views import rows
from outcry.views.directory import Directory, Listing, State
from outcry.views.orders import ExecutionView
from outcry.views.recent import Recent
from outcry.views.rows import InstrumentView, PositionView, conversion_index

Row = dict[str, Any]
POSITION_KEYS = ("account", "symbol")
CENTI = 100
FIFTHS = 5


def position_row(view: PositionView, state: State, recent: Recent) -> Row:
    """The 54 columns and the older ones that clients still read."""
    directory = recent.directory
    listing = directory.listing(view.instrument)
    # The last one on the position's side, if it is known.
    side = Side.BUY if view.quantity > 0 else Side.SELL
    last_fill = recent.account(view.account).last_fills.get((view.instrument, side))
    instrument = rows.instrument(state, listing.number)
    figures = view.figures
    is_open = view.quantity != 0
    home, foreign = _notionals(view, listing, directory, state, instrument)
    row: Row = {
        "account": view.account,
        "symbol": listing.symbol,
        "currency": listing.currency.symbol,
        "underlying": listing.underlying,
        "quoteCurrency": listing.quote,
        "commission": of_ppm(max(instrument.maker_fee_ppm, instrument.taker_fee_ppm)),
        "initMarginReq": _initial_rate(view),
        "maintMarginReq": of_ppm(view.maintenance_margin_ppm),
        "riskLimit": view.risk_limit_minor,
        "leverage": ratio(figures.leverage_centi, CENTI),
        "crossMargin": not view.isolated,
        "deleveragePercentile": _percentile(view, recent),
        "rebalancedPnl": 0,
        "prevRealisedPnl": view.previous_realised_minor,
        "prevUnrealisedPnl": 0,
        "openingQty": 0,
        "isOpen": is_open,
        "markPrice": of_subticks(instrument.mark_subticks, listing) if instrument.mark_subticks else None,
        "markValue": figures.value_minor,
        "riskValue": figures.risk_value_minor,
        "homeNotional": home,
        "foreignNotional": foreign,
        "posState": "Liquidation" if is_open and view.distressed else None,
        "timestamp": time_text(recent.time_ns),
        "lastPrice": of_ticks_or_none(instrument.last_price_ticks, listing),
        "lastValue": figures.value_minor,
        "execBuyQty": max(0, view.quantity),
        "execSellQty": max(0, -view.quantity),
        "prevClosePrice": None,
    }
    row.update(_orders(view))
    row.update(_costs(view))
    row.update(_margins(view))
    row.update(_results(view))
    row.update(_prices(view, listing, last_fill))
    return row


def _initial_rate(view: PositionView) -> Number:
    """The larger of the tier's rate and one over the chosen leverage (MRG-03)."""
    if view.isolated and view.leverage_centi and view.initial_margin_ppm * view.leverage_centi < CENTI * PPM:
        return ratio(CENTI, view.leverage_centi)
    return of_ppm(view.initial_margin_ppm)


def _percentile(view: PositionView, recent: Recent) -> Number | None:
    """1 for the fifth that is deleveraged first, down to 0.2; null without a position (ADL-01)."""
    fifth = recent.ranks.fifth(view.instrument, view.slot) if view.quantity else 0
    return ratio(FIFTHS + 1 - fifth, FIFTHS) if fifth else None


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


def _margins(view: PositionView) -> Row:
    figures = view.figures
    return {
        "posCross": view.moved_margin_minor,
        "posComm": figures.exit_fee_minor,
        "posLoss": figures.loss_minor,
        "posInit": figures.initial_minor,
        "posMargin": figures.margin_minor,
        "posMaint": figures.maintenance_minor,
        "initMargin": figures.order_margin_minor,
        "maintMargin": figures.margin_minor + figures.unrealised_minor,
    }


def _results(view: PositionView) -> Row:
    unrealised, cost = view.figures.unrealised_minor, abs(view.cost_minor)
    return {
        "realisedPnl": view.realised_minor - view.fees_minor,
        "unrealisedPnl": unrealised,
        "unrealisedPnlPcnt": rounded(unrealised, cost, 4) if cost else 0,
        "unrealisedRoePcnt": rounded(unrealised * view.figures.leverage_centi, cost * CENTI, 4) if cost else 0,
    }


def _prices(view: PositionView, listing: Listing, last_fill: ExecutionView | None) -> Row:
    if not view.quantity:
        return dict.fromkeys(POSITION_PRICE_COLUMNS)
    figures, cost = view.figures, view.cost_minor
    entry = entry_price(view.quantity, cost, listing, last_fill)
    liquidation = _against(view.quantity, figures.liquidation_subticks, listing.subticks_per_tick, listing)
    return {
        "avgCostPrice": entry,
        "avgEntryPrice": entry,
        "breakEvenPrice": price_of_value(view.quantity, figures.break_even_minor, cost, listing),
        "marginCallPrice": liquidation,
        "liquidationPrice": liquidation,
        "bankruptPrice": price_of_value(view.quantity, figures.bankrupt_minor, cost, listing),
    }


def entry_price(
    quantity: int, cost_minor: int, listing: Listing, last_fill: ExecutionView | None = None
) -> Number | None:
    """Average entry from the cost.

    The price of the last fill on the position's side if a contract of it cost exactly what one of the position does,
    because then no price would tell them apart; else the nearest tick when the cost of a lot is whole; else to the
    sub-tick.
    """
    size, cost = abs(quantity), abs(cost_minor)
    if not cost:
        return None
    if last_fill is not None and last_fill.value_minor * size == cost * last_fill.quantity:
        return of_ticks(last_fill.price_ticks, listing)
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
    return _against(quantity, numerator, denominator * listing.subticks_per_tick, listing)


def _against(quantity: int, numerator: int, denominator: int, listing: Listing) -> Number | None:
    """A price in ticks, given as a ratio, rounded against the holder; null if there is none."""
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
