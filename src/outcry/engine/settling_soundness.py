"""The invariants of contracts that end: INV-39 and INV-40, settlements and the means they are made at.

They are listed with the others in invariants.py and described in docs/rules/law.md.  Each walks the rows themselves and
names both numbers.  Reads the engine's tables, never changes them.
"""

from collections import Counter
from collections.abc import Iterator

from outcry.engine.breaches import Breach, differing, working
from outcry.engine.reading import used
from outcry.protocol.layout import (
    AVERAGE_MINUTES,
    MINUTE_NS,
    MINUTES_KEPT,
    FaultRow,
    InstrumentRow,
    InstrumentState,
    SettlementPhase,
    TableNumber,
    Tables,
)
from outcry.protocol.wire import text_of
from outcry.rules import value

SETTLING, SETTLED = InstrumentState.INSTRUMENT_SETTLING, InstrumentState.INSTRUMENT_SETTLED


def inv_39_settlements(tables: Tables) -> Iterator[Breach]:
    """What is being settled is counted and has its price for a mark; what is over has no book, order or position."""
    venue, settling = tables.venue, 0
    orders = Counter(tables.orders[at].instrument for at in working(tables))
    held, banded = Counter[int](), Counter[int]()
    for at in used(tables, TableNumber.POSITIONS_TABLE):
        row = tables.positions[at]
        held[row.instrument] += row.quantity != 0
        banded[row.instrument] += row.band_subticks != 0
    for number in used(tables, TableNumber.INSTRUMENTS_TABLE):
        one = tables.instruments[number]
        settling += one.state == SETTLING
        if one.state != SETTLING:
            yield from differing("INV-39", text_of(one.symbol), **_nothing_taken(one))
        if one.state in (SETTLING, SETTLED):
            yield from differing("INV-39", text_of(one.symbol), **_ended(one))
        else:
            yield from differing("INV-39", text_of(one.symbol), settlement_kind=(one.settlement_kind, 0))
        if one.state == SETTLED:
            roots = (one.bid_root, one.ask_root, one.long_root, one.short_root)
            yield from differing(
                "INV-39",
                text_of(one.symbol),
                orders=(orders[number], 0),
                positions=(held[number], 0),
                bands=(banded[number], 0),
                takeovers=(one.takeovers, 0),
                roots=(sum(root != 0 for root in roots), 0),
            )
    phase = venue.settlement_phase
    idle = phase == SettlementPhase.PHASE_NO_ROUND
    yield from differing(
        "INV-39",
        "round",
        settling=(venue.settling, settling),
        for_nothing=(int(not settling and phase not in (SettlementPhase.PHASE_SETTLED, 0)), 0),
        settlement_sequence=(int(venue.settlement_sequence != 0), int(not idle)),
        settlement_position=(int(venue.settlement_position != 0), int(not idle)),
    )


def _nothing_taken(one: InstrumentRow) -> dict[str, tuple[int, int]]:
    """Without a settlement under way nothing is with the epoch."""
    return {"epoch_quantity": (one.epoch_quantity, 0), "epoch_cost_minor": (one.epoch_cost_minor, 0)}


def _ended(one: InstrumentRow) -> dict[str, tuple[int, int]]:
    """The settlement price is the mark, and a lot is worth what it gives; what has no price has a spread's mark."""
    found = {"next_funding_ns": (one.next_funding_ns, 0)}
    if one.settlement_kind == 0:
        return found
    price = one.settlement_subticks
    lot_minor = value.lot_value_minor(one, price, FaultRow()) if price else 0
    found |= {"mark_subticks": (one.mark_subticks, price), "lot_minor": (one.settlement_lot_minor, lot_minor)}
    cost = value.signed_value_minor(one, one.epoch_quantity, lot_minor)
    return found | {"epoch_cost_minor": (one.epoch_cost_minor, cost)}


def inv_40_averages(tables: Tables) -> Iterator[Breach]:
    """Of the minutes that are kept none is in another's row, and an index's mean is that of its last 30."""
    last_ns = tables.venue.minute_ns
    for number in used(tables, TableNumber.INDICES_TABLE):
        own = tables.indices[number]
        rows = [tables.index_minutes[MINUTES_KEPT * number + place] for place in range(MINUTES_KEPT)]
        strays = sum(row.minute_ns // MINUTE_NS % MINUTES_KEPT != at for at, row in enumerate(rows) if row.minute_ns)
        since_ns = last_ns - AVERAGE_MINUTES * MINUTE_NS
        values = [row.value_units for row in rows if row.minute_ns > since_ns and row.value_units]
        mean = (2 * sum(values) + len(values)) // (2 * len(values)) if values else 0
        yield from differing(
            "INV-40",
            text_of(own.symbol),
            strays=(strays, 0),
            average_samples=(own.average_samples, len(values)),
            average_units=(own.average_units, mean),
        )
