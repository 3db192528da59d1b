"""The table routes over history and what is recent, against a gateway that remembers everything by itself.

Both stand on the same engine; one forgets almost at once and has history, the other has room for all and none.
"""

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from outcry.gateway import past
from outcry.gateway.app import create_app
from outcry.gateway.dialect.transactions import moved_row
from outcry.history import Reader
from outcry.protocol import wire
from outcry.protocol.layout import EventKind
from outcry.views.recent import Recent
from outcry.views.shelves import Bounds
from tests.gateway.venues import FREE, VENUE_KEY, Caller, FakeExchange, FakePeople, Venue
from tests.history.keeping import KeptWorld, kept_world, trade_at_random


class World(KeptWorld):
    """One engine observed by a `Recent` that forgets and one that does not."""

    forgetful: Recent

    def send(self, record: Any, payload: bytes = b"") -> list[wire.Event]:
        events = super().send(record, payload)
        self.forgetful.observe(wire.entry_of(self.journal[-1]), events)
        return events


class Forgetful(Venue):
    """A venue over a kept world; `recent` says which memory its gateway has."""

    def __init__(self, world: KeptWorld, recent: Recent, people: FakePeople, reader: Reader | None) -> None:
        self.world = world
        self.exchange = FakeExchange(world)
        self.people = people
        self.now = world.now_ns / 1e9
        self.app = create_app(
            self.exchange,
            world.engine,
            recent,
            people,
            venue_key=VENUE_KEY,
            limits=FREE,
            clock=lambda: self.now,
            history=reader,
        )


class Pair:
    """Both gateways and two accounts with a past."""

    def __init__(self, folder: Path, seed: int, steps: int) -> None:
        world = kept_world(folder / "history.db")
        self.world = world
        small = Recent(
            world.engine,
            Bounds(orders=7, executions=9, trades=6, quotes=5, fates=50, orders_in_all=10, executions_in_all=25),
        )
        for series in (one.candles.series[size] for one in map(small.instrument, (1, 2, 3)) for size in ("1m", "5m")):
            series.finished = type(series.finished)(maxlen=4)
        self.small = small
        observed = world.recent.observe

        def observe(entry: wire.Entry, events: list[wire.Event]) -> None:
            observed(entry, events)
            small.observe(entry, events)

        small.load(world.recent.dump())
        world.recent.observe = observe  # type: ignore[method-assign, assignment]
        people = FakePeople()
        self.reader = Reader(folder / "history.db")
        self.short = Forgetful(world, small, people, self.reader)
        self.long = Forgetful(world, world.recent, people, None)
        self.callers = [self.long.member(name) for name in ("alice", "bob")]
        self.chance = random.Random(seed)
        trade_at_random(world, [one.account for one in self.callers], self.chance, steps)
        assert world.kept is not None
        self.kept = world.kept

    def both(self, path: str, asked: dict[str, str], caller: Caller | None = None) -> tuple[Any, Any]:
        """Status and body of both gateways' answers."""
        target = f"{path}?{urlencode(asked)}" if asked else path
        found = []
        for venue in (self.short, self.long):
            headers = Caller(venue, caller.key, caller.account).headers("GET", target, b"") if caller else {}
            answer = venue.ask("GET", target, b"", headers)
            found.append((answer.status_code, answer.json()))
        return found[0], found[1]


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    made = Pair(tmp_path, 5, 260)
    made.kept.commit()
    trade_at_random(made.world, [one.account for one in made.callers], made.chance, 3, pauses=(0,))
    yield made
    made.reader.close()


def adopted(pair: Pair) -> None:
    """The forgetful gateway starts again from a snapshot: of what was before it, it knows the engine only."""
    recent = Recent(pair.world.engine)
    recent.adopt(pair.world.engine.sequence, pair.world.engine.time_ns)
    observed = pair.world.recent.observe

    def observe(entry: wire.Entry, events: list[wire.Event]) -> None:
        observed(entry, events)
        recent.observe(entry, events)

    pair.world.recent.observe = observe  # type: ignore[method-assign, assignment]
    pair.small = recent
    pair.short = Forgetful(pair.world, recent, pair.short.people, pair.reader)


def questions(chance: random.Random, path: str, times: list[str], names: list[str]) -> dict[str, str]:
    asked: dict[str, str] = {}
    if chance.random() < 0.6:
        asked["count"] = str(chance.choice((1, 3, 10, 100, 500)))
    if chance.random() < 0.3:
        asked["start"] = str(chance.choice((1, 5, 20, 90, 400)))
    if chance.random() < 0.5:
        asked["reverse"] = chance.choice(("true", "false"))
    if chance.random() < 0.5:
        asked["symbol"] = chance.choice(("XBTUSD", "ETHUSD", "XBTUSDT", ".BXBT"))
    if chance.random() < 0.3:
        asked["startTime"] = chance.choice(times)
    if chance.random() < 0.3:
        asked["endTime"] = chance.choice(times)
    if chance.random() < 0.2:
        asked["columns"] = "symbol,timestamp" if "wallet" not in path else "amount"
    if "bucketed" in path:
        asked["binSize"] = chance.choice(("1m", "5m"))
        asked["partial"] = chance.choice(("true", "false"))
    elif chance.random() < 0.4 and names:
        asked["filter"] = chance.choice(names)
    return asked


FILTERS = {
    "/order": ['{"open":true}', '{"ordStatus":["Filled","Canceled"]}', '{"side":"Buy"}', '{"ordStatus":"Canceled"}'],
    "/execution": ['{"execType":"Trade"}', '{"side":"Sell"}', '{"execType":["New","Canceled"]}'],
    "/execution/tradeHistory": ['{"side":"Sell"}', '{"lastLiquidityInd":"AddedLiquidity"}'],
    "/trade": ['{"side":"Sell"}', '{"symbol":["XBTUSD","ETHUSD"]}'],
    "/trade/bucketed": [],
    "/user/walletHistory": ['{"transactType":"Transfer"}', '{"transactType":"RealisedPNL"}'],
}


@pytest.mark.parametrize("path", list(FILTERS))
def test_every_convention_gives_what_a_gateway_that_forgets_nothing_gives(pair: Pair, path: str) -> None:
    times = [row["timestamp"] for row in pair.both("/trade", {"count": "1000"})[1][1]][::7]
    alice = pair.callers[0]
    names = list(FILTERS[path])
    orders = pair.both("/order", {"count": "500"}, alice)[1][1]
    if path in ("/order", "/execution", "/execution/tradeHistory"):
        names += [f'{{"orderID":"{row["orderID"]}"}}' for row in orders[::9]]
        names += [f'{{"clOrdID":"{row["clOrdID"]}"}}' for row in orders if row["clOrdID"]][::9]
        names += [f'{{"clOrdID":["{orders[0]["clOrdID"]}","{orders[-1]["clOrdID"]}"]}}']
    chance = random.Random(path)
    rows = 0
    for _ in range(60):
        asked = questions(chance, path, times, names)
        if path == "/user/walletHistory":
            asked = {name: value for name, value in asked.items() if name != "symbol"}
            asked["currency"] = chance.choice(("XBt", "USDt", "all"))
        caller = None if path.startswith("/trade") else alice
        short, long = pair.both(path, asked, caller)
        assert short == long, asked
        rows += len(short[1])
    assert rows > 90


def test_a_plain_list_of_orders_has_the_open_ones_first_then_all_that_ended(pair: Pair) -> None:
    rows = pair.both("/order", {"count": "500"}, pair.callers[0])[0][1]
    working = [row["workingIndicator"] for row in rows]
    assert working == sorted(working, reverse=True)
    assert len(rows) > 40
    assert len({row["orderID"] for row in rows}) == len(rows)


def test_what_was_posted_a_moment_ago_is_there_before_the_keeper_has_written_it(pair: Pair) -> None:
    alice = Caller(pair.short, pair.callers[0].key, pair.callers[0].account)
    assert pair.kept.store.sequence < pair.world.engine.sequence
    row = alice.order("Buy", 100, 30_000)
    shown = pair.both("/order", {"reverse": "true", "count": "1"}, alice)
    assert shown[0][1] == shown[1][1] == [row]
    done = pair.both("/execution", {"reverse": "true", "count": "1"}, alice)[0][1]
    assert [one["orderID"] for one in done] == [row["orderID"]]


def test_while_history_is_behind_what_has_been_forgotten_it_is_said(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past, "WAIT_SECONDS", 0.05)
    alice = pair.callers[0]
    trade_at_random(pair.world, [one.account for one in pair.callers], pair.chance, 250)
    behind = pair.kept.store.sequence
    for path in ("/order", "/execution", "/trade", "/user/walletHistory"):
        status, body = pair.both(path, {"count": "500"}, None if path == "/trade" else alice)[0]
        assert status == 503
        assert body["error"]["sequence"] == behind
        assert f"history goes to sequence {behind}" in body["error"]["message"]
    # The newest are there without history.
    short, long = pair.both("/trade", {"reverse": "true", "count": "3"})
    assert short == long
    pair.kept.commit()
    short, long = pair.both("/execution", {"count": "500"}, alice)
    assert short == long
    assert short[0] == 200


def test_a_reader_waits_for_the_keeper_a_little(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(past, "WAIT_SECONDS", 60)
    trade_at_random(pair.world, [one.account for one in pair.callers], pair.chance, 250)

    async def both() -> int:
        asking = asyncio.create_task(pair.short.send("GET", "/trade?count=1000", b"", None))
        await asyncio.sleep(0.1)
        assert not asking.done()
        pair.kept.commit()
        return (await asking).status_code

    assert asyncio.run(both()) == 200


def test_quotes_of_long_ago_are_one_a_second_and_the_latest_are_all(pair: Pair) -> None:
    short, long = pair.both("/quote", {"count": "1000", "symbol": "XBTUSD"})
    all_of_them, sampled = long[1], short[1]
    last = {row["timestamp"][:19]: row for row in all_of_them}
    recent = list(pair.small.instrument(1).quotes)
    assert sampled[-len(recent) :] == all_of_them[-len(recent) :]
    older = sampled[: -len(recent)]
    assert older == [row for second, row in last.items() if second < sampled[-len(recent)]["timestamp"][:19]]
    assert len(older) > 20


def test_quotes_by_span_are_the_touch_at_its_end(pair: Pair) -> None:
    pair.kept.commit()
    every = pair.both("/quote", {"count": "1000", "symbol": "XBTUSD"})[1][1]
    bins = pair.both("/quote/bucketed", {"count": "1000", "symbol": "XBTUSD", "binSize": "1m"})[0][1]
    assert len(bins) > 50
    for row in bins:
        before = [one for one in every if one["timestamp"] < row["timestamp"]]
        wanted = {**before[-1], "timestamp": row["timestamp"]} if before else None
        if wanted is not None:
            assert row == wanted
        else:
            assert row["bidPrice"] is row["askPrice"] is None
    newest = pair.both("/quote/bucketed", {"reverse": "true", "count": "1", "symbol": "XBTUSD", "partial": "true"})
    assert newest[0][1][0]["bidPrice"] == every[-1]["bidPrice"]


def test_wallet_history_adds_up_to_the_wallet_and_its_summary(pair: Pair) -> None:
    for caller in pair.callers:
        alice = Caller(pair.short, caller.key, caller.account)
        for currency in ("XBt", "USDt"):
            rows = alice.ok("GET", "/user/walletHistory", {"currency": currency})
            wallet = alice.ok("GET", "/user/wallet", {"currency": currency})
            assert sum(row["amount"] for row in rows) == wallet["amount"] == rows[0]["walletBalance"]
            assert len({row["transactID"] for row in rows}) == len(rows)
            summary = alice.ok("GET", "/user/walletSummary", {"currency": currency})
            assert summary[-1]["transactType"] == "Total"
            assert summary[-1]["amount"] == summary[-1]["walletBalance"] == wallet["amount"]
            by_symbol = {row["symbol"]: row["amount"] for row in summary if row["transactType"] == "RealisedPNL"}
            done = alice.ok("GET", "/execution/tradeHistory", {"count": 500})
            for symbol, amount in by_symbol.items():
                fees = sum(row["execComm"] for row in done if row["symbol"] == symbol)
                assert amount == -fees + realised_of(pair, caller.account, symbol)


def realised_of(pair: Pair, account: int, symbol: str) -> int:
    """What fills have realised before fees, by the memory that forgets nothing."""
    listing = pair.world.recent.directory.listing_named(symbol)
    assert listing is not None
    fills = pair.world.recent.account(account).fills
    return sum(one.realised_minor for one in fills if one.order.instrument == listing.number)


@pytest.mark.parametrize(
    ("path", "asked", "words"),
    [
        ("/user/walletHistory", {"currency": "XBT"}, "Invalid currency"),
        ("/user/walletHistory", {"count": "10001"}, "Invalid count"),
        ("/user/walletHistory", {"columns": "nothing"}, "Invalid columns"),
        ("/quote/bucketed", {"binSize": "2m"}, "Invalid binSize"),
    ],
)
def test_bad_questions(pair: Pair, path: str, asked: dict[str, str], words: str) -> None:
    status, body = pair.both(path, asked, pair.callers[0])[0]
    assert status == 400
    assert words in body["error"]["message"]


def test_cancelling_an_order_that_has_been_forgotten_says_how_it_ended(pair: Pair) -> None:
    alice = Caller(pair.short, pair.callers[0].key, pair.callers[0].account)
    row = alice.order("Buy", 100, 30_000, clOrdID="long ago")
    alice.ok("DELETE", "/order", {"clOrdID": "long ago"})
    for _ in range(12):
        alice.ok("DELETE", "/order", {"orderID": alice.order("Buy", 100, 30_000)["orderID"]})
    assert pair.small.order_named(alice.account, "long ago") is None
    pair.kept.commit()
    (again,) = alice.ok("DELETE", "/order", {"clOrdID": "long ago"})
    assert again["error"] == "Unable to cancel order due to existing state: Canceled"
    assert (again["orderID"], again["price"], again["ordStatus"]) == (row["orderID"], 30_000, "Canceled")


UNKNOWN = ("text", "tickDirection", "avgPx")
"""What an engine does not tell: an order's words, how the last price moved, between which prices an order filled."""


@pytest.mark.parametrize("path", ["/order", "/execution", "/trade", "/trade/bucketed", "/user/walletHistory"])
@pytest.mark.parametrize("restarted", [False, True], ids=["from a snapshot", "and once more"])
def test_a_gateway_that_began_with_a_snapshot_has_all_of_the_past(pair: Pair, path: str, restarted: bool) -> None:
    accounts = [one.account for one in pair.callers]
    adopted(pair)
    trade_at_random(pair.world, accounts, pair.chance, 30, pauses=(0, 3))
    pair.kept.commit()
    trade_at_random(pair.world, accounts, pair.chance, 3, pauses=(0,))
    if restarted:
        again = Recent(pair.world.engine)
        again.load(pair.small.dump())
        pair.short = Forgetful(pair.world, again, pair.short.people, pair.reader)
        pair.kept.commit()
    caller = None if path.startswith("/trade") else pair.callers[0]
    for asked in ({}, {"reverse": "true"}, {"partial": "true"}, {"partial": "true", "reverse": "true", "count": "2"}):
        for size in ("1m", "1h"):
            (status, short), (_, long) = pair.both(path, {"count": "500", "binSize": size, **asked}, caller)
            assert status == 200, short
            for row in (*short, *long):
                for name in UNKNOWN:
                    row.pop(name, None)
            assert short == long, asked
            if "bucketed" not in path:
                break


def test_before_the_keeper_has_made_its_file_memory_answers_and_what_needs_history_waits(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(past, "WAIT_SECONDS", 0.05)
    early = Forgetful(pair.world, pair.world.recent, pair.short.people, Reader(tmp_path / "later.db"))
    alice = Caller(early, pair.callers[0].key, pair.callers[0].account)
    assert len(alice.ok("GET", "/execution", {"count": 500})) > 100
    status, message = alice.refused("GET", "/user/walletHistory")
    assert status == 503
    assert "history goes to sequence 0" in message


def test_history_that_cannot_be_read_is_a_503(pair: Pair, tmp_path: Path) -> None:
    (tmp_path / "broken.db").write_bytes(b"nonsense" * 1_000)
    broken = Forgetful(pair.world, pair.small, pair.short.people, Reader(tmp_path / "broken.db"))
    alice = Caller(broken, pair.callers[0].key, pair.callers[0].account)
    assert alice.refused("GET", "/order", {"count": 500}) == (503, "Service unavailable: history cannot be read.")


def test_a_transfer_is_the_same_row_to_who_sent_it_and_in_both_wallets(pair: Pair) -> None:
    moved = [row for row in pair.world.told if row.head.kind == EventKind.MOVED][-1]
    for caller in pair.callers:
        alice = Caller(pair.short, caller.key, caller.account)
        (row,) = alice.ok("GET", "/user/walletHistory", {"count": 1, "filter": {"transactType": "Transfer"}})
        place = moved.head.sequence, moved.head.ordinal, pair.world.recent.account(caller.account).moves[-1].time_ns
        directory, ids = pair.world.recent.directory, pair.short.app.venue.ids
        assert moved_row(caller.account, moved.record, *place, directory, ids) == row
        assert row["address"] == str(next(one.account for one in pair.callers if one is not caller))
    assert moved_row(10**6, moved.record, 1, 0, 0, directory, ids) is None
