"""The sweep of a funding: position after position is brought up to date, then the epochs are closed (FND-04, FND-05).

Does in units what nobody has touched since the stamp; what a position pays is `funding`'s.
"""

import cython

if not cython.compiled:
    from outcry.engine.events import say_fund_moved
    from outcry.engine.funding import bring_up_to_date
    from outcry.engine.insurance import square
    from outcry.engine.ledger import breach, move, role_wallet
    from outcry.engine.pending import note_examined
    from outcry.protocol.layout import (
        Fault,
        MoveReason,
        Role,
        TableNumber,
        Tables,
        currencies_at,
        flag,
        i64,
        instruments_at,
        new_funding_swept,
        pools_at,
        positions_at,
    )


def funding_unit(tables: Tables) -> flag:
    """Bring one more row of the positions up to date, behind the last close one epoch; False if all is done.

    Every holder is examined afterwards: the allowance for funding may be another, paid or skipped (MRG-10, FND-06).
    """
    slot: i64 = tables.venue.sweep_position
    if slot == 0:
        return False
    if slot <= pools_at(tables, TableNumber.POSITIONS_TABLE).high:
        bring_up_to_date(tables, slot)
        if positions_at(tables, slot).quantity != 0:
            note_examined(tables, positions_at(tables, slot).account)
        tables.venue.sweep_position = slot + 1
        return True
    if first_sweeping(tables) != 0:
        close_epoch(tables, first_sweeping(tables))
    if first_sweeping(tables) == 0:
        tables.venue.sweep_position = 0
    return True


def first_sweeping(tables: Tables) -> i64:
    """The first instrument whose epoch is not closed, or 0."""
    number: i64
    for number in range(1, pools_at(tables, TableNumber.INSTRUMENTS_TABLE).high + 1):
        if instruments_at(tables, number).sweeping != 0:
            return number
    return 0


def close_epoch(tables: Tables, number: i64) -> None:
    """All positions are up to date: what rounding left in the pot goes to the insurance fund (FND-05)."""
    instrument = instruments_at(tables, number)
    remainder: i64 = instrument.epoch_pot_minor
    currency: i64 = instrument.currency
    if remainder < 0:
        breach(tables, Fault.FAULT_POTS, number, remainder, 0)
        return
    instrument.sweeping = 0
    instrument.epoch_pot_minor = 0
    if remainder > 0:
        currencies_at(tables, currency).epochs_minor -= remainder
        move(
            tables, role_wallet(tables, currency, Role.EPOCHS), role_wallet(tables, currency, Role.INSURANCE), remainder
        )
        say_fund_moved(tables, currency, number, MoveReason.MOVED_REMAINDER, remainder)
        square(tables, currency, number)
    swept = new_funding_swept(tables)
    swept.instrument = number
    swept.epoch = instrument.epoch
    swept.remainder_minor = remainder
