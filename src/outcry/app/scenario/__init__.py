"""`outcry scenario NAME`: a market played out in an engine of its own, the same for the same seed.

people   who trades in it: pairs of leveraged accounts, and makers      tally   what the events said happened
crash    a 40 % fall in ten minutes and a gap                           words   what is printed of it
"""

from outcry.app.scenario.crash import ACCOUNTS, SEED, CrashOptions, ScenarioTooSlow, run_crash
from outcry.app.scenario.words import lines

__all__ = ["ACCOUNTS", "SEED", "CrashOptions", "ScenarioTooSlow", "lines", "run_crash"]
