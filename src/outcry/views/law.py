"""Law 3 for everybody to see: the engine's sums over the whole state, as they are."""

from outcry.engine.sums import LawSums, law_sums
from outcry.protocol.layout import Tables


def law_view(tables: Tables) -> LawSums:
    """The sums as they stand now; whoever serves them keeps an answer for a second (they walk every row)."""
    return law_sums(tables)
