"""History through the door: kill -9 of keeper, gateway and node in turn under load, and what is there afterwards.

Every fill that a client was answered with is in history once, what the journal says is in history, and a rebuild gives
the same rows as the keeper's, which was killed again and again while it wrote them.
"""

import asyncio
import os
import random
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from outcry.client import ClientError, Credentials, VenueClient
from outcry.client.signing import signed_headers
from outcry.engine.engine import Engine
from outcry.journal.reading import read_frames
from outcry.protocol import wire
from outcry.protocol.layout import EventKind
from tests.venue import Venue, outcry

pytestmark = [pytest.mark.venue, pytest.mark.slow]

ROUNDS = ("keeper", "gateway", "keeper", "node")
ORDERS = 20
SYMBOL = "XBTUSD"
SOON_S = 60.0
TABLES = ("progress", "orders", "executions", "trades", "ledger", "quotes", "candles")


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[Venue]:
    running = Venue(tmp_path / "data", ["--seed", "5"])
    running.start()
    yield running
    running.kill()


def get(venue: Venue, path: str, place: int | None = None) -> list[dict[str, Any]]:
    """A table as a stranger or as a demo user gets it."""
    target = "/api/v1" + path
    headers: dict[str, str] = {}
    if place is not None:
        user = venue.users[place]
        headers = dict(signed_headers(Credentials(user.key, user.secret), "GET", target.encode(), 2**32, b""))
    until_s = time.monotonic() + SOON_S
    while (answer := httpx.get(venue.url + target, headers=headers, timeout=10)).status_code == 503:
        # The keeper, which gives way to everybody else, has not written so far.
        assert time.monotonic() < until_s, answer.text
    assert answer.status_code == 200, answer.text
    return msgspec.json.decode(answer.content, type=list[dict[str, Any]])


async def trade(venue: Venue, place: int, enough: asyncio.Event, chance: random.Random, answered: set[str]) -> None:
    """Take, rest and cancel until it is enough; the ids of orders that were answered."""
    user = venue.users[place]
    async with VenueClient(venue.url, Credentials(user.key, user.secret), attempts=1, timeout_s=6) as client:
        while not enough.is_set():
            side = chance.choice(("Buy", "Sell"))
            price = None if chance.random() < 0.6 else Decimal(20_000 if side == "Buy" else 200_000)
            try:
                order = await client.place(SYMBOL, side, 100, price=price)
                answered.add(order.order_id)
                if price is not None:
                    await client.cancel(order_ids=[order.order_id])
            except ClientError:
                await asyncio.sleep(0.05)


async def trade_and_kill(venue: Venue, role: str, chance: random.Random, answered: list[set[str]]) -> None:
    """Two users trade; in the middle of it a process is killed, and without a keeper they trade on."""
    enough = asyncio.Event()
    tasks = [
        asyncio.create_task(trade(venue, place, enough, random.Random(chance.random()), answered[place]))
        for place in range(2)
    ]
    try:
        await more(answered)
        await asyncio.sleep(chance.random())
        os.kill(venue.process_of(role), signal.SIGKILL)
        if role == "keeper":
            await more(answered)
    finally:
        enough.set()
        await asyncio.gather(*tasks)


async def more(answered: list[set[str]]) -> None:
    """Each has had so many more orders answered, most of which took something."""
    wanted = [len(one) + ORDERS for one in answered]
    async with asyncio.timeout(SOON_S):
        while any(len(one) < least for one, least in zip(answered, wanted, strict=True)):
            await asyncio.sleep(0.02)


def rows_of(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of a history.db, sorted."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        return {name: sorted(connection.execute(f"select * from {name}")) for name in TABLES}


def trades_in(journal: Path) -> Counter[tuple[int, int]]:
    """What the journal makes the engine say."""
    engine, found = Engine(), Counter[tuple[int, int]]()
    for frame in read_frames(journal):
        for event in wire.events_of(engine.apply(frame.body)):
            if event.head.kind == EventKind.FILL:
                found[event.head.sequence, event.head.ordinal] += 1
    return found


def test_killed_in_turn_under_load_history_has_every_trade_once_and_a_rebuild_gives_the_same_rows(
    venue: Venue,
) -> None:
    chance = random.Random(3)
    answered: list[set[str]] = [set(), set()]
    for role in ROUNDS:
        asyncio.run(trade_and_kill(venue, role, chance, answered))
        if role == "keeper":
            assert venue.is_running()
            assert "the keeper process was killed by signal 9" in venue.log.read_text()
            continue
        deadline = time.monotonic() + SOON_S
        while venue.is_running():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        venue.kill()
        venue.start()
    for place in range(2):
        told = {row["orderID"] for row in get(venue, "/order?count=500&reverse=true", place)}
        assert len(told & answered[place]) >= min(len(answered[place]), 400)
        fills = get(venue, "/execution/tradeHistory?count=500&reverse=true", place)
        assert len({row["execID"] for row in fills}) == len(fills) > 10
    assert venue.stop() == 0

    kept = rows_of(venue.data / "history.db")
    wanted = trades_in(venue.data / "journal")
    assert Counter((row[0], row[1]) for row in kept["trades"]) == wanted
    assert len(wanted) > 20
    refused = outcry("history", "rebuild", str(venue.data / "nothing"))
    assert refused.returncode == 1
    assert "there is no journal" in refused.stderr
    made = outcry("history", "rebuild", str(venue.data), "--json")
    assert made.returncode == 0, made.stderr
    again = rows_of(venue.data / "history.db")
    for name in TABLES[1:]:
        assert again[name] == kept[name], name
    # The node stops after the keeper, and may have journaled a tick meanwhile.
    assert again["progress"][0][1] >= kept["progress"][0][1]
    # And the keeper goes on in the new file.
    venue.start()
    running = outcry("history", "rebuild", str(venue.data))
    assert running.returncode == 1
    assert "stop it first" in running.stderr
    assert venue.stop() == 0
    assert rows_of(venue.data / "history.db")["progress"][0][1] > kept["progress"][0][1]
