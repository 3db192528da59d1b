"""Which states of the halt ladder hold now, for who operates the venue.  Reads the tables, never changes them.

Known limit: to find the accounts that are restricted it looks at one byte of every account, some 50 ms for a million.
"""

import ctypes
import re
from itertools import islice

import msgspec

from outcry.engine.reading import used
from outcry.protocol.layout import (
    AccountRow,
    AccountState,
    InstrumentState,
    StateCause,
    TableNumber,
    Tables,
    VenueState,
)
from outcry.protocol.wire import text_of

RESTRICTED = -1
"""Asks for all accounts that are not open, instead of one."""
SHOWN_ACCOUNTS = 50


class Stated(msgspec.Struct, frozen=True):
    """A state, why, until when (0 for no end) and what follows."""

    of: str
    """`venue`, an instrument's symbol, or `account 8`."""
    state: str
    cause: str
    until_ns: int
    following: str = ""
    auction_price_ticks: int = 0
    auction_volume: int = 0


def word(name: str) -> str:
    """A member's name as people write it: INSTRUMENT_PRE_OPEN is pre-open."""
    return name.split("_", 1)[1].lower().replace("_", "-")


def cause_word(cause: int) -> str:
    """Why; nothing for what was never set."""
    return word(StateCause(cause).name) if cause else ""


def instruments_stated(tables: Tables) -> list[Stated]:
    """All instruments, in the order of their numbers."""
    found = []
    for number in used(tables, TableNumber.INSTRUMENTS_TABLE):
        row = tables.instruments[number]
        found.append(
            Stated(
                text_of(row.symbol),
                word(InstrumentState(row.state).name),
                cause_word(row.state_cause),
                row.state_until_ns,
                word(InstrumentState(row.next_state).name) if row.next_state else "",
                row.auction_ticks,
                row.auction_volume,
            )
        )
    return found


def account_stated(tables: Tables, account: int) -> Stated:
    """One account; the venue's roles have no state of their own."""
    row = tables.accounts[account]
    name = word(AccountState(row.state).name) if row.state else ""
    return Stated(f"account {account}", name, cause_word(row.state_cause), row.state_until_ns)


def restricted(tables: Tables, most: int = SHOWN_ACCOUNTS) -> list[Stated]:
    """The first accounts that are not open, and how many there are besides."""
    at: int = AccountRow.__dict__["state"].offset
    rows = memoryview(tables.accounts).cast("B")[: ctypes.sizeof(AccountRow) * (1 + high_account(tables))]
    column = rows[at :: ctypes.sizeof(AccountRow)].tobytes()
    numbers = (found.start() for found in re.finditer(rb"[^\x00%c]" % AccountState.ACCOUNT_OPEN, column))
    shown = [account_stated(tables, number) for number in islice(numbers, most)]
    left = sum(1 for _ in numbers)
    return [*shown, Stated("other accounts", f"{left} more are restricted", "", 0)] if left else shown


def high_account(tables: Tables) -> int:
    """The number of the youngest account."""
    return int(tables.pools[TableNumber.ACCOUNTS_TABLE].high)


def states(tables: Tables, account: int = 0) -> list[Stated]:
    """The venue, all instruments, and one account if it is named and there is one, or those that are restricted."""
    venue = tables.venue
    state = word(VenueState(venue.state).name)
    found = [Stated("venue", state, cause_word(venue.state_cause), venue.state_until_ns)]
    found += instruments_stated(tables)
    if account == RESTRICTED:
        return found + restricted(tables)
    return [*found, account_stated(tables, account)] if 0 < account <= high_account(tables) else found
