"""One end of a Unix socket that carries `messages`, with backpressure.

Incoming messages are handed to a callback in batches, one per chunk of bytes; what cannot be read closes the line.
`send` never blocks: who sends much looks at `unsent_bytes`, or waits in `drain`.
"""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import cast

from outcry.node.messages import BadMessage, MessageKind, Splitter

SOCKET_PATH_BYTES_MAX = 100
"""The system's limit is 107; Linux reaches longer paths through the folder's descriptor."""

MessagesHandler = Callable[["Connection", list[tuple[MessageKind, bytes]]], None]
LostHandler = Callable[["Connection"], None]


class Connection(asyncio.Protocol):
    """A line; `on_messages` and `on_lost` are called from the event loop."""

    def __init__(self, on_messages: MessagesHandler, on_lost: LostHandler) -> None:
        self._on_messages = on_messages
        self._on_lost = on_lost
        self._splitter = Splitter()
        self._transport: asyncio.Transport | None = None
        self._writable = asyncio.Event()

    @property
    def open(self) -> bool:
        """Whether something can be sent."""
        return self._transport is not None and not self._transport.is_closing()

    @property
    def unsent_bytes(self) -> int:
        """What the other end has not taken yet."""
        return self._transport.get_write_buffer_size() if self._transport is not None else 0

    def send(self, data: bytes) -> None:
        """Send whole messages; silently nothing on a line that is lost."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    async def drain(self) -> None:
        """Wait until the other end has taken most of what was sent, or is gone."""
        await self._writable.wait()

    def close(self) -> None:
        """Close after what was sent."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's transports have the shape, not the base class
        self._writable.set()

    def data_received(self, data: bytes) -> None:
        """Cut and hand on."""
        try:
            messages = self._splitter.feed(data)
        except BadMessage:
            self.close()
            return
        if messages:
            self._on_messages(self, messages)

    def pause_writing(self) -> None:
        """The other end is slow."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """It has caught up."""
        self._writable.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """Over."""
        self._transport = None
        self._writable.set()
        self._on_lost(self)


class SocketAddress:
    """A socket's path in a form short enough for the system, while in use: `with SocketAddress(path) as address`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._folder = -1

    def __enter__(self) -> str:
        if len(os.fsencode(self._path)) <= SOCKET_PATH_BYTES_MAX:
            return str(self._path)
        self._folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
        return f"/proc/self/fd/{self._folder}/{self._path.name}"

    def __exit__(self, *_: object) -> None:
        if self._folder >= 0:
            os.close(self._folder)
