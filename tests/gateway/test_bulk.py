"""Several orders in one request, and the dead-man switch: all or nothing before, a row for each after."""

from typing import Any

import pytest

from outcry.gateway.dialect.columns import ORDER_COLUMNS
from outcry.gateway.door import NoAnswer, Overloaded
from outcry.gateway.limits import Limits
from outcry.protocol import layout
from outcry.protocol.layout import CancelAllAfter
from tests.gateway.venues import FREE, FakeOutcome, Venue


def limit(price: float, **more: Any) -> dict[str, Any]:
    return {"symbol": "XBTUSD", "side": "Buy", "orderQty": 100, "price": price, **more}


def test_a_list_is_placed_in_its_order(venue: Venue) -> None:
    asked = [limit(59_000, clOrdID="a"), limit(61_000, side="Sell"), limit(57_000, text="third")]
    rows = venue.alice.ok("POST", "/order/bulk", {"orders": asked})
    assert [(row["side"], row["price"], row["clOrdID"]) for row in rows] == [
        ("Buy", 59_000, "a"), ("Sell", 61_000, None), ("Buy", 57_000, None),
    ]  # fmt: skip
    assert all(tuple(row) == ORDER_COLUMNS for row in rows)
    assert venue.alice.ok("GET", "/order") == rows
    single = venue.alice.order("Buy", 100, 56_000, clOrdID="s")
    assert set(single) == set(rows[0])


def test_a_later_row_of_a_list_meets_what_an_earlier_one_did(venue: Venue) -> None:
    venue.bob.order("Sell", 100, 60_000)
    rows = venue.alice.ok("POST", "/order/bulk", {"orders": [limit(60_000), limit(60_000)]})
    assert [(row["ordStatus"], row["cumQty"]) for row in rows] == [("Filled", 100), ("New", 0)]


def test_the_list_may_be_text_in_a_form(venue: Venue) -> None:
    body = b"orders=%5B%7B%22symbol%22%3A%22XBTUSD%22%2C%22orderQty%22%3A%22100.0%22%2C%22price%22%3A59000.1%7D%5D"
    headers = venue.alice.headers("POST", "/order/bulk", body)
    answer = venue.ask("POST", "/order/bulk", body, {**headers, "content-type": "application/x-www-form-urlencoded"})
    assert answer.json()[0]["price"] == 59000.1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"price": 59_000.05}, "Bulk orders: Invalid price tickSize"),
        ({"symbol": "NOPE"}, "Bulk orders: symbol is invalid"),
        ({"orderQty": None}, "Bulk orders: Invalid orderQty"),
        ({"clOrdID": "x" * 37}, "Bulk orders: 'clOrdID' must be at most 36 characters"),
    ],
)
def test_a_row_that_cannot_become_a_command_refuses_the_list(venue: Venue, wrong: dict[str, Any], said: str) -> None:
    before = venue.state
    answer = venue.alice.ask("POST", "/order/bulk", {"orders": [limit(59_000), {**limit(58_000), **wrong}]})
    error = answer.json()["error"]
    assert (answer.status_code, error["message"], error["index"]) == (400, said, 1)
    assert venue.exchange.commands == []
    assert venue.state == before


@pytest.mark.parametrize("orders", [None, [], "", "x", "{}", {}, [1], [[]], "[1]", 5])
def test_what_is_no_list_of_orders(venue: Venue, orders: Any) -> None:
    for verb in ("POST", "PUT"):
        status, message = venue.alice.refused(verb, "/order/bulk", {"orders": orders})
        assert status == 400
        assert "orders" in message


def test_what_the_engine_refuses_is_told_in_its_row(venue: Venue) -> None:
    asked = [limit(59_000, clOrdID="a"), limit(58_000, clOrdID="a"), limit(57_000, orderQty=150), limit(56_000)]
    rows = venue.alice.ok("POST", "/order/bulk", {"orders": asked})
    assert [row["ordStatus"] for row in rows] == ["New", "Rejected", "Rejected", "New"]
    assert rows[1]["ordRejReason"] == rows[1]["error"] == "Duplicate clOrdID"
    assert (rows[1]["clOrdID"], rows[1]["symbol"], rows[1]["account"]) == ("a", "XBTUSD", venue.alice.account)
    assert rows[2]["error"] == "Order quantity must be a multiple of lot size: 100"
    assert set(ORDER_COLUMNS) < set(rows[1])
    assert len(venue.alice.ok("GET", "/order")) == 2


def test_a_list_sent_twice_is_refused_with_words_that_programs_look_for(venue: Venue) -> None:
    asked = {"orders": [limit(59_000, clOrdID="a"), limit(58_000, clOrdID="b")]}
    venue.alice.ok("POST", "/order/bulk", asked)
    answer = venue.alice.ask("POST", "/order/bulk", asked)
    error = answer.json()["error"]
    assert (answer.status_code, error["message"]) == (400, "Duplicate clOrdID")
    assert [row["clOrdID"] for row in error["orders"]] == ["a", "b"]
    assert len(venue.alice.ok("GET", "/order")) == 2


def test_a_list_is_amended(venue: Venue) -> None:
    rows = venue.alice.ok("POST", "/order/bulk", {"orders": [limit(59_000), limit(58_000, clOrdID="named")]})
    asked = [
        {"orderID": rows[0]["orderID"], "orderQty": 300, "price": 59_100, "side": "Buy"},
        {"origClOrdID": "named", "leavesQty": 200},
        {"orderID": rows[0]["orderID"], "price": 59_200},
    ]
    changed = venue.alice.ok("PUT", "/order/bulk", {"orders": asked})
    assert [(row["orderQty"], row["price"]) for row in changed] == [(300, 59_100), (200, 58_000), (300, 59_200)]
    wrong = [{"orderID": rows[0]["orderID"], "price": 59_000}, {"orderQty": 5}]
    assert venue.alice.refused_row("PUT", wrong) == (400, "Bulk orders: Must specify orderID or origClOrdID")
    assert venue.alice.ok("GET", "/order")[0]["price"] == 59_200


def test_amending_what_has_ended(venue: Venue) -> None:
    rows = venue.alice.ok("POST", "/order/bulk", {"orders": [limit(59_000), limit(58_000)]})
    venue.bob.order("Sell", 100, 59_000)
    asked = [{"orderID": row["orderID"], "orderQty": 200} for row in rows]
    changed = venue.alice.ok("PUT", "/order/bulk", {"orders": asked})
    assert [row.get("error") for row in changed] == ["Invalid ordStatus", None]
    assert (changed[0]["orderID"], changed[0]["symbol"]) == (rows[0]["orderID"], "XBTUSD")
    assert changed[1]["orderQty"] == 200
    # A program that amends everything and finds nothing open looks for exactly these words.
    assert venue.alice.refused_row("PUT", asked[:1]) == (400, "Invalid ordStatus")


def test_others_orders_cannot_be_amended_in_a_list(venue: Venue) -> None:
    theirs = venue.bob.order("Sell", 100, 61_000)
    assert venue.alice.refused_row("PUT", [{"orderID": theirs["orderID"], "orderQty": 200}]) == (
        400, "Bulk orders: Invalid orderID",
    )  # fmt: skip
    assert venue.bob.ok("GET", "/order") == [theirs]


def test_a_list_costs_a_tenth_for_each_order() -> None:
    venue = Venue(Limits(signed_per_minute=20, orders_per_second=20))
    answer = venue.alice.ask("POST", "/order/bulk", {"orders": [limit(50_000 + n) for n in range(41)]})
    assert answer.headers["x-ratelimit-remaining"] == "15"
    assert answer.headers["x-ratelimit-remaining-1s"] == "19"
    many = [limit(50_000 + n / 10) for n in range(501)]
    assert venue.alice.refused_row("POST", many) == (400, "Bulk orders: at most 500 orders can be sent at once")
    assert venue.alice.ask("POST", "/order/bulk", {"orders": many[:200]}).status_code == 429


def test_a_key_that_may_not_order_may_not_in_a_list(venue: Venue) -> None:
    canceller = venue.member("carol", permissions=frozenset({"orderCancel"}))
    for verb in ("POST", "PUT"):
        assert canceller.refused(verb, "/order/bulk", {"orders": [limit(59_000)]}) == (403, "Access Denied")
    assert venue.ask("POST", "/order/bulk", b"{}").status_code == 401


def test_rows_without_an_answer_claim_nothing(venue: Venue) -> None:
    async def half(commands: Any) -> list[Any]:
        return [await venue.exchange.execute(*commands[0]), NoAnswer(1, 77), Overloaded("full")]

    venue.exchange.execute_all = half  # type: ignore[method-assign]
    rows = venue.alice.ok("POST", "/order/bulk", {"orders": [limit(59_000), limit(58_000), limit(57_000)]})
    assert [row["ordStatus"] for row in rows] == ["New", None, "Rejected"]
    assert "may still act" in rows[1]["error"]
    assert "77" in rows[1]["error"]
    assert "overloaded" in rows[2]["error"]


@pytest.fixture
def armed() -> tuple[Venue, list[CancelAllAfter]]:
    """A venue whose engine takes the dead-man switch, and the commands it was handed."""
    venue, seen = Venue(FREE), []

    async def execute(record: Any, payload: bytes = b"") -> Any:
        seen.append(record)
        return FakeOutcome(7, 1_795_400_000_123_000_000, [])

    venue.exchange.execute = execute  # type: ignore[method-assign]
    return venue, seen


def test_the_dead_man_switch(armed: tuple[Venue, list[CancelAllAfter]]) -> None:
    venue, seen = armed
    assert venue.alice.ok("POST", "/order/cancelAllAfter", {"timeout": 60_000}) == {
        "now": "2026-11-23T02:13:20.123Z", "cancelTime": "2026-11-23T02:14:20.123Z",
    }  # fmt: skip
    assert venue.alice.ok("POST", "/order/cancelAllAfter", {"timeout": "0"}) == {
        "now": "2026-11-23T02:13:20.123Z", "cancelTime": None,
    }  # fmt: skip
    assert [(type(one), one.account, one.timeout_ns) for one in seen] == [
        (CancelAllAfter, venue.alice.account, 60 * 10**9), (CancelAllAfter, venue.alice.account, 0),
    ]  # fmt: skip


@pytest.mark.parametrize("timeout", [None, -1, 1.5, "x", 7 * 86_400_000 + 1, 10**18, True])
def test_what_is_no_timeout(armed: tuple[Venue, list[CancelAllAfter]], timeout: Any) -> None:
    venue, seen = armed
    assert venue.alice.refused("POST", "/order/cancelAllAfter", {"timeout": timeout})[0] == 400
    assert seen == []


def pass_time(venue: Venue, seconds: float) -> None:
    """Time passes, and what is due then is done."""
    venue.world.wait(seconds)
    venue.world.send(layout.Tick())
    if venue.world.engine.work_waiting:
        venue.world.carry_on()


def test_orders_are_cancelled_when_the_time_has_passed(venue: Venue) -> None:
    venue.alice.order("Buy", 100, 59_000)
    venue.bob.order("Buy", 100, 58_000)
    first = venue.alice.ok("POST", "/order/cancelAllAfter", {"timeout": 60_000})
    again = venue.alice.ok("POST", "/order/cancelAllAfter", {"timeout": 120_000})
    assert first["cancelTime"][:17] < again["cancelTime"][:17]
    pass_time(venue, 90)
    assert len(venue.alice.ok("GET", "/order", {"filter": {"open": True}})) == 1
    pass_time(venue, 60)
    row = venue.alice.ok("GET", "/order")[0]
    assert row["ordStatus"] == "Canceled"
    assert row["text"].startswith("Canceled: The cancelAllAfter timeout has passed\n")
    assert len(venue.bob.ok("GET", "/order", {"filter": {"open": True}})) == 1
    venue.alice.ok("POST", "/order/cancelAllAfter", {"timeout": 60_000})
    venue.alice.order("Buy", 100, 59_000)
    assert venue.alice.ok("POST", "/order/cancelAllAfter", {"timeout": 0})["cancelTime"] is None
    pass_time(venue, 90)
    assert len(venue.alice.ok("GET", "/order", {"filter": {"open": True}})) == 1
    longer = 8 * 86_400_000
    assert venue.alice.refused("POST", "/order/cancelAllAfter", {"timeout": longer})[0] == 400


def test_a_key_that_may_cancel_may_arm_the_switch(armed: tuple[Venue, list[CancelAllAfter]]) -> None:
    venue, seen = armed
    key = venue.people.add("erin", permissions=frozenset())
    headers = type(venue.alice)(venue, key, 0).headers("POST", "/order/cancelAllAfter", b"")
    assert venue.ask("POST", "/order/cancelAllAfter", b"", headers).status_code == 403
    assert seen == []
