"""The taker's strategy: now and then a small market order, so that there are trades.  A pure, seeded core.

It takes a side at random, but the side that reduces once its position is beyond the limit.  An instrument that has
never traded is traded at once, so that every book starts with a last price.
"""

import random
from dataclasses import dataclass

from outcry.bots.market import BUY, SELL, Take, Terms


@dataclass(frozen=True, slots=True)
class TakerSettings:
    """How a taker trades; sizes are values in settlement minor units."""

    value_max_minor: int = 5_000_000_000
    position_value_max_minor: int = 50_000_000_000
    one_in: int = 6
    """It trades in one of so many passes, on average."""


@dataclass(frozen=True, slots=True)
class Market:
    """What the taker sees of an instrument."""

    terms: Terms
    lot_value_minor: int
    has_bid: bool
    has_ask: bool
    has_traded: bool
    position: int


class Taker:
    """Trades any number of instruments."""

    def __init__(self, settings: dict[str, TakerSettings], seed: int) -> None:
        self._settings = settings
        self._random = random.Random(seed)

    def decide(self, market: Market) -> Take | None:
        """A market order for one instrument, or nothing this time."""
        settings = self._settings.get(market.terms.settlement_currency)
        if settings is None or not (market.has_bid and market.has_ask):
            return None
        if not market.has_traded:
            return Take(BUY, market.terms.lot)
        if self._random.randrange(settings.one_in):
            return None
        lots_max = max(1, settings.value_max_minor // market.lot_value_minor)
        lots = min(1 + self._random.randrange(lots_max), market.terms.lots_max)
        side = self._random.choice((BUY, SELL))
        position_max = settings.position_value_max_minor // market.lot_value_minor * market.terms.lot
        if market.position > position_max:
            side = SELL
        elif market.position < -position_max:
            side = BUY
        return Take(side, lots * market.terms.lot)
