"""What is still to come: the queue of the engine's own tasks as a ring, accounts to examine, when the next tick is due.

Knows neither what a task does nor who makes it.
"""

import cython

if not cython.compiled:
    from outcry.engine.timers import first_timer, timer_ns
    from outcry.protocol.layout import (
        MINUTE_NS,
        ROLES,
        SECOND_NS,
        TASKS,
        TRAIL_NS,
        Fault,
        Tables,
        TaskKind,
        TaskRow,
        accounts_at,
        flag,
        i64,
        tasks_at,
    )


def tasks_waiting(tables: Tables) -> i64:
    """How many tasks are not done."""
    return tables.venue.tasks_made - tables.venue.tasks_done


def task_row(tables: Tables, number: i64) -> TaskRow:
    """The row of a task that waits, by its number."""
    return tasks_at(tables, 1 + number % TASKS)


def task_waits(tables: Tables, kind: i64, instrument: i64) -> flag:
    """Whether a task of this kind and instrument waits already."""
    number: i64
    for number in range(tables.venue.tasks_done, tables.venue.tasks_made):
        row = task_row(tables, number)
        if row.kind == kind and row.instrument == instrument:
            return True
    return False


def make_task(tables: Tables, kind: i64, instrument: i64) -> None:
    """Put a task at the end of the queue; there is room, because no two of a kind and instrument wait."""
    if tasks_waiting(tables) >= TASKS:
        tables.fault.code = Fault.FAULT_FULL
        return
    row = task_row(tables, tables.venue.tasks_made)
    row.kind = kind
    row.instrument = instrument
    row.made_sequence = tables.venue.sequence
    tables.venue.tasks_made += 1


def note_examined(tables: Tables, account: i64) -> None:
    """Something of the account has changed: it is examined when marks have moved, after those that wait (LIQ-09).

    The venue's roles are nobody's: what has been taken over is not liquidated again.
    """
    row = accounts_at(tables, account)
    if account < ROLES or row.examined != 0:
        return
    row.examined = 1
    if tables.venue.last_examined != 0:
        accounts_at(tables, tables.venue.last_examined).next_examined = account
    else:
        tables.venue.first_examined = account
    tables.venue.last_examined = account


def plan_next(tables: Tables) -> None:
    """When something is due again: the next whole minute, when marks move (MRK-01), a second while auctions are
    indicated or triggers trail (AUC-05, ORD-15), the end of a state (CMD-06, CMD-07, CMD-12), or the first dead-man
    switch (ORD-12).

    While times of accounts that have come are being worked through, the next one waits for them.
    """
    venue = tables.venue
    due: i64 = (venue.time_ns // MINUTE_NS + 1) * MINUTE_NS
    if venue.collecting != 0:
        due = (venue.time_ns // SECOND_NS + 1) * SECOND_NS
    if venue.states_due_ns != 0:
        due = min(due, venue.states_due_ns)
    if venue.state_until_ns != 0:
        due = min(due, venue.state_until_ns)
    first: i64 = first_timer(tables)
    if first != 0 and not task_waits(tables, TaskKind.TASK_DEAD_MEN, 0):
        due = min(due, timer_ns(tables, first))
    if venue.trailing > 0:
        due = min(due, (venue.time_ns // TRAIL_NS + 1) * TRAIL_NS)
    venue.next_due_ns = due
