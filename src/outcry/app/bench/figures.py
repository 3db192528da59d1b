"""What a benchmark says: rows of name, figure, unit and budget, as a table for people or one JSON object."""

import os
import platform
from collections.abc import Callable, Iterator

import msgspec

from outcry.app.bench.stopwatch import COMPILED

SEED = 20_261_122
COMMANDS = 2_000_000
COMMANDS_SMALL = 4_000


class TooSlow(Exception):
    """Uncompiled, the full stream would take minutes."""


class Options(msgspec.Struct, frozen=True):
    """What somebody may choose."""

    small: bool = False
    seed: int = SEED
    commands: int = 0
    """0 for as many as the benchmark's own wish."""

    def count(self, full: int = COMMANDS, small: int = COMMANDS_SMALL) -> int:
        """How many commands to measure.  Raises `TooSlow` uncompiled unless small."""
        if not COMPILED and not self.small:
            raise TooSlow("the engine is not compiled, and the full stream would take many minutes: say --small")
        return self.commands or (small if self.small else full)


class Figure(msgspec.Struct, frozen=True):
    """One row; `met` is null where there is no budget."""

    name: str
    figure: float
    unit: str
    budget: str = ""
    met: bool | None = None


class Report(msgspec.Struct, frozen=True):
    """What was measured, on what."""

    bench: str
    compiled: bool
    python: str
    machine: str
    commands: int
    seed: int
    rows: list[Figure]
    notes: list[str]


Bench = Callable[[Options], Report]


def at_least(name: str, figure: float, unit: str, budget: float) -> Figure:
    """A row whose figure should not be smaller."""
    return Figure(name, rounded(figure), unit, f">= {spelled(budget)}", figure >= budget)


def at_most(name: str, figure: float, unit: str, budget: float) -> Figure:
    """A row whose figure should not be larger."""
    return Figure(name, rounded(figure), unit, f"<= {spelled(budget)}", figure <= budget)


def plain(name: str, figure: float, unit: str) -> Figure:
    """A row without a budget."""
    return Figure(name, rounded(figure), unit)


def rounded(figure: float) -> float:
    """Three digits that mean something; whole from a hundred on."""
    if abs(figure) >= 100:
        return round(figure)
    return round(figure, 1 if abs(figure) >= 10 else 2)


def spelled(figure: float) -> str:
    """A number for people."""
    return f"{figure:,.0f}" if figure == round(figure) else f"{figure:,}"


def report(bench: str, commands: int, seed: int, rows: list[Figure], notes: list[str]) -> Report:
    """The rows with what they were measured on."""
    machine = f"{platform.machine()}, {os.cpu_count()} CPUs"
    return Report(bench, COMPILED, platform.python_version(), machine, commands, seed, rows, notes)


def lines(told: Report) -> Iterator[str]:
    """The report for people."""
    engine = "compiled" if told.compiled else "not compiled"
    yield f"{told.bench}: engine {engine}, Python {told.python}, {told.machine}, {told.commands:,} commands"
    table = [("", "figure", "unit", "budget", "")]
    table += [(row.name, spelled(row.figure), row.unit, row.budget, VERDICTS[row.met]) for row in told.rows]
    wide = [max(len(row[column]) for row in table) for column in range(5)]
    for name, figure, unit, budget, verdict in table:
        text = f"{name:<{wide[0]}}  {figure:>{wide[1]}}  {unit:<{wide[2]}}  {budget:<{wide[3]}}  {verdict}"
        yield text.rstrip()
    for note in told.notes:
        yield f"note: {note}"


VERDICTS: dict[bool | None, str] = {None: "", True: "met", False: "MISSED"}
