"""Kill -9 of the whole venue, again and again, while eight clients trade.

Every client keeps a list of the orders that were answered and of those whose fate it does not know.  After each
restart every answered order is found by its client id with the order id it was answered with, and nothing has acted
twice: sent again an id is a duplicate, there is one row for it, and its fills are no more than was ordered.  In the end
`outcry replay` and `outcry verify` come to the same root.
"""

import asyncio
import random
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from outcry.client import BadRequest, ClientError, Credentials, Order, Overloaded, RateLimited, Unreachable, VenueClient
from outcry.client.signing import signed_headers
from tests.venue import Venue, outcry

pytestmark = pytest.mark.venue

CLIENTS = 8
KILLS = 20
SYMBOL = "XBTUSD"
QUANTITY = 100
ASKED_AT_ONCE = 25
OPEN_S = 30.0
ANSWERED_S = 30.0


@dataclass
class Ledger:
    """What one client knows of its own orders."""

    answered: dict[str, Order] = field(default_factory=dict)
    in_doubt: set[str] = field(default_factory=set)


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[Venue]:
    """A venue of its own, because it is killed."""
    running = Venue(tmp_path / "data", ["--seed", "11"])
    running.start()
    yield running
    running.kill()


def client_of(venue: Venue, place: int) -> VenueClient:
    user = venue.users[place % len(venue.users)]
    return VenueClient(venue.url, Credentials(user.key, user.secret), attempts=8, timeout_s=10)


async def trade(venue: Venue, place: int, ledger: Ledger, lot_of_chance: random.Random) -> None:
    """Place orders until the venue is gone: most rest far away, some take."""
    async with client_of(venue, place) as client:
        number = 0
        while True:
            number += 1
            name = f"k{place}-{len(ledger.answered) + len(ledger.in_doubt)}-{lot_of_chance.randrange(10**9)}"
            takes = lot_of_chance.randrange(4) == 0
            side = lot_of_chance.choice(("Buy", "Sell"))
            price = None if takes else Decimal(20_000 if side == "Buy" else 200_000)
            try:
                order = await client.place(SYMBOL, side, QUANTITY, price=price, client_id=name)
            except Unreachable:
                ledger.in_doubt.add(name)
                return
            except Overloaded:
                ledger.in_doubt.add(name)
                continue
            except RateLimited:
                continue
            ledger.answered[name] = order
            if number % 10 == 0 and not takes:
                await cancelled(client, order)


async def cancelled(client: VenueClient, order: Order) -> None:
    """Cancel it, if there is still somebody to ask."""
    try:
        await client.cancel(order_ids=[order.order_id])
    except ClientError:
        return


async def trade_until_killed(venue: Venue, ledgers: list[Ledger], chance: random.Random) -> None:
    """All clients at once, and the kill in the middle of it: a while after each has had an answer."""
    before = [len(ledger.answered) for ledger in ledgers]
    seeds = [random.Random(chance.randrange(2**32)) for _ in ledgers]
    tasks = [
        asyncio.create_task(trade(venue, place, ledger, seed))
        for place, (ledger, seed) in enumerate(zip(ledgers, seeds, strict=True))
    ]
    async with asyncio.timeout(ANSWERED_S):
        while any(len(ledger.answered) == then for ledger, then in zip(ledgers, before, strict=True)):
            await asyncio.sleep(0.05)
    await asyncio.sleep(0.2 + chance.random())
    venue.kill()
    await asyncio.gather(*tasks)


async def check_answered(venue: Venue, ledgers: list[Ledger], since: list[int]) -> None:
    """Every answered order from those places on is there once, with the id it was answered with."""
    for place, ledger in enumerate(ledgers):
        names = list(ledger.answered)[since[place] :]
        async with client_of(venue, place) as client:
            for start in range(0, len(names), ASKED_AT_ONCE):
                asked = names[start : start + ASKED_AT_ONCE]
                rows = await client.orders(client_ids=asked)
                found = Counter(row.client_id or "" for row in rows)
                assert found == Counter(asked), f"answered and lost or doubled: {Counter(asked) - found or found}"
                for row in rows:
                    assert row.client_id is not None
                    assert row.order_id == ledger.answered[row.client_id].order_id


async def check_acts_once(venue: Venue, ledgers: list[Ledger]) -> None:
    """An answered id sent again is a duplicate; one in doubt acts now or has acted, and there is one row for it."""
    for place, ledger in enumerate(ledgers):
        async with client_of(venue, place) as client:
            if ledger.answered:
                with pytest.raises(BadRequest, match="Duplicate clOrdID"):
                    await client.place(
                        SYMBOL, "Buy", QUANTITY, price=Decimal(20_000), client_id=list(ledger.answered)[-1]
                    )
            for name in sorted(ledger.in_doubt):
                try:
                    await client.place(SYMBOL, "Buy", QUANTITY, price=Decimal(20_000), client_id=name)
                except BadRequest as error:
                    if error.message != "Duplicate clOrdID":
                        raise
                rows = await client.orders(client_ids=[name])
                assert [row.client_id for row in rows] == [name]
                ledger.answered[name] = rows[0]
            ledger.in_doubt.clear()


def executions_of(venue: Venue, place: int) -> list[dict[str, Any]]:
    """The latest fills of a user, asked for as a stranger would."""
    user = venue.users[place]
    target = "/api/v1/execution/tradeHistory?count=500&reverse=true"
    headers = signed_headers(Credentials(user.key, user.secret), "GET", target.encode(), 2**32, b"")
    answer = httpx.get(venue.url + target, headers=headers, timeout=10)
    assert answer.status_code == 200
    return msgspec.json.decode(answer.content, type=list[dict[str, Any]])


def check_fills(venue: Venue) -> None:
    """No execution is told twice, and no order has filled beyond its quantity."""
    for place in range(len(venue.users)):
        rows = executions_of(venue, place)
        assert len({row["execID"] for row in rows}) == len(rows)
        filled: Counter[str] = Counter()
        for row in rows:
            filled[row["orderID"]] += row["lastQty"]
            assert filled[row["orderID"]] <= row["orderQty"]


async def until_open(venue: Venue) -> None:
    """After a pause only cancels are taken until prices are fresh; `ready` comes when trading works."""
    async with client_of(venue, 0) as client:
        for _ in range(int(OPEN_S / 0.2)):
            row = await client.instrument(SYMBOL)
            if row is not None and row.bid_price is not None and row.ask_price is not None:
                return
            await asyncio.sleep(0.2)
    raise AssertionError("nobody quotes after the restart")


def roots_in(text: str) -> list[str]:
    return re.findall(r"\b[0-9a-f]{64}\b", text)


def test_nothing_answered_is_lost_and_nothing_acts_twice(venue: Venue, tmp_path: Path) -> None:
    chance = random.Random(20)
    ledgers = [Ledger() for _ in range(CLIENTS)]
    asyncio.run(until_open(venue))
    for _ in range(KILLS):
        since = [len(ledger.answered) for ledger in ledgers]
        asyncio.run(trade_until_killed(venue, ledgers, chance))
        assert all(len(ledger.answered) > before for ledger, before in zip(ledgers, since, strict=True))
        venue.start()
        asyncio.run(check_answered(venue, ledgers, since))
        asyncio.run(check_acts_once(venue, ledgers))
        check_fills(venue)
        assert httpx.get(f"{venue.url}/outcry/v1/law", timeout=10).json()["adds_up"]

    asyncio.run(check_answered(venue, ledgers, [0] * CLIENTS))

    venue.kill()
    killed = tmp_path / "copy"
    shutil.copytree(venue.data, killed, ignore=shutil.ignore_patterns("*.sock"))
    venue.start()
    assert venue.stop() == 0
    for folder in (killed, venue.data):
        replayed, verified = outcry("replay", str(folder)), outcry("verify", str(folder))
        assert replayed.returncode == 0, replayed.stdout + replayed.stderr
        assert verified.returncode == 0, verified.stdout + verified.stderr
        assert roots_in(replayed.stdout)[-1:] == roots_in(verified.stdout)[-1:] != []
