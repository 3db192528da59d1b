"""The load of `outcry bench gateway`: a process of its own that signs before it begins and then only sends and counts.

`python -m outcry.app.bench.load` reads a `Plan` as JSON from standard input and writes a `Result` to standard output.
Each client is one TCP line that is kept open; it sends its next request when the answer to the last is whole.  Unpaced
it sends at once, so what is measured is what the gateway can do; paced it sends at fixed times whatever came before,
and the wait is counted from the time at which a request was due, so that a pause of the gateway is not hidden.  An
answer with a refused order in it counts as refused.
Never waits for anything but sockets.  Known limit: one thread, about 30,000 requests a second on its own.
"""

import hashlib
import hmac
import random
import select
import socket
import sys
import time
from collections.abc import Sequence

import msgspec

EXPIRES = b"4102444800"
"""The year 2100."""
RECEIVE_BYTES = 1 << 20
SECOND_NS = 10**9
QUIET_S = 10.0


class Signer(msgspec.Struct, frozen=True):
    """A key."""

    id: str
    secret: str


class Plan(msgspec.Struct, frozen=True):
    """What is sent: so many orders a request, over one line for each signer."""

    host: str
    port: int
    signers: list[Signer]
    seconds: float
    orders_per_request: int
    requests_per_second: float
    """Of all lines together; 0 for as fast as answers come."""
    symbol: str
    price: float
    tick: float
    lot: int
    seed: int
    variants: int = 64
    """Different requests of each line, sent in turn."""


class Result(msgspec.Struct, frozen=True):
    """What came back."""

    requests: int
    refused: int
    first_refusal: str
    seconds: float
    cpu_seconds: float
    median_ms: float
    p99_ms: float
    worst_ms: float


class Line:
    """One client."""

    def __init__(self, plan: Plan, requests: Sequence[bytes]) -> None:
        self.socket = socket.create_connection((plan.host, plan.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.requests = requests
        self.sent = 0
        self.begun_ns = 0
        self.missing = 0
        """Bytes of the answer that have not come; 0 while none is expected or nothing is known of its length."""
        self.head = b""
        self.refused = False
        """Whether the answer says so somewhere."""

    def send(self, begun_ns: int) -> None:
        """Send the next request."""
        self.begun_ns = begun_ns
        self.socket.sendall(self.requests[self.sent % len(self.requests)])
        self.sent += 1

    def receive(self) -> bytes | None:
        """The answer's beginning once it is whole.  Raises `ConnectionError` when the line is closed."""
        data = self.socket.recv(RECEIVE_BYTES)
        if not data:
            raise ConnectionError("the gateway has closed a line")
        self.refused = self.refused or b'"error":' in data
        if self.missing:
            self.missing -= len(data)
            return None if self.missing else self.head
        data = self.head + data
        end = data.find(b"\r\n\r\n")
        if end < 0:
            self.head = data
            return None
        begin = data.find(b"content-length: ") + 16
        length = int(data[begin : data.find(b"\r\n", begin)])
        self.missing = end + 4 + length - len(data)
        self.head = data if self.missing else b""
        return None if self.missing else data

    def finish(self) -> None:
        """Forget the answer."""
        self.head, self.refused = b"", False


def request_of(plan: Plan, signer: Signer, chance: random.Random) -> bytes:
    """One signed request with its orders: nine of ten rest within 400 ticks of the price, one takes what is there."""
    orders = []
    for _ in range(plan.orders_per_request):
        sign = chance.choice((-1, 1))
        takes = chance.random() < 0.1
        distance = chance.randrange(1, 400) * plan.tick * (sign if takes else -sign)
        order = {
            "symbol": plan.symbol,
            "side": "Buy" if sign > 0 else "Sell",
            "orderQty": plan.lot * chance.randrange(1, 10),
            "price": round(plan.price + distance, 6),
        }
        if takes:
            order["timeInForce"] = "ImmediateOrCancel"
        orders.append(order)
    single = plan.orders_per_request == 1
    path = b"/api/v1/order" if single else b"/api/v1/order/bulk"
    body = msgspec.json.encode(orders[0] if single else {"orders": orders})
    signature = hmac.new(signer.secret.encode(), b"POST" + path + EXPIRES + body, hashlib.sha256).hexdigest()
    head = (
        f"POST {path.decode()} HTTP/1.1\r\nhost: {plan.host}\r\ncontent-type: application/json\r\n"
        f"api-key: {signer.id}\r\napi-expires: {EXPIRES.decode()}\r\napi-signature: {signature}\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Load:
    """All lines, and what they have seen."""

    def __init__(self, plan: Plan) -> None:
        chance = random.Random(plan.seed)
        self.plan = plan
        self.lines: dict[int, Line] = {}
        for signer in plan.signers:
            line = Line(plan, [request_of(plan, signer, chance) for _ in range(plan.variants)])
            self.lines[line.socket.fileno()] = line
        self.waits_ns: list[int] = []
        self.refused = 0
        self.first_refusal = ""
        self._poll = select.epoll()
        for number in self.lines:
            self._poll.register(number, select.EPOLLIN)

    def run(self) -> None:
        """Send for as long as the plan says, then wait for what is on its way."""
        end_ns = time.perf_counter_ns() + round(self.plan.seconds * SECOND_NS)
        if self.plan.requests_per_second:
            self._paced(end_ns)
        else:
            self._unpaced(end_ns)

    def _unpaced(self, end_ns: int) -> None:
        for line in self.lines.values():
            line.send(time.perf_counter_ns())
        waiting = len(self.lines)
        while waiting:
            for line in self._answered(QUIET_S):
                now_ns = time.perf_counter_ns()
                self.waits_ns.append(now_ns - line.begun_ns)
                if now_ns < end_ns:
                    line.send(now_ns)
                else:
                    waiting -= 1

    def _paced(self, end_ns: int) -> None:
        """Line after line in turn; one whose answer is late sends when it has come, its wait counted from its time."""
        step_ns = round(SECOND_NS / self.plan.requests_per_second)
        lines = list(self.lines.values())
        due: dict[Line, list[int]] = {line: [] for line in lines}
        idle = set(lines)
        next_ns, turn = time.perf_counter_ns(), 0
        while next_ns < end_ns or len(idle) < len(lines):
            now_ns = time.perf_counter_ns()
            while next_ns <= now_ns and next_ns < end_ns:
                due[lines[turn]].append(next_ns)
                turn, next_ns = (turn + 1) % len(lines), next_ns + step_ns
            for line in [one for one in idle if due[one]]:
                idle.discard(line)
                line.send(due[line].pop(0))
            for line in self._answered(max(0.0, min(QUIET_S, (next_ns - time.perf_counter_ns()) / SECOND_NS))):
                self.waits_ns.append(time.perf_counter_ns() - line.begun_ns)
                idle.add(line)

    def _answered(self, seconds: float) -> list[Line]:
        """Lines whose answer is whole now."""
        whole = []
        for number, _ in self._poll.poll(seconds):
            line = self.lines[number]
            answer = line.receive()
            if answer is not None:
                whole.append(line)
                if line.refused or not answer.startswith(b"HTTP/1.1 200"):
                    self.refused += 1
                    self.first_refusal = self.first_refusal or answer[:2_000].decode(errors="replace")
                line.finish()
        return whole


def main() -> None:
    """Carry out the plan."""
    plan = msgspec.json.decode(sys.stdin.buffer.read(), type=Plan)
    load = Load(plan)
    cpu = time.process_time()
    begun = time.perf_counter()
    load.run()
    seconds = time.perf_counter() - begun
    waits_ns = sorted(load.waits_ns)
    result = Result(
        requests=len(waits_ns),
        refused=load.refused,
        first_refusal=load.first_refusal,
        seconds=seconds,
        cpu_seconds=time.process_time() - cpu,
        median_ms=waits_ns[len(waits_ns) // 2] / 1e6,
        p99_ms=waits_ns[len(waits_ns) * 99 // 100] / 1e6,
        worst_ms=waits_ns[-1] / 1e6,
    )
    sys.stdout.buffer.write(msgspec.json.encode(result))


if __name__ == "__main__":
    main()
