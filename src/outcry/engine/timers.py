"""Accounts for which a time is to come, of a dead-man switch or the end of a state: a binary heap, the earliest on top.

Among equal times the one set earlier goes first, so what happens depends on the journal and never on how the heap
lies.  Derived: the accounts hold the times, and the heap is made anew from them.
"""

import cython

if not cython.compiled:
    from outcry.protocol.layout import Tables, accounts_at, flag, i64, timers_at


def first_timer(tables: Tables) -> i64:
    """The account whose time comes first, 0 if none is to come."""
    return timers_at(tables, 1).account if tables.venue.timers > 0 else 0


def state_is_first(tables: Tables, account: i64) -> flag:
    """Whether an account's state is over before its switch goes off; at one time it is."""
    row = accounts_at(tables, account)
    return row.state_until_ns != 0 and (row.dead_man_ns == 0 or row.state_until_ns <= row.dead_man_ns)


def timer_ns(tables: Tables, account: i64) -> i64:
    """The time that comes first for an account, 0 if none is to come."""
    row = accounts_at(tables, account)
    return row.state_until_ns if state_is_first(tables, account) else row.dead_man_ns


def timer_sequence(tables: Tables, account: i64) -> i64:
    """The entry that set that time."""
    row = accounts_at(tables, account)
    return row.state_sequence if state_is_first(tables, account) else row.dead_man_sequence


def sooner(tables: Tables, one: i64, other: i64) -> flag:
    """Whether an account's time comes before another's."""
    first: i64 = timer_ns(tables, one)
    second: i64 = timer_ns(tables, other)
    if first != second:
        return first < second
    return timer_sequence(tables, one) < timer_sequence(tables, other)


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
    """A time is to come for the account; it stands in its row."""
    tables.venue.timers += 1
    rise(tables, tables.venue.timers, account)


def drop_timer(tables: Tables, account: i64) -> None:
    """The account leaves the heap."""
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


def set_timer(tables: Tables, account: i64) -> None:
    """The account's times have changed: put it where it belongs now."""
    if accounts_at(tables, account).timer != 0:
        drop_timer(tables, account)
    if timer_ns(tables, account) != 0:
        add_timer(tables, account)
