"""Commands of `outcry` about rules and prices: which rules there are, and what the operator's indices say."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from outcry.app import operating, rulebook
from outcry.app.settings import Files
from outcry.app.speaking import DataOption, JsonOption, explained, say
from outcry.views.explaining import Explanation, lines

index_app = typer.Typer(help="Indices of a running venue of profile `test`.", no_args_is_help=True)

SymbolArgument = Annotated[str, typer.Argument(help="The index, such as .BXBT.")]


def add_to(app: typer.Typer) -> None:
    """Make these commands of the whole."""
    app.command()(rules)
    app.add_typer(index_app, name="index")


def rules(
    untested: Annotated[bool, typer.Option(help="Only those that no test cites and no figure works out.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List the numbered rules of docs/rules; with --untested status 1 if there is one to list."""
    with explained():
        found = [rule for rule in rulebook.rules() if not (untested and rule.is_tested)]
    if as_json:
        say(msgspec.json.encode(found).decode())
    else:
        for rule in found:
            say(f"{rule.number}  {rule.title} ({rule.page})")
    if untested and found:
        raise typer.Exit(1)


@index_app.command("set")
def index_set(
    symbol: SymbolArgument,
    price: Annotated[str, typer.Argument(help="What its sources shall say.")],
    source: Annotated[str | None, typer.Option(help="One source alone, which then jumps; else all of them.")] = None,
    data: DataOption = Path("data"),
    as_json: JsonOption = False,
) -> None:
    """Have an index's sources say a price, and wait until the venue has taken it."""
    with explained():
        told = operating.set_price(Files(data), symbol, price, source)
    say_all([told], as_json)


@index_app.command("show")
def index_show(
    symbol: Annotated[str | None, typer.Argument(help="The index; all if none is named.")] = None,
    data: DataOption = Path("data"),
    as_json: JsonOption = False,
) -> None:
    """Show indices and their sources as the venue sees them now."""
    with explained():
        shown = operating.show(Files(data), symbol)
    say_all(shown, as_json)


def say_all(told: Iterable[Explanation], as_json: bool) -> None:
    """Explanations as lines, or as one JSON array."""
    if as_json:
        say(msgspec.json.encode(list(told)).decode())
    else:
        for one in told:
            for line in lines(one):
                say(line)
