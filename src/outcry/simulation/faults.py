"""Everything that goes wrong here: one short function for each kind of fault, and `FAULTS` with all of them.

A fault is handed the machine, the feed of prices and chance of its own.  What it begins (a partition, a full disk) it
also ends after a while; `Machine` starts again what it kills.
"""

import random
from collections.abc import Callable
from typing import TYPE_CHECKING

from outcry.node.recovery import SNAPSHOTS_NAME
from outcry.protocol import layout
from outcry.protocol.layout import AccountState, InstrumentState
from outcry.simulation.crowd import GATEWAY, KEEPER, MINUTE_NS, NODE
from outcry.simulation.disk import PLENTY_BYTES
from outcry.simulation.feed import Feed
from outcry.simulation.machine import NAMES
from outcry.simulation.world import MILLISECOND_NS, SECOND_NS

if TYPE_CHECKING:
    from outcry.simulation.machine import Machine

FOLLOWERS = (GATEWAY, KEEPER)
Fault = Callable[["Machine", Feed, random.Random], None]


def kill(machine: "Machine", feed: Feed, chance: random.Random) -> None:
    """Kill one process, node and gateway more often than the others."""
    machine.kill(chance.choice((NODE, NODE, GATEWAY, GATEWAY, *NAMES)))


def kill_at_disk(machine: "Machine", feed: Feed, chance: random.Random) -> None:
    """Kill node or keeper at one of its next calls of the disk."""
    _at_disk(machine, chance, lambda name: machine.kill(name))


def power(machine: "Machine", feed: Feed, chance: random.Random) -> None:
    """Cut the power."""
    machine.cut_power()


def power_at_disk(machine: "Machine", feed: Feed, chance: random.Random) -> None:
    """Cut the power at one of the next calls of the disk."""
    _at_disk(machine, chance, lambda name: machine.cut_power())


def stop(machine: "Machine", feed: Feed, chance: random.Random) -> None:
    """Stop the node in order."""
    machine.stop(NODE)


def failed_sync(machine: "Machine", feed: Feed, chance: random.Random) -> None:
    """The next syncs fail."""
    machine.disk.fail_syncs = chance.choice((1, 1, 2, 5))


def slow_disk(machine: "Machine", feed: Feed, chance: random.Random) -> None:
    """Syncs take long for a while."""
    disk = machine.disk
    disk.slow_ms = chance.choice((10, 100, 700))
    machine.world.count("slow disk")
    _later(machine, chance, lambda: setattr(disk, "slow_ms", 0))


def full_disk(machine: "Machine", feed: Feed, chance: random.Random) -> None:
    """The disk is nearly full for a while: no segment fits, or not even a frame."""
    disk, segment = machine.disk, machine.chosen.segment_bytes
    disk.free = chance.choice((segment - 1, segment * 3 // 2, 2 * segment - 1))
    machine.world.count("disk nearly full")
    _later(machine, chance, lambda: setattr(disk, "free", PLENTY_BYTES))


def cut(machine: "Machine", feed: Feed, chance: random.Random) -> None:
    """A line is cut; both ends know it at once, or one of them a while later."""
    lines = machine.network.lines_of(NODE)
    if lines:
        line = chance.choice(lines)
        later_ns = chance.choice((0, 0, chance.randrange(600))) * MILLISECOND_NS
        machine.world.count("line cut at one end first" if later_ns else "line cut")
        line.drop(line.ends[chance.randrange(2)], later_ns)


def partition(machine: "Machine", feed: Feed, chance: random.Random) -> None:
    """Nothing passes between the node and another process for a while, and no new line either."""
    name = chance.choice(FOLLOWERS)
    until_ns = machine.world.now_ns + chance.randrange(50, 2_500) * MILLISECOND_NS
    machine.network.partition_ns[name] = until_ns
    machine.world.count("partition")
    for line in machine.network.lines_of(name):
        line.stall(until_ns)


def slow_replica(machine: "Machine", feed: Feed, chance: random.Random) -> None:
    """One that follows reads nothing for a while, then all at once."""
    name = chance.choice(FOLLOWERS)
    machine.world.count("slow replica")
    for line in machine.network.lines_of(name):
        line.stall(machine.world.now_ns + chance.randrange(50, 1_200) * MILLISECOND_NS)


def rot(machine: "Machine", feed: Feed, chance: random.Random) -> None:
    """A bit of a snapshot is another one."""
    folder = machine.folder / SNAPSHOTS_NAME
    found = sorted(folder.glob("0*")) if folder.exists() else []
    found = [path for path in found if path.suffix in (".rooted", ".candidate", ".snapshot")]
    if found:
        machine.disk.rot(chance.choice(found), chance)
        machine.world.count("snapshot rotten")


def clock(machine: "Machine", feed: Feed, chance: random.Random) -> None:
    """The clock is set: a little or far, forward or back, or just before the next funding.

    Never by whole seconds: a feed that sends at whole milliseconds would meet the very microseconds again, and numbers
    of commands are kept apart by them (the known limit of `node.link`).
    """
    way, crooked_ns = chance.randrange(4), chance.randrange(SECOND_NS)
    if way == 0:
        machine.clock_ns += chance.choice((1, 4, 6, 90)) * SECOND_NS + crooked_ns
        machine.world.count("clock forward")
    elif way == 1:
        machine.clock_ns -= chance.choice((1, 6, 40)) * SECOND_NS + crooked_ns
        machine.world.count("clock back")
    else:
        now_ns = machine.wall_ns()
        machine.clock_ns += MINUTE_NS - now_ns % MINUTE_NS - chance.randrange(1, 900) * MILLISECOND_NS
        machine.world.count("clock before a funding")


def jump(machine: "Machine", feed: Feed, chance: random.Random) -> None:
    """A price goes somewhere else."""
    feed.jump(chance)


def operator(machine: "Machine", feed: Feed, chance: random.Random) -> None:
    """An operator stops an instrument or an account, or opens them again."""
    if chance.random() < 0.6:
        state = chance.choice((InstrumentState.INSTRUMENT_OPEN, InstrumentState.INSTRUMENT_PAUSED))
        sent = feed.hand_in(layout.SetInstrumentState(instrument=chance.randint(1, 3), state=state))
    else:
        state_of = chance.choice((AccountState.ACCOUNT_OPEN, AccountState.ACCOUNT_REDUCING))
        account = layout.ROLES + chance.randrange(len(machine.people.keys))
        sent = feed.hand_in(layout.SetAccountState(account=account, state=state_of))
    if sent:
        machine.world.count("operator")


FAULTS: dict[str, Fault] = {
    "kill": kill,
    "kill at disk": kill_at_disk,
    "power": power,
    "power at disk": power_at_disk,
    "stop": stop,
    "failed sync": failed_sync,
    "slow disk": slow_disk,
    "full disk": full_disk,
    "cut": cut,
    "partition": partition,
    "slow replica": slow_replica,
    "rot": rot,
    "clock": clock,
    "jump": jump,
    "operator": operator,
}
"""Every kind."""


def heal(machine: "Machine") -> None:
    """Nothing more goes wrong from here on."""
    machine.disk.fail_syncs = machine.disk.slow_ms = 0
    machine.disk.free = PLENTY_BYTES
    for process in machine.running.values():
        process.disk.crash_in = 0


def _at_disk(machine: "Machine", chance: random.Random, crash: Callable[[str], None]) -> None:
    """Have something happen at one of the next calls of the disk of node or keeper."""
    name = NODE if chance.random() < 0.7 else KEEPER
    process = machine.running.get(name)
    if process is not None and process.alive:
        process.disk.crash_in = chance.randint(1, 12)

        def happen() -> None:
            machine.world.count(f"crash of the {name} at the disk")
            crash(name)

        process.disk.on_crash = happen


def _later(machine: "Machine", chance: random.Random, end: Callable[[], None]) -> None:
    machine.world.after(chance.randrange(50, 1_500) * MILLISECOND_NS, end)
