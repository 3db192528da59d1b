"""The plain model of takeovers, the insurance fund and deleveraging (LIQ-06 to LIQ-08, INS-01, ADL-01 to ADL-03).

The engine says which takeover it works at and what it did there; the model does the same with its own numbers and
asserts that it was allowed and the right thing: the best level, an affordable quantity, the first of the ranking.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor

from outcry.protocol import layout
from outcry.protocol.layout import Role
from tests.laws.funding_model import FundingModel
from tests.laws.model import Order, Position, half_up
from tests.laws.risk_model import Share, Subject


@dataclass
class Takeover:
    """A position that was taken over; `cost` is what is left of its bankruptcy value."""

    number: int
    victim: int
    instrument: int
    quantity: int
    cost: int
    order: Order


@dataclass
class TakeoverModel(FundingModel):
    """A venue of the model that closes what it took over."""

    next_order: int = 1
    takeovers: dict[int, Takeover] = field(default_factory=dict)
    takeovers_made: int = 0
    moved_to_fund: list[tuple[int, int]] = field(default_factory=list)
    """Currency and amount of every change of the fund by takeovers."""

    def take_over(self, subject: Subject, instrument: int, share: Share) -> Takeover:
        """LIQ-05: the owner is out at the bankruptcy value, and the role holds it."""
        account, currency = subject.account, subject.currency
        held, mode = self.position(account, instrument), self.mode(account, instrument)
        self.pay_into(account, currency, share.bankrupt - held.cost - share.reserve)
        self.pay_into(Role.TAKEOVER, currency, share.reserve)
        self.takeovers_made += 1
        number, quantity = self.takeovers_made, held.quantity
        ticks = self.takeover_limit(instrument, quantity, share.bankrupt)
        order = Order(self.next_order, Role.TAKEOVER, instrument, quantity < 0, abs(quantity), abs(quantity), ticks)
        order.takeover = number
        self.next_order += 1
        taken = Takeover(number, account, instrument, quantity, share.bankrupt, order)
        self.takeovers[number] = taken
        role = self.position(Role.TAKEOVER, instrument)
        role.quantity += quantity
        role.cost += share.bankrupt
        role.lifetime += share.bankrupt
        held.lifetime -= share.bankrupt
        held.quantity = held.cost = 0
        mode.loss = mode.moved = 0
        return taken

    def pay_into(self, account: int, currency: int, amount: int) -> None:
        self.wallets[account, currency] = self.wallets.get((account, currency), 0) + amount

    def takeover_limit(self, instrument: int, quantity: int, bankrupt: int) -> int:
        """LIQ-06: the price of the bankruptcy value, to the tick in the takeover's favour."""
        price = self.price_of(instrument, quantity, bankrupt)
        terms = self.terms[instrument]
        if price is None:
            return terms.price_ticks_max if quantity < 0 else 1
        ticks = ceil(price) if quantity > 0 else floor(price)
        return max(1, min(terms.price_ticks_max, ticks))

    def price_of(self, instrument: int, quantity: int, signed_value: int) -> Fraction | None:
        """The price, in ticks, at which a quantity has a signed value; none if there is none above zero."""
        terms = self.terms[instrument]
        size = abs(quantity) * terms.multiplier
        worth = signed_value if (quantity > 0) != terms.inverse else -signed_value
        if worth <= 0:
            return None
        return (Fraction(size, worth) if terms.inverse else Fraction(worth, size)) / terms.tick

    # Fills of takeovers.

    def meets_itself(self, order: Order, other: Order) -> bool:
        return not order.takeover and super().meets_itself(order, other)

    def book_side(self, order: Order, quantity: int, ticks: int, fee: int) -> None:
        if not order.takeover:
            super().book_side(order, quantity, ticks, fee)
            return
        terms, taken = self.terms[order.instrument], self.takeovers[order.takeover]
        sign = 1 if order.buys != terms.inverse else -1
        paid = sign * terms.value(quantity, ticks)
        part = self.part_of(taken, quantity)
        self.reduce_takeover(taken, quantity, part, paid)
        self.pay_into(Role.TAKEOVER, terms.currency, -(part + paid) - fee)
        self.square(terms.currency)

    def part_of(self, taken: Takeover, quantity: int) -> int:
        """The cost of part of a takeover; the last takes the rest."""
        return half_up(Fraction(taken.cost * quantity, abs(taken.quantity)))

    def reduce_takeover(self, taken: Takeover, quantity: int, part: int, paid: int) -> None:
        """Its rest, and what the role holds of the instrument."""
        signed = quantity if taken.quantity > 0 else -quantity
        role = self.position(Role.TAKEOVER, taken.instrument)
        for one in (taken, role):
            one.quantity -= signed
            one.cost -= part
        role.lifetime += paid
        if not taken.quantity:
            del self.takeovers[taken.number]

    def square(self, currency: int) -> None:
        """INS-01: what a takeover brought goes to the fund; what it lost comes from there as far as there is any."""
        held, fund = self.wallets.get((Role.TAKEOVER, currency), 0), self.wallets.get((Role.INSURANCE, currency), 0)
        amount = held if held > 0 else -min(max(0, fund), -held)
        if amount:
            self.pay_into(Role.TAKEOVER, currency, -amount)
            self.pay_into(Role.INSURANCE, currency, amount)
            self.moved_to_fund.append((currency, amount))

    # Deleveraging.

    def candidates(self, taken: Takeover) -> dict[int, Fraction]:
        """ADL-01: who is eligible, with his score."""
        scores = {}
        for (account, number), held in self.positions.items():
            if number == taken.instrument and account >= layout.ROLES and held.quantity * taken.quantity < 0:
                score = self.score(account, number, held)
                if score is not None and not self.stand(self.subject_of(account, number)).fails:
                    scores[account] = score
        return scores

    def score(self, account: int, instrument: int, held: Position) -> Fraction | None:
        """Profit and leverage, signed values; none without a cost."""
        worth = self.worth(instrument, held.quantity)
        if not held.cost:
            return None
        profit = Fraction(worth - held.cost, abs(held.cost))
        bankrupt = self.share(self.subject_of(account, instrument), instrument).bankrupt
        leverage = Fraction(abs(worth), worth - bankrupt) if worth != bankrupt else Fraction(10**12)
        return profit * leverage if profit > 0 else profit / leverage

    def deleverage(self, taken: Takeover, account: int, quantity: int) -> int:
        """ADL-02: at the takeover's own cost share, without a fee, the owner's orders gone; the value."""
        number = taken.instrument
        for order in self.open_orders(account, number):
            self.cancel(order.number)
        held, mode = self.position(account, number), self.mode(account, number)
        part, size = self.part_of(taken, quantity), abs(held.quantity)
        closed = half_up(Fraction(held.cost * quantity, size))
        mode.loss = self.loss_after(mode, 0, size, quantity, quantity)
        held.cost -= closed
        held.lifetime += part
        held.quantity += quantity if held.quantity < 0 else -quantity
        if not held.quantity:
            mode.moved = 0
        self.pay_into(account, self.terms[number].currency, -(closed + part))
        self.reduce_takeover(taken, quantity, part, -part)
        return part
