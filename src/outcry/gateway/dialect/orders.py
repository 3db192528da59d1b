"""Order and execution rows: every column of API 2.3, null where there is nothing."""

from typing import Any

from outcry.gateway.dialect.columns import ORDER_COLUMNS
from outcry.gateway.dialect.errors import words_of
from outcry.gateway.dialect.ids import IdKind, Ids
from outcry.gateway.dialect.instruments import value_of
from outcry.gateway.dialect.names import (
    CANCELED,
    CONTINGENCY_NAMES,
    DELEVERAGING,
    END_TEXTS,
    FUNDING,
    LEG,
    LIQUIDATION,
    NO_ORDER_ID,
    ORDER_TYPE_NAMES,
    PEG_NAMES,
    SETTLEMENT,
    SIDE_NAMES,
    STOP_TYPES,
    STOPPED_TYPES,
    SUBMITTED,
    TIME_IN_FORCE_NAMES,
    instructions,
)
from outcry.gateway.dialect.prices import (
    average_or_none,
    difference_of_subticks,
    notionals,
    of_ppm,
    of_subticks,
    of_ticks,
    of_ticks_or_none,
    of_trigger_or_none,
    ratio,
    rounded,
)
from outcry.gateway.dialect.times import time_text
from outcry.protocol.layout import PPB, PPM, EndReason, OrderFlag, Side, Valuation
from outcry.protocol.told import Change
from outcry.views.directory import Directory, Listing
from outcry.views.orders import MONEY_CHANGES, ExecutionView, OrderView
from outcry.views.rows import Rates, conversion_index

Row = dict[str, Any]
ORDER_KEYS = ("orderID",)
EXECUTION_KEYS = ("execID",)
BY_VENUE = OrderFlag.BY_VENUE
"""Looked up once: a member of an enumeration costs three times a plain name."""
CHANGE_NAMES: dict[int, str] = {
    Change.PLACED: "New",
    Change.AMENDED: "Replaced",
    Change.TRADED: "Trade",
    Change.ENDED: "Canceled",
    Change.FUNDED: "Funding",
    Change.TAKEN_OVER: "Trade",
    Change.DELEVERAGED: "Trade",
    Change.TRIGGERED: "TriggeredOrActivatedBySystem",
    Change.TRAILED: "Replaced",
    Change.CUT: "Replaced",
    Change.SETTLED: "Settlement",
    Change.LEG: "Trade",
}
MADE_CHANGES = frozenset({Change.FUNDED, Change.TAKEN_OVER, Change.DELEVERAGED, Change.SETTLED})
END_STATUS: dict[int, str] = {EndReason.ENDED_FILLED: "Filled", EndReason.ENDED_REFUSED: "Rejected"}
TRIGGERED_ONCE = OrderFlag.TRIGGERED_ONCE
NO_ORDER_TEXTS: dict[int, str] = {
    Change.FUNDED: FUNDING,
    Change.DELEVERAGED: DELEVERAGING,
    Change.SETTLED: SETTLEMENT,
    Change.LEG: LEG,
}


def status_of(view: OrderView) -> str:
    """ordStatus; of an order that waits it is New."""
    if view.end_reason:
        return END_STATUS.get(view.end_reason, "Canceled")
    return "PartiallyFilled" if view.filled_quantity else "New"


def text_of(view: OrderView) -> str:
    """The row's text: what ended it, then the user's words, then ours (API 4.1)."""
    last = LIQUIDATION if view.flags & BY_VENUE else SUBMITTED
    if not view.end_reason and not view.text:
        return last
    lines = [view.text, last] if view.text else [last]
    if view.end_reason and view.end_reason != EndReason.ENDED_FILLED:
        reason = reject_reason_of(view) or END_TEXTS.get(view.end_reason) or view.end_text or CANCELED
        lines.insert(0, f"{status_of(view)}: {reason}")
    return "\n".join(lines)


def reject_reason_of(view: OrderView) -> str | None:
    """ordRejReason: why the venue could not let an order go live, in the words of a refusal."""
    return words_of(view.end_code) if view.end_reason == EndReason.ENDED_REFUSED else None


def triggered_of(view: OrderView) -> str | None:
    """triggered: empty while the order waits for its trigger, null where there is none."""
    if view.flags & TRIGGERED_ONCE:
        return "StopOrderTriggered"
    return "" if view.stage and view.order_type in STOPPED_TYPES else None


def rises(view: OrderView) -> bool:
    """Whether its reference has to rise to its trigger (ORD-14)."""
    return (view.order_type in STOP_TYPES) == (view.side == Side.BUY)


def order_row(view: OrderView, listing: Listing, ids: Ids) -> Row:
    """The 28 columns."""
    bounds = view.filled_low_ticks, view.filled_high_ticks
    changed = time_text(view.changed_ns)
    return {
        "orderID": ids.order(view.order_id) if view.order_id else NO_ORDER_ID,
        "clOrdID": view.client_id or None,
        "clOrdLinkID": view.link_id or None,
        "account": view.account,
        "symbol": listing.symbol,
        "side": SIDE_NAMES[view.side],
        "orderQty": view.quantity,
        "price": of_ticks_or_none(view.price_ticks, listing),
        "displayQty": view.display_quantity if view.display_quantity >= 0 else None,
        "stopPx": of_trigger_or_none(view.trigger_subticks, rises(view), listing) if view.trigger_subticks else None,
        "pegOffsetValue": (
            difference_of_subticks(view.peg_offset_subticks, listing) if view.peg_offset_subticks else None
        ),
        "pegPriceType": PEG_NAMES.get(view.peg_kind),
        "currency": listing.quote,
        "settlCurrency": listing.currency.symbol,
        "ordType": ORDER_TYPE_NAMES[view.order_type],
        "timeInForce": TIME_IN_FORCE_NAMES[view.time_in_force],
        "execInst": instructions(view.flags, view.trigger_reference),
        "contingencyType": CONTINGENCY_NAMES.get(view.contingency),
        "ordStatus": status_of(view),
        "triggered": triggered_of(view) if view.stage else None,
        "workingIndicator": view.end_reason == 0 and not (view.stage and view.waits),
        "ordRejReason": reject_reason_of(view),
        "leavesQty": view.leaves_quantity,
        "cumQty": view.filled_quantity,
        "avgPx": average_or_none(view.filled_quantity, view.filled_value_minor, listing, *bounds),
        "text": text_of(view),
        "transactTime": changed,
        "timestamp": changed,
    }


def missing_row(account: int, error: str, *, order_id: str | None = None, client_id: str | None = None) -> Row:
    """A row for an order that is not known, with every column so that typed clients can read it."""
    row: Row = dict.fromkeys(ORDER_COLUMNS)
    row.update(orderID=order_id, clOrdID=client_id, account=account, error=error)
    return row


def exec_type_of(view: ExecutionView) -> str:
    """execType."""
    refused = view.change == Change.ENDED and view.order.end_reason == EndReason.ENDED_REFUSED
    return "Rejected" if refused else CHANGE_NAMES[view.change]


def execution_row(view: ExecutionView, directory: Directory, ids: Ids, rates: Rates) -> Row:
    """The 41 columns; `rates` are the instrument's by fee tier."""
    listing = directory.listing(view.order.instrument)
    order = order_row(view.order, listing, ids)
    row: Row = {
        "execID": ids.encode(IdKind.EXECUTION, view.sequence, view.place),
        **order,
        "lastQty": None,
        "lastPx": None,
        "lastLiquidityInd": None,
        "execType": exec_type_of(view),
        "commission": None,
        "feeType": None,
        "tradePublishIndicator": None,
        "trdMatchID": None,
        "execCost": None,
        "execComm": None,
        "homeNotional": None,
        "foreignNotional": None,
        "transactTime": time_text(view.time_ns),
        "timestamp": time_text(view.time_ns),
    }
    if view.change in NO_ORDER_TEXTS:
        row["text"] = NO_ORDER_TEXTS[view.change]
    if view.change in MONEY_CHANGES:
        row.update(_trade_part(view, listing, directory, ids, rates))
    if view.change in MADE_CHANGES:
        row.update(_made_part(view, listing))
    return row


def _rate_ppm(view: ExecutionView, rates: Rates) -> int:
    """The rate at which the fee was charged: the first tier's that makes it what it was, else the listing's."""
    side = 0 if view.is_maker else 1
    for tier in rates:
        size = (2 * view.value_minor * abs(tier[side]) + PPM) // (2 * PPM)
        if view.fee_minor == (size if tier[side] >= 0 else -size):
            return tier[side]
    return rates[0][side]


def _trade_part(view: ExecutionView, listing: Listing, directory: Directory, ids: Ids, rates: Rates) -> Row:
    index = conversion_index(directory, listing)
    conversion = (view.conversion_units, int(10**index.decimals)) if index is not None else (0, 1)
    home, foreign = notionals(listing, view.quantity, _ticks_of(view, listing), view.value_minor, conversion)
    cost = value_of(listing, view.value_minor)
    buys = view.order.side == Side.BUY
    # The multiplier of an inverse contract is negative, so buying has a negative cost.
    cost_is_positive = buys != (listing.valuation == Valuation.INVERSE)
    return {
        "lastQty": view.quantity,
        "lastPx": of_ticks(view.price_ticks, listing),
        "lastLiquidityInd": "AddedLiquidity" if view.is_maker else "RemovedLiquidity",
        "commission": of_ppm(_rate_ppm(view, rates)),
        "feeType": "Normal",
        # A leg is not on its contract's tape: nobody there has made that price.
        "tradePublishIndicator": "DoNotPublishTrade" if view.change == Change.LEG else "PublishTrade",
        "trdMatchID": ids.encode(IdKind.TRADE, view.sequence, view.ordinal),
        "execCost": cost if cost_is_positive else -cost,
        "execComm": view.fee_minor,
        "homeNotional": home if buys else -home,
        "foreignNotional": -foreign if buys else foreign,
    }


def _ticks_of(view: ExecutionView, listing: Listing) -> int:
    """Its price to the nearest tick, where only notionals need it; 0 if it follows from the value."""
    return view.price_ticks or (2 * view.price_subticks + listing.subticks_per_tick) // (2 * listing.subticks_per_tick)


def _made_part(view: ExecutionView, listing: Listing) -> Row:
    """What is different where the venue itself has acted: nothing is on the tape, and nobody has made or taken."""
    bounds = view.order.filled_low_ticks, view.order.filled_high_ticks
    row: Row = {
        "lastPx": average_or_none(view.quantity, view.value_minor, listing, *bounds),
        "lastLiquidityInd": None,
        "commission": rounded(view.fee_minor, view.value_minor, 8) if view.value_minor else 0,
        "tradePublishIndicator": "DoNotPublishTrade",
    }
    if view.change == Change.FUNDED:
        # What a position pays it does not trade, so it has no side; the rate is the holder's, what he gets is negative.
        row.update(side=None, feeType="Funding", commission=ratio(view.rate_ppb, PPB))
    if view.change == Change.SETTLED:
        row.update(feeType="Settlement", commission=ratio(view.rate_ppb, PPB))
    # An option may settle at nothing, which is a price.
    if view.price_subticks or view.change == Change.SETTLED:
        row["lastPx"] = row["avgPx"] = row["price"] = of_subticks(view.price_subticks, listing)
    return row
