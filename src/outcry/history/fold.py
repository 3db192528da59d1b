"""`Fold`: entries and their events into rows, one entry after the other.

It goes on from what the database holds (`Found`) and from the engine as it stands at that entry, and knows nothing of
batches: the same journal gives the same rows wherever the transactions end.  Never reads a clock; reads of the engine
only at the beginning (books, balances, index values) and the terms of what is listed.
"""

from collections.abc import Callable, Sequence

import msgspec

from outcry.engine import reading
from outcry.history.batches import Batch, Changes, Gathered, Standing, Values
from outcry.history.candles import Candle, Candles
from outcry.history.funding import Fund, Funding, Funds, funding_of
from outcry.history.ledger import Ledger, LedgerRow, gains_of, moves_of
from outcry.history.made import deleveraged_row, funded_row, gain_of, leg_rows, settled_row, taken_over_rows
from outcry.history.orders import Order, conditions, report
from outcry.history.quotes import Book, Quote, quote_of
from outcry.history.quoting import QuoteDay, QuoteDays
from outcry.history.revivals import Filled
from outcry.history.settlements import Settlement, settlement_of, standing
from outcry.history.terms import State, Terms, converted, terms_of
from outcry.protocol.layout import ROLES, CommandKind, EndReason, EventKind, Role, Side, TableNumber
from outcry.protocol.told import Change, placed
from outcry.protocol.wire import Entry, Event

MINUTE_NS = 60 * 10**9
UP, DOWN, SAME_AFTER_UP, SAME_AFTER_DOWN = 1, 2, 3, 4
"""How a trade's price compares with the one before."""


class HistoryMisplaced(Exception):
    """The database and the engine do not stand at the same entry; the message says what differs."""


class LastTrade(msgspec.Struct, frozen=True):
    """The newest trade of an instrument."""

    instrument: int
    price_ticks: int
    direction: int


class Found(msgspec.Struct, frozen=True):
    """What of the database changes still or is looked at again: open orders, those filled of late, candles and quotes
    under way, ledger, funds and quotings of this day, the last funding of each instrument."""

    orders: list[Order] = []
    filled: list[Order] = []
    quote_days: list[QuoteDay] = []
    trades: list[LastTrade] = []
    candles: list[Candle] = []
    quotes: list[Quote] = []
    ledger: list[LedgerRow] = []
    fundings: list[Funding] = []
    funds: list[Fund] = []


class Fold:
    """The rows of everything told so far that no batch has taken yet."""

    def __init__(self, state: State, found: Found, time_ns: int) -> None:
        """`state` stands at the entry at which everything was found, whose time is `time_ns` (0 at the beginning)."""
        self._state = state
        self._time_ns = time_ns
        self._sequence = 0
        self._next_minute_ns = 0
        self._amended_sequence = 0
        self._open = {order.order_id: order for order in found.orders}
        self._filled_of_late = Filled(found.filled)
        self._quoting = QuoteDays(found.quote_days)
        self._last_trades = {one.instrument: one for one in found.trades}
        self._quotes_now = {one.instrument: one for one in found.quotes}
        self._orders: Gathered[int, Order] = Gathered()
        self._quotes: Gathered[tuple[int, int], Quote] = Gathered()
        self._candle_rows: Gathered[tuple[int, int, int], Candle] = Gathered()
        self._executions: list[Values] = []
        self._trades: list[Values] = []
        self._ledger = Ledger(found.ledger)
        self._fundings: Gathered[tuple[int, int], Funding] = Gathered()
        self._epochs = {one.instrument: one for one in found.fundings}
        self._settlements: Gathered[int, Settlement] = Gathered()
        self._ends: dict[int, Settlement] = {}
        self._funds = Funds(found.funds)
        self._terms: dict[int, Terms] = {}
        self._candles: dict[int, Candles] = {}
        self._books: dict[int, Book] = {}
        self._index_units: dict[int, int] = {}
        self._take_from_engine(found)
        self._handlers: dict[int, Callable[[Entry, Event], None]] = {
            EventKind.PLACED: self._placed,
            EventKind.AMENDED: self._amended,
            EventKind.ENDED: self._ended,
            EventKind.CONDITIONED: self._conditioned,
            EventKind.TRIGGERED: self._triggered,
            EventKind.TRAILED: self._trailed,
            EventKind.FILL: self._filled,
            EventKind.LEVEL_CHANGED: self._level_changed,
            EventKind.MOVED: self._moved,
            EventKind.INDEX_MOVED: self._index_moved,
            EventKind.LISTED: self._listed,
            EventKind.CURRENCY_LISTED: self._currency_listed,
            EventKind.FUNDING_FIXED: self._funding_fixed,
            EventKind.FUND_MOVED: self._fund_moved,
            EventKind.FUNDED: self._funded,
            EventKind.TAKEN_OVER: self._taken_over,
            EventKind.DELEVERAGED: self._deleveraged,
            EventKind.SETTLEMENT_FIXED: self._settlement_fixed,
            EventKind.SETTLED: self._settled,
            EventKind.CONVERTED: self._renewed,
            EventKind.EXPIRY_SET: self._renewed,
        }

    @property
    def rows(self) -> int:
        """How many wait for a batch."""
        gathered = len(self._orders) + len(self._quotes) + len(self._candle_rows) + len(self._ledger.rows)
        gathered += len(self._fundings) + len(self._settlements) + len(self._funds.rows) + len(self._quoting.rows)
        return gathered + len(self._executions) + len(self._trades)

    @property
    def balances(self) -> dict[tuple[int, int], int]:
        """Wallets by account and currency, as the events have them."""
        return self._ledger.balances

    def _take_from_engine(self, found: Found) -> None:
        """What the database does not hold.  Raises `HistoryMisplaced`."""
        tables = self._state.tables
        # Orders of takeovers are nobody's and are not kept.
        working = {row.order_id for row in tables.orders if row.order_id and row.account >= ROLES}
        # A breach leaves the engine where it struck and its events are discarded, so a halted venue's orders may
        # differ; nothing happens to them any more.
        if working != set(self._open) and not tables.venue.halted:
            raise HistoryMisplaced(
                f"the database has {len(self._open)} open orders, the engine {len(working)}, and they are not the same"
            )
        for number in reading.used(tables, TableNumber.INSTRUMENTS_TABLE):
            self._terms[number] = terms_of(tables, number)
            if tables.instruments[number].settlement_kind:
                self._ends[number] = standing(tables, number)
            current = {one.length_s: one for one in found.candles if one.instrument == number}
            self._candles[number] = Candles(number, current)
            sides = (reading.levels(tables, number, side, 0) for side in (Side.BUY, Side.SELL))
            self._books[number] = Book(*([(price, quantity) for price, quantity, _ in side] for side in sides))
        for number in reading.used(tables, TableNumber.INDICES_TABLE):
            self._index_units[number] = tables.indices[number].value_units
        for slot in reading.used(tables, TableNumber.WALLETS_TABLE):
            row = tables.wallets[slot]
            self._ledger.balances[row.account, row.currency] = row.balance_minor
            if row.account == Role.INSURANCE:
                self._funds.begin(row.currency, row.balance_minor, self._time_ns)

    def observe(self, entry: Entry, events: Sequence[Event]) -> None:
        """An entry has been applied, and these are its events."""
        self._sequence, self._time_ns = entry.head.sequence, entry.head.time_ns
        if self._time_ns >= self._next_minute_ns:
            self._next_minute_ns = self._time_ns - self._time_ns % MINUTE_NS + MINUTE_NS
            for candles in self._candles.values():
                self._advance(candles)
            self._funds.advance(self._time_ns)
        touched: dict[int, tuple[int, int, int, int]] = {}
        for event in events:
            handler = self._handlers.get(event.head.kind)
            if handler is None:
                continue
            if event.head.kind == EventKind.LEVEL_CHANGED:
                number = event.record.instrument
                if number not in touched:
                    touched[number] = self._books[number].touch
            handler(entry, event)
        for number, before in touched.items():
            self._quote(number, before)

    def take(self, standing: Standing) -> Batch:
        """Everything that waits, as one batch."""
        batch = Batch(
            standing,
            {
                "orders": self._orders.take(),
                "executions": Changes(self._executions, []),
                "trades": Changes(self._trades, []),
                "ledger": self._ledger.rows.take(),
                "quotes": self._quotes.take(),
                "candles": self._candle_rows.take(),
                "funding": self._fundings.take(),
                "settlements": self._settlements.take(),
                "funds": self._funds.rows.take(),
                "quote_days": self._quoting.rows.take(),
            },
        )
        self._executions, self._trades = [], []
        return batch

    # Orders.

    def _placed(self, entry: Entry, event: Event) -> None:
        if event.record.account < ROLES:
            return
        command = entry.record if entry.head.kind == CommandKind.PLACE else None
        text = _text(entry) if command is not None else ""
        order = placed(Order, event.record, command, text, self._time_ns, self._sequence)
        self._open[order.order_id] = order
        self._orders.add(order.order_id, order)
        self._executions.append(report(order, Change.PLACED, 2 * event.head.ordinal))
        if command is not None:
            self._quoting.of(order.account, self._time_ns).placed += 1

    def _amended(self, entry: Entry, event: Event) -> None:
        if event.record.account < ROLES:
            return
        order_id = event.record.order_id
        order = self._open.get(order_id)
        if order is None:
            order = self._open[order_id] = self._filled_of_late.revive(order_id)
        # Only the first of an entry is the order that was asked for; others are reduce-only orders that were cut.
        is_first, self._amended_sequence = self._amended_sequence != self._sequence, self._sequence
        is_asked_for = entry.head.kind == CommandKind.AMEND and is_first
        if is_asked_for:
            self._quoting.of(order.account, self._time_ns).amended += 1
            if entry.payload:
                order.text = _text(entry)
        order.amend(event.record)
        self._changed(order)
        self._executions.append(report(order, Change.AMENDED if is_asked_for else Change.CUT, 2 * event.head.ordinal))

    def _conditioned(self, entry: Entry, event: Event) -> None:
        order = self._open.get(event.record.order_id)
        if order is None:
            return
        order.condition(event.record)
        self._changed(order)
        # The report of the event before is of the order with what it waits for.
        last = self._executions[-1] if self._executions else None
        if last is not None and (last["sequence"], last["order_id"]) == (self._sequence, order.order_id):
            last.update(conditions(order))

    def _triggered(self, entry: Entry, event: Event) -> None:
        order = self._open.get(event.record.order_id)
        if order is not None:
            order.trigger(event.record)
            self._changed(order)
            self._executions.append(report(order, Change.TRIGGERED, 2 * event.head.ordinal))

    def _trailed(self, entry: Entry, event: Event) -> None:
        order = self._open.get(event.record.order_id)
        if order is not None:
            order.trail(event.record)
            self._changed(order)
            self._executions.append(report(order, Change.TRAILED, 2 * event.head.ordinal))

    def _ended(self, entry: Entry, event: Event) -> None:
        order = self._open.pop(event.record.order_id, None)
        if order is None:
            # Its last fill has ended it already.
            return
        own_words = entry.head.kind in (CommandKind.CANCEL, CommandKind.CANCEL_ALL)
        order.end(event.record, _text(entry) if own_words else "")
        self._changed(order)
        if order.end_reason != EndReason.ENDED_FILLED:
            self._executions.append(report(order, Change.ENDED, 2 * event.head.ordinal))

    def _changed(self, order: Order) -> None:
        order.touch(self._sequence, self._time_ns)
        self._orders.touch(order.order_id, order)

    # What the venue itself does to positions.

    def _funding_fixed(self, entry: Entry, event: Event) -> None:
        record = event.record
        funding = funding_of(record, self._terms[record.instrument], self._sequence, self._time_ns)
        self._epochs[record.instrument] = funding
        self._fundings.add((funding.instrument, funding.epoch), funding)

    def _funded(self, entry: Entry, event: Event) -> None:
        record = event.record
        if record.account >= ROLES:
            funding = self._epochs.get(record.instrument)
            epoch = funding if funding is not None and funding.epoch == record.epoch else None
            self._made(funded_row(event.head, record, self._terms[record.instrument], epoch))

    def _taken_over(self, entry: Entry, event: Event) -> None:
        order, born, filled = taken_over_rows(event.head, event.record)
        self._orders.add(order.order_id, order)
        self._executions.append(born)
        self._made(filled)

    def _deleveraged(self, entry: Entry, event: Event) -> None:
        self._made(deleveraged_row(event.head, event.record))

    def _settlement_fixed(self, entry: Entry, event: Event) -> None:
        settlement = settlement_of(event.record, self._sequence, self._time_ns)
        self._ends[settlement.instrument] = settlement
        self._settlements.add(settlement.instrument, settlement)

    def _settled(self, entry: Entry, event: Event) -> None:
        if event.record.account >= ROLES:
            self._made(settled_row(event.head, event.record, self._ends[event.record.instrument]))

    def _renewed(self, entry: Entry, event: Event) -> None:
        number = event.record.instrument
        self._terms[number] = terms_of(self._state.tables, number)

    def _made(self, row: Values) -> None:
        terms = self._terms[row["instrument"]]
        row["conversion_units"], _ = converted(terms, self._index_units.get(terms.index, 0), 0, 0)
        self._executions.append(row)
        self._ledger.gain(gain_of(row, terms.currency))

    def _currency_listed(self, entry: Entry, event: Event) -> None:
        self._funds.begin(event.record.currency, 0, self._time_ns)

    def _fund_moved(self, entry: Entry, event: Event) -> None:
        self._funds.change(event.record.currency, event.record.fund_minor, self._time_ns)

    # Trades.

    def _filled(self, entry: Entry, event: Event) -> None:
        fill = event.record
        if fill.spread:
            for row in leg_rows(event.head, fill):
                self._made(row)
            return
        terms = self._terms[fill.instrument]
        index_units = self._index_units.get(terms.index, 0)
        conversion_units, quote_micro = converted(terms, index_units, fill.quantity, fill.value_minor)
        sides = (
            (fill.taker_order_id, fill.taker_leaves_quantity, fill.taker_fee_minor, fill.taker_realised_minor),
            (fill.maker_order_id, fill.maker_leaves_quantity, fill.maker_fee_minor, fill.maker_realised_minor),
        )
        for side, (order_id, leaves_quantity, fee_minor, realised_minor) in enumerate(sides):
            order = self._open.get(order_id)
            if order is None:
                # A side without an order of its own, as the venue's own accounts have.
                continue
            order.fill(fill.quantity, fill.price_ticks, fill.value_minor, leaves_quantity)
            self._changed(order)
            if not leaves_quantity:
                order.end_reason = EndReason.ENDED_FILLED
                del self._open[order_id]
                self._filled_of_late.add(order)
            self._quoting.of(order.account, self._time_ns).filled += 1
            row = report(order, Change.TRADED, 2 * event.head.ordinal + side)
            row.update(
                quantity=fill.quantity,
                price_ticks=fill.price_ticks,
                value_minor=fill.value_minor,
                fee_minor=fee_minor,
                realised_minor=realised_minor,
                # What traded unseen pays as a taker (ORD-20).
                is_maker=side == 1 and not fill.maker_hidden,
                conversion_units=conversion_units,
            )
            self._executions.append(row)
        self._trade(event, conversion_units, quote_micro)
        for gain in gains_of(fill, terms.currency, self._sequence, event.head.ordinal, self._time_ns):
            self._ledger.gain(gain)

    def _trade(self, event: Event, conversion_units: int, quote_micro: int) -> None:
        fill = event.record
        direction = direction_after(self._last_trades.get(fill.instrument), fill.price_ticks)
        self._last_trades[fill.instrument] = LastTrade(fill.instrument, fill.price_ticks, direction)
        self._trades.append(
            {
                "sequence": self._sequence,
                "ordinal": event.head.ordinal,
                "time_ns": self._time_ns,
                "instrument": fill.instrument,
                "taker_side": fill.taker_side,
                "price_ticks": fill.price_ticks,
                "quantity": fill.quantity,
                "value_minor": fill.value_minor,
                "direction": direction,
                "conversion_units": conversion_units,
            }
        )
        for candle in self._candles[fill.instrument].current.values():
            candle.add(fill.price_ticks, fill.quantity, fill.value_minor, quote_micro)
            self._candle_rows.touch((candle.instrument, candle.length_s, candle.start_ns), candle)

    # Prices, money and what is listed.

    def _level_changed(self, entry: Entry, event: Event) -> None:
        record = event.record
        self._books[record.instrument].change(record.side, record.price_ticks, record.quantity)

    def _quote(self, number: int, before: tuple[int, int, int, int]) -> None:
        """The entry is over: if it has left another touch, that is what this second and the candles hold now."""
        touch = self._books[number].touch
        if touch == before:
            return
        quote = quote_of(number, self._time_ns, touch)
        key = number, quote.second_ns
        now = self._quotes_now.get(number)
        if now is not None and now.second_ns == quote.second_ns:
            now.time_ns = quote.time_ns
            now.bid_ticks, now.bid_quantity, now.ask_ticks, now.ask_quantity = touch
            self._quotes.touch(key, now)
        else:
            self._quotes_now[number] = quote
            self._quotes.add(key, quote)
        for candle in self._candles[number].current.values():
            candle.quote(touch)
            self._candle_rows.touch((number, candle.length_s, candle.start_ns), candle)

    def _index_moved(self, entry: Entry, event: Event) -> None:
        self._index_units[event.record.index] = event.record.value_units

    def _moved(self, entry: Entry, event: Event) -> None:
        moved = event.record
        if moved.to_account == Role.INSURANCE:
            self._funds.change(moved.currency, moved.to_balance_minor, self._time_ns)
        elif moved.from_account == Role.INSURANCE:
            self._funds.change(moved.currency, moved.from_balance_minor, self._time_ns)
        for row in moves_of(event.record, self._sequence, event.head.ordinal, self._time_ns):
            self._ledger.add(row)

    def _listed(self, entry: Entry, event: Event) -> None:
        number = event.record.instrument
        self._terms[number] = terms_of(self._state.tables, number)
        self._books[number] = Book()
        self._candles[number] = Candles(number, {})
        self._advance(self._candles[number])

    def _advance(self, candles: Candles) -> None:
        number, time_ns = candles.instrument, self._time_ns
        if number in self._ends:
            time_ns = self._terms[number].candles_until(time_ns)
        for candle in candles.advance(time_ns):
            self._candle_rows.add((candle.instrument, candle.length_s, candle.start_ns), candle)


def direction_after(before: LastTrade | None, price_ticks: int) -> int:
    """How the price moved; without a trade before it, as if it had risen."""
    if before is None or price_ticks > before.price_ticks:
        return UP
    if price_ticks < before.price_ticks:
        return DOWN
    return SAME_AFTER_UP if before.direction in (UP, SAME_AFTER_UP) else SAME_AFTER_DOWN


def _text(entry: Entry) -> str:
    """The user's words in an entry's payload, whoever journaled it.

    Without zeros, which PostgreSQL does not take in a text.
    """
    return entry.payload.decode("utf-8", "replace").replace("\0", "")
