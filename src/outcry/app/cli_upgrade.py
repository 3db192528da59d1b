"""The command `outcry upgrade`; what it does is in `upgrading`."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from outcry.app import upgrading
from outcry.app.speaking import JsonOption, explained, say


def add_to(app: typer.Typer) -> None:
    """Make this command one of the whole."""
    app.command()(upgrade)


def upgrade(
    data: Annotated[Path, typer.Argument(help="The data folder of a stopped venue.")],
    without_history: Annotated[
        bool, typer.Option("--without-history", help="Of another format: go on although history.db is not there.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Take a stopped venue over to the format and the rules of this program; back it up before."""
    with explained():
        made = upgrading.upgrade(data, without_history)
    if as_json:
        say(msgspec.json.encode(made).decode())
    else:
        for line in upgrading.lines(made):
            say(line)
