"""What happened of late: orders, executions, trades, candles and quotes, from entries and their events.

`Recent.observe` is called once for every applied entry, in order.  Everything is bounded (`Bounds`), per account or
instrument and in all; the oldest goes first: ended orders, executions and trades beyond their number are forgotten
here (history keeps them, and each queue tells what it has forgotten), open orders never are.  `dump` and `load` carry
it over a clean restart; `adopt` reconciles it with an engine that stands elsewhere.  Never changes the engine; reads
of it only terms.
"""

import heapq
from collections.abc import Callable, Iterator, Sequence

from outcry.protocol.layout import ROLES, Code, CommandKind, EndReason, EventKind
from outcry.protocol.told import Change, placed
from outcry.protocol.wire import Entry, Event
from outcry.views.bins import MINUTE_NS
from outcry.views.bounded import Together
from outcry.views.conversions import Conversions
from outcry.views.directory import Directory, State
from outcry.views.fates import DAY_NS, Fates
from outcry.views.kept import Kept, MoveView, decode, moves_of, writing_of
from outcry.views.listener import Listener
from outcry.views.made import FundingTerms, deleveraged_view, funded_view, leg_views, settled_view, taken_over_views
from outcry.views.orders import (
    ExecutionView,
    OrderView,
    revived_view,
    sides_of,
    text_in,
    working_view,
)
from outcry.views.ranks import Ranks
from outcry.views.reasons import KeptReasons, Reasons
from outcry.views.remembered import Remembered
from outcry.views.risk import RiskRecent
from outcry.views.rows import levels
from outcry.views.settlements import SettlementsRecent
from outcry.views.shelves import AccountRecent, Bounds, InstrumentRecent
from outcry.views.tops import NO_QUOTE

PLACE, ORIGIN_REPEATED = CommandKind.PLACE, Code.ORIGIN_REPEATED
LEVEL_CHANGED, PLACED, AMENDED = int(EventKind.LEVEL_CHANGED), int(EventKind.PLACED), int(EventKind.AMENDED)
REFUSED, ACCOUNT_OPENED, LISTED = int(EventKind.REFUSED), int(EventKind.ACCOUNT_OPENED), int(EventKind.LISTED)
"""Looked up once, as plain numbers: every event is compared with them, and an enumeration's member is dearer."""
FATE_KINDS = frozenset(int(kind) for kind in CommandKind if kind < CommandKind.CONSTITUENT_PRICE)


class Recent:
    """The observer."""

    def __init__(self, state: State, bounds: Bounds | None = None) -> None:
        self.sequence = 0
        self.time_ns = 0
        self.begun_sequence = 0
        """Moves of money up to here are not known."""
        self.adopted_sequence = 0
        self.adopted_ns = 0
        """Nothing up to here was observed; 0 unless an engine has been adopted."""
        self.directory = Directory(state)
        self.risk = RiskRecent(state, self.directory)
        self.settlements = SettlementsRecent(state, self.directory)
        self.ranks = Ranks(state)
        self.listeners: list[Listener] = []
        self.reasons = Reasons()
        self._state = state
        self._bounds = bounds = bounds or Bounds()
        self._executions: Together[ExecutionView] = Together(bounds.executions_in_all)
        self._moves: Together[MoveView] = Together(bounds.moves_in_all)
        self._amended_sequence = 0
        self._next_minute_ns = 0
        self._accounts: dict[int, AccountRecent] = {}
        self._instruments: dict[int, InstrumentRecent] = {}
        self._orders = Remembered(self.account, bounds)
        self.fates = Fates(bounds.fates, bounds.fates_in_all)
        self._handlers: dict[int, Callable[[Entry, Event], None]] = {
            EventKind.PLACED: self._placed,
            EventKind.AMENDED: self._amend,
            EventKind.ENDED: self._ended,
            EventKind.CONDITIONED: self._conditioned,
            EventKind.TRIGGERED: self._triggered,
            EventKind.TRAILED: self._trailed,
            EventKind.FILL: self._fill,
            EventKind.LEVEL_CHANGED: self._level_changed,
            EventKind.MOVED: self._moved,
            EventKind.INDEX_MOVED: self._index_moved,
            EventKind.FUNDED: self._funded,
            EventKind.TAKEN_OVER: self._taken_over,
            EventKind.DELEVERAGED: self._deleveraged,
            EventKind.SETTLED: self._settled,
            **self.risk.handlers,
            **self.settlements.handlers,
        }
        self._conversions = Conversions(state, self.directory)
        self._funding = (0, 0, 0), FundingTerms(1, 0, 0, 0, 0)

    # What is asked.

    def account(self, account: int) -> AccountRecent:
        """An account's orders and executions."""
        found = self._accounts.get(account)
        if found is None:
            found = self._accounts[account] = AccountRecent(self._bounds)
        return found

    def instrument(self, number: int) -> InstrumentRecent:
        """An instrument's trades, candles and quotes."""
        found = self._instruments.get(number)
        if found is None:
            found = self._instruments[number] = InstrumentRecent(self._bounds)
            if self.time_ns:
                found.candles.advance(self.directory.candles_until(number, self.time_ns))
        return found

    def order(self, account: int, order_id: int) -> OrderView | None:
        """An account's order; nothing for another's."""
        view = self._orders.get(order_id)
        return view if view is not None and view.account == account else None

    def is_anothers(self, account: int, order_id: int) -> bool:
        """Whether the order is known to belong to another account."""
        view = self._orders.get(order_id)
        return view is not None and view.account != account

    def order_named(self, account: int, client_id: str) -> OrderView | None:
        """The account's latest order of that client id."""
        return self._orders.named(account, client_id)

    def orders(self, account: int, reverse: bool = False) -> Iterator[OrderView]:
        """Ended and open orders, oldest first unless `reverse`; by order number."""
        kept = self.account(account).orders
        return iter(reversed(kept.values()) if reverse else kept.values())

    def executions(self, account: int, reverse: bool = False) -> Iterator[ExecutionView]:
        """Fills and reports in the order they happened, or newest first."""
        kept = self.account(account)
        both = (reversed(kept.fills), reversed(kept.reports)) if reverse else (kept.fills, kept.reports)
        return iter(heapq.merge(*both, key=lambda one: (one.sequence, one.place), reverse=reverse))

    def order_before(self, earlier: OrderView, sequence: int) -> OrderView:
        """A copy of an order as it was before that entry, given one from before that may be staler.

        Exact as long as the account's executions since then are kept.
        """
        for one in self.executions(earlier.account, reverse=True):
            if one.sequence <= earlier.changed_sequence:
                break
            if one.sequence < sequence and one.order.order_id == earlier.order_id:
                return one.order.as_now()
        return earlier.as_now()

    # What is told.

    def observe(self, entry: Entry, events: Sequence[Event]) -> None:
        """An entry has been applied, and these are its events."""
        head = entry.head
        self.sequence = head.sequence
        self.time_ns = head.time_ns
        if self.time_ns >= self._next_minute_ns:
            self._advance()
        touched: set[int] = set()
        account = getattr(entry.record, "account", 0)
        order_id = 0
        code = 0
        handler_of = self._handlers.get
        for event in events:
            kind = event.head.kind
            handler = handler_of(kind)
            if handler is not None:
                handler(entry, event)
            if kind == LEVEL_CHANGED:
                touched.add(event.record.instrument)
            elif kind in (PLACED, AMENDED):
                order_id = order_id or event.record.order_id
            elif kind == REFUSED:
                code = event.record.code
            elif kind == ACCOUNT_OPENED:
                account = event.record.account
            elif kind == LISTED:
                self.instrument(event.record.instrument)
        self.reasons.observe(self.sequence, events)
        for number in touched:
            self._quote(number)
        origin, number, command = head.origin, head.origin_sequence, head.kind
        self.fates.see(origin, number)
        # A number that comes again changes nothing about what became of it the first time.
        if command in FATE_KINDS and code != ORIGIN_REPEATED:
            fate = origin, number, self.sequence, self.time_ns, command, code, order_id
            self.fates.note(account, fate)

    def _advance(self) -> None:
        self._next_minute_ns = self.time_ns - self.time_ns % MINUTE_NS + MINUTE_NS
        for number, one in self._instruments.items():
            one.candles.advance(self.directory.candles_until(number, self.time_ns))
        self.risk.advance(self.time_ns)
        self.fates.forget_before(self.time_ns - DAY_NS)

    def _placed(self, entry: Entry, event: Event) -> None:
        # A takeover's order shows in the book and in `risk`, and is nobody's.
        if event.record.account < ROLES:
            return
        command = entry.record if entry.head.kind == PLACE else None
        text = text_in(entry.payload) if command is not None else ""
        view = placed(OrderView, event.record, command, text, self.time_ns, self.sequence)
        self._orders.keep_open(view)
        self._report(view, event, Change.PLACED)

    def _amend(self, entry: Entry, event: Event) -> None:
        record = event.record
        if record.account < ROLES:
            return
        view = self._orders.get(record.order_id)
        if view is None:
            view = revived_view(record, self.sequence, self.time_ns)
            self._orders.keep_open(view)
        elif not view.is_open:
            self._orders.reopen(view)
        # Only the first of an entry is the order that was asked for; others are reduce-only orders that were cut.
        is_first, self._amended_sequence = self._amended_sequence != self.sequence, self.sequence
        is_asked_for = entry.head.kind == CommandKind.AMEND and is_first
        if entry.payload and is_asked_for:
            view.text = text_in(entry.payload)
        before = view.client_id
        view.amend(record)
        if view.client_id != before:
            self._orders.rename(view, before)
        view.touch(self.sequence, self.time_ns)
        self._report(view, event, Change.AMENDED if is_asked_for else Change.CUT)

    def _conditioned(self, entry: Entry, event: Event) -> None:
        view = self._orders.get(event.record.order_id)
        if view is None:
            return
        view.condition(event.record)
        # The report of the event before is of the order with what it waits for.
        reports = self.account(view.account).reports
        if reports and (reports[-1].sequence, reports[-1].order.order_id) == (self.sequence, view.order_id):
            reports[-1].order.condition(event.record)

    def _triggered(self, entry: Entry, event: Event) -> None:
        view = self._orders.get(event.record.order_id)
        if view is not None:
            view.trigger(event.record)
            view.touch(self.sequence, self.time_ns)
            self._report(view, event, Change.TRIGGERED)

    def _trailed(self, entry: Entry, event: Event) -> None:
        view = self._orders.get(event.record.order_id)
        if view is not None:
            view.trail(event.record)
            view.touch(self.sequence, self.time_ns)
            self._report(view, event, Change.TRAILED)

    def _ended(self, entry: Entry, event: Event) -> None:
        view = self._orders.get(event.record.order_id)
        if view is None or not view.is_open or event.record.account < ROLES:
            return
        own_words = entry.head.kind in (CommandKind.CANCEL, CommandKind.CANCEL_ALL)
        view.end(event.record, text_in(entry.payload) if own_words else "")
        view.touch(self.sequence, self.time_ns)
        self._orders.keep_ended(view)
        if view.end_reason != EndReason.ENDED_FILLED:
            self._report(view, event, Change.ENDED)

    def _fill(self, entry: Entry, event: Event) -> None:
        fill = event.record
        if fill.spread:
            # Not on the leg's own tape: nobody there has made that price.
            for leg in leg_views(entry, event):
                self.account(leg.order.account).last_fills[fill.instrument, leg.order.side] = leg
                self._keep_money(leg)
            return
        conversion_units, quote_micro = self._conversions.traded(fill.instrument, fill.quantity, fill.value_minor)
        for order_id, leaves, fee_minor, realised_minor, side in sides_of(fill):
            view = self._orders.get(order_id)
            if view is None:
                continue
            view.fill(fill.quantity, fill.price_ticks, fill.value_minor, leaves)
            view.touch(self.sequence, self.time_ns)
            if not leaves and view.is_open:
                # The Ended event that follows finds the order ended already; the copy in the execution says Filled.
                view.end_reason = EndReason.ENDED_FILLED
                self._orders.keep_ended(view)
            execution = ExecutionView(
                sequence=self.sequence,
                place=2 * event.head.ordinal + side,
                time_ns=self.time_ns,
                change=Change.TRADED,
                order=view.as_now(),
                quantity=fill.quantity,
                price_ticks=fill.price_ticks,
                value_minor=fill.value_minor,
                fee_minor=fee_minor,
                realised_minor=realised_minor,
                is_maker=side == 1 and not fill.maker_hidden,
                conversion_units=conversion_units,
            )
            self.account(view.account).last_fills[fill.instrument, view.side] = execution
            self._keep_money(execution)
        self._trade(event, conversion_units, quote_micro)

    def _keep_money(self, execution: ExecutionView) -> None:
        self._executions.keep(self.account(execution.order.account).fills, execution, self._bounds.executions)
        for listener in self.listeners:
            listener.executed(execution)

    def _funded(self, entry: Entry, event: Event) -> None:
        record = event.record
        if record.account >= ROLES:
            key = self.sequence, record.instrument, record.epoch
            if key != self._funding[0]:
                lot, units = self.directory.listing(record.instrument).lot, self._conversions.units(record.instrument)
                self._funding = key, FundingTerms.of(lot, self.risk.epoch(*key[1:]), units)
            self._keep_money(funded_view(entry, event, self._funding[1]))

    def _taken_over(self, entry: Entry, event: Event) -> None:
        self.risk.taken_over(event.record)
        born, filled = taken_over_views(entry, event, self._conversions.units(event.record.instrument))
        view = filled.order.as_now()
        self._orders.keep_open(view)
        self._orders.keep_ended(view)
        self._keep_report(born)
        self._keep_money(filled)

    def _deleveraged(self, entry: Entry, event: Event) -> None:
        self._keep_money(deleveraged_view(entry, event, self._conversions.units(event.record.instrument)))

    def _settled(self, entry: Entry, event: Event) -> None:
        if event.record.account >= ROLES:
            self._keep_money(settled_view(entry, event, self.settlements.of(event.record.instrument)))

    def _trade(self, event: Event, conversion_units: int, quote_micro: int) -> None:
        fill = event.record
        where = self.sequence, event.head.ordinal, self.time_ns
        trade = self.instrument(fill.instrument).trade(where, fill, conversion_units, quote_micro)
        for listener in self.listeners:
            listener.traded(fill.instrument, trade)

    def _index_moved(self, entry: Entry, event: Event) -> None:
        # The engine's own value is the one after the whole frame.
        self._conversions.moved(event.record.index, event.record.value_units)
        self._funding = (0, 0, 0), self._funding[1]

    def _moved(self, entry: Entry, event: Event) -> None:
        self.risk.moved(event.record, self.time_ns)
        for move in moves_of(event, self.sequence, self.time_ns):
            self._moves.keep(self.account(move.account).moves, move, self._bounds.moves)

    def _level_changed(self, entry: Entry, event: Event) -> None:
        record = event.record
        self.instrument(record.instrument).top.change(record.side, record.price_ticks, record.quantity)

    def _quote(self, number: int) -> None:
        kept = self.instrument(number)
        quote = kept.top.quote(self.time_ns)
        if quote.touch != (kept.quotes[-1] if kept.quotes else NO_QUOTE).touch:
            kept.quotes.append(quote)
            for listener in self.listeners:
                listener.quoted(number, quote)

    def _report(self, view: OrderView, event: Event, change: Change) -> None:
        place = 2 * event.head.ordinal
        self._keep_report(ExecutionView(self.sequence, place, self.time_ns, change, view.as_now()))

    def _keep_report(self, execution: ExecutionView) -> None:
        self._executions.keep(self.account(execution.order.account).reports, execution, self._bounds.executions)
        for listener in self.listeners:
            listener.executed(execution)

    # A restart.

    def dump(self) -> bytes:
        """Everything, for `load` after a clean restart; belongs beside the engine's snapshot of the same sequence."""
        return self.taken()()

    def taken(self) -> Callable[[], bytes]:
        """What makes the dump of this moment, whenever it is called and in whatever thread.

        What can change is copied here, which is mostly the open orders; of what cannot, only lists are made.
        """
        return writing_of(
            Kept(
                sequence=self.sequence,
                time_ns=self.time_ns,
                open=[view for kept in self._accounts.values() for view in kept.open.values()],
                ended={number: list(kept.ended) for number, kept in self._accounts.items()},
                fills={number: list(kept.fills) for number, kept in self._accounts.items()},
                reports={number: list(kept.reports) for number, kept in self._accounts.items()},
                instruments={number: kept.kept() for number, kept in self._instruments.items()},
                fates=self.fates.dump(),
                risk=self.risk.dump(),
                reasons=b"",
                settlements=list(self.settlements.kept),
                adopted_sequence=self.adopted_sequence,
                adopted_ns=self.adopted_ns,
            ),
            self.reasons.dump().packed,
        )

    def load(self, data: bytes) -> None:
        """Take over what another `Recent` has dumped.  Raises `ValueError` for anything else."""
        kept = decode(data)
        ended = [view for views in kept.ended.values() for view in views]
        # By number, so that a name that was used again belongs to the younger order.
        for view in sorted([*kept.open, *ended], key=lambda one: one.order_id):
            self._orders.keep_open(view)
        for view in sorted(ended, key=lambda one: one.changed_sequence):
            self._orders.keep_ended(view)
        for number, fills in kept.fills.items():
            self.account(number).restore(fills, kept.reports[number])
        queues = (queue for one in self._accounts.values() for queue in (one.fills, one.reports))
        self._executions.begin(queues, lambda one: one.sequence)
        for number, one in kept.instruments.items():
            self.instrument(number).restore(one)
        self.fates.load(kept.fates)
        self.risk.load(kept.risk, kept.time_ns)
        self.settlements.kept.restore(kept.settlements)
        self.reasons.load(KeptReasons.unpacked(kept.reasons))
        self._begin(kept.sequence, kept.time_ns)
        self.adopted_sequence, self.adopted_ns = kept.adopted_sequence, kept.adopted_ns

    def _begin(self, sequence: int, time_ns: int) -> None:
        """The engine stands at this entry, and so does everything here."""
        self.sequence, self.time_ns, self.begun_sequence = sequence, time_ns, sequence
        self._conversions.begin()

    def adopt(self, sequence: int, time_ns: int) -> None:
        """The engine stands at this entry although not everything before it was observed: take its books and orders.

        Orders that ended unobserved are forgotten, because nobody here knows how they ended.
        """
        tables = self._state.tables
        # Expiries may have been set, and contracts converted, unobserved.
        self.directory.forget()
        there: set[int] = set()
        if sequence != self.sequence:
            self.fates.miss()
        working = (row for row in tables.orders if row.order_id and row.account >= ROLES)
        for row in sorted(working, key=lambda one: one.order_id):
            there.add(row.order_id)
            if self._orders.get(row.order_id) is None:
                self._orders.keep_open(working_view(row, tables))
        for view in [one for one in self._orders.open_ones() if one.order_id not in there]:
            self._orders.drop(view)
        for number in range(1, len(self.directory.listings()) + 1):
            shelf = self.instrument(number)
            shelf.top.reset(*({at.price_ticks: at.quantity for at in side} for side in levels(self._state, number, 0)))
            shelf.candles.begin(time_ns, tables.instruments[number].last_price_ticks)
        self.risk.adopt(time_ns)
        self._begin(sequence, time_ns)
        self.adopted_sequence, self.adopted_ns = sequence, time_ns
