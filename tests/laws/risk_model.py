"""The plain model of liquidation: who fails the test, by how much, and what the ladder does next (LIQ-01 to LIQ-05).

Everybody is tested whenever it is asked, with fractions and no bands.  A *subject* is what is weighed together: an
isolated position, or all cross positions of an account in one currency.  The model says what the next step of a
subject is and does it; whose turn it is the engine says (its queue is an order, not a law).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import ceil
from typing import NamedTuple

from outcry.protocol.layout import InstrumentState, VenueState
from tests.laws.margin_model import Margining, MarginModel
from tests.laws.model import Order, Position, half_up


class Subject(NamedTuple):
    """An isolated position (instrument), or the cross positions of a currency (instrument 0)."""

    account: int
    currency: int
    instrument: int = 0


class Stand(NamedTuple):
    """What the test compares (LIQ-01)."""

    equity: int
    maintenance: int
    orders: int
    positions: int

    @property
    def missing(self) -> int:
        """The smallest amount with which it would have passed."""
        return self.maintenance + self.orders - self.equity + 1

    @property
    def fails(self) -> bool:
        return self.positions > 0 and self.equity - self.orders <= self.maintenance


class Share(NamedTuple):
    """At what a position is taken over (LIQ-05)."""

    bankrupt: int
    reserve: int


@dataclass
class RiskModel(MarginModel):
    """A venue of the model that liquidates."""

    instrument_states: dict[int, int] = field(default_factory=dict)
    cancel_only: bool = False
    venue_state: int = VenueState.VENUE_OPEN
    distressed: set[int] = field(default_factory=set)
    """Accounts for which something has been done and that have not passed the test since."""

    def gain(self, instrument: int, position: Position) -> int:
        """Unrealised profit, signed."""
        return self.worth(instrument, position.quantity) - position.cost

    def held_by(self, account: int, currency: int) -> Iterator[tuple[int, Position]]:
        """Open positions of an account in a currency."""
        for number, terms in self.terms.items():
            position = self.positions.get((account, number))
            if terms.currency == currency and position is not None and position.quantity:
                yield number, position

    def subject_of(self, account: int, instrument: int) -> Subject:
        currency = self.terms[instrument].currency
        return Subject(account, currency, instrument if self.mode(account, instrument).isolated else 0)

    def members(self, subject: Subject) -> list[int]:
        """Instruments of the positions that are weighed together."""
        if subject.instrument:
            return [subject.instrument]
        held = self.held_by(subject.account, subject.currency)
        return [number for number, _ in held if not self.mode(subject.account, number).isolated]

    def subjects(self, account: int) -> Iterator[Subject]:
        """All that an account has."""
        for currency in {terms.currency for terms in self.terms.values()}:
            for number, _ in self.held_by(account, currency):
                if self.mode(account, number).isolated:
                    yield Subject(account, currency, number)
            if self.members(Subject(account, currency)):
                yield Subject(account, currency)

    def order_margins(self, account: int, currency: int) -> int:
        """Of all instruments of a currency."""
        total = 0
        for number, terms in self.terms.items():
            if terms.currency == currency:
                sides = (self.side(account, number, True), self.side(account, number, False))
                total += self.of_orders(terms, self.position(account, number).quantity, *sides)
        return total

    def stand(self, subject: Subject) -> Stand:
        """LIQ-01."""
        account, number = subject.account, subject.instrument
        if number:
            held, mode = self.position(account, number), self.mode(account, number)
            equity = self.own_margin(number, mode, held) + self.gain(number, held)
            return Stand(equity, self.maintenance(number, mode, held), 0, int(held.quantity != 0))
        equity = self.wallets.get((account, subject.currency), 0)
        maintenance = positions = 0
        for instrument, held in self.held_by(account, subject.currency):
            mode = self.mode(account, instrument)
            if mode.isolated:
                equity -= max(0, self.own_margin(instrument, mode, held))
                continue
            equity += self.gain(instrument, held)
            maintenance += self.maintenance(instrument, mode, held)
            positions += 1
        orders = self.order_margins(account, subject.currency)
        return Stand(equity, maintenance, orders, positions)

    def failing(self, account: int) -> list[Subject]:
        """Of one account, those that can be liquidated now: nothing is while venue or instrument stand still."""
        found = [subject for subject in self.subjects(account) if self.stand(subject).fails]
        return [one for one in found if self.liquidates(one)] if self.trades else []

    @property
    def trades(self) -> bool:
        """Everybody can at least close what he has (CMD-04, CMD-12)."""
        return not self.cancel_only and self.venue_state in (VenueState.VENUE_OPEN, VenueState.VENUE_REDUCING)

    def tradable(self, instrument: int) -> bool:
        """Nothing is liquidated where nobody can trade."""
        state = self.instrument_states.get(instrument)
        return state in (InstrumentState.INSTRUMENT_OPEN, InstrumentState.INSTRUMENT_REDUCING)

    def liquidates(self, subject: Subject) -> bool:
        return any(self.tradable(number) for number in self.members(subject))

    def ends_badly(self, order: Order, left: int, after: Position, mode: Margining, orders: int, got: int) -> bool:
        """MRG-11: with what trades at once; an isolated position also with the rest at its limit."""
        account, number = order.account, order.instrument
        if mode.isolated:
            slack = self.slack_alone(number, after, mode, self.gain(number, after))
            return slack <= 0 or (left > 0 and self.slack_with_rest(order, left, after, mode) <= 0)
        if not after.quantity:
            return False
        currency, held = self.terms[number].currency, self.position(account, number)
        sides = (self.side(account, number, True), self.side(account, number, False))
        now = self.stand(Subject(account, currency))
        equity = now.equity + got + self.gain(number, after)
        maintenance = now.maintenance + self.maintenance(number, mode, after)
        if held.quantity:
            equity -= self.gain(number, held)
            maintenance -= self.maintenance(number, mode, held)
        orders += now.orders - self.of_orders(self.terms[number], held.quantity, *sides)
        return equity - orders <= maintenance

    def bankrupts(self, order: Order, after: Position, got: int) -> bool:
        """MRG-11: whether what trades at once leaves cross equity below zero and lower than before."""
        account, number = order.account, order.instrument
        if self.mode(account, number).isolated:
            return False
        gained = got + self.gain(number, after) - self.gain(number, self.position(account, number))
        return gained < 0 and self.stand(Subject(account, self.terms[number].currency)).equity + gained < 0

    def slack_together(self, account: int, currency: int) -> tuple[int, bool]:
        """By how much the cross positions of a currency pass, and whether there are any."""
        now = self.stand(Subject(account, currency))
        return now.equity - now.orders - now.maintenance, now.positions > 0

    def slack_alone(self, instrument: int, held: Position, mode: Margining, gain: int) -> int:
        """By how much an isolated position passes; 1 without one."""
        if not held.quantity:
            return 1
        return self.own_margin(instrument, mode, held) + gain - self.maintenance(instrument, mode, held)

    def slack_with_rest(self, order: Order, left: int, after: Position, mode: Margining) -> int:
        """The same once what rests has traded at its limit, as the maker: what the price is through the mark is lost,
        and a better price is no profit, because the mark will have come there."""
        terms, number = self.terms[order.instrument], order.instrument
        against = after.quantity * (1 if order.buys else -1) < 0
        opening = max(0, left - abs(after.quantity)) if against else left
        position, modes = (Position(), replace(mode, loss=0, moved=0)) if against else (replace(after), replace(mode))
        gain = 0 if against else self.gain(number, after)
        value = terms.value(opening, order.ticks)
        position.quantity += opening if order.buys else -opening
        position.cost += value if order.buys != terms.inverse else -value
        modes.loss += half_up(value * terms.maker)
        return self.slack_alone(number, position, modes, gain - self.premium(order, opening))

    # The ladder.

    def risk_value(self, account: int, instrument: int) -> int:
        """Value of the position at the mark and of its open orders (MRG-05)."""
        terms = self.terms[instrument]
        orders = [one for one in self.open_orders(account, instrument) if not one.reduce_only]
        worth = abs(self.worth(instrument, self.position(account, instrument).quantity))
        return worth + sum(terms.value(one.leaves, one.ticks) for one in orders)

    def lowest_steps(self, account: int, instrument: int) -> int:
        """LIQ-02: how far the risk limit can come down; never up."""
        steps = self.mode(account, instrument).steps
        while steps and self.limit(instrument, steps - 1) >= self.risk_value(account, instrument):
            steps -= 1
        return steps

    def orders_to_cancel(self, subject: Subject) -> list[Order]:
        """LIQ-03: of the instrument, or of the currency; newest first, those that wait last."""
        numbers = [subject.instrument] if subject.instrument else list(self.terms)
        found = [
            order
            for number in numbers
            if self.terms[number].currency == subject.currency
            for order in self.open_orders(subject.account, number)
        ]
        waiting = [one for one in self.waiting_orders() if one.account == subject.account]
        waits = [one for one in waiting if one.instrument in numbers]
        waits = [one for one in waits if self.terms[one.instrument].currency == subject.currency]
        return sorted(found or waits, key=lambda order: -order.number)

    def waiting_orders(self) -> list[Order]:
        """In the model of triggers: open orders that are not in a book."""
        return []

    def first_member(self, subject: Subject) -> int:
        """Of a pool the position with the largest maintenance, the lower number first."""

        def size(number: int) -> tuple[int, int]:
            held, mode = self.position(subject.account, number), self.mode(subject.account, number)
            return -self.maintenance(number, mode, held), number

        open_now = [number for number in self.members(subject) if self.tradable(number)]
        return min(open_now, key=size, default=0)

    def excess_lots(self, account: int, instrument: int) -> int:
        """LIQ-04: how many lots are too many for the next lower limit."""
        terms, held = self.terms[instrument], self.position(account, instrument)
        lot = abs(self.worth(instrument, terms.lot))
        lower = self.limit(instrument, self.mode(account, instrument).steps - 1)
        kept = lower // lot if lot else 0
        return abs(held.quantity) // terms.lot - kept

    def share(self, subject: Subject, instrument: int) -> Share:
        """LIQ-05: bankruptcy value and reserve of a position."""
        account = subject.account
        held, mode = self.position(account, instrument), self.mode(account, instrument)
        terms = self.terms[instrument]
        closing = self.closing_fee(terms, held, self.initial(terms, mode, abs(held.cost)))
        if mode.isolated:
            left = max(0, self.own_margin(instrument, mode, held))
            reserve = min(closing, left)
            return Share(held.cost - left + reserve, reserve)
        stand = self.stand(subject)
        own = self.maintenance(instrument, mode, held)
        if stand.maintenance == 0:
            part = stand.equity
        elif stand.equity >= 0:
            part = stand.equity * own // stand.maintenance
        else:
            part = -ceil(Fraction(-stand.equity * own, stand.maintenance))
        reserve = min(closing, max(0, part))
        return Share(self.worth(instrument, held.quantity) - part + reserve, reserve)
