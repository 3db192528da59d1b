"""One order as it stands, and one execution: what `recent` keeps and the gateway shows.

Both are filled from events only, so the row that answers a POST can be built from the events of its one sequence.
Quantities are contracts, prices ticks, money settlement minor units.  An ended order keeps its last numbers with
`leaves_quantity` 0 and never changes again.
"""

from collections.abc import Iterator

import msgspec

from outcry.protocol.layout import (
    ROLES,
    Amended,
    ConditionStage,
    Fill,
    OrderRow,
    Tables,
)
from outcry.protocol.told import Change, OrderTold
from outcry.protocol.wire import client_id_of

LIVE = ConditionStage.STAGE_LIVE


MONEY_CHANGES = (
    Change.TRADED,
    Change.FUNDED,
    Change.TAKEN_OVER,
    Change.DELEVERAGED,
    Change.SETTLED,
    Change.LEG,
)
"""Those that change a wallet."""


class OrderView(OrderTold, gc=False, array_like=True):
    """An order, as its events have told it; it never changes again once it has ended."""

    @property
    def is_open(self) -> bool:
        """Whether it still works."""
        return self.end_reason == 0

    @property
    def waits(self) -> bool:
        """Whether it is open and not in the market yet, for its trigger or its primary."""
        return self.end_reason == 0 and self.stage != 0 and self.stage != LIVE

    def as_now(self) -> "OrderView":
        """A copy that later events leave alone."""
        # msgspec's own; `copy.copy` comes to the same a good deal later.
        copied: OrderView = self.__copy__()  # type: ignore[attr-defined]
        return copied


class ExecutionView(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A report about an order, with a copy of the order after it.  (`sequence`, `place`) is unique and rises.

    `price_subticks` and `rate_ppb` are a funding's mark and rate, or a settlement's price and fee; else a price of 0 is
    what quantity and value say.
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
