"""One client: who it is, what it is subscribed to, what goes to it, and what was held back from it.

Frames are put by as they are made and written together by `deliver`.  A client that does not read fast enough misses
changes of public tables from the soft limit on; what it missed is made good by a new partial once everything written
before has gone.  Private rows and replies are never held back; beyond the hard limit the line is closed.
"""

from typing import Protocol

from outcry.gateway.door import Key
from outcry.gateway.limits import Bucket
from outcry.gateway.stream.settings import StreamSettings
from outcry.gateway.stream.topics import Topic, Wanted

TOO_SLOW = 1008
TEXT_FRAME = 0x81
SHORT_BYTES, LONG_BYTES = 126, 1 << 16


class Line(Protocol):
    """A client's socket, as the stream needs it."""

    def write(self, data: bytes) -> None:
        """Send frames; what cannot go at once is kept and counted."""
        ...

    def waiting_bytes(self) -> int:
        """How much is kept."""
        ...

    def close(self, code: int, reason: str) -> None:
        """End it, telling why."""
        ...


def text_frame(message: bytes) -> bytes:
    """A whole text message as a WebSocket frame of a server; the same bytes serve every client."""
    length = len(message)
    if length < SHORT_BYTES:
        head = bytes((TEXT_FRAME, length))
    elif length < LONG_BYTES:
        head = bytes((TEXT_FRAME, 126)) + length.to_bytes(2, "big")
    else:
        head = bytes((TEXT_FRAME, 127)) + length.to_bytes(8, "big")
    return head + message


class Session:
    """A client that is connected."""

    def __init__(self, line: Line, settings: StreamSettings, bucket: Bucket, address: str) -> None:
        self.line = line
        self.address = address
        self.bucket = bucket
        self.key: Key | None = None
        self.account = 0
        self.topics: dict[Wanted, Topic] = {}
        self.missed: dict[Wanted, None] = {}
        self.is_closed = False
        self.is_behind = False
        """Whether anything written still waits; the line says so."""
        self._settings = settings
        self._frames: list[bytes] = []

    @property
    def has_frames(self) -> bool:
        """Whether frames were put by."""
        return bool(self._frames)

    def put(self, frames: bytes) -> None:
        """Put frames by that must not be missed."""
        self._frames.append(frames)

    def put_change(self, frames: bytes, wanted: Wanted) -> None:
        """Put a change of a public table by, or note that it was missed."""
        if wanted in self.missed:
            return
        if self.is_behind and self.line.waiting_bytes() > self._settings.soft_bytes:
            self.missed[wanted] = None
            return
        self._frames.append(frames)

    def deliver(self) -> None:
        """Write what was put by."""
        frames, self._frames = self._frames, []
        if self.is_closed or not frames:
            return
        data = frames[0] if len(frames) == 1 else b"".join(frames)
        if self.is_behind and self.line.waiting_bytes() + len(data) > self._settings.hard_bytes:
            self.close(TOO_SLOW, "You do not read fast enough")
            return
        self.line.write(data)

    def close(self, code: int, reason: str) -> None:
        """End it."""
        if not self.is_closed:
            self.is_closed = True
            self.line.close(code, reason)
