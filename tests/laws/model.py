"""A plain model of matching and cost accounting: dicts, lists, fractions; written from docs/rules, not from the engine.

It knows limit and market orders with all flags, what they show and hide, what happens when two of one account meet,
amend and cancel, positions, wallets and fees; margins are in margin_model.py.  Units are the engine's.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from math import floor

from outcry.protocol.layout import EndReason, MarkMethod, SelfTrade

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
    band: Fraction = Fraction(5, 100)
    small: int = 0
    orders_max: int = 0
    stops_max: int = 0
    lowest: int = 0
    highest: int = 0
    """Price limits; 0 for none."""

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
    kind: int = 1
    force: str = "gtc"
    market: bool = False
    day: bool = False
    time_ns: int = 0
    small: bool = False
    """A small order, if it is worth little enough (ORD-21)."""
    display: int = -1
    shown: int = 0
    """Of an order that hides something, what it shows now."""
    self_trade: int = 0
    place: int = 0
    """In the queue at its price; the later has the larger number."""

    @property
    def visible(self) -> int:
        """What it shows (ORD-20)."""
        return self.leaves if self.display == -1 else self.shown

    def shrink(self, by: int) -> None:
        """Smaller without a trade: what is hidden goes first."""
        if self.display != -1:
            self.shown -= max(0, by - (self.leaves - self.shown))
        self.leaves -= by
        self.quantity -= by


@dataclass
class Model:
    """The venue as far as the model knows it."""

    terms: dict[int, Terms]
    marks: dict[int, int]
    books: dict[tuple[int, bool], list[Order]] = field(default_factory=dict)
    positions: dict[Key, Position] = field(default_factory=dict)
    wallets: dict[Key, int] = field(default_factory=dict)
    fees: dict[int, int] = field(default_factory=dict)
    fills: list[tuple[int, ...]] = field(default_factory=list)
    over: list[tuple[int, int, int]] = field(default_factory=list)
    """Numbers of orders that have ended, why, and the code of a refusal."""
    places: int = 0
    one_price: int = 0
    """Of an auction's trade, 0 of others."""
    self_trades: dict[int, int] = field(default_factory=dict)
    """What accounts have chosen."""
    sharing: list[Order] = field(default_factory=list)
    """Those that still have to share in what a taker wants of what is hidden at a price."""

    def next_place(self) -> int:
        self.places += 1
        return self.places

    def end(self, order: Order, reason: EndReason, code: int = 0) -> None:
        """It is over; not in the book any more."""
        self.over.append((order.number, reason, code))

    def take_out(self, order: Order, reason: EndReason | None = None) -> None:
        """Out of the book, because it is over if there is a reason."""
        self.book(order.instrument, order.buys).remove(order)
        self.disturb(order)
        self.release(order)
        if reason is not None:
            self.end(order, reason)

    def disturb(self, order: Order) -> None:
        """If it shares in what a taker wants of its price, sharing begins again."""
        if self.sharing and self.sharing[0].ticks == order.ticks and self.sharing[0].buys == order.buys:
            self.sharing.clear()

    def join(self, order: Order) -> None:
        """Into the book at the end of the queue of those that show something, or of those that do not."""
        order.shown = min(max(0, order.display), order.leaves)
        order.place = order.place or self.next_place()
        self.book(order.instrument, order.buys).append(order)
        self.line_up(order.instrument, order.buys)

    def line_up(self, instrument: int, buys: bool) -> None:
        """ORD-01, ORD-20: price, then those that show something, then places."""
        sign = -1 if buys else 1
        self.book(instrument, buys).sort(key=lambda one: (sign * one.ticks, one.visible == 0, one.place))

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
        follows = terms.mark_method in (MarkMethod.MARK_IMPACT, MarkMethod.MARK_LAST) or not self.is_market(instrument)
        if buys:
            touch = 0 if follows else self.best(instrument, False)
            return min(terms.price_ticks_max, floor(max(touch, -floor(-mark)) * (1 + terms.band)))
        low = floor(mark)
        touch = low if follows else self.best(instrument, True) or low
        return max(1, -floor(-(min(low, touch) * (1 - terms.band))))

    def is_market(self, instrument: int) -> bool:
        """Whether orders meet as they come; in the model of auctions not always."""
        return True

    def collecting(self, instrument: int) -> bool:
        """Whether they are collected; in the model of auctions."""
        return False

    def crossed(self, instrument: int) -> bool:
        ask = self.best(instrument, False)
        return bool(ask) and self.best(instrument, True) >= ask

    def crosses(self, order: Order) -> bool:
        price = 0 if self.collecting(order.instrument) else self.best(order.instrument, not order.buys)
        return bool(price) and (order.ticks >= price if order.buys else order.ticks <= price)

    def certain(self, order: Order) -> int:
        """What a fill-or-kill order can count on."""
        total, book = 0, self.book(order.instrument, not order.buys)
        ends = self.self_trade_of(order) != SelfTrade.EXPIRE_MAKER
        for ticks in dict.fromkeys(other.ticks for other in book):
            if total >= order.leaves or not (order.ticks >= ticks if order.buys else order.ticks <= ticks):
                break
            level = [other for other in book if other.ticks == ticks]
            for other in level:
                own = self.meets_itself(order, other)
                if own and ends and other.visible:
                    return total
                total += 0 if own or self.may_shrink(other) else other.visible
            hiding = [other for other in level if other.leaves > other.visible]
            own_hides = any(self.meets_itself(order, other) for other in hiding)
            if total >= order.leaves or (own_hides and ends):
                break
            hiding = [other for other in hiding if not self.meets_itself(order, other) and not self.may_shrink(other)]
            total += sum(other.leaves - other.visible for other in hiding)
        return total

    def may_shrink(self, order: Order) -> bool:
        """Whether a resting order may trade less than it says, so that nobody can count on it."""
        return order.reduce_only

    def place(self, order: Order, force: str) -> str:
        """Do what a new order does; the outcome: rests, or why it ended."""
        if order.reduce_only:
            order.shrink(max(0, order.leaves - self.reducible(order)))
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
            self.take_out(other, EndReason.ENDED_CLOSING)

    def work(self, order: Order, force: str) -> str:
        """Clear the way if it closes, match, then rest or end."""
        if order.closes:
            self.clear_the_way(order)
        order.place = self.next_place()
        ended = self.match(order)
        if ended or force != "gtc":
            return ended or force
        self.join(order)
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
        self.sharing.clear()
        ended = self.trade_on(order)
        self.sharing.clear()
        self.refill(order.instrument, not order.buys)
        return ended

    def trade_on(self, order: Order) -> str:
        """One maker after another."""
        while order.leaves:
            if not self.crosses(order):
                return ""
            maker = self.next_maker(order)
            if self.meets_itself(order, maker):
                mode = self.self_trade_of(order)
                if mode != SelfTrade.EXPIRE_TAKER:
                    self.take_out(maker, EndReason.ENDED_SELF_TRADE)
                if mode != SelfTrade.EXPIRE_MAKER:
                    return "self trade"
                continue
            self.trade_part(order, maker)
            self.fit(maker.account, order.instrument)
            self.fit(order.account, order.instrument)
        return "filled"

    def next_maker(self, order: Order) -> Order:
        """Whoever shows something at the best price, first come first; else whoever shares next in what is hidden."""
        book = self.book(order.instrument, not order.buys)
        if book[0].visible:
            return book[0]
        if not self.sharing:
            self.sharing = [other for other in book if other.ticks == book[0].ticks]
        return self.sharing[0]

    def trade_part(self, order: Order, maker: Order) -> None:
        """As much as it shows; or in proportion to all that still share, in whole lots, halves up (ORD-20)."""
        lot, sharing = self.terms[order.instrument].lot, self.sharing
        shows = maker.visible
        part = min(order.leaves, shows)
        if not shows:
            there = sum(other.leaves for other in sharing)
            part = half_up(Fraction(maker.leaves // lot * order.leaves, there)) * lot
            part = maker.leaves if order.leaves >= there else part
            sharing.pop(0)
        if part:
            self.trade(order, maker, part)
        if not maker.leaves:
            kept, self.sharing = sharing, []
            self.take_out(maker, EndReason.ENDED_FILLED)
            self.filled(maker)
            self.sharing = kept
        elif shows and shows == part and maker.display != -1:
            maker.place = self.next_place()
            self.line_up(maker.instrument, maker.buys)

    def filled(self, order: Order) -> None:
        """All of it has traded."""

    def refill(self, instrument: int, buys: bool) -> None:
        """ORD-20: the taker is done; icebergs that show nothing show their next part, in the order of their places."""
        for order in self.book(instrument, buys):
            if order.display > 0 and not order.shown:
                order.shown = min(order.display, order.leaves)
        self.line_up(instrument, buys)

    def self_trade_of(self, order: Order) -> int:
        """ORD-10: its own mode, or its account's, or the first."""
        return order.self_trade or self.self_trades.get(order.account, 0) or SelfTrade.EXPIRE_TAKER

    def fit(self, account: int, instrument: int) -> None:
        """Reduce-only orders never exceed the position together: the last of the account in the book is cut first."""
        held = self.position(account, instrument).quantity
        for buys in (False, True):
            book = self.book(instrument, buys)
            sign = -1 if buys else 1
            last_first = sorted(book, key=lambda one: (sign * one.ticks, one.place), reverse=True)
            for order in [o for o in last_first if o.account == account and o.reduce_only]:
                reducing = sum(o.leaves for o in book if o.account == account and o.reduce_only)
                excess = min(order.leaves, reducing - max(0, -held if buys else held))
                if excess <= 0:
                    break
                if order.leaves == excess:
                    self.take_out(order, EndReason.ENDED_REDUCE_ONLY)
                    continue
                if order.display != -1:
                    self.disturb(order)
                self.release(order)
                order.shrink(excess)
                self.reserve(order)

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
        ticks, hidden = self.one_price or maker.ticks, not maker.visible
        value = terms.value(quantity, ticks)
        flags = int(hidden), int(self.one_price != 0)
        self.fills.append((taker.instrument, taker.number, maker.number, ticks, quantity, *flags))
        for order in (taker, maker) if self.one_price else (maker,):
            self.release(order)
            order.shown -= min(quantity, order.shown)
        for order, takes in ((taker, True), (maker, hidden)):
            order.leaves -= quantity
            fee = half_up(value * self.fee_rate(order, takes))
            self.fees[terms.currency] = self.fees.get(terms.currency, 0) + fee
            self.book_side(order, quantity, ticks, fee)
        if self.one_price:
            self.reserve(taker)
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

    def cancel(self, number: int, reason: EndReason = EndReason.ENDED_CANCELED) -> bool:
        order = self.find(number)
        if order:
            self.take_out(order, reason)
        return order is not None

    def amend(self, number: int, quantity: int, ticks: int, hides: bool = False) -> str:
        """New total quantity and price; what became of the order.  One that is hidden by it does not keep its place."""
        order = self.find(number)
        assert order is not None
        leaves = max(0, quantity - (order.quantity - order.leaves))
        if order.reduce_only:
            leaves = min(leaves, self.reducible(order))
        if ticks == order.ticks and 0 < leaves <= order.leaves and not hides:
            self.release(order)
            order.shrink(order.leaves - leaves)
            self.reserve(order)
            return "keeps"
        self.take_out(order)
        order.quantity += leaves - order.leaves
        order.leaves, order.ticks = leaves, ticks
        order.display = 0 if hides else order.display
        if not leaves:
            return "nothing left"
        if order.post_only and self.crosses(order):
            return "post only"
        return self.work(order, "gtc")
