"""The command `outcry`: flags and OUTCRY_* variables into settings, results and errors into words.

First running a venue, then checking a journal, then history, then measuring, then people.  Every error that somebody
can do something about is one sentence on standard error and status 1; anything else is a mistake of ours and shows its
traceback.
"""

import asyncio
import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import msgspec
import typer
import uvloop

from outcry import __version__
from outcry.app import (
    allocating,
    cli_audit,
    cli_checking,
    cli_contracts,
    cli_correct,
    cli_drill,
    cli_operating,
    cli_receipt,
    cli_risk,
    cli_satoshi,
    cli_simulate,
    cli_states,
    cli_upgrade,
    logs,
    pruning,
    rebuilding,
    supervise,
)
from outcry.app import bench as measuring
from outcry.app.cli_checking import FalseRootsOption
from outcry.app.process import PRIVATE
from outcry.app.settings import DEMO, FORK, Files, Settings, SettingsError
from outcry.app.speaking import DataOption, JsonOption, counting, explained, journal_of, say, tell
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
cli_drill.add_to(app)
cli_satoshi.add_to(app)
cli_correct.add_to(app)
cli_simulate.add_to(app)
cli_operating.add_to(app)
cli_states.add_to(app)
cli_contracts.add_to(app)
cli_upgrade.add_to(app)
app.add_typer(bench_app, name="bench")
app.add_typer(user_app, name="user")
app.add_typer(key_app, name="key")
app.add_typer(history_app, name="history")

KeyArgument = Annotated[str, typer.Argument(help="The key's id, as `key add` and `key list` show it.")]

TrustedOption = Annotated[
    list[str] | None, typer.Option(help="Address or network whose X-Forwarded-For is believed; again for more.")
]
ErrorsOption = Annotated[
    int,
    typer.Option(
        envvar="OUTCRY_ERRORS_PER_MINUTE", help="More wrong requests shut an address out for an hour; 0: none is."
    ),
]


@app.command()
def up(
    port: Annotated[int, typer.Option(envvar="OUTCRY_PORT", help="Where to answer; 0 for any free port.")] = 8080,
    host: Annotated[str, typer.Option(envvar="OUTCRY_HOST", help="0.0.0.0 lets other machines in.")] = "127.0.0.1",
    data: DataOption = Path("data"),
    profile: Annotated[
        str,
        typer.Option(
            envvar="OUTCRY_PROFILE",
            help="demo, or test: prices are the operator's, see `index set`; a fork is a fork if it is left out.",
            show_default=False,
        ),
    ] = "",
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
    behind_seconds: Annotated[
        float, typer.Option(envvar="OUTCRY_BEHIND_SECONDS", help="So far behind, a gateway takes no new orders.")
    ] = 3.0,
    recent_rows: Annotated[
        int, typer.Option(envvar="OUTCRY_RECENT_ROWS", help="Ended orders of an account in memory, others so too.")
    ] = 2_000,
    errors_per_minute: ErrorsOption = 0,
    false_root: FalseRootsOption = None,
    metrics_port: Annotated[
        int | None, typer.Option(envvar="OUTCRY_METRICS_PORT", help="Metrics on this port of 127.0.0.1 too.")
    ] = None,
    trusted_proxy: TrustedOption = None,
) -> None:
    """Start a venue and run it until Ctrl-C; the same data folder goes on where it was."""
    with explained():
        settings = Settings(
            data=data,
            host=host,
            port=port,
            empty=empty,
            profile=profile or (FORK if Files(data).fork.exists() else DEMO),
            seed=seed,
            one_process=one_process or not COMPILED,
            book_interval_ms=book_interval_ms,
            root_every=root_every,
            law_seconds=law_seconds,
            behind_seconds=behind_seconds,
            recent_rows=recent_rows,
            errors_per_minute=errors_per_minute,
            false_roots=tuple(false_root or ()),
            metrics_port=metrics_port,
            trusted_proxies=tuple(trusted_proxy or ()),
        ).check()
        say(f"Open Outcry {__version__}, data in {data}")
        if not COMPILED:
            say(f"note   {UNCOMPILED}")
        allocating.settle()
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(supervise.up(settings, say))


cli_checking.add_to(app)
cli_audit.add_to(app)
cli_receipt.add_to(app)


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


@history_app.command("check")
def history_check(
    data: Annotated[Path, typer.Argument(help="A stopped venue's data folder.")], as_json: JsonOption = False
) -> None:
    """Compare DATA/history.db with what the journal makes; the first row that differs is named."""
    with explained():
        journal_of(data)
        with counting("checking") as progress:
            made = rebuilding.check(Files(data), progress)
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
        list[str] | None,
        typer.Option(help="order, orderCancel, withdraw (all three if none is named) or audit; again for more."),
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
        files = Files(data)
        with logs.keeping("operator", files.logs), contextlib.closing(Identity(files.identity)) as identity:
            yield identity


def main() -> None:
    """The entry point."""
    os.umask(PRIVATE)
    app()


if __name__ == "__main__":
    main()
