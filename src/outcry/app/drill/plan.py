"""A drill from an empty folder to a verdict: faults drawn by a seed, one after the other, while clients trade.

Two of three are kills at random moments, the others are drawn from the rest of the table.  The same seed draws the same
faults; at which command each strikes depends on the machine.  The folder is the drill's own: one that was made for it
is removed when nothing was found wrong, one that was named stays, and a venue's folder is refused.
"""

import asyncio
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from outcry.app.drill import control
from outcry.app.drill.attempts import Case, tried
from outcry.app.drill.cases import CASES, KILLS
from outcry.app.drill.running import Drill, Report, running
from outcry.app.drill.venue import DrillFailed
from outcry.app.supervise import VenueFailed
from outcry.client import ClientError
from outcry.journal.errors import JournalError
from outcry.node.replica import ReplicaDiverged

Say = Callable[[str], None]
KILLS_OF_THREE = 2
PAUSE_S_MAX = 0.4
LOOK_EVERY = 5
PROGRESS_S = 10.0
FAILURES = (DrillFailed, VenueFailed, ClientError, JournalError, ReplicaDiverged)
"""What ends a drill at once."""


class DrillRefused(Exception):
    """This drill cannot be made; the message says why."""


@dataclass(frozen=True, slots=True)
class Options:
    """How long, how, and where."""

    minutes: float = 5.0
    seed: int = 1
    data: Path | None = None
    kills: int = 0
    """End after so many processes were killed, whatever the time; 0 for the time alone."""
    cases: Sequence[Case] = tuple(CASES)
    pause_s_max: float = PAUSE_S_MAX
    look_every: int = LOOK_EVERY


def run(options: Options, say: Say) -> Report:
    """The drill, to its end.  Raises `DrillRefused`."""
    folder = folder_of(options)
    try:
        report = asyncio.run(drill(folder, options, say))
    except KeyboardInterrupt:
        say(f"folder    {folder}")
        raise
    if report.passed and options.data is None:
        shutil.rmtree(folder)
    else:
        say(f"folder    {folder}")
    return report


def folder_of(options: Options) -> Path:
    """The folder, made if it is not there.  Raises `DrillRefused`."""
    if options.data is None:
        return Path(tempfile.mkdtemp(prefix="outcry-drill-"))
    folder = options.data
    if folder.exists() and (not folder.is_dir() or (any(folder.iterdir()) and not (folder / control.NAME).exists())):
        raise DrillRefused(f"{folder} is not empty and no drill's folder: a drill damages files, so name another")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    control.Control(folder).give(control.DiskFault.NONE)
    return folder


async def drill(folder: Path, options: Options, say: Say) -> Report:
    """The drill in that folder; what ends it early is among the report's problems."""
    begun = time.monotonic()
    going: Drill | None = None
    try:
        async with running(folder, options.seed) as going:
            say(f"drill     {going.venue.url}, seed {options.seed}, {folder}")
            await afflict(going, options, begun, say)
            say("comparing ...")
            return await going.settle(time.monotonic() - begun)
    except FAILURES as problem:
        return unfinished(going, options.seed, time.monotonic() - begun, str(problem))


async def afflict(going: Drill, options: Options, begun: float, say: Say) -> None:
    """One fault after the other until it is time."""
    told = time.monotonic()
    for number, case in enumerate(drawn(going.chance, options.cases), 1):
        if options.kills and going.kills.total() >= options.kills:
            return
        if time.monotonic() - begun >= options.minutes * 60:
            return
        await asyncio.sleep(going.chance.random() * options.pause_s_max)
        if not case.possible(going.files):
            continue
        await tried(going, case)
        await going.until_answered(1)
        if number % options.look_every == 0:
            await going.look()
        if time.monotonic() - told >= PROGRESS_S:
            told = time.monotonic()
            say(progress(going, told - begun))


def drawn(chance: random.Random, cases: Sequence[Case]) -> Iterator[Case]:
    """Cases without end, kills more often than the others."""
    kills = [case for case in cases if case in KILLS]
    others = [case for case in cases if case not in KILLS]
    while True:
        kill = kills and (chance.randrange(3) < KILLS_OF_THREE or not others)
        yield chance.choice(kills if kill else others)


def progress(going: Drill, seconds: float) -> str:
    """How far it is."""
    return (
        f"{seconds:6.0f} s  kills {going.kills.total():,}  faults {going.faults.total():,}  "
        f"answered {going.load.answered:,}  lost {len(going.lost)}  duplicates {len(going.doubled)}  "
        f"problems {len(going.problems)}"
    )


def unfinished(going: Drill | None, seed: int, seconds: float, problem: str) -> Report:
    """What is known of a drill that could not go on."""
    return Report(
        seed=seed,
        seconds=round(seconds, 1),
        kills=dict(going.kills) if going is not None else {},
        faults=dict(going.faults) if going is not None else {},
        answered=going.load.answered if going is not None else 0,
        unanswered=0,
        lost=len(going.lost) if going is not None else 0,
        duplicates=len(going.doubled) if going is not None else 0,
        entries=0,
        roots_equal=False,
        root="",
        history_rows=0,
        problems=[problem, *(going.problems if going is not None else [])],
    )


def lines(report: Report) -> Iterator[str]:
    """The report as it is printed."""
    yield f"seed      {report.seed}, {report.seconds:,} seconds"
    roles = ", ".join(f"{role} {count:,}" for role, count in report.kills.items()) or "none"
    yield f"kills     {sum(report.kills.values()):,} ({roles})"
    yield f"faults    {sum(report.faults.values()):,} of {len(report.faults):,} kinds"
    for fault, count in report.faults.items():
        yield f"  {count:>6,}  {fault}"
    yield f"answered  {report.answered:,} commands; of {report.unanswered:,} more the fate was asked for"
    yield f"lost      {report.lost:,} commands"
    yield f"twice     {report.duplicates:,} commands"
    yield f"roots     {'equal' if report.roots_equal else 'NOT EQUAL'}: node, verify and keeper at {report.entries:,}"
    if report.history_rows:
        yield f"history   {report.history_rows:,} rows, the same as the journal makes"
    if report.root:
        yield f"root      {report.root}"
    for problem in report.problems:
        yield f"problem   {problem}"
    yield f"verdict   {'passed' if report.passed else 'FAILED'}"
