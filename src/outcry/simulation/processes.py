"""The processes of a venue as they run here: node, keeper, gateway and guests, each made of the product's own parts.

`Process` is what the system keeps of one: its loop, its view of disk, clock and network, and whether it lives.  Then
what each of them does from its start on, which is what `app` has them do, without files of their own: history and
identity are left out, and a gateway begins with a snapshot or with the journal.  `Parts` says what they are made of, so
that a test can put a mistake in the place of one part.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from outcry.engine.engine import Engine
from outcry.gateway.app import Asked, Front, Reply, create_app
from outcry.gateway.door import Exchange
from outcry.gateway.limits import Limits
from outcry.journal.frames import Genesis, Head
from outcry.journal.reading import read_genesis
from outcry.node.keeper import KeeperSettings
from outcry.node.keeping import Keeping
from outcry.node.link import Link
from outcry.node.machine import MachineClass
from outcry.node.recovery import JOURNAL_NAME, SNAPSHOTS_NAME, Recovered, Shelf, recover, restored
from outcry.node.replica import Replica
from outcry.node.roots import Hashing, RootBook, at_once
from outcry.node.settings import LinkSettings
from outcry.node.shell import SOCKET_NAME, NodeServer
from outcry.node.socket_link import NodeLink
from outcry.node.writer import Writer
from outcry.protocol.wire import Entry, Event
from outcry.simulation.crowd import GATEWAY, GUESTS, KEEPER, NODE, ORIGINS
from outcry.simulation.disk import ProcessDisk
from outcry.simulation.loop import SimulatedLoop, SimulatedThread
from outcry.simulation.network import Network
from outcry.simulation.watched import WatchedExchange
from outcry.simulation.world import Failure, World
from outcry.views.recent import Recent

if TYPE_CHECKING:
    from outcry.simulation.machine import Machine

VENUE_KEY = bytes(range(32))
FREE = Limits(signed_per_minute=10**6, unsigned_per_minute=10**6, orders_per_second=10**6)
LINK = LinkSettings(answer_seconds=1.0, backoff_seconds=0.02, backoff_seconds_max=0.2)


@dataclass(frozen=True)
class Parts:
    """What the processes are made of."""

    door: Callable[[Link], Exchange]
    """The gateway's way to its line."""
    engine: MachineClass = Engine
    """The node's; replicas always have the real one."""
    recover: Callable[..., Recovered] = recover
    writer: Callable[..., Writer] = Writer
    server: Callable[..., NodeServer] = NodeServer
    link: Callable[..., NodeLink] = NodeLink
    keeping: Callable[..., Keeping] = Keeping
    shelf: Callable[..., Shelf] = Shelf
    recent: Callable[[Engine], Recent] = Recent


@dataclass
class Chosen:
    """Sizes and times that a plan chooses."""

    root_every: int = 64
    segment_bytes: int = 32 << 10
    snapshot_seconds: float = 0.5
    waiting_bytes: int = 1 << 20
    cache_bytes: int = 64 << 10
    frame_bytes: int = 8 << 10


@dataclass
class Pending:
    """A request that a gateway is at."""

    done: Callable[["Reply | None"], None]
    open: bool = field(default=True)


class Process:
    """One process of the machine, from its start to its end."""

    def __init__(self, machine: "Machine", name: str, number: int) -> None:
        self.machine = machine
        self.world: World = machine.world
        self.network: Network = machine.network
        self.name = name
        self.alive = True
        self.jobs = 0
        """Of its threads, under way."""
        self.in_thread = False
        self.chance = self.world.chance(f"{name} {number}")
        self.loop = SimulatedLoop(self)
        self.disk = ProcessDisk(machine.disk, self)
        self.on_sent: Callable[[bytes], None] | None = None
        """Told of everything that it sends over a line."""
        self.let_go: list[Callable[[], None]] = []
        """What the system does when it ends: closing descriptors, and with them locks."""
        self.stop_asked = asyncio.Event()
        self.ready = False
        self.writer: Writer | None = None
        self.link: NodeLink | None = None
        self.front: Front | None = None
        self.replica: Replica | None = None
        self._asked: dict[int, Pending] = {}
        self._numbers = 0

    @property
    def busy(self) -> bool:
        """Whether it is at some request."""
        return bool(self._asked)

    def wall_ns(self) -> int:
        """The machine's clock, which somebody may set."""
        return self.machine.wall_ns()

    def is_alive(self) -> bool:
        """Whether it still lives, asked after something that may have ended it."""
        return self.alive

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Start."""
        task = self.loop.create_task(work)
        task.add_done_callback(self._ended)

    def kill(self) -> None:
        """The end, in the middle of whatever it is at."""
        if not self.alive:
            return
        self.alive = False
        for close in self.let_go:
            close()
        self.network.gone(self)
        for pending in list(self._asked.values()):
            self._tell(pending, None)
        self._asked = {}

    def ask(self, asked: Asked, done: Callable[[Reply | None], None]) -> None:
        """A request has reached this gateway; `done` is told the reply, or nothing when it ends before."""
        pending = Pending(done)
        if not self.alive or self.front is None or not self.ready:
            self._tell(pending, None)
            return
        self._numbers += 1
        number = self._numbers
        self._asked[number] = pending
        reply = Reply()
        task = self.loop.create_task(self.front.answer(asked, reply))

        def answered(_: "asyncio.Task[None]") -> None:
            self._asked.pop(number, None)
            problem = task.exception()
            if problem is not None:
                self.world.fail(Failure("an error of our own", f"{asked.verb} {asked.path}: {problem!r}"))
            self._tell(pending, reply)

        task.add_done_callback(answered)

    def bury(self) -> None:
        """Let go of what it was in the middle of, after the run; nothing of it has any effect any more."""
        self.alive = False
        for task in asyncio.all_tasks(self.loop):
            task._log_destroy_pending = False  # type: ignore[attr-defined]  # as asyncio.gather does with its own
            coroutine = task.get_coro()
            try:
                coroutine.close()
            except BaseException:
                continue
        self.loop.close()

    def _tell(self, pending: Pending, reply: Reply | None) -> None:
        if pending.open:
            pending.open = False
            self.world.after(self.network.delay_ns(self.chance), lambda: pending.done(reply))

    def _ended(self, task: "asyncio.Task[None]") -> None:
        if self.alive:
            self.machine.ended(self, task.exception())


async def run_node(process: Process) -> None:
    """Recover, serve until asked to stop, stop in order."""
    machine, parts, chosen = process.machine, process.machine.parts, process.machine.chosen
    process.on_sent = machine.truth.sent_by_node
    settings = machine.node_settings(process)
    recovered = await process.loop.run_in_executor(
        None, parts.recover, machine.folder, parts.engine, process.wall_ns(), settings
    )
    process.let_go.append(recovered.journal.close)
    machine.truth.recovered(recovered)
    salts = process.chance
    writer = parts.writer(recovered, settings, clock_ns=process.wall_ns, salts=salts.randbytes)
    server = parts.server(writer, machine.folder / SOCKET_NAME)
    await server.start()
    process.writer = writer
    writer.start()
    process.ready = True
    process.world.note("node ready", f"{recovered.head.sequence} {recovered.snapshot_sequence} {chosen.root_every}")
    asked = asyncio.ensure_future(process.stop_asked.wait())
    finished = asyncio.ensure_future(writer.wait_finished())
    await asyncio.wait([asked, finished], return_when=asyncio.FIRST_COMPLETED)
    process.ready = False
    if finished.done():
        asked.cancel()
        await server.stop()
        finished.result()
    await writer.stop()
    await server.stop()


async def run_keeper(process: Process) -> None:
    """Follow, propose roots, keep snapshots."""
    machine = process.machine
    genesis = await _genesis(machine)
    keeping = machine.parts.keeping(
        machine.folder / SNAPSHOTS_NAME,
        machine.folder / JOURNAL_NAME,
        genesis,
        KeeperSettings(snapshot_seconds=machine.chosen.snapshot_seconds, repeat_seconds=0.5),
        process.loop.time,
        disk=process.disk,
        thread=SimulatedThread(process),
    )
    replica = _replica(process, genesis, keeping.hash)
    link = _link(process, replica)
    keeping.attach(link)
    await link.start()
    process.ready = True
    await link.wait_finished()


async def run_gateway(process: Process) -> None:
    """Follow, and answer requests."""
    machine = process.machine
    genesis = await _genesis(machine)
    replica = _replica(process, genesis, at_once)
    engine = replica.engine
    assert isinstance(engine, Engine)
    recent = machine.parts.recent(engine)
    if engine.sequence:
        recent.adopt(engine.sequence, engine.time_ns)
        process.world.count("gateway began with a snapshot")
    link = _link(process, replica)
    link.observe(recent.observe)

    def seen(entry: Entry, events: Sequence[Event]) -> None:
        machine.truth.observed(process.name, entry, events)

    link.observe(seen)
    await link.start()
    exchange = WatchedExchange(machine.parts.door(link), machine.truth)
    process.front = create_app(
        exchange,
        engine,
        recent,
        machine.people,
        venue_key=VENUE_KEY,
        limits=FREE,
        clock=lambda: process.wall_ns() / 1e9,
    )
    link.observe(process.front.stream.observe)
    process.ready = True
    await link.wait_finished()


async def run_guests(process: Process) -> None:
    """Hand in prices and operators' commands; follows nothing."""
    await _genesis(process.machine)
    link = _link(process, None)
    await link.start()
    process.ready = True
    await link.wait_finished()


MAINS: dict[str, Callable[[Process], Coroutine[Any, Any, None]]] = {
    NODE: run_node,
    KEEPER: run_keeper,
    GATEWAY: run_gateway,
    GUESTS: run_guests,
}


async def _genesis(machine: "Machine") -> Genesis:
    """The journal's genesis, once the node has written it."""
    folder = machine.folder / JOURNAL_NAME
    while not (folder / "genesis").exists():
        await asyncio.sleep(0.01)
    return read_genesis(folder)


def _replica(process: Process, genesis: Genesis, hashing: Hashing) -> Replica:
    """From the newest snapshot that can be used, or from the journal's beginning."""
    roots = RootBook(genesis.roots_due_every, hashing)
    for engine, head in _snapshots(process):
        process.replica = Replica(engine, head, roots=roots)
        return process.replica
    process.replica = Replica(Engine(), roots=roots)
    return process.replica


def _snapshots(process: Process) -> Iterator[tuple[Engine, Head]]:
    machine = process.machine
    notes: list[str] = []
    shelf = machine.parts.shelf(machine.folder / JOURNAL_NAME, machine.folder / SNAPSHOTS_NAME, notes)
    for snapshot in shelf.rooted():
        try:
            engine = restored(Engine, snapshot)
        except ValueError:
            process.world.count("snapshot did not have its root")
            continue
        assert isinstance(engine, Engine)
        yield engine, snapshot.head
    for _ in notes:
        process.world.count("snapshot passed over")


def _link(process: Process, replica: Replica | None) -> NodeLink:
    machine = process.machine
    process.on_sent = machine.truth.sent_to_node
    path = machine.folder / SOCKET_NAME
    clock = {"clock_ns": process.wall_ns, "below": process.chance.randrange}
    process.link = machine.parts.link(path, ORIGINS[process.name], replica, LINK, **clock)
    return process.link
