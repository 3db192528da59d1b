"""Orders, executions, trades, wallet history, quotes and candles, and how far they go."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _key(name: str, kind: type[sa.Integer] = sa.BigInteger) -> "sa.Column[int]":
    return sa.Column(name, kind, primary_key=True, autoincrement=False)


def _number(name: str, kind: type[sa.Integer] = sa.BigInteger) -> "sa.Column[int]":
    return sa.Column(name, kind, nullable=False)


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text, nullable=False)


def upgrade() -> None:
    """To this revision."""
    _progress()
    _orders()
    _executions()
    _trades()
    _ledger()
    _quotes()
    _candles()


def _progress() -> None:
    op.create_table(
        "progress",
        _key("id", sa.Integer),
        _number("sequence"),
        _number("time_ns"),
        sa.Column("genesis_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("frame_hash", sa.LargeBinary(32), nullable=False),
        sqlite_with_rowid=False,
    )


def _orders() -> None:
    op.create_table(
        "orders",
        _key("order_id"),
        _number("account", sa.Integer),
        _number("instrument", sa.Integer),
        _number("side", sa.SmallInteger),
        _number("order_type", sa.SmallInteger),
        _number("time_in_force", sa.SmallInteger),
        _number("flags", sa.SmallInteger),
        _number("quantity"),
        _number("leaves_quantity"),
        _number("price_ticks"),
        _number("display_quantity"),
        _text("client_id"),
        _text("link_id"),
        _number("trigger_subticks"),
        _number("peg_offset_subticks"),
        _number("trigger_reference", sa.SmallInteger),
        _number("peg_kind", sa.SmallInteger),
        _number("contingency", sa.SmallInteger),
        _number("filled_quantity"),
        _number("filled_value_minor"),
        _number("filled_low_ticks"),
        _number("filled_high_ticks"),
        _number("end_reason", sa.SmallInteger),
        _text("text"),
        _text("end_text"),
        _number("placed_ns"),
        _number("changed_ns"),
        _number("changed_sequence"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_orders_account", "orders", ["account", "order_id"])
    op.create_index("ix_orders_account_changed", "orders", ["account", "changed_ns"])
    op.create_index("ix_orders_client_id", "orders", ["account", "client_id"])
    working = sa.text("end_reason = 0")
    op.create_index("ix_orders_open", "orders", ["order_id"], sqlite_where=working, postgresql_where=working)


def _executions() -> None:
    op.create_table(
        "executions",
        _key("sequence"),
        _key("place", sa.Integer),
        _number("time_ns"),
        _number("account", sa.Integer),
        _number("instrument", sa.Integer),
        _number("order_id"),
        _number("change", sa.SmallInteger),
        _number("quantity"),
        _number("price_ticks"),
        _number("value_minor"),
        _number("fee_minor"),
        _number("realised_minor"),
        sa.Column("is_maker", sa.Boolean(create_constraint=False), nullable=False),
        _number("conversion_units"),
        _number("order_time_in_force", sa.SmallInteger),
        _number("order_flags", sa.SmallInteger),
        _number("order_quantity"),
        _number("order_leaves_quantity"),
        _number("order_price_ticks"),
        _text("order_client_id"),
        _number("order_filled_quantity"),
        _number("order_filled_value_minor"),
        _number("order_filled_low_ticks"),
        _number("order_filled_high_ticks"),
        _number("order_end_reason", sa.SmallInteger),
        _text("order_text"),
        _text("order_end_text"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_executions_account", "executions", ["account", "time_ns", "sequence", "place"])
    traded = sa.text("change = 3")
    columns = ["account", "time_ns", "sequence", "place"]
    op.create_index("ix_executions_traded", "executions", columns, sqlite_where=traded, postgresql_where=traded)
    op.create_index("ix_executions_order", "executions", ["order_id", "sequence", "place"])


def _trades() -> None:
    op.create_table(
        "trades",
        _key("sequence"),
        _key("ordinal", sa.Integer),
        _number("time_ns"),
        _number("instrument", sa.Integer),
        _number("taker_side", sa.SmallInteger),
        _number("price_ticks"),
        _number("quantity"),
        _number("value_minor"),
        _number("direction", sa.SmallInteger),
        _number("conversion_units"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_trades_instrument", "trades", ["instrument", "time_ns", "sequence", "ordinal"])
    op.create_index("ix_trades_time", "trades", ["time_ns", "sequence", "ordinal"])


def _ledger() -> None:
    op.create_table(
        "ledger",
        _key("sequence"),
        _key("place", sa.Integer),
        _number("account", sa.Integer),
        _number("currency", sa.Integer),
        _number("kind", sa.SmallInteger),
        _number("instrument", sa.Integer),
        _number("other_account", sa.Integer),
        _number("amount_minor"),
        _number("fee_minor"),
        _number("balance_minor"),
        _number("time_ns"),
        _number("changed_sequence"),
        _number("period_end_ns"),
        sa.Column("reference", sa.LargeBinary(32), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_ledger_account", "ledger", ["account", "currency", "changed_sequence"])
    op.create_index("ix_ledger_period", "ledger", ["period_end_ns"])


def _quotes() -> None:
    op.create_table(
        "quotes",
        _key("instrument", sa.Integer),
        _key("second_ns"),
        _number("time_ns"),
        _number("bid_ticks"),
        _number("bid_quantity"),
        _number("ask_ticks"),
        _number("ask_quantity"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_quotes_time", "quotes", ["second_ns", "instrument"])


def _candles() -> None:
    op.create_table(
        "candles",
        _key("instrument", sa.Integer),
        _key("length_s", sa.Integer),
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
    op.create_index("ix_candles_time", "candles", ["length_s", "start_ns", "instrument"])


def downgrade() -> None:
    """To the one before."""
    op.drop_table("candles")
    op.drop_table("quotes")
    op.drop_table("ledger")
    op.drop_table("trades")
    op.drop_table("executions")
    op.drop_table("orders")
    op.drop_table("progress")
