"""The conventions of table routes: symbol, filter, columns, count, start, reverse, startTime, endTime."""

import csv
import io
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from outcry.gateway.answers import Refusal
from outcry.gateway.dialect import query
from outcry.gateway.dialect.ids import Ids
from outcry.gateway.dialect.orders import order_row
from outcry.gateway.dialect.query import read_filter
from outcry.gateway.routes import orders as routes
from outcry.views.directory import Listing
from outcry.views.orders import OrderView
from tests.gateway.venues import Venue

Row = dict[str, Any]
JSON_TYPE = {"content-type": "application/json"}


@pytest.fixture
def traded(venue: Venue) -> Venue:
    """Ten trades of XBTUSD a second apart at rising prices, then two of XBTUSDT."""
    for step in range(10):
        venue.world.wait(1)
        venue.now += 1
        venue.bob.order("Sell", 100, 60000 + step)
        venue.alice.order("Buy", 100, 60000 + step, clOrdID=f"a-{step}")
    for _ in range(2):
        venue.bob.order("Sell", 1000, 60000, symbol="XBTUSDT")
        venue.alice.order("Buy", 1000, 60000, symbol="XBTUSDT")
    return venue


def prices(rows: list[Row]) -> list[float]:
    return [row["price"] for row in rows]


def test_count_start_reverse(traded: Venue) -> None:
    assert prices(traded.get("/trade", symbol="XBTUSD", count=2)) == [60000, 60001]
    assert prices(traded.get("/trade", symbol="XBTUSD", count=2, reverse="true")) == [60009, 60008]
    assert prices(traded.get("/trade", symbol="xbtusd", count=2, start=8)) == [60008, 60009]
    assert len(traded.get("/trade")) == 12
    assert {row["symbol"] for row in traded.get("/trade", reverse="true", count=2)} == {"XBTUSDT"}


@pytest.mark.parametrize(
    ("path", "most"), [("/trade", 1000), ("/trade/bucketed", 1000), ("/quote", 1000), ("/instrument", 500)]
)
def test_counts_out_of_bounds(traded: Venue, path: str, most: int) -> None:
    assert traded.ask("GET", f"{path}?count={most}").status_code == 200
    for wrong in (most + 1, 0, -1, "x", "1.5", 10**30, "NaN"):
        answer = traded.ask("GET", f"{path}?count={wrong}")
        assert answer.status_code == 400
        assert answer.json()["error"]["message"].startswith("Invalid count")
    assert traded.ask("GET", f"{path}?start=-1").status_code == 400
    assert traded.ask("GET", f"{path}?reverse=perhaps").status_code == 400


def test_times(traded: Venue) -> None:
    stamps = [row["timestamp"] for row in traded.get("/trade", symbol="XBTUSD")]
    assert prices(traded.get("/trade", symbol="XBTUSD", startTime=stamps[7])) == [60007, 60008, 60009]
    assert prices(traded.get("/trade", symbol="XBTUSD", endTime=stamps[1])) == [60000, 60001]
    asked = f'{{"startTime":"{stamps[4]}","endTime":"{stamps[5]}"}}'
    assert prices(traded.get("/trade", symbol="XBTUSD", filter=asked)) == [60004, 60005]
    milliseconds = traded.world.now_ns // 10**6 - 1000
    assert prices(traded.get("/trade", symbol="XBTUSD", startTime=milliseconds)) == [60008, 60009]
    for wrong in ("yesterday", "2018-99-01"):
        assert traded.ask("GET", f"/trade?startTime={wrong}").status_code == 400


def test_filters(traded: Venue) -> None:
    assert prices(traded.get("/trade", filter='{"symbol":"XBTUSD","price":60003}')) == [60003]
    assert prices(traded.get("/trade", filter='{"price":[60003,60005.0,"60007"]}')) == [60003, 60005, 60007]
    assert len(traded.get("/trade", filter='{"side":"Buy"}')) == 12
    second = traded.get("/trade", symbol="XBTUSD")[3]["timestamp"]
    assert prices(traded.get("/trade", filter=f'{{"timestamp.ss":{int(second[17:19])},"symbol":"XBTUSD"}}')) == [60003]
    assert len(traded.get("/trade", filter=f'{{"timestamp.date":"{second[:10]}"}}')) == 12
    assert traded.ask("GET", '/trade?filter={"nothing":1}').status_code == 400


def test_order_filters(traded: Venue) -> None:
    resting = traded.alice.order("Buy", 100, 50000, clOrdID="resting")

    def ids(asked: Row) -> list[str]:
        return [row["clOrdID"] for row in traded.alice.ok("GET", "/order", asked)]

    for wanted in ({"open": True}, {"ordStatus.isTerminated": False}, {"orderID": resting["orderID"]}):
        assert ids({"filter": wanted}) == ["resting"]
    assert ids({"filter": {"clOrdID": ["a-3", "resting", "never"]}}) == ["a-3", "resting"]
    assert ids({"filter": {"clOrdID": "a-4"}}) == ["a-4"]
    assert len(ids({"filter": {"open": False}, "symbol": "XBTUSD"})) == 10
    # Asked plainly, the open orders come first, although they are the newest.
    assert ids({})[:2] == ["resting", "a-0"]
    assert ids({"reverse": True})[0] == "resting"
    assert ids({"symbol": "XBTUSDT"}) == [None, None]


def test_a_filter_is_read_once_and_bounded(traded: Venue) -> None:
    many = ",".join(str(number) for number in range(20_000))
    answer = traded.ask("GET", "/trade", f'{{"filter":{{"price":[{many}]}}}}'.encode(), JSON_TYPE)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == "Invalid filter: at most 500 values"
    asked = {"filter": {"price": [60003, *range(499)], "size": 100}}
    assert traded.ask("GET", "/trade", msgspec.json.encode(asked), JSON_TYPE).status_code == 400
    read = read_filter({"price": [60003, *range(499)]})["price"]
    assert read.has(60003)
    assert read.has(60003.0)
    assert not read.has(60003.5)
    assert read_filter({"open": "True"})["open"].has(True)
    assert not read_filter({"open": 1})["open"].has(True)
    assert read_filter({"price": None})["price"].has(None)
    broken: tuple[Row, ...] = ({"price": {}}, {"price": [[1]]}, {"price": Decimal("1E+99999")})
    for wrong in broken:
        with pytest.raises(Refusal, match="Invalid"):
            read_filter(wrong)


def test_a_filter_looks_at_so_many_rows_and_no_more(traded: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query, "ROWS_MADE_MAX", 3)
    answer = traded.ask("GET", '/trade?filter={"homeNotional":7}')
    assert answer.status_code == 400
    assert "more than 3 rows" in answer.json()["error"]["message"]
    # What can be told without a row costs none, and neither does what was not filtered.
    assert prices(traded.get("/trade", filter='{"price":60007}')) == [60007]
    assert len(traded.get("/trade", filter='{"symbol":["XBTUSDT"]}')) == 2
    assert len(traded.get("/trade")) == 12
    resting = traded.alice.order("Buy", 100, 50000, clOrdID="resting")
    for wanted in ({"open": True}, {"clOrdID": "resting"}, {"orderID": resting["orderID"]}):
        assert [row["clOrdID"] for row in traded.alice.ok("GET", "/order", {"filter": wanted})] == ["resting"]


def test_a_list_is_not_made_longer_than_asked(traded: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    def counted(view: OrderView, listing: Listing, ids: Ids) -> Row:
        made.append(view.order_id)
        return order_row(view, listing, ids)

    monkeypatch.setattr(routes, "order_row", counted)
    assert len(traded.alice.ok("GET", "/order", {"count": 2, "reverse": True})) == 2
    assert len(made) == 2


def test_columns(traded: Venue) -> None:
    for spelled in ('["price","size"]', "price,size", "price"):
        row = traded.get("/trade", columns=spelled, count=1)[0]
        assert set(row) == {"timestamp", "symbol", "price"} | ({"size"} if "size" in spelled else set())
    assert set(traded.get("/instrument/active", columns="lastPrice")[0]) == {"symbol", "lastPrice"}
    assert traded.ask("GET", "/trade?columns=nothing").status_code == 400


def test_symbols(traded: Venue) -> None:
    for series in ("XBT", "XBT:perpetual", "xbt:nearest"):
        assert {row["symbol"] for row in traded.get("/trade", symbol=series)} == {"XBTUSD"}
    for wrong in ("NOPE", "XBT:quarterly", "XBT:sometimes", ".NOPE", "XBTUSD;"):
        answer = traded.ask("GET", f"/trade?symbol={wrong}")
        assert (answer.status_code, answer.json()["error"]["message"]) == (400, "symbol is invalid")
    assert traded.get("/trade", symbol=".BXBT") == []
    assert len(traded.get("/trade", symbol="")) == 12


def test_a_table_as_csv_has_the_same_values(traded: Venue) -> None:
    rows = traded.alice.ok("GET", "/order", {"count": 3})
    answer = traded.alice.ask("GET", "/order", {"count": "3", "_format": "csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    table = list(csv.DictReader(io.StringIO(answer.text)))
    assert [list(row) for row in table] == [list(row) for row in rows]
    for told, row in zip(table, rows, strict=True):
        for name, value in row.items():
            wanted = "" if value is None else value if isinstance(value, str) else msgspec.json.encode(value).decode()
            assert told[name] == wanted, name
    assert traded.ask("GET", "/trade?symbol=ETHUSD&_format=csv").text == ""
    assert traded.ask("GET", "/trade?_format=json").json() == traded.get("/trade")
    assert traded.ask("GET", "/trade?_format=xml").status_code == 400
    refused = traded.alice.ask("GET", "/order", {"count": "501", "_format": "csv"})
    assert (refused.status_code, refused.headers["content-type"]) == (400, "application/json; charset=utf-8")
