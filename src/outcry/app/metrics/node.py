"""The writer as it is seen from outside: frames as they are published, syncs as they end, queues when asked."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from prometheus_client.core import Metric

from outcry.app.metrics.families import Sizes, durations, numbers, sizes
from outcry.gateway.delays import Delays
from outcry.journal.frames import Frame
from outcry.node.writer import Writer

SECOND_NS = 1e9
ROLE = "node"
Unsent = Callable[[], Mapping[int, tuple[int, int]]]
"""Entries and bytes by origin."""


def nobody() -> dict[int, tuple[int, int]]:
    """Where replicas live in the writer's own process, nothing is on its way to them."""
    return {}


class NodeFigures:
    """A listener of a node's writer."""

    def __init__(self, writer: Writer, unsent: Unsent = nobody) -> None:
        self._writer = writer
        self._unsent = unsent
        self._frame_bytes, self._frame_entries = Sizes(), Sizes()
        self._frames = 0
        self._journal_bytes = 0
        self._syncs = Delays()
        self._writer.frames_listeners.append(self._published)
        self._writer.sync_listeners.append(self._synced)

    def _published(self, frames: Sequence[Frame]) -> None:
        for frame in frames:
            self._frames += 1
            self._frame_bytes.note(len(frame.data))
            self._frame_entries.note(frame.header.entries)

    def _synced(self, length: int, seconds: float) -> None:
        """Called from the journal's thread, of which there is one."""
        self._journal_bytes += length
        self._syncs.note(int(seconds * SECOND_NS))

    def collect(self) -> Iterator[Metric]:
        """As metrics."""
        writer = self._writer
        yield numbers("outcry_sequence", {ROLE: writer.engine.sequence})
        yield numbers("outcry_durable_sequence", writer.durable_sequence)
        yield numbers("outcry_halted", {ROLE: int(writer.engine.halted)})
        yield numbers("outcry_cancel_only", {ROLE: writer.engine.tables.venue.cancel_only})
        yield numbers("outcry_frames_total", self._frames)
        yield numbers("outcry_journal_bytes_total", self._journal_bytes)
        yield sizes("outcry_frame_bytes", self._frame_bytes)
        yield sizes("outcry_frame_entries", self._frame_entries)
        yield durations("outcry_sync_seconds", [((), self._syncs)])
        yield numbers("outcry_disk_free_bytes", writer.journal.disk.free_bytes(writer.journal.folder))
        yield numbers("outcry_disk_room", int(writer.room_left))
        yield numbers("outcry_unsynced_bytes", writer.core.unsynced_bytes)
        yield numbers("outcry_orders_waiting_bytes", writer.core.orders_waiting_bytes)
        venue = writer.engine.tables.venue
        yield numbers("outcry_work_waiting", venue.tasks_made - venue.tasks_done)
        yield numbers("outcry_turned_away_total", {why.name: n for why, n in writer.turned_away_counts.items()})
        unsent = self._unsent()
        yield numbers("outcry_unsent_entries", {str(origin): entries for origin, (entries, _) in unsent.items()})
        yield numbers("outcry_unsent_bytes", {str(origin): length for origin, (_, length) in unsent.items()})
