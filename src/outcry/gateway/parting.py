"""How a line is ended on which the client may still be sending: what was answered has to reach it first.

A socket that is closed with unread bytes in it, or that gets some after, answers with a reset, and a reset destroys
what the client's system has received and the client has not read yet: it would see a broken line where a refusal was
sent.  So a line that is parted from only shuts its own side, reads and throws away what still comes, and is closed when
the client has closed too, or has sent too much, or has taken too long.
"""

import asyncio

PARTING_SECONDS_MAX = 5.0
"""How long is waited for the client to close."""
PARTING_BYTES_MAX = 16 << 20
"""How much of what still comes is read."""


class Parting:
    """The end of one line, once begun."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        """Send what is written and then the end; nothing may be written from here on."""
        self._transport = transport
        self._bytes = 0
        transport.write_eof()
        transport.resume_reading()
        self._timer = loop.call_later(PARTING_SECONDS_MAX, transport.close)

    def throw_away(self, data: bytes) -> None:
        """Take a piece for which nobody asked."""
        self._bytes += len(data)
        if self._bytes > PARTING_BYTES_MAX:
            self._transport.close()

    def over(self) -> None:
        """The line is lost."""
        self._timer.cancel()
