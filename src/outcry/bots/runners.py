"""The loops around the cores: look, decide, act, wait.  First what they share, then the maker's, then the taker's.

What a runner quotes or trades is a fixed list of symbols, or a selection that looks at what there is every few seconds;
what a maker has quoted and is not to quote any more, it cancels.

A runner keeps no promise in its head that the venue has not confirmed: what it believes of its own orders comes from
answers, and after anything unexpected (no answer, 503, a refusal) it asks for all its open orders before it acts
again.  So a gateway may restart under it, or the venue be killed and started, and it goes on with what rests there.
At a clean stop it cancels what it placed.  Whatever the client raises by design is survived with a growing pause.
"""

import asyncio
import secrets
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

import structlog

from outcry.bots.market import Action, Amend, Cancel, Place, Resting, Terms, resting_of, terms_of
from outcry.bots.market_maker import MakerSettings, MarketMaker, Observation
from outcry.bots.pace import Pace
from outcry.bots.taker import Market, Taker, TakerSettings
from outcry.client import BadRequest, ClientError, Instrument, NotFound, Order, VenueClient

PASS_S = 1.0
RECONCILE_S = 4.0
"""Fills come unannounced over REST, so orders and positions are asked for that often."""
PAUSE_FIRST_S = 0.5
PAUSE_LAST_S = 8.0
STOP_S = 5.0

_log = structlog.get_logger("outcry.bots")


@dataclass(slots=True)
class _Patience:
    """A pause that doubles with every failure in a row."""

    pause_s: float = PAUSE_FIRST_S

    async def after(self, name: str, error: ClientError, stop: asyncio.Event) -> None:
        _log.warning("guest waits", guest=name, pause_s=self.pause_s, error=str(error))
        await pause(stop, self.pause_s)
        self.pause_s = min(PAUSE_LAST_S, self.pause_s * 2)

    def forget(self) -> None:
        self.pause_s = PAUSE_FIRST_S


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """Wait, or return at once when `stop` is set."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return


class Selection(Protocol):
    """Chooses what is quoted or traded."""

    @property
    def with_all_kinds(self) -> bool:
        """Whether it wants to see options too."""
        ...

    def choose(self, rows: Sequence[Instrument]) -> Mapping[str, MakerSettings]:
        """How each of the contracts it chooses is quoted, by symbol."""
        ...


@dataclass(frozen=True, slots=True)
class Listed:
    """These symbols, quoted by the settings of what they settle in."""

    symbols: Sequence[str]
    settings: Mapping[str, MakerSettings]
    with_all_kinds: bool = False

    def choose(self, rows: Sequence[Instrument]) -> Mapping[str, MakerSettings]:
        """Those that trade, or have."""
        settings = {row.symbol: self.settings.get(row.settlement_currency or "") for row in rows}
        return {symbol: one for symbol in self.symbols if (one := settings.get(symbol)) is not None}


@dataclass(slots=True)
class _Quoted:
    """One instrument of the maker's: its core and what is known of the account's orders there."""

    maker: MarketMaker
    orders: dict[str, Resting] = field(default_factory=dict)
    position: int = 0


class MakerRunner:
    """Quotes any number of instruments for one account."""

    def __init__(
        self, client: VenueClient, selection: Selection, seed: int, pace: Pace, *, pass_s: float = PASS_S
    ) -> None:
        self._client = client
        self._selection = selection
        self._pass_s = pass_s
        self._seed = seed
        self._pace = pace
        self._quoted: dict[str, _Quoted] = {}
        self._ids = f"maker-{secrets.token_hex(4)}"
        self._placed = 0
        self._known_s: float | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Quote until `stop` is set, then cancel everything."""
        patience = _Patience()
        while not stop.is_set():
            try:
                await self.quote_once()
                patience.forget()
            except ClientError as error:
                self.forget()
                await patience.after("market maker", error, stop)
            await pause(stop, self._pass_s)
        await self._leave()

    def forget(self) -> None:
        """Ask for orders and positions, and choose anew, with the next pass."""
        self._known_s = None

    async def quote_once(self) -> None:
        """One pass over all instruments."""
        rows = await self._paced_instruments()
        now_s = asyncio.get_running_loop().time()
        if self._known_s is None or now_s - self._known_s >= RECONCILE_S:
            await self._reconcile(rows)
            self._known_s = now_s
        for row in rows:
            quoted = self._quoted.get(row.symbol)
            if quoted is None or row.mark_price is None or row.state != "Open":
                continue
            terms = quoted.maker.terms
            observation = Observation(
                mark_milliticks=terms.milliticks_of(row.mark_price),
                lot_value_minor=terms.lot_value_minor(row.mark_price),
                position=quoted.position,
                orders=tuple(quoted.orders.values()),
            )
            for action in quoted.maker.decide(observation):
                if not await self._carry_out(quoted, action):
                    break

    async def _paced_instruments(self) -> list[Instrument]:
        await self._pace.wait()
        rows = await self._client.instruments(with_all_kinds=self._selection.with_all_kinds)
        self._pace.follow(self._client.limits.limit)
        return rows

    async def _reconcile(self, rows: Sequence[Instrument]) -> None:
        """Choose what to quote, and take over from the venue what rests there and what is held."""
        chosen = self._selection.choose(rows)
        for row in rows:
            terms = terms_of(row)
            if row.symbol in chosen and row.symbol not in self._quoted and terms is not None:
                maker = MarketMaker(terms, chosen[row.symbol], seed=self._seed + zlib.crc32(row.symbol.encode()))
                self._quoted[row.symbol] = _Quoted(maker)
        left = [symbol for symbol in self._quoted if symbol not in chosen]
        await self._pace.wait()
        open_orders = await self._client.orders(only_open=True)
        await self._pace.wait()
        held = {position.symbol: position.quantity for position in await self._client.positions()}
        for symbol, quoted in self._quoted.items():
            found = (resting_of(quoted.maker.terms, row) for row in open_orders)
            quoted.orders = {order.order_id: order for order in found if order is not None}
            quoted.position = held.get(symbol, 0)
        for symbol in left:
            await self._give_up(symbol)

    async def _give_up(self, symbol: str) -> None:
        """Quote a contract no more."""
        quoted = self._quoted.pop(symbol)
        if quoted.orders:
            await self._pace.wait()
            await self._client.cancel(order_ids=list(quoted.orders))

    async def _carry_out(self, quoted: _Quoted, action: Action) -> bool:
        """One action; False if the venue refused it, which is a sign that the picture is old."""
        await self._pace.wait()
        try:
            for row in await self._send(quoted.maker.terms, action):
                resting = resting_of(quoted.maker.terms, row)
                if resting is None:
                    quoted.orders.pop(row.order_id, None)
                else:
                    quoted.orders[row.order_id] = resting
        except (BadRequest, NotFound) as error:
            self.forget()
            _log.info("market maker was refused", action=repr(action), message=error.message)
            return False
        return True

    async def _send(self, terms: Terms, action: Action) -> list[Order]:
        if isinstance(action, Cancel):
            return await self._client.cancel(order_ids=[action.order_id])
        if isinstance(action, Amend):
            price = None if action.ticks is None else terms.price_of(action.ticks)
            return [await self._client.amend(action.order_id, quantity=action.quantity, price=price)]
        return [await self._place(terms, action)]

    async def _place(self, terms: Terms, action: Place) -> Order:
        self._placed += 1
        return await self._client.place(
            terms.symbol,
            action.side,
            action.quantity,
            price=terms.price_of(action.ticks),
            client_id=f"{self._ids}-{self._placed}",
            instructions=("ParticipateDoNotInitiate",),
        )

    async def _leave(self) -> None:
        try:
            async with asyncio.timeout(STOP_S):
                await self._client.cancel_all()
        except (ClientError, TimeoutError) as error:
            _log.warning("market maker left orders behind", error=str(error))


class TakerRunner:
    """Takes from any number of instruments for one account."""

    def __init__(
        self,
        client: VenueClient,
        selection: Selection,
        settings: dict[str, TakerSettings],
        seed: int,
        pace: Pace,
        *,
        pass_s: float = PASS_S,
    ) -> None:
        self._client = client
        self._selection = selection
        self._pass_s = pass_s
        self._taker = Taker(settings, seed)
        self._pace = pace
        self._held: dict[str, int] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Trade until `stop` is set."""
        patience = _Patience()
        while not stop.is_set():
            try:
                await self.trade_once()
                patience.forget()
            except ClientError as error:
                await patience.after("taker", error, stop)
            await pause(stop, self._pass_s)

    async def trade_once(self) -> None:
        """One pass over all instruments."""
        await self._pace.wait()
        rows = await self._client.instruments(with_all_kinds=self._selection.with_all_kinds)
        self._pace.follow(self._client.limits.limit)
        chosen = self._selection.choose(rows)
        for row in rows:
            terms = terms_of(row)
            if row.symbol not in chosen or terms is None or row.mark_price is None:
                continue
            await self._trade(row, terms, row.mark_price)

    async def _trade(self, row: Instrument, terms: Terms, mark_price: Decimal) -> None:
        market = Market(
            terms=terms,
            lot_value_minor=terms.lot_value_minor(mark_price),
            has_bid=row.bid_price is not None,
            has_ask=row.ask_price is not None,
            has_traded=row.last_price is not None,
            position=self._held.get(row.symbol, 0),
        )
        take = self._taker.decide(market)
        if take is None:
            return
        await self._pace.wait()
        try:
            await self._client.place(row.symbol, take.side, take.quantity)
        except BadRequest as error:
            _log.info("taker was refused", symbol=row.symbol, action=repr(take), message=error.message)
        await self._pace.wait()
        self._held = {position.symbol: position.quantity for position in await self._client.positions()}
