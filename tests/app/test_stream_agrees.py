"""Ten thousand random operations over real sockets: what was pushed, REST and the engine say the same.

The operations and the comparisons are those of tests/gateway/test_stream_histories; here the frames go through the
server and the system's sockets to clients of another library, of which one begins late.
"""

import asyncio
import json

from websockets.asyncio.client import ClientConnection, connect

from tests.app.test_stream import on_sockets, url
from tests.gateway.streams import Tables, arguments_of
from tests.gateway.test_stream_histories import (
    BOOKS,
    PRIVATE,
    SYMBOLS,
    Crowd,
    check_account,
    check_books,
)
from tests.gateway.venues import Caller, Venue

OPERATIONS = 10_000
AT_ONCE = 7
"""So many operations come between two breaths of the server, so several are told together."""


class Watcher(Tables):
    """A client on a socket that keeps all it is told."""

    def __init__(self, line: ClientConnection) -> None:
        super().__init__()
        self.line = line
        self.pongs = 0
        self.listening = asyncio.create_task(self.listen())

    async def listen(self) -> None:
        async for message in self.line:
            if message == "pong":
                self.pongs += 1
                continue
            found = json.loads(message)
            assert "error" not in found, found
            if "table" in found:
                self.keep(found)

    async def caught_up(self) -> None:
        """Everything written before this has been read; raises what could not be kept."""
        wanted = self.pongs + 1
        await self.line.send("ping")
        while self.pongs < wanted:
            if self.listening.done():
                self.listening.result()
            await asyncio.sleep(0.005)


class Audience:
    """The watchers, their lines, and who owns what."""

    def __init__(self, venue: Venue, port: int) -> None:
        self.venue, self.port = venue, port
        self.public: list[Watcher] = []
        self.owners: list[tuple[Caller, Watcher]] = []

    async def join(self, topics: list[str], who: Caller | None = None) -> None:
        line = await connect(url(self.port), max_size=None, max_queue=None)
        watcher = Watcher(line)
        if who is not None:
            await line.send(json.dumps({"op": "authKeyExpires", "args": arguments_of(who)}))
            self.owners.append((who, watcher))
        else:
            self.public.append(watcher)
        await line.send(json.dumps({"op": "subscribe", "args": topics}))
        await watcher.caught_up()

    async def leave(self) -> None:
        watchers = [*self.public, *(watcher for _, watcher in self.owners)]
        for watcher in watchers:
            await watcher.caught_up()
        for watcher in watchers:
            await watcher.line.close()
            await watcher.listening


def test_the_stream_over_sockets_rest_and_the_engine_agree_after_ten_thousand_operations() -> None:
    audiences: list[Audience] = []

    async def play(venue: Venue, port: int, stop: asyncio.Event) -> None:
        crowd, audience = Crowd(venue, 4), Audience(venue, port)
        audiences.append(audience)
        await audience.join([*BOOKS, "trade"])
        for member in crowd.members:
            await audience.join(list(PRIVATE), member)
        for done in range(OPERATIONS):
            crowd.act()
            if done % AT_ONCE == 0:
                await asyncio.sleep(0)
            if done == OPERATIONS // 3:
                await audience.join([f"{book}:{symbol}" for book in BOOKS for symbol in SYMBOLS])
        crowd.move_prices()
        await asyncio.sleep(0.05)
        await audience.leave()

    on_sockets(play, soft_bytes=1 << 30, hard_bytes=1 << 30, account_interval_ns=1)
    (audience,) = audiences
    assert len(audience.public) == 2
    assert len(audience.owners) == 4
    for client in audience.public:
        check_books(audience.venue, client)
    for owner, client in audience.owners:
        check_account(owner, client)
    assert len(audience.public[0].rows("trade")) > OPERATIONS // 20
