"""The keeper's full check of the laws: every numbered invariant over all rows, again and again while a venue runs.

A copy of the whole state, derived tables included, is made between two frames; the check runs over it in a thread,
which the interpreter lets go every few milliseconds, so that the keeper follows the journal meanwhile.  How often
depends on how long it takes: it takes a twentieth of the keeper's time at most, and a check begins at most once a
minute.  A breach ends the keeper and with it the venue, and leaves a mark that keeps the next start from building on
it before somebody has looked.

Known limits: what breaks and is mended between two checks is not seen here (the engine's own check after each entry
and the auditor see that); the check is plain Python, some ten microseconds a row (docs/operating/audit.md).
"""

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import msgspec

from outcry.app.settings import Files
from outcry.engine.breaches import Breach
from outcry.engine.engine import Engine
from outcry.engine.invariants import breaches
from outcry.journal.files import write_whole

log = logging.getLogger("outcry.laws")

PERIOD_S = 60.0
SHARE = 0.05
"""Of the keeper's time, at most, that checking may take."""
NAMED_MAX = 5


class LawBroken(Exception):
    """An invariant does not hold in the state of a replica; the message has both numbers."""


@dataclass(frozen=True, slots=True)
class Looked:
    """One check that is over."""

    sequence: int
    seconds: float
    copied_seconds: float
    breaches: tuple[Breach, ...]


def look(state: Engine) -> tuple[Breach, ...]:
    """Every invariant over all rows."""
    return tuple(breaches(state.tables))


class Watching:
    """Checks an engine now and then.  Lives in the event loop that the engine lives in."""

    def __init__(
        self,
        engine: Engine,
        files: Files,
        period_s: float = PERIOD_S,
        check: Callable[[Engine], tuple[Breach, ...]] = look,
    ) -> None:
        self._engine, self._files, self._period_s, self._check = engine, files, period_s, check
        self.last: Looked | None = None
        """What was found last."""

    async def run(self) -> None:
        """Check for ever.  Raises `LawBroken`, having left the mark for the next start."""
        with ThreadPoolExecutor(1, "laws") as thread:
            while True:
                await asyncio.sleep(self.pause_s())
                # A halted venue has said itself what is broken, and its rows are as the breach left them.
                if self._engine.sequence and not self._engine.halted:
                    await self.once(thread)

    def pause_s(self) -> float:
        """How long to wait: longer when the last check took long."""
        took = self.last.seconds if self.last is not None else 0.0
        return max(self._period_s, took / SHARE)

    async def once(self, thread: ThreadPoolExecutor) -> Looked:
        """One check over a copy of this moment.  Raises `LawBroken`."""
        begun = time.perf_counter()
        state = self._engine.whole_copy()
        copied = time.perf_counter()
        found = await asyncio.get_running_loop().run_in_executor(thread, self._check, state)
        self.last = Looked(state.sequence, time.perf_counter() - copied, copied - begun, found)
        if found:
            sentence = sentence_of(self.last)
            content = msgspec.json.encode({"sequence": state.sequence, "sentence": sentence, "breaches": found})
            try:
                write_whole(self._files.broken_law, content + b"\n")
            except OSError as problem:
                # The venue stops all the same; only the next start does not know of it.
                log.error("%s could not be written: %s", self._files.broken_law, problem)
            raise LawBroken(sentence)
        return self.last


def sentence_of(looked: Looked) -> str:
    """What does not hold, with both numbers."""
    told = [
        f"{one.invariant} {one.subject}: {one.what}: found {one.found:,}, expected {one.expected:,}"
        for one in looked.breaches[:NAMED_MAX]
    ]
    more = len(looked.breaches) - len(told)
    return f"the books do not add up at sequence {looked.sequence}: {'; '.join(told)}" + (
        f"; and {more} more" if more else ""
    )


def settle_breach(files: Files) -> None:
    """Refuse to start where a full check has found a breach and nobody has looked yet.  Raises `LawBroken`."""
    if files.broken_law.exists():
        said = msgspec.json.decode(files.broken_law.read_bytes())
        raise LawBroken(
            f"{said['sentence']} (found by the keeper before this venue stopped). Run `outcry verify {files.folder}` "
            f"and `outcry audit {files.folder}`: if they find the same, keep the folder and do not go on; if they find "
            f"all in order, the keeper's memory was wrong: remove {files.keeper_state} and {files.broken_law} and start"
        )
