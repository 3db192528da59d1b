"""What a POST caused is in the sockets of the stream before the POST is answered: looked at without waiting.

Raw sockets, because a client's own loop or thread would hide which of the two came first.  Then the dead-man switch.
"""

import hashlib
import hmac
import json
import socket
import time
from typing import Any

import httpx
import pytest
from websockets.client import ClientProtocol
from websockets.frames import Frame
from websockets.http11 import Response
from websockets.sync.client import connect
from websockets.uri import parse_uri

from tests.venue import DemoUser, Venue

pytestmark = pytest.mark.venue

ROUNDS = 40
PRICE = 1_000.0


class RawLine:
    """A stream's client that only ever reads what is there."""

    def __init__(self, venue: Venue, user: DemoUser, topics: str) -> None:
        expires = int(time.time()) + 3_600
        signature = hmac.new(user.secret.encode(), f"GET/realtime{expires}".encode(), hashlib.sha256).hexdigest()
        target = f"/realtime?subscribe={topics}&api-key={user.key}&api-expires={expires}&api-signature={signature}"
        self.protocol = ClientProtocol(parse_uri(venue.url.replace("http", "ws") + target))
        self.socket = socket.create_connection(("127.0.0.1", venue.port))
        self.protocol.send_request(self.protocol.connect())
        self.socket.sendall(b"".join(self.protocol.data_to_send()))
        self.socket.setblocking(False)

    def there(self) -> list[Any]:
        """The messages that have come in by now."""
        found = []
        while True:
            try:
                data = self.socket.recv(1 << 20)
            except BlockingIOError:
                break
            assert data, "the venue hung up"
            self.protocol.receive_data(data)
        for event in self.protocol.events_received():
            if isinstance(event, Frame):
                found.append(json.loads(bytes(event.data)))
            else:
                assert isinstance(event, Response)
        return found


def call(client: httpx.Client, user: DemoUser, verb: str, asked: dict[str, Any]) -> Any:
    body = json.dumps(asked)
    expires = int(time.time()) + 60
    message = f"{verb}/api/v1/order{expires}{body}"
    signature = hmac.new(user.secret.encode(), message.encode(), hashlib.sha256).hexdigest()
    headers = {"api-key": user.key, "api-expires": str(expires), "api-signature": signature}
    answer = client.request(
        verb, "/api/v1/order", content=body, headers={**headers, "content-type": "application/json"}
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_rows_are_there_before_the_answer(venue: Venue) -> None:
    user = venue.users[1]
    lines = [RawLine(venue, user, "order,execution,margin,orderBookL2:DOGEUSDT") for _ in range(5)]
    tables: list[str] = []
    until_s = time.monotonic() + 60
    while any(line.protocol.state.name != "OPEN" for line in lines) or len(tables) < 4 * len(lines):
        assert time.monotonic() < until_s
        tables += [one["table"] for line in lines for one in line.there() if one.get("action") == "partial"]
    with httpx.Client(base_url=venue.url) as client:
        for _ in range(ROUNDS):
            time.sleep(0.05)
            for line in lines:
                line.there()
            asked = {"symbol": "DOGEUSDT", "side": "Buy", "orderQty": 1000, "price": 0.1}
            row = call(client, user, "POST", asked)
            for line in lines:
                check(line, row)
            (gone,) = call(client, user, "DELETE", {"orderID": row["orderID"]})
            for line in lines:
                check(line, gone)
    for line in lines:
        line.socket.close()


def check(line: RawLine, row: dict[str, Any]) -> None:
    told = line.there()
    assert [one["data"] for one in told if one["table"] == "order"] == [[row]]
    assert {"execution", "margin", "orderBookL2"} <= {one["table"] for one in told}


def test_who_says_nothing_in_time_has_his_orders_cancelled(venue: Venue) -> None:
    user = venue.users[1]
    expires = int(time.time()) + 3_600
    signature = hmac.new(user.secret.encode(), f"GET/realtime{expires}".encode(), hashlib.sha256).hexdigest()
    headers = {"api-key": user.key, "api-expires": str(expires), "api-signature": signature}
    url = venue.url.replace("http", "ws") + "/realtime?subscribe=order"
    with httpx.Client(base_url=venue.url) as client, connect(url, additional_headers=headers) as line:
        row = call(client, user, "POST", {"symbol": "DOGEUSDT", "side": "Buy", "orderQty": 1000, "price": 0.1})
        line.send('{"op":"cancelAllAfter","args":1000}')
        until_s = time.monotonic() + 60
        replies, states = [], []
        while "Canceled" not in states:
            message = json.loads(line.recv(max(0.0, until_s - time.monotonic())))
            if "cancelTime" in message:
                replies.append(message)
            states += [one["ordStatus"] for one in message.get("data", []) if one["orderID"] == row["orderID"]]
        (reply,) = replies
        assert reply["now"] < reply["cancelTime"]
        line.send('{"op":"cancelAllAfter","args":0}')
        assert json.loads(line.recv(60))["cancelTime"] == 0
