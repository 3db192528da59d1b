"""Where OpenSSL's SHA-256 lies in memory, for the compiled digests; Python's own hashes use the same library.

A call through `hashlib` costs ten times what a short message's digest does.  The three functions have been there since
OpenSSL 0.9.7 and the context since then fits 128 bytes; here are 256.  The context begins with the eight words of the
state, so after whole blocks, the padding among them, the digest can be read there (`fixed.sha_whole`).  Where the
library is linked otherwise, does not come to the same digest or keeps its state elsewhere, there are no addresses, and
the digests are made with `hashlib`.
"""

import ctypes
import hashlib
import struct
from types import ModuleType

CONTEXT_BYTES = 256
NAMES = ("SHA256_Init", "SHA256_Update", "SHA256_Final")
TRIAL = b"Open Outcry"
TRIAL_BLOCK = TRIAL + b"\x80" + bytes(55 - len(TRIAL)) + (8 * len(TRIAL)).to_bytes(8, "big")
"""The same as the one block that SHA-256 makes of it."""


def sha_functions() -> bytes:
    """The addresses of begin, add and end as three 64-bit numbers; nothing if they cannot be had."""
    try:
        import _hashlib
    except ImportError:
        return b""
    return _functions_of(_hashlib)


def _functions_of(module: ModuleType) -> bytes:
    try:
        library = ctypes.CDLL(module.__file__)
        begin, add, end = (getattr(library, name) for name in NAMES)
    except (AttributeError, OSError):
        return b""
    context, digest = ctypes.create_string_buffer(CONTEXT_BYTES), ctypes.create_string_buffer(32)
    add.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t]
    done = begin(context) == 1 and add(context, TRIAL, len(TRIAL)) == 1 and end(digest, context) == 1
    if not done or digest.raw != hashlib.sha256(TRIAL).digest():
        return b""
    begin(context)
    add(context, TRIAL_BLOCK, len(TRIAL_BLOCK))
    if struct.pack(">8I", *struct.unpack_from("=8I", context)) != digest.raw:
        return b""
    return struct.pack("<3Q", *(ctypes.cast(function, ctypes.c_void_p).value or 0 for function in (begin, add, end)))
