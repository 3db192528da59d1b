"""Commands as records, one short function each; `place` and `listing` are in tests/engine/worlds.py."""

from typing import Any

from outcry.protocol import layout, wire
from tests.engine.worlds import number_words


def _filled(record: Any, **fields: int) -> Any:
    for name, number in fields.items():
        setattr(record, name, number)
    return record


def cancel(account: int, order_id: int = 0, client_id: str = "") -> layout.Cancel:
    record = _filled(layout.Cancel(), account=account, order_id=order_id)
    wire.put_client_id(record.client_id, client_id)
    return record  # type: ignore[no-any-return]


def cancel_all(account: int, instrument: int = 0, side: int = 0) -> layout.CancelAll:
    return _filled(layout.CancelAll(), account=account, instrument=instrument, side=side)  # type: ignore[no-any-return]


def amend(account: int, order_id: int = 0, client_id: str = "", new_client_id: str = "", **fields: int) -> layout.Amend:
    record = _filled(layout.Amend(), account=account, order_id=order_id, **{"leaves_quantity": -1, **fields})
    wire.put_client_id(record.client_id, client_id)
    wire.put_client_id(record.new_client_id, new_client_id)
    return record  # type: ignore[no-any-return]


def leverage(account: int, instrument: int, centi: int) -> layout.SetLeverage:
    return _filled(layout.SetLeverage(), account=account, instrument=instrument, leverage_centi=centi)  # type: ignore[no-any-return]


def isolate(account: int, instrument: int, isolated: int) -> layout.SetIsolated:
    return _filled(layout.SetIsolated(), account=account, instrument=instrument, isolated=isolated)  # type: ignore[no-any-return]


def risk_limit(account: int, instrument: int, minor: int) -> layout.SetRiskLimit:
    return _filled(layout.SetRiskLimit(), account=account, instrument=instrument, risk_limit_minor=minor)  # type: ignore[no-any-return]


def move_margin(account: int, instrument: int, amount: int) -> layout.MoveMargin:
    return _filled(layout.MoveMargin(), account=account, instrument=instrument, amount_minor=amount)  # type: ignore[no-any-return]


def open_account(handle: int) -> layout.OpenAccount:
    record = layout.OpenAccount()
    wire.put_bytes(record.handle, number_words(handle, 16))
    return record


def self_trade(account: int, mode: int) -> layout.SetSelfTrade:
    return _filled(layout.SetSelfTrade(), account=account, self_trade=mode)  # type: ignore[no-any-return]


def price_limits(instrument: int, lowest: int, highest: int) -> layout.SetPriceLimits:
    fields = {"instrument": instrument, "lowest_ticks": lowest, "highest_ticks": highest}
    return _filled(layout.SetPriceLimits(), **fields)  # type: ignore[no-any-return]


def account_state(account: int, state: int, cause: int = 0, until_ns: int = 0) -> layout.SetAccountState:
    fields = {"account": account, "state": state, "cause": cause, "until_ns": until_ns}
    return _filled(layout.SetAccountState(), **fields)  # type: ignore[no-any-return]


def venue_state(state: int, cause: int = 0, until_ns: int = 0) -> layout.SetVenueState:
    fields = {"state": state, "cause": cause, "until_ns": until_ns}
    return _filled(layout.SetVenueState(), **fields)  # type: ignore[no-any-return]


def instrument_state(
    instrument: int, state: int, cause: int = 0, next_state: int = 0, until_ns: int = 0
) -> layout.SetInstrumentState:
    fields = {"instrument": instrument, "state": state, "cause": cause, "next_state": next_state, "until_ns": until_ns}
    return _filled(layout.SetInstrumentState(), **fields)  # type: ignore[no-any-return]


def deposit(account: int, currency: int, amount: int, reference: int) -> layout.Deposit:
    record = _filled(layout.Deposit(), account=account, currency=currency, amount_minor=amount)
    wire.put_bytes(record.reference, number_words(reference, 32))
    return record  # type: ignore[no-any-return]


def reverse(account: int, currency: int, reference: int) -> layout.ReverseDeposit:
    record = _filled(layout.ReverseDeposit(), account=account, currency=currency)
    wire.put_bytes(record.reference, number_words(reference, 32))
    return record  # type: ignore[no-any-return]


def withdraw(account: int, currency: int, amount: int, request: int) -> layout.Withdraw:
    record = _filled(layout.Withdraw(), account=account, currency=currency, amount_minor=amount)
    wire.put_bytes(record.request, number_words(request, 16))
    return record  # type: ignore[no-any-return]


def settle(account: int, request: int, settled: int) -> layout.SettleWithdrawal:
    record = _filled(layout.SettleWithdrawal(), account=account, settled=settled)
    wire.put_bytes(record.request, number_words(request, 16))
    return record  # type: ignore[no-any-return]


def transfer(account: int, to_account: int, currency: int, amount: int) -> layout.Transfer:
    fields = {"account": account, "to_account": to_account, "currency": currency, "amount_minor": amount}
    return _filled(layout.Transfer(), **fields)  # type: ignore[no-any-return]


def price(index: int, constituent: int, units: int) -> layout.ConstituentPrice:
    return _filled(layout.ConstituentPrice(), index=index, constituent=constituent, price_units=units)  # type: ignore[no-any-return]


def currency(symbol: str, scale: int) -> layout.ListCurrency:
    record = _filled(layout.ListCurrency(), scale=scale)
    wire.put_text(record.symbol, symbol)
    return record  # type: ignore[no-any-return]


def index(symbol: str, decimals: int, tolerance_ppm: int = 0) -> layout.ListIndex:
    record = _filled(layout.ListIndex(), decimals=decimals, tolerance_ppm=tolerance_ppm)
    wire.put_text(record.symbol, symbol)
    return record  # type: ignore[no-any-return]


def constituent(of_index: int, weight_ppm: int) -> layout.ListConstituent:
    return _filled(layout.ListConstituent(), index=of_index, weight_ppm=weight_ppm)  # type: ignore[no-any-return]


def next_weight(of_index: int, source: int, weight_ppm: int) -> layout.SetNextWeight:
    fields = {"index": of_index, "constituent": source, "weight_ppm": weight_ppm}
    return _filled(layout.SetNextWeight(), **fields)  # type: ignore[no-any-return]


def adopt(of_index: int) -> layout.AdoptWeights:
    return _filled(layout.AdoptWeights(), index=of_index)  # type: ignore[no-any-return]


def resume(paused_s: int) -> layout.Resume:
    return _filled(layout.Resume(), paused_ns=paused_s * 10**9)  # type: ignore[no-any-return]


def root(at_sequence: int) -> layout.Root:
    return _filled(layout.Root(), at_sequence=at_sequence)  # type: ignore[no-any-return]


def grow(table: int, rows: int) -> layout.Grow:
    return _filled(layout.Grow(), table=table, rows=rows)  # type: ignore[no-any-return]


def lot(instrument: int, contracts: int) -> layout.SetLot:
    return _filled(layout.SetLot(), instrument=instrument, lot=contracts)  # type: ignore[no-any-return]


def cancel_all_after(account: int, timeout_ns: int) -> layout.CancelAllAfter:
    return _filled(layout.CancelAllAfter(), account=account, timeout_ns=timeout_ns)  # type: ignore[no-any-return]


def carry_on(units: int) -> layout.Continue:
    return _filled(layout.Continue(), units_max=units)  # type: ignore[no-any-return]
