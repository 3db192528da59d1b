"""Law 3 over the whole state: the sums of money per currency and of positions per instrument, and whether they add up.

The sums are made anew from all rows of wallets and positions whenever they are asked for; nothing is taken over from
the engine's own check (docs/rules, LAW-03).  Reads the engine's tables, never changes them.  Known limit: it walks
every wallet and position, about a millisecond per thousand rows, so whoever serves it keeps an answer for a second.
"""

import msgspec

from outcry.engine.reading import used
from outcry.protocol.layout import Role, TableNumber, Tables
from outcry.protocol.wire import text_of

POTS = frozenset({int(Role.OUTSIDE), int(Role.UNREALISED), int(Role.IN_FLIGHT), int(Role.EPOCHS)})
"""Roles whose wallets are the other side of the books, not money of anybody."""


class CurrencySums(msgspec.Struct, frozen=True):
    """One settlement currency: `held_minor` must be `owed_minor`."""

    currency: str
    scale: int
    wallets_minor: int
    unrealised_cost_minor: int
    epochs_minor: int
    in_flight_minor: int
    deposits_minor: int
    withdrawals_minor: int
    held_minor: int
    owed_minor: int
    adds_up: bool


class InstrumentSums(msgspec.Struct, frozen=True):
    """One instrument: the quantities and the costs of all positions must each come to nothing."""

    symbol: str
    quantity: int
    lifetime_cost_minor: int
    closed_cost_minor: int
    adds_up: bool


class LawSums(msgspec.Struct, frozen=True):
    """The whole venue after one entry; `adds_up` only if every row below does and the venue has not halted."""

    sequence: int
    time_ns: int
    halted: bool
    cancel_only: bool
    adds_up: bool
    currencies: list[CurrencySums]
    instruments: list[InstrumentSums]


def law_sums(tables: Tables) -> LawSums:
    """The sums as they stand now."""
    wallets = _wallet_sums(tables)
    costs, instruments = _position_sums(tables)
    currencies = [
        _currency_sums(tables, number, wallets.get(number, 0), costs.get(number, 0))
        for number in used(tables, TableNumber.CURRENCIES_TABLE)
    ]
    halted = tables.venue.halted != 0
    return LawSums(
        sequence=tables.venue.sequence,
        time_ns=tables.venue.time_ns,
        halted=halted,
        cancel_only=tables.venue.cancel_only != 0,
        adds_up=not halted and all(row.adds_up for row in currencies) and all(row.adds_up for row in instruments),
        currencies=currencies,
        instruments=instruments,
    )


def _wallet_sums(tables: Tables) -> dict[int, int]:
    """Balances by currency, the venue's pots left out."""
    sums: dict[int, int] = {}
    for slot in used(tables, TableNumber.WALLETS_TABLE):
        row = tables.wallets[slot]
        if row.account not in POTS:
            sums[row.currency] = sums.get(row.currency, 0) + row.balance_minor
    return sums


def _position_sums(tables: Tables) -> tuple[dict[int, int], list[InstrumentSums]]:
    """Unrealised costs by currency, and the sums of every instrument."""
    costs: dict[int, int] = {}
    quantities: dict[int, int] = {}
    lifetime_costs: dict[int, int] = {}
    for slot in used(tables, TableNumber.POSITIONS_TABLE):
        row = tables.positions[slot]
        number = row.instrument
        currency = tables.instruments[number].currency
        costs[currency] = costs.get(currency, 0) + row.cost_minor
        quantities[number] = quantities.get(number, 0) + row.quantity
        lifetime_costs[number] = lifetime_costs.get(number, 0) + row.lifetime_cost_minor
    sums = [
        _instrument_sums(tables, number, quantities.get(number, 0), lifetime_costs.get(number, 0))
        for number in used(tables, TableNumber.INSTRUMENTS_TABLE)
    ]
    return costs, sums


def _currency_sums(tables: Tables, number: int, wallets_minor: int, cost_minor: int) -> CurrencySums:
    row = tables.currencies[number]
    held_minor = wallets_minor - cost_minor + row.epochs_minor + row.in_flight_minor
    owed_minor = row.deposits_minor - row.withdrawals_minor
    return CurrencySums(
        currency=text_of(row.symbol),
        scale=row.scale,
        wallets_minor=wallets_minor,
        unrealised_cost_minor=cost_minor,
        epochs_minor=row.epochs_minor,
        in_flight_minor=row.in_flight_minor,
        deposits_minor=row.deposits_minor,
        withdrawals_minor=row.withdrawals_minor,
        held_minor=held_minor,
        owed_minor=owed_minor,
        adds_up=held_minor == owed_minor,
    )


def _instrument_sums(tables: Tables, number: int, quantity: int, lifetime_cost_minor: int) -> InstrumentSums:
    """What a settlement under way has taken counts with what is still held (SET-03)."""
    row = tables.instruments[number]
    quantity += row.epoch_quantity
    lifetime_cost_minor += row.epoch_cost_minor
    adds_up = quantity == 0 and lifetime_cost_minor + row.closed_cost_minor == 0
    return InstrumentSums(text_of(row.symbol), quantity, lifetime_cost_minor, row.closed_cost_minor, adds_up)
