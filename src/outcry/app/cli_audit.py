"""`outcry audit`: flags into an audit, its result into words; the status is 1 unless everything holds."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from outcry.app import auditing
from outcry.app.handing import Fetched
from outcry.app.speaking import JsonOption, complain, counting, explained, journal_of, say
from outcry.client import Credentials


def add_to(app: typer.Typer) -> None:
    """Make it a command of `outcry`."""
    app.command()(audit)


def audit(
    venue: Annotated[str, typer.Argument(help="A data folder, a copy of a journal, or the URL of a venue.")],
    key: Annotated[str, typer.Option(envvar="OUTCRY_KEY", help="Of a key that may audit, for a URL.")] = "",
    secret: Annotated[str, typer.Option(envvar="OUTCRY_SECRET", help="That key's secret.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Have the independent auditor keep books of his own over a journal, and compare them with the venue's."""
    with explained():
        if venue.startswith(("http://", "https://")):
            fetched = Fetched(venue, Credentials(key, secret))
            with counting("auditing") as progress:
                audited = auditing.audit_frames(fetched.genesis, fetched.frames(), progress)
        else:
            journal = journal_of(Path(venue))
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
