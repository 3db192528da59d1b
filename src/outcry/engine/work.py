"""The engine's own work: a queue of tasks done unit by unit, so that no command waits for all of it (CMD-10).

A task is made by a command (a tick, say) and costs nothing then; `Continue` does units of the oldest until so many are
done or none is left.  What one unit may write is listed in `UNIT_EVENTS` of the schema.  The rules of a kind of task
are in its own file; here is only the queue.
"""

import cython

if not cython.compiled:
    from outcry.engine.daily import day_end_unit
    from outcry.engine.deadman import dead_men_unit
    from outcry.engine.events import refuse, room_left
    from outcry.engine.examining import examine_unit
    from outcry.engine.firing import triggers_unit
    from outcry.engine.pending import plan_next, task_row, tasks_waiting
    from outcry.engine.pools import has_room
    from outcry.engine.settling import settlement_unit
    from outcry.engine.sweeping import funding_unit
    from outcry.engine.uncrossing import auction_unit
    from outcry.engine.unwinding import takeovers_unit
    from outcry.protocol.layout import (
        INSTRUMENTS_MAX,
        TASKS,
        WORK_UNITS_MAX,
        Code,
        CommandKind,
        EntryHead,
        Fault,
        TableNumber,
        Tables,
        TaskKind,
        clear_tasks,
        continue_of,
        flag,
        i64,
        new_continued,
    )


def carry_on(tables: Tables, entry: EntryHead) -> Code:
    """Do units of the queue; pending when the event buffer is full, called again it goes on (CMD-10).

    A unit that would need rows of a table that is full is not begun: the Continue ends there, and the node grows it.
    """
    wanted: i64 = continue_of(entry).units_max
    if wanted <= 0 or wanted > WORK_UNITS_MAX:
        return refuse(tables, entry, Code.PARAMETER_INVALID, 0, 0, wanted, WORK_UNITS_MAX)

    # From here the work goes on.
    venue = tables.venue
    venue.pending_kind = CommandKind.CONTINUE
    while venue.pending_units < wanted and tasks_waiting(tables) > 0 and tables.fault.code == Fault.NO_FAULT:
        if not room_left(tables):
            return Code.OK
        if not work_has_room(tables):
            break
        if not unit(tables):
            finish_task(tables)
        else:
            venue.pending_units += 1
        if venue.pending_order != 0:
            # An order that a unit has sent goes on before anything else.
            return Code.OK
    continued = new_continued(tables)
    continued.units = venue.pending_units
    continued.tasks = tasks_waiting(tables)
    venue.pending_units = 0
    venue.pending_kind = 0
    return Code.OK


def work_has_room(tables: Tables) -> flag:
    """Whether every row that a unit may need can be had; if not, the node makes tables larger before it goes on."""
    return (
        has_room(tables, TableNumber.ORDERS_TABLE, 2)
        and has_room(tables, TableNumber.LEAVES_TABLE, 4)
        and has_room(tables, TableNumber.NODES_TABLE, 4 * INSTRUMENTS_MAX + 24)
        and has_room(tables, TableNumber.POSITIONS_TABLE, 2)
        and has_room(tables, TableNumber.WALLETS_TABLE, 2)
        and has_room(tables, TableNumber.TAKEOVERS_TABLE, 2)
    )


def unit(tables: Tables) -> flag:
    """One unit of the task under way; False if nothing of it was left."""
    kind: i64 = task_row(tables, tables.venue.tasks_done).kind
    if kind == TaskKind.TASK_DEAD_MEN:
        return dead_men_unit(tables)
    if kind == TaskKind.TASK_FUNDING:
        return funding_unit(tables)
    if kind == TaskKind.TASK_EXAMINE:
        return examine_unit(tables)
    if kind == TaskKind.TASK_TAKEOVERS:
        return takeovers_unit(tables)
    if kind == TaskKind.TASK_TRIGGERS:
        return triggers_unit(tables)
    if kind == TaskKind.TASK_DAY_END:
        return day_end_unit(tables)
    if kind == TaskKind.TASK_AUCTION:
        return auction_unit(tables)
    if kind == TaskKind.TASK_SETTLEMENT:
        return settlement_unit(tables)
    tables.fault.code = Fault.FAULT_ENTRY
    return False


def finish_task(tables: Tables) -> None:
    """The task under way is done; what it held up in time is planned again."""
    clear_tasks(tables, 1 + tables.venue.tasks_done % TASKS)
    tables.venue.tasks_done += 1
    plan_next(tables)
