"""In which fifth of the deleveraging queue a position stands (ADL-01), found when somebody asks.

All positions of an instrument are ranked at once and the fifths are kept for a second of the journal's time, because
who asks is usually asking for many.  A position that was opened since has none until then; where there are few
positions they are found anew for it at once.
"""

from outcry.protocol.layout import TableNumber
from outcry.rules.ranking import quintile
from outcry.views.directory import State

KEPT_NS = 10**9
FEW = 64


class Ranks:
    """Fifths by instrument and slot of the position: 1 is deleveraged first."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._found: dict[int, tuple[int, int, dict[int, int]]] = {}
        """Sequence and time at which they were found."""

    def fifth(self, instrument: int, slot: int) -> int:
        """From 1 for the first fifth to 5; 0 for no open position, or one that is too young."""
        tables = self._state.tables
        sequence, time_ns = tables.venue.sequence, tables.venue.time_ns
        kept = self._found.get(instrument)
        is_new = kept is not None and slot not in kept[2] and tables.pools[TableNumber.POSITIONS_TABLE].high < FEW
        if kept is None or (kept[0] != sequence and (is_new or time_ns >= kept[1] + KEPT_NS)):
            fifths = fifths_of(self._state.figures.scores(instrument))
            kept = self._found[instrument] = sequence, time_ns, fifths
        return kept[2].get(slot, 0)


def fifths_of(scores: list[tuple[int, int, int]]) -> dict[int, int]:
    """The fifth of each slot, given (slot, signed contracts, score): longs and shorts apart, high scores first."""
    found: dict[int, int] = {}
    for is_long in (True, False):
        side = [(-score, slot, abs(quantity)) for slot, quantity, score in scores if (quantity > 0) == is_long]
        total = sum(quantity for _, _, quantity in side)
        before = 0
        # Of equal scores the older comes first, as in the heap.
        for _, slot, quantity in sorted(side):
            found[slot] = quintile(before, quantity, total)
            before += quantity
    return found
