"""What happened, as far back as one asks: history, and what is newer than it, in one row of answers.

`views.recent` holds what is new and tells where what it has forgotten ends; history is asked only for what lies before
that, and only once the keeper has written so far.  While it has not, a reader waits a little and is then told with a
503 how far behind history is: there is never a hole.  The database is read in threads of its own, a page at a time.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Generic, TypeVar

import msgspec
from sqlalchemy import RowMapping

from outcry.gateway.answers import Refusal
from outcry.gateway.dialect.query import Selection, too_many
from outcry.history.batches import Standing
from outcry.history.reader import Asked, Reader, Rows
from outcry.history.store import HistoryError

View = TypeVar("View")
Answer = TypeVar("Answer")
THREADS = 2
WAIT_SECONDS = 2.0
POLL_SECONDS = 0.02
PAGE_ROWS = 500
LOOKED_AT_MAX = 20_000
"""A filter that history cannot apply by itself looks through so many of its rows."""


class Older(msgspec.Struct, Generic[View], frozen=True):
    """What history is to be asked for, and how a row of it becomes a view.

    It is asked only for what lies up to an entry or before a time, which it must have reached.
    """

    shelf: str
    asked: Asked
    view_of: Callable[[RowMapping], View]
    needs_sequence: int = 0
    needs_time_ns: int = 0


class Past:
    """History for the gateway; without a reader there is none, and what is recent is all there is."""

    def __init__(self, reader: Reader | None) -> None:
        self._reader = reader
        self._sequence = 0
        self._time_ns = 0
        self._threads = ThreadPoolExecutor(THREADS, "past") if reader is not None else None

    @property
    def is_kept(self) -> bool:
        """Whether there is history."""
        return self._reader is not None

    async def reach(self, sequence: int = 0, time_ns: int = 0) -> None:
        """Wait until history goes so far.  Raises `Refusal` with 503 when it is too far behind."""
        deadline = asyncio.get_running_loop().time() + WAIT_SECONDS
        while self._sequence < sequence or self._time_ns < time_ns:
            standing = await self.ask(lambda reader: reader.standing())
            if standing is not None:
                self._sequence, self._time_ns = standing.sequence, standing.time_ns
            if self._sequence >= sequence and self._time_ns >= time_ns:
                return
            if asyncio.get_running_loop().time() > deadline:
                raise Refusal(
                    503,
                    f"Service unavailable: history goes to sequence {self._sequence} and is being written; "
                    "what is newer can be asked for with startTime. Ask again.",
                    extra={"sequence": self._sequence},
                )
            await asyncio.sleep(POLL_SECONDS)

    async def ask(self, question: Callable[[Reader], Answer]) -> Answer:
        """Put a question to history in a thread.  Raises `Refusal` with 503 when it cannot be read."""
        if self._reader is None or self._threads is None:
            raise Refusal(503, "Service unavailable: this gateway has no history.")
        reader = self._reader
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, lambda: question(reader))
        except HistoryError as problem:
            raise Refusal(503, "Service unavailable: history cannot be read.") from problem

    async def concatenated(
        self, selection: Selection[View], newer: Iterable[View], older: Older[View] | None
    ) -> list[dict[str, Any]]:
        """The rows asked for of two stretches, all of the one older than all of the other.

        `newer` comes in the order asked for.
        """
        reverse = selection.query.reverse
        if reverse and not _offered(selection, newer):
            return selection.rows()
        if older is not None and self.is_kept:
            await self.reach(older.needs_sequence, older.needs_time_ns)
            async for view in self._views(selection, older):
                if not selection.offer(view):
                    return selection.rows()
        if not reverse:
            _offered(selection, newer)
        return selection.rows()

    async def merged(
        self,
        selection: Selection[View],
        newer: Iterator[View],
        older: Older[View] | None,
        key: Callable[[View], int],
    ) -> list[dict[str, Any]]:
        """The rows asked for of two sets in one order by a key, in which `newer` comes already."""
        sign = -1 if selection.query.reverse else 1
        waiting = next(newer, None)
        if older is not None and self.is_kept:
            await self.reach(older.needs_sequence, older.needs_time_ns)
            async for view in self._pages(older, selection.missing + selection.skip):
                while waiting is not None and sign * key(waiting) < sign * key(view):
                    if not selection.offer(waiting):
                        return selection.rows()
                    waiting = next(newer, None)
                if not selection.offer(view):
                    return selection.rows()
        if waiting is not None and selection.offer(waiting):
            _offered(selection, newer)
        return selection.rows()

    async def _views(self, selection: Selection[View], older: Older[View]) -> AsyncIterator[View]:
        """What history has; what is only to be skipped is not read where nothing else has to be looked at."""
        if selection.query.wanted:
            async for view in self._pages(older, selection.missing + selection.skip):
                yield view
            return
        skipped, asked = selection.skip, older.asked
        page = msgspec.structs.replace(asked, skip=skipped, limit=selection.missing)
        rows = await self.ask(lambda reader: reader.page(older.shelf, page))
        if skipped and not rows:
            counted = msgspec.structs.replace(asked, limit=skipped)
            selection.skip -= await self.ask(lambda reader: reader.count(older.shelf, counted))
        else:
            selection.skip = 0
        for row in rows:
            yield older.view_of(row)

    async def _pages(self, older: Older[View], first_rows: int = PAGE_ROWS) -> AsyncIterator[View]:
        """Page by page, up to a bound.  Raises `Refusal` beyond it."""
        skip, limit = 0, min(first_rows, PAGE_ROWS)
        while skip < LOOKED_AT_MAX:
            page = msgspec.structs.replace(older.asked, skip=skip, limit=limit)
            rows: Rows = await self.ask(lambda reader, page=page: reader.page(older.shelf, page))  # type: ignore[misc]
            for row in rows:
                yield older.view_of(row)
            if len(rows) < limit:
                return
            skip, limit = skip + limit, PAGE_ROWS
        raise too_many(LOOKED_AT_MAX)


def _offered(selection: Selection[View], views: Iterable[View]) -> bool:
    """Offer them all; whether it would still take more."""
    return all(selection.offer(view) for view in views)


def sequence_of(standing: Standing | None) -> tuple[int, int]:
    """Sequence and time of how far history goes."""
    return (standing.sequence, standing.time_ns) if standing is not None else (0, 0)
