"""`outcry satoshi`: what was noticed into lines and an exit status."""

import msgspec
import typer

from outcry.app import satoshi as drilling
from outcry.app.speaking import JsonOption, complain, say


def add_to(app: typer.Typer) -> None:
    """Make it a command of `outcry`."""
    app.command()(satoshi)


def satoshi(as_json: JsonOption = False) -> None:
    """Put one satoshi too much into each layer of a small venue, and see that it is noticed at that very sequence."""
    found = drilling.run()
    if as_json:
        say(msgspec.json.encode([{**msgspec.to_builtins(one), "in_time": one.in_time} for one in found]).decode())
    else:
        for line in drilling.lines(found):
            say(line)
    missed = [one.layer for one in found if not one.in_time]
    if missed:
        complain(f"one satoshi more was not noticed where it is due: {', '.join(missed)}")
        raise typer.Exit(1)
