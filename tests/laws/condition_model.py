"""The plain model's conditions: what an order waits for or is bound to, and when that is reached (ORD-14 to ORD-18)."""

from dataclasses import dataclass

from outcry.protocol import layout
from outcry.protocol.layout import ConditionStage, OrderType
from tests.laws.model import Order

STOPS = (OrderType.STOP, OrderType.STOP_LIMIT)
WAITING = (*STOPS, OrderType.MARKET_IF_TOUCHED, OrderType.LIMIT_IF_TOUCHED)
MARKETS = (OrderType.MARKET, OrderType.STOP, OrderType.MARKET_IF_TOUCHED)
DORMANT, ARMED, RELEASED, LIVE = (
    ConditionStage.STAGE_DORMANT,
    ConditionStage.STAGE_ARMED,
    ConditionStage.STAGE_RELEASED,
    ConditionStage.STAGE_LIVE,
)
WITHIN = 4
"""As a reference: the last price, if the mark confirms it."""
Group = tuple[int, str]
"""An account and its name for linked orders."""
Place = tuple[int, int, bool]
"""What orders wait for together: instrument, reference, and whether it has to rise."""


@dataclass
class Condition:
    """What an order waits for, or is bound to."""

    order: Order
    stage: int = LIVE
    reference: int = 0
    rising: bool = False
    trigger: int = 0
    trails: bool = False
    offset: int = 0
    followed: int = 0
    """The reference that a trailing trigger was made from."""
    contingency: int = 0
    link: str = ""
    primary: bool = False
    place: int = 0
    within: bool = False
    touched: bool = False
    """Whether it was triggered."""

    @property
    def where(self) -> Place:
        return self.order.instrument, WITHIN if self.within else self.reference, self.rising

    @property
    def trailed(self) -> Place:
        """Where a trailing trigger comes from, whatever the mark says of it."""
        return self.order.instrument, self.reference, self.rising

    def reached_by(self, price: int) -> bool:
        """ORD-14."""
        return price >= self.trigger if self.rising else price <= self.trigger

    def follows_at(self) -> int:
        """ORD-15: the first reference that is more than 0.1 % away from the market's side of the last one."""
        if self.rising:
            return -(-self.followed * (layout.PPM - layout.TRAIL_PPM) // layout.PPM) - 1
        return self.followed * (layout.PPM + layout.TRAIL_PPM) // layout.PPM + 1

    def follows(self, price: int) -> bool:
        return price <= self.follows_at() if self.rising else price >= self.follows_at()


def rises(order_type: int, buys: bool) -> bool:
    """ORD-14: stops that buy and touched orders that sell wait for a rise."""
    return (order_type in STOPS) == buys
