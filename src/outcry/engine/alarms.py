"""Whether anybody is to be examined now that marks have moved (LIQ-09).

Only says that there is work; `examining` does it.
"""

import cython

if not cython.compiled:
    from outcry.engine.bands import first_passed
    from outcry.engine.pending import make_task, task_waits
    from outcry.protocol.layout import TableNumber, Tables, TaskKind, flag, i64, pools_at


def examine_marks(tables: Tables) -> None:
    """Marks have moved: if anybody is to be examined for it, put that into the engine's queue of work.

    While the venue only cancels nobody could defend himself, so nobody is examined (LIQ-01).
    """
    if tables.venue.cancel_only != 0 or not any_to_examine(tables):
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
