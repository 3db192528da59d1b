"""After random operations of several accounts the stream, REST and the engine say the same.

Books, for every instrument and depth, and private rows are put together from what was pushed, by clients that joined
at different times and by one that did not read for a while; executions add up to positions, fees and wallets.
"""

import random
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from outcry.gateway.stream.settings import StreamSettings
from outcry.protocol import layout, wire
from outcry.protocol.layout import OrderFlag, OrderType, Side, TimeInForce
from outcry.views import rows
from tests.engine.worlds import place
from tests.gateway.streams import StreamClient, Tables
from tests.gateway.venues import FREE, Caller, Venue

BOOKS = ("orderBookL2", "orderBookL2_25", "orderBook10")
SYMBOLS = ("XBTUSD", "ETHUSD", "XBTUSDT")
MIDDLES = {"XBTUSD": 600_000, "ETHUSD": 60_000, "XBTUSDT": 600_000}
LOTS = {"XBTUSD": 100, "ETHUSD": 1, "XBTUSDT": 1_000}
PRIVATE = ("order", "execution", "position", "margin", "wallet")


class Crowd:
    """Accounts that do anything."""

    def __init__(self, venue: Venue, seed: int) -> None:
        self.venue = venue
        self.random = random.Random(seed)
        self.members = [venue.alice, venue.bob, venue.member("carol"), venue.member("dave")]
        self.numbers = {symbol: number for number, symbol in enumerate(SYMBOLS, 1)}

    def act(self) -> None:
        draw = self.random.random()
        world = self.venue.world
        account = self.random.choice(self.members).account
        own = list(self.venue.world.recent.account(account).open)
        if draw < 0.45 or not own:
            self.order(account)
        elif draw < 0.70:
            world.cancel(account, self.random.choice(own))
        elif draw < 0.84:
            world.amend(account, self.random.choice(own), **self.change())
        elif draw < 0.86:
            world.cancel_all(account, self.random.randrange(4), self.random.choice([0, Side.BUY, Side.SELL]))
        elif draw < 0.89:
            world.leverage(account, self.random.choice([0, 200, 1000, 2500]), self.random.randrange(1, 4))
        elif draw < 0.90:
            world.deposit(account, self.random.randrange(1, 10**6), self.random.randrange(1, 3))
        else:
            self.move_prices()
        while world.engine.work_waiting:
            world.carry_on()
        world.wait(self.random.random() * 0.2)

    def order(self, account: int) -> None:
        symbol = self.random.choice(SYMBOLS)
        side = self.random.choice([Side.BUY, Side.SELL])
        away = int(self.random.expovariate(1 / 40)) - 8
        ticks = MIDDLES[symbol] + (away if side == Side.SELL else -away)
        quantity = LOTS[symbol] * self.random.randrange(1, 30)
        more: dict[str, Any] = {"instrument": self.numbers[symbol]}
        kind = self.random.random()
        if kind < 0.08:
            more.update(order_type=OrderType.MARKET, time_in_force=TimeInForce.IMMEDIATE_OR_CANCEL)
            ticks = 0
        elif kind < 0.16:
            more["time_in_force"] = self.random.choice([TimeInForce.IMMEDIATE_OR_CANCEL, TimeInForce.FILL_OR_KILL])
        elif kind < 0.30:
            more["flags"] = OrderFlag.POST_ONLY
        elif kind < 0.36:
            more["flags"] = OrderFlag.REDUCE_ONLY
        self.venue.world.send(place(account, side, quantity, ticks, **more))

    def change(self) -> dict[str, int]:
        symbol = self.random.choice(SYMBOLS)
        if self.random.random() < 0.5:
            return {"quantity": LOTS[symbol] * self.random.randrange(1, 30)}
        return {"price_ticks": MIDDLES[symbol] + self.random.randrange(-60, 60)}

    def move_prices(self) -> None:
        world = self.venue.world
        index, constituent, middle = self.random.choice([(1, 1, 60_000), (1, 2, 60_000), (2, 3, 3_000), (2, 4, 3_000)])
        world.price(index, middle * 100 + self.random.randrange(-500, 500), constituent)


class Watchers:
    """One client an account, one for everything public, one that begins late, and one that sometimes does not read."""

    def __init__(self, venue: Venue, crowd: Crowd) -> None:
        self.venue = venue
        self.owners = [(one, StreamClient(venue, one)) for one in crowd.members]
        for _, client in self.owners:
            client.subscribe(*PRIVATE)
        self.public = [StreamClient(venue), StreamClient(venue)]
        self.public[0].subscribe(*BOOKS, "quote", "trade", "instrument", "liquidation", "insurance", "funding")
        for symbol in SYMBOLS:
            self.public[1].subscribe(*(f"{book}:{symbol}" for book in BOOKS))

    def late(self) -> None:
        client = StreamClient(self.venue)
        client.subscribe(*(f"{book}:{symbol}" for book in BOOKS for symbol in SYMBOLS))
        self.public.append(client)

    def stall(self, stalled: bool) -> None:
        """The second client stops reading, or has read everything."""
        session = self.public[1].session
        self.public[1].unread = 10**6 if stalled else 0
        session.is_behind = stalled
        if not stalled:
            self.venue.app.stream.drained(session)


def without_times(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if "ime" not in name} for row in found]


def sorted_rows(found: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    return sorted(found, key=lambda row: str(row[key]))


def check_books(venue: Venue, client: Tables) -> None:
    for number, symbol in enumerate(SYMBOLS, 1):
        bids, asks = rows.levels(venue.world.engine, number, 0)
        for table, depth in (("orderBookL2", 0), ("orderBookL2_25", 25)):
            asked = venue.get("/orderBook/L2", symbol=symbol, depth=depth)
            kept = [row for row in client.rows(table) if row["symbol"] == symbol]
            assert sorted_rows(without_times(kept), "id") == sorted_rows(without_times(asked), "id")
            if not depth:
                assert len(asked) == len(bids) + len(asks)
                assert {(row["side"], row["size"]) for row in asked} == {
                    *(("Buy", one.quantity) for one in bids),
                    *(("Sell", one.quantity) for one in asks),
                }
        (ten,) = [row for row in client.rows("orderBook10") if row["symbol"] == symbol]
        best = venue.get("/orderBook/L2", symbol=symbol, depth=10)
        assert ten["bids"] == [[row["price"], row["size"]] for row in best if row["side"] == "Buy"]
        assert ten["asks"] == [[row["price"], row["size"]] for row in best if row["side"] == "Sell"][::-1]


def check_account(owner: Caller, client: Tables) -> None:
    working = [row for row in client.rows("order") if row["leavesQty"] > 0]
    asked = owner.ok("GET", "/order", {"filter": {"open": True}, "count": 500})
    assert sorted_rows(working, "orderID") == sorted_rows(asked, "orderID")
    held = client.rows("position")
    assert sorted_rows(shown(held), "symbol") == sorted_rows(shown(owner.ok("GET", "/position")), "symbol")
    for table in ("margin", "wallet"):
        told = owner.ok("GET", f"/user/{table}", {"currency": "all"})
        assert without_times(client.rows(table)) == without_times(told)
    check_sums(client)


def shown(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without times, and without the prices that the owner of a flat row is not told of when they move."""
    prices = dict.fromkeys(("lastPrice", "markPrice"))
    idle = ("currentQty", "openOrderBuyQty", "openOrderSellQty")
    return [row if any(row[name] for name in idle) else {**row, **prices} for row in without_times(found)]


def check_sums(client: Tables) -> None:
    """Executions add up to positions, and with what was realised to the wallet; fundings are fees without a trade."""
    fills = [row for row in client.rows("execution") if row["execType"] == "Trade"]
    fundings = [row for row in client.rows("execution") if row["execType"] == "Funding"]
    quantities: dict[str, int] = defaultdict(int)
    fees: dict[str, int] = defaultdict(int)
    for row in fills:
        quantities[row["symbol"]] += row["lastQty"] if row["side"] == "Buy" else -row["lastQty"]
    for row in fills + fundings:
        fees[row["settlCurrency"]] += row["execComm"]
    held = client.rows("position")
    assert {row["symbol"]: row["currentQty"] for row in held if row["currentQty"]} == {
        symbol: quantity for symbol, quantity in quantities.items() if quantity
    }
    for wallet in client.rows("wallet"):
        mine = [row for row in held if row["currency"] == wallet["currency"]]
        realised = sum(row["realisedPnl"] + row["prevRealisedPnl"] for row in mine)
        costs = sum(row["execCost"] for row in fills if row["settlCurrency"] == wallet["currency"])
        unrealised = sum(row["unrealisedCost"] for row in mine)
        assert wallet["amount"] == wallet["deposited"] - wallet["withdrawn"] + realised
        assert realised == -costs + unrealised - fees[wallet["currency"]]


class WeakCrowd(Crowd):
    """Accounts with little money and much leverage, and prices that jump; the rules liquidate and deleverage them."""

    def __init__(self, venue: Venue, seed: int) -> None:
        super().__init__(venue, seed)
        self.prices = {1: 6_000_000, 2: 300_000}
        for number, one in enumerate(self.members):
            for currency, left in ((1, 4 * 10**7), (2, 3 * 10**9)):
                balance = venue.world.balance(one.account, currency)
                record = layout.Withdraw(account=one.account, currency=currency, amount_minor=balance - left)
                record.request[0], record.request[1] = number + 1, currency
                venue.world.send(record)

    def move_prices(self) -> None:
        for index, constituents in ((1, (1, 2)), (2, (3, 4))):
            middle = 6_000_000 if index == 1 else 300_000
            step = self.random.choice((0.0005, 0.001, 0.03))
            moved = self.prices[index] * (1 + self.random.uniform(-step, step))
            self.prices[index] = round(moved + (middle - moved) * 0.2)
            for constituent in constituents:
                self.venue.world.price(index, self.prices[index], constituent)
        while self.venue.world.engine.work_waiting:
            self.venue.world.carry_on(self.random.choice((2, 4_096)))
        if self.random.random() < 0.02:
            self.venue.world.wait(8 * 3_600)


def play(operations: int, seed: int, crowd_of: type[Crowd] = Crowd) -> Venue:
    venue = Venue(FREE, StreamSettings(soft_bytes=10_000, hard_bytes=1 << 30, account_interval_ns=1))
    crowd = crowd_of(venue, seed)
    watchers = Watchers(venue, crowd)
    for done in range(operations):
        crowd.act()
        if crowd.random.random() < 0.3:
            venue.app.stream.flush()
            check_uncrossed(venue, watchers.public[0])
        if done in (operations // 3, operations // 2):
            watchers.stall(done == operations // 3)
        if done == operations // 4:
            watchers.late()
    crowd.move_prices()
    venue.app.stream.flush()
    check_risk(venue, watchers.public[0])
    for client in watchers.public:
        check_books(venue, client)
    for owner, client in watchers.owners:
        check_account(owner, client)
    trades = watchers.public[0].rows("trade")
    assert len(trades) > operations // 20
    for symbol in SYMBOLS:
        # Trades of one frame are told by instrument, so only those of one instrument have an order.
        told = [row for row in trades if row["symbol"] == symbol][-50:]
        assert told == venue.get("/trade", symbol=symbol, count=50, reverse="true")[::-1]
    return venue


def check_risk(venue: Venue, client: Tables) -> None:
    """What is open of takeovers, what is in the funds, and every funding since the client came."""
    assert sorted_rows(client.rows("liquidation"), "orderID") == sorted_rows(venue.get("/liquidation"), "orderID")
    for currency in ("XBt", "USDt"):
        last = [row for row in venue.get("/insurance", count=500) if row["currency"] == currency][-1]
        assert [row for row in client.rows("insurance") if row["currency"] == currency][-1] == last
    assert sorted_rows(client.rows("funding"), "timestamp") == sorted_rows(
        venue.get("/funding", count=500), "timestamp"
    )
    public = [row for table in ("liquidation", "insurance", "funding") for row in client.rows(table)]
    assert not any("account" in row for row in public)


def check_uncrossed(venue: Venue, client: StreamClient) -> None:
    """What was told last of a book is what its touch is."""
    for number, symbol in enumerate(SYMBOLS, 1):
        row = venue.world.engine.tables.instruments[number]
        kept = [one for one in client.rows("orderBook10") if one["symbol"] == symbol]
        if kept and kept[0]["bids"] and kept[0]["asks"]:
            assert kept[0]["bids"][0][0] < kept[0]["asks"][0][0]
        if kept:
            assert bool(kept[0]["bids"]) == bool(row.best_bid_ticks)


def test_the_stream_rest_and_the_engine_agree() -> None:
    play(1_200, 2)


def test_the_stream_rest_and_the_engine_agree_after_ten_thousand_operations() -> None:
    play(10_000, 3)


def test_they_agree_where_accounts_are_liquidated_and_deleveraged() -> None:
    venue = play(1_500, 5, WeakCrowd)
    kinds = {layout.EventKind(event.head.kind).name for event in venue.world.told}
    assert kinds >= {"TAKEN_OVER", "TAKEOVER_CHANGED", "DELEVERAGED", "FUND_MOVED", "FUNDED", "LIQUIDATION_STEP"}
    assert not venue.world.engine.halted


def test_the_crowd_does_everything() -> None:
    """Otherwise the tests above would show less than they say."""
    venue = Venue()
    crowd = Crowd(venue, 1)
    kinds: set[int] = set()

    def note(entry: wire.Entry, events: Sequence[wire.Event]) -> None:
        kinds.update(event.head.kind for event in events)

    venue.world.observers.append(note)
    for _ in range(600):
        crowd.act()
    wanted = {"PLACED", "AMENDED", "ENDED", "LEVEL_CHANGED", "FILL", "MARGIN_SET", "MOVED", "MARK_MOVED", "REFUSED"}
    assert wanted <= {layout.EventKind(kind).name for kind in kinds}
