"""Commands of `outcry` that check a journal and go back in it.

First replay and verify, then what they say; everything about the checks themselves is in `checking`.  Whatever is
wrong with a journal is said with its sequence, never with a traceback.
"""

import datetime
from collections.abc import Callable, Iterator, Sequence, Set
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from outcry.app import checking, forking
from outcry.app.damage import finding_of
from outcry.app.settings import Files
from outcry.app.speaking import JsonOption, complain, counting, explained, journal_of, say
from outcry.journal.errors import JournalError
from outcry.journal.tails import end_of
from outcry.node.replica import ReplicaDiverged

FalseRootsOption = Annotated[
    list[int] | None,
    typer.Option("--false-root", help="A sequence whose journaled state root verify has shown to be false."),
]
JournalArgument = Annotated[Path, typer.Argument(help="A venue's data folder, or a copy of its journal.")]
SOUND = (
    "sound: chain, checksums, Merkle roots, times, state roots and the digests of all events agree with what the rules "
    "make of it, and every invariant holds at the end"
)
SECOND_NS = 10**9


def add_to(app: typer.Typer) -> None:
    """Make these commands of the whole."""
    app.command()(replay)
    app.command()(verify)
    app.command()(fork)


def replay(
    folder: JournalArgument,
    to: Annotated[int, typer.Option(help="The entry to stop after; 0 for the last.", min=0)] = 0,
    from_snapshot: Annotated[
        bool, typer.Option("--from-snapshot", help="Begin at the newest snapshot before that instead of the beginning.")
    ] = False,
    as_json: JsonOption = False,
    false_root: FalseRootsOption = None,
) -> None:
    """Apply a journal to a fresh engine, to its end or an entry, and print what it leads to."""

    def check(journal: Path, progress: checking.Progress, known_false: Set[int]) -> checking.Checked:
        return checking.replay(journal, progress, known_false, to=to, from_snapshot=from_snapshot)

    _check(folder, check, "replaying", as_json, false_root or (), to=to)


def verify(folder: JournalArgument, as_json: JsonOption = False, false_root: FalseRootsOption = None) -> None:
    """Replay a journal and check everything there is to check; the first thing that is wrong is named."""
    _check(folder, checking.verify, "verifying", as_json, false_root or (), SOUND)


def fork(
    folder: JournalArgument,
    into: Annotated[Path, typer.Option(help="A folder that does not exist yet.")],
    at: Annotated[int, typer.Option(help="The last entry that both have; 0 for the last there is.", min=0)] = 0,
    account: Annotated[
        list[int] | None, typer.Option(help="An account to make a key of the fork for; again for more.")
    ] = None,
    with_identity: Annotated[
        bool, typer.Option("--with-identity", help="Copy users, keys and venue.key: what they sign works on both.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Make a private venue with the market as it was after an entry; nothing of the journal is changed."""
    with explained():
        journal = journal_of(folder)
        with counting("copying", at or end_of(journal)) as progress:
            made = forking.fork(Files(folder), into, at, progress, account or (), with_identity)
    if as_json:
        say(msgspec.json.encode(made).decode())
        return
    say(f"fork      {into}, after sequence {made.origin.sequence:,} ({_time_text(made.origin.time_ns)})")
    say(f"root      {made.origin.root}")
    for key in made.keys:
        say(f"key       {key.name}  {key.key}  {key.secret}")
    if not made.keys and not with_identity:
        say("keys      none: --account N makes one for an account, --with-identity copies all")
    say(f"start     outcry up --data {into}")


def _check(
    folder: Path,
    check: Callable[[Path, checking.Progress, Set[int]], checking.Checked],
    doing: str,
    as_json: bool,
    false_roots: Sequence[int],
    verdict: str = "",
    to: int = 0,
) -> None:
    with explained():
        journal, known_false = journal_of(folder), Files(folder).known_false() | set(false_roots)
        try:
            with counting(doing, to or end_of(journal)) as progress:
                checked = check(journal, progress, known_false)
        except (JournalError, ReplicaDiverged) as problem:
            finding = finding_of(journal, problem)
            if as_json:
                say(msgspec.json.encode(finding).decode())
            complain(f"sequence {finding.sequence}: {finding.problem.removeprefix(f'sequence {finding.sequence}: ')}")
            raise typer.Exit(1) from problem
    if as_json:
        say(msgspec.json.encode({**msgspec.to_builtins(checked), "sound": checked.sound}).decode())
    else:
        for line in _lines(checked):
            say(line)
        if verdict and checked.sound:
            say(f"verdict   {verdict}")
    if not checked.sound:
        complain(_unsound(checked))
        raise typer.Exit(1)


def _unsound(checked: checking.Checked) -> str:
    """What is not as it should be, in a sentence."""
    if checked.halted:
        return checked.halt or "the venue halted itself: the books do not add up"
    return "the books do not add up" if not checked.law.adds_up else "an invariant does not hold"


def _lines(checked: checking.Checked) -> Iterator[str]:
    if checked.stretch is not None:
        old = checked.stretch
        root = f", the root of {old.state} is the one it names as before" if old.state else ""
        yield (
            f"upgraded  entries {old.first_sequence:,} to {old.last_sequence:,} were made by format {old.format}, "
            f"rules {old.rules_version}: chain checked, not applied; begun at the state after the upgrade of sequence "
            f"{checked.upgraded:,}, whose root it names{root}"
        )
    elif checked.begins_after and checked.begins_after == checked.upgraded:
        yield (
            f"upgraded  begun at the state after the upgrade of sequence {checked.upgraded:,}, whose root it names; "
            "what is before was made by rules of an older format and was not applied"
        )
    elif checked.begins_after and checked.pruned:
        yield (
            f"pruned    what is before was removed from this journal: checked from the snapshot of sequence "
            f"{checked.begins_after:,}, whose state root stands in the journal"
        )
    elif checked.begins_after:
        yield (
            f"snapshot  begun at the snapshot of sequence {checked.begins_after:,}, whose state root stands in the "
            "journal; what is before was not applied"
        )
    of = f" of {checked.journal_sequence:,}" if checked.sequence < checked.journal_sequence else ""
    yield f"sequence  {checked.sequence:,}{of}"
    if checked.time_ns:
        yield f"time      {_time_text(checked.time_ns)}"
    yield f"speed     {checked.entries_per_second:,} entries/s ({checked.seconds:.2f} s, {checked.frames:,} frames)"
    at = f" at sequence {checked.halted_sequence:,}" if checked.halted_sequence else ""
    yield f"halted    {'yes' if checked.halted else 'no'}{at}"
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
    for market in checked.markets:
        yield (
            f"market    {market.symbol}: {market.state}, mark {market.mark or '-'}, index {market.index or '-'}, "
            f"last {market.last or '-'}, open interest {market.open_interest:,}"
        )
    for broken in checked.breaches:
        yield (
            f"{broken.invariant}    {broken.subject}: {broken.what}: found {broken.found:,}, "
            f"expected {broken.expected:,} (BROKEN)"
        )
    if checked.torn_bytes:
        yield (
            f"torn      {checked.torn_bytes:,} bytes of a frame that was not wholly written stand at the end: a crash "
            "leaves that, nobody was told of it, the next start cuts it off"
        )
    yield f"roots     {checked.roots_journaled:,} in the journal, {checked.roots_checked:,} made again and found equal"
    if checked.head:
        yield f"head      {checked.head}"
    yield f"root      {checked.root}"


def _time_text(time_ns: int) -> str:
    seconds, rest = divmod(time_ns, SECOND_NS)
    return f"{datetime.datetime.fromtimestamp(seconds, datetime.UTC):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"


def _verdict(difference: int) -> str:
    return "(holds)" if difference == 0 else f"(BROKEN by {difference:,})"
