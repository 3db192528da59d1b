"""A whole venue as a child process, for tests that come in through its door as a stranger would.

`Venue` starts `outcry up` in a process group of its own, waits for the line beginning `ready`, reads DATA/demo.json,
and stops it cleanly or kills the group.  What it prints goes to a file beside the data, which is shown when it fails.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

READY_S = 240.0
STOP_S = 60.0


@dataclass(frozen=True)
class DemoUser:
    """A funded demo user and its key."""

    name: str
    key: str
    secret: str


def free_port() -> int:
    """A port of the loopback address that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def outcry(*arguments: str, timeout_s: float = 300) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run([*_command(), *arguments], capture_output=True, text=True, timeout=timeout_s, check=False)


def _command() -> list[str]:
    installed = Path(sys.executable).with_name("outcry")
    if installed.exists():
        return [str(installed)]
    return [sys.executable, "-c", "from outcry.app.cli import main; main()"]


class Venue:
    """One data folder and the venue that runs on it, or does not."""

    def __init__(self, data: Path, arguments: Sequence[str] = ()) -> None:
        self.data = data
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = data.with_suffix(".log")
        self._arguments = tuple(arguments)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def users(self) -> list[DemoUser]:
        """The demo users, as DATA/demo.json names them."""
        told = json.loads((self.data / "demo.json").read_text())
        return [DemoUser(user["name"], user["key"], user["secret"]) for user in told["users"]]

    def start(self) -> float:
        """Start it and return the seconds until it was ready."""
        assert self._process is None, "it runs already"
        begun_s = time.monotonic()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        seen = self.log.stat().st_size if self.log.exists() else 0
        command = [*_command(), "up", "--port", str(self.port), "--data", str(self.data), *self._arguments]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True
            )
        while not self._is_ready(seen):
            if self._process.poll() is not None or time.monotonic() - begun_s > READY_S:
                self.kill()
                raise AssertionError(f"the venue did not become ready:\n{self._said(seen)[-6_000:]}")
            time.sleep(0.05)
        return time.monotonic() - begun_s

    def stop(self) -> int:
        """Ask it to stop and return its exit code."""
        process = self._process
        assert process is not None, "it does not run"
        process.send_signal(signal.SIGTERM)
        try:
            code = process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"the venue did not stop:\n{self._said(0)[-6_000:]}") from None
        self._process = None
        return code

    def kill(self) -> None:
        """SIGKILL for the whole process group, as a crash of everything at once."""
        process = self._process
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            # It may have stopped by itself, because one of its processes was killed.
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(STOP_S)
        self._process = None

    def is_running(self) -> bool:
        """Whether its first process lives."""
        return self._process is not None and self._process.poll() is None

    def process_of(self, role: str) -> int:
        """The process of that role, 0 if there is none, as the system sees them."""
        for entry in Path("/proc").iterdir():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0") if entry.name.isdigit() else []
            except OSError:
                continue
            ours = b"outcry.app.process" in words and any(str(self.data).encode() in word for word in words)
            if ours and words[words.index(b"outcry.app.process") + 1].decode() == role:
                return int(entry.name)
        return 0

    def _is_ready(self, seen: int) -> bool:
        return any(line.startswith("ready") for line in self._said(seen).splitlines())

    def _said(self, since: int) -> str:
        return self.log.read_bytes()[since:].decode(errors="replace")
