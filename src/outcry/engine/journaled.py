"""Commands of the node itself: tick, resume, root, grow (CMD-02, CMD-04, CMD-09); `Continue` is in work."""

import cython

if not cython.compiled:
    from outcry.engine.auctions import indicate_all
    from outcry.engine.daily import end_of_day
    from outcry.engine.deadman import call_dead_men
    from outcry.engine.dockets import begin_windows, decide_undisputed
    from outcry.engine.events import refuse
    from outcry.engine.funding import fund_stamps, skip_stamps
    from outcry.engine.indices import open_if_fresh
    from outcry.engine.minutes import pass_minute
    from outcry.engine.pending import plan_next
    from outcry.engine.states import expire_states
    from outcry.engine.trailing import follow_all
    from outcry.protocol.layout import (
        Code,
        EntryHead,
        TableNumber,
        Tables,
        grow_of,
        i64,
        new_grown,
        new_resumed,
        new_root_noted,
        new_ticked,
        pools_at,
        resume_of,
        root_of,
    )


def tick(tables: Tables) -> Code:
    """Time has passed: fundings are fixed, states are over, a minute's work on prices is done, triggers trail, orders
    for a day end, switches go off."""
    if tables.venue.time_ns >= tables.venue.next_due_ns:
        fund_stamps(tables)
        expire_states(tables)
        pass_minute(tables)
        decide_undisputed(tables)
        follow_all(tables)
        end_of_day(tables)
        indicate_all(tables)
        call_dead_men(tables)
        plan_next(tables)
    ticked = new_ticked(tables)
    ticked.next_due_ns = tables.venue.next_due_ns
    return Code.OK


def resume(tables: Tables, entry: EntryHead) -> Code:
    """After a pause only cancels are taken until every index is fresh; missed fundings are skipped (CMD-04, FND-06)."""
    asked = resume_of(entry)
    if asked.paused_ns < 0:
        return refuse(tables, entry, Code.PARAMETER_INVALID, 0, 0, asked.paused_ns, 0)

    # From here the venue is resuming.
    tables.venue.cancel_only = 1
    tables.venue.resumed_ns = tables.venue.time_ns
    plan_next(tables)
    resumed = new_resumed(tables)
    resumed.cancel_only = 1
    resumed.paused_ns = asked.paused_ns
    skip_stamps(tables)
    begin_windows(tables)
    open_if_fresh(tables)
    return Code.OK


def note_root(tables: Tables, entry: EntryHead) -> Code:
    """A root that replicas computed stands in the journal; whether it is right is for replicas to say."""
    asked = root_of(entry)
    if asked.at_sequence <= tables.venue.root_sequence or asked.at_sequence >= tables.venue.sequence:
        return refuse(tables, entry, Code.PARAMETER_INVALID, 0, 0, asked.at_sequence, tables.venue.root_sequence)

    # From here the root is noted.
    tables.venue.root_sequence = asked.at_sequence
    noted = new_root_noted(tables)
    noted.at_sequence = asked.at_sequence
    noted.root = asked.root
    return Code.OK


def grow(tables: Tables, entry: EntryHead) -> Code:
    """The table has been enlarged outside, between runs; here it is only said (CMD-09)."""
    asked = grow_of(entry)
    if asked.table < TableNumber.ACCOUNTS_TABLE or asked.table > TableNumber.LEAVES_TABLE:
        return refuse(tables, entry, Code.PARAMETER_INVALID, 0, 0, asked.table, 0)
    rows: i64 = pools_at(tables, asked.table).rows
    if rows != asked.rows or rows < 2:
        return refuse(tables, entry, Code.PARAMETER_INVALID, 0, 0, asked.rows, rows)
    grown = new_grown(tables)
    grown.table = asked.table
    grown.rows = rows
    return Code.OK
