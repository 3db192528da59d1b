"""What a venue is like at one moment, as its operator's system and its own doors tell it.

Memory, descriptors and processor time of each process come from /proc, sequences and queues from the node's ADMIN
answer and from the venue's metrics, sizes from the data folder.  Nothing of it asks the engine anything.
Known limit: Linux only.
"""

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

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


def lags(status: Mapping[str, object]) -> dict[str, tuple[str, float]]:
    """How far behind the durable sequence what was sent to each origin is, from the node's status."""
    durable, sent = status["durable_sequence"], status["sent"]
    assert isinstance(durable, int)
    assert isinstance(sent, dict)
    return {f"unsent to origin {origin}": ("entries", float(durable - to)) for origin, to in sorted(sent.items())}
