"""Marks have moved: is anybody to be examined for it (LIQ-09), or a takeover to be looked at again (LIQ-07).

Only says that there is work; `examining` and `unwinding` do it.
"""

import cython

if not cython.compiled:
    from outcry.engine.bands import first_passed
    from outcry.engine.pending import make_task, task_row, task_waits
    from outcry.protocol.layout import TableNumber, Tables, TaskKind, flag, i64, instruments_at, pools_at


def examine_marks(tables: Tables) -> None:
    """Marks have moved: if anybody is to be examined for it, put that into the engine's queue of work.

    While the venue only cancels nobody could defend himself, so nobody is examined (LIQ-01).
    """
    if tables.venue.cancel_only != 0:
        return
    look_at_takeovers(tables)
    if not any_to_examine(tables):
        return
    if task_waits(tables, TaskKind.TASK_EXAMINE, 0):
        tables.venue.examine_again = 1
        return
    make_task(tables, TaskKind.TASK_EXAMINE, 0)
    begin_round(tables)


def any_to_examine(tables: Tables) -> flag:
    """Whether an account waits to be examined or a mark has passed a band."""
    number: i64
    if tables.venue.first_examined != 0:
        return True
    for number in range(1, pools_at(tables, TableNumber.INSTRUMENTS_TABLE).high + 1):
        if first_passed(tables, number) != 0:
            return True
    return False


def begin_round(tables: Tables) -> None:
    """Those that wait now, and then all bands from the first instrument on."""
    tables.venue.examine_again = 0
    tables.venue.examine_last = tables.venue.last_examined
    tables.venue.band_instrument = 1


def look_at_takeovers(tables: Tables) -> None:
    """If this entry has moved the mark of an instrument that has takeovers, they are looked at again (LIQ-07)."""
    number: i64
    for number in range(1, pools_at(tables, TableNumber.INSTRUMENTS_TABLE).high + 1):
        instrument = instruments_at(tables, number)
        if instrument.takeovers != 0 and instrument.mark_sequence == tables.venue.sequence:
            call_takeovers(tables)
            return


def call_takeovers(tables: Tables) -> None:
    """Put the work on takeovers into the queue, unless it waits there and has not begun."""
    number: i64
    for number in range(tables.venue.tasks_done, tables.venue.tasks_made):
        if task_row(tables, number).kind == TaskKind.TASK_TAKEOVERS and (
            number != tables.venue.tasks_done or tables.venue.takeover_instrument == 0
        ):
            return
    make_task(tables, TaskKind.TASK_TAKEOVERS, 0)
