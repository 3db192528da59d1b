"""Rows of `orders` and `executions`: an order that follows its events, and the report of each of them."""

from outcry.history.batches import Values
from outcry.protocol.told import Change, OrderTold


class Order(OrderTold):
    """A row of `orders`."""


def report(order: Order, change: Change, place: int) -> Values:
    """The row of `executions` of an order as its last event left it; what traded is for the caller to put in."""
    return {
        "sequence": order.changed_sequence,
        "place": place,
        "time_ns": order.changed_ns,
        "account": order.account,
        "instrument": order.instrument,
        "order_id": order.order_id,
        "change": int(change),
        "side": order.side,
        "quantity": 0,
        "price_ticks": 0,
        "value_minor": 0,
        "fee_minor": 0,
        "realised_minor": 0,
        "is_maker": False,
        "conversion_units": 0,
        "price_subticks": 0,
        "rate_ppb": 0,
        "order_time_in_force": order.time_in_force,
        "order_flags": order.flags,
        "order_quantity": order.quantity,
        "order_leaves_quantity": order.leaves_quantity,
        "order_price_ticks": order.price_ticks,
        "order_client_id": order.client_id,
        "order_filled_quantity": order.filled_quantity,
        "order_filled_value_minor": order.filled_value_minor,
        "order_filled_low_ticks": order.filled_low_ticks,
        "order_filled_high_ticks": order.filled_high_ticks,
        "order_end_reason": order.end_reason,
        "order_text": order.text,
        "order_end_text": order.end_text,
        "order_display_quantity": order.display_quantity,
        **conditions(order),
    }


def conditions(order: Order) -> Values:
    """What a report says of what its order waits for."""
    return {
        "order_stage": order.stage,
        "order_end_code": order.end_code,
        "order_trigger_subticks": order.trigger_subticks,
        "order_peg_offset_subticks": order.peg_offset_subticks,
    }
