"""Sub-accounts: users that belong to another."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    # In words of SQL, because Alembic adds a column and its foreign key in two steps, of which SQLite has no second.
    op.execute("ALTER TABLE users ADD COLUMN owner_id INTEGER REFERENCES users (id)")


def downgrade() -> None:
    """To the one before."""
    op.execute("ALTER TABLE users DROP COLUMN owner_id")
