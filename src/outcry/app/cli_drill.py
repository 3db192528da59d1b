"""`outcry drill`: its flags into options, and its report into lines and an exit status."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from outcry.app.drill import plan
from outcry.app.speaking import JsonOption, complain, say


def add_to(app: typer.Typer) -> None:
    """Make it a command."""
    app.command()(drill)


def drill(
    minutes: Annotated[float, typer.Option(min=0.01, help="How long.")] = 5.0,
    seed: Annotated[int, typer.Option(help="Another one draws other faults.")] = 1,
    data: Annotated[
        Path | None, typer.Option(help="An empty folder, which is kept; a temporary one is kept when something failed.")
    ] = None,
    kills: Annotated[int, typer.Option(min=0, help="End after so many processes were killed, if that is earlier.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Run a venue under load, kill it, spoil its files, disk and clock, and see that nothing answered is lost."""
    try:
        report = plan.run(
            plan.Options(minutes=minutes, seed=seed, data=data, kills=kills), complain if as_json else say
        )
    except plan.DrillRefused as problem:
        complain(str(problem))
        raise typer.Exit(1) from problem
    if as_json:
        say(msgspec.json.encode(report).decode())
    else:
        for line in plan.lines(report):
            say(line)
    if not report.passed:
        raise typer.Exit(1)
