"""Orders for a day end at the next midnight UTC, by the engine's own work (ORD-24)."""

import cython

if not cython.compiled:
    from outcry.engine.orders import end_resting
    from outcry.engine.pending import make_task, task_waits
    from outcry.protocol.layout import (
        DAY_NS,
        EndReason,
        Tables,
        TaskKind,
        conditions_at,
        flag,
        i64,
        orders_at,
    )


def oldest_of_a_day(tables: Tables) -> i64:
    """The order for a day that was placed first, 0 if there is none."""
    return conditions_at(tables, conditions_at(tables, 0).day_next).order


def end_of_day(tables: Tables) -> None:
    """At a tick: if a midnight has passed, orders for the days before it are put into the queue to be ended."""
    midnight: i64 = tables.venue.time_ns // DAY_NS * DAY_NS
    if midnight <= tables.venue.day_ns:
        return
    tables.venue.day_ns = midnight
    oldest: i64 = oldest_of_a_day(tables)
    if oldest == 0 or orders_at(tables, oldest).time_ns >= midnight:
        return
    if not task_waits(tables, TaskKind.TASK_DAY_END, 0):
        make_task(tables, TaskKind.TASK_DAY_END, 0)


def day_end_unit(tables: Tables) -> flag:
    """End the oldest order for a day that is over; False if none is left."""
    oldest: i64 = oldest_of_a_day(tables)
    if oldest == 0 or orders_at(tables, oldest).time_ns >= tables.venue.day_ns:
        return False
    end_resting(tables, oldest, EndReason.ENDED_DAY)
    return True
