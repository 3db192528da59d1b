"""What happened on the market, from entries and their events as the keeper's replica applies them.

Counting begins when the process does, as Prometheus expects of counters; levels (open interest, marks, the fund) are
read from the replica's rows when somebody looks.  Never changes anything and is told nothing that is not durable.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from prometheus_client.core import Metric

from outcry.app.metrics.families import numbers
from outcry.protocol.layout import Code, CommandKind, EventKind, LadderStep, Role, TableNumber
from outcry.protocol.wire import Entry, Event
from outcry.views import rows
from outcry.views.directory import Directory, State

FILL, REFUSED, LEVEL_CHANGED = EventKind.FILL, EventKind.REFUSED, EventKind.LEVEL_CHANGED
PPB = 10**9
COUNTED = {
    EventKind.TAKEN_OVER: "outcry_takeovers_total",
    EventKind.DELEVERAGED: "outcry_deleveragings_total",
    EventKind.FUNDING_FIXED: "outcry_fundings_total",
    EventKind.FUNDING_SKIPPED: "outcry_fundings_skipped_total",
}
"""Events that are counted by instrument."""


class MarketFigures:
    """An observer of a replica."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._directory = Directory(state)
        self._commands: Counter[int] = Counter()
        self._refusals: Counter[tuple[int, int]] = Counter()
        self._fills: Counter[int] = Counter()
        self._volume: Counter[int] = Counter()
        self._steps: Counter[int] = Counter()
        self._counted: dict[int, Counter[int]] = {kind: Counter() for kind in COUNTED}
        self._resumes = 0

    def observe(self, entry: Entry, events: Sequence[Event]) -> None:
        """An entry was applied."""
        self._commands[entry.head.kind] += 1
        for head, record in events:
            kind = head.kind
            if kind == LEVEL_CHANGED:
                continue
            if kind == FILL:
                self._fills[record.instrument] += 1
                self._volume[record.instrument] += record.quantity
            elif kind == REFUSED:
                self._refusals[entry.head.kind, record.code] += 1
            elif kind in self._counted:
                self._counted[kind][record.instrument] += 1
            elif kind == EventKind.LIQUIDATION_STEP:
                self._steps[record.step] += 1
            elif kind == EventKind.RESUMED and record.cancel_only:
                self._resumes += 1

    def collect(self) -> Iterator[Metric]:
        """As metrics."""
        yield numbers("outcry_commands_total", {CommandKind(kind).name: n for kind, n in self._commands.items()})
        refusals = {(CommandKind(kind).name, Code(code).name): n for (kind, code), n in self._refusals.items()}
        yield numbers("outcry_refusals_total", refusals)
        listings = self._directory.listings()
        for name, counted in (
            ("outcry_fills_total", self._fills),
            ("outcry_volume_contracts_total", self._volume),
            *((COUNTED[EventKind(kind)], counted) for kind, counted in self._counted.items()),
        ):
            yield numbers(name, {one.symbol: counted[one.number] for one in listings})
        steps = {LadderStep(step).name: count for step, count in self._steps.items()}
        yield numbers("outcry_liquidation_steps_total", steps)
        yield numbers("outcry_resumes_total", self._resumes)
        yield from self._levels()

    def _levels(self) -> Iterator[Metric]:
        tables, listings = self._state.tables, self._directory.listings()
        found = {one.symbol: tables.instruments[one.number] for one in listings}
        yield numbers("outcry_open_interest_contracts", {name: row.open_interest for name, row in found.items()})
        marks = {
            one.symbol: (found[one.symbol].mark_subticks - one.origin_ticks * one.subticks_per_tick)
            * one.tick_units
            / one.subticks_per_tick
            / 10**one.price_decimals
            for one in listings
        }
        yield numbers("outcry_mark_price", marks)
        yield numbers("outcry_funding_rate", {name: row.funding_rate_ppb / PPB for name, row in found.items()})
        yield numbers("outcry_takeovers_open", {name: row.takeovers for name, row in found.items()})
        funds = {
            one.symbol: rows.wallet(self._state, Role.INSURANCE, one).balance_minor
            for one in self._directory.currencies()
        }
        yield numbers("outcry_insurance_fund_minor", funds)
        yield numbers("outcry_accounts", tables.pools[TableNumber.ACCOUNTS_TABLE].high)
        yield numbers("outcry_root_sequence", tables.venue.root_sequence)
