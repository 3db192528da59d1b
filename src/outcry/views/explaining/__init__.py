"""Explanations: why a margin, a mark, an index, a funding or a liquidation is what it is, in the engine's own integers.

words         what an explanation is made of            prices         indices, marks, fundings
margins       an account's margin now                   liquidations   liquidations and deleveragings

The same functions explain the present of a running venue and any sequence of a replayed journal.  Nothing is computed
here that the engine did not say or hold, but for checks that what it said adds up.
"""

from outcry.views.explaining.liquidations import explain_deleveragings, explain_liquidations
from outcry.views.explaining.margins import explain_margin
from outcry.views.explaining.prices import explain_funding, explain_index, explain_mark
from outcry.views.explaining.words import Explanation, NothingKnown, lines

__all__ = [
    "Explanation",
    "NothingKnown",
    "explain_deleveragings",
    "explain_funding",
    "explain_index",
    "explain_liquidations",
    "explain_margin",
    "explain_mark",
    "lines",
]
