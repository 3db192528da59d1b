"""Every door of the gateway while the line behind it sheds: who gets the 503, in which words, and who does not."""

from typing import Any

import pytest

from outcry.gateway.door import Overloaded
from outcry.node.shedding import is_shed_first
from outcry.protocol import wire
from tests.gateway.venues import FREE, Venue

WORDS = "The system is currently overloaded. Please try again later."


@pytest.fixture
def venue() -> Venue:
    return Venue(FREE)


def shed(venue: Venue) -> None:
    """From now on the line refuses what a node refuses first."""
    execute = venue.exchange.execute

    async def choosy(record: Any, payload: bytes = b"") -> Any:
        if is_shed_first(wire.encode_entry(record, payload, origin=1, origin_sequence=1)):
            raise Overloaded("crowded")
        return await execute(record, payload)

    venue.exchange.execute = choosy  # type: ignore[method-assign]


def limit(price: float, **more: Any) -> dict[str, Any]:
    return {"symbol": "XBTUSD", "side": "Buy", "orderQty": 100, "price": price, **more}


def test_new_orders_and_amendments_get_the_503_with_retry_after_and_are_nowhere(venue: Venue) -> None:
    resting = venue.alice.order("Buy", 100, 59_000)
    shed(venue)
    before = venue.world.engine.sequence
    for verb, path, asked in (
        ("POST", "/order", limit(58_000, clOrdID="mine")),
        ("PUT", "/order", {"orderID": resting["orderID"], "price": 58_500}),
        ("POST", "/order/bulk", {"orders": [limit(58_000), limit(57_000)]}),
        ("PUT", "/order/bulk", {"orders": [{"orderID": resting["orderID"], "price": 58_500}]}),
    ):
        answer = venue.alice.ask(verb, path, asked)
        error = answer.json()["error"]
        assert (answer.status_code, error["message"], error["acted"]) == (503, WORDS, False)
        assert answer.headers["retry-after"] == "1"
    assert venue.world.engine.sequence == before
    assert [row["price"] for row in venue.alice.ok("GET", "/order")] == [59_000]


def test_the_same_order_again_under_its_name_is_taken_once(venue: Venue) -> None:
    execute = venue.exchange.execute
    shed(venue)
    assert venue.alice.refused("POST", "/order", limit(58_000, clOrdID="mine")) == (503, WORDS)
    venue.exchange.execute = execute  # type: ignore[method-assign]
    assert venue.alice.ok("POST", "/order", limit(58_000, clOrdID="mine"))["clOrdID"] == "mine"
    assert venue.alice.refused("POST", "/order", limit(58_000, clOrdID="mine")) == (400, "Duplicate clOrdID")


def test_cancels_switches_and_closing_orders_do_not_notice(venue: Venue) -> None:
    names = ["one", "two", "three"]
    for at, name in enumerate(names):
        venue.alice.ok("POST", "/order", limit(50_000 + at, clOrdID=name))
    venue.bob.order("Sell", 300, 60_000)
    venue.alice.order("Buy", 300, 60_000)
    venue.bob.order("Buy", 500, 59_000)
    shed(venue)
    assert venue.alice.ok("DELETE", "/order", {"clOrdID": "one"})[0]["ordStatus"] == "Canceled"
    assert venue.alice.ok("POST", "/order/cancelAllAfter", {"timeout": 60_000})["cancelTime"]
    assert len(venue.alice.ok("DELETE", "/order/all", {})) == 2
    reducing = limit(59_000, side="Sell", execInst="ReduceOnly")
    assert venue.alice.ok("POST", "/order", reducing)["ordStatus"] == "Filled"
    assert venue.alice.ok("POST", "/order/closePosition", {"symbol": "XBTUSD"})["ordStatus"] == "Filled"


def test_of_a_list_the_closing_orders_are_taken_and_each_other_row_says_why_not(venue: Venue) -> None:
    venue.bob.order("Sell", 300, 60_000)
    venue.alice.order("Buy", 300, 60_000)
    shed(venue)
    orders = [limit(58_000), limit(61_000, side="Sell", execInst="Close"), limit(57_000, clOrdID="named")]
    answer = venue.alice.ask("POST", "/order/bulk", {"orders": orders})
    assert answer.status_code == 200
    assert [(row["ordStatus"], row.get("error")) for row in answer.json()] == [
        ("Rejected", WORDS), ("New", None), ("Rejected", WORDS),
    ]  # fmt: skip
