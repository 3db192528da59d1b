"""The guests of the demo profile: market makers on four perpetuals and one taker, each with its own account and key.

`run_guests` is all that the application calls; it returns after `stop` is set and the makers have cancelled.
"""

import asyncio
from collections.abc import Sequence

from outcry.bots.market_maker import MakerSettings
from outcry.bots.pace import Pace
from outcry.bots.runners import MakerRunner, TakerRunner
from outcry.bots.taker import TakerSettings
from outcry.client import Credentials, VenueClient

MAKER_SYMBOLS = ("XBTUSD", "ETHUSD", "XBTUSDT", "SOLUSDT")
REQUESTS_PER_MINUTE = 2_400
"""What a maker asks for at most; with an ordinary key of 120 it follows the venue's own headers and slows down."""

MAKER_SETTINGS = {
    # About 25,000 dollars a level at 60,000 dollars a bitcoin, in satoshi and in micro-USDT.
    "XBt": MakerSettings(level_value_minor=40_000_000, position_value_max_minor=800_000_000),
    "USDt": MakerSettings(level_value_minor=25_000_000_000, position_value_max_minor=500_000_000_000),
}
TAKER_SETTINGS = {
    "XBt": TakerSettings(value_max_minor=8_000_000, position_value_max_minor=80_000_000),
    "USDt": TakerSettings(value_max_minor=5_000_000_000, position_value_max_minor=50_000_000_000),
}


async def run_guests(
    url: str,
    makers: Sequence[Credentials],
    taker: Credentials | None,
    *,
    seed: int,
    stop: asyncio.Event,
    symbols: Sequence[str] = MAKER_SYMBOLS,
) -> None:
    """Run until `stop` is set.  The venue need not answer yet when this begins."""
    clients = [VenueClient(url, maker) for maker in makers]
    runners: list[MakerRunner | TakerRunner] = [
        MakerRunner(client, symbols, MAKER_SETTINGS, seed + 1_000 * place, Pace(REQUESTS_PER_MINUTE))
        for place, client in enumerate(clients)
    ]
    if taker is not None:
        clients.append(VenueClient(url, taker))
        runners.append(TakerRunner(clients[-1], symbols, TAKER_SETTINGS, seed - 1, Pace(REQUESTS_PER_MINUTE)))
    try:
        async with asyncio.TaskGroup() as group:
            for runner in runners:
                group.create_task(runner.run(stop))
    finally:
        for client in clients:
            await client.close()
