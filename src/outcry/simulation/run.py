"""One seed from its beginning to its verdict.

First an empty venue is started and opened, without faults; then the plan's actions and faults happen; then nothing goes
wrong any more and everything has to come to rest: every order has its answer, every command its fate, and all replicas
stand where the node stands, with the same root.  Then the truth looks at the journal.  A run leaves nothing behind.
"""

import gc
import logging
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from outcry.protocol.wire import text_of
from outcry.simulation.crowd import GATEWAY, GUESTS, KEEPER, NODE, SYMBOLS, People, opening
from outcry.simulation.faults import FAULTS, heal
from outcry.simulation.feed import Feed
from outcry.simulation.machine import NAMES, Machine
from outcry.simulation.plan import Plan, Step
from outcry.simulation.processes import Parts
from outcry.simulation.traders import Trader
from outcry.simulation.truth import kinds_of
from outcry.simulation.world import MILLISECOND_NS, SECOND_NS, Failure, World

OPENING_NS = 3 * SECOND_NS
REST_NS = 60 * SECOND_NS
BETWEEN_NS, TOGETHER = 2 * MILLISECOND_NS, 8
LOOK_NS = 50 * MILLISECOND_NS


@dataclass(frozen=True)
class Verdict:
    """What became of a run."""

    seed: int
    trace: str
    """Hash of everything that happened; the same plan always has the same."""
    failure: Failure | None
    counts: Counter[str]
    entries: int
    lines: list[str]


def simulate(plan: Plan, parts: Parts, *, keep_lines: bool = False) -> Verdict:
    """Play a plan."""
    world = World(plan.seed)
    if keep_lines:
        world.keep_lines()
    with _quiet(), tempfile.TemporaryDirectory(prefix="outcry-simulation-") as folder:
        machine = Machine(world, Path(folder), parts, plan.chosen, People(plan.traders))
        try:
            entries = Run(world, machine, plan).play()
        finally:
            machine.bury()
    return Verdict(plan.seed, world.trace, world.failure, world.counts, entries, world.lines)


class Run:
    """A plan being played."""

    def __init__(self, world: World, machine: Machine, plan: Plan) -> None:
        self.world = world
        self.machine = machine
        self.plan = plan
        self.feed = Feed(machine, plan.feed_ms)
        self.traders = [Trader(machine, self.feed, key) for key in machine.people.keys]

    def play(self) -> int:
        """All of it; how many entries the journal has at the end."""
        self._open()
        if self.world.failure is None:
            self._happen()
        if self.world.failure is None:
            self._come_to_rest()
        return self._look_back() if self.world.failure is None else 0

    def _open(self) -> None:
        """Start everything and hand in what a venue begins with."""
        world, machine = self.world, self.machine
        for name in NAMES:
            machine.start(name)
        self._until(lambda: machine.running[GUESTS].ready, OPENING_NS, "the venue did not start")
        sent = 0
        for number, record in enumerate(opening(machine.people), 1):
            sent += self.feed.hand_in(record)
            if number % TOGETHER == 0:
                # Not all at once: a node may be told to let little wait.
                world.run(world.now_ns + BETWEEN_NS)

        def opened() -> bool:
            gateway = machine.running[GATEWAY]
            replica = gateway.replica
            return gateway.ready and replica is not None and replica.engine.sequence >= sent

        self._until(opened, OPENING_NS, "the venue did not open")
        self._see_what_is_listed()
        world.note("open")
        self.feed.begin()

    def _see_what_is_listed(self) -> None:
        """A crowd whose instruments were refused sends orders that are refused too, and finds nothing ever after."""
        replica = self.machine.running[GATEWAY].replica
        rows = replica.engine.tables.instruments if replica is not None else ()
        listed = tuple(text_of(row.symbol) for row in rows if row.listed_sequence)
        if self.world.failure is None and listed != SYMBOLS:
            self.world.fail(Failure("opening", f"of {SYMBOLS} only {listed} are listed"))

    def _happen(self) -> None:
        """The plan's actions and faults."""
        world, start_ns = self.world, self.world.now_ns
        for step in self.plan.actions:
            world.at(start_ns + step.at_ns, lambda step=step: self._act(step))  # type: ignore[misc]
        for step in self.plan.faults:
            world.at(start_ns + step.at_ns, lambda step=step: self._fault(step))  # type: ignore[misc]
        world.run(start_ns + self.plan.length_ns)

    def _act(self, step: Step) -> None:
        self.world.note("act", f"{step.number} {step.kind}")
        self.traders[step.who % len(self.traders)].act(step.kind, self.plan.chance(step, "action"))

    def _fault(self, step: Step) -> None:
        self.world.note("fault", f"{step.number} {step.kind}")
        self.world.counts[f"fault {step.kind}"] += 1
        FAULTS[step.kind](self.machine, self.feed, self.plan.chance(step, "fault"))

    def _come_to_rest(self) -> None:
        """Without faults everything has to be answered, and everybody to arrive at the same entry."""
        heal(self.machine)
        self.world.note("heal")
        self._until(
            lambda: all(self.machine.running[name].ready for name in NAMES), REST_NS, "not everything runs again"
        )
        self._until(self._all_told, REST_NS, "somebody has no answer")
        self.feed.on = False
        self._until(self._level, REST_NS, "replicas do not arrive where the node stands")
        self._compare_roots()

    def _all_told(self) -> bool:
        """Whether every wish has its answer and every command without one its fate."""
        by_account = {trader.account: trader for trader in self.traders}
        for origin, number, account, _ in self.machine.truth.unanswered:
            # Also those whose 503 was lost on its way: whoever has the number can ask.
            by_account[account].ask_fate((origin, number), self.world.chance(f"fate {number}"))
        return not self.machine.running[GATEWAY].busy and all(trader.idle for trader in self.traders)

    def _level(self) -> bool:
        """Whether node and replicas stand at the same durable entry, with nothing left to do."""
        running = self.machine.running
        writer = running[NODE].writer
        if writer is None or not all(running[name].ready for name in NAMES):
            return False
        stands = {writer.engine.sequence, writer.durable_sequence}
        for name in (KEEPER, GATEWAY):
            replica = running[name].replica
            stands.add(replica.sequence if replica is not None else -1)
        return len(stands) == 1 and not writer.engine.work_waiting

    def _compare_roots(self) -> None:
        running = self.machine.running
        writer = running[NODE].writer
        assert writer is not None
        root = writer.engine.roots()
        for name in (KEEPER, GATEWAY):
            replica = running[name].replica
            if replica is not None and replica.engine.roots() != root:
                self.world.fail(Failure("roots", f"the {name}'s state is not the node's"))

    def _look_back(self) -> int:
        """Whether everything is as it must be."""
        fates = {command: fate for trader in self.traders for command, fate in trader.fates.items()}
        journal = self.machine.truth.check(fates)
        if journal is None:
            return 0
        placed = journal.placed()
        for trader in self.traders:
            trader.check(journal, placed)
        self.world.counts.update(kinds_of(journal))
        return len(journal.entries)

    def _until(self, done: "object", within_ns: int, otherwise: str) -> None:
        """Let time pass until that is so.  It is a failure if it takes too long."""
        assert callable(done)
        world = self.world
        end_ns = world.now_ns + within_ns
        while not done():
            if world.failure is not None:
                return
            if world.now_ns >= end_ns:
                world.fail(Failure("liveness", otherwise))
                return
            world.run(world.now_ns + LOOK_NS)


@contextmanager
def _quiet() -> Iterator[None]:
    """What the product has to say of faults is what it should say; nobody reads it here."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        logging.disable(before)
        if collecting:
            gc.enable()
