"""Words for planting breaches into an engine's tables, and what a plant is."""

from collections.abc import Callable

from outcry.protocol.layout import PositionRow, Tables, WalletRow

Plant = Callable[[Tables], object]
"""Breaks something by one unit in one place."""


def held(tables: Tables, account: int, instrument: int = 1) -> PositionRow:
    """A position's row."""
    rows = tables.positions
    return next(row for row in rows if (row.account, row.instrument) == (account, instrument))


def wallet(tables: Tables, account: int, currency: int = 1) -> WalletRow:
    """A wallet's row."""
    rows = tables.wallets
    return next(row for row in rows if (row.account, row.currency) == (account, currency))


def add(row: object, name: str, change: int = 1) -> None:
    """A number is larger than it was."""
    setattr(row, name, getattr(row, name) + change)
