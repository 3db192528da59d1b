"""The API without ASGI between parser and transport: a client cannot tell the two ways apart, and misuse ends alike."""

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest
import uvloop

from outcry.app import serving
from outcry.app.direct import Exchange
from outcry.app.serving import serve
from outcry.gateway import parting
from outcry.gateway.parameters import BODY_BYTES_MAX
from tests.app.test_serving import answer
from tests.gateway.venues import Caller, Venue

Play = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
ORDER = {"symbol": "XBTUSD", "orderQty": 100, "price": 59_000}
JSON = {"content-type": "application/json"}


@pytest.fixture
def venue() -> Venue:
    return Venue()


def on_a_line(venue: Venue, play: Play, loops: Any = asyncio.new_event_loop) -> None:
    """Serve the venue, connect, play, stop."""

    async def main() -> None:
        stop = asyncio.Event()
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.setblocking(False)
            server = asyncio.create_task(serve(venue.app, listener, stop))
            reader, writer = await asyncio.open_connection(*listener.getsockname())
            await asyncio.wait_for(play(reader, writer), 60)
            writer.close()
            stop.set()
            await server

    with asyncio.Runner(loop_factory=loops) as runner:
        runner.run(main())


def raw(verb: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None, version: str = "1.1") -> bytes:
    lines = [f"{verb} {path} HTTP/{version}", "host: x"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body:
        lines.append(f"content-length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def signed(who: Caller, verb: str, path: str, asked: Any = None) -> bytes:
    body = b"" if asked is None else msgspec.json.encode(asked)
    return raw(verb, f"/api/v1{path}", body, {**JSON, **who.headers(verb, path, body)})


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("GET", "/instrument?count=2&columns=symbol"),
        ("GET", "/instrument?count=2&columns=symbol&_format=csv"),
        ("GET", ""),
        ("GET", "/"),
        ("GET", "/nowhere"),
        ("GET", "/order?"),
        ("GET", "/ord%65r"),
        ("POST", "/instrument"),
        ("GET", "/user/margin?currency=all"),
        ("GET", "/trade?count=x"),
        ("DELETE", "/order/all"),
    ],
)
def test_the_answer_is_the_same_as_through_asgi(venue: Venue, verb: str, path: str) -> None:
    wanted = venue.ask(verb, path, b"", {**JSON, **venue.alice.headers(verb, path, b"")})

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(signed(venue.alice, verb, path))
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        assert int(head[0].split()[1]) == wanted.status_code
        found = dict(line.split(": ", 1) for line in head[1:] if line)
        assert "date" in found
        # Two requests, so two numbers.
        own = {"x-ratelimit-remaining", "x-ratelimit-remaining-1s", "outcry-sequence", "outcry-entry"}
        assert ("outcry-entry" in found) == ("outcry-entry" in wanted.headers)
        names = set(wanted.headers) - own
        assert {name: found[name] for name in names} == {name: wanted.headers[name] for name in names}
        body = await reader.readexactly(int(found["content-length"]))
        if path in ("", "/"):
            assert msgspec.json.decode(body)["name"] == wanted.json()["name"]
        else:
            assert body == wanted.content

    on_a_line(venue, play)


def test_requests_in_one_piece_are_answered_in_their_order(venue: Venue) -> None:
    """Orders that wait, reads that do not, pages and bodies in pieces, all on one line."""
    slow = asyncio.Event()
    execute = venue.exchange.execute

    async def waits(record: Any, payload: bytes = b"") -> Any:
        await slow.wait()
        return await execute(record, payload)

    venue.exchange.execute = waits  # type: ignore[method-assign]

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        order = signed(venue.alice, "POST", "/order", ORDER)
        pieces = order + raw("GET", "/page") + signed(venue.alice, "GET", "/order") + order
        writer.write(pieces[:-20])
        await asyncio.sleep(0.02)
        writer.write(pieces[-20:])
        await asyncio.sleep(0.02)
        slow.set()
        first, page, listed, second = [await answer(reader) for _ in range(4)]
        assert [first[0], page[0], listed[0], second[0]] == [200, 404, 200, 200]
        assert msgspec.json.decode(listed[1]) == [msgspec.json.decode(first[1])]
        assert msgspec.json.decode(second[1])["orderID"] != msgspec.json.decode(first[1])["orderID"]

    on_a_line(venue, play)


def test_a_body_that_is_too_long_is_refused_and_the_line_closed(venue: Venue) -> None:
    before = venue.state

    def announced(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        return raw("POST", "/api/v1/order", b"", {"content-length": str(BODY_BYTES_MAX + 1)})

    def chunked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
        return raw("POST", "/api/v1/order", b"", {"transfer-encoding": "chunked"}) + chunk * 5

    for request in (announced, chunked):

        async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(request(reader, writer))  # noqa: B023 - played before the next turn
            status, body = await answer(reader)
            assert (status, b"larger than" in body) == (413, True)
            assert await reader.read() == b""

        on_a_line(venue, play)
    assert venue.state == before


TOO_LONG = raw("POST", "/api/v1/order", b"", {"content-length": str(BODY_BYTES_MAX * 100)})
CHUNKED = raw("POST", "/api/v1/order", b"", {"transfer-encoding": "chunked"})
CHUNK = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"


@pytest.mark.parametrize(
    ("head", "piece", "status"),
    [
        (TOO_LONG, b"x" * 0x10000, 413),
        (CHUNKED, CHUNK, 413),
        (CHUNKED + b"nonsense\r\n", b"x" * 0x10000, 400),
        (b"nonsense\r\n\r\n", b"x" * 0x10000, 400),
        (b"GET / HTTP/1.1\r\nx-long: ", b"x" * 0x10000, 431),
        (raw("POST", "/page", b"", {"content-length": "99999999"}, "1.0"), b"x" * 0x10000, 404),
        (raw("POST", "/page", b"", {"transfer-encoding": "chunked", "connection": "close"}), CHUNK, 404),
    ],
    ids=["announced", "chunked", "no chunk", "no request", "no end of the head", "no page", "no page, chunked"],
)
@pytest.mark.parametrize("loops", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_who_goes_on_sending_after_the_end_of_the_line_reads_what_was_said(
    venue: Venue, head: bytes, piece: bytes, status: int, loops: Any
) -> None:
    """The line is not reset, which would destroy the answer on the client's side."""

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        for _ in range(64):
            writer.write(piece)
            await writer.drain()
        assert (await answer(reader))[0] == status
        assert await reader.read() == b""

    on_a_line(venue, play, loops)


async def send_without_end(writer: asyncio.StreamWriter, piece: bytes) -> None:
    while True:
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(0.001)


@pytest.mark.parametrize(
    ("bound", "piece"), [("PARTING_BYTES_MAX", b"x" * 0x10000), ("PARTING_SECONDS_MAX", b"x")], ids=["bytes", "seconds"]
)
def test_what_comes_after_the_end_of_the_line_is_bounded(
    venue: Venue, bound: str, piece: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parting, bound, 0.1 if bound == "PARTING_SECONDS_MAX" else 1 << 20)

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(TOO_LONG)
        assert (await answer(reader))[0] == 413
        with pytest.raises(ConnectionError):
            await send_without_end(writer, piece)

    on_a_line(venue, play)


def test_a_stopping_server_does_not_wait_for_who_was_refused(venue: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parting, "PARTING_SECONDS_MAX", 3_600)
    monkeypatch.setattr(serving, "GRACE_S", 3_600)

    async def main() -> None:
        stop = asyncio.Event()
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.setblocking(False)
            server = asyncio.create_task(serve(venue.app, listener, stop))
            reader, writer = await asyncio.open_connection(*listener.getsockname())
            writer.write(CHUNKED + b"nonsense\r\n")
            assert (await answer(reader))[0] == 400
            stop.set()
            await asyncio.wait_for(server, 20)
            writer.close()

    asyncio.run(main())


@pytest.mark.parametrize(
    "broken",
    [
        b"nonsense\r\n\r\n",
        CHUNKED + b"nonsense\r\n",
        raw("POST", "/page", b"", {"transfer-encoding": "chunked"}) + b"nonsense\r\n",
    ],
    ids=["no request", "no chunk", "no chunk, through ASGI"],
)
def test_what_was_asked_before_is_answered_before_a_refusal(venue: Venue, broken: bytes) -> None:
    slow = asyncio.Event()
    execute = venue.exchange.execute

    async def waits(record: Any, payload: bytes = b"") -> Any:
        await slow.wait()
        return await execute(record, payload)

    venue.exchange.execute = waits  # type: ignore[method-assign]

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(signed(venue.alice, "POST", "/order", ORDER) + raw("GET", "/page") + broken)
        await asyncio.sleep(0.02)
        writer.write(raw("GET", "/api/v1"))
        await asyncio.sleep(0.02)
        slow.set()
        assert [(await answer(reader))[0] for _ in range(3)] == [200, 404, 400]
        assert await reader.read() == b""

    on_a_line(venue, play)


def test_a_chunked_body_is_read(venue: Venue) -> None:
    body = msgspec.json.encode(ORDER)
    headers = {**JSON, **venue.alice.headers("POST", "/order", body), "transfer-encoding": "chunked"}
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(raw("POST", "/api/v1/order", b"", headers) + chunks)
        assert (await answer(reader))[0] == 200

    on_a_line(venue, play)


def test_who_expects_to_be_told_to_go_on_is_told(venue: Venue) -> None:
    body = msgspec.json.encode(ORDER)
    headers = {**JSON, **venue.alice.headers("POST", "/order", body), "expect": "100-continue"}
    request = raw("POST", "/api/v1/order", body, headers)

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(request[: -len(body)])
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(body)
        assert (await answer(reader))[0] == 200

    on_a_line(venue, play)


@pytest.mark.parametrize(("version", "headers"), [("1.0", {}), ("1.1", {"connection": "close"})])
def test_a_line_is_closed_for_who_asks(venue: Venue, version: str, headers: dict[str, str]) -> None:
    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(raw("GET", "/api/v1", b"", headers, version))
        head = await reader.readuntil(b"\r\n\r\n")
        assert b"connection: close\r\n" in head
        assert (await reader.read()).startswith(b"{")

    on_a_line(venue, play)


def test_head_has_no_body(venue: Venue) -> None:
    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(raw("HEAD", "/api/v1/instrument") + raw("GET", "/api/v1"))
        head = await reader.readuntil(b"\r\n\r\n")
        assert b"content-length: 0" not in head
        assert (await answer(reader))[1].startswith(b'{"name":')

    on_a_line(venue, play)


@pytest.mark.parametrize("path", ["/order", "/user/wallet"])
def test_an_error_of_our_own_is_a_500_and_is_logged(
    venue: Venue, path: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any) -> Any:
        raise ZeroDivisionError("ours")

    monkeypatch.setattr(venue.app.venue, "account", broken)

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        verb = "POST" if path == "/order" else "GET"
        writer.write(signed(venue.alice, verb, path, ORDER) + raw("GET", "/api/v1"))
        assert await answer(reader) == (500, b'{"error":{"message":"Server Error","name":"HTTPError"}}')
        assert (await answer(reader))[0] == 200

    with caplog.at_level(logging.ERROR):
        on_a_line(venue, play)
    assert "ZeroDivisionError: ours" in caplog.text


def test_who_leaves_before_the_answer_harms_nobody(venue: Venue, caplog: pytest.LogCaptureFixture) -> None:
    asked, left = asyncio.Event(), asyncio.Event()
    execute = venue.exchange.execute

    async def waits(record: Any, payload: bytes = b"") -> Any:
        asked.set()
        await left.wait()
        return await execute(record, payload)

    venue.exchange.execute = waits  # type: ignore[method-assign]

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, other = await asyncio.open_connection(*writer.get_extra_info("peername"))
        other.write(signed(venue.alice, "POST", "/order", ORDER))
        await asked.wait()
        other.close()
        await asyncio.sleep(0.02)
        left.set()
        writer.write(signed(venue.bob, "POST", "/order", ORDER))
        assert (await answer(reader))[0] == 200

    on_a_line(venue, play)
    assert caplog.text == ""
    assert len(venue.alice.ok("GET", "/order")) == 1


def test_answers_wait_for_a_client_that_does_not_read(venue: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of requests without reading: the gateway stops answering and reading, and goes on when it is read."""
    written = []
    write = Exchange.write

    def counted(self: Exchange) -> None:
        written.append(1)
        write(self)

    monkeypatch.setattr(Exchange, "write", counted)
    count = 3_000

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(raw("GET", "/api/v1/instrument?count=5") * count)
        before = -1
        while len(written) > before:
            before = len(written)
            await asyncio.sleep(0.2)
        assert before < count // 2
        for _ in range(count):
            assert (await answer(reader))[0] == 200

    on_a_line(venue, play)


def test_a_line_on_which_nothing_is_asked_is_closed(venue: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("outcry.app.direct.KEEP_ALIVE_S", 2.0)

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(3):
            writer.write(raw("GET", "/api/v1"))
            await answer(reader)
            # Each request begins the time anew: together the pauses are longer than it.
            await asyncio.sleep(0.8)
        assert await reader.read() == b""

    on_a_line(venue, play)
