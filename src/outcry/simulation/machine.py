"""The machine a venue runs on: its folder, disk, clock and network, and who is running on it.

`Machine` starts processes, hears of their ends and starts them again after a while, as whatever supervises a venue
does; it kills them, cuts the power, sets the clock.  What ends a process of itself is judged here: a disk that failed
is what it should end of, a replica that differs or a journal that is refused is a failure of the run.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from outcry.journal.errors import DiskFailed, DiskNearlyFull
from outcry.journal.frames import KEY_BYTES
from outcry.journal.segments import SegmentSettings
from outcry.node.settings import CoreSettings, NodeSettings
from outcry.simulation.crowd import GATEWAY, GUESTS, KEEPER, NODE
from outcry.simulation.disk import SimulatedDisk
from outcry.simulation.network import Network
from outcry.simulation.processes import MAINS, Chosen, Parts, Process
from outcry.simulation.truth import Truth
from outcry.simulation.world import MILLISECOND_NS, Failure, World

if TYPE_CHECKING:
    from outcry.simulation.crowd import People

NAMES = (NODE, KEEPER, GATEWAY, GUESTS)
BEGIN_NS = 1_800_000_000 * 10**9
STARTS_MAX = 400


class Machine:
    """One machine with one data folder."""

    def __init__(self, world: World, folder: Path, parts: Parts, chosen: Chosen, people: "People") -> None:
        self.world = world
        self.folder = folder
        self.parts = parts
        self.chosen = chosen
        self.people = people
        self.disk = SimulatedDisk(world, folder)
        self.network = Network(world)
        self.truth = Truth(world, self.disk, folder)
        self.disk.on_renamed = self.truth.renamed
        self.clock_ns = BEGIN_NS
        """What its clock shows at the world's beginning; set by who sets the clock."""
        self.running: dict[str, Process] = {}
        self.ended_processes: list[Process] = []
        self.restart_ms = (1, 60)
        self._chance = world.chance("machine")
        self._started = 0
        self._key = world.chance("signing key").randbytes(KEY_BYTES)

    def wall_ns(self) -> int:
        """What the clock shows."""
        return self.clock_ns + self.world.now_ns

    def node_settings(self, process: Process) -> NodeSettings:
        """Of this run's node."""
        chosen = self.chosen
        return NodeSettings(
            core=CoreSettings(frame_bytes=chosen.frame_bytes, waiting_bytes=chosen.waiting_bytes),
            segments=SegmentSettings(chosen.segment_bytes, chosen.segment_bytes),
            disk=process.disk,
            draw_key=lambda: self._key,
            root_every=chosen.root_every,
            cache_bytes=chosen.cache_bytes,
            handle_signals=False,
        )

    def start(self, name: str) -> None:
        """Start a process, once what is left of the one before has been swept away."""
        running = self.running.get(name)
        if running is not None and running.alive:
            return
        if running is not None and running.jobs:
            # Somebody's wait has not come back to it yet; the system, too, waits until a process's threads are gone.
            self.world.after(MILLISECOND_NS, lambda: self.start(name))
            return
        self._started += 1
        if self._started > STARTS_MAX:
            self.world.fail(Failure("liveness", f"{name} is started again and again"))
            return
        process = Process(self, name, self._started)
        if running is not None:
            self.ended_processes.append(running)
        self.running[name] = process
        self.world.note("start", name)
        process.begin(MAINS[name](process))

    def kill(self, name: str) -> None:
        """Kill it; it is started again after a while."""
        process = self.running.get(name)
        if process is None or not process.alive:
            return
        self.world.count(f"killed {name}")
        process.kill()
        self._start_again(name)

    def stop(self, name: str) -> None:
        """Ask the node to stop in order; it is started again."""
        process = self.running.get(name)
        if process is not None and process.alive and process.ready and not process.stop_asked.is_set():
            self.world.count(f"stopped {name}")
            process.loop.call_soon(process.stop_asked.set)

    def cut_power(self) -> None:
        """Everything ends at once and the disk keeps what is durable."""
        self.world.count("power cut")
        for process in list(self.running.values()):
            process.kill()
        self.disk.cut_power()
        for name in self.running:
            self._start_again(name)

    def ended(self, process: Process, problem: BaseException | None) -> None:
        """A process has ended of itself."""
        name = process.name
        process.kill()
        if problem is None:
            self.world.note("ended", name)
        elif isinstance(problem, DiskFailed | DiskNearlyFull | OSError):
            self.world.count(f"{name} ended on its disk")
        else:
            self.world.fail(Failure(type(problem).__name__, f"{name}: {problem}"))
            return
        self._start_again(name)

    def bury(self) -> None:
        """The run is over: let go of everything."""
        for process in [*self.ended_processes, *self.running.values()]:
            process.kill()
            process.bury()

    def _start_again(self, name: str) -> None:
        low, high = self.restart_ms
        self.world.after(self._chance.randrange(low, high) * MILLISECOND_NS, lambda: self.start(name))
