"""A contract as it stands, for who operates the venue: terms, end, question.  Reads the tables, never changes them."""

import msgspec

from outcry.engine.reading import used
from outcry.engine.stated import word
from outcry.protocol.layout import (
    DocketStage,
    InstrumentState,
    InstrumentType,
    SettlementKind,
    TableNumber,
    Tables,
)
from outcry.protocol.wire import text_of


class ContractStated(msgspec.Struct, frozen=True):
    """A contract: what a price of it is made of, and how far its end has come."""

    number: int
    symbol: str
    type: str
    state: str
    expiry_ns: int
    price_decimals: int
    tick_units: int
    subticks_per_tick: int
    currency_scale: int
    settled_by: str
    """how its settlement price came about; nothing before its end"""
    settlement_subticks: int
    stage: str
    """of a prediction's question; nothing before an outcome is proposed"""
    voided: bool
    outcome_subticks: int
    until_ns: int
    source_hash: str
    indices: list[str]
    """symbols of all indices, in the order of their numbers"""
    risk: dict[str, int]


RISK_FIELDS = (
    "initial_margin_ppm", "maintenance_margin_ppm", "risk_limit_minor", "risk_step_minor", "maker_fee_ppm",
    "taker_fee_ppm",
)  # fmt: skip


def contract_stated(tables: Tables, symbol: str) -> ContractStated | None:
    """The contract of that symbol, if it is listed."""
    for number in used(tables, TableNumber.INSTRUMENTS_TABLE):
        row = tables.instruments[number]
        if text_of(row.symbol) != symbol:
            continue
        docket = tables.dockets[row.docket]
        asked = row.docket != 0
        return ContractStated(
            number=number,
            symbol=symbol,
            type=InstrumentType(row.instrument_type).name.lower(),
            state=word(InstrumentState(row.state).name),
            expiry_ns=row.expiry_ns,
            price_decimals=row.price_decimals,
            tick_units=row.tick_units,
            subticks_per_tick=row.subticks_per_tick,
            currency_scale=tables.currencies[row.currency].scale,
            settled_by=word(SettlementKind(row.settlement_kind).name) if row.settlement_kind else "",
            settlement_subticks=row.settlement_subticks,
            stage=word(DocketStage(docket.stage).name) if asked else "",
            voided=bool(docket.voided) if asked else False,
            outcome_subticks=docket.outcome_subticks if asked else 0,
            until_ns=docket.until_ns if asked else 0,
            source_hash=bytes(docket.source_hash).hex() if asked else "",
            indices=[text_of(tables.indices[at].symbol) for at in used(tables, TableNumber.INDICES_TABLE)],
            risk={name: getattr(row, name) for name in RISK_FIELDS},
        )
    return None
