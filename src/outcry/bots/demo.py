"""The guests of the demo profile: market makers on four perpetuals, one on what ends, and a taker on all of it.

Each has its own account and key.

`run_guests` is all that the application calls; it returns after `stop` is set and the makers have cancelled.
"""

import asyncio
from collections.abc import Sequence

from outcry.bots.dated import Dated
from outcry.bots.market_maker import MakerSettings
from outcry.bots.pace import Pace
from outcry.bots.runners import Listed, MakerRunner, TakerRunner
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
DATED_TAKER_SETTINGS = {
    "XBt": TakerSettings(value_max_minor=1_000_000, position_value_max_minor=10_000_000, one_in=20),
    "USDt": TakerSettings(value_max_minor=200_000_000, position_value_max_minor=2_000_000_000, one_in=20),
}
DATED_PASS_S = 4.0
"""What ends is quoted and traded at a quieter pace: it is many books."""


async def run_guests(
    url: str,
    makers: Sequence[Credentials],
    taker: Credentials | None,
    *,
    seed: int,
    stop: asyncio.Event,
    symbols: Sequence[str] = MAKER_SYMBOLS,
    dated_maker: Credentials | None = None,
) -> None:
    """Run until `stop` is set.  The venue need not answer yet when this begins."""
    perpetuals = Listed(symbols, MAKER_SETTINGS)
    clients = [VenueClient(url, maker) for maker in makers]
    runners: list[MakerRunner | TakerRunner] = [
        MakerRunner(client, perpetuals, seed + 1_000 * place, Pace(REQUESTS_PER_MINUTE))
        for place, client in enumerate(clients)
    ]
    if taker is not None:
        clients.append(VenueClient(url, taker))
        runners.append(TakerRunner(clients[-1], perpetuals, TAKER_SETTINGS, seed - 1, Pace(REQUESTS_PER_MINUTE)))
    if dated_maker is not None:
        clients.append(VenueClient(url, dated_maker))
        pace = Pace(REQUESTS_PER_MINUTE)
        runners.append(MakerRunner(clients[-1], Dated(), seed + 500, pace, pass_s=DATED_PASS_S))
    if dated_maker is not None and taker is not None:
        clients.append(VenueClient(url, taker))
        pace = Pace(REQUESTS_PER_MINUTE // 10)
        runners.append(TakerRunner(clients[-1], Dated(), DATED_TAKER_SETTINGS, seed - 2, pace, pass_s=DATED_PASS_S))
    try:
        async with asyncio.TaskGroup() as group:
            for runner in runners:
                group.create_task(runner.run(stop))
    finally:
        for client in clients:
            await client.close()
