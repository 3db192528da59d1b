"""The three contracts of the random histories: inverse, linear and quanto, for an engine and for the model."""

from fractions import Fraction

from outcry.protocol.layout import Valuation
from tests.engine.worlds import World
from tests.laws.model import Terms

NUMBERS = (1, 2, 3)
MILLION = 10**6


def list_contracts(world: World, risk_limit_minor: int) -> None:
    """A currency, an index, and the three, without a price yet."""
    world.currency("XBt", 8)
    world.index(".BXBT")
    terms = {"risk_limit_minor": risk_limit_minor, "funding_rate_ppb": 0}
    world.instrument("XBTUSD", **terms)
    world.instrument("LINEAR", valuation=Valuation.LINEAR, lot=10, multiplier_minor=3, **terms)
    world.instrument("ETHUSD", valuation=Valuation.QUANTO, lot=1, multiplier_minor=100, **terms)


def terms_of_contracts() -> dict[int, Terms]:
    """What the model needs of them, by number."""
    rates = {"maker": Fraction(200, MILLION), "taker": Fraction(500, MILLION)}
    tick = Fraction(1, 10)
    return {
        1: Terms(True, 100, 10**8, tick, **rates),
        2: Terms(False, 10, 3, tick, **rates),
        3: Terms(False, 1, 100, tick, **rates),
    }
