"""Which tables grow together, how far, and how long each is when others have so many rows.

What a table's rows are is the schema's; when one grows is `Engine`'s.
"""

from collections.abc import Mapping

from outcry.protocol import layout
from outcry.protocol.layout import TableNumber

GROWING: dict[int, list[str]] = {
    TableNumber.ACCOUNTS_TABLE: ["accounts", "account_buckets", "timers", "volumes"],
    TableNumber.WALLETS_TABLE: ["wallets", "touched_wallets"],
    TableNumber.POSITIONS_TABLE: ["positions", "position_buckets", "touched_positions", "ranked"],
    TableNumber.ORDERS_TABLE: ["orders", "order_buckets"],
    TableNumber.CLIENT_IDS_TABLE: ["client_ids", "client_id_buckets"],
    TableNumber.DEPOSITS_TABLE: ["deposits", "deposit_buckets"],
    TableNumber.WITHDRAWALS_TABLE: ["withdrawals", "withdrawal_buckets"],
    TableNumber.TAKEOVERS_TABLE: ["takeovers"],
    TableNumber.CONDITIONS_TABLE: ["conditions"],
    TableNumber.LINKS_TABLE: ["links", "link_buckets"],
    TableNumber.NODES_TABLE: ["nodes"],
    TableNumber.LEAVES_TABLE: ["leaves", "levels"],
}
"""Tables that may grow, each with those that follow it."""

ROWS_BOUND = (1 << 24) + 1
"""Rows of a table that may grow; of book nodes and leaves a sixteenth, because a leaf stands for 64 levels."""
BOOK_TABLES = (TableNumber.NODES_TABLE, TableNumber.LEAVES_TABLE)


def rows_bound(table: int) -> int:
    """The most rows a table may have."""
    return ((ROWS_BOUND - 1) >> 4) + 1 if table in BOOK_TABLES else ROWS_BOUND


def may_have(table: int, rows: int) -> bool:
    """Whether the numbered table may have so many rows; one with buckets has a power of two and one."""
    record, least, _ = list(layout.TABLE_ROWS.values())[table]
    names = GROWING.get(table)
    if names is None:
        return rows == (0 if record == "PoolRow" or least == 1 else least)
    indexed = any(name.endswith("_buckets") for name in names)
    return least <= rows <= max(least, rows_bound(table)) and (not indexed or (rows - 1) & (rows - 2) == 0)


def lengths(rows: Mapping[int, int]) -> dict[str, int]:
    """Bytes of every table, given the rows of those that grow."""
    found = {name: least * layout.SIZES[record] for name, (record, least, _) in layout.TABLE_ROWS.items()}
    for table, names in GROWING.items():
        for name in names:
            count = rows[table] - 1 if name.endswith("_buckets") else rows[table] * (64 if name == "levels" else 1)
            found[name] = count * layout.SIZES[layout.TABLE_ROWS[name][0]]
    return found
