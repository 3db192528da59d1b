"""What a journal asks of the disk: three calls, so that a disk that fails can be put under it on purpose.

`SYSTEM_DISK` is the operating system's.  A drill or a test hands another one to `Segments.open`.  Knows no format.
"""

import os
from pathlib import Path
from typing import Protocol

from outcry.journal import files


class Disk(Protocol):
    """The calls on which it depends what is durable."""

    def write_at(self, file: int, data: memoryview, offset: int) -> int:
        """Write there; how many bytes were taken, which may be fewer.  Raises `OSError`."""
        ...

    def make_durable(self, file: int) -> None:
        """Wait until what was written is on the medium.  After an `OSError` nothing is known of it."""
        ...

    def free_bytes(self, folder: Path) -> int:
        """Space that an ordinary user may still fill.  Raises `OSError`."""
        ...


class SystemDisk:
    """The operating system's own."""

    def write_at(self, file: int, data: memoryview, offset: int) -> int:
        """As `Disk` says."""
        return os.pwrite(file, data, offset)

    def make_durable(self, file: int) -> None:
        """As `Disk` says."""
        os.fdatasync(file)

    def free_bytes(self, folder: Path) -> int:
        """As `Disk` says."""
        return files.free_bytes(folder)


SYSTEM_DISK = SystemDisk()
