"""The key that signs a journal's frames: its file, and what its signatures are over.

`signing.key` holds the 32 bytes of an Ed25519 private key in the data folder, readable by its owner only and part of
the backup; the genesis names the public key.  A signature is over `b"outcry frame\\0"` and the frame's hash, so over
everything up to that frame: whoever signs two different frames of one sequence has proved it himself.
Made with the journal and never again: a journal that names a key is not continued without it, and no other journal is
begun with it.
Known limit: the key of a journal cannot be changed.
"""

import secrets
import stat
from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from outcry.journal.errors import SigningKeyUnusable
from outcry.journal.files import sync_folder, write_whole
from outcry.journal.frames import KEY_BYTES, NO_KEY, Frame, Genesis, Sign, unsigned

FILE_NAME = "signing.key"
OFFERED_DIGITS = 16
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


def draw_key() -> bytes:
    """A private key that nobody else has."""
    return secrets.token_bytes(KEY_BYTES)


def new_signer(folder: Path) -> Signer:
    """A new key in a folder of one's own, in which a journal is about to begin.

    Raises `SigningKeyUnusable` where one lies already: under it another journal was signed, and two journals under one
    key contradict each other.
    """
    _check_none(folder)
    private_key = draw_key()
    _write(folder / FILE_NAME, private_key)
    return Signer(private_key)


def offer_signer(folder: Path, draw: Callable[[], bytes] = draw_key) -> Signer:
    """A new key for a journal that may begin here, by whoever gets its lock; the genesis decides which key it is.

    It has a name of its own until `sign_of` finds it named, so that who comes second spoils nothing, and a crash
    before the genesis leaves nothing that would be taken for a journal's key.  Raises `SigningKeyUnusable`.
    """
    _check_none(folder)
    private_key = draw()
    signer = Signer(private_key)
    _write(_offered(folder, signer.public_key), private_key)
    return signer


def sign_of(folder: Path, genesis: Genesis) -> Sign:
    """How frames of this journal, whose lock is held, are signed; a key that was offered for it gets its name.

    Raises `SigningKeyUnusable` without the key that the genesis names.
    """
    if genesis.signing_key == NO_KEY:
        return unsigned
    path, offered = folder / FILE_NAME, _offered(folder, genesis.signing_key)
    if not path.exists() and offered.exists():
        offered.rename(path)
        sync_folder(folder)
    if not path.exists():
        raise SigningKeyUnusable(
            f"{path} is missing, and the journal's frames are signed under it: restore it from the backup"
        )
    signer = _read(path)
    if signer.public_key != genesis.signing_key:
        raise SigningKeyUnusable(
            f"{path} is another key than the one that the journal was begun with: restore it from the backup"
        )
    for other in folder.glob(f"{FILE_NAME}.{'[0-9a-f]' * OFFERED_DIGITS}"):
        # Offered, and no journal was begun with it.
        other.unlink()
    return signer.sign


def _check_none(folder: Path) -> None:
    path = folder / FILE_NAME
    if path.exists():
        raise SigningKeyUnusable(
            f"{path} is the key of a journal that is not here: put that journal back; to begin a new venue, choose "
            "another folder"
        )


def _offered(folder: Path, public_key: bytes) -> Path:
    return folder / f"{FILE_NAME}.{public_key.hex()[:OFFERED_DIGITS]}"


def _write(path: Path, private_key: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, private_key, mode=stat.S_IRUSR | stat.S_IWUSR)


def _read(path: Path) -> Signer:
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise SigningKeyUnusable(f"{path} can be read by others than its owner; say: chmod 600 {path}")
    data = path.read_bytes()
    if len(data) != KEY_BYTES:
        raise SigningKeyUnusable(f"{path} has {len(data)} bytes, a key has {KEY_BYTES}: restore it from the backup")
    return Signer(data)
