"""Stands in for the settlement of positions until that is merged: the price is fixed and said, and nothing follows."""

import cython

if not cython.compiled:
    from outcry.engine.states import enter_state
    from outcry.protocol.layout import InstrumentState, StateCause, Tables, i64, instruments_at, new_settlement_fixed


def fix_settlement(tables: Tables, number: i64, kind: i64, price_subticks: i64) -> None:
    """An instrument has ended at this price (SET-02)."""
    instrument = instruments_at(tables, number)
    enter_state(tables, number, InstrumentState.INSTRUMENT_SETTLING, StateCause.CAUSE_SCHEDULE, 0, 0)
    instrument.settlement_kind = kind
    instrument.settlement_subticks = price_subticks
    said = new_settlement_fixed(tables)
    said.instrument = number
    said.kind = kind
    said.price_subticks = price_subticks
