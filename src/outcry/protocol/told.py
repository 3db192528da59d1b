"""An order as its events tell it: its fields, what each event makes of them, and what a report of it may be about.

First the kinds of reports, then the order, then how one begins.  The views and the history build their own rows on it,
so that both say the same.  An ended order keeps its last numbers with `leaves_quantity` 0.  Quantities are contracts,
prices ticks, money settlement minor units.
"""

from enum import IntEnum
from typing import TypeVar

import msgspec

from outcry.protocol.layout import (
    Amended,
    Conditioned,
    Ended,
    EventHead,
    OrderFlag,
    OrderType,
    Place,
    Placed,
    TimeInForce,
    Trailed,
    Triggered,
)
from outcry.protocol.picking import picked
from outcry.protocol.wire import CLIENT_ID_BYTES_MAX, client_id_of


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
    """The venue has made a reduce-only order smaller; of what its owner amended `AMENDED` reports."""
    SETTLED = 11
    """Its contract has ended, and the position was closed at the settlement price."""
    LEG = 12
    """What an order of a spread has traded in one of its legs."""


class OrderTold(msgspec.Struct, gc=False):
    """An order.  `text` is the user's own words at entry, `end_text` the user's words at the cancel.

    `stage` is 0 for an order that never waited for anything; `end_code` is why the venue could not let it go live.
    """

    # Numbers and texts only, here and in what refers to it, so no cycle can come about for the collector to find.

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
        if not self.filled_quantity:
            self.filled_low_ticks = self.filled_high_ticks = price_ticks
        elif self.filled_low_ticks:
            # 0 with something filled means that earlier prices are not known, and then no bounds are.
            self.filled_low_ticks = min(self.filled_low_ticks, price_ticks)
            self.filled_high_ticks = max(self.filled_high_ticks, price_ticks)
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


Row = TypeVar("Row", bound=OrderTold)


def placed(kind: type[Row], event: Placed, command: Place | None, text: str, time_ns: int, sequence: int) -> Row:
    """The order that has just been placed; the command adds what the event does not repeat."""
    account, instrument, order_id, side, order_type, in_force, flags, size, leaves, price, display, name = PLACED_OF(
        event
    )
    order = kind(
        order_id,
        account,
        instrument,
        side,
        order_type,
        in_force,
        flags,
        size,
        leaves,
        price,
        display,
        name_in(name),
        text=text,
        placed_ns=time_ns,
        changed_ns=time_ns,
        changed_sequence=sequence,
    )
    if command is not None:
        trigger, offset, reference, peg_kind, contingency, link = WAITING_OF(command)
        if trigger or offset or reference or peg_kind or contingency or link != NO_NAME:
            order.trigger_subticks, order.peg_offset_subticks, order.link_id = trigger, offset, name_in(link)
            order.trigger_reference, order.peg_kind, order.contingency = reference, peg_kind, contingency
    return order


PLACED_OF = picked(
    Placed,
    *("account", "instrument", "order_id", "side", "order_type", "time_in_force", "flags"),
    *("quantity", "leaves_quantity", "price_ticks", "display_quantity", "client_id"),
)
WAITING_OF = picked(
    Place, "trigger_subticks", "peg_offset_subticks", "trigger_reference", "peg_kind", "contingency", "link_id"
)
NO_NAME: bytes = WAITING_OF(Place())[-1]


def name_in(field: bytes) -> str:
    """The name in the bytes of a client id's field."""
    if field == NO_NAME:
        return ""
    return field[: int.from_bytes(field[CLIENT_ID_BYTES_MAX:], "little")].decode("utf-8")


def made_by_venue(
    kind: type[Row],
    head: EventHead,
    account: int,
    instrument: int,
    order_id: int,
    side: int,
    quantity: int,
    price_ticks: int,
) -> Row:
    """The order that stands for what the venue has done with a position; nobody has sent it."""
    return kind(
        order_id=order_id,
        account=account,
        instrument=instrument,
        side=side,
        order_type=OrderType.LIMIT,
        time_in_force=TimeInForce.GOOD_TILL_CANCEL,
        flags=OrderFlag.BY_VENUE,
        quantity=quantity,
        leaves_quantity=quantity,
        price_ticks=price_ticks,
        display_quantity=-1,
        client_id="",
        placed_ns=head.time_ns,
        changed_ns=head.time_ns,
        changed_sequence=head.sequence,
    )
