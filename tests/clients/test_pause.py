"""A venue after a pause, as a stranger sees it: only cancels at first, then trading at fresh prices, nothing made up.

The venue is a fork of a recorded journal, so that the pause is as long as that is old, over many funding stamps.
"""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from outcry.app import forking
from outcry.app.settings import Files
from outcry.client import Credentials, Refused, VenueClient
from outcry.engine.engine import Engine
from outcry.engine.reading import orders_of, used
from outcry.journal.reading import read_frames
from outcry.protocol import wire
from outcry.protocol.layout import CommandKind, EventKind, TableNumber
from tests.app.recorded import record
from tests.venue import Venue, outcry

CANCEL_ONLY = "Service unavailable: the venue is resuming, only cancels are accepted."
OPEN_S = 20.0


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[tuple[Venue, forking.NewKey, int]]:
    """A fork that does not run yet, a key to an account with a resting order, and how many instruments have stamps."""
    engine = record(tmp_path / "original" / "journal")
    tables = engine.tables
    account = next(at for at in used(tables, TableNumber.ACCOUNTS_TABLE) if at >= 8 and list(orders_of(tables, at)))
    made = forking.fork(Files(tmp_path / "original"), tmp_path / "fork", 0, lambda sequence: None, [account])
    stamped = [at for at in used(tables, TableNumber.INSTRUMENTS_TABLE) if tables.instruments[at].next_funding_ns]
    fork = Venue(tmp_path / "fork")
    try:
        yield fork, made.keys[0], len(stamped)
    finally:
        fork.kill()


def law(url: str) -> dict[str, object]:
    answer = httpx.get(f"{url}/outcry/v1/law").json()
    assert isinstance(answer, dict)
    return answer


async def asked(url: str, key: forking.NewKey, opened: bool) -> int:
    """Orders are refused or taken, cancels pass; how many orders were cancelled."""
    async with VenueClient(url, Credentials(key.key, key.secret), attempts=1) as client:
        book = await client.book("XBTUSD", 1)
        assert isinstance(book, list)
        row = await client.instrument("XBTUSD")
        assert row is not None
        price = row.mark_price
        assert price is not None
        bid = (price * 9 // 10).quantize(price) // 1
        if opened:
            placed = await client.place("XBTUSD", "Buy", 100, price=bid)
            assert placed.status == "New"
            return len(await client.cancel_all())
        with pytest.raises(Refused) as caught:
            await client.place("XBTUSD", "Buy", 100, price=bid)
        assert (caught.value.status, caught.value.message) == (503, CANCEL_ONLY)
        return len(await client.cancel_all())


def happened(data: Path) -> tuple[list[int], list[tuple[CommandKind, EventKind]]]:
    """How long each pause was in nanoseconds, and every event of an entry of the node, in order."""
    engine, pauses = Engine(), []
    told: list[tuple[CommandKind, EventKind]] = []
    for frame in read_frames(data / "journal"):
        for entry in wire.entries_of(frame.body):
            if entry.head.kind == CommandKind.RESUME:
                pauses.append(entry.record.paused_ns)
        for piece in wire.entry_slices(frame.body):
            kind = CommandKind(next(wire.entries_of(piece)).head.kind)
            told += [(kind, EventKind(event.head.kind)) for event in wire.events_of(engine.apply(piece))]
    return pauses, told


def test_after_a_pause_only_cancels_then_trading(venue: tuple[Venue, forking.NewKey, int]) -> None:
    fork, key, stamped = venue
    before = len(happened(fork.data)[0])
    without_prices = Venue(fork.data, ["--empty"])
    try:
        without_prices.start()
        assert law(without_prices.url)["cancel_only"] is True
        # What rested is still there, and can be taken back.
        assert asyncio.run(asked(without_prices.url, key, opened=False)) >= 1
        assert law(without_prices.url)["cancel_only"] is True
        assert without_prices.stop() == 0
    finally:
        without_prices.kill()
    time.sleep(5.5)
    fork.start()
    deadline = time.monotonic() + OPEN_S
    while law(fork.url)["cancel_only"]:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert asyncio.run(asked(fork.url, key, opened=True)) == 1
    assert fork.stop() == 0
    pauses, told = happened(fork.data)
    assert len(pauses) == before + 2
    assert pauses[-2] > 365 * 24 * 3_600 * 10**9 > pauses[-1] > 5 * 10**9
    last = [at for at, one in enumerate(told) if one == (CommandKind.RESUME, EventKind.RESUMED)]
    after = told[last[-2] :]
    # The stamps of years are listed, once an instrument, and nothing is funded or taken over at the prices of then.
    assert after.count((CommandKind.RESUME, EventKind.FUNDING_SKIPPED)) == stamped
    opened = next(at for at, (kind, event) in enumerate(after) if kind == CommandKind.CONSTITUENT_PRICE)
    silent = {EventKind.FUNDING_FIXED, EventKind.FUNDED, EventKind.TAKEN_OVER, EventKind.LIQUIDATION_STEP}
    assert not silent & {event for _, event in after[:opened]}
    verified = outcry("verify", str(fork.data))
    assert verified.returncode == 0, verified.stdout + verified.stderr
