"""The plain model of an order before it stands: its shape, size, price, band, and what else it is refused for.

Written from docs/rules/orders.md.  `live_reason` is what an order is weighed by when it comes into the book, whether it
was sent just now, waited for something or is filled and wants more; commands are in venue_model.py.
"""

from dataclasses import dataclass, field, replace
from math import ceil, floor

from outcry.protocol import layout
from outcry.protocol.layout import OrderFlag, OrderType, PegKind, SelfTrade, Side, TimeInForce
from tests.laws.model import Order
from tests.laws.risk_model import Subject
from tests.laws.worldly_model import WorldlyModel, earliest

FORCES = {1: "gtc", 2: "ioc", 3: "fok", 4: "gtc"}
REDUCING = OrderFlag.REDUCE_ONLY | OrderFlag.CLOSE
TYPES = tuple(OrderType)
MARKETS = (OrderType.MARKET, OrderType.STOP, OrderType.MARKET_IF_TOUCHED)
STOPS = (OrderType.STOP, OrderType.STOP_LIMIT, OrderType.MARKET_IF_TOUCHED, OrderType.LIMIT_IF_TOUCHED)


@dataclass
class OrderModel(WorldlyModel):
    """What orders are refused for."""

    small_until: dict[int, int] = field(default_factory=dict)
    """Until when accounts with too many small orders show no more of them (ORD-21)."""
    revivable: dict[int, tuple[int, Order]] = field(default_factory=dict)
    """Filled orders: when, and as they were (ORD-19)."""

    def shape_reasons(self, asked: layout.Place) -> list[str]:
        """CMD-01, CMD-08."""
        known = asked.order_type in TYPES and asked.time_in_force in FORCES
        fits = asked.side in (Side.BUY, Side.SELL) and asked.self_trade <= SelfTrade.EXPIRE_BOTH
        return [
            "" if fits else "PARAMETER_INVALID",
            "" if known and asked.flags < OrderFlag.BY_VENUE else "ORDER_TYPE_WITHOUT_RULE",
        ]

    def asked_order(self, asked: layout.Place, reduces: bool) -> Order:
        """The order as it would stand: closing without a quantity is for all of the position (ORD-08)."""
        buys = asked.side == Side.BUY
        order = Order(0, asked.account, asked.instrument, buys, asked.quantity, asked.quantity, asked.price_ticks)
        order.post_only = asked.flags & OrderFlag.POST_ONLY != 0
        order.reduce_only, order.closes = reduces, asked.flags & OrderFlag.CLOSE != 0
        order.market = asked.order_type in MARKETS
        order.kind = asked.order_type
        order.small = asked.order_type in (OrderType.LIMIT, OrderType.PEGGED) and not reduces
        order.display, order.self_trade = asked.display_quantity, asked.self_trade
        order.force, order.time_ns = FORCES[asked.time_in_force], self.time_ns
        order.day = asked.time_in_force == TimeInForce.DAY
        if order.market and order.force != "fok":
            order.force = "market"
        if asked.order_type in STOPS:
            return order
        if order.closes and order.quantity == 0:
            order.quantity = order.leaves = self.whole_position(order)
        if order.market:
            order.ticks = self.within_limits(order.instrument, self.edge(order.instrument, buys))
        elif asked.order_type == OrderType.PEGGED:
            order.ticks = self.pegged_at(asked)
        return order

    def whole_position(self, order: Order) -> int:
        """What a closing order without a quantity is for; a lot if there is nothing to close."""
        terms = self.terms[order.instrument]
        return min(self.reducible(order), terms.quantity_max // terms.lot * terms.lot) or terms.lot

    def price_reasons(self, asked: layout.Place, order: Order) -> list[str]:
        """ORD-05, ORD-17: what is wrong with the price, or with the peg that is to make it."""
        pegged = asked.order_type == OrderType.PEGGED
        reasons = ["PRICE_INVALID" if (order.market or pegged) and asked.price_ticks else ""]
        if pegged:
            reasons += [self.peg_reason(asked)]
            if not any(reasons) and not self.touch(asked):
                return [*reasons, "PEG_WITHOUT_TOUCH", self.display_reason(order)]
        return reasons if any(reasons) else [*reasons, self.price_reason(order.instrument, order.ticks)]

    def peg_reason(self, asked: layout.Place) -> str:
        """ORD-17: whole ticks from a touch, and fixed; nothing of a peg where there is none."""
        offset, fixed = asked.peg_offset_subticks, asked.flags & OrderFlag.FIXED_PEG != 0
        if asked.order_type != OrderType.PEGGED:
            return "PEG_INVALID" if asked.peg_kind or offset or fixed else ""
        kinds = asked.peg_kind in (PegKind.PEG_PRIMARY, PegKind.PEG_MARKET)
        whole = abs(offset) < layout.SUBTICKS_BOUND and abs(offset) % self.terms[asked.instrument].subticks == 0
        return "" if fixed and kinds and whole else "PEG_INVALID"

    def touch(self, asked: layout.Place) -> int:
        """The best price at which something is shown, of the own side or of the other."""
        own = asked.side == Side.BUY
        book = self.book(asked.instrument, own if asked.peg_kind == PegKind.PEG_PRIMARY else not own)
        return next((order.ticks for order in book if order.visible), 0)

    def pegged_at(self, asked: layout.Place) -> int:
        ticks = abs(asked.peg_offset_subticks) // self.terms[asked.instrument].subticks
        return self.touch(asked) + (ticks if asked.peg_offset_subticks > 0 else -ticks)

    def display_reason(self, order: Order) -> str:
        """ORD-20: all, nothing, or whole lots of it."""
        fits = 0 <= order.display <= order.quantity and order.display % self.terms[order.instrument].lot == 0
        return "" if order.display == -1 or fits else "DISPLAY_INVALID"

    def quantity_reasons(self, instrument: int, quantity: int) -> list[str]:
        """ORD-04."""
        terms = self.terms[instrument]
        whole = 1 <= quantity <= terms.quantity_max and quantity < layout.QUANTITY_BOUND
        return ["" if whole else "QUANTITY_INVALID", "QUANTITY_NOT_LOTS" if quantity % terms.lot else ""]

    def price_reason(self, instrument: int, ticks: int) -> str:
        """ORD-05."""
        return "" if 1 <= ticks <= self.terms[instrument].price_ticks_max else "PRICE_INVALID"

    def within_limits(self, instrument: int, ticks: int) -> int:
        """ORD-22: the price, or the price limit it is outside of."""
        terms = self.terms[instrument]
        return max(terms.lowest, min(ticks, terms.highest or ticks))

    def beyond_edge(self, order: Order) -> bool:
        """ORD-07."""
        edge = self.edge(order.instrument, order.buys)
        return order.ticks > edge if order.buys else order.ticks < edge

    def reach_reasons(self, order: Order, instead_of: Order | None = None) -> list[str]:
        """ORD-06, ORD-07, ORD-22."""
        size = min(order.leaves, self.reducible(order)) if order.reduce_only else order.leaves
        within = self.within_limits(order.instrument, order.ticks) == order.ticks
        return [
            "VALUE_TOO_LARGE" if self.too_large(order, size, instead_of) else "",
            "PRICE_OUTSIDE_BAND" if self.beyond_edge(order) else "",
            "" if within else "PRICE_OUTSIDE_LIMITS",
        ]

    def too_large(self, order: Order, quantity: int, instead_of: Order | None = None) -> bool:
        """ORD-06: what closes the position does not count, nor what is replaced."""
        terms, held = self.terms[order.instrument], self.position(order.account, order.instrument)
        lot = max(terms.value(terms.lot, order.ticks), abs(self.worth(order.instrument, terms.lot)))
        others = [
            other
            for other in self.open_orders(order.account, order.instrument)
            if other is not instead_of and not other.reduce_only
        ]
        opening = quantity - min(quantity, self.reducible(order))
        contracts = abs(held.quantity) + sum(other.leaves for other in others) + opening
        worth = abs(held.cost) + sum(terms.value(other.leaves, other.ticks) for other in others)
        worth += opening // terms.lot * lot
        whole = quantity // terms.lot * lot
        return contracts >= layout.QUANTITY_BOUND or max(worth, whole) >= layout.AMOUNT_BOUND

    def live_reason(self, order: Order, others: list[str] | None = None, again: bool = False) -> str:
        """Why an order cannot come into the book now, or nothing; a reduce-only one is cut to what it can."""
        reducible = self.reducible(order)
        unseen = self.is_small(order) and self.shows_no_small(order.account)
        reasons = self.reach_reasons(order) + (others or [])
        reasons += ["REDUCE_ONLY_NO_POSITION" if order.reduce_only and not reducible else ""]
        reasons += ["SMALL_ORDER_POST_ONLY" if order.post_only and unseen else ""]
        if any(reasons):
            return earliest(*reasons)
        if order.reduce_only:
            order.shrink(max(0, order.leaves - reducible))
        return self.weighed_reason(order, again)

    def weighed_reason(self, order: Order, again: bool) -> str:
        """MRG-01, MRG-05, MRG-11, ORD-13; then what there is room for, unless it was counted before."""
        if not self.ends_at_once(order):
            refusal = self.refusal(order, order.force == "gtc")
            if refusal == "BALANCE_INSUFFICIENT" and order.market and not order.reduce_only and self.stops_short(order):
                refusal = "" if self.ends_at_once(order) else self.refusal(order, False)
            if refusal:
                return refusal
        return self.count_reason(order, again)

    def count_reason(self, order: Order, again: bool) -> str:
        """CMD-09, ORD-08, ORD-23."""
        here = self.open_orders(order.account, order.instrument)
        waiting = [one for one in self.waiting_orders() if one.account == order.account]
        waiting = [one for one in waiting if one.instrument == order.instrument]
        most = self.terms[order.instrument].orders_max
        reducing = [one for one in here if one.reduce_only]
        too_many = order.reduce_only and order.force == "gtc" and len(reducing) >= layout.REDUCING_ORDERS
        return earliest(
            "ORDERS_TOO_MANY" if too_many else "",
            "ORDERS_HERE_TOO_MANY" if most and not again and len(here) + len(waiting) >= most else "",
        )

    def stops_short(self, order: Order) -> bool:
        """ORD-13: a market order goes no further than where its account has nothing left."""
        account, number, terms = order.account, order.instrument, self.terms[order.instrument]
        held, mode = self.position(account, number), self.mode(account, number)
        stand = self.stand(Subject(account, terms.currency))
        budget = max(0, stand.equity - stand.orders)
        if mode.isolated:
            budget = max(0, self.available(account, terms.currency))
            if held.quantity:
                budget += max(0, self.own_margin(number, mode, held) + self.gain(number, held))
        signed = order.quantity if order.buys else -order.quantity
        price = self.price_of(number, signed, self.worth(number, signed) + budget)
        ticks = 0 if price is None else floor(price) if order.buys else ceil(price)
        beyond = order.ticks > ticks if order.buys else order.ticks < ticks
        order.held_back = 0 < ticks <= terms.price_ticks_max and beyond
        order.ticks = ticks if order.held_back else order.ticks
        return order.held_back

    def ends_at_once(self, order: Order) -> bool:
        """ORD-10, ORD-11: post-only that would trade, fill-or-kill that could not."""
        killed = order.force == "fok" and self.certain(order) < order.quantity
        return (order.post_only and self.crosses(order)) or killed

    # Small orders (ORD-21).

    def is_small(self, order: Order) -> bool:
        terms = self.terms[order.instrument]
        return order.small and terms.value(order.quantity, order.ticks) < terms.small

    def shows_no_small(self, account: int, besides: Order | None = None) -> bool:
        """Flagged, or more small orders in the book than there may be, not counting the one that is amended."""
        own = [order for book in self.books.values() for order in book if order.account == account]
        own = [order for order in own if order is not besides]
        many = sum(self.is_small(order) for order in own) > layout.SMALL_ORDERS_MAX
        return many or self.small_until.get(account, 0) > self.time_ns

    def note_small(self, order: Order, instead_of: Order | None = None) -> None:
        """A small order stands: it is hidden if its account has too many, which is flagged for a day."""
        account = order.account
        if not self.is_small(order):
            return
        if self.shows_no_small(account, instead_of):
            order.display = 0
            if self.small_until.get(account, 0) <= self.time_ns:
                self.small_until[account] = self.time_ns + layout.DAY_NS
        else:
            self.small_until.pop(account, None)

    # Revival (ORD-19).

    def filled(self, order: Order) -> None:
        """What could rest is remembered for a while, and nothing that the venue sent."""
        super().filled(order)
        if order.force == "gtc" and not order.takeover:
            self.revivable[order.number] = self.time_ns, replace(order)

    def revivable_order(self, account: int, number: int) -> Order | None:
        when, order = self.revivable.get(number, (0, None))
        young = order is not None and order.account == account and self.time_ns - when < layout.REVIVAL_NS
        return order if young else None
