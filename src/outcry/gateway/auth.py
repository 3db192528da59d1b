"""Who asks: HMAC signatures over the bytes as they came (API 1.1, 1.2).

message = VERB + raw target (path and query) + api-expires + raw body; nothing is decoded or encoded again.
`expires` may be any integer and has no upper bound; from 10^11 on it is taken for milliseconds.
The legacy `api-nonce` is refused with a sentence, because it would need memory that survives a restart.
"""

import hmac
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING

from outcry.gateway.answers import Refusal
from outcry.gateway.door import Key, People

if TYPE_CHECKING:
    from hashlib import _Hash as Hash

MILLISECONDS_FROM = 10**11
EXPIRES_DIGITS_MAX = 18
BLOCK_BYTES = 64
INNER, OUTER = (bytes(byte ^ pad for byte in range(256)) for pad in (0x36, 0x5C))
"""What the key's bytes become before the message and before its hash."""
KEYS_KEPT = 4_096
"""Of so many keys, those used last, the hashes are not begun anew for each request."""


def signature_of(secret: bytes, verb: bytes, target: bytes, expires: bytes, body: bytes) -> str:
    """The signature (HMAC with SHA-256, RFC 2104) in lower-case hexadecimal digits."""
    # As `hmac.digest` makes it, which takes twice as long because it looks the hash up by name and pads the key anew.
    begun_inner, begun_outer = _begun(secret)
    inner, outer = begun_inner.copy(), begun_outer.copy()
    inner.update(verb + target + expires + body)
    outer.update(inner.digest())
    return outer.hexdigest()


@lru_cache(maxsize=KEYS_KEPT)
def _begun(secret: bytes) -> "tuple[Hash, Hash]":
    """Both hashes with the padded key in them."""
    key = (sha256(secret).digest() if len(secret) > BLOCK_BYTES else secret).ljust(BLOCK_BYTES, b"\0")
    return sha256(key.translate(INNER)), sha256(key.translate(OUTER))


def authenticate(
    people: People, headers: Mapping[bytes, bytes], verb: bytes, target: bytes, body: bytes, now_seconds: float
) -> Key | None:
    """The key that signed, or None when nothing claims to be signed.  Raises `Refusal` for a claim that fails."""
    key_id, signature, expires = headers.get(b"api-key"), headers.get(b"api-signature"), headers.get(b"api-expires")
    if key_id is None and signature is None and expires is None:
        return None
    if b"api-nonce" in headers and expires is None:
        raise Refusal(401, "api-nonce is not supported, send api-expires.")
    if not key_id:
        raise Refusal(401, "Missing API key.")
    if not signature:
        raise Refusal(401, "Missing API signature.")
    if expires is None or not expires.isdigit() or len(expires) > EXPIRES_DIGITS_MAX:
        raise Refusal(401, "Missing or invalid api-expires.")
    key = people.key(key_id.decode("latin-1"))
    if key is None:
        raise Refusal(401, "Invalid API Key.")
    secret, sent = key.secret.encode(), signature.lower()
    if not hmac.compare_digest(signature_of(secret, verb, target, expires, body).encode(), sent):
        # ASGI hands on an empty query without its "?", which the client may have signed.
        other = signature_of(secret, verb, target + b"?", expires, body).encode()
        if b"?" in target or not hmac.compare_digest(other, sent):
            raise Refusal(401, "Signature not valid.")
    if not key.enabled:
        raise Refusal(403, "This key is disabled.")
    deadline = int(expires)
    deadline_seconds = deadline / 1000 if deadline >= MILLISECONDS_FROM else deadline
    if deadline_seconds < int(now_seconds):
        now = int(now_seconds)
        raise Refusal(401, f"This request has expired - `expires` is in the past. Current time: {now}")
    return key
