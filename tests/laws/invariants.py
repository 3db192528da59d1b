"""Every numbered invariant of the engine (docs/rules/law.md), as one assertion for tests."""

from outcry.engine.invariants import breaches
from outcry.protocol.layout import Tables


def check(tables: Tables) -> None:
    """All of them hold; the message names those that do not, with both numbers."""
    found = breaches(tables)
    assert found == [], found
