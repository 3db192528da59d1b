"""The dead-man switch: an account's orders are cancelled unless it says in time that it is still there (ORD-12).

`CancelAllAfter` arms it, the tick at its time puts the work into the queue, and units of it cancel one order each, of
the switch that went off first.  From its time until its orders are gone the account waits: it may only reduce and
cancel.  The heap of times is shared with states of accounts that are over by themselves (CMD-07), and so is the work.
"""

import cython

if not cython.compiled:
    from outcry.engine.events import refuse, say_dead_man
    from outcry.engine.known import account_waits, known_account
    from outcry.engine.orders import end_resting
    from outcry.engine.pending import make_task, plan_next, task_waits
    from outcry.engine.states import open_account_again
    from outcry.engine.timers import first_timer, set_timer, state_is_first, timer_ns
    from outcry.protocol.layout import (
        DEAD_MAN_NS_MAX,
        Code,
        EndReason,
        EntryHead,
        Tables,
        TaskKind,
        accounts_at,
        cancel_all_after_of,
        flag,
        i64,
    )


def cancel_all_after(tables: Tables, entry: EntryHead) -> Code:
    """Arm the account's switch anew, or disarm it with 0 (ORD-12).  Allowed in every state of venue and account."""
    asked = cancel_all_after_of(entry)
    account: i64 = asked.account
    timeout: i64 = asked.timeout_ns
    code: Code = known_account(tables, account)
    if code == Code.OK and account_waits(tables, account):
        code = Code.ACCOUNT_WAITS
    if code == Code.OK and (timeout < 0 or timeout > DEAD_MAN_NS_MAX):
        code = Code.PARAMETER_INVALID
    if code != Code.OK:
        return refuse(tables, entry, code, account, 0, timeout, DEAD_MAN_NS_MAX)

    # From here the switch is as asked.
    row = accounts_at(tables, account)
    row.dead_man_ns = tables.venue.time_ns + timeout if timeout > 0 else 0
    row.dead_man_sequence = tables.venue.sequence if timeout > 0 else 0
    set_timer(tables, account)
    plan_next(tables)
    say_dead_man(tables, account, 0)
    return Code.OK


def call_dead_men(tables: Tables) -> None:
    """At a tick: if a switch has gone off or a state is over, its work is put into the queue."""
    first: i64 = first_timer(tables)
    if first == 0 or timer_ns(tables, first) > tables.venue.time_ns:
        return
    if not task_waits(tables, TaskKind.TASK_DEAD_MEN, 0):
        make_task(tables, TaskKind.TASK_DEAD_MEN, 0)


def dead_men_unit(tables: Tables) -> flag:
    """Cancel one order of the account whose switch went off first, or be done with it; or open an account whose state
    is over.  False if no time has come."""
    account: i64 = first_timer(tables)
    if account == 0 or timer_ns(tables, account) > tables.venue.time_ns:
        return False
    if state_is_first(tables, account):
        open_account_again(tables, account)
        return True
    row = accounts_at(tables, account)
    if row.first_order != 0:
        end_resting(tables, row.first_order, EndReason.ENDED_DEAD_MAN)
    if row.first_order == 0:
        row.dead_man_ns = 0
        row.dead_man_sequence = 0
        set_timer(tables, account)
        say_dead_man(tables, account, 1)
    return True
