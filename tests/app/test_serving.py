"""Heads of requests: what is too long, too many or too late is refused and the line closed; all else is served."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from outcry.app import limited
from outcry.app.limited import HEAD_BYTES_MAX, HEADERS_MAX
from outcry.app.serving import serve

Play = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answers with the client's address and the length of the body."""
    length, more = 0, True
    while more:
        message = await receive()
        length, more = length + len(message.get("body", b"")), message.get("more_body", False)
    body = f"{scope['client'][0]} {length}".encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def on_a_line(play: Play) -> None:
    """Serve, connect, play, stop."""

    async def main() -> None:
        stop = asyncio.Event()
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.setblocking(False)
            serving_task = asyncio.create_task(serve(echo, listener, stop))  # type: ignore[arg-type]
            reader, writer = await asyncio.open_connection(*listener.getsockname())
            await asyncio.wait_for(play(reader, writer), 60)
            writer.close()
            stop.set()
            await serving_task

    asyncio.run(main())


async def answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    return int(head[9:12]), await reader.readexactly(int(length.split(b":")[1]))


def test_requests_on_one_line_are_served_also_pipelined_and_in_pieces() -> None:
    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        long = (
            b"POST / HTTP/1.1\r\nhost: x\r\nx-long: "
            + b"a" * 60_000
            + b"\r\ncontent-length: 300000\r\n\r\n"
            + b"b" * 300_000
        )
        writer.write(long + long + b"GET / HTTP/1.1\r\nhost: x\r\n")
        assert await answer(reader) == (200, b"127.0.0.1 300000")
        assert await answer(reader) == (200, b"127.0.0.1 300000")
        for number in range(HEADERS_MAX - 1):
            writer.write(b"x-%d: v\r\n" % number)
            await asyncio.sleep(0)
        writer.write(b"\r\n")
        assert await answer(reader) == (200, b"127.0.0.1 0")

    on_a_line(play)


def test_nobody_believes_a_forwarded_address() -> None:
    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"GET / HTTP/1.1\r\nhost: x\r\nx-forwarded-for: 10.9.8.7\r\n\r\n")
        assert await answer(reader) == (200, b"127.0.0.1 0")

    on_a_line(play)


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nx-long: " + b"a" * (HEAD_BYTES_MAX + 1) + b"\r\n\r\n",
        b"GET /" + b"a" * (HEAD_BYTES_MAX + 1) + b" HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"x: v\r\n" * (HEADERS_MAX + 1) + b"\r\n",
        b"POST / HTTP/1.1\r\n" + b"x: v\r\n" * (HEADERS_MAX + 1) + b"content-length: 3\r\n\r\nabc",
    ],
    ids=["one header", "address", "many headers", "with a body"],
)
def test_a_whole_head_that_is_too_long_is_refused(head: bytes) -> None:
    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        status, body = await answer(reader)
        assert status == 431
        assert b'"message"' in body
        assert b'"HTTPError"' in body
        assert await reader.read() == b""

    on_a_line(play)


def test_a_head_without_an_end_is_refused_long_before_it_fills_the_memory() -> None:
    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        assert (await answer(reader))[0] == 200
        writer.write(b"GET / HTTP/1.1\r\nx-long: ")
        refused = asyncio.create_task(answer(reader))
        sent = 0
        while not refused.done():
            writer.write(b"a" * 100_000)
            await writer.drain()
            await asyncio.sleep(0.01)
            sent += 1
        assert sent < 10
        assert (await refused)[0] == 431

    on_a_line(play)


@pytest.mark.parametrize(
    ("begun", "said"),
    [
        (b"", b""),
        (b"GET / HTTP/1.1\r\nhost:", b"HTTP/1.1 408"),
        (b"GET / HTTP/1.1\r\nhost: x\r\n\r\n|\r\n", b"HTTP/1.1 200"),
        (b"GET / HTTP/1.1\r\nhost: x\r\n\r\nGET /", b"HTTP/1.1 408"),
    ],
    ids=["nothing", "half a head", "an empty line after a request", "half a head after a request"],
)
def test_a_head_that_does_not_come_ends_the_line(monkeypatch: pytest.MonkeyPatch, begun: bytes, said: bytes) -> None:
    monkeypatch.setattr(limited, "HEAD_SECONDS_MAX", 0.5)

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for piece in begun.partition(b"|")[::2]:
            writer.write(piece)
            await asyncio.sleep(0.05)
        whole = await reader.read()
        assert said in whole
        assert bool(said) == bool(whole)

    on_a_line(play)


def test_an_answer_and_a_body_may_take_longer_than_a_head(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limited, "HEAD_SECONDS_MAX", 0.5)

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 6\r\n\r\nabc")
        await asyncio.sleep(1)
        writer.write(b"def")
        assert await answer(reader) == (200, b"127.0.0.1 6")

    on_a_line(play)
