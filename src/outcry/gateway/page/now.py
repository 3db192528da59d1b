"""What the page shows: where the journal stands, the sums of LAW-03 and whether they add up, instruments and indices.

The rows of instruments are those of the dialect, cut down to the columns of the page.  Made for people to look at; the
same sums for programs are at /outcry/v1/venue.  Known limit: the sums walk every wallet and position, so whoever serves
this keeps it for a second.
"""

from typing import Any

from outcry.gateway.dialect.instruments import index_row, instrument_row
from outcry.views.directory import Index, Listing, State
from outcry.views.recent import Recent
from outcry.views.sums import CurrencySums, InstrumentSums, sums

Row = dict[str, Any]
SHOWN = (
    "symbol",
    "typ",
    "isInverse",
    "isQuanto",
    "tickSize",
    "lastPrice",
    "lastTickDirection",
    "markPrice",
    "bidPrice",
    "askPrice",
    "openInterest",
    "volume24h",
)


def venue_now(state: State, recent: Recent) -> Row:
    """Everything on the page, after the last entry applied here."""
    directory = recent.directory
    currencies, instruments = sums(state, directory)
    scales = {one.symbol: one.scale for one in directory.currencies()}
    money = [_money(one, scales[one.symbol]) for one in currencies]
    contracts = [_contracts(one) for one in instruments]
    venue = state.tables.venue
    halted = venue.halted != 0
    return {
        "sequence": venue.sequence,
        "timeNs": venue.time_ns,
        "halted": halted,
        "cancelOnly": venue.cancel_only != 0,
        "addsUp": not halted and all(one["addsUp"] for one in (*money, *contracts)),
        "currencies": money,
        "contracts": contracts,
        "instruments": [_shown(_row(one, state, recent)) for one in directory.public_list()],
    }


def _money(one: CurrencySums, scale: int) -> Row:
    return {
        "currency": one.symbol,
        "scale": scale,
        "wallets": one.wallets_minor,
        "unrealisedCost": one.unrealised_cost_minor,
        "epochs": one.epochs_minor,
        "inFlight": one.in_flight_minor,
        "deposits": one.deposits_minor,
        "withdrawals": one.withdrawals_minor,
        "held": one.wallets_minor - one.unrealised_cost_minor + one.epochs_minor + one.in_flight_minor,
        "owed": one.deposits_minor - one.withdrawals_minor,
        "addsUp": one.difference_minor == 0,
    }


def _contracts(one: InstrumentSums) -> Row:
    adds_up = one.quantity == 0 and one.cost_minor == 0
    return {"symbol": one.symbol, "quantity": one.quantity, "cost": one.cost_minor, "addsUp": adds_up}


def _row(one: Index | Listing, state: State, recent: Recent) -> Row:
    return index_row(one, state, recent.time_ns) if isinstance(one, Index) else instrument_row(one, state, recent)


def _shown(row: Row) -> Row:
    return {name: row.get(name) for name in SHOWN}
