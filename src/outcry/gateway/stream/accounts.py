"""The private tables: what is told of orders, executions, positions, margins and wallets, in full rows.

Of an account somebody listens to, each flush tells in this order what a frame did: executions, orders, positions,
margins, wallets (API 4.6), then the account's own rung.  What follows from the mark, and from one position on another
through the balance they share, is told at most once an interval of the entries' time.  A row is only told when
something but its time changed.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, Protocol

from outcry.gateway.dialect import messages
from outcry.gateway.dialect.accounts import margin_row, wallet_row
from outcry.gateway.dialect.orders import execution_row, order_row
from outcry.gateway.dialect.positions import position_row
from outcry.gateway.dialect.tables import (
    ACCOUNT_TABLE,
    EXECUTION_TABLE,
    MARGIN_TABLE,
    ORDER_TABLE,
    POSITION_TABLE,
    TRANSACT_TABLE,
    WALLET_TABLE,
)
from outcry.gateway.dialect.transactions import moved_row
from outcry.gateway.states import account_row
from outcry.gateway.stream.session import text_frame
from outcry.gateway.stream.topics import ALL, Topic
from outcry.gateway.venue import Venue
from outcry.protocol.layout import EndReason, EventKind, Moved
from outcry.protocol.told import Change
from outcry.protocol.wire import Entry, Event
from outcry.views import rows
from outcry.views.directory import Currency
from outcry.views.orders import MONEY_CHANGES, ExecutionView
from outcry.views.rows import PositionView
from outcry.views.states import account_state

Row = dict[str, Any]
POSITION_KINDS = frozenset({EventKind.MARGIN_SET, EventKind.RISK_LIMIT_SET, EventKind.LIQUIDATION_STEP})
"""What changes a position's row without an execution."""
ACCOUNT_KINDS = frozenset({EventKind.ACCOUNT_STATE_SET, EventKind.SELF_TRADE_SET, EventKind.SMALL_ORDERS_FLAGGED})
"""What changes an account's own row."""


class PrivateAudience(Protocol):
    """Who listens to accounts."""

    def wants_account(self, account: int) -> bool:
        """Whether anybody listens to this account."""
        ...

    def accounts(self) -> Iterable[int]:
        """All that somebody listens to."""
        ...

    def publish_private(self, table: str, account: int, scopes: Sequence[str], frames: bytes) -> None:
        """Give frames with an account's rows to everybody who wants them."""
        ...


class Told:
    """An account's rows as they were told last, by table and key, without their times."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], Row] = {}

    def action(self, table: str, key: str, row: Row) -> str | None:
        """How to tell the row: `insert` the first time, else `update`; nothing when it is as it was told."""
        bare = {**row, "timestamp": None}
        before = self._rows.get((table, key))
        if bare == before:
            return None
        self._rows[table, key] = bare
        return "insert" if before is None else "update"

    def note(self, table: str, key: str, row: Row) -> None:
        """It was told in a partial; others may have been told less."""
        self._rows.setdefault((table, key), {**row, "timestamp": None})


class Stirred:
    """What of an account has to be looked at again."""

    def __init__(self) -> None:
        self.executions: list[ExecutionView] = []
        self.transfers: list[tuple[Moved, int, int, int]] = []
        self.instruments: dict[int, None] = {}
        self.currencies: dict[int, None] = {}
        self.wallets: dict[int, None] = {}
        self.account = False


class AccountNews:
    """What happened to accounts since the last flush."""

    def __init__(self, venue: Venue, audience: PrivateAudience, interval_ns: int) -> None:
        self._venue = venue
        self._audience = audience
        self._interval_ns = interval_ns
        self._stirred: dict[int, Stirred] = {}
        self._told: dict[int, Told] = {}
        self._drifting: dict[int, None] = {}
        """Accounts whose other rows may have moved too."""
        self._marks_moved = False
        self._next_ns = 0

    # What is told to it.

    def executed(self, view: ExecutionView) -> None:
        """Something happened to an order."""
        account = view.order.account
        if not self._audience.wants_account(account):
            return
        stirred = self._stir(account)
        stirred.executions.append(view)
        self._touch(stirred, view.order.instrument)
        if view.change in MONEY_CHANGES:
            stirred.wallets[self._currency_of(view.order.instrument)] = None

    def observe(self, entry: Entry, events: Iterable[Event]) -> None:
        """An entry was applied."""
        for event in events:
            kind = event.head.kind
            if kind == EventKind.MARK_MOVED:
                self._marks_moved = True
            elif kind in POSITION_KINDS and self._audience.wants_account(event.record.account):
                self._touch(self._stir(event.record.account), event.record.instrument)
            elif kind == EventKind.MOVED:
                self._moved(entry, event)
            elif kind == EventKind.BOND_CHANGED and self._audience.wants_account(event.record.account):
                stirred = self._stir(event.record.account)
                self._touch(stirred, event.record.instrument)
                stirred.wallets[self._currency_of(event.record.instrument)] = None
            elif kind in ACCOUNT_KINDS and self._audience.wants_account(event.record.account):
                self._stir(event.record.account).account = True

    def _moved(self, entry: Entry, event: Event) -> None:
        moved = event.record
        for account in (moved.from_account, moved.to_account):
            if self._audience.wants_account(account):
                stirred = self._stir(account)
                stirred.currencies[moved.currency] = stirred.wallets[moved.currency] = None
                stirred.transfers.append((moved, entry.head.sequence, event.head.ordinal, entry.head.time_ns))

    def _stir(self, account: int) -> Stirred:
        self._drifting[account] = None
        return self._stirred.setdefault(account, Stirred())

    def _touch(self, stirred: Stirred, instrument: int) -> None:
        stirred.instruments[instrument] = None
        stirred.currencies[self._currency_of(instrument)] = None

    def _currency_of(self, instrument: int) -> int:
        return self._venue.directory.listing(instrument).currency.number

    def forget(self, account: int) -> None:
        """Nobody listens to it any more, so nothing counts as told."""
        for kept in (self._told, self._stirred, self._drifting):
            kept.pop(account, None)

    # What it tells.

    def flush(self) -> None:
        """Tell what happened since the last time."""
        stirred, self._stirred = self._stirred, {}
        for account, one in stirred.items():
            self._flush_account(account, one)
        now_ns = self._venue.time_ns
        if now_ns < self._next_ns or not (self._marks_moved or self._drifting):
            return
        self._next_ns = now_ns + self._interval_ns
        accounts = list(self._audience.accounts() if self._marks_moved else self._drifting)
        drifting, self._drifting, self._marks_moved = self._drifting, {}, False
        for account in accounts:
            # A mark moves nothing of who holds nothing.
            views = list(rows.positions(self._venue.state, account, exposed=account not in drifting))
            for view in views:
                self._tell_position(account, view)
            for currency in self._currencies() if views else ():
                self._tell_money(MARGIN_TABLE, account, currency)

    def _flush_account(self, account: int, stirred: Stirred) -> None:
        for number, views in groupby(stirred.executions, key=lambda one: one.order.instrument):
            self._tell_executions(account, number, list(views))
        for number in stirred.instruments:
            view = rows.position(self._venue.state, account, number)
            if view is not None:
                self._tell_position(account, view)
        for currency in self._currencies():
            if currency.number in stirred.currencies:
                self._tell_money(MARGIN_TABLE, account, currency)
        for currency in self._currencies():
            if currency.number in stirred.wallets:
                self._tell_money(WALLET_TABLE, account, currency)
        if stirred.account:
            self._tell_account(account)
        for transfer in stirred.transfers:
            row = moved_row(account, *transfer, self._venue.directory, self._venue.ids)
            if row is not None:
                self._publish(TRANSACT_TABLE, account, (ALL, row["currency"]), "insert", [row])

    def _publish(self, table: str, account: int, scopes: Sequence[str], action: str, told: list[Row]) -> None:
        self._audience.publish_private(table, account, scopes, text_frame(messages.change(table, action, told)))

    def _tell_executions(self, account: int, number: int, views: list[ExecutionView]) -> None:
        listing = self._venue.directory.listing(number)
        scopes = (ALL, listing.symbol)
        told = _reports_told(views)
        rates = rows.fee_rates(self._venue.state, number)
        executions = [execution_row(one, self._venue.directory, self._venue.ids, rates) for one, _ in told]
        self._publish(EXECUTION_TABLE, account, scopes, "insert", executions)
        for action, run in groupby(told, key=lambda pair: pair[1]):
            # The rows are full, so of several about one order the last says everything.
            last = {one.order.order_id: one.order for one, _ in run if one.order.order_id}
            orders = [order_row(order, listing, self._venue.ids) for order in last.values()]
            if orders:
                self._publish(ORDER_TABLE, account, scopes, action, orders)

    def _tell_position(self, account: int, view: PositionView) -> None:
        row = self._position_row(view)
        action = self._told_of(account).action(POSITION_TABLE, row["symbol"], row)
        if action is not None:
            self._publish(POSITION_TABLE, account, (ALL, row["symbol"]), action, [row])

    def _tell_money(self, table: str, account: int, currency: Currency) -> None:
        row = self._money_row(table, account, currency)
        action = self._told_of(account).action(table, currency.symbol, row)
        if action is not None:
            self._publish(table, account, (ALL, currency.symbol), action, [row])

    def _tell_account(self, account: int) -> None:
        row = self._account_row(account)
        action = self._told_of(account).action(ACCOUNT_TABLE, "", row)
        if action is not None:
            self._publish(ACCOUNT_TABLE, account, (ALL,), action, [row])

    def _told_of(self, account: int) -> Told:
        return self._told.setdefault(account, Told())

    # Rows.

    def _currencies(self) -> list[Currency]:
        # XBt comes first whatever was listed first, because clients read row 0.
        return sorted(self._venue.directory.currencies(), key=lambda one: (one.symbol != "XBt", one.number))

    def _position_row(self, view: PositionView) -> Row:
        return position_row(view, self._venue.state, self._venue.recent)

    def _account_row(self, account: int) -> Row:
        return account_row(account_state(self._venue.state, account), self._venue.time_ns)

    def _money_row(self, table: str, account: int, currency: Currency) -> Row:
        venue = self._venue
        if table == MARGIN_TABLE:
            return margin_row(rows.margin(venue.state, account, currency), venue.time_ns)
        return wallet_row(rows.wallet(venue.state, account, currency), venue.time_ns)

    def partial(self, topic: Topic) -> bytes:
        """The account's table as it stands.  Nothing may be waiting to be flushed."""
        name = "symbol" if topic.table.by_symbol else "currency"
        wanted: Row = {"account": topic.account}
        if topic.scope:
            wanted[name] = topic.scope
        found = [row for row in self._rows_of(topic) if topic.scope in (ALL, row.get(name))]
        return messages.partial(topic.table, wanted, found)

    def _rows_of(self, topic: Topic) -> list[Row]:
        venue, account, table = self._venue, topic.account, topic.table.name
        told = self._told_of(account)
        if table == ORDER_TABLE:
            views = venue.recent.account(account).open.values()
            return [order_row(one, venue.directory.listing(one.instrument), venue.ids) for one in views]
        found: list[Row] = []
        if table == ACCOUNT_TABLE:
            found = [self._account_row(account)]
            told.note(table, "", found[0])
        elif table == POSITION_TABLE:
            found = [self._position_row(view) for view in rows.positions(venue.state, account)]
            for row in found:
                told.note(table, row["symbol"], row)
        elif table in (MARGIN_TABLE, WALLET_TABLE):
            found = [self._money_row(table, account, currency) for currency in self._currencies()]
            for row in found:
                told.note(table, row["currency"], row)
        return found


def _reports_told(views: list[ExecutionView]) -> list[tuple[ExecutionView, str]]:
    """The reports that are told, each with how its order's row is told: new ones are inserted.

    An order that must not have taken, and would have, is told once, as cancelled.
    """
    told: list[tuple[ExecutionView, str]] = []
    for view in views:
        before = told[-1][0] if told else None
        killed = view.change == Change.ENDED and view.order.end_reason == EndReason.ENDED_POST_ONLY
        if killed and before is not None and _is_birth_of(before, view):
            told[-1] = view, "insert"
        else:
            told.append((view, "insert" if view.change == Change.PLACED else "update"))
    return told


def _is_birth_of(before: ExecutionView, view: ExecutionView) -> bool:
    """Whether an earlier report says that the order came into being in the same entry."""
    same = (before.order.order_id, before.sequence) == (view.order.order_id, view.sequence)
    return before.change == Change.PLACED and same
