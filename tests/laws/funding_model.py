"""The plain model of the exchange of funding (FND-04 to FND-06): at a stamp everybody pays and gets at once.

The engine brings positions up to date one by one, each before it matters; the model has done it all at the stamp and
keeps `unpaid`, what the engine has not said yet.  So whatever the engine does between stamp and sweep must be what it
would do if the sweep had taken no time.
"""

from dataclasses import dataclass, field

from outcry.protocol import layout
from outcry.protocol.layout import Role
from tests.laws.risk_model import RiskModel

MINUTE_NS = layout.MINUTE_NS


@dataclass
class Epoch:
    """An instrument's funding: the period under way and the epoch being swept."""

    next_ns: int = 0
    number: int = 0
    rate_ppb: int = 0
    lot: int = 0
    pot: int = 0
    sweeping: bool = False
    unpaid: dict[int, int] = field(default_factory=dict)
    """By account: what it has paid here and the engine has not said yet; negative if received."""


@dataclass
class FundingModel(RiskModel):
    """A venue of the model whose positions pay each other."""

    time_ns: int = 0
    epochs: dict[int, Epoch] = field(default_factory=dict)

    def stamp_after(self, number: int) -> int:
        """The first stamp after now; 0 without funding."""
        terms = self.terms[number]
        interval, offset = terms.funding_minutes * MINUTE_NS, terms.funding_offset_minutes * MINUTE_NS
        if not interval:
            return 0
        return offset + ((self.time_ns - offset) // interval + 1) * interval

    def begins_funding(self, number: int) -> None:
        """A listing."""
        self.epochs[number] = Epoch(self.stamp_after(number))
        self.rates[number] = self.terms[number].funding_rate_ppb

    def due_for_funding(self) -> list[int]:
        """Instruments whose stamp has come."""
        return [number for number, one in self.epochs.items() if 0 < one.next_ns <= self.time_ns]

    def fund(self, number: int) -> None:
        """FND-04: payers up, receivers down."""
        epoch, terms = self.epochs[number], self.terms[number]
        epoch.number += 1
        epoch.rate_ppb = self.rates[number]
        epoch.lot = abs(self.worth(number, terms.lot)) if number in self.marks else 0
        epoch.sweeping = True
        for (account, instrument), held in self.positions.items():
            if instrument != number or not held.quantity:
                continue
            size = abs(held.quantity) // terms.lot * epoch.lot * abs(epoch.rate_ppb)
            pays = (held.quantity > 0) == (epoch.rate_ppb > 0)
            amount = -(-size // 10**9) if pays else -(size // 10**9)
            if account >= layout.ROLES:
                self.wallets[account, terms.currency] = self.wallets.get((account, terms.currency), 0) - amount
            epoch.pot += amount
            epoch.unpaid[account] = amount
            if self.mode(account, number).isolated:
                self.mode(account, number).loss += amount
        self.next_period(number)

    def next_period(self, number: int) -> None:
        """The period after a stamp; what its rate is, prices say."""
        self.epochs[number].next_ns = self.stamp_after(number)

    def on_stamps(self) -> None:
        """At a tick: one epoch for every instrument whose stamp has come, unless a sweep runs; none at old prices."""
        if self.cancel_only:
            self.skip_stamps()
        elif not any(one.sweeping for one in self.epochs.values()):
            for number in self.due_for_funding():
                self.fund(number)

    def skip_stamps(self) -> None:
        """FND-06: after a pause."""
        for number in self.due_for_funding():
            self.next_period(number)

    def said_funded(self, said: layout.Funded) -> None:
        """The engine says what somebody paid: what the model took from him; of a role it is taken now, because what
        takeovers bring and lack is squared one by one."""
        epoch, currency = self.epochs[said.instrument], self.terms[said.instrument].currency
        assert said.epoch == epoch.number
        assert epoch.unpaid.pop(said.account) == said.amount_minor, (said.account, said.instrument)
        if said.account < layout.ROLES:
            self.wallets[said.account, currency] = self.wallets.get((said.account, currency), 0) - said.amount_minor
            self.square(currency)

    def square(self, currency: int) -> None:
        """INS-01, in the model of takeovers."""

    def said_swept(self, said: layout.FundingSwept) -> None:
        """FND-05: everybody has paid, and the rest goes to the fund."""
        epoch, currency = self.epochs[said.instrument], self.terms[said.instrument].currency
        assert epoch.unpaid == {}
        assert 0 <= epoch.pot == said.remainder_minor
        self.wallets[Role.INSURANCE, currency] = self.wallets.get((Role.INSURANCE, currency), 0) + epoch.pot
        epoch.pot, epoch.sweeping = 0, False
        self.square(currency)

    def unpaid(self, account: int, currency: int) -> int:
        """What the engine still has to take out of a wallet of somebody."""
        return sum(
            epoch.unpaid.get(account, 0) if account >= layout.ROLES else 0
            for number, epoch in self.epochs.items()
            if self.terms[number].currency == currency
        )

    def in_pots(self, currency: int) -> int:
        """What the engine says is in the pots of a currency."""
        pots = [(number, epoch) for number, epoch in self.epochs.items() if self.terms[number].currency == currency]
        return sum(epoch.pot - sum(epoch.unpaid.values()) for _, epoch in pots)
