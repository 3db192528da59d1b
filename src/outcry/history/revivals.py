"""Orders that were filled of late, which an amendment may open again (ORD-19)."""

from collections import deque
from collections.abc import Iterable

from outcry.history.orders import Order
from outcry.protocol.layout import FILLED_KEPT, REVIVAL_NS, OrderFlag, OrderType, Tables, TimeInForce

RESTING_FORCES = frozenset({TimeInForce.GOOD_TILL_CANCEL, TimeInForce.DAY})
MARKET_TYPES = frozenset({OrderType.MARKET, OrderType.STOP, OrderType.MARKET_IF_TOUCHED})


def revivable(tables: Tables) -> list[int]:
    """Numbers of the orders that the engine would open again."""
    since_ns = tables.venue.time_ns - REVIVAL_NS
    return [row.order_id for row in tables.filled if row.order_id and row.filled_ns >= since_ns]


def is_remembered(order: Order) -> bool:
    """Whether the engine remembers that the order was filled: one that could rest, and that its owner has sent."""
    could_rest = order.time_in_force in RESTING_FORCES and order.order_type not in MARKET_TYPES
    return could_rest and not order.flags & OrderFlag.BY_VENUE


class Filled:
    """Those that the engine remembers, as many and for as long."""

    def __init__(self, found: Iterable[Order]) -> None:
        self._orders: dict[int, Order] = {}
        self._ended: deque[tuple[int, int]] = deque()
        for order in sorted(found, key=lambda one: one.changed_ns):
            self.add(order)

    def add(self, order: Order) -> None:
        """It has just been filled."""
        if not is_remembered(order):
            return
        self._orders[order.order_id] = order
        self._ended.append((order.changed_ns, order.order_id))
        while len(self._ended) > FILLED_KEPT or self._ended[0][0] < order.changed_ns - REVIVAL_NS:
            changed_ns, order_id = self._ended.popleft()
            found = self._orders.get(order_id)
            # One that was opened again and filled once more stands behind as well.
            if found is not None and found.changed_ns == changed_ns:
                del self._orders[order_id]

    def revive(self, order_id: int) -> Order:
        """It is open again.  Raises `KeyError` for one that the engine could not have opened."""
        return self._orders.pop(order_id)
