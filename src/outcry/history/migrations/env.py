"""Alembic's entry: runs revisions on the connection that `upgrade` hands over."""

from alembic import context

from outcry.history.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,  # SQLite cannot alter a column in place
)
with context.begin_transaction():
    context.run_migrations()
