"""`outcry audit`: flags into an audit, its result into words; the status is 1 unless everything holds."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from outcry.app import auditing
from outcry.app.speaking import JsonOption, complain, counting, explained, journal_of, say


def add_to(app: typer.Typer) -> None:
    """Make it a command of `outcry`."""
    app.command()(audit)


def audit(
    folder: Annotated[Path, typer.Argument(help="A venue's data folder, or a copy of its journal.")],
    as_json: JsonOption = False,
) -> None:
    """Have the independent auditor keep books of his own over a journal, and compare them with the venue's."""
    with explained():
        journal = journal_of(folder)
        with counting("auditing") as progress:
            audited = auditing.audit(journal, progress)
    if as_json:
        say(msgspec.json.encode(audited).decode())
    else:
        for line in auditing.lines(audited):
            say(line)
    if not audited.sound:
        complain(audited.breach or audited.halt)
        raise typer.Exit(1)
