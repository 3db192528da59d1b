"""Clients that trade through faults, and what each of them knows of its own commands.

A client writes down what was answered and what was not, and asks for the fate of the latter as a real one would: by
sending the same order with the same client id again.  Most orders rest, some meet, some are amended and cancelled.
`look` then asks over HTTP whether everything that was answered is there, once, as it was answered.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from decimal import Decimal

from outcry.client import (
    BadRequest,
    Credentials,
    NotFound,
    Order,
    Overloaded,
    RateLimited,
    Unreachable,
    VenueClient,
)

SYMBOL = "XBTUSD"
QUANTITY = 100
FAR_BUY, FAR_SELL = Decimal(20_000), Decimal(200_000)
RESTING_MAX = 40
"""With more of its orders open a client cancels all of them."""
ASKED_AT_ONCE = 25
PAUSE_S = 0.02
PACE_S = 0.004
"""Between two commands of one client, so that clients do not take all of the machine."""
DUPLICATE = "Duplicate clOrdID"
CANCELLED = "Canceled"


@dataclass(slots=True)
class Ledger:
    """What one client knows of its own orders, by client id."""

    name: str
    answered: dict[str, Order] = field(default_factory=dict)
    """Placed, with the first answer, or the row found after none had come."""
    ended: dict[str, Order] = field(default_factory=dict)
    """Cancelled, with that answer."""
    amended: set[str] = field(default_factory=set)
    """Made twice as large, and answered so."""
    refused: set[str] = field(default_factory=set)
    """Orders that the venue said no to."""
    missed: list[str] = field(default_factory=list)
    """Orders that the venue does not know any more, though it had answered."""
    commands: int = 0
    """Answers of any kind to commands."""
    unanswered: int = 0
    """Commands whose fate had to be asked for."""
    looked: int = 0
    """How many of the answered `look` has asked for."""


@dataclass(slots=True)
class Seen:
    """What `look` found wrong; empty when nothing is."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)


class Client:
    """One trader; `trade` goes on until it is cancelled."""

    def __init__(self, url: str, ledger: Ledger, credentials: Credentials, seed: int) -> None:
        self.ledger = ledger
        self._url = url
        self._credentials = credentials
        self._chance = random.Random(seed)
        self._resting: dict[str, Order] = {}
        self._number = 0

    def connection(self, attempts: int = 8) -> VenueClient:
        """A connection of its own."""
        return VenueClient(self._url, self._credentials, attempts=attempts, timeout_s=10)

    async def trade(self) -> None:
        """Send one command after another, whatever becomes of the venue meanwhile."""
        async with self.connection(attempts=1) as venue:
            mark = Decimal(0)
            while True:
                try:
                    if not mark or not self._chance.randrange(50):
                        mark = await self._mark(venue)
                    await self._act(venue, mark)
                except (Unreachable, Overloaded, RateLimited):
                    await asyncio.sleep(PAUSE_S)
                await asyncio.sleep(PACE_S)

    async def _mark(self, venue: VenueClient) -> Decimal:
        try:
            row = await venue.instrument(SYMBOL)
        except BadRequest:
            # It is not listed yet.
            return Decimal(0)
        return row.mark_price if row is not None and row.mark_price is not None else Decimal(0)

    async def _act(self, venue: VenueClient, mark: Decimal) -> None:
        """One command, chosen at random."""
        if len(self._resting) > RESTING_MAX:
            await self._cancel_all(venue)
            return
        draw = self._chance.randrange(10)
        if draw < 7 or not self._resting:
            self._number += 1
            name = f"{self.ledger.name}-{self._number}"
            side = self._chance.choice(("Buy", "Sell"))
            price = FAR_BUY if side == "Buy" else FAR_SELL
            if draw < 4 and mark:
                # All of these meet at one price, whoever comes second takes.
                price = mark.quantize(Decimal(1))
            await self._place(venue, name, side, price)
            return
        name = self._chance.choice(list(self._resting))
        if draw == 7:
            await self._amend(venue, name)
        else:
            await self._cancel(venue, name)

    async def _place(self, venue: VenueClient, name: str, side: str, price: Decimal) -> None:
        """Place an order, again and again until its fate is known."""
        ledger, again = self.ledger, False
        while True:
            try:
                order = await venue.place(SYMBOL, side, QUANTITY, price=price, client_id=name)
            except BadRequest as problem:
                if problem.message == DUPLICATE and again:
                    order = await self._found(name)
                else:
                    ledger.commands += 1
                    ledger.refused.add(name)
                    return
            except (Unreachable, Overloaded, RateLimited):
                ledger.unanswered += not again
                again = True
                await asyncio.sleep(PAUSE_S)
                continue
            ledger.commands += 1
            ledger.answered[name] = order
            if order.status in ("New", "PartiallyFilled"):
                self._resting[name] = order
            return

    async def _found(self, name: str) -> Order:
        """The order of that client id, which is known to be there."""
        async with self.connection() as venue:
            while True:
                try:
                    (row,) = await venue.orders(client_ids=[name])
                except (Unreachable, Overloaded, RateLimited):
                    await asyncio.sleep(PAUSE_S)
                else:
                    return row

    async def _amend(self, venue: VenueClient, name: str) -> None:
        order = self._resting[name]
        if order.leaves_quantity != QUANTITY or order.price not in (FAR_BUY, FAR_SELL):
            await self._cancel(venue, name)
            return
        try:
            await venue.amend(order.order_id, quantity=2 * QUANTITY)
        except (BadRequest, NotFound):
            # It has met another order since.
            self._resting.pop(name)
        else:
            self.ledger.amended.add(name)
        self.ledger.commands += 1

    async def _cancel(self, venue: VenueClient, name: str) -> None:
        order = self._resting.pop(name)
        try:
            (row,) = await venue.cancel(order_ids=[order.order_id])
        except NotFound:
            self.ledger.missed.append(name)
            return
        self.ledger.commands += 1
        if row.error is None and row.status == CANCELLED:
            self.ledger.ended[name] = row

    async def _cancel_all(self, venue: VenueClient) -> None:
        self._resting.clear()
        rows = await venue.cancel_all()
        self.ledger.commands += 1
        for row in rows:
            # An order whose own answer is still awaited is not in the ledger yet.
            if row.client_id in self.ledger.answered and row.status == CANCELLED:
                self.ledger.ended[row.client_id] = row

    async def look(self, *, anew: bool = False) -> Seen:
        """Ask for all that was answered since the last look, or for the last of all: is it there, once, as told?"""
        ledger = self.ledger
        seen = Seen(lost=list(ledger.missed))
        names = list(ledger.answered)
        asked_for = names[-4 * ASKED_AT_ONCE :] if anew else names[ledger.looked :][-4 * ASKED_AT_ONCE :]
        # What is cancelled while the question is under way may be answered either way.
        ended, amended = set(ledger.ended), set(ledger.amended)
        async with self.connection() as venue:
            for start in range(0, len(asked_for), ASKED_AT_ONCE):
                rows = await self._rows(venue, asked_for, start)
                self._compare(asked_for[start : start + ASKED_AT_ONCE], rows, ended, amended, seen)
        ledger.looked = len(names)
        return seen

    async def _rows(self, venue: VenueClient, names: Sequence[str], start: int) -> list[Order]:
        """The rows of some; a venue that is about to come back is waited for."""
        while True:
            try:
                return await venue.orders(client_ids=names[start : start + ASKED_AT_ONCE])
            except (Unreachable, Overloaded, RateLimited):
                await asyncio.sleep(PAUSE_S)

    def _compare(
        self, names: Sequence[str], rows: Sequence[Order], ended: Set[str], amended: Set[str], seen: Seen
    ) -> None:
        found = Counter(row.client_id for row in rows)
        seen.lost += [name for name in names if not found[name]]
        seen.doubled += [name for name in names if found[name] > 1]
        for row in rows:
            name = row.client_id or ""
            told = self.ledger.answered.get(name)
            if told is not None and row.order_id != told.order_id:
                seen.lost.append(f"{name} as order {told.order_id}")
            if name in ended and row.status != CANCELLED:
                seen.lost.append(f"the cancel of {name}")
            if name in amended and row.quantity != 2 * QUANTITY:
                seen.lost.append(f"the amend of {name}")

    async def repeat_last(self) -> list[str]:
        """Send the last answered order again: it must be refused as a duplicate.  What acted twice."""
        if not self.ledger.answered:
            return []
        name, told = list(self.ledger.answered.items())[-1]
        async with self.connection(attempts=1) as venue:
            while True:
                try:
                    await venue.place(SYMBOL, told.side or "Buy", QUANTITY, price=FAR_BUY, client_id=name)
                except BadRequest as problem:
                    return [] if problem.message == DUPLICATE or "cancel" in problem.message.lower() else [name]
                except (Unreachable, Overloaded, RateLimited):
                    await asyncio.sleep(PAUSE_S)
                    continue
                return [name]


class Load:
    """All clients."""

    def __init__(self, clients: Sequence[Client]) -> None:
        self.clients = clients
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def ledgers(self) -> list[Ledger]:
        """What they know."""
        return [client.ledger for client in self.clients]

    @property
    def answered(self) -> int:
        """Commands answered so far."""
        return sum(ledger.commands for ledger in self.ledgers)

    def start(self) -> None:
        """Trade from now on."""
        self._tasks = [asyncio.create_task(client.trade()) for client in self.clients]

    async def stop(self) -> None:
        """Trade no more.  Raises what went wrong with a client, such as an answer that it does not understand."""
        for task in self._tasks:
            task.cancel()
        for told in await asyncio.gather(*self._tasks, return_exceptions=True):
            if isinstance(told, BaseException) and not isinstance(told, asyncio.CancelledError):
                raise told
        self._tasks = []

    async def abandon(self) -> None:
        """Trade no more, whatever went wrong before."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    def check(self) -> None:
        """Raises what has ended a client."""
        for task in self._tasks:
            if task.done():
                task.result()

    async def look(self, *, anew: bool = False) -> Seen:
        """What all of them find."""
        found = Seen()
        for seen in await asyncio.gather(*(client.look(anew=anew) for client in self.clients)):
            found.lost += seen.lost
            found.doubled += seen.doubled
        for name in await self.clients[0].repeat_last():
            found.doubled.append(name)
        return found
