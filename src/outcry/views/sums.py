"""The sums of Law 3, added up over the whole state for people to look at.

The engine checks what each command touched; this walks every wallet and position, so ask it seldom.
"""

import msgspec

from outcry.engine import reading
from outcry.protocol.layout import Role, TableNumber
from outcry.views.directory import Directory, State

POTS = frozenset({Role.OUTSIDE, Role.UNREALISED, Role.IN_FLIGHT, Role.EPOCHS})
"""Roles whose wallets are the other side of the books, not money of anybody."""


class CurrencySums(msgspec.Struct):
    """wallets - unrealised cost + epochs + in flight = deposits - withdrawals."""

    symbol: str
    wallets_minor: int = 0
    unrealised_cost_minor: int = 0
    epochs_minor: int = 0
    in_flight_minor: int = 0
    deposits_minor: int = 0
    withdrawals_minor: int = 0

    @property
    def difference_minor(self) -> int:
        """0 while the law holds."""
        held = self.wallets_minor - self.unrealised_cost_minor + self.epochs_minor + self.in_flight_minor
        return held - (self.deposits_minor - self.withdrawals_minor)


class InstrumentSums(msgspec.Struct):
    """Quantity and cost are 0 while the law holds; longs are there to show how much there is."""

    symbol: str
    quantity: int = 0
    long_quantity: int = 0
    cost_minor: int = 0


def sums(state: State, directory: Directory) -> tuple[list[CurrencySums], list[InstrumentSums]]:
    """By currency and by instrument, in the order of listing."""
    tables = state.tables
    currencies = []
    for one in directory.currencies():
        row = tables.currencies[one.number]
        currencies.append(
            CurrencySums(
                symbol=one.symbol,
                epochs_minor=row.epochs_minor,
                in_flight_minor=row.in_flight_minor,
                deposits_minor=row.deposits_minor,
                withdrawals_minor=row.withdrawals_minor,
            )
        )
    instruments = [
        InstrumentSums(one.symbol, cost_minor=tables.instruments[one.number].closed_cost_minor)
        for one in directory.listings()
    ]
    for slot in reading.used(tables, TableNumber.WALLETS_TABLE):
        wallet = tables.wallets[slot]
        if wallet.currency and wallet.account not in POTS:
            currencies[wallet.currency - 1].wallets_minor += wallet.balance_minor
    for slot in reading.used(tables, TableNumber.POSITIONS_TABLE):
        position = tables.positions[slot]
        if not position.instrument:
            continue
        currency = tables.instruments[position.instrument].currency
        currencies[currency - 1].unrealised_cost_minor += position.cost_minor
        held = instruments[position.instrument - 1]
        held.quantity += position.quantity
        held.long_quantity += max(0, position.quantity)
        held.cost_minor += position.lifetime_cost_minor
    return currencies, instruments
