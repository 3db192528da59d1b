"""The stream's core: what is said to whom, without a socket."""

import re
from typing import Any

import msgspec
import pytest

from outcry.gateway.answers import Refusal
from outcry.gateway.dialect.tables import ALWAYS, TABLES
from outcry.gateway.stream.session import text_frame
from outcry.gateway.stream.settings import StreamSettings
from outcry.protocol.layout import EventKind
from tests.engine.worlds import listing
from tests.gateway.streams import StreamClient, arguments_of, messages_in, signed
from tests.gateway.venues import FREE, Venue

BOOKS = ("orderBookL2", "orderBookL2_25", "orderBook10")
PUBLIC = [name for name, table in TABLES.items() if not table.private]
PRIVATE = [name for name, table in TABLES.items() if table.private]
VALUE_OF: dict[str, tuple[type, ...]] = {
    "symbol": (str,),
    "string": (str,),
    "timespan": (str,),
    "timestamp": (str,),
    "guid": (str,),
    "long": (int,),
    "float": (int, float),
    "boolean": (bool,),
}
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def traded(venue: Venue) -> None:
    """A book, a trade and positions."""
    for level in range(3):
        venue.alice.order("Sell", 100 * (level + 1), 60_010 + level)
        venue.bob.order("Buy", 100 * (level + 1), 59_990 - level)
    venue.bob.order("Buy", 100, 60_010)


def test_the_first_message_is_the_welcome(venue: Venue) -> None:
    client = StreamClient(venue)
    first = client.told[0]
    assert set(first) == {"info", "version", "timestamp", "docs", "heartbeatEnabled", "limit", "appName"}
    assert first["limit"] == {"remaining": 719}
    assert TIME.fullmatch(first["timestamp"])
    assert StreamClient(venue).told[0]["limit"] == {"remaining": 718}


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_table_has_a_partial(venue: Venue, name: str) -> None:
    traded(venue)
    venue.world.wait(120)
    venue.world.price(1, 60_000_00)
    client = StreamClient(venue)
    topic = f"{name}:XBTUSD" if TABLES[name].by_symbol else name
    request = {"op": "subscribe", "args": [topic]}
    reply, partial = client.subscribe(topic)
    assert reply == {"success": True, "subscribe": topic, "request": request}
    assert (partial["table"], partial["action"]) == (name, "partial")
    assert partial["keys"] == list(TABLES[name].keys)
    assert partial["filter"] == ({"symbol": "XBTUSD"} if TABLES[name].by_symbol else {})
    assert set(partial["foreignKeys"]) | set(partial["attributes"]) | set(partial["keys"]) <= set(partial["types"])
    if name in ("instrument", "quote", "trade", "orderBookL2", "tradeBin1m", "quoteBin1m"):
        assert partial["data"]
    check_types(partial)


@pytest.mark.parametrize("name", PRIVATE)
def test_every_private_table_has_a_partial_for_its_owner_only(venue: Venue, name: str) -> None:
    traded(venue)
    stranger = StreamClient(venue)
    (refusal,) = stranger.ask("subscribe", name)
    assert refusal["status"] == 403
    assert refusal["error"] == "User requested an account-locked subscription but no authorization was provided."
    owner = StreamClient(venue, venue.alice)
    _, partial = owner.subscribe(name)
    assert partial["filter"] == {"account": venue.alice.account}
    assert all(row["account"] == venue.alice.account for row in partial["data"])
    if name in ("order", "position", "margin", "wallet"):
        assert partial["data"]
    check_types(partial)


def check_types(partial: dict[str, Any]) -> None:
    for row in partial["data"]:
        assert set(row) == set(partial["types"]) or partial["table"] == "instrument", set(row) ^ set(partial["types"])
        for column, value in row.items():
            word = partial["types"][column]
            if value is None or partial["table"] == "orderBook10":
                continue
            assert isinstance(value, VALUE_OF[word]), (column, word, value)
            assert isinstance(value, bool) == (word == "boolean"), (column, word, value)
            if word in ("timestamp", "guid"):
                assert (TIME if word == "timestamp" else GUID).fullmatch(str(value)), (column, value)


def test_types_of_what_is_inserted_agree_with_the_partial(venue: Venue) -> None:
    client = StreamClient(venue, venue.bob)
    client.subscribe("execution", "transact", "order", "trade", "quote")
    traded(venue)
    venue.world.deposit(venue.bob.account, 5, 1)
    for message in client.news():
        check_types({**message, "types": client.tables[message["table"]].types})
    assert {one["table"] for one in client.told[11:]} == {"execution", "transact", "order", "trade", "quote"}


def test_a_topic_without_a_symbol_means_all(venue: Venue) -> None:
    client = StreamClient(venue)
    _, partial = client.subscribe("instrument")
    assert [row["symbol"] for row in partial["data"]] == [".BXBT", ".BETH", "XBTUSD", "ETHUSD", "XBTUSDT"]
    assert partial["filter"] == {}
    assert {row["symbol"] for row in StreamClient(venue).subscribe("instrument:INDICES")[1]["data"]} == {
        ".BXBT",
        ".BETH",
    }
    assert len(StreamClient(venue).subscribe("instrument:CONTRACTS")[1]["data"]) == 3
    assert StreamClient(venue).subscribe("instrument:SPOT")[1]["data"] == []
    assert StreamClient(venue).subscribe("instrument:.BXBT")[1]["data"][0]["symbol"] == ".BXBT"


@pytest.mark.parametrize(
    ("message", "status", "words"),
    [
        (b"", 400, "Unrecognized request"),
        (b"{", 400, "Unrecognized request"),
        (b"[" * 50_000, 400, "Unrecognized request"),
        (b"\xff\xfe", 400, "Unrecognized request"),
        (b"[1,2]", 400, "Unrecognized request"),
        (b'{"args":["trade"]}', 400, "Unrecognized request"),
        (b'{"op":7}', 400, "Unrecognized request"),
        (b'{"op":"steal","args":[]}', 400, "Unknown op: steal"),
        (b'{"op":"subscribe"}', 400, "Invalid args"),
        (b'{"op":"subscribe","args":[]}', 400, "Invalid args"),
        (b'{"op":"subscribe","args":[1]}', 400, "Invalid args"),
        (b'{"op":"subscribe","args":[{"a":1}]}', 400, "Invalid args"),
        (b'{"op":"subscribe","args":"nosuch"}', 400, "Unknown table: nosuch"),
        (b'{"op":"subscribe","args":"trade:NOSUCH"}', 400, "Unknown or expired symbol"),
        (b'{"op":"subscribe","args":"trade:CONTRACTS"}', 400, "Unknown or expired symbol"),
        (b'{"op":"subscribe","args":"order"}', 403, "account-locked"),
        (b'{"op":"unsubscribe","args":"trade"}', 400, "not subscribed"),
        (b'{"op":"authKeyExpires","args":["a","b"]}', 400, "Invalid args"),
        (b'{"op":"authKeyExpires","args":[{},1,"c"]}', 400, "Invalid args"),
        (b'{"op":"authKeyExpires","args":["nobody",99999999999,"c"]}', 401, "Invalid API Key."),
        (b'{"op":"authKeyExpires","args":["key-alice","soon","c"]}', 401, "Missing or invalid api-expires."),
        (b'{"op":"authKeyExpires","args":["key-alice",99999999999,"c"]}', 401, "Signature not valid."),
        (b'{"op":"authKeyExpires","args":["a",' + b"9" * 6_000 + b',"c"]}', 400, "Unrecognized request"),
        (b'{"op":"authKeyExpires","args":["a",' + b"9" * 4_000 + b',"c"]}', 401, "Missing or invalid api-expires."),
        (b'{"op":"cancelAllAfter","args":60000}', 401, "Authorization Required"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(venue: Venue, message: bytes, status: int, words: str) -> None:
    before = venue.state
    client = StreamClient(venue)
    (error,) = client.send(message)
    assert error["status"] == status
    assert words in error["error"]
    assert set(error) == {"status", "error", "meta", "request"}
    assert client.session.topics == {}
    assert client.session.account == 0
    assert client.closed is None
    assert venue.state == before
    assert client.send(b"ping") == ["pong"]


def test_ping_and_help(venue: Venue) -> None:
    client = StreamClient(venue)
    assert client.send(b"ping") == ["pong"]
    assert client.ask("ping") == ["pong"]
    (found,) = client.ask("help")
    assert "orderBookL2" in found["subscriptionSubjects"]["public"]
    assert "margin" in found["subscriptionSubjects"]["authenticationRequired"]


def test_the_request_is_echoed_as_it_was_sent(venue: Venue) -> None:
    client = StreamClient(venue)
    reply, _ = client.send(b'{"args": "trade:xbtusd", "op": "subscribe", "id": 1.50}')
    assert reply == {
        "success": True,
        "subscribe": "trade:xbtusd",
        "request": {"args": "trade:xbtusd", "op": "subscribe", "id": 1.5},
    }
    (reply,) = client.ask("unsubscribe", "trade:XBTUSD")
    assert reply["unsubscribe"] == "trade:XBTUSD"
    assert client.session.topics == {}


def test_a_repeated_topic_is_harmless(venue: Venue) -> None:
    client = StreamClient(venue)
    assert len(client.subscribe("trade:XBTUSD")) == 2
    (reply,) = client.subscribe("trade:XBTUSD")
    assert reply["success"]
    client.subscribe("trade")
    traded(venue)
    assert len([one for one in client.news() if one["table"] == "trade"]) == 1


def test_topics_in_the_address(venue: Venue) -> None:
    query = "?subscribe=trade:XBTUSD,nosuch,quote:XBTUSD,order:XBTUSD&transport=websocket&b64=1"
    client = StreamClient(venue, venue.alice, query=query)
    assert [one.get("table") for one in client.told] == [None, None, "trade", None, None, "quote", None, "order"]
    assert client.told[3]["error"] == "Unknown table: nosuch"
    assert client.told[7]["filter"] == {"account": venue.alice.account, "symbol": "XBTUSD"}


# Who it is.


@pytest.mark.parametrize("factor", [1, 1000])
def test_the_ways_to_prove_who_one_is(venue: Venue, factor: int) -> None:
    expires = (int(venue.now) + 3600) * factor
    headers = signed(venue.alice, expires)
    by_header = StreamClient(venue, venue.alice)
    assert by_header.session.account == venue.alice.account
    query = "&".join(f"{name.decode()}={value.decode()}" for name, value in headers.items())
    assert StreamClient(venue, query=f"?{query}").session.account == venue.alice.account
    for operation in ("authKeyExpires", "authKey"):
        client = StreamClient(venue)
        arguments = arguments_of(venue.alice, expires)
        (reply,) = client.ask(operation, *arguments)
        assert reply == {"success": True, "request": {"op": operation, "args": arguments}}
        assert client.session.account == venue.alice.account
        client.subscribe("margin")


def test_a_signed_moment_may_have_just_passed(venue: Venue) -> None:
    """ccxt.pro signs its own clock's milliseconds, which have passed when they arrive."""
    client = StreamClient(venue)
    (reply,) = client.ask("authKeyExpires", *arguments_of(venue.alice, int((venue.now - 5) * 1000)))
    assert reply["success"]
    (error,) = StreamClient(venue).ask("authKeyExpires", *arguments_of(venue.alice, int(venue.now - 60)))
    assert error["status"] == 401
    assert "expired" in error["error"]


@pytest.mark.parametrize("query", ["?api-key=key-alice&api-expires=99999999999&api-signature=00", "?api-key=key-alice"])
def test_who_fails_to_prove_it_does_not_get_in(venue: Venue, query: str) -> None:
    with pytest.raises(Refusal) as refusal:
        StreamClient(venue, query=query)
    assert refusal.value.status == 401
    assert venue.app.stream.sessions == {}


def test_a_line_belongs_to_one_user(venue: Venue) -> None:
    client = StreamClient(venue, venue.alice)
    client.subscribe("order")
    (error,) = client.ask("authKeyExpires", *arguments_of(venue.bob))
    assert error["status"] == 400
    assert client.session.account == venue.alice.account


def test_a_disabled_key_is_refused(venue: Venue) -> None:
    caller = venue.member("carol", enabled=False)
    (error,) = StreamClient(venue).ask("authKeyExpires", *arguments_of(caller))
    assert (error["status"], error["error"]) == (403, "This key is disabled.")


def test_a_user_without_an_account_gets_one(venue: Venue) -> None:
    key = venue.people.add("newcomer")
    client = StreamClient(venue)
    newcomer = type(venue.alice)(venue, key, 0)
    (reply,) = client.ask("authKeyExpires", *arguments_of(newcomer))
    assert reply["success"]
    assert client.session.account == venue.people.accounts[key.user.id]
    assert [row["currency"] for row in client.subscribe("wallet")[1]["data"]] == ["XBt", "USDt"]


# What is told.


def test_what_an_order_does_is_told_in_this_order_and_in_full_rows(venue: Venue) -> None:
    venue.alice.order("Sell", 300, 60_010)
    client = StreamClient(venue, venue.bob)
    client.subscribe("wallet", "margin", "position", "order", "execution")
    placed = venue.bob.order("Buy", 500, 60_010, clOrdID="mine")
    news = client.news()
    assert [(one["table"], one["action"]) for one in news] == [
        ("execution", "insert"),
        ("order", "insert"),
        ("order", "update"),
        ("position", "insert"),
        ("margin", "update"),
        ("wallet", "update"),
    ]
    assert [row["execType"] for row in news[0]["data"]] == ["New", "Trade"]
    assert [row["ordStatus"] for row in news[1]["data"]] == ["New"]
    assert news[2]["data"] == [placed]
    for table in ("position", "margin", "wallet"):
        (only,) = [one for one in news if one["table"] == table]
        assert len(only["data"]) == 1
    assert client.rows("position") == venue.bob.ok("GET", "/position")
    assert client.rows("margin") == venue.bob.ok("GET", "/user/margin", {"currency": "all"})
    assert client.rows("wallet") == venue.bob.ok("GET", "/user/wallet", {"currency": "all"})
    assert client.rows("margin")[0]["currency"] == "XBt"
    assert client.rows("execution") == venue.bob.ok("GET", "/execution")
    cancelled = venue.bob.ok("DELETE", "/order", {"orderID": placed["orderID"]})
    told = [one for one in client.news() if one["table"] == "order"]
    assert told == [{"table": "order", "action": "update", "data": cancelled}]
    assert (cancelled[0]["leavesQty"], cancelled[0]["workingIndicator"]) == (0, False)


def test_an_order_that_must_not_take_is_told_once_as_cancelled(venue: Venue) -> None:
    venue.alice.order("Sell", 300, 60_010)
    client = StreamClient(venue, venue.bob)
    client.subscribe("order", "execution")
    venue.bob.order("Buy", 100, 60_020, execInst="ParticipateDoNotInitiate")
    news = client.news()
    assert [(one["table"], one["action"], len(one["data"])) for one in news] == [
        ("execution", "insert", 1),
        ("order", "insert", 1),
    ]
    assert news[1]["data"][0]["ordStatus"] == "Canceled"


def test_an_order_that_must_not_take_after_an_amendment_is_told_as_changed(venue: Venue) -> None:
    venue.alice.order("Sell", 300, 60_010)
    client = StreamClient(venue, venue.bob)
    client.subscribe("order")
    resting = venue.bob.order("Buy", 100, 59_000, execInst="ParticipateDoNotInitiate")
    venue.bob.ok("PUT", "/order", {"orderID": resting["orderID"], "price": 60_020})
    client.news()
    assert [(row["orderID"], row["ordStatus"]) for row in client.rows("order")] == [(resting["orderID"], "Canceled")]


def test_private_topics_of_a_symbol(venue: Venue) -> None:
    client = StreamClient(venue, venue.bob)
    client.subscribe("order:XBTUSD", "execution:XBTUSD", "position:XBTUSD", "margin:XBTUSD", "wallet:USDt")
    assert [row["currency"] for row in client.rows("margin")] == ["XBt", "USDt"]
    assert [row["currency"] for row in client.rows("wallet")] == ["USDt"]
    venue.bob.order("Buy", 100_000, 59_000, symbol="XBTUSDT")
    assert {one["table"] for one in client.news()} == {"margin"}
    venue.bob.order("Buy", 100, 59_000)
    assert {one["table"] for one in client.news()} == {"order", "execution", "position", "margin"}


def test_nobody_hears_of_another_account(venue: Venue) -> None:
    client = StreamClient(venue, venue.alice)
    client.subscribe("order", "execution", "position", "margin", "wallet", "transact")
    venue.bob.order("Buy", 100, 59_000)
    venue.world.deposit(venue.bob.account, 7, 1)
    assert client.news() == []


def test_positions_follow_the_mark_once_an_interval(venue: Venue) -> None:
    traded(venue)
    client = StreamClient(venue, venue.bob)
    client.subscribe("position", "margin")
    venue.world.price(1, 61_000_00, 1)
    venue.world.price(1, 61_000_00, 2)
    client.news()
    assert client.rows("position") == venue.bob.ok("GET", "/position")
    venue.world.wait(0.1)
    venue.world.price(1, 62_000_00, 1)
    venue.world.price(1, 62_000_00, 2)
    assert client.news() == []
    venue.world.wait(1)
    venue.world.price(2, 3_000_00, 3)
    assert {one["table"] for one in client.news()} == {"position", "margin"}
    assert [row["markPrice"] for row in client.rows("position")] == [
        row["markPrice"] for row in venue.bob.ok("GET", "/position")
    ]
    assert client.rows("margin")[0]["marginBalance"] == venue.bob.ok("GET", "/user/margin")["marginBalance"]


def test_quotes_trades_and_instruments(venue: Venue) -> None:
    client = StreamClient(venue)
    client.subscribe("quote:XBTUSD", "trade:XBTUSD", "instrument:XBTUSD")
    traded(venue)
    news = client.news()
    quotes = [one for one in news if one["table"] == "quote"]
    # Two sides appear, and the trade takes the best ask away; what is behind the touch is no quote.
    assert [len(one["data"]) for one in quotes] == [1, 1, 1]
    assert [one["data"][0]["askPrice"] for one in quotes] == [60_010, 60_010, 60_011]
    assert quotes[0]["data"][0]["bidPrice"] is None
    (trades,) = [one for one in news if one["table"] == "trade"]
    assert trades["action"] == "insert"
    assert trades["data"] == venue.get("/trade", symbol="XBTUSD")
    (update,) = [one for one in news if one["table"] == "instrument"]
    assert update["action"] == "update"
    assert set(ALWAYS) <= set(update["data"][0])
    assert client.rows("instrument") == venue.get("/instrument", symbol="XBTUSD")


def test_a_new_instrument_is_told(venue: Venue) -> None:
    client = StreamClient(venue)
    client.subscribe("instrument", *BOOKS)
    assert EventKind.LISTED in [event.head.kind for event in venue.world.send(listing("SOLUSD"))]
    venue.alice.order("Buy", 100, 59_000, symbol="SOLUSD")
    inserted = {one["table"]: one["data"] for one in client.news() if one["action"] == "insert"}
    assert set(inserted) == {"instrument", *BOOKS}
    assert all([row["symbol"] for row in rows] == ["SOLUSD"] for rows in inserted.values())
    assert inserted["orderBook10"][0]["bids"] == [[59_000, 100]]
    venue.alice.order("Buy", 100, 59_001, symbol="SOLUSD")
    assert {(one["table"], one["action"]) for one in client.news()} >= {
        ("orderBookL2", "insert"),
        ("orderBookL2_25", "insert"),
        ("orderBook10", "update"),
    }


def test_candles_and_quotes_of_a_minute_are_told_when_it_has_ended(venue: Venue) -> None:
    client = StreamClient(venue)
    client.subscribe("tradeBin1m:XBTUSD", "quoteBin1m:XBTUSD", "tradeBin1h:XBTUSD", "tradeBin5m")
    assert client.rows("tradeBin1m") == []
    traded(venue)
    assert client.news() == []
    venue.world.wait(60)
    venue.world.price(1, 60_000_00)
    news = client.news()
    told = {one["table"]: one["data"] for one in news}
    assert told["tradeBin1m"] == venue.get("/trade/bucketed", symbol="XBTUSD", binSize="1m")[-1:]
    assert (told["tradeBin1m"][0]["close"], told["tradeBin1m"][0]["volume"]) == (60_010, 100)
    assert told["quoteBin1m"][0]["timestamp"] == told["tradeBin1m"][0]["timestamp"]
    assert (told["quoteBin1m"][0]["bidPrice"], told["quoteBin1m"][0]["askPrice"]) == (59_990, 60_011)
    venue.world.wait(180)
    venue.world.price(1, 60_000_00)
    (only,) = [one for one in client.news() if one["table"] == "tradeBin1m"]
    assert [row["trades"] for row in only["data"]] == [0, 0, 0]
    assert all(row["vwap"] == 60_010 and row["lastSize"] == 0 for row in only["data"])
    fresh = StreamClient(venue)
    fresh.subscribe("tradeBin1m:XBTUSD")
    assert fresh.rows("tradeBin1m") == only["data"][-1:]


def test_the_dead_mans_switch(venue: Venue) -> None:
    client = StreamClient(venue, venue.alice)
    placed = venue.alice.order("Buy", 100, 59_000)
    for wrong in ([], ["soon"], [-1], [1.5], [10**15], [1, 2]):
        (error,) = client.ask("cancelAllAfter", *wrong)
        assert error["status"] == 400, wrong
    (reply,) = client.ask("cancelAllAfter", 1_500)
    assert set(reply) == {"now", "cancelTime", "request"}
    client.subscribe("order")
    venue.world.wait(2)
    venue.world.price(1, 60_000_00)
    venue.world.carry_on()
    (told,) = [one["data"] for one in client.news()]
    (row,) = venue.alice.ok("GET", "/order", {"filter": {"orderID": placed["orderID"]}})
    assert told == [row]
    assert row["ordStatus"] == "Canceled"
    (reply,) = client.ask("cancelAllAfter", 0)
    assert reply["cancelTime"] == 0


def test_a_key_that_may_not_order_cannot_set_the_switch(venue: Venue) -> None:
    reader = venue.member("reader", permissions=frozenset())
    (error,) = StreamClient(venue, reader).ask("cancelAllAfter", 1000)
    assert (error["status"], error["error"]) == (403, "Access Denied")


# Limits.


def limited(**limits: Any) -> Venue:
    return Venue(FREE, StreamSettings(**limits))


def test_who_does_not_read_misses_changes_and_gets_a_new_partial() -> None:
    venue = limited(soft_bytes=10_000, hard_bytes=100_000)
    slow, quick = StreamClient(venue, venue.bob), StreamClient(venue)
    for client in (slow, quick):
        client.subscribe("orderBookL2:XBTUSD", "trade:XBTUSD")
    slow.subscribe("order")
    slow.session.is_behind, slow.unread = True, 10_001
    traded(venue)
    assert {one["table"] for one in slow.news()} == {"order"}
    assert {one["table"] for one in quick.told[-3:]} >= {"orderBookL2"}
    # Below the limit again, what follows would not fit what was missed.
    slow.unread = 9_000
    venue.bob.order("Buy", 100, 59_000)
    assert {one["table"] for one in slow.news()} == {"order"}
    slow.unread = 0
    before = len(slow.told)
    venue.app.stream.drained(slow.session)
    partials = slow.told[before:]
    assert [(one["table"], one["action"]) for one in partials] == [("trade", "partial"), ("orderBookL2", "partial")]
    venue.bob.order("Buy", 100, 58_000)
    assert {one["table"] for one in slow.news()} == {"order", "orderBookL2"}
    assert by_level(slow.rows("orderBookL2")) == by_level(quick.rows("orderBookL2"))
    assert by_level(quick.rows("orderBookL2")) == by_level(venue.get("/orderBook/L2", symbol="XBTUSD", depth=0))


def by_level(rows: list[dict[str, Any]]) -> set[tuple[str, int, int, float]]:
    return {(row["side"], row["id"], row["size"], row["price"]) for row in rows}


def test_books_may_be_told_less_often() -> None:
    venue = limited(book_interval_s=0.05)
    asked: list[float] = []
    venue.app.stream.wake_after = asked.append
    first = StreamClient(venue)
    first.subscribe(*(f"{book}:XBTUSD" for book in BOOKS), "quote:XBTUSD")
    venue.alice.order("Buy", 100, 59_000)
    assert {one["table"] for one in first.news()} == {*BOOKS, "quote"}
    venue.alice.order("Buy", 100, 59_001)
    venue.alice.order("Buy", 100, 59_002)
    assert {one["table"] for one in first.news()} == {"quote"}
    assert asked == [pytest.approx(0.05)]
    second = StreamClient(venue)
    second.subscribe(*(f"{book}:XBTUSD" for book in BOOKS))
    assert len(second.rows("orderBookL2")) == 1
    venue.now += 0.05
    venue.app.stream.flush_books()
    for client in (first, second):
        assert by_level(client.rows("orderBookL2")) == by_level(venue.get("/orderBook/L2", symbol="XBTUSD", depth=0))
        assert len(client.rows("orderBook10")[0]["bids"]) == 3
    third = StreamClient(venue)
    third.subscribe("orderBookL2:XBTUSD")
    assert len(third.rows("orderBookL2")) == 3


def test_who_does_not_read_at_all_is_cut_off() -> None:
    venue = limited(soft_bytes=10_000, hard_bytes=20_000)
    client = StreamClient(venue, venue.bob)
    client.subscribe("order")
    client.session.is_behind, client.unread = True, 19_999
    venue.bob.order("Buy", 100, 59_000)
    venue.app.stream.flush()
    assert client.closed == (1008, "You do not read fast enough")
    venue.app.stream.leave(client.session)
    assert venue.app.stream.sessions == {}
    assert not venue.app.stream.wants_account(venue.bob.account)


def test_operations_topics_and_lines_are_limited() -> None:
    venue = limited(topics_max=2, operations_kept=5, operations_per_second=1, lines_per_hour=2, lines_max=3)
    client = StreamClient(venue)
    client.subscribe("trade", "quote")
    (error,) = client.ask("subscribe", "funding")
    assert (error["status"], error["error"]) == (400, "At most 2 topics can be subscribed to on one line.")
    (error,) = client.send(b"ping")
    assert (error["status"], error["error"]) == (429, "Rate limit exceeded, retry in 1 seconds.")
    assert error["meta"] == {"retryAfter": 1}
    venue.now += 1.5
    assert client.send(b"ping") == ["pong"]
    StreamClient(venue)
    with pytest.raises(Refusal) as refusal:
        StreamClient(venue)
    assert refusal.value.status == 429
    StreamClient(venue, address="192.0.2.2")
    with pytest.raises(Refusal) as refusal:
        StreamClient(venue, address="192.0.2.3")
    assert refusal.value.status == 503


def test_a_long_request_is_not_echoed_to_each_of_its_topics(venue: Venue) -> None:
    client = StreamClient(venue)
    found = client.ask("subscribe", *(f"nosuch{number}" for number in range(2_000)))
    # Six hundred operations at once, of which the message itself is one; the rest is refused in one error.
    assert len(found) == 600
    assert found[0]["request"] == {"op": "subscribe", "args": ["nosuch0"]}
    assert found[-1]["status"] == 429


def test_an_unknown_address_is_not_found(venue: Venue) -> None:
    client = StreamClient(venue)
    with pytest.raises(Refusal) as refusal:
        client.operations.admit("/realtimes", {}, "192.0.2.1")
    assert refusal.value.status == 404
    assert client.operations.admit("/realtimePlatform?subscribe=chat", {}, "192.0.2.1").topics == ["chat"]


@pytest.mark.parametrize("length", [0, 1, 125, 126, 65_535, 65_536, 100_000])
def test_frames_have_the_lengths_of_their_messages(length: int) -> None:
    message = b"a" * length
    assert messages_in(text_frame(message) + text_frame(b"b")) == [message, b"b"]


def test_nothing_is_kept_for_who_has_gone(venue: Venue) -> None:
    client = StreamClient(venue, venue.bob)
    client.subscribe("orderBookL2", "instrument", "order", "position")
    venue.app.stream.leave(client.session)
    traded(venue)
    venue.app.stream.flush()
    assert venue.app.stream._subscribers == {}
    assert venue.app.stream._market._books == {}
    again = StreamClient(venue, venue.bob)
    again.subscribe("orderBookL2:XBTUSD", "order")
    assert by_level(again.rows("orderBookL2")) == by_level(venue.get("/orderBook/L2", symbol="XBTUSD", depth=0))
    assert len(again.rows("order")) == 3
    assert msgspec.json.encode(again.rows("order")) == msgspec.json.encode(
        venue.bob.ok("GET", "/order", {"filter": {"open": True}})
    )
