"""What the feed of option marks is told: the engine's options that are alive, and what they are on.

`Chains.look` is read from the engine's own rows, in its own time, so the feed goes on after a restart where it was.
"""

from collections.abc import Mapping, Sequence

from outcry.engine.engine import Engine
from outcry.feeds.options import Option, Underlying
from outcry.protocol.layout import MINUTES_KEPT, InstrumentState, InstrumentType, TableNumber
from outcry.protocol.wire import text_of

OPTIONS = (InstrumentType.CALL, InstrumentType.PUT)
ENDED = (InstrumentState.INSTRUMENT_SETTLING, InstrumentState.INSTRUMENT_SETTLED)


class Chains:
    """The options of a venue; their terms are read once."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._read = 0
        self._options: dict[int, Option] = {}

    def look(self) -> tuple[int, Sequence[Option], Mapping[int, Underlying]]:
        """The time, the options that have not ended, and their indices by number."""
        tables = self._engine.tables
        last = tables.pools[TableNumber.INSTRUMENTS_TABLE].high
        for number in range(self._read + 1, last + 1):
            option = self._option(number)
            if option is not None:
                self._options[number] = option
        self._read = last
        now_ns = self._engine.time_ns
        for number in [n for n in self._options if self._has_ended(n, now_ns)]:
            del self._options[number]
        alive = list(self._options.values())
        return now_ns, alive, {index: self._underlying(index) for index in {option.index for option in alive}}

    def _option(self, number: int) -> Option | None:
        """An option's terms; None if it is none."""
        row = self._engine.tables.instruments[number]
        if row.instrument_type not in OPTIONS:
            return None
        return Option(
            number,
            row.index,
            row.strike_units,
            row.expiry_ns,
            row.instrument_type == InstrumentType.CALL,
            text_of(row.quote) == text_of(row.underlying),
            row.subticks_per_tick * 10**row.price_decimals / row.tick_units,
            row.subticks_per_tick,
        )

    def _has_ended(self, number: int, now_ns: int) -> bool:
        """Whether nothing can be said of it any more; an end that was put off counts."""
        row = self._engine.tables.instruments[number]
        if row.expiry_ns != self._options[number].expiry_ns and row.expiry_ns > now_ns:
            option = self._option(number)
            if option is not None:
                self._options[number] = option
        return row.state in ENDED or row.expiry_ns <= now_ns

    def _underlying(self, index: int) -> Underlying:
        """An index as it is now, with its samples."""
        tables = self._engine.tables
        row, minutes = tables.indices[index], {}
        for place in range(MINUTES_KEPT * index, MINUTES_KEPT * (index + 1)):
            sample = tables.index_minutes[place]
            if sample.minute_ns > 0 and sample.value_units > 0:
                minutes[sample.minute_ns] = sample.value_units
        return Underlying(row.value_units, row.decimals, row.value_time_ns, minutes)
