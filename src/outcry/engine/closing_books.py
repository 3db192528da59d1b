"""The nodes of an instrument that is over are given back: nothing rests in it, and nobody has a band (SET-03)."""

import cython

if not cython.compiled:
    from outcry.engine.pools import give_node
    from outcry.protocol.layout import InstrumentRow, Tables


def close_book(tables: Tables, instrument: InstrumentRow) -> None:
    """Give back the four roots, which have no children any more."""
    give_node(tables, instrument.bid_root)
    give_node(tables, instrument.ask_root)
    give_node(tables, instrument.long_root)
    give_node(tables, instrument.short_root)
    instrument.bid_root = 0
    instrument.ask_root = 0
    instrument.long_root = 0
    instrument.short_root = 0
