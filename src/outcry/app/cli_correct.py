"""The command `outcry correct`; all about it is in `correcting`."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from outcry.app import correcting
from outcry.app.speaking import JsonOption, counting, explained, journal_of, say


def add_to(app: typer.Typer) -> None:
    """Make this command one of the whole."""
    app.command()(correct)


def correct(
    folder: Annotated[Path, typer.Argument(help="A venue's data folder, or a copy of its journal.")],
    symbol: Annotated[str, typer.Argument(help="The prediction market.")],
    outcome: Annotated[str, typer.Argument(help="What it should have been settled at: a price, or void.")],
    csv: Annotated[Path | None, typer.Option("--csv", help="Write the table into this file too.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Say what a settled prediction market would have paid at another outcome; nothing is changed."""
    with explained():
        with counting("replaying") as progress:
            made = correcting.correct(journal_of(folder), symbol, outcome, progress)
        if csv is not None:
            correcting.write_csv(made, csv)
    if as_json:
        say(msgspec.json.encode(made).decode())
        return
    rows = correcting.table(made)
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    say(f"market    {made.symbol}, in {made.currency.major}; the answer of sequence {made.sequence:,} is replaced")
    for row in rows:
        say("  ".join(text.rjust(width) for text, width in zip(row, widths, strict=True)))
