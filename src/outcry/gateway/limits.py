"""Rate limits: continuously refilled token buckets per key, or per address where nothing is signed (API 1.6).

The numbers are settings; a key may carry its own.  Time is handed in.  The number of buckets is bounded; the ones
unused for longest are forgotten, which only ever gives tokens back.  Keys and addresses are apart, because addresses
can be made up and keys cannot.
"""

import math
from collections import OrderedDict

import msgspec

from outcry.gateway.answers import Refusal
from outcry.gateway.door import Key

CLIENT_ERRORS, SERVER_ERRORS = 400, 500
SHUT_OUT = "Access Denied: too many of the requests from this address were wrong."


class Limits(msgspec.Struct, frozen=True):
    """How much a caller may ask for."""

    signed_per_minute: int = 120
    unsigned_per_minute: int = 30
    orders_per_second: int = 10
    errors_per_minute: int = 0
    """requests that were wrong, by address; who sends more is shut out for a while.  0 shuts out nobody"""
    shut_out_seconds: int = 3_600
    buckets_kept: int = 10_000


class Bucket:
    """Tokens that come back at a steady rate."""

    def __init__(self, size: int, seconds: float, now: float) -> None:
        self.size = size
        self.per_second = size / seconds
        self.tokens = float(size)
        self.seen = now

    def refill(self, now: float) -> None:
        """Bring the tokens up to now; a clock that steps back gives none."""
        if now > self.seen:
            tokens = self.tokens + (now - self.seen) * self.per_second
            self.tokens = tokens if tokens < self.size else float(self.size)
        self.seen = now

    def take(self, cost: int, now: float) -> bool:
        """Take that many, or none and False."""
        # As `refill` does it: every request takes, an order twice.
        tokens, since = self.tokens, now - self.seen
        self.seen = now
        if since > 0:
            tokens += since * self.per_second
            if tokens > self.size:
                tokens = float(self.size)
        is_enough = tokens >= cost
        self.tokens = tokens - cost if is_enough else tokens
        return is_enough

    def wait_seconds(self, cost: int = 1) -> float:
        """Until that many are there."""
        return max(0.0, (cost - self.tokens) / self.per_second)


Buckets = OrderedDict[str, Bucket]


class Limiter:
    """The buckets of all callers."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._addresses: Buckets = OrderedDict()
        self._keys_by_minute: Buckets = OrderedDict()
        self._keys_by_second: Buckets = OrderedDict()
        self._errors: Buckets = OrderedDict()
        self._shut_out: OrderedDict[str, float] = OrderedDict()
        """Until when, by address."""

    def _bucket(self, buckets: Buckets, caller: str, size: int, seconds: float, now: float) -> Bucket:
        found = buckets.get(caller)
        if found is None or found.size != size:
            found = buckets[caller] = Bucket(size, seconds, now)
            if len(buckets) > self.limits.buckets_kept:
                buckets.popitem(last=False)
        else:
            buckets.move_to_end(caller)
        return found

    def _minute(self, key: Key | None, address: str, now: float) -> Bucket:
        if key is None:
            return self._bucket(self._addresses, address, self.limits.unsigned_per_minute, 60, now)
        size = key.requests_per_minute or self.limits.signed_per_minute
        return self._bucket(self._keys_by_minute, key.id, size, 60, now)

    def check(self, address: str, now: float) -> None:
        """Raises `Refusal` with 403 while the address is shut out."""
        until = self._shut_out.get(address)
        if until is None:
            return
        if now >= until:
            del self._shut_out[address]
            return
        seconds = b"%d" % math.ceil(until - now)
        raise Refusal(403, SHUT_OUT, headers=((b"retry-after", seconds),))

    def note(self, address: str, status: int, now: float) -> None:
        """An answer was given; too many that say the request was wrong shut the address out (API 1.6)."""
        size = self.limits.errors_per_minute
        if not size or not CLIENT_ERRORS <= status < SERVER_ERRORS or address in self._shut_out:
            return
        if self._bucket(self._errors, address, size, 60, now).take(1, now):
            return
        self._shut_out[address] = now + self.limits.shut_out_seconds
        if len(self._shut_out) > self.limits.buckets_kept:
            self._shut_out.popitem(last=False)

    def admit(self, key: Key | None, address: str, is_order: bool, now: float) -> list[tuple[bytes, bytes]]:
        """Count a request; returns the headers of its answer.  Raises `Refusal` with 429 over the limit."""
        minute = self._minute(key, address, now)
        taken = minute.take(1, now)
        headers = headers_of(minute, now)
        if not taken:
            raise over_limit(minute, headers)
        if is_order and key is not None:
            size = key.orders_per_second or self.limits.orders_per_second
            second = self._bucket(self._keys_by_second, key.id, size, 1, now)
            taken = second.take(1, now)
            headers.append((b"x-ratelimit-remaining-1s", b"%d" % second.tokens))
            if not taken:
                raise over_limit(second, headers)
        return headers

    def charge(self, key: Key, cost: int, now: float) -> list[tuple[bytes, bytes]]:
        """Count what an admitted request costs beyond one; returns the headers that are changed by it.

        Raises `Refusal` with 429 when that is more than is left.  No request costs more than a full bucket.
        """
        minute = self._minute(key, "", now)
        cost = min(cost, minute.size - 1)
        if not minute.take(cost, now):
            raise over_limit(minute, headers_of(minute, now), cost)
        return headers_of(minute, now)


def headers_of(bucket: Bucket, now: float) -> list[tuple[bytes, bytes]]:
    """x-ratelimit-limit, -remaining and -reset, which is the UNIX second at which a token is there."""
    tokens = bucket.tokens
    reset = now if tokens >= 1 else now + bucket.wait_seconds()
    return [
        (b"x-ratelimit-limit", b"%d" % bucket.size),
        (b"x-ratelimit-remaining", b"%d" % tokens),
        (b"x-ratelimit-reset", b"%d" % math.ceil(reset)),
    ]


def over_limit(bucket: Bucket, headers: list[tuple[bytes, bytes]], cost: int = 1) -> Refusal:
    """The 429."""
    seconds = max(1, math.ceil(bucket.wait_seconds(cost)))
    message = f"Rate limit exceeded, retry in {seconds} seconds."
    return Refusal(429, message, "RateLimitError", headers=((b"retry-after", b"%d" % seconds), *headers))
