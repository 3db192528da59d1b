"""Dead-man switches that are armed: a binary heap of accounts, the earliest on top.

Among equal times the one armed earlier goes first, so what happens depends on the journal and never on how the heap
lies.  Derived: the accounts hold the times, and the heap is made anew from them.
"""

import cython

if not cython.compiled:
    from outcry.protocol.layout import Tables, accounts_at, flag, i64, timers_at


def first_timer(tables: Tables) -> i64:
    """The account whose switch is due first, 0 if none is armed."""
    return timers_at(tables, 1).account if tables.venue.timers > 0 else 0


def sooner(tables: Tables, one: i64, other: i64) -> flag:
    """Whether an account's switch goes off before another's."""
    first = accounts_at(tables, one)
    second = accounts_at(tables, other)
    if first.dead_man_ns != second.dead_man_ns:
        return first.dead_man_ns < second.dead_man_ns
    return first.dead_man_sequence < second.dead_man_sequence


def put_timer(tables: Tables, place: i64, account: i64) -> None:
    """The account stands at this place."""
    timers_at(tables, place).account = account
    accounts_at(tables, account).timer = place


def rise(tables: Tables, place: i64, account: i64) -> None:
    """Put an account at a place or above it, until the one over it is sooner."""
    above: i64 = 0
    while place > 1:
        above = timers_at(tables, place >> 1).account
        if not sooner(tables, account, above):
            break
        put_timer(tables, place, above)
        place = place >> 1
    put_timer(tables, place, account)


def sink(tables: Tables, place: i64, account: i64) -> None:
    """Put an account at a place or below it, until both under it are later."""
    last: i64 = tables.venue.timers
    below: i64 = 2 * place
    lower: i64 = 0
    while below <= last:
        lower = timers_at(tables, below).account
        if below < last and sooner(tables, timers_at(tables, below + 1).account, lower):
            below += 1
            lower = timers_at(tables, below).account
        if not sooner(tables, lower, account):
            break
        put_timer(tables, place, lower)
        place = below
        below = 2 * place
    put_timer(tables, place, account)


def add_timer(tables: Tables, account: i64) -> None:
    """The account's switch is armed; its time stands in its row."""
    tables.venue.timers += 1
    rise(tables, tables.venue.timers, account)


def drop_timer(tables: Tables, account: i64) -> None:
    """The account's switch is not armed any more; called before its time changes."""
    place: i64 = accounts_at(tables, account).timer
    last: i64 = timers_at(tables, tables.venue.timers).account
    timers_at(tables, tables.venue.timers).account = 0
    tables.venue.timers -= 1
    accounts_at(tables, account).timer = 0
    if last == account:
        return
    if place > 1 and sooner(tables, last, timers_at(tables, place >> 1).account):
        rise(tables, place, last)
    else:
        sink(tables, place, last)
