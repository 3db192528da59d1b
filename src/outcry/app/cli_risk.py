"""Commands of `outcry` about rules, prices and reasons.

First which rules there are, then what the operator's indices say, then why anything was so at any sequence.
"""

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from outcry.app import explaining, operating, rulebook, scenario
from outcry.app.settings import Files
from outcry.app.speaking import DataOption, JsonOption, counting, explained, journal_of, say
from outcry.views.explaining import (
    Explanation,
    explain_deleveragings,
    explain_funding,
    explain_index,
    explain_liquidations,
    explain_margin,
    explain_mark,
    lines,
)

explain_app = typer.Typer(
    help="Why something was so, from the journal, after any of its entries.", no_args_is_help=True
)
scenario_app = typer.Typer(help="A market played out in an engine of its own.", no_args_is_help=True)
index_app = typer.Typer(help="Indices of a running venue of profile `test`.", no_args_is_help=True)

AtOption = Annotated[int, typer.Option(help="The journal's entry after which it is asked; 0 for the last.", min=0)]
AccountOption = Annotated[str, typer.Option(help="The account's number, or its user's name.")]
TakeoverOption = Annotated[int, typer.Option(help="Number of the takeover.", min=0)]
SequenceOption = Annotated[int, typer.Option(help="The entry in which it happened.", min=0)]
InstrumentArgument = Annotated[str, typer.Argument(help="The instrument, such as XBTUSD.")]
SymbolArgument = Annotated[str, typer.Argument(help="The index, such as .BXBT.")]


def add_to(app: typer.Typer) -> None:
    """Make these commands of the whole."""
    app.command()(rules)
    app.add_typer(index_app, name="index")
    app.add_typer(explain_app, name="explain")
    app.add_typer(scenario_app, name="scenario")


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


@scenario_app.command("crash")
def scenario_crash(
    seed: Annotated[int, typer.Option(help="Another one gives another crowd.", min=0)] = scenario.SEED,
    accounts: Annotated[
        int, typer.Option(help="How many leveraged accounts.", min=500, max=1_000_000)
    ] = scenario.ACCOUNTS,
    small: Annotated[bool, typer.Option(help="A thousand accounts at most, also for an uncompiled engine.")] = False,
    as_json: JsonOption = False,
) -> None:
    """A fall of 40 % in ten minutes and a gap; status 1 unless it deleverages, exhausts and conserves everything."""
    with explained():
        told = scenario.run_crash(scenario.CrashOptions(seed=seed, accounts=accounts, small=small))
    if as_json:
        say(msgspec.json.encode(told).decode())
    else:
        for line in scenario.lines(told):
            say(line)
    if told.failures:
        raise typer.Exit(1)


@explain_app.command("mark")
def explain_mark_of(
    symbol: InstrumentArgument, data: DataOption = Path("data"), at: AtOption = 0, as_json: JsonOption = False
) -> None:
    """Why an instrument had its mark."""
    with explained(), past(data, at) as then:
        told = explain_mark(then.engine, then.reasons, then.listing(symbol), then.engine.time_ns)
        say_all([told], as_json)


@explain_app.command("index")
def explain_index_of(
    symbol: SymbolArgument, data: DataOption = Path("data"), at: AtOption = 0, as_json: JsonOption = False
) -> None:
    """Why an index had its value, and which sources counted."""
    with explained(), past(data, at) as then:
        told = explain_index(then.engine, then.reasons, then.index(symbol), then.engine.time_ns)
        say_all([told], as_json)


@explain_app.command("funding")
def explain_funding_of(
    symbol: InstrumentArgument,
    epoch: Annotated[int, typer.Option(help="The epoch; 0 for the latest.", min=0)] = 0,
    account: AccountOption = "",
    data: DataOption = Path("data"),
    at: AtOption = 0,
    as_json: JsonOption = False,
) -> None:
    """What a funding was made of, and with --account what it cost or brought."""
    with explained(), past(data, at) as then:
        listing, who = then.listing(symbol), explaining.account_of(Files(data), account) if account else 0
        known = (then.engine, then.reasons, then.directory)
        say_all([explain_funding(*known, listing, epoch, who, then.engine.time_ns)], as_json)


@explain_app.command("margin")
def explain_margin_of(
    account: AccountOption,
    currency: Annotated[str, typer.Option(help="Settlement currency, such as XBt; all if none is named.")] = "",
    data: DataOption = Path("data"),
    at: AtOption = 0,
    as_json: JsonOption = False,
) -> None:
    """Every term of an account's margin."""
    with explained(), past(data, at) as then:
        who = explaining.account_of(Files(data), account)
        told = [
            explain_margin(then.engine, then.directory, who, one, then.engine.time_ns)
            for one in then.currencies(currency)
            if currency or then.has_wallet(who, one)
        ]
        say_all(told, as_json)


@explain_app.command("liquidation")
def explain_liquidation_of(
    account: AccountOption = "",
    takeover: TakeoverOption = 0,
    sequence: SequenceOption = 0,
    data: DataOption = Path("data"),
    at: AtOption = 0,
    as_json: JsonOption = False,
) -> None:
    """Why positions were liquidated, and what would have prevented it: of an account or of one takeover."""
    with explained(), past(data, at) as then:
        who = explaining.account_of(Files(data), account) if account else then.owner_of(takeover)
        say_all(explain_liquidations(then.reasons, then.directory, who, takeover, sequence), as_json)


@explain_app.command("deleveraging")
def explain_deleveraging_of(
    account: AccountOption,
    takeover: TakeoverOption = 0,
    sequence: SequenceOption = 0,
    data: DataOption = Path("data"),
    at: AtOption = 0,
    as_json: JsonOption = False,
) -> None:
    """Why an account's positions were deleveraged, and what other policies would have taken."""
    with explained(), past(data, at) as then:
        who = explaining.account_of(Files(data), account)
        say_all(explain_deleveragings(then.reasons, then.directory, who, takeover, sequence), as_json)


@contextlib.contextmanager
def past(data: Path, at: int) -> Iterator[explaining.Past]:
    """The venue after an entry, while a line counts on the way there."""
    with counting("replaying") as progress:
        then = explaining.past(journal_of(data), at, progress)
    yield then


def say_all(told: Iterable[Explanation], as_json: bool) -> None:
    """Explanations as lines, or as one JSON array."""
    if as_json:
        say(msgspec.json.encode(list(told)).decode())
    else:
        for one in told:
            for line in lines(one):
                say(line)
