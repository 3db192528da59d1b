"""The plain model with margin: what orders and positions must be backed by, written from docs/rules/margin.md.

All traders settle in one currency.  Amounts are computed with fractions and rounded where the page says so.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor

from tests.laws.model import Model, Order, Position, Terms, half_up

INITIAL = Fraction(4, 1000)
Key = tuple[int, int]


@dataclass
class Margining:
    """How a position is margined: 0 is no chosen leverage."""

    leverage_centi: int = 0
    isolated: bool = False
    loss: int = 0


@dataclass
class Weighed:
    """What an order would lead to."""

    available: int
    risk: int


@dataclass
class MarginModel(Model):
    """A venue of the model that refuses what cannot be paid for."""

    margining: dict[Key, Margining] = field(default_factory=dict)
    risk_limits: dict[int, int] = field(default_factory=dict)

    def mode(self, account: int, instrument: int) -> Margining:
        return self.margining.setdefault((account, instrument), Margining())

    def initial(self, mode: Margining, value: int) -> int:
        by_rate = ceil(value * INITIAL)
        return max(by_rate, ceil(Fraction(value * 100, mode.leverage_centi))) if self.chosen(mode) else by_rate

    def chosen(self, mode: Margining) -> bool:
        return mode.isolated and mode.leverage_centi > 0

    def exit_fee(self, terms: Terms, value: int, initial: int) -> int:
        return ceil((value + initial) * terms.taker)

    def order_cost(self, terms: Terms, mode: Margining, value: int) -> int:
        initial = self.initial(mode, value)
        return initial + half_up(value * terms.taker) + self.exit_fee(terms, value, initial)

    def loss_at_mark(self, instrument: int, position: Position, mode: Margining) -> int:
        if mode.isolated:
            return 0
        return max(0, position.cost - self.worth(instrument, position.quantity))

    def worth(self, instrument: int, quantity: int) -> int:
        """Signed value at the mark."""
        terms = self.terms[instrument]
        lot = Fraction(terms.lot * terms.multiplier)
        price = Fraction(self.marks[instrument], 10) * terms.tick
        value = half_up(lot / price if terms.inverse else lot * price) * (quantity // terms.lot)
        return -value if terms.inverse else value

    def of_orders(self, terms: Terms, mode: Margining, held: int, orders: list[Order]) -> int:
        """MRG-02."""
        sides = {}
        for buys in (True, False):
            own = [order for order in orders if order.buys == buys]
            quantity = sum(order.leaves for order in own)
            cost = sum(self.order_cost(terms, mode, terms.value(order.leaves, order.ticks)) for order in own)
            sides[buys] = (quantity, cost)
        (buys_quantity, buys_cost), (sells_quantity, sells_cost) = sides[True], sides[False]
        buying = max(0, buys_quantity + min(0, held))
        selling = max(0, sells_quantity - max(0, held))

        def share(cost: int, part: int, whole: int) -> int:
            return ceil(Fraction(cost * part, whole)) if part > 0 and whole else 0

        full_buys = share(buys_cost, buying, buys_quantity) + share(sells_cost, selling - buying, sells_quantity)
        full_sells = share(sells_cost, selling, sells_quantity) + share(buys_cost, buying - selling, buys_quantity)
        return max(full_buys, full_sells)

    def required(self, instrument: int, mode: Margining, position: Position, orders: list[Order]) -> int:
        """What a position and its orders take from the available balance."""
        terms, cost = self.terms[instrument], abs(position.cost)
        initial = self.initial(mode, cost)
        own = initial + self.exit_fee(terms, cost, initial) - (mode.loss if mode.isolated else 0)
        lost = self.loss_at_mark(instrument, position, mode)
        return own + lost + self.of_orders(terms, mode, position.quantity, orders)

    def open_orders(self, account: int, instrument: int) -> list[Order]:
        books = (self.book(instrument, True), self.book(instrument, False))
        return [order for book in books for order in book if order.account == account]

    def available(self, account: int, but: int = 0) -> int:
        """MRG-06, leaving one instrument out."""
        needed = 0
        for instrument in self.terms:
            if instrument != but:
                orders = self.open_orders(account, instrument)
                mode = self.mode(account, instrument)
                needed += self.required(instrument, mode, self.position(account, instrument), orders)
        return self.wallets[account] - needed

    def weigh(self, order: Order, rests: bool, instead_of: Order | None = None) -> Weighed:
        """The order against the levels of the book as they stand, then what would rest."""
        terms, left = self.terms[order.instrument], order.leaves
        held = self.position(order.account, order.instrument)
        after = Position(held.quantity, held.cost, held.lifetime)
        mode = self.mode(order.account, order.instrument)
        closing = min(left, abs(held.quantity)) if held.quantity * (1 if order.buys else -1) < 0 else 0
        filled = closed = value = closed_value = 0
        levels: dict[int, int] = {}
        for other in self.book(order.instrument, not order.buys):
            levels[other.ticks] = levels.get(other.ticks, 0) + other.leaves
        for ticks, there in levels.items():
            if not left or not (order.ticks >= ticks if order.buys else order.ticks <= ticks):
                break
            take = min(left, there)
            part = min(take, closing - closed)
            value += terms.value(take, ticks)
            closed_value += terms.value(part, ticks)
            filled, closed, left = filled + take, closed + part, left - take
        sign = 1 if order.buys != terms.inverse else -1
        fee, realised = half_up(value * terms.taker), 0
        if closed:
            share = half_up(Fraction(after.cost * closed, abs(held.quantity)))
            realised = -(share + sign * closed_value)
            after.cost -= share
        after.cost += sign * (value - closed_value)
        after.quantity += filled if order.buys else -filled
        loss = self.loss_after(mode, fee, abs(held.quantity), closed, filled)
        orders = [o for o in self.open_orders(order.account, order.instrument) if o is not instead_of]
        risk = abs(self.worth(order.instrument, after.quantity)) + sum(terms.value(o.leaves, o.ticks) for o in orders)
        if rests and left:
            resting = Order(0, order.account, order.instrument, order.buys, left, left, order.ticks)
            orders.append(resting)
            risk += terms.value(left, order.ticks)
        new_mode = Margining(mode.leverage_centi, mode.isolated, loss)
        rest = self.available(order.account, but=order.instrument)
        needed = self.required(order.instrument, new_mode, after, orders)
        return Weighed(rest + realised - fee - needed, risk)

    def loss_after(self, mode: Margining, fee: int, held: int, closing: int, traded: int) -> int:
        """MRG-03: fees paid out of an isolated position's margin after a fill."""
        if not mode.isolated:
            return mode.loss
        kept = floor(Fraction(mode.loss * (held - closing), held)) if closing < held else 0
        return kept + (half_up(Fraction(fee * (traded - closing), traded)) if traded > closing else 0)

    def only_reduces(self, order: Order, instead_of: Order | None = None) -> bool:
        if order.reduce_only:
            return True
        resting = [
            o.leaves
            for o in self.open_orders(order.account, order.instrument)
            if o.buys == order.buys and o is not instead_of
        ]
        return order.leaves + sum(resting) <= self.reducible(order)

    def refusal(self, order: Order, rests: bool, instead_of: Order | None = None) -> str:
        """Why the order cannot be taken, or nothing."""
        if not order.leaves or self.only_reduces(order, instead_of):
            return ""
        weighed = self.weigh(order, rests, instead_of)
        if weighed.available < 0:
            return "BALANCE_INSUFFICIENT"
        return "RISK_LIMIT_EXCEEDED" if weighed.risk > self.risk_limits[order.instrument] else ""

    def book_side(self, order: Order, quantity: int, ticks: int, fee: int) -> None:
        position = self.position(order.account, order.instrument)
        held, mode = position.quantity, self.mode(order.account, order.instrument)
        closing = min(quantity, abs(held)) if held * (1 if order.buys else -1) < 0 else 0
        mode.loss = self.loss_after(mode, fee, abs(held), closing, quantity)
        super().book_side(order, quantity, ticks, fee)

    def set_leverage(self, account: int, instrument: int, leverage_centi: int) -> bool:
        """Isolate at a leverage or cross with 0, if the balance covers it."""
        mode, before = self.mode(account, instrument), self.available(account)
        was = (mode.leverage_centi, mode.isolated, mode.loss)
        isolated = leverage_centi > 0
        mode.loss = mode.loss if isolated == mode.isolated else 0
        mode.leverage_centi, mode.isolated = leverage_centi, isolated
        after = self.available(account)
        if after < 0 and after < before:
            mode.leverage_centi, mode.isolated, mode.loss = was
            return False
        return True
