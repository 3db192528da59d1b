"""What a drill has the disk and the clock of its node do: a file in the data folder, and what obeys it.

The drill writes `drill.faults`; the node of its venue, which is another process, looks at it whenever it asks for the
disk or the time.  A fault of the disk strikes once and is then crossed out; a full disk and a clock that is wrong last
until they are changed.  Only the drill's own processes are made with these.
"""

import errno
import os
import time
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

import msgspec

from outcry.journal.disk import SystemDisk

NAME = "drill.faults"
SECOND_NS = 10**9
SHORT_BYTES = 97


class DiskFault(StrEnum):
    """What the disk does at the next occasion."""

    NONE = "none"
    WRITE_EIO = "write EIO"
    WRITE_ENOSPC = "write ENOSPC"
    SYNC_EIO = "sync EIO"
    SYNC_ENOSPC = "sync ENOSPC"
    SHORT = "short writes"
    FULL = "full"


class Orders(msgspec.Struct, frozen=True):
    """What is wanted of disk and clock."""

    number: int = 0
    """Of the order; a fault that strikes once strikes once for each."""
    disk: DiskFault = DiskFault.NONE
    ahead_ns: int = 0
    """By how much the clock is wrong."""


class Control:
    """The file, for both sides."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._known = Orders()
        self._stamp = (-1, -1)

    def give(self, disk: DiskFault | None = None, move_ns: int = 0) -> Orders:
        """Order a fault of the disk, or move the clock further."""
        before = self.orders()
        wanted = Orders(before.number + 1, before.disk if disk is None else disk, before.ahead_ns + move_ns)
        draft = self._path.with_suffix(".draft")
        draft.write_bytes(msgspec.json.encode(wanted))
        draft.replace(self._path)
        return wanted

    def orders(self) -> Orders:
        """What is wanted now."""
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return self._known
        stamp = found.st_ino, found.st_mtime_ns
        if stamp != self._stamp:
            # Each order is a file of its own that took the name; a number may come again, but later.
            self._known = msgspec.json.decode(self._path.read_bytes(), type=Orders)
            self._stamp = stamp
        return self._known

    def clock(self) -> Callable[[], int]:
        """The clock of a node."""
        return lambda: time.time_ns() + self.orders().ahead_ns


class FaultyDisk(SystemDisk):
    """The system's disk, but for what is ordered."""

    def __init__(self, control: Control, reserve_bytes: int) -> None:
        self._control = control
        self._reserve_bytes = reserve_bytes
        self._struck = control.orders().number

    def write_at(self, file: int, data: memoryview, offset: int) -> int:
        """As `Disk` says, or as ordered."""
        self._strike(DiskFault.WRITE_EIO, errno.EIO)
        self._strike(DiskFault.WRITE_ENOSPC, errno.ENOSPC)
        if self._control.orders().disk is DiskFault.SHORT:
            data = data[:SHORT_BYTES]
        return super().write_at(file, data, offset)

    def make_durable(self, file: int) -> None:
        """As `Disk` says, or as ordered."""
        self._strike(DiskFault.SYNC_EIO, errno.EIO)
        self._strike(DiskFault.SYNC_ENOSPC, errno.ENOSPC)
        super().make_durable(file)

    def free_bytes(self, folder: Path) -> int:
        """As `Disk` says, or only what the journal leaves alone."""
        return self._reserve_bytes if self._control.orders().disk is DiskFault.FULL else super().free_bytes(folder)

    def _strike(self, fault: DiskFault, number: int) -> None:
        orders = self._control.orders()
        if orders.disk is fault and orders.number > self._struck:
            self._struck = orders.number
            raise OSError(number, os.strerror(number))
