"""Which states of the halt ladder hold now, for who operates the venue.  Reads the tables, never changes them."""

import msgspec

from outcry.engine.reading import used
from outcry.protocol.layout import AccountState, InstrumentState, StateCause, TableNumber, Tables, VenueState
from outcry.protocol.wire import text_of


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


def states(tables: Tables, account: int = 0) -> list[Stated]:
    """The venue, all instruments, and one account if it is named and there is one."""
    venue = tables.venue
    state = word(VenueState(venue.state).name)
    found = [Stated("venue", state, cause_word(venue.state_cause), venue.state_until_ns)]
    found += instruments_stated(tables)
    if 0 < account <= tables.pools[TableNumber.ACCOUNTS_TABLE].high:
        row = tables.accounts[account]
        # The venue's roles have no state of their own.
        name = word(AccountState(row.state).name) if row.state else ""
        found.append(Stated(f"account {account}", name, cause_word(row.state_cause), row.state_until_ns))
    return found
