"""What a venue is like at one moment, as its operator's system and its own doors tell it.

Memory, descriptors and processor time of each process come from /proc, sequences, queues and the event loops' lags from
the venue's metrics, sizes from the data folder.  Nothing of it asks the engine anything.
Known limit: Linux only.
"""

import os
from pathlib import Path

import msgspec

from outcry.app.metrics.door import values_in

PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
MEGABYTE = 1_000_000


class Process(msgspec.Struct, frozen=True):
    """One process at one moment."""

    megabytes: float
    files: int
    processor_s: float


class Reading(msgspec.Struct, frozen=True):
    """The venue at one moment, so many minutes after the load began."""

    minute: float
    sequence: int
    """The node's durable one."""
    processes: dict[str, Process]
    queues: dict[str, tuple[str, float]]
    """What should be near nothing, with its unit."""
    loops: dict[str, tuple[float, float]]
    """Seconds that each event loop was late in all, and how often it was looked at."""
    journal_bytes: float
    disk_bytes: dict[str, int]


def processes_of(supervisor: int) -> dict[str, int]:
    """The processes of a venue by role; the supervisor is one of them."""
    found = {"supervisor": supervisor}
    for number in _children(supervisor):
        words = _words(number)
        if b"outcry.app.process" in words:
            found[words[words.index(b"outcry.app.process") + 1].decode()] = number
    return found


def _children(process: int) -> list[int]:
    try:
        return [int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except OSError:
        return []


def _words(process: int) -> list[bytes]:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return []


def process_of(number: int) -> Process | None:
    """What the system says of a process; None once it has gone."""
    place = Path(f"/proc/{number}")
    try:
        resident = int((place / "statm").read_text().split()[1]) * PAGE_BYTES
        fields = (place / "stat").read_text().rpartition(")")[2].split()
        files = len(os.listdir(place / "fd"))
    except OSError:
        return None
    return Process(resident / MEGABYTE, files, (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND)


def disk_of(data: Path) -> dict[str, int]:
    """Bytes on the disk by what they are for; holes in files do not count."""
    sizes: dict[str, int] = {}
    for path in data.rglob("*"):
        try:
            if path.is_file():
                name = path.relative_to(data).parts[0].partition(".db")[0]
                sizes[name] = sizes.get(name, 0) + path.stat().st_blocks * 512
        except OSError:
            # It was there a moment ago.
            continue
    return sizes


QUEUES = {
    "outcry_lag_entries": "entries",
    "outcry_unsent_entries": "entries",
    "outcry_unsent_bytes": "bytes",
    "outcry_unsynced_bytes": "bytes",
    "outcry_work_waiting": "commands",
    "outcry_commands_pending": "commands",
    "outcry_stream_unread_bytes": "bytes",
}
"""Metrics that should be near nothing whenever one looks, with their units."""
LOOP_LAG = "outcry_loop_lag_seconds"
MILLISECONDS = 1_000.0


def queues_of(page: bytes) -> dict[str, tuple[str, float]]:
    """The queues that a page of metrics tells of."""
    found = {}
    for name, unit in QUEUES.items():
        for label, value in values_in([page], name).items():
            found[f"{name.removeprefix('outcry_').replace('_', ' ')} {label}".rstrip()] = (unit, value)
    return found


def loop_sums(page: bytes) -> dict[str, tuple[float, float]]:
    """How late each process's event loop has been in all, and how often that was looked at."""
    sums, counts = values_in([page], f"{LOOP_LAG}_sum"), values_in([page], f"{LOOP_LAG}_count")
    return {role: (total, counts[role]) for role, total in sums.items() if role in counts}


def journal_bytes(page: bytes) -> float:
    """Appended to the journal since the node began."""
    return sum(values_in([page], "outcry_journal_bytes_total").values())
