"""Orders over the wire: defaults, ends that are no errors, amend and cancel with BitMEX's words."""

import uuid
from typing import Any

import pytest

from outcry.gateway.dialect.columns import ORDER_COLUMNS
from tests.engine.worlds import SELL
from tests.gateway.venues import Venue

NO_ORDER = str(uuid.UUID(int=5))
GONE = "Unable to cancel order due to existing state: "


def open_ids(venue: Venue) -> list[str]:
    return [row["orderID"] for row in venue.alice.ok("GET", "/order", {"filter": {"open": True}})]


def test_a_row_has_every_column(venue: Venue) -> None:
    row = venue.alice.order("Buy", 100, 59000, clOrdID="x", text="mine")
    assert tuple(row) == ORDER_COLUMNS
    assert (row["ordStatus"], row["workingIndicator"], row["leavesQty"], row["cumQty"]) == ("New", True, 100, 0)
    assert row["text"] == "mine\nSubmitted via API."
    assert str(uuid.UUID(row["orderID"])) == row["orderID"]
    assert "" not in row.values()
    assert venue.alice.ok("GET", "/order") == [row]
    assert venue.bob.ok("GET", "/order") == []


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ({"orderQty": 100, "price": 59000}, ("Buy", 100, "Limit", "GoodTillCancel", "New")),
        ({"orderQty": -100, "price": 61000}, ("Sell", 100, "Limit", "GoodTillCancel", "New")),
        ({"orderQty": -100, "price": 61000, "side": "Sell"}, ("Sell", 100, "Limit", "GoodTillCancel", "New")),
        ({"orderQty": "100.0", "price": "59000.0", "side": "buy"}, ("Buy", 100, "Limit", "GoodTillCancel", "New")),
        ({"orderQty": 100, "ordType": "Market"}, ("Buy", 100, "Market", "ImmediateOrCancel", "Canceled")),
        (
            {"orderQty": 100, "ordType": "Market", "timeInForce": "GoodTillCancel"},
            ("Buy", 100, "Market", "ImmediateOrCancel", "Canceled"),
        ),
        (
            {"orderQty": 100, "price": 59000, "timeInForce": "FillOrKill"},
            ("Buy", 100, "Limit", "FillOrKill", "Canceled"),
        ),
    ],
)
def test_defaults(venue: Venue, asked: dict[str, Any], wanted: tuple[Any, ...]) -> None:
    row = venue.alice.ok("POST", "/order", {"symbol": "XBTUSD", **asked})
    assert (row["side"], row["orderQty"], row["ordType"], row["timeInForce"], row["ordStatus"]) == wanted


def test_form_query_and_json_bodies(venue: Venue) -> None:
    target, body = "/order", b"symbol=XBTUSD&orderQty=100&price=59000.1&execInst=ParticipateDoNotInitiate%2CReduceOnly"
    headers = venue.alice.headers("POST", target, body)
    form = venue.ask("POST", target, body, {**headers, "content-type": "application/x-www-form-urlencoded"})
    assert form.status_code == 400  # reduce-only without a position: it was understood
    target = "/order?symbol=XBTUSD&side=Sell&orderQty=100.0&ordType=Limit&price=61000.0&clOrdID=h"
    row = venue.ask("POST", target, b"", venue.alice.headers("POST", target, b"")).json()
    assert (row["side"], row["price"], row["clOrdID"]) == ("Sell", 61000, "h")
    target = f"/order?orderID={row['orderID']}"
    gone = venue.ask("DELETE", target, b"", venue.alice.headers("DELETE", target, b"")).json()
    assert gone[0]["ordStatus"] == "Canceled"


def test_ends_that_are_rows(venue: Venue) -> None:
    venue.bob.order("Sell", 200, 60000)
    post = venue.alice.order("Buy", 100, 60000, execInst="ParticipateDoNotInitiate", text="t")
    assert post["text"] == "Canceled: Order had execInst of ParticipateDoNotInitiate\nt\nSubmitted via API."
    assert (post["ordStatus"], post["leavesQty"], post["cumQty"], post["execInst"]) == (
        "Canceled", 0, 0, "ParticipateDoNotInitiate",
    )  # fmt: skip
    immediate = venue.alice.order("Buy", 300, 60000, timeInForce="ImmediateOrCancel")
    assert (immediate["ordStatus"], immediate["cumQty"], immediate["avgPx"]) == ("Canceled", 200, 60000)
    assert immediate["text"].startswith("Canceled: Order had timeInForce of ImmediateOrCancel\n")
    killed = venue.alice.order("Buy", 100, 60000, timeInForce="FillOrKill")
    assert killed["text"].startswith("Canceled: Order had timeInForce of FillOrKill\n")
    market = venue.alice.order("Buy", 100, ordType="Market")
    assert market["text"].startswith("Canceled: Order had ordType of Market\n")
    assert market["price"] is None
    filled = venue.bob.order("Sell", 100, 59000)
    venue.alice.order("Buy", 100, 59000)
    row = venue.bob.ok("GET", "/order", {"filter": {"orderID": filled["orderID"]}})[0]
    assert (row["ordStatus"], row["text"], row["leavesQty"]) == ("Filled", "Submitted via API.", 0)


def test_self_trade_ends_the_taker(venue: Venue) -> None:
    venue.alice.order("Sell", 100, 60000)
    row = venue.alice.order("Buy", 100, 60000)
    assert row["ordStatus"] == "Canceled"
    assert "same account" in row["text"]


def test_closing(venue: Venue) -> None:
    venue.bob.order("Sell", 500, 60000)
    venue.alice.order("Buy", 300, 60000)
    venue.bob.order("Buy", 1000, 59990)
    closed = venue.alice.ok("POST", "/order", {"symbol": "XBTUSD", "side": "Sell", "execInst": "Close"})
    assert (closed["ordType"], closed["orderQty"], closed["ordStatus"]) == ("Market", 300, "Filled")
    assert closed["execInst"] == "Close"
    assert venue.alice.ok("GET", "/position")[0]["currentQty"] == 0
    words = "Order had execInst of Close or ReduceOnly but current position is 0"
    for asked in ({"side": "Sell", "execInst": "Close"}, {"execInst": "Close"}):
        assert venue.alice.refused("POST", "/order", {"symbol": "XBTUSD", **asked}) == (400, words)
    venue.alice.order("Sell", 200, ordType="Market")
    assert venue.alice.ok("POST", "/order/closePosition", {"symbol": "XBTUSD", "price": 61000})["side"] == "Buy"
    assert venue.alice.refused("POST", "/order/closePosition", {})[0] == 400


def test_an_answer_is_of_its_own_sequence(venue: Venue) -> None:
    """What came after the command in the same frame is not in its answer."""
    world, engine_send = venue.world, venue.exchange.execute

    async def and_then_something_else(record: Any, payload: bytes = b"") -> Any:
        outcome = await engine_send(record, payload)
        world.cancel_all(venue.alice.account)
        return outcome

    venue.exchange.execute = and_then_something_else  # type: ignore[method-assign]
    placed = venue.alice.order("Buy", 100, 59000)
    assert (placed["ordStatus"], placed["leavesQty"]) == ("New", 100)
    venue.exchange.execute = engine_send  # type: ignore[method-assign]
    placed = venue.alice.order("Buy", 100, 59000)
    venue.exchange.execute = and_then_something_else  # type: ignore[method-assign]
    amended = venue.alice.ok("PUT", "/order", {"orderID": placed["orderID"], "orderQty": 200})
    assert (amended["ordStatus"], amended["leavesQty"]) == ("New", 200)


def test_amend(venue: Venue) -> None:
    row = venue.alice.order("Buy", 300, 59000, clOrdID="one", text="t")
    wire_id = row["orderID"]

    def amend(**asked: Any) -> Any:
        return venue.alice.ok("PUT", "/order", asked)

    assert amend(orderID=wire_id, orderQty=200, side="Buy", symbol="XBTUSD")["orderQty"] == 200
    assert amend(orderID=wire_id, price=59000.1)["price"] == 59000.1
    assert amend(origClOrdID="one", leavesQty=100)["leavesQty"] == 100
    renamed = amend(origClOrdID="one", clOrdID="two", price=59001, text="new words")
    assert (renamed["clOrdID"], renamed["text"]) == ("two", "new words\nSubmitted via API.")
    assert amend(orderID=wire_id, clOrdID="two", orderQty=400)["orderQty"] == 400
    venue.bob.order("Sell", 100, 59001)
    partly = amend(orderID=wire_id, orderQty=300)
    assert (partly["ordStatus"], partly["cumQty"], partly["leavesQty"], partly["avgPx"]) == (
        "PartiallyFilled", 100, 200, 59001,
    )  # fmt: skip
    ended = amend(orderID=wire_id, orderQty=100)
    assert (ended["ordStatus"], ended["leavesQty"], ended["cumQty"]) == ("Canceled", 0, 100)


def test_an_amended_order_may_trade_at_once(venue: Venue) -> None:
    venue.bob.order("Sell", 100, 60000)
    row = venue.alice.order("Buy", 300, 59000)
    taken = venue.alice.ok("PUT", "/order", {"orderID": row["orderID"], "price": 60000})
    assert (taken["ordStatus"], taken["cumQty"], taken["leavesQty"], taken["avgPx"]) == (
        "PartiallyFilled", 100, 200, 60000,
    )  # fmt: skip


def test_amends_that_cannot_be(venue: Venue) -> None:
    row = venue.alice.order("Buy", 300, 59000, clOrdID="one")
    wire_id = row["orderID"]

    def refused(**asked: Any) -> Any:
        return venue.alice.refused("PUT", "/order", asked)

    assert refused(orderID=wire_id, orderQty=300) == (
        400, "Invalid amend: orderQty, leavesQty, price, stopPx unchanged",
    )  # fmt: skip
    assert (
        refused(orderID=wire_id, orderQty=100, leavesQty=100)[1] == "Must specify only one of 'leavesQty' or 'orderQty'"
    )
    assert refused(orderID=wire_id, price=59000.05) == (400, "Invalid price tickSize")
    assert refused(orderID=wire_id, orderQty=-5) == (400, "Invalid orderQty")
    assert refused(orderID=wire_id, orderQty=150)[1] == "Order quantity must be a multiple of lot size: 100"
    assert refused(orderID=wire_id, clOrdID="else") == (400, "clOrdID requires origClOrdID")
    assert refused(orderQty=100)[0] == 400
    assert refused(orderID=NO_ORDER, orderQty=100) == (400, "Invalid orderID")
    assert refused(orderID="rubbish", orderQty=100) == (400, "Invalid orderID")
    assert refused(origClOrdID="none", orderQty=100) == (400, "Invalid origClOrdID")
    assert venue.bob.refused("PUT", "/order", {"orderID": wire_id, "orderQty": 100}) == (400, "Invalid orderID")
    venue.alice.ok("DELETE", "/order", {"orderID": wire_id})
    # Clients compare this one exactly.
    assert refused(origClOrdID="one", orderQty=100) == (400, "Invalid ordStatus")


def test_an_amend_of_an_ended_order_by_id(venue: Venue) -> None:
    row = venue.alice.order("Buy", 300, 59000)
    venue.alice.ok("DELETE", "/order", {"orderID": row["orderID"]})
    asked = {"orderID": row["orderID"], "orderQty": 100}
    assert venue.alice.refused("PUT", "/order", asked) == (400, "Invalid ordStatus")


def test_an_amend_of_an_order_not_known_here_changes_nothing(venue: Venue) -> None:
    """Another gateway's order whose entry has not come here: half of the amendment would be worse than none."""
    row = venue.alice.order("Buy", 300, 59000, clOrdID="elsewhere")
    venue.world.recent.__init__(venue.world.engine)  # type: ignore[misc]  # as if nothing had been observed
    for named in ({"orderID": row["orderID"]}, {"origClOrdID": "elsewhere"}):
        status, _ = venue.alice.refused("PUT", "/order", {**named, "orderQty": 100, "price": 58000})
        assert status == 400
    slot = venue.world.engine.tables.accounts[venue.alice.account].first_order
    order = venue.world.engine.tables.orders[slot]
    assert (order.quantity, order.price_ticks) == (300, 590_000)


def test_cancel(venue: Venue) -> None:
    first, second = venue.alice.order("Buy", 100, 59000), venue.alice.order("Buy", 100, 58000, clOrdID="named")

    def cancel(**asked: Any) -> Any:
        return venue.alice.ok("DELETE", "/order", asked)

    gone = cancel(orderID=first["orderID"])
    assert (gone[0]["ordStatus"], gone[0]["leavesQty"], gone[0]["workingIndicator"]) == ("Canceled", 0, False)
    assert gone[0]["text"] == "Canceled: Canceled via API.\nSubmitted via API."
    assert "error" not in gone[0]
    assert cancel(clOrdID="named", text="enough")[0]["text"] == "Canceled: enough\nSubmitted via API."
    again = cancel(orderID=first["orderID"])[0]
    assert again["error"] == GONE + "Canceled"
    assert (again["account"], again["symbol"]) == (venue.alice.account, "XBTUSD")
    assert cancel(clOrdID=["named"])[0]["error"] == GONE + "Canceled"
    assert cancel(orderID=[second["orderID"]])[0]["orderID"] == second["orderID"]
    assert venue.alice.refused("DELETE", "/order", {"orderID": NO_ORDER}) == (404, "Not Found")
    assert venue.alice.refused("DELETE", "/order", {"clOrdID": "none"}) == (404, "Not Found")
    assert venue.alice.refused("DELETE", "/order", {"orderID": "rubbish"}) == (400, "Invalid orderID")
    assert venue.alice.refused("DELETE", "/order", {})[0] == 400
    other = venue.bob.order("Sell", 100, 61000)
    assert venue.alice.refused("DELETE", "/order", {"orderID": other["orderID"]}) == (404, "Not Found")


def test_cancel_of_a_filled_order(venue: Venue) -> None:
    row = venue.alice.order("Buy", 100, 59000)
    venue.bob.order("Sell", 100, 59000)
    assert venue.alice.ok("DELETE", "/order", {"orderID": row["orderID"]})[0]["error"] == GONE + "Filled"


def test_cancel_of_several_keeps_their_order(venue: Venue) -> None:
    rows = [venue.alice.order("Buy", 100, 59000 - step) for step in range(5)]
    ids = [row["orderID"] for row in rows]
    venue.alice.ok("DELETE", "/order", {"orderID": ids[1]})
    asked = [ids[3], NO_ORDER, ids[0], ids[1]]
    before = len(venue.exchange.commands)
    found = venue.alice.ok("DELETE", "/order", {"orderID": [*asked, ids[3], NO_ORDER]})
    assert len(venue.exchange.commands) == before + 3
    assert [row["orderID"] for row in found] == asked
    assert [row.get("error") for row in found] == [None, "Not Found", None, GONE + "Canceled"]
    assert set(ORDER_COLUMNS) <= set(found[1])
    assert found[1]["account"] == venue.alice.account
    assert len(open_ids(venue)) == 2
    many = [str(uuid.UUID(int=number)) for number in range(501)]
    assert venue.alice.refused("DELETE", "/order", {"orderID": many})[0] == 400


@pytest.mark.parametrize(
    ("sent", "named", "found"),
    [
        (12345, 12345, ["12345"]),
        (12345, [12345], ["12345"]),
        (1.5, 1.5, ["1.5"]),
        ("a,b", "a,b", ["a,b"]),
        ("a,b", ["a,b"], ["a,b"]),
        (" a ", " a ", [" a "]),
        ("[a]", "[a]", ["[a]"]),
        ('["a"]', '["a"]', ['["a"]']),
        ("a", "a,c", ["a", "c"]),
        ("a", '["a","c"]', ["a", "c"]),
    ],
)
def test_client_ids_are_taken_as_they_are(venue: Venue, sent: Any, named: Any, found: list[str]) -> None:
    venue.alice.order("Buy", 100, 50000, clOrdID=sent)
    venue.alice.order("Buy", 100, 50000, clOrdID="c")
    rows = venue.alice.ok("DELETE", "/order", {"clOrdID": named})
    assert [(row["clOrdID"], row.get("error")) for row in rows] == [(name, None) for name in found]


@pytest.mark.parametrize("named", [True, {"a": 1}, [[]], [True]])
def test_what_is_no_client_id(venue: Venue, named: Any) -> None:
    assert venue.alice.refused("DELETE", "/order", {"clOrdID": named}) == (400, "Invalid clOrdID")


def test_an_amendment_is_answered_whatever_else_its_frame_holds(venue: Venue) -> None:
    """It was filled between being asked for and being journaled, and thousands of entries follow in the same frame."""
    world, engine_send = venue.world, venue.exchange.execute
    row = venue.alice.order("Buy", 500, 59000)
    order_id = venue.app.venue.ids.order_id(row["orderID"]) or 0

    async def among_others(record: Any, payload: bytes = b"") -> Any:
        world.place(venue.bob.account, SELL, 200, 590_000)
        outcome = await engine_send(record, payload)
        world.place(venue.bob.account, SELL, 100, 590_000)
        for quantity in range(1_100):
            world.amend(venue.alice.account, order_id, quantity=600 + 100 * (quantity % 2))
        return outcome

    venue.exchange.execute = among_others  # type: ignore[method-assign]
    found = venue.alice.ok("PUT", "/order", {"orderID": row["orderID"], "orderQty": 400, "text": "less"})
    assert (found["orderQty"], found["cumQty"], found["leavesQty"], found["avgPx"]) == (400, 200, 200, 59000)
    assert (found["ordStatus"], found["text"]) == ("PartiallyFilled", "less\nSubmitted via API.")


def test_cancel_all(venue: Venue) -> None:
    for price in (59000, 58000):
        venue.alice.order("Buy", 100, price)
    venue.alice.order("Sell", 100, 61000)
    venue.alice.order("Buy", 1000, 59000, symbol="XBTUSDT")
    venue.bob.order("Sell", 100, 62000)

    def everything(**asked: Any) -> Any:
        return venue.alice.ok("DELETE", "/order/all", asked)

    assert {row["side"] for row in everything(symbol="XBTUSD", filter={"side": "Buy"})} == {"Buy"}
    assert len(open_ids(venue)) == 2
    assert [row["symbol"] for row in everything(symbol="XBTUSDT", text="bye")] == ["XBTUSDT"]
    assert len(everything(filter={"price": 61000})) == 1
    assert everything() == []
    assert len(venue.bob.ok("GET", "/order", {"filter": {"open": True}})) == 1
    assert venue.alice.refused("DELETE", "/order/all", {"symbol": "NOPE"}) == (400, "symbol is invalid")


def test_executions(venue: Venue) -> None:
    venue.bob.order("Sell", 300, 60000)
    venue.alice.order("Buy", 100, 60000, clOrdID="mine")
    row = venue.alice.order("Buy", 100, 59000)
    venue.alice.ok("PUT", "/order", {"orderID": row["orderID"], "orderQty": 200})
    venue.alice.ok("DELETE", "/order", {"orderID": row["orderID"]})
    rows = venue.alice.ok("GET", "/execution")
    assert [one["execType"] for one in rows] == ["New", "Trade", "New", "Replaced", "Canceled"]
    assert len({one["execID"] for one in rows}) == 5
    assert len(rows[0]) == 41
    trade = venue.alice.ok("GET", "/execution/tradeHistory", {"count": 500, "reverse": True})
    assert trade == [rows[1]]
    wanted = {
        "clOrdID": "mine", "lastQty": 100, "lastPx": 60000, "lastLiquidityInd": "RemovedLiquidity",
        "execCost": -166_667, "execComm": 83, "homeNotional": 0.00166667, "foreignNotional": -100, "commission": 0.0005,
        "ordStatus": "Filled",
        "cumQty": 100, "leavesQty": 0, "avgPx": 60000, "side": "Buy",
    }  # fmt: skip
    assert {name: trade[0][name] for name in wanted} == wanted
    maker = venue.bob.ok("GET", "/execution/tradeHistory")[0]
    assert (maker["execCost"], maker["execComm"], maker["lastLiquidityInd"]) == (166_667, 33, "AddedLiquidity")
    assert (maker["homeNotional"], maker["foreignNotional"]) == (-0.00166667, 100)
    assert maker["trdMatchID"] == trade[0]["trdMatchID"] == venue.get("/trade")[0]["trdMatchID"]
    assert maker["execID"] != trade[0]["execID"]


def test_a_linear_fee_is_signed_the_other_way(venue: Venue) -> None:
    venue.bob.order("Sell", 1000, 60000, symbol="XBTUSDT")
    venue.alice.order("Buy", 1000, 60000, symbol="XBTUSDT")
    taker = venue.alice.ok("GET", "/execution/tradeHistory")[0]
    maker = venue.bob.ok("GET", "/execution/tradeHistory")[0]
    assert (taker["execCost"], taker["execComm"], taker["settlCurrency"]) == (60_000_000, 45_000, "USDt")
    assert (maker["execCost"], maker["execComm"], maker["commission"]) == (-60_000_000, -6_000, -0.0001)
