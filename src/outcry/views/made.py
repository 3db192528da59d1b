"""Executions that the venue itself makes of an account's position: fundings, takeovers, deleveragings, settlements;
and what an order of a spread does in its legs.

None of them comes from an order of the account's own.  A takeover is shown as an order of the venue's for the account,
which comes into being and is filled at once; the others have an order without a number.
"""

from collections.abc import Iterator
from typing import NamedTuple

from outcry.protocol.layout import (
    ROLES,
    Deleveraged,
    EndReason,
    Fill,
    Funded,
    OrderFlag,
    OrderType,
    Settled,
    Side,
    TakenOver,
    TimeInForce,
)
from outcry.protocol.told import Change, made_by_venue
from outcry.protocol.wire import Entry, Event
from outcry.views.orders import ExecutionView, OrderView
from outcry.views.risk import FundingView
from outcry.views.settlements import SettlementView

NO_ORDER = 0
BUY, SELL, FUNDED, FILLED = Side.BUY, Side.SELL, Change.FUNDED, EndReason.ENDED_FILLED
BY_VENUE = (OrderType.LIMIT, TimeInForce.GOOD_TILL_CANCEL, OrderFlag.BY_VENUE)
"""Looked up once: a member of an enumeration costs three times a plain name."""


class FundingTerms(NamedTuple):
    """What all views of one funding have in common: found once for the thousands of an entry."""

    lot: int
    lot_minor: int
    mark_subticks: int
    rate_ppb: int
    conversion_units: int

    @classmethod
    def of(cls, lot: int, funding: FundingView, conversion_units: int) -> "FundingTerms":
        """Of an epoch, as far as it is known."""
        return cls(lot, funding.lot_minor, funding.mark_subticks, funding.rate_ppb, conversion_units)


def funded_view(entry: Entry, event: Event, terms: FundingTerms) -> ExecutionView:
    """A position has paid or got its funding: its value at the epoch's mark, at the epoch's rate.

    Its side is the one on which the position was opened.
    """
    record: Funded = event.record
    quantity = record.quantity
    size = abs(quantity)
    value_minor = size // terms.lot * terms.lot_minor
    head = entry.head
    sequence, time_ns = head.sequence, head.time_ns
    # Made as it is at the end: thousands come at once.
    order = OrderView(
        NO_ORDER,
        record.account,
        record.instrument,
        BUY if quantity > 0 else SELL,
        *BY_VENUE,
        size,
        0,
        0,
        -1,
        "",
        filled_quantity=size,
        filled_value_minor=value_minor,
        end_reason=FILLED,
        placed_ns=time_ns,
        changed_ns=time_ns,
        changed_sequence=sequence,
    )
    return ExecutionView(
        sequence,
        2 * event.head.ordinal,
        time_ns,
        FUNDED,
        order,
        size,
        value_minor=value_minor,
        fee_minor=record.amount_minor,
        conversion_units=terms.conversion_units,
        price_subticks=terms.mark_subticks,
        # The rate as the holder sees it: what he gets is negative.
        rate_ppb=terms.rate_ppb if quantity > 0 else -terms.rate_ppb,
    )


def taken_over_views(entry: Entry, event: Event, conversion_units: int) -> tuple[ExecutionView, ExecutionView]:
    """A position was taken over: the order that closes it for its owner, and its fill at the bankruptcy value."""
    record: TakenOver = event.record
    place = 2 * event.head.ordinal
    head = entry.head
    order = made_by_venue(
        OrderView,
        event.head,
        record.account,
        record.instrument,
        record.order_id,
        record.side,
        record.quantity,
        record.price_ticks,
    )
    # The value counts against the position's sign where losses have carried it past zero.
    same_sign = (record.bankrupt_minor > 0) == (record.position_cost_minor > 0)
    value_minor = abs(record.bankrupt_minor) if same_sign else -abs(record.bankrupt_minor)
    filled = _filled(order.as_now(), value_minor)
    return (
        ExecutionView(head.sequence, place, head.time_ns, Change.PLACED, order),
        ExecutionView(
            sequence=head.sequence,
            place=place + 1,
            time_ns=head.time_ns,
            change=Change.TAKEN_OVER,
            order=filled,
            quantity=record.quantity,
            price_ticks=record.price_ticks,
            value_minor=value_minor,
            fee_minor=record.reserve_minor,
            realised_minor=record.realised_minor,
            conversion_units=conversion_units,
        ),
    )


def deleveraged_view(entry: Entry, event: Event, conversion_units: int) -> ExecutionView:
    """A position was reduced to take a takeover's rest, at the bankruptcy price of its victim and without a fee."""
    record: Deleveraged = event.record
    order = made_by_venue(
        OrderView, event.head, record.account, record.instrument, NO_ORDER, record.side, record.quantity, 0
    )
    return ExecutionView(
        sequence=entry.head.sequence,
        place=2 * event.head.ordinal,
        time_ns=entry.head.time_ns,
        change=Change.DELEVERAGED,
        order=_filled(order, record.value_minor),
        quantity=record.quantity,
        value_minor=record.value_minor,
        realised_minor=record.realised_minor,
        conversion_units=conversion_units,
    )


def settled_view(entry: Entry, event: Event, settlement: SettlementView) -> ExecutionView:
    """A position was closed at its contract's settlement price; its side is the one that closes it."""
    record: Settled = event.record
    side = SELL if record.quantity > 0 else BUY
    order = made_by_venue(
        OrderView, event.head, record.account, record.instrument, NO_ORDER, side, abs(record.quantity), 0
    )
    return ExecutionView(
        sequence=entry.head.sequence,
        place=2 * event.head.ordinal,
        time_ns=entry.head.time_ns,
        change=Change.SETTLED,
        order=_filled(order, abs(record.value_minor)),
        quantity=abs(record.quantity),
        value_minor=abs(record.value_minor),
        fee_minor=record.fee_minor,
        realised_minor=record.realised_minor,
        price_subticks=settlement.price_subticks,
        rate_ppb=settlement.fee_ppb,
    )


def leg_views(entry: Entry, event: Event) -> Iterator[ExecutionView]:
    """What a trade of a spread was in one of its legs, for both sides; legs are futures that need no conversion."""
    fill: Fill = event.record
    sides = (
        (fill.taker_account, fill.taker_side, fill.taker_fee_minor, fill.taker_realised_minor),
        (fill.maker_account, BUY + SELL - fill.taker_side, fill.maker_fee_minor, fill.maker_realised_minor),
    )
    for at, (account, side, fee_minor, realised_minor) in enumerate(sides):
        if account >= ROLES:
            order = made_by_venue(
                OrderView, event.head, account, fill.instrument, NO_ORDER, side, fill.quantity, fill.price_ticks
            )
            yield ExecutionView(
                sequence=entry.head.sequence,
                place=2 * event.head.ordinal + at,
                time_ns=entry.head.time_ns,
                change=Change.LEG,
                order=_filled(order, fill.value_minor),
                quantity=fill.quantity,
                price_ticks=fill.price_ticks,
                value_minor=fill.value_minor,
                fee_minor=fee_minor,
                realised_minor=realised_minor,
                is_maker=at == 1 and not fill.maker_hidden,
            )


def _filled(order: OrderView, value_minor: int) -> OrderView:
    order.fill(order.quantity, order.price_ticks, value_minor, 0)
    order.end_reason = EndReason.ENDED_FILLED
    return order
