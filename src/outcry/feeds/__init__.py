"""Floor 4: prices from outside, turned into commands.  Sees the protocol and the small interface that it declares.

door        `Submit`, what a feed hands its commands to; the application joins it to the node
smile       what options are worth: the formula, the fit, calls without arbitrage (pure)
options     `OptionMarks` (a core) and `run_options`, which steps it every few seconds
simulated   `RandomWalk` (a pure, seeded core) and `run_simulated`, which steps it once a second
"""

from outcry.feeds.door import NotTaken, Submit
from outcry.feeds.simulated import RandomWalk, WalkSpec, run_simulated

__all__ = ["NotTaken", "RandomWalk", "Submit", "WalkSpec", "run_simulated"]
