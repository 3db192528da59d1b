"""A future ends by itself at the mean of its index: what everybody and its holders are shown of it."""

from pathlib import Path
from typing import Any

import pytest

from outcry.gateway.recalled import execution_view, settlement_view
from outcry.history.reader import Asked, Reader
from outcry.protocol.told import Change
from outcry.views.recent import Recent
from tests.engine.worlds import BUY, SELL
from tests.gateway.endings import future, go_on, pass_minutes
from tests.gateway.streams import StreamClient
from tests.gateway.venues import Venue
from tests.history.keeping import kept_world

FUTURE = "XBTZ23"


@pytest.fixture
def held() -> Venue:
    """Alice is long 10,000 contracts at 60,000 and bob short."""
    venue = Venue()
    future(venue.world)
    venue.bob.order("Sell", 10_000, 60_000, symbol=FUTURE)
    venue.alice.order("Buy", 10_000, 60_000, symbol=FUTURE)
    return venue


def row_of(venue: Venue, symbol: str = FUTURE) -> Any:
    return venue.get("/instrument", symbol=symbol)[0]


def test_everybody_sees_at_what_it_has_settled(held: Venue) -> None:
    before = row_of(held)
    assert (before["state"], before["settledPrice"], before["typ"]) == ("Open", None, "FFCCSX")
    assert before["expiry"] == before["settle"] == "2023-11-14T22:53:00.000Z"
    assert held.get("/settlement") == []
    pass_minutes(held, 42, 63_000)
    after = row_of(held)
    assert (after["state"], after["settledPrice"], after["markPrice"]) == ("Settled", 63_000, 63_000)
    assert FUTURE not in [row["symbol"] for row in held.get("/instrument/active")]
    row = held.get("/settlement", symbol=FUTURE)[0]
    assert row == {
        "timestamp": row["timestamp"], "symbol": FUTURE, "settlementType": "Settlement", "settledPrice": 63_000,
        "optionStrikePrice": None, "optionUnderlyingPrice": None, "bankrupt": None, "taxBase": None, "taxRate": None,
    }  # fmt: skip
    assert row["timestamp"].startswith("2023-11-14T22:53")
    assert held.get("/settlement", symbol="XBTUSD") == []
    assert held.get("/settlement", filter='{"symbol":"XBTZ23"}', reverse="true") == [row]


def test_a_holder_sees_how_his_position_was_closed(held: Venue) -> None:
    pass_minutes(held, 42, 63_000)
    last = held.alice.ok("GET", "/execution/tradeHistory", {"reverse": True, "count": 1})[0]
    assert (last["execType"], last["side"], last["lastQty"], last["lastPx"]) == ("Settlement", "Sell", 10_000, 63_000)
    assert (last["commission"], last["ordType"], last["timeInForce"]) == (0.0005, "Limit", "GoodTillCancel")
    # 10,000 / 63,000 XBT of value, of which 0.05 %.
    assert (last["execCost"], last["execComm"], last["text"]) == (15_873_000, 7_937, "Settlement")
    assert (last["price"], last["avgPx"], last["ordStatus"]) == (63_000, 63_000, "Filled")
    wanted = ("execID", "orderID", "account", "trdMatchID", "homeNotional", "lastQty", "feeType")
    assert None not in [last[name] for name in wanted]
    assert len(held.bob.ok("GET", "/execution", {"filter": '{"execType":"Settlement"}'})) == 1
    position = held.alice.ok("GET", "/position", {"filter": '{"symbol":"XBTZ23"}'})[0]
    assert (position["currentQty"], position["isOpen"], position["markPrice"]) == (0, False, 63_000)
    assert position["liquidationPrice"] is None
    ledger = held.alice.ok("GET", "/user/walletHistory", {"count": 1})[0]
    wallet = held.alice.ok("GET", "/user/wallet")
    assert (ledger["transactType"], ledger["address"]) == ("RealisedPNL", FUTURE)
    assert ledger["walletBalance"] == wallet["amount"]
    asked = {"symbol": FUTURE, "side": "Buy", "orderQty": 100, "price": 63_000}
    assert held.alice.refused("POST", "/order", asked) == (400, "Instrument is closed")


def test_the_mean_is_an_index_of_its_own(held: Venue) -> None:
    pass_minutes(held, 10, 63_000)
    pass_minutes(held, 10, 62_000)
    index = row_of(held, ".BXBT30M")
    mean = held.get("/outcry/v1/averages")[0]
    assert (index["typ"], index["state"], index["symbol"]) == ("MRCXXX", "Unlisted", ".BXBT30M")
    assert index["markPrice"] == index["lastPrice"] == mean["price"]
    assert 62_000 < mean["price"] < 63_000
    assert mean["samples"] >= 20
    assert [row["symbol"] for row in held.get("/instrument")][-1] == ".BXBT30M"
    assert ".BXBT30M" in [row["symbol"] for row in held.get("/instrument/indices")]
    assert row_of(held)["indicativeSettlePrice"] == mean["price"]


def test_the_stream_tells_it(held: Venue) -> None:
    client = StreamClient(held, held.alice)
    client.subscribe("settlement", f"instrument:{FUTURE}", "instrument:.BXBT30M", "averages", "execution")
    assert client.rows("settlement") == []
    pass_minutes(held, 42, 63_000)
    client.news()
    assert client.rows("settlement") == held.get("/settlement")
    shown = {row["symbol"]: row for row in client.rows("instrument")}
    assert (shown[FUTURE]["state"], shown[FUTURE]["settledPrice"]) == ("Settled", 63_000)
    assert shown[".BXBT30M"]["markPrice"] == client.rows("averages")[0]["price"] == 63_000
    assert [row["lastPx"] for row in client.rows("execution") if row["execType"] == "Settlement"] == [63_000]


def test_history_keeps_it(tmp_path: Path) -> None:
    world = kept_world(tmp_path / "history.db")
    kept = world.kept
    assert kept is not None
    number = future(world)
    accounts = [world.trader(700 + at) for at in range(2)]
    world.place(accounts[0], BUY, 10_000, 600_000, instrument=number)
    world.place(accounts[1], SELL, 10_000, 600_000, instrument=number)
    kept.commit()
    kept.begin_again()
    go_on(world, 30, 63_000)
    kept.commit()
    kept.begin_again()
    go_on(world, 12, 63_000)
    kept.commit()
    reader = Reader(tmp_path / "history.db")
    try:
        rows = [settlement_view(row) for row in reader.page("settlements", Asked())]
        assert rows == list(world.recent.settlements.kept)
        assert [row.price_subticks for row in rows] == [6_300_000]
        for account in accounts:
            found = [execution_view(row) for row in reader.page("executions", Asked(where={"account": (account,)}))]
            assert found == list(world.recent.executions(account))
            assert found[-1].change == Change.SETTLED
            assert kept.fold.balances[account, 1] == world.balance(account)
    finally:
        reader.close()
    again = Recent(world.engine)
    again.load(world.recent.dump())
    assert list(again.settlements.kept) == rows
