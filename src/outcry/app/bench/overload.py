"""`outcry bench overload`: a venue is offered ten times the orders that it can take, and cancels go on.

First the venue (node on a slow disk and gateway, each a process, in a temporary folder), then three loads over REST: as
fast as answers come, to learn what it can take; ten times that in new orders, beside cancels, closing orders and the
dead-man switch; and half of what it can take, to see that it is well again by itself, with orders that were shed sent
once more under their names.  Then the journal is replayed and compared with every answer: nothing lost, nothing twice.
Known limits: Linux only; the bottleneck is a disk slowed on purpose, because this load shares the venue's processors.
"""

import asyncio
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import uvloop

from outcry.app.bench.asking import Answer, Line
from outcry.app.bench.figures import Figure, Options, Report, at_least, at_most, plain, report
from outcry.app.bench.gateway import LOT, PRICE, SYMBOL, TICK, BenchFailed, open_for_trading
from outcry.app.bench.load import Signer
from outcry.app.metrics.door import fetch, socket_of, values_in
from outcry.app.settings import Files
from outcry.engine.engine import Engine
from outcry.node.replica import Replica
from outcry.node.socket_link import NodeLink
from outcry.protocol.layout import CommandKind, EventKind, Place
from outcry.protocol.wire import client_id_of

TIMES = 10
READER_ORIGIN = 9
BYTES_PER_SECOND = 24_000.0
READY_S, STOP_S, POLL_S = 60.0, 30.0, 0.25
QUIET_S = 2.0
AGAIN_MAX = 20
SETTLING = 1 / 3
"""Of the overload: in the beginning the node does not know yet how slow its disk is with so much."""
CANCEL_P99_MS, WORST_MS = 2_000.0, 5_000.0
WAITING_BYTES, GROWN_BYTES = 4 << 20, 64 << 20
"""The budgets."""
NOTES = (
    f"the node's disk takes {BYTES_PER_SECOND:,.0f} bytes a second on purpose",
    "waits count from when a request was due, but for the slowest; load, gateway and node share this machine",
)


class Size(msgspec.Struct, frozen=True):
    """How much is measured."""

    accounts: int = 32
    lines: int = 384
    cancel_lines: int = 64
    seconds: float = 15.0
    learn_s: float = 4.0
    after_s: float = 4.0
    cancels_per_second: float = 20.0


SMALL = Size(accounts=8, lines=256, cancel_lines=32, seconds=3.0, learn_s=2.0, after_s=1.0, cancels_per_second=10.0)


class Seen:
    """What the clients were told."""

    def __init__(self) -> None:
        self.placed: dict[str, int] = {}
        """The client of each acknowledged order, by its name."""
        self.resting: deque[str] = deque()
        self.cancelled: set[str] = set()
        self.shed: dict[str, int] = {}
        self.unknown: set[str] = set()
        self.unlike: Counter[str] = Counter()
        """Answers that nobody should get."""
        self.without_retry = 0
        self.order_waits_ms: list[float] = []
        self.cancel_waits_ms: list[tuple[float, float]] = []
        """When each was due, and its wait."""
        self.cancels_refused = 0
        self.slowest_s = 0.0
        """From when it was sent."""

    def order(self, name: str, client: int, answer: Answer) -> None:
        """An answer to a new order."""
        if answer.status == 200:
            self.placed[name] = client
            self.resting.append(name)
            self.shed.pop(name, None)
        elif answer.status == 503 and b"currently overloaded" in answer.body:
            self.shed[name] = client
            self.without_retry += b"retry-after: " not in answer.head
        elif answer.status == 503:
            self.unknown.add(name)
        else:
            self.unlike[answer.body[:200].decode(errors="replace")] += 1

    def urgent(self, answer: Answer) -> None:
        """An answer to what must never be refused for lack of room."""
        if answer.status != 200:
            self.cancels_refused += 1
            self.unlike[answer.body[:200].decode(errors="replace")] += 1


class Clients:
    """All clients of the venue."""

    def __init__(self, port: int, signers: Sequence[Signer], size: Size, seed: int) -> None:
        self.seen = Seen()
        self._size = size
        self._chance = random.Random(seed)
        self._signers = signers
        self._port = port
        self._names = 0
        self._orders = [Line(port) for _ in range(size.lines)]
        self._cancels = [Line(port) for _ in range(size.cancel_lines)]

    async def open(self) -> None:
        """Connect, and give the first two clients positions that can be closed."""
        for line in (*self._orders, *self._cancels):
            await line.open()
        for client, side in ((0, "Buy"), (1, "Sell")):
            order = self._order(f"first-{client}", side=side, price=PRICE, orderQty=1_000 * LOT)
            answer = await self._orders[0].ask(self._signers[client], b"POST", b"/api/v1/order", order)
            if answer.status != 200:
                raise BenchFailed(f"no position: {answer.body!r}")
            self.seen.placed[f"first-{client}"] = client

    async def as_fast_as_answered(self, seconds: float) -> float:
        """Orders over an eighth of the lines; how many were taken in a second."""
        until, before = time.monotonic() + seconds, len(self.seen.placed)

        async def one(line: Line) -> None:
            while time.monotonic() < until:
                await self._place(line)

        await asyncio.gather(*(one(line) for line in self._orders[:: len(self._orders) // 8]))
        return (len(self.seen.placed) - before) / seconds

    async def at(self, per_second: float, seconds: float) -> int:
        """Orders at that pace beside cancels; how many were sent."""
        before = self._names
        begun = time.monotonic()
        orders = [
            self._paced(line, begun, turn, len(self._orders), per_second, seconds, self._place)
            for turn, line in enumerate(self._orders)
        ]
        pace = self._size.cancels_per_second
        cancels = [
            self._paced(line, begun, turn, len(self._cancels), pace, seconds, self._relieve)
            for turn, line in enumerate(self._cancels)
        ]
        await asyncio.gather(*orders, *cancels)
        return self._names - before

    async def again(self) -> int:
        """Some orders that were shed once more under their names; how many were taken."""
        chosen = list(self.seen.shed.items())[:AGAIN_MAX]
        for name, client in chosen:
            answer = await self._orders[0].ask(self._signers[client], b"POST", b"/api/v1/order", self._order(name))
            self.seen.order(name, client, answer)
        return sum(name in self.seen.placed for name, _ in chosen)

    async def _paced(self, line, begun, turn, lines, per_second, seconds, work) -> None:  # type: ignore[no-untyped-def]
        due = begun + turn / per_second
        while due < begun + seconds:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            await work(line, due)
            due += lines / per_second

    def _order(self, name: str, **more: object) -> dict[str, object]:
        price = round(PRICE - self._chance.randrange(1, 400) * TICK, 1)
        return {"symbol": SYMBOL, "side": "Buy", "orderQty": LOT, "price": price, "clOrdID": name, **more}

    async def _place(self, line: Line, due: float = 0) -> None:
        self._names += 1
        name, client = f"n{self._names}", self._names % len(self._signers)
        due = due or time.monotonic()
        answer = await self._ask(line, client, b"POST", b"/api/v1/order", self._order(name))
        self.seen.order_waits_ms.append((time.monotonic() - due) * 1000)
        self.seen.order(name, client, answer)

    async def _ask(self, line: Line, client: int, verb: bytes, path: bytes, asked: dict[str, object]) -> Answer:
        """Ask, and note how long the venue took."""
        sent = time.monotonic()
        answer = await line.ask(self._signers[client], verb, path, asked)
        self.seen.slowest_s = max(self.seen.slowest_s, time.monotonic() - sent)
        return answer

    async def _relieve(self, line: Line, due: float) -> None:
        """A cancel, or now and then a closing order or the dead-man switch."""
        what = self._chance.randrange(10)
        if what == 0:
            closing = {
                "symbol": SYMBOL,
                "side": "Sell",
                "orderQty": LOT,
                "price": PRICE + 100,
                "execInst": "ReduceOnly",
            }
            answer = await self._ask(line, 0, b"POST", b"/api/v1/order", closing)
        elif what == 1 or not self.seen.resting:
            answer = await self._ask(line, 1, b"POST", b"/api/v1/order/cancelAllAfter", {"timeout": 0})
        else:
            name = self.seen.resting.popleft()
            answer = await self._ask(line, self.seen.placed[name], b"DELETE", b"/api/v1/order", {"clOrdID": name})
            if answer.status == 200 and b'"error"' not in answer.body:
                self.seen.cancelled.add(name)
        self.seen.cancel_waits_ms.append((due, (time.monotonic() - due) * 1000))
        self.seen.urgent(answer)


class Highest:
    """The most that was ever seen of what must be bounded."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self.values: dict[str, float] = {}
        self.first: dict[str, float] = {}

    async def watch(self) -> None:
        """Look, until cancelled."""
        while True:
            for role in ("node", "gateway"):
                try:
                    page = await fetch(socket_of(self._data, role))
                except (OSError, TimeoutError):
                    continue
                for name in ("outcry_unsynced_bytes", "outcry_commands_pending", "outcry_resident_bytes"):
                    for value in values_in([page], name).values():
                        key = f"{role} {name}"
                        self.first.setdefault(key, value)
                        self.values[key] = max(value, self.values.get(key, 0))
            await asyncio.sleep(POLL_S)

    def grown(self, role: str) -> float:
        """Bytes by which a process grew."""
        key = f"{role} outcry_resident_bytes"
        return self.values.get(key, 0) - self.first.get(key, 0)


def run(options: Options) -> Report:
    """Measure.  Raises `BenchFailed` when the venue does not do what is needed."""
    options.count()
    if sys.platform != "linux":
        raise BenchFailed("memory is read from /proc")
    size = SMALL if options.small else Size()
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sent, rows = runner.run(measure(Path(folder) / "data", size, options.seed))
    return report("overload", sent, options.seed, rows, list(NOTES))


async def measure(data: Path, size: Size, seed: int) -> tuple[int, list[Figure]]:
    """All loads and what came of them: how many orders were sent, and the rows."""
    async with running(data, size) as (port, signers):
        clients, highest = Clients(port, signers, size, seed), Highest(data)
        await clients.open()
        capacity = await clients.as_fast_as_answered(size.learn_s)
        watching = asyncio.create_task(highest.watch())
        seen = clients.seen
        seen.order_waits_ms.clear()
        before = len(seen.placed)
        sent = await clients.at(TIMES * capacity, size.seconds)
        taken, shed = len(seen.placed) - before, len(seen.shed)
        waits = sorted(seen.order_waits_ms)
        settled = min(due for due, _ in seen.cancel_waits_ms) + size.seconds * SETTLING
        cancels = sorted(wait for _, wait in seen.cancel_waits_ms)
        later = sorted(wait for due, wait in seen.cancel_waits_ms if due >= settled)
        await asyncio.sleep(QUIET_S)
        after = await clients.at(capacity / 2, size.after_s)
        shed_after = len(seen.shed) - shed
        wanted_again = min(AGAIN_MAX, len(seen.shed))
        again = await clients.again()
        watching.cancel()
        slowest_ms = seen.slowest_s * 1000
        wrong = await compare(data, seen)
        if seen.unlike:
            raise BenchFailed(f"answers that nobody should get: {seen.unlike.most_common(3)}")
    pending = highest.values.get("gateway outcry_commands_pending", 0)
    return sent + after, [
        plain("taken in a second, as fast as answers come", capacity, "orders/s"),
        at_least("offered / that", sent / size.seconds / capacity, "times", TIMES * 0.9),
        plain("taken meanwhile", taken / size.seconds, "orders/s"),
        at_least("shed with 503", shed, "orders", 1),
        at_most("shed without Retry-After", seen.without_retry, "orders", 0),
        at_most("cancels, closing orders and switches refused", seen.cancels_refused, f"of {len(cancels):,}", 0),
        plain("cancels and the like, median", part(cancels, 50), "ms"),
        plain("cancels and the like, p99", part(cancels, 99), "ms"),
        at_most("the same without the first third", part(later, 99), "ms", CANCEL_P99_MS),
        plain("orders, median", part(waits, 50), "ms"),
        plain("orders, p99", part(waits, 99), "ms"),
        at_most("slowest answer, from when it was asked", slowest_ms, "ms", WORST_MS),
        at_most("orders without an answer", len(seen.unknown), "orders", 0),
        at_most("lost, doubled, or not as answered", wrong, "orders", 0),
        at_most("not durable yet, most", highest.values["node outcry_unsynced_bytes"], "bytes", WAITING_BYTES),
        plain("waiting at the gateway, most", pending, "commands"),
        at_most("node grown", highest.grown("node"), "bytes", GROWN_BYTES),
        at_most("gateway grown", highest.grown("gateway"), "bytes", GROWN_BYTES),
        at_most("shed afterwards, at half of what it takes", shed_after, f"of {after:,}", 0),
        at_least("shed orders taken afterwards, sent again", again, f"of {wanted_again}", wanted_again),
    ]


def part(waits: Sequence[float], percent: int) -> float:
    """That percentile of sorted waits."""
    return waits[min(len(waits) - 1, len(waits) * percent // 100)]


async def compare(data: Path, seen: Seen) -> int:
    """How many orders are in the journal otherwise than their clients were told."""
    link = NodeLink(Files(data).socket, READER_ORIGIN, Replica(Engine()))
    placed: Counter[str] = Counter()
    names: dict[int, str] = {}
    gone: set[str] = set()

    def observe(entry, events) -> None:  # type: ignore[no-untyped-def]
        for head, record in events:
            if head.kind == EventKind.PLACED and entry.head.kind == CommandKind.PLACE:
                assert isinstance(entry.record, Place)
                name = client_id_of(entry.record.client_id)
                placed[name] += 1
                names[record.order_id] = name
            elif head.kind == EventKind.ENDED and entry.head.kind == CommandKind.CANCEL:
                gone.add(names.get(record.order_id, ""))

    link.observe(observe)
    await link.start()
    await link.stop()
    placed.pop("", None)
    wrong = sum(placed[name] != 1 for name in seen.placed)
    wrong += sum(name in placed for name in seen.shed)
    wrong += sum(name not in seen.placed and name not in seen.unknown for name in placed)
    return wrong + len(seen.cancelled ^ gone)


@asynccontextmanager
async def running(data: Path, size: Size) -> AsyncIterator[tuple[int, list[Signer]]]:
    """Node and gateway as children, open for trading; the port and the clients.  Raises `BenchFailed`."""
    data.mkdir(mode=0o700)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    children: list[subprocess.Popen[bytes]] = []
    with data.with_suffix(".log").open("wb") as words:

        def start(role: str) -> None:
            command = [sys.executable, "-m", "outcry.app.bench.slow", role, str(data), str(port)]
            children.append(subprocess.Popen([*command, str(BYTES_PER_SECOND)], stdout=words, stderr=words))

        try:
            async with asyncio.timeout(READY_S):
                start("node")
                signers = await open_for_trading(data, size.accounts)
                start("gateway")
                while not await Line(port).is_there():
                    if any(child.poll() is not None for child in children):
                        raise BenchFailed(data.with_suffix(".log").read_text()[-2_000:])
                    await asyncio.sleep(POLL_S)
            yield port, signers
        except TimeoutError as problem:
            raise BenchFailed(data.with_suffix(".log").read_text()[-2_000:] or "not ready in time") from problem
        finally:
            for child in reversed(children):
                child.terminate()
                try:
                    child.wait(STOP_S)
                except subprocess.TimeoutExpired:
                    child.kill()
                    child.wait()
