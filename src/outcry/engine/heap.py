"""The heap of positions ranked for deleveraging: the larger key first, of equal keys the older position (ADL-01).

Rows 1 to `venue.ranked` of the table are the heap; behind it, up to the highest row in use, stand rows that a policy
which does not go by score will put back.  Knows no rule.
"""

import cython

if not cython.compiled:
    from outcry.protocol.layout import TableNumber, Tables, flag, i64, pools_at, ranked_at


def goes_before(tables: Tables, one: i64, other: i64) -> flag:
    """Whether the row at one place comes before that at another."""
    first = ranked_at(tables, one)
    second = ranked_at(tables, other)
    if first.key != second.key:
        return first.key > second.key
    return first.position < second.position


def swap(tables: Tables, one: i64, other: i64) -> None:
    """Exchange two rows, by way of row 0, which holds nothing."""
    copy(tables, one, 0)
    copy(tables, other, one)
    copy(tables, 0, other)


def copy(tables: Tables, source: i64, target: i64) -> None:
    """Write a row over another."""
    old = ranked_at(tables, source)
    new = ranked_at(tables, target)
    new.position = old.position
    new.key = old.key
    new.score = old.score
    new.quantity = old.quantity
    new.older_quantity = old.older_quantity
    new.better_quantity = old.better_quantity
    new.taken_quantity = old.taken_quantity


def lift(tables: Tables, place: i64) -> None:
    """A row has come to the end of the heap: let it rise to where it belongs."""
    at: i64 = place
    while at > 1 and goes_before(tables, at, at // 2):
        swap(tables, at, at // 2)
        at = at // 2


def sink(tables: Tables) -> None:
    """A row has come to the top of the heap: let it fall to where it belongs."""
    at: i64 = 1
    child: i64 = 2
    last: i64 = tables.venue.ranked
    while child <= last:
        if child < last and goes_before(tables, child + 1, child):
            child += 1
        if not goes_before(tables, child, at):
            return
        swap(tables, child, at)
        at = child
        child = 2 * at


def drop_first(tables: Tables) -> None:
    """Forget the first row; the table is so much shorter."""
    last: i64 = tables.venue.ranked
    pool = pools_at(tables, TableNumber.RANKED_TABLE)
    if last > 1:
        copy(tables, last, 1)
    pool.high = last - 1
    pool.live = last - 1
    tables.venue.ranked = last - 1
    sink(tables)


def order_next(tables: Tables) -> None:
    """Move the first row behind the heap, and note how many contracts went before it."""
    last: i64 = tables.venue.ranked
    swap(tables, 1, last)
    row = ranked_at(tables, last)
    row.better_quantity = tables.venue.ranking_before
    tables.venue.ranking_before += row.quantity
    tables.venue.ranked = last - 1
    sink(tables)
