"""Rows of fundings, funds, takeovers and deleveragings, against what `Recent` has seen of the same events."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from outcry.gateway.recalled import execution_view, fund_view, funding_view, order_view
from outcry.history import Reader
from outcry.history.reader import Asked, page_of
from outcry.history.tables import MONEY_CHANGES
from outcry.protocol import layout
from outcry.views.orders import MONEY_CHANGES as SHOWN
from outcry.views.risk import FundView
from tests.gateway.test_risk import changed, deleveraged, fund_moved, funded, funding_fixed, taken_over
from tests.history.keeping import KeptWorld, all_rows, kept_world

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
                text("explain query plan select * from executions where account = 8 and change in (3, 5, 6, 7)")
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
