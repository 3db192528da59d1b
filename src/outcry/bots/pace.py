"""How often a guest may ask: a bucket of requests that fills up evenly.

It starts with what the settings say and gives way to what the venue's answers say, so a guest with an ordinary key
becomes slow instead of being turned away.  Takes the time from the event loop; sleeps instead of refusing.
"""

import asyncio

SHARE_USED_PERCENT = 80
"""A guest uses this much of its budget and leaves the rest for clocks that do not quite agree."""


class Pace:
    """At most `per_minute` requests a minute, and no more than `burst` at once."""

    def __init__(self, per_minute: int, burst: int = 5) -> None:
        self._asked_per_minute = per_minute
        self._per_minute = per_minute
        self._burst = burst
        self._tokens: float = burst
        self._filled_s: float | None = None

    def follow(self, limit_per_minute: int | None) -> None:
        """Heed the limit that the venue's last answer named."""
        if limit_per_minute is not None:
            self._per_minute = max(1, min(self._asked_per_minute, limit_per_minute * SHARE_USED_PERCENT // 100))

    async def wait(self) -> None:
        """Return when one more request may go out."""
        while True:
            now_s = asyncio.get_running_loop().time()
            if self._filled_s is not None:
                self._tokens = min(self._burst, self._tokens + (now_s - self._filled_s) * self._per_minute / 60)
            self._filled_s = now_s
            if self._tokens >= 1:
                self._tokens -= 1
                return
            await asyncio.sleep((1 - self._tokens) * 60 / self._per_minute)
