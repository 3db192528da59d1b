"""What all commands of `outcry` share: how they speak, what errors are foreseen, and options that mean one thing.

First the options, then lines and errors, then progress and journals.
"""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import msgspec
import rich.console
import rich.progress
import typer

from outcry.app import bench as measuring
from outcry.app import checking, explaining, operated, operating, pruning, rulebook, scenario, supervise
from outcry.app.settings import Files, SettingsError
from outcry.history import HistoryError
from outcry.identity import IdentityError
from outcry.journal.errors import JournalError
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
    scenario.ScenarioTooSlow,
    *supervise.EXPECTED,
)
"""Errors whose message is meant for who gave the command."""

DataOption = Annotated[Path, typer.Option("--data", envvar="OUTCRY_DATA", help="Folder of everything the venue keeps.")]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON instead of lines: an object, or an array of several.")]


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
    if not (journal / "genesis").exists():
        complain(f"there is no journal in {folder}: name a venue's data folder or its journal folder")
        raise typer.Exit(1)
    return journal


@contextlib.contextmanager
def counting(doing: str) -> Iterator[checking.Progress]:
    """A line that counts entries, where somebody looks."""
    with rich.progress.Progress(
        rich.progress.TextColumn("{task.description}"),
        rich.progress.SpinnerColumn(),
        rich.progress.TextColumn("{task.completed:,.0f} entries"),
        rich.progress.TimeElapsedColumn(),
        console=rich.console.Console(stderr=True),
        disable=not sys.stderr.isatty(),
        transient=True,
    ) as progress:
        task = progress.add_task(doing)
        yield lambda sequence: progress.update(task, completed=sequence)
