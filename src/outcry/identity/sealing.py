"""The venue's key file and what is sealed under it.

`venue.key` is 32 random bytes, made once, readable by its owner only, and part of the backup: without it sealed secrets
and the order ids handed out before are lost.  Every use has a key of its own, derived by name, so that no two uses can
meet.  Sealing is AES-256-GCM; what the sealed bytes belong to is authenticated with them.
"""

import os
import secrets
import stat
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from outcry.identity.people import FileUnusable

KEY_BYTES = 32
NONCE_BYTES = 12
FILE_NAME = "venue.key"
USERS_NAME = "identity.db"
"""Where this is, a key has been made before."""


class VenueKey:
    """The venue's master key."""

    def __init__(self, master: bytes) -> None:
        if len(master) != KEY_BYTES:
            raise FileUnusable(f"a venue key has {KEY_BYTES} bytes, not {len(master)}; restore it from the backup")
        self._master = master

    @classmethod
    def of_folder(cls, folder: Path) -> "VenueKey":
        """The key of a data folder; made in a new one.  Raises `FileUnusable`."""
        path = folder / FILE_NAME
        # Looked for before the key, because another process that begins the folder makes the key before the users.
        used_before = (folder / USERS_NAME).exists()
        if not path.exists():
            if used_before:
                raise FileUnusable(
                    f"{path} is missing, and without it the secrets in {USERS_NAME} cannot be read: restore it from "
                    f"the backup (without one, move {USERS_NAME} away; then all users and keys have to be made anew)"
                )
            _make(path)
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise FileUnusable(f"{path} can be read by others than its owner; say: chmod 600 {path}")
        return cls(path.read_bytes())

    def derive(self, purpose: str, length: int = KEY_BYTES) -> bytes:
        """A key for one purpose, always the same one."""
        return HKDF(SHA256(), length, salt=None, info=f"open-outcry/{purpose}".encode()).derive(self._master)


class Sealer:
    """Seals and opens secrets for one purpose."""

    def __init__(self, key: VenueKey, purpose: str) -> None:
        self._cipher = AESGCM(key.derive(purpose))

    def seal(self, secret: str, belongs_to: str) -> bytes:
        """The secret, readable only with the venue's key and only as belonging to this."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, secret.encode(), belongs_to.encode())

    def open(self, sealed: bytes, belongs_to: str) -> str:
        """The secret.  Raises `FileUnusable` under another venue key or when the bytes were changed."""
        nonce, body = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        try:
            return self._cipher.decrypt(nonce, body, belongs_to.encode()).decode()
        except InvalidTag as problem:
            raise FileUnusable(
                f"the secret of {belongs_to!r} does not open with this {FILE_NAME}; restore both files from one backup"
            ) from problem


def _make(path: Path) -> None:
    """Write a new key; of two processes that try, the first one's stands."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        # A link, unlike a rename, fails where a key stands already.
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink(missing_ok=True)
