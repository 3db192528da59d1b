"""The load of a soak: guests through the public API, each driven by a seed of its own.

A trader places, amends and cancels small orders, some of which take; it keeps few open.  A listener subscribes to some
topics for a minute or four, then hangs up and comes again; one of them reads slowly.  What a guest does is decided by
its seed alone; what it meets depends on the venue.  An answer that says no is counted by its words, and so is a line
that broke; nothing is repeated that might have acted.
"""

import asyncio
import contextlib
import json
import random
from collections import Counter
from decimal import Decimal

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from outcry.client import ClientError, Credentials, Instrument, Refused, VenueClient
from outcry.client.signing import signature

SYMBOLS = ("XBTUSD", "ETHUSD", "XBTUSDT", "SOLUSDT")
TOPICS = ("orderBookL2", "orderBookL2_25", "orderBook10", "trade", "quote", "instrument", "tradeBin1m", "liquidation")
PRIVATE_TOPICS = ("order", "execution", "position", "margin", "wallet")
TRADER_PAUSE_S = 0.12
OPEN_MAX = 20
LIFE_S = (60.0, 240.0)
SLOW_READ_S = 1.0
PASSIVE_TICKS = 200
LOOK_EVERY = 50
EXPIRES = 4_102_444_800
"""The year 2100."""


class Told:
    """What the guests have met, counted."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def note(self, what: str, times: int = 1) -> None:
        """It happened so often more."""
        self.counts[what] += times


async def trade(url: str, credentials: Credentials, seed: int, told: Told, stop: asyncio.Event) -> None:
    """Trade until told to stop, and leave nothing open."""
    dice = random.Random(seed)
    async with VenueClient(url, credentials, attempts=1) as client:
        open_orders: list[str] = []
        terms: dict[str, Instrument] = {}
        turn = 0
        while not stop.is_set():
            try:
                if turn % LOOK_EVERY == 0 or not terms:
                    terms = {one.symbol: one for one in await client.instruments() if one.symbol in SYMBOLS}
                    told.note("reads")
                await _act(client, dice, terms[dice.choice(sorted(terms))], open_orders, told)
            except Refused as problem:
                told.note(f"refused: {problem.status} {type(problem).__name__}")
                open_orders = [] if problem.status in (400, 404) and dice.random() < 0.1 else open_orders
            except ClientError as problem:
                told.note(f"lost: {type(problem).__name__}")
            turn += 1
            await _pause(stop, TRADER_PAUSE_S * dice.uniform(0.5, 1.5))
        with contextlib.suppress(ClientError):
            await client.cancel_all()


async def _act(client: VenueClient, dice: random.Random, one: Instrument, open_orders: list[str], told: Told) -> None:
    """One request."""
    tick, lot, last = one.tick, one.lot, one.mark_price or one.last_price
    if tick is None or lot is None or last is None:
        return
    chance = dice.random()
    if open_orders and (chance < 0.3 or len(open_orders) >= OPEN_MAX):
        await client.cancel(order_ids=[open_orders.pop(dice.randrange(len(open_orders)))])
        told.note("cancels")
        return
    side = dice.choice(("Buy", "Sell"))
    quantity = lot * dice.randint(1, 5)
    if chance < 0.4:
        await client.place(one.symbol, side, quantity)
        told.note("market orders")
    elif chance < 0.5:
        await client.positions()
        told.note("reads")
    else:
        away = tick * dice.randint(1, PASSIVE_TICKS)
        price = Decimal(int((last - away if side == "Buy" else last + away) / tick)) * tick
        order = await client.place(one.symbol, side, quantity, price=price, client_id=f"soak-{dice.getrandbits(64):x}")
        told.note("limit orders")
        if order.status in ("New", "PartiallyFilled"):
            open_orders.append(order.order_id)


async def listen(url: str, credentials: Credentials | None, seed: int, told: Told, stop: asyncio.Event) -> None:
    """Subscribe, read, hang up and come again until told to stop; the seed decides to what and how long."""
    dice = random.Random(seed)
    slow = seed % 16 == 0
    while not stop.is_set():
        topics = [f"{dice.choice(TOPICS)}:{dice.choice(SYMBOLS)}" for _ in range(dice.randint(1, 6))]
        try:
            async with connect(url, max_size=None, ping_interval=None, compression=None) as line:
                await _subscribe(line, credentials, topics)
                told.note("lines opened")
                await _read(line, dice.uniform(*LIFE_S), SLOW_READ_S if slow else 0.0, told, stop)
        except InvalidStatus as problem:
            told.note(f"line refused: {problem.response.status_code}")
            await _pause(stop, 5.0)
        except (ConnectionClosed, OSError, TimeoutError) as problem:
            told.note(f"line lost: {type(problem).__name__}")
            await _pause(stop, 1.0)


async def _subscribe(line: ClientConnection, credentials: Credentials | None, topics: list[str]) -> None:
    if credentials is not None:
        signed = signature(credentials.secret, "GET", b"/realtime", EXPIRES, b"")
        await line.send(json.dumps({"op": "authKeyExpires", "args": [credentials.key, EXPIRES, signed]}))
        topics = [*topics, *PRIVATE_TOPICS]
    await line.send(json.dumps({"op": "subscribe", "args": topics}))


async def _read(line: ClientConnection, seconds: float, pause_s: float, told: Told, stop: asyncio.Event) -> None:
    """Read what comes for so long."""
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while loop.time() < until and not stop.is_set():
        try:
            async with asyncio.timeout(1.0):
                message = await line.recv(decode=False)
        except TimeoutError:
            continue
        told.note("messages")
        told.note("message bytes", len(message))
        if pause_s:
            await asyncio.sleep(pause_s)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()
