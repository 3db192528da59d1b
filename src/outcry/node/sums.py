"""The sums of Law 3 over a whole state, for people to look at (the engine checks what each entry touches itself).

Per currency `wallets - unrealised cost + epochs + in flight = deposits - withdrawals`; per instrument quantities and
lifetime costs sum to zero.  Wallets are those of users and of the roles that own money (insurance, fees, takeover).
Reads every wallet and position once, so it is not for a hot path.
"""

from typing import TypedDict

from outcry.protocol import wire
from outcry.protocol.layout import Role, TableNumber, Tables

POTS = frozenset({Role.OUTSIDE, Role.UNREALISED, Role.IN_FLIGHT, Role.EPOCHS})


class CurrencySums(TypedDict):
    """Law 3 of one currency, in minor units."""

    symbol: str
    wallets_minor: int
    unrealised_cost_minor: int
    epochs_minor: int
    in_flight_minor: int
    deposits_minor: int
    withdrawals_minor: int
    difference_minor: int


class InstrumentSums(TypedDict):
    """Law 3 of one instrument."""

    symbol: str
    quantity: int
    lifetime_cost_minor: int


class Sums(TypedDict):
    """Law 3 of a venue."""

    currencies: list[CurrencySums]
    instruments: list[InstrumentSums]
    hold: bool


def law_sums(tables: Tables) -> Sums:
    """Add everything up."""
    high = {number: tables.pools[number].high for number in TableNumber}
    wallets = [0] * (high[TableNumber.CURRENCIES_TABLE] + 1)
    costs = list(wallets)
    quantities = [0] * (high[TableNumber.INSTRUMENTS_TABLE] + 1)
    lifetimes = list(quantities)
    for slot in range(1, high[TableNumber.WALLETS_TABLE] + 1):
        wallet = tables.wallets[slot]
        if wallet.account not in POTS:
            wallets[wallet.currency] += wallet.balance_minor
    for slot in range(1, high[TableNumber.POSITIONS_TABLE] + 1):
        position = tables.positions[slot]
        quantities[position.instrument] += position.quantity
        lifetimes[position.instrument] += position.lifetime_cost_minor
        costs[tables.instruments[position.instrument].currency] += position.cost_minor
    currencies = [_currency(tables, number, wallets[number], costs[number]) for number in range(1, len(wallets))]
    instruments = [
        InstrumentSums(
            symbol=wire.text_of(tables.instruments[number].symbol),
            quantity=quantities[number],
            lifetime_cost_minor=lifetimes[number] + tables.instruments[number].closed_cost_minor,
        )
        for number in range(1, len(quantities))
    ]
    broken = any(row["difference_minor"] for row in currencies) or any(
        row["quantity"] or row["lifetime_cost_minor"] for row in instruments
    )
    return Sums(currencies=currencies, instruments=instruments, hold=not broken)


def _currency(tables: Tables, number: int, wallets_minor: int, cost_minor: int) -> CurrencySums:
    row = tables.currencies[number]
    inside = wallets_minor - cost_minor + row.epochs_minor + row.in_flight_minor
    return CurrencySums(
        symbol=wire.text_of(row.symbol),
        wallets_minor=wallets_minor,
        unrealised_cost_minor=cost_minor,
        epochs_minor=row.epochs_minor,
        in_flight_minor=row.in_flight_minor,
        deposits_minor=row.deposits_minor,
        withdrawals_minor=row.withdrawals_minor,
        difference_minor=inside - (row.deposits_minor - row.withdrawals_minor),
    )
