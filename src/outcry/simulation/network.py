"""Lines between processes: bytes arrive late, in pieces, in order on each line and in none between lines, or never.

`Network` has one listener at a time, as a socket's path has.  A line is two `SimulatedTransport`s; what one end writes
arrives at the other after a delay, unless the line is stalled (a partition, or an end that does not read) or cut.  A
line can be cut at one end first, so that who listens still thinks that the caller is there when he calls again.  Of a
process killed, what it had written arrives, then the line's end.
"""

import asyncio
import errno
import os
import random
from collections import deque
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from outcry.simulation.world import MILLISECOND_NS, World

if TYPE_CHECKING:
    from outcry.simulation.processes import Process

HIGH_BYTES, LOW_BYTES = 64 << 10, 16 << 10
Written = Callable[[bytes], None]


class SimulatedTransport(asyncio.Transport):
    """One end of a line."""

    def __init__(self, network: "Network", process: "Process", line: "Line") -> None:
        super().__init__()
        self.process = process
        self.protocol: Any = None
        self.lost = False
        """Whether this end knows that the line is gone."""
        self._network = network
        self._line = line
        self._closing = False
        self._unsent = 0
        self._paused = False

    def is_closing(self) -> bool:
        """Whether nothing more is sent."""
        return self._closing or self.lost

    def get_write_buffer_size(self) -> int:
        """What has not arrived at the other end."""
        return self._unsent

    def write(self, data: Any) -> None:
        """Send."""
        if self.is_closing() or not self.process.alive:
            return
        whole = bytes(data)
        if self.process.on_sent is not None:
            self.process.on_sent(whole)
        self._unsent += len(whole)
        if self._unsent > HIGH_BYTES and not self._paused:
            self._paused = True
            self.protocol.pause_writing()
        self._line.send(self, whole)

    def arrived(self, length: int) -> None:
        """The other end has taken so much."""
        self._unsent -= length
        if self._paused and self._unsent < LOW_BYTES and self.process.alive and not self.lost:
            self._paused = False
            self.protocol.resume_writing()

    def close(self) -> None:
        """Close after what was sent."""
        if not self.is_closing():
            self._closing = True
            self._line.close(self)

    def abort(self) -> None:
        """Close at once."""
        self.close()

    def lose(self, problem: Exception | None) -> None:
        """The line is gone, as far as this end is concerned."""
        if not self.lost:
            self.lost = True
            if self.process.alive:
                self.process.loop.call_soon(self.protocol.connection_lost, problem)


class Line:
    """Two ends."""

    def __init__(self, network: "Network", chance: random.Random) -> None:
        self.ends: tuple[SimulatedTransport, ...] = ()
        self.stalled_ns = 0
        """Nothing arrives before this time."""
        self.cut = False
        self._network = network
        self._chance = chance
        self._last_ns: dict[SimulatedTransport, int] = {}
        self._under_way: dict[SimulatedTransport, deque[bytes]] = {}

    def other(self, end: SimulatedTransport) -> SimulatedTransport:
        """The other end."""
        return self.ends[1] if end is self.ends[0] else self.ends[0]

    def due_ns(self, end: SimulatedTransport) -> int:
        """When something sent from this end now arrives: never before what was sent earlier."""
        world = self._network.world
        now_ns = max(world.now_ns, self.stalled_ns)
        due = max(self._last_ns.get(end, 0), now_ns + self._network.delay_ns(self._chance))
        self._last_ns[end] = due
        return due

    def send(self, end: SimulatedTransport, data: bytes) -> None:
        """Data on its way, now and then in two pieces."""
        pieces = [data]
        if len(data) > 1 and self._chance.random() < 0.1:
            cut = self._chance.randrange(1, len(data))
            pieces = [data[:cut], data[cut:]]
        for piece in pieces:
            self._under_way.setdefault(end, deque()).append(piece)
            self._network.world.at(self.due_ns(end), lambda: self._arrive(end))

    def stall(self, until_ns: int) -> None:
        """Nothing arrives before that time."""
        self.stalled_ns = max(self.stalled_ns, until_ns)

    def _arrive(self, end: SimulatedTransport) -> None:
        """The oldest piece arrives."""
        world = self._network.world
        if self.cut:
            return
        if world.now_ns < self.stalled_ns:
            self._last_ns[end] = max(self._last_ns[end], self.stalled_ns)
            world.at(self.stalled_ns, lambda: self._arrive(end))
            return
        data = self._under_way[end].popleft()
        end.arrived(len(data))
        other = self.other(end)
        if other.process.alive and not other.lost:
            other.process.loop.call_soon(other.protocol.data_received, data)

    def close(self, end: SimulatedTransport) -> None:
        """One end has closed: it is gone for it at once, for the other after all that was sent."""
        end.lose(None)
        self._network.world.at(self.due_ns(end), lambda: self.other(end).lose(None))

    def drop(self, first: SimulatedTransport, later_ns: int) -> None:
        """Cut it: what is on its way is lost; one end knows it now and the other later."""
        self.cut = True
        problem = ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))
        first.lose(problem)
        self._network.world.after(later_ns, lambda: self.other(first).lose(problem))


class Listener:
    """Who listens; what a server is to who started it."""

    def __init__(self, network: "Network", process: "Process", factory: Callable[[], Any]) -> None:
        self.process = process
        self.factory = factory
        self._network = network

    def close(self) -> None:
        """Listen no longer."""
        if self._network.listener is self:
            self._network.listener = None


class Network:
    """All lines of one machine's socket."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.delay_us = (20, 400)
        """A piece takes so many microseconds, and now and then fifty times as long."""
        self.partition_ns: dict[str, int] = {}
        """By name: the process reaches nobody before this time."""
        self.listener: Listener | None = None
        self.lines: list[Line] = []
        self._chance = world.chance("network")
        self._made = 0

    def delay_ns(self, chance: random.Random) -> int:
        """How long a piece is on its way."""
        low, high = self.delay_us
        return chance.randrange(low, high) * (50 if chance.random() < 0.01 else 1) * MILLISECOND_NS // 1_000

    def listen(self, process: "Process", factory: Callable[[], Any], path: str) -> Listener:
        """Begin to listen; a socket is a file, which is there to be seen."""
        Path(path).touch()
        self.listener = Listener(self, process, factory)
        return self.listener

    async def connect(self, process: "Process", factory: Callable[[], Any]) -> tuple[SimulatedTransport, Any]:
        """A line from a process to who listens.  Raises `OSError`."""
        await asyncio.sleep(self.delay_ns(self._chance) / 1e9)
        listener = self.listener
        blocked = self.partition_ns.get(process.name, 0) > self.world.now_ns
        if listener is None or not listener.process.alive or blocked:
            raise ConnectionRefusedError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED))
        self._made += 1
        line = Line(self, self.world.chance(f"line {self._made}"))
        here, there = SimulatedTransport(self, process, line), SimulatedTransport(self, listener.process, line)
        line.ends = (here, there)
        self.lines = [one for one in self.lines if not all(end.lost for end in one.ends)]
        self.lines.append(line)
        here.protocol, there.protocol = factory(), listener.factory()
        there.process.loop.call_soon(there.protocol.connection_made, there)
        here.protocol.connection_made(here)
        return here, here.protocol

    def lines_of(self, name: str) -> list[Line]:
        """The lines that a process of this name has open."""
        return [
            line
            for line in self.lines
            if not line.cut
            and any(end.process.name == name and end.process.alive and not end.lost for end in line.ends)
        ]

    def gone(self, process: "Process") -> None:
        """A process has ended: its lines end after what it had written."""
        if self.listener is not None and self.listener.process is process:
            self.listener = None
        for line in self.lines:
            for end in line.ends:
                if end.process is process and not end.lost:
                    end.lost = True
                    if not line.cut:
                        problem = ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))
                        other = line.other(end)
                        self.world.at(line.due_ns(end), partial(other.lose, problem))
