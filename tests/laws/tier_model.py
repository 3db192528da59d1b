"""The plain model of fee tiers (FEE-03): every fill is remembered with its day, and a day's tier is added up anew."""

from dataclasses import dataclass, field
from fractions import Fraction
from math import floor

from outcry.protocol import layout
from tests.laws.funding_model import FundingModel
from tests.laws.model import Order, half_up

SCHEME = (
    (0, 750, 200),
    (1_000_000, 500, 100),
    (5_000_000, 400, 0),
    (10_000_000, 350, 0),
    (25_000_000, 300, 0),
    (50_000_000, 250, 0),
    (100_000_000, 240, -30),
    (250_000_000, 230, -50),
    (500_000_000, 220, -80),
    (1_000_000_000, 175, -100),
)
"""Dollars a day from which a tier holds, its taker and its maker rate in ppm."""
FIRST, LAST = SCHEME[0], SCHEME[-1]


@dataclass
class TierModel(FundingModel):
    """A venue of the model where who trades much pays less."""

    volumes: dict[int, dict[int, int]] = field(default_factory=dict)
    """By account and day the cents it has traded."""
    tiers: dict[int, tuple[int, int]] = field(default_factory=dict)
    """By account the day for which its tier was found, and the tier."""

    def dollars(self, instrument: int) -> Fraction:
        """What a minor unit of the instrument's settlement currency is worth; in the model of prices."""
        return Fraction(0)

    def tier(self, account: int) -> int:
        """Found with the first fill of a day, from the 30 whole days before."""
        today = self.time_ns // layout.DAY_NS
        if account < layout.ROLES:
            return 0
        if self.tiers.get(account, (-1, 0))[0] != today:
            days = self.volumes.get(account, {})
            traded = sum(cents for day, cents in days.items() if today - layout.VOLUME_DAYS <= day < today)
            average = Fraction(traded, 100 * layout.VOLUME_DAYS)
            self.tiers[account] = today, max(at for at, (least, _, _) in enumerate(SCHEME) if least <= average)
        return self.tiers[account][1]

    def fee_rate(self, order: Order, takes: bool) -> Fraction:
        """FEE-02, FEE-03: the listing's rates are those of tier 0."""
        terms, tier = self.terms[order.instrument], self.tier(order.account)
        if not tier:
            return super().fee_rate(order, takes)
        taker, maker = int(terms.taker * layout.PPM), int(terms.maker * layout.PPM)
        if takes:
            rate = max(half_up(Fraction(taker * SCHEME[tier][1], FIRST[1])), -maker)
        else:
            lowest = max(half_up(Fraction(taker * LAST[1], FIRST[1])), -maker)
            rate = max(maker - (FIRST[2] - SCHEME[tier][2]), -lowest)
        return Fraction(rate, layout.PPM)

    def trade(self, taker: Order, maker: Order, quantity: int) -> None:
        super().trade(taker, maker, quantity)
        value = self.terms[taker.instrument].value(quantity, self.one_price or maker.ticks)
        cents = floor(100 * value * self.dollars(taker.instrument))
        today = self.time_ns // layout.DAY_NS
        for account in (taker.account, maker.account):
            if account >= layout.ROLES:
                days = self.volumes.setdefault(account, {})
                days[today] = days.get(today, 0) + cents
