"""What is expected of a venue for each fault: the rows of docs/operating/faults.md, and how a row is compared.

A row's words may hold places: `N` is a number, `PATH` a file, `…` anything.  What was observed has to fit them, and
`lines` writes the rows as the page shows them.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

PLACES = {"N": r"[\d,.]+", "PATH": r"\S+", "…": r".*"}
PLACE = re.compile(r"\bN\b|\bPATH\b|…")
HEAD = ("| fault | what happens | what is said | what to do |", "|---|---|---|---|")


class Outcome(StrEnum):
    """What becomes of the venue."""

    GOES_ON = "goes on"
    AGAIN = "goes on, the keeper is started again"
    ENDS = "stops, status 1"
    REFUSED = "start refused, status 1"
    STARTS = "starts"
    VERIFY = "starts, `outcry verify` status 1"
    CHECK = "starts, `outcry history check` status 1"


@dataclass(frozen=True, slots=True)
class Row:
    """One fault and what is expected."""

    fault: str
    outcome: Outcome
    says: str
    """What the operator reads, whole or its beginning; empty where nothing need be said."""
    remedy: str

    def fits(self, outcome: Outcome, said: str) -> bool:
        """Whether this is what was expected."""
        return outcome is self.outcome and re.search(shape(self.says), said) is not None

    def line(self) -> str:
        """As the page shows it."""
        says = f"`{self.says}`" if self.says else "nothing"
        return f"| {self.fault} | {self.outcome} | {says} | {self.remedy} |"


def shape(says: str) -> str:
    """A pattern for the words of a row."""
    pattern, end = "", 0
    for found in PLACE.finditer(says):
        pattern += re.escape(says[end : found.start()]) + PLACES[found.group()]
        end = found.end()
    return pattern + re.escape(says[end:])


def lines(rows: Iterable[Row]) -> list[str]:
    """The table."""
    return [*HEAD, *(row.line() for row in rows)]
