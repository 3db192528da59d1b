"""`Upgrade`: from here other rules hold, and what they want of the state is made of what is there (CMD-11).

The migration is pure: rows in, rows out, no clock and nothing from outside.  Whether the two roots that the command
names are those of the state before and after is for replicas to say (`node/replica.py`): the writer never hashes its
state.  Rules of before stay where the handlers ask for the version, so that a journal is replayed with its own.
"""

import cython

if not cython.compiled:
    from outcry.engine.events import refuse
    from outcry.engine.listing import open_fixed
    from outcry.protocol.layout import (
        DAY_NS,
        RULES_VERSION,
        Code,
        DeleveragePolicy,
        EntryHead,
        TableNumber,
        Tables,
        i64,
        instruments_at,
        pools_at,
        upgrade_of,
    )


def upgrade(tables: Tables, entry: EntryHead) -> Code:
    """The rules become the next version, if this program knows it (CMD-11)."""
    asked = upgrade_of(entry)
    before: i64 = tables.venue.rules_version
    if asked.rules_version <= before or asked.rules_version > RULES_VERSION:
        return refuse(tables, entry, Code.PARAMETER_INVALID, 0, 0, asked.rules_version, before + 1)

    # From here the new rules hold.
    tables.venue.rules_version = asked.rules_version
    if before < 2 <= asked.rules_version:
        say_policies(tables)
    if before < 3 <= asked.rules_version:
        number_places(tables)
    if before < 4 <= asked.rules_version:
        open_fixed(tables)
    return Code.OK


def number_places(tables: Tables) -> None:
    """Rules 2 took the sequence of an entry for a place in a queue; since then places have numbers of their own."""
    tables.venue.next_place = tables.venue.sequence
    tables.venue.day_ns = tables.venue.time_ns // DAY_NS * DAY_NS


def say_policies(tables: Tables) -> None:
    """Rules 1 took a listing without a policy for one by score; rules 2 want it said (ADL-03)."""
    number: i64
    for number in range(1, pools_at(tables, TableNumber.INSTRUMENTS_TABLE).high + 1):
        instrument = instruments_at(tables, number)
        if instrument.deleverage_policy == 0:
            instrument.deleverage_policy = DeleveragePolicy.RANKED
