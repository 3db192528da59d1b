"""A venue for drills: node, keeper, gateway and feed as processes of their own, each killed and started one by one.

Unlike `outcry up`, which stops as a whole when its node or gateway dies, the others live on here and have to find the
new one.  Starting waits until a process does its work; one that ends instead is told of as `outcry up` would tell it.
"""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from outcry.app import compose
from outcry.app.drill.process import ROLES, ROOT_EVERY, Start, Told
from outcry.app.settings import Settings
from outcry.app.supervise import hold, obituary
from outcry.client import ClientError, Refused, VenueClient

POLL_S = 0.01
START_S_MAX = 60
STOP_S_MAX = 30
STEADY_S = 0.15
"""A keeper that was welcomed and lives so long afterwards has read what it needs to read."""


class DrillFailed(Exception):
    """Something was not as it should be; the message says what."""


@dataclass(slots=True)
class Running:
    """A process and where its words begin."""

    role: str
    pid: int
    log: Path
    log_begin: int
    ended: "asyncio.Future[int]"

    def words(self) -> str:
        """What it has said."""
        return self.log.read_bytes()[self.log_begin :].decode(errors="replace")


@dataclass(frozen=True, slots=True)
class Ended:
    """A process that has ended."""

    role: str
    status: int
    said: str
    """As `outcry up` says it."""


class DrillVenue:
    """One data folder and its processes.  Use as an asynchronous context manager."""

    def __init__(self, data: Path) -> None:
        self.data = data
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        self.settings = Settings(data=data, port=port, root_every=ROOT_EVERY)
        self.url = f"http://127.0.0.1:{port}"
        self.running: dict[str, Running] = {}
        self._forker: asyncio.subprocess.Process | None = None
        self._listening: asyncio.Task[None] | None = None
        self._started: asyncio.Queue[Told] = asyncio.Queue()
        self._by_pid: dict[int, Running] = {}
        self._early: dict[int, int] = {}
        self._lock = -1

    async def __aenter__(self) -> "DrillVenue":
        """The venue, nothing of which runs yet."""
        self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        (self.data / "logs").mkdir(exist_ok=True)
        self._lock = await hold(self.settings, at_once())
        self._forker = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "outcry.app.drill.process"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        self._listening = asyncio.create_task(self._listen())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Kills whatever runs."""
        await self.kill()
        forker = self._forker
        if forker is not None and forker.stdin is not None:
            forker.stdin.close()
            await forker.wait()
        if self._listening is not None:
            await self._listening
        os.close(self._lock)

    async def start(self, *roles: str) -> Ended | None:
        """Start these, or all that do not run, in their order; the one that ended instead of working, if one did."""
        for role in [role for role in ROLES if role in (roles or ROLES) and role not in self.running]:
            process = await self._fork(role)
            ended = await self._until_works(process)
            if ended is not None:
                return ended
        return None

    async def kill(self, *roles: str) -> list[Ended]:
        """SIGKILL for these, or for all, at once."""
        return await self._end(roles or list(self.running), signal.SIGKILL)

    async def stop(self) -> None:
        """Stop all in order.  Raises `DrillFailed` for one that does not leave in order."""
        for role in reversed(ROLES):
            for ended in await self._end([role], signal.SIGTERM):
                if ended.status:
                    raise DrillFailed(f"while it stopped, {ended.said}")

    async def ended(self, role: str) -> Ended:
        """Wait for the end of a process.  Raises `DrillFailed` if it does not come."""
        process = self.running[role]
        try:
            async with asyncio.timeout(STOP_S_MAX):
                await asyncio.shield(process.ended)
        except TimeoutError as problem:
            raise DrillFailed(f"the {role} goes on: {process.words()[-500:]}") from problem
        del self.running[role]
        return _obituary(process)

    def pid(self, role: str) -> int:
        """The number of a process."""
        return self.running[role].pid

    def words(self, role: str) -> str:
        """What the present process of that role has said."""
        return self.running[role].words()

    def found_ended(self) -> list[Ended]:
        """Those that have ended by themselves, taken from those that run."""
        gone = [process for process in self.running.values() if process.ended.done()]
        for process in gone:
            del self.running[process.role]
        return [_obituary(process) for process in gone]

    async def _end(self, roles: Sequence[str], number: signal.Signals) -> list[Ended]:
        ending = [self.running.pop(role) for role in roles if role in self.running]
        for process in ending:
            if not process.ended.done():
                os.kill(process.pid, number)
        try:
            async with asyncio.timeout(STOP_S_MAX):
                for process in ending:
                    await asyncio.shield(process.ended)
        except TimeoutError as problem:
            for process in ending:
                if not process.ended.done():
                    os.kill(process.pid, signal.SIGKILL)
            names = ", ".join(process.role for process in ending)
            raise DrillFailed(f"after {STOP_S_MAX} seconds there is still some of: {names}") from problem
        return [_obituary(process) for process in ending]

    async def _fork(self, role: str) -> Running:
        assert self._forker is not None
        assert self._forker.stdin is not None
        log = self.data / "logs" / f"{role}.log"
        begin = log.stat().st_size if log.exists() else 0
        order = Start(role, str(self.data), self.settings.port, str(log))
        self._forker.stdin.write(msgspec.json.encode(order) + b"\n")
        told = await self._started.get()
        process = Running(role, told.pid, log, begin, asyncio.get_running_loop().create_future())
        self._by_pid[told.pid] = self.running[role] = process
        if told.pid in self._early:
            process.ended.set_result(self._early.pop(told.pid))
        return process

    async def _listen(self) -> None:
        """Hear who was started and who has ended."""
        assert self._forker is not None
        assert self._forker.stdout is not None
        while line := await self._forker.stdout.readline():
            told = msgspec.json.decode(line, type=Told)
            if told.status is None:
                self._started.put_nowait(told)
            elif told.pid in self._by_pid:
                self._by_pid.pop(told.pid).ended.set_result(told.status)
            else:
                self._early[told.pid] = told.status

    async def _until_works(self, process: Running) -> Ended | None:
        """Wait until a process does its work; or how it ended."""
        deadline = asyncio.get_running_loop().time() + START_S_MAX
        while not await self._works(process):
            if process.ended.done():
                del self.running[process.role]
                return _obituary(process)
            if asyncio.get_running_loop().time() > deadline:
                raise DrillFailed(f"the {process.role} does not work after {START_S_MAX} s: {process.words()[-500:]}")
            await asyncio.sleep(POLL_S)
        return None

    async def _works(self, process: Running) -> bool:
        if process.ended.done():
            return False
        if process.role == "gateway":
            return await self.answers()
        status = await compose.node_status(self.settings)
        if process.role == "node" or status is None:
            return status is not None
        origin = compose.KEEPER_ORIGIN if process.role == "keeper" else compose.GUESTS_ORIGIN
        if origin not in status["origins"]:
            return False
        await asyncio.sleep(STEADY_S if process.role == "keeper" else 0)
        return not process.ended.done()

    async def answers(self) -> bool:
        """Whether the gateway answers."""
        try:
            async with VenueClient(self.url, attempts=1, timeout_s=2) as client:
                await client.instruments()
        except Refused:
            return True
        except ClientError:
            return False
        return True


def at_once() -> asyncio.Event:
    """For whom waits until told not to: told already."""
    told = asyncio.Event()
    told.set()
    return told


def _obituary(process: Running) -> Ended:
    status = process.ended.result()
    return Ended(process.role, status, obituary(process.role, status, process.log, process.log_begin))
