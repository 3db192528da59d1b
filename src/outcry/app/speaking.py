"""What all commands of `outcry` share: how they speak, what errors are foreseen, and options that mean one thing.

First the options, then lines and errors, then progress and journals.
"""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import msgspec
import rich.console
import rich.progress
import typer

from outcry.app import (
    backing,
    checking,
    correcting,
    explaining,
    forking,
    handing,
    operated,
    operating,
    pruning,
    restoring,
    rulebook,
    ruling,
    scenario,
    standing,
    supervise,
    upgrading,
)
from outcry.app import bench as measuring
from outcry.app.settings import Files, SettingsError
from outcry.app.soak.running import SoakFailed
from outcry.history import HistoryError
from outcry.identity import IdentityError
from outcry.journal.errors import JournalError
from outcry.journal.files import GENESIS_NAME, list_all_segments
from outcry.node.replica import ReplicaDiverged
from outcry.views.explaining import NothingKnown

EXPECTED = (
    HistoryError,
    IdentityError,
    JournalError,
    ReplicaDiverged,
    SettingsError,
    measuring.TooSlow,
    measuring.BenchFailed,
    pruning.CannotPrune,
    explaining.CannotExplain,
    NothingKnown,
    operated.PricesUnreadable,
    operating.NotOperated,
    rulebook.NoRulebook,
    ruling.CannotRule,
    scenario.ScenarioTooSlow,
    checking.OutOfRange,
    correcting.CannotCorrect,
    forking.CannotFork,
    upgrading.CannotUpgrade,
    handing.CannotFetch,
    SoakFailed,
    backing.BackupFailed,
    restoring.RestoreNotAccepted,
    standing.NotRunning,
    *supervise.EXPECTED,
)
"""Errors whose message is meant for who gave the command."""

DataOption = Annotated[Path, typer.Option("--data", envvar="OUTCRY_DATA", help="Folder of everything the venue keeps.")]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON instead of lines: an object, or an array of several.")]

LINE_SECONDS = 5.0


def say(line: str) -> None:
    """A line, at once also where standard output is a pipe."""
    print(line, flush=True)


def complain(sentence: str) -> None:
    """A line on standard error."""
    print(f"outcry: {sentence}", file=sys.stderr, flush=True)


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """Turn errors that somebody can do something about into a sentence and status 1."""
    try:
        yield
    except EXPECTED as problem:
        complain(str(problem))
        raise typer.Exit(1) from problem
    except BaseExceptionGroup as group:
        foreseen, others = group.split(EXPECTED)
        if others is not None or foreseen is None:
            raise
        complain(str(_first(foreseen)))
        raise typer.Exit(1) from group


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    inner = group.exceptions[0]
    return _first(inner) if isinstance(inner, BaseExceptionGroup) else inner


def tell(row: dict[str, Any], as_json: bool) -> None:
    """One thing and its properties, a line each or as a JSON object."""
    if as_json:
        say(msgspec.json.encode(row).decode())
    else:
        width = max(7, *map(len, row))
        for name, value in row.items():
            say(f"{name:<{width}} {value}")


def journal_of(folder: Path) -> Path:
    """The journal of a data folder, or the folder if it is one itself."""
    journal = Files(folder).journal
    if not (journal / GENESIS_NAME).exists() and not (journal.is_dir() and list_all_segments(journal)):
        complain(f"there is no journal in {folder}: name a venue's data folder or its journal folder")
        raise typer.Exit(1)
    return journal


@contextlib.contextmanager
def counting(doing: str, last_sequence: int = 0) -> Iterator[checking.Progress]:
    """Tells how far it is: a bar with entries a second and the time left for a person, a line now and then for a file.

    Without the last sequence nobody knows how much is left.
    """
    if not sys.stderr.isatty():
        yield _lines_of(doing, last_sequence)
        return
    left = [rich.progress.BarColumn(), rich.progress.TimeRemainingColumn()] if last_sequence else []
    with rich.progress.Progress(
        rich.progress.TextColumn("{task.description}"),
        rich.progress.SpinnerColumn(),
        *left,
        rich.progress.TextColumn("{task.completed:,.0f} entries"),
        rich.progress.TextColumn("{task.fields[rate]}"),
        rich.progress.TimeElapsedColumn(),
        console=rich.console.Console(stderr=True),
        transient=True,
    ) as progress:
        task = progress.add_task(doing, total=last_sequence or None, rate="")
        rate = Rate()

        def show(sequence: int) -> None:
            a_second = rate.after(sequence)
            progress.update(task, completed=sequence, rate=f"{a_second:,}/s" if a_second else "")

        yield show


class Rate:
    """Entries a second, from the first that was told."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._first_sequence = -1
        self._begun = 0.0

    def after(self, sequence: int) -> int:
        """The rate when this entry is done, 0 before it is known."""
        if self._first_sequence < 0:
            self._first_sequence, self._begun = sequence, self._clock()
        seconds = self._clock() - self._begun
        return round((sequence - self._first_sequence) / seconds) if seconds > 0 else 0


def _lines_of(doing: str, last_sequence: int, clock: Callable[[], float] = time.monotonic) -> checking.Progress:
    """A line on standard error every few seconds, so that a log shows that something happens and short work says
    nothing."""
    rate, told = Rate(clock), clock()

    def show(sequence: int) -> None:
        nonlocal told
        a_second, now = rate.after(sequence), clock()
        if now - told < LINE_SECONDS:
            return
        told = now
        of = f" of {last_sequence:,}" if last_sequence else ""
        left = (last_sequence - sequence) // a_second if a_second and last_sequence > sequence else 0
        rest = f", {left:,} s left" if left else ""
        print(f"{doing}: {sequence:,}{of} entries, {a_second:,}/s{rest}", file=sys.stderr, flush=True)

    return show
