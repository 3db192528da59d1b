"""Node and gateway as processes of their own, the node on a disk that takes only so many bytes a second.

`python -m outcry.app.bench.slow ROLE FOLDER PORT BYTES_PER_SECOND` is one of them until SIGTERM; `outcry bench
overload` starts both.  Otherwise they are what `outcry up` runs.  Only what the journal syncs is slow: snapshots are
not.
"""

import asyncio
import signal
import socket
import sys
import time
from pathlib import Path

import uvloop

from outcry.app import compose, logs, process
from outcry.app.settings import Settings
from outcry.journal.disk import SystemDisk
from outcry.node.settings import NodeSettings

BACKLOG = 512


class SlowDisk(SystemDisk):
    """The system's disk, but a sync takes as long as what was written since the last one."""

    def __init__(self, bytes_per_second: float) -> None:
        self._bytes_per_second = bytes_per_second
        self._written_bytes = 0

    def write_at(self, file: int, data: memoryview, offset: int) -> int:
        """As `Disk` says."""
        taken = super().write_at(file, data, offset)
        self._written_bytes += taken
        return taken

    def make_durable(self, file: int) -> None:
        """As `Disk` says, later.  Called from the journal's own thread."""
        written_bytes, self._written_bytes = self._written_bytes, 0
        time.sleep(written_bytes / self._bytes_per_second)
        super().make_durable(file)


async def run(role: str, settings: Settings, bytes_per_second: float) -> None:
    """The role's work until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    if role == "node":
        node = NodeSettings(disk=SlowDisk(bytes_per_second), handle_signals=False)
        await compose.run_node_process(settings, stop, node)
    else:
        with socket.create_server((settings.host, settings.port), backlog=BACKLOG) as listener:
            listener.setblocking(False)
            await compose.run_gateway_process(settings, listener, stop)


def main(arguments: list[str]) -> None:
    """Be that process."""
    role, folder, port, bytes_per_second = arguments
    process.die_with_the_supervisor()
    logs.set_up()
    settings = Settings(data=Path(folder), port=int(port), empty=True)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run(role, settings, float(bytes_per_second)))


if __name__ == "__main__":
    main(sys.argv[1:])
