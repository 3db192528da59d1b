"""Hypothesis drives both modes of the engine and the plain model, one command after the other.

Every rule sends one command through the trio, which compares everything and checks every invariant after it; a
disagreement shrinks to the shortest list of commands that shows it.  Short here, long in `make nightly`.
"""

from functools import cache

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from outcry.protocol import layout
from outcry.protocol.layout import OrderType, Side, Valuation
from tests.engine.worlds import listing, place
from tests.laws import commands
from tests.laws.trio import Trio

MARK = 10_000
TRADERS = {8: 10**7, 9: 10**9, 10: 10**12}
ACCOUNTS = st.sampled_from(sorted(TRADERS))
INSTRUMENTS = st.sampled_from((1, 2, 3))
LOTS = {1: 100, 2: 1, 3: 1_000}
NAMES = st.sampled_from(("", "", "a", "b", "c"))
NUMBERS = st.integers(1, 40)
"""Numbers of orders: what a short history may have given."""


@cache
def prepared() -> Trio:
    """Listed, priced and funded, once for all lists of commands."""
    trio = Trio()
    send = trio.send
    send(commands.currency("XBt", 8))
    send(commands.index(".BXBT", 2))
    send(commands.constituent(1, 1_000_000))
    send(listing("XBTUSD", funding_rate_ppb=0))
    send(listing("ETHUSD", valuation=Valuation.QUANTO, lot=1, multiplier_minor=100))
    send(listing("LINEAR", valuation=Valuation.LINEAR, lot=1_000, multiplier_minor=3, risk_limit_minor=10**9))
    send(commands.price(1, 1, MARK * 100))
    for account, amount in TRADERS.items():
        send(commands.open_account(account))
        send(commands.deposit(account, 1, amount, account))
    return trio


class Venue(RuleBasedStateMachine):
    """Three traders, an inverse, a quanto and a linear contract."""

    def __init__(self) -> None:
        super().__init__()
        self.trio = prepared().copy()

    @rule(
        account=ACCOUNTS,
        instrument=INSTRUMENTS,
        buys=st.booleans(),
        lots=st.integers(1, 60),
        away=st.integers(-6, 6),
        force=st.sampled_from((1, 1, 1, 2, 3)),
        flags=st.sampled_from((0, 0, 0, 1, 2, 4)),
        market=st.sampled_from((False, False, False, True)),
        name=NAMES,
    )
    def place(
        self,
        account: int,
        instrument: int,
        buys: bool,
        lots: int,
        away: int,
        force: int,
        flags: int,
        market: bool,
        name: str,
    ) -> None:
        side, ticks = Side.BUY if buys else Side.SELL, 0 if market else 10 * MARK + away
        record = place(account, side, lots * LOTS[instrument], ticks, instrument=instrument, client_id=name)
        record.time_in_force, record.flags = force, flags
        record.order_type = OrderType.MARKET if market else OrderType.LIMIT
        self.trio.send(record)

    @rule(
        account=ACCOUNTS,
        number=NUMBERS,
        lots=st.integers(0, 60),
        away=st.none() | st.integers(-6, 6),
        rest=st.booleans(),
        name=NAMES,
        new_name=NAMES,
    )
    def amend(
        self, account: int, number: int, lots: int, away: int | None, rest: bool, name: str, new_name: str
    ) -> None:
        order = self.trio.model.find(number)
        lot = LOTS[order.instrument] if order else 100
        owner = order.account if order else account
        fields = {"leaves_quantity" if rest else "quantity": lots * lot}
        if away is not None:
            fields["price_ticks"] = 10 * MARK + away
        self.trio.send(commands.amend(owner, 0 if name else number, name, new_name, **fields))

    @rule(account=ACCOUNTS, number=NUMBERS, name=NAMES)
    def cancel(self, account: int, number: int, name: str) -> None:
        owner = self.trio.model.owners.get(number, account)
        self.trio.send(commands.cancel(owner, 0 if name else number, name))

    @rule(account=ACCOUNTS, instrument=st.integers(0, 3), side=st.integers(0, 3))
    def cancel_all(self, account: int, instrument: int, side: int) -> None:
        self.trio.send(commands.cancel_all(account, instrument, side))

    @rule(account=ACCOUNTS, instrument=INSTRUMENTS, centi=st.sampled_from((0, 1, 100, 1_000, 10_000, 25_000, 25_001)))
    def leverage(self, account: int, instrument: int, centi: int) -> None:
        self.trio.send(commands.leverage(account, instrument, centi))

    @rule(account=ACCOUNTS, instrument=INSTRUMENTS, isolated=st.integers(0, 2))
    def isolate(self, account: int, instrument: int, isolated: int) -> None:
        self.trio.send(commands.isolate(account, instrument, isolated))

    @rule(account=ACCOUNTS, instrument=INSTRUMENTS, amount=st.integers(-(10**6), 10**7))
    def move_margin(self, account: int, instrument: int, amount: int) -> None:
        self.trio.send(commands.move_margin(account, instrument, amount))

    @rule(dollars=st.integers(MARK - 400, MARK + 400))
    def price(self, dollars: int) -> None:
        self.trio.send(commands.price(1, 1, 100 * dollars))

    @rule(account=ACCOUNTS, amount=st.integers(0, 10**9), request=st.integers(1, 4))
    def withdraw(self, account: int, amount: int, request: int) -> None:
        self.trio.send(commands.withdraw(account, 1, amount, request))

    @rule(account=ACCOUNTS, request=st.integers(1, 4), settled=st.integers(0, 2))
    def settle(self, account: int, request: int, settled: int) -> None:
        self.trio.send(commands.settle(account, request, settled))

    @rule(account=ACCOUNTS, other=st.integers(7, 11), amount=st.integers(0, 10**9))
    def transfer(self, account: int, other: int, amount: int) -> None:
        self.trio.send(commands.transfer(account, other, 1, amount))

    @rule(account=ACCOUNTS, amount=st.integers(0, 10**9), reference=st.integers(1, 12), back=st.booleans())
    def deposit(self, account: int, amount: int, reference: int, back: bool) -> None:
        made = commands.reverse(account, 1, reference) if back else commands.deposit(account, 1, amount, reference)
        self.trio.send(made)

    @rule(account=st.integers(7, 11), state=st.integers(0, 5))
    def account_state(self, account: int, state: int) -> None:
        self.trio.send(commands.account_state(account, state))

    @rule(instrument=st.integers(0, 4), state=st.integers(0, 4))
    def instrument_state(self, instrument: int, state: int) -> None:
        self.trio.send(commands.instrument_state(instrument, state))

    @rule(seconds=st.sampled_from((0.1, 6.0, 61.0, 90_000.0)))
    def pass_time(self, seconds: float) -> None:
        self.trio.wait(seconds)
        self.trio.send(layout.Tick())

    @precondition(lambda self: not self.trio.model.cancel_only)
    @rule(seconds=st.integers(-1, 60))
    def pause(self, seconds: int) -> None:
        self.trio.wait(max(0, seconds))
        self.trio.send(commands.resume(seconds))

    @rule(account=ACCOUNTS, seconds=st.sampled_from((-1, 0, 1, 30)))
    def switch(self, account: int, seconds: int) -> None:
        self.trio.send(commands.cancel_all_after(account, seconds * 10**9))

    @rule(units=st.sampled_from((0, 1, 3, 4_096)))
    def carry_on(self, units: int) -> None:
        self.trio.send(commands.carry_on(units))

    @rule()
    def restart(self) -> None:
        """Both go on from a snapshot of the compiled engine, as after a clean stop."""
        self.trio = self.trio.copy()

    @invariant()
    def nothing_is_broken(self) -> None:
        """The trio has compared everything; here only that nobody stopped."""
        assert not self.trio.engine.halted

    def teardown(self) -> None:
        """At the end of every list of commands the modes have the same rows and the same root."""
        self.trio.finish()


CHECKS = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.large_base_example]
SHORT = settings(max_examples=25, stateful_step_count=30, deadline=None, derandomize=True, suppress_health_check=CHECKS)
LONG = settings(SHORT, max_examples=600, stateful_step_count=80, derandomize=False)


class TestShort(Venue.TestCase):  # type: ignore[misc, valid-type]
    """The same short lists of commands in every run."""

    settings = SHORT


@pytest.mark.slow
class TestLong(Venue.TestCase):  # type: ignore[misc, valid-type]
    """Longer lists, others every night; what fails is kept in Hypothesis's example database."""

    settings = LONG
