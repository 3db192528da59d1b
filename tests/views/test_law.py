"""The open books: the sums of Law 3 over rows made by hand, whole and broken."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from outcry.protocol.layout import (
    CurrencyRow,
    InstrumentRow,
    PoolRow,
    PositionRow,
    Role,
    TableNumber,
    Tables,
    VenueRow,
    WalletRow,
)
from outcry.protocol.wire import put_text
from outcry.views import law
from outcry.views.law import TooManyRows, law_in_full, law_view
from tests.engine.worlds import xbtusd


def row_of(kind: type[Any], **values: int) -> Any:
    row = kind()
    for name, value in values.items():
        setattr(row, name, value)
    return row


def made_by_hand() -> Tables:
    """Two users, one long and one short at one price, a fee paid, a withdrawal under way."""
    currency = row_of(CurrencyRow, scale=8, deposits_minor=1_000, withdrawals_minor=100, in_flight_minor=50)
    put_text(currency.symbol, "XBt")
    instrument = row_of(InstrumentRow, currency=1)
    put_text(instrument.symbol, "XBTUSD")
    pools = [PoolRow() for _ in TableNumber]
    for table, high in (("CURRENCIES", 1), ("WALLETS", 5), ("POSITIONS", 2), ("INSTRUMENTS", 1)):
        pools[TableNumber[f"{table}_TABLE"]].high = high
    wallets = [
        WalletRow(),
        row_of(WalletRow, account=Role.OUTSIDE, currency=1, balance_minor=-850),
        row_of(WalletRow, account=Role.UNREALISED, currency=1, balance_minor=0),
        row_of(WalletRow, account=Role.FEES, currency=1, balance_minor=7),
        row_of(WalletRow, account=8, currency=1, balance_minor=600),
        row_of(WalletRow, account=9, currency=1, balance_minor=243),
    ]
    positions = [
        PositionRow(),
        row_of(PositionRow, account=8, instrument=1, quantity=100, cost_minor=-166, lifetime_cost_minor=-166),
        row_of(PositionRow, account=9, instrument=1, quantity=-100, cost_minor=166, lifetime_cost_minor=166),
    ]
    tables = SimpleNamespace(
        venue=row_of(VenueRow, sequence=12, time_ns=34),
        pools=pools,
        currencies=[CurrencyRow(), currency],
        instruments=[InstrumentRow(), instrument],
        wallets=wallets,
        positions=positions,
    )
    return cast(Tables, tables)


def test_whole_books_add_up() -> None:
    sums = law_view(made_by_hand())
    assert (sums.sequence, sums.time_ns, sums.halted, sums.adds_up) == (12, 34, False, True)
    money = sums.currencies[0]
    assert (money.currency, money.wallets_minor, money.held_minor, money.owed_minor) == ("XBt", 850, 900, 900)
    assert (sums.instruments[0].symbol, sums.instruments[0].quantity) == ("XBTUSD", 0)


def test_a_missing_satoshi_shows() -> None:
    tables = made_by_hand()
    tables.wallets[4].balance_minor -= 1
    sums = law_view(tables)
    assert not sums.adds_up
    assert (sums.currencies[0].held_minor, sums.currencies[0].adds_up) == (899, False)
    assert sums.instruments[0].adds_up


def test_a_missing_contract_and_a_missing_cost_show() -> None:
    for field in ("quantity", "lifetime_cost_minor"):
        tables = made_by_hand()
        setattr(tables.positions[1], field, 5)
        assert not law_view(tables).instruments[0].adds_up


def test_a_halted_venue_does_not_add_up() -> None:
    tables = made_by_hand()
    tables.venue.halted = 1
    assert law_view(tables).halted
    assert not law_view(tables).adds_up


def test_the_laws_in_full_name_what_is_broken_and_refuse_to_hold_others_up(monkeypatch: pytest.MonkeyPatch) -> None:
    tables = xbtusd().engine.tables
    assert law_in_full(tables).holds
    tables.instruments[1].open_interest += 1
    found = law_in_full(tables)
    assert not found.holds
    assert [one.number for one in found.invariants if one.breaches] == ["INV-07"]
    monkeypatch.setattr(law, "ROWS_MAX", 5)
    with pytest.raises(TooManyRows):
        law_in_full(tables)
