"""The key that signs a journal's frames: its file, and what its signatures are over.

`signing.key` holds the 32 bytes of an Ed25519 private key in the data folder, readable by its owner only and part of
the backup; the genesis names the public key.  A signature is over `b"outcry frame\\0"` and the frame's hash, so over
everything up to that frame: whoever signs two different frames of one sequence has proved it himself.
Made with the journal and never again: a journal that names a key is not continued without it.
Known limit: the key of a journal cannot be changed.
"""

import secrets
import stat
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from outcry.journal.errors import SigningKeyUnusable
from outcry.journal.files import write_whole
from outcry.journal.frames import KEY_BYTES, NO_KEY, Frame, Genesis, Sign, unsigned

FILE_NAME = "signing.key"
SIGNED = b"outcry frame\0"
"""What comes before the hash, so that no other signature under this key can pass for one of a frame."""


class Signer:
    """Signs frames under one private key."""

    def __init__(self, private_key: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(private_key)
        self.public_key = self._key.public_key().public_bytes_raw()

    def sign(self, frame_hash: bytes) -> bytes:
        """The signature of a frame of this hash, 64 bytes; always the same one."""
        return self._key.sign(SIGNED + frame_hash)


def check_signature(public_key: bytes, frame_hash: bytes, signature: bytes) -> bool:
    """Whether it is the signature of a frame of this hash under that key."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, SIGNED + frame_hash)
    except (InvalidSignature, ValueError):
        return False
    return True


class Signatures:
    """Checks the signatures of one journal's frames."""

    def __init__(self, genesis: Genesis) -> None:
        self._key = genesis.signing_key

    def hold(self, frame: Frame) -> bool:
        """Whether a frame is signed as its genesis says; one of a journal without a key carries zeros."""
        if self._key == NO_KEY:
            return not any(frame.signature)
        return check_signature(self._key, frame.hash, frame.signature)


def new_signer(folder: Path) -> Signer:
    """The key of a data folder whose journal is about to begin; made if there is none.  Raises `SigningKeyUnusable`."""
    path = folder / FILE_NAME
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(path, secrets.token_bytes(KEY_BYTES), mode=stat.S_IRUSR | stat.S_IWUSR)
    return _read(path)


def sign_of(folder: Path, genesis: Genesis) -> Sign:
    """How frames of this journal are signed.  Raises `SigningKeyUnusable` without the key that the genesis names."""
    if genesis.signing_key == NO_KEY:
        return unsigned
    path = folder / FILE_NAME
    if not path.exists():
        raise SigningKeyUnusable(
            f"{path} is missing, and the journal's frames are signed under it: restore it from the backup"
        )
    signer = _read(path)
    if signer.public_key != genesis.signing_key:
        raise SigningKeyUnusable(
            f"{path} is another key than the one that the journal was begun with: restore it from the backup"
        )
    return signer.sign


def _read(path: Path) -> Signer:
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise SigningKeyUnusable(f"{path} can be read by others than its owner; say: chmod 600 {path}")
    data = path.read_bytes()
    if len(data) != KEY_BYTES:
        raise SigningKeyUnusable(f"{path} has {len(data)} bytes, a key has {KEY_BYTES}: restore it from the backup")
    return Signer(data)
