"""Rows of what the venue itself does to an account's position: fundings, takeovers, deleveragings (LIQ-05, FND-04),
settlements (SET-03); and what an order of a spread does in its legs.

A takeover is an order of the venue's for the account, which comes into being and is filled at once; the others have
order 0.  Each is the same as `views.made` shows it.
"""

from collections.abc import Iterator

from outcry.history.batches import Values
from outcry.history.funding import Funding
from outcry.history.ledger import Gain
from outcry.history.orders import Order, report
from outcry.history.settlements import Settlement
from outcry.history.terms import Terms
from outcry.protocol.layout import (
    ROLES,
    Deleveraged,
    EndReason,
    EventHead,
    Fill,
    Funded,
    Settled,
    Side,
    TakenOver,
)
from outcry.protocol.told import Change, made_by_venue

NO_ORDER = 0


def funded_row(head: EventHead, record: Funded, terms: Terms, funding: Funding | None) -> Values:
    """A position has paid or got its funding: its value at the epoch's mark, at the epoch's rate."""
    size = abs(record.quantity)
    lot_minor, mark, rate = (funding.lot_minor, funding.mark_subticks, funding.rate_ppb) if funding else (0, 0, 0)
    value_minor = size // terms.lot * lot_minor
    side = Side.BUY if record.quantity > 0 else Side.SELL
    order = made_by_venue(Order, head, record.account, record.instrument, NO_ORDER, side, size, 0)
    row = _filled(order, Change.FUNDED, 2 * head.ordinal, value_minor)
    rate_ppb = rate if record.quantity > 0 else -rate
    row.update(fee_minor=record.amount_minor, price_subticks=mark, rate_ppb=rate_ppb)
    return row


def taken_over_rows(head: EventHead, record: TakenOver) -> tuple[Order, Values, Values]:
    """A position was taken over: the order that closes it for its owner, its report, and that of its fill."""
    order = made_by_venue(
        Order,
        head,
        record.account,
        record.instrument,
        record.order_id,
        record.side,
        record.quantity,
        record.price_ticks,
    )
    born = report(order, Change.PLACED, 2 * head.ordinal)
    same_sign = (record.bankrupt_minor > 0) == (record.position_cost_minor > 0)
    value_minor = abs(record.bankrupt_minor) if same_sign else -abs(record.bankrupt_minor)
    row = _filled(order, Change.TAKEN_OVER, 2 * head.ordinal + 1, value_minor)
    row.update(price_ticks=record.price_ticks, fee_minor=record.reserve_minor, realised_minor=record.realised_minor)
    return order, born, row


def deleveraged_row(head: EventHead, record: Deleveraged) -> Values:
    """A position was reduced at the bankruptcy price of a takeover's victim, without a fee."""
    order = made_by_venue(Order, head, record.account, record.instrument, NO_ORDER, record.side, record.quantity, 0)
    row = _filled(order, Change.DELEVERAGED, 2 * head.ordinal, record.value_minor)
    row.update(realised_minor=record.realised_minor)
    return row


def settled_row(head: EventHead, record: Settled, settlement: Settlement) -> Values:
    """A position was closed at its contract's settlement price; the side is the one that closes it."""
    side = Side.SELL if record.quantity > 0 else Side.BUY
    order = made_by_venue(Order, head, record.account, record.instrument, NO_ORDER, side, abs(record.quantity), 0)
    row = _filled(order, Change.SETTLED, 2 * head.ordinal, abs(record.value_minor))
    row.update(
        fee_minor=record.fee_minor,
        realised_minor=record.realised_minor,
        price_subticks=settlement.price_subticks,
        rate_ppb=settlement.fee_ppb,
    )
    return row


def leg_rows(head: EventHead, fill: Fill) -> Iterator[Values]:
    """What a trade of a spread was in one of its legs, for both sides."""
    sides = (
        (fill.taker_account, fill.taker_side, fill.taker_fee_minor, fill.taker_realised_minor),
        (fill.maker_account, Side.BUY + Side.SELL - fill.taker_side, fill.maker_fee_minor, fill.maker_realised_minor),
    )
    for at, (account, side, fee_minor, realised_minor) in enumerate(sides):
        if account >= ROLES:
            order = made_by_venue(
                Order, head, account, fill.instrument, NO_ORDER, side, fill.quantity, fill.price_ticks
            )
            row = _filled(order, Change.LEG, 2 * head.ordinal + at, fill.value_minor)
            row.update(
                price_ticks=fill.price_ticks,
                fee_minor=fee_minor,
                realised_minor=realised_minor,
                is_maker=at == 1 and not fill.maker_hidden,
            )
            yield row


def gain_of(row: Values, currency: int) -> Gain:
    """What it has brought to the wallet."""
    return Gain(
        sequence=row["sequence"],
        place=row["place"],
        time_ns=row["time_ns"],
        account=row["account"],
        instrument=row["instrument"],
        currency=currency,
        amount_minor=row["realised_minor"] - row["fee_minor"],
        fee_minor=row["fee_minor"],
    )


def _filled(order: Order, change: Change, place: int, value_minor: int) -> Values:
    order.fill(order.quantity, order.price_ticks, value_minor, 0)
    order.end_reason = EndReason.ENDED_FILLED
    row = report(order, change, place)
    row.update(quantity=order.quantity, value_minor=value_minor)
    return row
