"""A drill under way: a venue, its load, a source of chance, and what has been done and found so far.

Cases use it to wait for something, to take the venue down and up, and to know that trading works.  `look` compares what
clients were told with what they find, and `settle` in the end with the journal and with three makings of the state.
"""

import asyncio
import contextlib
import random
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from outcry.app import rebuilding
from outcry.app.drill import books
from outcry.app.drill.control import Control, DiskFault
from outcry.app.drill.load import Client, Ledger, Load
from outcry.app.drill.process import CLIENTS, cast_of
from outcry.app.drill.venue import POLL_S, DrillFailed, DrillVenue, Ended
from outcry.app.settings import Files
from outcry.history import HistoryError
from outcry.identity import Identity

WAIT_S_MAX = 60.0
EXAMPLES_MAX = 5


class Report(msgspec.Struct, frozen=True):
    """What a drill came to."""

    seed: int
    seconds: float
    kills: dict[str, int]
    """By process."""
    faults: dict[str, int]
    """By kind; those of the table only."""
    answered: int
    """Commands that clients had an answer to."""
    unanswered: int
    """Commands whose fate they had to ask for."""
    lost: int
    """Answered commands that are not there."""
    duplicates: int
    """Commands that acted more often than once."""
    entries: int
    """The journal's, in the end."""
    roots_equal: bool
    """Whether the node's start, `outcry verify` and the keeper make the same state."""
    root: str
    history_rows: int
    """Of history, all the same as the journal makes them."""
    problems: list[str]
    """Sentences about what was not as the table says."""

    @property
    def passed(self) -> bool:
        """Whether everything is as it should be."""
        return not (self.lost or self.duplicates or self.problems) and self.roots_equal and self.answered > 0


@dataclass(slots=True)
class Drill:
    """A venue with load on it, on which cases are tried."""

    venue: DrillVenue
    load: Load
    control: Control
    seed: int
    chance: random.Random
    kills: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)
    doubled: set[str] = field(default_factory=set)

    @property
    def files(self) -> Files:
        """Of the venue's data folder."""
        return self.venue.settings.files

    async def until(self, done: Callable[[], bool | Awaitable[bool]], what: str) -> None:
        """Wait until something is so.  Raises `DrillFailed`."""
        deadline = asyncio.get_running_loop().time() + WAIT_S_MAX
        while True:
            self.load.check()
            for ended in self.venue.found_ended():
                raise DrillFailed(f"while {what} was waited for, {ended.said}")
            found = done()
            if found if isinstance(found, bool) else await found:
                return
            if asyncio.get_running_loop().time() > deadline:
                raise DrillFailed(f"{what} has not come within {WAIT_S_MAX:.0f} seconds")
            await asyncio.sleep(POLL_S)

    async def until_answered(self, more: int = 20) -> None:
        """Wait until so many more commands have been answered."""
        wanted = self.load.answered + more
        await self.until(lambda: self.load.answered >= wanted, f"an answer to {more} more commands")

    async def kill(self, *roles: str) -> list[Ended]:
        """Kill these, or all."""
        ended = await self.venue.kill(*roles)
        self.kills.update(one.role for one in ended if one.role != "feed")
        return ended

    async def start(self) -> None:
        """Start what does not run.  Raises `DrillFailed` if something does not start."""
        ended = await self.venue.start()
        if ended is not None:
            raise DrillFailed(f"the venue did not start: {ended.said}")

    async def look(self, *, anew: bool = False) -> None:
        """Compare what clients were told with what is there."""
        self.load.check()
        for ended in self.venue.found_ended():
            self.problems.append(f"by itself {ended.said}")
        await self.start()
        try:
            async with asyncio.timeout(WAIT_S_MAX):
                seen = await self.load.look(anew=anew)
        except TimeoutError as problem:
            raise DrillFailed(f"the clients' questions have no answers within {WAIT_S_MAX:.0f} seconds") from problem
        self.lost.update(seen.lost)
        self.doubled.update(seen.doubled)

    async def settle(self, seconds: float) -> Report:
        """End the load, stop the venue in order, and compare everything."""
        self.control.give(DiskFault.NONE)
        await self.look(anew=True)
        await self.load.stop()
        await self.venue.stop()
        loop = asyncio.get_running_loop()
        settled = await loop.run_in_executor(None, books.settle, self.files.journal, self.load.ledgers)
        roots = await loop.run_in_executor(None, books.roots, self.files)
        rows = 0
        problems = [*self.problems, *roots.problems]
        try:
            rows = (await asyncio.to_thread(rebuilding.compare, self.files, lambda sequence: None)).rows
        except HistoryError as problem:
            problems.append(str(problem))
        problems += [*sorted(self.lost | self.doubled)[:EXAMPLES_MAX]]
        if settled.example:
            problems.append(settled.example)
        if not roots.equal:
            made = f"node {roots.node}, verify {roots.verified}, keeper {roots.keeper}"
            problems.append(f"the roots differ: {made}, at {roots.sequences}")
        return Report(
            seed=self.seed,
            seconds=round(seconds, 1),
            kills=dict(sorted(self.kills.items())),
            faults=dict(sorted(self.faults.items())),
            answered=self.load.answered,
            unanswered=sum(ledger.unanswered for ledger in self.load.ledgers),
            lost=max(settled.lost, len(self.lost)),
            duplicates=max(settled.doubled, len(self.doubled)),
            entries=roots.sequences[1],
            roots_equal=roots.equal,
            root=roots.verified,
            history_rows=rows,
            problems=problems,
        )


@contextlib.asynccontextmanager
async def running(data: Path, seed: int) -> AsyncIterator[Drill]:
    """A venue in that folder, open for trade, with its clients at work."""
    async with DrillVenue(data) as venue:
        with contextlib.closing(Identity(venue.settings.files.identity)) as identity:
            cast = cast_of(identity)
        chance = random.Random(seed)
        # Client ids are new in each drill, whatever its seed, so that a folder can be drilled again.
        began = secrets.token_hex(3)
        clients = [
            Client(venue.url, Ledger(f"{name}-{began}"), cast.credentials(name), chance.randrange(2**32))
            for name in CLIENTS
        ]
        drill = Drill(venue, Load(clients), Control(data), seed, chance)
        await drill.start()
        drill.load.start()
        try:
            await drill.until_answered()
            yield drill
        finally:
            await drill.load.abandon()
