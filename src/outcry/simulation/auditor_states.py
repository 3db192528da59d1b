"""What the auditor makes of the halt ladder: who set a rung, when it is over, and whom it lets do what: AUD-25, AUD-31.

First what is said of states, then who may send an order.  The rungs are written out anew from docs/rules.
"""

from outcry.protocol.layout import (
    ROLES,
    AccountState,
    CommandKind,
    InstrumentState,
    OrderFlag,
    OrderType,
    StateCause,
    TimeInForce,
    VenueState,
)
from outcry.simulation.auditor_books import Account, Books, Instrument
from outcry.simulation.auditor_reading import (
    ACCOUNT_STATE_SET,
    INSTRUMENT_STATE_SET,
    SET_ACCOUNT_STATE,
    SET_INSTRUMENT_STATE,
    SET_VENUE_STATE,
    VENUE_STATE_SET,
)
from outcry.simulation.auditor_rows import Order

MARKETS = frozenset(
    (
        InstrumentState.INSTRUMENT_OPEN,
        InstrumentState.INSTRUMENT_REDUCING,
        InstrumentState.INSTRUMENT_POSTING,
    )
)
UNCROSSING = InstrumentState.INSTRUMENT_UNCROSSING
SETTLING, OVER = InstrumentState.INSTRUMENT_SETTLING, InstrumentState.INSTRUMENT_SETTLED
COLLECTING = frozenset((InstrumentState.INSTRUMENT_PRE_OPEN, InstrumentState.INSTRUMENT_AUCTION))
TRADING = frozenset((VenueState.VENUE_OPEN, VenueState.VENUE_REDUCING))
WAITING = frozenset((OrderType.STOP, OrderType.STOP_LIMIT, OrderType.MARKET_IF_TOUCHED, OrderType.LIMIT_IF_TOUCHED))
RESTING = frozenset((TimeInForce.GOOD_TILL_CANCEL, TimeInForce.DAY))


def cause_of(cause: int) -> int:
    """The cause that a command gives that says none."""
    return cause or StateCause.CAUSE_OPERATOR


def came(books: Books, subject: str, until: int) -> None:
    """A state may only be over by itself if it was to be, and at that time (AUD-31)."""
    books.same("AUD-31", subject, ends=(int(until != 0), 1), early_ns=(max(0, until - books.time_ns), 0))


def venue_state_set(books: Books, data: bytes, at: int) -> None:
    """The venue's rung: as asked for, or open again when its time is over."""
    state, cause, until = VENUE_STATE_SET.unpack_from(data, at)
    if books.kind == CommandKind.SET_VENUE_STATE:
        asked, why, end = SET_VENUE_STATE.unpack_from(books.command, books.command_at)
        books.same("AUD-31", "the venue", state=(state, asked), cause=(cause, cause_of(why)), until_ns=(until, end))
    else:
        came(books, "the venue", books.venue_until)
        expected = (VenueState.VENUE_OPEN, StateCause.CAUSE_EXPIRED)
        books.same("AUD-31", "the venue", state=(state, expected[0]), cause=(cause, expected[1]), until_ns=(until, 0))
    books.venue_state, books.venue_until = state, until


def account_state_set(books: Books, data: bytes, at: int) -> None:
    """An account's rung: as asked for, or open again when its time is over."""
    account, state, cause, until = ACCOUNT_STATE_SET.unpack_from(data, at)
    owner, subject = books.account(account), f"account {account}"
    if books.kind == CommandKind.SET_ACCOUNT_STATE:
        asked, wanted, why, end = SET_ACCOUNT_STATE.unpack_from(books.command, books.command_at)
        books.same("AUD-26", subject, account=(account, asked), state=(state, wanted))
        books.same("AUD-31", subject, cause=(cause, cause_of(why)), until_ns=(until, end))
    else:
        came(books, subject, owner.until)
        expected = (AccountState.ACCOUNT_OPEN, StateCause.CAUSE_EXPIRED)
        books.same("AUD-31", subject, state=(state, expected[0]), cause=(cause, expected[1]), until_ns=(until, 0))
    owner.state, owner.until = state, until


def instrument_state_set(books: Books, data: bytes, at: int) -> None:
    """An instrument's state: as asked for, over by itself, past its expiry, restricted, or after its auction."""
    number, state, cause, following, until = INSTRUMENT_STATE_SET.unpack_from(data, at)
    instrument, subject = books.instrument(number), f"instrument {number}"
    if books.kind == CommandKind.SET_INSTRUMENT_STATE:
        asked = SET_INSTRUMENT_STATE.unpack_from(books.command, books.command_at)
        wanted, wanted_next = asked[1], asked[3] or (InstrumentState.INSTRUMENT_OPEN if asked[4] else 0)
        if wanted in MARKETS and is_crossed(instrument):
            wanted, wanted_next = UNCROSSING, wanted
        books.same("AUD-26", subject, instrument=(number, asked[0]), state=(state, wanted))
        books.same("AUD-31", subject, cause=(cause, cause_of(asked[2])), until_ns=(until, asked[4]))
        books.same("AUD-31", subject, next_state=(following, wanted_next))
    elif state_of_its_end(books, instrument, state, cause):
        books.same("AUD-35", subject, until_ns=(until, 0), next_state=(following, 0))
    elif books.kind == CommandKind.LIST:
        unlisted = InstrumentState.INSTRUMENT_UNLISTED
        books.same("AUD-31", subject, state=(state, unlisted), cause=(cause, StateCause.CAUSE_SCHEDULE))
        books.same("AUD-31", subject, next_state=(following, InstrumentState.INSTRUMENT_OPEN))
        books.same("AUD-31", subject, until_ns=(until, instrument.opens))
    elif cause in (StateCause.CAUSE_SCHEDULE, StateCause.CAUSE_TECHNICAL) and books.kind == CommandKind.TICK:
        expiry = instrument.expiry
        books.same("AUD-26", subject, state=(state, InstrumentState.INSTRUMENT_PAUSED), until_ns=(until, 0))
        if not 0 < expiry <= books.time_ns:
            books.wrong("AUD-31", subject, "was paused for an expiry that has not come", books.time_ns, expiry)
    elif cause == StateCause.CAUSE_TAKEOVERS:
        books.same("AUD-26", subject, state=(state, InstrumentState.INSTRUMENT_REDUCING))
        books.same("AUD-31", subject, until_ns=(until, instrument.until), next_state=(following, instrument.following))
    elif books.kind == CommandKind.CONTINUE:
        crossed = int(is_crossed(instrument))
        books.same("AUD-32", subject, before=(instrument.state, UNCROSSING), crossed=(crossed, 0), until_ns=(until, 0))
        books.same("AUD-31", subject, state=(state, instrument.following), next_state=(following, 0))
    else:
        came(books, subject, instrument.until)
        wanted, wanted_next = instrument.following, 0
        if wanted in MARKETS and is_crossed(instrument):
            wanted, wanted_next = UNCROSSING, wanted
        books.same("AUD-31", subject, state=(state, wanted), next_state=(following, wanted_next), until_ns=(until, 0))
        books.same("AUD-31", subject, cause=(cause, StateCause.CAUSE_EXPIRED))
    instrument.state, instrument.following, instrument.until = state, following, until


def state_of_its_end(books: Books, instrument: Instrument, state: int, cause: int) -> bool:
    """Whether a state is one of those by which an instrument ends, and whether it may (AUD-35)."""
    subject = f"instrument {instrument.number}"
    if state == SETTLING:
        books.same("AUD-35", subject, over_already=(int(instrument.state in (SETTLING, OVER)), 0))
        if books.kind == CommandKind.TICK and instrument.docket is None:
            early = max(0, instrument.expiry - books.time_ns) if instrument.expiry else 1
            books.same("AUD-35", subject, early_ns=(early, 0))
    elif state == OVER:
        books.same("AUD-35", subject, before=(instrument.state, SETTLING), entry=(books.kind, CommandKind.CONTINUE))
        left = sum(order.instrument == instrument.number for order in books.orders.values())
        taken = sum(takeover.instrument == instrument.number for takeover in books.takeovers.values())
        held = [owner.positions.get(instrument.number) for owner in books.accounts.values()]
        open_positions = sum(one is not None and one.quantity != 0 for one in held)
        books.same("AUD-35", subject, orders=(left, 0), takeovers=(taken, 0), positions=(open_positions, 0))
    else:
        return False
    books.same("AUD-35", subject, cause=(cause, StateCause.CAUSE_SCHEDULE))
    return True


def is_crossed(instrument: Instrument) -> bool:
    """Whether a bid is no lower than an ask: orders were collected and have not met yet."""
    return 0 < instrument.asks.best() <= instrument.bids.best()


def venue_trades(books: Books) -> bool:
    """Whether fills can be at all (CMD-04, CMD-12)."""
    return not books.cancel_only and books.venue_state in TRADING


def takes(instrument: Instrument, order: Order) -> bool:
    """Whether an instrument in its state takes an order like this (CMD-06, AUC-01)."""
    posts = bool(order.flags & OrderFlag.POST_ONLY)
    rests = order.kind == OrderType.LIMIT and order.force in RESTING and not posts
    states = {
        InstrumentState.INSTRUMENT_OPEN: True,
        InstrumentState.INSTRUMENT_POSTING: posts,
        InstrumentState.INSTRUMENT_REDUCING: bool(order.flags & (OrderFlag.REDUCE_ONLY | OrderFlag.CLOSE)),
        **dict.fromkeys(COLLECTING, rests or order.kind in WAITING),
    }
    return states.get(InstrumentState(instrument.state), False)


def is_taken(instrument: Instrument, order: Order) -> bool:
    """Whether it need not wait for its instrument when its primary was filled: that trades, or takes it (ORD-18)."""
    return instrument.state == InstrumentState.INSTRUMENT_REDUCING or takes(instrument, order)


def may_send(books: Books, owner: Account, account: int, instrument: Instrument, order: Order) -> None:
    """Venue, instrument and account take an order like this now (AUD-25, AUD-31)."""
    posts = bool(order.flags & OrderFlag.POST_ONLY)
    reduces = bool(order.flags & (OrderFlag.REDUCE_ONLY | OrderFlag.CLOSE))
    books.checks += 6
    if books.cancel_only:
        books.wrong("AUD-25", f"account {account}", "traded while the venue only cancels", 1, 0)
    if account < ROLES:
        books.wrong("AUD-25", f"account {account}", "is a role and sent a command", account, ROLES)
    venues = {VenueState.VENUE_OPEN: True, VenueState.VENUE_POSTING: posts, VenueState.VENUE_REDUCING: reduces}
    if not venues.get(VenueState(books.venue_state), False):
        books.wrong("AUD-25", "the venue", "took an order on its rung", books.venue_state, 0)
    if not takes(instrument, order):
        books.wrong("AUD-25", f"instrument {instrument.number}", "took an order in its state", instrument.state, 1)
    accounts = {
        AccountState.ACCOUNT_OPEN: True,
        AccountState.ACCOUNT_POSTING: posts,
        AccountState.ACCOUNT_REDUCING: reduces,
    }
    if not accounts.get(AccountState(owner.state), False):
        books.wrong("AUD-25", f"account {account}", "traded in its state", owner.state, 1)
    for subject, until in ("the venue", books.venue_until), (f"instrument {instrument.number}", instrument.until):
        if 0 < until <= books.time_ns:
            books.wrong("AUD-31", subject, "is in a state that is over", books.time_ns, until)
