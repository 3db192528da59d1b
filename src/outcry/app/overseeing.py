"""What the supervisor does beside starting and stopping: the merged metrics, and words for the service manager.

`metrics` answers on DATA/metrics.sock and, if asked for, on a port of the loopback address.  `Notifier` speaks the
protocol of systemd's `Type=notify`: a datagram to the socket that NOTIFY_SOCKET names, `READY=1` when a stranger could
trade, `STOPPING=1`, and `WATCHDOG=1` for as long as the venue answers.  Without that variable it says nothing.
"""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence

from prometheus_client.core import Metric

from outcry import __version__
from outcry.app.metrics.door import Seen, answering, answering_on_port, fetch_all, merge, telling, text_of
from outcry.app.metrics.families import numbers
from outcry.app.settings import Settings
from outcry.engine.machine import COMPILED

WATCHDOG_PART = 0.4
"""Of the time that the service manager allows; less than half, as it asks for."""


class Supervised:
    """What only the supervisor knows."""

    def __init__(self) -> None:
        self.keeper_restarts = 0

    def collect(self) -> Iterator[Metric]:
        """As metrics."""
        yield numbers("outcry_keeper_restarts_total", self.keeper_restarts)
        yield numbers("outcry_build_info", {(__version__, str(COMPILED).lower()): 1})


async def merged(settings: Settings, roles: Sequence[str]) -> bytes:
    """All metrics of the venue on this data folder as one page."""
    told = await fetch_all(settings.data, roles)
    return merge([*(text for text in told.values() if text is not None), text_of([Seen(told)])])


@contextlib.asynccontextmanager
async def metrics(settings: Settings, roles: Sequence[str]) -> AsyncIterator[tuple[Supervised, int | None]]:
    """Answer with all metrics meanwhile; yields the supervisor's own and the port.  Raises `OSError` if it is taken."""
    known = Supervised()

    async def page() -> bytes:
        return await merged(settings, ("supervisor", *roles))

    async with contextlib.AsyncExitStack() as stack:
        own = await stack.enter_async_context(telling(settings.data, "supervisor"))
        own.append(known)
        await stack.enter_async_context(answering(settings.files.metrics_socket, page))
        port = None
        if settings.metrics_port is not None:
            port = await stack.enter_async_context(answering_on_port(settings.metrics_port, page))
        yield known, port


class Notifier:
    """A line to the service manager, if one started us."""

    def __init__(self, address: str | None = None, watchdog_us: int = 0) -> None:
        self._address = address
        self.watchdog_s = watchdog_us / 1e6 * WATCHDOG_PART if address else 0.0
        """How often it wants to hear that all is well; 0 for never."""

    @classmethod
    def of_environment(cls) -> "Notifier":
        """As the service manager says, and nobody else is told: our children must not speak for us."""
        address, watchdog_us = os.environ.pop("NOTIFY_SOCKET", None), os.environ.pop("WATCHDOG_USEC", "0")
        for_us = os.environ.pop("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        return cls(address, int(watchdog_us) if for_us and watchdog_us.isdigit() else 0)

    def say(self, *words: str) -> None:
        """Tell it; a manager that does not listen is not waited for."""
        if not self._address:
            return
        # A name that begins with @ has no file.
        where = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.setblocking(False)
            line.sendto("\n".join(words).encode(), where)

    async def keep_alive(self, is_well: Callable[[], Awaitable[bool]]) -> None:
        """Tell it again and again while all is well."""
        while self.watchdog_s:
            if await is_well():
                self.say("WATCHDOG=1")
            await asyncio.sleep(self.watchdog_s)
