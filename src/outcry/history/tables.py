"""The tables of history.db as the newest migration leaves them.

Names and units are the engine's: times are nanoseconds since 1970 UTC, prices ticks, money settlement minor units,
sides, types and reasons the numbers of `protocol`.  0 means none.  A sequence is an entry's number in the journal;
(sequence, place) or (sequence, ordinal) names what an entry's event did, so no row can be written twice.
Only portable types: the same tables stand in SQLite and PostgreSQL.
"""

from enum import IntEnum

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, MetaData, SmallInteger, Table, Text

METADATA = MetaData()


class LedgerKind(IntEnum):
    """Why a row stands in a wallet's history; the first ones are `MoveReason`'s."""

    DEPOSIT = 1
    REVERSAL = 2
    WITHDRAWAL = 3
    RETURNED = 4
    SETTLED = 5
    TRANSFER = 6
    FEE = 7
    MOVED_PNL = 8
    SURPLUS = 9
    COVER = 10
    REMAINDER = 11
    BOND = 12
    REALISED = 100
    """What one instrument has brought between two noons: fills, fundings, takeovers, deleveragings and its settlement,
    less the fees."""


MONEY_CHANGES = (3, 5, 6, 7, 11, 12)
"""Of the executions those that changed a wallet: trades, fundings, takeovers, deleveragings, settlements, and trades of
a spread in its legs."""


def _key(name: str, kind: type[Integer] = BigInteger) -> Column[int]:
    return Column(name, kind, primary_key=True, autoincrement=False)


def _number(name: str, kind: type[Integer] = BigInteger) -> Column[int]:
    return Column(name, kind, nullable=False)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


PROGRESS = Table(
    "progress",
    METADATA,
    _key("id", Integer),
    _number("sequence"),
    _number("time_ns"),
    Column("genesis_hash", LargeBinary(32), nullable=False),
    Column("frame_hash", LargeBinary(32), nullable=False),
    sqlite_with_rowid=False,
)
"""One row: everything up to this entry, the last of its frame, is here, and nothing of a later one."""

ORDERS = Table(
    "orders",
    METADATA,
    _key("order_id"),
    _number("account", Integer),
    _number("instrument", Integer),
    _number("side", SmallInteger),
    _number("order_type", SmallInteger),
    _number("time_in_force", SmallInteger),
    _number("flags", SmallInteger),
    _number("quantity"),
    _number("leaves_quantity"),
    _number("price_ticks"),
    _number("display_quantity"),
    _text("client_id"),
    _text("link_id"),
    _number("trigger_subticks"),
    _number("peg_offset_subticks"),
    _number("trigger_reference", SmallInteger),
    _number("peg_kind", SmallInteger),
    _number("contingency", SmallInteger),
    _number("filled_quantity"),
    _number("filled_value_minor"),
    _number("filled_low_ticks"),
    _number("filled_high_ticks"),
    _number("end_reason", SmallInteger),
    _text("text"),
    _text("end_text"),
    _number("placed_ns"),
    _number("changed_ns"),
    _number("changed_sequence"),
    _number("stage", SmallInteger),
    _number("end_code", Integer),
    sqlite_with_rowid=False,
)
"""An order as it stands, or as it ended."""
Index("ix_orders_account", ORDERS.c.account, ORDERS.c.order_id)
Index("ix_orders_account_changed", ORDERS.c.account, ORDERS.c.changed_ns)
Index("ix_orders_client_id", ORDERS.c.account, ORDERS.c.client_id)
Index(
    "ix_orders_open",
    ORDERS.c.order_id,
    sqlite_where=ORDERS.c.end_reason == 0,
    postgresql_where=ORDERS.c.end_reason == 0,
)

EXECUTIONS = Table(
    "executions",
    METADATA,
    _key("sequence"),
    _key("place", Integer),
    _number("time_ns"),
    _number("account", Integer),
    _number("instrument", Integer),
    _number("order_id"),
    _number("change", SmallInteger),
    _number("side", SmallInteger),
    _number("quantity"),
    _number("price_ticks"),
    _number("price_subticks"),
    _number("rate_ppb"),
    _number("value_minor"),
    _number("fee_minor"),
    _number("realised_minor"),
    Column("is_maker", Boolean(create_constraint=False), nullable=False),
    _number("conversion_units"),
    _number("order_time_in_force", SmallInteger),
    _number("order_flags", SmallInteger),
    _number("order_quantity"),
    _number("order_leaves_quantity"),
    _number("order_price_ticks"),
    _text("order_client_id"),
    _number("order_filled_quantity"),
    _number("order_filled_value_minor"),
    _number("order_filled_low_ticks"),
    _number("order_filled_high_ticks"),
    _number("order_end_reason", SmallInteger),
    _text("order_text"),
    _text("order_end_text"),
    _number("order_stage", SmallInteger),
    _number("order_end_code", Integer),
    _number("order_trigger_subticks"),
    _number("order_peg_offset_subticks"),
    _number("order_display_quantity"),
    sqlite_with_rowid=False,
)
"""A report about an order; what can change about the order is here as it was then, the rest stands in `orders`.

A funding, a deleveraging, a settlement or a spread's leg has order 0, which is not there: its side is the one here."""
Index("ix_executions_account", EXECUTIONS.c.account, EXECUTIONS.c.time_ns, EXECUTIONS.c.sequence, EXECUTIONS.c.place)
Index(
    "ix_executions_traded",
    EXECUTIONS.c.account,
    EXECUTIONS.c.time_ns,
    EXECUTIONS.c.sequence,
    EXECUTIONS.c.place,
    sqlite_where=EXECUTIONS.c.change.in_(MONEY_CHANGES),
    postgresql_where=EXECUTIONS.c.change.in_(MONEY_CHANGES),
)
Index("ix_executions_order", EXECUTIONS.c.order_id, EXECUTIONS.c.sequence, EXECUTIONS.c.place)

TRADES = Table(
    "trades",
    METADATA,
    _key("sequence"),
    _key("ordinal", Integer),
    _number("time_ns"),
    _number("instrument", Integer),
    _number("taker_side", SmallInteger),
    _number("price_ticks"),
    _number("quantity"),
    _number("value_minor"),
    _number("direction", SmallInteger),
    _number("conversion_units"),
    sqlite_with_rowid=False,
)
Index("ix_trades_instrument", TRADES.c.instrument, TRADES.c.time_ns, TRADES.c.sequence, TRADES.c.ordinal)
Index("ix_trades_time", TRADES.c.time_ns, TRADES.c.sequence, TRADES.c.ordinal)

LEDGER = Table(
    "ledger",
    METADATA,
    _key("sequence"),
    _key("place", Integer),
    _number("account", Integer),
    _number("currency", Integer),
    _number("kind", SmallInteger),
    _number("instrument", Integer),
    _number("other_account", Integer),
    _number("amount_minor"),
    _number("fee_minor"),
    _number("balance_minor"),
    _number("time_ns"),
    _number("changed_sequence"),
    _number("period_end_ns"),
    Column("reference", LargeBinary(32), nullable=False),
    sqlite_with_rowid=False,
)
"""What changed a wallet.  What an instrument brings is added up in one row for each account, instrument and day from
noon to noon, which has the name of the first of it; `fee_minor` is what of the amount went for fees and funding."""
Index("ix_ledger_account", LEDGER.c.account, LEDGER.c.currency, LEDGER.c.changed_sequence)
Index("ix_ledger_period", LEDGER.c.period_end_ns)

QUOTES = Table(
    "quotes",
    METADATA,
    _key("instrument", Integer),
    _key("second_ns"),
    _number("time_ns"),
    _number("bid_ticks"),
    _number("bid_quantity"),
    _number("ask_ticks"),
    _number("ask_quantity"),
    sqlite_with_rowid=False,
)
"""The touch as each second in which it changed left it."""
Index("ix_quotes_time", QUOTES.c.second_ns, QUOTES.c.instrument)

CANDLES = Table(
    "candles",
    METADATA,
    _key("instrument", Integer),
    _key("length_s", Integer),
    _key("start_ns"),
    _number("open_ticks"),
    _number("high_ticks"),
    _number("low_ticks"),
    _number("close_ticks"),
    _number("trades"),
    _number("quantity"),
    _number("value_minor"),
    _number("quote_micro"),
    _number("last_quantity"),
    _number("bid_ticks"),
    _number("bid_quantity"),
    _number("ask_ticks"),
    _number("ask_quantity"),
    sqlite_with_rowid=False,
)
"""Trades of [start, start + length) and the touch at its end; the newest of each size is under way."""
Index("ix_candles_time", CANDLES.c.length_s, CANDLES.c.start_ns, CANDLES.c.instrument)

FUNDING = Table(
    "funding",
    METADATA,
    _key("instrument", Integer),
    _key("epoch", Integer),
    _number("sequence"),
    _number("time_ns"),
    _number("interval_ns"),
    _number("rate_ppb"),
    _number("lot_minor"),
    _number("mark_subticks"),
    sqlite_with_rowid=False,
)
"""Funding epochs; the time is the stamp they were due at."""
Index("ix_funding_time", FUNDING.c.time_ns, FUNDING.c.sequence, FUNDING.c.instrument)

SETTLEMENTS = Table(
    "settlements",
    METADATA,
    _key("instrument", Integer),
    _number("sequence"),
    _number("time_ns"),
    _number("kind", SmallInteger),
    _number("samples", Integer),
    _number("average_units"),
    _number("price_subticks"),
    _number("lot_minor"),
    _number("fee_ppm"),
    sqlite_with_rowid=False,
)
"""The price at which each contract has ended, and how it came about."""
Index("ix_settlements_time", SETTLEMENTS.c.time_ns, SETTLEMENTS.c.sequence, SETTLEMENTS.c.instrument)

FUNDS = Table(
    "funds",
    METADATA,
    _key("currency", Integer),
    _key("period_end_ns"),
    _number("time_ns"),
    _number("balance_minor"),
    sqlite_with_rowid=False,
)
"""What is in each insurance fund at the noon that ends the period, or now if it is still to come; the time is that of
its last change."""
Index("ix_funds_time", FUNDS.c.period_end_ns, FUNDS.c.currency)

QUOTE_DAYS = Table(
    "quote_days",
    METADATA,
    _key("account", Integer),
    _key("day_ns"),
    _number("placed"),
    _number("amended"),
    _number("filled"),
    sqlite_with_rowid=False,
)
"""How many orders an account has placed and amended itself on a day (UTC), and how many fills it had."""
Index("ix_quote_days_day", QUOTE_DAYS.c.day_ns)

EVERY = (PROGRESS, ORDERS, EXECUTIONS, TRADES, LEDGER, QUOTES, CANDLES, FUNDING, SETTLEMENTS, FUNDS, QUOTE_DAYS)
