"""What the auditor knows of contracts that are not margined by rates of their cost: options and predictions.

First what such a contract stands for and is charged on (OPT-03 to OPT-05, COL-01), then the event of an option's model.
He makes what is paid up again, and what fees and bands come from; of the margin of who sold an option he holds only
the price it is made with.
"""

from outcry.protocol.layout import OPTION_STALE_NS, PPM, InstrumentType
from outcry.simulation.auditor_rules import half_up, up

OPTIONS = (int(InstrumentType.CALL), int(InstrumentType.PUT))
BACKED = (*OPTIONS, int(InstrumentType.PREDICTION))


class Backing:
    """The terms by which such a contract is backed, and what a lot of it stands for now."""

    __slots__ = ("call", "cap", "exposed", "in_underlying", "is_option", "rate", "seen", "strike", "units", "whole")

    def __init__(self, terms: dict[str, int], highest_lot: int) -> None:
        kind = terms["instrument_type"]
        self.is_option, self.call = kind in OPTIONS, kind == InstrumentType.CALL
        self.strike, self.cap = terms["strike_units"], terms["fee_cap_ppm"]
        self.rate = max(terms["taker_fee_ppm"], terms["settlement_fee_ppm"])
        self.in_underlying = terms["quote"] == terms["underlying"]
        self.whole = terms["lot"] * terms["multiplier_minor"]
        self.units = self.seen = 0
        self.exposed = highest_lot
        if self.is_option:
            self.exposed = self.whole if self.in_underlying else 0

    def is_paid_up(self, quantity: int) -> bool:
        """Whether such a position holds back all it can lose, and is never liquidated."""
        return not self.is_option or quantity > 0

    def own(self, quantity: int, lots: int, cost: int) -> int:
        """What a paid up position holds back: what was paid, or the rest of the highest price with its closing fee."""
        if quantity >= 0:
            return max(0, cost)
        return max(0, lots * self.exposed + cost) + lots * up(self.exposed * self.rate, PPM)

    def width(self, band_ppm: int, lot_above: int, lot_below: int, per_tick: int) -> int:
        """The band in ticks: a share of what a contract stands for (OPT-05)."""
        return max(1, (self.exposed * band_ppm // PPM) * lot_below // lot_above // per_tick)

    def fee_basis(self, lots: int, worth: int) -> int:
        """What fees and tiers count: of an option its underlying (OPT-04)."""
        return lots * self.exposed if self.is_option else worth

    def capped(self, fee: int, worth: int) -> int:
        """A fee, no more than its share of the premium."""
        if not self.is_option:
            return fee
        size = min(abs(fee), worth * self.cap // PPM)
        return size if fee >= 0 else -size

    def premium(self, units: int, forward: int, one: int, tick: int, index_one: int) -> int:
        """So many units of quote as a premium in sub-ticks, half up."""
        return half_up(units * one, tick * (forward if self.in_underlying else index_one))

    def bounds(self, forward: int, one: int, tick: int, index_one: int) -> tuple[int, int]:
        """The least and the most an option can be worth at a forward, in sub-ticks (OPT-02)."""
        inner = max(0, forward - self.strike if self.call else self.strike - forward)
        least = self.premium(inner, forward, one, tick, index_one)
        return least, self.premium(forward if self.call else self.strike, forward, one, tick, index_one)

    def is_old(self, time_ns: int) -> bool:
        """Whether an option's mark is too old for orders that open (OPT-02)."""
        return self.is_option and time_ns - self.seen > OPTION_STALE_NS
