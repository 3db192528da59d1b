"""What asyncio runs on here: an event loop for each process, all of them on the one heap of the world.

`SimulatedLoop` puts every callback on the heap, connects through the simulated network, and does what would be done in
a thread of an executor later, one after the other for each executor, while the loop goes on.  Killed, it does nothing
any more, in whatever its tasks were: `finally` and `except` of theirs are not passed through, as in a process killed.
Uses the base class of asyncio's own loops for what needs no operating system.
"""

import asyncio
import contextvars
import math
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from typing import TYPE_CHECKING, Any

from outcry.simulation.world import MILLISECOND_NS, SECOND_NS, Crashed, Failure

if TYPE_CHECKING:
    from outcry.simulation.processes import Process

Job = tuple["Future[Any]", Callable[..., Any], tuple[Any, ...], dict[str, Any]]


class SimulatedThread(Executor):
    """An executor with one thread, which belongs to a process and dies with it."""

    def __init__(self, process: "Process") -> None:
        self._process = process
        self._jobs: deque[Job] = deque()
        self._busy = False

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        """Do it in the thread, after what was handed in before."""
        future: Future[Any] = Future()
        self._jobs.append((future, fn, args, kwargs))
        if not self._busy:
            self._busy = True
            self._begin()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Nothing to let go of: who shuts a thread down here has waited for what it did."""

    def _begin(self) -> None:
        process = self._process
        process.world.after(process.chance.randrange(10, 100) * 1_000, self._work)

    def _work(self) -> None:
        process = self._process
        if not process.alive:
            return
        job = self._jobs.popleft()
        outer, process.in_thread = process.in_thread, True
        process.jobs += 1
        try:
            settle = _done(job)
        finally:
            process.jobs -= 1
            process.in_thread = outer
        if settle is not None and process.is_alive():
            settle()
            self._busy = bool(self._jobs)
            if self._busy:
                self._begin()


def _done(job: Job) -> Callable[[], None] | None:
    """Do a job; what tells its future, or nothing if the process has ended in the middle of it."""
    future, fn, args, kwargs = job
    try:
        result = fn(*args, **kwargs)
    except Crashed:
        return None
    except BaseException as problem:
        # As an executor does: whatever it was is for who waits.
        return partial(future.set_exception, problem)
    return partial(future.set_result, result)


class SimulatedLoop(asyncio.BaseEventLoop):
    """A process's event loop."""

    def __init__(self, process: "Process") -> None:
        super().__init__()
        self._process = process
        self._threads: dict[Any, SimulatedThread] = {}

    def time(self) -> float:
        """Seconds since the world began: a clock that nobody sets."""
        return self._process.world.now_ns / SECOND_NS

    def call_soon(  # type: ignore[override]  # theirs says how arguments fit the callback
        self, callback: Callable[..., Any], *args: Any, context: contextvars.Context | None = None
    ) -> asyncio.Handle:
        """After what is to be done now."""
        handle = asyncio.Handle(callback, args, self, context)
        self._process.world.after(0, lambda: self._handle(handle))
        return handle

    def call_soon_threadsafe(  # type: ignore[override]
        self, callback: Callable[..., Any], *args: Any, context: contextvars.Context | None = None
    ) -> asyncio.Handle:
        """The same: there is one thread."""
        return self.call_soon(callback, *args, context=context)

    def call_at(  # type: ignore[override]
        self, when: float, callback: Callable[..., Any], *args: Any, context: contextvars.Context | None = None
    ) -> asyncio.TimerHandle:
        """At that time of this loop's clock."""
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        # Never before that time, whatever its last bit: who finds it is not yet time would set a timer for the same.
        self._process.world.at(math.ceil(when * SECOND_NS) + 1, lambda: self._handle(handle))
        return handle

    def run_in_executor(  # type: ignore[override]  # asyncio's own is a plain function that returns a future too
        self, executor: Any, func: Callable[..., Any], *args: Any
    ) -> "asyncio.Future[Any]":
        """In a simulated thread, one for each executor."""
        thread = self._threads.get(executor)
        if thread is None:
            thread = self._threads[executor] = SimulatedThread(self._process)
        return asyncio.wrap_future(thread.submit(func, *args), loop=self)

    async def create_unix_connection(  # type: ignore[override]  # no more of its parameters are used
        self, protocol_factory: Callable[[], Any], path: Any = None
    ) -> tuple[Any, Any]:
        """A line to who listens there.  Raises `OSError`."""
        return await self._process.network.connect(self._process, protocol_factory)

    async def create_unix_server(  # type: ignore[override]
        self, protocol_factory: Callable[[], Any], path: Any = None
    ) -> Any:
        """Listen there."""
        return self._process.network.listen(self._process, protocol_factory, str(path))

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """A callback has raised: an error of the product's, unless it is how a process ends."""
        problem = context.get("exception")
        if self._process.alive and not isinstance(problem, Crashed):
            said = f"{context.get('message')}: {problem!r}"
            self._process.world.fail(Failure("an error of our own", f"{self._process.name}: {said}"))

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """It stays on the heap and is passed over."""

    def _handle(self, handle: asyncio.Handle) -> None:
        process = self._process
        if process.alive and not handle.cancelled():
            outer, in_thread = asyncio._get_running_loop(), process.in_thread
            asyncio._set_running_loop(self)
            process.in_thread = False
            try:
                handle._run()
            finally:
                asyncio._set_running_loop(outer)
                process.in_thread = in_thread


async def sleep_ms(milliseconds: float) -> None:
    """Wait in the world's time."""
    await asyncio.sleep(milliseconds * MILLISECOND_NS / SECOND_NS)
