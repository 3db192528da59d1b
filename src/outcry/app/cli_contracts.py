"""Commands of `outcry` about contracts that end, become others, or wait for an answer (SET-04, PRE-02, PRD-02)."""

import time
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from outcry.app import ending
from outcry.app.settings import Files
from outcry.app.speaking import DataOption, JsonOption, explained, say
from outcry.engine.contract_stated import ContractStated

docket_app = typer.Typer(help="Answers to the questions of prediction markets.", no_args_is_help=True)
SymbolArgument = Annotated[str, typer.Argument(help="The contract, such as XBTZ26.")]
OutcomeArgument = Annotated[str, typer.Argument(help="The settlement price that follows from the answer, or void.")]
SourceArgument = Annotated[Path, typer.Argument(help="The source, a file; its SHA-256 is journaled. Keep it.")]
WordsOption = Annotated[str, typer.Option(help="Words of yours that the journal keeps with it.")]


def add_to(app: typer.Typer) -> None:
    """Make these commands of the whole."""
    app.command()(expiry)
    app.command()(settle)
    app.command()(convert)
    app.add_typer(docket_app, name="docket")


def tell_contract(found: ContractStated, as_json: bool) -> None:
    """A contract in one line, or as an object."""
    say(msgspec.json.encode(found).decode() if as_json else f"{found.symbol}  {ending.line_of(found)}")


def expiry(
    symbol: SymbolArgument,
    when: Annotated[str, typer.Argument(metavar="TIME", help="A whole minute: +2h, or 2026-12-25T12:00:00Z.")],
    words: WordsOption = "",
    data: DataOption = Path("data"),
    as_json: JsonOption = False,
) -> None:
    """End a contract at a time: settle it early, delist it, or put its end off (SET-04)."""
    with explained():
        found = ending.set_expiry(Files(data), symbol, when, time.time_ns(), words)
    tell_contract(found, as_json)


def settle(
    symbol: SymbolArgument,
    price: Annotated[str, typer.Argument(help="The settlement price.")],
    words: WordsOption = "",
    data: DataOption = Path("data"),
    as_json: JsonOption = False,
) -> None:
    """Declare the settlement price of a contract that has ended without enough samples of its index (SET-02)."""
    with explained():
        found = ending.settle(Files(data), symbol, price, words)
    tell_contract(found, as_json)


def convert(
    symbol: SymbolArgument,
    file: Annotated[Path, typer.Argument(help="A TOML file: index, type, mark and what goes with them.")],
    words: WordsOption = "",
    data: DataOption = Path("data"),
    as_json: JsonOption = False,
) -> None:
    """Make a pre-launch future a perpetual or a future that is marked by an index (PRE-03)."""
    with explained():
        found = ending.convert(Files(data), symbol, file, words)
    tell_contract(found, as_json)


@docket_app.command("propose")
def propose(
    symbol: SymbolArgument,
    outcome: OutcomeArgument,
    source: SourceArgument,
    words: WordsOption = "",
    data: DataOption = Path("data"),
    as_json: JsonOption = False,
) -> None:
    """Propose an answer, which may be disputed for a while and then settles the market (PRD-02)."""
    with explained():
        found = ending.propose(Files(data), symbol, outcome, source, words)
    tell_contract(found, as_json)


@docket_app.command("decide")
def decide(
    symbol: SymbolArgument,
    outcome: OutcomeArgument,
    source: SourceArgument,
    words: WordsOption = "",
    data: DataOption = Path("data"),
    as_json: JsonOption = False,
) -> None:
    """Decide a disputed answer, which settles the market at once (PRD-02)."""
    with explained():
        found = ending.decide(Files(data), symbol, outcome, source, words)
    tell_contract(found, as_json)
