"""What makes an order more than a limit or market order: its trigger, its peg, what it shows, and its links."""

from decimal import Decimal

import msgspec


class Placing(msgspec.Struct, frozen=True, kw_only=True):
    """The words are the API's; what is None is left to the venue.

    `order_type` is Stop, StopLimit, MarketIfTouched, LimitIfTouched or Pegged; `peg` PrimaryPeg, MarketPeg or
    TrailingStopPeg; `contingency` OneCancelsTheOther or OneTriggersTheOther.
    """

    order_type: str | None = None
    stop_price: Decimal | None = None
    peg: str | None = None
    peg_offset: Decimal | None = None
    display_quantity: int | None = None
    """visible part, 0 for none"""
    link_id: str | None = None
    contingency: str | None = None
    self_trade: str | None = None
    """ExpireTaker, ExpireMaker or ExpireBoth"""


PLAIN = Placing()
