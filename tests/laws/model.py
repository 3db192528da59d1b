"""A plain model of matching and cost accounting: dicts, lists, fractions; written from docs/rules, not from the engine.

It knows limit and market orders with all flags, amend and cancel, positions, wallets and fees; it has no margin, so the
histories that are compared with it give every account more than it can need.  Units are the engine's.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from math import floor

from outcry.protocol.layout import MarkMethod

Key = tuple[int, int]
"""An account and an instrument, or an account and a currency."""


def half_up(number: Fraction) -> int:
    """To the nearest, halves away from zero."""
    size = floor(abs(number) + Fraction(1, 2))
    return size if number >= 0 else -size


@dataclass
class Terms:
    """What the model needs of an instrument; `tick` and `multiplier` as fractions of one unit."""

    inverse: bool
    lot: int
    multiplier: int
    tick: Fraction
    maker: Fraction
    taker: Fraction
    currency: int = 1
    index: int = 1
    subticks: int = 10
    initial: Fraction = Fraction(4, 1000)
    maintenance: Fraction = Fraction(2, 1000)
    quantity_max: int = 10**9
    price_ticks_max: int = 10**7
    risk_limit: int = 2**52
    risk_step: int = 0
    funding_rate_ppb: int = 0
    funding_minutes: int = 480
    funding_offset_minutes: int = 240
    mark_method: int = 1
    deleverage_policy: int = 1
    usd_index: int = 0
    impact_notional: int = 0
    interest_quote_ppb: int = 0
    interest_base_ppb: int = 0
    expiry_ns: int = 0

    def value(self, quantity: int, ticks: int) -> int:
        """Magnitude of a quantity's value: a lot's, half up, times the lots."""
        price = ticks * self.tick
        lot = Fraction(self.lot * self.multiplier)
        return half_up(lot / price if self.inverse else lot * price) * (quantity // self.lot)


@dataclass
class Position:
    quantity: int = 0
    cost: int = 0
    lifetime: int = 0


@dataclass
class Order:
    number: int
    account: int
    instrument: int
    buys: bool
    quantity: int
    leaves: int
    ticks: int
    post_only: bool = False
    reduce_only: bool = False
    closes: bool = False
    margin: int = 0
    premium: int = 0
    held_back: bool = False
    """A market order that goes no further than its account's bankruptcy price."""
    takeover: int = 0
    """Number of the takeover it closes, 0 if it is an account's own."""


@dataclass
class Model:
    """The venue as far as the model knows it."""

    terms: dict[int, Terms]
    marks: dict[int, int]
    books: dict[tuple[int, bool], list[Order]] = field(default_factory=dict)
    positions: dict[Key, Position] = field(default_factory=dict)
    wallets: dict[Key, int] = field(default_factory=dict)
    fees: dict[int, int] = field(default_factory=dict)
    fills: list[tuple[int, int, int, int, int]] = field(default_factory=list)

    def book(self, instrument: int, buys: bool) -> list[Order]:
        return self.books.setdefault((instrument, buys), [])

    def position(self, account: int, instrument: int) -> Position:
        return self.positions.setdefault((account, instrument), Position())

    def best(self, instrument: int, buys: bool) -> int:
        book = self.book(instrument, buys)
        return book[0].ticks if book else 0

    def reducible(self, order: Order) -> int:
        held = self.position(order.account, order.instrument).quantity
        return max(0, -held if order.buys else held)

    def edge(self, instrument: int, buys: bool) -> int:
        """ORD-07: 5 % through touch and mark; where the mark follows the own book through the mark alone."""
        terms = self.terms[instrument]
        mark = Fraction(self.marks[instrument], terms.subticks)
        follows = terms.mark_method in (MarkMethod.MARK_IMPACT, MarkMethod.MARK_LAST)
        if buys:
            touch = 0 if follows else self.best(instrument, False)
            return min(terms.price_ticks_max, floor(Fraction(max(touch, -floor(-mark)) * 105, 100)))
        low = floor(mark)
        touch = low if follows else self.best(instrument, True) or low
        return max(1, -floor(-Fraction(min(low, touch) * 95, 100)))

    def crosses(self, order: Order) -> bool:
        price = self.best(order.instrument, not order.buys)
        return bool(price) and (order.ticks >= price if order.buys else order.ticks <= price)

    def certain(self, order: Order) -> int:
        """What a fill-or-kill order can count on."""
        total = 0
        for other in self.book(order.instrument, not order.buys):
            if not (order.ticks >= other.ticks if order.buys else order.ticks <= other.ticks):
                break
            if self.meets_itself(order, other):
                break
            total += 0 if other.reduce_only else other.leaves
        return total

    def place(self, order: Order, force: str) -> str:
        """Do what a new order does; the outcome: rests, or why it ended."""
        if order.reduce_only:
            order.leaves = order.quantity = min(order.quantity, self.reducible(order))
        if order.post_only and self.crosses(order):
            return "post only"
        if force == "fok" and self.certain(order) < order.quantity:
            return "killed"
        return self.work(order, force)

    def clear_the_way(self, order: Order) -> None:
        book = self.book(order.instrument, order.buys)
        for other in sorted((o for o in book if o.account == order.account), key=lambda o: -o.number):
            if sum(o.leaves for o in book if o.account == order.account) + order.leaves <= self.reducible(order):
                return
            book.remove(other)
            self.release(other)

    def work(self, order: Order, force: str) -> str:
        """Clear the way if it closes, match, then rest or end."""
        if order.closes:
            self.clear_the_way(order)
        ended = self.match(order)
        if ended or force != "gtc":
            return ended or force
        book = self.book(order.instrument, order.buys)
        behind = [o for o in book if (o.ticks < order.ticks if order.buys else o.ticks > order.ticks)]
        book.insert(len(book) - len(behind), order)
        self.reserve(order)
        self.fit(order.account, order.instrument)
        return "rests"

    def match(self, order: Order) -> str:
        """Trade as far as it crosses; then a mark may follow the last price."""
        ended = self.match_at_book(order)
        self.traded(order.instrument)
        return ended

    def traded(self, instrument: int) -> None:
        """For marks that follow the last price."""

    def match_at_book(self, order: Order) -> str:
        while order.leaves:
            if not self.crosses(order):
                return ""
            maker = self.book(order.instrument, not order.buys)[0]
            if self.meets_itself(order, maker):
                return "self trade"
            self.trade(order, maker, min(order.leaves, maker.leaves))
            if not maker.leaves:
                self.book(order.instrument, not order.buys).remove(maker)
                self.release(maker)
            self.fit(maker.account, order.instrument)
            self.fit(order.account, order.instrument)
        return "filled"

    def fit(self, account: int, instrument: int) -> None:
        """Reduce-only orders never exceed the position together: the last of the account in the book is cut first."""
        held = self.position(account, instrument).quantity
        for buys in (False, True):
            book = self.book(instrument, buys)
            for order in [o for o in reversed(book) if o.account == account and o.reduce_only]:
                reducing = sum(o.leaves for o in book if o.account == account and o.reduce_only)
                excess = min(order.leaves, reducing - max(0, -held if buys else held))
                if excess <= 0:
                    break
                self.release(order)
                order.leaves -= excess
                order.quantity -= excess
                if order.leaves:
                    self.reserve(order)
                else:
                    book.remove(order)

    def reserve(self, order: Order) -> None:
        """Take a resting order's margin; this model has none."""

    def release(self, order: Order) -> None:
        """Give a resting order's margin back."""

    def fee_rate(self, order: Order, takes: bool) -> Fraction:
        """What a side of a fill pays."""
        terms = self.terms[order.instrument]
        return terms.taker if takes else terms.maker

    def meets_itself(self, order: Order, other: Order) -> bool:
        """ORD-10: two orders of one account."""
        return order.account == other.account

    def trade(self, taker: Order, maker: Order, quantity: int) -> None:
        terms = self.terms[taker.instrument]
        value = terms.value(quantity, maker.ticks)
        self.fills.append((taker.instrument, taker.number, maker.number, maker.ticks, quantity))
        self.release(maker)
        for order, takes in ((taker, True), (maker, False)):
            order.leaves -= quantity
            fee = half_up(value * self.fee_rate(order, takes))
            self.fees[terms.currency] = self.fees.get(terms.currency, 0) + fee
            self.book_side(order, quantity, maker.ticks, fee)
        self.reserve(maker)

    def book_side(self, order: Order, quantity: int, ticks: int, fee: int) -> None:
        terms = self.terms[order.instrument]
        position = self.position(order.account, order.instrument)
        traded = quantity if order.buys else -quantity
        sign = 1 if order.buys != terms.inverse else -1
        closing = min(quantity, abs(position.quantity)) if position.quantity * traded < 0 else 0
        realised = 0
        if closing:
            closed = half_up(Fraction(position.cost * closing, abs(position.quantity)))
            realised = -(closed + sign * terms.value(closing, ticks))
            position.cost -= closed
        position.cost += sign * terms.value(quantity - closing, ticks)
        position.lifetime += sign * terms.value(quantity, ticks)
        position.quantity += traded
        own = (order.account, terms.currency)
        self.wallets[own] = self.wallets.get(own, 0) + realised - fee

    def find(self, number: int) -> Order | None:
        return next((o for book in self.books.values() for o in book if o.number == number), None)

    def cancel(self, number: int) -> bool:
        order = self.find(number)
        if order:
            self.book(order.instrument, order.buys).remove(order)
            self.release(order)
        return order is not None

    def amend(self, number: int, quantity: int, ticks: int) -> str:
        """New total quantity and price; what became of the order."""
        order = self.find(number)
        assert order is not None
        leaves = max(0, quantity - (order.quantity - order.leaves))
        if order.reduce_only:
            leaves = min(leaves, self.reducible(order))
        keeps = ticks == order.ticks and leaves <= order.leaves
        book = self.book(order.instrument, order.buys)
        self.release(order)
        order.quantity += leaves - order.leaves
        order.leaves = leaves
        if keeps and leaves:
            self.reserve(order)
            return "keeps"
        book.remove(order)
        order.ticks = ticks
        if not leaves:
            return "nothing left"
        if order.post_only and self.crosses(order):
            return "post only"
        return self.work(order, "gtc")
