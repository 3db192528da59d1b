"""Contracts that end: their settlements, and the executions by which positions are closed or legs of spreads trade."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TRADED = ["account", "time_ns", "sequence", "place"]
CHANGES = sa.text("change in (3, 5, 6, 7, 11, 12)")


def _number(name: str, kind: type[sa.Integer] = sa.BigInteger) -> "sa.Column[int]":
    return sa.Column(name, kind, nullable=False)


def upgrade() -> None:
    """To this revision."""
    op.create_table(
        "settlements",
        sa.Column("instrument", sa.Integer, primary_key=True, autoincrement=False),
        _number("sequence"),
        _number("time_ns"),
        _number("kind", sa.SmallInteger),
        _number("samples", sa.Integer),
        _number("average_units"),
        _number("price_subticks"),
        _number("lot_minor"),
        _number("fee_ppm"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_settlements_time", "settlements", ["time_ns", "sequence", "instrument"])
    op.drop_index("ix_executions_traded", "executions")
    op.create_index("ix_executions_traded", "executions", TRADED, sqlite_where=CHANGES, postgresql_where=CHANGES)
