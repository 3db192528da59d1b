"""Orders that wait, follow and may be refused when they go live; how much each account quotes and trades in a day."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _key(name: str, kind: type[sa.Integer] = sa.BigInteger) -> "sa.Column[int]":
    return sa.Column(name, kind, primary_key=True, autoincrement=False)


def _number(name: str, kind: type[sa.Integer] = sa.BigInteger) -> "sa.Column[int]":
    return sa.Column(name, kind, nullable=False)


def _added(table: str, name: str, kind: type[sa.Integer], before: str = "0") -> None:
    """A column that has this value in every row from before."""
    op.add_column(table, sa.Column(name, kind, nullable=False, server_default=before))


def upgrade() -> None:
    """To this revision."""
    _added("orders", "stage", sa.SmallInteger)
    _added("orders", "end_code", sa.Integer)
    _added("executions", "order_stage", sa.SmallInteger)
    _added("executions", "order_end_code", sa.Integer)
    _added("executions", "order_trigger_subticks", sa.BigInteger)
    _added("executions", "order_peg_offset_subticks", sa.BigInteger)
    # Until now every order showed all of itself.
    _added("executions", "order_display_quantity", sa.BigInteger, "-1")
    op.create_table(
        "quote_days",
        _key("account", sa.Integer),
        _key("day_ns"),
        _number("placed"),
        _number("amended"),
        _number("filled"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_quote_days_day", "quote_days", ["day_ns"])
