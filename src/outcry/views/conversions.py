"""What is traded, in the quote currency, at index values as of each entry: a replica's own are those after a frame."""

from outcry.protocol.layout import Valuation
from outcry.views.directory import Directory, State
from outcry.views.rows import conversion_index

QUOTE_MICRO = 10**6


class Conversions:
    """Index values by number, and what follows from them."""

    def __init__(self, state: State, directory: Directory) -> None:
        self._state = state
        self._directory = directory
        self._index_units: dict[int, int] = {}

    def begin(self) -> None:
        """Take over the values at which the engine stands."""
        for index in self._directory.indices():
            self._index_units[index.number] = self._state.tables.indices[index.number].value_units

    def moved(self, index: int, units: int) -> None:
        """An index has this value now."""
        self._index_units[index] = units

    def units(self, number: int) -> int:
        """The index value that a quanto is converted by; 0 for others."""
        index = conversion_index(self._directory, self._directory.listing(number))
        return 0 if index is None else self._index_units.get(index.number, 0)

    def traded(self, number: int, quantity: int, value_minor: int) -> tuple[int, int]:
        """Index value a quanto is converted by (0 for others), and what traded in millionths of the quote currency."""
        listing = self._directory.listing(number)
        index = conversion_index(self._directory, listing)
        if index is not None:
            units = self._index_units.get(index.number, 0)
            whole = listing.currency.minor_units * 10**index.decimals
            return units, value_minor * units * QUOTE_MICRO // whole
        if listing.valuation == Valuation.LINEAR:
            return 0, value_minor * QUOTE_MICRO // listing.currency.minor_units
        return 0, quantity * QUOTE_MICRO
