"""UUIDs for orders, executions, trades and transactions: an AES block of (kind, zeros, index, sequence).

The block is made under the venue's key.  Reversible and equal on every gateway, so nothing has to be stored, and they
leak no flow.  Another venue's UUID, or one made up, decodes to nothing.  The version bits of RFC 4122 are not set.
"""

import hashlib
import struct
import uuid
from enum import IntEnum

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

BLOCK = struct.Struct("<B3xIQ")
PURPOSE = b"open outcry: wire ids\0"


class IdKind(IntEnum):
    """What an id names."""

    ORDER = 1
    EXECUTION = 2
    TRADE = 3
    TRANSACTION = 4


class Ids:
    """Encodes and decodes under one venue key."""

    def __init__(self, venue_key: bytes) -> None:
        cipher = Cipher(AES(hashlib.sha256(PURPOSE + venue_key).digest()[:16]), ECB())
        # ECB keeps nothing between blocks, so one context serves every id.
        self._encrypt = cipher.encryptor().update
        self._decrypt = cipher.decryptor().update

    def encode(self, kind: IdKind, sequence: int, index: int = 0) -> str:
        """The UUID's text."""
        digits = self._encrypt(BLOCK.pack(kind, index, sequence)).hex()
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"

    def decode(self, kind: IdKind, text: str) -> tuple[int, int] | None:
        """Sequence and index; nothing when this venue never made it.  Raises `ValueError` for what is no UUID."""
        block = self._decrypt(uuid.UUID(text).bytes)
        found, index, sequence = BLOCK.unpack(block)
        if found != kind or block[1:4] != b"\0\0\0" or sequence >= 2**63:
            return None
        return sequence, index

    def order(self, order_id: int) -> str:
        """An order's UUID."""
        return self.encode(IdKind.ORDER, order_id)

    def order_id(self, text: str) -> int | None:
        """The order's number; nothing when this venue never made it.  Raises `ValueError` for what is no UUID."""
        found = self.decode(IdKind.ORDER, text)
        return found[0] if found is not None and found[1] == 0 else None
