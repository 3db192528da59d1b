"""How a history.db of any age becomes one of today: Alembic revisions, run when `Store` opens an older file."""

import fcntl
from pathlib import Path

from sqlalchemy import Engine, inspect, text

HEAD = "0004"
"""The newest revision; kept here so that opening a file that is up to date need not load Alembic."""


class UnknownRevision(Exception):
    """The file is of a newer program; the message says so."""


def migrate(engine: Engine, path: Path) -> None:
    """Bring the file up to date; of two processes that open it at once one waits for the other.

    Raises `UnknownRevision`.
    """
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        revision = revision_of(engine)
        if revision is not None and revision > HEAD:
            raise UnknownRevision(f"it has revision {revision}, this program knows revisions up to {HEAD}")
        if revision != HEAD:
            upgrade(engine)


def revision_of(engine: Engine) -> str | None:
    """The revision the file is at, None for a new one."""
    if not inspect(engine).has_table("alembic_version"):
        return None
    with engine.connect() as connection:
        return connection.execute(text("select version_num from alembic_version")).scalar_one_or_none()


def upgrade(engine: Engine) -> None:
    """Run the revisions that are missing."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
