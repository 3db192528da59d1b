"""Rows of the auditor's books that are about orders: one order, what it waits for, its group, and a side of a book."""

from heapq import heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from outcry.simulation.auditor_books import Instrument


class Wait:
    """What an order waits for, while it does."""

    __slots__ = ("followed", "offset", "peg", "place", "reference", "rising", "stage", "trigger")

    def __init__(self, stage: int) -> None:
        self.stage, self.rising = stage, False
        self.reference = self.trigger = self.peg = self.offset = self.place = self.followed = 0


class Group:
    """Linked orders of an account, the oldest first, and the one the others wait for."""

    __slots__ = ("members", "name", "primary")

    def __init__(self, name: bytes) -> None:
        self.name = name
        self.members: list[Order] = []
        self.primary: Order | None = None


class Order:
    """An open order."""

    __slots__ = (
        "account",
        "by_venue",
        "client_id",
        "contingency",
        "display",
        "flags",
        "force",
        "group",
        "instrument",
        "kind",
        "last_name",
        "leaves",
        "limit",
        "number",
        "placed_ns",
        "price",
        "quantity",
        "resting",
        "self_trade",
        "shown",
        "side",
        "takeover",
        "traded",
        "unweighed",
        "wait",
    )

    def __init__(self, number: int, account: int, instrument: int, side: int, price: int, quantity: int) -> None:
        self.number, self.account, self.instrument, self.side = number, account, instrument, side
        self.price = self.limit = price
        self.quantity = self.leaves = quantity
        self.kind = self.force = self.flags = self.takeover = self.shown = self.self_trade = 0
        self.display = -1
        self.client_id = self.last_name = b""
        self.resting = self.traded = self.by_venue = self.unweighed = False
        self.placed_ns = self.contingency = 0
        self.wait: Wait | None = None
        self.group: Group | None = None

    @property
    def shows(self) -> int:
        """What it shows of what is open of it."""
        return self.leaves if self.display == -1 else self.shown


class Side:
    """One side of a book: by price who shows something, who shows nothing, and how much is shown; and the prices."""

    __slots__ = ("is_bid", "prices", "quantities", "queues", "unseen")

    def __init__(self, is_bid: bool) -> None:
        self.is_bid = is_bid
        self.queues: dict[int, dict[int, Order]] = {}
        self.unseen: dict[int, dict[int, Order]] = {}
        """Orders that show nothing: hidden ones, and icebergs until the taker is done."""
        self.quantities: dict[int, int] = {}
        self.prices: list[int] = []
        """A heap; prices of empty queues are thrown away when they come to the top."""

    def join(self, order: Order) -> None:
        """The order is the last of its kind at its price."""
        price = order.price
        queues = self.queues if order.shows else self.unseen
        if price not in self.queues and price not in self.unseen:
            heappush(self.prices, -price if self.is_bid else price)
        queues.setdefault(price, {})[order.number] = order
        self.quantities[price] = self.quantities.get(price, 0) + order.shows
        order.resting = True

    def leave(self, order: Order) -> None:
        """The order is no longer there; one that is filled shows nothing and is where it was."""
        price = order.price
        queues = self.queues if order.number in self.queues.get(price, ()) else self.unseen
        queue = queues[price]
        del queue[order.number]
        self.quantities[price] -= order.shows
        if not queue:
            del queues[price]
            if price not in self.queues and price not in self.unseen:
                del self.quantities[price]
        order.resting = False

    def exhaust(self, order: Order) -> None:
        """What an iceberg showed has traded: it stands behind all others and shows nothing (ORD-20)."""
        del self.queues[order.price][order.number]
        if not self.queues[order.price]:
            del self.queues[order.price]
        self.unseen.setdefault(order.price, {})[order.number] = order

    def refill(self, price: int) -> None:
        """Icebergs that show nothing show their next part, behind all that show something (ORD-20)."""
        for order in [one for one in self.unseen.get(price, {}).values() if one.display]:
            del self.unseen[price][order.number]
            order.shown = min(order.display, order.leaves)
            self.queues.setdefault(price, {})[order.number] = order
            self.quantities[price] += order.shown
        if price in self.unseen and not self.unseen[price]:
            del self.unseen[price]

    def best(self) -> int:
        """The best price; 0 if there is none."""
        prices, queues, unseen = self.prices, self.queues, self.unseen
        while prices:
            price = -prices[0] if self.is_bid else prices[0]
            if price in queues or price in unseen:
                return price
            heappop(prices)
        return 0

    def best_shown(self) -> int:
        """The best price at which something is shown; 0 if there is none."""
        return (max if self.is_bid else min)(self.queues, default=0)

    def other(self, instrument: "Instrument") -> "Side":
        """The other side of the same book."""
        return instrument.asks if self.is_bid else instrument.bids
