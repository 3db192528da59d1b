"""Commands of `outcry` for who operates a venue: how it stands, copies of it, and whether it can go on for long."""

import tempfile
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from outcry.app.soak import running as soaking
from outcry.app.speaking import JsonOption, complain, explained, say


def add_to(app: typer.Typer) -> None:
    """Make these commands of the whole."""
    app.command()(soak)


def soak(
    minutes: Annotated[float, typer.Option(help="How long the load lasts.", min=0.05)] = 60.0,
    seed: Annotated[int, typer.Option(help="Of the load and of the venue's own demo.", min=0)] = 1,
    warm: Annotated[float, typer.Option(help="Minutes at the beginning that are not looked at.", min=0)] = (
        soaking.WARM_MINUTES
    ),
    data: Annotated[Path | None, typer.Option(help="A folder to keep; else one that goes away at the end.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Run a demo venue under seeded load; status 1 if memory or a queue grows after the first minutes."""
    with explained(), tempfile.TemporaryDirectory() as temporary:
        plan = soaking.Plan(data or Path(temporary) / "data", minutes, seed, min(warm, minutes / 2))
        soaked = soaking.soak(plan, say if not as_json else lambda line: None)
    if as_json:
        say(msgspec.json.encode(soaked).decode())
    else:
        for line in soaking.lines(soaked):
            say(line)
    if not soaked.is_sound:
        complain("the soak did not end sound")
        raise typer.Exit(1)
