"""One client: who it is, what it is subscribed to, what goes to it, and what was held back from it.

Frames are put by as they are made and written together by `deliver`.  A client that does not read fast enough misses
changes of public tables from the soft limit on; what it missed is made good by a new partial once everything written
before has gone.  Private rows and replies are never held back; beyond the hard limit the line is closed.  How long it
took from a frame's application to the write, and in which place of its turn the session was then, is counted.
"""

from typing import Any, Protocol

from outcry.gateway.delays import Delays
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

    def __init__(self, line: Line, settings: StreamSettings, bucket: Bucket, address: str, number: int = 0) -> None:
        self.line = line
        self.number = number
        """In the order in which they came; never given twice by one gateway."""
        self.address = address
        self.bucket = bucket
        self.key: Key | None = None
        self.account = 0
        self.topics: dict[Wanted, Topic] = {}
        self.missed: dict[Wanted, None] = {}
        self.is_closed = False
        self.is_behind = False
        """Whether anything written still waits; the line says so."""
        self.delays = Delays()
        """From the application of a frame to the write of what it caused."""
        self.shared = 0
        """How often others were written to with it."""
        self.firsts = 0
        """How often it was the first of them."""
        self.places = 0
        """Sum of its places among them, 0 being the first."""
        self.others = 0
        """Sum of how many others there were."""
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

    def note_turn(self, place: int, together: int, delay_ns: int) -> None:
        """It was written to in that place among so many, so long after the frame was applied."""
        self.delays.note(delay_ns)
        if together > 1:
            self.shared += 1
            self.places += place
            self.others += together - 1
            if not place:
                self.firsts += 1

    def close(self, code: int, reason: str) -> None:
        """End it."""
        if not self.is_closed:
            self.is_closed = True
            self.line.close(code, reason)

    def told(self) -> dict[str, Any]:
        """Its fan-out as its owner is shown it; of a fair one `firsts` is `shared` / (`meanOthers` + 1)."""
        return {
            "session": self.number,
            "topics": len(self.topics),
            "deliveries": self.delays.count,
            "p50Micros": self.delays.quantile_ns(0.5) // 1_000,
            "p99Micros": self.delays.quantile_ns(0.99) // 1_000,
            "shared": self.shared,
            "firsts": self.firsts,
            "meanPlace": round(self.places / self.shared, 3) if self.shared else None,
            "meanOthers": round(self.others / self.shared, 3) if self.shared else None,
            "unsentBytes": self.line.waiting_bytes(),
        }
