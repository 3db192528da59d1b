"""How each fault is made and what is observed: on a running venue, at a start, and on a venue that stands still.

First what befalls a running venue (kills, the disk, the clock, a second writer), then damage to files and a start on
them.  `tried` carries a case out, compares it with its row, and leaves the venue running as before; what does not fit
is a sentence among the drill's problems.
"""

import asyncio
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from outcry.app import checking, rebuilding
from outcry.app.drill import damage
from outcry.app.drill.control import DiskFault
from outcry.app.drill.process import ROLES
from outcry.app.drill.running import Drill
from outcry.app.drill.table import Outcome, Row
from outcry.app.drill.venue import DrillFailed, Ended, at_once
from outcry.app.settings import Files
from outcry.app.supervise import VenueFailed, hold
from outcry.engine.engine import Engine
from outcry.history import HistoryError
from outcry.identity.sealing import FILE_NAME as VENUE_KEY
from outcry.journal.errors import JournalError, SecondWriter
from outcry.journal.files import COMPRESSED
from outcry.journal.signing import FILE_NAME as SIGNING_KEY
from outcry.node.recovery import recover

Observed = tuple[Outcome, str]
Try = Callable[[Drill], Awaitable[Observed]]
HISTORY = ("history.db", "history.db-wal", "history.db-shm")
KEPT = ("journal", "snapshots", "gateway.state", "keeper.state", "identity.db", VENUE_KEY, SIGNING_KEY, *HISTORY)
"""What is put back after a start was refused."""


@dataclass(frozen=True, slots=True)
class Case:
    """A fault, what is expected, and how it is made."""

    row: Row
    attempt: Try
    unread_segments: int = 0
    """So many closed segments must lie before the newest snapshot, or there is nothing to try it on."""

    def possible(self, files: Files) -> bool:
        """Whether there is something to try it on."""
        return len(damage.unread(files)) >= self.unread_segments


def killed(*roles: str, outcome: Outcome = Outcome.ENDS) -> Try:
    """Kill processes, and start them again."""

    async def attempt(drill: Drill) -> Observed:
        ended = await drill.kill(*roles)
        await drill.start()
        return outcome, ended[0].said if ended else "nothing was there to be killed"

    return attempt


def struck(fault: DiskFault) -> Try:
    """The disk fails once, and the node with it."""

    async def attempt(drill: Drill) -> Observed:
        drill.control.give(fault)
        ended = await drill.venue.ended("node")
        drill.control.give(DiskFault.NONE)
        await drill.start()
        return Outcome.ENDS if ended.status == 1 else Outcome.GOES_ON, ended.said

    return attempt


async def short_writes(drill: Drill) -> Observed:
    """The disk takes a little at a time."""
    drill.control.give(DiskFault.SHORT)
    await drill.until_answered(100)
    drill.control.give(DiskFault.NONE)
    return Outcome.GOES_ON, drill.venue.words("node")


async def full(drill: Drill) -> Observed:
    """The disk has no room for a while."""
    before = len(drill.venue.words("node"))
    drill.control.give(DiskFault.FULL)
    await drill.until(lambda: "nearly full" in drill.venue.words("node")[before:], "a word about the full disk")
    unanswered = sum(ledger.unanswered for ledger in drill.load.ledgers)
    await drill.until(
        lambda: sum(ledger.unanswered for ledger in drill.load.ledgers) > unanswered, "a command that is refused"
    )
    drill.control.give(DiskFault.NONE)
    await drill.until_answered()
    return Outcome.GOES_ON, " ".join(drill.venue.words("node")[before:].split())


def clock_moved(nanoseconds: int, word: str) -> Try:
    """The clock of the node jumps; what it says of that."""

    async def attempt(drill: Drill) -> Observed:
        before = len(drill.venue.words("node"))
        drill.control.give(move_ns=nanoseconds)
        await drill.until(lambda: word in drill.venue.words("node")[before:], f"a word about the clock ({word})")
        await drill.until_answered()
        if nanoseconds < 0:
            drill.control.give(move_ns=-nanoseconds)
        return Outcome.GOES_ON, drill.venue.words("node")[before:]

    return attempt


async def second_venue(drill: Drill) -> Observed:
    """Another `outcry up` on the folder."""
    try:
        await hold(drill.venue.settings, at_once())
    except VenueFailed as problem:
        return Outcome.REFUSED, str(problem)
    return Outcome.STARTS, ""


async def second_writer(drill: Drill) -> Observed:
    """Another node on the journal, past the lock of the folder."""
    loop = asyncio.get_running_loop()
    try:
        await loop.run_in_executor(None, recover, drill.venue.data, Engine, time.time_ns())
    except SecondWriter as problem:
        return Outcome.REFUSED, str(problem)
    return Outcome.STARTS, ""


@dataclass(frozen=True, slots=True)
class Damaged:
    """Damage to the files of a stopped venue, and a start on them."""

    damage_it: damage.Damage
    role: str = "node"
    """Whose words count when it starts."""
    examine: Outcome = Outcome.STARTS
    """Which command looks at the files when it starts without a word."""
    in_history: bool = False
    """Whether history is what is damaged, so that a rebuild mends it."""

    async def __call__(self, drill: Drill) -> Observed:
        """Stop the venue, try, and have all of it running again, under load throughout."""
        await drill.venue.stop()
        with tempfile.TemporaryDirectory(dir=drill.venue.data) as folder:
            kept = Path(folder)
            keep(drill.venue.data, kept)
            try:
                self.damage_it(drill.files, drill.chance)
            except damage.NothingThere:
                await drill.start()
                raise
            ended = await drill.venue.start()
            observed = self._observed(drill, ended)
            if ended is not None:
                await drill.venue.kill()
                put_back(drill.venue.data, kept, HISTORY if self.in_history else ())
            elif self.examine is not Outcome.STARTS:
                await drill.kill()
                observed = examined(drill, self.examine)
                put_back_closed(drill.venue.data, kept)
            if self.in_history:
                await drill.venue.kill()
                await asyncio.to_thread(rebuilding.renew, drill.files, lambda sequence: None)
        await drill.start()
        return observed

    async def on_stopped(self, drill: Drill) -> Observed:
        """The same where nothing runs and nobody trades: only who has to speak is started, and all is put back."""
        with tempfile.TemporaryDirectory(dir=drill.venue.data) as folder:
            kept = Path(folder)
            keep(drill.venue.data, kept)
            self.damage_it(drill.files, drill.chance)
            ended = await drill.venue.start("node", self.role)
            observed = self._observed(drill, ended)
            await drill.venue.kill()
            if self.examine is not Outcome.STARTS and ended is None:
                observed = examined(drill, self.examine)
            put_back(drill.venue.data, kept)
        return observed

    def _observed(self, drill: Drill, ended: Ended | None) -> Observed:
        if ended is None:
            return Outcome.STARTS, drill.venue.words(self.role)
        return Outcome.REFUSED if ended.status > 0 else Outcome.ENDS, ended.said


def examined(drill: Drill, how: Outcome) -> Observed:
    """What `outcry verify`, or `outcry history check`, says of the folder."""
    try:
        if how is Outcome.VERIFY:
            checking.verify(drill.files.journal, lambda sequence: None)
        else:
            rebuilding.compare(drill.files, lambda sequence: None)
    except (JournalError, HistoryError) as problem:
        return how, str(problem)
    return Outcome.STARTS, "nothing is found"


def keep(data: Path, kept: Path) -> None:
    """Copy everything that may be damaged."""
    for name in KEPT:
        path = data / name
        if path.is_dir():
            shutil.copytree(path, kept / name)
        elif path.exists():
            shutil.copy(path, kept / name)


def put_back(data: Path, kept: Path, spared: Sequence[str] = ()) -> None:
    """Put back what was kept, and nothing else; the spared stay as they are."""
    for name in KEPT:
        if name in spared:
            continue
        path = data / name
        if path.is_dir():
            shutil.rmtree(path)
        path.unlink(missing_ok=True)
        if (kept / name).is_dir():
            shutil.copytree(kept / name, path)
        elif (kept / name).exists():
            shutil.copy(kept / name, path)


def put_back_closed(data: Path, kept: Path) -> None:
    """Put back what has not been written since: the closed segments."""
    for old in (kept / "journal").glob("*" + COMPRESSED):
        shutil.copy(old, data / "journal" / old.name)


async def tried(drill: Drill, case: Case) -> None:
    """Carry out a case and compare; afterwards the venue trades again."""
    fault = case.row.fault
    try:
        observed = await case.attempt(drill)
    except damage.NothingThere:
        return
    drill.faults[fault] += 1
    compare(drill, case.row, *observed)
    if set(drill.venue.running) != set(ROLES):
        raise DrillFailed(f"after {fault} there run only {sorted(drill.venue.running)}")


def compare(drill: Drill, row: Row, outcome: Outcome, said: str) -> None:
    """Note it where what happened is not what the row says."""
    if not row.fits(outcome, said):
        drill.problems.append(
            f"{row.fault}: expected was `{row.outcome}` with `{row.says}`, what happened is `{outcome}` with: "
            f"{' '.join(said.split())[-600:] or 'nothing'}"
        )
