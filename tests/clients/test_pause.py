"""A venue after a pause, as a stranger sees it: only cancels at first, then trading at fresh prices, nothing made up.

The venue is a fork of a recorded journal, so that the pause is as long as that is old, over many funding stamps.
"""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
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
OPEN_S = 60.0
"""Only an open venue is left earlier; on a busy machine the first prices take their time."""


@dataclass(slots=True)
class Funded:
    """An instrument's next stamp that nothing was said of, and the time between two."""

    due_ns: int
    interval_ns: int

    def passed(self, time_ns: int) -> tuple[int, int, int] | None:
        """The stamps up to then, as how many, the first and the last; they are not due any more (FND-06)."""
        stamps = list(range(self.due_ns, time_ns + 1, self.interval_ns))
        self.due_ns += len(stamps) * self.interval_ns
        return (len(stamps), stamps[0], stamps[-1]) if stamps else None


@dataclass(frozen=True, slots=True)
class Step:
    """An entry of the node, and what it came to."""

    kind: CommandKind
    time_ns: int
    cancel_only: bool
    """Before it."""
    events: list[wire.Event]

    def listed(self) -> list[tuple[int, tuple[int, int, int]]]:
        """The fundings that are said to be skipped: instrument, how many, the first and the last stamp."""
        told = [one.record for one in self.events if one.head.kind == EventKind.FUNDING_SKIPPED]
        return [(one.instrument, (one.stamps, one.first_ns, one.last_ns)) for one in told]


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[tuple[Venue, forking.NewKey, dict[int, Funded]]]:
    """A fork that does not run yet, a key to an account with a resting order, and the stamps of its instruments."""
    engine = record(tmp_path / "original" / "journal")
    tables = engine.tables
    account = next(at for at in used(tables, TableNumber.ACCOUNTS_TABLE) if at >= 8 and list(orders_of(tables, at)))
    made = forking.fork(Files(tmp_path / "original"), tmp_path / "fork", 0, lambda sequence: None, [account])
    rows = {at: tables.instruments[at] for at in used(tables, TableNumber.INSTRUMENTS_TABLE)}
    stamped = {at: (row.next_funding_ns, row.funding_interval_ns) for at, row in rows.items()}
    fork = Venue(tmp_path / "fork")
    try:
        yield fork, made.keys[0], {at: Funded(*terms) for at, terms in stamped.items() if terms[0]}
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


def happened(data: Path) -> tuple[list[int], list[Step]]:
    """How long each pause was in nanoseconds, and every entry of the node, in order."""
    engine, pauses = Engine(), []
    steps: list[Step] = []
    for frame in read_frames(data / "journal"):
        for piece in wire.entry_slices(frame.body):
            entry = next(wire.entries_of(piece))
            if entry.head.kind == CommandKind.RESUME:
                pauses.append(entry.record.paused_ns)
            before = bool(engine.tables.venue.cancel_only)
            events = list(wire.events_of(engine.apply(piece)))
            steps.append(Step(CommandKind(entry.head.kind), entry.head.time_ns, before, events))
    return pauses, steps


def test_after_a_pause_only_cancels_then_trading(venue: tuple[Venue, forking.NewKey, dict[int, Funded]]) -> None:
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
    pauses, steps = happened(fork.data)
    assert len(pauses) == before + 2
    assert pauses[-2] > 365 * 24 * 3_600 * 10**9 > pauses[-1] > 5 * 10**9
    resumed = [at for at, step in enumerate(steps) if step.kind == CommandKind.RESUME]
    after = steps[resumed[-2] :]
    opened = next(at for at, step in enumerate(after) if step.kind == CommandKind.CONSTITUENT_PRICE)
    # Until there are prices every stamp that has passed is listed, once, by the first entry that may: the stamps of
    # years by the first resume, and one that falls into what follows, which is shorter, by whatever comes next.
    for step in after[:opened]:
        expected = []
        if step.kind == CommandKind.RESUME or (step.kind == CommandKind.TICK and step.cancel_only):
            passed = {number: one.passed(step.time_ns) for number, one in stamped.items()}
            expected = [(number, found) for number, found in passed.items() if found is not None]
        assert step.listed() == expected, step
    assert len(after[0].listed()) == len(stamped) > 0
    # Nothing is funded or taken over at the prices of then.
    silent = {EventKind.FUNDING_FIXED, EventKind.FUNDED, EventKind.TAKEN_OVER, EventKind.LIQUIDATION_STEP}
    assert not silent & {event.head.kind for step in after[:opened] for event in step.events}
    verified = outcry("verify", str(fork.data))
    assert verified.returncode == 0, verified.stdout + verified.stderr
