"""A venue in this process for tests of views and gateway: a real engine, an exchange that applies to it at once, users
with keys, and a client that signs.  Nothing sleeps and nothing is on disk."""

import asyncio
import ctypes
import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx
import msgspec

from outcry.gateway.app import Front, create_app
from outcry.gateway.door import NoAnswer, Overloaded
from outcry.gateway.limits import Limits
from outcry.gateway.stream.settings import StreamSettings
from outcry.protocol import layout, wire
from outcry.protocol.layout import EventKind, Valuation
from outcry.views.recent import Recent
from tests.engine.worlds import World, listing, one

Observer = Callable[[wire.Entry, Sequence[wire.Event]], None]
VENUE_KEY = bytes(range(32))
FREE = Limits(signed_per_minute=10**6, unsigned_per_minute=10**6, orders_per_second=10**6)


@dataclass(frozen=True)
class FakeUser:
    id: int
    name: str
    handle: bytes


@dataclass(frozen=True)
class FakeKey:
    id: str
    secret: str
    user: FakeUser
    permissions: frozenset[str] = frozenset({"order", "orderCancel", "withdraw"})
    enabled: bool = True
    requests_per_minute: int | None = None
    orders_per_second: int | None = None


@dataclass
class FakePeople:
    keys: dict[str, FakeKey] = field(default_factory=dict)
    accounts: dict[int, int] = field(default_factory=dict)
    owners: dict[int, int] = field(default_factory=dict)

    def key(self, key_id: str) -> FakeKey | None:
        return self.keys.get(key_id)

    def set_account(self, user: Any, account: int) -> None:
        self.accounts[user.id] = account

    def accounts_of(self, user: Any) -> list[FakeUser]:
        main = self.owners.get(user.id, user.id)
        users = [key.user for key in self.keys.values()]
        own = [one for one in users if main in (one.id, self.owners.get(one.id))]
        return sorted(own, key=lambda one: (one.id != main, one.id))

    def add(self, name: str, **more: Any) -> FakeKey:
        number = len(self.keys) + 1
        user = FakeUser(number, name, number.to_bytes(16, "big"))
        self.keys[f"key-{name}"] = FakeKey(f"key-{name}", f"secret of {name}", user, **more)
        return self.keys[f"key-{name}"]


@dataclass(frozen=True)
class FakeOutcome:
    sequence: int
    time_ns: int
    events: Sequence[wire.Event]


class ObservedWorld(World):
    """A world whose entries a `Recent` observes."""

    def __init__(self) -> None:
        super().__init__()
        self.recent = Recent(self.engine)
        self.told: list[wire.Event] = []
        self.observers: list[Observer] = []
        """Told after `recent`, as the gateway's stream is."""
        self.made: list[ctypes.LittleEndianStructure] = []
        """Events that the next entry is told to have made beside its own."""

    def send(self, record: ctypes.LittleEndianStructure, payload: bytes = b"") -> list[wire.Event]:
        # A tick that must come first goes through here by itself.
        events = super().send(record, payload)
        entry = wire.entry_of(self.journal[-1])
        made, self.made = self.made, []
        events.extend(event_of(entry, len(events) + at, one) for at, one in enumerate(made))
        self.told.extend(events)
        for observe in (self.recent.observe, *self.observers):
            observe(entry, events)
        return events

    def tell(self, *records: ctypes.LittleEndianStructure) -> None:
        """An entry that is told to have made these events, whatever the engine knows of them."""
        self.made = list(records)
        self.carry_on(1)


def event_of(entry: wire.Entry, ordinal: int, record: ctypes.LittleEndianStructure) -> wire.Event:
    head = layout.EventHead()
    head.sequence, head.time_ns, head.ordinal = entry.head.sequence, entry.head.time_ns, ordinal
    head.kind = next(kind for kind, made in layout.EVENT_CLASSES.items() if made is type(record))
    head.record_bytes = ctypes.sizeof(record)
    return wire.Event(head, record)


class FakeExchange:
    """Applies at once; `silence` makes it raise instead."""

    def __init__(self, world: ObservedWorld) -> None:
        self.world = world
        self.commands: list[ctypes.LittleEndianStructure] = []
        self.silence: Exception | None = None

    async def execute(self, record: ctypes.LittleEndianStructure, payload: bytes = b"") -> FakeOutcome:
        if self.silence is not None:
            raise self.silence
        self.commands.append(record)
        events = self.world.send(record, payload)
        return FakeOutcome(self.world.engine.sequence, self.world.engine.time_ns, events)

    async def execute_all(self, commands: Sequence[tuple[ctypes.LittleEndianStructure, bytes]]) -> list[Any]:
        found: list[Any] = []
        for record, payload in commands:
            try:
                found.append(await self.execute(record, payload))
            except (NoAnswer, Overloaded) as problem:
                found.append(problem)
        return found

    async def wait_for(self, sequence: int) -> None:
        while self.world.engine.sequence < sequence:
            await asyncio.sleep(0.001)


def names_index(symbol: str, underlying: str) -> layout.ListIndex:
    record = layout.ListIndex()
    record.decimals = 2
    wire.put_text(record.symbol, symbol)
    wire.put_text(record.underlying, underlying)
    wire.put_text(record.quote, "USD")
    return record


def listed_world() -> ObservedWorld:
    """XBt and USDt; .BXBT at 60,000 and .BETH at 3,000; XBTUSD, ETHUSD (quanto), XBTUSDT."""
    world = ObservedWorld()
    world.currency("XBt", 8)
    world.currency("USDt", 6)
    for symbol, underlying in ((".BXBT", "XBT"), (".BETH", "ETH")):
        number = int(one(world.send(names_index(symbol, underlying)), EventKind.INDEX_LISTED).index)
        for name, weight in (("alpha", 600_000), ("beta", 400_000)):
            source = layout.ListConstituent()
            source.index = number
            source.weight_ppm = weight
            wire.put_text(source.name, name)
            world.send(source)
    world.send(listing("XBTUSD"))
    quanto = listing(
        "ETHUSD",
        index=2,
        valuation=Valuation.QUANTO,
        price_decimals=2,
        tick_units=5,
        subticks_per_tick=5,
        lot=1,
        multiplier_minor=100,
        quantity_max=10**7,
        initial_margin_ppm=10_000,
        maintenance_margin_ppm=5_000,
    )
    wire.put_text(quanto.underlying, "ETH")
    world.send(quanto)
    linear = listing(
        "XBTUSDT",
        currency=2,
        valuation=Valuation.LINEAR,
        multiplier_minor=1,
        contracts_per_underlying=1_000_000,
        initial_margin_ppm=10_000,
        maintenance_margin_ppm=5_000,
        maker_fee_ppm=-100,
        taker_fee_ppm=750,
        risk_limit_minor=10**12,
        risk_step_minor=10**12,
    )
    wire.put_text(linear.quote, "USDT")
    world.send(linear)
    for constituent, price in ((1, 60_000_00), (2, 60_000_00), (3, 3_000_00), (4, 3_000_00)):
        world.price(1 if constituent < 3 else 2, price, constituent)
    return world


class Venue:
    """The whole of it, with `alice` and `bob`, who have 10 XBT and 1,000,000 USDT each."""

    def __init__(self, limits: Limits = FREE, streaming: StreamSettings | None = None) -> None:
        self.world = listed_world()
        self.exchange = FakeExchange(self.world)
        self.people = FakePeople()
        self.now = self.world.now_ns / 1e9
        self.app: Front = create_app(
            self.exchange,
            self.world.engine,
            self.world.recent,
            self.people,
            venue_key=VENUE_KEY,
            limits=limits,
            streaming=streaming,
            clock=lambda: self.now,
        )
        self.world.observers.append(self.app.stream.observe)
        self.alice = self.member("alice")
        self.bob = self.member("bob")

    def member(self, name: str, **more: Any) -> "Caller":
        key = self.people.add(name, **more)
        record = layout.OpenAccount()
        wire.put_bytes(record.handle, key.user.handle)
        account = int(one(self.world.send(record), EventKind.ACCOUNT_OPENED).account)
        self.world.deposit(account, 10 * 10**8, 1)
        self.world.deposit(account, 10**12, 2)
        return Caller(self, key, account)

    def get(self, path: str, **query: Any) -> Any:
        """An unsigned GET's body."""
        answer = self.ask("GET", path + (f"?{urlencode(query)}" if query else ""))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def ask(self, verb: str, target: str, body: bytes = b"", headers: dict[str, str] | None = None) -> httpx.Response:
        """Any request, `target` under /api/v1 as it is to be sent."""
        return asyncio.run(self.send(verb, target, body, headers))

    async def send(self, verb: str, target: str, body: bytes, headers: dict[str, str] | None) -> httpx.Response:
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url="http://venue.test") as client:
            path = target if target.startswith("/outcry") else "/api/v1" + target
            return await client.request(verb, path, content=body, headers=headers or {})

    @property
    def state(self) -> tuple[int, bytes]:
        """Sequence and root."""
        return self.world.engine.sequence, self.world.engine.roots()[2]


class Caller:
    """One who signs."""

    def __init__(self, venue: Venue, key: FakeKey, account: int) -> None:
        self.venue = venue
        self.key = key
        self.account = account

    def headers(self, verb: str, target: str, body: bytes, expires: int | None = None) -> dict[str, str]:
        path = target if target.startswith("/outcry") else "/api/v1" + target
        deadline = str(int(self.venue.now) + 60 if expires is None else expires)
        message = f"{verb}{path}{deadline}".encode() + body
        signature = hmac.new(self.key.secret.encode(), message, hashlib.sha256).hexdigest()
        return {"api-key": self.key.id, "api-expires": deadline, "api-signature": signature}

    def ask(self, verb: str, path: str, asked: Any = None, *, raw: bytes | None = None) -> httpx.Response:
        """JSON in the body for writes, the query for reads."""
        target, body = path, b""
        headers = {}
        if raw is not None:
            body, headers = raw, {"content-type": "application/json"}
        elif asked is not None and verb == "GET":
            words = {
                name: value if isinstance(value, str) else msgspec.json.encode(value).decode()
                for name, value in asked.items()
            }
            target = f"{path}?{urlencode(words)}"
        elif asked is not None:
            body, headers = msgspec.json.encode(asked), {"content-type": "application/json"}
        return self.venue.ask(verb, target, body, {**headers, **self.headers(verb, target, body)})

    def ok(self, verb: str, path: str, asked: Any = None) -> Any:
        """The body of a 200."""
        answer = self.ask(verb, path, asked)
        assert answer.status_code == 200, (answer.status_code, answer.text)
        return answer.json()

    def order(self, side: str, quantity: int, price: Any = None, **more: Any) -> Any:
        """A placed order's row; XBTUSD unless said."""
        asked = {"symbol": "XBTUSD", "side": side, "orderQty": quantity, **more}
        if price is not None:
            asked["price"] = price
        return self.ok("POST", "/order", asked)

    def refused(self, verb: str, path: str, asked: Any = None, raw: bytes | None = None) -> tuple[int, str]:
        """Status and message of an error in BitMEX's shape."""
        answer = self.ask(verb, path, asked, raw=raw)
        body = answer.json()
        assert isinstance(body, dict), body
        assert set(body) == {"error"}, body
        assert isinstance(body["error"]["name"], str)
        return answer.status_code, body["error"]["message"]

    def refused_row(self, verb: str, orders: list[Any]) -> tuple[int, str]:
        """Status and message of a refused list of orders; the error may carry more."""
        answer = self.ask(verb, "/order/bulk", {"orders": orders})
        return answer.status_code, answer.json()["error"]["message"]
