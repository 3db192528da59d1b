"""One order as it stands, and one execution: what `recent` keeps and the gateway shows.

Both are filled from events only, so the row that answers a POST can be built from the events of its one sequence.
Quantities are contracts, prices ticks, money settlement minor units.  An ended order keeps its last numbers with
`leaves_quantity` 0 and never changes again.
"""

from collections.abc import Iterator
from enum import IntEnum

import msgspec

from outcry.protocol.layout import (
    ROLES,
    Amended,
    Conditioned,
    ConditionStage,
    Ended,
    Fill,
    OrderFlag,
    OrderRow,
    Place,
    Placed,
    Tables,
    Trailed,
    Triggered,
)
from outcry.protocol.picking import picked
from outcry.protocol.wire import CLIENT_ID_BYTES_MAX, client_id_of

LIVE = ConditionStage.STAGE_LIVE


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


MONEY_CHANGES = (Change.TRADED, Change.FUNDED, Change.TAKEN_OVER, Change.DELEVERAGED)
"""Those that change a wallet."""


class OrderView(msgspec.Struct, gc=False, array_like=True):
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

    @property
    def is_open(self) -> bool:
        """Whether it still works."""
        return self.end_reason == 0

    @property
    def waits(self) -> bool:
        """Whether it is open and not in the market yet, for its trigger or its primary."""
        return self.end_reason == 0 and self.stage != 0 and self.stage != LIVE

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

    def as_now(self) -> "OrderView":
        """A copy that later events leave alone."""
        # msgspec's own; `copy.copy` comes to the same a good deal later.
        copied: OrderView = self.__copy__()  # type: ignore[attr-defined]
        return copied


class ExecutionView(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A report about an order, with a copy of the order after it.  (`sequence`, `place`) is unique and rises.

    `price_subticks` and `rate_ppb` are a funding's mark and rate; a price of 0 is what quantity and value say.
    `is_maker` is whether it has paid as a maker: what traded unseen pays as a taker (ORD-20).
    """

    sequence: int
    place: int
    time_ns: int
    change: int
    order: OrderView
    quantity: int = 0
    price_ticks: int = 0
    value_minor: int = 0
    fee_minor: int = 0
    realised_minor: int = 0
    is_maker: bool = False
    conversion_units: int = 0
    price_subticks: int = 0
    rate_ppb: int = 0

    @property
    def ordinal(self) -> int:
        """Place of its event among the entry's events; both sides of a fill share it."""
        return self.place // 2


def placed_view(event: Placed, command: Place | None, text: str, time_ns: int, sequence: int) -> OrderView:
    """The order that has just been placed; the command adds what the event does not repeat."""
    account, instrument, order_id, side, kind, in_force, flags, quantity, leaves, price, display, name = PLACED_OF(
        event
    )
    view = OrderView(
        *(order_id, account, instrument, side, kind, in_force, flags, quantity, leaves, price, display, name_in(name)),
        text=text,
        placed_ns=time_ns,
        changed_ns=time_ns,
        changed_sequence=sequence,
    )
    if command is not None:
        trigger, offset, reference, peg_kind, contingency, link = WAITING_OF(command)
        if trigger or offset or reference or peg_kind or contingency or link != NO_NAME:
            view.trigger_subticks, view.peg_offset_subticks, view.link_id = trigger, offset, name_in(link)
            view.trigger_reference, view.peg_kind, view.contingency = reference, peg_kind, contingency
    return view


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


def working_view(row: OrderRow, tables: Tables) -> OrderView:
    """An order found in the engine's table, when the entry that placed it is not at hand; its text is lost."""
    client_id = client_id_of(tables.client_ids[row.client].client_id) if row.client else ""
    view = OrderView(
        order_id=row.order_id,
        account=row.account,
        instrument=row.instrument,
        side=row.side,
        order_type=row.order_type,
        time_in_force=row.time_in_force,
        flags=row.flags,
        quantity=row.quantity,
        leaves_quantity=row.leaves_quantity,
        price_ticks=row.price_ticks,
        display_quantity=row.display_quantity,
        client_id=client_id,
        filled_quantity=row.quantity - row.leaves_quantity,
        filled_value_minor=row.filled_value_minor,
        placed_ns=row.time_ns,
        changed_ns=row.time_ns,
        changed_sequence=0,
    )
    if row.condition:
        condition = tables.conditions[row.condition]
        view.stage = condition.stage
        view.trigger_reference = condition.trigger_reference
        view.trigger_subticks = condition.trigger_subticks
        view.peg_kind = condition.peg_kind
        view.peg_offset_subticks = condition.peg_offset_subticks
        view.contingency = condition.contingency
        view.link_id = client_id_of(tables.links[condition.link].link_id) if condition.link else ""
    return view


def revived_view(event: Amended, sequence: int, time_ns: int) -> OrderView:
    """An order that was filled, is open again, and is not remembered here: its earlier fills are only a number."""
    view = OrderView(
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
        filled_quantity=event.quantity - event.leaves_quantity,
        placed_ns=time_ns,
    )
    view.touch(sequence, time_ns)
    return view


def sides_of(fill: Fill) -> Iterator[tuple[int, int, int, int, int]]:
    """Order, leaves, fee, realised and side (0 taker, 1 maker) of the taker and then the maker; not the venue's own."""
    if fill.taker_account >= ROLES:
        yield fill.taker_order_id, fill.taker_leaves_quantity, fill.taker_fee_minor, fill.taker_realised_minor, 0
    if fill.maker_account >= ROLES:
        yield fill.maker_order_id, fill.maker_leaves_quantity, fill.maker_fee_minor, fill.maker_realised_minor, 1


def text_in(payload: bytes) -> str:
    """The user's words in an entry's payload.  Whoever journaled it may not have been this gateway."""
    return payload.decode("utf-8", "replace")
