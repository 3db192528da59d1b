"""Rows of `orders` and `executions`: an order that follows its events, and the report of each of them."""

from enum import IntEnum

import msgspec

from outcry.history.batches import Values
from outcry.protocol.layout import Amended, Conditioned, Ended, OrderFlag, Place, Placed, Trailed, Triggered
from outcry.protocol.wire import client_id_of


class Change(IntEnum):
    """What an execution reports."""

    PLACED = 1
    AMENDED = 2
    TRADED = 3
    ENDED = 4
    FUNDED = 5
    TAKEN_OVER = 6
    DELEVERAGED = 7
    TRIGGERED = 8
    TRAILED = 9
    CUT = 10
    SETTLED = 11
    LEG = 12


class Order(msgspec.Struct):
    """A row of `orders`.  `text` is the user's own words at entry, `end_text` those at the cancel."""

    order_id: int
    account: int
    instrument: int
    side: int
    order_type: int
    time_in_force: int
    flags: int
    quantity: int
    leaves_quantity: int
    price_ticks: int
    display_quantity: int
    client_id: str
    link_id: str = ""
    trigger_subticks: int = 0
    peg_offset_subticks: int = 0
    trigger_reference: int = 0
    peg_kind: int = 0
    contingency: int = 0
    filled_quantity: int = 0
    filled_value_minor: int = 0
    filled_low_ticks: int = 0
    filled_high_ticks: int = 0
    end_reason: int = 0
    text: str = ""
    end_text: str = ""
    placed_ns: int = 0
    changed_ns: int = 0
    changed_sequence: int = 0
    stage: int = 0
    end_code: int = 0

    def fill(self, quantity: int, price_ticks: int, value_minor: int, leaves_quantity: int) -> None:
        """A part of it has traded."""
        if self.filled_quantity:
            self.filled_low_ticks = min(self.filled_low_ticks, price_ticks)
            self.filled_high_ticks = max(self.filled_high_ticks, price_ticks)
        else:
            self.filled_low_ticks = self.filled_high_ticks = price_ticks
        self.filled_quantity += quantity
        self.filled_value_minor += value_minor
        self.leaves_quantity = leaves_quantity

    def amend(self, event: Amended) -> None:
        """Its terms were changed; one that was filled completely is open again by it (ORD-19)."""
        self.end_reason = self.end_code = 0
        self.end_text = ""
        self.quantity = event.quantity
        self.leaves_quantity = event.leaves_quantity
        self.price_ticks = event.price_ticks
        self.time_in_force = event.time_in_force
        self.flags = event.flags
        self.display_quantity = event.display_quantity
        self.client_id = client_id_of(event.client_id)

    def condition(self, event: Conditioned) -> None:
        """What it waits for, or is bound to."""
        self.stage = event.stage
        self.trigger_reference = event.trigger_reference
        self.peg_kind = event.peg_kind
        self.contingency = event.contingency
        self.trigger_subticks = event.trigger_subticks
        self.peg_offset_subticks = event.peg_offset_subticks
        self.link_id = client_id_of(event.link_id)

    def trigger(self, event: Triggered) -> None:
        """It goes on: its price was reached, or its primary was filled."""
        self.stage = event.stage
        if event.trigger_subticks:
            self.trigger_subticks = event.trigger_subticks
        if event.trigger_reference:
            self.flags |= OrderFlag.TRIGGERED_ONCE

    def trail(self, event: Trailed) -> None:
        """Its trigger has followed its reference."""
        self.trigger_subticks = event.trigger_subticks

    def end(self, event: Ended, text: str) -> None:
        """It is over."""
        self.leaves_quantity = 0
        self.end_reason = event.reason
        self.end_code = event.code
        self.end_text = text

    def touch(self, sequence: int, time_ns: int) -> None:
        """Note which entry changed it last."""
        self.changed_sequence = sequence
        self.changed_ns = time_ns


def placed(event: Placed, command: Place | None, text: str) -> Order:
    """The order that has just been placed; the command adds what the event does not repeat."""
    order = Order(
        order_id=event.order_id,
        account=event.account,
        instrument=event.instrument,
        side=event.side,
        order_type=event.order_type,
        time_in_force=event.time_in_force,
        flags=event.flags,
        quantity=event.quantity,
        leaves_quantity=event.leaves_quantity,
        price_ticks=event.price_ticks,
        display_quantity=event.display_quantity,
        client_id=client_id_of(event.client_id),
        text=text,
    )
    if command is not None:
        order.link_id = client_id_of(command.link_id)
        order.trigger_subticks = command.trigger_subticks
        order.peg_offset_subticks = command.peg_offset_subticks
        order.trigger_reference = command.trigger_reference
        order.peg_kind = command.peg_kind
        order.contingency = command.contingency
    return order


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
