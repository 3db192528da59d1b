"""What a guest knows of an instrument, in integers: thousandths of a tick, contracts, settlement minor units.

The translation from the API's rows happens here and nowhere else, so the strategies do integer arithmetic only.
"""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from outcry.client import Instrument, Order

MILLI = 1000
"""Thousandths of a tick in a tick."""
BUY = "Buy"
SELL = "Sell"


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of an instrument that a strategy needs."""

    symbol: str
    tick: Decimal
    lot: int
    lots_max: int
    multiplier_minor: int
    is_inverse: bool
    settlement_currency: str

    def price_of(self, ticks: int) -> Decimal:
        """The price of so many ticks."""
        return self.tick * ticks

    def ticks_of(self, price: Decimal) -> int:
        """The nearest number of ticks; resting orders lie on whole ones."""
        return int((price / self.tick).to_integral_value())

    def milliticks_of(self, price: Decimal) -> int:
        """The price in thousandths of a tick, rounded down; marks lie between ticks."""
        return int((price * MILLI / self.tick).to_integral_value(ROUND_FLOOR))

    def lot_value_minor(self, price: Decimal) -> int:
        """The magnitude of the value of one lot in settlement minor units, at least 1; good enough to size orders."""
        multiplier = abs(self.multiplier_minor)
        value = Decimal(self.lot * multiplier) / price if self.is_inverse else self.lot * multiplier * price
        return max(1, int(value.to_integral_value(ROUND_CEILING)))


@dataclass(frozen=True, slots=True)
class Resting:
    """An order of one's own that is open."""

    order_id: str
    side: str
    ticks: int
    leaves: int
    filled: int


@dataclass(frozen=True, slots=True)
class Place:
    """Place a limit order that only makes."""

    side: str
    ticks: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Amend:
    """Move an order and set its total quantity (filled part included); None keeps what is there."""

    order_id: str
    side: str
    ticks: int | None
    quantity: int | None


@dataclass(frozen=True, slots=True)
class Cancel:
    """Cancel an order."""

    order_id: str


@dataclass(frozen=True, slots=True)
class Take:
    """Send a market order."""

    side: str
    quantity: int


Action = Place | Amend | Cancel


def terms_of(row: Instrument) -> Terms | None:
    """The terms of an instrument, or None if it cannot be traded (an index, or closed)."""
    if row.state != "Open" or row.tick is None or row.lot is None or row.settlement_currency is None:
        return None
    return Terms(
        symbol=row.symbol,
        tick=row.tick,
        lot=row.lot,
        lots_max=(row.quantity_max or row.lot) // row.lot,
        multiplier_minor=row.multiplier or 1,
        is_inverse=bool(row.is_inverse),
        settlement_currency=row.settlement_currency,
    )


def resting_of(terms: Terms, row: Order) -> Resting | None:
    """An open order of the account, or None if the row is not one."""
    if row.symbol != terms.symbol or row.side is None or row.price is None or not row.leaves_quantity:
        return None
    return Resting(row.order_id, row.side, terms.ticks_of(row.price), row.leaves_quantity, row.filled_quantity or 0)
