"""`outcry up`: a venue from nothing to `ready`, and from a signal to nothing.

First what it needs (a bound port, a data folder, a cast), then the processes in their order, then the wait until
trading works, then the end.  Processes start as node, keeper, gateway, guests and stop in the reverse order; one that
ends by itself stops the venue with the last words it left behind, but for the keeper, which nobody waits for who
trades: it is started again, and only one that cannot keep running stops the venue.  What is here trusts the public API
only: the venue is ready when a stranger could trade on it.
"""

import asyncio
import contextlib
import fcntl
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from outcry import __version__
from outcry.app import compose, demo, following, forking, halting, logs, restoring
from outcry.app.overseeing import Notifier, Supervised, metrics
from outcry.app.process import EXPECTED as EXPECTED_INSIDE
from outcry.app.process import LISTENER, OPERATOR_WANTED, ROLES
from outcry.app.settings import DEMO, FORK, Settings, encode
from outcry.app.watching import settle_breach
from outcry.client import ClientError, Refused, VenueClient
from outcry.identity import Identity
from outcry.journal.files import clear_temporary

log = logging.getLogger("outcry.app")

POLL_S = 0.25
NODE_S_MAX = 600
"""A long journal is replayed before the node answers."""
READY_S_MAX = 180
"""From the gateway's first answer on; how long it follows a journal before that depends on the journal."""
PROGRESS_S = 5.0
STOP_S_MAX = 15
FAILED_STOP_S_MAX = 3
"""A process that waits for one that has died is not waited for as long."""
LOCK_S_MAX = 3
KEEPER_STARTS_MAX = 5
KEEPER_STEADY_S = 60
"""A keeper that has run for so long counts as steady, and its starts are counted anew."""
KEEPER_RETRY_S = 1.0
ERROR_BYTES_KEPT = 4 << 20
BACKLOG = 2048

Say = Callable[[str], None]


class VenueFailed(Exception):
    """The venue could not start or could not go on; the message says why and what to do."""


EXPECTED = (VenueFailed, following.RootDisputed, *EXPECTED_INSIDE)
"""Errors whose message is meant for the operator."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where the venue answers, on a socket that is bound already."""

    listener: socket.socket
    host: str
    port: int

    @property
    def url(self) -> str:
        """For clients on this machine or, if the host says so, elsewhere."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def websocket_url(self) -> str:
        """Of the realtime feed."""
        return self.url.replace("http", "ws", 1) + "/realtime"


@dataclass(slots=True)
class Child:
    """A process of the venue and where its last words go."""

    role: str
    process: asyncio.subprocess.Process
    errors: Path
    errors_begin: int
    """Where its own words begin in them."""

    def obituary(self) -> str:
        """How it ended."""
        return obituary(self.role, self.process.returncode or 0, self.errors, self.errors_begin)


def obituary(role: str, status: int, errors: Path, errors_begin: int) -> str:
    """How a process ended, with the last line that it wrote."""
    how = f"was killed by signal {-status}" if status < 0 else f"ended with status {status}"
    words = errors.read_bytes()[errors_begin:].decode(errors="replace").strip()
    last = words.splitlines()[-1] if words else "it left no word"
    return f"the {role} process {how}: {last}\n(its log is {errors.with_suffix('.log')})"


def bind(settings: Settings) -> Address:
    """Take the port, so that it is known to be free before anything is started.  Raises `VenueFailed`."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen(BACKLOG)
    except OSError as problem:
        listener.close()
        where, why = f"{settings.host}:{settings.port}", problem.strerror
        raise VenueFailed(f"{where} cannot be used ({why}): choose another --port, or 0 for any") from problem
    listener.setblocking(False)
    return Address(listener, settings.host, listener.getsockname()[1])


async def hold(settings: Settings, stop: asyncio.Event) -> int:
    """Take the data folder for this venue; the lock's descriptor, which all its processes inherit.

    A killed venue's processes may be dying still, so another holder is waited for a little.  Raises `VenueFailed`.
    """
    try:
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(settings.files.lock, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as problem:
        raise VenueFailed(
            f"{settings.data} cannot be a data folder ({problem.strerror}): choose another --data"
        ) from problem
    deadline = time.monotonic() + LOCK_S_MAX
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as problem:
            if time.monotonic() > deadline or stop.is_set():
                holder = os.pread(lock, 32, 0).decode(errors="replace").strip()
                os.close(lock)
                raise VenueFailed(
                    f"another venue (process {holder}) runs on {settings.data}: stop it first"
                ) from problem
            await asyncio.sleep(POLL_S)
        else:
            os.ftruncate(lock, 0)
            os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
            return lock


async def up(settings: Settings, say: Say) -> None:
    """Run the venue until SIGINT or SIGTERM.  Raises `VenueFailed`."""
    stop = asyncio.Event()
    manager = Notifier.of_environment()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    address = bind(settings)
    lock = await hold(settings, stop)
    logs.set_up(compose.ONE_PROCESS if settings.one_process else "supervisor", settings.files.logs)
    log.info("started", extra={"pid": os.getpid(), "version": __version__})
    try:
        settings.files.demo.unlink(missing_ok=True)
        clear_temporary(settings.data)
        following.settle_dispute(settings)
        settle_breach(settings.files)
        restoring.settle_restored(settings.files)
        with contextlib.closing(Identity(settings.files.identity)) as identity:
            cast = None if settings.empty or settings.profile == FORK else demo.assemble(identity)
        running = in_one_process if settings.one_process else in_processes
        async with observed(settings, say) as known, running(settings, address, lock, stop, say, known) as ended:
            ready = loop.create_task(until_ready(settings, address, cast, say))
            asked = loop.create_task(stop.wait())
            await asyncio.wait([ready, asked, ended], return_when=asyncio.FIRST_COMPLETED)
            if ready.done() and not ended.done():
                # Raises what kept the venue from getting ready.
                ready.result()
                log.info("ready", extra={"url": address.url})
                manager.say("READY=1")
                alive = loop.create_task(manager.keep_alive(lambda: _is_well(settings)))
                await asyncio.wait([asked, ended], return_when=asyncio.FIRST_COMPLETED)
                alive.cancel()
            ready.cancel()
            asked.cancel()
            manager.say("STOPPING=1")
            if stop.is_set():
                log.info("stopping")
                say("stopping ...")
            else:
                ended.result()
    finally:
        address.listener.close()
        os.close(lock)
    say("stopped")


async def _is_well(settings: Settings) -> bool:
    """Whether the node still answers; in one process whoever asks is the node."""
    return settings.one_process or await compose.node_status(settings) is not None


@contextlib.asynccontextmanager
async def observed(settings: Settings, say: Say) -> AsyncIterator[Supervised]:
    """Answer with metrics meanwhile.  Raises `VenueFailed` if their port is taken."""
    roles = (compose.ONE_PROCESS,) if settings.one_process else ROLES[: 3 if settings.empty else 4]
    async with contextlib.AsyncExitStack() as stack:
        try:
            known, port = await stack.enter_async_context(metrics(settings, roles))
        except OSError as problem:
            where = f"127.0.0.1:{settings.metrics_port}"
            raise VenueFailed(
                f"{where} cannot be used ({problem.strerror}): choose another --metrics-port"
            ) from problem
        if port is not None:
            say(f"figures http://127.0.0.1:{port}/metrics")
        yield known


@contextlib.asynccontextmanager
async def in_processes(
    settings: Settings, address: Address, lock: int, stop: asyncio.Event, say: Say, known: Supervised
) -> AsyncIterator["asyncio.Task[None]"]:
    """The venue as node, keeper, gateway and guests; yields a task that ends with the first of them.

    Raises `VenueFailed` when all were stopped and one of them did not leave in order.
    """
    children: list[Child] = []
    watches: list[asyncio.Task[None]] = []
    try:
        children.append(await spawn("node", settings, address, lock))
        watches.append(asyncio.create_task(watch(children[0])))
        await until_node_answers(settings, watches[0], stop)
        for role in ("keeper", "gateway") if settings.empty else ("keeper", "gateway", "guests"):
            if stop.is_set():
                break
            children.append(await spawn(role, settings, address, lock))
            child, is_keeper = children[-1], role == "keeper"
            care = keep(child, settings, address, lock, say, known) if is_keeper else watch(child)
            watches.append(asyncio.create_task(care))
        # From here the gateway alone holds the port, so that nobody waits on it once the gateway is gone.
        address.listener.close()
        ended = asyncio.create_task(first_of(watches))
        yield ended
        ended.cancel()
    finally:
        failed = any(watching.done() for watching in watches)
        for watching in watches:
            watching.cancel()
        disorder = await end(children, FAILED_STOP_S_MAX if failed else STOP_S_MAX)
    if disorder:
        raise VenueFailed("\n".join(disorder))


@contextlib.asynccontextmanager
async def in_one_process(
    settings: Settings, address: Address, lock: int, stop: asyncio.Event, say: Say, known: Supervised
) -> AsyncIterator["asyncio.Task[None]"]:
    """The venue in this process; yields its task."""
    logs.also_to_terminal()
    leave = asyncio.Event()
    task = asyncio.create_task(compose.run_all(settings, address.listener, address.url, leave))
    try:
        yield task
    finally:
        leave.set()
        await asyncio.wait([task])
    # Raises what went wrong while it stopped.
    task.result()


async def spawn(role: str, settings: Settings, address: Address, lock: int) -> Child:
    """Start a process.  It stays in our process group, so whoever kills the group kills the venue."""
    folder = settings.files.logs
    folder.mkdir(exist_ok=True)
    # Its log is its own, and moved aside while it writes; what it says beside, last of all why it ends, stands here.
    errors = folder / f"{role}.err"
    if errors.exists() and errors.stat().st_size > ERROR_BYTES_KEPT:
        errors.replace(errors.with_suffix(".err.old"))
    listener = address.listener.fileno()
    with errors.open("ab") as words:
        begin = words.tell()
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "outcry.app.process", role, encode(settings), address.url),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=words,
            stderr=words,
            pass_fds=(lock, listener) if role == "gateway" else (lock,),
            env={**os.environ, LISTENER: str(listener)},
        )
    return Child(role, process, errors, begin)


async def watch(child: Child) -> None:
    """Wait for the end of a process that should not end.  Raises `VenueFailed`."""
    await child.process.wait()
    raise VenueFailed(child.obituary())


async def keep(child: Child, settings: Settings, address: Address, lock: int, say: Say, known: Supervised) -> None:
    """Start the keeper again whenever it ends.  Raises `VenueFailed` when it ends too often to be of use.

    What it had not written yet it follows again from the journal, so nothing is missing and nothing is there twice.
    One that has halted because its state root differs stays down, and the venue with it; so does one that says that
    starting it again is of no use.
    """
    starts, started = 1, time.monotonic()
    while True:
        await child.process.wait()
        marked = settings.files.disputed_root.exists() or settings.files.broken_law.exists()
        if marked or child.process.returncode == OPERATOR_WANTED:
            # It has halted itself, over a state root or a law, and nothing goes on before somebody has looked.
            raise VenueFailed(child.obituary())
        if time.monotonic() - started >= KEEPER_STEADY_S:
            starts = 0
        if starts >= KEEPER_STARTS_MAX:
            raise VenueFailed(f"{child.obituary()}\nit was started {starts} times in a row")
        log.warning("the keeper is started again: %s", child.obituary(), extra={"starts": starts})
        say(f"again  {child.obituary()}; it is started again, and history goes on where it was")
        known.keeper_restarts += 1
        await asyncio.sleep(KEEPER_RETRY_S * starts)
        again = await spawn(child.role, settings, address, lock)
        child.process, child.errors, child.errors_begin = again.process, again.errors, again.errors_begin
        starts, started = starts + 1, time.monotonic()


async def first_of(tasks: Sequence["asyncio.Task[None]"]) -> None:
    """Wait for the first to end, and raise what it raised."""
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        task.result()


async def until_node_answers(settings: Settings, watching: "asyncio.Task[None]", stop: asyncio.Event) -> None:
    """Wait for the node.  Raises `VenueFailed` if it ends or takes too long."""
    deadline = time.monotonic() + NODE_S_MAX
    while not stop.is_set() and await compose.node_status(settings) is None:
        if watching.done():
            watching.result()
        if time.monotonic() > deadline:
            raise VenueFailed(f"the node has not answered for {NODE_S_MAX} seconds")
        await asyncio.sleep(POLL_S / 5)


async def end(children: Sequence[Child], seconds: float) -> list[str]:
    """Stop the processes, last started first; one that does not leave in time is killed.

    What went wrong meanwhile, a sentence each.  A process that SIGTERM killed had not begun to work yet.
    """
    for child in reversed(children):
        if child.process.returncode is not None:
            continue
        child.process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(seconds):
                await child.process.wait()
        except TimeoutError:
            child.process.kill()
            await child.process.wait()
    return [child.obituary() for child in children if child.process.returncode not in (0, -signal.SIGTERM)]


async def until_ready(settings: Settings, address: Address, cast: demo.Cast | None, say: Say) -> None:
    """Wait until a stranger could trade, then say so.  Raises `VenueFailed` if that takes too long."""
    say(f"URL    {address.url}")
    if cast is not None:
        for key in cast.users:
            say(f"key    {key.user.name}  {key.id}  {key.secret}")
    await until_gateway_answers(settings, address, say)
    if await halting.has_halted(address.url):
        for sentence in await halting.sentences(settings.files):
            say(f"HALTED {sentence}")
        demo.write_card(settings.files.demo, address.url, address.websocket_url, cast, settings.profile)
        say(f"ready  {address.url}  to read only, because the venue has halted; Ctrl-C stops")
        return
    started = time.monotonic()
    async with contextlib.AsyncExitStack() as stack:
        # Demo users sign what they ask: their keys may ask more often than an unknown address.
        names = demo.USERS if cast is not None else ()
        clients = [
            await stack.enter_async_context(VenueClient(address.url, cast.credentials(name), attempts=1))
            for name in names
            if cast is not None
        ] or [await stack.enter_async_context(VenueClient(address.url, attempts=1))]
        missing = "an answer"
        while missing:
            await asyncio.sleep(POLL_S if cast is not None else 4 * POLL_S)
            missing = await what_is_missing(clients, cast is not None, settings.profile)
            if missing and time.monotonic() - started > READY_S_MAX:
                raise VenueFailed(f"the venue is not ready after {READY_S_MAX} seconds: {missing} is missing")
    profile = settings.profile if cast is not None or settings.profile == FORK else ""
    demo.write_card(settings.files.demo, address.url, address.websocket_url, cast, profile)
    traded = " and traded" if profile == DEMO else ", prices from `outcry index set`"
    books = f"{len(compose.BOOKS)} books quoted{traded}" if cast is not None else "nothing listed"
    origin = forking.origin_of(settings.files)
    if origin is not None and cast is None:
        books = f"a fork: the market as it was after sequence {origin.sequence:,}, prices from `outcry index set`"
    say(f"ready  {address.url}  {books}; {settings.files.demo} says how to join; Ctrl-C stops")


async def until_gateway_answers(settings: Settings, address: Address, say: Say) -> None:
    """Wait for the gateway's first answer and tell how far it has come; who watches its process knows if it ends."""
    told = time.monotonic()
    async with VenueClient(address.url, attempts=1, timeout_s=PROGRESS_S) as client:
        while True:
            try:
                await client.instruments()
            except Refused:
                return
            except ClientError:
                await asyncio.sleep(POLL_S)
            else:
                return
            if time.monotonic() - told >= PROGRESS_S:
                told = time.monotonic()
                say(f"wait   the gateway follows the journal{progress_in(await compose.node_status(settings))}")


def progress_in(status: dict[str, Any] | None) -> str:
    """How much of the journal the node has sent to the gateway, as far as that is known."""
    sent = status["sent"].get(str(compose.GATEWAY_ORIGIN)) if status is not None else None
    return f": {sent:,} of {status['durable_sequence']:,} entries" if status is not None and sent is not None else ""


async def what_is_missing(clients: Sequence[VenueClient], demo_wanted: bool, profile: str = DEMO) -> str:
    """What keeps a stranger from trading, or nothing."""
    try:
        rows = {row.symbol: row for row in await clients[0].instruments()}
        if not demo_wanted:
            return ""
        for symbol in compose.BOOKS:
            row = rows.get(symbol)
            if row is None:
                return f"the listing of {symbol}"
            # One side is enough: a maker who holds as much as he may quotes the other one only.
            if row.bid_price is None and row.ask_price is None:
                return f"a bid or an offer in {symbol}"
            if row.last_price is None and profile == DEMO:
                return f"a trade in {symbol}"
        for client, name in zip(clients, demo.USERS, strict=True):
            if not any(margin.available_minor for margin in await client.margins()):
                return f"the money of {name}"
    except ClientError as problem:
        return f"an answer ({problem})"
    return ""
