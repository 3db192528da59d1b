"""A venue that has halted itself: what it said is kept beside its journal, and the next start says it loudly.

Who follows the journal sees the halt and leaves a mark in the data folder; it decides nothing, the journal does: every
start replays up to the halt and halts again.  Such a venue serves reads, and every door that commands refuses.
"""

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

import httpx
import msgspec

from outcry.app.readiness import HALTED
from outcry.app.settings import Files
from outcry.engine.engine import Engine
from outcry.journal.files import write_whole
from outcry.protocol.layout import EventKind, Fault
from outcry.protocol.wire import Entry, Event

log = logging.getLogger("outcry.app")

ANSWER_S_MAX = 5.0
MARK_POLLS = 100
POLL_S = 0.1
NOTHING_TAKEN = (
    "nothing is taken any more, what is there can be read; find out why with `outcry verify {folder}` and "
    "`outcry audit {folder}`, and keep the folder as it is"
)


class Halt(msgspec.Struct, frozen=True):
    """What a venue said when it stopped itself."""

    sequence: int
    fault: str
    subject: int
    """The currency's or instrument's number."""
    found: int
    expected: int

    def __str__(self) -> str:
        return (
            f"the venue halted itself at sequence {self.sequence:,}: {self.fault} of {self.subject}: "
            f"found {self.found:,}, expected {self.expected:,}"
        )


def halt_in(events: Sequence[Event]) -> Halt | None:
    """What is said there of a halt, if anything is."""
    for head, record in events:
        if head.kind == EventKind.HALTED:
            known = record.fault in list(Fault)
            name = Fault(record.fault).name if known else f"fault {record.fault}"
            return Halt(head.sequence, name, record.subject, record.found, record.expected)
    return None


class HaltMark:
    """An observer that leaves the mark.  Looks at events only once the engine has halted."""

    def __init__(self, engine: Engine, path: Path) -> None:
        self._engine = engine
        self._path = path
        self._told = False

    def observe(self, entry: Entry, events: Sequence[Event]) -> None:
        """An entry has been applied."""
        if self._told or not self._engine.halted:
            return
        halt = halt_in(events)
        if halt is not None:
            self._told = True
            log.critical("%s", halt)
            write_whole(self._path, msgspec.json.encode(halt) + b"\n")


async def has_halted(url: str) -> bool:
    """Whether a venue that answers there says that it has halted."""
    async with httpx.AsyncClient(timeout=ANSWER_S_MAX) as client:
        try:
            told = await client.get(f"{url}/outcry/v1/ready")
        except httpx.HTTPError:
            return False
    return HALTED in told.json()["reasons"]


async def sentences(files: Files) -> list[str]:
    """What somebody who starts a halted venue has to know.  Waits a little for whoever follows the journal."""
    for _ in range(MARK_POLLS):
        if files.halted.exists():
            break
        await asyncio.sleep(POLL_S)
    else:
        return ["the venue has halted itself", NOTHING_TAKEN.format(folder=files.folder)]
    halt = msgspec.json.decode(files.halted.read_bytes(), type=Halt)
    return [
        str(halt),
        NOTHING_TAKEN.format(folder=files.folder),
        f"a venue that goes on from before it: `outcry fork {files.folder} --at {halt.sequence - 1} --into FOLDER`",
    ]
