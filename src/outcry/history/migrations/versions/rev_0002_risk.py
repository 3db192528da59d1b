"""Fundings, insurance funds, and executions that no order of the account's own has made."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def _key(name: str, kind: type[sa.Integer] = sa.BigInteger) -> "sa.Column[int]":
    return sa.Column(name, kind, primary_key=True, autoincrement=False)


def _number(name: str, kind: type[sa.Integer] = sa.BigInteger) -> "sa.Column[int]":
    return sa.Column(name, kind, nullable=False)


def upgrade() -> None:
    """To this revision."""
    _executions()
    op.create_table(
        "funding",
        _key("instrument", sa.Integer),
        _key("epoch", sa.Integer),
        _number("sequence"),
        _number("time_ns"),
        _number("interval_ns"),
        _number("rate_ppb"),
        _number("lot_minor"),
        _number("mark_subticks"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_funding_time", "funding", ["time_ns", "sequence", "instrument"])
    op.create_table(
        "funds",
        _key("currency", sa.Integer),
        _key("period_end_ns"),
        _number("time_ns"),
        _number("balance_minor"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_funds_time", "funds", ["period_end_ns", "currency"])


def _executions() -> None:
    for name, kind in (("side", sa.SmallInteger), ("price_subticks", sa.BigInteger), ("rate_ppb", sa.BigInteger)):
        op.add_column("executions", sa.Column(name, kind, nullable=False, server_default="0"))
    op.drop_index("ix_executions_traded", "executions")
    money = sa.text("change IN (3, 5, 6, 7)")
    columns = ["account", "time_ns", "sequence", "place"]
    op.create_index("ix_executions_traded", "executions", columns, sqlite_where=money, postgresql_where=money)
