"""Rows of fundings, funds, takeovers and deleveragings, against what `Recent` has seen of the same events."""

import random
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from outcry.engine import reading
from outcry.gateway.recalled import execution_view, fund_view, funding_view, order_view
from outcry.history import Reader
from outcry.history.reader import Asked, page_of
from outcry.history.tables import MONEY_CHANGES
from outcry.protocol import layout, wire
from outcry.views.orders import MONEY_CHANGES as SHOWN
from outcry.views.risk import FundView
from tests.engine.worlds import BUY, SELL
from tests.gateway.test_risk import changed, deleveraged, fund_moved, funded, funding_fixed, taken_over
from tests.history.keeping import LOTS, KeptWorld, all_rows, kept_world

DAY_S = 86_400


@pytest.fixture
def world(tmp_path: Path) -> KeptWorld:
    return kept_world(tmp_path / "history.db")


def lived(world: KeptWorld, begin_again: bool) -> tuple[int, int]:
    """Two accounts to whom everything happens; in between the keeper may have been killed.

    The engine has epochs of its own meanwhile, in which nobody holds anything.
    """
    first, second = world.trader(1), world.trader(2)
    assert world.kept is not None
    world.tell(funding_fixed(101), funded(first, 1_000, 167, epoch=101))
    world.kept.commit()
    if begin_again:
        world.kept.begin_again()
    world.tell(funded(second, -1_000, -166, epoch=101), fund_moved(1, 1))
    world.wait(DAY_S)
    world.tell(funding_fixed(102, -20_000), taken_over(first), changed(1_000))
    world.tell(deleveraged(second), fund_moved(500, 501))
    world.wait(2 * DAY_S)
    world.tell(funded(second, -500, 9, epoch=102), changed(0))
    world.kept.commit()
    return first, second


@pytest.mark.parametrize("begin_again", [False, True])
def test_rows_are_what_recent_has_seen(world: KeptWorld, begin_again: bool) -> None:
    accounts = lived(world, begin_again)
    assert world.kept is not None
    with world.kept.store.engine.connect() as connection:
        rows = page_of(connection, "executions", Asked())
        fundings = [funding_view(row) for row in page_of(connection, "funding", Asked())]
        noons = [fund_view(row) for row in page_of(connection, "funds", Asked(end_ns=world.engine.time_ns))]
    seen = [view for account in accounts for view in world.recent.executions(account)]
    assert [execution_view(row) for row in rows] == sorted(seen, key=lambda one: (one.sequence, one.place))
    assert {view.change for view in seen} == {1, 5, 6, 7}
    every = [one for fundings in world.recent.risk.fundings.values() for one in fundings]
    assert fundings == sorted(every, key=lambda one: (one.time_ns, one.sequence, one.instrument))
    assert {one.epoch for one in fundings} >= {1, 101, 102}
    kept = [one for currency in (1, 2) for one in world.recent.risk.noons[currency]]
    assert noons == sorted(kept, key=lambda one: (one.time_ns, one.currency))
    assert [one.balance_minor for one in noons if one.currency == 1] == [1, 501, 501]
    orders = all_rows(world.kept.store)["orders"]
    assert [order_view(row) for row in orders] == list(world.recent.orders(accounts[0]))  # type: ignore[arg-type]


def test_the_ledger_has_all_of_it_in_the_days_row(world: KeptWorld) -> None:
    first, second = lived(world, False)
    assert world.kept is not None
    lines = all_rows(world.kept.store)["ledger"]

    def days(account: int) -> list[tuple[int, int]]:
        mine = [row for row in lines if row["account"] == account and row["instrument"] == 1]
        return [(row["amount_minor"], row["fee_minor"]) for row in mine]

    # A day from noon to noon: the funding of the first; the takeover; of the second a funding, a deleveraging, another.
    assert days(first) == [(-167, 167), (-5_570 - 836, 836)]
    assert days(second) == [(166, -166), (2_785, 0), (-9, 9)]


def test_wallets_history_is_asked_by_the_index_of_money(world: KeptWorld) -> None:
    """The planner knows the partial index although its condition has several values."""
    assert tuple(SHOWN) == MONEY_CHANGES
    first, _ = lived(world, False)
    assert world.kept is not None
    asked = Asked(where={"account": (first,), "change": MONEY_CHANGES})
    reader = Reader(world.kept.store.path)
    assert len(reader.page("executions", asked)) == 2
    with world.kept.store.engine.connect() as connection:
        plan: list[Any] = list(
            connection.execute(
                text(f"explain query plan select * from executions where account = 8 and change in {MONEY_CHANGES}")
            )
        )
    assert "ix_executions_traded" in str(plan)
    reader.close()


def test_a_fund_that_was_there_before_is_adopted(world: KeptWorld) -> None:
    tables = world.engine.tables
    tables.wallets[tables.currencies[1].role_wallets + layout.Role.INSURANCE].balance_minor = 4_000
    world.recent.adopt(world.engine.sequence, world.engine.time_ns)
    assert world.recent.risk.fund_rows(1) == [FundView(world.engine.time_ns, 1, 4_000)]
    world.recent.risk.advance(world.engine.time_ns + DAY_S * 10**9)
    assert [one.balance_minor for one in world.recent.risk.noons[1]] == [4_000]


# Histories in which the engine itself liquidates, funds and deleverages.


class Risky:
    """Weak accounts with much leverage, prices that jump, and fundings; the keeper is killed now and then."""

    def __init__(self, path: Path, seed: int) -> None:
        self.world = kept_world(path)
        self.chance = random.Random(seed)
        self.accounts = [self.world.trader(100 + at, 3 * 10**7) for at in range(8)]
        for account in self.accounts:
            self.world.deposit(account, 2 * 10**9, 2)
        self.rich = self.world.trader(99, 10**12)
        self.world.deposit(self.rich, 10**13, 2)
        self.prices = {1: 60_000_00, 2: 3_000_00}
        self.kinds: set[int] = set()
        self.world.observers.append(self.see)

    def see(self, entry: wire.Entry, events: Any) -> None:
        self.kinds.update(event.head.kind for event in events)

    def act(self) -> None:
        world, chance = self.world, self.chance
        draw = chance.random()
        number = chance.choice((1, 1, 2, 3))
        account = chance.choice([self.rich, *self.accounts, *self.accounts])
        if draw < 0.55:
            index = 2 if number == 2 else 1
            ticks = self.prices[index] // (10 if number != 2 else 5)
            size = LOTS[number] * chance.randrange(1, 8 if account != self.rich else 60) * (20 if number == 3 else 4)
            ticks += chance.randrange(-30, 30)
            world.place(account, chance.choice((BUY, SELL)), size, ticks, instrument=number)
        elif draw < 0.68:
            world.leverage(account, chance.choice((0, 0, 2_500, 5_000, 10_000)), number)
        elif draw < 0.74:
            world.cancel_all(account)
        elif draw < 0.76:
            world.wait(chance.choice((3, 9)) * 3_600)
        elif draw < 0.78:
            world.deposit(account, chance.randrange(1, 10**6))
        else:
            self.jump()
        while world.engine.work_waiting:
            world.carry_on(chance.choice((1, 3, 4_096)))
        world.wait(chance.random() * 20)
        if chance.random() < 0.04:
            assert world.kept is not None
            world.kept.commit()
            if chance.random() < 0.5:
                world.kept.begin_again()

    def jump(self) -> None:
        index = self.chance.choice((1, 1, 2))
        step = self.chance.choice((0.001, 0.004, 0.02, 0.08))
        middle = 60_000_00 if index == 1 else 3_000_00
        moved = self.prices[index] * (1 + self.chance.uniform(-step, step))
        # Drawn back to the middle, so that prices stay within reach.
        self.prices[index] = round(moved + (middle - moved) * 0.1)
        for constituent in (2 * index - 1, 2 * index):
            self.world.price(index, self.prices[index], constituent)


@pytest.mark.parametrize("seed", [1, 2])
def test_after_any_history_the_ledger_is_the_wallets(tmp_path: Path, seed: int) -> None:
    risky = Risky(tmp_path / "history.db", seed)
    world = risky.world
    for _ in range(700):
        risky.act()
    assert not world.engine.halted
    wanted = ("FUNDED", "TAKEN_OVER", "FUND_MOVED", "DELEVERAGED", "LIQUIDATION_STEP", "FUNDING_FIXED")
    assert {f"{layout.EventKind(kind).name}" for kind in risky.kinds} >= set(wanted)
    kept = world.kept
    assert kept is not None
    kept.commit()
    rows = all_rows(kept.store)
    tables = world.engine.tables
    for account in [*risky.accounts, risky.rich]:
        for currency in (1, 2):
            lines = [row for row in rows["ledger"] if (row["account"], row["currency"]) == (account, currency)]
            balance = world.balance(account, currency)
            assert sum(row["amount_minor"] for row in lines) == balance == kept.fold.balances[account, currency]
            last = max(lines, key=lambda row: (row["changed_sequence"], row["sequence"], row["place"]))
            assert last["balance_minor"] == balance
    # Executions are what the lines are made of, and are those that the views have seen.
    with kept.store.engine.connect() as connection:
        executions = [execution_view(row) for row in page_of(connection, "executions", Asked(limit=10**6))]
    seen = [view for account in [*risky.accounts, risky.rich] for view in world.recent.executions(account)]
    newest = {(one.sequence, one.place): one for one in seen}
    assert [one for one in executions if (one.sequence, one.place) in newest] == sorted(
        seen, key=lambda one: (one.sequence, one.place)
    )
    for instrument in (1, 2, 3):
        gains = sum(one.realised_minor - one.fee_minor for one in executions if one.order.instrument == instrument)
        assert gains == sum(row["amount_minor"] for row in rows["ledger"] if row["instrument"] == instrument)
    # Funds and takeovers as the engine has them.
    for currency in (1, 2):
        fund = world.balance(layout.Role.INSURANCE, currency)
        assert world.recent.risk.funds[currency].balance_minor == fund
        assert [row["balance_minor"] for row in rows["funds"] if row["currency"] == currency][-1] == fund
    told = {one.takeover: (one.leaves_quantity, one.stage) for one in world.recent.risk.takeovers.values()}
    used = reading.used(tables, layout.TableNumber.TAKEOVERS_TABLE)
    assert told == {
        tables.takeovers[at].takeover: (abs(tables.takeovers[at].quantity), tables.takeovers[at].stage)
        for at in used
        if tables.takeovers[at].quantity
    }
    adopted = type(world.recent)(world.engine)
    adopted.adopt(world.engine.sequence, world.engine.time_ns)
    assert adopted.risk.takeovers == world.recent.risk.takeovers
    assert {one.currency: one.balance_minor for one in adopted.risk.funds.values()} == {
        one.currency: one.balance_minor for one in world.recent.risk.funds.values()
    }
