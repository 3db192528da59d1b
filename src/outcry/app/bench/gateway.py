"""`outcry bench gateway`: what signed orders cost over REST, on a venue of its own in a temporary folder.

First the venue (`outcry up --empty` as a child, then the listings, a price for every source and funded users, through
a line of this process to its node), then the loads, each from a process of its own: single orders at a steady pace,
single orders as fast as answers come, and lists of orders.  CPU time is the kernel's count of the gateway's and the
node's processes.  Every answer has been durable before it was sent.
Known limits: Linux only; load, gateway, node and disk share this machine, which is part of every figure.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import uvloop

from outcry.app import demo, listings
from outcry.app.bench import load
from outcry.app.bench.figures import Figure, Options, Report, at_least, at_most, plain, report
from outcry.app.commanding import Door
from outcry.app.compose import GUESTS_ORIGIN
from outcry.app.settings import Files
from outcry.engine.engine import Engine
from outcry.identity import Identity
from outcry.node.replica import Replica
from outcry.node.socket_link import NodeLink
from outcry.protocol.layout import ConstituentPrice

CLIENTS = 64
ORDERS_PER_LIST = 60
"""So that all clients together wait for fewer orders than the gateway takes before it sheds (`pending_orders_max`)."""
SECONDS = 8.0
PACE = 1_000.0
WARM_UP_S = 2.0
READY_S = 60.0
STOP_S = 30.0
FREE_PER_MINUTE, FREE_PER_SECOND = 10**9, 10**9
"""Limits that nobody meets."""
SYMBOL, PRICE, TICK, LOT = "XBTUSD", 60_000.0, 0.1, 100
FUNDS_MINOR = 10**12
ORDERS_PER_SECOND, MEDIAN_MS, P99_MS, CPU_US = 20_000, 2.0, 10.0, 120.0
"""The budgets."""
NOTES = (
    "load, gateway, keeper, node and disk share this machine; every answer was durable before it was sent",
    "unpaced, each client sends when it is answered, so the median is about clients / (orders/s)",
)
SYNCS, SYNC_BYTES = 200, 512
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


class BenchFailed(Exception):
    """The venue did not do what the measurement needs; the message says what."""


class Size(msgspec.Struct, frozen=True):
    """How much is measured."""

    clients: int = CLIENTS
    seconds: float = SECONDS
    warm_up_s: float = WARM_UP_S
    orders_per_list: int = ORDERS_PER_LIST
    pace: float = PACE


SMALL = Size(clients=4, seconds=0.5, warm_up_s=0.1, orders_per_list=10, pace=100.0)


def run(options: Options) -> Report:
    """Measure.  Raises `TooSlow`, or `BenchFailed` when the venue does not do what is needed."""
    # How many commands there will be depends on the machine; asked for here because uncompiled it is refused.
    options.count()
    if sys.platform != "linux":
        raise BenchFailed("the load is made with Linux's epoll, and CPU time is read from /proc")
    size = SMALL if options.small else Size()
    with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "data") as venue:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            signers = runner.run(open_for_trading(venue.data, size.clients))
        sync = plain("disk, one sync with nothing beside it, median", sync_ms(Path(folder) / "sync"), "ms")
        loads = Loads(venue, signers, size, options.seed)
        return report("gateway", loads.orders, options.seed, [sync, *loads.figures], list(NOTES))


def sync_ms(path: Path) -> float:
    """How long this disk takes to make a small write durable: an answer waits for one such, and half of the one before.

    The median of some, because who else writes on the machine shows in all above it.
    """
    taken: list[float] = []
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        # As the journal does: a place that has been written to before, so that nothing but the bytes changes.
        os.pwrite(file, bytes(SYNCS * SYNC_BYTES), 0)
        os.fsync(file)
        for number in range(SYNCS):
            begun = time.perf_counter()
            os.pwrite(file, b"x" * SYNC_BYTES, number * SYNC_BYTES)
            os.fdatasync(file)
            taken.append(1e3 * (time.perf_counter() - begun))
    finally:
        os.close(file)
    return sorted(taken)[len(taken) // 2]


class Loads:
    """The loads one after the other, and their figures."""

    def __init__(self, venue: "Running", signers: list[load.Signer], size: Size, seed: int) -> None:
        self._venue = venue
        self._signers = signers
        self._seed = seed
        self.orders = 0
        self._carry_out(size.warm_up_s, 1)
        self.figures = [*self._paced(size), *self._single(size), *self._lists(size)]

    def _carry_out(self, seconds: float, orders: int, pace: float = 0) -> "Measured":
        plan = load.Plan(
            self._venue.host,
            self._venue.port,
            self._signers,
            seconds,
            orders,
            pace,
            SYMBOL,
            PRICE,
            TICK,
            LOT,
            self._seed,
        )
        measured = carry_out(plan, self._venue)
        self.orders += measured.orders
        return measured

    def _paced(self, size: Size) -> Iterator[Figure]:
        paced = self._carry_out(size.seconds, 1, size.pace)
        yield at_most(f"paced at {size.pace:,.0f} orders/s, median", paced.result.median_ms, "ms", MEDIAN_MS)
        yield at_most(f"paced at {size.pace:,.0f} orders/s, p99", paced.result.p99_ms, "ms", P99_MS)
        yield plain("paced, gateway CPU", paced.gateway_us, "us/order")

    def _single(self, size: Size) -> Iterator[Figure]:
        single = self._carry_out(size.seconds, 1)
        yield plain(f"single, {size.clients} clients", single.orders_per_second, "orders/s")
        yield plain("single, median", single.result.median_ms, "ms")
        yield plain("single, p99", single.result.p99_ms, "ms")
        yield at_most("single, gateway CPU", single.gateway_us, "us/order", CPU_US)
        yield plain("single, node CPU", single.node_us, "us/order")
        yield plain("single, load CPU", single.load_us, "us/order")

    def _lists(self, size: Size) -> Iterator[Figure]:
        lists = self._carry_out(size.seconds, size.orders_per_list)
        name = f"lists of {size.orders_per_list}, {size.clients} clients"
        yield at_least(name, lists.orders_per_second, "orders/s", ORDERS_PER_SECOND)
        yield plain("lists, median", lists.result.median_ms, "ms/list")
        yield plain("lists, gateway CPU", lists.gateway_us, "us/order")
        yield plain("lists, node CPU", lists.node_us, "us/order")
        yield plain("lists, load CPU", lists.load_us, "us/order")


class Measured(msgspec.Struct, frozen=True):
    """One load, with what it cost the processes."""

    result: load.Result
    orders: int
    gateway_cpu_s: float
    node_cpu_s: float

    @property
    def orders_per_second(self) -> float:
        """Answered."""
        return self.orders / self.result.seconds

    @property
    def gateway_us(self) -> float:
        """Of CPU for an order."""
        return self.gateway_cpu_s / self.orders * 1e6

    @property
    def node_us(self) -> float:
        """Of CPU for an order."""
        return self.node_cpu_s / self.orders * 1e6

    @property
    def load_us(self) -> float:
        """Of CPU for an order, which a real client would spend elsewhere."""
        return self.result.cpu_seconds / self.orders * 1e6


def carry_out(plan: load.Plan, venue: "Running") -> Measured:
    """Run one load.  Raises `BenchFailed` when anything was refused."""
    before = cpu_seconds(venue.gateway), cpu_seconds(venue.node)
    done = subprocess.run(
        [sys.executable, "-m", "outcry.app.bench.load"],
        input=msgspec.json.encode(plan),
        capture_output=True,
        check=False,
    )
    after = cpu_seconds(venue.gateway), cpu_seconds(venue.node)
    if done.returncode:
        raise BenchFailed(f"the load did not end: {done.stderr.decode(errors='replace')[-2_000:]}")
    result = msgspec.json.decode(done.stdout, type=load.Result)
    if result.refused:
        raise BenchFailed(
            f"{result.refused} of {result.requests} requests were refused, first:\n{result.first_refusal}"
        )
    orders = result.requests * plan.orders_per_request
    return Measured(result, orders, after[0] - before[0], after[1] - before[1])


async def open_for_trading(data: Path, clients: int) -> list[load.Signer]:
    """Listings, a price for every source, and so many users with money; their keys."""
    link = NodeLink(Files(data).socket, GUESTS_ORIGIN, Replica(engine := Engine()))
    await link.start()
    commands = Door(link)
    try:
        terms = listings.uncounted(listings.load())
        for record in listings.outstanding(terms, engine.tables):
            await demo.carry_out(commands, record, "a listing")
        for constituent, (index, _) in enumerate(terms.constituents(), 1):
            start_units = terms.indices[index - 1].start_units
            price = ConstituentPrice(index=index, constituent=constituent, price_units=start_units)
            await demo.carry_out(commands, price, "a price")
        currencies = {currency.symbol: number for number, currency in enumerate(terms.currencies, 1)}
        with contextlib.closing(Identity(Files(data).identity)) as identity:
            keys = {}
            for number in range(clients):
                user = identity.add_user(f"load-{number}")
                keys[user.name] = identity.add_key(
                    user, requests_per_minute=FREE_PER_MINUTE, orders_per_second=FREE_PER_SECOND
                )
            await demo.fund(commands, identity, demo.Cast(keys), currencies, {"XBt": FUNDS_MINOR})
        return [load.Signer(key.id, key.secret) for key in keys.values()]
    finally:
        await link.stop()


class Running(msgspec.Struct, frozen=True):
    """A venue: its folder, address and processes."""

    data: Path
    host: str
    port: int
    node: int
    gateway: int


@contextlib.contextmanager
def running(data: Path) -> Iterator[Running]:
    """An empty venue as a child, stopped at the end.  Raises `BenchFailed`."""
    command = [sys.executable, "-m", "outcry.app.cli", "up", "--empty", "--port", "0", "--data", str(data)]
    log = data.with_suffix(".log")
    with log.open("wb") as words:
        child = subprocess.Popen(command, stdout=words, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + READY_S
        while "ready" not in (said := log.read_text()):
            if child.poll() is not None or time.monotonic() > deadline:
                raise BenchFailed(f"the venue did not become ready:\n{said[-2_000:]}")
            time.sleep(0.05)
        url = next(line.split()[1] for line in said.splitlines() if line.startswith("ready"))
        host, _, port = url.removeprefix("http://").rpartition(":")
        yield Running(data, host, int(port), process_of(child.pid, "node"), process_of(child.pid, "gateway"))
    finally:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(STOP_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def process_of(parent: int, role: str) -> int:
    """The number of the venue's process with that role."""
    for number in Path(f"/proc/{parent}/task/{parent}/children").read_text().split():
        words = Path(f"/proc/{number}/cmdline").read_bytes().split(b"\0")
        if b"outcry.app.process" in words and role.encode() in words:
            return int(number)
    raise BenchFailed(f"the venue has no process {role!r}")


def cpu_seconds(process: int) -> float:
    """What a process has used so far, in user and kernel mode, to a hundredth of a second."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND
