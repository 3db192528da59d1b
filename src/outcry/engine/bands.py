"""Bands: at which mark a position has to be looked at, in a trie per instrument and side (LIQ-09).

A band is a sub-tick below 2^30, and the trie of `tries` leads to the first position of it.  Positions of one band are a
chain, the newest first; the chain is logical, because the order in which they are examined shows, and the trie is
derived from it.
"""

import cython

if not cython.compiled:
    from outcry.engine.tries import drop_price, first_at, first_of_all, put_first
    from outcry.protocol.layout import InstrumentRow, Tables, flag, i64, instruments_at, positions_at
    from outcry.rules.liquidation import has_passed


def bands_root(instrument: InstrumentRow, is_long: flag) -> i64:
    """Top node of the longs' or the shorts' bands."""
    return instrument.long_root if is_long else instrument.short_root


def stand_at_band(tables: Tables, slot: i64) -> None:
    """Make a position known at its band if it is the first of its chain."""
    position = positions_at(tables, slot)
    root: i64 = bands_root(instruments_at(tables, position.instrument), position.band_long != 0)
    put_first(tables, root, position.band_subticks, slot)


def put_band(tables: Tables, slot: i64, subticks: i64) -> None:
    """The position has this band from now on, 0 for none; it had none."""
    position = positions_at(tables, slot)
    if subticks == 0:
        return
    position.band_subticks = subticks
    position.band_long = 1 if position.quantity > 0 else 0
    root: i64 = bands_root(instruments_at(tables, position.instrument), position.quantity > 0)
    position.band_next = first_at(tables, root, subticks)
    if position.band_next != 0:
        positions_at(tables, position.band_next).band_previous = slot
    stand_at_band(tables, slot)


def drop_band(tables: Tables, slot: i64) -> None:
    """The position has no band any more; it may have turned since it got it."""
    position = positions_at(tables, slot)
    if position.band_subticks == 0:
        return
    if position.band_next != 0:
        positions_at(tables, position.band_next).band_previous = position.band_previous
    if position.band_previous != 0:
        positions_at(tables, position.band_previous).band_next = position.band_next
    else:
        root: i64 = bands_root(instruments_at(tables, position.instrument), position.band_long != 0)
        if position.band_next != 0:
            put_first(tables, root, position.band_subticks, position.band_next)
        else:
            drop_price(tables, root, position.band_subticks)
    position.band_subticks = 0
    position.band_long = 0
    position.band_previous = 0
    position.band_next = 0


def first_passed(tables: Tables, number: i64) -> i64:
    """A position of the instrument whose band the mark has passed, longs first, the furthest first; 0 if none."""
    instrument = instruments_at(tables, number)
    slot: i64 = first_of_all(tables, instrument.long_root, True)
    if slot != 0 and has_passed(instrument.mark_subticks, positions_at(tables, slot).band_subticks, True):
        return slot
    slot = first_of_all(tables, instrument.short_root, False)
    if slot != 0 and has_passed(instrument.mark_subticks, positions_at(tables, slot).band_subticks, False):
        return slot
    return 0
