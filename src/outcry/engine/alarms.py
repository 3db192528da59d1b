"""Whether anybody is to be examined now that marks have moved (LIQ-09).

Only says that there is work; `examining` and `unwinding` do it.
"""

import cython

if not cython.compiled:
    from outcry.engine.bands import first_passed
    from outcry.engine.conditions import call_triggers
    from outcry.engine.pending import make_task, task_row, task_waits
    from outcry.engine.reaching import judge
    from outcry.engine.rungs import venue_trades
    from outcry.protocol.layout import InstrumentState, TableNumber, Tables, TaskKind, i64, instruments_at, pools_at


def sound_alarm(tables: Tables, number: i64) -> None:
    """An instrument's mark has moved, or it trades again: whose trigger is reached, who is to be examined for it,
    whose takeover is to be looked at.

    While not everybody can close a position nobody could defend himself, so nobody is examined (LIQ-01, CMD-12).
    """
    if not venue_trades(tables):
        return
    judge(tables, number)
    takeovers_due(tables, number)
    if tables.venue.first_examined != 0 or first_passed(tables, number) != 0:
        call_examination(tables)


def sound_all(tables: Tables) -> None:
    """The venue trades again after a pause: as if every mark had moved; orders whose primary was filled go on."""
    number: i64
    if tables.venue.first_released != 0 and venue_trades(tables):
        call_triggers(tables)
    if tables.venue.settling != 0 or tables.venue.settlement_phase != 0:
        call_settlement(tables)
    for number in range(1, pools_at(tables, TableNumber.INSTRUMENTS_TABLE).high + 1):
        sound_alarm(tables, number)
        if instruments_at(tables, number).state == InstrumentState.INSTRUMENT_UNCROSSING:
            call_auction(tables, number)


def call_auction(tables: Tables, number: i64) -> None:
    """An auction has ended: put its trades into the queue, behind those of others that wait there (AUC-06)."""
    at: i64
    for at in range(tables.venue.tasks_done, tables.venue.tasks_made):
        if task_row(tables, at).kind == TaskKind.TASK_AUCTION:
            return
    if venue_trades(tables):
        make_task(tables, TaskKind.TASK_AUCTION, number)


def call_settlement(tables: Tables) -> None:
    """Something has ended: put the work on it into the queue, unless it waits there (SET-03)."""
    if venue_trades(tables) and not task_waits(tables, TaskKind.TASK_SETTLEMENT, 0):
        make_task(tables, TaskKind.TASK_SETTLEMENT, 0)


def call_examination(tables: Tables) -> None:
    """Put the examination into the engine's queue of work, or let the one that waits there go round once more."""
    if task_waits(tables, TaskKind.TASK_EXAMINE, 0):
        tables.venue.examine_again = 1
        return
    make_task(tables, TaskKind.TASK_EXAMINE, 0)
    begin_round(tables)


def takeovers_due(tables: Tables, number: i64) -> None:
    """An instrument's mark has moved: if it has takeovers, they are looked at again (LIQ-07, LIQ-08)."""
    if instruments_at(tables, number).takeovers != 0:
        call_takeovers(tables)


def call_takeovers(tables: Tables) -> None:
    """Put the work on takeovers into the queue, unless it waits there and has not begun."""
    number: i64
    for number in range(tables.venue.tasks_done, tables.venue.tasks_made):
        if task_row(tables, number).kind == TaskKind.TASK_TAKEOVERS and (
            number != tables.venue.tasks_done or tables.venue.takeover_instrument == 0
        ):
            return
    make_task(tables, TaskKind.TASK_TAKEOVERS, 0)


def begin_round(tables: Tables) -> None:
    """Those that wait now, and then all bands from the first instrument on."""
    tables.venue.examine_again = 0
    tables.venue.examine_last = tables.venue.last_examined
    tables.venue.band_instrument = 1
