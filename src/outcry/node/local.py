"""The line to a node inside the same process: no socket, otherwise the same (one-process mode, tests, library use).

The replica is still a second engine, because the writer's own engine is ahead of the disk and nobody may see it.
"""

import asyncio
import secrets
import time
from collections.abc import Callable, Sequence

from outcry.journal.frames import Frame
from outcry.node.core import TurnedAway
from outcry.node.link import Link
from outcry.node.replica import Replica, ReplicaDiverged
from outcry.node.settings import LinkSettings
from outcry.node.writer import Writer


class LocalLink(Link):
    """A line to a `Writer` of this event loop."""

    def __init__(
        self,
        writer: Writer,
        origin: int,
        replica: Replica | None,
        settings: LinkSettings | None = None,
        *,
        clock_ns: Callable[[], int] = time.time_ns,
        below: Callable[[int], int] = secrets.randbelow,
    ) -> None:
        super().__init__(origin, replica, settings, clock_ns=clock_ns, below=below)
        self._writer = writer
        self._open = False
        self._finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def start(self) -> None:
        """Catch up from the journal and follow.  Raises `ReplicaDiverged`, `JournalDamaged`."""
        writer = self._writer
        if self.origin in writer.turned_away_listeners:
            raise ValueError(f"origin {self.origin} is connected already")
        if self.replica is not None:
            self.replica.begin(writer.journal.genesis.hash)
            while self.sequence < writer.durable_sequence:
                for frame in writer.journal.frames(self.sequence + 1, writer.durable_sequence):
                    self._deliver(frame)
                    # The loop has others to serve meanwhile, and a signal to hear; the writer may go on too.
                    await asyncio.sleep(0)
            writer.frames_listeners.append(self._published)
        writer.turned_away_listeners[self.origin] = self._not_admitted
        self._number_from(writer.core.last_admitted(self.origin))
        self._open = True

    async def stop(self) -> None:
        """Hang up."""
        self._end(None)

    def _can_send(self) -> bool:
        return self._open

    def _send(self, entry: bytes) -> None:
        self._writer.submit(self.origin, entry)

    async def wait_finished(self) -> None:
        """Wait until the line has ended for good.  Raises `ReplicaDiverged` if that is why."""
        await asyncio.shield(self._finished)

    def _published(self, frames: Sequence[Frame]) -> None:
        try:
            for frame in frames:
                self._deliver(frame)
        except ReplicaDiverged as problem:
            self._end(problem)

    def _end(self, problem: ReplicaDiverged | None) -> None:
        """Follow no longer."""
        if self._open:
            self._open = False
            del self._writer.turned_away_listeners[self.origin]
            if self.replica is not None:
                self._writer.frames_listeners.remove(self._published)
        self._give_up()
        if not self._finished.done():
            if problem is None:
                self._finished.set_result(None)
            else:
                self._finished.set_exception(problem)
                self._finished.exception()

    def _not_admitted(self, item: TurnedAway) -> None:
        self._turned_away(item.origin_sequence, item.why)
