"""Every fault that is tried, each with the row of the table that says what is expected.

First what befalls a running venue (kills, the disk, the clock, a second writer), then what is found at a start (bytes of
the journal, of snapshots and saved states, of history, and other formats).  `tried` carries a case out, compares, and
leaves the venue running as before; what does not fit is a sentence among the drill's problems.
"""

import asyncio
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from outcry.app import checking, rebuilding
from outcry.app.drill import damage
from outcry.app.drill.control import SECOND_NS, DiskFault
from outcry.app.drill.running import Drill
from outcry.app.drill.table import Outcome, Row
from outcry.app.drill.venue import DrillFailed, at_once
from outcry.app.supervise import VenueFailed, hold
from outcry.engine.engine import Engine
from outcry.history import HistoryError
from outcry.journal.errors import RESTORE, JournalError, SecondWriter
from outcry.node.recovery import recover

Observed = tuple[Outcome, str]
Try = Callable[[Drill], Awaitable[Observed]]
AGAIN = "Start again; what was answered is there."
NOTHING = "Nothing."
SEE_DISK = "See to the disk, then start again."
FORWARD_NS, BACK_NS = 60 * SECOND_NS, 20 * SECOND_NS
KEPT = ("journal", "snapshots", "gateway.state", "keeper.state", "history.db", "history.db-wal", "history.db-shm")
"""What is put back after a start was refused."""


@dataclass(frozen=True, slots=True)
class Case:
    """A fault, what is expected, and how it is made."""

    row: Row
    attempt: Try
    needs_segments: int = 0
    """So many segments must have been closed before it makes sense."""


def killed(*roles: str, outcome: Outcome = Outcome.ENDS) -> Try:
    """Kill processes, and start them again."""

    async def attempt(drill: Drill) -> Observed:
        ended = await drill.kill(*roles)
        await drill.start()
        return outcome, ended[0].said if ended else "nothing was there to be killed"

    return attempt


def struck(fault: DiskFault) -> Try:
    """The disk fails once, and the node with it."""

    async def attempt(drill: Drill) -> Observed:
        drill.control.give(fault)
        ended = await drill.venue.ended("node")
        drill.control.give(DiskFault.NONE)
        await drill.start()
        return Outcome.ENDS if ended.status == 1 else Outcome.GOES_ON, ended.said

    return attempt


async def short_writes(drill: Drill) -> Observed:
    """The disk takes a little at a time."""
    drill.control.give(DiskFault.SHORT)
    await drill.until_answered(100)
    drill.control.give(DiskFault.NONE)
    return Outcome.GOES_ON, drill.venue.words("node")


async def full(drill: Drill) -> Observed:
    """The disk has no room for a while."""
    before = len(drill.venue.words("node"))
    drill.control.give(DiskFault.FULL)
    await drill.until(lambda: "nearly full" in drill.venue.words("node")[before:], "a word about the full disk")
    unanswered = sum(ledger.unanswered for ledger in drill.load.ledgers)
    await drill.until(
        lambda: sum(ledger.unanswered for ledger in drill.load.ledgers) > unanswered, "a command that is refused"
    )
    drill.control.give(DiskFault.NONE)
    await drill.until_answered()
    return Outcome.GOES_ON, " ".join(drill.venue.words("node")[before:].split())


def clock_moved(nanoseconds: int, word: str) -> Try:
    """The clock of the node jumps; what it says of that."""

    async def attempt(drill: Drill) -> Observed:
        before = len(drill.venue.words("node"))
        drill.control.give(move_ns=nanoseconds)
        await drill.until(lambda: word in drill.venue.words("node")[before:], f"a word about the clock ({word})")
        await drill.until_answered()
        if nanoseconds < 0:
            drill.control.give(move_ns=-nanoseconds)
        return Outcome.GOES_ON, drill.venue.words("node")[before:]

    return attempt


async def second_venue(drill: Drill) -> Observed:
    """Another `outcry up` on the folder."""
    try:
        await hold(drill.venue.settings, at_once())
    except VenueFailed as problem:
        return Outcome.REFUSED, str(problem)
    return Outcome.STARTS, ""


async def second_writer(drill: Drill) -> Observed:
    """Another node on the journal, past the lock of the folder."""
    loop = asyncio.get_running_loop()
    try:
        await loop.run_in_executor(None, recover, drill.venue.data, Engine, time.time_ns())
    except SecondWriter as problem:
        return Outcome.REFUSED, str(problem)
    return Outcome.STARTS, ""


def damaged(
    damage_it: damage.Damage, role: str = "node", *, kill: bool = False, examine: Outcome = Outcome.STARTS
) -> Try:
    """Damage the files of a venue that was stopped (or killed), start it, and put back what it does not start with.

    `role` is whose words count when it starts; `examine` says which command looks at the files then.
    """

    async def attempt(drill: Drill) -> Observed:
        if kill:
            await drill.kill()
        else:
            await drill.venue.stop()
        with tempfile.TemporaryDirectory(dir=drill.venue.data) as kept:
            keep(drill.venue.data, Path(kept))
            damage_it(drill.files, drill.chance)
            ended = await drill.venue.start()
            if ended is not None:
                await drill.venue.kill()
                put_back(drill.venue.data, Path(kept))
                await drill.start()
                return Outcome.REFUSED if ended.status > 0 else Outcome.ENDS, ended.said
            said = drill.venue.words(role)
            if examine is Outcome.STARTS:
                return Outcome.STARTS, said
            await drill.kill()
            observed = examined(drill, examine)
            put_back(drill.venue.data, Path(kept), instead_of_later=False)
            await drill.start()
            return observed

    return attempt


def examined(drill: Drill, how: Outcome) -> Observed:
    """What `outcry verify`, or `outcry history check`, says of the folder."""
    try:
        if how is Outcome.VERIFY:
            checking.verify(drill.files.journal, lambda sequence: None)
        else:
            rebuilding.compare(drill.files, lambda sequence: None)
    except (JournalError, HistoryError) as problem:
        return how, str(problem)
    return Outcome.STARTS, "nothing is found"


def keep(data: Path, kept: Path) -> None:
    """Copy everything that may be damaged."""
    for name in KEPT:
        path = data / name
        if path.is_dir():
            shutil.copytree(path, kept / name)
        elif path.exists():
            shutil.copyfile(path, kept / name)


def put_back(data: Path, kept: Path, *, instead_of_later: bool = True) -> None:
    """Put back what was kept; without `instead_of_later` only what has not been written since."""
    for name in KEPT:
        path = data / name
        if not instead_of_later:
            if name == "journal":
                for old in (kept / name).glob("*.zst"):
                    shutil.copyfile(old, path / old.name)
            continue
        if path.is_dir():
            shutil.rmtree(path)
        path.unlink(missing_ok=True)
        if (kept / name).is_dir():
            shutil.copytree(kept / name, path)
        elif (kept / name).exists():
            shutil.copyfile(kept / name, path)


async def tried(drill: Drill, case: Case) -> None:
    """Carry out a case and compare; afterwards the venue trades again."""
    fault = case.row.fault
    drill.faults[fault] += 1
    outcome, said = await case.attempt(drill)
    if not case.row.fits(outcome, said):
        drill.problems.append(
            f"{fault}: expected that it {case.row.outcome} and says `{case.row.says}`; it {outcome} and said: "
            f"{' '.join(said.split())[-600:]}"
        )
    if set(drill.venue.running) != set(("node", "keeper", "gateway", "feed")):
        raise DrillFailed(f"after {fault} there run only {sorted(drill.venue.running)}")


RESTORED = "Restore the file as it says; `outcry verify` names what else is damaged."
REBUILD = "Run `outcry history rebuild`."


def at_start(fault: str, damage_it: damage.Damage, says: str, remedy: str = RESTORED) -> Case:
    """A damage with which the venue does not start."""
    return Case(Row(fault, Outcome.REFUSED, says, remedy), damaged(damage_it))


def passed_over(fault: str, damage_it: damage.Damage, says: str = "", role: str = "node") -> Case:
    """A damage with which it starts, saying so where something is of no use."""
    remedy = "Nothing; the start takes longer." if says else NOTHING
    return Case(Row(fault, Outcome.STARTS, says, remedy), damaged(damage_it, role))


RUNNING = [
    Case(
        Row("node killed", Outcome.ENDS, "the node process was killed by signal 9: …", AGAIN),
        killed("node"),
    ),
    Case(
        Row("gateway killed", Outcome.ENDS, "the gateway process was killed by signal 9: …", AGAIN),
        killed("gateway"),
    ),
    Case(
        Row("keeper killed", Outcome.AGAIN, "the keeper process was killed by signal 9: …", NOTHING),
        killed("keeper", outcome=Outcome.AGAIN),
    ),
    Case(
        Row("everything killed", Outcome.ENDS, "", AGAIN),
        killed(),
    ),
    Case(
        Row(
            "a write returns EIO",
            Outcome.ENDS,
            "the node process ended with status 1: PATH: sequence N could not be written (Input/output error). "
            "Nobody was told of it. See to the disk, then start again: what was answered is there.",
            SEE_DISK,
        ),
        struck(DiskFault.WRITE_EIO),
    ),
    Case(
        Row(
            "a write returns ENOSPC",
            Outcome.ENDS,
            "the node process ended with status 1: PATH: sequence N could not be written (No space left on device). "
            "Nobody was told of it. See to the disk, then start again: what was answered is there.",
            SEE_DISK,
        ),
        struck(DiskFault.WRITE_ENOSPC),
    ),
    Case(
        Row(
            "fdatasync returns EIO",
            Outcome.ENDS,
            "the node process ended with status 1: PATH: sequence N could not be made durable (Input/output error). "
            "Nobody was told of it. See to the disk, then start again: what was answered is there.",
            SEE_DISK,
        ),
        struck(DiskFault.SYNC_EIO),
    ),
    Case(
        Row(
            "fdatasync returns ENOSPC",
            Outcome.ENDS,
            "the node process ended with status 1: PATH: sequence N could not be made durable (No space left on "
            "device). Nobody was told of it. See to the disk, then start again: what was answered is there.",
            SEE_DISK,
        ),
        struck(DiskFault.SYNC_ENOSPC),
    ),
    Case(Row("writes are short", Outcome.GOES_ON, "", NOTHING), short_writes),
    Case(
        Row(
            "the disk is nearly full",
            Outcome.GOES_ON,
            "the disk of PATH is nearly full: submissions are turned away until space is freed … there is room on the "
            "disk again: submissions are taken",
            "Free space; until then commands get 503.",
        ),
        full,
    ),
    Case(
        Row(
            "the clock goes forward by more than 5 s",
            Outcome.GOES_ON,
            "N seconds have passed without an entry: only cancels are taken until prices are fresh",
            NOTHING,
        ),
        clock_moved(FORWARD_NS, "have passed without an entry"),
    ),
    Case(
        Row(
            "the clock goes back",
            Outcome.GOES_ON,
            "the clock went back by N seconds: the venue's time stands still until the clock has caught up",
            "Set the clock right.",
        ),
        clock_moved(-BACK_NS, "the clock went back"),
    ),
    Case(
        Row(
            "a second venue on the folder",
            Outcome.REFUSED,
            "another venue (process N) runs on PATH: stop it first",
            "Stop the other one, or name another folder.",
        ),
        second_venue,
    ),
    Case(
        Row(
            "a second writer of the journal",
            Outcome.REFUSED,
            "PATH is being written by process N; stop it first, or use another folder",
            "Stop the other one.",
        ),
        second_writer,
    ),
]

JOURNAL = [
    at_start("genesis: a byte flipped", damage.flip_genesis, "PATH/genesis: … " + RESTORE),
    at_start("genesis: cut", damage.cut_genesis, "PATH/genesis: a genesis has N bytes, not N. " + RESTORE),
    at_start(
        "genesis: missing",
        damage.remove_genesis,
        "PATH/genesis is missing, so the chain has no beginning. " + RESTORE,
    ),
    at_start(
        "last frame: a byte flipped",
        damage.flip_last_frame,
        "PATH, byte N, frame of sequence N: …; but sequence N has been handed out, so this frame was durable and its "
        "file has been damaged since. " + RESTORE,
    ),
    at_start(
        "earlier frame of the newest segment: a byte flipped",
        damage.flip_earlier_frame,
        "PATH, byte N, frame of sequence N: … follow… " + RESTORE,
    ),
    at_start("newest segment: cut in its frames", damage.cut_newest, "sequence N has been handed out, … " + RESTORE),
    at_start(
        "newest segment: missing",
        damage.remove_newest,
        "sequence N has been handed out, but the journal ends at N. " + RESTORE,
    ),
    passed_over("newest segment: cut behind its frames", damage.cut_zeros),
    passed_over("newest segment: bytes behind its frames, as of a torn write", damage.tear),
    Case(
        Row(
            "closed segment: a byte flipped or a part cut",
            Outcome.VERIFY,
            "PATH cannot be decompressed: … " + RESTORE,
            RESTORED,
        ),
        damaged(damage.flip_closed, examine=Outcome.VERIFY),
        1,
    ),
    Case(
        Row(
            "closed segment: missing",
            Outcome.VERIFY,
            "PATH, byte N, frame of sequence N: frames are missing until segment PATH. " + RESTORE,
            RESTORED,
        ),
        damaged(damage.remove_closed, examine=Outcome.VERIFY),
        3,
    ),
    Case(
        Row(
            "closed segment: a byte flipped, and no snapshot",
            Outcome.REFUSED,
            "PATH cannot be decompressed: … " + RESTORE,
            RESTORED,
        ),
        damaged(damage.flip_closed_and_forget),
        1,
    ),
    at_start(
        "mark of pruning: damaged",
        damage.spoil_pruned,
        "PATH fails its checksum, so it is not known where the journal begins. " + RESTORE,
    ),
    passed_over("mark of what was handed out: a byte flipped", damage.spoil_seen),
    passed_over("spare segment: a byte flipped", damage.spoil_spare),
]

STATES = [
    passed_over("snapshots: a byte flipped in each", damage.flip_snapshot, "PATH fails its checksum; it was not used"),
    passed_over("snapshots: each cut", damage.cut_snapshot, "PATH fails its checksum; it was not used"),
    passed_over("snapshots and saved states: missing", damage.remove_snapshots),
    passed_over(
        "gateway.state: a byte flipped",
        damage.flip_gateway_state,
        "PATH was not used: it fails its checksum",
        "gateway",
    ),
    passed_over("gateway.state: cut", damage.cut_gateway_state, "PATH was not used: it fails its checksum", "gateway"),
    passed_over(
        "keeper.state: a byte flipped", damage.flip_keeper_state, "PATH was not used: it fails its checksum", "keeper"
    ),
    passed_over("keeper.state: cut", damage.cut_keeper_state, "PATH was not used: it fails its checksum", "keeper"),
]

HISTORY = [
    at_start(
        "history.db: its head flipped",
        damage.flip_history_head,
        "PATH cannot be used (…): stop the venue and run `outcry history rebuild` on its data folder",
        REBUILD,
    ),
    at_start(
        "history.db: cut",
        damage.cut_history,
        "PATH cannot be used (…): stop the venue and run `outcry history rebuild` on its data folder",
        REBUILD,
    ),
    at_start(
        "history.db: a page overwritten",
        damage.overwrite_history,
        "PATH cannot be used (…): stop the venue and run `outcry history rebuild` on its data folder",
        REBUILD,
    ),
    Case(
        Row(
            "history.db: a number in a row flipped",
            Outcome.CHECK,
            "PATH is not what the journal makes: table PATH, … stop the venue and run `outcry history rebuild` on its "
            "data folder",
            REBUILD,
        ),
        damaged(damage.flip_history_row, examine=Outcome.CHECK),
    ),
]

FORMATS = [
    at_start(
        "genesis of an older or newer format",
        damage.other_genesis,
        "PATH/genesis: the journal has format N, this program reads format N. ",
        "Use a program of that format.",
    ),
    at_start(
        "last frame of another format",
        damage.other_frame,
        "PATH, byte N, frame of sequence N: the frame has format N, this program reads format N",
        "Use a program of that format.",
    ),
    passed_over(
        "snapshots of another format",
        damage.other_snapshot,
        "PATH has format N, this program reads format N; it was not used",
    ),
    passed_over("saved states of another format", damage.other_state, "PATH was not used: …", "gateway"),
    at_start(
        "history.db of a newer program",
        damage.newer_history,
        "PATH cannot be used (it has revision N, this program knows revisions up to N): stop the venue and run "
        "`outcry history rebuild` on its data folder",
        "Use that program, or " + REBUILD[0].lower() + REBUILD[1:],
    ),
]

CASES = [*RUNNING, *JOURNAL, *STATES, *HISTORY, *FORMATS]
