"""Bands: at which mark a position has to be looked at, in a trie per instrument and side (LIQ-09).

A band is a sub-tick below 2^30: five digits of six bits, one node of the trie each; a child of the last node is the
first position of that band.  Positions of one band are a chain, the newest first; the chain is logical, because the
order in which they are examined shows, and the trie is derived from it.
"""

import cython

if not cython.compiled:
    from outcry.engine.book import drop_child
    from outcry.engine.pools import give_node, take_node
    from outcry.protocol.layout import (
        InstrumentRow,
        Tables,
        bit_of,
        flag,
        highest_bit,
        i64,
        instruments_at,
        lowest_bit,
        nodes_at,
        positions_at,
    )
    from outcry.rules.liquidation import has_passed


def bands_root(instrument: InstrumentRow, is_long: flag) -> i64:
    """Top node of the longs' or the shorts' bands."""
    return instrument.long_root if is_long else instrument.short_root


def band_leaf(tables: Tables, root: i64, subticks: i64) -> i64:
    """The last node on the way to a band, made if it is not there; room for four nodes was asked before."""
    slot: i64 = root
    shift: i64 = 24
    child: i64 = 0
    digit: i64 = 0
    while shift > 0:
        digit = subticks >> shift & 63
        child = nodes_at(tables, slot).children[digit]
        if child == 0:
            child = take_node(tables)
            nodes_at(tables, slot).children[digit] = child
            nodes_at(tables, slot).bits |= bit_of(digit)
        slot = child
        shift -= 6
    return slot


def stand_at_band(tables: Tables, slot: i64) -> None:
    """Make a position known at its band if it is the first of its chain."""
    position = positions_at(tables, slot)
    root: i64 = bands_root(instruments_at(tables, position.instrument), position.band_long != 0)
    leaf: i64 = band_leaf(tables, root, position.band_subticks)
    digit: i64 = position.band_subticks & 63
    nodes_at(tables, leaf).children[digit] = slot
    nodes_at(tables, leaf).bits |= bit_of(digit)


def put_band(tables: Tables, slot: i64, subticks: i64) -> None:
    """The position has this band from now on, 0 for none; it had none."""
    position = positions_at(tables, slot)
    if subticks == 0:
        return
    position.band_subticks = subticks
    position.band_long = 1 if position.quantity > 0 else 0
    root: i64 = bands_root(instruments_at(tables, position.instrument), position.quantity > 0)
    leaf: i64 = band_leaf(tables, root, subticks)
    position.band_next = nodes_at(tables, leaf).children[subticks & 63]
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
        leave_band(tables, bands_root(instruments_at(tables, position.instrument), position.band_long != 0), slot)
    position.band_subticks = 0
    position.band_long = 0
    position.band_previous = 0
    position.band_next = 0


def leave_band(tables: Tables, root: i64, slot: i64) -> None:
    """The first of a band's chain leaves it: the next is the first, or the band and what is empty with it go."""
    position = positions_at(tables, slot)
    band: i64 = position.band_subticks
    first: i64 = nodes_at(tables, root).children[band >> 24 & 63]
    second: i64 = nodes_at(tables, first).children[band >> 18 & 63]
    third: i64 = nodes_at(tables, second).children[band >> 12 & 63]
    leaf: i64 = nodes_at(tables, third).children[band >> 6 & 63]
    if position.band_next != 0:
        nodes_at(tables, leaf).children[band & 63] = position.band_next
        return
    if not drop_child(tables, leaf, band & 63):
        return
    give_node(tables, leaf)
    if not drop_child(tables, third, band >> 6 & 63):
        return
    give_node(tables, third)
    if not drop_child(tables, second, band >> 12 & 63):
        return
    give_node(tables, second)
    if not drop_child(tables, first, band >> 18 & 63):
        return
    give_node(tables, first)
    drop_child(tables, root, band >> 24 & 63)


def first_at(tables: Tables, root: i64, highest: flag) -> i64:
    """The first position of the highest or lowest band, 0 if there is none."""
    slot: i64 = root
    depth: i64
    digit: i64 = 0
    if nodes_at(tables, root).bits == 0:
        return 0
    for depth in range(5):  # noqa: B007 (five digits)
        digit = highest_bit(nodes_at(tables, slot).bits) if highest else lowest_bit(nodes_at(tables, slot).bits)
        slot = nodes_at(tables, slot).children[digit]
    return slot


def first_passed(tables: Tables, number: i64) -> i64:
    """A position of the instrument whose band the mark has passed, longs first, the furthest first; 0 if none."""
    instrument = instruments_at(tables, number)
    slot: i64 = first_at(tables, instrument.long_root, True)
    if slot != 0 and has_passed(instrument.mark_subticks, positions_at(tables, slot).band_subticks, True):
        return slot
    slot = first_at(tables, instrument.short_root, False)
    if slot != 0 and has_passed(instrument.mark_subticks, positions_at(tables, slot).band_subticks, False):
        return slot
    return 0
