"""The stream over sockets: handshakes, frames, limits, who does not read, who is silent, and a server that stops."""

import asyncio
import ctypes
import json
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from outcry.app import limited
from outcry.app.serving import serve
from outcry.gateway.stream.settings import StreamSettings
from tests.engine.worlds import BUY, SELL, place
from tests.gateway.streams import Table, arguments_of, signed
from tests.gateway.venues import FREE, FakeOutcome, Venue

Play = Callable[[Venue, int, asyncio.Event], Awaitable[None]]
SOON_S = 60.0


def on_sockets(play: Play, **limits: Any) -> None:
    """Serve a venue on a free port, play, stop."""

    async def main() -> None:
        venue = Venue(FREE, StreamSettings(**limits))
        stop = asyncio.Event()
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.setblocking(False)
            # So that a client that does not read is noticed before a whole book has gone into the system's buffers.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
            serving = asyncio.create_task(serve(venue.app, listener, stop, venue.app.stream))
            try:
                await asyncio.wait_for(play(venue, listener.getsockname()[1], stop), 180)
            finally:
                stop.set()
                await serving
        assert venue.app.stream.sessions == {}

    asyncio.run(main())


def url(port: int, query: str = "") -> str:
    return f"ws://127.0.0.1:{port}/realtime{query}"


async def tell(line: ClientConnection) -> Any:
    return json.loads(await asyncio.wait_for(line.recv(), SOON_S))


async def ask(line: ClientConnection, operation: str, *arguments: Any) -> Any:
    await line.send(json.dumps({"op": operation, "args": list(arguments)}))
    return await tell(line)


@pytest.mark.parametrize(
    ("path", "headers", "status", "words"),
    [
        ("/realtime", {"api-key": "key-alice", "api-expires": "99999999999", "api-signature": "0"}, 401, "Signature"),
        ("/realtime?api-key=nobody&api-expires=99999999999&api-signature=0", {}, 401, "Invalid API Key."),
        ("/nowhere", {}, 404, "Not Found"),
    ],
)
def test_a_handshake_that_is_refused(path: str, headers: dict[str, str], status: int, words: str) -> None:
    async def play(venue: Venue, port: int, stop: asyncio.Event) -> None:
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"ws://127.0.0.1:{port}{path}", additional_headers=headers)
        answer = refused.value.response
        assert answer.status_code == status
        error = json.loads(answer.body)["error"]
        assert words in error["message"]
        assert error["name"] == "HTTPError"

    on_sockets(play)


@pytest.mark.parametrize(
    ("target", "header", "status"),
    [
        (b"/realtime?subscribe=\xff", b"x: y", b"400"),
        (b"/realtime?subscribe=%ff", b"x: y", b"400"),
        (b"/realtime?" + b"&".join(b"a%d=1" % number for number in range(200)), b"x: y", b"400"),
        (b"/realtime", b"api-key: \xff\xfe", b"401"),
        (b"/realtime", b"x: " + b"a" * 9_000, b"431"),
        (b"/" + b"a" * 9_000, b"x: y", b"414"),
    ],
    ids=["raw bytes", "no UTF-8", "many fields", "a key of bytes", "a long header", "a long address"],
)
def test_a_handshake_that_cannot_be_read(target: bytes, header: bytes, status: bytes) -> None:
    async def play(venue: Venue, port: int, stop: asyncio.Event) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        lines = [b"GET " + target + b" HTTP/1.1", b"Host: x", b"Upgrade: websocket", b"Connection: Upgrade", header]
        lines += [b"Sec-WebSocket-Key: MDEyMzQ1Njc4OTAxMjM0NQ==", b"Sec-WebSocket-Version: 13"]
        writer.write(b"\r\n".join([*lines, b"", b""]))
        answer = await asyncio.wait_for(reader.read(), SOON_S)
        assert answer.split(b" ")[1] == status, answer
        writer.close()

    on_sockets(play)


def test_headers_that_sign_without_a_space() -> None:
    """bitmex-ws sends `api-key:KEY`."""

    async def play(venue: Venue, port: int, stop: asyncio.Event) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        lines = [b"GET /realtime?subscribe=margin HTTP/1.1", b"Host: x", b"Upgrade: websocket", b"Connection: Upgrade"]
        lines += [b"Sec-WebSocket-Key: MDEyMzQ1Njc4OTAxMjM0NQ==", b"Sec-WebSocket-Version: 13"]
        lines += [name + b":" + value for name, value in signed(venue.alice).items()]
        writer.write(b"\r\n".join([*lines, b"", b""]))
        answer = await reader.readuntil(b"\r\n\r\n")
        assert b" 101 " in answer.splitlines()[0]
        assert b'"table":"margin"' in await reader.readuntil(b'"table":"margin"')
        writer.close()

    on_sockets(play)


def test_fragments_bytes_and_pings() -> None:
    async def play(venue: Venue, port: int, stop: asyncio.Event) -> None:
        async with connect(url(port)) as line:
            assert "info" in await tell(line)

            async def pieces() -> Any:
                for piece in ('{"op":"subscr', 'ibe","args":["tra', 'de:XBTUSD"]}'):
                    yield piece

            await line.send(pieces())
            assert (await tell(line))["subscribe"] == "trade:XBTUSD"
            assert (await tell(line))["action"] == "partial"
            await line.send(b'{"op":"help"}')
            assert "ops" in await tell(line)
            await line.send("ping")
            assert await line.recv() == "pong"
            await asyncio.wait_for(await line.ping(), SOON_S)

    on_sockets(play)


def test_a_message_that_is_too_long_closes_its_line_only() -> None:
    async def play(venue: Venue, port: int, stop: asyncio.Event) -> None:
        async with connect(url(port)) as other, connect(url(port)) as line:
            await tell(other)
            await tell(line)
            await line.send("a" * 70_000)
            with pytest.raises(ConnectionClosed) as closed:
                await tell(line)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1009
            assert "ops" in await ask(other, "help")

    on_sockets(play)


def test_who_goes_on_sending_a_message_that_is_too_long_reads_why() -> None:
    """The line is not reset, which would destroy the close on the client's side."""

    async def play(venue: Venue, port: int, stop: asyncio.Event) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        lines = [b"GET /realtime HTTP/1.1", b"Host: x", b"Upgrade: websocket", b"Connection: Upgrade"]
        lines += [b"Sec-WebSocket-Key: MDEyMzQ1Njc4OTAxMjM0NQ==", b"Sec-WebSocket-Version: 13"]
        writer.write(b"\r\n".join([*lines, b"", b""]))
        assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
        length = 4 << 20
        writer.write(b"\x81\xff" + length.to_bytes(8, "big") + bytes(4))
        for _ in range(length >> 16):
            writer.write(b"x" * 0x10000)
            await writer.drain()
        said = await asyncio.wait_for(reader.read(), SOON_S)
        assert (1009).to_bytes(2, "big") in said
        writer.close()

    on_sockets(play)


def test_what_is_no_websocket_frame_closes_the_line() -> None:
    async def play(venue: Venue, port: int, stop: asyncio.Event) -> None:
        async with connect(url(port)) as line:
            await tell(line)
            # A client's frame has to be masked.
            line.transport.write(b"\x81\x04ping")
            with pytest.raises(ConnectionClosed) as closed:
                await tell(line)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1002

    on_sockets(play)


def test_an_address_of_the_stream_without_an_upgrade_is_answered() -> None:
    async def play(venue: Venue, port: int, stop: asyncio.Event) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /realtime HTTP/1.1\r\nhost: x\r\n\r\n")
        assert b" 404 " in await reader.readline()
        writer.close()

    on_sockets(play)


def test_a_quiet_line_stays_open_longer_than_a_head_may_take(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limited, "HEAD_SECONDS_MAX", 0.5)

    async def play(venue: Venue, port: int, stop: asyncio.Event) -> None:
        async with connect(url(port)) as line:
            await tell(line)
            await asyncio.sleep(1)
            assert "ops" in await ask(line, "help")

    on_sockets(play)


def test_who_pings_and_does_not_read_is_cut_off() -> None:
    async def play(venue: Venue, port: int, stop: asyncio.Event) -> None:
        async with connect(url(port), max_queue=1, ping_interval=None) as line:
            line.transport.pause_reading()
            # Masked with zeros: 120 bytes that the venue has to send back.
            pings = (b"\x89\xf8" + bytes(4) + bytes(120)) * 1_000
            while venue.app.stream.sessions:
                try:
                    line.transport.write(pings)
                except RuntimeError:
                    break
                await asyncio.sleep(0)

    on_sockets(play, hard_bytes=50_000)


def test_messages_wait_their_turn_while_the_node_is_asked() -> None:
    """hummingbot logs in and subscribes without waiting for an answer."""

    async def play(venue: Venue, port: int, stop: asyncio.Event) -> None:
        gate = asyncio.Event()
        execute = venue.exchange.execute

        async def slow(record: ctypes.LittleEndianStructure, payload: bytes = b"") -> FakeOutcome:
            await gate.wait()
            return await execute(record, payload)

        venue.exchange.execute = slow  # type: ignore[method-assign]
        newcomer = type(venue.alice)(venue, venue.people.add("newcomer"), 0)
        async with connect(url(port)) as line:
            await tell(line)
            await line.send(json.dumps({"op": "authKeyExpires", "args": arguments_of(newcomer)}))
            await line.send('{"op":"subscribe","args":["wallet"]}')
            for _ in range(200):
                await line.send("ping")
            gate.set()
            assert (await tell(line))["request"]["op"] == "authKeyExpires"
            assert (await tell(line))["subscribe"] == "wallet"
            assert [row["amount"] for row in (await tell(line))["data"]] == [0, 0]
            assert [await line.recv() for _ in range(200)] == ["pong"] * 200

    on_sockets(play)


def test_a_row_is_on_its_way_before_what_waited_for_it_goes_on() -> None:
    async def play(venue: Venue, port: int, stop: asyncio.Event) -> None:
        async with connect(url(port, "?subscribe=orderBookL2:XBTUSD")) as line:
            for _ in range(3):
                await tell(line)
            written: list[str] = []
            (session,) = venue.app.stream.sessions
            write = session.line.write

            def noted(data: bytes) -> None:
                written.append("stream")
                write(data)

            session.line.write = noted  # type: ignore[method-assign]

            # As a link does it: the observers are told of an entry, then the future of its command is resolved.
            fate = asyncio.get_running_loop().create_future()

            async def answer() -> None:
                await fate
                written.append("answer")

            answering = asyncio.create_task(answer())
            await asyncio.sleep(0)
            venue.world.send(place(venue.alice.account, BUY, 100, 590_000))
            fate.set_result(None)
            await answering
            assert written == ["stream", "answer"]
            assert (await tell(line))["action"] == "insert"

    on_sockets(play)


def test_one_who_does_not_read_slows_nobody_and_is_told_anew() -> None:
    soft = 50_000

    async def play(venue: Venue, port: int, stop: asyncio.Event) -> None:
        stalled = socket.socket()
        stalled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        stalled.connect(("127.0.0.1", port))
        stalled.setblocking(False)
        async with (
            connect(url(port, "?subscribe=orderBookL2:XBTUSD"), sock=stalled, max_queue=1, ping_interval=None) as slow,
            connect(url(port, "?subscribe=orderBookL2:XBTUSD"), max_queue=None) as quick,
        ):
            loop_reader = slow.transport
            loop_reader.pause_reading()
            waiting: list[int] = []
            rounds, seen, table = 150, 0, Table()
            for number in range(rounds):
                # Ten levels at a time come and go, so that every frame has something to tell.
                for level in range(10):
                    side, ticks = (BUY, 599_000 - level) if number % 2 else (SELL, 601_000 + level)
                    venue.world.send(place(venue.alice.account, side, 100, ticks - number * 10))
                    if number % 7 == 6:
                        venue.world.cancel_all(venue.alice.account)
                await asyncio.sleep(0)
                waiting.append(max(one.line.waiting_bytes() for one in venue.app.stream.sessions))
            assert max(waiting) > soft, "it was not stalled"
            assert max(waiting) < 2 * soft
            while seen < rounds or quick_left(quick):
                message = json.loads(await asyncio.wait_for(quick.recv(), SOON_S))
                seen += message.get("action") in ("insert", "update", "delete")
                apply(table, message)
                if not quick_left(quick) and same(venue, table):
                    break
            assert same(venue, table), "the quick one has missed something"

            loop_reader.resume_reading()
            late, partials = Table(), 0
            async with asyncio.timeout(SOON_S):
                while partials < 2 or not same(venue, late):
                    message = json.loads(await slow.recv())
                    partials += message.get("action") == "partial"
                    apply(late, message)
            assert partials == 2

    on_sockets(play, soft_bytes=soft)


def quick_left(line: ClientConnection) -> int:
    return len(line.recv_messages.frames)


def apply(table: Table, message: dict[str, Any]) -> None:
    if "action" in message:
        getattr(table, message["action"])(message if message["action"] == "partial" else message["data"])


def same(venue: Venue, table: Table) -> bool:
    top = venue.world.recent.instrument(1).top
    kept = {(row["side"], round(row["price"] * 10)): row["size"] for row in table.all()}
    told = {("Buy", ticks): size for ticks, size in top.bids.items()}
    return kept == told | {("Sell", ticks): size for ticks, size in top.asks.items()}


def test_the_silent_are_pinged_and_the_dead_cut_off() -> None:
    async def play(venue: Venue, port: int, stop: asyncio.Event) -> None:
        async with connect(url(port), ping_interval=None) as alive:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            head = [b"GET /realtime HTTP/1.1", b"Host: x", b"Upgrade: websocket", b"Connection: Upgrade"]
            head += [b"Sec-WebSocket-Key: MDEyMzQ1Njc4OTAxMjM0NQ==", b"Sec-WebSocket-Version: 13", b"", b""]
            writer.write(b"\r\n".join(head))
            # A ping, and a close that says why; nobody has answered either.
            told = await asyncio.wait_for(reader.readuntil(b"Nothing was heard of you"), SOON_S)
            assert b"\x89\x00" in told
            writer.close()
            assert "info" in await tell(alive)
            assert "ops" in await ask(alive, "help")

    on_sockets(play, silence_seconds=0.6)


def test_a_line_that_carried_a_request_before_it_became_a_stream_stays_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """aiohttp, and so ccxt.pro, asks for the stream on a line it has kept from its last request."""
    monkeypatch.setattr("outcry.app.direct.KEEP_ALIVE_S", 0.5)

    async def play(venue: Venue, port: int, stop: asyncio.Event) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /api/v1 HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"200 OK" in await reader.readuntil(b"\r\n\r\n")
        head = [b"GET /realtime HTTP/1.1", b"Host: x", b"Upgrade: websocket", b"Connection: Upgrade"]
        head += [b"Sec-WebSocket-Key: MDEyMzQ1Njc4OTAxMjM0NQ==", b"Sec-WebSocket-Version: 13", b"", b""]
        writer.write(b"\r\n".join(head))
        await asyncio.wait_for(reader.readuntil(b"ws-server"), SOON_S)
        await asyncio.sleep(1)
        # A ping with an empty mask; the line would have been closed without a word by now.
        writer.write(b"\x89\x80\x00\x00\x00\x00")
        await asyncio.wait_for(reader.readuntil(b"\x8a\x00"), SOON_S)
        writer.close()

    on_sockets(play)


def test_who_uses_a_key_that_is_disabled_is_cut_off() -> None:
    async def play(venue: Venue, port: int, stop: asyncio.Event) -> None:
        headers = {name.decode(): value.decode() for name, value in signed(venue.alice).items()}
        async with connect(url(port), additional_headers=headers) as line:
            assert "info" in await tell(line)
            del venue.people.keys[venue.alice.key.id]
            with pytest.raises(ConnectionClosed) as closed:
                await tell(line)
            assert closed.value.rcvd is not None
            assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1008, "This key is disabled.")

    on_sockets(play, silence_seconds=0.2)


def test_a_server_that_stops_says_so() -> None:
    async def play(venue: Venue, port: int, stop: asyncio.Event) -> None:
        async with connect(url(port)) as line:
            assert "info" in await tell(line)
            stop.set()
            with pytest.raises(ConnectionClosed) as closed:
                await tell(line)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1012

    on_sockets(play)
