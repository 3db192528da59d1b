"""Commands of `outcry` that set states: of the venue, an instrument or an account, with a cause and an end (CMD-06)."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from outcry.app import ruling
from outcry.app.settings import Files
from outcry.app.speaking import DataOption, JsonOption, explained, say
from outcry.engine.stated import Stated

state_app = typer.Typer(
    help="States of a running venue, its instruments and accounts: halts, restrictions, auctions.", no_args_is_help=True
)
CauseOption = Annotated[str, typer.Option(help=f"Why: {', '.join(ruling.CAUSES)}.")]
UntilOption = Annotated[
    str | None, typer.Option(help="When it is over by itself: +90s, +15m, +2h, or 2026-11-23T15:00:00Z.")
]
WordsOption = Annotated[str, typer.Option(help="Words of yours that the journal keeps with it.")]


def add_to(app: typer.Typer) -> None:
    """Make these commands of the whole."""
    app.add_typer(state_app, name="state")


def tell_state(found: Stated, as_json: bool) -> None:
    """A state in one line, or as an object."""
    if as_json:
        say(msgspec.json.encode(found).decode())
        return
    line = f"{found.of}  {found.state}"
    if found.cause:
        line += f", cause {found.cause}"
    if found.until_ns:
        line += f", until {datetime.fromtimestamp(found.until_ns // 10**9, UTC):%Y-%m-%dT%H:%M:%SZ}"
    if found.following:
        line += f", then {found.following}"
    say(line)


@state_app.command("venue")
def state_venue(
    state: Annotated[str, typer.Argument(help=f"One of {', '.join(ruling.VENUE)}.")],
    cause: CauseOption = "operator",
    until: UntilOption = None,
    words: WordsOption = "",
    data: DataOption = Path("data"),
    as_json: JsonOption = False,
) -> None:
    """Put the whole venue on a rung of the halt ladder, or open it again (CMD-12)."""
    with explained():
        found = ruling.rule_venue(Files(data), state, cause, until, words)
    tell_state(found, as_json)


@state_app.command("instrument")
def state_instrument(
    symbol: Annotated[str, typer.Argument(help="The instrument, such as XBTUSD.")],
    state: Annotated[str, typer.Argument(help=f"One of {', '.join(ruling.INSTRUMENT)}.")],
    cause: CauseOption = "operator",
    until: UntilOption = None,
    following: Annotated[str | None, typer.Option("--next", help="What follows at its end; open if left out.")] = None,
    words: WordsOption = "",
    data: DataOption = Path("data"),
    as_json: JsonOption = False,
) -> None:
    """Pause or restrict an instrument, call an auction in it, or open it again (CMD-06, AUC-01)."""
    with explained():
        found = ruling.rule_instrument(Files(data), symbol, state, cause, until, following, words)
    tell_state(found, as_json)


@state_app.command("account")
def state_account(
    account: Annotated[int, typer.Argument(help="The account's number.")],
    state: Annotated[str, typer.Argument(help=f"One of {', '.join(ruling.ACCOUNT)}.")],
    cause: CauseOption = "operator",
    until: UntilOption = None,
    words: WordsOption = "",
    data: DataOption = Path("data"),
    as_json: JsonOption = False,
) -> None:
    """Put an account on a rung of the halt ladder, or open it again (CMD-07)."""
    with explained():
        found = ruling.rule_account(Files(data), account, state, cause, until, words)
    tell_state(found, as_json)
