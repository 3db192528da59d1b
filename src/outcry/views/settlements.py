"""Settlements of late, from events: the price at which each contract has ended; and its terms, which change with time.

First the row, then `SettlementsRecent`, which keeps them, one for each instrument that has ended and the last
`KEPT_SETTLEMENTS` in all; the oldest are forgotten here (history keeps them).  The engine is read only for terms, and
where a restart has left a gap.
"""

from collections.abc import Callable

import msgspec

from outcry.protocol.layout import EventKind, SettlementFixed
from outcry.protocol.wire import Entry, Event
from outcry.views.bounded import Bounded
from outcry.views.directory import Directory, State

KEPT_SETTLEMENTS = 2_000
PPB_OF_PPM = 1_000


class SettlementView(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """An instrument's end; `average_units` is 0 where no average was taken."""

    sequence: int
    time_ns: int
    instrument: int
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


class SettlementsRecent:
    """The keeper of them."""

    def __init__(self, state: State, directory: Directory) -> None:
        self.kept: Bounded[SettlementView] = Bounded(maxlen=KEPT_SETTLEMENTS)
        """Oldest first."""
        self._state = state
        self._directory = directory
        self.handlers: dict[int, Callable[[Entry, Event], None]] = {
            EventKind.SETTLEMENT_FIXED: self._fixed,
            EventKind.EXPIRY_SET: self._renewed,
            EventKind.CONVERTED: self._renewed,
        }
        """What is told by kind of event."""

    def _fixed(self, entry: Entry, event: Event) -> None:
        record: SettlementFixed = event.record
        self.kept.append(
            SettlementView(
                sequence=entry.head.sequence,
                time_ns=entry.head.time_ns,
                instrument=record.instrument,
                kind=record.kind,
                samples=record.samples,
                average_units=record.average_units,
                price_subticks=record.price_subticks,
                lot_minor=record.lot_minor,
                fee_ppm=record.fee_ppm,
            )
        )

    def _renewed(self, entry: Entry, event: Event) -> None:
        self._directory.renew(event.record.instrument)

    def of(self, instrument: int) -> SettlementView:
        """How an instrument has ended; as far as the engine's row tells it when that was not observed."""
        for view in reversed(self.kept):
            if view.instrument == instrument:
                return view
        row = self._state.tables.instruments[instrument]
        return SettlementView(
            sequence=0,
            time_ns=0,
            instrument=instrument,
            kind=row.settlement_kind,
            samples=0,
            average_units=0,
            price_subticks=row.settlement_subticks,
            lot_minor=row.settlement_lot_minor,
            fee_ppm=row.settlement_fee_ppm,
        )
