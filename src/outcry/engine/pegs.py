"""What an order shows, and pegged ones: priced once from what the book shows, then like any other (ORD-17, ORD-20)."""

import cython

if not cython.compiled:
    from outcry.engine.assess import opposite
    from outcry.engine.book import best_shown_ticks
    from outcry.protocol.layout import (
        SUBTICKS_BOUND,
        Code,
        InstrumentRow,
        OrderFlag,
        PegKind,
        Place,
        Tables,
        i64,
    )
    from outcry.rules.arith import magnitude


def display_refusal(instrument: InstrumentRow, display: i64, quantity: i64) -> Code:
    """Whether what an order shows is all (-1), nothing (0), or a part of it in whole lots (ORD-20)."""
    if display == -1 or (0 <= display <= quantity and display % instrument.lot == 0):
        return Code.OK
    return Code.DISPLAY_INVALID


def peg_refusal(tables: Tables, instrument: InstrumentRow, asked: Place, quantity: i64) -> Code:
    """Whether a pegged order says from which touch it is priced, once, and there is such a touch (ORD-17)."""
    if asked.price_ticks != 0:
        return Code.PRICE_INVALID
    if asked.flags & OrderFlag.FIXED_PEG == 0:
        return Code.PEG_INVALID
    if asked.peg_kind != PegKind.PEG_PRIMARY and asked.peg_kind != PegKind.PEG_MARKET:
        return Code.PEG_INVALID
    offset: i64 = asked.peg_offset_subticks
    if not -SUBTICKS_BOUND < offset < SUBTICKS_BOUND or magnitude(offset) % instrument.subticks_per_tick != 0:
        return Code.PEG_INVALID
    if touch_ticks(tables, instrument, asked) != 0:
        return Code.OK
    # What stands before it in the table of codes is said first, though its price is not known.
    code: Code = display_refusal(instrument, asked.display_quantity, quantity)
    return code if code != Code.OK else Code.PEG_WITHOUT_TOUCH


def touch_ticks(tables: Tables, instrument: InstrumentRow, asked: Place) -> i64:
    """The touch that a pegged order is priced from, in ticks; 0 if nothing is shown on that side."""
    side: i64 = asked.side
    if asked.peg_kind == PegKind.PEG_MARKET:
        side = opposite(side)
    return best_shown_ticks(tables, instrument, side)


def peg_ticks(tables: Tables, instrument: InstrumentRow, asked: Place) -> i64:
    """The price of a pegged order: its touch and its offset, which may bring it out of the instrument's prices."""
    distance: i64 = magnitude(asked.peg_offset_subticks) // instrument.subticks_per_tick
    touch: i64 = touch_ticks(tables, instrument, asked)
    return touch - distance if asked.peg_offset_subticks < 0 else touch + distance
