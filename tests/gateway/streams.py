"""A client of the stream without a socket: it reads the frames that are written to it and keeps tables as BitMEX's
rules have it, strictly: what could not be kept by a client raises."""

import hashlib
import hmac
from collections.abc import Coroutine
from typing import Any

import msgspec

from outcry.gateway.stream.operations import Operations
from tests.gateway.venues import Caller, Venue

Row = dict[str, Any]
KEYLESS_KEPT = 100_000


class Table:
    """Rows by their keys, or in a row where a table has none."""

    def __init__(self) -> None:
        self.keys: tuple[str, ...] | None = None
        self.types: dict[str, str] = {}
        self.rows: list[Row] = []
        self.by_key: dict[tuple[Any, ...], Row] = {}

    def key(self, row: Row) -> tuple[Any, ...]:
        assert self.keys is not None
        return tuple(row[name] for name in self.keys)

    def partial(self, message: Row) -> None:
        self.keys, self.types = tuple(message["keys"]), message["types"]
        symbol = message["filter"].get("symbol")
        stays = [row for row in self.all() if symbol is not None and row["symbol"] != symbol]
        self.rows, self.by_key = [], {}
        self.insert(stays + message["data"])

    def insert(self, rows: list[Row]) -> None:
        for row in rows:
            if not self.keys:
                self.rows.append(row)
                continue
            assert self.key(row) not in self.by_key, f"inserted twice: {row}"
            self.by_key[self.key(row)] = dict(row)

    def update(self, rows: list[Row]) -> None:
        for row in rows:
            self.by_key[self.key(row)].update(row)

    def delete(self, rows: list[Row]) -> None:
        for row in rows:
            del self.by_key[self.key(row)]

    def all(self) -> list[Row]:
        return self.rows if not self.keys else list(self.by_key.values())


class Tables:
    """What a client keeps of what it is told."""

    def __init__(self) -> None:
        self.tables: dict[str, Table] = {}

    def keep(self, message: Row) -> None:
        table = self.tables.setdefault(message["table"], Table())
        if message["action"] == "partial":
            table.partial(message)
        else:
            assert table.keys is not None, f"a change before the partial: {message}"
            getattr(table, message["action"])(message["data"])

    def rows(self, table: str) -> list[Row]:
        return self.tables[table].all()


class StreamClient(Tables):
    """A line of the stream, and the client at its other end."""

    def __init__(self, venue: Venue, who: Caller | None = None, address: str = "192.0.2.1", query: str = "") -> None:
        super().__init__()
        self.venue = venue
        self.hub = venue.app.stream
        self.operations = Operations(self.hub)
        self.told: list[Any] = []
        self.unread = 0
        self.closed: tuple[int, str] | None = None
        headers = {} if who is None else signed(who)
        arrival = self.operations.admit("/realtime" + query, headers, address)
        self.session = self.hub.join(self, address)
        finish(self.operations.begin(self.session, arrival))

    # What the hub calls.

    def write(self, data: bytes) -> None:
        assert self.closed is None
        for message in messages_in(data):
            found = message.decode() if message == b"pong" else msgspec.json.decode(message)
            self.told.append(found)
            if isinstance(found, dict) and "table" in found:
                self.keep(found)

    def waiting_bytes(self) -> int:
        return self.unread

    def close(self, code: int, reason: str) -> None:
        self.closed = code, reason

    # What the client does.

    def ask(self, operation: str, *arguments: Any) -> list[Any]:
        """Send an operation; returns what came back."""
        return self.send(msgspec.json.encode({"op": operation, "args": list(arguments)}))

    def send(self, message: bytes) -> list[Any]:
        before = len(self.told)
        finish(self.operations.receive(self.session, message))
        return self.told[before:]

    def subscribe(self, *topics: str) -> list[Any]:
        found = self.ask("subscribe", *topics)
        assert [one for one in found if "error" in one] == []
        return found

    def news(self) -> list[Any]:
        """What a flush brings."""
        before = len(self.told)
        self.hub.flush()
        return self.told[before:]


def signed(who: Caller, expires: int | None = None) -> dict[bytes, bytes]:
    deadline = int(who.venue.now) + 60 if expires is None else expires
    signature = hmac.new(who.key.secret.encode(), f"GET/realtime{deadline}".encode(), hashlib.sha256).hexdigest()
    return {b"api-key": who.key.id.encode(), b"api-expires": b"%d" % deadline, b"api-signature": signature.encode()}


def arguments_of(who: Caller, expires: int | None = None) -> list[Any]:
    """The arguments of authKeyExpires."""
    headers = signed(who, expires)
    return [
        headers[b"api-key"].decode(),
        int(headers[b"api-expires"]),
        headers[b"api-signature"].decode(),
    ]


def finish(waiting: Coroutine[Any, Any, None] | None) -> None:
    """Run what never really waits, because the exchange of these tests answers at once."""
    if waiting is None:
        return
    try:
        waiting.send(None)
    except StopIteration:
        return
    raise AssertionError("it waits for something")


def messages_in(data: bytes) -> list[bytes]:
    """The text messages in a server's frames."""
    found = []
    while data:
        assert data[0] == 0x81, "a whole text frame"
        length, start = data[1], 2
        assert length < 128, "servers do not mask"
        if length == 126:
            length, start = int.from_bytes(data[2:4], "big"), 4
        elif length == 127:
            length, start = int.from_bytes(data[2:10], "big"), 10
        found.append(data[start : start + length])
        data = data[start + length :]
    return found
