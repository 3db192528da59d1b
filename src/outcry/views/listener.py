"""Who is told at once what `recent` keeps, so that a stream need not look for what is new."""

from typing import Protocol

from outcry.views.kept import TradeView
from outcry.views.orders import ExecutionView
from outcry.views.tops import QuoteView


class Listener(Protocol):
    """Is told at once what is kept, in the order of events; quotes come after an entry's other events."""

    def executed(self, view: ExecutionView) -> None:
        """Something happened to an order."""
        ...

    def traded(self, instrument: int, view: TradeView) -> None:
        """A trade happened."""
        ...

    def quoted(self, instrument: int, view: QuoteView) -> None:
        """The touch changed."""
        ...
