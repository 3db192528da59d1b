"""Kill -9 of all of `outcry up`, again and again, while eight clients trade on the demo's market.

The clients are the drill's (tests/faults has more kills, of its own processes one by one).  After each restart every
answered order is found by its client id with the order id it was answered with, and nothing has acted twice: sent again
an id is a duplicate, there is one row for it, and its fills are no more than was ordered.  In the end the journal has
all that was answered, and `outcry replay` and `outcry verify` come to the same root.
"""

import asyncio
import random
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from outcry.app.drill import books
from outcry.app.drill.load import Client, Ledger, Load, Seen
from outcry.client import Credentials
from outcry.client.signing import signed_headers
from tests.venue import Venue, outcry

pytestmark = pytest.mark.venue

CLIENTS = 8
KILLS = 4
ANSWERED = 60
ANSWERED_S = 60.0


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[Venue]:
    """A venue of its own, because it is killed."""
    running = Venue(tmp_path / "data", ["--seed", "11"])
    running.start()
    yield running
    running.kill()


def load_of(venue: Venue) -> Load:
    users = venue.users
    keys = [Credentials(user.key, user.secret) for user in users]
    return Load([Client(venue.url, Ledger(f"k{n}"), keys[n % len(keys)], n) for n in range(CLIENTS)])


async def killed_again_and_again(venue: Venue, load: Load) -> None:
    chance = random.Random(20)
    load.start()
    for _ in range(KILLS):
        wanted = load.answered + ANSWERED
        async with asyncio.timeout(ANSWERED_S):
            while load.answered < wanted:
                load.check()
                await asyncio.sleep(0.02)
        await asyncio.sleep(chance.random())
        venue.kill()
        await asyncio.to_thread(venue.start)
        assert await load.look() == Seen()
        await asyncio.to_thread(check_fills, venue)
        assert httpx.get(f"{venue.url}/outcry/v1/law", timeout=10).json()["adds_up"]
    await load.stop()


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


def roots_in(text: str) -> list[str]:
    return re.findall(r"\b[0-9a-f]{64}\b", text)


def test_nothing_answered_is_lost_and_nothing_acts_twice(venue: Venue, tmp_path: Path) -> None:
    load = load_of(venue)
    asyncio.run(killed_again_and_again(venue, load))
    assert all(ledger.answered for ledger in load.ledgers)
    venue.kill()
    killed = tmp_path / "copy"
    shutil.copytree(venue.data, killed, ignore=shutil.ignore_patterns("*.sock"))
    assert books.settle(killed / "journal", load.ledgers) == books.Settled(0, 0)
    venue.start()
    assert venue.stop() == 0
    for folder in (killed, venue.data):
        replayed, verified = outcry("replay", str(folder)), outcry("verify", str(folder))
        assert replayed.returncode == 0, replayed.stdout + replayed.stderr
        assert verified.returncode == 0, verified.stdout + verified.stderr
        assert roots_in(replayed.stdout)[-1:] == roots_in(verified.stdout)[-1:] != []
