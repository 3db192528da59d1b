"""Floor 5: guests of the venue.  They see the public API through `client` and nothing else.

pace           how often a guest may ask              market     what a guest knows of an instrument, in integers
market_maker   `MarketMaker.decide`, a pure core      taker      `Taker.decide`, a pure core
dated          which of the contracts that end are quoted, a pure core
runners        the loops that feed the cores and carry out what they decide
demo           `run_guests(url, makers, taker, seed=, stop=)`, which the demo profile starts
"""

from outcry.bots.demo import MAKER_SYMBOLS, run_guests

__all__ = ["MAKER_SYMBOLS", "run_guests"]
