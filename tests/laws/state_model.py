"""The plain model of states: instruments, accounts and the venue, who sets them and when they are over by themselves.

Written from docs/rules/commands.md (CMD-06, CMD-07, CMD-12).  What a state refuses is in venue_model.py.
"""

from dataclasses import dataclass, field

from outcry.protocol import layout
from outcry.protocol.layout import AccountState, InstrumentState, StateCause, VenueState
from tests.laws.order_model import OrderModel
from tests.laws.worldly_model import earliest

MARKETS = (
    InstrumentState.INSTRUMENT_OPEN,
    InstrumentState.INSTRUMENT_REDUCING,
    InstrumentState.INSTRUMENT_POSTING,
)
SETTABLE = (
    InstrumentState.INSTRUMENT_OPEN,
    InstrumentState.INSTRUMENT_PAUSED,
    InstrumentState.INSTRUMENT_REDUCING,
    InstrumentState.INSTRUMENT_POSTING,
    InstrumentState.INSTRUMENT_SHUT,
    InstrumentState.INSTRUMENT_PRE_OPEN,
    InstrumentState.INSTRUMENT_AUCTION,
)


@dataclass
class StateModel(OrderModel):
    """A venue of the model with states that end."""

    venue_until: int = 0
    instrument_until: dict[int, tuple[int, int]] = field(default_factory=dict)
    """By instrument when its state is over, and which follows."""
    account_until: dict[int, tuple[int, int]] = field(default_factory=dict)
    """By account when its state is over, and the entry that set that."""

    def timed_reason(self, cause: int, until_ns: int, ends: bool) -> str:
        """A cause that a command may give, and an end still to come, if there may be one."""
        fits = until_ns == 0 or (until_ns > self.time_ns and ends)
        return "" if fits and cause <= StateCause.CAUSE_COMPLIANCE else "PARAMETER_INVALID"

    def plan(self) -> None:
        super().plan()
        ends = [until for until, _ in self.instrument_until.values()]
        ends += [self.venue_until] if self.venue_until else []
        self.due_ns = min([self.due_ns, *ends])

    def timers(self) -> list[tuple[int, int, int]]:
        """Of one account the end of its state comes before a switch that goes off at the same time."""
        first = dict(self.switches)
        for account, (until, sequence) in self.account_until.items():
            if account not in first or until <= first[account][0]:
                first[account] = until, sequence
        return sorted((*due, account) for account, due in first.items())

    def on_SetVenueState(self, asked: layout.SetVenueState) -> str:
        """CMD-12."""
        reason = self.timed_reason(asked.cause, asked.until_ns, asked.state != VenueState.VENUE_OPEN)
        if reason or asked.state not in tuple(VenueState):
            return "PARAMETER_INVALID"
        self.enter_venue_state(asked.state, asked.until_ns)
        self.plan()
        return ""

    def enter_venue_state(self, state: int, until_ns: int) -> None:
        """Who waited until the venue trades again is looked at."""
        traded, self.venue_state, self.venue_until = self.trades, state, until_ns
        self.moved = self.moved or (self.trades and not traded)

    def on_SetAccountState(self, asked: layout.SetAccountState) -> str:
        """CMD-07."""
        reason = self.timed_reason(asked.cause, asked.until_ns, asked.state != AccountState.ACCOUNT_OPEN)
        valid = "" if asked.state in tuple(AccountState) else "PARAMETER_INVALID"
        refusal = earliest(self.account_reason(asked.account), reason, valid)
        if not refusal:
            self.states[asked.account] = asked.state
            self.account_until.pop(asked.account, None)
            if asked.until_ns:
                self.account_until[asked.account] = asked.until_ns, self.sequence
            self.plan()
        return refusal

    def on_SetInstrumentState(self, asked: layout.SetInstrumentState) -> str:
        """CMD-06."""
        number, until, following = asked.instrument, asked.until_ns, asked.next_state
        if number not in self.terms:
            return "INSTRUMENT_UNKNOWN"
        stays = asked.state == InstrumentState.INSTRUMENT_PAUSED and not until
        if 0 < self.terms[number].expiry_ns <= self.time_ns and not stays:
            return "INSTRUMENT_CLOSED"
        uncrosses = until and asked.state in MARKETS and self.crossed(number)
        valid = asked.state in SETTABLE and not uncrosses and (not following or (until and following in SETTABLE))
        if not valid or self.timed_reason(asked.cause, until, True):
            return "PARAMETER_INVALID"
        self.instrument_until.pop(number, None)
        if until:
            self.instrument_until[number] = until, following or InstrumentState.INSTRUMENT_OPEN
        self.enter_state(number, asked.state)
        self.plan()
        return ""

    def enter_state(self, number: int, state: int) -> None:
        """The instrument is in it."""
        self.instrument_states[number] = state

    def end_states(self) -> None:
        """A tick: the venue first, then the instruments."""
        if 0 < self.venue_until <= self.time_ns:
            self.enter_venue_state(VenueState.VENUE_OPEN, 0)
        for number, (until, following) in sorted(self.instrument_until.items()):
            if until <= self.time_ns:
                del self.instrument_until[number]
                self.enter_state(number, following)

    def said_account_state_set(self, said: layout.AccountStateSet) -> None:
        """The engine's own work ends states of accounts, whose time comes first first."""
        if said.cause == StateCause.CAUSE_EXPIRED:
            until, _, account = self.timers()[0]
            assert (account, AccountState.ACCOUNT_OPEN) == (said.account, said.state)
            assert until == self.account_until.pop(account)[0] <= self.time_ns
            self.states[account] = AccountState.ACCOUNT_OPEN
