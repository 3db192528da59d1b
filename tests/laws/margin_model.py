"""The plain model with margin: what orders and positions must be backed by, written from docs/rules/margin.md.

Amounts are computed with fractions and rounded where the page says so.
"""

from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import ceil

from outcry.protocol.layout import SelfTrade
from tests.laws import backing_model
from tests.laws.backing_model import Backed
from tests.laws.model import Key, Model, Order, Position, Terms, half_up


@dataclass
class Margining:
    """How a position is margined: 0 is no chosen leverage."""

    leverage_centi: int = 0
    isolated: bool = False
    loss: int = 0
    moved: int = 0
    steps: int = 0
    """Of the risk limit above the base (MRG-09)."""

    @property
    def own(self) -> int:
        """Moved in by hand less the fees paid out of it."""
        return self.moved - self.loss


@dataclass
class Side:
    """The resting orders of a position on one side, reduce-only ones only as a quantity."""

    quantity: int = 0
    margin: int = 0
    dearest: int = 0
    reducing: int = 0
    premium: int = 0
    """Of all its orders, reduce-only ones too."""


@dataclass
class Weighed:
    """The available balance before and after an order, and the risk value after it."""

    before: int
    available: int
    risk: int
    doomed: bool = False
    bankrupt: bool = False


@dataclass
class MarginModel(Model):
    """A venue of the model that refuses what cannot be paid for."""

    margining: dict[Key, Margining] = field(default_factory=dict)
    refused_by: str = ""
    sides: dict[tuple[int, int, bool], Side] = field(default_factory=dict)
    rates: dict[int, int] = field(default_factory=dict)
    """Funding rate of the period under way, ppb."""
    backed: dict[int, Backed] = field(default_factory=dict)
    """Instruments that are not margined by rates of cost."""

    def mode(self, account: int, instrument: int) -> Margining:
        return self.margining.setdefault((account, instrument), Margining())

    def initial(self, terms: Terms, mode: Margining, value: int) -> int:
        by_rate = ceil(value * (terms.initial + mode.steps * terms.maintenance))
        return max(by_rate, ceil(Fraction(value * 100, mode.leverage_centi))) if self.chosen(mode) else by_rate

    def limit(self, instrument: int, steps: int) -> int:
        """The risk limit so many steps above the base (MRG-09)."""
        terms = self.terms[instrument]
        return terms.risk_limit + steps * terms.risk_step

    def chosen(self, mode: Margining) -> bool:
        return mode.isolated and mode.leverage_centi > 0

    def exit_fee(self, terms: Terms, value: int, initial: int) -> int:
        return ceil((value + initial) * terms.taker)

    def closing_fee(self, terms: Terms, position: Position, initial: int) -> int:
        """MRG-03: nothing for an inverse short that cannot be liquidated."""
        size = abs(position.cost)
        return 0 if self.safe(terms, position, initial) else self.exit_fee(terms, size, initial)

    def safe(self, terms: Terms, position: Position, initial: int) -> bool:
        """An inverse short can lose no more than its value, so at 1x it is never liquidated."""
        return terms.inverse and position.quantity < 0 and initial >= abs(position.cost)

    def mark_lot(self, instrument: int) -> int:
        """What a lot is worth at the mark."""
        return abs(self.worth(instrument, self.terms[instrument].lot))

    def maintenance(self, instrument: int, mode: Margining, position: Position) -> int:
        """MRG-10, OPT-03."""
        terms, size = self.terms[instrument], abs(position.cost)
        if instrument in self.backed:
            held = position.quantity, position.cost, self.mark_lot(instrument)
            return backing_model.position_kept(terms, self.backed[instrument], mode.steps, *held)
        initial = self.initial(terms, mode, size)
        if self.safe(terms, position, initial):
            return 0
        rate = self.rates.get(instrument, 0) * (1 if position.quantity > 0 else -1)
        share = terms.maintenance * (1 + mode.steps) + Fraction(max(0, rate), 10**9)
        return ceil(size * share) + self.closing_fee(terms, position, initial)

    def own_margin(self, instrument: int, mode: Margining, position: Position) -> int:
        """What backs an isolated position (MRG-03), or one that is not margined by rates (OPT-03, COL-01)."""
        terms = self.terms[instrument]
        if instrument in self.backed:
            backed, held = self.backed[instrument], (position.quantity, position.cost, self.mark_lot(instrument))
            initial = backing_model.position_initial(terms, backed, mode.steps, *held)
            return initial + backing_model.position_closing(terms, backed, position.quantity) + mode.own
        initial = self.initial(terms, mode, abs(position.cost))
        return initial + self.closing_fee(terms, position, initial) + mode.own

    def order_cost(self, terms: Terms, mode: Margining, value: int) -> int:
        initial = self.initial(terms, mode, value)
        return initial + half_up(value * terms.taker) + self.exit_fee(terms, value, initial)

    def loss_at_mark(self, instrument: int, position: Position) -> int:
        return max(0, position.cost - self.worth(instrument, position.quantity))

    def worth(self, instrument: int, quantity: int) -> int:
        """Signed value at the mark."""
        if not quantity:
            return 0
        terms = self.terms[instrument]
        lot = Fraction(terms.lot * terms.multiplier)
        price = Fraction(self.marks[instrument], terms.subticks) * terms.tick
        value = half_up(lot / price if terms.inverse else lot * price) * (quantity // terms.lot)
        return -value if terms.inverse else value

    def side(self, account: int, instrument: int, buys: bool) -> Side:
        return self.sides.setdefault((account, instrument, buys), Side())

    def premium(self, order: Order, leaves: int) -> int:
        """MRG-08: what the price is through the mark."""
        terms = self.terms[order.instrument]
        at_mark = abs(self.worth(order.instrument, leaves))
        at_limit = terms.value(leaves, order.ticks)
        dearer = at_limit - at_mark
        return min(128 * at_limit, max(0, dearer if order.buys != terms.inverse else -dearer))

    def cost_to_rest(self, order: Order, leaves: int) -> int:
        terms, mode = self.terms[order.instrument], self.mode(order.account, order.instrument)
        backed = self.backed.get(order.instrument)
        if backed is not None:
            lots = terms.value(terms.lot, order.ticks), self.mark_lot(order.instrument)
            return backing_model.order_needs(terms, backed, mode.steps, order.buys, leaves, *lots)
        return self.premium(order, leaves) + self.order_cost(terms, mode, terms.value(leaves, order.ticks))

    def dearest(self, order: Order, margin: int, leaves: int) -> int:
        return ceil(Fraction(margin * self.terms[order.instrument].lot, leaves)) if leaves else 0

    def reserve(self, order: Order) -> None:
        side = self.side(order.account, order.instrument, order.buys)
        order.premium = self.premium(order, order.leaves)
        side.premium += order.premium
        if order.reduce_only:
            side.reducing += order.leaves
            return
        order.margin = self.cost_to_rest(order, order.leaves)
        side.quantity += order.leaves
        side.margin += order.margin
        side.dearest = max(side.dearest, self.dearest(order, order.margin, order.leaves))

    def release(self, order: Order) -> None:
        side = self.side(order.account, order.instrument, order.buys)
        side.premium -= order.premium
        order.premium = 0
        if order.reduce_only:
            side.reducing -= order.leaves
            return
        side.quantity -= order.leaves
        side.margin -= order.margin
        order.margin = 0
        if not side.quantity:
            side.dearest = 0

    def of_orders(self, terms: Terms, held: int, buys: Side, sells: Side, backed: bool = False) -> int:
        """MRG-02; COL-02 where margin is not by rates."""
        buying = buys.quantity - min(buys.quantity, max(0, -held - buys.reducing))
        selling = sells.quantity - min(sells.quantity, max(0, held - sells.reducing))

        def share(side: Side, part: int) -> int:
            if part <= 0:
                return 0
            return side.margin if part == side.quantity else min(side.margin, part // terms.lot * side.dearest)

        if backed:
            return max(share(buys, buying), share(sells, selling))
        reducing = sells.premium if held > 0 else buys.premium if held < 0 else 0
        return max(
            reducing,
            share(buys, buying) + share(sells, selling - buying),
            share(sells, selling) + share(buys, buying - selling),
        )

    def held_back(self, instrument: int, mode: Margining, position: Position) -> int:
        """What a position takes, its orders left out."""
        margin = self.own_margin(instrument, mode, position)
        if instrument in self.backed and backing_model.paid_up(self.backed[instrument], position.quantity):
            return margin
        loss = self.loss_at_mark(instrument, position)
        return max(margin, loss) if mode.isolated else margin + loss

    def required(self, account: int, instrument: int) -> int:
        """What a position and its orders take from the available balance."""
        position = self.position(account, instrument)
        sides = (self.side(account, instrument, True), self.side(account, instrument, False))
        orders = self.of_orders(self.terms[instrument], position.quantity, *sides, instrument in self.backed)
        return self.held_back(instrument, self.mode(account, instrument), position) + orders

    def open_orders(self, account: int, instrument: int) -> list[Order]:
        books = (self.book(instrument, True), self.book(instrument, False))
        return [order for book in books for order in book if order.account == account]

    def available(self, account: int, currency: int) -> int:
        """MRG-06."""
        listed = [number for number, terms in self.terms.items() if terms.currency == currency]
        wallet = self.wallets.get((account, currency), 0)
        return wallet - sum(self.required(account, number) for number in listed)

    def levels_met(self, order: Order) -> dict[int, int]:
        """The levels of the book as they stand, the best first, what may shrink left out."""
        levels: dict[int, int] = {}
        passes = self.self_trade_of(order) == SelfTrade.EXPIRE_MAKER
        for other in [] if self.collecting(order.instrument) else self.book(order.instrument, not order.buys):
            counts = not self.may_shrink(other) and not (passes and self.meets_itself(order, other))
            levels[other.ticks] = levels.get(other.ticks, 0) + (other.leaves if counts else 0)
        return levels

    def weigh(
        self, order: Order, rests: bool, instead_of: Order | None = None, levels: dict[int, int] | None = None
    ) -> Weighed:
        """The order against levels, those of the book if no others are given, then what would rest."""
        terms, left = self.terms[order.instrument], order.leaves
        held = self.position(order.account, order.instrument)
        after = Position(held.quantity, held.cost, held.lifetime)
        mode = self.mode(order.account, order.instrument)
        closing = min(left, abs(held.quantity)) if held.quantity * (1 if order.buys else -1) < 0 else 0
        filled = closed = value = closed_value = 0
        for ticks, there in (self.levels_met(order) if levels is None else levels).items():
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
        emptied = closed and closed == abs(held.quantity)
        new_mode = replace(mode, loss=0, moved=0 if emptied else mode.moved)
        new_mode.loss = self.loss_after(mode, fee, abs(held.quantity), closed, filled)
        sides, risk = self.sides_with(order, left if rests else 0, instead_of)
        before = self.available(order.account, terms.currency)
        rest = before + self.required(order.account, order.instrument)
        needed = self.held_back(order.instrument, new_mode, after)
        needed += self.of_orders(terms, after.quantity, sides[True], sides[False])
        risk += abs(self.worth(order.instrument, after.quantity))
        orders = self.of_orders(terms, after.quantity, sides[True], sides[False])
        doomed = self.ends_badly(order, left if rests else 0, after, new_mode, orders, realised - fee)
        bankrupt = self.bankrupts(order, after, realised - fee)
        return Weighed(before, rest + realised - fee - needed, risk, doomed, bankrupt)

    def bankrupts(self, order: Order, after: Position, got: int) -> bool:
        """MRG-11, in the model of liquidation: whether what trades at once leaves less than nothing."""
        return False

    def slack_together(self, account: int, currency: int) -> tuple[int, bool]:
        """In the model of liquidation: by how much the cross positions pass, and whether there are any."""
        return 0, False

    def ends_badly(self, order: Order, left: int, after: Position, mode: Margining, orders: int, got: int) -> bool:
        """MRG-11, in the model of liquidation: whether what comes of an order would be liquidated at once."""
        return False

    def sides_with(self, order: Order, left: int, instead_of: Order | None) -> tuple[dict[bool, Side], int]:
        """Both sides' sums as they would be with what would rest, and the value of the orders."""
        sides = {buys: replace(self.side(order.account, order.instrument, buys)) for buys in (True, False)}
        own = sides[order.buys]
        terms = self.terms[order.instrument]
        others = [o for o in self.open_orders(order.account, order.instrument) if o is not instead_of]
        risk = sum(terms.value(o.leaves, o.ticks) for o in others if not o.reduce_only)
        own.premium += self.premium(order, left) - (instead_of.premium if instead_of else 0)
        if order.reduce_only:
            own.reducing += left - (instead_of.leaves if instead_of else 0)
            return sides, risk
        if instead_of:
            own.quantity -= instead_of.leaves
            own.margin -= instead_of.margin
        margin = self.cost_to_rest(order, left)
        own.quantity += left
        own.margin += margin
        own.dearest = max(own.dearest, self.dearest(order, margin, left))
        return sides, risk + terms.value(left, order.ticks)

    def loss_after(self, mode: Margining, fee: int, held: int, closing: int, traded: int) -> int:
        """MRG-03: fees paid out of an isolated position's margin after a fill; less than nothing if funding was got."""
        if not mode.isolated:
            return mode.loss
        kept = int(Fraction(mode.loss * (held - closing), held)) if closing < held else 0
        return kept + (half_up(Fraction(fee * (traded - closing), traded)) if traded > closing else 0)

    def only_reduces(self, order: Order, instead_of: Order | None = None) -> bool:
        if order.reduce_only:
            return True
        resting = [
            o.leaves
            for o in self.open_orders(order.account, order.instrument)
            if o.buys == order.buys and not o.reduce_only and o is not instead_of
        ]
        return order.leaves + sum(resting) <= self.reducible(order)

    def refusal(self, order: Order, rests: bool, instead_of: Order | None = None) -> str:
        """Why the order cannot be taken, or nothing."""
        if not order.leaves:
            return ""
        weighed = self.weigh(order, rests, instead_of)
        if weighed.available < 0 and weighed.available < weighed.before:
            return "BALANCE_INSUFFICIENT"
        if weighed.bankrupt or (weighed.doomed and not self.only_reduces(order, instead_of)):
            return "LIQUIDATION_IMMEDIATE"
        limit = self.limit(order.instrument, self.mode(order.account, order.instrument).steps)
        too_risky = weighed.risk > limit and not self.only_reduces(order, instead_of)
        return "RISK_LIMIT_EXCEEDED" if too_risky else ""

    def book_side(self, order: Order, quantity: int, ticks: int, fee: int) -> None:
        position = self.position(order.account, order.instrument)
        held, mode = position.quantity, self.mode(order.account, order.instrument)
        closing = min(quantity, abs(held)) if held * (1 if order.buys else -1) < 0 else 0
        mode.loss = self.loss_after(mode, fee, abs(held), closing, quantity)
        if closing and closing == abs(held):
            mode.moved = 0
        super().book_side(order, quantity, ticks, fee)

    def set_margining(self, account: int, instrument: int, leverage_centi: int, isolated: bool, steps: int) -> bool:
        """Change how a position is margined, if the balance covers it (MRG-04, MRG-09)."""
        currency = self.terms[instrument].currency
        mode, before = self.mode(account, instrument), self.available(account, currency)
        slack, _ = self.slack_together(account, currency)
        was, orders = replace(mode), self.open_orders(account, instrument)
        margins = [(order.margin, order.premium) for order in orders]
        sides = {buys: replace(self.side(account, instrument, buys)) for buys in (True, False)}
        if isolated != mode.isolated:
            mode.loss = mode.moved = 0
        mode.leverage_centi, mode.isolated, mode.steps = leverage_centi, isolated, steps
        self.reserve_again(account, instrument)
        after = self.available(account, currency)
        doomed = isolated and self.doomed(instrument, mode, self.position(account, instrument))
        left, together = self.slack_together(account, currency)
        doomed = doomed or (together and left <= 0 and left < slack)
        if (after < 0 and after < before) or doomed:
            self.refused_by = "BALANCE_INSUFFICIENT" if after < 0 and after < before else "LIQUIDATION_IMMEDIATE"
            self.margining[account, instrument] = was
            for order, (margin, premium) in zip(orders, margins, strict=True):
                order.margin, order.premium = margin, premium
            self.sides.update({(account, instrument, buys): side for buys, side in sides.items()})
            return False
        return True

    def doomed(self, instrument: int, mode: Margining, position: Position) -> bool:
        """MRG-04: whether the position would be liquidated at once."""
        gain = self.worth(instrument, position.quantity) - position.cost
        equity = self.own_margin(instrument, mode, position) + gain
        return position.quantity != 0 and equity <= self.maintenance(instrument, mode, position)

    def reserve_again(self, account: int, instrument: int) -> None:
        """All resting orders anew, the newest first."""
        for order in sorted(self.open_orders(account, instrument), key=lambda one: -one.number):
            self.release(order)
            self.reserve(order)
