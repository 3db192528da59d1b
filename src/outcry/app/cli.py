"""The command `outcry`: flags and OUTCRY_* variables into settings, results and errors into words.

First running a venue, then checking a journal, then history, then measuring, then people.  Every error that somebody
can do something about is one sentence on standard error and status 1; anything else is a mistake of ours and shows its
traceback.
"""

import asyncio
import contextlib
import os
from collections.abc import Callable, Iterator, Sequence, Set
from pathlib import Path
from typing import Annotated

import msgspec
import typer
import uvloop

from outcry import __version__
from outcry.app import bench as measuring
from outcry.app import checking, cli_risk, pruning, rebuilding, supervise
from outcry.app.process import PRIVATE
from outcry.app.settings import DEMO, Files, Settings, SettingsError
from outcry.app.speaking import DataOption, JsonOption, complain, counting, explained, journal_of, say, tell
from outcry.engine.machine import COMPILED
from outcry.identity import Identity, IdentityError
from outcry.identity.people import ALL_PERMISSIONS
from outcry.journal.frames import ROOT_EVERY

UNCOMPILED = (
    "the engine runs uncompiled here, about 200 times slower and to the same results; for full speed install gcc and "
    "the Python headers, then install Open Outcry again"
)

app = typer.Typer(
    help="Open Outcry: an exchange for crypto derivatives that anyone can run and anyone can check.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
user_app = typer.Typer(help="Users of a venue, while it runs or not.", no_args_is_help=True)
history_app = typer.Typer(help="What the venue keeps for asking.", no_args_is_help=True)
key_app = typer.Typer(help="API keys of users, while the venue runs or not.", no_args_is_help=True)
bench_app = typer.Typer(help="What things cost on this machine, each figure beside its budget.", no_args_is_help=True)
cli_risk.add_to(app)
app.add_typer(bench_app, name="bench")
app.add_typer(user_app, name="user")
app.add_typer(key_app, name="key")
app.add_typer(history_app, name="history")

KeyArgument = Annotated[str, typer.Argument(help="The key's id, as `key add` and `key list` show it.")]
FalseRootsOption = Annotated[
    list[int] | None,
    typer.Option("--false-root", help="A sequence whose journaled state root verify has shown to be false."),
]
JournalArgument = Annotated[Path, typer.Argument(help="A venue's data folder, or a copy of its journal.")]


SOUND = (
    "sound: chain, checksums, Merkle roots, times, state roots and the digests of all events agree with what the rules "
    "make of it, and every invariant holds at the end"
)


@app.command()
def up(
    port: Annotated[int, typer.Option(envvar="OUTCRY_PORT", help="Where to answer; 0 for any free port.")] = 8080,
    host: Annotated[str, typer.Option(envvar="OUTCRY_HOST", help="0.0.0.0 lets other machines in.")] = "127.0.0.1",
    data: DataOption = Path("data"),
    profile: Annotated[
        str, typer.Option(envvar="OUTCRY_PROFILE", help="demo, or test: prices are the operator's, see `index set`.")
    ] = DEMO,
    empty: Annotated[bool, typer.Option(help="No listings, no simulated prices, no guests.")] = False,
    seed: Annotated[int, typer.Option(envvar="OUTCRY_SEED", help="Of simulated prices and guests.")] = 1,
    one_process: Annotated[bool, typer.Option(help="Everything in one process.")] = False,
    book_interval_ms: Annotated[
        int, typer.Option(envvar="OUTCRY_BOOK_INTERVAL_MS", help="Tell the stream of a book's changes that rarely.")
    ] = 0,
    root_every: Annotated[
        int, typer.Option(envvar="OUTCRY_ROOT_EVERY", help="Entries between two state roots of a new journal.")
    ] = ROOT_EVERY,
    law_seconds: Annotated[
        float, typer.Option(envvar="OUTCRY_LAW_SECONDS", help="From one full check of all laws to the next, at least.")
    ] = 60.0,
    false_root: FalseRootsOption = None,
) -> None:
    """Start a venue and run it until Ctrl-C; the same data folder goes on where it was."""
    with explained():
        settings = Settings(
            data=data,
            host=host,
            port=port,
            empty=empty,
            profile=profile,
            seed=seed,
            one_process=one_process or not COMPILED,
            book_interval_ms=book_interval_ms,
            root_every=root_every,
            law_seconds=law_seconds,
            false_roots=tuple(false_root or ()),
        ).check()
        say(f"Open Outcry {__version__}, data in {data}")
        if not COMPILED:
            say(f"note   {UNCOMPILED}")
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(supervise.up(settings, say))


@app.command()
def replay(folder: JournalArgument, as_json: JsonOption = False, false_root: FalseRootsOption = None) -> None:
    """Apply a journal to a fresh engine and print what it leads to."""
    _check(folder, checking.replay, "replaying", as_json, false_root or ())


@app.command()
def verify(folder: JournalArgument, as_json: JsonOption = False, false_root: FalseRootsOption = None) -> None:
    """Replay a journal and check its chain, checksums, Merkle roots and the digests of all events."""
    _check(folder, checking.verify, "verifying", as_json, false_root or (), SOUND)


def _check(
    folder: Path,
    check: Callable[[Path, checking.Progress, Set[int]], checking.Checked],
    doing: str,
    as_json: bool,
    false_roots: Sequence[int],
    verdict: str = "",
) -> None:
    with explained():
        journal, known_false = journal_of(folder), Files(folder).known_false() | set(false_roots)
        with counting(doing) as progress:
            checked = check(journal, progress, known_false)
    if as_json:
        say(msgspec.json.encode(checked).decode())
    else:
        for line in _lines(checked):
            say(line)
        if verdict and not checked.breaches:
            say(f"verdict   {verdict}")
    if checked.halted or checked.breaches or not checked.law.adds_up:
        complain("the books do not add up" if not checked.law.adds_up else "an invariant does not hold")
        raise typer.Exit(1)


def _lines(checked: checking.Checked) -> Iterator[str]:
    if checked.begins_after:
        yield (
            f"pruned    what is before was removed from this journal: checked from the snapshot of sequence "
            f"{checked.begins_after:,}, whose state root stands in the journal"
        )
    yield f"sequence  {checked.sequence:,}"
    yield f"speed     {checked.entries_per_second:,} entries/s ({checked.seconds:.2f} s, {checked.frames:,} frames)"
    yield f"halted    {'yes' if checked.halted else 'no'}"
    for money in checked.law.currencies:
        yield (
            f"money     {money.currency}: wallets {money.wallets_minor:,} - unrealised cost "
            f"{money.unrealised_cost_minor:,} + epochs {money.epochs_minor:,} + in flight "
            f"{money.in_flight_minor:,} = deposits {money.deposits_minor:,} - withdrawals "
            f"{money.withdrawals_minor:,} {_verdict(money.held_minor - money.owed_minor)}"
        )
    for contracts in checked.law.instruments:
        cost_minor = contracts.lifetime_cost_minor + contracts.closed_cost_minor
        verdict = _verdict(contracts.quantity or cost_minor)
        yield f"contracts {contracts.symbol}: quantity {contracts.quantity:,}, lifetime cost {cost_minor:,} {verdict}"
    for broken in checked.breaches:
        yield (
            f"{broken.invariant}    {broken.subject}: {broken.what}: found {broken.found:,}, "
            f"expected {broken.expected:,} (BROKEN)"
        )
    yield f"roots     {checked.roots_journaled:,} in the journal, {checked.roots_checked:,} made again and found equal"
    yield f"head      {checked.head}"
    yield f"root      {checked.root}"


def _verdict(difference: int) -> str:
    return "(holds)" if difference == 0 else f"(BROKEN by {difference:,})"


@history_app.command("rebuild")
def history_rebuild(
    data: Annotated[Path, typer.Argument(help="A stopped venue's data folder.")], as_json: JsonOption = False
) -> None:
    """Make DATA/history.db anew from the journal; the rows are the same as those it replaces."""
    with explained():
        journal_of(data)
        with counting("rebuilding") as progress:
            made = rebuilding.rebuild(Files(data), progress)
    tell({"sequence": made.sequence, "rows": made.rows, "seconds": round(made.seconds, 3)}, as_json)


@app.command()
def prune(
    folder: Annotated[Path, typer.Argument(help="The data folder of a venue that does not run.")],
    snapshots: Annotated[int, typer.Option(help="So many newest snapshots must still find what follows them.")] = 3,
    archive: Annotated[Path | None, typer.Option(help="A folder to copy into what is removed.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Remove it; without this only say what could be.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Remove the oldest closed segments of a journal that nobody needs any more to start from."""
    with explained():
        pruned = pruning.run(folder, snapshots, archive, yes)
    if as_json:
        say(msgspec.json.encode(pruned).decode())
    else:
        for line in pruning.lines(pruned):
            say(line)


def _measured(name: str, measure: measuring.Bench, about: str) -> None:
    """Make a benchmark a command of its own."""

    @bench_app.command(name, help=about)
    def bench(
        as_json: JsonOption = False,
        small: Annotated[bool, typer.Option(help="A short stream, also for an uncompiled engine.")] = False,
        seed: Annotated[int, typer.Option(help="Another one gives another stream.")] = measuring.SEED,
        commands: Annotated[int, typer.Option(help="How many, instead of the benchmark's own number.", min=0)] = 0,
    ) -> None:
        with explained():
            told = measure(measuring.Options(small=small, seed=seed, commands=commands))
        if as_json:
            say(msgspec.json.encode(told).decode())
        else:
            for line in measuring.lines(told):
                say(line)


for _name, (_measure, _about) in measuring.BENCHES.items():
    _measured(_name, _measure, _about)


@user_app.command("add")
def user_add(
    name: Annotated[str, typer.Argument(help="A name nobody has yet.")],
    data: DataOption = Path("data"),
    as_json: JsonOption = False,
) -> None:
    """Make a user.  His account is opened when he first signs a request."""
    with _identity(data) as identity:
        user = identity.add_user(name)
    tell({"user": user.id, "name": user.name, "handle": user.handle.hex()}, as_json)


@user_app.command("subaccount")
def user_subaccount(
    owner: Annotated[str, typer.Argument(help="The user's name.")],
    name: Annotated[str, typer.Argument(help="A name nobody has yet, for the further account.")],
    data: DataOption = Path("data"),
    as_json: JsonOption = False,
) -> None:
    """Give a user a further account, with keys and money of its own; `outcry key add NAME` makes keys for it."""
    with _identity(data) as identity:
        user = identity.add_subaccount(identity.user(owner), name)
    tell({"user": user.id, "name": user.name, "owner": owner, "handle": user.handle.hex()}, as_json)


@key_app.command("add")
def key_add(
    user: Annotated[str, typer.Argument(help="The user's name.")],
    name: Annotated[str, typer.Option(help="What the key is for.")] = "",
    permission: Annotated[
        list[str] | None, typer.Option(help="order, orderCancel or withdraw; again for more; all if none is named.")
    ] = None,
    read_only: Annotated[bool, typer.Option(help="No permission but reading.")] = False,
    requests_per_minute: Annotated[int | None, typer.Option(help="Instead of the venue's limit.")] = None,
    orders_per_second: Annotated[int | None, typer.Option(help="Instead of the venue's limit.")] = None,
    data: DataOption = Path("data"),
    as_json: JsonOption = False,
) -> None:
    """Make an API key for a user; a running venue knows it at once."""
    chosen = permission or (() if read_only else ALL_PERMISSIONS)
    with _identity(data) as identity:
        if read_only and permission:
            raise IdentityError("A read-only key has no permission: leave out --read-only or --permission.")
        key = identity.add_key(identity.user(user), name, chosen, requests_per_minute, orders_per_second)
    tell({"name": key.user.name, "key": key.id, "secret": key.secret}, as_json)


@key_app.command("list")
def key_list(
    user: Annotated[str, typer.Argument(help="The user's name.")],
    data: DataOption = Path("data"),
    as_json: JsonOption = False,
) -> None:
    """Show a user's keys, oldest first, without their secrets."""
    with _identity(data) as identity:
        keys = identity.keys(identity.user(user))
    for key in keys:
        permissions = " ".join(sorted(key.permissions))
        row = {"key": key.id, "name": key.name, "permissions": permissions, "enabled": key.enabled}
        tell(row, as_json)


@key_app.command("disable")
def key_disable(key: KeyArgument, data: DataOption = Path("data")) -> None:
    """Switch a key off; a running venue refuses it at once, and closes its streams within 15 seconds."""
    with _identity(data) as identity:
        identity.set_enabled(key, False)


@key_app.command("enable")
def key_enable(key: KeyArgument, data: DataOption = Path("data")) -> None:
    """Switch a key on again."""
    with _identity(data) as identity:
        identity.set_enabled(key, True)


@contextlib.contextmanager
def _identity(data: Path) -> Iterator[Identity]:
    with explained():
        if not data.is_dir():
            raise SettingsError(f"there is no data folder {data}: start a venue there first, or name it with --data")
        with contextlib.closing(Identity(Files(data).identity)) as identity:
            yield identity


def main() -> None:
    """The entry point."""
    os.umask(PRIVATE)
    app()


if __name__ == "__main__":
    main()
