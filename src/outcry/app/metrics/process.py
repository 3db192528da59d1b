"""What every process of a venue tells of itself, and what every replica tells of how far it is.

The event loop's lag is how late a timer was that is set again ten times a second: what anything else in this loop would
have waited at that moment.  Known limit: memory, files and processor are read from /proc, and are left out elsewhere.
"""

import asyncio
import os
import time
from collections.abc import Iterator
from pathlib import Path

from prometheus_client.core import Metric

from outcry.app.metrics.families import durations, numbers
from outcry.gateway.delays import Delays
from outcry.node.link import Link
from outcry.views.directory import State

EVERY_S = 0.1
SECOND_NS = 10**9
OWN = Path("/proc/self")


class LoopLag:
    """A timer that notes how late it is."""

    def __init__(self) -> None:
        self.delays = Delays()
        self._loop = asyncio.get_running_loop()
        self._timer = self._set()

    def stop(self) -> None:
        """No more."""
        self._timer.cancel()

    def _set(self) -> asyncio.TimerHandle:
        self._due_s = self._loop.time() + EVERY_S
        return self._loop.call_at(self._due_s, self._late)

    def _late(self) -> None:
        self.delays.note(int((self._loop.time() - self._due_s) * SECOND_NS))
        self._timer = self._set()


class ProcessFigures:
    """This process."""

    def __init__(self, role: str, lag: LoopLag) -> None:
        self._role = role
        self._lag = lag
        self._started_s = time.time()

    def collect(self) -> Iterator[Metric]:
        """As metrics."""
        role = self._role
        yield durations("outcry_loop_lag_seconds", [((role,), self._lag.delays)])
        yield numbers("outcry_cpu_seconds_total", {role: time.process_time()})
        yield numbers("outcry_started_seconds", {role: self._started_s})
        if OWN.exists():
            pages = int((OWN / "statm").read_text().split()[1])
            yield numbers("outcry_resident_bytes", {role: pages * os.sysconf("SC_PAGE_SIZE")})
            yield numbers("outcry_open_files", {role: len(os.listdir(OWN / "fd"))})


class ReplicaFigures:
    """This process's replica and its line to the node."""

    def __init__(self, role: str, link: Link, state: State) -> None:
        self._role = role
        self._link = link
        self._state = state

    def collect(self) -> Iterator[Metric]:
        """As metrics."""
        role, link, venue = self._role, self._link, self._state.tables.venue
        yield numbers("outcry_sequence", {role: venue.sequence})
        yield numbers("outcry_lag_seconds", {role: max(0.0, time.time() - venue.time_ns / SECOND_NS)})
        yield numbers("outcry_halted", {role: venue.halted})
        yield numbers("outcry_cancel_only", {role: venue.cancel_only})
        yield numbers("outcry_connected", {role: int(link.connected)})
        yield numbers("outcry_commands_pending", {role: link.pending})
        refused = {(role, reason): float(count) for reason, count in sorted(link.refused_counts.items())}
        yield numbers("outcry_commands_refused_total", refused)
        replica = link.replica
        if replica is not None:
            yield numbers("outcry_diverged", {role: int(replica.diverged is not None)})
            if replica.roots is not None:
                yield numbers("outcry_roots_compared", {role: replica.roots.compared})


class SnapshotFigures:
    """The folder of snapshots."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Iterator[Metric]:
        """As metrics."""
        made = [path.stat().st_mtime for path in self._folder.glob("*.rooted")]
        if made:
            yield numbers("outcry_snapshot_age_seconds", max(0.0, time.time() - max(made)))
