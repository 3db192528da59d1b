"""Commands of `outcry` for who operates a venue: how it stands, copies of it, and whether it can go on for long."""

import tempfile
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from outcry.app import backing, restoring, standing
from outcry.app.soak import running as soaking
from outcry.app.speaking import JsonOption, complain, counting, explained, say, tell


def add_to(app: typer.Typer) -> None:
    """Make these commands of the whole."""
    app.command()(backup)
    app.command()(restore)
    app.command("accept-loss")(accept_loss)
    app.command()(status)
    app.command()(soak)


def backup(
    data: Annotated[Path, typer.Argument(help="A venue's data folder; the venue may run.")],
    into: Annotated[Path, typer.Argument(help="A folder for the backup, empty or with an earlier one.")],
    history: Annotated[bool, typer.Option("--history", help="history.db too, which else is made again.")] = False,
    snapshot: Annotated[bool, typer.Option("--snapshot", help="The newest snapshot too, for a quicker start.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Copy a venue, while it runs or not; what an earlier backup into the same folder has is not copied again."""
    with explained():
        made = backing.backup(data, into, history, snapshot)
    if as_json:
        say(msgspec.json.encode(made).decode())
    else:
        for line in backing.lines(made):
            say(line)


def restore(
    folder: Annotated[Path, typer.Argument(help="A backup.")],
    data: Annotated[Path, typer.Argument(help="A data folder to be; it must be empty or not exist.")],
    accept_loss: Annotated[
        bool, typer.Option("--accept-loss", help="The original is gone for good, and what it did since is lost.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Bring a backup into a new data folder: every file is checked, and the journal is verified to its head."""
    with explained(), counting("verifying") as progress:
        checked = restoring.restore(folder, data, progress, accept_loss)
    if as_json:
        say(msgspec.json.encode(checked).decode())
    else:
        say(f"restored  to sequence {checked.sequence:,}, root {checked.root}")
        if not accept_loss:
            say(
                "mind      it does not start yet: both sign under one key, and what the original signed since the\n"
                "          backup contradicts what this one would sign.  When the original never runs again, say\n"
                f"          outcry accept-loss {data}"
            )
    if checked.halted or checked.breaches or not checked.law.adds_up:
        complain("the books of this venue do not add up")
        raise typer.Exit(1)


def accept_loss(
    data: Annotated[Path, typer.Argument(help="The data folder of a venue that was restored and has not started.")],
    as_json: JsonOption = False,
) -> None:
    """Say that the original of a restored venue is gone for good, so that the restored one may start."""
    with explained():
        mark = restoring.accept_loss(data)
    if as_json:
        say(msgspec.json.encode(mark).decode())
    else:
        say(
            f"accepted  this venue goes on after sequence {mark.sequence:,}; "
            "tell your clients that what came later is lost"
        )


def status(
    data: Annotated[Path, typer.Argument(help="The data folder of a running venue.", envvar="OUTCRY_DATA")] = Path(
        "data"
    ),
    as_json: JsonOption = False,
) -> None:
    """Show how a running venue stands: its processes, how far each is, disk, snapshots, whether it has halted, and what
    of it is not just open."""
    with explained():
        told = standing.standing(data)
    tell(told, as_json)


def soak(
    minutes: Annotated[float, typer.Option(help="How long the load lasts.", min=0.05)] = 60.0,
    seed: Annotated[int, typer.Option(help="Of the load and of the venue's own demo.", min=0)] = 1,
    warm: Annotated[float, typer.Option(help="Minutes at the beginning that are not looked at.", min=0)] = (
        soaking.WARM_MINUTES
    ),
    data: Annotated[Path | None, typer.Option(help="A folder to keep; else one that goes away at the end.")] = None,
    recent_rows: Annotated[
        int, typer.Option(help="As for `outcry up`; few, so that what the gateway remembers is full early.")
    ] = soaking.RECENT_ROWS,
    as_json: JsonOption = False,
) -> None:
    """Run a demo venue under seeded load; status 1 if memory or a queue grows after the first minutes."""
    with explained(), tempfile.TemporaryDirectory() as temporary:
        folder = data or Path(temporary) / "data"
        plan = soaking.Plan(folder, minutes, seed, min(warm, minutes / 2), recent_rows=recent_rows)
        soaked = soaking.soak(plan, say if not as_json else lambda line: None)
    if as_json:
        say(msgspec.json.encode(soaked).decode())
    else:
        for line in soaking.lines(soaked):
            say(line)
    if not soaked.is_sound:
        complain("the soak did not end sound")
        raise typer.Exit(1)
