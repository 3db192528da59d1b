"""The plain model of what backs options and predictions, written from docs/rules/options.md; fractions, no engine.

A lot's amounts are rounded up where the page says so and multiplied by the lots.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from tests.laws.model import Terms, half_up


@dataclass
class Backed:
    """The terms of a contract that is not margined by rates of its cost, and the price it is margined by."""

    kind: str
    """`call`, `put` or `prediction`."""
    highest: int = 0
    strike: int = 0
    floor: Fraction = Fraction(0)
    cap: Fraction = Fraction(0)
    settlement: Fraction = Fraction(0)
    in_underlying: bool = False
    decimals: int = 2
    """Of the index."""
    units: int = 0

    @property
    def option(self) -> bool:
        return self.kind != "prediction"


def stands_for(terms: Terms, backed: Backed) -> int:
    """What a lot stands for: its underlying, or the highest it can be worth."""
    whole = Fraction(terms.lot * terms.multiplier)
    if not backed.option:
        return half_up(whole * backed.highest * terms.tick)
    if backed.in_underlying:
        return int(whole)
    step = terms.tick / terms.subticks
    return half_up(whole * step * half_up(Fraction(backed.units, 10**backed.decimals) / step))


def paid_up(backed: Backed, quantity: int) -> bool:
    """Nothing can be lost that is not held back: never liquidated."""
    return not backed.option or quantity > 0


def closing_lot(terms: Terms, backed: Backed) -> int:
    return ceil(stands_for(terms, backed) * max(terms.taker, backed.settlement))


def kept_lot(terms: Terms, backed: Backed, steps: int, mark_lot: int) -> int:
    """Maintenance of a lot sold."""
    basis = stands_for(terms, backed)
    if backed.kind == "put":
        basis = max(basis, mark_lot)
    return ceil(basis * terms.maintenance * (1 + steps))


def written_lot(terms: Terms, backed: Backed, steps: int, mark_lot: int) -> int:
    """Initial margin of a lot sold."""
    whole, more = stands_for(terms, backed), steps * terms.maintenance
    apart = backed.strike - backed.units if backed.kind == "call" else backed.units - backed.strike
    out = floor(Fraction(whole * max(0, apart), backed.units)) if backed.units else 0
    rated = ceil(whole * (terms.initial + more)) - out
    return max(rated, ceil(whole * (backed.floor + more)), kept_lot(terms, backed, steps, mark_lot))


def position_initial(terms: Terms, backed: Backed, steps: int, quantity: int, cost: int, mark_lot: int) -> int:
    lots = abs(quantity) // terms.lot
    if quantity >= 0:
        return max(0, cost)
    if not backed.option:
        return max(0, lots * stands_for(terms, backed) + cost)
    return lots * written_lot(terms, backed, steps, mark_lot)


def position_closing(terms: Terms, backed: Backed, quantity: int) -> int:
    return -quantity // terms.lot * closing_lot(terms, backed) if quantity < 0 else 0


def position_kept(terms: Terms, backed: Backed, steps: int, quantity: int, cost: int, mark_lot: int) -> int:
    closing = position_closing(terms, backed, quantity)
    if paid_up(backed, quantity):
        return position_initial(terms, backed, steps, quantity, cost, mark_lot) + closing
    return abs(quantity) // terms.lot * kept_lot(terms, backed, steps, mark_lot) + closing


def opening_lot(terms: Terms, backed: Backed, lot_value: int) -> int:
    """The dearest fee of opening a lot at this value."""
    if not backed.option:
        return ceil(lot_value * terms.taker)
    return min(ceil(stands_for(terms, backed) * terms.taker), ceil(lot_value * backed.cap))


def order_needs(
    terms: Terms, backed: Backed, steps: int, buys: bool, quantity: int, lot_value: int, mark_lot: int
) -> int:
    """COL-02: what an order holds back."""
    lots, opening = quantity // terms.lot, opening_lot(terms, backed, lot_value)
    if buys:
        return lots * (lot_value + opening)
    opening += closing_lot(terms, backed)
    if not backed.option:
        return lots * (max(0, stands_for(terms, backed) - lot_value) + opening)
    return lots * (written_lot(terms, backed, steps, mark_lot) + max(0, mark_lot - lot_value) + opening)


def fee(terms: Terms, backed: Backed, quantity: int, value: int, rate: Fraction) -> int:
    """OPT-04: of an option's underlying, capped; else of the value."""
    if not backed.option:
        return half_up(value * rate)
    size = min(half_up(quantity // terms.lot * stands_for(terms, backed) * abs(rate)), floor(value * backed.cap))
    return size if rate >= 0 else -size
