"""Prices from outside become indices, and indices become marks (IDX-01, MRK-01).

A constituent's price moves its index, and the index moves the mark of every instrument on it; a tick moves the marks of
all, because the funding basis shrinks by the minute.  Bounded by the number of instruments.
"""

import cython

if not cython.compiled:
    from outcry.engine.alarms import examine_marks
    from outcry.engine.events import refuse
    from outcry.protocol.layout import (
        AMOUNT_BOUND,
        Code,
        EntryHead,
        TableNumber,
        Tables,
        constituent_price_of,
        constituents_at,
        i64,
        indices_at,
        instruments_at,
        new_index_moved,
        new_mark_moved,
        new_resumed,
        pools_at,
        wide,
    )
    from outcry.rules.marks import basis_subticks, index_subticks, weighted_mean
    from outcry.rules.value import lot_value_minor


def constituent_price(tables: Tables, entry: EntryHead) -> Code:
    """A price seen at a source: the index, the marks on it, and the end of cancel-only when all indices are fresh."""
    asked = constituent_price_of(entry)
    index: i64 = asked.index
    source: i64 = asked.constituent
    price: i64 = asked.price_units
    if index <= 0 or index > pools_at(tables, TableNumber.INDICES_TABLE).high:
        return refuse(tables, entry, Code.INDEX_UNKNOWN, 0, 0, index, 0)
    if source <= 0 or source > pools_at(tables, TableNumber.CONSTITUENTS_TABLE).high:
        return refuse(tables, entry, Code.CONSTITUENT_UNKNOWN, 0, 0, source, 0)
    if constituents_at(tables, source).index != index:
        return refuse(tables, entry, Code.CONSTITUENT_UNKNOWN, 0, 0, source, index)
    if price <= 0 or price >= AMOUNT_BOUND:
        return refuse(tables, entry, Code.PARAMETER_INVALID, 0, 0, price, AMOUNT_BOUND)

    # From here the price is seen.
    constituents_at(tables, source).price_units = price
    constituents_at(tables, source).price_time_ns = tables.venue.time_ns
    compose_index(tables, index)
    number: i64
    for number in range(1, pools_at(tables, TableNumber.INSTRUMENTS_TABLE).high + 1):
        if instruments_at(tables, number).index == index:
            mark_instrument(tables, number)
    examine_marks(tables)
    if tables.venue.cancel_only != 0:
        open_if_fresh(tables)
    return Code.OK


def compose_index(tables: Tables, index: i64) -> None:
    """The weighted mean of the sources that have a price (IDX-01)."""
    total = wide(0)
    weights: i64 = 0
    sources: i64 = 0
    slot: i64
    for slot in range(1, pools_at(tables, TableNumber.CONSTITUENTS_TABLE).high + 1):
        row = constituents_at(tables, slot)
        if row.index == index and row.price_units > 0:
            total += wide(row.weight_ppm) * row.price_units
            weights += row.weight_ppm
            sources += 1
    value: i64 = weighted_mean(total, weights, tables.fault)
    composed = indices_at(tables, index)
    composed.value_time_ns = tables.venue.time_ns
    if value != composed.value_units:
        composed.value_units = value
        moved = new_index_moved(tables)
        moved.index = index
        moved.constituents = sources
        moved.value_units = value


def mark_instrument(tables: Tables, number: i64) -> None:
    """Fair price: index and funding basis (MRK-01); a mark below one sub-tick stays where it was."""
    instrument = instruments_at(tables, number)
    units: i64 = indices_at(tables, instrument.index).value_units
    if units == 0:
        return
    index: i64 = index_subticks(instrument, units)
    highest: i64 = instrument.price_ticks_max * instrument.subticks_per_tick
    if index <= 0 or index > 2 * highest:
        return
    basis: i64 = basis_subticks(instrument, index, tables.venue.time_ns, tables.fault)
    if index + basis <= 0 or index + basis > highest:
        return
    if index + basis == instrument.mark_subticks and index == instrument.index_subticks:
        return
    instrument.index_subticks = index
    instrument.mark_subticks = index + basis
    instrument.mark_sequence = tables.venue.sequence
    instrument.mark_lot_minor = lot_value_minor(instrument, instrument.mark_subticks, tables.fault)
    moved = new_mark_moved(tables)
    moved.instrument = number
    moved.mark_subticks = instrument.mark_subticks
    moved.index_subticks = index
    moved.basis_subticks = basis


def mark_all(tables: Tables) -> None:
    """All marks at the current time."""
    number: i64
    for number in range(1, pools_at(tables, TableNumber.INSTRUMENTS_TABLE).high + 1):
        mark_instrument(tables, number)
    examine_marks(tables)


def open_if_fresh(tables: Tables) -> None:
    """After a pause: trading goes on once every index that had a value has a new one (CMD-04)."""
    index: i64
    for index in range(1, pools_at(tables, TableNumber.INDICES_TABLE).high + 1):
        row = indices_at(tables, index)
        if row.value_units > 0 and row.value_time_ns < tables.venue.resumed_ns:
            return
    tables.venue.cancel_only = 0
    tables.venue.resumed_ns = 0
    mark_all(tables)
    new_resumed(tables)
