"""`outcry simulate`: seeds of the simulated world, one with what became of it, or many with what they met.

A seed that fails is made smaller, and the command that plays the smaller one is printed; status 1 then.
"""

import sys
import time
from collections import Counter
from pathlib import Path
from typing import Annotated

import rich.console
import rich.progress
import typer

from outcry.app.commanding import Door
from outcry.app.speaking import complain, say
from outcry.simulation.many import SEEDS_TO_MEET_ALL, missing, play_many
from outcry.simulation.plan import Plan, plan_of
from outcry.simulation.processes import Parts
from outcry.simulation.run import Verdict, simulate
from outcry.simulation.shrink import Shrinking, numbers_of, words

PARTS = Parts(door=Door)
NumbersOption = Annotated[str | None, typer.Option(help="Only these of the plan's, such as 0-4,7; or none.")]


def add_to(app: typer.Typer) -> None:
    """Make this command of the whole."""
    app.command("simulate")(simulate_command)


def simulate_command(
    seed: Annotated[int | None, typer.Option(help="Play this one and say what became of it.", min=0)] = None,
    seeds: Annotated[int, typer.Option(help="Play so many, one after the other.", min=1)] = SEEDS_TO_MEET_ALL,
    first: Annotated[int, typer.Option("--from", help="The first of them.", min=0)] = 0,
    workers: Annotated[int, typer.Option(help="Processes that play seeds.", min=1, max=64)] = 2,
    faults: NumbersOption = None,
    actions: NumbersOption = None,
    milliseconds: Annotated[int | None, typer.Option(help="End the plan after so long.", min=0)] = None,
    trace: Annotated[Path | None, typer.Option(help="Write all that happened into this file.")] = None,
    small: Annotated[bool, typer.Option(help="Make a failing plan smaller.")] = True,
) -> None:
    """Run a whole venue in a simulated world of crashes, bad disks and bad networks; status 1 if a law was broken."""
    if seed is None:
        _play_many(range(first, first + seeds), workers)
        return
    try:
        kept = [None if text is None else numbers_of(text) for text in (actions, faults)]
    except ValueError as problem:
        complain("numbers are written like 0-4,7, or none")
        raise typer.Exit(1) from problem
    length_ns = None if milliseconds is None else milliseconds * 10**6
    plan = plan_of(seed).only(kept[0], kept[1], length_ns)
    verdict = simulate(plan, PARTS, keep_lines=trace is not None)
    if trace is not None:
        trace.write_text("".join(verdict.lines))
    for name, value in (
        ("seed", seed),
        ("entries", verdict.entries),
        ("trace", verdict.trace),
        ("faults", _said(verdict.counts, "fault ")),
        ("verdict", "every law held" if verdict.failure is None else str(verdict.failure)),
    ):
        say(f"{name:<8} {value}")
    if verdict.failure is not None:
        if small:
            _make_smaller(plan, verdict)
        raise typer.Exit(1)


def _play_many(seeds: range, workers: int) -> None:
    """Play them all, and say what they met; end at the first failure."""
    counts, entries, started = Counter[str](), 0, time.perf_counter()
    with rich.progress.Progress(
        rich.progress.TextColumn("seeds"),
        rich.progress.BarColumn(),
        rich.progress.MofNCompleteColumn(),
        rich.progress.TimeElapsedColumn(),
        console=rich.console.Console(stderr=True),
        disable=not sys.stderr.isatty(),
        transient=True,
    ) as progress:
        task = progress.add_task("seeds", total=len(seeds))
        for verdict in play_many(seeds, PARTS, workers):
            if verdict.failure is not None:
                progress.stop()
                say(f"seed {verdict.seed} failed: {verdict.failure}")
                _make_smaller(plan_of(verdict.seed), verdict)
                raise typer.Exit(1)
            counts += verdict.counts
            entries += verdict.entries
            progress.advance(task)
    took = time.perf_counter() - started
    say(f"seeds    {len(seeds):,} from {seeds[0]}, {len(seeds) / took:.1f} a second; every law held")
    say(f"entries  {entries:,}")
    say(f"faults   {_said(counts, 'fault ')}")
    say(f"met      {_said(counts, '')}")
    lacking = missing(counts)
    if lacking and len(seeds) >= SEEDS_TO_MEET_ALL:
        say(f"never    {', '.join(lacking)}")
        raise typer.Exit(1)


def _make_smaller(plan: Plan, verdict: Verdict) -> None:
    """Print the command of a smaller plan that still fails."""

    def tried(runs: int, smaller: Plan) -> None:
        if sys.stderr.isatty():
            print(
                f"\rmade smaller: run {runs}, {len(smaller.faults)} faults, {len(smaller.actions)} actions ",
                end="",
                file=sys.stderr,
                flush=True,
            )

    plan, verdict = Shrinking(plan, verdict, PARTS, tried).shrink()
    if sys.stderr.isatty():
        print(file=sys.stderr)
    say(f"small    {verdict.failure}")
    say(f"again    outcry simulate {words(plan)}")


def _said(counts: Counter[str], prefix: str) -> str:
    """Counts whose name begins like this; without a prefix those that have none."""
    apart = ("fault ", "command ", "event ", "status ")
    chosen = {
        name.removeprefix(prefix): number
        for name, number in sorted(counts.items())
        if (name.startswith(prefix) if prefix else not name.startswith(apart))
    }
    return ", ".join(f"{number:,} {name}" for name, number in chosen.items()) or "none"
