"""What waits, follows and is linked is kept as it is seen: the same orders and reports in history as in `Recent`."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import RowMapping

from outcry.gateway.recalled import execution_view, order_view
from outcry.history.orders import Order
from outcry.history.reader import Asked, Reader
from outcry.history.revivals import Filled
from outcry.protocol.layout import (
    DAY_NS,
    FILLED_KEPT,
    REVIVAL_NS,
    Code,
    ConditionStage,
    EndReason,
    OrderType,
    PegKind,
    TimeInForce,
    Trailed,
)
from tests.engine.worlds import BUY, SELL
from tests.gateway.test_conditions import amended, conditioned, ended, filled, placed, triggered
from tests.history.keeping import Kept, KeptWorld, kept_world

Rows = list[RowMapping]


class Told:
    """As much of a venue as those who make the events look at."""

    def __init__(self, world: KeptWorld) -> None:
        self.world = world
        self.alice = Account(world.trader(701, 10**10))
        self.bob = Account(world.trader(702, 10**10))


class Account:
    def __init__(self, account: int) -> None:
        self.account = account


@pytest.fixture
def venue(tmp_path: Path) -> Any:
    return Told(kept_world(tmp_path / "history.db"))


def asked(venue: Any, shelf: str) -> Rows:
    kept: Kept = venue.world.kept
    kept.commit()
    reader = Reader(kept.store.path)
    try:
        return list(reader.page(shelf, Asked(where={"account": (venue.alice.account,)})))
    finally:
        reader.close()


def check(venue: Any) -> None:
    """The same as is remembered."""
    account = venue.alice.account
    assert [order_view(row) for row in asked(venue, "orders")] == list(venue.world.recent.orders(account))
    assert [execution_view(row) for row in asked(venue, "executions")] == list(venue.world.recent.executions(account))


def test_the_life_of_a_stop(venue: Any) -> None:
    venue.world.tell(placed(venue), conditioned(venue, link_id="group", contingency=1))
    check(venue)
    venue.world.tell(triggered(venue), filled(venue), ended(venue, EndReason.ENDED_FILLED))
    check(venue)
    assert [row["order_stage"] for row in asked(venue, "executions")] == [
        ConditionStage.STAGE_ARMED, ConditionStage.STAGE_LIVE, ConditionStage.STAGE_LIVE,
    ]  # fmt: skip


def test_one_that_follows_and_one_that_is_refused(venue: Any) -> None:
    venue.world.tell(placed(venue), conditioned(venue, peg_kind=PegKind.PEG_TRAILING, peg_offset_subticks=-10))
    trailed = Trailed(
        account=venue.alice.account, instrument=1, order_id=9_001, trigger_subticks=5_950_000, reference_subticks=1
    )
    venue.world.tell(trailed)
    venue.world.tell(triggered(venue), ended(venue, EndReason.ENDED_REFUSED, code=Code.STOPS_TOO_MANY))
    check(venue)
    assert asked(venue, "orders")[0]["end_code"] == Code.STOPS_TOO_MANY
    assert [row["order_trigger_subticks"] for row in asked(venue, "executions")][:2] == [5_900_000, 5_950_000]


def test_a_condition_that_is_amended_and_a_hidden_fill(venue: Any) -> None:
    terms = {"order_type": OrderType.LIMIT, "price_ticks": 589_990, "display_quantity": 100}
    venue.world.tell(placed(venue, **terms), conditioned(venue))
    venue.world.tell(amended(venue, **terms), conditioned(venue, trigger_subticks=5_800_000))
    sides = {"taker_account": venue.bob.account, "maker_account": venue.alice.account}
    numbers = {"taker_order_id": 8_001, "maker_order_id": 9_001, "maker_hidden": 1, "maker_leaves_quantity": 100}
    venue.world.tell(filled(venue, **sides, **numbers))
    check(venue)
    assert [row["is_maker"] for row in asked(venue, "executions")] == [False] * 3


def test_an_order_that_is_opened_again_is_one_row(venue: Any) -> None:
    terms = {"order_type": OrderType.LIMIT, "price_ticks": 589_990, "time_in_force": TimeInForce.GOOD_TILL_CANCEL}
    venue.world.tell(placed(venue, **terms), filled(venue), ended(venue, EndReason.ENDED_FILLED))
    check(venue)
    venue.world.tell(amended(venue, quantity=500, leaves_quantity=200, **terms))
    check(venue)
    assert [row["end_reason"] for row in asked(venue, "orders")] == [0]


def test_quotes_and_fills_are_counted_by_the_day(venue: Any) -> None:
    """ORD-01 of the vectors: eight orders and four amendments, of which three traded."""
    world, account, other = venue.world, venue.alice.account, venue.bob.account
    for number in range(8):
        world.place(account, BUY, 100, 590_000 - number, client_id=f"c{number}")
    for number in range(4):
        world.amend(account, client_id=f"c{number}", price_ticks=589_000)
    world.kept.commit()
    world.kept.begin_again()
    for number in range(4, 7):
        world.place(other, SELL, 100, 590_000 - number)
    today = world.now_ns - world.now_ns % DAY_NS
    (row,) = asked(venue, "quote_days")
    assert (row["day_ns"], row["placed"], row["amended"], row["filled"]) == (today, 8, 4, 3)
    world.wait(86_400)
    world.cancel_all(account)
    world.place(account, BUY, 100, 590_000)
    assert [(row["placed"], row["amended"], row["filled"]) for row in asked(venue, "quote_days")] == [
        (8, 4, 3), (1, 0, 0),
    ]  # fmt: skip


def test_a_cut_reduce_only_order_is_no_quote(venue: Any) -> None:
    world, account, other = venue.world, venue.alice.account, venue.bob.account
    world.place(other, SELL, 300, 600_000)
    world.place(account, BUY, 300, 600_000)
    world.place(account, SELL, 300, 610_000, reduce_only=True)
    world.place(other, BUY, 100, 600_000)
    world.place(account, SELL, 100, 600_000)
    (row,) = asked(venue, "quote_days")
    assert (row["placed"], row["amended"], row["filled"]) == (3, 0, 2)
    check(venue)


def test_one_that_was_filled_before_a_crash_is_opened_again(venue: Any) -> None:
    world, account, other = venue.world, venue.alice.account, venue.bob.account
    world.place(account, BUY, 100, 590_000, client_id="again")
    world.place(other, SELL, 100, 590_000)
    world.kept.commit()
    world.kept.begin_again()
    world.amend(account, client_id="again", leaves_quantity=200)
    check(venue)
    world.kept.begin_again()
    world.place(other, SELL, 200, 590_000)
    check(venue)
    (row,) = asked(venue, "orders")
    assert (row["filled_quantity"], row["end_reason"]) == (300, EndReason.ENDED_FILLED)


def test_an_iceberg_and_what_one_does_to_oneself(venue: Any) -> None:
    world, account, other = venue.world, venue.alice.account, venue.bob.account
    world.place(account, SELL, 500, 600_000, display_quantity=200)
    world.place(other, BUY, 300, 600_000)
    world.place(account, BUY, 100, 600_000, self_trade=2)
    check(venue)
    assert [row["is_maker"] for row in asked(venue, "executions") if row["change"] == 3] == [True, False]


def test_a_file_from_before_orders_waited_says_that_none_did(tmp_path: Path) -> None:
    """Revision 0002 with an order and its report, brought up to date: it waited for nothing and hid nothing."""
    path = tmp_path / "old.db"
    world = kept_world(path)
    account = world.trader(800, 10**10)
    world.place(account, BUY, 100, 590_000)
    kept = world.kept
    assert kept is not None
    kept.commit()
    kept.store.close()
    connection = sqlite3.connect(path)
    for table, names in AFTERWARDS.items():
        for name in names:
            connection.execute(f"alter table {table} drop column {name}")
    for table in ("quote_days", "settlements"):
        connection.execute(f"drop table {table}")
    connection.execute("update alembic_version set version_num = '0002'")
    connection.commit()
    connection.close()
    kept.begin_again()
    venue = Told(world)
    venue.alice.account = account
    check(venue)
    world.cancel_all(account)
    check(venue)


AFTERWARDS = {
    "orders": ("stage", "end_code"),
    "executions": (
        "order_stage",
        "order_end_code",
        "order_trigger_subticks",
        "order_peg_offset_subticks",
        "order_display_quantity",
    ),
}
"""What revision 0003 has added."""


def test_what_could_not_rest_pushes_out_nothing_that_may_be_opened_again() -> None:
    limit = order(1, time_in_force=TimeInForce.GOOD_TILL_CANCEL)
    filled_of_late = Filled([limit])
    for number in range(2, FILLED_KEPT + 2):
        filled_of_late.add(order(number, time_in_force=TimeInForce.IMMEDIATE_OR_CANCEL))
    assert filled_of_late.revive(1) is limit
    for number in range(2, FILLED_KEPT + 3):
        filled_of_late.add(order(number, time_in_force=TimeInForce.GOOD_TILL_CANCEL))
    with pytest.raises(KeyError):
        filled_of_late.revive(2)
    assert filled_of_late.revive(3).order_id == 3
    late = order(9_000, time_in_force=TimeInForce.DAY, changed_ns=REVIVAL_NS + 1)
    filled_of_late.add(late)
    with pytest.raises(KeyError):
        filled_of_late.revive(4)


def order(number: int, **more: Any) -> Order:
    return Order(
        order_id=number, account=8, instrument=1, side=BUY, order_type=OrderType.LIMIT, flags=0, quantity=1,
        leaves_quantity=0, price_ticks=1, display_quantity=-1, client_id="", **more,
    )  # fmt: skip
