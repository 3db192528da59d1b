"""A disk that loses what was not synced, tears it, fails, fills up and is slow, under real files in a folder.

What a process reads are the real files: they are what the system holds in memory.  Beside them stands the *medium*:
what each file would hold if the power were cut now, and which names there are.  A write only marks a stretch as dirty;
a sync takes the dirty stretches onto the medium; a sync that fails leaves some of them off it and all of them clean, as
Linux does; a power cut takes any of the dirty sectors onto it and then makes the files what the medium says.  Names
(made, renamed, removed) come onto it in their order, all of them when the folder is synced, some at a power cut.
A process killed loses nothing that it wrote: the system has it.  `ProcessDisk` is one process's view of it, and where
he can be killed at any call.
"""

import errno
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from outcry.journal.errors import FrameDamaged
from outcry.journal.files import COMPRESSED, SEGMENT, TEMPORARY
from outcry.journal.frames import frame_at
from outcry.simulation.world import MILLISECOND_NS, Crashed, World

if TYPE_CHECKING:
    from outcry.simulation.processes import Process

SECTOR = 512
PACKED = COMPRESSED.removeprefix(SEGMENT)
PLENTY_BYTES = 1 << 40


class Medium:
    """One file as it would be found after a power cut, and what of it is not there yet."""

    def __init__(self) -> None:
        self.data: bytearray | None = None
        """Nothing as long as it was never synced."""
        self.dirty: list[tuple[int, int]] = []
        self.read_bytes = 0
        """So far its frames are known."""


NameStep = tuple[tuple[str, Medium | None], ...]
"""Names that come or go together."""


class SimulatedDisk:
    """The disk of one machine."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.folder = folder
        self.chance = world.chance("disk")
        self.free = PLENTY_BYTES
        self.fail_syncs = 0
        """So many of the next syncs fail."""
        self.slow_ms = 0
        """A sync takes up to so much longer."""
        self.durable_frames: dict[bytes, Medium] = {}
        """Frames on the medium, by their hash, and the file that they are in."""
        self.on_renamed: Callable[[Path], None] = lambda path: None
        """Told when a file has got its name."""
        self._media: dict[Path, Medium] = {}
        """By the name that processes see."""
        self._names: dict[Path, dict[str, Medium]] = {}
        """By folder: the names that are durable."""
        self._steps: dict[Path, list[NameStep]] = {}
        """By folder: changes of names since it was synced."""

    def medium(self, path: Path) -> Medium:
        """A file's medium; one that is met for the first time is new in its folder."""
        found = self._media.get(path)
        if found is None:
            found = self._media[path] = Medium()
            self._steps.setdefault(path.parent, []).append(((path.name, found),))
        return found

    def sync(self, path: Path, *, whole: bool) -> None:
        """Take what is dirty onto the medium.  Raises `OSError`."""
        medium = self.medium(path)
        now = path.read_bytes()
        if self.fail_syncs:
            self.fail_syncs -= 1
            self.world.count("sync failed")
            if medium.data is not None:
                self._take(medium, now, self.chance.random())
            medium.dirty = []
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        if whole and self.free < PLENTY_BYTES and len(now) > self.free:
            self.world.count("no space for a file")
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if medium.data is None:
            medium.data = bytearray(now)
        else:
            self._take(medium, now, 1.0)
        medium.dirty = []
        self._find_frames(path, medium)

    def rename(self, path: Path, target: Path) -> None:
        """As the system does it at once, and the medium later."""
        os.rename(path, target)
        medium = self._media.pop(path, None) or Medium()
        self._media[target] = medium
        self._steps.setdefault(path.parent, []).append(((target.name, medium), (path.name, None)))
        self.on_renamed(target)

    def remove(self, path: Path) -> None:
        """As the system does it at once, and the medium later."""
        path.unlink(missing_ok=True)
        medium = self._media.pop(path, None)
        if medium is None:
            return
        twin = self._names.get(path.parent, {}).get(path.name + PACKED)
        if twin is not None and twin.data is not None:
            # A closed segment whose compressed twin is durable: its frames are there now.
            for frame_hash, held in self.durable_frames.items():
                if held is medium:
                    self.durable_frames[frame_hash] = twin
        self._steps.setdefault(path.parent, []).append(((path.name, None),))

    def sync_folder(self, folder: Path) -> None:
        """All names in it are durable now."""
        self._apply(folder, len(self._steps.get(folder, ())))

    def is_durable(self, frame_hash: bytes) -> bool:
        """Whether a frame would be there after a power cut: on the medium, in a file whose name is."""
        medium = self.durable_frames.get(frame_hash)
        return medium is not None and any(medium in names.values() for names in self._names.values())

    def cut_power(self) -> None:
        """The machine is off: what was not durable is lost, or there in part; files become what the medium says."""
        chance = self.chance
        for folder, steps in self._steps.items():
            self._apply(folder, chance.randint(0, len(steps)) if steps else 0)
        kept = chance.choice((0.0, 0.3, 0.7, 1.0))
        current = {medium: path for path, medium in self._media.items()}
        for names in self._names.values():
            for medium in list(names.values()):
                path = current.get(medium)
                now = path.read_bytes() if path is not None and path.exists() else bytes(medium.data or b"")
                if medium.data is None:
                    medium.data = bytearray(now[: chance.randint(0, len(now))])
                    self.world.count("file torn")
                elif self._take(medium, now, kept):
                    self.world.count("write torn")
                medium.dirty = []
        for path in self._media:
            path.unlink(missing_ok=True)
        self._media = {}
        for folder, names in self._names.items():
            for stray in folder.glob("*" + TEMPORARY):
                stray.unlink()
            for name, medium in names.items():
                (folder / name).write_bytes(medium.data or b"")
                self._media[folder / name] = medium

    def rot(self, path: Path, chance: random.Random) -> None:
        """A bit of a file is another one, in memory and on the medium."""
        data = bytearray(path.read_bytes())
        if data:
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
            path.write_bytes(data)
            medium = self.medium(path)
            medium.data, medium.dirty = data, []

    def _apply(self, folder: Path, steps: int) -> None:
        """Take so many changes of names onto the medium."""
        waiting = self._steps.get(folder, [])
        names = self._names.setdefault(folder, {})
        for step in waiting[:steps]:
            for name, medium in step:
                if medium is None:
                    names.pop(name, None)
                else:
                    names[name] = medium
        self._steps[folder] = []

    def _take(self, medium: Medium, now: bytes, share: float) -> bool:
        """Take dirty sectors onto the medium, this share of them; whether some were taken and some were not."""
        data = medium.data
        assert data is not None
        taken = left = False
        for start, end in medium.dirty:
            sector = start
            while sector < end:
                following = min(end, sector - sector % SECTOR + SECTOR)
                if share >= 1.0 or self.chance.random() < share:
                    if len(data) < following:
                        data.extend(bytes(following - len(data)))
                    data[sector:following] = now[sector:following]
                    taken = True
                else:
                    left = True
                sector = following
        return taken and left

    def _find_frames(self, path: Path, medium: Medium) -> None:
        """Note which frames a segment holds on the medium."""
        if not path.name.endswith(SEGMENT) or medium.data is None:
            return
        while True:
            try:
                frame = frame_at(memoryview(medium.data), medium.read_bytes)
            except FrameDamaged:
                return
            self.durable_frames[frame.hash] = medium
            medium.read_bytes += len(frame.data)


class ProcessDisk:
    """The disk as one process asks it; he may be killed before or after any call."""

    def __init__(self, disk: SimulatedDisk, process: "Process") -> None:
        self._disk = disk
        self._process = process
        self.crash_in = 0
        """So many calls from now `on_crash` is called; 0 for never."""
        self.on_crash: Callable[[], None] = lambda: None

    def write_at(self, file: int, data: memoryview, offset: int) -> int:
        """Write into the system's memory."""
        self._call()
        path = self._path(file)
        self._disk.medium(path).dirty.append((offset, offset + len(data)))
        written = os.pwrite(file, data, offset)
        self._call_done()
        return written

    def make_durable(self, file: int) -> None:
        """Wait for the medium, while others go on."""
        self._sync(file, whole=False)

    def make_file_durable(self, file: int) -> None:
        """The same for a whole file."""
        self._sync(file, whole=True)

    def free_bytes(self, folder: Path) -> int:
        """What is left."""
        return self._disk.free

    def rename(self, path: Path, target: Path) -> None:
        """Give another name."""
        self._call()
        self._disk.rename(path, target)
        self._call_done()

    def remove(self, path: Path) -> None:
        """Take the name away."""
        self._call()
        self._disk.remove(path)
        self._call_done()

    def sync_folder(self, folder: Path) -> None:
        """Make names durable."""
        self._call()
        self._wait()
        self._disk.sync_folder(folder)
        self._call_done()

    def _sync(self, file: int, *, whole: bool) -> None:
        self._call()
        path = self._path(file)
        self._wait()
        self._disk.sync(path, whole=whole)
        self._call_done()

    def _wait(self) -> None:
        """A sync takes its time; only what runs in a thread lets its own process go on meanwhile."""
        process, disk = self._process, self._disk
        microseconds = disk.chance.randrange(50, 1_500)
        if disk.slow_ms:
            microseconds += disk.chance.randrange(disk.slow_ms) * 1_000
        if process.in_thread:
            process.world.pass_time(microseconds * MILLISECOND_NS // 1_000)
            self._alive()

    def _path(self, file: int) -> Path:
        return Path(os.readlink(f"/proc/self/fd/{file}"))

    def _alive(self) -> None:
        if not self._process.alive:
            raise Crashed

    def _call(self) -> None:
        self._alive()
        if self.crash_in == 1 and self._disk.chance.random() < 0.5:
            self._crash()

    def _call_done(self) -> None:
        if self.crash_in:
            self.crash_in -= 1
            if not self.crash_in:
                self._crash()

    def _crash(self) -> None:
        self.crash_in = 0
        self.on_crash()
        raise Crashed
