"""What is read without the parser is read as the parser reads it, and what is not plain is left to the parser."""

import random

import httptools
import pytest

from outcry.app import plain

ORDER = b'{"symbol":"XBTUSD","side":"Sell","orderQty":200,"price":60039.2}'
HEAD = b"POST /api/v1/order HTTP/1.1\r\nHost: x\r\ncontent-type: application/json\r\napi-key: k\r\napi-expires: 1\r\n"
PLACED = HEAD + b"content-length: %d\r\n\r\n" % len(ORDER) + ORDER
ASKED = (
    b"GET /api/v1/trade?symbol=XBTUSD&filter=%7B%22side%22:%22Buy%22%7D HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n"
    b"Accept-Encoding: gzip, deflate\r\nConnection: keep-alive\r\nUser-Agent: a b/1 (c; d)\r\n\r\n"
)
CANCELLED = b"DELETE /api/v1/order HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\na=1"
PIECES = (
    *(
        b"\r\n",
        b"\r",
        b"\n",
        b" ",
        b"\t",
        b":",
        b"\0",
        b"\x80",
        b"?",
        b"#",
        b"%",
        b"a",
        b"0",
        b"-1",
        b"\r\n\r\n",
        b"\r\n x: y",
    ),
    *(
        b"content-length: 3\r\n",
        b"Content-Length: 64\r\n",
        b"transfer-encoding: chunked\r\n",
        b"expect: 100-continue\r\n",
    ),
    *(
        b"connection: close\r\n",
        b"Connection: Upgrade\r\n",
        b"upgrade: websocket\r\n",
        b"HTTP/1.0",
        b"HTTP/1.1",
        b"POST ",
    ),
    *(
        b"x: y\r\n",
        b"x:y\r\n",
        b"x: \r\n",
        b"x: y \r\n",
        b"x : y\r\n",
        b"\xc3\xa4: y\r\n",
        b"{",
        b"}",
        b"api-key: z\r\n",
    ),
)


class Heard:
    """What the parser says of some bytes."""

    def __init__(self, data: bytes) -> None:
        self.url = self.body = b""
        self.headers: list[tuple[bytes, bytes]] = []
        self.ends = 0
        self.parser = httptools.HttpRequestParser(self)
        # As uvicorn has it.
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self.parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.ends += 1


def agree(data: bytes) -> bool:
    """Whether it was read; if it was, the parser has read the same."""
    read = plain.read(data)
    if read is None:
        return False
    verb, path, target, query, headers, body = read
    heard = Heard(data)
    assert heard.ends == 1
    assert heard.parser.get_method().decode() == verb
    assert heard.parser.get_http_version() == "1.1"
    assert heard.parser.should_keep_alive()
    assert not heard.parser.should_upgrade()
    assert (heard.url, heard.body) == (target, body)
    assert target.partition(b"?")[::2] == (path.encode(), query)
    assert dict(heard.headers) == headers
    assert len(heard.headers) == len(headers)
    return True


@pytest.mark.parametrize("data", [PLACED, ASKED, CANCELLED])
def test_what_clients_send_is_read(data: bytes) -> None:
    assert agree(data)


def test_damaged_requests_are_read_as_the_parser_reads_them_or_not_at_all() -> None:
    chance = random.Random(4)
    known = 0
    for _ in range(30_000):
        data = bytearray(chance.choice((PLACED, ASKED, CANCELLED)))
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(data))
            if chance.random() < 0.3 and b"\r\n" in data[at:]:
                # Between two lines, where a whole header has its place.
                at = data.index(b"\r\n", at) + 2
            data[at : at + chance.choice((0, 0, 1, 2, 9))] = chance.choice(PIECES)
        known += agree(bytes(data))
    # Many changes of a value, a body or a name of a header leave a request a plain one.
    assert known > 1_000


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\r\n" + PLACED,
        PLACED[:-1],
        PLACED + b"x",
        PLACED + PLACED,
        PLACED.replace(b"HTTP/1.1", b"HTTP/1.0"),
        PLACED.replace(b"POST ", b"PATCH "),
        PLACED.replace(b"/api", b"/%61pi"),
        PLACED.replace(b"api-key: k", b"connection: close"),
        PLACED.replace(b"api-key: k", b"connection: upgrade\r\nupgrade: websocket"),
        PLACED.replace(b"api-key: k", b"transfer-encoding: chunked"),
        PLACED.replace(b"api-key: k", b"expect: 100-continue"),
        PLACED.replace(b"api-key: k", b"content-length: 64"),
        PLACED.replace(b"api-key: k", b"api-expires: 2"),
        PLACED.replace(b"api-key: k", b"api-key: k\r\n folded"),
        PLACED.replace(b"api-key: k", b"api-key: k\t"),
        PLACED.replace(b"api-key: k", b"api-key: " + b"k" * plain.HEAD_BYTES_MAX),
        HEAD + b"".join(b"a%d: 1\r\n" % number for number in range(plain.HEADERS_MAX)) + b"\r\n",
    ],
)
def test_what_is_not_plain_is_left_to_the_parser(data: bytes) -> None:
    assert plain.read(data) is None
