"""Rows of history as the views that the gateway shows, and where each kind of them begins: the two rooms meet here."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import RowMapping

from outcry.gateway.dialect.query import Query
from outcry.gateway.past import Older, Past
from outcry.history.reader import Asked
from outcry.protocol.layout import OrderType
from outcry.views.bins import BIN_SIZES, Bin
from outcry.views.kept import TradeView
from outcry.views.orders import MONEY_CHANGES, ExecutionView, OrderView
from outcry.views.recent import Recent
from outcry.views.risk import FundingView, FundView
from outcry.views.settlements import SettlementView
from outcry.views.shelves import AccountRecent, InstrumentRecent
from outcry.views.tops import QuoteView

MILLISECOND_NS = 10**6
SECOND_NS = 10**9
BIN_FIELDS = tuple(Bin.__struct_fields__)
TRADE_FIELDS = tuple(TradeView.__struct_fields__)
FUNDING_FIELDS = tuple(FundingView.__struct_fields__)
SETTLEMENT_FIELDS = tuple(SettlementView.__struct_fields__)
QUOTE_FIELDS = tuple(QuoteView.__struct_fields__)
EXECUTION_FIELDS = tuple(name for name in ExecutionView.__struct_fields__ if name != "order")
ORDER_FIELDS = tuple(
    name
    for name in OrderView.__struct_fields__
    if name not in ("order_id", "account", "instrument", "changed_ns", "changed_sequence")
)
"""What a report says of its order under the name `order_...`; the rest is the report's own."""
NO_ORDER: dict[str, Any] = {
    "order_type": int(OrderType.LIMIT),
    "link_id": "",
    "trigger_reference": 0,
    "peg_kind": 0,
    "contingency": 0,
}
"""What a report of the venue's says of an order that there is not."""

Where = Mapping[str, Sequence[Any]]


class Event(Protocol):
    """Something that happened at an entry."""

    @property
    def sequence(self) -> int:
        """The entry's number."""
        ...

    @property
    def time_ns(self) -> int:
        """The entry's time."""
        ...


def order_view(row: RowMapping) -> OrderView:
    """A row of `orders`."""
    return OrderView(**row)


def execution_view(row: RowMapping) -> ExecutionView:
    """A row of `executions` with the part of its order that never changes; without an order it is the venue's."""
    fields: Mapping[str, Any] = {name: row[f"order_{name}"] for name in ORDER_FIELDS}
    if not row["order_id"]:
        fields = {**fields, **NO_ORDER, "side": row["side"], "placed_ns": row["time_ns"]}
    order = OrderView(
        order_id=row["order_id"],
        account=row["account"],
        instrument=row["instrument"],
        changed_ns=row["time_ns"],
        changed_sequence=row["sequence"],
        **fields,
    )
    return ExecutionView(order=order, **{name: row[name] for name in EXECUTION_FIELDS})


def trade_view(row: RowMapping) -> TradeView:
    """A row of `trades`."""
    return TradeView(**{name: row[name] for name in TRADE_FIELDS})


def bin_view(row: RowMapping) -> Bin:
    """A row of `candles`."""
    return Bin(**{name: row[name] for name in BIN_FIELDS})


def quote_view(row: RowMapping) -> QuoteView:
    """A row of `quotes`."""
    return QuoteView(**{name: row[name] for name in QUOTE_FIELDS})


def funding_view(row: RowMapping) -> FundingView:
    """A row of `funding`."""
    return FundingView(**{name: row[name] for name in FUNDING_FIELDS})


def settlement_view(row: RowMapping) -> SettlementView:
    """A row of `settlements`."""
    return SettlementView(**{name: row[name] for name in SETTLEMENT_FIELDS})


def fund_view(row: RowMapping) -> FundView:
    """A row of `funds`, at the noon that ended it."""
    return FundView(row["period_end_ns"], row["currency"], row["balance_minor"])


def touch_view(row: RowMapping) -> QuoteView:
    """The touch at the end of a row of `candles`, stamped with it."""
    fields = (row[name] for name in QUOTE_FIELDS if name != "time_ns")
    return QuoteView(row["start_ns"] + row["length_s"] * SECOND_NS, *fields)


def asked_of(query: Query, where: Where, before_ns: int | None = None, shift_ns: int = 0, **more: Any) -> Asked:
    """The question of a query, and nothing at or after `before_ns`.

    The column of time is `shift_ns` earlier than what is shown, and wire times have milliseconds.
    """
    last_ns = None if query.end_ns is None else query.end_ns + MILLISECOND_NS - shift_ns
    ends = [one for one in (before_ns, last_ns) if one is not None]
    return Asked(
        where=where,
        start_ns=None if query.start_ns is None else query.start_ns - shift_ns,
        end_ns=min(ends, default=None),
        reverse=query.reverse,
        **more,
    )


def newest(events: Iterable[Event | None], begun_sequence: int) -> tuple[int, int | None]:
    """Up to which entry things have been forgotten, and the first time after them if that is known."""
    known = [one for one in events if one is not None]
    last = max(known, key=lambda one: one.sequence, default=None)
    if last is None or last.sequence < begun_sequence:
        return begun_sequence, None
    return last.sequence, last.time_ns + 1


def older_executions(
    query: Query, kept: AccountRecent, begun_sequence: int, where: Where
) -> tuple[int, Older[ExecutionView] | None]:
    """An account's reports up to the entry that is told."""
    sequence, before_ns = newest((kept.fills.forgotten, kept.reports.forgotten), begun_sequence)
    if not sequence:
        return 0, None
    asked = asked_of(query, where, before_ns, last_sequence=sequence)
    return sequence, Older("executions", asked, execution_view, needs_sequence=sequence)


def older_orders(
    query: Query, kept: AccountRecent, begun_sequence: int, where: Where
) -> tuple[int, Older[OrderView] | None]:
    """An account's orders that ended up to the entry that is told; open ones and later ones are not forgotten."""
    last = kept.ended.forgotten
    sequence = max(begun_sequence, last.changed_sequence if last is not None else 0)
    if not sequence:
        return 0, None
    asked = asked_of(query, where, last_sequence=sequence, without={"end_reason": (0,)})
    return sequence, Older("orders", asked, order_view, needs_sequence=sequence)


async def ended_order(past: Past, account: int, order_id: int, client_id: str | None) -> OrderView | None:
    """An order that ended and is no longer recent, by number or by name; nothing where there is no history."""
    if not past.is_kept:
        return None
    # The keeper may not have made the file yet.
    await past.reach(sequence=1)
    named: Where = {"order_id": (order_id,)} if client_id is None else {"client_id": (client_id,)}
    asked = Asked(where={"account": (account,), **named}, without={"end_reason": (0,)}, reverse=True, limit=1)
    rows = await past.ask(lambda reader: reader.page("orders", asked))
    return order_view(rows[0]) if rows else None


def order_where(account: int, numbers: Sequence[int] | None, ids: Where) -> Where:
    """What history can find orders and reports by; the rest of a filter is compared row by row."""
    where: dict[str, Sequence[Any]] = {"account": (account,), **ids}
    if numbers is not None:
        where["instrument"] = numbers
    return where


def traded_only(where: Where) -> Where:
    """What changed the wallet only."""
    return {**where, "change": tuple(int(one) for one in MONEY_CHANGES)}


def older_trades(
    query: Query, instruments: Mapping[int, InstrumentRecent], begun_sequence: int
) -> tuple[int, Older[tuple[int, TradeView]] | None]:
    """Trades of these instruments up to the entry that is told, each with its instrument."""
    sequence, before_ns = newest((one.trades.forgotten for one in instruments.values()), begun_sequence)
    if not sequence:
        return 0, None
    asked = asked_of(query, {"instrument": tuple(instruments)}, before_ns, last_sequence=sequence)
    return sequence, Older("trades", asked, lambda row: (row["instrument"], trade_view(row)), needs_sequence=sequence)


def older_bins(
    query: Query, instruments: Mapping[int, InstrumentRecent], size: str, partial: bool, recent: Recent
) -> tuple[int, Older[tuple[int, Bin]] | None]:
    """Candles of these instruments that begin before the time that is told, each with its instrument."""
    length_ns = BIN_SIZES[size][0]
    before_ns = max((one.candles.series[size].forgotten_ns for one in instruments.values()), default=0)
    needs_ns = before_ns
    if recent.adopted_ns:
        # The candle in which an engine was adopted is only half known here: it is history's, as soon as it has ended or
        # as far as it has come.
        begin_ns = recent.adopted_ns - recent.adopted_ns % length_ns
        has_ended = recent.time_ns >= begin_ns + length_ns
        end_ns = begin_ns + length_ns if has_ended or partial else begin_ns
        before_ns = max(before_ns, end_ns)
        needs_ns = max(needs_ns, end_ns if has_ended else min(end_ns, recent.adopted_ns))
    if not before_ns:
        return 0, None
    where = {"length_s": (length_ns // SECOND_NS,), "instrument": tuple(instruments)}
    asked = asked_of(query, where, before_ns, length_ns)
    return before_ns, Older("candles", asked, lambda row: (row["instrument"], bin_view(row)), needs_time_ns=needs_ns)


def older_quotes(
    query: Query, instruments: Mapping[int, InstrumentRecent], adopted_ns: int
) -> tuple[int, Older[tuple[int, QuoteView]] | None]:
    """Quotes of these instruments before the second that is told, one a second, each with its instrument."""
    oldest = [one.quotes[0].time_ns for one in instruments.values() if one.quotes.forgotten is not None]
    if adopted_ns:
        # The second in which an engine was adopted is only half known here.
        oldest.append(adopted_ns + SECOND_NS)
    before_ns = max(oldest, default=0)
    before_ns -= before_ns % SECOND_NS
    if not before_ns:
        return 0, None
    asked = asked_of(query, {"instrument": tuple(instruments)}, before_ns)
    return before_ns, Older("quotes", asked, lambda row: (row["instrument"], quote_view(row)), needs_time_ns=before_ns)


def older_fundings(query: Query, numbers: Sequence[int], recent: Recent) -> tuple[int, Older[FundingView] | None]:
    """Fundings of these instruments up to the entry that is told."""
    kept = (recent.risk.fundings.get(number) for number in numbers)
    sequence, _ = newest((one.forgotten for one in kept if one is not None), recent.adopted_sequence)
    if not sequence:
        return 0, None
    asked = asked_of(query, {"instrument": tuple(numbers)}, last_sequence=sequence)
    return sequence, Older("funding", asked, funding_view, needs_sequence=sequence)


def older_settlements(query: Query, numbers: Sequence[int], recent: Recent) -> tuple[int, Older[SettlementView] | None]:
    """Settlements of these instruments up to the entry that is told."""
    sequence, _ = newest((recent.settlements.kept.forgotten,), recent.adopted_sequence)
    if not sequence:
        return 0, None
    asked = asked_of(query, {"instrument": tuple(numbers)}, last_sequence=sequence)
    return sequence, Older("settlements", asked, settlement_view, needs_sequence=sequence)


def older_funds(query: Query, recent: Recent) -> tuple[int, Older[FundView] | None]:
    """Insurance funds at the noons before the time that is told."""
    forgotten = (one.forgotten for one in recent.risk.noons.values())
    before_ns = max([recent.adopted_ns, *(one.time_ns + 1 for one in forgotten if one is not None)])
    if not before_ns:
        return 0, None
    return before_ns, Older("funds", asked_of(query, {}, before_ns), fund_view, needs_time_ns=before_ns - 1)


def quote_bins(query: Query, numbers: Sequence[int], size: str, before_ns: int) -> Older[tuple[int, QuoteView]]:
    """The touch at the end of each candle that begins before this time, each with its instrument."""
    length_ns = BIN_SIZES[size][0]
    where = {"length_s": (length_ns // SECOND_NS,), "instrument": tuple(numbers)}
    asked = asked_of(query, where, before_ns, length_ns)
    return Older("candles", asked, lambda row: (row["instrument"], touch_view(row)), needs_time_ns=before_ns)
