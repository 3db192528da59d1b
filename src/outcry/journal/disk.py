"""What is asked of the disk where it matters what is durable: so that another disk can be put under it on purpose.

`SYSTEM_DISK` is the operating system's.  A drill, a test or the simulator hands another one to `Segments.open` and to
what writes snapshots; what is read is read from the system's files either way, because a write that is not durable yet
can be read.  Knows no format.
"""

import os
from pathlib import Path
from typing import Protocol


class Disk(Protocol):
    """The calls on which it depends what is durable."""

    def write_at(self, file: int, data: memoryview, offset: int) -> int:
        """Write there; how many bytes were taken, which may be fewer.  Raises `OSError`."""
        ...

    def make_durable(self, file: int) -> None:
        """Wait until what was written is on the medium.  After an `OSError` nothing is known of it."""
        ...

    def make_file_durable(self, file: int) -> None:
        """The same for a file that was written whole and is about to get its name.  Raises `OSError`."""
        ...

    def free_bytes(self, folder: Path) -> int:
        """Space that an ordinary user may still fill.  Raises `OSError`."""
        ...

    def rename(self, path: Path, target: Path) -> None:
        """Give a file another name, in the place of what has it; durable once the folder is.  Raises `OSError`."""
        ...

    def remove(self, path: Path) -> None:
        """Take a file's name away, if it has it; durable once the folder is.  Raises `OSError`."""
        ...

    def sync_folder(self, folder: Path) -> None:
        """Make names in the folder durable.  Raises `OSError`."""
        ...


class SystemDisk:
    """The operating system's own."""

    def write_at(self, file: int, data: memoryview, offset: int) -> int:
        """As `Disk` says."""
        return os.pwrite(file, data, offset)

    def make_durable(self, file: int) -> None:
        """As `Disk` says."""
        os.fdatasync(file)

    def make_file_durable(self, file: int) -> None:
        """As `Disk` says."""
        os.fsync(file)

    def free_bytes(self, folder: Path) -> int:
        """As `Disk` says."""
        figures = os.statvfs(folder)
        return figures.f_bavail * figures.f_frsize

    def rename(self, path: Path, target: Path) -> None:
        """As `Disk` says."""
        os.rename(path, target)

    def remove(self, path: Path) -> None:
        """As `Disk` says."""
        path.unlink(missing_ok=True)

    def sync_folder(self, folder: Path) -> None:
        """As `Disk` says."""
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


SYSTEM_DISK = SystemDisk()
