"""One signed request after another over one line that is kept open, for measurements that look at each answer.

Cheaper than a client library, so that the load takes little of the machine that it shares with the venue.  Knows only
what the gateway sends: a status line, headers with a length, a body.
"""

import asyncio
import hashlib
import hmac
from typing import NamedTuple

import msgspec

from outcry.app.bench.load import EXPIRES, Signer

HOST = "127.0.0.1"


class Answer(NamedTuple):
    """A whole answer; the head as it came."""

    status: int
    head: bytes
    body: bytes


class Line:
    """A line to a venue of this machine."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def open(self) -> None:
        """Connect.  Raises `OSError`."""
        self._reader, self._writer = await asyncio.open_connection(HOST, self._port)

    async def is_there(self) -> bool:
        """Whether anybody listens; connects for the moment."""
        try:
            await self.open()
        except OSError:
            return False
        assert self._writer is not None
        self._writer.close()
        return True

    async def ask(self, signer: Signer, verb: bytes, path: bytes, parameters: dict[str, object]) -> Answer:
        """Send a request and wait for its answer.  Raises `OSError` or `EOFError` when the line ends."""
        assert self._reader is not None
        assert self._writer is not None
        body = msgspec.json.encode(parameters)
        signature = hmac.new(signer.secret.encode(), verb + path + EXPIRES + body, hashlib.sha256).hexdigest()
        head = (
            f"{verb.decode()} {path.decode()} HTTP/1.1\r\nhost: {HOST}\r\ncontent-type: application/json\r\n"
            f"api-key: {signer.id}\r\napi-expires: {EXPIRES.decode()}\r\napi-signature: {signature}\r\n"
            f"content-length: {len(body)}\r\n\r\n"
        )
        self._writer.write(head.encode() + body)
        answer = await self._reader.readuntil(b"\r\n\r\n")
        length = answer.partition(b"content-length: ")[2].partition(b"\r\n")[0]
        return Answer(int(answer[9:12]), answer, await self._reader.readexactly(int(length)))
