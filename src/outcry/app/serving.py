"""The web server as the venue wants it (uvicorn): no signal handlers, no headers believed, lines of our own.

Headers of a proxy in front are not believed, because anybody can send them.
"""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn

from outcry.app.direct import KEEP_ALIVE_S, DirectProtocol
from outcry.gateway.app import Front

GRACE_S = 5


class Server(uvicorn.Server):
    """uvicorn without signal handlers of its own: who composes says when to stop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone."""
        yield


async def serve(app: Front, listener: socket.socket, stop: asyncio.Event) -> None:
    """Answer on a bound socket until told to stop, then finish what is being answered."""
    config = uvicorn.Config(
        app,
        http=DirectProtocol,
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=GRACE_S,
    )
    server = Server(config)
    serving = asyncio.get_running_loop().create_task(server.serve(sockets=[listener]))
    asked = asyncio.get_running_loop().create_task(stop.wait())
    await asyncio.wait([serving, asked], return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    asked.cancel()
    await serving
