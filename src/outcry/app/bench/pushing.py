"""`outcry bench stream`: what is pushed over WebSocket, a gateway's stream in this process and its clients in another.

First what is measured, then the venue, then the clients.  An engine with its views is driven here, one level of a book
at a time, and everything else is as in a gateway: uvicorn, the hub, real sockets.  The clients count the bytes they
get; a client without a socket, beside them in the hub, knows how many there were.
Known limit: both processes share the machine, so rates depend on what is left of it; time of the processor does not.
"""

import asyncio
import base64
import multiprocessing
import os
import resource
import selectors
import socket
import statistics
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from typing import Any, cast

import msgspec
import uvloop

from outcry.app import listings
from outcry.app.bench.figures import Figure, Options, Report, at_least, at_most, plain, report
from outcry.app.serving import serve
from outcry.engine.engine import Engine
from outcry.gateway.app import Front, create_app
from outcry.gateway.stream.hub import Hub
from outcry.gateway.stream.operations import Arrival, Operations
from outcry.gateway.stream.settings import StreamSettings
from outcry.protocol import layout, wire
from outcry.views.recent import Recent

CLIENTS, CLIENTS_SMALL = 1_000, 20
UPDATES_A_SECOND = 20
SECONDS, SECONDS_SMALL = 10.0, 1.0
TOPIC = "orderBookL2:XBTUSD"
LEVELS = 50
MIDDLE_TICKS = 600_000
WAIT_S = 30.0
QUIET_S = 0.5
SYSTEM_BYTES, SOFT_BYTES = 8 << 10, 16 << 10
"""What the system keeps for a client and what the stream does: little, so that a short run fills both."""
PAGE_BYTES = resource.getpagesize()
BUDGET_SENDS_A_CORE = 50_000


class PushFigures(msgspec.Struct, frozen=True):
    """What was measured; a send is one frame to one client."""

    clients: int
    frame_bytes: int
    sends_per_core_second: int
    """as fast as it goes, by the time this process had of a processor"""
    sends_per_second: int
    """the same by the clock, beside the clients on the same machine"""
    updates_per_second: int
    stalled_clients: int
    clients_that_missed_something: int
    sends_under_way: int
    cpu_share_percent: float
    """of one processor, at so many updates a second"""
    flush_p50_ms: float
    """from the durable frame to the last client's write"""
    flush_p99_ms: float
    memory_growth_bytes: int
    """of this process while a client did not read"""
    unread_bytes_max: int
    """that were kept for the client that did not read"""


def run(options: Options) -> Report:
    """Measure; the number of commands, if one is chosen, is that of the clients.  Raises `TooSlow` uncompiled unless
    small."""
    clients = options.count(CLIENTS, CLIENTS_SMALL)
    told = push(clients, SECONDS_SMALL if options.small else SECONDS)
    notes = [
        f"{clients:,} clients of {TOPIC}, {told.frame_bytes} bytes a frame",
        f"as fast as it goes, by the clock and beside the clients: {told.sends_per_second:,} sends/s",
        f"one client never reads: {told.unread_bytes_max:,} bytes are kept for it, then a new partial is owed to it",
    ]
    return report("stream", told.sends_under_way, options.seed, list(rows(told)), notes)


def rows(told: PushFigures) -> Iterator[Figure]:
    """The figures beside their budgets."""
    paced = f"{told.updates_per_second} updates/s"
    yield at_least("sends a core, as fast as it goes", told.sends_per_core_second, "sends/s", BUDGET_SENDS_A_CORE)
    yield at_most(f"clients that missed a byte at {paced}", told.clients_that_missed_something, "clients", 0)
    yield plain(f"processor at {paced}", told.cpu_share_percent, "% of a core")
    yield plain("from the frame to the last client, p50", told.flush_p50_ms, "ms")
    yield plain("from the frame to the last client, p99", told.flush_p99_ms, "ms")
    yield plain("memory grown meanwhile", told.memory_growth_bytes / 1024, "KiB")


def push(clients: int, seconds: float) -> PushFigures:
    """Measure with so many clients, half the time as fast as it goes and then at a pace."""
    raise_descriptor_limit(2 * clients + 100)
    return uvloop.run(measure(clients, seconds))


def raise_descriptor_limit(wanted: int) -> None:
    """As many open files as are needed, if the system lets us."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        resource.setrlimit(
            resource.RLIMIT_NOFILE, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard)
        )


async def measure(clients: int, seconds: float) -> PushFigures:
    """Serve, let the clients come, and measure twice: as fast as it goes, then at the pace of the budget."""
    stage = Stage()
    stop = asyncio.Event()
    with socket.create_server(("127.0.0.1", 0), backlog=clients + 10) as listener:
        listener.setblocking(False)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SYSTEM_BYTES)
        serving = asyncio.create_task(serve(stage.app, listener, stop, stage.hub))
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        crowd = context.Process(target=read_all, args=(theirs, listener.getsockname()[1], clients), daemon=True)
        crowd.start()
        try:
            await told(ours)
            return await _both(stage, ours, clients, seconds)
        finally:
            stop.set()
            ours.send("stop")
            await serving
            await asyncio.to_thread(crowd.join, WAIT_S)


async def _both(stage: "Stage", crowd: Connection, clients: int, seconds: float) -> PushFigures:
    before, cpu, began = stage.probe.frames, time.process_time(), time.perf_counter()
    # Longer where that is not enough to fill what is kept for the one who does not read.
    while (spent := time.perf_counter() - began) < seconds / 2 or (
        unread_bytes(stage) <= SOFT_BYTES and spent < WAIT_S
    ):
        stage.update()
        # So that sockets are looked after between two updates, as in a gateway.
        await asyncio.sleep(0)
    spent_cpu, spent = time.process_time() - cpu, time.perf_counter() - began
    # The one that does not read gets nothing more after a while, so it does not count.
    sends = (stage.probe.frames - before) * (clients - 1)
    first = await counted(crowd)
    memory, wall, cpu = resident_bytes(), time.perf_counter(), time.process_time()
    before, unread, flushes = stage.probe.frames, 0, []
    began_bytes = stage.probe.bytes
    for number in range(int(seconds * UPDATES_A_SECOND)):
        due = wall + number / UPDATES_A_SECOND
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        flushes.append(stage.update())
        unread = max(unread, unread_bytes(stage))
    share = (time.process_time() - cpu) / (time.perf_counter() - wall)
    growth = resident_bytes() - memory
    paced = stage.probe.frames - before
    wanted = stage.probe.bytes - began_bytes
    last = await counted(crowd)
    missed = sum(after - start != wanted for start, after in zip(first[1:], last[1:], strict=True))
    return PushFigures(
        clients=clients,
        frame_bytes=stage.probe.bytes // stage.probe.frames,
        sends_per_core_second=round(sends / spent_cpu),
        sends_per_second=round(sends / spent),
        updates_per_second=UPDATES_A_SECOND,
        stalled_clients=1,
        clients_that_missed_something=missed,
        sends_under_way=paced * (clients - 1),
        cpu_share_percent=round(100 * share, 1),
        flush_p50_ms=round(1000 * statistics.median(flushes), 2),
        flush_p99_ms=round(1000 * statistics.quantiles(flushes, n=100)[98], 2),
        memory_growth_bytes=growth,
        unread_bytes_max=unread,
    )


async def told(crowd: Connection) -> Any:
    """What the clients' process says next."""
    async with asyncio.timeout(WAIT_S):
        while not crowd.poll():
            await asyncio.sleep(0.01)
    return crowd.recv()


async def counted(crowd: Connection) -> list[int]:
    """How many bytes each client has got, once nothing is on its way any more."""
    found: list[int] = []
    async with asyncio.timeout(WAIT_S):
        while True:
            crowd.send("count")
            again = await told(crowd)
            if again == found:
                return found
            found = again
            await asyncio.sleep(QUIET_S)


def unread_bytes(stage: "Stage") -> int:
    """What is kept for the client for whom most is."""
    return max(one.line.waiting_bytes() for one in stage.hub.sessions)


def resident_bytes() -> int:
    """Of this process."""
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * PAGE_BYTES


# The venue.


class Nobody:
    """No keys: everything that is measured is public."""

    def key(self, key_id: str) -> None:
        """Nobody's."""


class NoNode:
    """No commands: nobody has a key, and the stage applies its own."""


class Probe:
    """A client without a socket that counts what a client gets."""

    def __init__(self) -> None:
        self.bytes = 0
        self.frames = 0

    def write(self, data: bytes) -> None:
        """Count."""
        self.bytes += len(data)
        self.frames += data.count(b'"action":')

    def waiting_bytes(self) -> int:
        """It reads at once."""
        return 0

    def close(self, code: int, reason: str) -> None:
        """It is never closed."""
        raise AssertionError(reason)


class Stage:
    """An engine, its views and the stream, one account and one book."""

    def __init__(self) -> None:
        self.engine = Engine()
        self.recent = Recent(self.engine)
        self._now_ns = 1_800_000_000 * 10**9
        self._live: list[int] = []
        self._placed = 0
        self.app: Front = create_app(
            cast(Any, NoNode()),
            self.engine,
            self.recent,
            cast(Any, Nobody()),
            venue_key=bytes(32),
            streaming=StreamSettings(lines_per_hour=10**9, soft_bytes=SOFT_BYTES),
        )
        self.hub: Hub = self.app.stream
        terms = listings.uncounted(listings.load())
        for record in terms.commands():
            self._apply(record)
        for constituent, (index, _) in enumerate(terms.constituents(), 1):
            units = terms.indices[index - 1].start_units
            self._apply(layout.ConstituentPrice(index=index, constituent=constituent, price_units=units))
        handle = layout.OpenAccount()
        handle.handle[0] = 1
        self._apply(handle)
        deposit = layout.Deposit(account=layout.ROLES, currency=1, amount_minor=10**14)
        deposit.reference[0] = 1
        self._apply(deposit)
        for _ in range(LEVELS):
            self._place()
        self.probe = Probe()
        session = self.hub.join(self.probe, "")
        Operations(self.hub).begin(session, Arrival(None, [TOPIC]))

    def update(self) -> float:
        """One level goes or comes, and everybody is told; returns how long that took."""
        began = time.perf_counter()
        if len(self._live) > LEVELS:
            self._apply(layout.Cancel(account=layout.ROLES, order_id=self._live.pop(0)))
        else:
            self._place()
        self.hub.flush()
        return time.perf_counter() - began

    def _place(self) -> None:
        self._placed += 1
        record = layout.Place(
            account=layout.ROLES,
            instrument=1,
            side=layout.Side.BUY,
            order_type=layout.OrderType.LIMIT,
            time_in_force=layout.TimeInForce.GOOD_TILL_CANCEL,
            quantity=100,
            price_ticks=MIDDLE_TICKS - 1 - self._placed % 1_000,
            display_quantity=-1,
        )
        for event in self._apply(record):
            if event.head.kind == layout.EventKind.PLACED:
                self._live.append(event.record.order_id)

    def _apply(self, record: listings.Record) -> list[wire.Event]:
        """As a replica's link does it: the engine, then the observers."""
        self._now_ns += 1_000
        while (
            self.engine.next_due_ns and self.engine.next_due_ns <= self._now_ns and not isinstance(record, layout.Tick)
        ):
            self._apply(layout.Tick())
        sequence = self.engine.sequence + 1
        entry = wire.encode_entry(record, sequence=sequence, time_ns=self._now_ns, origin=1, origin_sequence=sequence)
        events = list(wire.events_of(self.engine.apply(entry)))
        observed = wire.entry_of(entry)
        self.recent.observe(observed, events)
        self.hub.observe(observed, events)
        if any(event.head.kind == layout.EventKind.REFUSED for event in events):
            raise AssertionError(f"{type(record).__name__} was refused")
        return events


# The clients.


def read_all(parent: Connection, port: int, clients: int) -> None:
    """The clients' process: connect, then read and count until told to stop; the first never reads again."""
    raise_descriptor_limit(clients + 100)
    chooser = selectors.DefaultSelector()
    lines = [_connect(port) for _ in range(clients)]
    counts = dict.fromkeys((one.fileno() for one in lines), 0)
    for one in lines:
        one.setblocking(False)
        chooser.register(one, selectors.EVENT_READ)
    chooser.unregister(lines[0])
    chooser.register(parent.fileno(), selectors.EVENT_READ)
    parent.send("ready")
    while True:
        for key, _ in chooser.select():
            if key.fd == parent.fileno():
                if parent.recv() == "stop":
                    return
                parent.send(list(counts.values()))
            else:
                counts[key.fd] += len(os.read(key.fd, 1 << 20))


def _connect(port: int) -> socket.socket:
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SYSTEM_BYTES)
    line.connect(("127.0.0.1", port))
    key = base64.b64encode(os.urandom(16)).decode()
    head = [
        f"GET /realtime?subscribe={TOPIC} HTTP/1.1",
        "Host: bench",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
    ]
    line.sendall("\r\n".join([*head, "", ""]).encode())
    seen = b""
    while b'"partial"' not in seen or not seen.endswith(b"]}"):
        seen += line.recv(1 << 20)
    return line
