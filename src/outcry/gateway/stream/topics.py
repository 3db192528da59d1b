"""What a topic means: a table, and the instrument, group or account whose rows are wanted."""

from typing import NamedTuple

import msgspec

from outcry.gateway.answers import Refusal, bad
from outcry.gateway.dialect.messages import ACCOUNT_LOCKED
from outcry.gateway.dialect.tables import ALIASES, GROUPS, INSTRUMENT_TABLE, TABLES, Table
from outcry.protocol.layout import InstrumentType
from outcry.views.directory import Average, Directory, Index, Listing

ALL = ""


class Wanted(NamedTuple):
    """By what subscribers are found: a table, an account (0 for public tables), a symbol or group (or all)."""

    table: str
    account: int
    scope: str


class Topic(msgspec.Struct, frozen=True):
    """One subscription."""

    text: str
    table: Table
    account: int
    scope: str

    @property
    def wanted(self) -> Wanted:
        """By what it is found."""
        return Wanted(self.table.name, self.account, self.scope)


def read_topic(text: str, directory: Directory, account: int) -> Topic:
    """The topic.  `account` is 0 where nobody has proved who he is.  Raises `Refusal`."""
    name, _, scope = text.partition(":")
    table = TABLES.get(ALIASES.get(name, name))
    if table is None:
        raise bad(f"Unknown table: {name[:64]}")
    if table.private and not account:
        raise Refusal(403, ACCOUNT_LOCKED)
    return Topic(text, table, account if table.private else 0, _scope(table, scope, directory))


def _scope(table: Table, scope: str, directory: Directory) -> str:
    if not scope:
        return ALL
    if table.name == INSTRUMENT_TABLE and scope in GROUPS:
        return scope
    found: Listing | Index | Average | None = directory.listing_named(scope) or directory.index_named(scope)
    found = found or directory.average_named(scope)
    if found is not None:
        # Tables of money have no instruments; clients that add one to every topic mean all of the table.
        return found.symbol if table.by_symbol else ALL
    if not table.by_symbol and directory.currency_named(scope) is not None:
        return scope
    raise bad(f"Unknown or expired symbol: {scope[:64]}")


def group_of(one: Listing | Index | Average) -> tuple[str, ...]:
    """The groups that an instrument or index is in; options and spreads are derivatives only."""
    if isinstance(one, Index | Average):
        return ("INDICES",)
    if one.is_option or one.instrument_type == InstrumentType.SPREAD:
        return ("DERIVATIVES",)
    return ("CONTRACTS", "DERIVATIVES")
