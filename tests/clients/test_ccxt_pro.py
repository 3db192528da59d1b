"""ccxt.pro as its users run it, against a running venue (section 6.B of the wire reference), and nothing of ours.

One client watches, another trades through REST; each watch has to come true within seconds.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import ccxt.pro
import pytest

from tests.venue import Venue

pytestmark = pytest.mark.venue

SYMBOL = "BTC/USD:BTC"
SOON_S = 60.0
RANDOM_ORDERS = 300
PACE_S = 0.021
"""A demo user may send fifty orders a second."""


def client(venue: Venue, number: int) -> Any:
    user = venue.users[number]
    stream = venue.url.replace("http", "ws") + "/realtime"
    return ccxt.pro.bitmex(
        {
            "apiKey": user.key,
            "secret": user.secret,
            "enableRateLimit": False,
            "urls": {"api": {"public": venue.url, "private": venue.url, "ws": stream}},
        }
    )


def play(venue: Venue, game: Callable[[Any, Any], Coroutine[Any, Any, None]]) -> None:
    """Two users' clients, closed at the end."""

    async def main() -> None:
        watcher, trader = client(venue, 0), client(venue, 1)
        try:
            await asyncio.gather(watcher.load_markets(), trader.load_markets())
            await game(watcher, trader)
            await asyncio.sleep(0.2)
            await watcher.cancel_all_orders()
            await trader.cancel_all_orders()
        finally:
            await watcher.close()
            await trader.close()

    asyncio.run(asyncio.wait_for(main(), 300))


async def soon(watch: Awaitable[Any]) -> Any:
    return await asyncio.wait_for(watch, SOON_S)


async def until(wanted: Callable[[], bool]) -> None:
    """Wait until what a client keeps is as wanted."""
    async with asyncio.timeout(SOON_S):
        while not wanted():
            await asyncio.sleep(0.02)


def partials_of(watcher: Any) -> set[str]:
    """The tables of which the client has taken in a partial; to be called before its first watch."""
    begun: set[str] = set()
    handle = watcher.handle_message

    def noted(line: Any, message: Any) -> None:
        handle(line, message)
        if message.get("action") == "partial":
            begun.add(message["table"])

    watcher.handle_message = noted
    return begun


def test_public_watches(venue: Venue) -> None:
    async def game(watcher: Any, trader: Any) -> None:
        book = await soon(watcher.watch_order_book(SYMBOL))
        assert book["bids"][0][0] < book["asks"][0][0]
        top = await soon(watcher.watch_order_book("ETH/USD:BTC", 25))
        assert 0 < len(top["bids"]) <= 25
        ticker = await soon(watcher.watch_ticker(SYMBOL))
        for name in ("bid", "ask", "last", "high", "low", "vwap", "markPrice"):
            assert ticker[name] is not None, name
        # A change must not take away what it does not change.
        again = await soon(watcher.watch_ticker(SYMBOL))
        assert again["bid"] is not None
        assert again["last"] is not None
        trades = watcher.watch_trades(SYMBOL)
        await soon(trades)
        own = await trader.create_order(SYMBOL, "market", "buy", 100)
        await until(lambda: any(one["timestamp"] == own["timestamp"] for one in watcher.trades[SYMBOL]))
        await trader.create_order(SYMBOL, "market", "sell", 100)

    play(venue, game)


def test_private_watches(venue: Venue) -> None:
    async def game(watcher: Any, trader: Any) -> None:
        begun = partials_of(watcher)
        balance = await soon(watcher.watch_balance())
        assert balance["BTC"]["total"] > 0
        orders = asyncio.ensure_future(watcher.watch_orders(SYMBOL))
        fills = asyncio.ensure_future(watcher.watch_my_trades(SYMBOL))
        positions = asyncio.ensure_future(watcher.watch_positions([SYMBOL]))
        # What happens before a subscription would not be told.
        await until(lambda: {"order", "execution", "position"} <= begun)
        bought = await watcher.create_order(SYMBOL, "market", "buy", 100)
        seen = await soon(orders)
        assert [one["id"] for one in seen] == [bought["id"]]
        found = await soon(fills)
        assert {one["order"] for one in found} == {bought["id"]}
        assert sum(one["amount"] for one in found) == 100
        held = await soon(positions)
        assert held[0]["contracts"] == 100
        assert held[0]["side"] == "long"
        await until(lambda: watcher.orders[-1]["status"] == "closed")
        assert watcher.orders[-1]["info"]["cumQty"] == 100
        resting = await watcher.create_order(SYMBOL, "limit", "buy", 100, 1000.0)
        await until(lambda: watcher.orders[-1]["id"] == resting["id"])
        assert watcher.orders[-1]["status"] == "open"
        await watcher.cancel_order(resting["id"], SYMBOL)
        await until(lambda: watcher.orders[-1]["status"] == "canceled")
        await watcher.close_position(SYMBOL, "sell")

    play(venue, game)


@pytest.mark.slow
def test_a_candle_is_told_or_waited_for(venue: Venue) -> None:
    """The watch resolves with the partial once a minute has ended, and otherwise when it ends."""

    async def game(watcher: Any, trader: Any) -> None:
        await trader.create_order(SYMBOL, "market", "buy", 100)
        await trader.create_order(SYMBOL, "market", "sell", 100)
        candles = await asyncio.wait_for(watcher.watch_ohlcv(SYMBOL, "1m"), 135)
        assert candles[-1][4] > 0

    play(venue, game)


def test_the_book_is_what_rest_says_after_random_orders(venue: Venue) -> None:
    """In a book that no maker quotes, so that nothing moves between the two looks."""
    symbol, generator = "DOGE/USDT:USDT", random.Random(5)

    async def game(watcher: Any, trader: Any) -> None:
        market = trader.market(symbol)
        middle, tick = 0.2, market["precision"]["price"]
        # Small orders would be hidden after the tenth (ORD-21).
        quantity = 10 * int(market["info"]["lotSize"])
        live: list[str] = []
        await soon(watcher.watch_order_book(symbol))
        for _ in range(RANDOM_ORDERS):
            await asyncio.sleep(PACE_S)
            if live and generator.random() < 0.4:
                order_id = live.pop(generator.randrange(len(live)))
                await trader.private_delete_order({"orderID": order_id})
                continue
            side = generator.choice(["Buy", "Sell"])
            offset = (1 if side == "Sell" else -1) * generator.randrange(1, 40) * tick
            price = trader.price_to_precision(symbol, middle + offset)
            row = await trader.private_post_order(
                {"symbol": "DOGEUSDT", "side": side, "orderQty": quantity, "price": price}
            )
            live.append(row["orderID"])
        wanted = await trader.fetch_order_book(symbol, 0)

        def levels(book: Any) -> list[list[tuple[float, float]]]:
            return [[(level[0], level[1]) for level in book[side]] for side in ("bids", "asks")]

        # What was written before the last answer may still be on its way into the client.
        kept = watcher.orderbooks[symbol]
        await until(lambda: levels(kept.limit()) == levels(wanted))
        assert wanted["bids"]
        await trader.cancel_all_orders(symbol)

    play(venue, game)
