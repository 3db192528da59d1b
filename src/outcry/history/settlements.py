"""Rows of `settlements`: the price at which each contract has ended."""

import msgspec

from outcry.protocol.layout import SettlementFixed, Tables

PPB_OF_PPM = 1_000


class Settlement(msgspec.Struct, frozen=True):
    """A row of `settlements`; `average_units` is 0 where no average was taken."""

    instrument: int
    sequence: int
    time_ns: int
    kind: int
    samples: int
    average_units: int
    price_subticks: int
    lot_minor: int
    fee_ppm: int

    @property
    def fee_ppb(self) -> int:
        """The settlement fee as a rate of executions."""
        return self.fee_ppm * PPB_OF_PPM


def settlement_of(record: SettlementFixed, sequence: int, time_ns: int) -> Settlement:
    """The row of a contract that has ended."""
    return Settlement(
        instrument=record.instrument,
        sequence=sequence,
        time_ns=time_ns,
        kind=record.kind,
        samples=record.samples,
        average_units=record.average_units,
        price_subticks=record.price_subticks,
        lot_minor=record.lot_minor,
        fee_ppm=record.fee_ppm,
    )


def standing(tables: Tables, number: int) -> Settlement:
    """How an instrument has ended, as far as the engine's row tells it: price and fee."""
    row = tables.instruments[number]
    return Settlement(
        number, 0, 0, row.settlement_kind, 0, 0, row.settlement_subticks, row.settlement_lot_minor,
        row.settlement_fee_ppm,
    )  # fmt: skip
