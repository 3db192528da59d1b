"""The processes of a drill's venue: one that has loaded everything already, and forks each of the others from itself.

`python -m outcry.app.drill.process` reads orders from its standard input, a JSON line each, and says on standard output
which process it started and how each ended.  So a node that was killed is there again in some milliseconds, and is a
process like any other: of its own, killed by SIGKILL, judged by its exit status.  It runs what `outcry up` runs, with
small segments, a root every `ROOT_EVERY` entries and the disk and clock of `control`.  The fourth process is the feed:
listings, money for the drill's clients, and prices; nobody but the clients trades.
"""

import asyncio
import contextlib
import gc
import os
import select
import signal
import socket
import sys
import traceback
from pathlib import Path

import msgspec
import uvloop

from outcry.app import compose, demo, listings, logs, process, walking
from outcry.app.commanding import Door
from outcry.app.drill.control import Control, FaultyDisk
from outcry.app.settings import Settings
from outcry.engine.engine import Engine
from outcry.feeds.simulated import RandomWalk, run_simulated
from outcry.gateway.door import NoAnswer, Overloaded
from outcry.identity import Identity, UserUnknown
from outcry.journal.segments import SegmentSettings
from outcry.node.keeper import KeeperSettings
from outcry.node.settings import LinkSettings, NodeSettings

ROLES = ("node", "keeper", "gateway", "feed")
CLIENTS = tuple(f"drill-{number}" for number in range(1, 9))
FUNDS_MINOR = {"XBt": 1_000 * 10**8, "USDt": 20_000_000 * 10**6}
KEY_NAME = "drill"
REQUESTS_PER_MINUTE, ORDERS_PER_SECOND = 600_000, 10_000
ROOT_EVERY = 512
SEGMENTS = SegmentSettings(segment_bytes=256 << 10, reserve_bytes=64 << 20)
KEEPER = KeeperSettings(snapshot_seconds=1.0, repeat_seconds=1.0)
LINK = LinkSettings(answer_seconds=0.5, backoff_seconds=0.02, backoff_seconds_max=0.1)
FIND_ENDED_S = 0.02
AGAIN_S = 0.1


class Start(msgspec.Struct, frozen=True):
    """An order: start this role, with its words going to that file."""

    role: str
    data: str
    port: int
    log: str


class Told(msgspec.Struct, frozen=True):
    """What is said of a process: it was started, or it ended with a status (negative: killed by that signal)."""

    pid: int
    role: str = ""
    status: int | None = None


async def run(role: str, settings: Settings) -> None:
    """The role's work until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    control = Control(settings.data)
    if role == "node":
        node = NodeSettings(
            segments=SEGMENTS,
            disk=FaultyDisk(control, SEGMENTS.reserve_bytes),
            root_every=settings.root_every,
            handle_signals=False,
        )
        await compose.run_node_process(settings, stop, node, control.clock())
    elif role == "keeper":
        await compose.run_keeper_process(settings, stop, KEEPER)
    elif role == "gateway":
        with socket.create_server((settings.host, settings.port), backlog=512) as listener:
            listener.setblocking(False)
            await compose.run_gateway_process(settings, listener, stop, LINK)
    elif role == "feed":
        await compose.run_guests_process(settings, "", stop, feed)
    else:
        raise ValueError(f"there is no role {role!r}")


async def feed(
    settings: Settings, commands: Door, engine: Engine, identity: Identity, url: str, stop: asyncio.Event
) -> None:
    """List what is traded, give the clients money, and say prices until told to stop."""
    terms = listings.load()
    while not stop.is_set():
        try:
            await open_up(commands, terms, engine, identity)
            break
        except (NoAnswer, Overloaded):
            # All of it can be done again.
            await asyncio.sleep(AGAIN_S)
    walk = RandomWalk(settings.seed, walking.walk_specs(terms), walking.last_prices(engine.tables))
    await run_simulated(walk, commands.submit, stop)


async def open_up(commands: Door, terms: listings.Listings, engine: Engine, identity: Identity) -> None:
    """List what is not listed yet and give everybody money once.  Raises `NoAnswer` or `Overloaded`."""
    for record in listings.outstanding(terms, engine.tables):
        await demo.carry_out(commands, record, f"a {type(record).__name__} command of the listings")
    currencies = {currency.symbol: number for number, currency in enumerate(terms.currencies, 1)}
    await demo.fund(commands, identity, cast_of(identity), currencies, FUNDS_MINOR)


def cast_of(identity: Identity) -> demo.Cast:
    """The drill's clients, made where they are missing."""
    keys = {}
    for name in CLIENTS:
        try:
            user = identity.user(name)
        except UserUnknown:
            user = identity.add_user(name)
        known = [key for key in identity.keys(user) if key.name == KEY_NAME]
        keys[name] = (
            known[0]
            if known
            else identity.add_key(
                user, KEY_NAME, requests_per_minute=REQUESTS_PER_MINUTE, orders_per_second=ORDERS_PER_SECOND
            )
        )
    return demo.Cast(keys)


def work(order: Start) -> int:
    """Be that process; its exit status."""
    words = os.open(order.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(words, 1)
    os.dup2(words, 2)
    os.umask(process.PRIVATE)
    process.die_with_the_supervisor()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # In words and into the same file as all else it says, because the table of faults is compared with that.
    logs.set_up()
    settings = Settings(data=Path(order.data), port=order.port, root_every=ROOT_EVERY)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(run(order.role, settings))
    except BaseExceptionGroup as group:
        return process.tell(group)
    except process.EXPECTED as problem:
        return process.tell(problem)
    return 0


def fork(order: Start) -> int:
    """Start a process; its number."""
    pid = os.fork()
    if pid:
        return pid
    status = process.FAILED
    try:
        status = work(order)
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


def main() -> None:
    """Take orders until standard input ends, which is also the end of all that were started."""
    process.die_with_the_supervisor()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()
    rest = b""
    while True:
        ready, _, _ = select.select([0], [], [], FIND_ENDED_S)
        if ready:
            data = os.read(0, 1 << 16)
            if not data:
                return
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                order = msgspec.json.decode(line, type=Start)
                tell(Told(fork(order), order.role))
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                tell(Told(ended[0], status=os.waitstatus_to_exitcode(ended[1])))


def tell(told: Told) -> None:
    """A line to who gives the orders."""
    os.write(1, msgspec.json.encode(told) + b"\n")


if __name__ == "__main__":
    main()
