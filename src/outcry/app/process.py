"""One process of a venue: `python -m outcry.app.process ROLE SETTINGS URL`, started by `supervise` and by nobody else.

The listening socket of the gateway is inherited as descriptor `LISTENER`.  SIGTERM asks the process to leave in order;
SIGINT is the supervisor's to hear; and when the supervisor dies without a word the kernel kills this process, so that
nothing of a killed venue stays behind with its port or its journal.  Whatever ends it otherwise is one sentence on
standard error, the traceback before it only for errors of our own.
"""

import asyncio
import ctypes
import logging
import os
import signal
import socket
import sys

import uvloop

from outcry import __version__
from outcry.app import allocating, compose, demo, listings, logs, operated, watching
from outcry.app.settings import Settings, decode
from outcry.history import HistoryError, HistoryUnusable
from outcry.identity import IdentityError
from outcry.journal.errors import JournalError
from outcry.node.replica import ReplicaDiverged

log = logging.getLogger("outcry.app")

ROLES = ("node", "keeper", "gateway", "guests")
KEEPER_NICENESS = 10
EXPECTED = (
    JournalError,
    ReplicaDiverged,
    IdentityError,
    HistoryError,
    listings.ListingError,
    operated.PricesUnreadable,
    demo.Refused,
    watching.LawBroken,
)
"""Errors whose message is meant for the operator."""
FAILED, OPERATOR_WANTED = 1, 2
"""Exit statuses; with the second one it is of no use to start the process again before somebody has done something."""
PR_SET_PDEATHSIG = 1
LISTENER = "OUTCRY_LISTENER"
PRIVATE = 0o077
"""What a venue writes is its owner's alone, also in a folder that others may enter."""


def main(arguments: list[str]) -> int:
    """Run one role until it is told to stop; the exit status."""
    role, settings_text, url = arguments
    os.umask(PRIVATE)
    allocating.settle()
    die_with_the_supervisor()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    settings = decode(settings_text)
    logs.set_up(role, settings.files.logs)
    log.info("started", extra={"pid": os.getpid(), "version": __version__})
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(run(role, settings, url))
    except BaseExceptionGroup as group:
        return tell(group)
    except EXPECTED as problem:
        return tell(problem)
    log.info("stopped in order")
    return 0


async def run(role: str, settings: Settings, url: str) -> None:
    """The role's work."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    if role == "node":
        await compose.run_node_process(settings, stop)
    elif role == "keeper":
        # History may come a moment later than an answer; it must not take the time of one.
        os.nice(KEEPER_NICENESS)
        await compose.run_keeper_process(settings, stop)
    elif role == "gateway":
        with socket.socket(fileno=int(os.environ[LISTENER])) as listener:
            await compose.run_gateway_process(settings, listener, stop)
    elif role == "guests":
        await compose.run_guests_process(settings, url, stop)
    else:
        raise ValueError(f"there is no role {role!r}")


def tell(problem: BaseException) -> int:
    """Say what ended the process; raises what was not foreseen."""
    if isinstance(problem, BaseExceptionGroup):
        foreseen, others = problem.split(EXPECTED)
        if others is not None or foreseen is None:
            raise problem
        return tell(foreseen.exceptions[0])
    log.error("%s", problem)
    print(f"{problem}", file=sys.stderr, flush=True)
    return OPERATOR_WANTED if isinstance(problem, HistoryUnusable) else FAILED


def die_with_the_supervisor() -> None:
    """Ask Linux to kill this process with its parent; elsewhere the supervisor's own care must do."""
    if sys.platform == "linux":
        parent = os.getppid()
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        # The parent may have died before the request; then there is nobody to be killed with.
        if os.getppid() != parent or parent == 1:
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
