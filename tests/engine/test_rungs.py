"""The halt ladder: on every rung of venue, instrument and account what should be possible is, and what should not be is
refused with its code (CMD-06, CMD-07, CMD-12); who sets a rung, why, and that it is over by itself.
"""

from collections.abc import Callable
from typing import Any

import pytest

from outcry.engine import invariants
from outcry.protocol import layout, wire
from outcry.protocol.layout import AccountState, EventKind, InstrumentState, StateCause, TimeInForce, VenueState
from tests.engine import twins
from tests.engine.worlds import BUY, SELL, number_words, of_kind, one, refused, xbtusd

MARK = 100_000
XBT = 10**8
SECOND_NS = 10**9
Events = list[wire.Event]


class Ladder:
    """A market in which one account has everything that a rung could keep it from changing."""

    def __init__(self) -> None:
        self.world = world = xbtusd()
        self.other = world.trader(1)
        self.own = world.trader(2)
        world.place(self.other, SELL, 1_000, MARK)
        world.place(self.own, BUY, 1_000, MARK)
        world.place(self.other, SELL, 1_000, MARK + 50)
        self.plain = self.order(BUY, 200, MARK - 100)
        self.posted = self.order(BUY, 200, MARK - 110, post_only=True)
        self.reducing = self.order(SELL, 200, MARK + 100, reduce_only=True)
        world.deposit(self.own, 7, reference=4711)
        self.withdraw(1)

    def order(self, side: int, quantity: int, price: int, **more: Any) -> int:
        return int(one(self.world.place(self.own, side, quantity, price, **more), EventKind.PLACED).order_id)

    def withdraw(self, number: int) -> Events:
        record = layout.Withdraw(account=self.own, currency=1, amount_minor=5)
        wire.put_bytes(record.request, number_words(number, 16))
        return self.world.send(record)

    def settle(self) -> Events:
        record = layout.SettleWithdrawal(account=self.own, settled=1)
        wire.put_bytes(record.request, number_words(1, 16))
        return self.world.send(record)

    def reverse(self) -> Events:
        record = layout.ReverseDeposit(account=self.own, currency=1)
        wire.put_bytes(record.reference, number_words(4711, 32))
        return self.world.send(record)

    def transfer(self, account: int, to_account: int) -> Events:
        return self.world.send(layout.Transfer(account=account, to_account=to_account, currency=1, amount_minor=5))


Action = Callable[[Ladder], Events]
TRADES: dict[str, Action] = {
    "take": lambda at: at.world.place(at.own, BUY, 100, MARK + 50),
    "rest": lambda at: at.world.place(at.own, BUY, 100, MARK - 200),
    "market": lambda at: at.world.place(at.own, BUY, 100, 0),
    "kill": lambda at: at.world.place(at.own, BUY, 100, MARK + 50, time_in_force=TimeInForce.FILL_OR_KILL),
    "post": lambda at: at.world.place(at.own, BUY, 100, MARK - 200, post_only=True),
    "reduce": lambda at: at.world.place(at.own, SELL, 100, MARK + 100, reduce_only=True),
    "post and reduce": lambda at: at.world.place(at.own, SELL, 100, MARK + 100, reduce_only=True, post_only=True),
    "close": lambda at: at.world.place(at.own, SELL, 0, MARK + 100, close=True),
    "amend": lambda at: at.world.amend(at.own, at.plain, leaves_quantity=100),
    "amend posted": lambda at: at.world.amend(at.own, at.posted, price_ticks=MARK - 90),
    "amend reducing": lambda at: at.world.amend(at.own, at.reducing, price_ticks=MARK + 90),
}
MARGINS: dict[str, Action] = {"leverage": lambda at: at.world.leverage(at.own, 1_000)}
SPENDING: dict[str, Action] = {
    "withdraw": lambda at: at.withdraw(2),
    "transfer out": lambda at: at.transfer(at.own, at.other),
}
RECEIVING: dict[str, Action] = {"transfer in": lambda at: at.transfer(at.other, at.own)}
DEPOSIT: dict[str, Action] = {"deposit": lambda at: at.world.deposit(at.own, 5)}
ALWAYS: dict[str, Action] = {
    "cancel": lambda at: at.world.cancel(at.own, at.plain),
    "cancel all": lambda at: at.world.cancel_all(at.own),
    "switch": lambda at: at.world.cancel_all_after(at.own, 5),
    "reverse": Ladder.reverse,
    "settle": Ladder.settle,
}
ACTIONS = {**TRADES, **MARGINS, **SPENDING, **RECEIVING, **DEPOSIT, **ALWAYS}


def all_but(code: str, *possible: str) -> dict[str, str]:
    return {name: code for name in TRADES if name not in possible}


def those(code: str, *families: dict[str, Action]) -> dict[str, str]:
    return {name: code for family in families for name in family}


POSTS = ("post", "post and reduce", "amend posted")
REDUCES = ("reduce", "post and reduce", "close", "amend reducing")
COLLECTED = ("take", "rest", "reduce", "close", "amend", "amend reducing")
Rung = tuple[int, dict[str, str]]
VENUE: dict[str, Rung] = {
    "open": (VenueState.VENUE_OPEN, {}),
    "posting": (VenueState.VENUE_POSTING, all_but("VENUE_POST_ONLY", *POSTS)),
    "reducing": (VenueState.VENUE_REDUCING, all_but("VENUE_REDUCE_ONLY", *REDUCES)),
    "cancelling": (VenueState.VENUE_CANCELLING, those("VENUE_HELD", TRADES, MARGINS, SPENDING, RECEIVING)),
    "withdrawing": (
        VenueState.VENUE_WITHDRAWING,
        those("VENUE_HELD", TRADES, MARGINS, RECEIVING) | {"transfer out": "VENUE_HELD"},
    ),
    "stopped": (
        VenueState.VENUE_STOPPED,
        those("VENUE_HELD", TRADES, MARGINS) | those("VENUE_MONEY_HELD", SPENDING, RECEIVING, DEPOSIT),
    ),
}
INSTRUMENT: dict[str, Rung] = {
    "open": (InstrumentState.INSTRUMENT_OPEN, {}),
    "posting": (InstrumentState.INSTRUMENT_POSTING, all_but("INSTRUMENT_POST_ONLY", *POSTS)),
    "reducing": (InstrumentState.INSTRUMENT_REDUCING, all_but("INSTRUMENT_REDUCE_ONLY", *REDUCES)),
    "pre-open": (InstrumentState.INSTRUMENT_PRE_OPEN, all_but("INSTRUMENT_COLLECTING", *COLLECTED)),
    "auction": (InstrumentState.INSTRUMENT_AUCTION, all_but("INSTRUMENT_COLLECTING", *COLLECTED)),
    "paused": (InstrumentState.INSTRUMENT_PAUSED, those("INSTRUMENT_CLOSED", TRADES, MARGINS)),
    "shut": (InstrumentState.INSTRUMENT_SHUT, those("INSTRUMENT_CLOSED", TRADES, MARGINS)),
}
ACCOUNT: dict[str, Rung] = {
    "open": (AccountState.ACCOUNT_OPEN, {}),
    "posting": (AccountState.ACCOUNT_POSTING, all_but("ACCOUNT_POST_ONLY", *POSTS)),
    "reducing": (AccountState.ACCOUNT_REDUCING, all_but("ACCOUNT_REDUCE_ONLY", *REDUCES)),
    "cancelling": (AccountState.ACCOUNT_CANCELLING, those("ACCOUNT_CANCEL_ONLY", TRADES, MARGINS, SPENDING)),
    "withdrawing": (
        AccountState.ACCOUNT_WITHDRAWING,
        those("ACCOUNT_WITHDRAW_ONLY", TRADES, MARGINS) | {"transfer out": "ACCOUNT_WITHDRAW_ONLY"},
    ),
    "stopped": (AccountState.ACCOUNT_STOPPED, those("ACCOUNT_FROZEN", TRADES, MARGINS, SPENDING, RECEIVING)),
}
LADDERS = {"venue": VENUE, "instrument": INSTRUMENT, "account": ACCOUNT}
CASES = [(what, rung, action) for what, rungs in LADDERS.items() for rung in rungs for action in ACTIONS]


def setting(at: Ladder, what: str, state: int, **more: int) -> Any:
    if what == "venue":
        return layout.SetVenueState(state=state, **more)
    if what == "instrument":
        return layout.SetInstrumentState(instrument=1, state=state, **more)
    return layout.SetAccountState(account=at.own, state=state, **more)


@pytest.mark.parametrize(("what", "rung", "action"), CASES)
def test_a_rung_lets_through_what_it_should_and_nothing_else(what: str, rung: str, action: str) -> None:
    at = Ladder()
    state, refusals = LADDERS[what][rung]
    at.world.send(setting(at, what, state))
    events = ACTIONS[action](at)
    code = refusals.get(action)
    if code:
        assert refused(events) == code
    else:
        assert events
        assert of_kind(events, EventKind.REFUSED) == []
    assert invariants.breaches(at.world.engine.tables) == []


def test_every_state_there_is_stands_in_the_table_or_is_nobodys_to_set() -> None:
    assert {state for state, _ in VENUE.values()} == set(VenueState)
    assert {state for state, _ in ACCOUNT.values()} == set(AccountState)
    engines_own = {
        InstrumentState.INSTRUMENT_UNCROSSING,
        InstrumentState.INSTRUMENT_SETTLED,
        InstrumentState.INSTRUMENT_SETTLING,
        InstrumentState.INSTRUMENT_UNLISTED,
    }
    assert {state for state, _ in INSTRUMENT.values()} == set(InstrumentState) - engines_own


def test_a_venue_refuses_before_an_instrument_and_that_before_an_account() -> None:
    at = Ladder()
    at.world.send(setting(at, "account", AccountState.ACCOUNT_STOPPED))
    assert refused(TRADES["take"](at)) == "ACCOUNT_FROZEN"
    at.world.send(setting(at, "instrument", InstrumentState.INSTRUMENT_REDUCING))
    assert refused(TRADES["take"](at)) == "INSTRUMENT_REDUCE_ONLY"
    at.world.send(setting(at, "venue", VenueState.VENUE_POSTING))
    assert refused(TRADES["take"](at)) == "VENUE_POST_ONLY"
    at.world.wait(10)
    at.world.send(layout.Resume(paused_ns=10**10))
    assert refused(TRADES["take"](at)) == "VENUE_CANCEL_ONLY"


@pytest.mark.parametrize(
    ("what", "state", "more"),
    [
        ("venue", 6, {}),
        ("venue", VenueState.VENUE_POSTING, {"cause": StateCause.CAUSE_EXPIRED}),
        ("venue", VenueState.VENUE_POSTING, {"until_ns": 1}),
        ("venue", VenueState.VENUE_OPEN, {"until_ns": 2**62}),
        ("account", 0, {}),
        ("account", 7, {}),
        ("account", AccountState.ACCOUNT_POSTING, {"cause": StateCause.CAUSE_TAKEOVERS}),
        ("account", AccountState.ACCOUNT_POSTING, {"until_ns": -1}),
        ("account", AccountState.ACCOUNT_OPEN, {"until_ns": 2**62}),
        ("instrument", 0, {}),
        ("instrument", InstrumentState.INSTRUMENT_SETTLED, {}),
        ("instrument", InstrumentState.INSTRUMENT_UNLISTED, {}),
        ("instrument", InstrumentState.INSTRUMENT_UNCROSSING, {}),
        ("instrument", InstrumentState.INSTRUMENT_PAUSED, {"cause": 255}),
        ("instrument", InstrumentState.INSTRUMENT_PAUSED, {"until_ns": 1}),
        ("instrument", InstrumentState.INSTRUMENT_PAUSED, {"next_state": InstrumentState.INSTRUMENT_SHUT}),
        (
            "instrument",
            InstrumentState.INSTRUMENT_PAUSED,
            {"until_ns": 2**62, "next_state": InstrumentState.INSTRUMENT_UNCROSSING},
        ),
    ],
)
def test_what_is_no_state_cause_or_end_is_refused(what: str, state: int, more: dict[str, int]) -> None:
    at = Ladder()
    assert refused(at.world.send(setting(at, what, state, **more))) == "PARAMETER_INVALID"


def said(at: Ladder, what: str, events: Events) -> tuple[int, int, int]:
    kinds = {
        "venue": EventKind.VENUE_STATE_SET,
        "instrument": EventKind.INSTRUMENT_STATE_SET,
        "account": EventKind.ACCOUNT_STATE_SET,
    }
    event = one(events, kinds[what])
    tables = at.world.engine.tables
    row = {"venue": tables.venue, "instrument": tables.instruments[1], "account": tables.accounts[at.own]}[what]
    assert (row.state, row.state_cause, row.state_until_ns) == (event.state, event.cause, event.until_ns)
    return event.state, event.cause, event.until_ns


@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize(
    ("what", "state", "opened"),
    [
        ("venue", VenueState.VENUE_WITHDRAWING, VenueState.VENUE_OPEN),
        ("instrument", InstrumentState.INSTRUMENT_SHUT, InstrumentState.INSTRUMENT_OPEN),
        ("account", AccountState.ACCOUNT_CANCELLING, AccountState.ACCOUNT_OPEN),
    ],
)
def test_a_rung_is_over_at_its_time_by_a_tick_that_is_due_then(
    what: str, state: int, opened: int, restarted: bool
) -> None:
    at = Ladder()
    until = at.world.now_ns + 7 * SECOND_NS
    asked = setting(at, what, state, cause=StateCause.CAUSE_TECHNICAL, until_ns=until)
    assert said(at, what, at.world.send(asked)) == (state, StateCause.CAUSE_TECHNICAL, until)
    assert at.world.engine.next_due_ns == until
    if restarted:
        at.world.restart()
    at.world.wait(6.999_999_999)
    assert of_kind(TRADES["rest"](at), EventKind.REFUSED)
    at.world.wait(0.000_000_001)
    events = at.world.send(layout.Tick())
    if what == "account":
        events = at.world.carry_on()
    assert said(at, what, events) == (opened, StateCause.CAUSE_EXPIRED, 0)
    assert at.world.engine.next_due_ns > until
    assert not of_kind(TRADES["rest"](at), EventKind.REFUSED)
    assert invariants.breaches(at.world.engine.tables) == []


def test_an_instrument_goes_over_into_the_state_that_was_to_follow() -> None:
    at = Ladder()
    posting = InstrumentState.INSTRUMENT_POSTING
    until = at.world.now_ns + SECOND_NS
    event = one(
        at.world.send(setting(at, "instrument", InstrumentState.INSTRUMENT_SHUT, until_ns=until, next_state=posting)),
        EventKind.INSTRUMENT_STATE_SET,
    )
    assert event.next_state == posting
    at.world.wait(1)
    event = one(at.world.send(layout.Tick()), EventKind.INSTRUMENT_STATE_SET)
    assert (event.state, event.next_state, event.cause) == (posting, 0, StateCause.CAUSE_EXPIRED)


def test_another_command_takes_the_end_of_a_rung_away() -> None:
    at = Ladder()
    until = at.world.now_ns + SECOND_NS
    for what, state in (
        ("venue", VenueState.VENUE_POSTING),
        ("instrument", InstrumentState.INSTRUMENT_POSTING),
        ("account", AccountState.ACCOUNT_POSTING),
    ):
        at.world.send(setting(at, what, state, until_ns=until))
        at.world.send(setting(at, what, state))
    assert at.world.engine.next_due_ns > until
    at.world.wait(2)
    at.world.send(layout.Tick())
    assert at.world.engine.tables.accounts[at.own].state == AccountState.ACCOUNT_POSTING
    assert refused(TRADES["take"](at)) == "VENUE_POST_ONLY"


def test_ends_of_accounts_states_and_switches_share_a_heap_and_come_in_the_order_of_their_times() -> None:
    at = Ladder()
    accounts = [at.world.trader(number) for number in range(10, 20)]
    now = at.world.now_ns
    for place, account in enumerate(accounts):
        state = layout.SetAccountState(account=account, state=AccountState.ACCOUNT_POSTING)
        state.until_ns = now + (1 + (7 * place) % 5) * SECOND_NS
        at.world.send(state)
        if place % 2:
            at.world.cancel_all_after(account, 3)
    assert invariants.breaches(at.world.engine.tables) == []
    at.world.restart()
    assert invariants.breaches(at.world.engine.tables) == []
    over: list[tuple[str, int]] = []
    for _ in range(6):
        at.world.wait(1)
        at.world.send(layout.Tick())
        for event in at.world.carry_on():
            if event.head.kind in (EventKind.ACCOUNT_STATE_SET, EventKind.DEAD_MAN_SET):
                over.append((EventKind(event.head.kind).name, accounts.index(event.record.account)))
        assert invariants.breaches(at.world.engine.tables) == []
    states = sorted(range(10), key=lambda place: ((7 * place) % 5, place))
    assert [place for name, place in over if name == "ACCOUNT_STATE_SET"] == states
    assert [place for name, place in over if name == "DEAD_MAN_SET"] == [1, 3, 5, 7, 9]
    assert at.world.engine.tables.venue.timers == 0


def test_nobody_is_examined_while_the_venue_is_held_and_everybody_is_when_it_trades_again() -> None:
    world = xbtusd()
    rich, poor = world.trader(1), world.trader(2, XBT // 100)
    world.place(rich, SELL, 10_000, MARK)
    assert of_kind(world.place(poor, BUY, 10_000, MARK), EventKind.FILL)
    world.send(layout.SetVenueState(state=VenueState.VENUE_CANCELLING))
    world.price(1, 990_000)
    assert world.engine.tables.venue.tasks_made == world.engine.tables.venue.tasks_done
    world.send(layout.SetVenueState(state=VenueState.VENUE_POSTING))
    world.price(1, 980_000)
    assert world.engine.tables.venue.tasks_made == world.engine.tables.venue.tasks_done
    world.send(layout.SetVenueState(state=VenueState.VENUE_REDUCING))
    assert of_kind(world.carry_on(), EventKind.LIQUIDATION_STEP)


def test_a_rung_changes_no_order_that_rests() -> None:
    at = Ladder()
    for what, rungs in LADDERS.items():
        for state, _ in rungs.values():
            at.world.send(setting(at, what, state))
        at.world.send(setting(at, what, next(iter(rungs.values()))[0]))
    assert at.world.engine.tables.accounts[at.own].orders == 3


def test_past_its_expiry_an_instrument_without_a_mean_is_paused_whatever_it_was() -> None:
    world = xbtusd()
    number = world.instrument(
        "XBTM26",
        instrument_type=layout.InstrumentType.FUTURE,
        mark_method=layout.MarkMethod.MARK_IMPACT,
        funding_interval_ns=0,
        funding_offset_ns=0,
        funding_rate_ppb=0,
        expiry_ns=(world.now_ns // (60 * SECOND_NS) + 2) * 60 * SECOND_NS,
    )
    until = world.now_ns + 3600 * SECOND_NS
    shut = InstrumentState.INSTRUMENT_SHUT
    world.send(layout.SetInstrumentState(instrument=number, state=shut, until_ns=until))
    world.wait(121)
    event = one(world.send(layout.Tick()), EventKind.INSTRUMENT_STATE_SET)
    assert (event.instrument, event.state) == (number, InstrumentState.INSTRUMENT_PAUSED)
    assert (event.cause, event.until_ns) == (StateCause.CAUSE_TECHNICAL, 0)
    paused = layout.SetInstrumentState(instrument=number, state=InstrumentState.INSTRUMENT_PAUSED)
    assert not of_kind(world.send(paused), EventKind.REFUSED)
    paused.until_ns = until
    assert refused(world.send(paused)) == "INSTRUMENT_CLOSED"


def test_the_ladder_is_the_same_uncompiled() -> None:
    at = Ladder()
    for what, rungs in LADDERS.items():
        for state, _ in list(rungs.values())[1:]:
            at.world.send(setting(at, what, state, until_ns=at.world.now_ns + SECOND_NS))
            TRADES["take"](at)
            SPENDING["withdraw"](at)
            at.world.wait(1)
            at.world.send(layout.Tick())
            at.world.carry_on()
    twins.agree(at.world)
    twins.audited(at.world)
