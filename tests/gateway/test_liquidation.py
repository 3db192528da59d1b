"""Liquidations by the engine itself, as the victim, the public and those who are deleveraged see them.

What is told over the stream, what REST shows and what the engine holds agree to the unit.
"""

from typing import Any

import pytest

from outcry.protocol import layout
from outcry.protocol.layout import InstrumentState, Role
from tests.gateway.streams import StreamClient
from tests.gateway.test_risk import later
from tests.gateway.venues import Caller, Venue

PRIVATE = ("execution", "order", "position", "margin", "wallet")


def index(venue: Venue, dollars: float) -> None:
    """Both sources see this price, and the engine does what follows."""
    for constituent in (1, 2):
        venue.world.price(1, round(dollars * 100), constituent)
    work(venue)


def work(venue: Venue) -> None:
    while venue.world.engine.work_waiting:
        venue.world.carry_on()


def gift(venue: Venue, amount_minor: int) -> None:
    venue.world.deposit(Role.INSURANCE, amount_minor)


def long_at_100x(venue: Venue, quantity: int = 10_000) -> dict[str, Any]:
    venue.alice.ok("POST", "/position/leverage", {"symbol": "XBTUSD", "leverage": 100})
    venue.bob.order("Sell", quantity, 60_000)
    venue.alice.order("Buy", quantity, 60_000)
    row: dict[str, Any] = venue.alice.ok("GET", "/position")[0]
    return row


def watch(venue: Venue, who: Caller) -> StreamClient:
    client = StreamClient(venue, who)
    client.subscribe(*PRIVATE, "liquidation", "insurance", "instrument:XBTUSD")
    return client


def agrees(venue: Venue, who: Caller, client: StreamClient) -> None:
    """The stream's private tables are what REST says, and the wallet's history is the engine's balance."""
    client.news()
    (position,) = [row for row in client.rows("position") if row["symbol"] == "XBTUSD"]
    shown = who.ok("GET", "/position")[0]
    # A flat position's owner is not told of others' trades.
    moves = dict.fromkeys(("timestamp", "lastPrice"))
    assert {**position, **moves} == {**shown, **moves}
    balance = venue.world.balance(who.account)
    assert {row["amount"] for row in client.rows("wallet") if row["currency"] == "XBt"} == {balance}
    history = who.ok("GET", "/user/walletHistory", {"currency": "XBt"})
    assert sum(row["amount"] for row in history) == balance == history[0]["walletBalance"]
    traded = who.ok("GET", "/execution/tradeHistory", {"count": 500})
    told = [row for row in client.rows("execution") if row["execType"] in ("Trade", "Funding")]
    assert told == traded[len(traded) - len(told) :]
    costs = sum(row["execCost"] for row in traded if row["execType"] == "Trade" and row["symbol"] == "XBTUSD")
    fees = sum(row["execComm"] for row in traded if row["symbol"] == "XBTUSD")
    realised = shown["realisedPnl"] + shown["prevRealisedPnl"]
    assert realised == -costs + shown["unrealisedCost"] - fees


def test_a_position_is_taken_over_at_the_price_that_was_shown(venue: Venue) -> None:
    held = long_at_100x(venue)
    assert held["bankruptPrice"] < held["liquidationPrice"] < 60_000
    client = watch(venue, venue.alice)
    wallet = venue.world.balance(venue.alice.account)
    # The mark is above the index by the funding basis, so it is moved by what is missing.
    mark = venue.get("/instrument", symbol="XBTUSD")[0]["markPrice"]
    index(venue, 60_000 - (mark - held["liquidationPrice"]) + 0.3)
    assert venue.alice.ok("GET", "/position")[0]["currentQty"] == 10_000
    agrees(venue, venue.alice, client)
    mark = venue.get("/instrument", symbol="XBTUSD")[0]["markPrice"]
    nearer = venue.alice.ok("GET", "/position")[0]["liquidationPrice"]
    assert (mark > nearer, nearer) == (True, held["liquidationPrice"])
    index(venue, 60_000 - (60_000 - nearer) - 30)
    agrees(venue, venue.alice, client)
    flat = venue.alice.ok("GET", "/position")[0]
    assert (flat["currentQty"], flat["isOpen"], flat["liquidationPrice"]) == (0, False, None)
    (trade,) = [row for row in client.rows("execution") if row["execType"] == "Trade"]
    assert (trade["text"], trade["lastPx"], trade["lastQty"]) == ("Liquidation", held["bankruptPrice"], 10_000)
    # Own margin is gone to the unit: what was put up at the entry, the closing fee with it.
    assert wallet - venue.world.balance(venue.alice.account) == held["posMargin"]
    (told,) = client.rows("liquidation")
    assert told == venue.get("/liquidation")[0]
    assert (told["side"], told["price"], told["leavesQty"]) == ("Sell", held["bankruptPrice"], 10_000)
    assert told["orderID"] == trade["orderID"]
    # Somebody buys it at that price; the fund gets the closing fee that was kept, less the fee of the fill.
    venue.bob.order("Buy", 10_000, held["bankruptPrice"])
    work(venue)
    agrees(venue, venue.alice, client)
    assert client.rows("liquidation") == venue.get("/liquidation") == []
    fund = [row for row in venue.get("/insurance") if row["currency"] == "XBt"][-1]
    assert fund["walletBalance"] == venue.world.balance(Role.INSURANCE) >= 0
    assert [row for row in client.rows("insurance") if row["currency"] == "XBt"][-1] == fund


def test_with_an_empty_fund_the_other_side_is_deleveraged(venue: Venue) -> None:
    long_at_100x(venue)
    client = watch(venue, venue.bob)
    resting = venue.bob.order("Sell", 100, 66_000)
    index(venue, 50_000)
    later(venue, 0.01)
    agrees(venue, venue.bob, client)
    reduced = venue.bob.ok("GET", "/execution/tradeHistory")[-1]
    assert (reduced["text"], reduced["side"], reduced["lastQty"], reduced["execComm"]) == ("ADL", "Buy", 10_000, 0)
    cancelled = venue.bob.ok("GET", "/order", {"filter": {"orderID": resting["orderID"]}})[0]
    assert cancelled["text"].startswith("Canceled: Position was auto-deleveraged")
    assert venue.bob.ok("GET", "/position")[0]["currentQty"] == 0
    victim = venue.alice.ok("GET", "/execution/tradeHistory")[-1]
    assert victim["lastPx"] - 0.1 < reduced["lastPx"] <= victim["lastPx"]
    assert venue.get("/liquidation") == client.rows("liquidation") == []


def test_nobody_left_leaves_the_instrument_to_those_who_reduce(venue: Venue) -> None:
    """The takeover's rest stays for everybody to see."""
    carol = venue.member("carol")
    long_at_100x(venue, 10_000)
    # Bob goes, and who takes his place is as weak as Alice.
    carol.ok("POST", "/position/leverage", {"symbol": "XBTUSD", "leverage": 100})
    carol.order("Sell", 10_000, 60_000)
    venue.bob.order("Buy", 10_000, 60_000)
    for dollars in (70_000, 40_000):
        index(venue, dollars)
    state = venue.world.engine.tables.instruments[1].state
    left = venue.get("/liquidation")
    shown = venue.world.engine.tables.instruments[1].takeovers
    assert len(left) == shown
    if state == InstrumentState.INSTRUMENT_REDUCING:
        assert venue.get("/instrument", symbol="XBTUSD")[0]["state"] == "Open"
        status, words = venue.bob.refused(
            "POST", "/order", {"symbol": "XBTUSD", "side": "Buy", "orderQty": 100, "price": 40_000}
        )
        assert (status, words) == (400, "Instrument is closed")


def test_cross_orders_go_first_and_say_why(venue: Venue) -> None:
    world = venue.world
    world.send(withdrawal(venue.alice.account, 10 * 10**8 - 2_000_000))
    venue.bob.order("Sell", 30_000, 60_000)
    venue.alice.order("Buy", 30_000, 60_000)
    resting = venue.alice.order("Buy", 6_000, 58_900)
    client = watch(venue, venue.alice)
    shown = venue.alice.ok("GET", "/position")[0]["liquidationPrice"]
    index(venue, shown - 20)
    agrees(venue, venue.alice, client)
    row = venue.alice.ok("GET", "/order", {"filter": {"orderID": resting["orderID"]}})[0]
    assert row["text"].startswith("Canceled: Position was in liquidation\n")
    assert venue.alice.ok("GET", "/position")[0]["currentQty"] == 30_000
    # Without the order it may fall further.
    lower = venue.alice.ok("GET", "/position")[0]["liquidationPrice"]
    assert lower < shown
    index(venue, lower - 40)
    agrees(venue, venue.alice, client)
    assert venue.alice.ok("GET", "/position")[0]["currentQty"] == 0
    assert venue.alice.ok("GET", "/user/margin")["walletBalance"] >= 0


def withdrawal(account: int, amount_minor: int) -> layout.Withdraw:
    record = layout.Withdraw(account=account, currency=1, amount_minor=amount_minor)
    record.request[0] = 1
    return record


@pytest.mark.parametrize("leverage", [0, 25])
def test_the_liquidation_price_is_the_first_mark_that_liquidates(leverage: int) -> None:
    """To the tick, for a long and a short, in an isolated position and in a cross one."""
    for side, other, step in (("Buy", "Sell", -1), ("Sell", "Buy", 1)):
        venue = Venue()
        venue.world.send(withdrawal(venue.alice.account, 10 * 10**8 - 3_000_000))
        venue.alice.ok("POST", "/position/leverage", {"symbol": "XBTUSD", "leverage": leverage})
        venue.bob.order(other, 20_000, 60_000)
        venue.alice.order(side, 20_000, 60_000)
        price = venue.alice.ok("GET", "/position")[0]["liquidationPrice"]
        assert abs(price - 60_000) < 6_000
        went = 0
        for dollars in (price - 40 * step, price - 6 * step, *(price + cents * step / 4 for cents in range(-40, 20))):
            index(venue, dollars)
            mark = venue.get("/instrument", symbol="XBTUSD")[0]["markPrice"]
            held = venue.alice.ok("GET", "/position")[0]["currentQty"]
            if (mark - price) * step >= 0.1:
                assert held == 0
                went += 1
            elif (mark - price) * step < 0:
                assert held
        assert went
