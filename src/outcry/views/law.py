"""The laws for everybody to see: the sums of Law 3 over the whole state, and every numbered invariant on demand."""

import msgspec

from outcry.engine.breaches import Breach
from outcry.engine.invariants import INVARIANTS, breaches
from outcry.engine.reading import used
from outcry.engine.sums import LawSums, law_sums
from outcry.protocol.layout import TableNumber, Tables

ROWS_MAX = 20_000
"""Rows that are looked at on demand; more would hold up whoever serves it for more than a fraction of a second."""
COUNTED = (
    TableNumber.ACCOUNTS_TABLE,
    TableNumber.WALLETS_TABLE,
    TableNumber.POSITIONS_TABLE,
    TableNumber.ORDERS_TABLE,
    TableNumber.CLIENT_IDS_TABLE,
    TableNumber.LEAVES_TABLE,
)


class TooManyRows(Exception):
    """The state is too large to be checked in full while others wait."""


class InvariantView(msgspec.Struct, frozen=True):
    """One invariant and what breaks it; nothing if it holds."""

    number: str
    rule: str
    sentence: str
    breaches: list[Breach]


class LawInFull(msgspec.Struct, frozen=True):
    """Every invariant after one entry; `holds` only if no number of any is wrong and the venue has not halted."""

    sequence: int
    time_ns: int
    halted: bool
    holds: bool
    invariants: list[InvariantView]


def law_view(tables: Tables) -> LawSums:
    """The sums as they stand now; whoever serves them keeps an answer for a second (they walk every row)."""
    return law_sums(tables)


def law_in_full(tables: Tables) -> LawInFull:
    """All invariants, every row anew.  Raises `TooManyRows` beyond `ROWS_MAX`; `outcry verify` has no such bound."""
    rows = sum(len(used(tables, table)) for table in COUNTED)
    if rows > ROWS_MAX:
        raise TooManyRows(f"the state has {rows:,} rows, more than the {ROWS_MAX:,} that are checked on demand")
    found = breaches(tables)
    return LawInFull(
        sequence=tables.venue.sequence,
        time_ns=tables.venue.time_ns,
        halted=tables.venue.halted != 0,
        holds=not found and tables.venue.halted == 0,
        invariants=[
            InvariantView(law.number, law.rule, law.sentence, [one for one in found if one.invariant == law.number])
            for law in INVARIANTS
        ],
    )
