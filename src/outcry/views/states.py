"""Who may do what, and the auctions under way: the rungs of venue, instruments and accounts (CMD-06, CMD-07, CMD-12).

Reads of the engine's tables and of events; nothing is kept.  A price or time of 0 means none.
"""

from collections.abc import Iterator

import msgspec

from outcry.protocol.layout import (
    AccountState,
    AuctionIndicated,
    InstrumentState,
    SelfTrade,
    StateCause,
    VenueState,
)
from outcry.views.directory import State

COLLECTING = frozenset(
    {InstrumentState.INSTRUMENT_AUCTION, InstrumentState.INSTRUMENT_UNCROSSING, InstrumentState.INSTRUMENT_PRE_OPEN}
)
"""States in which the book may be crossed."""
INDICATED = frozenset({InstrumentState.INSTRUMENT_AUCTION, InstrumentState.INSTRUMENT_UNCROSSING})


class StateView(msgspec.Struct, frozen=True):
    """A rung and why it was set.  `until_ns` is when `next_state` follows by itself."""

    state: str
    cause: str | None
    until_ns: int
    next_state: str | None = None


class AuctionView(msgspec.Struct, frozen=True):
    """What an auction would bring if it ended now; `is_fixed` once its trades follow."""

    instrument: int
    is_fixed: bool
    price_ticks: int
    volume: int
    surplus: int
    """left at that price: positive to buy, negative to sell"""


class AccountStateView(msgspec.Struct, frozen=True):
    """An account's rung and what it has chosen."""

    account: int
    rung: StateView
    self_trade: int
    small_until_ns: int


def word_of(name: str, prefix: str) -> str:
    """The name of a member as it is shown: INSTRUMENT_PRE_OPEN is PreOpen."""
    return "".join(part.capitalize() for part in name.removeprefix(prefix).split("_"))


INSTRUMENT_WORDS = {one.value: word_of(one.name, "INSTRUMENT_") for one in InstrumentState}
ACCOUNT_WORDS = {one.value: word_of(one.name, "ACCOUNT_") for one in AccountState}
VENUE_WORDS = {one.value: word_of(one.name, "VENUE_") for one in VenueState}
CAUSE_WORDS = {one.value: word_of(one.name, "CAUSE_") for one in StateCause}


def venue_state(state: State) -> StateView:
    """The venue's rung; `Halted` after a broken law and `Resuming` after a pause come before what is set."""
    row = state.tables.venue
    if row.halted:
        return StateView("Halted", None, 0)
    if row.cancel_only:
        return StateView("Resuming", None, 0)
    return StateView(VENUE_WORDS[row.state], CAUSE_WORDS.get(row.state_cause), row.state_until_ns)


def instrument_state(state: State, number: int) -> StateView:
    """An instrument's own rung."""
    row = state.tables.instruments[number]
    cause = CAUSE_WORDS.get(row.state_cause)
    return StateView(INSTRUMENT_WORDS[row.state], cause, row.state_until_ns, INSTRUMENT_WORDS.get(row.next_state))


def account_state(state: State, account: int) -> AccountStateView:
    """An account's rung, what happens when two of its orders meet, and until when its small orders are hidden."""
    row = state.tables.accounts[account]
    rung = StateView(ACCOUNT_WORDS[row.state], CAUSE_WORDS.get(row.state_cause), row.state_until_ns)
    return AccountStateView(account, rung, row.self_trade or SelfTrade.EXPIRE_TAKER, row.small_until_ns)


def auctions(state: State, count: int) -> Iterator[AuctionView]:
    """The auctions under way among the first so many instruments."""
    for number in range(1, count + 1):
        row = state.tables.instruments[number]
        if row.state in INDICATED:
            fixed = row.state == InstrumentState.INSTRUMENT_UNCROSSING
            yield AuctionView(number, fixed, row.auction_ticks, row.auction_volume, row.auction_surplus)


def auction_of(event: AuctionIndicated) -> AuctionView:
    """What was indicated."""
    return AuctionView(event.instrument, bool(event.fixed), event.price_ticks, event.volume, event.surplus)
