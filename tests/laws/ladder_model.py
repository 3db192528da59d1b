"""The plain model of the ladder (LIQ-02 to LIQ-05): the engine says whose turn it is, the model what has to be done.

Each step that the engine reports must be the one the model would take for that subject, with the same numbers in the
test; then the model takes it with its own.  When nothing waits any more nobody may be left who fails.
"""

from dataclasses import dataclass, field
from math import ceil, floor

from outcry.protocol import layout
from outcry.protocol.layout import EndReason, LadderStep
from tests.laws.model import Order
from tests.laws.risk_model import Subject
from tests.laws.takeover_model import TakeoverModel


@dataclass
class LadderModel(TakeoverModel):
    """A venue of the model that helps accounts in trouble, or closes them."""

    to_help: set[Subject] = field(default_factory=set)
    """What failed when marks last moved; before nothing waits it must have been dealt with."""

    def next_step(self, subject: Subject) -> LadderStep:
        """What is to be done for a subject that fails."""
        account = subject.account
        for number in self.members(subject):
            lower = self.lowest_steps(account, number) < self.mode(account, number).steps
            if lower and (subject.instrument or self.tradable(number)):
                return LadderStep.STEP_TIER
        if self.orders_to_cancel(subject):
            return LadderStep.STEP_CANCEL
        reducing = self.reducing_order(subject, self.first_member(subject))
        return LadderStep.STEP_REDUCE if reducing else LadderStep.STEP_TAKEOVER

    def reducing_order(self, subject: Subject, number: int) -> Order | None:
        """LIQ-04: just enough to reach the tier below, if somebody takes all of it at the bankruptcy price."""
        account, terms = subject.account, self.terms[number]
        held = self.position(account, number)
        if not self.mode(account, number).steps:
            return None
        quantity = self.excess_lots(account, number) * terms.lot
        buys, price = held.quantity < 0, self.price_of(number, held.quantity, self.share(subject, number).bankrupt)
        ticks = 0 if price is None else floor(price) if buys else ceil(price)
        if quantity <= 0 or not 0 < ticks <= terms.price_ticks_max:
            return None
        edge = self.edge(number, buys)
        ticks = min(ticks, edge) if buys else max(ticks, edge)
        order = Order(self.next_order, account, number, buys, quantity, quantity, ticks)
        return order if self.certain(order) >= quantity else None

    def said_step(self, said: layout.LiquidationStep) -> None:
        """A step that the engine has taken."""
        account, number = said.account, said.instrument
        if said.step == LadderStep.STEP_SAVED:
            assert account in self.distressed
            assert self.failing(account) == []
            self.distressed.remove(account)
            return
        subject = Subject(account, self.terms[number].currency, number if said.isolated else 0)
        self.compare_step(said, subject)
        self.distressed.add(account)
        assert said.step == self.next_step(subject), (LadderStep(said.step), subject)
        if said.step == LadderStep.STEP_TIER:
            self.lower_tier(subject, number)
        elif said.step == LadderStep.STEP_CANCEL:
            order = self.orders_to_cancel(subject)[0]
            assert (said.order_id, said.order_quantity) == (order.number, order.leaves)
            self.cancel(order.number, EndReason.ENDED_LIQUIDATION)
        elif said.step == LadderStep.STEP_REDUCE:
            reducing = self.reducing_order(subject, number)
            assert reducing is not None
            assert (said.order_id, said.order_quantity) == (reducing.number, reducing.quantity)
            self.next_order += 1
            assert self.place(reducing, "fok") == "filled"
            self.end(reducing, EndReason.ENDED_FILLED)
        else:
            assert number == self.first_member(subject)
            self.take_over(subject, number, self.share(subject, number))
            self.distressed.discard(account)

    def compare_step(self, said: layout.LiquidationStep, subject: Subject) -> None:
        """The numbers of the test, as the model has them."""
        stand, held = self.stand(subject), self.position(subject.account, said.instrument)
        assert stand.fails, (subject, stand)
        assert self.trades
        assert self.mode(subject.account, said.instrument).isolated == bool(said.isolated)
        theirs = (said.equity_minor, said.maintenance_minor, said.orders_minor, said.missing_minor, said.positions)
        assert theirs == (stand.equity, stand.maintenance, stand.orders, stand.missing, stand.positions), subject
        steps = self.mode(subject.account, said.instrument).steps
        assert (said.quantity, said.cost_minor, said.steps) == (held.quantity, held.cost, steps)
        marks = (said.mark_subticks, said.funding_rate_ppb)
        assert marks == (self.marks[said.instrument], self.rates[said.instrument])

    def lower_tier(self, subject: Subject, number: int) -> None:
        """LIQ-02: an isolated position keeps the margin it has."""
        account = subject.account
        held, mode = self.position(account, number), self.mode(account, number)
        own = self.own_margin(number, mode, held)
        mode.steps = self.lowest_steps(account, number)
        if mode.isolated:
            mode.moved += own - self.own_margin(number, mode, held)
        self.reserve_again(account, number)

    def marks_moved(self) -> None:
        """Everybody is tested; who fails has to be helped before nothing waits."""
        accounts = {account for account, _ in self.positions if account >= layout.ROLES}
        failing = [subject for account in accounts for subject in self.failing(account)]
        self.to_help |= {subject for subject in failing if not self.fails_by_funding(subject)}

    def fails_by_funding(self, subject: Subject) -> bool:
        """LIQ-09: whether it passed but for fundings that have not come to it (FND-04), with what the period that
        begins asks for; they change it when they come, and it is looked at when marks move after that."""
        account, wallet = subject.account, (subject.account, subject.currency)
        owed = {
            number: epoch
            for number, epoch in self.epochs.items()
            if account in epoch.unpaid and self.terms[number].currency == subject.currency
        }
        if not owed:
            return False
        before = dict(self.rates), self.wallets[wallet], {number: self.mode(account, number).loss for number in owed}
        for number, epoch in owed.items():
            self.rates[number] = epoch.rate_ppb
            self.wallets[wallet] += epoch.unpaid[account]
            if self.mode(account, number).isolated:
                self.mode(account, number).loss -= epoch.unpaid[account]
        passed = not self.stand(subject).fails
        self.rates, self.wallets[wallet], losses = before
        for number, loss in losses.items():
            self.mode(account, number).loss = loss
        return passed

    def all_helped(self) -> None:
        """Nothing waits any more."""
        left = [subject for subject in self.to_help if subject in self.failing(subject.account)]
        assert left == [], left
        self.to_help.clear()
