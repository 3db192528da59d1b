"""The signature of a request: HMAC-SHA256 over the bytes that are sent, as BitMEX published it.

Holds the credentials and one pure function.  It never re-encodes: what is signed are the raw target and the raw body.
"""

import hashlib
import hmac
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Credentials:
    """An API key; the secret does not show in its printed form."""

    key: str
    secret: str = field(repr=False)


def signature(secret: str, verb: str, target: bytes, expires: int, body: bytes) -> str:
    """Lower-case hex HMAC of verb, raw target (path and query), expiry in UNIX seconds and raw body."""
    message = verb.upper().encode("ascii") + target + str(expires).encode("ascii") + body
    return hmac.new(secret.encode("utf-8"), message, hashlib.sha256).hexdigest()


def signed_headers(credentials: Credentials, verb: str, target: bytes, expires: int, body: bytes) -> dict[str, str]:
    """The three headers of a signed request."""
    return {
        "api-key": credentials.key,
        "api-expires": str(expires),
        "api-signature": signature(credentials.secret, verb, target, expires, body),
    }
