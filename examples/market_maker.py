"""A market maker on ccxt.pro: one order a side around the middle, moved when the market or its own position moves.

The book, its orders and its position come over the WebSocket; orders go over REST.  Its prices lean against its
position, so that what it has bought it would rather sell.  It only makes (post-only), and leaves with nothing resting.
"""

import argparse
import asyncio
import contextlib
import json
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import ccxt.pro

HALF_SPREAD = 0.00003
"""Of the price, from the middle to each quote; further out, the demo's own makers would have all the trades."""
LEAN = 0.00004
"""Of the price, how far both quotes move when the position is as large as it may be."""
TOLERANCE = 0.00001
"""A quote is left alone while it is no further than this from where it should be."""
LOTS, LOTS_MAX = 10, 50
"""What one order is for, and how large the position may become."""
PAUSE_S = 0.25


class MarketMaker:
    """What it knows of the market, and one order a side."""

    def __init__(self, exchange: Any, symbol: str) -> None:
        self.exchange = exchange
        self.symbol = symbol
        self.middle: float | None = None
        self.position = 0.0
        self.quotes: dict[str, dict[str, Any]] = {}
        self.fills = 0

    async def run(self, seconds: float) -> None:
        """Watch and quote until the time is over, then clear up."""
        await self.exchange.load_markets()
        watches = [self.watch_book(), self.watch_orders(), self.watch_fills(), self.watch_position(), self.quote()]
        tasks = [asyncio.create_task(watch) for watch in watches]
        try:
            done, _ = await asyncio.wait(tasks, timeout=seconds or None, return_when=asyncio.FIRST_EXCEPTION)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.exchange.cancel_all_orders(self.symbol)
            print(f"left with position {self.position:g} after {self.fills} fills")

    async def watch_book(self) -> None:
        """Keep the middle of the book."""
        while True:
            book = await self.exchange.watch_order_book(self.symbol)
            if book["bids"] and book["asks"]:
                self.middle = (book["bids"][0][0] + book["asks"][0][0]) / 2

    async def watch_orders(self) -> None:
        """Forget quotes that are over."""
        while True:
            for order in await self.exchange.watch_orders(self.symbol):
                quote = self.quotes.get(order["side"])
                if quote is not None and quote["id"] == order["id"] and order["status"] != "open":
                    del self.quotes[order["side"]]

    async def watch_fills(self) -> None:
        """Tell of every fill."""
        while True:
            for fill in await self.exchange.watch_my_trades(self.symbol):
                self.fills += 1
                print(f"{fill['datetime']} {fill['side']:<4} {fill['amount']:g} at {fill['price']:g}")

    async def watch_position(self) -> None:
        """Keep the position, in contracts, negative when short."""
        while True:
            for held in await self.exchange.watch_positions([self.symbol]):
                self.position = held["contracts"] * (-1 if held["side"] == "short" else 1)

    async def quote(self) -> None:
        """Put both quotes where they should be, again and again."""
        lot = float(self.exchange.market(self.symbol)["info"]["lotSize"])
        while True:
            await asyncio.sleep(PAUSE_S)
            if self.middle is None:
                continue
            lean = -LEAN * self.position / (LOTS_MAX * lot)
            for side, sign in (("buy", -1), ("sell", 1)):
                price = self.middle * (1 + lean + sign * HALF_SPREAD)
                full = self.position * -sign >= LOTS_MAX * lot
                with contextlib.suppress(ccxt.InvalidOrder, ccxt.OrderNotFound, ccxt.BadRequest, ccxt.DDoSProtection):
                    await self.place(side, price, 0 if full else LOTS * lot)

    async def place(self, side: str, price: float, amount: float) -> None:
        """Make, move or take away the quote of a side."""
        quote = self.quotes.get(side)
        wanted = float(self.exchange.price_to_precision(self.symbol, price))
        if quote is None:
            if amount:
                order = await self.exchange.create_order(self.symbol, "limit", side, amount, wanted, {"postOnly": True})
                if order["status"] == "open":
                    self.quotes[side] = {"id": order["id"], "price": wanted}
        elif not amount:
            del self.quotes[side]
            await self.exchange.cancel_order(quote["id"], self.symbol)
        elif abs(wanted - quote["price"]) > TOLERANCE * wanted:
            # Forgotten first: if it has been filled meanwhile this fails, and the next round makes a new one.
            del self.quotes[side]
            order = await self.exchange.edit_order(quote["id"], self.symbol, "limit", side, None, wanted)
            if order["status"] == "open":
                self.quotes[side] = {"id": order["id"], "price": wanted}


async def main(options: argparse.Namespace) -> None:
    """Connect as a demo user and make a market."""
    card = json.loads(options.card.read_text())
    user = card["users"][options.user]
    urls = {"api": {"public": card["url"], "private": card["url"], "ws": card["ws"]}}
    exchange = ccxt.pro.bitmex({"apiKey": user["key"], "secret": user["secret"], "urls": urls})
    work: Coroutine[Any, Any, None] = MarketMaker(exchange, options.symbol).run(options.seconds)
    try:
        await work
    finally:
        await exchange.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Makes a market on a venue whose demo.json is at hand.")
    parser.add_argument("--card", type=Path, default=Path("data/demo.json"), help="the venue's demo.json")
    parser.add_argument("--user", type=int, default=0, help="which of its users to be")
    parser.add_argument("--symbol", default="BTC/USDT:USDT", help="in ccxt's spelling")
    parser.add_argument("--seconds", type=float, default=0, help="how long; 0 for ever")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(parser.parse_args()))
