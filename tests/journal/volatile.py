"""A disk that keeps what was not synced in memory only, as a system does, and forgets it when the power is cut.

Files hold what a process would read back; `durable` holds what would be there after a power cut.  A sync that fails
leaves the pages clean, as Linux does: what they held is in the file, is not durable, and the next sync says all is
well.
"""

import errno
import os
from pathlib import Path

from outcry.journal.disk import SystemDisk


class VolatileDisk(SystemDisk):
    """Under one or more journals, one after the other."""

    def __init__(self) -> None:
        self.refuse_writes = 0
        """So many of the next writes fail."""
        self.refuse_syncs = 0
        """So many of the next syncs fail."""
        self.bytes_at_once = 1 << 30
        """A write takes no more than this."""
        self.syncs = 0
        self._durable: dict[Path, bytearray] = {}
        self._dirty: dict[Path, list[tuple[int, bytes]]] = {}

    def write_at(self, file: int, data: memoryview, offset: int) -> int:
        if self.refuse_writes:
            self.refuse_writes -= 1
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        path = self._path(file)
        taken = bytes(data[: self.bytes_at_once])
        self._dirty.setdefault(path, []).append((offset, taken))
        return os.pwrite(file, taken, offset)

    def make_durable(self, file: int) -> None:
        self.syncs += 1
        path = self._path(file)
        pieces = self._dirty.pop(path, [])
        if self.refuse_syncs:
            self.refuse_syncs -= 1
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        for offset, data in pieces:
            self._durable[path][offset : offset + len(data)] = data

    def free_bytes(self, folder: Path) -> int:
        return 1 << 40

    def cut_power(self) -> None:
        for path, data in self._durable.items():
            path.write_bytes(data)
        self._dirty.clear()

    def _path(self, file: int) -> Path:
        path = Path(os.readlink(f"/proc/self/fd/{file}"))
        if path not in self._durable:
            # Whole files are made durable by other calls, before they are written into.
            self._durable[path] = bytearray(path.read_bytes())
        return path
