"""Where metrics are fetched: a Unix socket of each process, and one address of the supervisor where all are merged.

Each process answers `GET /metrics` on DATA/metrics-ROLE.sock, which only its owner can open.  The supervisor asks all
of them at once and puts their answers together, a metric's samples under one heading; a process that does not answer
in time is `outcry_up 0` and nothing else is missing.  The merged page is at DATA/metrics.sock and, if asked for, on a
port of the loopback address.  Neither is ever on the public port.
"""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Protocol

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from outcry.app.metrics.families import BY_NAME, numbers
from outcry.app.metrics.process import LoopLag, ProcessFigures
from outcry.node.connection import SocketAddress

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
ANSWER_S_MAX = 2.0
REQUEST_BYTES_MAX = 8 << 10
LOOPBACK = "127.0.0.1"

Page = Callable[[], Awaitable[bytes]]


class Figures(Protocol):
    """Something that has metrics."""

    def collect(self) -> Iterator[Metric]:
        """Them, now."""
        ...


class _Collected(Collector):
    """Figures as the client library wants them."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        return self._figures.collect()


def text_of(figures: Sequence[Figures]) -> bytes:
    """The page of these figures."""
    registry = CollectorRegistry(auto_describe=False)
    for one in figures:
        registry.register(_Collected(one))
    return generate_latest(registry)


def socket_of(folder: Path, role: str) -> Path:
    """Where a process answers."""
    return folder / f"metrics-{role}.sock"


@contextlib.asynccontextmanager
async def answering(path: Path, page: Page) -> AsyncIterator[None]:
    """Answer on a Unix socket meanwhile."""
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
    with SocketAddress(path) as address:
        server = await asyncio.start_unix_server(_answerer(page), address, limit=REQUEST_BYTES_MAX)
    os.chmod(path, 0o600)
    try:
        yield
    finally:
        server.close()
        with contextlib.suppress(FileNotFoundError):
            path.unlink()


@contextlib.asynccontextmanager
async def telling(folder: Path, role: str) -> AsyncIterator[list[Figures]]:
    """Tell this process's figures meanwhile; yields the list to which its own are added."""
    lag = LoopLag()
    figures: list[Figures] = [ProcessFigures(role, lag)]

    async def page() -> bytes:
        return text_of(figures)

    try:
        async with answering(socket_of(folder, role), page):
            yield figures
    finally:
        lag.stop()


@contextlib.asynccontextmanager
async def answering_on_port(port: int, page: Page) -> AsyncIterator[int]:
    """Answer on a port of the loopback address meanwhile; yields the port.  Raises `OSError` if it is taken."""
    server = await asyncio.start_server(_answerer(page), LOOPBACK, port, limit=REQUEST_BYTES_MAX)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def _answerer(page: Page) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(ANSWER_S_MAX):
                request = (await reader.readuntil(b"\r\n\r\n")).split(b" ", 2)
            known = request[0] == b"GET" and len(request) > 1 and request[1].partition(b"?")[0] == b"/metrics"
            status = HTTPStatus.OK if known else HTTPStatus.NOT_FOUND
            body = await page() if known else b"GET /metrics\n"
            head = f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: {CONTENT_TYPE}\r\n"
            writer.write(f"{head}content-length: {len(body)}\r\nconnection: close\r\n\r\n".encode() + body)
            await writer.drain()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            # Who does not ask, or does not read, gets nothing.
            pass
        finally:
            writer.close()

    return answer


async def fetch(path: Path) -> bytes:
    """The page behind a Unix socket.  Raises `OSError` or `TimeoutError`."""
    async with asyncio.timeout(ANSWER_S_MAX):
        with SocketAddress(path) as address:
            reader, writer = await asyncio.open_unix_connection(address)
        try:
            writer.write(b"GET /metrics HTTP/1.1\r\nhost: venue\r\nconnection: close\r\n\r\n")
            head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        finally:
            writer.close()
    if b" 200 " not in head.partition(b"\r\n")[0]:
        raise OSError(f"{path} does not tell")
    return body


async def fetch_all(folder: Path, roles: Sequence[str]) -> dict[str, bytes | None]:
    """The pages of all these processes; None of one that did not answer."""

    async def one(role: str) -> bytes | None:
        try:
            return await fetch(socket_of(folder, role))
        except (OSError, TimeoutError):
            return None

    return dict(zip(roles, await asyncio.gather(*map(one, roles)), strict=True))


class Seen:
    """What the supervisor adds: who answered, and how far each replica is behind what is durable."""

    def __init__(self, told: Mapping[str, bytes | None]) -> None:
        self._told = told

    def collect(self) -> Iterator[Metric]:
        """As metrics."""
        yield numbers("outcry_up", {role: int(text is not None) for role, text in self._told.items()})
        pages = [text for text in self._told.values() if text is not None]
        durable = next(iter(values_in(pages, "outcry_durable_sequence").values()), None)
        if durable is not None:
            sequences = values_in(pages, "outcry_sequence").items()
            # The pages were made at slightly different moments; nobody is ahead of what is durable.
            lags = {role: max(0.0, durable - sequence) for role, sequence in sequences if role != "node"}
            yield numbers("outcry_lag_entries", lags)


def values_in(pages: Sequence[bytes], name: str) -> dict[str, float]:
    """A metric's samples by the value of their label, or the empty text if it has none."""
    found = {}
    for page in pages:
        for line in page.decode().splitlines():
            sample, _, value = line.rpartition(" ")
            if sample.partition("{")[0] == name:
                found[sample.partition('="')[2].rstrip('"}')] = float(value)
    return found


def merge(pages: Sequence[bytes]) -> bytes:
    """One page of several: each metric once, with the samples of all, in the order of the documents."""
    headings: dict[str, list[str]] = {}
    samples: dict[str, list[str]] = {}
    for page in pages:
        family = ""
        for line in page.decode().splitlines():
            if line.startswith("# "):
                family = line.split(" ", 3)[2]
                known = headings.setdefault(family, [])
                if line not in known:
                    known.append(line)
            elif line:
                samples.setdefault(family, []).append(line)
    order = {name: place for place, name in enumerate(BY_NAME)}
    lines = [
        line
        for name in sorted(headings, key=lambda name: order.get(name, len(order)))
        for line in (*headings[name], *samples.get(name, ()))
    ]
    return ("\n".join(lines) + "\n").encode()
