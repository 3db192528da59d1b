"""Three contracts for tests: inverse, linear and quanto, in one currency and on one index."""

from outcry.protocol.layout import Valuation
from tests.engine.worlds import World

NUMBERS = (1, 2, 3)


def list_contracts(world: World, risk_limit_minor: int) -> None:
    """A currency, an index, and the three, without a price yet."""
    world.currency("XBt", 8)
    world.index(".BXBT")
    terms = {"risk_limit_minor": risk_limit_minor, "funding_rate_ppb": 0}
    world.instrument("XBTUSD", **terms)
    world.instrument("LINEAR", valuation=Valuation.LINEAR, lot=10, multiplier_minor=3, **terms)
    world.instrument("ETHUSD", valuation=Valuation.QUANTO, lot=1, multiplier_minor=100, **terms)
