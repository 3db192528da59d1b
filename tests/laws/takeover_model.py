"""The plain model of takeovers, the insurance fund and deleveraging (LIQ-06 to LIQ-08, INS-01, ADL-01 to ADL-03).

The engine says which takeover it works at and what it did there; the model does the same with its own numbers and
asserts that it was allowed and the right thing: the best level, an affordable quantity, the first of the ranking.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor

from outcry.protocol import layout
from outcry.protocol.layout import DeleveragePolicy, Role
from tests.laws.model import Key, Order, half_up
from tests.laws.risk_model import Share, Subject
from tests.laws.tier_model import TierModel


@dataclass
class Takeover:
    """A position that was taken over; `cost` is what is left of its bankruptcy value, `ticks` 0 if it has no price."""

    number: int
    victim: int
    instrument: int
    quantity: int
    cost: int
    ticks: int
    order: Order | None = None


@dataclass
class Round:
    """A ranking for deleveraging: who is eligible, in the order of the policy, with what was ranked of him."""

    need: int
    order: list[int]
    scores: dict[int, int]
    quantities: dict[int, int]
    ages: dict[int, int]
    gone: int = 0
    taken: dict[int, int] = field(default_factory=dict)

    def before(self, account: int, by_age: bool) -> int:
        """Contracts of those who come before somebody by age, or by score."""
        if by_age:
            return sum(q for other, q in self.quantities.items() if self.ages[other] < self.ages[account])
        key = (-self.scores[account], self.ages[account])
        return sum(q for other, q in self.quantities.items() if (-self.scores[other], self.ages[other]) < key)


@dataclass
class TakeoverModel(TierModel):
    """A venue of the model that closes what it took over."""

    next_order: int = 1
    takeovers: dict[int, Takeover] = field(default_factory=dict)
    takeovers_made: int = 0
    ages: dict[Key, int] = field(default_factory=dict)
    """By account and instrument: which position row was made first."""
    rounds: dict[tuple[int, bool], Round] = field(default_factory=dict)
    """By instrument and whether those who are ranked would buy."""

    def take_over(self, subject: Subject, instrument: int, share: Share) -> Takeover:
        """LIQ-05: the owner is out at the bankruptcy value, and the role holds it."""
        account, currency = subject.account, subject.currency
        held, mode = self.position(account, instrument), self.mode(account, instrument)
        self.pay_into(account, currency, share.bankrupt - held.cost - share.reserve)
        self.pay_into(Role.TAKEOVER, currency, share.reserve)
        self.takeovers_made += 1
        number, quantity = self.takeovers_made, held.quantity
        taken = Takeover(number, account, instrument, quantity, share.bankrupt, 0)
        taken.ticks = self.takeover_limit(instrument, quantity, share.bankrupt)
        self.next_order += 1
        self.takeovers[number] = taken
        role = self.position(Role.TAKEOVER, instrument)
        role.quantity += quantity
        role.cost += share.bankrupt
        role.lifetime += share.bankrupt
        held.lifetime -= share.bankrupt
        held.quantity = held.cost = 0
        mode.loss = mode.moved = 0
        self.square(currency)
        self.fit(account, instrument)
        return taken

    def pay_into(self, account: int, currency: int, amount: int) -> None:
        self.wallets[account, currency] = self.wallets.get((account, currency), 0) + amount

    def takeover_limit(self, instrument: int, quantity: int, bankrupt: int) -> int:
        """LIQ-06: the price of the bankruptcy value, to the tick in the takeover's favour."""
        price = self.price_of(instrument, quantity, bankrupt)
        ticks = 0 if price is None else ceil(price) if quantity > 0 else floor(price)
        return ticks if ticks <= self.terms[instrument].price_ticks_max else 0

    def price_of(self, instrument: int, quantity: int, signed_value: int) -> Fraction | None:
        """The price, in ticks, at which a quantity has a signed value; none if there is none above zero."""
        terms = self.terms[instrument]
        size = abs(quantity) * terms.multiplier
        worth = signed_value if (quantity > 0) != terms.inverse else -signed_value
        if worth <= 0:
            return None
        return (Fraction(size, worth) if terms.inverse else Fraction(worth, size)) / terms.tick

    # Fills of takeovers.

    def reserve(self, order: Order) -> None:
        """An order of a takeover closes what is there; nobody has to back it."""
        if not order.takeover:
            super().reserve(order)

    def release(self, order: Order) -> None:
        if not order.takeover:
            super().release(order)

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

    def is_past(self, taken: Takeover) -> bool:
        """LIQ-07: closing at the mark would lose."""
        return self.worth(taken.instrument, taken.quantity) < taken.cost

    def mark_before(self, number: int) -> int:
        """In the model of prices: the mark, or that of the last minute."""
        return self.marks[number]

    def level_to_take(self, taken: Takeover) -> tuple[int, int]:
        """LIQ-07: the best price if it is within the band of the mark, and the lots the fund can pay for there."""
        number, terms, buys = taken.instrument, self.terms[taken.instrument], taken.quantity < 0
        ticks, marks = self.best(taken.instrument, not buys), (self.marks[number], self.mark_before(number))
        mark = Fraction(min(marks) if buys else max(marks), terms.subticks)
        within = ticks <= ceil(mark) * Fraction(105, 100) if buys else ticks >= floor(mark) * Fraction(95, 100)
        if not ticks or not within:
            return 0, 0
        there = sum(order.leaves for order in self.book(taken.instrument, not buys) if order.ticks == ticks)
        lots, lot = abs(taken.quantity) // terms.lot, terms.value(terms.lot, ticks)
        fee = ceil(lot * terms.taker)
        loss = ceil(Fraction(taken.cost, lots)) + (lot if buys != terms.inverse else -lot) + fee
        most = min(lots, there // terms.lot)
        fund = max(0, self.wallets.get((Role.INSURANCE, terms.currency), 0))
        return ticks, most if loss <= 0 else min(most, fund // loss)

    # Deleveraging.

    def eligible(self, account: int, taken_long: bool, number: int) -> bool:
        """ADL-01: of the other side, somebody's, and not to be liquidated himself."""
        held = self.position(account, number)
        other_side = held.quantity < 0 if taken_long else held.quantity > 0
        return account >= layout.ROLES and other_side and not self.stand(self.subject_of(account, number)).fails

    def rank(self, number: int, taken_long: bool, need: int) -> Round:
        """Who is eligible now, in the order of the instrument's policy."""
        owners = [account for account, instrument in self.positions if instrument == number]
        found = [account for account in owners if self.eligible(account, taken_long, number)]
        scores = {account: self.score(account, number) for account in found}
        quantities = {account: abs(self.position(account, number).quantity) for account in found}
        ages = {account: self.ages[account, number] for account in found}
        by_age = self.terms[number].deleverage_policy in (DeleveragePolicy.QUEUE, DeleveragePolicy.PRO_RATA)
        order = sorted(found, key=lambda account: (0 if by_age else -scores[account], ages[account]))
        self.rounds[number, taken_long] = Round(need, order, scores, quantities, ages)
        return self.rounds[number, taken_long]

    def score(self, account: int, number: int) -> int:
        """ADL-01: profit in ppb and leverage in ppm of signed values, each cut off."""
        held = self.position(account, number)
        worth, gain = self.worth(number, held.quantity), self.gain(number, held)
        cushion = worth - self.share(self.subject_of(account, number), number).bankrupt
        leverage = max(1, abs(worth) * layout.PPM // cushion) if cushion > 0 else layout.TOTAL_BOUND
        profit = abs(gain) * layout.PPB // max(1, abs(held.cost))
        if gain >= 0 and profit > 0:
            return min(layout.TOTAL_BOUND, profit * leverage // layout.PPM)
        return -min(layout.TOTAL_BOUND, profit * layout.PPM // leverage)

    def bears(self, taken: Takeover, account: int, quantity: int) -> bool:
        """ADL-01: closing so much at the takeover's price leaves something of what stands behind the position."""
        number, held = taken.instrument, self.position(account, taken.instrument)
        at_mark = self.worth(number, quantity if held.quantity > 0 else -quantity)
        equity = self.stand(self.subject_of(account, number)).equity
        return equity - self.part_of(taken, quantity) - at_mark >= 0

    def quantity_to_take(self, taken: Takeover, ranking: Round, account: int) -> int:
        """ADL-03: what the policy takes of somebody for this takeover."""
        terms, held = self.terms[taken.instrument], abs(self.position(account, taken.instrument).quantity)
        most = min(held, abs(taken.quantity))
        if terms.deleverage_policy != DeleveragePolicy.PRO_RATA:
            return most
        return min(most, max(0, self.in_proportion(ranking, account, terms.lot) - ranking.taken.get(account, 0)))

    def in_proportion(self, ranking: Round, account: int, lot: int) -> int:
        total, own = sum(ranking.quantities.values()), ranking.quantities[account]
        if ranking.need >= total:
            return own
        return min(own, ceil(Fraction(own * ranking.need, total * lot)) * lot)

    def deleverage(self, taken: Takeover, account: int, quantity: int) -> int:
        """ADL-02: at the takeover's own cost share, without a fee; the value."""
        number = taken.instrument
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
        self.fit(account, number)
        return part
