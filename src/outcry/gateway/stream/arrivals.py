"""How often an address may connect, and how many may be connected: bounded memory, time is handed in."""

import math
from collections import OrderedDict

from outcry.gateway.answers import OVERLOADED, RETRY_AFTER, Refusal
from outcry.gateway.limits import Bucket
from outcry.gateway.stream.settings import StreamSettings

HOUR_SECONDS = 3_600
ADDRESSES_KEPT = 10_000
"""Beyond this the addresses unheard of for longest are forgotten, which only ever gives them lines back."""


class Arrivals:
    """The lines that addresses have opened."""

    def __init__(self, settings: StreamSettings) -> None:
        self._settings = settings
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def _bucket(self, address: str, now: float) -> Bucket:
        bucket = self._buckets.get(address)
        if bucket is None:
            bucket = self._buckets[address] = Bucket(self._settings.lines_per_hour, HOUR_SECONDS, now)
            if len(self._buckets) > ADDRESSES_KEPT:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(address)
        return bucket

    def admit(self, address: str, connected: int, now: float) -> None:
        """Count a line that is opened.  Raises `Refusal` with 429 or 503."""
        if connected >= self._settings.lines_max:
            raise Refusal(503, OVERLOADED, headers=(RETRY_AFTER,))
        bucket = self._bucket(address, now)
        if not bucket.take(1, now):
            seconds = max(1, math.ceil(bucket.wait_seconds()))
            message = f"Rate limit exceeded, retry in {seconds} seconds."
            raise Refusal(429, message, "RateLimitError", headers=((b"retry-after", b"%d" % seconds),))

    def remaining(self, address: str, now: float) -> int:
        """How many more lines the address may open now."""
        bucket = self._bucket(address, now)
        bucket.refill(now)
        return int(bucket.tokens)
