"""The tables `funding`, `insurance`, `liquidation` and `settlement`: fundings, insurance funds, takeovers, settlements.

Fundings and settlements are told one by one, a fund as it stands after the frame (and at each noon), and of a takeover
its coming, every change of what is left, and its end, one by one.  None of them says anything about an account.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, Protocol

from outcry.gateway.dialect import messages
from outcry.gateway.dialect.risk import funding_row, insurance_row, liquidation_row, settlement_row
from outcry.gateway.dialect.tables import FUNDING_TABLE, INSURANCE_TABLE, LIQUIDATION_TABLE, SETTLEMENT_TABLE
from outcry.gateway.stream.session import text_frame
from outcry.gateway.stream.topics import ALL, Topic
from outcry.gateway.venue import Venue
from outcry.protocol.layout import EventKind, Role
from outcry.protocol.wire import Event
from outcry.views.directory import Currency, Listing
from outcry.views.risk import FundView, TakeoverView

Row = dict[str, Any]
RISK_TABLES = (FUNDING_TABLE, INSURANCE_TABLE, LIQUIDATION_TABLE, SETTLEMENT_TABLE)


class Audience(Protocol):
    """Who listens."""

    def wants(self, table: str, scopes: Sequence[str]) -> bool:
        """Whether anybody wants rows of a public table that are in any of these scopes."""
        ...

    def publish(self, table: str, scopes: Sequence[str], frames: bytes) -> None:
        """Give frames with such rows to everybody who wants them."""
        ...


class RiskNews:
    """What happened to fundings, funds and takeovers since the last flush."""

    def __init__(self, venue: Venue, audience: Audience) -> None:
        self._venue = venue
        self._audience = audience
        self._messages: list[tuple[str, Listing, str, Callable[[], Row]]] = []
        self._funds: dict[int, None] = {}
        self._told: dict[int, FundView] = {}
        """By currency, the fund as it was told last."""
        self._takeovers: dict[int, TakeoverView] = {}
        """As they were told last, by number; empty until somebody has listened."""
        self._noons = 0

    # What is told to it.

    def observe(self, events: Iterable[Event]) -> None:
        """An entry was applied, and the views know it."""
        risk = self._venue.recent.risk
        noons = sum(len(one) for one in risk.noons.values())
        if noons != self._noons:
            self._noons = noons
            self._funds.update(dict.fromkeys(risk.noons))
        for event in events:
            kind, record = event.head.kind, event.record
            if kind == EventKind.FUNDING_FIXED:
                view = risk.fundings[record.instrument][-1]
                listing = self._listing(record.instrument)
                self._messages.append((FUNDING_TABLE, listing, "insert", partial(funding_row, view, listing)))
            elif kind == EventKind.SETTLEMENT_FIXED:
                made = self._venue.recent.settlements.of(record.instrument)
                listing = self._listing(record.instrument)
                row_of = partial(settlement_row, made, listing, self._venue.directory)
                self._messages.append((SETTLEMENT_TABLE, listing, "insert", row_of))
            elif kind in (EventKind.FUND_MOVED, EventKind.CURRENCY_LISTED) or (
                kind == EventKind.MOVED and Role.INSURANCE in (record.from_account, record.to_account)
            ):
                self._funds[record.currency] = None
            elif kind == EventKind.TAKEN_OVER:
                self._taken_over(record.takeover, TakeoverView.of(record))
            elif kind == EventKind.TAKEOVER_CHANGED and record.takeover in self._takeovers:
                self._changed(self._takeovers[record.takeover].after(record))

    def _listing(self, number: int) -> Listing:
        return self._venue.directory.listing(number)

    def _taken_over(self, number: int, view: TakeoverView) -> None:
        self._takeovers[number] = view
        self._say(view, "insert")

    def _changed(self, view: TakeoverView) -> None:
        before = self._takeovers[view.takeover]
        self._takeovers[view.takeover] = view
        if not view.leaves_quantity:
            del self._takeovers[view.takeover]
            self._say(view, "delete")
        elif view.leaves_quantity != before.leaves_quantity:
            self._say(view, "update")

    def _say(self, view: TakeoverView, action: str) -> None:
        listing = self._listing(view.instrument)
        make = partial(liquidation_row, view, listing, self._venue.ids)
        self._messages.append((LIQUIDATION_TABLE, listing, action, make))

    def forget(self) -> None:
        """Nobody listens any more, so nothing counts as told."""
        self._messages, self._funds, self._told, self._takeovers = [], {}, {}, {}

    # What it tells.

    def flush(self) -> None:
        """Tell what happened since the last time."""
        told, self._messages = self._messages, []
        for table, listing, action, make in told:
            scopes = (ALL, listing.symbol)
            if self._audience.wants(table, scopes):
                self._audience.publish(table, scopes, text_frame(messages.change(table, action, [make()])))
        funds, self._funds = self._funds, {}
        for number in funds:
            self._flush_fund(self._venue.directory.currency(number))

    def _flush_fund(self, currency: Currency) -> None:
        rows = self._venue.recent.risk.fund_rows(currency.number)
        before = self._told.get(currency.number)
        if before is not None:
            rows = [one for one in rows if one.time_ns > before.time_ns or one == rows[-1] != before]
        for view in rows if before is not None else rows[-1:]:
            row = insurance_row(view, currency)
            # Two changes within a millisecond are one row, because its time is its name.
            known = before is not None and insurance_row(before, currency)["timestamp"] == row["timestamp"]
            before = self._told[currency.number] = view
            scopes = (ALL, currency.symbol)
            if self._audience.wants(INSURANCE_TABLE, scopes):
                action = "update" if known else "insert"
                frames = text_frame(messages.change(INSURANCE_TABLE, action, [row]))
                self._audience.publish(INSURANCE_TABLE, scopes, frames)

    def partial(self, topic: Topic) -> bytes:
        """The table as it stands: the last funding of each contract, funds, what is being closed, what has ended."""
        table, scope, risk = topic.table.name, topic.scope, self._venue.recent.risk
        name = "symbol" if topic.table.by_symbol else "currency"
        rows: list[Row] = []
        if table == FUNDING_TABLE:
            rows = [funding_row(kept[-1], self._listing(number)) for number, kept in sorted(risk.fundings.items())]
        elif table == SETTLEMENT_TABLE:
            ended = self._venue.recent.settlements.kept
            rows = [settlement_row(one, self._listing(one.instrument), self._venue.directory) for one in ended]
        elif table == LIQUIDATION_TABLE:
            views = risk.takeovers.values()
            self._takeovers.update({one.takeover: one for one in views})
            rows = [liquidation_row(one, self._listing(one.instrument), self._venue.ids) for one in views]
        else:
            for currency in self._venue.directory.currencies():
                for view in risk.fund_rows(currency.number)[-1:]:
                    self._told[currency.number] = view
                    rows.append(insurance_row(view, currency))
        found = [row for row in rows if scope in (ALL, row[name])]
        return messages.partial(topic.table, {name: scope} if scope else {}, found)
