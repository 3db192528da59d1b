"""The web server as the venue wants it (uvicorn): no signal handlers, no headers believed, lines of our own.

What a proxy in front says of its client is not uvicorn's to believe: the gateway does, of proxies it was told to trust.
"""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import Any, cast

import uvicorn

from outcry.app.direct import KEEP_ALIVE_S, DirectProtocol
from outcry.gateway.app import Front
from outcry.gateway.stream.hub import Hub
from outcry.gateway.stream.line import Lines

GRACE_S = 5


class Server(uvicorn.Server):
    """uvicorn without signal handlers of its own: who composes says when to stop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone."""
        yield


async def serve(app: Front, listener: socket.socket, stop: asyncio.Event, stream: Hub | None = None) -> None:
    """Answer on a bound socket until told to stop, then finish what is being answered.

    Without a stream no connection becomes a WebSocket.
    """
    lines = None if stream is None else Lines(stream, app.forwarded)
    config = uvicorn.Config(
        app,
        http=DirectProtocol,
        # uvicorn asks for a class and only ever calls it.
        ws="none" if lines is None else cast(Any, lines.line),
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
    if lines is not None:
        lines.stop()
    await serving
